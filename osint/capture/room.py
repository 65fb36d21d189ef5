"""Room on the disks that an answer passes through, looked at before it is asked for."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir

from osint.errors import NoRoomError

Free = Callable[[Path], int]
"""Tells how many bytes can still be written to the disk that holds a folder."""

RESERVE = 256 << 20
_EVIDENCE, _SPOOLED = 1, 2  # how often an answer lies there: kept; recorded, then unpacked and laid out to be read


def free_bytes(folder: Path) -> int:
    """Return how many bytes this account can still write to the disk that holds a folder."""
    return shutil.disk_usage(folder).free


def check_room(evidence: Path, largest: int, free: Free) -> None:
    """Check that an answer of this size finds room, with a reserve for what the case itself writes.

    Raises:
        NoRoomError: It does not; names the disk.
    """
    kept = next(folder for folder in (evidence, *evidence.absolute().parents) if folder.exists())
    spool = Path(gettempdir())
    needs = {kept: _EVIDENCE * largest, spool: _SPOOLED * largest}
    if kept.stat().st_dev == spool.stat().st_dev:
        needs = {kept: (_EVIDENCE + _SPOOLED) * largest}
    for folder, need in needs.items():
        left = free(folder)
        if left < need + RESERVE:
            raise NoRoomError(
                f"There are {_mebibytes(left)} left on the disk that holds {folder}, and the largest answer allowed "
                f"({_mebibytes(largest)}) needs {_mebibytes(need + RESERVE)} there. Nothing was asked, and what was "
                "collected stays. Make room and go on; or name a smaller body_limit or media_limit in the network "
                "settings, and longer answers are cut and marked so."
            )


def _mebibytes(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MiB"
