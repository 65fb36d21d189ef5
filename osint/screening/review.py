"""What the screener makes of each item: the machine proposes stretches, and a person answers every one of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from osint.errors import ExportError
from osint.screening.protected import Proposal, categories, propose

if TYPE_CHECKING:
    import pandas as pd

IDENTIFIERS_NEEDED = 2
_GENDERED = re.compile(r"\b(?:s?he|him|her|his|hers|(?:him|her)self|mrs?|ms)\b", re.IGNORECASE)
_NAME_IN_ADDRESS = re.compile(r"[^/?#&=]+")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One text of an item: what it is called, and what carries it (:data:`osint.screening.protected.CARRIERS`)."""

    name: str
    carrier: str
    text: str

    @property
    def proposals(self) -> list[Proposal]:
        """What a machine proposes to remove here."""
        return propose(self.text, self.carrier)


@dataclass(frozen=True, kw_only=True)
class Item:
    """A post, a file's metadata or an answer, as a screener sees it. Pictures are withheld and named only.

    Attributes:
        id: Of the post, or of the exhibit whose files state something.
        exhibit: Number of the exhibit that shows it.
        fields: Its texts.
        posted: The day in UTC on which it was published; None where nothing states that.
    """

    id: str
    exhibit: str
    fields: tuple[Field, ...]
    posted: date | None = None

    @property
    def content(self) -> str:
        """Its main text."""
        return next((each.text for each in self.fields if each.name == "content"), "")

    @property
    def proposals(self) -> list[Proposal]:
        """What a machine proposes to remove, of all its texts."""
        return [proposal for each in self.fields for proposal in each.proposals]


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """What a screener decided about an item.

    Attributes:
        criterion: Code of the criterion of the plan that it bears on; empty when it is not related to the job.
        paraphrase: What it says about that, in neutral words of the screener.
        remove: Stretches that are protected, in its own spelling, with their category.
        clear: Proposals that are in fact none, in their own spelling.
        identifiers: What shows, each independently, that it is the candidate's.
        excerpt: Whether sentences of its own, without those that hold a stretch, are in the copy too.
    """

    criterion: str = ""
    paraphrase: str = ""
    remove: Mapping[str, str] = field(default_factory=dict)
    clear: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    excerpt: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values; ``Confirmed(**...)`` makes it again."""
        return {**asdict(self), "clear": list(self.clear), "identifiers": list(self.identifiers)}


def read_confirmed(said: Mapping[str, Any]) -> Confirmed:
    """Return what an entry holds."""
    return Confirmed(**{**said, "clear": tuple(said["clear"]), "identifiers": tuple(said["identifiers"])})


def items_of(posts: pd.DataFrame, values: pd.DataFrame, exhibits: Collection[str]) -> list[Item]:
    """Return the items that some exhibits hold: a post each, and for each exhibit what its files state of themselves.

    Args:
        posts: The posts table.
        values: The table of the values of media.
        exhibits: Numbers of exhibits.
    """
    shown = posts.astype(object).where(posts.notna(), None)
    found = [
        Item(
            id=row["id"],
            exhibit=row["exhibit"],
            fields=tuple(_fields({str(name): value for name, value in row.items()})),
            posted=row["published"].date() if row["published"] is not None else None,
        )
        for row in (dict(zip(posts, each, strict=True)) for each in shown.itertuples(index=False, name=None))
        if set(row["exhibits"] or [row["exhibit"]]).intersection(exhibits)
    ]
    stated = values[values["exhibit"].isin(exhibits)] if len(values) else values
    for exhibit, rows in stated.groupby("exhibit"):
        texts = tuple(
            Field(name=str(row["name"]), carrier="exif", text=str(row["value"])) for row in rows.to_dict("records")
        )
        found.append(Item(id=f"media:{exhibit}", exhibit=str(exhibit), fields=texts))
    return found


def problems(item: Item, said: Confirmed, criteria: Collection[str], weak: Sequence[str], since: str) -> list[str]:
    """Return what keeps a decision about an item from being taken.

    Args:
        item: The item.
        said: The decision.
        criteria: Codes of the plan's criteria.
        weak: Categories that the filter finds too rarely.
        since: The first day that the plan looks at.
    """
    return list(dict.fromkeys(_problems(item, said, criteria, weak, since)))


def unanswered(text: str, carrier: str, removed: Iterable[str], cleared: Iterable[str]) -> list[str]:
    """Return the proposals in a text that nobody answered: neither removed with what is around them, nor cleared."""
    folded = text.casefold()
    spans = [
        (place, place + len(each))
        for each in map(str.casefold, (*removed, *cleared))
        if each
        for place in _places(folded, each)
    ]
    return [
        each.found
        for each in propose(text, carrier)
        if not any(start <= each.start and each.end <= end for start, end in spans)
    ]


def holds(text: str, stretch: str) -> bool:
    """Return whether a text holds a stretch, as words of its own, in whatever case."""
    return bool(re.search(rf"(?<!\w){re.escape(stretch.strip())}(?!\w)", text, re.IGNORECASE))


def _problems(item: Item, said: Confirmed, criteria: Collection[str], weak: Sequence[str], since: str) -> Iterator[str]:
    if not said.criterion:
        if said.paraphrase or said.excerpt:
            yield "what is not related to the job is left out whole: it has neither a paraphrase nor an excerpt"
        return
    if said.criterion not in criteria:
        yield f"criterion {said.criterion!r} is not in the plan: {', '.join(criteria)}"
    if item.posted and item.posted.isoformat() < since:
        yield f"it was published on {item.posted}, and the plan looks back to {since} for everybody: leave it out"
    if not said.paraphrase.strip():
        yield "paraphrase is missing: what it says about the criterion, in neutral words"
    if len(set(map(str.casefold, map(str.strip, said.identifiers))) - {""}) < IDENTIFIERS_NEEDED:
        yield f"it is the candidate's by {IDENTIFIERS_NEEDED} independent identifiers; what is unknown is left out"
    known = [each.name for each in categories()]
    for stretch, category in said.remove.items():
        if category not in known:
            yield f"category {category!r} is not one of {', '.join(known)}"
        if not any(stretch.casefold() in each.text.casefold() for each in item.fields) or not stretch.strip():
            yield f"{stretch!r} does not stand in the item"
    for each in item.fields:
        for found in unanswered(each.text, each.carrier, said.remove, said.clear):
            yield f"{found!r} ({each.name}) is proposed and not answered: remove it, or clear it"
    yield from paraphrase_problems(said.paraphrase, said.remove, said.clear)
    if said.excerpt and weak:
        yield f"paraphrase only: the filter misses too much of {', '.join(weak)} for excerpts"


def paraphrase_problems(text: str, removed: Iterable[str], cleared: Collection[str]) -> Iterator[str]:
    """Yield what keeps words of a screener out of a copy: what was removed, what a machine proposes, and pronouns.

    A pronoun that tells a sex is no proposal in what was captured: there it is as often about somebody else.
    """
    for stretch in removed:
        if holds(text, stretch):
            yield f"the paraphrase repeats {stretch!r}, which is removed"
    for found in unanswered(text, "text", (), cleared):
        yield f"the paraphrase holds {found!r}, which is proposed and not cleared"
    allowed = {each.casefold() for each in cleared}
    for word in dict.fromkeys(match[0] for match in _GENDERED.finditer(text)):
        if word.casefold() not in allowed:
            yield f"the paraphrase holds {word!r}, which tells a sex: write 'the author', 'they'"


def check(found: Sequence[str]) -> None:
    """Refuse a decision about an item that something stands against.

    Raises:
        ExportError: Something does; names all of it.
    """
    if found:
        listed = "\n".join(f"  - {each}" for each in found)
        raise ExportError(f"Nothing was recorded; correct this and confirm again:\n{listed}")


def _fields(row: Mapping[str, Any]) -> Iterator[Field]:
    for name, carrier in (
        ("content", "text"),
        ("author_handle", "handle"),
        ("author_name", "name"),
        ("url", "address"),
    ):
        if row[name]:
            yield Field(name=name, carrier=carrier, text=row[name])
    for tag in row["tag"] or ():
        if tag.get("name"):
            yield Field(name="tag", carrier="hashtag", text=tag["name"])
    for attachment in row["attachment"] or ():
        if attachment.get("name"):
            yield Field(name="description of a file", carrier="text", text=attachment["name"])
        names = _NAME_IN_ADDRESS.findall(attachment.get("url") or "")
        if names:
            yield Field(name="file", carrier="file", text=names[-1])


def _places(text: str, sought: str) -> Iterator[int]:
    place = text.find(sought)
    while place >= 0:
        yield place
        place = text.find(sought, place + 1)
