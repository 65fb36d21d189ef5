"""What leaves a case of its restricted exhibits: the originals where that is said, else redacted derivatives of them.

A derivative is made anew for each export and kept nowhere: it follows from the sealed exhibit alone, so that equal
exhibits give equal bytes. The hashes of the values are keyed with the nonce in the warcinfo of that exhibit, which
stays sealed: whoever has the exhibit can compute them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from osint import warc
from osint.capture.imports.declaration import SavedBy
from osint.capture.imports.found import Sealed
from osint.capture.imports.redaction import NoDerivativeError, Redaction, redact
from osint.capture.read_back import open_import
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.entry import Exhibit
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.withheld import FOLDER, FORM, REDACTED, RESTRICTED
from osint.collecting.importing import restricted_exhibits
from osint.errors import EvidenceError, ExportError
from osint.instants import parse_instant
from osint.report.packed import Packed
from osint.store.blobs import Blobs

_WHY = (
    "The original may open an account. It is sealed as this exhibit. In the derivative every byte of the values named "
    "below is replaced by the filler; all else stands as it was, in its place."
)
_KEY = "HMAC-SHA-256, keyed with the nonce (16 bytes) in the warcinfo record of the sealed exhibit"
_ADVICE = (
    "Have the sessions ended or the passwords changed first, or purge them by order; if whoever receives them may have "
    "them as they are, say include_restricted=True, or name them there. It is logged."
)


@dataclass(frozen=True, kw_only=True)
class Derivative:
    """What stands for an exhibit that is withheld.

    Attributes:
        exhibit: Its number.
        path: The derivative, in a folder that is removed afterwards; or its bytes.
        name: The name it gets in a package.
        map: The bytes of the map.
    """

    exhibit: str
    path: Path | bytes
    name: str
    map: bytes

    @property
    def files(self) -> Mapping[str, Path | bytes]:
        """Map and derivative, by their names in a package."""
        return {f"{FOLDER}/{self.exhibit}.json": self.map, f"{FOLDER}/{self.name}": self.path}


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """What leaves a case of its restricted and masked exhibits.

    Attributes:
        originals: Those that leave as they are.
        derivatives: What stands for the others.
    """

    originals: tuple[str, ...] = ()
    derivatives: tuple[Derivative, ...] = ()

    def items(self) -> list[dict[str, Any]]:
        """Return how the ledger entry of an export names them; the hash is that of the map."""
        as_they_are = [{"kind": RESTRICTED, "exhibit": number} for number in self.originals]
        withheld = [
            {"kind": REDACTED, "exhibit": each.exhibit, "sha256": sha256(each.map)} for each in self.derivatives
        ]
        return [*as_they_are, *withheld]


@contextmanager
def leaving(
    ledger: Ledger,
    blobs: Blobs,
    include_restricted: bool | Collection[str] = False,
    masked: Collection[Derivative] = (),
) -> Iterator[Leaving]:
    """Make the derivatives for an export; they are there as long as the context is.

    Args:
        ledger: The ledger of the case.
        blobs: Its evidence.
        include_restricted: Whether restricted exhibits leave as they are: all, none, or those that are named.
        masked: What stands for masked exhibits. None of these leaves as it is, restricted or not.

    Raises:
        ExportError: Of a restricted exhibit that may not leave as it is no derivative can be made; names each, and why.
        EvidenceError: An exhibit cannot be read.
    """
    is_masked = {each.exhibit for each in masked}
    restricted = tuple(each for each in restricted_exhibits(ledger.entries()) if each not in is_masked)
    originals = restricted if include_restricted is True else _named(restricted, include_restricted or ())
    taken = {exhibit.number: exhibit for exhibit in ledger.exhibits()}
    with TemporaryDirectory(prefix="osint-redacted-", ignore_cleanup_errors=True) as folder:
        made, refused = list[Derivative](), dict[str, str]()
        for number in (each for each in restricted if each not in originals):
            place = Path(folder) / number
            place.mkdir()
            try:
                made.append(_derivative(taken[number], blobs, place))
            except NoDerivativeError as error:
                refused[number] = str(error)
        if refused:
            listed = "; ".join(f"{number}: {why}" for number, why in refused.items())
            raise ExportError(
                "Nothing was handed over. These exhibits may hold what opens somebody's account, or what only somebody "
                f"signed in could see, and no redacted derivative can stand for them ({listed}). {_ADVICE}"
            )
        yield Leaving(originals=originals, derivatives=(*made, *masked))


def check_all_named(ledger: Packed) -> None:
    """Check that the ledger as it is handed over says of every restricted exhibit in what form it leaves.

    Another process may have taken one in since that was decided.

    Raises:
        ExportError: It does not.
    """
    exports = (entry for entry in ledger.entries() if (entry.action, entry.outcome) == ("export", "allowed"))
    newest = max(exports, key=lambda entry: entry.seq, default=None)
    named = {item.get("exhibit") for item in newest.object} if newest else set()
    if unsaid := [number for number in restricted_exhibits(ledger.entries()) if number not in named]:
        raise ExportError(
            f"Nothing was handed over: {', '.join(unsaid)} came in while the package was made, and is restricted. "
            "Export again."
        )


def _named(restricted: Sequence[str], named: Collection[str]) -> tuple[str, ...]:
    if strangers := set(named) - set(restricted):
        raise ExportError(
            f"Nothing was handed over: {', '.join(sorted(strangers))} is no restricted exhibit of this case."
        )
    return tuple(number for number in restricted if number in named)


def _derivative(exhibit: Exhibit, blobs: Blobs, folder: Path) -> Derivative:
    with blobs.open(exhibit.sha256, verify=True) as blob, open_import(blob, exhibit.number) as (path, facts):
        blob.seek(0)
        redaction = redact(path, folder, _sealed(exhibit.number, facts), _nonce(next(warc.read(blob)), exhibit.number))
    name = f"{exhibit.number}.{redaction.ending}"
    return Derivative(exhibit=exhibit.number, path=redaction.path, name=name, map=_map(exhibit, name, facts, redaction))


def _sealed(number: str, facts: Mapping[str, Any]) -> Sealed:
    declared = SavedBy(**facts["declaration"])
    saved = declared.instant or parse_instant(facts["started"])
    return Sealed(exhibit=number, address=declared.address, saved=saved, media_type=facts["media_type"])


def _nonce(record: warc.Record, number: str) -> bytes:
    lines = (line.partition(": ") for line in record.read().decode("ascii", "replace").splitlines())
    nonce = next((value for name, _, value in lines if name == "nonce"), "")
    try:
        key = bytes.fromhex(nonce)
    except ValueError:
        key = b""
    if len(key) < 16:
        raise EvidenceError(f"Exhibit {number} names no nonce in its warcinfo, so the values in it cannot be hashed.")
    return key


def _map(exhibit: Exhibit, name: str, facts: Mapping[str, Any], redaction: Redaction) -> bytes:
    told = redaction.facts
    if told["original"]["sha256"] != facts["file_sha256"]:
        raise EvidenceError(f"Exhibit {exhibit.number} does not hold the file that its metadata names.")
    content = {
        "format": FORM,
        "exhibit": exhibit.number,
        "exhibit_sha256": exhibit.sha256,
        "why": _WHY,
        "value_hash": _KEY,
        **told,
        "original": {**told["original"], "media_type": facts["media_type"]},
        "derivative": {**told["derivative"], "file": name},
    }
    return f"{json.dumps(content, indent=1, sort_keys=True)}\n".encode("ascii")
