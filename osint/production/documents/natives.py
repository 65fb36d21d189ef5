"""What a reviewer opens: the file that an exhibit holds, or its evidentiary copy where that is safer.

Pictures, sound, films, PDF, plain text, mail and archives that hold files are handed out as they are, byte for byte, by
what their first bytes show and never by their names. All else, a captured page above all, stays inside the ``.warc.gz``
in which it was preserved, which no browser opens: markup that was made to harm is never one double click away.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from osint import warc
from osint.capture.exchange import Capture
from osint.capture.imports.formats import recognise_file
from osint.capture.read_back import copy_body, copy_import
from osint.chain_of_custody.withheld import FOLDER as REDACTED
from osint.errors import EvidenceError
from osint.instants import format_instant
from osint.media import identity
from osint.production.plan import Item
from osint.store.blobs import FolderBlobs

CONTAINER = "warc.gz"
_WHOLE_PAGE = "urn:fullPage:"
_KINDS = {"image": "Image", "video": "Video", "audio": "Audio"}
_RUN_BY_THEIR_PROGRAM = frozenset({"image/svg+xml", "application/postscript"})
_HANDED_IN = {
    "application/zip": "zip", "application/json": "json", "application/mbox": "mbox", "message/rfc822": "eml",
    "application/warc": "warc", "application/gzip": "gz", "text/csv": "txt", "text/plain": "txt",
}  # fmt: skip
"""Endings by type. A table is handed out as text: a spreadsheet would reckon what it takes for formulas."""
_OF_DERIVATIVES = frozenset({"har", "json", "png", "txt", "warc"})
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Native:
    """A file that was laid out for a reviewer.

    Attributes:
        path: Where it lies for now.
        ending: The end of its name, without a dot.
        media_type: What it is by its first bytes; of a container, what that holds.
        sha256, md5, size: Of its bytes.
        about: What a load file says of it, by column.
        picture: The file that its page is drawn from; None where it shows nothing.
        is_page: Whether that picture is of a whole web page, which may be long.
    """

    path: Path
    ending: str
    media_type: str
    sha256: str
    md5: str
    size: int
    about: Mapping[str, str] = field(default_factory=dict)
    picture: Path | None = None
    is_page: bool = False


def lay_out(blobs: FolderBlobs, item: Item, folder: Path, parts: Mapping[str, str]) -> Native:
    """Lay out what a reviewer opens of a produced item, in a folder of its own.

    Args:
        blobs: The evidence of the package.
        item: The item.
        folder: An empty folder.
        parts: Further exhibits whose answers follow this one's in the same file, each with its SHA-256.

    Raises:
        EvidenceError: The evidence cannot be read.
    """
    body = folder / "body"
    try:
        with blobs.open(item.sha256) as blob, body.open("xb") as out:
            capture = copy_body(blob, item.exhibit, out)
    except EvidenceError:  # no capture that is read here; whether it is whole, verification says
        return _container(blobs, item, body, "Evidentiary copy", {}, media_type=warc.MEDIA_TYPE)
    if capture.made == "imported":
        return _handed_in(blobs, item, body, capture)
    if capture.made == "rendered":
        picture = _picture_of_page(blobs, item, folder / "page.png")
        return _container(blobs, item, body, "Rendered web page", _about(capture), picture=picture, is_page=True)
    for exhibit, sha256 in parts.items():
        with blobs.open(sha256) as blob, body.open("ab") as out:
            copy_body(blob, exhibit, out)
    media_type = _sniffed(body)
    kind = media_type.partition("/")[0]
    ending = identity.usual_extension(media_type)
    if capture.status not in (200, 206) or not ending or media_type in _RUN_BY_THEIR_PROGRAM:
        return _container(blobs, item, body, "Web capture", _about(capture), media_type=media_type)
    about = {"DOCTYPE": _KINDS.get(kind, "File"), **_about(capture)}
    picture = body if kind == "image" else None
    return _native(body, ending, media_type, about, picture)


def lay_out_derivative(data: Path, item: Item, folder: Path) -> Native:
    """Lay out the redacted copy that stands for a withheld item."""
    facts = json.loads((data / REDACTED / f"{item.exhibit}.json").read_bytes())
    source = data / REDACTED / Path(facts["derivative"]["file"]).name
    body = folder / "body"
    shutil.copyfile(source, body)
    ending = source.suffix.removeprefix(".")
    ending = ending if ending in _OF_DERIVATIVES else "txt"
    media_type = _sniffed(body)
    return _native(body, ending, media_type, {"DOCTYPE": "Redacted copy"}, body if ending == "png" else None)


def _handed_in(blobs: FolderBlobs, item: Item, body: Path, capture: Capture) -> Native:
    with blobs.open(item.sha256) as blob, body.open("wb") as out:
        told = str(copy_import(blob, item.exhibit, out).get("file_name") or "")
    media_type = recognise_file(body).media_type
    media_type = _sniffed(body) if media_type == identity.UNKNOWN else media_type
    about = {**_about(capture), "FILENAME": told}
    ending = _HANDED_IN.get(media_type) or identity.usual_extension(media_type)
    if not ending or media_type in _RUN_BY_THEIR_PROGRAM:
        return _container(blobs, item, body, "File handed in", about, media_type=media_type)
    kind = media_type.partition("/")[0]
    picture = body if kind == "image" else None
    return _native(body, ending, media_type, {"DOCTYPE": _KINDS.get(kind, "File handed in"), **about}, picture)


def _container(
    blobs: FolderBlobs, item: Item, body: Path, kind: str, about: Mapping[str, str], *, media_type: str = "text/html",
    **shown: Any,
) -> Native:  # fmt: skip
    """Lay out the evidentiary copy itself instead of what it holds."""
    with blobs.open(item.sha256) as blob, body.open("wb") as out:
        shutil.copyfileobj(blob, out, _CHUNK)
    return _native(body, CONTAINER, media_type, {"DOCTYPE": kind, **about}, **shown)


def _native(
    body: Path, ending: str, media_type: str, about: Mapping[str, str], picture: Path | None = None, *,
    is_page: bool = False,
) -> Native:  # fmt: skip
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with body.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            sha256.update(chunk)
            md5.update(chunk)
    return Native(
        path=body,
        ending=ending,
        media_type=media_type,
        sha256=sha256.hexdigest(),
        md5=md5.hexdigest(),
        size=body.stat().st_size,
        about={name: value for name, value in about.items() if value},
        picture=picture,
        is_page=is_page,
    )


def _about(capture: Capture) -> dict[str, str]:
    return {
        "SOURCE_URL": capture.via or capture.url,
        "FINAL_URL": capture.url,
        "DATE_CAPTURED": format_instant(capture.collected),
    }


def _picture_of_page(blobs: FolderBlobs, item: Item, path: Path) -> Path | None:
    """Lay out the image of the whole page that a browser made; None where the exhibit holds none."""
    with blobs.open(item.sha256) as blob:
        for record in warc.read(blob):
            if record.headers.get("warc-target-uri", "").startswith(_WHOLE_PAGE):
                with path.open("xb") as out:
                    _copy(record.block, out)
                return path
    return None


def _copy(block: IO[bytes], out: IO[bytes]) -> None:
    block.seek(0)
    shutil.copyfileobj(block, out, _CHUNK)


def _sniffed(path: Path) -> str:
    with path.open("rb") as stream:
        return identity.sniff(stream.read(identity.HEAD))
