"""A page of HTML that needs nothing else and may load nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from osint import render
from osint.views import printed

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #1b1f24 }
h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid #d0d7de }
table { border-collapse: collapse; font-size: 13px; width: 100% }
th, td { text-align: left; vertical-align: top; padding: 2px 8px } tr { border-bottom: 1px solid #eaeef2 }
th { background: #f6f8fa; position: sticky; top: 0 }
pre { background: #f6f8fa; padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere }
h1, h2, h3, p, li { overflow-wrap: anywhere } img { max-width: 100%; height: auto }
@media screen and (max-width: 60rem) { table { display: block; overflow-x: auto } }
"""

_BAND = "position:fixed;top:0;right:0;padding:2px 12px;background:#fff;border:2px solid #000"
_BLANK = "border-bottom:1px solid #888;padding-top:1.2em"
_LONGEST_WORD = 32
_SHORT = 20


def table(rows: Iterable[Sequence[object]], headings: Sequence[str] = ()) -> str:
    """Return an HTML table of escaped cells for a page: hashes and addresses may be broken anywhere, words never."""
    return "".join(table_pieces(rows, headings))


def table_pieces(rows: Iterable[Sequence[object]], headings: Sequence[str] = ()) -> Iterator[str]:
    """Yield such a table a row at a time."""
    head = "".join(f"<th>{render.escape(heading)}</th>" for heading in headings)
    yield f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>"
    yield from ("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    yield "</tbody></table>"


def _cell(value: object) -> str:
    text = render.visible(value)
    words = text.split()
    if max(map(len, words), default=0) > _LONGEST_WORD:
        style = "overflow-wrap:anywhere;min-width:12em"
    elif len(words) == 1 or len(text) <= _SHORT:
        style = "white-space:nowrap"  # a browser breaks after the hyphens of a date
    else:
        style = "min-width:12em"
    return f'<td style="{style}">{render.escape(value)}</td>'


def band(words: str) -> str:
    """Return words that a browser prints on every page; nothing where there are none."""
    return f'<div style="{_BAND}"><b>{render.escape(words)}</b></div>' if words else ""


def blank_lines(names: Iterable[str]) -> str:
    """Return a line to be filled in by hand for each name."""
    return "".join(f'<p style="{_BLANK}">{render.escape(each)}:</p>' for each in names)


def page(title: str, body: str, *, paper: str = "A4 landscape") -> bytes:
    """Return a whole page. ``body`` must be made by :mod:`osint.render`; ``paper`` is what it is printed on.

    The content policy forbids script and every request, so that a hostile string that got through would still find
    nothing to work with.
    """
    return b"".join(page_pieces(title, [body], paper=paper))


def page_pieces(title: str, body: Iterable[str], *, paper: str = "A4 landscape") -> Iterator[bytes]:
    """Yield such a page as its body is made, for one that is too long to be held as a whole."""
    shown, style = render.escape(title), f"{_STYLE}@page {{ size: {paper} }}{printed.STYLE}"
    yield (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{shown}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width"><style>{style}</style></head>\n'
        f"<body><main><h1>{shown}</h1>\n"
    ).encode()
    yield from (piece.encode() for piece in body)
    yield b"\n</main></body></html>\n"
