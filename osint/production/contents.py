"""What a production holds beside the package it is: parts, documents, load files, lists, the pages to read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path

from osint import parts
from osint.chain_of_custody.digests import sha256_file
from osint.chain_of_custody.export import write_ledger
from osint.chain_of_custody.sensitive_stop import withdrawn_by
from osint.policy.pack import Pack
from osint.policy.roster import Roster
from osint.production.certificates import certificates
from osint.production.changes import CHANGES, changes
from osint.production.documents import IMAGES, NATIVES, TEXT, WORK, Pages, forget, write_documents
from osint.production.documents.journal import JOURNAL
from osint.production.lists import lists
from osint.production.lists.material import Material
from osint.production.load_files import write_load_files
from osint.production.plan import Document, Plan
from osint.production.posts import PART_POSTS
from osint.production.reader import write_reader
from osint.report.bag import MANIFEST, PAYLOAD
from osint.report.csv_tables import table_csv
from osint.report.dossier import Dossier
from osint.report.hand_over import EVIDENCE, Progress, write_pieces
from osint.report.packed import Packed

KEPT = (JOURNAL, WORK, *(f"{PAYLOAD}/{name}" for name in (NATIVES, IMAGES, TEXT)))
"""What a run that was killed leaves for the next one, below the folder in which a production is written."""


def fill(
    plan: Plan,
    dossier: Dossier,
    packed: Packed,
    data: Path,
    *,
    pack: Pack,
    roster: Roster | None,
    pages: Pages,
    progress: Progress,
    numbered: Callable[[int], None],
) -> None:
    """Write everything that a production holds besides below ``data``.

    Args:
        plan: What it holds.
        dossier: The case, as it may leave.
        packed: The ledger as it lies in the package.
        data: The payload folder, with ledger and evidence in it.
        pack: The policy pack in force.
        roster: Who works at the agency; None where it has installed no roster.
        pages: Whether documents are drawn as pages.
        progress: Told what is done, how many of it are finished, and of how many.
        numbered: Told the last number that is used, before anything but documents bears one.
    """
    copy_parts(dossier.folder, data)
    if PART_POSTS in dossier.tables:
        (data / "tables" / f"{PART_POSTS}.csv").write_bytes(table_csv(dossier.tables[PART_POSTS]))
    documents: Sequence[Document] = write_documents(plan, dossier, packed, data, progress, pages=pages)
    numbered(max((each.end for each in documents), default=plan.first - 1))
    progress("load files, lists and drafts", 0, 1)
    write_load_files(plan, documents, data)
    material = Material(plan=plan, dossier=dossier, packed=packed, documents=documents, pack=pack, roster=roster)
    drafts = ((name, [content]) for name, content in certificates(material))
    for name, pieces in chain(lists(material), drafts, [(CHANGES, [changes(plan, documents)])]):
        write_pieces(data / name, pieces)
    progress("pages to read", 0, 1)
    write_reader(plan, dossier, packed, documents, data)
    forget(data)


def copy_parts(case: Path, data: Path) -> None:
    """Copy the parts that others collected, each as a package of its own: ledger, evidence, a list of hashes."""
    for part in parts.parts(case):
        target = data / parts.FOLDER / part.label
        with part.ledger() as ledger:
            write_ledger(ledger, target)
            gone = {number for entry in ledger.entries() for number in withdrawn_by(entry)}
            digests = sorted({each.sha256 for each in ledger.exhibits() if each.number not in gone})
        for source in (part.blobs.path(each) for each in digests if part.blobs.holds(each)):
            copy = target / EVIDENCE / source.relative_to(part.blobs.folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
        _list(target)


def _list(folder: Path) -> None:
    """Write the list of hashes that a package has which is no bag."""
    names: Iterable[str] = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = [f"{sha256_file(folder / name)[0]}  {name}\n" for name in names]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8", newline="\n")
