"""The working tables, emptied so that nothing of what was in them is left in their file."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import apsw

from osint.errors import CaseError
from osint.store.durable import destroy_file

TABLES = "working/tables.sqlite"
"""The file of the working tables, below the case folder."""

_PATIENCE_MS = 10_000


def empty_tables(folder: Path) -> None:
    """Drop every working table of a case folder and make it again, empty, leaving neither free pages nor a log.

    Raises:
        CaseError: Another program is using them.
    """
    path = folder / TABLES
    if not path.is_file():
        return
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as database:
            database.set_busy_timeout(_PATIENCE_MS)
            database.pragma("secure_delete", True)
            database.pragma("temp_store", "memory")
            with database:
                _drop_all(database)
            database.execute("VACUUM")
            busy = next(database.execute("PRAGMA wal_checkpoint(TRUNCATE)"))[0]
    except (apsw.NotADBError, apsw.CorruptError):  # damaged; all in it is derived
        for suffix in ("", "-wal", "-shm"):
            destroy_file(path.with_name(path.name + suffix))
        return
    except apsw.Error as error:
        raise CaseError(f"The working tables in {path} could not be emptied ({error}).") from error
    if busy:
        raise CaseError(f"Another program is reading the working tables in {path}; close it.")


def _drop_all(database: apsw.Connection) -> None:
    shadows = {name for _, name, kind, *_ in database.execute("PRAGMA main.table_list") if kind == "shadow"}
    made = database.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    own = [(kind, str(name), str(sql)) for kind, name, sql in made if name not in shadows]
    for name in [name for kind, name, _ in own if kind == "table"]:
        quoted = name.replace('"', '""')
        database.execute(f'DROP TABLE "{quoted}"')
    for _, _, sql in own:
        database.execute(sql)
