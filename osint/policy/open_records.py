"""The rules of open records: until when a request is acted upon, and whether a record of a class is open.

Days and facts in, an answer with its facts out. No clock, no files, no network. What was not stated is not known: a
record whose status rests on it stays closed, and says so.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from osint.errors import PolicyError
from osint.policy.facts import Facts, Finding, refuse
from osint.policy.pack import OPENNESS, Pack, RecordsLaw
from osint.policy.retention import years_later
from osint.records import Investigation

Check = Callable[[Facts, Pack], Iterable[Finding]]
DECISIONS: Mapping[str, str] = {
    "release": "it goes out as it is",
    "redact": "a copy without what is masked goes out",
    "withhold": "nothing of it goes out",
    "not responsive": "it is not what was asked for",
}
"""What a person decides about an item, and what becomes of it."""
GOING_OUT = ("release", "redact")
"""Those by which something of it leaves."""
Openness = Literal["open", "closed", "not known", "decided"]

_DAY = timedelta(days=1)
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOLIDAY = re.compile(
    r"(?:(?P<year>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)|(?P<month>\d\d)-(?P<day>\d\d)|"
    rf"(?P<of>\d\d) (?P<which>{'|'.join(_ORDINALS)}) (?P<weekday>{'|'.join(_WEEKDAYS)}))(?: (?P<name>.+))?\Z"
)


@dataclass(frozen=True)
class Status:
    """Whether a record is open.

    Attributes:
        openness: ``open``, ``closed``, ``not known``, which stays closed, or ``decided``: a person decides.
        because: Why, in words.
        since: From which day on, where that is known.
        facts: What it was computed from, as it was stated.
    """

    openness: Openness
    because: str
    since: date | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_closed(self) -> bool:
        """Whether nothing of it is released but by order of a court."""
        return self.openness in ("closed", "not known")


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What was decided about one responsive item, as the rule is asked about it.

    Attributes:
        exhibit: Its number.
        decision: One of :data:`DECISIONS`; empty where nobody decided.
        record_class: Its class; empty where nobody stated it.
        status: Whether it is open.
        basis: The ground of a denial, by the word of the pack.
        order: The order of a court by which a closed record is released.
        masked: Whether something of it is masked, or it may open an account, so that a copy stands for it.
    """

    exhibit: str
    decision: str
    record_class: str
    status: Status
    basis: str = ""
    order: str = ""
    masked: bool = False


# -- days --------------------------------------------------------------------------------------------------------------


def law_of(pack: Pack, name: str = "") -> RecordsLaw:
    """Return a law of open records by its word; the first of ``records_law`` where none is named.

    Raises:
        PolicyError: The pack has none, or none of that name.
    """
    chosen = name or next(iter(pack.words("records_law")), "")
    if chosen not in pack.open_records:
        known = ", ".join(pack.open_records) or "none"
        raise PolicyError(
            f"The policy pack {pack.name} {pack.version} names no law of open records {chosen!r}; it has {known}. "
            "values.records_law says which the agency answers under."
        )
    return pack.open_records[chosen]


def received_on(received: datetime, law: RecordsLaw) -> date:
    """Return the day on which a request counts as received, by the clock of the office that its zone stands for."""
    late = law.office_closes and received.time() >= time.fromisoformat(law.office_closes)
    return received.date() + _DAY if late else received.date()


def deadline(law: RecordsLaw, received: datetime, holidays: Sequence[str]) -> datetime:
    """Return the end of the last day on which a request is acted upon in time, by the clock it was received by.

    The day of receipt does not count. A holiday that the table does not have makes the day earlier, never later.

    Raises:
        PolicyError: The table of holidays cannot be read.
    """
    day, left = received_on(received, law), law.value
    while left:
        day += _DAY
        if law.unit == "calendar days" or is_business_day(day, holidays):
            left -= 1
    return datetime.combine(day, time(23, 59, 59), received.tzinfo)


