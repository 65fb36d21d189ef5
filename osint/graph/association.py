"""Posts to an association graph: who named, answered, passed on or linked to what, and which exhibits show it.

An edge states only what posts say ("this account mentioned that account"). It is never a membership, a friendship or a
degree of suspicion. One edge stands for all posts that support it, and names them and their exhibits.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import networkx as nx
import pandas as pd

from osint.errors import GraphError

if TYPE_CHECKING:
    from typing import TypeAlias

    Network: TypeAlias = "nx.MultiDiGraph[str]"

RELATIONS = ("mention", "reply", "announce", "quote", "link", "hashtag")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALWAYS = ("id", "platform", "type", "attributed_to", "author_handle", "published", "exhibit", "exhibits")
_COLUMNS = {
    "mention": ("tag",),
    "reply": ("in_reply_to", "in_reply_to_account"),
    "announce": ("announce_of", "announce_of_account"),
    "quote": ("quote_of",),
    "link": ("links",),
    "hashtag": ("tag",),
}
_DEFAULT_PORT = {"http": ":80", "https": ":443"}


def association_graph(posts: pd.DataFrame, relations: Sequence[str] = RELATIONS) -> Network:
    """Return the graph of who mentioned, answered, passed on, quoted or linked to what, by the given posts.

    Nodes are ``kind:namespace:key``: accounts (``account:mastodon:jane@social.example``), posts whose author is not
    known (``post:mastodon:17``), web addresses (``url:web:https://news.example/``) and hashtags
    (``hashtag:mastodon:missing``). Every author of a post is a node, tied or not. Node attributes: ``kind``,
    ``label``, ``platform``, ``first`` and ``last`` (instants in UTC of the earliest and latest dated post that shows
    the node, or None) and ``exhibits``.

    There is at most one edge per source, target and relation; the relation is the edge's key. Edge attributes:

    - ``kind``: the relation; ``basis``: ``"observed"``, since the posts themselves say it;
    - ``count`` and ``posts``: the number of distinct supporting posts, and their ids, sorted;
    - ``first``, ``last``: instants in UTC of the earliest and the latest of them, or None;
    - ``via``: ids of posts that do not make the tie but tell whose post was answered, quoted or passed on;
    - ``exhibits``: numbers of every exhibit that shows ``posts`` or ``via``, sorted, never empty.

    A post that answers itself or its own author gives a self-loop. A post of type Announce says only that its author
    passed something on: mentions and links in it belong to the original. Graph attributes count what made no edge:
    ``posts`` read, ``posts_without_author``, ``mentions_without_account``, the ``relations`` asked and
    ``edges_per_relation``. The result does not depend on the order of the rows.

    Args:
        posts: One row per post, as ``case.posts()`` returns it.
        relations: Some of ``mention``, ``reply``, ``announce``, ``quote``, ``link``, ``hashtag``.

    Raises:
        GraphError: A relation is unknown, a column is missing or of the wrong type, or a post names no exhibit.
    """
    asked = _known_relations(relations)
    with _collector_paused():
        rows = list(_rows(posts, asked))
        _refuse_posts_without_exhibit(rows)
        return _Builder(rows).build(asked)


def normalise_url(url: str) -> str:
    """Return the spelling under which two addresses are the same: RFC 3986, sections 6.2.2.1 and 6.2.3.

    Scheme and host in lower case, no default port, no empty path, no fragment. The query stays whole, since leaving
    parameters out would be a guess. An address that cannot be parsed is returned as it is.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    userinfo, at, host = parts.netloc.rpartition("@")
    host = host.lower().removesuffix(_DEFAULT_PORT.get(parts.scheme, ":"))
    path = parts.path or ("/" if parts.netloc else "")
    return urlunsplit((parts.scheme, userinfo + at + host, path, parts.query, "")) or url


class _Row(NamedTuple):
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


class _Target(NamedTuple):
    """One end of an edge. ``via`` is the post that tells who is behind the post answered or passed on."""

    key: str
    label: str | None = None
    via: _Row | None = None


@dataclass(slots=True)
class _Sightings:
    """What the posts that show one node or one edge add up to."""

    posts: set[str] = field(default_factory=set)
    via: set[str] = field(default_factory=set)
    exhibits: set[str] = field(default_factory=set)
    first: int | None = None
    last: int | None = None

    def add(self, row: _Row) -> None:
        self.posts.add(row.id)
        self.exhibits |= row.exhibits
        if row.published is not None:
            self.first = row.published if self.first is None else min(self.first, row.published)
            self.last = row.published if self.last is None else max(self.last, row.published)

    def period(self) -> dict[str, datetime | None]:
        return {"first": _instant(self.first), "last": _instant(self.last)}


class _Builder:
    """Collects sightings of nodes and edges, then writes them in one fixed order."""

    def __init__(self, rows: list[_Row]) -> None:
        self.rows = sorted(rows, key=lambda row: (row.id, sorted(row.exhibits), row.author or ""))
        self.by_id = {row.id: row for row in self.rows}
        self.nodes: dict[str, _Sightings] = {}
        self.labels: dict[str, tuple[int, int, str]] = {}
        self.edges: dict[tuple[str, str, str], _Sightings] = {}
        self.mentions_without_account = 0

    def build(self, relations: Sequence[str]) -> Network:
        for row in self.rows:
            if row.author is not None:
                self._see_node(row, _Target(row.author, row.handle))
                for relation in relations:
                    self._see_edges(row, row.author, relation)
        return self._network(relations)

    def _see_edges(self, row: _Row, author: str, relation: str) -> None:
        if row.type == "Announce" and relation != "announce":
            return
        if relation == "mention":
            self.mentions_without_account += sum(1 for tag in _tags(row, "Mention") if not tag.get("account"))
        for target in _TARGETS[relation](row, self.by_id):
            self._see_node(row, target)
            edge = self.edges.setdefault((author, target.key, relation), _Sightings())
            edge.add(row)
            if target.via is not None:
                edge.via.add(target.via.id)
                edge.exhibits |= target.via.exhibits

    def _see_node(self, row: _Row, target: _Target) -> None:
        self.nodes.setdefault(target.key, _Sightings()).add(row)
        if target.label:
            # Its own post says best what an account is called; after that the latest post does.
            rank = (int(target.key == row.author), row.published or 0, target.label)
            self.labels[target.key] = max(self.labels.get(target.key, rank), rank)

    def _network(self, relations: Sequence[str]) -> Network:
        network: Network = nx.MultiDiGraph()
        for key, seen in sorted(self.nodes.items()):
            kind, platform, rest = key.split(":", 2)
            label = self.labels[key][2] if key in self.labels else rest
            network.add_node(
                key, kind=kind, label=label, platform=platform, **seen.period(), exhibits=sorted(seen.exhibits)
            )
        for (source, target, kind), seen in sorted(self.edges.items()):
            network.add_edge(source, target, key=kind, **_edge_attributes(kind, seen))
        network.graph.update(self._account(relations))
        return network

    def _account(self, relations: Sequence[str]) -> dict[str, Any]:
        counts = dict.fromkeys(relations, 0)
        for _, _, kind in self.edges:
            counts[kind] += 1
        return {
            "relations": list(relations),
            "posts": len(self.by_id),
            "posts_without_author": len({row.id for row in self.rows if row.author is None}),
            "mentions_without_account": self.mentions_without_account,
            "edges_per_relation": counts,
        }


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the cyclic garbage collector: it finds nothing while a graph grows, and takes half of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _edge_attributes(kind: str, seen: _Sightings) -> dict[str, Any]:
    return {
        "kind": kind,
        "basis": "observed",
        "count": len(seen.posts),
        **seen.period(),
        "posts": sorted(seen.posts),
        "via": sorted(seen.via),
        "exhibits": sorted(seen.exhibits),
    }


def _tags(row: _Row, wanted: str) -> Iterator[dict[str, Any]]:
    return (tag for tag in row.tag if tag.get("type") == wanted)


def _mentions(row: _Row, _: dict[str, _Row]) -> Iterator[_Target]:
    for tag in _tags(row, "Mention"):
        if tag.get("account"):
            yield _Target(tag["account"])


def _hashtags(row: _Row, _: dict[str, _Row]) -> Iterator[_Target]:
    for tag in _tags(row, "Hashtag"):
        name = str(tag.get("name") or "").removeprefix("#")
        if name:
            yield _Target(f"hashtag:{row.platform}:{name.casefold()}", f"#{name}")


def _links(row: _Row, _: dict[str, _Row]) -> Iterator[_Target]:
    for link in row.links:
        if link:
            yield _Target(f"url:web:{normalise_url(link)}", normalise_url(link))


def _reply(row: _Row, known: dict[str, _Row]) -> Iterator[_Target]:
    return _other_end(row.in_reply_to, row.in_reply_to_account, row.platform, known)


def _announce(row: _Row, known: dict[str, _Row]) -> Iterator[_Target]:
    return _other_end(row.announce_of, row.announce_of_account, row.platform, known)


def _quote(row: _Row, known: dict[str, _Row]) -> Iterator[_Target]:
    return _other_end(row.quote_of, None, row.platform, known)


def _other_end(post: str | None, account: str | None, platform: str, known: dict[str, _Row]) -> Iterator[_Target]:
    """Yield the account behind a post: as the source names it, else as the post itself does, else the post alone."""
    original = known.get(post) if post else None
    if account:
        yield _Target(account)
    elif original is not None and original.author is not None:
        yield _Target(original.author, via=original)
    elif post:
        namespace, colon, native = post.partition(":")
        yield _Target(f"post:{namespace}:{native}" if colon else f"post:{platform}:{post}", post)


_TARGETS: dict[str, Callable[[_Row, dict[str, _Row]], Iterator[_Target]]] = {
    "mention": _mentions,
    "reply": _reply,
    "announce": _announce,
    "quote": _quote,
    "link": _links,
    "hashtag": _hashtags,
}


def _known_relations(relations: Sequence[str]) -> list[str]:
    asked = [relations] if isinstance(relations, str) else list(dict.fromkeys(relations))
    unknown = [name for name in asked if name not in RELATIONS]
    if unknown:
        raise GraphError(f"unknown relation {', '.join(map(repr, unknown))}; known relations: {', '.join(RELATIONS)}")
    return [name for name in RELATIONS if name in asked]


def _rows(posts: pd.DataFrame, relations: Sequence[str]) -> Iterator[_Row]:
    needed = {*_ALWAYS, *(column for relation in relations for column in _COLUMNS[relation])}
    missing = sorted(needed - set(posts.columns))
    if missing:
        raise GraphError(f"the table of posts lacks the columns {', '.join(missing)}; pass the table of case.posts()")
    columns: dict[str, Iterable[Any]] = {name: _text(posts, name) for name in _Row._fields}
    columns |= {name: _lists(posts, name) for name in ("tag", "links")}
    columns["author"] = _keys(posts, "attributed_to")
    columns["handle"] = (handle and handle.removeprefix("@") for handle in _text(posts, "author_handle"))
    columns["published"] = _microseconds(posts["published"])
    columns["exhibits"] = map(_exhibit_set, _text(posts, "exhibit"), _lists(posts, "exhibits"))
    return map(_Row, *columns.values())


def _exhibit_set(shown: str | None, seen: Iterable[Any]) -> frozenset[str]:
    return frozenset(exhibit for exhibit in (shown, *seen) if exhibit)


def _text(posts: pd.DataFrame, name: str) -> Iterable[Any]:
    """Return a column's values with None for NA; a column that no asked relation needs may be absent."""
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


def _instant(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


def _refuse_posts_without_exhibit(rows: Sequence[_Row]) -> None:
    bare = [row.id for row in rows if not row.exhibits]
    if bare:
        raise GraphError(
            f"{len(bare)} of {len(rows)} posts name no exhibit (first: {bare[0]}); an edge that leads back to no "
            "exhibit cannot exist. Nothing was built: pass the table of case.posts(), or leave these rows out."
        )
