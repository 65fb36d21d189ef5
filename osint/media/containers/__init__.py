"""The outer structure of media files: where each block of metadata lies, what the container states, where it ends.

One small reader for each format, so that every reader of metadata is handed its bytes bare and never has to search for
them. Every loop moves forward through the file by at least one byte, or has a limit.
"""

from __future__ import annotations

from osint.media.containers import (
    afcp,
    gif,
    isobmff,
    jpeg,
    minolta,
    pdf,
    png,
    postscript,
    psd,
    raf,
    sigma,
    tiff,
    webp,
)
from osint.media.containers.structure import Finder, Reader, Structure, StructureError

__all__ = ["Structure", "read_structure"]

_READERS: dict[str, Reader] = {
    "image/jpeg": jpeg.read,
    "image/x-exv": jpeg.read,  # the segments of a JPEG picture without the picture
    "image/png": png.read,
    "image/gif": gif.read,
    "image/webp": webp.read,
    "image/tiff": tiff.read,
    "image/x-canon-cr2": tiff.read,
    "image/x-olympus-orf": tiff.read,
    "image/x-panasonic-rw2": tiff.read,
    "image/vnd.ms-photo": tiff.read,
    "image/x-minolta-mrw": minolta.read,
    "image/x-sigma-x3f": sigma.read,
    "image/vnd.adobe.photoshop": psd.read,
    "image/x-fuji-raf": raf.read,
    "application/pdf": pdf.read,
    "application/postscript": postscript.read,
}
_WITH_AFCP = ("image/jpeg", "image/tiff")
_READERS |= dict.fromkeys(isobmff.MEDIA_TYPES, isobmff.read)


def read_structure(data: bytes, media_type: str) -> Structure:
    """Read the structure of a file of this type. Nothing is raised; a type that is not read here shows nothing.

    Args:
        data: The file.
        media_type: Its type as :func:`osint.media.identity.sniff` tells it.
    """
    file = Finder(data, media_type)
    part: Finder | None = file
    while part is not None:
        _read(part)
        part = part.trailer()
    if file.media_type in _WITH_AFCP:
        file.attempt("the AFCP block behind the picture", afcp.read, file)
    return file.structure()


def _read(file: Finder) -> None:
    reader = _READERS.get(file.media_type)
    if reader is None:
        return
    try:
        reader(file)
    except (StructureError, IndexError, ValueError, OverflowError) as error:
        reason = error if isinstance(error, StructureError) else "a number in it is out of its range"
        file.problem(
            f"The structure of this {file.media_type} {_part(file)} breaks off or contradicts itself: {reason}."
        )


def _part(file: Finder) -> str:
    return f"part ({file.within.rstrip('/')})" if file.within else "file"