def is_business_day(day: date, holidays: Sequence[str]) -> bool:
    """Return whether an office is open on a day: no Saturday, no Sunday, no holiday of the table.

    Raises:
        PolicyError: The table cannot be read.
    """
    return day.weekday() < 5 and not any(day in _days_of(each, day.year) for each in holidays)


def _days_of(holiday: str, year: int) -> Iterator[date]:
    """Yield the day of a year on which a holiday is kept, where it is kept in that year."""
    found = _HOLIDAY.match(holiday)
    said = f"values.holidays: {holiday!r} is no day: 01-01, 2026-04-03, or '09 first Monday', with its name behind it."
    if found is None:
        raise PolicyError(said)
    try:
        if found["which"]:
            yield _nth(year, int(found["of"]), _ORDINALS[found["which"]], _WEEKDAYS.index(found["weekday"]))
        elif found["year"]:
            yield date(int(found["year"]), int(found["m"]), int(found["d"]))
        elif (found["month"], found["day"]) != ("02", "29") or monthrange(year, 2)[1] == 29:
            day = date(year, int(found["month"]), int(found["day"]))
            yield day + _DAY if day.weekday() == 6 else day
    except ValueError as error:
        raise PolicyError(said) from error


def _nth(year: int, month: int, which: int, weekday: int) -> date:
    first, length = monthrange(year, month)
    days = [day for day in range(1, length + 1) if (first + day - 1) % 7 == weekday]
    return date(year, month, days[which])


# -- open or closed ----------------------------------------------------------------------------------------------------


def status(law: RecordsLaw, record_class: str, known: Sequence[Investigation], today: date) -> Status:
    """Return whether a record of a class is open under a law, with the facts that this is computed from.

    Args:
        law: The law.
        record_class: ``arrest``, ``incident``, ``investigative`` or ``other``; empty where nobody stated it.
        known: What was stated of the investigations that it belongs to: all of them have to be inactive.
        today: The day in the zone of the office.
    """
    if record_class not in law.classes:
        return Status("not known", "nobody stated of which class it is, so it stays closed")
    said = law.classes[record_class]
    found = OPENNESS.match(f"{record_class}: {said}")
    if found is None:  # a pack that was read has no other words
        raise PolicyError(f"open_records.{law.id}.classes says {said!r} of {record_class}.")
    if found[3]:
        return _all([_charged(each, int(found[3]), today) for each in known], "of an arrest, a charge and its end")
    if found[4]:
        return _all([_inactive(each, int(found[4]), today) for each in known], "of an investigation")
    reasons = {
        "open": f"{_named(record_class)} is open by {law.title}",
        "closed": f"{_named(record_class)} is closed by {law.title}",
        "decided": f"{law.title} has a person decide; a denial states its ground",
    }
    openness: Openness = "open" if said == "open" else "closed" if said == "closed" else "decided"
    return Status(openness, reasons[said])


def _named(record_class: str) -> str:
    return "another record" if record_class == "other" else f"an {record_class} report"


def _all(found: Sequence[Status], what: str) -> Status:
    """Return the status of a record that belongs to several investigations: the one that keeps it closed, if any."""
    if not found:
        return Status("not known", f"nothing was stated {what}, so it stays closed")
    return next((each for each in found if each.is_closed), max(found, key=lambda each: each.since or date.min))


def _inactive(known: Investigation, years: int, today: date) -> Status:
    """Say whether an investigation is inactive: not pursued, out of time, or with final convictions, the earliest."""
    facts = _facts(known, "further_action", "not_pursued", "offence", "limitation", "convictions_final")
    if known.further_action == "yes":
        return Status("closed", "further action is taken, so the investigation is not inactive", facts=facts)
    reached = {name: day for name, day in _ends(known, years).items() if day <= today}
    if reached:
        why = min(reached, key=lambda name: reached[name])
        return Status("open", f"the investigation is inactive: {why}", reached[why], facts)
    unsaid = [name for name in ("not_pursued", "offence", "limitation", "convictions_final") if name not in facts]
    if unsaid:
        said = f"whether the investigation is inactive is not known: {', '.join(unsaid)} not stated, so it stays closed"
        return Status("not known", said, facts=facts)
    return Status("closed", "by what was stated the investigation is not inactive yet", facts=facts)


