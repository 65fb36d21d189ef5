"""A QR code of a head: the same bytes as the note, for paper."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache

import segno

from osint import render
from osint.errors import ExportError

_BORDER = 4
"""White modules around the code, as ISO/IEC 18004 asks for."""


def qr_image(text: str, alt: str) -> str:
    """Return an ``<img>`` of a QR code, drawn as SVG.

    Raises:
        ExportError: The text is too long for one code.
    """
    drawn = io.BytesIO()
    _code(text).save(drawn, kind="svg", scale=4, border=_BORDER, xmldecl=False)
    return render.image(drawn.getvalue(), "image/svg+xml", alt)


def qr_runs(text: str) -> tuple[int, list[tuple[int, int, int]]]:
    """Return a QR code as black bars: modules a side, border included, and bars as (left, top, length) in modules.

    Raises:
        ExportError: The text is too long for one code.
    """
    rows = [list(row) for row in _code(text).matrix_iter(scale=1, border=_BORDER)]
    return len(rows), [(left, top, length) for top, row in enumerate(rows) for left, length in _bars(row)]


def _bars(row: list[int]) -> Iterator[tuple[int, int]]:
    start = None
    for place, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            yield start, place - start
            start = None


@lru_cache(maxsize=2)  # the page and the sheet of one head show the same
def _code(text: str) -> segno.QRCode:
    """Make a code of the UTF-8 bytes as they are, at level M: about a seventh of it may be damaged."""
    try:
        return segno.make_qr(text.encode(), error="m", mode="byte", boost_error=False)
    except segno.DataOverflowError as error:
        raise ExportError(
            f"A head of {len(text.encode())} bytes does not fit into one QR code. Nothing is wrong with the ledger: "
            "keep the file of the checkpoint itself, or print the head without the signatures of the witnesses."
        ) from error
