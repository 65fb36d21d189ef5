"""A case: what is asked of public sources, imported and asked again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osint import case_mark
from osint.case.authority import CaseAuthority
from osint.collecting.run import Collected
from osint.collectors import from_url
from osint.query import Query, describe, make_query

if TYPE_CHECKING:
    import pandas as pd

    from osint.capture.imports.declaration import SavedBy
    from osint.collecting.bulk import CollectedMany
    from osint.collecting.estimate import Estimate
    from osint.collecting.importing import Imported
    from osint.collecting.probe import Probe
    from osint.collecting.username import Usernames
    from osint.collecting.watching import Check, Watched
    from osint.report.revisited import Revisited


@dataclass(frozen=True, kw_only=True)
class Interrupted:
    """A run that can go on: ``case.resume(id)``."""

    id: str
    collector: str
    query: str


class CaseCollecting(CaseAuthority):
    """What is asked of public sources, imported and asked again."""

    def collect(self, collector: str, **asked: Any) -> Collected:
        """Collect public posts: ``account=``, ``thread=``, ``tag=`` with ``host=``, or ``url=``; since, until, limit.

        ``search=`` with ``host=`` asks a register, and ``where=`` narrows it. ``render=True`` beside ``url=`` has a
        browser load the page, with all its scripts.

        Args:
            collector: The name of a collector, or a web address: then the one that reads it is taken.
            asked: What is asked of it.

        Raises:
            QueryError: The keywords make no query, or one that this collector does not answer.
            AuthorizationError: It is not under authority. The refusal is in the ledger.
            SourceError, CaptureError: The source refused and nothing was collected; ``error.result`` is the run.
        """
        self._secrets.note(collector, *asked.values())
        self._concluded(self._gate.check_asked, asked)
        return self._concluded(self._collection.collect, *_named(collector, asked))

    def collect_many(self, targets: pd.DataFrame | str | Path, *, again: bool = False) -> CollectedMany:
        """Collect a table of targets, a DataFrame, a CSV file or a spreadsheet; every row has its outcome.

        The scope of all rows is checked before any host is asked. What an equal run has finished is not asked again,
        and one that was interrupted goes on, so that the same call goes on with a table that broke off.

        Args:
            targets: The table; ``osint.collecting.bulk.COLUMNS`` says what its columns are.
            again: Ask anew for what was finished, too.

        Raises:
            QueryError: The table cannot be read; a row that cannot be read is an outcome instead.
        """
        from osint.collecting.bulk import collect_many, read_targets
        from osint.views.progress import bar

        rows = read_targets(targets)
        self._secrets.note(*(value for row in rows if row.query for value in vars(row.query).values()))
        shown = partial(bar, what="Collecting targets")
        return self._concluded(partial(collect_many, again=again, shown=shown), self._collection, self._gate, rows)

    def username(self, handle: str, platforms: Sequence[str] | None = None) -> Usernames:
        """Look whether a handle is publicly to be seen on platforms; each check is an entry, with its exhibits.

        No posts are collected. A handle that is seen is not yet the same person's.

        Args:
            handle: The name of the account; it has to be that of an account, a subject or a term under authority.
            platforms: Names of collectors; by default all that can be asked for an account.

        Raises:
            QueryError: It is no handle, or a platform cannot be asked for one; names those that can.
        """
        from osint.collecting.username import look_for

        return self._concluded(look_for, handle, platforms, self._gate, self._door)

    def estimate(self, collector: str, **asked: Any) -> Estimate:
        """Say what a run is expected to take: requests, time, quota. Nothing is asked and nothing is logged.

        Raises:
            QueryError: As for :meth:`collect`.
        """
        from osint.collecting.estimate import estimate

        return estimate(*_named(collector, asked), self._door.network.pace)

    def probe(self, collector: str, **asked: Any) -> Probe:
        """Say whether a run could be made: whether its key is there, an authority covers it, and the host answers.

        Under that authority the host is asked for its ``robots.txt``, which becomes an exhibit.

        Raises:
            QueryError: As for :meth:`collect`.
        """
        from osint.collecting.probe import probe

        self._secrets.note(*asked.values())
        self._concluded(self._gate.check_asked, asked)
        return self._concluded(probe, *_named(collector, asked), self._gate, self._door)

    def import_file(self, path: str | Path, declared: SavedBy, collector: str | None = None) -> Imported:
        """Take in what was captured elsewhere: WARC, WACZ, HAR, MHTML, mail, a page, an export, a picture, a print.

        The original becomes one exhibit before anything in it is read; no host is asked for anything.

        Args:
            path: The file. What it is, its content says.
            declared: Who saved it, when, with what, and whether they were signed in.
            collector: Reads its parts, where the one that fits by their look is not the right one.

        Raises:
            CaseError: There is no such file, or no declaration.
            QueryError: There is no such collector.
            AuthorizationError: It is not under authority. The refusal is in the ledger, and nothing was taken in.
            PurposeLimitError: It lies in the store of a background check. The refusal is in the ledger.
        """
        from osint.collecting.importing import Importing

        importing = Importing(self._ledger, self._gate, self._blobs, self._store, self._clock)
        self._concluded(self._check_purposes, "import", case_mark.stores_above(Path(path)))
        return self._concluded(importing.take_in, Path(path), declared, collector)

    def revisit(self, exhibit: str) -> Revisited:
        """Ask the address of an exhibit again and say what is different: a second capture, compared with the first.

        Raises:
            CaseError: There is no such exhibit in this case, it was purged on order, or it states no address that can
                be asked again.
            AuthorizationError: It is not under authority. The refusal is in the ledger.
        """
        from osint.collecting.revisiting import Revisiting
        from osint.report.revisited import Revisited

        files = self._tables.attachments
        revisiting = Revisiting(self._ledger, self._gate, self._door, self._store, files)
        return Revisited(visit=self._concluded(revisiting.revisit, exhibit))

    def watch(
        self,
        collector: str,
        *,
        every: str,
        times: int | None = None,
        ends: str | None = None,
        told: Callable[[Check], None] | None = None,
        wait: Callable[[float], None] = time.sleep,
        **asked: Any,
    ) -> Watched:
        """Collect the same again and again until the authority expires, or a stop from the keyboard; returns what came.

        Each check is a run like any other, with its entries, also when it finds nothing. One that fails is an entry
        too, and the watch goes on. While it waits, other programs may write to the case.

        Args:
            collector: As for :meth:`collect`.
            every: From the start of one check to that of the next: ``30m``, ``2h``, ``90s``, ``1d``.
            times: How many checks; without it, until the authority expires.
            ends: The last day in UTC, or instant, at which a check may begin.
            told: Is shown each check when it is over; by default a line appears beside the results.
            wait: Waits so many seconds.
            asked: As for :meth:`collect`; ``since`` and ``until`` bound the posts, not the watch.

        Raises:
            QueryError: As for :meth:`collect`, or the interval cannot be read, or is shorter than the network allows.
            AuthorizationError: The first check is not under authority. The refusal is in the ledger.
        """
        from osint.collecting.watching import Watching, make_schedule
        from osint.views.progress import line

        schedule = make_schedule(every, times=times, ends=ends, shortest=self.network.watch_pace)
        collect = partial(self.collect, collector, **asked)
        return Watching(self._ledger, self._door, self._store, collect, schedule, wait, told or line).watch()

    def resume(self, run: str) -> Collected:
        """Go on with an interrupted run, ``run-14``; pages it preserved are not asked for again.

        Raises:
            CaseError: There is no such run, or it has nothing left to do.
        """
        return self._concluded(self._collection.resume, run)

    def interrupted(self) -> list[Interrupted]:
        """Return the runs that can go on."""
        return [
            Interrupted(id=run.id, collector=run.collector, query=describe(run.query))
            for run in self._collection.runs()
            if run.may_go_on
        ]


def _named(collector: str, asked: Mapping[str, Any]) -> tuple[str, Query]:
    """Return the collector and the query; where an address stands for the collector, the one that reads it."""
    is_address = bool(set("./@:") & set(collector))  # no collector is called so; without its scheme it is told apart
    return from_url(collector, **asked) if is_address else (collector, make_query(**asked))
