"""The file that an exhibit holds: the body of a capture, or what was handed in, laid out for somebody to read."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from osint.capture.read_back import copy_body, copy_import
from osint.chain_of_custody.digests import sha256_file
from osint.chain_of_custody.entry import Exhibit
from osint.media import identity
from osint.store.blobs import Blobs

_READ_AS_TEXT = ("text/", "application/json", "application/xml", "application/xhtml+xml", "image/svg+xml")
_IMPORTED = "imported"


class HeldFile(NamedTuple):
    """A file that was laid out.

    Attributes:
        path: Where it lies.
        ending: The end of its name, with the dot; markup ends in ``.txt``, so that opening it runs nothing.
        media_type: What it is by its first bytes, or by what its source said where these tell nothing.
        sha256: Of its bytes, hex.
        size: Bytes.
    """

    path: Path
    ending: str
    media_type: str
    sha256: str
    size: int


def lay_out(exhibit: Exhibit, blobs: Blobs, folder: Path) -> HeldFile:
    """Lay out the file that an exhibit holds in a folder of its own. The evidentiary copy is hashed first.

    Raises:
        EvidenceError: The copy is missing or changed, or holds neither a capture nor a file that was handed in.
    """
    path = folder / "held"
    with blobs.open(exhibit.sha256, verify=True) as blob, path.open("wb") as out:
        capture = copy_body(blob, exhibit.number, out)
    stated = str(capture.header("Content-Type") or "").partition(";")[0].strip().lower()
    if capture.made == _IMPORTED:
        with blobs.open(exhibit.sha256) as blob, path.open("wb") as out:
            stated = str(copy_import(blob, exhibit.number, out).get("media_type") or "")
    with path.open("rb") as stream:
        sniffed = identity.sniff(stream.read(identity.HEAD))
    media_type = sniffed if sniffed != identity.UNKNOWN else stated or identity.UNKNOWN
    digest, size = sha256_file(path)
    return HeldFile(path, _ending(media_type), media_type, digest, size)


def _ending(media_type: str) -> str:
    if media_type.startswith(_READ_AS_TEXT):
        return ".txt"
    usual = identity.usual_extension(media_type)
    return f".{usual}" if usual else ".bin"
