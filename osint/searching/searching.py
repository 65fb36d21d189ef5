"""One search: the index is brought up to date and asked where, and the tables and the ledger show what.

What is locked or stopped is not in the index, and so in no answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osint.chain_of_custody.ledger import Ledger
from osint.errors import CaseError
from osint.gate import Gate
from osint.graph.statements import Stated
from osint.posts.excerpt import excerpt
from osint.posts.search import Search
from osint.posts.search_index import COUNTED_TO, Hit, SearchIndex
from osint.posts.search_query import phrases
from osint.searching.indexed import Found, documents, found_in
from osint.searching.said import ENTRY, what_was_said
from osint.searching.saved import RUN, SAVE, saved_searches, saved_table
from osint.store.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from osint.phases.marking import Chosen
    from osint.views.found import FoundTable

_LONGEST_NAME = 200


@dataclass(frozen=True)
class Searching:
    """Search in one case.

    Attributes:
        path: The file of the index.
        ledger: The ledger of the case.
        gate: Its gate.
        store: Its working tables.
        stated: Returns the statements in force.
        noted: Returns the notes in force that may be shown.
        translated: Returns the translations that stand and may be shown.
        marked: Returns the marks that stand and may be shown.
        by: Who works on the case.
    """

    path: Path
    ledger: Ledger
    gate: Gate
    store: Store
    stated: Callable[[], Sequence[Stated]]
    noted: Callable[[], pd.DataFrame]
    translated: Callable[[], pd.DataFrame]
    marked: Callable[[], pd.DataFrame]
    by: str

    def search(
        self, search: Search, *, limit: int = 100, ranked: bool = False, marked: Chosen | None = None
    ) -> FoundTable:
        """Return what fits, the newest first; with ``marked``, only what a filter by marks lets pass.

        Raises:
            CaseError: There may not be so many rows, or the index cannot be used.
        """
        return self._search(search, limit, ranked=ranked, marked=marked)[0]

    def save(self, name: str, search: Search) -> int:
        """Keep a search under a name; return the number of its entry.

        Raises:
            CaseError: It has no name, or one that is too long.
        """
        if not name.strip() or len(name) > _LONGEST_NAME:
            raise CaseError(f"A saved search has a name of at most {_LONGEST_NAME} characters.")
        return self.gate.log(SAVE, private={"name": name.strip(), "search": search.as_dict(), "by": self.by}).seq

    def run(self, name: str, *, limit: int = 100, ranked: bool = False) -> FoundTable:
        """Run a saved search; that it was run, and what it gave, is an entry.

        Raises:
            CaseError: None was saved under that name.
        """
        saved = {each.name: each for each in saved_searches(self.ledger)}
        if name not in saved:
            raise CaseError(f"No search was saved as {name!r}. Saved are: {', '.join(saved) or 'none'}.")
        found, hits = self._search(saved[name].search, limit, ranked=ranked)
        shown = [[row.exhibit, row.pointer, row.id] for row in found.itertuples()]
        digest = sha256(json.dumps(shown, default=str).encode()).hexdigest()
        told = {
            "name": name,
            "search": saved[name].search.as_dict(),
            "by": self.by,
            "shown": len(found),
            "sha256": digest,
        }
        item = {"kind": "hits", "count": hits}
        self.gate.log(RUN, outcome="done" if hits else "nil", private=told, result=[item], refs=[saved[name].leaf])
        return found

    def saved(self) -> pd.DataFrame:
        """Return the saved searches, one row each, with the columns of :data:`SAVED_COLUMNS`."""
        return saved_table(self.ledger)

    def forget(self) -> None:
        """Make the index again at the next search, whatever state it is in.

        Raises:
            CaseError: Another program holds it open, on a desktop that then keeps the file.
        """
        try:
            for suffix in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        except OSError as error:
            raise CaseError(f"The search index in {self.path} could not be removed ({error.strerror}).") from error

    # -- what is found -------------------------------------------------------------------------------------------------

    def _search(
        self, search: Search, limit: int, *, ranked: bool, marked: Chosen | None = None
    ) -> tuple[FoundTable, int]:
        """Return the table, and how many hits there are in all, as far as they are counted."""
        from osint.views.found import found_table

        if not 0 < limit <= COUNTED_TO:
            raise CaseError(f"A search shows 1 to {COUNTED_TO:,} hits; narrow it by kind, author, platform or period.")
        locked = self.gate.locked()
        with SearchIndex(self.path) as index:
            self._bring_up_to_date(index, locked)
            hits = index.search(search.wanted, COUNTED_TO if marked else limit, ranked=ranked)
            cut = bool(marked) and len(hits) == COUNTED_TO
            if marked:
                hits = [hit for hit in hits if marked.holds((at.exhibit for at in hit.places), self._id(hit))]
            count = len(hits) if marked or len(hits) < limit else index.count(search.wanted)
            hits = hits[:limit]
            remarks = self._undated(index, search)
        heading = _heading(search, len(hits), count, ranked=ranked)
        if marked:
            heading += f"; marked: {marked.word}"
        if cut:
            remarks.append(f"Only the first {COUNTED_TO:,} hits were looked at for marks; narrow the search.")
        found = found_table((self._row(hit, search) for hit in hits), heading, remarks)
        found.attrs |= {"hits": count, **({"locked": sorted(locked)} if locked else {})}
        return found, count

    def _bring_up_to_date(self, index: SearchIndex, locked: frozenset[str]) -> None:
        state = json.dumps([self.store.state, sorted(locked), len(self.ledger)]) if self.store.state else ""
        if state and index.state == state:
            return
        said = self._said
        marks = {exhibit: mark for exhibit, mark in self.store.marks().items() if exhibit not in locked}
        marks |= {place: each.document.key().hex() for place, each in said.items()}
        index.update(
            state, marks, lambda place: [(0, said[place].document)] if place in said else documents(self.store, place)
        )

    def _undated(self, index: SearchIndex, search: Search) -> list[str]:
        """Say how much would fit a search with a period, if it had a time."""
        if search.since is None and search.until is None:
            return []
        count = index.count(search.wanted, undated=True)
        return (
            [f"{count:,} {'hit has' if count == 1 else 'hits have'} no time and count for no period."] if count else []
        )

    def _id(self, hit: Hit) -> str:
        return self._at(hit.places[0].exhibit, hit.places[0].position).document.id

    def _row(self, hit: Hit, search: Search) -> dict[str, Any]:
        first = hit.places[0]
        found = self._at(first.exhibit, first.position)
        part = excerpt(found.document.fields, phrases(search.asked))
        return {
            "time": found.document.published,
            "kind": found.document.kind,
            "platform": found.document.platform or None,
            "field": part.field,
            "snippet": part.text,
            "marks": [list(mark) for mark in part.marks],
            "exhibit": first.exhibit,
            "id": found.document.id,
            "url": None,
            "exhibits": list(dict.fromkeys(place.exhibit for place in hit.places)),
            "score": hit.score,
            **found.shown,
        }

    def _at(self, place: str, position: int) -> Found:
        if place.startswith(ENTRY):
            found = self._said.get(place)
        else:
            row = self.store.at(place, position)
            found = found_in(*row) if row else None
        if found is None:
            raise CaseError(f"The search index does not fit the working tables at exhibit {place}: run case.rebuild().")
        return found

    @cached_property
    def _said(self) -> dict[str, Found]:
        return what_was_said(
            self.ledger,
            self.gate.locked(),
            stated=self.stated(),
            noted=self.noted(),
            translated=self.translated(),
            marked=self.marked(),
        )


def _heading(search: Search, shown: int, count: int, *, ranked: bool) -> str:
    if not count:
        return f"Nothing found: {search}"
    many = f"more than {COUNTED_TO:,}" if count > COUNTED_TO else f"{count:,}"
    if shown == count:
        return f"{many} {'hit' if count == 1 else 'hits'}: {search}"
    return f"The {'best' if ranked else 'newest'} {shown:,} of {many} hits: {search}"
