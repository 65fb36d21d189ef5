"""Search in a case: its posts, profiles, files and what people said in it, and searches that are kept with their runs.

What is locked or stopped is not in the index, and so in no answer. What an answer shows comes from the working tables
and the ledger; the index only says where.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from osint.chain_of_custody.ledger import Ledger
from osint.errors import CaseError
from osint.gate import Gate
from osint.gate.recorded import recorded
from osint.graph.statements import Stated
from osint.instants import parse_instant
from osint.marking import MARK
from osint.media import description
from osint.media.value import Value
from osint.posts.excerpt import excerpt
from osint.posts.search import Search, read_search
from osint.posts.search_index import BETWEEN, COUNTED_TO, Document, Hit, SearchIndex
from osint.posts.search_query import phrases
from osint.records import in_force
from osint.store.store import Store
from osint.translating import DERIVED, TRANSLATION, source

if TYPE_CHECKING:
    import pandas as pd

    from osint.marking import Chosen
    from osint.views.found import FoundTable

SAVE: Final = "search.save"
RUN: Final = "search.run"
SAVED_COLUMNS: Mapping[str, tuple[str, str]] = {
    "name": ("string", "the name it was saved under"),
    "search": ("string", "the words, and what narrows them"),
    "by": ("string", "who saved it"),
    "saved": ("datetime64[us, UTC]", "instant of its entry"),
    "entry": ("Int64", "number of its entry; the newest of a name stands"),
    "runs": ("Int64", "how often it was run since"),
    "last_run": ("datetime64[us, UTC]", "instant of the newest run; NaT when there was none"),
    "last_hits": ("Int64", "how many hits that run had; it is not counted beyond 10,001"),
}
"""The table of saved searches: each column with its dtype and what it holds."""

_ENTRY = "ledger entry "
_SAID_IN_EXTRA = (
    "title", "subject", "summary", "description", "details", "remarks", "caution", "spoiler", "question", "options",
)  # fmt: skip
_WORDS = frozenset(
    {
        "camera_make", "camera_model", "camera_serial", "lens_make", "lens_model", "lens_serial", "software", "title",
        "document_id", "instance_id", "original_document_id", "derived_from_id", "image_id", "content_id", "author",
        "description", "rights", "keywords", "place_name", "platform_mark",
    }
)  # fmt: skip
"""Facts of a file that somebody looks for by words or by a number of a thing; the others are measures and times."""
_NAMED_BY = {"statement": "says", "record": "kind"}
"""The field that says which statement or record it is."""
_OF_THE_FORM = ("JFIF", "ICC", "MakerNote", "container", "pixels")
_LONGEST_NAME = 200


class _Found(NamedTuple):
    """A document, and what an answer shows of it beside its words."""

    document: Document
    shown: Mapping[str, Any]


class Saved(NamedTuple):
    """A search that was saved: its name, what it asks, who saved it when, and its entry."""

    name: str
    search: Search
    by: str
    when: datetime
    entry: int
    leaf: str


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
        saved = {each.name: each for each in self._saved()}
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
        import pandas as pd

        runs: dict[str, list[tuple[datetime, int]]] = {}
        for entry in self.ledger.entries():
            if entry.action == RUN:
                for leaf in entry.payload["refs"]:
                    runs.setdefault(leaf, []).append((entry.end_time, int(entry.result[0]["count"])))
        rows = []
        for each in self._saved():
            last = runs.get(each.leaf, [(None, None)])[-1]
            row = (each.name, str(each.search), each.by, each.when, each.entry, len(runs.get(each.leaf, ())), *last)
            rows.append(dict(zip(SAVED_COLUMNS, row, strict=True)))
        return pd.DataFrame(
            {name: pd.Series([row[name] for row in rows], dtype=kind) for name, (kind, _) in SAVED_COLUMNS.items()}
        )

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

    def _at(self, place: str, position: int) -> _Found:
        if place.startswith(_ENTRY):
            found = self._said.get(place)
        else:
            row = self.store.at(place, position)
            found = _found_in(*row) if row else None
        if found is None:
            raise CaseError(f"The search index does not fit the working tables at exhibit {place}: run case.rebuild().")
        return found

    # -- what people said ----------------------------------------------------------------------------------------------

    @cached_property
    def _said(self) -> dict[str, _Found]:
        """What people said in the case, by the entry that says it; what rests on a locked exhibit is left out."""
        found, locked = {}, self.gate.locked()
        for each in self.stated():
            if locked.isdisjoint(each.statement.exhibits):
                said = each.statement.as_dict()
                found[_ENTRY + each.number] = _said("statement", each.number, each.by, each.when, said)
        for note in self.noted().to_dict("records"):
            number, said = str(note["entry"]), {"note": note["note"], "exhibits": note["exhibits"]}
            found[_ENTRY + number] = _said("note", number, note["by"], note["when"].to_pydatetime(), said)
        for row in _rows(self.translated()):
            said = {"exhibits": [row["exhibit"]], f"{DERIVED}, {source(row)}": row[TRANSLATION]}
            found |= _annotation(TRANSLATION, row, said)
        for row in _rows(self.marked()):
            said = {"exhibits": [row["exhibit"]], "tags": row["tags"], "note": row["note"]}
            found |= _annotation(MARK, row, said)
        for record in in_force(recorded(self.ledger.entries())):
            said = record.record.as_dict()
            if locked.isdisjoint(_exhibits_in(said)):
                number = str(record.entry)
                found[_ENTRY + number] = _said("record", number, record.by, record.when, said)
        return found

    def _saved(self) -> list[Saved]:
        """Return the saved searches, of each name the newest; one whose words were erased is none any more."""
        standing: dict[str, Saved] = {}
        for entry in self.ledger.entries():
            if entry.action == SAVE and {"name", "search"} <= entry.private.keys():
                name, by = str(entry.private["name"]), str(entry.private.get("by", "(erased)"))
                search = read_search(entry.private["search"])
                standing[name] = Saved(name, search, by, entry.end_time, entry.seq, entry.leaf.hex())
        return list(standing.values())


def documents(store: Store, exhibit: str) -> Iterator[tuple[int, Document]]:
    """Yield what is searched of an exhibit, with the position of the record that it comes from."""
    for position, (kind, body) in enumerate(store.of(exhibit)):
        if (found := _found_in(kind, body)) is not None:
            yield position, found.document


def _heading(search: Search, shown: int, count: int, *, ranked: bool) -> str:
    if not count:
        return f"Nothing found: {search}"
    many = f"more than {COUNTED_TO:,}" if count > COUNTED_TO else f"{count:,}"
    if shown == count:
        return f"{many} {'hit' if count == 1 else 'hits'}: {search}"
    return f"The {'best' if ranked else 'newest'} {shown:,} of {many} hits: {search}"


def _found_in(kind: str, body: Mapping[str, Any]) -> _Found | None:
    """Return what is searched of a record of the tables; None where that holds no text."""
    found = _OF_RECORDS[kind](body) if kind in _OF_RECORDS else None
    return found if found and found.document.fields else None


def _post(body: Mapping[str, Any]) -> _Found:
    content = body.get("content")
    fields = {"content": content}
    if extra := body.get("extra"):
        fields |= {name: _joined(extra[name]) for name in _SAID_IN_EXTRA if name in extra}
    if shown := body.get("attachment"):
        fields["attachment"] = _joined([each.get("name") for each in shown])
    if tagged := body.get("tag"):
        tags = [each["name"] for each in tagged if each["type"] == "Hashtag" and each.get("name")]
        fields["tag"] = _joined([name for name in tags if name not in (content or "")])
    author = (*_account(body.get("attributed_to")), body.get("author_handle"), body.get("author_name"))
    kind = "page" if body["platform"] == "web" else "post"
    document = Document(
        kind, body["id"], body["platform"], _instant(body.get("published")), _texts(author), _told(fields)
    )
    return _Found(document, {name: body.get(name) for name in ("attributed_to", "pointer", "url")})


def _profile(body: Mapping[str, Any]) -> _Found:
    fields = {name: body.get(name) for name in ("name", "handle", "summary")}
    author = _texts((*_account(body["id"]), body.get("handle"), body.get("name")))
    document = Document("profile", body["id"], body["platform"], _instant(body.get("published")), author, _told(fields))
    return _Found(document, {"attributed_to": body["id"], "pointer": body.get("pointer"), "url": body.get("url")})


def _file(body: Mapping[str, Any]) -> _Found:
    facts = description.from_json(body["facts"])
    fields: dict[str, str] = {}
    for value in facts.values:
        if _is_text(value):
            name = " ".join(dict.fromkeys(part for part in (value.block, value.group, value.name) if part))
            fields[name] = f"{fields[name]} {BETWEEN} {value.text}" if name in fields else value.text
    document = Document("media", facts.sha256, "", _instant(body.get("preserved")), (), fields)
    return _Found(document, {"attributed_to": None, "pointer": None, "url": body.get("url")})


def _is_text(value: Value) -> bool:
    """Say whether a value is words or a number that somebody looks for, and no measure and no part of the form."""
    if value.status != "read" or (value.fact is None and value.block in _OF_THE_FORM):
        return False
    return value.fact in _WORDS if value.fact else any(map(str.isalpha, value.text))


def _said(kind: str, number: str, by: str, when: datetime, said: Mapping[str, Any]) -> _Found:
    fields = {name: _joined(value) for name, value in said.items() if name not in (_NAMED_BY.get(kind), "exhibits")}
    exhibits = _exhibits_in(said)
    document = Document(kind, f"{kind} {number}", "", when, (by,), _told(fields))
    shown = {"attributed_to": by, "pointer": _ENTRY + number, "id": None, "exhibits": exhibits}
    return _Found(document, {**shown, "exhibit": next(iter(exhibits), None)})


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", table.to_dict("records"))


def _annotation(kind: str, row: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, _Found]:
    """Return what was attached to an exhibit or a post of it, by its entry; nothing where it holds no word."""
    number, post = str(row["entry"]), row["post"]
    made = _said(kind, number, row["by"], row["when"].to_pydatetime(), said)
    shown = {**made.shown, "id": post if isinstance(post, str) else None}
    return {_ENTRY + number: _Found(made.document, shown)} if made.document.fields else {}


def _exhibits_in(said: Mapping[str, Any]) -> list[str]:
    named = [*said.get("exhibits", ()), said.get("exhibit"), said.get("picture")]
    return list(dict.fromkeys(str(each) for each in named if each))


def _joined(value: Any) -> str:
    """Return the texts in a JSON value as one, which no phrase crosses."""
    if isinstance(value, str):
        return value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return f" {BETWEEN} ".join(text for part in parts if (text := _joined(part)))


def _told(fields: Mapping[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in fields.items() if text and text.strip()}


def _account(key: str | None) -> tuple[str, ...]:
    """Return a node key and the account in it."""
    return (key, key.split(":", 2)[-1]) if key else ()


def _texts(values: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(value for value in values if value)


def _instant(text: str | None) -> datetime | None:
    return parse_instant(text) if text else None


_OF_RECORDS: Mapping[str, Callable[[Mapping[str, Any]], _Found]] = {"post": _post, "actor": _profile, "media": _file}
