"""The files that posts show: fetched only when asked, preserved like everything else, and read in the sandbox."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pandas as pd

from osint.activity import ParseWarning, kind_of, to_json
from osint.capture.door import Door, Errand
from osint.capture.exchange import Capture
from osint.capture.preserve import copy_body, read_head
from osint.capture.ranges import Assembled, assemble, fetch
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import purged_by
from osint.chain_of_custody.ledger import Ledger
from osint.errors import AuthorizationError, CaptureError, CaseError, EvidenceError
from osint.gate import Gate, Order, Shown
from osint.instants import format_instant, parse_instant
from osint.media import derivation, description
from osint.media.derivation import Derivation
from osint.media.description import MediaFacts
from osint.media.examination import MediaRecord, examine_many
from osint.media.table import frame, links_frame, values_frame
from osint.media.thumbnails import Thumbnail, is_picture, make_thumbnail, not_shown
from osint.query import without_secrets
from osint.sandbox import digests
from osint.store.blobs import Blobs
from osint.store.store import Row, Store

_LATER = (429, 503)


class _Asked(NamedTuple):
    """A file that was asked for: what its order says of it, and the entries of its exhibits that are still there."""

    record: Mapping[str, Any]
    entries: list[Entry]
    purged: bool


class Attachments:
    """The media half of a case."""

    def __init__(self, ledger: Ledger, gate: Gate, door: Door, blobs: Blobs, store: Store) -> None:
        """Work for one case."""
        self._ledger, self._gate, self._door, self._blobs, self._store = ledger, gate, door, blobs, store
        self._digests: dict[str, str] = {}
        self._derived: list[tuple[str, Derivation]] = []
        self._looked_to = 0

    def preserve(self, posts: pd.DataFrame, watch: Any = iter) -> int:
        """Preserve the attachments of these posts that are not preserved yet; return how many were asked for.

        An attachment that does not come is an entry in the ledger, and the others go on.

        Args:
            posts: Rows of the posts table.
            watch: Wraps the addresses, to show progress.

        Raises:
            AuthorizationError: No authority covers some of this. The refusal is in the ledger; what was covered is
                preserved.
        """
        known = self._known()
        wanted = {url: ids for url, ids in _shown(posts).items() if _digest(url) not in known}
        if not wanted:
            return 0
        orders, refused = self._gate.admit_attachments(self._with_authorities(wanted))
        urls = {_digest(url): url for url in wanted}
        asked = 0
        for order in orders:
            asked += len(order.files)
            self._run(order, watch([urls[each.record["sha256"]] for each in order.files]))
        if refused:
            raise AuthorizationError(
                f"{len(wanted) - asked} of these attachments were refused; the others are in case.media(). Collect the "
                "posts again under an authority that is in force, and their attachments can be preserved under it.",
                refused,
            )
        return asked

    def errand_again(self, entry: Entry) -> tuple[Errand, str, Mapping[str, Any]]:
        """Have the gate decide whether a file may be asked for again, by the entry of its exhibit.

        Returns:
            The errand for this one file, its address, and what the order says of it.

        Raises:
            AuthorizationError: It may not. The refusal is in the ledger.
            CaseError: No post of the case shows it any more.
        """
        record = next((file.record for file in self._asked() if entry.seq in (each.seq for each in file.entries)), {})
        urls = (shown["url"] for post in self._store.records("post") for shown in post["attachment"])
        url = next((each for each in urls if _digest(each) == record.get("sha256")), None)
        if url is None:
            raise CaseError(f"No post of the case shows the file of {entry.exhibit} any more; nothing was asked.")
        orders, _ = self._gate.admit_attachments(self._with_authorities({url: record["posts"]}))
        errand = Errand(search=orders[0].entry, standing=orders[0].standing, media=True, said={"attachment": 0})
        return errand, url, orders[0].files[0].record

    def frame(self) -> pd.DataFrame:
        """Return the media table, one row a file."""
        return frame(self.records())

    def values(self) -> pd.DataFrame:
        """Return one row for each value that the files state."""
        return values_frame(self.records())

    def links(self) -> pd.DataFrame:
        """Return what several files state alike."""
        posts = self._store.records("post")
        return links_frame(
            self.records(), {post["id"]: post["attributed_to"] for post in posts if post["attributed_to"]}
        )

    def records(self) -> list[MediaRecord]:
        """Return what the tables hold of each file, with the first day on which a post showed it."""
        posted: dict[str, datetime] = {}
        for post in self._store.records("post"):
            if post["published"] is not None:
                instant = parse_instant(post["published"])
                posted[post["id"]] = min(instant, posted.get(post["id"], instant))
        return [_record(body, posted) for body in self._store.records("media")]

    def record(self, exhibit: str) -> MediaRecord:
        """Return what the tables hold of the file in an exhibit, or of which the exhibit holds a part.

        Raises:
            CaseError: It holds no file that a post shows.
        """
        for record in self.records():
            if exhibit in (record.exhibit, *record.parts):
                return record
        raise CaseError(f"Exhibit {exhibit} holds no file that was examined; case.media() lists those that do.")

    def thumbnail(self, record: MediaRecord) -> Thumbnail:
        """Return a small picture of a file, made in the sandbox of a working copy, or why there is none."""
        if not is_picture(record.facts):
            return not_shown(record.facts)
        with TemporaryDirectory(prefix="osint-media-", ignore_cleanup_errors=True) as folder:
            try:
                path = self._joined(record.parts or [record.exhibit], Path(folder))
            except KeyError:
                return Thumbnail(reason="its bytes are in a part that was merged")
            except EvidenceError as error:
                return Thumbnail(reason=str(error))
            if digests([path])[path] != record.facts.sha256:
                return Thumbnail(reason="its bytes are no longer those that were examined; verify the case")
            return make_thumbnail(path, record.facts)

    def thumbnails(self, exhibits: Iterable[str]) -> dict[str, Thumbnail]:
        """Return a small picture of the file in each of these exhibits, by its SHA-256."""
        records = {record.exhibit: record for record in self.records()}
        return {records[each].facts.sha256: self.thumbnail(records[each]) for each in exhibits}

    def working_copy(self, record: MediaRecord, folder: Path) -> Path | None:
        """Write a copy of a file below a folder for programs to read; None when a merged part holds its bytes.

        Raises:
            EvidenceError: The evidence cannot be read.
        """
        own = folder / record.exhibit.replace("@", "-")
        own.mkdir()
        try:
            return self._joined(record.parts or [record.exhibit], own)
        except KeyError:
            return None

    def derivations(self, exhibit: str) -> list[Mapping[str, Any]]:
        """Return how the file of an exhibit was read, oldest first, as the ledger records it."""
        return [
            derived
            for entry in self._ledger.entries()
            if entry.action == "transform"
            for derived in entry.private.get("derivations", ())
            if exhibit in (derived.get("exhibit"), *entry.private.get("exhibits", ()))
        ]

    def rebuild(self) -> int:
        """Read every preserved attachment again from evidence; return how many there were."""
        count = 0
        for asked in self._asked():
            file = assemble(map(self._head, () if asked.purged else asked.entries))
            if file.parts:
                self._keep(file, asked.record)
                count += 1
        return count

    def _run(self, order: Order, urls: Iterable[str]) -> None:
        """Ask for the files of an order, one after the other; the order is concluded however it ends."""
        errand = Errand(search=order.entry, standing=order.standing, media=True)
        stop = "error"
        try:
            for place, url in enumerate(urls):
                self._ask(errand, url, place, order.files[place].record)
            stop = "exhausted"
        except KeyboardInterrupt:
            stop = "cancelled"
            raise
        finally:
            self._gate.log(
                "conclude",
                outcome="done" if errand.made else "nil",
                private={"clock_offset": self._door.clock_of(errand, ask=stop == "exhausted")},
                result=[{"captures": len(errand.made), "stop": stop}],
                refs=[order.entry.leaf.hex()],
                **Gate.under(order.standing),
            )
            self._log_derived([order.entry.leaf.hex()])

    def _log_derived(self, refs: Sequence[str]) -> None:
        """Record how each file was read, in what isolation and with what result; running it again gives the same."""
        derived, self._derived = self._derived, []
        if derived:
            told = [{"exhibit": exhibit, **derivation.without_output(one)} for exhibit, one in derived]
            result = [{"kind": "media", "captures": len(derived)}]
            self._gate.log("transform", private={"derivations": told}, result=result, refs=refs)

    def _ask(self, errand: Errand, url: str, place: int, record: Mapping[str, Any]) -> None:
        """Ask for one file. The entry of each request names its place in the order: addresses lose their secrets."""
        errand.said = {"attachment": place}
        before = len(errand.made)
        with suppress(CaptureError):  # the attempt and its reason are an entry
            fetch(self._door, errand, url)
        file = assemble(errand.made[before:])
        if file.parts:
            self._keep(file, record)

    def keep(self, capture: Capture, record: Mapping[str, Any]) -> None:
        """Put what an answer tells of a file into the tables."""
        self._keep(Assembled([capture], []), record)

    def _keep(self, file: Assembled, record: Mapping[str, Any]) -> None:
        first = file.parts[0]
        facts = self._examined(file) if first.status == 200 else None
        self._store.replace(first.exhibit, list(_rows(file, facts, record.get("posts", ()))))

    def _examined(self, file: Assembled) -> MediaFacts:
        """Join the parts of a file in a working copy, and examine that."""
        with TemporaryDirectory(prefix="osint-media-", ignore_cleanup_errors=True) as folder:
            path = self._joined([part.exhibit for part in file.parts], Path(folder))
            ((facts, run),) = examine_many([(path, file.parts[0].header("Content-Type"))])
            self._derived.append((file.parts[0].exhibit, run))
            return facts

    def _joined(self, exhibits: Sequence[str], folder: Path) -> Path:
        """Write a working copy of the file that these exhibits hold a part of each."""
        path = folder / "file"
        with path.open("xb") as out:
            for exhibit in exhibits:
                with self._blobs.open(self._sha256(exhibit)) as blob:
                    copy_body(blob, exhibit, out)
        return path

    def _sha256(self, exhibit: str) -> str:
        """Return the digest under which an exhibit is stored."""
        if exhibit not in self._digests:
            for entry in self._ledger.entries(self._looked_to):
                self._looked_to = entry.seq + 1
                if entry.exhibit:
                    self._digests[entry.exhibit] = entry.result[0]["sha256"]
        return self._digests[exhibit]

    def _known(self) -> set[str]:
        """Return the digests of the addresses that were answered; "come back later" is no answer.

        What was purged on order was answered: it is not fetched again by the way.
        """
        answered = (asked for asked in self._asked() if asked.purged or any(map(self._is_answer, asked.entries)))
        return {asked.record["sha256"] for asked in answered if "sha256" in asked.record}

    def _is_answer(self, entry: Entry) -> bool:
        status = next((item["status"] for item in entry.result if "status" in item), 0)
        return status not in _LATER and not (300 <= status < 400 and self._head(entry).is_redirect)

    def _head(self, entry: Entry) -> Capture:
        with self._blobs.open(entry.result[0]["sha256"]) as blob:
            return read_head(blob, entry.exhibit or "")

    def _with_authorities(self, wanted: Mapping[str, Sequence[str]]) -> list[Shown]:
        """Say under which authorities the exhibits were collected that show these files in these posts."""
        authorities = {entry.exhibit: entry.authorization for entry in self._ledger.entries() if entry.exhibit}
        showing: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for post in self._store.records("post"):
            authority = authorities.get(post["exhibit"])
            for attachment in post["attachment"] if authority else ():
                showing[post["id"], attachment["url"]].add(str(authority))
        files = []
        for url, ids in wanted.items():
            of_each = [showing.get((post, url), set()) for post in ids]
            record = {"url": without_secrets(url), "sha256": _digest(url), "posts": list(ids)}
            own = frozenset[str]().union(*of_each) if all(of_each) else frozenset[str]()
            files.append(Shown(record=record, authorities=own))
        return files

    def _asked(self) -> list[_Asked]:
        """Return each file asked for; it counts as purged when the last of its exhibits was, on order.

        What was erased from the ledger leaves the file without its posts.
        """
        orders: dict[str, list[Mapping[str, Any]]] = {}
        files: defaultdict[tuple[str, Any], list[Entry]] = defaultdict(list)
        gone: set[str] = set()
        for entry in self._ledger.entries():
            gone.update(purged_by(entry))
            if entry.action == "preserve" and entry.outcome == "allowed":
                orders[entry.leaf.hex()] = entry.private.get("attachments", [])
            elif entry.exhibit and (order := next((ref for ref in entry.refs if ref in orders), None)):
                files[order, entry.private.get("attachment", entry.exhibit)].append(entry)
        asked = []
        for (order, place), entries in files.items():
            told = orders[order]
            record = told[place] if isinstance(place, int) and place < len(told) else {}
            there = [entry for entry in entries if entry.exhibit not in gone]
            asked.append(_Asked(record, there, purged=entries[-1].exhibit in gone))
        return asked


def _shown(posts: pd.DataFrame) -> dict[str, list[str]]:
    """Return the addresses of the attachments with the ids of the posts that show them."""
    shown: defaultdict[str, list[str]] = defaultdict(list)
    for post, attachments in zip(posts["id"], posts["attachment"], strict=True):
        for attachment in attachments:
            shown[attachment["url"]].append(str(post))
    return dict(shown)


def _digest(url: str) -> str:
    """Tell apart addresses that differ in a secret alone, without recording the secret."""
    return sha256(url.encode("utf-8", "surrogatepass")).hexdigest()


def _rows(file: Assembled, facts: MediaFacts | None, shown_by: Iterable[str]) -> Iterator[Row]:
    first, *others = file.parts
    if facts is not None:
        parts = {"parts": [{"exhibit": part.exhibit} for part in file.parts]} if others else {}
        yield (
            "media",
            {
                "facts": description.to_json(facts),
                "exhibit": first.exhibit,
                "url": first.via,
                "posts": sorted(set(shown_by)),
                "preserved": format_instant(first.collected),
                **parts,
            },
        )
    problems = [(first.exhibit, problem) for problem in file.problems]
    if first.status != 200:
        problems.append((first.exhibit, f"{first.via} answered with status {first.status}."))
    for exhibit, problem in (*problems, *file.told):
        effect = "The file is not whole, or not the file that the post shows."
        warning = ParseWarning(exhibit=exhibit, pointer="", what=problem, effect=effect)
        yield kind_of(warning), to_json(warning)


def _record(body: Mapping[str, Any], posted: Mapping[str, datetime]) -> MediaRecord:
    preserved = body.get("preserved")  # an earlier release did not keep it
    return MediaRecord(
        facts=description.from_json(body["facts"]),
        exhibit=body["exhibit"],
        url=body["url"],
        posts=tuple(body["posts"]),
        parts=tuple(part["exhibit"] for part in body.get("parts", ())),
        preserved=parse_instant(preserved) if preserved else None,
        posted=min((posted[post] for post in body["posts"] if post in posted), default=None),
    )
