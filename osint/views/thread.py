"""A conversation as it was answered: each post under the one that it answers, and what is not there said to be so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import pandas as pd

from osint.errors import CaseError
from osint.views.listing import Listing, Thumb
from osint.views.listing.frames import POSTS, post_cells, post_columns
from osint.views.moments import zone_of

MISSING = "is not in the table: it was not collected, or is gone"
_PRINTED = ("author", "content", "published", "local", "marked", "exhibit")
_Row = Mapping[str, Any]


def thread(
    posts: pd.DataFrame,
    post: str = "",
    *,
    title: str = "",
    zone: str = "",
    fates: Mapping[str, Sequence[str]] | None = None,
    thumbs: Mapping[str, Sequence[Thumb]] | None = None,
) -> Listing:
    """Return a conversation, each answer under the post that it answers, the earlier first.

    A post that is answered and not in the table stands there as missing, by its id.

    Args:
        posts: The posts table.
        post: Id or address of a post of the conversation; without it, all conversations of the table.
        title: Heading.
        zone: Name of the zone whose clocks are shown beside UTC.
        fates: What later visits found, in words, by the exhibit that was visited again.
        thumbs: Small pictures by the exhibit, or id of the post, that shows them.

    Raises:
        CaseError: The table is not one of posts, holds no such post, or there is no such zone.
    """
    if not set(posts.columns) >= POSTS | {"in_reply_to"}:
        raise CaseError("A conversation is made of the posts table: case.posts().")
    local = zone_of(zone)
    rows: dict[str, _Row] = {str(row["id"]): row for row in _records(posts)}
    parents = {name: _parent(row) for name, row in rows.items()}
    answers = _answers(rows, parents)
    roots = _roots(rows, parents, answers)
    if post:
        roots = [_first(_named(rows, post), parents)]
    order = list(_walk(roots, answers))
    shown = [_cells(rows.get(name), name, depth, local, fates or {}) for name, depth in order]
    counted = sum(name in rows for name, _ in order)
    missing = len(order) - counted
    first = {name: at for at, name in enumerate(_PRINTED)}
    columns = sorted(post_columns(shown, local), key=lambda column: first.get(column.name, len(first)))
    return Listing(
        title=title or ("Conversation" if post else "Conversations"),
        caption=f"{_count(counted, 'post')} in {_count(len(roots), 'conversation')}; answered and not in the table: "
        f"{missing}.",
        columns=tuple(replace(column, printed=column.name in first) for column in columns),
        rows=shown,
        thumbs={at: tuple(thumbs[name]) for at, (name, _) in enumerate(order) if thumbs and name in thumbs},
        notes=("Moved in: an answer to the nearest post above it that is moved in less. It shows what was collected, "
               "which may be a part of what was said.",),
    )  # fmt: skip


def _records(posts: pd.DataFrame) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", posts.to_dict("records"))


def _parent(row: _Row) -> str:
    told: Any = row["in_reply_to"]
    return "" if pd.isna(told) or str(told) == str(row["id"]) else str(told)


def _answers(rows: Mapping[str, _Row], parents: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the answers to each post, the earlier first and those without a time last."""
    answers: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(rows, key=lambda name: _when(rows, name)):
        if parents[name]:
            answers[parents[name]].append(name)
    return dict(answers)


def _roots(rows: Mapping[str, _Row], parents: Mapping[str, str], answers: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the first post of each conversation that has an answer."""
    found = dict.fromkeys(_first(name, parents) for name in rows)
    return sorted((name for name in found if answers.get(name)), key=lambda name: _earliest(rows, answers, name))


def _first(name: str, parents: Mapping[str, str]) -> str:
    """Return where a conversation begins; of posts that answer each other in a ring, the least id."""
    way: dict[str, None] = {}
    while name not in way:
        way[name] = None
        if not parents.get(name):
            return name
        name = parents[name]
    ring = list(way)
    return min(ring[ring.index(name) :])


def _walk(roots: Sequence[str], answers: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, int]]:
    """Yield each post once, with how deep it lies."""
    ahead, seen = [(name, 0) for name in reversed(roots)], set[str]()
    while ahead:
        name, depth = ahead.pop()
        if name not in seen:
            seen.add(name)
            yield name, depth
            ahead += [(each, depth + 1) for each in reversed(answers.get(name, ()))]


def _when(rows: Mapping[str, _Row], name: str) -> tuple[bool, Any, str]:
    published: Any = rows[name]["published"] if name in rows else pd.NaT
    unknown = bool(pd.isna(published))
    return unknown, 0 if unknown else published, name


def _earliest(rows: Mapping[str, _Row], answers: Mapping[str, Sequence[str]], name: str) -> tuple[bool, Any, str]:
    return _when(rows, name if name in rows else answers[name][0])


def _named(rows: Mapping[str, _Row], post: str) -> str:
    found = [name for name, row in rows.items() if post in (name, row.get("url"))]
    if not found:
        raise CaseError(f"The table holds no post {post!r}: give its id or address, as the columns id and url say.")
    return found[0]


def _cells(row: _Row | None, name: str, depth: int, zone: Any, fates: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    if row is None:
        return {"author": "missing", "content": f"{name} {MISSING}.", "marked": ["missing"], "id": name, "depth": depth}
    cells = post_cells(row, zone)
    seen = [fate for exhibit in cells["exhibits"] or [cells["exhibit"]] for fate in fates.get(exhibit, ())]
    return {**cells, "marked": [*cells["marked"], *seen], "depth": depth}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
