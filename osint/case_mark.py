"""What marks a folder as a case: ``case.json`` with its format, a name for its keys, and the name of its ledger."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.ledger_file import is_made
from osint.errors import CaseError, PurposeLimitError
from osint.store.durable import make_folder, sync, sync_folder

FORMAT = 2
_READ = (1, FORMAT)
_MARK = "case.json"
INVESTIGATION, BACKGROUND = "investigation", "background_check"
_NAMED = {INVESTIGATION: "an investigation", BACKGROUND: "a background check"}


def store_of(folder: Path) -> str:
    """Return what the store in a folder is for; empty where there is none, or its mark cannot be read."""
    try:
        return str(read_mark(folder).get("store", INVESTIGATION))
    except CaseError:
        return ""


def check_store(folder: Path, store: str) -> None:
    """Check that a folder is not a store for the other purpose.

    Raises:
        PurposeLimitError: It is.
    """
    if store_of(folder) not in ("", store):
        raise PurposeLimitError(
            f"{folder} is the store of {_NAMED[store_of(folder)]}, and this is {_NAMED[store]}: they share neither a "
            "store nor keys nor items (General Order XLV, IV.B.5-9). Nothing was opened."
        )


def stores_above(path: Path) -> list[str]:
    """Return what the stores are for in which a file lies."""
    return [store for store in map(store_of, path.resolve().parents) if store]


def prepare(folder: Path, store: str = INVESTIGATION) -> dict[str, Any]:
    """Make sure that the folder is a case, and return its mark.

    Raises:
        CaseError: It holds something else, a case of a newer release or a damaged mark, or cannot be written.
        PurposeLimitError: It is a store for the other purpose.
    """
    try:
        if (folder / _MARK).is_file():
            check_store(folder, store)
            return _check_format(folder, read_mark(folder))
        begun = list(folder.glob(f"{_MARK}.{'[0-9a-f]' * 8}"))  # what a kill left while a case was made here
        if folder.exists() and len(list(folder.iterdir())) > len(begun):
            raise CaseError(
                f"{folder} is not empty and holds no case. Nothing was written; choose a new folder for the case."
            )
        make_folder(folder)
        for path in begun:
            path.unlink()
    except OSError as error:
        raise _unusable(folder, error) from error
    purpose = {} if store == INVESTIGATION else {"store": store}
    return _write(folder, {"format": FORMAT, "id": os.urandom(8).hex(), **purpose})


def read_mark(folder: Path) -> dict[str, Any]:
    """Return the mark of a case.

    Raises:
        CaseError: It is damaged or cannot be read.
    """
    try:
        mark = json.loads((folder / _MARK).read_text(encoding="utf-8"))
        return mark if isinstance(mark, dict) else {}
    except OSError as error:
        raise _unusable(folder, error) from error
    except ValueError as error:
        raise CaseError(
            f"{folder / _MARK} is damaged. Ledger and evidence are not affected: put the file back from a copy."
        ) from error


def lacks_ledger(folder: Path, path: Path, mark: Mapping[str, Any]) -> bool:
    """Return whether the ledger is still to be made; a ledger that was lost or exchanged is an error.

    The mark names the ledger as soon as there is one, so that a crash between the two leaves a case that opens.

    Raises:
        CaseError: The ledger is of another case, there is none beside evidence, or the folder cannot be read.
    """
    if is_made(path):
        with Ledger.read(path) as found:
            if mark.get("ledger", found.origin) not in [name for _, name in found.names()]:
                raise CaseError(
                    f"{path} is the ledger of another case: it names itself {found.origin}, and this case was made "
                    f"with {mark['ledger']}. Nothing was changed; put this case's own ledger back from a copy."
                )
        return False
    if "ledger" in mark or _has_evidence(folder):
        raise CaseError(
            f"The ledger of this case is not there: {path}. Without it nothing shows where the evidence came from, and "
            "a new ledger would vouch for none of it. Nothing was changed; put ledger.sqlite back from a copy of the "
            "case, and compare it with the newest checkpoint that was kept elsewhere."
        )
    return True


def name_ledger(folder: Path, mark: Mapping[str, Any], origin: str) -> None:
    """Have the mark name the ledger of the case, and the format that it now has.

    Raises:
        CaseError: It cannot be written.
    """
    named = {**mark, "format": FORMAT, "ledger": origin}
    if named != mark:
        _write(folder, named)


def _has_evidence(folder: Path) -> bool:
    try:
        return any(each.is_file() for each in (folder / "evidence").rglob("*"))
    except OSError as error:
        raise _unusable(folder, error) from error


def _write(folder: Path, mark: dict[str, Any]) -> dict[str, Any]:
    part = folder / f"{_MARK}.{os.urandom(4).hex()}"
    try:
        with part.open("wb") as stream:
            stream.write(f"{json.dumps(mark)}\n".encode())
            stream.flush()
            sync(stream.fileno())
        part.replace(folder / _MARK)
        sync_folder(folder)
    except OSError as error:
        raise _unusable(folder, error) from error
    return mark


def _unusable(folder: Path, error: OSError) -> CaseError:
    return CaseError(
        f"The case folder {folder} cannot be read or written ({error.strerror}). Nothing was collected. Choose a "
        "folder on a local disk that you may write to, or free some space."
    )


def _check_format(folder: Path, mark: dict[str, Any]) -> dict[str, Any]:
    if mark.get("format") not in _READ:
        raise CaseError(
            f"The case in {folder} has format {mark.get('format')}, and this release reads format {FORMAT}. "
            "Nothing was changed; open it with the release that made it, or a newer one."
        )
    return mark
