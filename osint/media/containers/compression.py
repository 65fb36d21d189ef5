"""Compressed metadata, unpacked up to a limit: zlib always, Brotli where it is installed (``osint[jxl]``).

Source: RFC 1950 (zlib), RFC 7932 (Brotli).
"""

from __future__ import annotations

import zlib

try:
    import brotli
except ImportError:
    brotli = None

KNOWS_BROTLI = hasattr(getattr(brotli, "Decompressor", None), "can_accept_more_data")
"""Whether Brotli is installed, in a release that can stop at a limit."""


class DamagedError(ValueError):
    """The data is not what a program of this kind writes."""


def inflate(packed: bytes, most: int) -> tuple[bytes, bool]:
    """Return what zlib data holds and whether that is all; more than ``most`` bytes stop it soon after.

    Raises:
        DamagedError: The data is damaged.
    """
    stream = zlib.decompressobj()
    try:
        return stream.decompress(packed, most + 1), stream.eof
    except zlib.error as error:
        raise DamagedError from error


def unbrotli(packed: bytes, most: int) -> tuple[bytes, bool]:
    """Return what Brotli data holds, as :func:`inflate` does.

    Raises:
        DamagedError: The data is damaged.
    """
    stream = brotli.Decompressor()
    try:
        return stream.process(packed, output_buffer_limit=most + 1), stream.is_finished()
    except brotli.error as error:
        raise DamagedError from error
