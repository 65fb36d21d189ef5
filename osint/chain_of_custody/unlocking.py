"""Where a passphrase comes from, so that an officer types it once per working session.

An :data:`Unlock` is asked for the passphrase of one private key file. The usual one, :func:`session_passphrase`, tries
what opened a key of the same folder before, the file that ``OSINT_PASSPHRASE_FILE`` names, the desktop's own key store,
and then asks the person. What opened a key stays in the memory of this process until it ends or :func:`forget_all`,
because a new case needs a new log key under the same passphrase.
"""

from __future__ import annotations

import getpass
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osint.chain_of_custody import key_files
from osint.chain_of_custody.key_files import KeyFile
from osint.chain_of_custody.secret import Secret
from osint.errors import LedgerError
from osint.settings import setting

Unlock = Callable[[str], bytes]
"""Returns the passphrase for the private key file of that path (or the PIN of the token that a ``.pkcs11`` names)."""

_ATTEMPTS = 3
_LONGEST_PASSPHRASE = 4096
_SERVICE = "osint keys"

_lock = threading.RLock()
_opened: dict[str, tuple[Ed25519PrivateKey, Secret]] = {}  # key and what opened it, by SHA-256 of the encrypted file
_known: dict[Path, Secret] = {}  # what opened a key, by key folder


class _Way(NamedTuple):
    """One way to come by a passphrase: how a person would use it, and what it gives; None with the reason why not."""

    how: str
    passphrase: Secret | None
    reason: str = ""


def session_passphrase(key: str) -> bytes:
    """Return the passphrase of a private key file, asking the person only when nothing else knows it.

    For a file that is not there yet it is the passphrase to encrypt it with. Only one that opens the file is returned.

    Args:
        key: Path of the file, ``<name>.key``; or ``<name>.pkcs11``, for which the person is asked for the PIN, once.

    Raises:
        LedgerError: No way gives a passphrase that fits; every way is named with what is wrong with it.
    """
    path = Path(key)
    with _lock:
        if path.suffix == ".pkcs11":
            return _ask_pin(path)
        is_there = path.exists() and key_files.look(path).encrypted
        return _for_existing(key_files.read(path)) if is_there else _for_new(path)


def new_passphrase(key: str) -> bytes:
    """Ask the person for a new passphrase, twice.

    Raises:
        LedgerError: There is nobody to ask, or the two differ three times.
    """
    if not _somebody_is_there():
        raise LedgerError(
            "A new passphrase has to be typed, in a terminal or a notebook, or handed over in a file. Nothing changed."
        )
    return _ask_new(Path(key))


def passphrase_from(file: Path) -> Unlock:
    """Return an Unlock that reads the passphrase from the first line of a file, which its owner alone may read."""

    def unlock(key: str) -> bytes:  # noqa: ARG001 - one passphrase for every key
        return _read_file(file)

    return unlock


def use_passphrase(folder: Path, passphrase: bytes) -> None:
    """Let :func:`session_passphrase` use a passphrase for the keys of a folder, until this process ends."""
    with _lock:
        _known[folder.resolve()] = Secret(passphrase)


def open_file(file: KeyFile, unlock: Unlock) -> Ed25519PrivateKey:
    """Return the private key in a file; one that this process opened before is not asked for again.

    Raises:
        LedgerError: The passphrase is wrong or cannot be had.
    """
    with _lock:
        if opened := opened_before(file):
            return opened
        passphrase = Secret(unlock(str(file.path)))
        key = opened_before(file) or _try(file, passphrase)
    if key is None:
        raise LedgerError(f"The passphrase does not open {file.path}. Nothing was signed.")
    return key


def opened_before(file: KeyFile) -> Ed25519PrivateKey | None:
    """Return the private key in a file if this process has opened a file of the same bytes."""
    opened = _opened.get(file.digest)
    return opened[0] if opened else None


def note_opened(file: KeyFile, key: Ed25519PrivateKey, passphrase: bytes) -> None:
    """Keep an opened key, and the passphrase that opens it, for the rest of the session."""
    with _lock:
        _opened[file.digest] = key, Secret(passphrase)
        use_passphrase(file.path.parent, passphrase)


