"""Signing keys for practice: the demo and the notebooks open a case without asking anybody for a passphrase.

They are encrypted like everybody's. Their passphrase is random and lies in a file beside them, for its owner alone, so
that the practice case can be worked on later. Keys of a real case are not kept like this.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from osint.chain_of_custody.unlocking import passphrase_from, use_passphrase
from osint.errors import LedgerError


def practice_keys(kept: str | Path) -> Path:
    """Return a folder for the keys of a practice case, which this process opens from now on without a question.

    Args:
        kept: A folder apart from the case. ``passphrase.txt`` in it is made when it is not there; the keys are in its
            folder ``keys``.

    Raises:
        LedgerError: The passphrase cannot be written, or others may read it.
    """
    kept = Path(kept)
    keys, file = kept / "keys", passphrase_file(kept)
    try:
        kept.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as stream:
                stream.write(f"{secrets.token_urlsafe(24)}\n")
    except OSError as error:
        raise LedgerError(f"The practice keys cannot be made in {kept}: {error.strerror}.") from error
    use_passphrase(keys, passphrase_from(file)(str(keys)))
    return keys


def passphrase_file(kept: Path) -> Path:
    """Return where the passphrase of the practice keys lies."""
    return kept / "passphrase.txt"
