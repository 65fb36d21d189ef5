"""Pictures drawn in code: some by whole numbers alone, the same everywhere, and some that look like photos to a hash."""

import io

import numpy as np
from PIL import Image, ImageDraw


def ruled(width, height):
    """Return the pixels of a picture that whole numbers draw, so that a published program can hash the same."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    rgb = np.stack([x * y // 31 + x, (x * x + 3 * y * y) // 97, (x - y) ** 2 // 53 + 2 * y], axis=2)
    return np.abs(rgb % 510 - 255).astype(np.uint8)


def scene(seed, size=(1600, 1200)):
    """Return a picture of soft colours with a few shapes, another for each seed."""
    chance = np.random.default_rng(seed)
    ground = Image.fromarray(chance.integers(0, 256, (9, 12, 3), dtype=np.uint8))
    picture = ground.resize(size, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y, across, down = (chance.random(4) * (size * 2) * np.array([1, 1, 0.3, 0.3])).astype(int)
        colour = tuple(chance.integers(0, 256, 3).tolist())
        (pen.ellipse if chance.random() < 0.5 else pen.rectangle)((x, y, x + across, y + down), fill=colour)
    return picture


def stored(picture, form="PNG", **options):
    """Return the bytes of a picture in a format; a PNG file is packed quickly, and no smaller than need be."""
    stream = io.BytesIO()
    quick = {"compress_level": 1} if form == "PNG" else {}
    picture.save(stream, form, **quick | options)
    return stream.getvalue()


def with_exif_thumbnail(picture, thumbnail):
    """Return the bytes of a JPEG file whose EXIF block has this thumbnail in its second directory."""
    small = stored(thumbnail, "JPEG")
    entries = ((0x0201, 4, 1, 44), (0x0202, 4, 1, len(small)))
    second = len(entries).to_bytes(2, "little") + b"".join(
        tag.to_bytes(2, "little")
        + kind.to_bytes(2, "little")
        + count.to_bytes(4, "little")
        + value.to_bytes(4, "little")
        for tag, kind, count, value in entries
    )
    head = b"II*\0" + (8).to_bytes(4, "little") + bytes(2) + (14).to_bytes(4, "little")
    block = (head + second + bytes(4)).ljust(44, b"\0") + small
    return stored(picture, "JPEG", exif=b"Exif\0\0" + block)
