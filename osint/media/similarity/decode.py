"""From the bytes of a picture to its pixels, by one fixed recipe: how a picture is decoded is part of its hash.

A decoder is C code over hostile bytes: this runs in a worker of the sandbox, opens a file only as what its first bytes
are, and refuses one that would unfold into too many pixels.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib import import_module, metadata
from typing import BinaryIO

import numpy as np
import PIL
from PIL import Image, UnidentifiedImageError, features

from osint.media import identity
from osint.sandbox.outcome import RefusalError

RECIPE = (
    "full decode, RGB, transparent over white, no colour management, no EXIF turn, box filter to at most 512 px; 64x64"
)
READER = f"osint similarity 1 (Pillow {PIL.__version__}, libjpeg-turbo {features.version('libjpeg_turbo') or 'none'})"
LARGEST_SIDE = 512
MOST_PIXELS = 100_000_000

HEIF_TYPES = ("image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence")

_FORMATS = {
    "image/jpeg": ("JPEG",),
    "image/png": ("PNG",),
    "image/gif": ("GIF",),
    "image/webp": ("WEBP",),
    "image/bmp": ("BMP",),
    "image/tiff": ("TIFF",),
    **dict.fromkeys(("image/avif", "image/avif-sequence"), ("AVIF",)),
    **dict.fromkeys(HEIF_TYPES, ("HEIF",)),
}
_PLUGINS = ("Jpeg", "Mpo", "Png", "Gif", "WebP", "Bmp", "Tiff", "Avif")
_LIBRARIES = ("libjpeg_turbo", "zlib", "libtiff", "webp", "avif")
_ROWS = 64
_GREY_16 = {"I;16", "I;16L", "I;16B", "I;16N"}
_PLAIN = {"RGB", "L", "1", "P", "CMYK", "YCbCr", "HSV"}
_WITH_ALPHA = {"RGBA", "LA", "PA", "RGBa", "La"}


def libraries() -> dict[str, str]:
    """Return the decoders by name and version: what the pixels of a picture hang on, beside its bytes."""
    found = {"Pillow": PIL.__version__}
    found |= {name: str(version) for name in _LIBRARIES if (version := features.version(name))}
    with suppress(metadata.PackageNotFoundError):
        found["pi-heif"] = metadata.version("pi-heif")
    return found


def _load_plugins() -> None:
    """Load the decoders before a worker is limited, and keep them to one thread: it may start no other."""
    for name in _PLUGINS:
        import_module(f"PIL.{name}ImagePlugin")
    vars(import_module("PIL.AvifImagePlugin"))["DEFAULT_MAX_THREADS"] = 1


_load_plugins()


def load_heif() -> bool:
    """Load the decoder of HEIF, which starts a thread; return whether it is installed."""
    try:
        import_module("pi_heif").register_heif_opener(thumbnails=False, decode_threads=1)
    except ImportError:
        return False
    return True


def decode(stream: BinaryIO) -> tuple[Image.Image, tuple[str, ...]]:
    """Return the first picture of a file in RGB, as large as it is, and sentences on what that leaves out.

    Raises:
        RefusalError: It is no picture that is decoded here, or one of too many pixels, or it is damaged.
    """
    media_type = identity.sniff(stream.read(identity.HEAD))
    stream.seek(0)
    formats = _FORMATS.get(media_type, ())
    if not formats:
        raise RefusalError(f"pictures of the type {media_type} are not decoded here")
    if formats == ("HEIF",) and "HEIF" not in Image.OPEN:
        raise RefusalError("pictures of this type need the package pi-heif: install osint[heif]")
    with _strict():
        try:
            with Image.open(stream, formats=formats) as image:
                image.load()
                return _rgb(image), _left_out(image)
        except Image.DecompressionBombWarning as warning:
            raise RefusalError(f"it has more than the {MOST_PIXELS} pixels that are decoded here") from warning
        except UnidentifiedImageError as error:
            raise RefusalError(f"it starts like {media_type}, and the decoder cannot read it") from error
        except (OSError, ValueError, SyntaxError, EOFError, IndexError, RuntimeError) as error:
            raise RefusalError(f"the decoder gave up: {type(error).__name__}: {error}"[:300]) from error


def decode_bytes(data: bytes) -> Image.Image:
    """Return the picture in these bytes. See :func:`decode`."""
    return decode(io.BytesIO(data))[0]


def made_small(picture: Image.Image) -> Image.Image:
    """Return the picture with no side longer than 512 pixels, each the mean of those it stands for."""
    longest = max(picture.size)
    if longest <= LARGEST_SIDE:
        return picture
    width, height = (max(1, (side * LARGEST_SIDE + longest // 2) // longest) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BOX)


def pixels_sha256(picture: Image.Image) -> str:
    """Return SHA-256 of the pixels: three bytes each, row by row from the top."""
    digest = sha256()
    for top in range(0, picture.height, _ROWS):
        digest.update(picture.crop((0, top, picture.width, min(top + _ROWS, picture.height))).tobytes())
    return digest.hexdigest()


@contextmanager
def _strict() -> Iterator[None]:
    before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except Image.DecompressionBombError as error:
        raise RefusalError(f"it has more than the {MOST_PIXELS} pixels that are decoded here") from error
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    if image.mode in _GREY_16:
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode not in _PLAIN:
        raise RefusalError(f"no recipe is fixed for pixels of the kind {image.mode}")
    return image.convert("RGB")


def _left_out(image: Image.Image) -> tuple[str, ...]:
    if image.format != "MPO" and getattr(image, "is_animated", False):
        return ("The file holds several pictures; the first one was hashed.",)
    return ()
