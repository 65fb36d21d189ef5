"""Records about open records: what somebody asks for, what decides whether it is open, what a court closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from osint.records.record import Record


@dataclass(frozen=True, kw_only=True)
class RecordsRequest(Record):
    """A request for records under a law of open records; ``exhibits`` hold the letter, if it was taken in.

    Attributes:
        identifier: The agency's number of the request.
        requester: Who asks, as they sign.
        received: When the custodian received it: an instant with its zone, which is that of the office.
        asks: What they ask for, in their words.
        law: The law it comes under, as the policy pack calls it, ``us-mo``; empty for the first of ``records_law``.
        terms: What answers it, as searches of the case; what any of them finds is responsive.
        since: First day that it asks about; empty for no bound.
        until: Last day.
        concerns: Exhibits that it names itself, or that a person counts as responsive.
        expected: Where access is not granted in time: the day on which it will be.
        delay: The cause of that, in detail.
        place: Where the records can be inspected then.
        statement_asked: When a written statement of the grounds of a denial was asked for, if it was.
        statement_given: The day on which it was given.
        fees: Lines of the fees as they are stated to the requester, ``12 copies at $0.10: $1.20``; nothing is computed.
        withdrawn: The day on which the request was withdrawn.
        contact: Who of the agency answers for it.
    """

    kind: ClassVar[str] = "records-request"
    needed: ClassVar[Mapping[str, str]] = {
        "identifier": "the agency's number of the request",
        "requester": "who asks, as they sign",
        "received": "when the custodian received it, with its zone, as 2026-05-30T14:02-05:00",
        "asks": "what they ask for, in their words",
    }
    days: ClassVar[tuple[str, ...]] = ("since", "until", "expected", "statement_given", "withdrawn")
    instants: ClassVar[tuple[str, ...]] = ("received", "statement_asked")

    identifier: str = ""
    requester: str = ""
    received: str = ""
    asks: str = ""
    law: str = ""
    terms: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    concerns: tuple[str, ...] = ()
    expected: str = ""
    delay: str = ""
    place: str = ""
    statement_asked: str = ""
    statement_given: str = ""
    fees: tuple[str, ...] = ()
    withdrawn: str = ""
    contact: str = ""

    def _wrong(self) -> list[str]:
        wrong = super()._wrong()
        if bool(self.expected.strip()) != bool(self.delay.strip()):
            wrong.append("expected and delay belong together: until when, and for what cause")
        if not (self.terms or self.concerns or self.since or self.until):
            wrong.append("terms, concerns, since and until are all empty: say what is looked for to answer it")
        return wrong


@dataclass(frozen=True, kw_only=True)
class Investigation(Record):
    """What a law of open records asks about an investigation. What is not stated is not known, and never guessed.

    Attributes:
        identifier: Its number.
        stated_by: Who knows this, by office: the prosecutor, the chief.
        further_action: ``yes`` or ``no``: whether anybody of the agency takes further action; empty for not known.
        not_pursued: The day on which the agency decided not to pursue the case.
        offence: The day on which the offence was committed.
        limitation: The day on which the time to file charges ended or ends; ``none`` where the law sets no end.
        convictions_final: The day on which the convictions of all who were convicted became final.
        arrested: The day of the arrest that an arrest report is about.
        charged: ``yes`` or ``no``: whether whoever was arrested was charged; empty for not known.
        ended: How the charge ended: ``pending``, ``conviction``, ``no conviction``; empty for not known.
    """

    kind: ClassVar[str] = "investigation"
    needed: ClassVar[Mapping[str, str]] = {
        "identifier": "the number of the investigation",
        "stated_by": "who knows this, by office",
    }
    days: ClassVar[tuple[str, ...]] = ("not_pursued", "offence", "convictions_final", "arrested")
    closed: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "further_action": ("yes", "no"),
        "charged": ("yes", "no"),
        "ended": ("pending", "conviction", "no conviction"),
    }

    identifier: str = ""
    stated_by: str = ""
    further_action: str = ""
    not_pursued: str = ""
    offence: str = ""
    limitation: str = ""
    convictions_final: str = ""
    arrested: str = ""
    charged: str = ""
    ended: str = ""

    def _wrong(self) -> list[str]:
        from osint.records.record import is_day

        wrong = super()._wrong()
        if self.limitation not in ("", "none") and not is_day(self.limitation):
            wrong.append("limitation is a day, as 2026-05-30, or none")
        return wrong


@dataclass(frozen=True, kw_only=True)
class Closure(Record):
    """An order of a court that closes or expunges records: to whoever asks, they are not there.

    Attributes:
        order: Number of the order.
        court: The court.
        citation: The law that it was made under.
        concerns: The exhibits that it closes.
        made: The day of the order.
        lifted: The day on which it was lifted, if it was.
    """

    kind: ClassVar[str] = "closure"
    needed: ClassVar[Mapping[str, str]] = {
        "order": "the number of the order",
        "court": "the court",
        "citation": "the law that it was made under",
        "concerns": "the exhibits that it closes",
        "made": "the day of the order",
    }
    days: ClassVar[tuple[str, ...]] = ("made", "lifted")

    order: str = ""
    court: str = ""
    citation: str = ""
    concerns: tuple[str, ...] = ()
    made: str = ""
    lifted: str = ""
