"""The table of posts, read by columns: what many posts say is then found in a few steps for each different value."""

from __future__ import annotations

import json
import marshal
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from osint.graph.observations import File
from osint.graph.post_rows import (
    Row,
    check_columns,
    check_keys,
    exhibit_sets,
    instants,
    lists,
    read_rows,
    texts,
    values_of,
)  # fmt: skip

Numbers: TypeAlias = "np.ndarray[Any, Any]"

_CODED = ("platform", "type", "attributed_to", "author_handle", "exhibit", "in_reply_to_account", "announce_of_account")
_SEVERAL = ("content", "pointer", "in_reply_to", "quote_of", "announce_of")  # seldom the same in two rows
_TAG_FIELDS = {"Mention": "account", "Hashtag": "name"}


class Coded(NamedTuple):
    """A column: its different values, and for each row which of them it holds; -1 for none."""

    codes: Numbers
    values: Sequence[Any]

    def has(self) -> Numbers:
        """Say of each row whether it holds anything but an empty text."""
        return np.array([*map(bool, self.values), False])[self.codes]

    def of(self, rows: Numbers) -> list[Any]:
        """Return the values of some rows."""
        held: list[Any] = np.array([*self.values, None], dtype=object)[self.codes[rows]].tolist()
        return held


class Lists(NamedTuple):
    """A column of lists: all that they hold, in a row, with the row of the table and the place in its list of each."""

    items: list[Any]
    rows: Numbers
    places: Numbers

    @property
    def longest(self) -> int:
        """How many items the longest list has."""
        return int(self.places.max(initial=-1)) + 1


class PostColumns:
    """Posts, as columns. Rows of one post follow each other; where they differ in nothing else, by their exhibits."""

    def __init__(self, posts: pd.DataFrame, needed: Collection[str], files: Mapping[str, Sequence[File]]) -> None:
        """Check a part of the posts table.

        Raises:
            GraphError: As for :func:`osint.graph.post_rows.read_rows`.
        """
        check_columns(posts, needed)
        self.exhibits = exhibit_sets(posts)
        self.is_unique = posts["id"].is_unique
        if not self.is_unique:
            keys = zip(posts["id"], map(sorted, self.exhibits), texts(posts, "attributed_to"), strict=True)
            ordered = [(post, exhibits, author or "") for post, exhibits, author in keys]
            order = sorted(range(len(posts)), key=ordered.__getitem__)
            posts, self.exhibits = posts.iloc[order], [self.exhibits[place] for place in order]
        self.table, self.files = posts, files
        self.ids: list[str] = posts["id"].tolist()
        self.published = instants(posts)
        self._coded: dict[str, Coded] = {}
        self._held: dict[str, Numbers] = {}
        check_keys(self["attributed_to"].values)

    def __getitem__(self, name: str) -> Coded:
        if name not in self._coded:
            self._coded[name] = coded(values_of(self.table, name))
        return self._coded[name]

    def holds(self, name: str) -> Numbers:
        """Say of each row whether a column holds anything, where its values cannot be told apart, or seldom are few."""
        if name not in self._held:
            values = values_of(self.table, name)
            held = ~pd.isna(values)
            held[held] = np.fromiter(map(bool, values[held].tolist()), dtype=bool)
            self._held[name] = held
        return self._held[name]

    def texts(self, name: str, rows: Numbers) -> list[Any]:
        """Return what a column holds in some rows."""
        listed: list[Any] = values_of(self.table, name)[rows].tolist()
        return listed

    @cached_property
    def heads(self) -> Numbers:
        """Whether each row is the last one of its post."""
        if self.is_unique:
            return np.ones(len(self.ids), dtype=bool)
        return np.array([*map(str.__ne__, self.ids, self.ids[1:]), True][: len(self.ids)], dtype=bool)

    @cached_property
    def is_note(self) -> Numbers:
        """Whether each row is more than the passing on of another post."""
        return np.array([*(each != "Announce" for each in self["type"].values), True])[self["type"].codes]

    @cached_property
    def tags(self) -> Lists:
        """What is in ``tag``."""
        return _lists(lists(self.table, "tag"))

    @cached_property
    def tag_types(self) -> Coded:
        """The types of what is in ``tag``."""
        return coded([tag.get("type") for tag in self.tags.items])

    @cached_property
    def tag_values(self) -> Coded:
        """The account of each mention in ``tag`` and the name of each hashtag."""
        items, values = _objects(self.tags.items), np.full(len(self.tags.items), None)
        codes, types = self.tag_types
        for code, kind in enumerate(types):
            if kind in _TAG_FIELDS:
                places = np.flatnonzero(codes == code)
                values[places] = [tag.get(_TAG_FIELDS[kind]) or None for tag in items[places].tolist()]
        return coded(values)

    @cached_property
    def links(self) -> Lists:
        """What is in ``links``."""
        return _lists(lists(self.table, "links"))

    @cached_property
    def link_values(self) -> Coded:
        """The different values of what is in ``links``."""
        return coded(self.links.items)

    @cached_property
    def firsts(self) -> Numbers:
        """Where each post begins."""
        return np.flatnonzero(np.concatenate([[True], self.heads[:-1]])) if self.ids else np.zeros(0, dtype=np.int64)

    @cached_property
    def sizes(self) -> Numbers:
        """How many rows each post has."""
        return np.diff(self.firsts, append=len(self.ids))

    def names(self, key: str) -> Numbers:
        """Return a number for the id of each post, from a key of sixteen characters."""
        return hashed(self.ids if self.is_unique else [self.ids[first] for first in self.firsts.tolist()], key)

    def fingerprints(self, key: str) -> Numbers:
        """Return a number for each post from all that is read of it; another one only means that it is read again.

        Each value has a number, from a key, and each place of a value in a post another; the fingerprint is the sum of
        their products. Without the key nobody can make a post that changes and keeps its number.
        """
        told = self.published.view(np.uint64) * _factors("published", 1, key)
        for name in _CODED:
            told += _of_values(self[name], key) * _factors(name, 1, key)
        for name in _SEVERAL:
            rows = np.flatnonzero(self.holds(name))
            told[rows] += hashed(values_of(self.table, name)[rows], key) * _factors(name, 1, key)
        listed = {"type": self.tag_types, "value": self.tag_values}
        for name, column in listed.items():
            self._add_listed(told, self.tags, _of_values(column, key), _factors(name, self.tags.longest, key))
        links = _of_values(self.link_values, key)
        self._add_listed(told, self.links, links, _factors("link", self.links.longest, key))
        told += _of_values(self.shown, key) * _factors("shown", 1, key)
        rows = np.flatnonzero(self.holds("extra") | self.has_files)
        told[rows] += hashed(self._others(rows), key) * _factors("others", 1, key)
        within = np.arange(len(told)) - np.repeat(self.firsts, self.sizes)
        told *= _factors("row", self.sizes.max(initial=0), key)[within]
        return np.add.reduceat(told, self.firsts) if len(told) else told

    def _add_listed(self, told: Numbers, column: Lists, numbers: Numbers, factors: Numbers) -> None:
        np.add.at(told, column.rows, numbers * factors[column.places])

    def _others(self, rows: Numbers) -> list[bytes]:
        """Return what is neither text nor list of texts of some rows."""
        files = [[*map(tuple, self.files.get(self.ids[row], ()))] for row in rows.tolist()]
        return [*map(_written, zip(values_of(self.table, "extra")[rows].tolist(), files, strict=True))]

    @cached_property
    def shown(self) -> Coded:
        """The exhibits of each row, as one text."""
        codes, sets = coded(self.exhibits)
        return Coded(codes, [*map(spelt, sets)])

    @cached_property
    def has_files(self) -> Numbers:
        """Whether each row shows preserved files."""
        if not self.files:
            return np.zeros(len(self.ids), dtype=bool)
        return np.array([*map(self.files.__contains__, self.ids)], dtype=bool)

    def places(self) -> tuple[Sequence[str | None], ...]:
        """Return the exhibit that shows each row, and where in it."""
        return tuple([*texts(self.table, name)] for name in ("exhibit", "pointer"))

    def rows(self, numbers: Numbers) -> list[Row]:
        """Return some rows, one by one."""
        return read_rows(self.table.iloc[numbers], ()) if len(numbers) else []

    def part(self, rows: Numbers) -> PostColumns:
        """Return some rows."""
        return self if rows.all() else PostColumns(self.table[rows], (), self.files)


