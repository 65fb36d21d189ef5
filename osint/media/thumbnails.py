"""A small picture of a file to look at: decoded in the sandbox, and encoded anew here from its pixels alone.

The worker hands over nothing but pixels, and as many as it says. What reaches a page is a JPEG that this process made
of them, so no byte of the file is in it: neither its metadata nor what was made to harm a second decoder. Beside it
stands one that is blurred in its pixels: a notebook that is not trusted drops the style that would blur it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from osint import sandbox
from osint.instants import now
from osint.media.derivation import Derivation, by_osint
from osint.media.description import MediaFacts
from osint.media.similarity.decode import decode, libraries
from osint.media.similarity.heif import needs_process, run_apart

SIDE = 320
"""No side of a small picture is longer, in pixels."""

VEILED_SIDE = 160
SECONDS, MEMORY = 20.0, 2_500_000_000
_BLURRED_TO = 4  # pixels along the longer side: shades, and no face
_QUALITY = 85
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_TURNED_BY_DECODER = {"image/tiff", "image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"}
_TURNED_BY_BOXES = {"image/avif", "image/avif-sequence"}  # ``irot`` and ``imir``, which the decoder tells as EXIF
_ORIENTATION = 0x0112


@dataclass(frozen=True, kw_only=True)
class Thumbnail:
    """A small picture of a file, or why there is none.

    Attributes:
        jpeg: The picture, no side longer than 320 pixels; empty where there is none.
        veiled: The same blurred beyond recognition, to stand for it until somebody wants to see it.
        reason: Why there is none, in words.
        isolation: Where it was decoded. See ``sandbox.Outcome``.
        derivation: How it was made, to stand on the page that shows it; None where nobody tried. It is made to be
            looked at and not kept, so no entry of the ledger tells of it.
    """

    jpeg: bytes = field(default=b"", repr=False)
    veiled: bytes = field(default=b"", repr=False)
    reason: str = ""
    isolation: str = ""
    derivation: Derivation | None = field(default=None, repr=False)

    @property
    def sha256(self) -> str:
        """SHA-256 of the small picture, hex; empty where there is none."""
        return hashlib.sha256(self.jpeg).hexdigest() if self.jpeg else ""


def is_picture(facts: MediaFacts) -> bool:
    """Say whether a file is one that a small picture can be made of, by its first bytes."""
    return facts.media_type.startswith("image/")


def not_shown(facts: MediaFacts) -> Thumbnail:
    """Return what stands for a file that is no picture."""
    return Thumbnail(reason=f"a file of the type {facts.media_type} is not shown as a picture")


def make_thumbnail(file: Path, facts: MediaFacts, *, seconds: float = SECONDS, memory: int = MEMORY) -> Thumbnail:
    """Return a small picture of a file, upright. Nothing is raised over the content of a file.

    Args:
        file: A working copy.
        facts: What it states about itself, for how it is to be turned.
        seconds: Processor time.
        memory: Bytes of address space.

    Raises:
        OsintError: No worker can be started on this computer.
    """
    if not is_picture(facts):
        return not_shown(facts)
    start = now()
    # A worker of its own for each: a picture that takes its worker over can change no other's.
    run = run_apart if needs_process(file) else sandbox.run
    told = file.absolute(), turn(facts), facts.media_type
    outcome = run(small_pixels, *told, seconds=seconds, memory=memory)
    picture = checked(outcome.value) if outcome.state == "ok" else None
    jpeg = _encoded(picture) if picture else b""
    made = by_osint(
        [facts.sha256],
        {"jpeg_sha256": hashlib.sha256(jpeg).hexdigest()} if picture else None,
        reader="osint.media.thumbnails.make_thumbnail",
        libraries=libraries(),
        settings={"seconds": f"{seconds:g}", "memory": str(memory), "side": str(SIDE), "quality": str(_QUALITY)},
        isolation=outcome.isolation,
        start=start,
        end=now(),
        state=outcome.state,
        detail=outcome.detail,
    )
    if picture is None:
        said = f"{outcome.state}: {outcome.detail}"
        reason = "the worker's answer was not one that its reader gives" if outcome.state == "ok" else said
        return Thumbnail(reason=reason, isolation=outcome.isolation, derivation=made)
    return Thumbnail(jpeg=jpeg, veiled=_encoded(_veiled(picture)), isolation=outcome.isolation, derivation=made)


def small_pixels(file: str | Path, orientation: int, media_type: str) -> dict[str, Any]:
    """Return the pixels of a picture made small and turned upright. Run it in a worker of the sandbox.

    Raises:
        RefusalError: It cannot be decoded here; see :func:`osint.media.similarity.decode.decode`.
    """
    return upright_pixels(file, orientation, media_type, SIDE)


def upright_pixels(file: str | Path, orientation: int, media_type: str, side: int) -> dict[str, Any]:
    """Return the pixels of a picture upright, no side longer than so many. Run it in a worker of the sandbox.

    Raises:
        RefusalError: It cannot be decoded here.
    """
    with Path(file).open("rb") as stream:
        picture, _ = decode(stream)
    if media_type in _TURNED_BY_BOXES:
        orientation = int(picture.getexif().get(_ORIENTATION, 1))
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    if orientation in _TURNS:
        picture = picture.transpose(_TURNS[orientation])
    pixels = base64.b64encode(picture.tobytes()).decode("ascii")
    return {"width": picture.width, "height": picture.height, "pixels": pixels}


def turn(facts: MediaFacts) -> int:
    """Return how the pixels that the decoder gives are to be turned, as EXIF counts it."""
    return 1 if facts.media_type in _TURNED_BY_DECODER else facts.orientation or 1


def checked(answer: Any, side: int = SIDE) -> Image.Image | None:
    """Return the picture that a worker answered with; None where that is not what a worker answers."""
    if not isinstance(answer, dict) or answer.keys() != {"width", "height", "pixels"}:
        return None
    width, height, pixels = answer["width"], answer["height"], answer["pixels"]
    if not all(type(each) is int and 0 < each <= side for each in (width, height)) or not isinstance(pixels, str):
        return None
    try:
        data = base64.b64decode(pixels, validate=True)
    except (binascii.Error, ValueError):
        return None
    return Image.frombytes("RGB", (width, height), data) if len(data) == width * height * 3 else None


def _veiled(picture: Image.Image) -> Image.Image:
    shape = picture.copy()
    shape.thumbnail((VEILED_SIDE, VEILED_SIDE))
    coarse = picture.copy()
    coarse.thumbnail((_BLURRED_TO, _BLURRED_TO), Image.Resampling.BOX)
    return coarse.resize(shape.size, Image.Resampling.BICUBIC)


def _encoded(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()
