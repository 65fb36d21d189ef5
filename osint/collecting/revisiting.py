"""A second visit: the address of an exhibit is asked again, under the authority in force, and both are compared.

A visit is a run of its own. Its ``search`` names in clear the exhibit that is visited again (``object``), so that
reading it again needs no page that led there; its ``conclude`` names it too, with the outcome. A file that posts show
is asked for as an attachment, under an authority that such a post was collected under.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any, Protocol

from osint.activity import ParseWarning, Post, Record, kind_of, to_json
from osint.capture.door import Door
from osint.capture.errand import Errand
from osint.capture.exchange import Capture
from osint.capture.own_clock import clock_of
from osint.capture.preserved import preserved
from osint.capture.read_back import hash_body
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.collecting.comparison import Comparison, Side, compare, same_place, sights
from osint.collecting.earlier import Earlier, Exhibits
from osint.collecting.outcome import STOPS, Outcome, read_visit, refusal_in
from osint.collecting.runs import REVISIT
from osint.collectors.protocol import Collector, Stop
from osint.errors import CaptureError, OutOfScopeError, UnreadableCaptureError
from osint.gate import Gate
from osint.policy.scope import request_in_scope
from osint.query import Query, in_period, without_secrets
from osint.store.store import Store

_MOST_FILES = 300  # files of one page whose bytes are compared
_MEDIA = ("image/", "video/", "audio/")
_GONE = (404, 410)
_BEFORE = {
    Outcome.GONE: "it was gone",
    Outcome.WALLED: "it was behind a wall",
    Outcome.UNREADABLE: "an error page stood in its place",
    Outcome.FAILED: "it asked to come back later",
}
_NO_ANSWER = (Outcome.WALLED, Outcome.UNREADABLE, Outcome.FAILED)


class Files(Protocol):
    """What knows the files that posts show: ``osint.media.attachments``."""

    def errand_again(self, entry: Entry) -> tuple[Errand, str, Mapping[str, Any]]:
        """Have the gate decide whether the file of this entry may be asked for again.

        Returns:
            The errand, the address, and what the order says of the file.

        Raises:
            AuthorizationError: It may not. The refusal is in the ledger.
            CaseError: The address is not known any more.
        """
        ...

    def keep(self, capture: Capture, record: Mapping[str, Any]) -> None:
        """Put what an answer tells of a file into the tables."""
        ...


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What a second visit found.

    Attributes:
        earlier: The exhibit that was visited again.
        captured: When it was captured.
        address: What was asked for.
        exhibit: The exhibit of the answer; None when none came.
        visited: When it was asked for.
        outcome: What was found.
        reason: On what basis, or why it is not there.
        comparison: What differs; None when there was nothing to compare.
        run: The run in the ledger.
        entries: The first and the last entry of the ledger.
    """

    earlier: str
    captured: datetime
    address: str
    exhibit: str | None
    visited: datetime
    outcome: Outcome
    reason: str
    comparison: Comparison | None
    run: str
    entries: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class _Admitted:
    """A visit that the gate let through: what is asked for, and what puts an answer into the tables."""

    errand: Errand
    address: str
    query: Query | None
    keep: Callable[[Sequence[Capture]], None]


@dataclass(frozen=True)
class _Found:
    """What came of asking."""

    outcome: Outcome
    reason: str
    capture: Capture | None = None
    comparison: Comparison | None = None


