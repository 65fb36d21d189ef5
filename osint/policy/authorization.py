"""The legal authority for a step: what is asked of the officer once, checked as a whole, and remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from osint.errors import AuthorizationError, QueryError
from osint.instants import day_bounds
from osint.policy.words import says_something
from osint.query import make_query

PURPOSES: Mapping[str, str] = {
    "missing_person": "General Order XLV, IV.B.1.a",
    "wanted_person": "General Order XLV, IV.B.1.b",
    "gang": "General Order XLV, IV.B.1.c",
    "cybercrime": "General Order XLV, IV.B.1.d",
    "crime_media": "General Order XLV, IV.B.1.e",
    "background_check": "General Order XLV, IV.B.5-9",
    "own_pages": "General Order XLV, IV.A.2",
}
EMERGENCIES: Mapping[str, str] = {
    "missing_child": "a child is missing",
    "threat_to_life": "somebody's life is threatened now",
}
"""Why one officer may act before anybody approved it. There is no third reason, and no waiting period for a child."""


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """The authority under which public posts are collected (CASE ``Authorization``).

    Four fields are always needed: ``identifier``, ``type``, ``purpose``, ``expires``. Beyond them, an authority names
    whom or what it is about (``subjects``, or for an incident without a named person ``terms``, ``tags`` or ``place``).
    Where to look (``accounts``, ``hosts``, ``urls``, ``tags``) may be named now or added as leads are found.

    In an emergency, ``emergency``, ``circumstances``, ``purpose`` and whom it is about are enough: it carries for the
    hours that the policy pack allows, and a supervisor ratifies it (``case.ratify``).

    Attributes:
        identifier: The number of the report, warrant or request, ``MP-2026-0417``.
        type: What kind of document that is, ``missing-person report``.
        purpose: One of :data:`PURPOSES`.
        expires: The instant, or the last day in UTC, on which it may be used.
        subjects: The persons it is about.
        accounts: Accounts that may be collected, ``@name@host``.
        hosts: Hosts whose public pages and feeds may be collected.
        urls: Addresses that may be collected, with everything below them.
        terms: Words the incident is searched by.
        tags: Tags that may be searched.
        place: Where the incident is.
        since: First day or instant of the period it covers; None for no bound.
        until: Last day or instant of that period.
        approver: Who approved it.
        max_bytes: Bytes of evidence that may be stored under it; None for no bound. The last answer is cut at what is
            left, and nothing is asked after that.
        nexus: How what is asked for is itself tied to a crime; needed where it may be protected speech or assembly.
        counsel: Who of counsel, or of privacy and civil rights, reviewed that.
        emergency: One of :data:`EMERGENCIES`; empty for any other authority.
        circumstances: What happened, and why waiting would be dangerous; needed in an emergency.
        minor: Whether a minor is among those it is about: ``yes``, ``no`` or ``unknown``; empty where nobody stated it.
    """

    identifier: str = ""
    type: str = ""
    purpose: str = ""
    expires: str = ""
    subjects: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    place: str = ""
    since: str | None = None
    until: str | None = None
    approver: str = ""
    max_bytes: int | None = None
    nexus: str = ""
    counsel: str = ""
    emergency: str = ""
    circumstances: str = ""
    minor: str = ""

    def __post_init__(self) -> None:
        """Accept lists where tuples are stored, and refuse an incomplete authority.

        Raises:
            AuthorizationError: Names every missing or wrong field at once.
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, list | set):
                object.__setattr__(self, field.name, tuple(value))
            elif isinstance(value, str) and field.type == "tuple[str, ...]":
                object.__setattr__(self, field.name, (value,))
        if self.emergency:  # nobody looks for a number before looking for a child
            object.__setattr__(self, "identifier", self.identifier or "EMERGENCY")
            object.__setattr__(self, "type", self.type or "emergency, to be ratified")
        problems = [problem for check in _CHECKS for problem in check(self)]
        if problems:
            raise AuthorizationError(
                "This authorization cannot be recorded; nothing was logged. Correct and try again:", problems
            )

    @property
    def expiry(self) -> datetime:
        """The last instant on which it may be used, in UTC. That of an emergency is set when it is recorded."""
        bound = day_bounds(None, self.expires or None)[1]
        assert bound is not None
        return bound

    def as_dict(self) -> dict[str, Any]:
        """Return the fields that are set, as JSON values; ``Authorization(**as_dict())`` is equal to this one."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items() if value
        }


def describe_purposes() -> str:
    """Return the closed list of purposes as text."""
    return ", ".join(PURPOSES)


def _check_needed(authority: Authorization) -> list[str]:
    meanings = {
        "identifier": "the number of the report, warrant or request",
        "type": "what kind of document it is",
        "purpose": f"one of {describe_purposes()}",
        "expires": "the last day it may be used, as 2026-12-31 or with a time and its zone",
    }
    if authority.emergency:
        del meanings["expires"]
        meanings["circumstances"] = "what happened, and why waiting would be dangerous"
    return [
        f"{name} is missing: {what}" for name, what in meanings.items() if not says_something(getattr(authority, name))
    ]


def _check_emergency(authority: Authorization) -> list[str]:
    if not authority.emergency or authority.emergency in EMERGENCIES:
        return []
    return [f"emergency {authority.emergency!r} is not one of {', '.join(EMERGENCIES)}"]


def _check_minor(authority: Authorization) -> list[str]:
    if authority.minor in ("", "yes", "no", "unknown"):
        return []
    return [f"minor {authority.minor!r} is not one of yes, no, unknown"]


def _check_purpose(authority: Authorization) -> list[str]:
    if not authority.purpose or authority.purpose in PURPOSES:
        return []
    return [f"purpose {authority.purpose!r} is not one of {describe_purposes()}"]


def _check_times(authority: Authorization) -> list[str]:
    return [
        *_unreadable("expires", None, authority.expires or None),
        *_unreadable("since/until", authority.since, authority.until),
    ]


def _unreadable(name: str, since: str | None, until: str | None) -> list[str]:
    try:
        day_bounds(since, until)
    except ValueError as error:
        return [f"{name} cannot be read: {error}"]
    return []


def _check_aim(authority: Authorization) -> list[str]:
    aims = (*authority.subjects, *authority.terms, *authority.tags, authority.place)
    if any(map(says_something, aims)) or authority.purpose == "own_pages":
        return []
    return ["subjects is missing: whom it is about; for an incident without a named person give terms, tags or a place"]


def _check_most(authority: Authorization) -> list[str]:
    most = authority.max_bytes
    if most is None or (type(most) is int and most > 0):
        return []
    return [f"max_bytes {most!r} is no number of bytes: give a whole number above 0, or leave it out"]


def _check_scope(authority: Authorization) -> list[str]:
    return [
        *(problem for account in authority.accounts for problem in _refused("accounts", account=account)),
        *(problem for url in authority.urls for problem in _refused("urls", url=url)),
        *(problem for host in authority.hosts for problem in _refused("hosts", tag="any", host=host)),
    ]


def _refused(name: str, **asked: str) -> list[str]:
    try:
        make_query(**asked)
    except QueryError as error:
        return [f"{name}: {error}"]
    return []


_CHECKS = (
    _check_needed, _check_emergency, _check_purpose, _check_times, _check_aim, _check_most, _check_minor, _check_scope,
)  # fmt: skip
