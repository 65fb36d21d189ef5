"""Drafts for people to read, change and sign: a letter that asks a provider to keep data, and a notice to the public.

A draft says DRAFT on every printed page, leaves its signature blank and certifies nothing. A notice that two persons
released says instead who they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from osint import render
from osint.errors import CaseError
from osint.instants import format_instant
from osint.policy.kinds import due
from osint.policy.pack import Pack
from osint.records import Notice, Preservation, Recorded
from osint.report.page import page, table

_BAND = (
    '<div style="position:fixed;top:0;right:0;padding:2px 12px;background:#fff;border:2px solid #000"><b>{}</b></div>'
)
_CERTIFIES_NOTHING = (
    "This page was filled in from the records of the case. It certifies nothing and was sent to nobody: whoever signs "
    "it reads it first, and counsel decides whether it goes out."
)
_ASKED = (
    "Under 18 U.S.C. 2703(f) the agency named below asks that you take all necessary steps to preserve the records and "
    "other evidence listed here, as they are today, pending the issue of a court order or other process. No content is "
    "asked for by this letter, and none is to be sent in answer to it."
)
_TELL_NOBODY = "Please tell neither the holder of an account nor anybody else of this request."
_AMBER = (
    "Is the child 17 or under?",
    "Is there reason to believe that the child was abducted?",
    "Is the child believed to be in danger of serious harm or death?",
    "Is there enough of a description of child, captor or vehicle for the public to help?",
    "Was the child entered into NCIC, with the flag for an abducted child?",
)
_PEOPLE_DECIDE = (
    "A checklist and no decision: people decide whether an alert is asked for (Mo. Rev. Stat. 210.1012, 11 CSR 30-10)."
)
_SIGNED = ("Name and office", "Date", "Signature")


def draft(recorded: Recorded, pack: Pack, made: datetime, case: str) -> bytes:
    """Return a page of HTML that needs nothing else.

    Args:
        recorded: The record, a ``Preservation`` or a ``Notice``.
        pack: The policy pack in force.
        made: The instant that the page states as its own.
        case: Name of the case.

    Raises:
        CaseError: Nothing is written from a record of this kind.
    """
    record = recorded.record
    if isinstance(record, Preservation):
        return _page(f"Request to preserve: {record.identifier}", _letter(record, pack, made), made, case, recorded)
    if isinstance(record, Notice):
        return _page(f"Notice: {record.identifier}", _notice(record), made, case, recorded)
    raise CaseError(f"Nothing is drafted from a {record.kind}: only from a preservation or a notice.")


def _page(title: str, body: str, made: datetime, case: str, recorded: Recorded) -> bytes:
    released = isinstance(recorded.record, Notice) and recorded.countersigned
    band = "RELEASED" if released else "DRAFT"
    instant = format_instant(made.replace(microsecond=0))
    foot = f"Case {case}, entry {recorded.entry}, stated by {recorded.by}; made {instant}"
    signed = f"Released by {recorded.by} and {recorded.countersigned}." if released else _CERTIFIES_NOTHING
    ends = render.paragraph(signed) + ("" if released else _blank(_SIGNED)) + render.paragraph(foot)
    return page(title if released else f"DRAFT. {title}", _BAND.format(band) + body + ends)


def _letter(letter: Preservation, pack: Pack, made: datetime) -> str:
    number = pack.values["preservation_days"]
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
    standing = number.standing(made.date(), pack.number("verified_months"))
    return (
        render.paragraph(_ASKED)
        + table(facts.items())
        + (render.paragraph(_TELL_NOBODY) if letter.nondisclosure else "")
        + render.paragraph(f"{number.citation} [{standing}]")
    )


def _notice(notice: Notice) -> str:
    shown = {name.replace("_", " "): text for name, text in notice.fields.items()}
    told = table(shown.items()) + (render.paragraph(f"Picture: exhibit {notice.picture}") if notice.picture else "")
    if notice.about != "missing" or notice.minor != "yes":
        return told
    boxes = table(((asked, "", "") for asked in _AMBER), ("AMBER alert", "yes or no", "who says so"))
    return told + render.section("Checklist, not part of the notice") + render.paragraph(_PEOPLE_DECIDE) + boxes


def _blank(lines: Sequence[str]) -> str:
    return "".join(f'<p style="border-bottom:1px solid #888;padding-top:1.2em">{each}:</p>' for each in lines)