class Revisiting:
    """The revisiting half of a case."""

    def __init__(self, ledger: Ledger, gate: Gate, door: Door, store: Store, files: Files) -> None:
        """Work for one case."""
        self._ledger, self._gate, self._door, self._store, self._files = ledger, gate, door, store, files
        self._counts: dict[str, int] = {}

    def revisit(self, exhibit: str) -> Visit:
        """Ask the address of an exhibit again, preserve the answer, and say what is different.

        Raises:
            CaseError: There is no such exhibit in this case, it was purged on order, it states no address that can
                be asked again, or it is a saved page of a source whose own pages are not asked for.
            AuthorizationError: It is not under authority. The refusal is in the ledger.
        """
        earlier = Exhibits(self._ledger, self._door.blobs, self._store).find(exhibit)
        admitted = self._admit(exhibit, earlier)
        search, visited = admitted.errand.search, self._door.clock()
        found, stop = _Found(Outcome.FAILED, "It was broken off."), Stop.CANCELLED
        try:
            found = self._visit(earlier, admitted)
            stop = STOPS[found.outcome]
        finally:
            conclusion = self._conclude(exhibit, admitted.errand, found, stop)
        return Visit(
            earlier=exhibit,
            captured=earlier.capture.collected,
            address=without_secrets(admitted.address),
            exhibit=found.capture.exhibit if found.capture else None,
            visited=found.capture.collected if found.capture else visited,
            outcome=found.outcome,
            reason=found.reason,
            comparison=found.comparison,
            run=f"run-{search.seq}",
            entries=(search.seq, conclusion.seq),
        )

    # Asking --------------------------------------------------------------------------------------------------------

    def _admit(self, exhibit: str, earlier: Earlier) -> _Admitted:
        if earlier.collector is None or earlier.query is None:
            errand, address, record = self._files.errand_again(earlier.entry)
            keep = partial(self._keep_file, record)
            return _Admitted(errand=errand, address=address, query=None, keep=keep)
        manifest = earlier.collector.MANIFEST
        admission = self._gate.admit(
            earlier.query, f"{manifest.name}/{manifest.version}", object=[{"kind": REVISIT, "exhibit": exhibit}]
        )

        def in_scope(url: str) -> bool:
            return request_in_scope(url, admission.query, admission.standing.authorization, manifest.asks)

        errand = Errand(search=admission.entry, standing=admission.standing, in_scope=in_scope, pace=manifest.pace)
        keep = partial(self._keep, earlier.collector, admission.query)
        return _Admitted(errand=errand, address=earlier.address, query=admission.query, keep=keep)

    def _visit(self, earlier: Earlier, admitted: _Admitted) -> _Found:
        """Ask, put what came into the tables, and compare."""
        try:
            answer = self._ask(earlier, admitted)
        except OutOfScopeError as error:
            made = admitted.errand.made
            leads_away = bool(made) and made[-1].is_redirect and not earlier.capture.is_redirect
            return _Found(Outcome.MOVED if leads_away else Outcome.FAILED, str(error), made[-1] if made else None)
        except CaptureError as error:
            made = admitted.errand.made
            return _Found(Outcome.FAILED, str(error), made[-1] if made else None)
        finally:
            self._counts = {"posts": 0, "warnings": 0}
            admitted.keep(admitted.errand.made)
        return self._judge(earlier, admitted, answer)

    def _ask(self, earlier: Earlier, admitted: _Admitted) -> Capture:
        """Ask as it was asked before; where the earlier answer was the way elsewhere, return the way it gives now."""
        errand = admitted.errand
        if earlier.capture.made == "rendered":
            from osint.capture.browser import render

            return render(self._door, errand, admitted.address)
        if not earlier.capture.is_redirect:
            return self._door.get(errand, admitted.address)
        try:  # where it leads is the answer; what is there is preserved, where that may be asked
            self._door.get(errand, admitted.address)
        except CaptureError:
            if not errand.made:
                raise
        return errand.made[0]

    def _judge(self, earlier: Earlier, admitted: _Admitted, answer: Capture) -> _Found:
        """Say what an answer is beside the exhibit that is visited again."""
        if refusal := refusal_in(answer):
            return _Found(refusal.outcome, refusal.reason, answer)
        before, after = self._side(earlier.capture, earlier, admitted), self._side(answer, earlier, admitted)
        found = compare(before, after)
        was = refusal_in(earlier.capture)
        if was is None and (cut := _not_whole(before, after)):
            return _Found(Outcome.UNREADABLE, cut, answer, found)
        if was is None and found.same:
            return _Found(Outcome.UNCHANGED, found.basis, answer, found)
        if lack := _lacking(earlier, before, after):
            return _Found(Outcome.UNREADABLE, lack, answer, found)
        shared = sights(before.records or ()).keys() & sights(after.records or ()).keys()
        if not (shared or earlier.capture.is_redirect or same_place(answer.url, earlier.capture.url)):
            return _Found(Outcome.MOVED, f"The address leads to {answer.url}, which shows none of it.", answer, found)
        if was is not None:
            found = replace(found, same=False, basis=f"{_BEFORE[was.outcome]} and is there")
        return _Found(Outcome.EDITED, found.basis, answer, found)

    def _side(self, capture: Capture, earlier: Earlier, admitted: _Admitted) -> Side:
        records = _records(earlier.collector, admitted.query, capture)
        files, of_before = {}, capture is earlier.capture
        if earlier.capture.made == "rendered" == capture.made:
            files = self._files_of(earlier.entry.refs if of_before else (admitted.errand.search.leaf.hex(),))
        digest = (earlier.joined if of_before else None) or self._digest(capture)
        return Side(capture=capture, records=records, digest=digest, files=files)

    def _digest(self, capture: Capture) -> str:
        if capture.made == "imported":
            return sha256(capture.body).hexdigest()
        stored = next(each.sha256 for each in self._ledger.exhibits() if each.number == capture.exhibit)
        with self._door.blobs.open(stored) as blob:
            return hash_body(blob, capture.exhibit)

    def _files_of(self, searches: Sequence[str]) -> dict[str, str | None]:
        """Return the digests of the media that a page in a browser loaded, by address; None where none can be told.

        What the server says is not there, and what is only the way elsewhere, are left out.
        """
        entries = list(self._ledger.entries())
        visits = [each.leaf.hex() for each in entries if each.action == "render" and set(searches) & set(each.refs)]
        loaded = preserved(entries, visits[-1:])
        answers = [each for each in loaded if each.status not in _GONE and not 300 <= each.status < 400]
        files: dict[str, str | None] = {}
        for place, known in enumerate(answers):
            if known.purged or known.status != 200 or place >= _MOST_FILES:
                files[known.url or ""] = None
            elif (capture := self._door.read(known)).media_type.startswith(_MEDIA):
                files[capture.url] = None if capture.problems else sha256(capture.body).hexdigest()
        return files

    # Keeping -------------------------------------------------------------------------------------------------------

    def _keep(self, collector: Collector, query: Query, made: Sequence[Capture]) -> None:
        """Put everything that came into the tables, as reading it again will."""
        for capture in made:
            kept = [each for each in read_visit(collector, capture) if _is_inside(each, query)]
            self._counts["posts"] += sum(isinstance(each, Post) for each in kept)
            self._counts["warnings"] += sum(isinstance(each, ParseWarning) for each in kept)
            self._store.replace(capture.exhibit, [(kind_of(each), to_json(each)) for each in kept])

    def _keep_file(self, record: Mapping[str, Any], made: Sequence[Capture]) -> None:
        if made and not made[-1].is_redirect:
            self._files.keep(made[-1], record)

    def _conclude(self, exhibit: str, errand: Errand, found: _Found, stop: Stop) -> Entry:
        counts: dict[str, Any] = {"captures": len(errand.made), **self._counts, "stop": str(stop)}
        assert errand.standing is not None
        return self._gate.log(
            "conclude",
            outcome="failed" if found.outcome in _NO_ANSWER else "done",
            private={
                "detail": found.reason,
                "storage": f"{self._ledger.durability}; evidence: {self._door.blobs.durability}",
                "clock_offset": clock_of(errand, self._door, self._gate, ask=stop is not Stop.CANCELLED),
            },
            object=[{"kind": REVISIT, "exhibit": exhibit}],
            result=[counts, {"kind": str(found.outcome)}],
            refs=[errand.search.leaf.hex()],
            **Gate.under(errand.standing),
        )


