"""What can be collected: one row for each collector, from its manifest."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from osint.collectors import load, names
from osint.collectors.protocol import Manifest

COLUMNS = (
    "collector", "reads", "ways", "public", "limits", "files", "id_time", "proof", "terms", "terms_checked",
    "documentation",
)  # fmt: skip
_HEADINGS = {
    "ways": "way", "public": "public without signing in", "files": "files that it reads", "id_time": "id → time",
    "terms": "terms (last read)",
}  # fmt: skip


def catalogue() -> pd.DataFrame:
    """Return the collectors as a table of text, ordered by name; the columns are those of :data:`COLUMNS`."""
    return pd.DataFrame([_row(load(name).MANIFEST) for name in names()], columns=list(COLUMNS), dtype=pd.StringDtype())


def as_markdown() -> str:
    """Return the table as it stands in this folder's README."""
    shown = [name for name in COLUMNS if name != "terms_checked"]
    lines = [_line([_HEADINGS.get(name, name) for name in shown]), "|---" * len(shown) + "|"]
    for row in catalogue().to_dict("records"):
        cells = {**row, "collector": f"`{row['collector']}`", "terms": f"{row['terms']} ({row['terms_checked']})"}
        lines.append(_line([str(cells[name]).replace("|", "\\|") for name in shown]))
    return "\n".join(lines) + "\n"


def refresh(readme: Path) -> None:
    """Write the table in a README anew, from its heading line to the next empty line."""
    before, heading, rest = readme.read_text(encoding="utf-8").partition("| collector |")
    after = rest[rest.index("\n\n") + 1 :]
    readme.write_text(before + (as_markdown() if heading else "") + after, encoding="utf-8")


def _row(manifest: Manifest) -> dict[str, str]:
    return {
        "collector": manifest.name,
        "reads": manifest.reads,
        "ways": ", ".join(manifest.ways),
        "public": manifest.public,
        "limits": " ".join(filter(None, (manifest.limits, manifest.barred))),
        "files": manifest.files or "none",
        "id_time": manifest.id_time,
        "proof": manifest.proof,
        "terms": manifest.terms,
        "terms_checked": manifest.terms_checked,
        "documentation": manifest.documentation,
    }


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    refresh(Path(__file__).with_name("README.md"))
