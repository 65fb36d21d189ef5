"""An Ed25519 key in a smart card or hardware module, reached through its PKCS #11 module.

The key never leaves the token; the token signs the message as it is, so a ledger does not show the difference. Which
key it is stands in one line, an address of RFC 7512, in ``<name>.pkcs11`` in the key folder:

    pkcs11:token=custody;object=actor?module-path=/usr/lib/softhsm/libsofthsm2.so

``token``, ``serial``, ``object`` and ``id`` choose the key; ``module-path`` is the maker's module, ``pin-source`` a
file with the PIN, for unattended machines. A PIN in the address itself is refused. Some small tokens take a few
kilobytes at once and refuse a longer entry.

Sources: PKCS #11 3.0 (CKM_EDDSA), RFC 7512 (the address), RFC 8032 (the signature).
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn
from urllib.parse import unquote, unquote_to_bytes

from osint.chain_of_custody import key_files, sshsig
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.secret import Secret
from osint.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pkcs11
    from pkcs11.types import Session

_LONGEST = 4096
_CHOICES = {"token", "serial", "object", "id", "type"}

_logged_in: dict[tuple[Path, str], Pkcs11Signer] = {}  # by the file and what it says; one PIN for each process


class Address(NamedTuple):
    """A PKCS #11 address, taken apart; what it does not name is empty.

    Attributes:
        module: Path of the module, a shared library.
        token: Label of the token.
        serial: Serial number of the token.
        label: Label of the key.
        id: Identifier of the key.
        pin_source: File that holds the PIN.
    """

    module: str
    token: str
    serial: str
    label: str
    id: bytes
    pin_source: str


class Pkcs11Signer:
    """A key in a token, logged in to until this process ends; threads take turns, by the library's own lock."""

    algorithm = "ed25519"

    def __init__(self, name: str, public: bytes, key: Any, session: Session) -> None:
        self.name = name
        self.public = public
        self._key = key
        self._session = session
        self._process = os.getpid()
        self.works = True

    def __repr__(self) -> str:
        return f"Pkcs11Signer(name={self.name!r})"

    @cached_property
    def keyid(self) -> str:
        """The fingerprint of the public key: SHA-256 over its 32 raw bytes, 64 hex digits."""
        return sha256(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature over a message, verified.

        Raises:
            LedgerError: The token is gone, or refuses, or its signature does not hold.
        """
        import pkcs11

        if os.getpid() != self._process:
            raise LedgerError("The token was opened by another process, and cannot be shared. Open the case again.")
        try:
            signature: bytes = self._key.sign(message, mechanism=pkcs11.Mechanism.EDDSA)
        except pkcs11.PKCS11Error as error:
            self.works = False
            raise LedgerError(
                f"The token did not sign ({_said(error)}), so nothing was written. Plug it in, and open the case again."
            ) from error
        if not sshsig.ed25519_holds(self.public, signature, message):
            raise LedgerError("The token gave a signature that does not hold; nothing was written. Do not use it on.")
        return signature

    def close(self) -> None:
        """Log out of the token."""
        self.works = False
        self._session.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError("A signer does not leave the process that holds it.")


def read_address(text: str) -> Address:
    """Read a PKCS #11 address (RFC 7512).

    Raises:
        LedgerError: It is none, holds a PIN, names no module, or chooses by something that is not known here.
    """
    scheme, _, rest = text.strip().partition(":")
    path, _, query = rest.partition("?")
    chosen, options = _attributes(path, ";"), _attributes(query, "&")
    if scheme != "pkcs11":
        raise LedgerError("A PKCS #11 address begins with pkcs11: and names the token and the key.")
    if "pin-value" in options:
        raise LedgerError("A PKCS #11 address must not hold the PIN (pin-value): take it out, and change the PIN.")
    unknown = sorted((chosen.keys() - _CHOICES) | (options.keys() - {"module-path", "pin-source"}))
    if unknown:
        raise LedgerError(f"A PKCS #11 address chooses by something that is not known here: {', '.join(unknown)}.")
    if not {"object", "id"} & chosen.keys():
        raise LedgerError("A PKCS #11 address names the key: object=LABEL or id=%01.")
    if not Path(unquote(options.get("module-path", ""))).is_absolute():
        raise LedgerError("A PKCS #11 address names the module by its whole path: ?module-path=/usr/lib/….so")
    if chosen.get("type", "private") != "private":
        raise LedgerError("A PKCS #11 address of a signing key has type=private, or no type.")
    return Address(
        module=unquote(options["module-path"]),
        token=unquote(chosen.get("token", "")),
        serial=unquote(chosen.get("serial", "")),
        label=unquote(chosen.get("object", "")),
        id=unquote_to_bytes(chosen.get("id", "")),
        pin_source=unquote(options.get("pin-source", "")),
    )


def open_token(name: str, file: Path, expected: bytes | None, unlock: Callable[[str], bytes]) -> Pkcs11Signer:
    """Log in to the token that a ``.pkcs11`` file names, and return the signer whose key it holds.

    Args:
        name: Name of the signer.
        file: The file with the address; it names a program library, so nobody else may be able to write it.
        expected: The 32 raw bytes of the public key, where they are known.
        unlock: Asked for the PIN, once, by the path of the file, where the address names no ``pin-source``.

    Raises:
        LedgerError: Others may write the file, module, token or key are not there, the PIN is wrong, or the token holds
            another key than expected.
        OSError: The file cannot be read.
    """
    line = _read_line(file)
    place = (file.resolve(), line)
    signer = _logged_in.get(place)
    if signer is None or not signer.works:
        address = read_address(line)
        signer = _logged_in[place] = _logged_in_to(name, file, address, expected, _pin(file, address, unlock))
    if expected not in (None, signer.public):
        raise LedgerError(
            f"The token that {file} names holds another key than {file.with_suffix('.pub').name} says. Plug in the "
            "right one; if the key was replaced on purpose, rotate it in the ledger."
        )
    return signer


def log_out() -> None:
    """Log out of every token that this process logged in to."""
    while _logged_in:
        _logged_in.popitem()[1].close()


def _logged_in_to(name: str, file: Path, address: Address, expected: bytes | None, pin: Secret) -> Pkcs11Signer:
    try:
        import pkcs11
    except ImportError as error:
        raise LedgerError("A key in a hardware module needs an extra: pip install 'osint[pkcs11]'.") from error
    with _explained(file):
        session = _login(_token(address), pin)
        try:
            key = _find(session, pkcs11.ObjectClass.PRIVATE_KEY, address)
            return Pkcs11Signer(name, _public(session, address, expected), key, session)
        except BaseException:
            session.close()
            raise


def _attributes(text: str, separator: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(separator) if part]
    found = {name: value for name, _, value in pairs}
    if len(found) != len(pairs):
        raise LedgerError("A PKCS #11 address names the same thing twice.")
    return found


def _read_line(file: Path) -> str:
    with file.open("rb") as stream:
        if sys.platform != "win32" and os.fstat(stream.fileno()).st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise LedgerError(
                f"{file} can be written by other accounts, who could have a program of theirs run here. "
                f"Look at what it says; then run: chmod 600 '{file}'"
            )
        content = stream.read(_LONGEST + 1)
    if len(content) > _LONGEST or not content.isascii():
        raise LedgerError(f"{file} holds no PKCS #11 address.")
    return content.decode("ascii")


def _pin(file: Path, address: Address, unlock: Callable[[str], bytes]) -> Secret:
    if address.pin_source:
        source = Path(address.pin_source.removeprefix("file:"))
        pin = Secret(key_files.read_private(source, _LONGEST).partition(b"\n")[0].removesuffix(b"\r"))
    else:
        pin = Secret(unlock(str(file)))
    if not pin:
        raise LedgerError(f"No PIN was given for the token that {file} names. It was not tried.")
    return pin


def _token(address: Address) -> pkcs11.Token:
    import pkcs11

    chosen = {"token_label": address.token or None, "token_serial": address.serial.encode() or None}
    token: pkcs11.Token = pkcs11.lib(address.module).get_token(**chosen)
    return token


def _login(token: pkcs11.Token, pin: Secret) -> Session:
    import pkcs11

    try:
        return token.open(user_pin=pin.decode("utf-8", "replace"))
    except pkcs11.UserAlreadyLoggedIn:  # by another key of the same token; a login counts for the whole process
        return token.open()


def _find(session: Session, half: pkcs11.ObjectClass, address: Address) -> pkcs11.Key:
    import pkcs11

    return session.get_key(half, pkcs11.KeyType.EC_EDWARDS, label=address.label or None, id=address.id or None)


def _public(session: Session, address: Address, expected: bytes | None) -> bytes:
    """Return the 32 raw bytes of the public key; some tokens keep no public half, so what is known may serve."""
    import pkcs11

    try:
        half = _find(session, pkcs11.ObjectClass.PUBLIC_KEY, address)
    except pkcs11.NoSuchKey:
        if expected is None:
            raise
        return expected
    point = bytes(half[pkcs11.Attribute.EC_POINT])
    raw = point[2:] if len(point) == 34 and point[:2] == b"\x04\x20" else point  # wrapped in DER, or as it is
    if len(raw) != 32:
        raise LedgerError("The token holds a key on another curve than Ed25519.")
    return raw


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    import pkcs11

    try:
        yield
    except (pkcs11.PinIncorrect, pkcs11.PinLenRange, pkcs11.PinLocked) as error:
        raise LedgerError(
            f"The token that {file} names does not accept the PIN ({_said(error)}). It was tried once; after a few "
            "wrong ones a token locks itself for good."
        ) from error
    except pkcs11.PKCS11Error as error:
        raise LedgerError(
            f"The key that {file} names cannot be used ({_said(error)}). Check that the token is plugged in, and the "
            "address in the file."
        ) from error


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
