"""What a worker is doing when the fault comes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
from faults.acknowledged import check_copies, reopen_as_officer, reopen_case, reopen_witness
from faults.outside import Outside
from faults.system_calls import FAMILIES, Run, Workers

_LEDGER = ("open", "pwrite", "sync of bytes", "unlink", "lock", "pread", "close")
_BEFORE = ("start", "append", "evidence", "checkpoint", "append")
_FIRST_FORMAT = """
DROP TABLE tokens; DROP TABLE cosignatures; ALTER TABLE keys DROP COLUMN ended; PRAGMA user_version = 1;
PRAGMA journal_mode = delete
"""


def _as_first_format(case: Path) -> None:
    """Give a ledger the form that the first release wrote."""
    database = apsw.Connection(str(case / "ledger.sqlite"))
    database.execute("PRAGMA foreign_keys = off")
    database.execute(_FIRST_FORMAT)
    database.close()


@dataclass(frozen=True)
class Situation:
    """A case folder, and the steps that are disturbed.

    Attributes:
        name: What a test is called by.
        steps: What the worker does.
        before: What an undisturbed worker did there earlier; it was killed after that, without closing.
        prepare: What becomes of the folder after that.
        options: Of the worker, see ``appender.careless``.
        reaches: Families of system calls that the steps must reach.
        work: ``case``, ``witness`` or ``opened``.
        asks: Whether the steps ask other parties.
    """

    name: str
    steps: tuple[str, ...]
    before: tuple[str, ...] = ()
    prepare: Callable[[Path], None] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    reaches: tuple[str, ...] = _LEDGER
    work: str = "case"
    asks: bool = False

    def run(self, workers: Workers, folder: Path, *strace: str, **options: Any) -> tuple[Path, Run]:
        """Lay the situation out in ``disk``, a folder that holds nothing else; disturb the steps there.

        Args:
            workers: Where workers come from.
            folder: An empty folder for all runs of this situation.
            strace: What strace is told.
            options: Further options of the worker.

        Returns:
            The case folder, and what came of the run.
        """
        case = self.lay_out(workers, folder)
        outside = Outside(folder / "outside") if self.asks else None
        run = workers.run(
            case, self.steps, *strace, outside=outside, work=self.work, options={**self.options, **options}
        )
        return case, run

    def lay_out(self, workers: Workers, folder: Path) -> Path:
        """Return a case folder of this situation."""
        ready, disk = folder / "ready", folder / "disk"
        if not ready.exists():
            case = ready / "case"
            case.mkdir(parents=True)
            (case / "case.json").write_text("{}\n", encoding="ascii")
            if self.before:
                run = workers.run(case, self.before, options=self.options)
                assert not run.errors and run.ended, run.said
            if self.prepare:
                self.prepare(case)
        for each in (disk, folder / "outside"):
            shutil.rmtree(each, ignore_errors=True)
        shutil.copytree(ready, disk)
        return disk / "case"

    def reopen(self, case: Path, said: Sequence[Mapping[str, Any]]) -> None:
        """Check what must hold after any fault."""
        _REOPENING[self.work](case, said)

    def check(self, case: Path, said: Sequence[Mapping[str, Any]]) -> int:
        """Check what must hold after any fault but a loss of power; return how many exports and backups are whole."""
        self.reopen(case, said)
        return check_copies(case, said)

    def __str__(self) -> str:
        return self.name


_REOPENING = {"case": reopen_case, "witness": reopen_witness, "opened": reopen_as_officer}

NEW = Situation(
    "a new case",
    ("start", "append", "evidence", "same", "checkpoint", "stray", "sweep", "export", "close"),
    reaches=tuple(FAMILIES),
)
IN_USE = Situation(
    "a case in use",
    ("start", "append", "checkpoint", "evidence", "append", "append", "same", "checkpoint", "export", "close"),
    before=_BEFORE,
    options={"autocheckpoint": 12},
    reaches=tuple(family for family in FAMILIES if family not in {"list"}),
)
OLDER_SQLITE = Situation(
    "an older SQLite",
    ("start", "append", "evidence", "checkpoint", "append", "close"),
    options={"sqlite": "3.51.2"},
)
ANCHORED = Situation(
    "a head is vouched for", ("start", "anchor", "append", "anchor", "close"), before=_BEFORE, asks=True
)
ERASED = Situation(
    "a value is erased", ("start", "append", "erase", "append", "erase"), before=_BEFORE, reaches=(*_LEDGER, "cut")
)
BACKED_UP = Situation("a backup is made", ("start", "append", "backup", "append"), before=_BEFORE)
UPGRADED = Situation(
    "a ledger of the first format", ("start", "append", "checkpoint"), before=_BEFORE, prepare=_as_first_format
)
WITNESS = Situation("the witness", ("enroll", "cosign", "cosign", "cosign"), work="witness")
OPENED = Situation(
    "a case is opened for the first and the second time",
    ("open", "authorize", "close", "open"),
    prepare=shutil.rmtree,
    reaches=tuple(family for family in FAMILIES if family not in {"cut", "chmod", "chown", "lock", "map", "seek"}),
    work="opened",
)
SITUATIONS = (NEW, IN_USE, OLDER_SQLITE, ANCHORED, ERASED, BACKED_UP, UPGRADED, WITNESS, OPENED)
