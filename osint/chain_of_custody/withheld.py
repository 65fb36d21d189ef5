"""Exhibits that were withheld from a package, and the derivatives that stand for them.

They may open an account, tell private facts that an officer masked, or be left out of a production by a prosecutor's
decision, which a signed ``produce`` entry names. A signed ``export`` entry names the exhibit and
the SHA-256 of a map, ``redacted/E0004.json``; the map names the SHA-256 of the derivative beside it, the places where
other bytes stand, and the SHA-256 of what stayed. All of that is judged here, from what lies in the package alone.
Nothing in it is believed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from osint.chain_of_custody.canonical import strict_loads
from osint.chain_of_custody.clear_fields import EXHIBIT, HASH
from osint.errors import LedgerError

FOLDER = "redacted"
FORM = "osint-redaction/v1"
MASK_FORM = "osint-mask/v1"
REDACTED = "redacted"
RESTRICTED = "restricted"
MASK = "mask"
MASKED = "masked"
PRODUCE = "produce"
EXCLUDED = "excluded"
TOKEN = "[removed]"  # noqa: S105 - no secret
"""What stands for a private fact, whatever its length and its kind."""

TELLS = frozenset({"conclude", "receive", "export", MASK, PRODUCE})
"""Actions that say which exhibits are restricted, masked or excluded, and what stands for them."""

_WITHHOLDING = frozenset({(MASKED, MASK), (EXCLUDED, PRODUCE)})
_FILLERS = {FORM: b"X", MASK_FORM: TOKEN.encode("ascii")}
_PICTURE = ".png"

_LARGEST_MAP = 256 << 20
_CHUNK = 1 << 20
_NAME = re.compile(r"(E\d{4,12})\.[a-z]{1,8}")


class Derivatives(Protocol):
    """What stands for withheld exhibits."""

    def problems(self, exhibit: str, sha256: str) -> list[str]:
        """Return what is wrong with what stands for an exhibit whose map has this SHA-256; nothing when it stands."""
        ...

    def strangers(self) -> Iterable[str]:
        """Return the names of files that stand for nothing that was asked about."""
        ...


class Withholding:
    """What the entries of a ledger say of restricted and masked exhibits, as they pass by."""

    def __init__(self) -> None:
        self.maps: dict[str, tuple[int, str]] = {}
        self._withholdable: set[str] = set()

    def take(self, facts: Mapping[str, Any], place: int, taken_in: str | None) -> None:
        """Note which exhibits an entry calls restricted or masked, and what it says stands for them in an export.

        Args:
            facts: The payload of the entry.
            place: Its position.
            taken_in: The exhibit that it took in.
        """
        for item in facts["object"] if facts["action"] in TELLS else ():
            kind, number = item.get("kind"), str(item.get("exhibit", taken_in))
            said = (kind, facts["action"])
            if (kind == RESTRICTED and facts["action"] != "export") or said in _WITHHOLDING:
                self._withholdable.add(number)
            is_export = (facts["action"], facts["outcome"]) == ("export", "allowed")
            if kind == REDACTED and is_export and number in self._withholdable and _is_map_of(item, number):
                self.maps[number] = (place, item["sha256"])


def _is_map_of(item: Mapping[str, Any], number: str) -> bool:
    return EXHIBIT(number) and HASH(item.get("sha256"))


class FolderDerivatives:
    """The folder ``redacted`` of a package, or of a web archive that was laid out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: set[str] = set()

    def problems(self, exhibit: str, sha256: str) -> list[str]:
        """Return what is wrong with map and derivative of an exhibit, in sentences; nothing when they stand."""
        self._known.add(f"{exhibit}.json")
        try:
            redaction = _read(self.folder / f"{exhibit}.json", sha256)
            if redaction.exhibit != exhibit or not redaction.file.startswith(f"{exhibit}."):
                return ["its map is that of another exhibit"]
            self._known.add(redaction.file)
            return _differences(self.folder / redaction.file, redaction)
        except OSError as error:
            return [f"nothing stands for it ({error.strerror})"]
        except (LedgerError, LookupError, TypeError, ValueError, RecursionError):
            return ["its map is no map of a redaction"]

    def strangers(self) -> Iterator[str]:
        """Yield the names of files that stand for nothing that was asked about."""
        for path in sorted(self.folder.rglob("*")) if self.folder.is_dir() else ():
            name = path.relative_to(self.folder).as_posix()
            if name not in self._known and not path.is_dir():
                yield f"{FOLDER}/{name}"


class _Redaction(NamedTuple):
    """A map, as far as it is judged."""

    exhibit: str
    file: str
    sha256: str
    size: int
    stayed: str
    filler: bytes
    ranges: list[tuple[int, int]]
    form: str = FORM


def _read(path: Path, sha256: str) -> _Redaction:
    with path.open("rb") as stream:
        data = stream.read(_LARGEST_MAP + 1)
    if hashlib.sha256(data).hexdigest() != sha256 or len(data) > _LARGEST_MAP:
        raise ValueError("another map")
    facts = strict_loads(data)
    if (
        not isinstance(facts, dict)
        or facts["format"] not in _FILLERS
        or not _NAME.fullmatch(facts["derivative"]["file"])
    ):
        raise ValueError("no map")
    derivative = facts["derivative"]
    return _Redaction(
        exhibit=facts["exhibit"],
        file=derivative["file"],
        sha256=derivative["sha256"],
        size=int(derivative["size"]),
        stayed=facts["stayed"]["sha256"],
        filler=facts["filler"].encode("ascii"),
        ranges=[(int(each["start"]), int(each["end"])) for each in facts["ranges"]],
        form=facts["format"],
    )


def _differences(path: Path, redaction: _Redaction) -> list[str]:
    """Compare a derivative with its map: its bytes, what stands in the ranges, what stands outside them."""
    if redaction.filler != _FILLERS[redaction.form] or not _in_order(redaction):
        return ["the ranges of its map are not in order, or lie outside the derivative"]
    if path.stat().st_size != redaction.size:
        return ["its derivative has another length than its map says"]
    whole, stayed, filled = hashlib.sha256(), hashlib.sha256(), True
    with path.open("rb") as stream:
        for start, end in [*redaction.ranges, (redaction.size, redaction.size)]:
            for chunk in _chunks(stream, start - stream.tell()):
                whole.update(chunk)
                stayed.update(chunk)
            for chunk in _chunks(stream, end - start):
                whole.update(chunk)
                filled = filled and chunk == redaction.filler * (len(chunk) // len(redaction.filler))
    said = {
        "its derivative is not the file that its map names": whole.hexdigest() != redaction.sha256,
        "in a range of its map stand other bytes than the filler": not filled,
        "what stands outside the ranges of its map is not what stayed": stayed.hexdigest() != redaction.stayed,
    }
    return [what for what, applies in said.items() if applies]


def _in_order(redaction: _Redaction) -> bool:
    """Return whether there are ranges, none is empty, none overlaps, and all lie in the derivative.

    Of a mask each is one token, so that no length tells anything; a picture has none, for its pixels were replaced.
    """
    at, is_mask = 0, redaction.form == MASK_FORM
    for start, end in redaction.ranges:
        if not at <= start < end or (is_mask and end - start != len(TOKEN)):
            return False
        at = end
    return (at > 0 or (is_mask and redaction.file.endswith(_PICTURE))) and at <= redaction.size


def _chunks(stream: Any, length: int) -> Iterator[bytes]:
    while length and (chunk := stream.read(min(_CHUNK, length))):
        length -= len(chunk)
        yield chunk
