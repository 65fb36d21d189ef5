"""The digests of evidence before it was read, and what is no longer so afterwards.

before = digests(files)
outcomes = list(run_many(reader, [(str(file),) for file in files]))
findings = changes(before)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path


def digests(files: Iterable[Path]) -> dict[Path, str]:
    """Return the SHA-256 of each file, hex.

    Raises:
        OSError: A file cannot be read.
    """
    return {file: _sha256(file) for file in files}


def changes(before: Mapping[Path, str]) -> dict[Path, str]:
    """Return a finding, in a sentence, for each file whose digest is no longer the one it had."""
    findings = {}
    for file, digest in before.items():
        try:
            now = _sha256(file)
        except OSError as error:
            findings[file] = (
                f"The file cannot be read any more after it was examined ({error.strerror}); its SHA-256 was {digest}. "
                "What was read from it cannot be repeated on this copy."
            )
            continue
        if now != digest:
            findings[file] = (
                f"The file changed while it was examined: its SHA-256 was {digest} and is {now}. "
                "What was read from it may be of either; examine a copy with the first digest."
            )
    return findings


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