def is_known(folder: Path) -> bool:
    """Say whether a passphrase for the keys of a folder is to be had without asking anybody."""
    with _lock:
        return any(way.passphrase is not None for way in _ways(folder))


def forget_all() -> None:
    """Forget every passphrase and every opened key in this process. A case that is open keeps the keys it was given."""
    with _lock:
        _known.clear()
        _opened.clear()


# -- the desktop's key store -------------------------------------------------------------------------------------------


def store(folder: Path, passphrase: bytes) -> None:
    """Keep the passphrase of a folder's keys in the desktop's own key store.

    Raises:
        LedgerError: There is no key store, it would keep the passphrase readable, or it did not keep it.
    """
    keyring = _keyring()
    kept_in = keyring.get_keyring()
    backend = next(iter(getattr(kept_in, "backends", ())), kept_in)
    if type(backend).__module__.startswith("keyrings.alt"):
        raise LedgerError(
            f"The key store here ({type(backend).__name__}) keeps passphrases in a file that anyone can read. "
            "Nothing was stored; use ssh-agent instead: osint key unlock."
        )
    refusal, kept = "", None
    try:
        keyring.set_password(_SERVICE, _entry(folder), passphrase.decode("utf-8"))
        kept = keyring.get_password(_SERVICE, _entry(folder))
    except keyring.errors.KeyringError as error:
        refusal = type(error).__name__  # its traceback passes through the passphrase, so it ends here
    if kept is None or kept.encode("utf-8") != passphrase:
        raise LedgerError(
            f"The desktop's key store did not keep the passphrase ({refusal or 'it keeps nothing'}). Unlock the key "
            "store, or use ssh-agent instead: osint key unlock."
        )


def unstore(folder: Path) -> bool:
    """Take the passphrase of a folder's keys out of the desktop's key store; return whether one was there.

    Raises:
        LedgerError: There is no key store, or it does not answer.
    """
    keyring = _keyring()
    try:
        if keyring.get_password(_SERVICE, _entry(folder)) is None:
            return False
        keyring.delete_password(_SERVICE, _entry(folder))
    except keyring.errors.KeyringError as error:
        raise LedgerError(f"The desktop's key store does not answer ({type(error).__name__}).") from error
    return True


def _keyring() -> Any:
    try:
        import keyring
        import keyring.errors
    except ImportError as error:
        raise LedgerError("The desktop's key store needs an extra: pip install 'osint[keyring]'.") from error
    return keyring


def _entry(folder: Path) -> str:
    return str(folder.resolve())


# -- the ways in their order -------------------------------------------------------------------------------------------


def _for_existing(file: KeyFile) -> Secret:
    if opened := _opened.get(file.digest):  # these very bytes: bcrypt would take its half second to say the same
        return opened[1]
    tried = [("hand the keys to a running ssh-agent for a session: osint key unlock", "no agent holds this key")]
    for way in _ways(file.path.parent):
        if way.passphrase is None:
            tried.append((way.how, way.reason))
        elif _try(file, way.passphrase) is None:
            tried.append((way.how, "what it gives does not open the key"))
        else:
            return way.passphrase
    if _somebody_is_there():
        return _ask_existing(file)
    raise LedgerError(_no_way(f"The private key {file.path} is locked", tried))


def _for_new(path: Path) -> Secret:
    """Return the passphrase of the keys that are in the folder already, else a new one."""
    folder = path.parent
    neighbours = (key_files.look(each) for each in sorted(folder.glob("*.key")))
    if neighbour := next((each for each in neighbours if each.encrypted), None):
        return _for_existing(neighbour)
    tried = []
    for way in _ways(folder):
        if way.passphrase is not None:
            return way.passphrase
        tried.append((way.how, way.reason))
    if not _somebody_is_there():
        raise LedgerError(_no_way(f"The new private key {path} needs a passphrase", tried))
    passphrase = _ask_new(path)
    use_passphrase(folder, passphrase)
    return passphrase


def _ways(folder: Path) -> Iterator[_Way]:
    """Yield what is known without asking anybody."""
    if known := _known.get(folder.resolve()):
        yield _Way("what opened another key of this folder", known)
    yield _from_named_file()
    yield _from_key_store(folder)


