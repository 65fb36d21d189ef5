"""One page of the reader: its policy, its way to the others, and how tables, facts and folds are written."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import TypeVar
from urllib.parse import quote

from osint import render
from osint.views.scripted import content_hash

START = "../../index.html"
"""The first page, as seen from the folder of the reader."""

FOLDER = "reader"
SEARCH = "search.html"

Row = TypeVar("Row")
_LONGEST_WORD, _SHORT = 32, 24
_LOCAL = "'self' file:"  # a browser that opens a file from disk may not call that the page's own origin


class Cell:
    """Markup for one cell of a table, made here of escaped text."""

    def __init__(self, markup: str) -> None:
        self.markup = markup


def page(title: str, body: str, *, links: Mapping[str, str], script: str = "", at_top: bool = False) -> bytes:
    """Return a whole page. ``body`` must be made of escaped text, by this module or :mod:`osint.render`.

    Args:
        title: Its title, and its first heading.
        body: What it says.
        links: The other pages, by the words of the link; addresses as seen from the folder of the reader.
        script: What it runs; only the search runs anything.
        at_top: Whether it lies at the top of the package, not beside the others.
    """
    shown, style = render.escape(title), reader_file("reader.css")
    scripts = f"; script-src {content_hash(script)} {_LOCAL}" if script else ""
    policy = (
        f"default-src 'none'; style-src {content_hash(style)}; img-src {_LOCAL}; media-src {_LOCAL}{scripts}; "
        "base-uri 'none'; form-action 'none'"
    )
    ways = "".join(f"<li>{link(address, words, at_top=at_top)}</li>" for words, address in links.items())
    ran = f"<script>{script}</script>" if script else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">'
        f"<title>{shown}</title><style>{style}</style></head>\n"
        '<body><a class="skip" href="#main">To the text</a>'
        f'<nav aria-label="Pages"><ul>{ways}</ul></nav>\n'
        f'<main id="main"><h1>{shown}</h1>\n{body}\n</main>{ran}</body></html>\n'
    ).encode()


def link(address: str, words: object, *, at_top: bool = False) -> str:
    """Return a link to another page or file of the package, given as seen from the folder of the reader."""
    if at_top:
        address = posixpath.normpath(f"data/{FOLDER}/{address}")
    return f'<a href="{render.escape(address)}">{render.escape(words)}</a>'


def to_file(path: str) -> str:
    """Return the address of a file that lies below ``data/``, as seen from the folder of the reader."""
    return f"../{quote(path)}"


def table(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]], anchors: Iterable[str] = ()) -> str:
    """Return a table of escaped cells that a narrow window shows a row below the other.

    Args:
        name: What it is, for who cannot see it.
        headings: One for each column.
        rows: Its cells; a :class:`Cell` brings markup of its own.
        anchors: A name for each row, to lead to.
    """
    head = "".join(f'<th scope="col">{render.escape(each)}</th>' for each in headings)
    named = iter(anchors)
    body = "".join(_row(headings, row, next(named, "")) for row in rows)
    return (
        f'<table><caption class="unseen">{render.escape(name)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def facts(pairs: Iterable[tuple[str, object]]) -> str:
    """Return names and values, one below the other; what is empty is left out."""
    told = (f"<dt>{render.escape(name)}</dt><dd dir='auto'>{_markup(value)}</dd>" for name, value in pairs if value)
    return f"<dl>{''.join(told)}</dl>"


def fold(words: str, markup: str, first: str = "") -> str:
    """Return markup that is hidden until somebody unfolds it, ``first`` being shown in its place."""
    return f"<details><summary>{render.escape(words)}{first}</summary>{markup}</details>"


def bullets(sentences: Iterable[object]) -> str:
    """Return a list of escaped sentences."""
    return f"<ul>{''.join(f'<li>{_markup(each)}</li>' for each in sentences)}</ul>"


def leaf(stem: str, number: int, many: int, where: str = "") -> str:
    """Return links to the pages before and after one of many, named by where they stand; nothing when it is alone."""
    if many < 2:
        return ""
    ways = [
        ("First", 1, number > 1),
        ("Previous", number - 1, number > 1),
        ("Next", number + 1, number < many),
        ("Last", many, number < many),
    ]
    shown = "".join(f"<li>{link(file_of(stem, to), words)}</li>" for words, to, there in ways if there)
    here = f"Page {number} of {many}"
    return f'<nav class="leaf" aria-label="{here}{where}"><p>{here}</p><ul>{shown}</ul></nav>'


def file_of(stem: str, number: int) -> str:
    """Return the name of one page of many."""
    return f"{stem}-{number:04d}.html"


def in_pages(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Yield rows a page at a time; one empty page when there are none."""
    waiting = iter(rows)
    held = list(islice(waiting, size))
    yield held
    while held := list(islice(waiting, size)):
        yield held


@cache
def reader_file(name: str) -> str:
    """Return a file that lies beside this module."""
    return files("osint.production.reader").joinpath(name).read_text(encoding="utf-8")


def _row(headings: Sequence[str], row: Sequence[object], anchor: str) -> str:
    cells = "".join(
        f'<td data-label="{render.escape(heading)}" class="{_width(cell)}" dir="auto">{_markup(cell)}</td>'
        for heading, cell in zip(headings, row, strict=True)
    )
    return f'<tr id="{render.escape(anchor)}">{cells}</tr>' if anchor else f"<tr>{cells}</tr>"


def _width(value: object) -> str:
    """Hashes and addresses may be broken anywhere, single words and short texts never."""
    text = "" if isinstance(value, Cell) else render.visible(value)
    if max(map(len, text.split()), default=0) > _LONGEST_WORD:
        return "long"
    return "short" if len(text) <= _SHORT else "text"


def _markup(value: object) -> str:
    return value.markup if isinstance(value, Cell) else render.escape(value)
