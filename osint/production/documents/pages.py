"""The page images of a production, with a number on each that covers nothing.

What people said is typeset, so that every script is drawn as it should be; a picture is pasted whole into a page whose
head is typeset. A page without a picture is a PNG in shades of grey, one with a picture a JPEG: a photograph as PNG
takes ten times the room, and the exact bytes are in its native. What was captured reaches the typesetter as data.

Pages are counted first, which needs no drawing. So every number is known before a page is drawn, and pages are drawn
side by side, each a function of what it is given.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.resources import files
from importlib.util import find_spec
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from PIL import Image

from osint import render
from osint.errors import ExportError
from osint.production.documents import slip_sheets
from osint.production.documents.leaf import Leaf, as_png
from osint.production.documents.said import Told
from osint.production.documents.sheets import DOTS, MARGINS, Look, pixels
from osint.report.typefaces import FAMILIES, FIXED, Spelling
from osint.report.typeset import broken, compiler

_LAYOUT = "pages.typ"
_GIVEN = "pages.json"
_MOST_TEXT = 200_000  # characters of one document that are typeset: about 70 pages
_MOST_OF_A_FACT = 300
_QUALITY = 88
_CUT = "The text goes on. {left:,} more characters stand in the TEXT file of this document."


def check_typesetter() -> None:
    """Refuse before anything is written what cannot be typeset.

    Raises:
        ExportError: typst is not installed.
    """
    if find_spec("typst") is None:
        raise ExportError(
            "Page images of a production need typst, which is not installed, and nothing was produced: pip install "
            "'osint[typst]'. Or say that every document gets a slip sheet instead of its pages (slip sheets only)."
        )


def page_counts(leaves: Sequence[Leaf], look: Look) -> list[int]:
    """Return how many pages each document has. Nothing is drawn.

    Raises:
        ExportError: The typesetter refuses.
    """
    typeset = [leaf for leaf in leaves if leaf.posts]
    counted = iter(_counted(typeset, look) if typeset else ())
    return [next(counted) if leaf.posts else leaf.sheets for leaf in leaves]


def draw(given: tuple[Sequence[Leaf], Look]) -> dict[str, str]:
    """Draw the pages of documents that have numbers, into their files; return the SHA-256 of each, by its path.

    Raises:
        ExportError: The typesetter refuses, or gives another number of pages than was counted.
    """
    leaves, look = given
    here = {id(leaf) for leaf in leaves if leaf.slip and (slip_sheets.draws(leaf) or not find_spec("typst"))}
    drawn = [leaf for leaf in leaves if id(leaf) not in here]
    with tempfile.TemporaryDirectory(prefix="osint-pages-") as name:
        made = _rendered(drawn, look, Path(name)) if drawn else []
    expected = sum(len(leaf.targets) for leaf in drawn)
    if len(made) != expected:
        raise ExportError(f"The typesetter gave {len(made)} pages and counted {expected} before. Nothing was produced.")
    pages = iter(made)
    written: dict[str, str] = {}
    for leaf in leaves:
        for at, target in enumerate(leaf.targets):
            data = slip_sheets.drawn(leaf, look, at) if id(leaf) in here else _page(next(pages), leaf, look, at)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            written[str(target)] = hashlib.sha256(data).hexdigest()
    return written


def _counted(leaves: Sequence[Leaf], look: Look) -> list[int]:
    with tempfile.TemporaryDirectory(prefix="osint-pages-") as name:
        folder = Path(name)
        _lay_out(leaves, look, folder)
        told = json.loads(_asked(compiler(folder).query, "<start>", field="value"))
    starts, last = [start for start, _ in told], told[0][1]
    return [after - start for start, after in pairwise([*starts, last + 1])]


def _rendered(leaves: Sequence[Leaf], look: Look, folder: Path) -> list[bytes]:
    _lay_out(leaves, look, folder)
    made = _asked(compiler(folder).compile, format="png", ppi=DOTS)
    return made if isinstance(made, list) else [made]


def _asked(question: Callable[..., Any], *said: str, **more: Any) -> Any:
    import typst

    try:
        return question(*said, **more)
    except typst.TypstError as error:
        raise ExportError(f"Pages could not be typeset, and nothing was produced: {error.message}") from error


def _lay_out(leaves: Sequence[Leaf], look: Look, folder: Path) -> None:
    spelling = Spelling()
    told = {
        "title": "Page images",
        "prefix": look.numbers.prefix,
        "digits": look.numbers.digits,
        "families": [name.lower() for name in FAMILIES],
        "fixed": FIXED.lower(),
        "paper": look.paper,
        "margins": MARGINS,
        "docs": [
            {**_told(leaf, spelling), "first": first} for leaf, first in zip(leaves, _firsts(leaves), strict=True)
        ],
    }
    (folder / _GIVEN).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    (folder / "main.typ").write_bytes((files("osint.production.documents") / _LAYOUT).read_bytes())


def _firsts(leaves: Sequence[Leaf]) -> list[int]:
    """Return on which page of the typesetter each document begins, where the pages are counted."""
    return list(accumulate((len(leaf.targets) for leaf in leaves), initial=1))[:-1]


def _told(leaf: Leaf, spelling: Spelling) -> dict[str, Any]:
    posts, left = _within(leaf.posts, _MOST_TEXT)

    def words(text: str) -> list[str]:
        return broken(spelling.drawable(text))

    return {
        "head": [[name, words(render.shorten(value, _MOST_OF_A_FACT)), fixed] for name, value, fixed in leaf.head],
        "foot": words(leaf.foot),
        "note": words(leaf.note),
        "legend": leaf.legend,
        "slip": [_line(render.shorten(each, _MOST_OF_A_FACT), spelling) for each in leaf.slip],
        "posts": [
            {
                "facts": [[name, words(render.shorten(value, _MOST_OF_A_FACT))] for name, value in post.facts],
                "text": [_line(line, spelling) for line in post.text.split("\n") if line],
            }
            for post in posts
        ],
        "cut": words(_CUT.format(left=left)) if left else [],
        "sheets": leaf.sheets,
        "begin": leaf.begin,
        "pages": len(leaf.targets),
    }


def _within(posts: Sequence[Told], most: int) -> tuple[list[Told], int]:
    """Return posts as far as so many characters go, and how many are left."""
    kept, left = list[Told](), 0
    for post in posts:
        room = max(0, most - sum(len(each.text) + 500 for each in kept)) if not left else 0
        if room:
            kept.append(replace(post, text=post.text[:room]))
        left += len(post.text) - min(room, len(post.text))
    return kept, left


def _line(text: str, spelling: Spelling) -> dict[str, Any]:
    return {"words": broken(spelling.drawable(text)), "rtl": _is_rtl(text)}


def _is_rtl(line: str) -> bool:
    """Return whether the first letter with a direction says that a line runs from right to left (UAX 9, P2 and P3)."""
    strong = (kind for kind in map(unicodedata.bidirectional, line) if kind in ("L", "R", "AL"))
    return next(strong, "L") != "L"


def _page(png: bytes, leaf: Leaf, look: Look, at: int) -> bytes:
    with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
        if leaf.picture is None:
            return as_png(opened)
        page = opened.convert("RGB")
    _paste(page, leaf.picture, look, at)
    stream = io.BytesIO()
    page.save(stream, "JPEG", quality=_QUALITY, dpi=(DOTS, DOTS))
    return stream.getvalue()


def _paste(page: Image.Image, picture: Path, look: Look, at: int) -> None:
    """Paste one page of a picture between head and foot, where nothing stands."""
    width, height = look.box
    with Image.open(picture, formats=["PPM"]) as whole:
        part = whole.crop((0, at * height, whole.width, min(whole.height, (at + 1) * height)))
    left, top = pixels(MARGINS["side"]) + (width - part.width) // 2, pixels(MARGINS["top"])
    page.paste(part, (left, top))
