"""The files that posts show: fetched only when asked, preserved like everything else, and read in the sandbox."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from osint.activity import ParseWarning, kind_of, to_json
from osint.capture.door import Door, Errand
from osint.capture.exchange import Capture
from osint.capture.preserve import read_capture, without_secrets
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.errors import CaptureError
from osint.gate import Gate
from osint.media import description
from osint.media.examination import MediaRecord, examine
from osint.media.table import frame
from osint.store.blobs import Blobs
from osint.store.store import Row, Store


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
            AuthorizationError: No authority covers this. The refusal is in the ledger.
        """
        known = {capture.via for capture in self._captures()}
        wanted = {url: ids for url, ids in _shown(posts).items() if without_secrets(url) not in known}
        if not wanted:
            return 0
        entry, standing = self._gate.admit_attachments(wanted)
        errand = Errand(search=entry, standing=standing, hosts=None)
        for url in watch(wanted):
            try:
                self._keep(self._door.get(errand, url), wanted)
            except CaptureError:
                continue  # the attempt and its reason are an entry
        made = len(errand.made)
        self._gate.log(
            "conclude",
            outcome="done" if made else "nil",
            result=[{"captures": made, "stop": "exhausted"}],
            refs=[entry.leaf.hex()],
            **Gate.under(standing),
        )
        return len(wanted)

    def frame(self) -> pd.DataFrame:
        """Return the media table, one row a file."""
        return frame(_record(body) for body in self._store.records("media"))

    def rebuild(self) -> int:
        """Read every preserved attachment again from evidence; return how many there were."""
        shown = {
            without_secrets(url): ids for entry in self._orders() for url, ids in entry.private["attachments"].items()
        }
        count = 0
        for count, capture in enumerate(self._captures(), 1):  # noqa: B007 - the count is the result
            self._keep(capture, shown)
        return count

    def _keep(self, capture: Capture, shown: Mapping[str, Iterable[str]]) -> None:
        self._store.replace(capture.exhibit, list(_rows(capture, shown)))

    def _orders(self) -> Iterator[Entry]:
        return (entry for entry in self._ledger.entries() if entry.action == "preserve" and entry.outcome == "allowed")

    def _captures(self) -> Iterator[Capture]:
        """Yield the answers to earlier orders, from evidence; hops on the way to an answer are left out."""
        orders = {entry.leaf.hex() for entry in self._orders()}
        for entry in self._ledger.entries():
            if entry.exhibit and not orders.isdisjoint(entry.refs):
                with self._blobs.open(entry.result[0]["sha256"]) as blob:
                    capture = read_capture(blob, entry.exhibit)
                if not capture.is_redirect:
                    yield capture


def _shown(posts: pd.DataFrame) -> dict[str, list[str]]:
    """Return the addresses of the attachments with the ids of the posts that show them."""
    shown: defaultdict[str, list[str]] = defaultdict(list)
    for post, attachments in zip(posts["id"], posts["attachment"], strict=True):
        for attachment in attachments:
            shown[attachment["url"]].append(str(post))
    return dict(shown)


def _rows(capture: Capture, shown: Mapping[str, Iterable[str]]) -> Iterator[Row]:
    if capture.status == 200:
        facts = examine(capture.body, capture.header("Content-Type"))
        posts = sorted(shown.get(capture.via, ()))
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
