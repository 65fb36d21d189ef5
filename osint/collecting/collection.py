"""From a question to posts: the gate decides, a collector asks, the door preserves, the store remembers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from osint.activity import ParseWarning, Post, Record, kind_of, to_json
from osint.capture import clock_offset
from osint.capture.door import Door
from osint.capture.errand import Errand
from osint.capture.exchange import Capture
from osint.capture.own_clock import clock_of
from osint.capture.preserved import Preserved, preserved, usable
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import periods_kept
from osint.chain_of_custody.ledger import Ledger
from osint.collecting.asking import asker
from osint.collecting.beside import beside_now, kept_beside, told_of
from osint.collecting.outcome import read_visit
from osint.collecting.run import Collected, Ending, Keep, run_pages
from osint.collecting.runs import ASKED_AGAIN, Run, asked_again, collector_of, runs_in, visited_again
from osint.collectors import load
from osint.collectors.protocol import Collector, Get, Stop
from osint.errors import CaseError, QueryError, UnreadableCaptureError
from osint.gate import Admission, Gate
from osint.instants import format_instant
from osint.policy.scope import request_in_scope
from osint.query import Query, UrlQuery, in_period, make_query
from osint.store.store import Row, Store

_FAILED = (Stop.ERROR, Stop.GONE, Stop.AUTH, Stop.BLOCKED, Stop.RATE, Stop.QUOTA, Stop.CANCELLED)
_ERASED_QUESTION = "https://erased.invalid/"  # stands for an address nobody knows any more; nothing is asked of it


@dataclass
class _Tally:
    """What a run has kept so far."""

    posts: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    warnings: int = 0


class Collection:
    """The collecting half of a case."""

    def __init__(self, ledger: Ledger, gate: Gate, door: Door, store: Store) -> None:
        """Work for one case."""
        self._ledger, self._gate, self._door, self._store = ledger, gate, door, store

    def collect(self, name: str, query: Query) -> Collected:
        """Run a collector on a query.

        Raises:
            QueryError: The collector is not known, or does not answer this kind of query.
            AuthorizationError: The query is not under authority. The refusal is in the ledger.
            SourceError, CaptureError: The source refused and nothing was collected; ``error.result`` is the run.
        """
        collector = _fitting(name, query)
        admission = self._gate.admit(query, _label(collector))
        return self._go(collector, admission, before=())

    def resume(self, run_id: str) -> Collected:
        """Go on with a run that was interrupted, cancelled or put off; what it preserved is not asked for again.

        Raises:
            CaseError: There is no such run, or it has nothing left to do.
        """
        run = next((each for each in self.runs() if each.id == run_id), None)
        if run is None or not run.may_go_on:
            waiting = ", ".join(each.id for each in self.runs() if each.may_go_on) or "none"
            raise CaseError(f"{run_id!r} is not a run that can go on. Runs that can: {waiting}.")
        collector = _fitting(run.collector, run.query)
        before = (*run.before, run.search.leaf.hex())
        again = [{"kind": ASKED_AGAIN, "exhibit": exhibit} for exhibit in self._refused_at_last(run, before)]
        admission = self._gate.admit(run.query, _label(collector), refs=before, object=again)
        return self._go(collector, admission, before=before)

    def runs(self) -> list[Run]:
        """Return every run the gate allowed, oldest first, as the ledger tells them."""
        return runs_in(self._ledger)

    def rebuild(self) -> int:
        """Read every run and every import again from evidence, network off; return how many captures were read.

        A run that another one went on with is read as part of that one. What follows an exhibit that was purged on
        order is read capture by capture, since the way to it is gone; so are runs whose question was erased, and those
        that this release would not ask any more.
        """
        from osint.collecting.importing import Importing

        runs = self.runs()
        known = {run.id for run in runs}
        captures = 0
        for run in runs:
            if run.revisits:
                captures += self._read_visit(run.search, run.query)
            elif run.continued_by not in known:
                replay = self._replay(run.before, run.search) + self._preserved(run.search.leaf.hex())
                errand = Errand(search=run.search, standing=None, replay=replay)
                collector = load(run.collector)
                keep = partial(self._keep, run.query, _Tally())
                kept = kept_beside(self._ledger.entries(), (*run.before, run.search.leaf.hex()))
                ending = run_pages(collector, run.query, self._get(collector, errand, run.query, kept), keep)
                captures += len(errand.made)
                if errand.replay and (errand.replay[0].purged or isinstance(ending.error, QueryError)):
                    captures += self._read_singly(collector, errand.replay, keep, kept)
        continued = {leaf for run in runs for leaf in run.before}
        erased = (search for search in self._erased_searches() if search.leaf.hex() not in continued)
        captures += sum(map(self._read_unasked, erased))
        return captures + Importing(self._ledger, self._gate, self._door.blobs, self._store).rebuild()

    def _read_singly(
        self, collector: Collector, exhibits: Iterable[Preserved], keep: Keep, beside: tuple[Capture, ...]
    ) -> int:
        """Read exhibits without the pages that led to them; return how many were there.

        One that holds no posts may have been a step on the way, and gives no warning.
        """
        captures = [self._door.read(known) for known in exhibits if not known.purged]
        for capture in captures:
            with suppress(UnreadableCaptureError):
                keep(capture, [] if capture.is_redirect else collector.parse(replace(capture, beside=beside)))
        return len(captures)

    def _read_visit(self, search: Entry, query: Query) -> int:
        """Read what a second visit preserved; no pages led there."""
        collector, tally = load(collector_of(search)), _Tally()
        captures = [self._door.read(known) for known in self._preserved(search.leaf.hex()) if not known.purged]
        for capture in captures:
            self._keep(query, tally, capture, read_visit(collector, capture))
        return len(captures)

    def _erased_searches(self) -> list[Entry]:
        """Return the entries that allowed runs whose question was erased from the ledger."""
        return [
            entry
            for entry in self._ledger.entries()
            if entry.action == "search" and entry.outcome == "allowed" and "query" not in entry.private
        ]

    def _read_unasked(self, search: Entry) -> int:
        """Read the exhibits of a run whose question was erased, within its period or that of its authority.

        Where both are unknown nobody can say which posts were asked for: a warning stands for them.
        """
        exhibits = self._preserved(search.leaf.hex())
        period = self._period_of(search)
        if period is not None and visited_again(search):
            return self._read_visit(search, period)
        if period is not None:
            kept = kept_beside(self._ledger.entries(), [search.leaf.hex()])
            keep = partial(self._keep, period, _Tally())
            return self._read_singly(load(collector_of(search)), exhibits, keep, kept)
        for known in exhibits:
            if not known.purged:
                what = "What was asked was erased from the ledger, and so was the authority that set the period."
                effect = "No post was taken from it, since it may lie outside that period; the bytes are preserved."
                warning = ParseWarning(exhibit=known.exhibit, pointer="", what=what, effect=effect)
                self._store.replace(known.exhibit, list(_rows([warning])))
        return sum(not known.purged for known in exhibits)

    def _period_of(self, search: Entry) -> Query | None:
        """Return a question that says nothing but the period of one that was erased; None when nobody knows it."""
        period: Mapping[str, str | None] | None = periods_kept(self._ledger.entries()).get(search.leaf.hex())
        if period is None:
            standing = next((each for each in self._gate.standing() if each.entry == search.authorization), None)
            if standing is None:
                return None
            period = {"since": standing.authorization.since, "until": standing.authorization.until}
        return make_query(url=_ERASED_QUESTION, **period)

    def _replay(self, before: tuple[str, ...], going_on: Entry | None = None) -> deque[Preserved]:
        """Return the exhibits of earlier runs that need not be asked for again, in the order in which they are used."""
        searches = [entry for entry in self._ledger.entries() if entry.leaf.hex() in before] if before else []
        again = {item["exhibit"] for entry in (*searches, going_on) if entry for item in asked_again(entry)}
        replay: deque[Preserved] = deque()
        for search in before:
            kept = (known for known in self._preserved(search) if known.exhibit not in again)
            replay = usable(replay + deque(kept), self._door.read)
        return replay

    def _refused_at_last(self, run: Run, before: tuple[str, ...]) -> tuple[str, ...]:
        """Return the last exhibit where it may be what ended the run: an answer that refuses under the status 200.

        Such an answer has given nothing to the tables. One that was only a step on the way has not either; it is
        asked for once more without harm.
        """
        own = self._preserved(run.search.leaf.hex()) if run.stop in (Stop.RATE, Stop.QUOTA, Stop.ERROR) else ()
        if not own or own[-1].purged or not 200 <= own[-1].status < 300:
            return ()
        last = own[-1].exhibit
        kept = last in (known.exhibit for known in self._replay(before)) and not self._store.holds(last)
        return (last,) if kept else ()

    def _preserved(self, search: str) -> deque[Preserved]:
        return preserved(self._ledger.entries(), [search])

    def _go(self, collector: Collector, admission: Admission, before: tuple[str, ...]) -> Collected:
        tally = _Tally()
        beside = kept_beside(self._ledger.entries(), before) or beside_now(
            collector.MANIFEST, admission.query, self._door.clock().date()
        )
        errand = Errand(
            search=admission.entry,
            standing=admission.standing,
            said=told_of(beside),
            in_scope=partial(self._in_scope, admission, collector.MANIFEST.asks),
            replay=self._replay(before, admission.entry),
        )
        keep = partial(self._keep, admission.query, tally)
        ending = run_pages(collector, admission.query, self._get(collector, errand, admission.query, beside), keep)
        clock = clock_of(errand, self._door, self._gate, ask=ending.stop is not Stop.CANCELLED)
        conclusion = self._conclude(admission, ending, tally, captures=len(errand.made), clock=clock)
        result = Collected(
            collector=collector.MANIFEST.name,
            query=admission.query,
            captures=len(errand.made),
            posts=len(tally.posts),
            outside_period=len(tally.outside),
            warnings=tally.warnings,
            stop=ending.stop,
            detail="\n".join(filter(None, (ending.detail, _resumed_note(errand, before), clock_offset.warning(clock)))),
            entries=(admission.entry.seq, conclusion.seq),
            run=f"run-{admission.entry.seq}",
            error=ending.error,
        )
        if ending.error is not None and not tally.posts:
            ending.error.result = result
            raise ending.error
        return result

    def _get(self, collector: Collector, errand: Errand, query: Query, beside: tuple[Capture, ...]) -> Get:
        """Return the way to pages that a query asks for: as the server sends them, or as a browser shows them."""
        if not _is_rendered(query):
            return asker(collector.MANIFEST, self._door, errand, beside)
        from osint.capture.browser import render

        return partial(render, self._door, errand)

    def _storage(self) -> str:
        """Say what this machine promised about what the run stored; a weaker promise is on the record too."""
        return f"{self._ledger.durability}; evidence: {self._door.blobs.durability}"

    @staticmethod
    def _in_scope(admission: Admission, asks: Sequence[str], url: str) -> bool:
        return request_in_scope(url, admission.query, admission.standing.authorization, asks)

    def _keep(self, query: Query, tally: _Tally, capture: Capture, records: Sequence[Record]) -> None:
        """Put what one capture holds into the store; posts outside the period asked for stay out of the tables."""
        kept: list[Record] = []
        for record in records:
            if isinstance(record, Post):
                inside = in_period(record.published, query)
                (tally.posts if inside else tally.outside).add(record.id)
                if not inside:
                    continue
            tally.warnings += isinstance(record, ParseWarning)
            kept.append(record)
        self._store.replace(capture.exhibit, list(_rows(kept)))

    def _conclude(
        self, admission: Admission, ending: Ending, tally: _Tally, *, captures: int, clock: Mapping[str, Any]
    ) -> Entry:
        counts = {"captures": captures, "posts": len(tally.posts), "warnings": tally.warnings, "stop": str(ending.stop)}
        return self._gate.log(
            "conclude",
            outcome="failed" if ending.stop in _FAILED else "done" if tally.posts else "nil",
            private={
                **({"detail": ending.detail} if ending.detail else {}),
                "storage": self._storage(),
                "clock_offset": clock,
            },
            result=[counts],
            refs=[admission.entry.leaf.hex()],
            **Gate.under(admission.standing),
        )


def _fitting(name: str, query: Query) -> Collector:
    collector = load(name)
    if not isinstance(query, collector.MANIFEST.queries):
        possible = ", ".join(kind.__name__ for kind in collector.MANIFEST.queries)
        raise QueryError(f"{name} does not answer a {type(query).__name__}; it answers {possible}.")
    if _is_rendered(query) and "rendered" not in collector.MANIFEST.made:
        raise QueryError(f"{name} reads what the server sends, and no page in a browser; leave render=True out.")
    return collector


def _is_rendered(query: Query) -> bool:
    return isinstance(query, UrlQuery) and query.render


def _resumed_note(errand: Errand, before: tuple[str, ...]) -> str:
    """Say from when the pages are that a resumed run did not ask for again."""
    if not before or not errand.made:
        return ""
    first = format_instant(errand.made[0].collected.replace(microsecond=0))
    return f"Resumed: its first pages were captured at {first}; what was published after that may not be in it."


def _label(collector: Collector) -> str:
    return f"{collector.MANIFEST.name}/{collector.MANIFEST.version}"


def _rows(records: Sequence[Record]) -> Iterator[Row]:
    return ((kind_of(record), to_json(record)) for record in records)
