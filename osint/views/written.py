"""Writing a file that leaves the case: whole, or not at all."""

from __future__ import annotations

import contextlib
from pathlib import Path

from osint.errors import ExportError


def write_whole(path: Path, data: bytes) -> Path:
    """Write a file so that it appears whole or not at all, instead of any file of that name; returns the path.

    Raises:
        ExportError: It cannot be written; a file that was there stays as it was.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # a disk that refuses to write refuses this too
            part.unlink(missing_ok=True)
        raise ExportError(
            f"{path} could not be written ({error.strerror}). The case itself is not affected: free some space or "
            "choose a folder you may write to, and export again."
        ) from error
    return path
