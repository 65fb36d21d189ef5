"""The answer to a request for records, as drafts: the letter, the index of what is withheld, the list of what goes out.

A draft says DRAFT on every page, leaves the signature blank and certifies nothing. What a court closed stands in none
of them, and nothing that is withheld is described but by its number, its class and the provision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from osint import render
from osint.instants import format_instant
from osint.policy.open_records import Answered
from osint.policy.pack import Pack, RecordsLaw, Sourced
from osint.records import RecordsRequest
from osint.report.csv_tables import Sheet
from osint.report.page import band, blank_lines, page, table

WITHHELD = ("exhibit", "class", "decision", "ground", "provision", "standing", "status")
RELEASED = ("exhibit", "file", "media_type", "size", "sha256", "copy", "stored")
_KEPT_BACK = ("exhibit", "class", "decision", "ground", "provision, and who verified it", "status")
_GIVEN = ("exhibit", "file", "kind of file", "bytes", "SHA-256", "copy", "taken in (UTC)")
_CERTIFIES_NOTHING = (
    "This page was filled in from the records of the case. It certifies nothing and was sent to nobody: the custodian "
    "of records reads it first, and counsel decides whether it goes out."
)
_SIGNED = ("Custodian of records, name and office", "Date", "Signature")


@dataclass(frozen=True, kw_only=True)
class ReleasedFile:
    """A file of an answer.

    Attributes:
        exhibit: Number of its exhibit.
        file: Its path below ``data``.
        media_type: What it is.
        size: Bytes.
        sha256: Of its bytes, hex.
        redacted: Whether it stands for an exhibit of which something is masked.
        stored: When the exhibit was taken in.
    """

    exhibit: str
    file: str
    media_type: str
    size: int
    sha256: str
    redacted: bool
    stored: datetime


@dataclass(frozen=True, kw_only=True)
class Response:
    """What an answer says.

    Attributes:
        request: The request.
        law: The law that it comes under.
        pack: The policy pack in force.
        made: When the answer was made.
        case: Name of the case.
        until: Until when it had to be acted upon; None where nothing is due.
        items: What was decided about each item that answers the request.
        files: What goes out.
    """

    request: RecordsRequest
    law: RecordsLaw
    pack: Pack
    made: datetime
    case: str
    until: datetime | None
    items: Sequence[Answered]
    files: Sequence[ReleasedFile] = ()

    @property
    def withheld(self) -> list[Answered]:
        """What does not go out, whole or in part."""
        return [each for each in self.items if each.decision in ("withhold", "redact")]


def letter(response: Response) -> bytes:
    """Return the letter to the requester, a page of HTML that needs nothing else."""
    request, law = response.request, response.law
    redacted = sum(each.redacted for each in response.files)
    whole, kept = len(response.files) - redacted, sum(each.decision == "withhold" for each in response.items)
    said = f"{whole} released, {redacted} released in part, {kept} withheld."
    told = "No record that can be released answers the request." if not response.files else said
    body = (
        table(_head(response).items())
        + render.paragraph(told if response.files or not kept else f"{told} {said}")
        + _delay(request)
        + _section("Released", [_released(each) for each in response.files], _GIVEN)
        + _section("Withheld, whole or in part", _on_paper(response), _KEPT_BACK)
        + _section("Fees, as stated; nothing was computed here", [(each,) for each in request.fees], ())
        + render.paragraph(
            "A written statement of the grounds, with the provision for each, is given to whoever asks for it. What "
            f"this law asks of whoever needs longer: {law.extension}."
        )
    )
    return _page(f"Answer to a request for records: {request.identifier}", body, response)


def denial(response: Response) -> bytes:
    """Return the written statement of the grounds of a denial, with the provision for each item."""
    rows = _on_paper(response)
    body = (
        table(_head(response).items())
        + render.paragraph(
            "Access to these records, or to a part of them, was denied on the grounds that stand beside each."
        )
        + (_section("Grounds", rows, _KEPT_BACK) or render.paragraph("Nothing was withheld."))
    )
    return _page(f"Statement of the grounds of a denial: {response.request.identifier}", body, response)


def withheld_csv(response: Response) -> bytes:
    """Return the index of what is withheld, whole or in part, as CSV."""
    return Sheet(WITHHELD, withheld_rows(response)).csv()


def released_csv(response: Response) -> bytes:
    """Return the list of what goes out, as CSV."""
    return Sheet(RELEASED, [_released(each) for each in response.files]).csv()


def withheld_rows(response: Response) -> list[tuple[str, ...]]:
    """Return a row for each item that is withheld, whole or in part, with the provision and who verified that."""
    return [_withheld(each, response) for each in response.withheld]


def _on_paper(response: Response) -> list[tuple[str, ...]]:
    """Return these rows in as many columns as a page has room for."""
    rows = withheld_rows(response)
    return [(*left, f"{provision} [{standing}]", status) for *left, provision, standing, status in rows]


def _withheld(each: Answered, response: Response) -> tuple[str, ...]:
    ground = response.pack.record_grounds[each.basis]
    standing = _standing(ground, response.pack, response.made.date())
    status = "" if each.status.openness == "decided" else each.status.because
    return (
        each.exhibit,
        each.record_class or "not stated",
        each.decision,
        ground.says,
        ground.citation,
        standing,
        status,
    )


def _released(each: ReleasedFile) -> tuple[str, ...]:
    copy = "redacted" if each.redacted else "as it was taken in"
    stored = format_instant(each.stored)
    return (each.exhibit, each.file, each.media_type, str(each.size), each.sha256, copy, stored)


def _head(response: Response) -> dict[str, object]:
    request, law = response.request, response.law
    return {
        "To": request.requester,
        "Our number": request.identifier,
        "Received": request.received,
        "Asked for": request.asks,
        "Law": f"{law.title}: {law.citation} [{_standing(law, response.pack, response.made.date())}]",
        "To be acted upon by": response.until.date() if response.until else "nothing is due",
        "Answers for it": request.contact or "not stated",
    }


def _delay(request: RecordsRequest) -> str:
    if not request.expected:
        return ""
    place = f" They can be inspected then: {request.place}." if request.place else ""
    return render.paragraph(f"Access is delayed to {request.expected}. Cause: {request.delay}.{place}")


def _section(title: str, rows: Sequence[Sequence[object]], headings: Sequence[str]) -> str:
    return render.section(title) + table(rows, headings) if rows else ""


def _page(title: str, body: str, response: Response) -> bytes:
    made = format_instant(response.made.replace(microsecond=0))
    foot = render.paragraph(f"Made {made} under the policy {response.pack.name} {response.pack.version}.")
    return page(
        f"DRAFT. {title}", band("DRAFT") + body + render.paragraph(_CERTIFIES_NOTHING) + blank_lines(_SIGNED) + foot
    )


def _standing(said: Sourced, pack: Pack, today: date) -> str:
    return said.standing(today, pack.number("verified_months"))
