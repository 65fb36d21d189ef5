"""The part of the case report on marks: what whoever worked on the case made of its exhibits."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from osint.report.document import Block, Section, Words, table
from osint.report.dossier import Dossier

_NOTE = "Marks are the judgement of whoever made them, and no evidence. Of each exhibit, or post, the newest stands."


def exculpatory(marks: pd.DataFrame) -> tuple[str, ...]:
    """Return the numbers of the exhibits that are marked as exculpatory, or hold a post that is."""
    return tuple(sorted(set(marks["exhibit"][marks["exculpatory"].fillna(value=False)])))


def marked(dossier: Dossier) -> Iterator[Block]:
    """Yield the marks, those first that may speak for a person; nothing where nobody left any."""
    marks = dossier.tables["marks"]
    if marks.empty:
        return
    named = exculpatory(marks)
    yield Section("Marks")
    yield Words(_NOTE)
    yield Words(f"Marked as exculpatory: {len(named)}{': ' if named else ''}{', '.join(named)}")
    rows = [
        (
            row["exhibit"],
            "" if pd.isna(row["post"]) else row["post"],
            "" if pd.isna(row["relevance"]) else row["relevance"],
            "" if pd.isna(row["exculpatory"]) else "yes" if row["exculpatory"] else "no",
            ", ".join(row["tags"]),
            "" if pd.isna(row["note"]) else row["note"],
            row["by"],
            row["entry"],
        )
        for row in marks.sort_values("exculpatory", ascending=False, kind="stable").to_dict("records")
    ]
    yield table(rows, ("exhibit", "post", "relevance", "exculpatory", "tags", "note", "by", "entry"))
