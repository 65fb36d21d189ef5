"""What the lists and drafts of a production are made from, put together of a small case without a package."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from pypdf import PdfReader

from osint.case import Case
from osint.chain_of_custody.export import write_ledger
from osint.policy.roster import Roster
from osint.production.items import Leaves, items
from osint.production.lists import lists
from osint.production.lists.material import Material
from osint.production.plan import Document, Numbers, Plan
from osint.production.release import Release
from osint.report.csv_tables import Sheet
from osint.report.packed import Packed

MADE = datetime(2026, 6, 2, 12, tzinfo=UTC)
NONE_KNOWN = {"*": "none known"}


def release(**more: object) -> Release:
    """What a prosecutor decided, who typed that nothing contrary is known."""
    given = {"decided_by": "K. de Vries, prosecutor", "authority": "Rule 25.03", "prefix": "DOE"}
    return Release(**{**given, "contrary_facts": NONE_KNOWN, **more})


def plan_of(case: Case, decided: Release) -> Plan:
    """A plan of the first production of a case."""
    found = items(case._dossier(), Leaves(excluded=decided.excluded))
    return Plan(
        number=1, to="Counsel of the defence", release=decided, made=MADE, numbers=Numbers(prefix="DOE"), first=1,
        items=found, case=case.folder.name, investigator=case.investigator,
    )  # fmt: skip


def material_of(case: Case, folder: Path, *, roster: Roster | None = None, **more: object) -> Material:
    """What the lists are made from; the ledger is packed into the folder."""
    plan, dossier = plan_of(case, release(**more)), case._dossier()
    write_ledger(dossier.ledger, folder)
    numbered = (each for each in plan.items if each.numbered)
    documents = [Document(item=each, begin=number) for number, each in enumerate(numbered, 1)]
    return Material(
        plan=plan, dossier=dossier, packed=Packed(folder), documents=documents, pack=case._gate.pack, roster=roster
    )


def papers(made: Material) -> dict[str, bytes]:
    """Every list by its name, as they go into a package."""
    return {name: b"".join(pieces) for name, pieces in lists(made)}


def table(sheet: Sheet) -> list[dict[str, str]]:
    """A sheet as a spreadsheet program reads it."""
    return rows(sheet.csv())


def rows(content: bytes) -> list[dict[str, str]]:
    """A CSV as a spreadsheet program reads it."""
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def pages(name: str, content: bytes) -> list[str]:
    """What a document says, page by page; a DOCX its body, then its headers."""
    if name.endswith(".pdf"):
        return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    if name.endswith(".docx"):
        with zipfile.ZipFile(io.BytesIO(content)) as paper:
            parts = sorted(each for each in paper.namelist() if re.match(r"word/(document|header\d*)\.xml", each))
            return [re.sub("<[^>]*>", " ", paper.read(each).decode()) for each in parts]
    return [content.decode("utf-8", "replace")]
