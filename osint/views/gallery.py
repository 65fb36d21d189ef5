"""The files of a case as cards: each picture blurred until somebody reveals it, with what the file states beside it.

A card is plain HTML without script, so that it works in a notebook that is reopened untrusted and without a kernel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pandas as pd

from osint import render
from osint.instants import format_instant
from osint.media.positions import extent
from osint.media.table import camera_name
from osint.media.thumbnails import Thumbnail
from osint.views.document import document
from osint.views.veiled import no_picture, veiled
from osint.views.written import write_whole

MOST = 60
"""Files on one page of a gallery."""

_DIGITS = 16
_MOST_POSTS = 3
_MOST_WARNINGS = 12
_WIDEST = 200
_CARD = (
    "display:inline-block;vertical-align:top;width:340px;margin:4px;padding:8px;border:1px solid #d0d7de;"
    "text-align:left;white-space:normal"
)
_NAME = "text-align:left;vertical-align:top;padding:2px 8px;font-weight:normal"
_TEXT = "text-align:left;vertical-align:top;padding:2px 8px;overflow-wrap:anywhere"
_NOTE = "What a file states about itself may be wrong: a clock, a position. Grades: A to D, and X for what cannot be."


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is shown of one file."""

    exhibit: str
    sha256: str
    facts: Mapping[str, str]
    warnings: tuple[str, ...]
    thumbnail: Thumbnail | None = None


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """One page of cards; :meth:`save` writes it as a page for any browser.

    Attributes:
        cards: The files of this page.
        files: How many files there are on all pages.
        page: Which page this is, counted from 1.
    """

    cards: tuple[Card, ...] = field(repr=False)
    files: int
    page: int = 1

    @property
    def title(self) -> str:
        """Which files these are, in a sentence."""
        if not self.cards:
            return f"No file on page {self.page}; {_files(self.files)} in all."
        first = (self.page - 1) * MOST + 1
        last = first + len(self.cards) - 1
        if (first, last) == (1, self.files):
            return f"{_files(self.files)}. Each picture is blurred until you reveal it."
        more = f" page={self.page + 1} shows the next." if last < self.files else ""
        return f"Files {first} to {last} of {self.files}, {MOST} to a page.{more} Pictures are blurred until revealed."

    @property
    def markup(self) -> str:
        """The cards as HTML."""
        return render.heading(self.title) + render.paragraph(_NOTE) + f"<div>{''.join(map(_card, self.cards))}</div>"

    def save(self, path: str | Path) -> Path:
        """Write it as one HTML file that runs nothing and asks nobody; returns the path.

        Raises:
            ExportError: It cannot be written.
        """
        return write_whole(Path(path), document("Gallery", self.markup))

    def __str__(self) -> str:
        blocks = [self.title, _NOTE, *map(_text, self.cards)]
        return render.visible_lines("\n\n".join(blocks))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.bundle(str(self), self.markup)

    __repr__ = __str__


def gallery(table: pd.DataFrame, thumbnails: Mapping[str, Thumbnail], *, page: int = 1) -> Gallery:
    """Return one page of the files of a table as cards.

    Args:
        table: Files, with the columns of ``media.table.frame``.
        thumbnails: The small pictures of this page, by SHA-256.
        page: Which page, counted from 1.
    """
    rows = cast("list[dict[str, Any]]", page_of(table, page).to_dict("records"))
    return Gallery(cards=tuple(_of(row, thumbnails) for row in rows), files=len(table), page=page)


def page_of(table: pd.DataFrame, page: int) -> pd.DataFrame:
    """Return the rows of one page."""
    return table.iloc[max(page - 1, 0) * MOST : max(page, 0) * MOST]


def row_extent(row: Mapping[str, Any]) -> str:
    """Return how far off the position in a row of the media table may be, in words; see ``positions.extent``."""
    radius, error = (None if pd.isna(row[name]) else row[name] for name in ("position_precision_m", "position_error_m"))
    return extent(radius, error)


