"""One update of the edge store: what is new is read, what is gone is forgotten, edges are added up again."""

from __future__ import annotations

# ruff: noqa: S608 - what is put into a query are numbers and names of columns from here; every text is bound
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from osint.graph import edge_pack
from osint.graph.association import collector_paused
from osint.graph.edge_pack import KEYED, OBSERVATION, Edges, Sorter
from osint.graph.edge_store import BY_POST, BY_SOURCE, OWN, EdgeStore, Updated, as_text, batches, storable
from osint.graph.observations import COLUMNS, KINDS, File
from osint.graph.post_columns import Numbers, PostColumns, spelt
from osint.graph.posts_said import Sayings, everything_said, mentions_without_account

if TYPE_CHECKING:
    import pandas as pd

Observations: TypeAlias = "np.ndarray[Any, Any]"

_KINDS = {kind: number for number, kind in enumerate(KINDS)}
_NEEDED = sorted({name for names in COLUMNS.values() for name in names})
_TEMPORARY = """
DROP TABLE IF EXISTS temp.seen;
DROP TABLE IF EXISTS temp.altered;
CREATE TEMP TABLE seen (sight INTEGER PRIMARY KEY);
CREATE TEMP TABLE altered (post ANY PRIMARY KEY) STRICT, WITHOUT ROWID;
"""
_RESOLVED = """
SELECT a.sight, a.locator, a.post, a.published, a.shown, a.src, a.kind, head.id, head.author, a.stands_in, a.names
FROM answers AS a LEFT JOIN sights AS head ON head.post = a.names AND head.head AND head.author > 0
"""


