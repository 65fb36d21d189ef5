"""The table of posts, read for what makes nodes and edges: one row of plain values for each of its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import Any, NamedTuple

import pandas as pd

from osint.errors import GraphError

ALWAYS = ("id", "platform", "type", "attributed_to", "author_handle", "published", "exhibit", "exhibits")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Row(NamedTuple):
    """A post, reduced to what makes nodes and edges. ``published`` counts microseconds since 1970."""

    id: str
    platform: str
    type: str
    author: str | None
    handle: str | None
    published: int | None
    exhibits: frozenset[str]
    tag: Sequence[Any]
    links: Sequence[Any]
    in_reply_to: str | None
    in_reply_to_account: str | None
    quote_of: str | None
    announce_of: str | None
    announce_of_account: str | None
    content: str | None
    extra: Mapping[str, Any] | None
    exhibit: str | None
    pointer: str | None
    collector: str | None

    def order(self) -> tuple[str, list[str], str]:
        """Return what rows are ordered by, so that the order they came in does not matter."""
        return self.id, sorted(self.exhibits), self.author or ""


def read_rows(posts: pd.DataFrame, needed: Collection[str]) -> list[Row]:
    """Return the rows of a table of posts; a column that is not needed may be absent.

    Raises:
        GraphError: A needed column is missing, one is of the wrong type, or a post names no exhibit.
    """
    missing = sorted({*ALWAYS, *needed} - set(posts.columns))
    if missing:
        raise GraphError(f"the table of posts lacks the columns {', '.join(missing)}; pass the table of case.posts()")
    columns: dict[str, Iterable[Any]] = {name: _text(posts, name) for name in Row._fields}
    columns |= {name: _lists(posts, name) for name in ("tag", "links")}
    columns["author"] = _keys(posts, "attributed_to")
    columns["handle"] = (handle and handle.removeprefix("@") for handle in _text(posts, "author_handle"))
    columns["published"] = _microseconds(posts["published"])
    columns["exhibits"] = map(_exhibit_set, _text(posts, "exhibit"), _lists(posts, "exhibits"))
    rows = list(map(Row, *columns.values()))
    _refuse_posts_without_exhibit(rows)
    return rows


def instant(microseconds: int | None) -> datetime | None:
    """Return the instant in UTC that a number of microseconds since 1970 stands for."""
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


def microseconds(moment: datetime) -> int:
    """Return the microseconds from 1970 to an instant."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _exhibit_set(shown: str | None, seen: Iterable[Any]) -> frozenset[str]:
    return frozenset(exhibit for exhibit in (shown, *seen) if exhibit)


def _text(posts: pd.DataFrame, name: str) -> Iterable[Any]:
    """Return a column's values with None for NA; a column that is not there is nothing throughout."""
    if name not in posts.columns:
        return repeat(None, len(posts))
    column = posts[name]
    values: list[Any] = column.astype(object).where(column.notna(), None).tolist()
    return values


def _keys(posts: pd.DataFrame, name: str) -> Iterator[str | None]:
    for key in _text(posts, name):
        if key is not None and str(key).count(":") < 2:
            raise GraphError(f"{name} holds {key!r}, which is no node key (kind:namespace:key)")
        yield key


def _lists(posts: pd.DataFrame, name: str) -> Iterable[Sequence[Any]]:
    if name not in posts.columns:
        return repeat((), len(posts))
    return [_list(value, name) for value in posts[name].tolist()]


def _list(value: Any, name: str) -> Sequence[Any]:
    if isinstance(value, (list, tuple)):
        return value
    if hasattr(value, "tolist") and getattr(value, "ndim", 0) == 1:  # how Parquet gives lists back
        listed: list[Any] = value.tolist()
        return listed
    if pd.isna(value):
        return ()
    raise GraphError(
        f"the column {name} holds {type(value).__name__} where a list belongs; pass the table of case.posts()"
    )


def _microseconds(published: pd.Series[Any]) -> Iterator[int | None]:
    if published.isna().all():
        return repeat(None, len(published))
    if not isinstance(published.dtype, pd.DatetimeTZDtype):
        raise GraphError(f"the column published holds {published.dtype}, not instants with their time zone")
    known = published.notna().tolist()
    numbers = published.dt.as_unit("us").astype("int64").tolist()
    return (number if there else None for number, there in zip(numbers, known, strict=True))


def _refuse_posts_without_exhibit(rows: Sequence[Row]) -> None:
    bare = [row.id for row in rows if not row.exhibits]
    if bare:
        raise GraphError(
            f"{len(bare)} of {len(rows)} posts name no exhibit (first: {bare[0]}); an edge that leads back to no "
            "exhibit cannot exist. Nothing was built: pass the table of case.posts(), or leave these rows out."
        )
