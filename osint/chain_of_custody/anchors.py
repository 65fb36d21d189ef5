"""What a verifier trusts besides the ledger: time-stamping authorities and witnesses, pinned in a file of his own.

Anchors never come from what is verified: whoever forges a ledger can name authorities for it, too. The file::

    tolerance_s = 300                       # how far clocks may differ before it is a finding

    [[timestamp]]
    name = "Westmere time stamps"
    url = "https://tsa.example/"
    certificate = "tsa.pem"                 # the one certificate that signs; PEM or DER, beside this file
    chain = "tsa-chain.pem"                 # intermediates and root, in any order
    policy = "1.3.6.1.4.1.99999.1"

    [witnesses]
    policy = "witnesses.txt"                # C2SP tlog-policy
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding

from osint.chain_of_custody.timestamp import Authority, check_authority
from osint.chain_of_custody.timestamp_signature import read_certificates
from osint.errors import LedgerError

if TYPE_CHECKING:
    from osint.chain_of_custody.witness import WitnessPolicy

_LARGEST_FILE = 1 << 20
_LONGEST_TOLERANCE = 86400
_MOST_CERTIFICATES = 20
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Anchors:
    """What a verifier trusts besides the ledger.

    Attributes:
        timestamps: The authorities whose tokens count.
        witnesses: Whose cosignatures count, and how many; None when there are none.
        tolerance: How far two clocks may differ before it is a finding.
    """

    timestamps: tuple[Authority, ...] = ()
    witnesses: WitnessPolicy | None = None
    tolerance: timedelta = timedelta(minutes=5)

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read anchors from a TOML file; the files it names are looked for from its folder.

        Raises:
            LedgerError: The file or one that it names cannot be read, is incomplete, or says something unknown.
        """
        try:
            settings = tomllib.loads(_bytes(file).decode("utf-8"))
            return cls(**_anchors(settings, file.parent))
        except (OSError, ValueError, LedgerError) as error:
            raise LedgerError(
                f"The anchors in {file} cannot be used: {error} Nothing was verified with them; correct the file, "
                "and take certificates and keys from their owners, never from what is verified."
            ) from error


def _anchors(settings: dict[str, Any], folder: Path) -> dict[str, Any]:
    _check_keys(settings, {"timestamp": list, "witnesses": dict, "tolerance_s": int}, "the file", optional=True)
    if not settings.get("timestamp") and "witnesses" not in settings:
        raise LedgerError("It names no time-stamping authority and no witness.")
    authorities = tuple(_authority(each, folder) for each in settings.get("timestamp", ()))
    if len({each.name for each in authorities}) < len(authorities):
        raise LedgerError("Two time-stamping authorities have one name.")
    found: dict[str, Any] = {"timestamps": authorities}
    if "witnesses" in settings:
        found["witnesses"] = _witnesses(settings["witnesses"], folder)
    if "tolerance_s" in settings:
        found["tolerance"] = _tolerance(settings["tolerance_s"])
    return found


def _check_keys(settings: Any, known: Mapping[str, type], where: str, *, optional: bool = False) -> None:
    """Refuse settings that are unknown, of the wrong type, or missing."""
    if not isinstance(settings, dict):
        raise LedgerError(f"{where} is no table.")
    wrong = [name for name, value in settings.items() if type(value) is not known.get(name)]
    if wrong:
        raise LedgerError(f"{where} holds what is unknown or of the wrong type: {', '.join(wrong)}.")
    missing = [name for name in known if name not in settings]
    if missing and not optional:
        raise LedgerError(f"{where} lacks {', '.join(missing)}.")


def _authority(settings: Any, folder: Path) -> Authority:
    _check_keys(settings, dict.fromkeys(("name", "url", "certificate", "chain", "policy"), str), "[[timestamp]]")
    name = settings["name"]
    parts = _said_of(name, lambda: urlsplit(settings["url"]))
    if not name.strip() or parts.scheme not in ("http", "https") or not parts.hostname:
        raise LedgerError(f"[[timestamp]] {name!r} needs a name and an address with http or https.")
    signers = _certificates(folder / settings["certificate"], name)
    if len(signers) != 1:
        raise LedgerError(
            f"[[timestamp]] {name!r}: {settings['certificate']} holds {len(signers)} certificates, not 1."
        )
    authority = Authority(
        name=name, url=settings["url"], certificate=signers[0],
        chain=_certificates(folder / settings["chain"], name), policy=settings["policy"],
    )  # fmt: skip
    _said_of(name, lambda: check_authority(authority))
    return authority


def _certificates(file: Path, name: str) -> tuple[bytes, ...]:
    """Read certificates, DER (one) or PEM (one or several), as DER."""
    found = _said_of(name, lambda: read_certificates(_bytes(file)))
    if len(found) > _MOST_CERTIFICATES:
        raise LedgerError(f"[[timestamp]] {name!r}: {file.name} holds more than {_MOST_CERTIFICATES} certificates.")
    return tuple(each.public_bytes(Encoding.DER) for each in found)


def _witnesses(settings: Any, folder: Path) -> WitnessPolicy:
    from osint.chain_of_custody.witness import WitnessPolicy

    _check_keys(settings, {"policy": str}, "[witnesses]")
    return WitnessPolicy.read(_bytes(folder / settings["policy"]).decode("utf-8"))


def _tolerance(seconds: int) -> timedelta:
    if not 0 <= seconds <= _LONGEST_TOLERANCE:
        raise LedgerError(f"tolerance_s is {seconds}; it is a number of seconds up to {_LONGEST_TOLERANCE}.")
    return timedelta(seconds=seconds)


def _bytes(file: Path) -> bytes:
    with file.open("rb") as stream:
        data = stream.read(_LARGEST_FILE + 1)
    if len(data) > _LARGEST_FILE:
        raise LedgerError(f"{file} is larger than {_LARGEST_FILE} bytes.")
    return data


def _said_of(name: str, read: Callable[[], _T]) -> _T:
    """Say of which authority something could not be read."""
    try:
        return read()
    except (OSError, ValueError, LedgerError) as error:
        raise LedgerError(f"[[timestamp]] {name!r}: {error}") from error
