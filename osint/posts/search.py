"""A search as somebody asks for it, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

from osint.errors import QueryError
from osint.instants import day_bounds
from osint.posts.normalised import words
from osint.posts.search_index import Wanted
from osint.posts.search_query import Asked, read_query

KINDS: Mapping[str, str] = {
    "post": "a post, in each version that was seen",
    "page": "a web page: its title and its main text",
    "profile": "an account as an exhibit shows it",
    "media": "what a preserved file states",
    "statement": "what an analyst stated",
    "note": "a note of one's own",
    "translation": "a translation that somebody attached; it is derived",
    "mark": "tags and remark of a mark on an exhibit or a post",
    "record": "what was recorded once of a kind of case",
}
"""What is searched."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """Words, and what narrows them.

    Attributes:
        query: Words that all have to be there; ``"a phrase"``, ``begin*``, ``OR``, ``NOT``, brackets.
        author: Account, handle or name of whoever wrote it, whole, or one word of it.
        platform: The source's name, as in the posts table.
        kind: One of :data:`KINDS`.
        since: First day in UTC, or instant.
        until: Last such day or instant.

    Raises:
        QueryError: Something of it cannot be meant.
    """

    query: str
    author: str = ""
    platform: str = ""
    kind: str = ""
    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if self.kind and self.kind not in KINDS:
            raise QueryError(f"Nothing of the kind {self.kind!r} is searched; there is {', '.join(KINDS)}.")
        for name in ("author", "platform"):
            if (text := getattr(self, name)) and not words(text):
                raise QueryError(f"{text!r} is no {name}: it holds no letter, digit or sign.")
        self.wanted  # noqa: B018 - read here, so that what cannot be meant is refused at once

    @cached_property
    def asked(self) -> Asked:
        """The words, read."""
        return read_query(self.query)

    @cached_property
    def wanted(self) -> Wanted:
        """All of it, as the index is asked."""
        try:
            since, until = day_bounds(self.since, self.until)
        except ValueError as error:
            raise QueryError(f"The period of this search cannot be read: {error}.") from error
        return Wanted(
            asked=self.asked, author=self.author, platform=self.platform, kind=self.kind, since=since, until=until
        )

    def __str__(self) -> str:
        narrowed = [f"{name}={value}" for name, value in self.as_dict().items() if name != "query"]
        return "; ".join([self.query, *narrowed])

    def as_dict(self) -> dict[str, str]:
        """Return what was asked, without what was not; :func:`read_search` gives it back."""
        return {name: value for name, value in asdict(self).items() if value}


def read_search(said: Mapping[str, Any]) -> Search:
    """Return the search that :meth:`Search.as_dict` gave.

    Raises:
        QueryError: A newer release wrote it, or it is damaged.
    """
    if not {field.name for field in fields(Search)}.issuperset(said) or not isinstance(said.get("query"), str):
        raise QueryError("A search of this case says something that this release does not know.")
    return Search(**said)
