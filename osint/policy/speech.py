"""The First-Amendment guard: what looks like assembly, belief or the press needs its tie to a crime.

Structure first: an event, a group, a cause. Words second: those of the pack. Both miss things and both cry wolf;
``make policy-rates`` prints how often, on a corpus of our own. Nothing here covers everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from osint.policy.facts import Facts, Finding, missing
from osint.policy.pack import Pack
from osint.policy.roster import same_person
from osint.policy.words import folded, says_something, spellings
from osint.query import AccountQuery, HandleQuery, Query, SearchQuery, TextQuery, ThreadQuery

_STRUCTURE = re.compile(
    r"/(events?|groups?|g|communit(?:y|ies)|hashtags?|petitions?|fundraisers?|meetups?|causes?|chapters?)/[^/]+"
    r"|/(politics|religion|opinion|editorials?)(/|$)",
    re.IGNORECASE,
)
_APART = re.compile(r"(?<=[a-z])(?=[A-Z])|[\W_]+|(?<=\D)(?=\d)|(?<=\d)(?=\D)")
_PLACE = r"(?! (?:street|st|road|rd|lane|ln|drive|dr|avenue|ave|square|park|hill|county)\b)"
_LONG = 5


def protected_activity(query: Query, words: Sequence[str]) -> str:
    """Say why what is asked for may be protected speech, assembly or belief; empty when nothing shows it.

    Args:
        query: What is asked for.
        words: Words that stand for such activity, joined by hyphens where they are several. Each counts with its
            plural too, those of five letters and more also inside a joined handle or tag, and none as a street's name.
    """
    path = unquote(urlsplit(_address(query)).path)
    if any(map(_STRUCTURE.search, (path, folded(path)))):
        return "the address is that of an event, a group or a cause, and so of everyone in it"
    for text in _texts(query):
        if found := _word(text, tuple(words), joined=not isinstance(query, SearchQuery)):
            return f"{found!r} speaks of assembly, belief, politics or the press"
    return ""


def guard(facts: Facts, pack: Pack) -> Iterator[Finding]:
    """FA: what may be protected needs its tie to a crime, a supervisor and counsel; what lacks is named at once."""
    if facts.query is None or facts.authorization is None:
        return
    why = protected_activity(facts.query, pack.words("first_amendment_words"))
    if not why:
        return
    authority = facts.authorization
    needed = {
        "nexus": (authority.nexus, "how what is asked for is itself tied to a crime"),
        "approver": (authority.approver, "the supervisor who approved it"),
        "counsel": (authority.counsel, "who of counsel, or of privacy and civil rights, reviewed it"),
    }
    for name, (stated, meaning) in needed.items():
        if not says_something(stated):
            yield missing(name, f"{meaning}, since {why}")
    session = facts.session
    for name in ("approver", "counsel"):
        if session and same_person(session.roster, (session.person, session.key), (getattr(authority, name), "")):
            yield missing(name, f"somebody else than whoever searches here, since {why}")


def _address(query: Query) -> str:
    return query.thread if isinstance(query, ThreadQuery) else str(getattr(query, "url", ""))


def _texts(query: Query) -> list[str]:
    if isinstance(query, TextQuery):
        return [query.tag]
    if isinstance(query, SearchQuery):
        return [query.search, *query.where.values()]
    if isinstance(query, AccountQuery):
        return [query.name]
    if isinstance(query, HandleQuery):
        return [query.handle]
    parts = urlsplit(_address(query))
    return [parts.hostname or "", unquote(parts.path), unquote(parts.query)]


def _word(text: str, words: tuple[str, ...], *, joined: bool) -> str:
    whole, inside = _patterns(words)
    for spelling in spellings(text):
        plain = " ".join(part.casefold() for part in _APART.split(spelling) if part)
        if found := whole.search(plain) or (inside.search(plain) if joined else None):
            return found[0]
    return ""


@lru_cache(maxsize=8)
def _patterns(words: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what has to stand as a word, and what counts inside a longer one."""
    plain = [re.escape(folded(word).replace("-", " ")) for word in words]
    long = [word for word, each in zip(plain, words, strict=True) if len(each) >= _LONG]
    whole = rf"\b(?:{'|'.join(plain)})(?:s|es|ers?|ing)?\b{_PLACE}"
    return re.compile(whole), re.compile(rf"(?:{'|'.join(long) or '(?!)'})(?!\w* (?:street|road|lane))")
