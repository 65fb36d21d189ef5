"""When each host may be asked again: one answer for all processes of a user, so that two notebooks keep one pace.

It is kept outside any case, and no longer than the wait lasts. Hosts stand in it as hashes; that is to keep the names
out of sight, not a secret.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock

import apsw
import platformdirs

from osint.instants import parse_instant
from osint.settings import setting

_BUSY_MS = 10_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (host TEXT PRIMARY KEY, next REAL NOT NULL, put_off REAL NOT NULL)
STRICT, WITHOUT ROWID
"""
_FORGET = "DELETE FROM turns WHERE max(next, put_off) <= ?1 OR max(next, put_off) > ?1 + ?2"
_RESERVE = """
INSERT INTO turns VALUES (?1, ?2 + ?3, 0)
ON CONFLICT (host) DO UPDATE SET next = max(next, put_off, ?2) + ?3
"""
_POSTPONE = "INSERT INTO turns VALUES (?1, 0, ?2) ON CONFLICT (host) DO UPDATE SET put_off = max(put_off, ?2)"
_RELEASE = "UPDATE turns SET put_off = 0 WHERE host = ?1 AND put_off <= ?2"
_LEFT = ("X-RateLimit-Remaining", "X-Rate-Limit-Remaining", "RateLimit-Remaining")
_RESET = ("X-RateLimit-Reset", "X-Rate-Limit-Reset", "RateLimit-Reset")
_LONGEST_RESET = 40
_DELTA = 10_000_000  # a smaller number of seconds counts from now, a larger one from 1970
_LONGEST = 86_400.0  # no answer of a host puts it off for more than a day


class Pacer:
    """The turns at each host, in one file; where that cannot be used, of this process alone."""

    def __init__(self, file: Path | None, clock: Callable[[], float] = time.time) -> None:
        """Keep the turns in a file; None keeps them in memory.

        Args:
            file: The file; it and its folder are made.
            clock: Tells seconds since 1970.
        """
        self._clock = clock
        self._lock = Lock()
        self._connection = _opened(file)

    @property
    def shared(self) -> bool:
        """Whether other processes of this user keep the same turns."""
        return bool(self._connection.filename)

    def turn(self, host: str, pace: float) -> float:
        """Take the next turn at a host, ``pace`` seconds behind the one before; return the seconds until it comes."""
        with self._changing() as connection:
            present = self._clock()
            connection.execute(_FORGET, (present, _LONGEST + pace))
            at = max(self._at(connection, host))
            if pace:
                connection.execute(_RESERVE, (_hashed(host), present, pace))
        return max(0.0, at - present)

    def put_off_for(self, host: str) -> float:
        """Return the seconds for which a host still asked to be left alone."""
        with self._changing() as connection:
            present = self._clock()
            connection.execute(_FORGET, (present, _LONGEST))
            return max(0.0, self._at(connection, host)[1] - present)

    def postpone(self, host: str, seconds: float) -> float:
        """Put a host off, as it asked, a day at most; return until when."""
        until = self._clock() + min(seconds, _LONGEST)
        with self._changing() as connection:
            connection.execute(_POSTPONE, (_hashed(host), until))
        return until

    @contextmanager
    def waiting(self, host: str, seconds: float) -> Iterator[None]:
        """Put a host off for all processes while this one waits; behind that its turn has come."""
        until = self.postpone(host, seconds)
        yield
        with self._changing() as connection:
            connection.execute(_RELEASE, (_hashed(host), until))

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def _changing(self) -> Iterator[apsw.Connection]:
        """Change the turns in one step; a file that does not let us costs the sharing, not the pace."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except apsw.Error:
                self._connection = _opened(None)
                self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            finally:
                self._connection.execute("COMMIT")

    @staticmethod
    def _at(connection: apsw.Connection, host: str) -> tuple[float, float]:
        """Return when the next turn at a host comes, and until when it asked to be left alone."""
        found = connection.execute("SELECT next, put_off FROM turns WHERE host = ?", (_hashed(host),)).fetchone()
        return (float(found[0]), float(found[1])) if found else (0.0, 0.0)


def seconds_until_reset(headers: Mapping[str, str], present: datetime) -> float | None:
    """Return how long to leave a host alone that says that nothing is left to be asked; None when it does not say so.

    Args:
        headers: Header lines by their names in lower case.
        present: Now; resets are told as an instant (Mastodon), as seconds since 1970 (most), or from now (the draft
            RateLimit headers of the IETF).
    """
    left = next((headers[name.casefold()] for name in _LEFT if name.casefold() in headers), "")
    reset = next((headers[name.casefold()] for name in _RESET if name.casefold() in headers), "").strip()
    if left.strip() != "0" or not reset or len(reset) > _LONGEST_RESET:
        return None
    try:
        if reset.isascii() and reset.isdecimal():
            number = float(reset)
            return number if number < _DELTA else max(0.0, number - present.timestamp())
        return max(0.0, (parse_instant(reset) - present).total_seconds())
    except (ValueError, OverflowError):
        return None


def pace_file() -> Path:
    """Return where the turns of this user are kept: in ``OSINT_STATE``, or in the platform's folder for such things."""
    named = setting("OSINT_STATE")
    folder = Path(named) if named else platformdirs.user_state_path("osint", appauthor=False)
    return folder / "pace.sqlite"


def _hashed(host: str) -> str:
    return hashlib.sha256(host.casefold().encode()).hexdigest()


def _opened(file: Path | None) -> apsw.Connection:
    if file is not None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            return _prepared(apsw.Connection(str(file)))
        except (OSError, apsw.Error):
            pass  # a file that cannot be used costs the sharing, not the pace
    return _prepared(apsw.Connection(""))


def _prepared(connection: apsw.Connection) -> apsw.Connection:
    connection.set_busy_timeout(_BUSY_MS)
    try:
        connection.execute(_SCHEMA)
    except apsw.Error:
        with closing(connection):
            raise
    return connection