def _ends(known: Investigation, years: int) -> dict[str, date]:
    """Return the days on which something makes an investigation inactive, by what that is in words."""
    limit = known.limitation if known.limitation != "none" else ""
    tenth = years_later(datetime.fromisoformat(known.offence), years).date() if known.offence else None
    told = {
        "the agency decided not to pursue the case": _day(known.not_pursued),
        "the time to file charges is over": _day(limit),
        f"{years} years have passed since the offence": tenth,
        "the convictions of all who were convicted are final": _day(known.convictions_final),
    }
    return {why: day for why, day in told.items() if day}


def _charged(known: Investigation, days: int, today: date) -> Status:
    """Say whether an arrest report is open: within the days, or after a charge that did not end without conviction."""
    facts, arrested = _facts(known, "arrested", "charged", "ended"), _day(known.arrested)
    if arrested is None:
        return Status("not known", "the day of the arrest was not stated, so it stays closed", facts=facts)
    was_charged, early = known.charged == "yes", today <= arrested + timedelta(days=days)
    answers: Sequence[tuple[bool, Openness, str]] = (
        (known.ended == "no conviction", "closed", "the case ended without conviction"),
        (was_charged and bool(known.ended), "open", "whoever was arrested was charged"),
        (was_charged, "not known", "how the charge ended was not stated, so it stays closed"),
        (early, "open", f"{days} days have not passed since the arrest"),
        (known.charged == "no", "closed", f"nobody was charged within {days} days of the arrest"),
        (True, "not known", "whether a charge followed was not stated, so it stays closed"),
    )
    openness, because = next((openness, because) for applies, openness, because in answers if applies)
    return Status(openness, because, arrested if openness == "open" else None, facts)


def _facts(known: Investigation, *names: str) -> dict[str, str]:
    said = {name: str(getattr(known, name)) for name in names}
    return {"investigation": known.identifier, "stated_by": known.stated_by, **{n: v for n, v in said.items() if v}}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


# -- the rule ----------------------------------------------------------------------------------------------------------


def answered(facts: Facts, pack: Pack) -> Iterator[Finding]:
    """A request for records is answered when a person decided on each item, and each denial has its ground."""
    items: Sequence[Answered] | None = facts.said.get("records")
    if facts.step != "disclose" or items is None:
        return
    if undecided := [each.exhibit for each in items if each.decision not in DECISIONS]:
        yield refuse(f"nobody decided on {', '.join(undecided)}: case.decide_records(...)")
    law = facts.text("law")
    going = [each for each in items if each.decision in GOING_OUT]
    for each in going:
        if each.status.is_closed and not each.order:
            yield refuse(
                f"{each.exhibit} stays closed: {each.status.because}. A closed record leaves by order of a court"
            )
    for each in items:
        ground = pack.record_grounds.get(each.basis)
        if each.decision in ("redact", "withhold") and (ground is None or ground.law != law):
            known = [name for name, one in pack.record_grounds.items() if one.law == law]
            yield refuse(f"{each.exhibit} has no ground of that law to be withheld or redacted: {', '.join(known)}")
    for each in going:
        if each.masked != (each.decision == "redact"):
            mask = "nothing of it is masked: case.mask(...) or case.mask_exhibit(...)"
            copy = "part of it is masked, so a redacted copy goes out: decide 'redact', with its ground"
            yield refuse(f"{each.exhibit}: {copy if each.masked else mask}")


RULES: Mapping[str, Check] = {"IV.A.2.c-records": answered}
