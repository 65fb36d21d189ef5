"""Drafts of certifications, of a custodian's affidavit, and of the notice that goes before them. A person signs.

A draft is made only of what the record bears: the case verifies, each record has its hash at collection, the declarant
signed entries of the ledger, and nobody else's post is called a record of the agency. What is missing is an error that
names every ground.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from osint.collecting.importing import ACTION as IMPORT
from osint.errors import ExportError
from osint.production.certificates.drafting import Asked, Listed, document
from osint.production.certificates.kinds import KINDS, Kind, kind_of
from osint.production.certificates.records import Basis, objections
from osint.production.lists.material import Material
from osint.production.plan import Fate, Plan
from osint.report.forms import forms

__all__ = ["KINDS", "Asked", "Basis", "Kind", "certificates", "draft_files", "kind_of"]

FOLDER = "certificates"


def draft_files(kind: Kind, basis: Basis, asked: Asked, kinds: Collection[str] = ("docx", "pdf")) -> dict[str, bytes]:
    """Return the files of a draft by name: HTML, the other kinds as far as this machine can, the list of the records.

    Raises:
        ExportError: It cannot be drafted; names every ground.
    """
    grounds = list(objections(basis, kind, asked.declarant, asked.exhibits))
    if grounds:
        listed = "\n".join(f"  - {ground}" for ground in grounds)
        raise ExportError(f"The {kind.title.lower()} was not drafted:\n{listed}")
    sheet = basis.records(asked.exhibits)
    records = Listed(sheet, f"{kind.file}_records.csv", sheet.csv())
    written = dict(forms(kind.file, document(kind, basis, asked, records), kinds))
    return {**written, **({records.file: records.content} if asked.exhibits else {})}


def certificates(material: Material) -> Iterator[tuple[str, bytes]]:
    """Yield the drafts that go with a production, by their names below ``data/``.

    They are there to be changed, as HTML and DOCX. The investigator is the declarant; who else signed entries can have
    theirs drafted by ``case.certificate``. A kind for which the policy names no law, or of which the production holds
    no record, is not among them.

    Raises:
        ExportError: A draft cannot be made of what the production holds; names every ground.
    """
    plan, dossier = material.plan, replace(material.dossier, made=material.plan.made)
    basis = Basis(dossier=dossier, ledger=material.packed, pack=material.pack, numbers=material.span)
    for kind, asked in _going(plan, basis):
        for name, content in draft_files(kind, basis, asked, ["docx"]).items():
            yield f"{FOLDER}/{name}", content


def _going(plan: Plan, basis: Basis) -> Iterator[tuple[Kind, Asked]]:
    """Yield the kinds that go with a production, each with the records that it can be about."""
    produced = [each.exhibit for each in plan.of(Fate.PRODUCED) if each.exhibit in basis.taken]
    captured = [each for each in produced if basis.taken[each].action != IMPORT]
    about = {"process": captured, "copy": produced, "notice": produced, "own": []}
    for kind in KINDS.values():
        if basis.pack.words(kind.value) and (about[kind.about] or kind.about == "own"):
            to = plan.to if kind.about == "notice" else ""
            yield kind, Asked(declarant=plan.investigator, exhibits=about[kind.about], to=to)
