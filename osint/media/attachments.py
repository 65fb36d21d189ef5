"""The files that posts show: fetched only when asked, preserved like everything else, and read from there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

import pandas as pd

from osint.activity import ParseWarning, kind_of, to_json
from osint.capture.door import Door
from osint.capture.errand import Errand
from osint.capture.exchange import Capture
from osint.capture.own_clock import clock_of
from osint.capture.patience import LATER
from osint.capture.ranges import Assembled, assemble, fetch
from osint.capture.read_back import read_head
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.sensitive_stop import withdrawn_by
from osint.errors import AuthorizationError, CaptureError, CaseError, EvidenceError
from osint.gate import Gate, Order, Shown
from osint.instants import format_instant
from osint.media import corroborated, derivation, description
from osint.media.batches import Batches, ReadFile
from osint.media.derivation import Derivation
from osint.media.preserved import PreservedFiles
from osint.query import without_secrets
from osint.store.blobs import Blobs
from osint.store.store import READING, Row, Store


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
        self.files = PreservedFiles(ledger, blobs, store)
        self._batches = Batches(self.files, self._keep)
        self._said_before: Store | None = None
        self._derived: list[tuple[str, Derivation]] = []

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

    def rebuild(self, said_before: Store | None = None) -> int:
        """Read every preserved attachment again from evidence; return how many there were.

        Args:
            said_before: Tables that hold what programs of others said; what the ledger vouches for is taken over.
        """
        self._said_before = said_before
        read = set()
        with self._batches.open():
            for asked in self._asked():
                file = self._assembled(asked)
                if file.parts:
                    self._batches.add(file, asked.record)
                    read.add(file.parts[0].exhibit)
        for exhibit in {body["exhibit"] for body in self._store.records(READING)} - read:
            self._store.replace(exhibit, [])  # of a file that is no longer there
        return len(read)

    def _assembled(self, asked: _Asked) -> Assembled:
        """Return the answers that make a file; none where their evidence is damaged, which is a warning."""
        entries: Sequence[Entry] = () if asked.purged else asked.entries
        try:
            return assemble(map(self._head, entries))
        except EvidenceError as error:
            exhibit = str(entries[0].exhibit)
            self._store.replace(exhibit, [_warning(exhibit, f"The file was not read: {error}")])
            return Assembled([], [])

    def _run(self, order: Order, urls: Iterable[str]) -> None:
        """Ask for the files of an order, one after the other; the order is concluded however it ends."""
        errand = Errand(search=order.entry, standing=order.standing, media=True)
        stop = "error"
        try:
            with self._batches.open():
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
                private={"clock_offset": clock_of(errand, self._door, self._gate, ask=stop == "exhausted")},
                result=[{"captures": len(errand.made), "stop": stop}],
                refs=[order.entry.leaf.hex()],
                **Gate.under(order.standing),
            )
            self.log_derived([order.entry.leaf.hex()])

    def log_derived(self, refs: Sequence[str] = ()) -> None:
        """Record how each file was read, in what isolation and with what result; running it again gives the same.

        What the ledger says already, word for word but for the time, is counted and not said again.
        """
        derived, self._derived = self._derived, []
        if derived:
            new = self.files.unrecorded(derived)
            told = [{"exhibit": exhibit, **derivation.without_output(one)} for exhibit, one in new]
            private = {"derivations": told, "same": len(derived) - len(new)}
            self._gate.log(
                "transform", private=private, result=[{"kind": "media", "captures": len(derived)}], refs=refs
            )

    def _ask(self, errand: Errand, url: str, place: int, record: Mapping[str, Any]) -> None:
        """Ask for one file. The entry of each request names its place in the order: addresses lose their secrets."""
        errand.said = {"attachment": place}
        before = len(errand.made)
        with suppress(CaptureError):  # the attempt and its reason are an entry
            fetch(self._door, errand, url)
        file = assemble(errand.made[before:])
        if file.parts:
            self._batches.add(file, record)

    def keep(self, capture: Capture, record: Mapping[str, Any]) -> None:
        """Put what an answer tells of a file into the tables."""
        with self._batches.open():
            self._batches.add(Assembled([capture], []), record)

    def _keep(self, read: ReadFile) -> None:
        exhibit = read.file.parts[0].exhibit
        if read.examined is not None:
            self._derived.append((exhibit, read.examined.derivation))
        self._store.replace(exhibit, [*_rows(read), *self._vouched(exhibit)])

    def _vouched(self, exhibit: str) -> list[Row]:
        """Return what programs of others said of a file, as far as the ledger vouches for it."""
        if self._said_before is None:
            return []
        return corroborated.vouched(self._said_before.of(exhibit), self._recorded.get(exhibit))

    @cached_property
    def _recorded(self) -> dict[str, corroborated.Recorded]:
        return self.files.vouched()

    def _known(self) -> set[str]:
        """Return the digests of the addresses that were answered; "come back later" is no answer.

        What was purged on order was answered: it is not fetched again by the way.
        """
        answered = (asked for asked in self._asked() if asked.purged or any(map(self._is_answer, asked.entries)))
        return {asked.record["sha256"] for asked in answered if "sha256" in asked.record}

    def _is_answer(self, entry: Entry) -> bool:
        status = next((item["status"] for item in entry.result if "status" in item), 0)
        return status not in LATER and not (300 <= status < 400 and self._head(entry).is_redirect)

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
            gone.update(withdrawn_by(entry))
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


def _rows(read: ReadFile) -> Iterator[Row]:
    file = read.file
    first, *others = file.parts
    if read.examined is not None:
        parts = {"parts": [{"exhibit": part.exhibit} for part in file.parts]} if others else {}
        yield (
            "media",
            {
                "facts": description.to_json(read.examined.facts),
                "exhibit": first.exhibit,
                "url": first.via,
                "posts": sorted(set(read.record.get("posts", ()))),
                "preserved": format_instant(first.collected),
                **parts,
            },
        )
    problems = [(first.exhibit, problem) for problem in (*file.problems, read.problem) if problem]
    if first.status != 200:
        problems.append((first.exhibit, f"{first.via} answered with status {first.status}."))
    for exhibit, problem in (*problems, *file.told):
        yield _warning(exhibit, problem)


def _warning(exhibit: str, problem: str) -> Row:
    effect = "The file is not whole, or not the file that the post shows."
    warning = ParseWarning(exhibit=exhibit, pointer="", what=problem, effect=effect)
    return kind_of(warning), to_json(warning)
