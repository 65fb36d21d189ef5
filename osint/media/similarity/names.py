"""What the values that stand for the pixels of a file are called, in ``Value.name``; ``Value.block`` is ``pixels``."""

from __future__ import annotations

from osint.media.similarity.variants import AS_IS

PDQ, QUALITY, PHASH, PIXELS = "PDQ", "PDQ quality", "pHash", "pixels sha256"
FRAME = "vPDQ frame"


def named(name: str, variant: str) -> str:
    """Return the name of the value that holds the hash of a variant."""
    return name if variant == AS_IS else f"{name}, {variant}"
