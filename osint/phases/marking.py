"""Marks on exhibits and on single posts: tags, how relevant it is, whether it speaks for somebody, and a remark.

A mark is an entry of the ledger. What a newer one does not say stays as it was, so that nobody takes the word
"exculpatory" from an exhibit by adding a tag; every earlier mark stays in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.columns import described
from osint.errors import CaseError, QueryError
from osint.gate import Gate

if TYPE_CHECKING:
    import pandas as pd

ANNOTATE: Final = "annotate"
MARK: Final = "mark"
RELEVANCE = ("key", "relevant", "background", "not_relevant")
"""How relevant an exhibit can be said to be."""
EXCULPATORY: Final = "exculpatory"
_WORDS = (*RELEVANCE, EXCULPATORY, "any", "none")
_LONGEST_TAG = 60

COLUMNS: Mapping[str, tuple[str, str]] = {
    "entry": ("Int64", "number of the ledger entry"),
    "when": ("datetime64[ms, UTC]", "when it was marked"),
    "by": ("string", "who marked it"),
    "exhibit": ("string", "the exhibit"),
    "post": ("string", "id of the one post in it that is marked; missing where all of the exhibit is"),
    "tags": ("object", "words of one's own"),
    "relevance": ("string", f"{', '.join(f'`{each}`' for each in RELEVANCE)}; missing while nobody said"),
    "exculpatory": ("boolean", "whether it may speak for a person under suspicion; missing while nobody said"),
    "note": ("string", "a remark"),
    "marks": ("Int64", "how often it was marked, this one with it"),
}
"""Columns of the table of marks: dtype and meaning."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What is said of an exhibit, or of one post in it.

    Attributes:
        exhibit: Its number.
        post: Id of the post; empty for the whole exhibit.
        tags: Words of one's own.
        relevance: One of :data:`RELEVANCE`; empty while nobody said.
        exculpatory: Whether it may speak for a person under suspicion; None while nobody said.
        note: A remark.
    """

    exhibit: str
    post: str = ""
    tags: tuple[str, ...] = ()
    relevance: str = ""
    exculpatory: bool | None = None
    note: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What it is on."""
        return self.exhibit, self.post

    def fits(self, word: str) -> bool:
        """Whether a filter lets it pass: a tag, a relevance, ``exculpatory`` or ``any``."""
        return word == "any" or word in self.tags or word == self.relevance or (word == EXCULPATORY and self.is_for)

    @property
    def is_for(self) -> bool:
        """Whether it is marked as exculpatory."""
        return bool(self.exculpatory)


@dataclass(frozen=True)
class Standing:
    """A mark that stands, with its newest entry."""

    mark: Mark
    entry: Entry
    marks: int


@dataclass(frozen=True)
class Marking:
    """The marks of a case.

    Attributes:
        ledger: Its ledger.
        gate: Its gate.
        exhibits: Returns the numbers of its exhibits, those of merged parts as tables spell them.
        posts_of: Returns the ids of the posts that an exhibit shows.
        by: Who works on it.
    """

    ledger: Ledger
    gate: Gate
    exhibits: Callable[[], Collection[str]]
    posts_of: Callable[[str], Collection[str]]
    by: str

    def mark(
        self,
        exhibit: str,
        *,
        post: str,
        tags: Collection[str] | None,
        relevance: str | None,
        exculpatory: bool | None,
        note: str | None,
    ) -> Entry:
        """Mark an exhibit, or one post of it. What is None stays as it was.

        Raises:
            CaseError: There is no such exhibit, nothing is said, or a word is none that can be used.
            AuthorizationError: A tag labels or rates a person, or the exhibit is locked. The refusal is an entry.
        """
        if exhibit not in self.exhibits():
            raise CaseError(f"{exhibit} is not in this case; nothing was marked. Name exhibits as E0003.")
        if post and post not in self.posts_of(exhibit):
            raise CaseError(f"{post} is no post that {exhibit} shows; nothing was marked. The posts table has the ids.")
        given = {"tags": tags, "relevance": relevance, EXCULPATORY: exculpatory, "note": note}
        said = {name: each for name, each in given.items() if each is not None}
        before = next((each.mark for each in standing(self.ledger) if each.mark.key == (exhibit, post)), None)
        made = Mark(**{**asdict(before or Mark(exhibit=exhibit, post=post)), **said, "tags": _tags(tags, before)})
        _check(said, made, before)
        private = {MARK: _told(made), "by": self.by}
        message = "Nothing was marked. The refusal is in the ledger."
        said = {"label": ", ".join(made.tags)}
        self.gate.require("annotate", ANNOTATE, message, private=private, exhibits=[exhibit], statement=said)
        return self.gate.log(ANNOTATE, private=private, result=[{"kind": MARK}])

    def table(self, *, history: bool = False) -> pd.DataFrame:
        """Return the marks that stand, one row each, or every mark; ``attrs["locked"]`` names what is left out."""
        every = list(_every(self.ledger)) if history else standing(self.ledger)
        locked = self.gate.locked()
        rows = [_row(each) for each in every if each.mark.exhibit not in locked]
        frame = described(rows, COLUMNS)
        frame.attrs = {"locked": sorted(locked)} if len(rows) < len(every) else {}
        return frame

    def chosen(self, word: str) -> Chosen:
        """Return what a filter lets pass.

        Raises:
            QueryError: Nothing is marked so.
        """
        stand = [each.mark for each in standing(self.ledger)]
        if word == "none":
            return Chosen(word, frozenset(each.key for each in stand), without=True)
        fitting = frozenset(each.key for each in stand if each.fits(word))
        if not fitting and word not in _WORDS:
            tags = sorted({tag for each in stand for tag in each.tags})
            raise QueryError(f"Nothing is marked {word!r}. There are {', '.join([*_WORDS, *tags])}.")
        return Chosen(word, fitting)