def _records(collector: Collector | None, query: Query | None, capture: Capture) -> list[Record] | None:
    """Return what a collector reads from a capture within the period asked for; None when it cannot be read."""
    if collector is None or query is None or capture.is_redirect or refusal_in(capture):
        return None
    try:
        return [each for each in collector.parse(capture) if _is_inside(each, query)]
    except UnreadableCaptureError:
        return None


def _is_inside(record: Record, query: Query) -> bool:
    return not isinstance(record, Post) or in_period(record.published, query)


def _not_whole(before: Side, after: Side) -> str:
    """Say which of two captures are not whole; empty when both are, or one is only the way elsewhere."""
    captures = (before.capture, after.capture)
    if any(each.is_redirect for each in captures):
        return ""
    return " ".join(f"{each.exhibit} is not whole. {' '.join(each.problems)}" for each in captures if each.problems)


def _lacking(earlier: Earlier, before: Side, after: Side) -> str:
    """Say what an answer lacks so that it cannot be compared; empty when it lacks nothing that was there before."""
    if before.records is not None and after.records is None:
        return f"{after.capture.exhibit} is not what {before.capture.exhibit} is, and no post can be read from it."
    quality = getattr(earlier.collector, "quality", None)
    words = [quality(side.capture) for side in (before, after)] if quality else []
    if words and words[0].word == "full" != words[1].word:
        return f"{after.capture.exhibit} does not show the whole page. {words[1].reason}"
    return ""