class Update:
    """One update, inside one transaction."""

    def __init__(self, store: EdgeStore, files: Mapping[str, Sequence[File]]) -> None:
        self.store, self.files, self.database = store, files, store.connection
        self.before = int(self.database.execute("SELECT coalesce(max(id), 0) FROM sights").get)
        self.sight, self.is_first = self.before, not self.before
        self.key = store.state()["key"].encode()
        self.read = self.removed = 0
        self.gone: set[int] = set()
        self.altered_ends: set[int] = set()
        self.authors: set[int] = set()

    def run(self, parts: Iterable[pd.DataFrame], exhibits: Mapping[str, tuple[str, int]]) -> Updated:
        """Take the posts, all of them, in parts."""
        self._prepare()
        folder = str(self.store.path.parent) if self.store.path else None
        with Sorter(folder) as self.sorter:
            for part in parts:
                with collector_paused():  # for one part: tables leave cycles behind, which would add up
                    self._take(PostColumns(part, _NEEDED, self.files))
            self._name_authors()
            edges = self._add_up()
        self._keep_exhibits(exhibits)
        if self.gone:
            self._forget_names()
        self.database.execute("DELETE FROM counted; DELETE FROM state WHERE name <> 'key'")
        return Updated(self.read, self.removed, edges)

    def _prepare(self) -> None:
        self.database.execute(_TEMPORARY)
        if self.is_first:  # to sort once is cheaper than to keep everything sorted while it grows
            for (name,) in self.database.execute(
                "SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE INDEX%'"
            ).fetchall():
                self.database.execute(f"DROP INDEX {name}")

    # -- posts -------------------------------------------------------------------------------------------------------

    def _take(self, posts: PostColumns) -> None:
        told = posts.fingerprints(self.key)
        if not self.is_first:
            new = self._unknown(posts, told)
            posts, told = posts.part(np.repeat(new, posts.sizes)), [*compress(told, new)]
        self.read += len(told)
        if told:
            self._keep(posts, told)

    def _unknown(self, posts: PostColumns, told: Sequence[int]) -> Numbers:
        """Say which posts are new or were altered, and forget what is stored of these."""
        names = [(storable(posts.ids[first]),) for first in posts.firsts.tolist()]
        query = "SELECT post, id, fingerprint FROM sights WHERE post = ? AND id = first"
        known = {post: (number, stored) for post, number, stored in self.database.executemany(query, names)}
        stored = [known.get(name, (0, None)) for (name,) in names]
        new = np.array([one != other for one, (_, other) in zip(told, stored, strict=True)], dtype=bool)
        kept = ((number,) for (number, _), is_new in zip(stored, new, strict=True) if not is_new)
        self.database.executemany("INSERT OR IGNORE INTO seen VALUES (?)", kept)
        self._forget([name for (name,), is_new in zip(names, new, strict=True) if is_new])
        return new

    def _forget(self, posts: Sequence[str | bytes | None]) -> None:
        """Take out what is stored of posts, and remember whose edges rested on it."""
        names = [(post,) for post in posts]
        self.database.executemany("INSERT OR IGNORE INTO altered VALUES (?)", names)
        for first, author in self.database.executemany("SELECT first, author FROM sights WHERE post = ?", names):
            self.gone.add(first)
            if author:
                self.authors.add(author)
        self.database.executemany("DELETE FROM answers WHERE sight IN (SELECT id FROM sights WHERE post = ?)", names)
        self.database.executemany("DELETE FROM sights WHERE post = ?", names)

    def _keep(self, posts: PostColumns, fingerprints: list[int]) -> None:
        """Keep the rows of posts, and what they say."""
        authors, handles = posts["attributed_to"], posts["author_handle"]
        author = self._numbered("nodes", "key", authors.values)[authors.codes]
        told = self._told(posts)
        self._keep_sights(posts, told, author, fingerprints)
        handle = [each.removeprefix("@") for each in handles.values]
        own = told.copy()
        own["label"] = self._numbered("texts", "text", handle)[handles.codes]
        self.sorter.add(_keyed(own[author > 0], author[author > 0], author[author > 0], OWN))
        for said in everything_said(posts, self.store.search, authored=self.store.posts_as_nodes):
            self._keep_said(posts, said, told[said.rows], author[said.rows])

    def _numbered(self, table: str, column: str, values: Sequence[str | None]) -> Numbers:
        """Return the number of each text, and at the end that of none: 0, which empty texts have too."""
        ids = self.store.ids(table, column, {each for each in values if each})
        return np.array([*(ids[each] if each else 0 for each in values), 0], dtype=np.int64)

    def _told(self, posts: PostColumns) -> Observations:
        """Return what all observations of a row have in common."""
        count = len(posts.ids)
        told = np.zeros(count, dtype=OBSERVATION)
        told["sight"] = np.arange(self.sight + 1, self.sight + 1 + count)
        told["post"] = np.repeat(told["sight"][posts.firsts], posts.sizes)
        told["published"] = posts.published
        told["shown"] = self._numbered("shown", "exhibits", posts.shown.values)[posts.shown.codes]
        self.sight += count
        return told

    def _keep_sights(self, posts: PostColumns, told: Observations, author: Numbers, fingerprints: list[int]) -> None:
        count = len(posts.ids)
        known = np.full(count, None, dtype=object)
        known[posts.firsts] = fingerprints
        columns = (
            told["sight"].tolist(), map(storable, posts.ids), told["post"].tolist(), known.tolist(), author.tolist(),
            posts.published.tolist(), told["shown"].tolist(), posts["exhibit"].of(slice(None)),
            map(storable, posts["pointer"].of(slice(None))), posts.heads.tolist(), mentions_without_account(posts),
        )  # fmt: skip
        self.database.executemany(
            "INSERT INTO sights VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", zip(*columns, strict=True)
        )

    def _keep_said(self, posts: PostColumns, said: Sayings, told: Observations, source: Numbers) -> None:
        """Keep observations; those that name a post wait until all posts are here."""
        told["locator"] = self._numbered("texts", "text", said.locators.values)[said.locators.codes]
        waits = _has([each.names for each in said.different])[said.codes]
        self._keep_answers(said, waits, told, source)
        told, source, codes = told[~waits], source[~waits], said.codes[~waits]
        for place in np.flatnonzero(_has([each.exhibit for each in said.different])[codes]).tolist():
            exhibits = posts.exhibits[said.rows[~waits][place]] | {said.different[codes[place]].exhibit}
            told["shown"][place] = self._numbered("shown", "exhibits", [spelt(exhibits)])[0]
        now = [each if not each.names else None for each in said.different]
        told["label"] = self._numbered("texts", "text", [each and each.label for each in now])[codes]
        target = self._numbered("nodes", "key", [each and each.key for each in now])[codes]
        self.sorter.add(_keyed(told, source, target, _KINDS[said.kind]))

    def _keep_answers(self, said: Sayings, waits: Numbers, told: Observations, source: Numbers) -> None:
        each = [said.different[code] for code in said.codes[waits].tolist()]
        columns = (
            *(told[name][waits].tolist() for name in ("sight", "locator", "post", "published", "shown")),
            source[waits].tolist(), [_KINDS[said.kind]] * len(each), [storable(one.key) for one in each],
            [storable(one.names) for one in each],
        )  # fmt: skip
        self.database.executemany("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", zip(*columns, strict=True))

    # -- edges -------------------------------------------------------------------------------------------------------

    def _name_authors(self) -> None:
        """Let the post that an observation names stand for its author, where the posts tell it."""
        which = ""
        if self.is_first:
            self.database.execute(BY_POST)
        else:
            self._forget_unseen()
            which = f"WHERE a.sight > {self.before} OR a.names IN (SELECT post FROM altered)"
            self._take_out()
        for rows in batches(self.database.execute(_RESOLVED + which)):
            self.sorter.add(self._answers(rows))

    def _answers(self, rows: Sequence[tuple[Any, ...]]) -> Observations:
        """Return the observations that rows of :data:`_RESOLVED` say."""
        *numbers, heads, authors, stands_in, names = zip(*rows, strict=True)
        told = np.zeros(len(rows), dtype=OBSERVATION)
        for name, column in zip(("sight", "locator", "post", "published", "shown"), numbers, strict=False):
            told[name] = column
        is_open = [head is None for head in heads]
        told["via"] = [head or 0 for head in heads]
        told["label"] = self._numbered("texts", "text", _where(is_open, names))[:-1]
        itself = self._numbered("nodes", "key", _where(is_open, stands_in))[:-1]
        target = np.where(is_open, itself, [author or 0 for author in authors])
        return _keyed(told, np.array(numbers[5]), target, np.array(numbers[6]))

    def _forget_unseen(self) -> None:
        gone: list[Any] = self.database.execute(
            f"SELECT post FROM sights WHERE id = first AND id <= {self.before} AND id NOT IN (SELECT sight FROM seen)"
        ).fetchall()
        self.removed = len(gone)
        self._forget([post for (post,) in gone])

    def _take_out(self) -> None:
        """Take out of edges what posts that are gone said, and which named posts that are gone or new."""
        moved: list[Any] = self.database.execute(
            f"SELECT sight, locator, src FROM answers WHERE sight <= {self.before} "
            "AND names IN (SELECT post FROM altered)"
        ).fetchall()
        places = np.array([sight << 32 | locator for sight, locator, _ in moved], dtype=np.uint64)
        gone = np.array(sorted(self.gone), dtype=np.uint32)
        for author in sorted(self.authors.union(source for *_, source in moved)):
            rows = self.database.execute("SELECT src, dst, kind, told FROM edges WHERE src = ?", (author,))
            keyed = edge_pack.unpacked(_fetched(rows))
            told = keyed["told"]
            place = told["sight"].astype(np.uint64) << np.uint64(32) | told["locator"]
            out = np.isin(told["post"], gone) | np.isin(place, places)
            lowered = np.unique(keyed["key"][out])
            self.altered_ends.update(edge_pack.parted(lowered)[1].tolist())
            self.sorter.add(keyed[~out & np.isin(keyed["key"], lowered)])
            self.database.executemany("DELETE FROM edges WHERE (src, dst, kind) = (?, ?, ?)", _listed(lowered))

    def _add_up(self) -> int:
        """Write the edges; return how many."""
        query = "INSERT OR REPLACE INTO edges VALUES (?, ?, ?, ?, ?, ?, ?)"
        written = 0
        for part, edges in enumerate(self.sorter.edges()):
            whole = edges if self.is_first else self._with_stored(edges)
            _, targets, kinds = edge_pack.parted(whole.keys)
            written += int(np.count_nonzero(kinds != OWN))
            self.database.executemany(query, whole.rows())
            if self.is_first:
                self.store.keep_ends("ends", part, whole)
            else:
                self.altered_ends.update(targets.tolist())
        if self.is_first:
            self.database.execute(BY_SOURCE)
        self._renew_ends()
        return written

    def _renew_ends(self) -> None:
        """Add up again what is known of nodes from the edges that lead to them."""
        for node in sorted(self.altered_ends):
            self.database.execute("DELETE FROM ends WHERE node = ?", (node,))
            found = self.database.execute("SELECT src, dst, kind, told FROM edges WHERE dst = ?", (node,))
            for part, rows in enumerate(batches(found)):
                self.store.keep_ends("ends", part, edge_pack.added_up(edge_pack.unpacked(rows)))

    def _with_stored(self, edges: Edges) -> Edges:
        """Return edges with what the file has of them already."""
        query = "SELECT src, dst, kind, told FROM edges WHERE (src, dst, kind) = (?, ?, ?)"
        stored = edge_pack.unpacked(_fetched(self.database.executemany(query, _listed(edges.keys))))
        return edge_pack.added_up(np.concatenate([stored, edges.keyed()])) if len(stored) else edges

    # -- the rest ----------------------------------------------------------------------------------------------------

    def _keep_exhibits(self, exhibits: Mapping[str, tuple[str, int]]) -> None:
        self.database.executemany(
            "INSERT OR REPLACE INTO exhibits VALUES (?, ?, ?)", ((number, *known) for number, known in exhibits.items())
        )

    def _forget_names(self) -> None:
        """Drop the nodes and texts that nothing rests on any more: they are personal data."""
        self.database.execute("DELETE FROM nodes WHERE id NOT IN (SELECT src FROM edges UNION SELECT dst FROM edges)")
        used = {number for (number,) in self.database.execute("SELECT locator FROM answers")}
        for rows in batches(self.database.execute("SELECT src, dst, kind, told FROM edges")):
            told = edge_pack.unpacked(rows)["told"]
            used.update(np.unique(np.concatenate([told["locator"], told["label"]])).tolist())
        unused = [(each,) for (each,) in self.database.execute("SELECT id FROM texts") if each not in used]
        self.database.executemany("DELETE FROM texts WHERE id = ?", unused)
        self.store.forget_ids()


def _keyed(told: Observations, source: Numbers, target: Numbers, kind: Numbers | int) -> Observations:
    keyed = np.empty(len(told), dtype=KEYED)
    keyed["key"] = edge_pack.key(source, target, kind)
    keyed["told"] = told
    return keyed


def _fetched(rows: Any) -> list[Any]:
    fetched: list[Any] = rows.fetchall()
    return fetched


def _where(wanted: Sequence[bool], stored: Sequence[Any]) -> list[str | None]:
    return [as_text(each) if is_wanted else None for is_wanted, each in zip(wanted, stored, strict=True)]


def _listed(keys: Numbers) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in edge_pack.parted(keys)), strict=True))


def _has(values: Sequence[Any]) -> Numbers:
    return np.array([bool(each) for each in values], dtype=bool)