def _of(row: Mapping[str, Any], thumbnails: Mapping[str, Thumbnail]) -> Card:
    also = ", ".join(row["same_bytes_in"])
    told = {
        "also in": also,
        "type": f"{row['media_type']}, {row['size']:,} bytes",
        "camera clock": _graded(_clock(row), row["taken_grade"]),
        "position": _graded(_position(row), row["position_grade"]),
        "camera": camera_name(row["camera_make"], row["camera_model"]),
        "posts": _posts(row["posts"]),
    }
    return Card(
        exhibit=str(row["exhibit"]),
        sha256=str(row["sha256"]),
        facts={name: render.shorten(text, _WIDEST) for name, text in told.items() if text},
        warnings=tuple(map(str, row["warnings"])),
        thumbnail=thumbnails.get(row["sha256"]),
    )


def _clock(row: Mapping[str, Any]) -> str:
    if pd.isna(row["taken_local"]):
        return ""
    if not pd.isna(row["taken_offset"]):
        return f"{row['taken_local']} {row['taken_offset']}"
    known = not pd.isna(row["taken_earliest"]) and row["taken_earliest"] == row["taken_latest"]
    other = f"offset elsewhere: {format_instant(row['taken_earliest'].to_pydatetime())}"
    return f"{row['taken_local']}, {other if known else 'offset not stated'}"


def _position(row: Mapping[str, Any]) -> str:
    if pd.isna(row["latitude"]) or pd.isna(row["longitude"]):
        return ""
    return f"{row['latitude']:.6f}, {row['longitude']:.6f}, {row_extent(row)}"


def _graded(text: str, grade: Any) -> str:
    return text if not text or pd.isna(grade) else f"{text}, grade {grade}"


def _posts(posts: Sequence[str]) -> str:
    more = f" and {len(posts) - _MOST_POSTS} more" if len(posts) > _MOST_POSTS else ""
    return ", ".join(render.shorten(post, 80) for post in posts[:_MOST_POSTS]) + more


def _card(card: Card) -> str:
    short = f'<span title="{render.escape(card.sha256)}">{render.escape(_short(card.sha256))}</span>'
    rows = [_row("SHA-256", short), *(_row(name, render.escape(text)) for name, text in card.facts.items())]
    told = f"<table><tbody>{''.join(rows)}</tbody></table>"
    return (
        f'<div class="card" style="{_CARD}">{render.heading(f"Exhibit {card.exhibit}")}'
        f"{veiled(card.thumbnail, card.exhibit)}{told}{_warned(card.warnings)}</div>"
    )


def _row(name: str, markup: str) -> str:
    return f'<tr><th style="{_NAME}">{render.escape(name)}</th><td style="{_TEXT}">{markup}</td></tr>'


def _warned(warnings: Sequence[str]) -> str:
    if not warnings:
        return render.paragraph("0 warnings")
    shown = list(warnings[:_MOST_WARNINGS])
    if len(warnings) > _MOST_WARNINGS:
        shown.append(f"{len(warnings) - _MOST_WARNINGS} more are in the media table.")
    told = "".join(render.paragraph(render.shorten(each, 500)) for each in shown)
    return f"<details><summary>{_count(warnings)}</summary>{told}</details>"


def _text(card: Card) -> str:
    told = [f"{name}: {text}" for name, text in card.facts.items()] + [_count(card.warnings)]
    if card.thumbnail is None or not card.thumbnail.jpeg:
        told.append(no_picture(card.thumbnail))
    lines = (f"  {render.shorten(each, 500)}" for each in told)
    return "\n".join([f"Exhibit {card.exhibit}, SHA-256 {card.sha256}", *lines])


def _count(warnings: Sequence[str]) -> str:
    return f"{len(warnings)} warning{'' if len(warnings) == 1 else 's'}"


def _short(sha256: str) -> str:
    return f"{sha256[:_DIGITS]}…"


def _files(number: int) -> str:
    return f"{number} file{'' if number == 1 else 's'}"
