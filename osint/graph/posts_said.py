"""What many posts say, relation by relation: what :mod:`osint.graph.observations` reads from one, found by columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from osint.graph.addresses import normalise_url
from osint.graph.entities import TextSearch
from osint.graph.observations import KINDS, Said, further_said, post_key
from osint.graph.post_columns import Coded, Lists, Numbers, PostColumns, coded


class Sayings(NamedTuple):
    """Observations of one kind.

    Attributes:
        kind: One of :data:`osint.graph.observations.KINDS`.
        rows: The row of each in the posts.
        codes: Which of ``different`` each says.
        different: What is said; a locator in it does not count.
        locators: Where in its row each was read.
    """

    kind: str
    rows: Numbers
    codes: Numbers
    different: Sequence[Said]
    locators: Coded


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
    yield from _further(posts, notes, search)
    if authored:
        rows = np.flatnonzero(by_author)
        yield _named_posts(posts, rows, "authored", [posts.ids[row] for row in rows.tolist()], "/id")


def mentions_without_account(posts: PostColumns) -> list[int]:
    """Return of each row how many mentions name nobody that could be a node."""
    notes = (posts["attributed_to"].codes >= 0) & posts.is_note
    places = _of_type(posts, notes, "Mention")
    nameless = [not posts.tags.items[place].get("account") for place in places.tolist()]
    listed: list[int] = np.bincount(posts.tags.rows[places[nameless]], minlength=len(posts.ids)).tolist()
    return listed


def _of_type(posts: PostColumns, wanted: Numbers, kind: str) -> Numbers:
    """Return the places of the tags of a type in some rows."""
    codes, types = posts.tag_types
    is_such = np.array([*(each == kind for each in types), False])[codes]
    return np.flatnonzero(is_such & wanted[posts.tags.rows])


def _mentions(posts: PostColumns, wanted: Numbers) -> Sayings:
    places = _of_type(posts, wanted, "Mention")
    accounts = coded([posts.tags.items[place].get("account") or None for place in places.tolist()])
    said = [Said("mention", each, None, "") for each in accounts.values]
    return _listed(posts.tags, places, accounts, said, "/tag")


def _hashtags(posts: PostColumns, wanted: Numbers) -> Sayings:
    places = _of_type(posts, wanted, "Hashtag")
    names = [str(posts.tags.items[place].get("name") or "").removeprefix("#") for place in places.tolist()]
    platforms = posts["platform"].of(posts.tags.rows[places])
    tags = coded([(platform, name) if name else None for platform, name in zip(platforms, names, strict=True)])
    said = [Said("hashtag", f"hashtag:{platform}:{name.casefold()}", f"#{name}", "") for platform, name in tags.values]
    return _listed(posts.tags, places, tags, said, "/tag")


def _links(posts: PostColumns, wanted: Numbers) -> Sayings:
    places = np.flatnonzero(wanted[posts.links.rows])
    links = coded([posts.links.items[place] or None for place in places.tolist()])
    said = [Said("link", f"url:web:{normalise_url(each)}", None, "") for each in links.values]
    return _listed(posts.links, places, links, said, "/links")


def _listed(column: Lists, places: Numbers, values: Coded, said: Sequence[Said], field: str) -> Sayings:
    """Return what the values at some places of a column of lists say."""
    held = values.codes >= 0
    numbers, codes = np.unique(column.places[places[held]], return_inverse=True)
    locators = Coded(codes, [f"{field}/{number}" for number in numbers.tolist()])
    kind = said[0].kind if said else KINDS[0]
    return Sayings(kind, column.rows[places[held]], values.codes[held], said, locators)


def _other_ends(posts: PostColumns, wanted: Numbers, kind: str, post: str, account: str | None) -> Iterator[Sayings]:
    """Yield the account behind a post as the source names it, else the post, for its author or itself."""
    named = wanted & posts[account].has() if account else np.zeros(len(wanted), dtype=bool)
    if account:
        rows, column = np.flatnonzero(named), posts[account]
        said = [Said(kind, each, None, "") for each in column.values]
        yield Sayings(kind, rows, column.codes[rows], said, _one_place(len(rows), f"/{account}"))
    rows = np.flatnonzero(wanted & posts[post].has() & ~named)
    yield _named_posts(posts, rows, kind, posts[post].of(rows), f"/{post}")


def _named_posts(posts: PostColumns, rows: Numbers, kind: str, names: list[str], locator: str) -> Sayings:
    """Return that rows name posts."""
    platforms = posts["platform"].of(rows)
    pairs = zip(names, platforms, strict=True)
    is_own = kind == "authored"
    said = [Said(kind, post_key(name, platform), name, "", None if is_own else name) for name, platform in pairs]
    return Sayings(kind, rows, np.arange(len(rows)), said, _one_place(len(rows), locator))


def _further(posts: PostColumns, wanted: Numbers, search: TextSearch) -> Iterator[Sayings]:
    """Yield what is read one post after the other: texts, files, and what the source tells beside its fields."""
    has = posts.holds("content") | posts.holds("extra")
    has |= posts.has_files
    has[posts.links.rows] = True
    found: defaultdict[str, list[tuple[int, Said]]] = defaultdict(list)
    for row, number in zip(posts.rows(rows := np.flatnonzero(has & wanted)), rows.tolist(), strict=True):
        for said in further_said(row, posts.files.get(row.id, ()), search):
            found[said.kind].append((number, said))
    for kind, pairs in found.items():
        numbers, each = zip(*pairs, strict=True)
        yield Sayings(kind, np.array(numbers), np.arange(len(pairs)), each, coded([said.locator for said in each]))


def _one_place(count: int, locator: str) -> Coded:
    return Coded(np.zeros(count, dtype=np.int64), [locator])
