"""One update of the edge store: what is new is read, what is gone is forgotten, edges are added up again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import apsw
import numpy as np
import pandas as pd

from osint.graph import edge_pack
from osint.graph.association import collector_paused
from osint.graph.edge_blocks import ANSWER, SIGHT, Block, blocks, keep_block, keep_edges, stored_edges
from osint.graph.edge_pack import AS_KEY, KEYED, OWN, Sorter
from osint.graph.edge_seen import keep_seen
from osint.graph.edge_shown import keep_shown
from osint.graph.edge_store import EdgeStore, Updated
from osint.graph.edge_texts import Texts
from osint.graph.edge_used import Used
from osint.graph.observations import COLUMNS, KINDS, File
from osint.graph.post_columns import Numbers, PostColumns, hashed, spelt
from osint.graph.posts_said import Sayings, everything_said, mentions_without_account

Observations: TypeAlias = "np.ndarray[Any, Any]"

_KINDS = {kind: number for number, kind in enumerate(KINDS)}
_NEEDED = sorted({name for names in COLUMNS.values() for name in names})
_FIRST = np.dtype([("name", "<u8"), ("fingerprint", "<u8"), ("post", "<u4")])
_HEAD = np.dtype([("name", "<u8"), ("sight", "<u4"), ("author", "<u4")])
_SHARED = ("sight", "locator", "post", "published", "shown")


class Update:
    """One update, inside one transaction."""

    def __init__(self, store: EdgeStore, files: Mapping[str, Sequence[File]]) -> None:
        self.store, self.files, self.database = store, files, store.connection
        self.key = store.state()["key"]
        self.known = _first_rows(self.database)
        self.seen = np.zeros(len(self.known), dtype=bool)
        self.before = self.sight = int(
            self.database.execute(
                "SELECT coalesce(max(id + length(held) / ?), 1) - 1 FROM sights", (SIGHT.itemsize,)
            ).get
        )
        self.read = 0
        self.named = [np.empty(0, dtype=np.uint64)]

    def run(self, parts: Iterable[pd.DataFrame], exhibits: Mapping[str, tuple[str, int]]) -> Updated:
        """Take the posts, all of them, in parts."""
        folder = str(self.store.path.parent) if self.store.path else None
        with Sorter(folder) as self.sorter:
            for part in parts:
                with collector_paused():  # for one part: tables leave cycles behind, which would add up
                    self._take(PostColumns(part, _NEEDED, self.files))
            gone = self.known["post"][~self.seen]
            altered = edge_pack.different(np.concatenate([*self.named, self.known["name"][~self.seen]]))
            edges = self._renew(np.sort(gone), altered) if self.read or len(gone) else 0
        removed = len(altered) - len(edge_pack.different(np.concatenate(self.named)))
        self._keep_exhibits(exhibits)
        self.database.execute("DELETE FROM counted; DELETE FROM state WHERE name <> 'key'")
        return Updated(self.read, removed, edges)

    # -- posts -------------------------------------------------------------------------------------------------------

    def _take(self, posts: PostColumns) -> None:
        names, told = posts.names(self.key), posts.fingerprints(self.key)
        if len(self.known):
            new = self._unknown(names, told)
            posts, names, told = posts.part(np.repeat(new, posts.sizes)), names[new], told[new]
        self.read += len(told)
        if self.before:  # else there is nothing that could have been altered
            self.named.append(names)
        if len(told):
            self._keep(posts, names, told)

    def _unknown(self, names: Numbers, told: Numbers) -> Numbers:
        """Say which posts are new or were altered, and remember which are neither."""
        place = np.minimum(np.searchsorted(self.known["name"], names), len(self.known) - 1)
        stored = self.known[place]
        same: Numbers = (stored["name"] == names) & (stored["fingerprint"] == told)
        self.seen[place[same]] = True
        return ~same

    def _keep(self, posts: PostColumns, names: Numbers, fingerprints: Numbers) -> None:
        """Keep the rows of posts, and what they say."""
        authors = posts["attributed_to"]
        author = self._numbered("nodes", "key", authors.values, authors.codes)
        told = self._told(posts)
        self._keep_sights(posts, told["told"], author, np.repeat([names, fingerprints], posts.sizes, axis=1))
        rows = np.flatnonzero(author)
        own, by = told.take(rows), author[rows]
        own["told"]["label"] = self._spelt(posts, rows)
        self._add(own, by, by, OWN)
        for said in everything_said(posts, self.store.search, authored=self.store.posts_as_nodes):
            if len(said.rows):
                self._keep_said(posts, said, told.take(said.rows), author[said.rows])

    def _spelt(self, posts: PostColumns, rows: Numbers) -> Numbers:
        """Return the labels of the authors of rows; most are what their key ends with, and need no own text."""
        authors, handles = posts["attributed_to"], posts["author_handle"]
        spelt = ["", *(each.removeprefix("@") for each in handles.values)]
        codes, pairs = pd.factorize(authors.codes[rows] * len(spelt) + handles.codes[rows] + 1)
        author, handle = (each.tolist() for each in np.divmod(pairs, len(spelt)))
        names = [spelt[place] for place in handle]
        ends = [authors.values[place].split(":", 2)[2] for place in author]
        is_end = [name == end for name, end in zip(names, ends, strict=True)]
        labels = np.where(np.array(is_end, dtype=bool), AS_KEY, 0)
        others = np.flatnonzero(labels == 0)
        labels[others] = self.store.ids("texts", "text", [names[place] for place in others.tolist()])
        return labels[codes]

    def _numbered(self, table: str, column: str, values: Sequence[str | None], codes: Numbers) -> Numbers:
        """Return the number of the text that each code stands for, and 0 for none; what no code names is not kept."""
        numbers = np.zeros(len(values) + 1, dtype=np.int64)
        is_used = np.zeros(len(values) + 1, dtype=bool)
        is_used[codes] = True
        used = np.flatnonzero(is_used[:-1])
        numbers[used] = self.store.ids(table, column, [values[number] for number in used.tolist()])
        return numbers[codes]

    def _told(self, posts: PostColumns) -> Observations:
        """Return what all observations of a row have in common, with room for the key of an edge."""
        count = len(posts.ids)
        keyed = np.zeros(count, dtype=KEYED)
        told = keyed["told"]
        told["sight"] = np.arange(self.sight + 1, self.sight + 1 + count)
        told["post"] = np.repeat(told["sight"][posts.firsts], posts.sizes)
        told["published"] = posts.published
        told["shown"] = self._numbered("shown", "exhibits", posts.shown.values, posts.shown.codes)
        self.sight += count
        return keyed

    def _keep_sights(self, posts: PostColumns, told: Observations, author: Numbers, numbers: Numbers) -> None:
        held = np.empty(len(posts.ids), dtype=SIGHT)
        for name in ("published", "post", "shown"):
            held[name] = told[name]
        held["author"], held["head"], held["unnamed"] = author, posts.heads, mentions_without_account(posts)
        held["name"], held["fingerprint"] = numbers
        texts = (Texts.of(posts.ids), *map(Texts.of, posts.places()))
        keep_block(self.database, "sights", Block(int(told["sight"][0]), held, texts))

    def _keep_said(self, posts: PostColumns, said: Sayings, keyed: Observations, source: Numbers) -> None:
        """Keep observations; those that name a post wait until all posts are here."""
        told = keyed["told"]
        told["locator"] = self._numbered("texts", "text", said.locators.values, said.locators.codes)
        if said.names:
            self._keep_answers(said, told, source)
            return
        for place, exhibit in said.exhibits:
            exhibits = posts.exhibits[said.rows[place]] | {exhibit}
            [told["shown"][place]] = self.store.ids("shown", "exhibits", [spelt(exhibits)])
        if said.labels:
            told["label"] = self._numbered("texts", "text", said.labels, said.codes)
        target = self._numbered("nodes", "key", said.keys, said.codes)
        self._add(keyed, source, target, _KINDS[said.kind])

    def _add(self, keyed: Observations, source: Numbers, target: Numbers, kind: int) -> None:
        keyed["key"] = edge_pack.key(source, target, kind)
        self.sorter.add(keyed)

    def _keep_answers(self, said: Sayings, told: Observations, source: Numbers) -> None:
        held = np.empty(len(told), dtype=ANSWER)
        for name in _SHARED:
            held[name] = told[name]
        held["src"], held["kind"] = source, _KINDS[said.kind]
        held["name"] = hashed(said.names, self.key)[said.codes]
        names, keys = (np.array(each, dtype=object)[said.codes].tolist() for each in (said.names, said.keys))
        keep_block(self.database, "answers", Block(0, held, (Texts.of(names), Texts.of(keys))))

    # -- edges -------------------------------------------------------------------------------------------------------

    def _renew(self, gone: Numbers, altered: Numbers) -> int:
        """Write the edges anew, without what posts said that are gone; return how many there are.

        Args:
            gone: First rows of posts that were altered or are there no more, in order.
            altered: Numbers of the ids of these, and of new posts, in order; nothing where all are new.
        """
        heads = self._without(gone)
        moved = [np.empty(0, dtype=np.uint64)]
        for block in blocks(self.database, "answers", ANSWER, "name", "key"):
            left = self._left_of(block, gone)
            named = edge_pack.among(left.held["name"], altered)
            moved.append(_places(left.held[named & (left.held["sight"] <= self.before)]))
            self.sorter.add(self._answers(left, named | (left.held["sight"] > self.before), heads))
        del heads
        if self.before:
            self._take_out(gone, np.sort(np.concatenate(moved)))
        self.store.forget_ids()
        keep_shown(self.database)
        return self._add_up(is_less=bool(len(gone)))

    def _without(self, gone: Numbers) -> Numbers:
        """Take posts out; of those left that an answer names, return the last row if it has an author, by name."""
        answered = [held["name"].copy() for _, held, _ in blocks(self.database, "answers", ANSWER)]
        named = edge_pack.different(np.concatenate([np.empty(0, dtype=np.uint64), *answered]))
        heads = np.zeros(len(named), dtype=_HEAD)
        heads["name"] = named
        for number, held, _ in blocks(self.database, "sights", SIGHT):
            out = edge_pack.among(held["post"], gone)
            if out.any():
                self._blank(number, out)
            told = np.flatnonzero(held["head"] & (held["author"] > 0) & ~out)
            told = told[edge_pack.among(held["name"][told], named)]
            place = np.searchsorted(named, held["name"][told])
            heads["author"][place], heads["sight"][place] = held["author"][told], told + number
        return heads.compress(heads["author"] > 0)

    def _blank(self, number: int, out: Numbers) -> None:
        """Leave nothing of some rows of a block."""
        [stored] = blocks(self.database, "sights", SIGHT, "post", "exhibit", "pointer", block=number)
        held, texts = stored.held.copy(), np.full((len(stored.texts), len(out)), None)
        held[out] = np.zeros(1, dtype=SIGHT)
        for left, column in zip(texts, stored.texts, strict=True):
            left[~out] = column.at(np.flatnonzero(~out))
        keep_block(self.database, "sights", Block(number, held, tuple(map(Texts.of, texts.tolist()))))

    def _left_of(self, block: Block, gone: Numbers) -> Block:
        """Take answers of posts out of a block."""
        out = edge_pack.among(block.held["post"], gone)
        if not out.any():
            return block
        texts = (Texts.of(each.at(np.flatnonzero(~out))) for each in block.texts)
        left = Block(block.id, block.held[~out], tuple(texts))
        keep_block(self.database, "answers", left)
        return left

    def _answers(self, block: Block, wanted: Numbers, heads: Numbers) -> Observations:
        """Return observations: where the posts tell the author of the post that each names, it leads to the author."""
        held = block.held[wanted]
        keyed = np.zeros(len(held), dtype=KEYED)
        told = keyed["told"]
        for name in _SHARED:
            told[name] = held[name]
        head = heads[np.minimum(np.searchsorted(heads["name"], held["name"]), len(heads) - 1)] if len(heads) else None
        is_open = np.ones(len(held), dtype=bool) if head is None else head["name"] != held["name"]
        names, keys = (each.at(np.flatnonzero(wanted)[is_open]) for each in block.texts)
        target = np.zeros(len(held), dtype=np.int64)
        if head is not None:
            told["via"][~is_open], target[~is_open] = head["sight"][~is_open], head["author"][~is_open]
        told["label"][is_open] = self.store.ids("texts", "text", names)
        target[is_open] = self.store.ids("nodes", "key", keys)
        keyed["key"] = edge_pack.key(held["src"], target, held["kind"])
        return keyed

    def _take_out(self, gone: Numbers, moved: Numbers) -> None:
        """Take all edges out of the file, and keep what of them still holds."""
        for edges in stored_edges(self.database):
            keyed = edges.keyed()
            out = edge_pack.among(keyed["told"]["post"], gone) | edge_pack.among(_places(keyed["told"]), moved)
            self.sorter.add(keyed.compress(~out))
        self.database.execute("DELETE FROM edges; DELETE FROM sources; DELETE FROM seen")

    def _add_up(self, *, is_less: bool) -> int:
        """Write the edges; return how many."""
        written, used = 0, Used(self.database)
        for edges in self.sorter.edges():
            _, _, kinds = edge_pack.parted(edges.keys)
            written += int(np.count_nonzero(kinds != OWN))
            keep_edges(self.database, edges)
            keep_seen(self.database, edges)
            if is_less:
                used.add(edges)
        if is_less:
            used.forget_others()
        return written

    def _keep_exhibits(self, exhibits: Mapping[str, tuple[str, int]]) -> None:
        self.database.executemany(
            "INSERT OR REPLACE INTO exhibits VALUES (?, ?, ?)", ((number, *known) for number, known in exhibits.items())
        )


def _first_rows(database: apsw.Connection) -> Numbers:
    """Return what is stored of each post, in the order of the numbers of their ids."""
    found = [np.empty(0, dtype=_FIRST)]
    for number, held, _ in blocks(database, "sights", SIGHT):
        first = held.compress(held["post"] == np.arange(number, number + len(held)))
        rows = np.empty(len(first), dtype=_FIRST)
        for name in _FIRST.names or ():
            rows[name] = first[name]
        found.append(rows)
    known = np.concatenate(found)
    return known.take(np.argsort(known["name"]))


def _places(told: Numbers) -> Numbers:
    """Return a number for the place that each observation was read from."""
    places: Numbers = told["sight"].astype(np.uint64) << np.uint64(32) | told["locator"]
    return places
