"""What the collectors of official registers share: a notice as a post, the words of a refusal, the age of a person.

It is no collector. A notice is a post of type Article by the account of its register. What the register says of a
person stays as it spells it; nothing is compared, scored or joined.

**Entry removed is not person cleared.** A register takes entries out without a reason. That one is gone says so much,
and the messages of a 404 say it too.

**Pictures of minors are no attachments.** Attachments are what a case fetches next. Where the person is a minor, was
one when the picture was published, or may be one for all the register says, the addresses stay in
``extra["pictures_withheld"]``; an officer collects one of them by its address, when the case needs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

from osint.activity import Attachment, ParseWarning, Post
from osint.capture.exchange import Capture
from osint.collectors.answer import refuse, warning
from osint.collectors.json_values import count
from osint.collectors.sights import by, missing, published_at, seen
from osint.collectors.text import absolute
from osint.collectors.times import dated
from osint.errors import QueryError, SourceBlockedError, SourceGoneError
from osint.instants import Reading
from osint.query import SearchQuery

OF_AGE = 18
NOT_CLEARED = "An entry that is gone does not say that the person is cleared, found or dead."
_BORN = re.compile(r"([0-9]{4})(?:/([0-9]{1,2})(?:/([0-9]{1,2}))?)?")
_NO_STATUS = ("", "na", "n/a", "unknown")


@dataclass(frozen=True, kw_only=True)
class Register:
    """A register that publishes notices.

    Attributes:
        platform: Its name in ids and account keys, ``interpol``.
        host: The host that people know it by.
        name: Its name for people.
        collector: Name and version of the parser.
        by_hand: How an officer gets the answer as a file, when the register refuses a program.
    """

    platform: str
    host: str
    name: str
    collector: str
    by_hand: str


@dataclass
class Tally:
    """What came of a list, against what the register counts.

    It is complete when every answer counts the same, and as many different notices came. A count that moves means that
    the list changed while it was read, and one below what came is wrong: neither says that nothing is lacking.

    Attributes:
        found: The ids that came.
        counts: What the answers count; None where one does not say.
    """

    found: set[str] = field(default_factory=set)
    counts: set[int | None] = field(default_factory=set)

    def add(self, ids: Iterable[str], counted: object) -> bool:
        """Take in one answer; return whether it brought a notice that had not come."""
        before = len(self.found)
        self.found.update(ids)
        self.counts.add(told_number(counted))
        return len(self.found) > before

    @property
    def is_complete(self) -> bool:
        """Whether as many came as every answer counts."""
        return self.counts == {len(self.found)}


def notice(
    register: Register,
    capture: Capture,
    native_id: str,
    pointer: str,
    *,
    name: str,
    said: Iterable[tuple[str, object]] = (),
    status: str | None = None,
    published: Reading | None = None,
    updated: Reading | None = None,
    pictures: Iterable[tuple[object, str | None]] = (),
    minor: bool = False,
    extra: Mapping[str, Any] | None = None,
    **more: Any,
) -> Post:
    """Return a notice as a post.

    Args:
        register: Who published it.
        capture: Where it stands.
        native_id: The register's own id, unchanged.
        pointer: Where in the capture.
        name: The person, or what the notice calls itself.
        said: What else a reader of the notice sees as text, each under its label; what is empty is left out.
        status: The register's word for how it stands, captured or located; it opens the text.
        published: When it was published; without a zone it is no instant.
        updated: When it was last changed.
        pictures: Addresses of pictures, each with its caption.
        minor: Whether the person is, or may be, a minor: the pictures are then no attachments.
        extra: What has no field of its own.
        more: Further fields of the post.
    """
    addresses = {url: caption for target, caption in pictures if (url := absolute(capture.url, target))}
    absent = missing(published=published)
    kept = dict(extra or {}) | ({"status": status} if status else {})
    return Post(
        id=f"{register.platform}:{native_id}",
        platform=register.platform,
        native_id=native_id,
        type="Article",
        **by(register.platform, register.host),
        author_name=register.name,
        content=_content(name, said, status),
        **published_at(published),
        updated=updated.instant if updated else None,
        attachment=() if minor else tuple(Attachment(url=url, name=caption) for url, caption in addresses.items()),
        visibility="public",
        **seen(capture, pointer, register.collector),
        absent=absent,
        extra=kept | ({"pictures_withheld": list(addresses)} if minor and addresses else {}),
        **more,
    )


def refused(capture: Capture, wanted: str, register: Register, said: str = "") -> None:
    """Raise what the status of an answer means, as ``answer.refuse`` does, with what it means for a register.

    Raises:
        SourceGoneError: 404 or 410; the message says what that does not say.
        SourceBlockedError: 403 or a challenge; the message says how an officer gets the answer by hand.
        SourceError: Whatever else was refused.
    """
    try:
        refuse(capture, wanted, said)
    except SourceGoneError as error:
        raise SourceGoneError(f"{error} {NOT_CLEARED}") from error
    except SourceBlockedError as error:
        raise SourceBlockedError(f"{error} {register.by_hand}") from error


def conditions(query: SearchQuery, register: Register, hosts: Iterable[str], possible: Iterable[str]) -> dict[str, str]:
    """Return what a search is narrowed by.

    Raises:
        QueryError: It is meant for another host, or a condition is none of the register's; the message lists them.
    """
    if query.host.casefold() not in set(hosts):
        raise QueryError(f"{query.host!r} is not the host of this register; write host='{register.host}'.")
    unknown = sorted(set(query.where) - set(possible))
    if unknown:
        raise QueryError(
            f"{register.name} is not searched by {', '.join(unknown)}; where={{...}} may hold "
            f"{', '.join(sorted(possible))}."
        )
    return {name: query.where[name] for name in sorted(query.where)}


def no_name_search(query: SearchQuery, register: Register, instead: str) -> None:
    """Refuse words where the register's search for them is not known: one that ignores them would give everybody.

    Raises:
        QueryError: There are words.
    """
    if query.search.strip():
        raise QueryError(f"How {register.name} is searched for a name is not documented, so it is not asked. {instead}")


def asked_of(capture: Capture, name: str) -> str | None:
    """Return a parameter of the address that gave this answer, or None."""
    try:
        values = parse_qs(urlsplit(capture.url).query).get(name)
    except ValueError:
        return None
    return values[0] if values else None


def told_number(value: object) -> int | None:
    """Return a number that a register writes as a number or as text, whole or with a zero behind the point."""
    return count(int(value)) if isinstance(value, float) and value.is_integer() else count(value)


def listed(capture: Capture, pointer: str, value: object, total: object) -> tuple[list[Any], list[ParseWarning]]:
    """Return the notices of an answer, and a warning when what stands in their place is no list."""
    if isinstance(value, list):
        return value, []
    if value is None and told_number(total) == 0:
        return [], []
    what = "What should be the list of notices is none."
    return [], [warning(capture, pointer, what, "No notice of this answer is in the tables.")]


def another(capture: Capture, pointer: str, asked: str | None, came: str) -> list[ParseWarning]:
    """Return a warning when an address of one notice, as far as it is one, gave another."""
    if asked is None or asked == came:
        return []
    what = f"The address is that of the notice {asked}, and the answer is the notice {came}."
    return [warning(capture, pointer, what, f"It is in the tables as {came}; of {asked} nothing is known from it.")]


def time_warnings(capture: Capture, pointer: str, item: Mapping[str, Any], *names: str) -> Iterator[ParseWarning]:
    """Yield a warning for each time that cannot be read; that one names no zone, its row says."""
    for name in names:
        value, reading = item.get(name), dated(item.get(name))
        if reading is None and value not in (None, ""):
            what = f"Its {name} is no time as the register writes it: {str(value)[:100]}."
            yield warning(capture, pointer, what, "It has no such time; the exhibit has what was written.")
        elif reading and reading.instant is None and "names no time zone" not in reading.problem:
            yield warning(capture, pointer, f"{reading.problem}.", "The time is kept as written; it is no instant.")


def total_warnings(capture: Capture, pointer: str, total: object, shown: int) -> list[ParseWarning]:
    """Return a warning when an answer counts fewer notices than it shows, or does not say how many there are."""
    counted = told_number(total)
    if counted is None:
        what, effect = "The answer does not say how many notices there are.", "Whether all came, nobody can say."
    elif counted < shown:
        what = f"The answer counts {counted} notices and shows {shown}."
        effect = "Its count says nothing of whether all came."
    else:
        return []
    return [warning(capture, pointer, what, effect)]


def is_of_age(born: object, on: date) -> bool:
    """Say whether who was born then (``1979/01/17``, ``1979``) is surely of age on that day."""
    found = _BORN.fullmatch(born.strip()) if isinstance(born, str) else None
    if found is None:
        return False
    year, month, day = int(found[1]), int(found[2] or 12), int(found[3] or 31)
    return (on.year - year, on.month, on.day) >= (OF_AGE, month, day)


def _content(name: str, said: Iterable[tuple[str, object]], status: str | None) -> str:
    opening = [f"Status: {status}"] if status and status.strip().casefold() not in _NO_STATUS else []
    told = ((label, _plain(value)) for label, value in said)
    lines = [*opening, name, *(f"{label}: {text}" if label else text for label, text in told if text)]
    return "\n".join(filter(None, lines))


def _plain(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(filter(None, map(_plain, value)))
    return value.strip() if isinstance(value, str) else ""
