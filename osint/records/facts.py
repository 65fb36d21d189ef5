"""Records of what is known: the warrant, a victim's consent, a tip, a comment that was removed, somebody's rights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from osint.records.record import Record


@dataclass(frozen=True, kw_only=True)
class Warrant(Record):
    """The warrant for a wanted person (IV.B.1.b).

    Attributes:
        number: Its number.
        court: The court that issued it.
        offence: The offence that it names.
        issued: The day of issue.
        confirmed: When the court or the record system last confirmed it: an instant with its zone.
        subject: Whom it names.
        identity: ``confirmed`` once something besides the name ties the account or the picture to that person.
    """

    kind: ClassVar[str] = "warrant"
    needed: ClassVar[Mapping[str, str]] = {
        "number": "the number of the warrant",
        "court": "the court that issued it",
        "offence": "the offence that it names",
        "issued": "the day of issue, as 2026-05-30",
        "confirmed": "when it was last confirmed, with its zone, as 2026-05-30T14:02+02:00",
        "subject": "whom it names",
    }
    days: ClassVar[tuple[str, ...]] = ("issued",)
    instants: ClassVar[tuple[str, ...]] = ("confirmed",)
    closed: ClassVar[Mapping[str, tuple[str, ...]]] = {"identity": ("unconfirmed", "confirmed")}

    number: str = ""
    court: str = ""
    offence: str = ""
    issued: str = ""
    confirmed: str = ""
    subject: str = ""
    identity: str = "unconfirmed"  # a name alone is many people's


@dataclass(frozen=True, kw_only=True)
class Consent(Record):
    """A victim's signed consent (IV.B.1.d). Recorded again with ``withdrawn``, it carries no import any more.

    Attributes:
        identifier: Number of the paper.
        person: Who signed.
        scope: What may be looked at, in the words of the paper.
        signed: The day.
        accounts: The accounts it is about, ``@name@host``; the report's timeline of what concerns them goes by these.
        withdrawn: The day on which it was withdrawn; empty while it holds.
    """

    kind: ClassVar[str] = "consent"
    needed: ClassVar[Mapping[str, str]] = {
        "identifier": "the number of the consent",
        "person": "who signed it",
        "scope": "what may be looked at",
        "signed": "the day on which it was signed, as 2026-05-30",
    }
    days: ClassVar[tuple[str, ...]] = ("signed", "withdrawn")

    identifier: str = ""
    person: str = ""
    scope: str = ""
    signed: str = ""
    accounts: tuple[str, ...] = ()
    withdrawn: str = ""


@dataclass(frozen=True, kw_only=True)
class Tip(Record):
    """What somebody told the agency (IV.B.2.d). It is no authority; uncorroborated, it expires.

    ``exhibits`` are what corroborates it. The grades are those of 3x5x2; who is not known stands as 2-D-C.

    Attributes:
        identifier: Its number.
        received: When it came: an instant with its zone.
        channel: By what way: telephone line, web form, letter.
        says: What it says.
        anonymous: Whether the sender is not known.
        source_notice_given: Whether the sender was told that what is submitted is public (IV.A.2.d(2)).
        source: 1 reliable, 2 untested, 3 not reliable.
        information: A known directly, B indirectly but corroborated, C indirectly, D not known, E suspected false.
        handling: P, or C with conditions.
        disposition: What became of it; empty while it is open.
    """

    kind: ClassVar[str] = "tip"
    needed: ClassVar[Mapping[str, str]] = {
        "identifier": "the number of the tip",
        "received": "when it came, with its zone, as 2026-05-30T14:02+02:00",
        "channel": "by what way it came",
        "says": "what it says",
        "anonymous": "whether the sender is not known: True or False",
        "source_notice_given": "whether the sender was told that what is submitted is public: True or False",
    }
    instants: ClassVar[tuple[str, ...]] = ("received",)
    closed: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "source": ("1", "2", "3"),
        "information": ("A", "B", "C", "D", "E"),
        "handling": ("P", "C"),
    }

    identifier: str = ""
    received: str = ""
    channel: str = ""
    says: str = ""
    anonymous: bool | None = None
    source_notice_given: bool | None = None
    source: str = "2"
    information: str = "D"
    handling: str = "C"
    disposition: str = ""


@dataclass(frozen=True, kw_only=True)
class Removal(Record):
    """A comment that the agency removed from its own page (IV.A.2.d(1)); ``exhibits`` hold it as it was.

    Attributes:
        address: The comment, or the page that it stood on.
        rule: The rule of the page that it broke: obscenity, off topic, personal attack.
        who: Who removed it.
        removed: When: an instant with its zone.
    """

    kind: ClassVar[str] = "removal"
    needed: ClassVar[Mapping[str, str]] = {
        "address": "the comment, or the page it stood on",
        "rule": "the rule that it broke",
        "who": "who removed it",
        "removed": "when, with its zone, as 2026-05-30T14:02+02:00",
        "exhibits": "the exhibit that holds the comment: collect the page before it is removed",
    }
    instants: ClassVar[tuple[str, ...]] = ("removed",)

    address: str = ""
    rule: str = ""
    who: str = ""
    removed: str = ""


@dataclass(frozen=True, kw_only=True)
class Rights(Record):
    """Whose work an exhibit is, and whether it may be published (IV.A.3.c, V.8.d). As evidence it needs none.

    Attributes:
        exhibit: Its number, E0003.
        holder: Who holds the rights, or "not known".
        decision: ``may be published``, ``evidence only``.
        decided_by: Who decided that.
    """

    kind: ClassVar[str] = "rights"
    needed: ClassVar[Mapping[str, str]] = {
        "exhibit": "the number of the exhibit, E0003",
        "holder": "who holds the rights, or 'not known'",
        "decision": "may be published, or evidence only",
        "decided_by": "who decided that",
    }
    closed: ClassVar[Mapping[str, tuple[str, ...]]] = {"decision": ("may be published", "evidence only")}

    exhibit: str = ""
    holder: str = ""
    decision: str = ""
    decided_by: str = ""
