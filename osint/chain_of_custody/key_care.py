"""Looking after private keys: what ``osint key`` does.

Unlocking them for a working session, locking them again, encrypting what earlier releases left open, changing the
passphrase, and keeping it in the desktop's own key store.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from osint.chain_of_custody import key_files, pkcs11, ssh_agent, sshsig, unlocking
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.key_files import KeyPlaces, explained
from osint.chain_of_custody.secret import Secret
from osint.chain_of_custody.ssh_agent import Agent
from osint.chain_of_custody.unlocking import Unlock, new_passphrase, session_passphrase
from osint.errors import LedgerError

_LONGEST_SESSION_S = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class KeptKey:
    """One key of a key folder, as :func:`list_keys` finds it.

    Attributes:
        name: ``actor``, ``log-<id>`` …
        keyid: Its fingerprint as ledgers carry it; None when only the token knows it.
        algorithm: ``ed25519`` or ``sshsig``.
        where: ``file``, ``agent`` or ``pkcs11``.
        encrypted: Whether nobody can take the private key by copying a file. Not so: :func:`protect` it.
        in_agent: Whether a running ssh-agent holds it now.
    """

    name: str
    keyid: str | None
    algorithm: str
    where: str
    encrypted: bool
    in_agent: bool


def unlock(folder: Path, lifetime_s: int = 8 * 3600, passphrase: Unlock = session_passphrase) -> list[str]:
    """Hand the private key files of a folder to the running ssh-agent for a working session.

    Until then every program of this user opens cases without a question. An agent that is forwarded to another machine
    lends these keys to whoever rules that machine: do not forward it.

    Args:
        folder: The key folder.
        lifetime_s: After so many seconds the agent forgets them; a day at most.
        passphrase: Asked for the passphrase of each key that this process has not opened yet.

    Returns:
        The names of the keys that the agent now holds.

    Raises:
        LedgerError: No agent runs, it takes no key with a time limit (that of Windows), or a key cannot be unlocked.
    """
    if not 1 <= lifetime_s <= _LONGEST_SESSION_S:
        raise LedgerError("A working session lasts from a second to a day; the keys were not handed to the agent.")
    agent = _running_agent()
    names = []
    for path in _files(folder):
        with explained(path):
            key = unlocking.open_file(key_files.read(path), passphrase)
        agent.add(
            Secret(key.private_bytes_raw()), key.public_key().public_bytes_raw(), f"osint {path.stem}", lifetime_s
        )
        names.append(path.stem)
    return names


def lock(folder: Path) -> list[str]:
    """Have the running ssh-agent forget the keys of a folder, and this process forget every key and passphrase.

    Returns:
        The names of the keys that the agent held.

    Raises:
        LedgerError: The agent does not answer; it may still hold the keys.
    """
    unlocking.forget_all()
    pkcs11.log_out()
    agent = ssh_agent.running()
    if agent is None:
        return []
    names = []
    for path in _files(folder):
        with explained(path):
            blob = sshsig.plain_blob(key_files.look(path).public)
        if agent.holds(blob):
            agent.remove(blob)
            names.append(path.stem)
    return names


def list_keys(folder: Path) -> list[KeptKey]:
    """Return the keys of a folder, by name; nothing is decrypted and nobody is asked.

    Raises:
        LedgerError: A file is damaged, or others may read it.
    """
    agent = ssh_agent.running()
    held = ssh_agent.held_by(agent) if agent else set()
    kinds = (".key", ".pub", ".pkcs11", ".pem")
    names = {path.stem for path in folder.glob("*") if path.suffix in kinds and key_files.may_name(path.stem)}
    with explained(folder):
        return [_listed(KeyPlaces(folder, name), held) for name in sorted(names)]


def protect(folder: Path, unlock: Unlock = session_passphrase) -> list[str]:
    """Encrypt the keys of a folder that lie open: ``.pem`` files of earlier releases, ``.key`` without a passphrase.

    The open file is overwritten and removed only after the encrypted one was read back. Interrupted anywhere, this can
    be done again. Copies that a backup or the disk itself may have kept stay open: where that matters, rotate the key.

    Returns:
        The names of the keys that were encrypted.

    Raises:
        LedgerError: A key cannot be read or written, others may read it, or the passphrase is refused. What lay open
            and was not encrypted yet is as it was.
    """
    names = []
    for old in sorted(folder.glob("*.pem")):
        places = KeyPlaces(folder, old.stem)
        with explained(old):
            if key_files.is_destroyed(old) and key_files.read(places.private):
                key_files.destroy(old)
                continue
            public = key_files.read_unencrypted(old).public_key().public_bytes_raw()
            key_files.retire(old, places.private, Secret(unlock(str(places.private))))
            places.write_public(public)
        names.append(old.stem)
    for path in _files(folder):
        with explained(path):
            if not key_files.look(path).encrypted:
                key = key_files.read_unencrypted(path)
                key_files.replace(path, key, Secret(unlock(str(path))))
                names.append(path.stem)
    return sorted(names)


def change_passphrase(
    folder: Path, name: str | None = None, old: Unlock = session_passphrase, new: Unlock = new_passphrase
) -> list[str]:
    """Encrypt the private key files of a folder anew; each is replaced as a whole, after it was read back.

    Args:
        folder: The key folder.
        name: The one key to change; None changes all, so that one passphrase opens them.
        old: Gives the passphrase that opens each file now.
        new: Gives the passphrase from now on; asked once.

    Returns:
        The names of the keys that were changed.

    Raises:
        LedgerError: A key cannot be opened or written, or the new passphrase is refused. A key that is not among those
            returned keeps its passphrase; do it again.
    """
    paths = _files(folder) if name is None else [KeyPlaces(folder, name).private]
    opened = []
    for path in paths:
        with explained(path):
            opened.append((path, unlocking.open_file(key_files.read(path), old)))
    if not opened:
        raise LedgerError(f"{folder} holds no private key file; no passphrase was changed.")
    passphrase = Secret(new(str(opened[0][0])))
    for path, key in opened:
        with explained(path):
            key_files.replace(path, key, passphrase)
    if name is None:
        unlocking.use_passphrase(folder, passphrase)
    return [path.stem for path, _ in opened]


def remember(folder: Path, passphrase: Unlock = session_passphrase) -> None:
    """Keep the passphrase of a folder's keys in the desktop's own key store (extra ``osint[keyring]``).

    Raises:
        LedgerError: There is no such store, it keeps nothing secret, or the passphrase does not open every key.
    """
    files = [key_files.read(path) for path in _files(folder)]
    if not files:
        raise LedgerError(f"{folder} holds no private key file, so there is no passphrase to keep.")
    found = Secret(passphrase(str(files[0].path)))
    for file in files:
        if key_files.decrypt(file, found) is None:
            raise LedgerError(
                f"This passphrase does not open {file.path}. Nothing was stored; give all keys one passphrase: "
                "osint key passphrase"
            )
    unlocking.store(folder, found)


def forget(folder: Path) -> bool:
    """Take the passphrase of a folder's keys out of the desktop's key store; return whether one was there.

    Raises:
        LedgerError: There is no key store, or it does not answer.
    """
    return unlocking.unstore(folder)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.key"))


def _listed(places: KeyPlaces, held: Collection[bytes]) -> KeptKey:
    public, where, encrypted = places.read_public(), "agent", True
    if places.old.exists() or places.private.exists():
        where = "file"
        encrypted = not places.old.exists() and key_files.look(places.private).encrypted
        raw = key_files.look(places.private).public if encrypted else _lying_open(places)
        public = sshsig.read_key(sshsig.plain_blob(raw))
    elif places.address.exists():
        where = "pkcs11"
    algorithm = "sshsig" if where == "agent" else "ed25519"
    carried = None if public is None else public.blob if algorithm == "sshsig" else public.raw
    return KeptKey(
        name=places.name,
        keyid=None if carried is None else sha256(carried),
        algorithm=algorithm,
        where=where,
        encrypted=encrypted,
        in_agent=public is not None and public.blob in held,
    )


def _lying_open(places: KeyPlaces) -> bytes:
    lying = places.old if places.old.exists() else places.private
    return key_files.read_unencrypted(lying).public_key().public_bytes_raw()


def _running_agent() -> Agent:
    agent = ssh_agent.running()
    if agent is None:
        raise LedgerError(
            'No ssh-agent runs in this session (SSH_AUTH_SOCK is not set). Start one with: eval "$(ssh-agent)"'
        )
    return agent
