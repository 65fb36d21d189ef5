"""The files that posts show: fetched only when asked, preserved like everything else, and read in the sandbox."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any

import pandas as pd

from osint.activity import ParseWarning, kind_of, to_json
from osint.capture.door import Door, Errand
from osint.capture.exchange import Capture
from osint.capture.preserve import read_capture
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import purged_by
from osint.chain_of_custody.ledger import Ledger
from osint.errors import AuthorizationError, CaptureError
from osint.gate import Gate, Order, Shown
from osint.media import description
from osint.media.examination import MediaRecord, examine
from osint.media.table import frame
from osint.query import without_secrets
from osint.store.blobs import Blobs
from osint.store.store import Row, Store

_Told = tuple[Mapping[str, Any], Entry]  # what the order says of a file, and the entry of its last exhibit


class Attachments:
    """The media half of a case."""

    def __init__(self, ledger: Ledger, gate: Gate, door: Door, blobs: Blobs, store: Store) -> None:
        """Work for one case."""
        self._ledger, self._gate, self._door, self._blobs, self._store = ledger, gate, door, blobs, store

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

    def frame(self) -> pd.DataFrame:
        """Return the media table, one row a file."""
        return frame(_record(body) for body in self._store.records("media"))

    def rebuild(self) -> int:
        """Read every preserved attachment again from evidence; return how many there were."""
        count = 0
        for count, (record, answer) in enumerate(self._answers(), 1):  # noqa: B007 - the count is the result
            self._keep(answer, record)
        return count

    def _run(self, order: Order, urls: Iterable[str]) -> None:
        """Ask for the files of an order, one after the other; the order is concluded however it ends."""
        errand = Errand(search=order.entry, standing=order.standing)
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
                result=[{"captures": len(errand.made), "stop": stop}],
                refs=[order.entry.leaf.hex()],
                **Gate.under(order.standing),
            )

    def _ask(self, errand: Errand, url: str, place: int, record: Mapping[str, Any]) -> None:
        """Ask for one file. The entry of each request names its place in the order: addresses lose their secrets."""
        errand.said = {"attachment": place}
        before = len(errand.made)
        with suppress(CaptureError):  # the attempt and its reason are an entry
            self._door.get(errand, url)
        if len(errand.made) > before and not errand.made[-1].is_redirect:
            self._keep(errand.made[-1], record)

    def _keep(self, capture: Capture, record: Mapping[str, Any]) -> None:
        self._store.replace(capture.exhibit, list(_rows(capture, record.get("posts", ()))))

    def _known(self) -> set[str]:
        """Return the digests of the addresses that were answered; "come back later" is no answer.

        What was purged on order was answered: it is not fetched again by the way.
        """
        purged, there = self._last_entries()
        answered = [record for record, answer in self._read(there) if answer.status not in (429, 503)]
        return {record["sha256"] for record in (*answered, *(record for record, _ in purged)) if "sha256" in record}

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

    def _answers(self) -> Iterator[tuple[Mapping[str, Any], Capture]]:
        """Yield the last capture of each file asked for, with what its order says of it; purged ones are left out."""
        return self._read(self._last_entries()[1])

    def _last_entries(self) -> tuple[list[_Told], list[_Told]]:
        """Return the last exhibit of each file asked for: those purged on order, and those that are there.

        What was erased from the ledger leaves the file without its posts.
        """
        orders: dict[str, list[Mapping[str, Any]]] = {}
        last: dict[tuple[str, Any], Entry] = {}
        gone: set[str] = set()
        for entry in self._ledger.entries():
            gone.update(purged_by(entry))
            if entry.action == "preserve" and entry.outcome == "allowed":
                orders[entry.leaf.hex()] = entry.private.get("attachments", [])
            elif entry.exhibit and (order := next((ref for ref in entry.refs if ref in orders), None)):
                last[order, entry.private.get("attachment", entry.exhibit)] = entry
        told: tuple[list[_Told], list[_Told]] = [], []
        for (order, place), entry in last.items():
            files = orders[order]
            record = files[place] if isinstance(place, int) and place < len(files) else {}
            told[entry.exhibit not in gone].append((record, entry))
        return told

    def _read(self, told: Iterable[_Told]) -> Iterator[tuple[Mapping[str, Any], Capture]]:
        """Yield the captures of exhibits with what their order says of them; a mere redirect is left out."""
        for record, entry in told:
            with self._blobs.open(entry.result[0]["sha256"]) as blob:
                capture = read_capture(blob, entry.exhibit or "")
            if not capture.is_redirect:
                yield record, capture


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


def _rows(capture: Capture, shown_by: Iterable[str]) -> Iterator[Row]:
    if capture.status == 200:
        facts = examine(capture.body, capture.header("Content-Type"))
        posts = sorted(set(shown_by))
        yield (
            "media",
            {"facts": description.to_json(facts), "exhibit": capture.exhibit, "url": capture.via, "posts": posts},
        )
    problems = list(capture.problems)
    if capture.status != 200:
        problems.append(f"{capture.via} answered with status {capture.status}.")
    for problem in problems:
        effect = "The file is not whole, or not the file that the post shows."
        warning = ParseWarning(exhibit=capture.exhibit, pointer="", what=problem, effect=effect)
        yield kind_of(warning), to_json(warning)


def _record(body: Mapping[str, Any]) -> MediaRecord:
    return MediaRecord(
        facts=description.from_json(body["facts"]),
        exhibit=body["exhibit"],
        url=body["url"],
        posts=tuple(body["posts"]),
    )
