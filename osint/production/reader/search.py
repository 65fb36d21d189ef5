"""The search: an index of words, in parts that a page loads from beside it.

No page that was opened from disk may read other files. It may load script, so a part is a line of script that hands its
rows over. What was captured is data in it, and reaches the page as text nodes alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from osint import render
from osint.instants import format_instant
from osint.production.plan import Item
from osint.production.reader.frame import reader_file
from osint.production.reader.sheets import Part
from osint.production.reader.sight import Sight, is_shown
from osint.views.listing.frames import author_of
from osint.views.moments import in_utc
from osint.views.scripted import one_scope

LARGEST_PART = 1_000_000
"""Characters of one part of the index, about."""

LONGEST_INDEXED = 20_000
"""Characters of a post that are searched; all of it stands in the text of the document."""

_WITHOUT_SCRIPT = (
    "This page needs the script in it. Without script: the list of exhibits and the search log are searched with your "
    "browser's own search, a page at a time, and lists/ and TEXT/ with any program that searches files."
)


def item_row(sight: Sight, item: Item) -> list[Any]:
    """Return what is searched of an exhibit; of one that is not produced, its number and why.

    In order: kind, exhibit, page, first number, last number, fate, when it was stored, what it is, from where, hash.
    """
    documents = sight.documents.get(item.exhibit, ())
    begin, end = min((each.begin for each in documents), default=0), max((each.end for each in documents), default=0)
    marked = "exculpatory" if item.exculpatory == "yes" else ""
    fate = " ".join(filter(None, [str(item.fate), marked, item.ground, item.cited]))
    told = [item.title, item.source, item.sha256] if is_shown(item) else ["", "", ""]
    return ["e", item.exhibit, sight.sheet(item.exhibit), begin, end, fate, format_instant(item.stored), *told]


def post_row(part: Part, place: int, post: Mapping[str, Any]) -> list[Any]:
    """Return what is searched of a post.

    In order: kind, exhibit, page, which of its posts it is, author, when it was published, address, text.
    """
    by = " ".join(filter(None, [author_of(post), _text(post.get("author_name"))]))
    told = [by, in_utc(post.get("published")), _text(post.get("url")), _text(post.get("content"))[:LONGEST_INDEXED]]
    return ["p", part.exhibit, part.sheet, part.first + place, *told]


def parts_of(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield the index, a part at a time."""
    held: list[str] = []
    size = 0
    for row in rows:
        written = spelt(row)
        if held and size + len(written) > LARGEST_PART:
            yield _part(held)
            held, size = [], 0
        held.append(written)
        size += len(written)
    yield _part(held)


def part_name(number: int) -> str:
    """Return the name of a part, counted from 1."""
    return f"index-{number:04d}.js"


def search_body(prefix: str, parts: int) -> tuple[str, str]:
    """Return body and script of the search.

    Args:
        prefix: What the numbers of this production begin with.
        parts: Parts of the index.
    """
    names = [part_name(number) for number in range(1, parts + 1)]
    told = spelt({"names": names, "prefix": prefix, "hidden": render.HIDDEN.pattern})
    body = (
        "<p>Words of posts, handles, addresses, titles; numbers as E0042 or as stamped; hashes. Every word that you "
        "type has to be found, in one post or one exhibit.</p>"
        f'<p id="without">{render.escape(_WITHOUT_SCRIPT)}</p>'
        '<form id="asked" role="search" hidden><label for="words">Search for</label>'
        '<input type="search" id="words" autocomplete="off" spellcheck="false"><button>Search</button></form>'
        '<p id="said" role="status" class="note"></p><ol class="found" id="found"></ol>'
        '<button id="more" hidden>Show more</button>'
    )
    return body, one_scope(f"const DATA = {told};", reader_file("search.js"))


def spelt(value: object) -> str:
    """Return a value as a script spells it: JSON in ASCII alone, so that no encoding changes it."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def _part(rows: Sequence[str]) -> bytes:
    return f"indexed([{','.join(rows)}]);\n".encode("ascii")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
