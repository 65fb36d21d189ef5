"""What a supervisor is asked to approve, and what was answered: facts for a decision, and words for whoever reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from osint import render
from osint.instants import parse_instant
from osint.policy.authorization import Authorization

GROUNDS: Mapping[str, str] = {
    "analyst": "an analyst searches",
    "gang": "the purpose is gang",
    "minor": "a minor is, or may be, among those it is about",
    "protected": "what is asked for may be protected speech, assembly or belief",
    "proxy": "the way to the network hides whose it is",
    "repeats": "the same is looked at again and again",
    "staff": "it is about somebody on the roster of the agency",
    "subjects": "it is about several persons",
    "targets": "it names many accounts, addresses or words",
}
"""What makes a step one of engagement level 2; the pack says which of them count."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked for.

    Attributes:
        id: Of the entry that records it.
        case: Name of the case.
        ledger: Origin of its ledger.
        authority: Leaf hash of the entry of the authority, hex.
        requester: Name and badge of whoever asks.
        role: Their role.
        key: Fingerprint of their key, hex.
        requested: When, RFC 3339.
        expires: Until when it is to be approved, RFC 3339.
        reason: Why, in their words.
        grounds: Some of :data:`GROUNDS`.
        scope: The authority as it stood with its leads.
        before: Its scope as it was approved last; None when it never was.
        refused: Requests about this authority that were refused before, in words.
    """

    id: str
    case: str
    ledger: str
    authority: str
    requester: str
    role: str
    key: str
    requested: str
    expires: str
    reason: str
    grounds: tuple[str, ...]
    scope: Authorization
    before: Authorization | None = None
    refused: tuple[str, ...] = ()

    @property
    def expiry(self) -> datetime:
        """Until when it is to be approved."""
        return parse_instant(self.expires)

    def grounds_cover(self, why: Iterable[str]) -> bool:
        """Return whether all these reasons were named when it was asked for."""
        return set(why) <= set(self.grounds)

    def in_words(self) -> list[str]:
        """Return what would be allowed, and what of that is new, in lines for whoever is to approve it."""
        made = f"{self.scope.identifier}, {self.scope.type}, {self.scope.purpose}"
        return [
            f"{self.requester} ({self.role}) asks about case {self.case}, authority {made}.",
            f"Asked on {self.requested}; to be approved until {self.expires}.",
            f"Why: {self.reason}",
            *(f"Needs approval since {GROUNDS[ground]} ({ground})." for ground in self.grounds),
            *_difference(self.before, self.scope),
            *(f"Refused before: {each}" for each in self.refused),
        ]


@dataclass(frozen=True, kw_only=True)
class Approval:
    """What was answered.

    Attributes:
        request: The request.
        approver: Name and badge of whoever answered.
        key: Fingerprint of their key, hex.
        granted: Whether it was granted.
        reason: Why, in the words that they typed.
        opened: When they were shown the request, RFC 3339.
        answered: When they signed, RFC 3339.
    """

    request: Request
    approver: str
    key: str
    granted: bool
    reason: str
    opened: str
    answered: str

    @property
    def waited(self) -> timedelta:
        """The time from the request to the answer; clocks of two machines may make it negative."""
        return parse_instant(self.answered) - parse_instant(self.request.requested)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    __repr__ = __str__

    def _lines(self) -> list[str]:
        said = "Approved" if self.granted else "Refused"
        return [f"{said} by {self.approver} on {self.answered}: {self.reason}", *self.request.in_words()]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.bundle(str(self), "".join(map(render.paragraph, self._lines())))


def _difference(before: Authorization | None, after: Authorization) -> list[str]:
    """Return the scope of an authority, each line with what it is beside the one that was approved last."""
    if before is None:
        return ["Never approved before; all of it is new:", *(f"  new: {line}" for line in _lines(after))]
    old, new = _lines(before), _lines(after)
    return [
        "Beside what was approved last:",
        *(f"  new: {line}" for line in new if line not in old),
        *(f"  no longer: {line}" for line in old if line not in new),
        *(f"  as before: {line}" for line in new if line in old),
    ]


def _lines(authority: Authorization) -> list[str]:
    stated = authority.as_dict()
    return [
        f"{field.name}: {line}" for field in fields(authority) for line in _each(stated.get(field.name)) if line != ""
    ]


def _each(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ["" if value is None else value]
