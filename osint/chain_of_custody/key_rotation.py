"""Replacing an officer's key: a new one is made once, and each case goes over to it when it is next opened.

The old key stays in the folder as ``actor-previous`` until every case has been opened with both: the entry that
replaces it in a ledger is signed by the old and the new one.
"""

from __future__ import annotations

from pathlib import Path

from osint.chain_of_custody.key_files import explained
from osint.chain_of_custody.keys import Signer, load_or_create
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.unlocking import Unlock, session_passphrase
from osint.errors import LedgerError
from osint.store.durable import sync_folder

_NOW, _BEFORE = "actor", "actor-previous"
_SUFFIXES = (".pub", ".key")  # the private half last: without it, the public one would name a key in an agent


def replace_actor_key(folder: Path, unlock: Unlock = session_passphrase) -> Signer:
    """Put the officer's key aside and make a new one.

    Args:
        folder: The key folder.
        unlock: Gives the passphrase of the new key.

    Raises:
        LedgerError: There is no key file to replace, the one before is still kept, or the folder cannot be written.
    """
    if not (folder / f"{_NOW}.key").is_file():
        raise LedgerError(
            f"{folder} holds no key file of an officer to replace. A key in an agent or a smart card is replaced "
            "there; a case then learns the new one when a custodian vouches for it."
        )
    if (folder / f"{_BEFORE}.key").exists():
        raise LedgerError(
            f"{folder} still holds the key before ({_BEFORE}). Open every case once, so that each goes over to the "
            f"present key, and move {_BEFORE}.key to where retired keys are kept."
        )
    try:
        for suffix in _SUFFIXES:
            if (folder / f"{_NOW}{suffix}").exists():
                (folder / f"{_NOW}{suffix}").rename(folder / f"{_BEFORE}{suffix}")
        sync_folder(folder)
    except OSError as error:
        raise LedgerError(
            f"The key could not be put aside in {folder}: {error.strerror}. It is still in use."
        ) from error
    return load_or_create(folder, _NOW, unlock)


def key_before(folder: Path, ledger: Path) -> Signer | None:
    """Return the officer's key before, when a ledger still goes by it and does not know the present one."""
    path = folder / f"{_BEFORE}.key"
    with explained(path):
        if not path.is_file():
            return None
    before, present = load_or_create(folder, _BEFORE), load_or_create(folder, _NOW)
    with Ledger.read(ledger) as read:
        return before if read.in_force(before.keyid) and not read.in_force(present.keyid) else None
