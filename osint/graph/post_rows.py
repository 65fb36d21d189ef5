"""The table of posts, read for what makes nodes and edges: one row of plain values for each of its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from osint.errors import GraphError

ALWAYS = ("id", "platform", "type", "attributed_to", "author_handle", "published", "exhibit", "exhibits")

UNDATED = -(1 << 63)
"""What stands for no instant among numbers."""

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
    check_columns(posts, needed)
    columns: dict[str, Iterable[Any]] = {name: texts(posts, name) for name in Row._fields}
    columns |= {name: lists(posts, name) for name in ("tag", "links")}
    columns["author"] = texts(posts, "attributed_to")
    columns["handle"] = (handle and handle.removeprefix("@") for handle in texts(posts, "author_handle"))
    columns["published"] = (None if number == UNDATED else number for number in instants(posts).tolist())
    columns["exhibits"] = exhibit_sets(posts)
    check_keys(columns["author"])
    return list(map(Row, *columns.values()))


def check_columns(posts: pd.DataFrame, needed: Collection[str]) -> None:
    """Refuse a table without a column that is needed.

    Raises:
        GraphError: It names those that are missing.
    """
    missing = sorted({*ALWAYS, *needed} - set(posts.columns))
    if missing:
        raise GraphError(f"the table of posts lacks the columns {', '.join(missing)}; pass the table of case.posts()")


def check_keys(authors: Iterable[str | None]) -> None:
    """Refuse an author that is no node.

    Raises:
        GraphError: It names the first.
    """
    for key in authors:
        if key is not None and str(key).count(":") < 2:
            raise GraphError(f"attributed_to holds {key!r}, which is no node key (kind:namespace:key)")


def instant(microseconds: int | None) -> datetime | None:
    """Return the instant in UTC that a number of microseconds since 1970 stands for."""
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


def microseconds(moment: datetime) -> int:
    """Return the microseconds from 1970 to an instant."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def exhibit_sets(posts: pd.DataFrame) -> list[frozenset[str]]:
    """Return the exhibits that show each row.

    Raises:
        GraphError: A row names none.
    """
    sets = list(map(_exhibit_set, texts(posts, "exhibit"), map(tuple, lists(posts, "exhibits"))))
    if not all(sets):
        bare = [post for post, exhibits in zip(posts["id"], sets, strict=True) if not exhibits]
        raise GraphError(
            f"{len(bare)} of {len(posts)} posts name no exhibit (first: {bare[0]}); an edge that leads back to no "
            "exhibit cannot exist. Nothing was built: pass the table of case.posts(), or leave these rows out."
        )
    return sets


@lru_cache(4096)
def _exhibit_set(shown: str | None, seen: tuple[Any, ...]) -> frozenset[str]:
    """Return exhibits as one set: most posts share theirs with many others."""
    return frozenset(exhibit for exhibit in (shown, *seen) if exhibit)


def texts(posts: pd.DataFrame, name: str) -> Iterable[Any]:
    """Return a column's values with None for NA; a column that is not there is nothing throughout."""
    if name not in posts.columns:
        return repeat(None, len(posts))
    values = values_of(posts, name)
    nothing = pd.isna(values)
    if nothing.any():
        values = values.copy()
        values[nothing] = None
    listed: list[Any] = values.tolist()
    return listed


def values_of(posts: pd.DataFrame, name: str) -> np.ndarray[Any, Any]:
    """Return a column's values as objects, NA as it stands there; a column that is not there is nothing throughout."""
    return posts[name].to_numpy(dtype=object) if name in posts.columns else np.full(len(posts), None)


def lists(posts: pd.DataFrame, name: str) -> Iterable[Sequence[Any]]:
    """Return a column of lists; a column that is not there is empty lists.

    Raises:
        GraphError: Something in it is no list.
    """
    if name not in posts.columns:
        return repeat((), len(posts))
    return [value if type(value) is list else _list(value, name) for value in posts[name].tolist()]


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


def instants(posts: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return when each row was published, in microseconds since 1970; :data:`UNDATED` where that is not known.

    Raises:
        GraphError: The column holds something else than instants with their time zone.
    """
    published = posts["published"]
    if published.isna().all():
        return np.full(len(published), UNDATED)
    if not isinstance(published.dtype, pd.DatetimeTZDtype):
        raise GraphError(f"the column published holds {published.dtype}, not instants with their time zone")
    numbers: np.ndarray[Any, Any] = published.dt.as_unit("us").to_numpy(dtype="datetime64[us]").astype(np.int64)
    numbers[published.isna().to_numpy()] = UNDATED
    return numbers
