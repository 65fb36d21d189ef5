"""What many posts say, relation by relation: what :mod:`osint.graph.observations` reads from one, found by columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from osint.graph.addresses import normalise_url
from osint.graph.entities import TextSearch, found_in
from osint.graph.observations import Said, further_said, post_key
from osint.graph.post_columns import Coded, Lists, Numbers, PostColumns, coded

_normalised = lru_cache(4096)(normalise_url)


class Sayings(NamedTuple):
    """Observations of one kind.

    Attributes:
        kind: One of :data:`osint.graph.observations.KINDS`.
        rows: The row of each in the posts.
        codes: Which of ``keys``, ``labels`` and ``names`` is that of each.
        keys: The other ends; with ``names``, the nodes of posts, which stand in for their authors.
        locators: Where in its row each was read.
        labels: How each key is spelt.
        names: Ids of the posts whose authors are the other ends.
        exhibits: Places in ``rows`` of what a further exhibit shows, each with that exhibit.
    """

    kind: str
    rows: Numbers
    codes: Numbers
    keys: Sequence[str]
    locators: Coded
    labels: Sequence[str | None] = ()
    names: Sequence[str] = ()
    exhibits: Sequence[tuple[int, str]] = ()


def everything_said(posts: PostColumns, search: TextSearch, *, authored: bool) -> Iterator[Sayings]:
    """Yield what posts with an author say; with ``authored``, also that a post is its author's."""
    by_author = posts["attributed_to"].codes >= 0
    notes = by_author & posts.is_note
    yield _mentions(posts, notes)
    yield _hashtags(posts, notes)
    yield _links(posts, notes)
    yield from _other_ends(posts, notes, "reply", "in_reply_to", "in_reply_to_account")
    yield from _other_ends(posts, by_author, "announce", "announce_of", "announce_of_account")
    yield from _other_ends(posts, notes, "quote", "quote_of", None)
    yield _domains(posts, notes, search)
    yield from _further(posts, notes, search)
    if authored:
        rows = np.flatnonzero(by_author)
        yield _authored(posts, rows)


def mentions_without_account(posts: PostColumns) -> Numbers:
    """Return of each row how many mentions name nobody that could be a node."""
    notes = (posts["attributed_to"].codes >= 0) & posts.is_note
    places = _of_type(posts, notes, "Mention")
    nameless = places[~posts.tag_values.has()[places]]
    return np.bincount(posts.tags.rows[nameless], minlength=len(posts.ids))


def _of_type(posts: PostColumns, wanted: Numbers, kind: str) -> Numbers:
    """Return the places of the tags of a type in some rows."""
    codes, types = posts.tag_types
    is_such = np.array([*(each == kind for each in types), False])[codes]
    return np.flatnonzero(is_such & wanted[posts.tags.rows])


def _mentions(posts: PostColumns, wanted: Numbers) -> Sayings:
    places, accounts = _of_type(posts, wanted, "Mention"), posts.tag_values
    places = places[accounts.has()[places]]
    return Sayings(
        "mention",
        posts.tags.rows[places],
        accounts.codes[places],
        accounts.values,
        _locators(posts.tags, places, "/tag"),
    )


def _hashtags(posts: PostColumns, wanted: Numbers) -> Sayings:
    places, names, platforms = _of_type(posts, wanted, "Hashtag"), posts.tag_values, posts["platform"]
    spelt, named = ["", *names.values], [None, *platforms.values]
    pairs = (platforms.codes[posts.tags.rows[places]] + 1) * len(spelt) + names.codes[places] + 1
    codes, different = pd.factorize(pairs)
    said = [(named[pair // len(spelt)], str(spelt[pair % len(spelt)]).removeprefix("#")) for pair in different.tolist()]
    held = np.array([bool(name) for _, name in said], dtype=bool)[codes]
    places = places[held]
    return Sayings(
        "hashtag", posts.tags.rows[places], codes[held],
        [f"hashtag:{platform}:{name.casefold()}" for platform, name in said],
        _locators(posts.tags, places, "/tag"), [f"#{name}" for _, name in said],
    )  # fmt: skip


def _links(posts: PostColumns, wanted: Numbers) -> Sayings:
    column, links = posts.links, posts.link_values
    places = np.flatnonzero(wanted[column.rows] & links.has())
    keys = [f"url:web:{_normalised(each)}" if each else "" for each in links.values]
    return Sayings("link", column.rows[places], links.codes[places], keys, _locators(column, places, "/links"))


def _locators(column: Lists, places: Numbers, field: str) -> Coded:
    """Return where some places of a column of lists are."""
    within = column.places[places]
    return Coded(within, [f"{field}/{number}" for number in range(within.max(initial=-1) + 1)])


def _other_ends(posts: PostColumns, wanted: Numbers, kind: str, post: str, account: str | None) -> Iterator[Sayings]:
    """Yield the account behind a post as the source names it, else the post, for its author or itself."""
    named = wanted & posts[account].has() if account else np.zeros(len(wanted), dtype=bool)
    if account:
        rows, column = np.flatnonzero(named), posts[account]
        yield Sayings(kind, rows, column.codes[rows], column.values, _one_place(len(rows), f"/{account}"))
    rows = np.flatnonzero(wanted & posts.holds(post) & ~named)
    names = posts.texts(post, rows)
    yield Sayings(
        kind, rows, np.arange(len(rows)), _post_keys(posts, rows, names), _one_place(len(rows), f"/{post}"), names=names
    )


def _authored(posts: PostColumns, rows: Numbers) -> Sayings:
    ids = [posts.ids[row] for row in rows.tolist()]
    keys = _post_keys(posts, rows, ids)
    return Sayings("authored", rows, np.arange(len(rows)), keys, _one_place(len(rows), "/id"), ids)


def _post_keys(posts: PostColumns, rows: Numbers, ids: Sequence[str]) -> list[str]:
    return [*map(post_key, ids, posts["platform"].of(rows))]


def _domains(posts: PostColumns, wanted: Numbers, search: TextSearch) -> Sayings:
    """Return the hosts of links."""
    column, links = posts.links, posts.link_values
    found = [next(found_in(None, [link], search), None) for link in links.values]
    hosts = np.array([*(each is not None for each in found), False], dtype=bool)
    places = np.flatnonzero(wanted[column.rows] & hosts[links.codes])
    keys = [each[1] if each else "" for each in found]
    return Sayings("domain", column.rows[places], links.codes[places], keys, _locators(column, places, "/links"))


def _further(posts: PostColumns, wanted: Numbers, search: TextSearch) -> Iterator[Sayings]:
    """Yield what is read one post after the other: texts, files, and what the source tells beside its fields."""
    has = (posts.holds("content") | posts.holds("extra") | posts.has_files) & wanted
    found: defaultdict[str, list[tuple[int, Said]]] = defaultdict(list)
    for row, number in zip(posts.rows(rows := np.flatnonzero(has)), rows.tolist(), strict=True):
        for said in further_said(row._replace(links=()), posts.files.get(row.id, ()), search):
            found[said.kind].append((number, said))
    for kind, pairs in found.items():
        numbers, each = zip(*pairs, strict=True)
        yield Sayings(
            kind, np.array(numbers), np.arange(len(pairs)), [said.key for said in each],
            coded([said.locator for said in each]), [said.label for said in each],
            [said.names for said in each if said.names],
            [(place, said.exhibit) for place, said in enumerate(each) if said.exhibit],
        )  # fmt: skip


def _one_place(count: int, locator: str) -> Coded:
    return Coded(np.zeros(count, dtype=np.int64), [locator])
