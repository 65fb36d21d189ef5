"""Drafts for people to read, change and sign: a letter that asks a provider to keep data, and a notice to the public.

A draft says DRAFT on every printed page, leaves its signature blank and certifies nothing. A notice that two persons
released says instead who they are.
"""

from __future__ import annotations

from datetime import datetime

from osint import render
from osint.errors import CaseError
from osint.instants import format_instant
from osint.policy.kinds import due
from osint.policy.pack import Pack, Value
from osint.records import Notice, Preservation, Recorded
from osint.report.page import band, blank_lines, page, table

_CERTIFIES_NOTHING = (
    "This page was filled in from the records of the case. It certifies nothing and was sent to nobody: whoever signs "
    "it reads it first, and counsel decides whether it goes out."
)
_TELL_NOBODY = "Please tell neither the holder of an account nor anybody else of this request."
_PEOPLE_DECIDE = "A checklist and no decision: people decide whether an alert is asked for."
_SIGNED = ("Name and office", "Date", "Signature")


def draft(recorded: Recorded, pack: Pack, made: datetime, case: str) -> bytes:
    """Return a page of HTML that needs nothing else.

    Args:
        recorded: The record, a ``Preservation`` or a ``Notice``.
        pack: The policy pack in force.
        made: The instant that the page states as its own.
        case: Name of the case.

    Raises:
        CaseError: Nothing is written from a record of this kind, or the policy names no law to write a letter by.
    """
    record = recorded.record
    if isinstance(record, Preservation):
        return _page(f"Request to preserve: {record.identifier}", _letter(record, pack, made), made, case, recorded)
    if isinstance(record, Notice):
        return _page(f"Notice: {record.identifier}", _notice(record, pack, made), made, case, recorded)
    raise CaseError(f"Nothing is drafted from a {record.kind}: only from a preservation or a notice.")


def _page(title: str, body: str, made: datetime, case: str, recorded: Recorded) -> bytes:
    released = isinstance(recorded.record, Notice) and recorded.countersigned
    words = "RELEASED" if released else "DRAFT"
    instant = format_instant(made.replace(microsecond=0))
    foot = f"Case {case}, entry {recorded.entry}, stated by {recorded.by}; made {instant}"
    signed = f"Released by {recorded.by} and {recorded.countersigned}." if released else _CERTIFIES_NOTHING
    ends = render.paragraph(signed) + ("" if released else blank_lines(_SIGNED)) + render.paragraph(foot)
    return page(title if released else f"DRAFT. {title}", band(words) + body + ends, paper="A4")


def _letter(letter: Preservation, pack: Pack, made: datetime) -> str:
    number, asked = pack.values["preservation_days"], pack.words("preservation_letter")
    if not asked:
        raise CaseError(
            f"The policy {pack.name} {pack.version} names no law by which a provider is asked to keep data."
        )
    over = due(letter, pack)
    facts = {
        "To": letter.provider,
        "Our number": letter.identifier,
        "Accounts": "; ".join(letter.accounts),
        "Records to be kept": letter.data,
        "From": letter.since or "no bound",
        "Until": letter.until or "no bound",
        "Sent": letter.sent or "not sent",
        "Acknowledged": letter.acknowledged or "not acknowledged",
        "Over on": over.date() if over else f"{number.value} days after it is sent, unless it is renewed",
        "Answers for it": letter.contact,
    }
    return (
        "".join(map(render.paragraph, asked))
        + table(facts.items())
        + (render.paragraph(_TELL_NOBODY) if letter.nondisclosure else "")
        + _source(number, pack, made)
        + _source(pack.values["preservation_letter"], pack, made)
    )


def _source(value: Value, pack: Pack, made: datetime) -> str:
    return render.paragraph(f"{value.citation} [{value.standing(made.date(), pack.number('verified_months'))}]")


def _notice(notice: Notice, pack: Pack, made: datetime) -> str:
    shown = {name.replace("_", " "): text for name, text in notice.fields.items()}
    told = table(shown.items()) + (render.paragraph(f"Picture: exhibit {notice.picture}") if notice.picture else "")
    criteria = pack.words("missing_child_alert")
    if notice.about != "missing" or notice.minor != "yes" or not criteria:
        return told
    boxes = table(((asked, "", "") for asked in criteria), ("alert for a missing child", "yes or no", "who says so"))
    source = _source(pack.values["missing_child_alert"], pack, made)
    return (
        told + render.section("Checklist, not part of the notice") + render.paragraph(_PEOPLE_DECIDE) + boxes + source
    )
