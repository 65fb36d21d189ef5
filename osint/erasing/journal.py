"""What an erasure has still to do, kept in the case folder until it is done: ``erasing-….json``.

The ledger must not say which text is looked for, and the files that hold it have to be known after a kill too. The note
is on the disk before the order is in the ledger, and is destroyed like the rest when everything else is gone.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from osint.errors import CaseError
from osint.store.durable import destroy_file, sync, sync_folder

_NAMES = "erasing-*.json"


@dataclass(frozen=True, kw_only=True)
class Intent:
    """What one erasure has still to do.

    Attributes:
        path: Where this is noted.
        orders: Identifiers of the entries that order it.
        texts: What is looked for.
        files: Files to destroy, relative to the case folder.
        writer: Number and start, in seconds since 1970, of the process that noted it.
    """

    path: Path
    orders: tuple[str, ...]
    texts: tuple[str, ...] = field(repr=False)
    files: tuple[str, ...]
    writer: tuple[int, float]

    @property
    def is_being_written(self) -> bool:
        """Whether another process is at it now, so that its order may come any moment."""
        import psutil

        number, started = self.writer
        return number != os.getpid() and psutil.pid_exists(number) and _started(number) == started

    def done(self) -> None:
        """Destroy the note.

        Raises:
            EvidenceError: The disk refuses.
        """
        destroy_file(self.path)


def note(folder: Path, orders: Collection[str], texts: Collection[str], files: Collection[str]) -> Intent:
    """Note what is to be done, safely on the disk.

    Raises:
        CaseError: It cannot be written; nothing was ordered and nothing destroyed.
    """
    path = folder / f"erasing-{secrets.token_hex(8)}.json"
    writer = os.getpid(), _started(os.getpid())
    intent = Intent(path=path, orders=tuple(orders), texts=tuple(texts), files=tuple(files), writer=writer)
    plain = {name: value for name, value in asdict(intent).items() if name != "path"}
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
            stream.write(json.dumps(plain).encode("ascii") + b"\n")
            stream.flush()
            sync(stream.fileno())
        sync_folder(folder)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise CaseError(
            f"The erasure could not be noted in {folder} ({error.strerror}). Nothing was ordered and nothing was "
            "destroyed; make room or see who may write there, and repeat the step."
        ) from error
    return intent


def notes(folder: Path) -> Iterator[Intent]:
    """Yield what was noted and not done. A note that broke off while it was written ordered nothing, and is destroyed.

    Raises:
        CaseError: A note cannot be read, or names what is not below the case folder.
    """
    try:
        found = sorted(folder.glob(_NAMES))
    except OSError as error:
        raise CaseError(
            f"{folder} cannot be looked through for erasures that were cut off ({error.strerror}). Nothing was "
            "destroyed; see to the disk, and open the case again."
        ) from error
    for path in found:
        try:
            data = path.read_bytes()
            if not data.endswith(b"\n"):
                destroy_file(path)
                continue
            plain = json.loads(data)
            lists = {name: tuple(map(str, plain[name])) for name in ("orders", "texts", "files")}
            number, started = plain["writer"]
            intent = Intent(path=path, writer=(int(number), float(started)), **lists)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise _unreadable(path) from error
        if not all(_is_below(folder, folder / name) for name in intent.files):
            raise _unreadable(path)
        yield intent


def _started(process: int) -> float:
    import psutil

    try:
        return float(psutil.Process(process).create_time())
    except psutil.Error:  # it ended at this moment, or is another user's
        return 0.0


def _is_below(folder: Path, path: Path) -> bool:
    return path.parent.resolve().is_relative_to(folder.resolve()) and path.name not in ("", "..")


def _unreadable(path: Path) -> CaseError:
    return CaseError(
        f"{path} should say what an erasure has still to do, and is damaged or was altered. Nothing was destroyed by "
        "it. Take it away, see in the custody log which erasure is the newest, and order it again."
    )
