"""Records of what is to go out: a letter that asks a provider to keep data, a notice; and of the agency's own pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from osint.records.record import Record


@dataclass(frozen=True, kw_only=True)
class OwnPage(Record):
    """A page of the agency itself (IV.A.2.a). It is registered once the Chief or the designee has signed it too.

    Attributes:
        address: The page, https://...
        account: Its account, ``@name@host``, where it is one.
        administered_by: The personnel who run it.
    """

    kind: ClassVar[str] = "own-page"
    needed: ClassVar[Mapping[str, str]] = {"address": "the page", "administered_by": "who runs it"}
    two_persons: ClassVar[bool] = True

    address: str = ""
    account: str = ""
    administered_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Preservation(Record):
    """A request that a provider keep what it has (18 U.S.C. 2703(f)). It gives nobody any content.

    Attributes:
        identifier: Our number.
        provider: The provider, by its legal name.
        accounts: The accounts, each by address and numeric id.
        data: What kinds of records are to be kept.
        since: First day that it is about; empty for no bound.
        until: Last day.
        contact: Who of the agency answers for it, and how they are reached.
        nondisclosure: Whether the provider is asked to tell nobody.
        sent: The day on which it was sent; empty while it was not. The time runs from then.
        acknowledged: The day on which the provider answered.
    """

    kind: ClassVar[str] = "preservation"
    needed: ClassVar[Mapping[str, str]] = {
        "identifier": "our number of the request",
        "provider": "the provider, by its legal name",
        "accounts": "the accounts, each by address and numeric id",
        "data": "what kinds of records are to be kept",
        "contact": "who of the agency answers for it",
    }
    days: ClassVar[tuple[str, ...]] = ("since", "until", "sent", "acknowledged")

    identifier: str = ""
    provider: str = ""
    accounts: tuple[str, ...] = ()
    data: str = ""
    since: str = ""
    until: str = ""
    contact: str = ""
    nondisclosure: bool = False
    sent: str = ""
    acknowledged: str = ""


@dataclass(frozen=True, kw_only=True)
class Notice(Record):
    """A notice to the public (IV.B.3.d). It is a draft until a second person has signed its release.

    Attributes:
        identifier: Its number.
        about: ``missing`` or ``wanted``.
        fields: What it says, by the names that the policy pack lists (``notice_fields``).
        minor: ``yes`` or ``no``: whether the person is a minor.
        channel: Where it is to appear.
        statement: ``fact``, ``assessment`` or ``allegation``; only facts are released (V.8.a).
        information: The grade of that, as of a tip: A or B is released.
        warrant: Of a wanted person: the number of the warrant.
        picture: The exhibit that is to be shown, if any.
    """

    kind: ClassVar[str] = "notice"
    needed: ClassVar[Mapping[str, str]] = {
        "identifier": "the number of the notice",
        "about": "missing or wanted",
        "fields": "what it says, by the names of the policy: osint policy show",
        "minor": "yes or no: whether the person is a minor",
        "channel": "where it is to appear",
        "statement": "fact, assessment or allegation",
        "information": "the grade of it, A to E",
    }
    closed: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "about": ("missing", "wanted"),
        "minor": ("yes", "no"),
        "statement": ("fact", "assessment", "allegation"),
        "information": ("A", "B", "C", "D", "E"),
    }
    two_persons: ClassVar[bool] = True

    identifier: str = ""
    about: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    minor: str = ""
    channel: str = ""
    statement: str = ""
    information: str = ""
    warrant: str = ""
    picture: str = ""