def _from_named_file() -> _Way:
    named = setting("OSINT_PASSPHRASE_FILE")
    how = "put it into a file that you alone may read, and name the file in OSINT_PASSPHRASE_FILE"
    return _Way(how, _read_file(Path(named)) if named else None, "not set")


def _from_key_store(folder: Path) -> _Way:
    how = "keep it in the desktop's own key store: osint key remember"
    try:
        keyring = _keyring()
    except LedgerError:
        return _Way(how, None, "the extra osint[keyring] is not installed")
    try:
        found = keyring.get_password(_SERVICE, _entry(folder))
    except keyring.errors.KeyringError as error:
        return _Way(how, None, f"the key store does not answer: {type(error).__name__}")
    return _Way(how, None if found is None else Secret(found.encode("utf-8")), "nothing is stored")


def _no_way(what: str, tried: list[tuple[str, str]]) -> str:
    ways = [*tried, ("type it, in a terminal or a notebook", "there is nobody to ask here")]
    said = (f"  - {how} (now: {why})" for how, why in ways)
    return "\n".join([f"{what}, and nothing can be signed. Ways to give the passphrase:", *said])


def _read_file(file: Path) -> Secret:
    try:
        line = key_files.read_private(file, _LONGEST_PASSPHRASE).partition(b"\n")[0].removesuffix(b"\r")
    except OSError as error:
        raise LedgerError(
            f"The passphrase file {file} cannot be read: {error.strerror}. Nothing was signed."
        ) from error
    if not line:
        raise LedgerError(f"The first line of the passphrase file {file} is empty. An empty passphrase is refused.")
    return Secret(line)


# -- asking ------------------------------------------------------------------------------------------------------------


def _somebody_is_there() -> bool:
    """Return whether a person can type here: at a terminal, or into a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel") or (sys.stdin is not None and sys.stdin.isatty())


def _ask(prompt: str) -> Secret:
    try:
        return Secret(getpass.getpass(prompt).encode("utf-8"))
    except (EOFError, NotImplementedError) as error:  # a notebook that runs by itself has nobody to ask
        raise LedgerError(
            "Nobody answered the question for a passphrase, and nothing was signed. Where nobody can type, name a file "
            "in OSINT_PASSPHRASE_FILE, or hand the keys to an ssh-agent before: osint key unlock."
        ) from error


def _ask_existing(file: KeyFile) -> Secret:
    prompt = question = f"Passphrase of the signing keys in {file.path.parent} ({file.path.stem}): "
    for _ in range(_ATTEMPTS):
        passphrase = _ask(prompt)
        if _try(file, passphrase) is not None:
            return passphrase
        prompt = f"That does not open it. {question}"
    raise LedgerError(
        f"None of {_ATTEMPTS} passphrases opens {file.path}. Nothing was signed. A forgotten passphrase cannot be "
        "recovered: restore the key from a copy whose passphrase is known, or have a custodian introduce a new key."
    )


def _ask_new(path: Path) -> Secret:
    prompt = question = f"New passphrase for the signing keys in {path.parent} ({path.stem}), at least 8 characters: "
    for _ in range(_ATTEMPTS):
        passphrase = _ask(prompt)
        if not key_files.can_be_new(passphrase):
            prompt = f"That is too short. {question}"
        elif passphrase != _ask("The same again: "):
            prompt = f"The two differ. {question}"
        else:
            return passphrase
    raise LedgerError(f"No new passphrase came out of {_ATTEMPTS} attempts. No key was written.")


def _ask_pin(path: Path) -> Secret:
    """Ask for a PIN, once: a token locks itself after a few wrong ones."""
    if not _somebody_is_there():
        raise LedgerError(
            f"The token that {path} names needs its PIN, and there is nobody to ask here. Name a file that holds it in "
            "the address: ?pin-source=file:/…"
        )
    return _ask(f"PIN of the token that holds the signing key named by {path}: ")


def _try(file: KeyFile, passphrase: bytes) -> Ed25519PrivateKey | None:
    key = key_files.decrypt(file, passphrase)
    if key is not None:
        note_opened(file, key, passphrase)
    return key
