"""The load files by which a review platform takes a production in: Concordance DAT, Opticon OPT, EDRM XML.

Paths in them begin at the payload folder, ``data/``, which holds NATIVES, IMAGES, TEXT and DATA. ``DATA/fields.csv``
says what each column holds, ``lists/substitutions.csv`` which characters of which values are written otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from osint.production.load_files.dat import dat, substitutions
from osint.production.load_files.edrm import write_edrm
from osint.production.load_files.fields import FIELDS, rows
from osint.production.load_files.opt import opt
from osint.production.plan import Document, Plan
from osint.report.csv_tables import Sheet

DAT, OPT, EDRM = "DATA/production.dat", "DATA/production.opt", "DATA/production.xml"
README, MEANINGS, SUBSTITUTIONS = "DATA/README.txt", "DATA/fields.csv", "lists/substitutions.csv"
_DIALECTS = """Load files of production {number}. Paths in them begin at the folder above this one.

production.dat   Concordance: UTF-8 with a byte-order mark, CRLF, one header line. Fields are parted by U+0014 and stand
                 between U+00FE; a line end within a field is U+00AE. Times are RFC 3339 in UTC. fields.csv says what
                 each column holds. Characters that no field can carry are written as their code point, in the form
                 of U+00FE between angle brackets; ../lists/substitutions.csv names each place.
production.opt   Opticon: ASCII, CRLF, no header; image key, volume, path, document break, folder break, box break,
                 page count on the first page of a document.
production.xml   EDRM XML 1.2, UTF-8: the same values for programs that take neither of the others.
"""


def write_load_files(plan: Plan, documents: Sequence[Document], data: Path) -> None:
    """Write the load files of a production into its payload folder, with what explains them.

    Args:
        plan: The plan.
        documents: Every document, in the order of its numbers.
        data: The payload folder, with natives, texts and images in it.

    Raises:
        ExportError: A path holds a comma, which Opticon cannot carry.
    """
    written = [{name: row[name] for name in FIELDS} for row in rows(plan, documents)]
    changed = Sheet(("number", "column", "place", "code point", "written"), list(substitutions(written)))
    meanings = Sheet(("column", "meaning"), list(FIELDS.items()))
    files = {
        DAT: dat(written),
        OPT: opt(plan, documents),
        README: _DIALECTS.format(number=plan.number).encode("ascii"),
        MEANINGS: meanings.csv(),
        SUBSTITUTIONS: changed.csv(),
    }
    for name, content in files.items():
        (data / name).parent.mkdir(exist_ok=True)
        (data / name).write_bytes(content)
    write_edrm(plan, documents, written, data / EDRM)