def coded(values: Sequence[Any] | Numbers) -> Coded:
    """Return a column by its different values."""
    codes, different = pd.factorize(_objects(values))
    return Coded(codes, different.tolist())


def _objects(values: Sequence[Any] | Numbers) -> Numbers:
    return values if isinstance(values, np.ndarray) else np.fromiter(values, dtype=object, count=len(values))


def _lists(column: Iterable[Sequence[Any]]) -> Lists:
    lists = list(column)
    sizes = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
    rows = np.repeat(np.arange(len(lists)), sizes)
    return Lists([*chain.from_iterable(lists)], rows, np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes))


@lru_cache(1024)
def spelt(exhibits: frozenset[str]) -> str:
    """Return exhibits as one text: most posts share theirs with many others."""
    return json.dumps(sorted(exhibits))


def hashed(values: Sequence[str | bytes] | Numbers, key: str) -> Numbers:
    """Return a number of 64 bits for each text, by SipHash with a key of sixteen characters."""
    try:
        return pd.util.hash_array(_objects(values), hash_key=key, categorize=False)
    except UnicodeEncodeError:  # half of a surrogate pair
        written = [each.encode("utf-8", "surrogatepass") if isinstance(each, str) else each for each in values]
        return pd.util.hash_array(np.array(written, dtype=object), hash_key=key, categorize=False)


def _of_values(column: Coded, key: str) -> Numbers:
    """Return the number of each value of a column; that of none is 0."""
    return np.append(hashed(column.values, key), np.uint64(0))[column.codes]


@lru_cache(256)
def _factors(field: str, count: int, key: str) -> Numbers:
    """Return an odd number for each place in a field."""
    return hashed([f"{field}/{place}" for place in range(count)], key) | np.uint64(1)


def _written(row: tuple[Any, ...]) -> bytes:
    """Return a row as bytes: the quickest way; another release of Python that writes otherwise only reads again."""
    try:
        return marshal.dumps(row, 2)
    except ValueError:  # it holds what is neither text nor number, as an instant of pandas
        return repr(row).encode("utf-8", "surrogatepass")
