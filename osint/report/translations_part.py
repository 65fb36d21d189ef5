"""The part of the case report on translations, which are derived: what counts is the original."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from osint.report.document import Block, Section, Words, table
from osint.report.dossier import Dossier

_NOTE = (
    "Derived, and no evidence: people or programs made these of the originals, which stand unchanged in the exhibits. "
    "What a program made, nobody checked unless it is said."
)


def translated(dossier: Dossier) -> Iterator[Block]:
    """Yield the translations with their makers; nothing where nobody attached any."""
    made = dossier.tables["translations"]
    if made.empty:
        return
    yield Section("Translations (derived)")
    yield Words(_NOTE)
    rows = [
        (
            row["exhibit"],
            "" if pd.isna(row["post"]) else row["post"],
            row["language"],
            f"{row['made_by']} ({'a program' if row['machine'] else 'a person'})",
            row["translation"],
            row["entry"],
        )
        for row in made.to_dict("records")
    ]
    yield table(rows, ("exhibit", "post", "language", "made by", "translation", "entry"))