@dataclass(frozen=True)
class Chosen:
    """What a filter by marks lets pass: whole exhibits, and single posts.

    Attributes:
        word: What was asked for.
        keys: Exhibit, and post or an empty text for all of the exhibit.
        without: Whether what is in ``keys`` is left out instead.
    """

    word: str
    keys: frozenset[tuple[str, str]]
    without: bool = False

    def holds(self, exhibits: Iterable[str], post: str = "") -> bool:
        """Whether a row passes that stands in exhibits, and is of a post."""
        found = any((each, "") in self.keys or (each, post) in self.keys for each in exhibits)
        return found != self.without

    def of_posts(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a posts table that pass; a post that several exhibits show passes by any of them."""
        return self._of(frame, [self.holds(row["exhibits"], row["id"]) for row in frame.to_dict("records")])

    def of_exhibits(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a table with a column ``exhibit`` that pass; a mark on one post there counts as well."""
        named = {exhibit for exhibit, _ in self.keys}
        return self._of(frame, [(exhibit in named) != self.without for exhibit in frame["exhibit"]])

    def _of(self, frame: pd.DataFrame, passing: Sequence[bool]) -> pd.DataFrame:
        left: pd.DataFrame = frame[list(passing)].reset_index(drop=True)
        left.attrs = frame.attrs
        return left


def standing(ledger: Ledger) -> list[Standing]:
    """Return the marks that stand, of each exhibit and post the newest, in the order in which they were first made."""
    return list({each.mark.key: each for each in _every(ledger)}.values())


def _every(ledger: Ledger) -> Iterator[Standing]:
    counts: dict[tuple[str, str], int] = {}
    for entry in ledger.entries():
        if (entry.action, entry.outcome) == (ANNOTATE, "done") and MARK in entry.private:
            said = entry.private[MARK]
            mark = Mark(**{**said, "tags": tuple(said.get("tags", ()))})
            counts[mark.key] = counts.get(mark.key, 0) + 1
            yield Standing(mark, entry, counts[mark.key])


def _told(mark: Mark) -> dict[str, Any]:
    said = {**asdict(mark), "tags": list(mark.tags)}
    return {name: value for name, value in said.items() if value not in ("", [], None)}


def _tags(given: Collection[str] | None, before: Mark | None) -> tuple[str, ...]:
    if given is None:
        return before.tags if before else ()
    return tuple(dict.fromkeys(" ".join(each.split()) for each in ([given] if isinstance(given, str) else given)))


def _check(said: Mapping[str, Any], made: Mark, before: Mark | None) -> None:
    """Refuse a mark that says nothing, or that says what nobody can filter by."""
    if not said:
        raise CaseError("A mark says something: tags=['car'], relevance='key', exculpatory=True or note='…'.")
    wrong = [each for each in made.tags if not each or len(each) > _LONGEST_TAG or each in _WORDS]
    if wrong:
        raise CaseError(
            f"{wrong[0]!r} is no tag: it has 1 to {_LONGEST_TAG} characters, and {', '.join(_WORDS)} are taken. "
            "Nothing was marked."
        )
    if made.relevance not in ("", *RELEVANCE):
        raise CaseError(f"relevance is one of {', '.join(RELEVANCE)}, or empty. Nothing was marked.")
    if before is not None and before.is_for and not made.is_for and not str(said.get("note", "")).strip():
        raise CaseError(
            f"{made.exhibit} is marked as exculpatory. Whoever takes that back says why: note='…'. Nothing was marked."
        )


def _row(each: Standing) -> dict[str, Any]:
    said = asdict(each.mark)
    told = {name: said[name] if said[name] != "" else None for name in ("post", "relevance", EXCULPATORY, "note")}
    return {
        "entry": each.entry.seq,
        "when": each.entry.end_time,
        "by": each.entry.private.get("by", "(erased)"),
        "exhibit": each.mark.exhibit,
        **told,
        "tags": list(each.mark.tags),
        "marks": each.marks,
    }
