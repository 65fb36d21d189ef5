"""The lists of a production: exhibits, every step, what was refused or found nothing, who acted, what is kept back.

Each is made from the ledger and the plan alone, and repeats nothing of what is withheld. What people add by hand is
blank. The completeness of a production is judged by the search log and the disclosure schedule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from osint.production.lists.attribution import worksheet
from osint.production.lists.exhibits import exhibit_list, foundation_aids, standing_of_ways
from osint.production.lists.log import nil_and_failed, refusals, search_log
from osint.production.lists.material import Material
from osint.production.lists.personnel import personnel_index
from osint.production.lists.redactions import purge_certificates, redaction_log
from osint.production.lists.schedules import disclosure_schedule, unused_material, withheld_index
from osint.production.lists.validation import validation_record
from osint.report.csv_tables import Sheet
from osint.report.document import Document, Words, table
from osint.report.forms import forms, text_form

FOLDER = "lists"
_IN_A_VOLUME = 500  # rows of nine columns: to set one takes 0.2 MB of memory
_LISTED = ("exhibit", "description", "captured (UTC)", "captured by", "SHA-256", "authorship proof needed",
           "redactions", "sponsoring witness")  # fmt: skip


def lists(material: Material) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Yield the lists of a production by their names below ``data/``, each in pieces, one list at a time.

    Raises:
        ExportError: Nobody said what speaks against the attribution of an exhibit.
    """
    for name, sheet in _sheets(material):
        yield f"{FOLDER}/{name}.csv", sheet.pieces()
    for name, content in _papers(material):
        yield f"{FOLDER}/{name}", [content]


def _papers(material: Material) -> Iterator[tuple[str, bytes]]:
    yield from forms("attribution_worksheet", worksheet(material), ["docx"])
    yield from forms("exhibit_list", _exhibits(material), ["pdf"], most=_IN_A_VOLUME)
    yield from _validation(material)
    yield from purge_certificates(material)[1].items()


def _sheets(material: Material) -> Iterator[tuple[str, Sheet]]:
    yield "exhibit_list", exhibit_list(material)
    yield "foundation_aids", foundation_aids(material)
    yield "search_log", search_log(material)
    yield "nil_and_failed", nil_and_failed(material)
    yield "refusals", refusals(material)
    yield "withheld_index", withheld_index(material)
    yield "disclosure_schedule", disclosure_schedule(material)
    yield "personnel_index", personnel_index(material)
    yield "redaction_log", redaction_log(material)
    yield "purge_certificates", purge_certificates(material)[0]
    if material.plan.release.profile == "uk":
        yield "unused_material", unused_material(material)


def _validation(material: Material) -> Iterator[tuple[str, bytes]]:
    record = validation_record(material)
    yield from forms("tool_validation", record, ["pdf"])
    yield "tool_validation.txt", text_form(record)


def _exhibits(material: Material) -> Document:
    """Return the exhibit list for paper: the columns that fit, and where the ways to a foundation are from."""
    plan, sheet = material.plan, exhibit_list(material)
    named = [dict(zip(sheet.headings, row, strict=True)) for row in sheet.rows]
    rows = [[_numbers(row), *(row[name] for name in _LISTED)] for row in named]
    told = [
        Words("Every address, ledger entry and way to a foundation stands in exhibit_list.csv."),
        *map(Words, standing_of_ways(material.pack, plan.made.date())),
    ]
    cover = [
        table({"Case": plan.case, "Production": plan.number, "To": plan.to, "Documents": len(rows)}.items()),
        *told,
    ]
    listed = table(rows, ("numbers", *_LISTED))
    return Document(title=f"Exhibit list: {plan.case}", made=plan.made, cover=cover, blocks=[listed], wide=True)


def _numbers(row: Mapping[str, object]) -> str:
    first, last = row["first number"], row["last number"]
    return f"{first}" if first == last else f"{first} to {last}"
