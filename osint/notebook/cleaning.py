"""A copy of a notebook that can be shared: code and own words stay, what was captured is replaced by exhibit numbers.

An output stays only where its metadata say that it holds nothing that was captured (:data:`OWN`). Anything else is
taken out, since nobody can tell what is in it, and a line in its place says so and names the exhibits that it named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from osint import render
from osint.errors import CaseError, ExportError
from osint.report.files import write_whole

KEY: Final = "osint"
OWN: Final[Mapping[str, Any]] = {KEY: {"captured": False}}
"""Metadata of an output that holds nothing that was captured: our own words and the numbers of exhibits."""

_EXHIBIT = re.compile(r"\bE\d{4,9}(?:@[0-9a-f]{8})?\b")


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """A cleaned copy.

    Attributes:
        file: The copy.
        kept: Outputs that stayed.
        removed: Outputs, pasted pictures and saved states of widgets that were taken out.
        exhibits: Numbers of the exhibits that these named.
    """

    file: Path
    kept: int
    removed: int
    exhibits: tuple[str, ...]

    def __str__(self) -> str:
        named = f", of {_named(self.exhibits)}" if self.exhibits else ""
        return render.visible(
            f"{self.file}: {self.removed} taken out{named}; {self.kept} kept. Code and own words are as they were: "
            "read them before you share it."
        )

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.bundle(str(self), render.paragraph(str(self)))


def clean_notebook(notebook: str | Path, copy: str | Path | None = None) -> Cleaned:
    """Write a copy of a notebook without what was captured; the notebook itself stays as it is.

    Code and text cells stay as they are, with whatever somebody wrote into them. Of outputs only those stay that are
    marked as ours; pasted pictures and the saved state of widgets go.

    Args:
        notebook: The notebook, ``.ipynb``.
        copy: A new file; by default beside it, ``NAME-clean.ipynb``.

    Raises:
        CaseError: It is no notebook.
        ExportError: The copy is there already, or cannot be written.
    """
    import nbformat

    notebook = Path(notebook)
    copy = Path(copy) if copy else notebook.with_name(f"{notebook.stem}-clean.ipynb")
    if copy.exists():
        raise ExportError(f"{copy} is there already; nothing was written. Name another file for the copy.")
    content = _read(notebook)
    found = _Found()
    content.metadata.pop("widgets", None)
    for cell in content.cells:
        _clean(cell, found)
    write_whole(copy, nbformat.writes(content).encode())  # type: ignore[no-untyped-call]
    return Cleaned(file=copy, kept=found.kept, removed=found.removed, exhibits=tuple(sorted(found.exhibits)))


def _read(notebook: Path) -> Any:
    import nbformat

    try:
        content = json.loads(notebook.read_text(encoding="utf-8"))
        nbformat.validate(content if isinstance(content, dict) else {}, version=4)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise CaseError(
            f"{notebook} cannot be read as a notebook of version 4 ({type(error).__name__}); nothing was written. "
            "One that JupyterLab opens can be read after it was saved there again."
        ) from error
    return nbformat.from_dict(content)  # type: ignore[no-untyped-call]


class _Found:
    """What was kept and taken out so far."""

    def __init__(self) -> None:
        self.kept = self.removed = 0
        self.exhibits: set[str] = set()

    def taken_out(self, what: str, texts: Iterator[str]) -> str:
        exhibits = sorted({number for text in texts for number in _EXHIBIT.findall(text)})
        self.removed += 1
        self.exhibits |= {*exhibits}
        return f"[Taken out before sharing: {what}{f', of {_named(exhibits)}' if exhibits else ''}.]"


def _clean(cell: Any, found: _Found) -> None:
    if cell.get("attachments"):
        cell.source += f"\n\n{found.taken_out('pictures pasted here', iter(()))}"
        del cell["attachments"]
    if cell.cell_type == "code":
        cell.outputs = [_kept(each, found) for each in cell.outputs]


def _kept(output: Any, found: _Found) -> Any:
    import nbformat

    if output.output_type in ("display_data", "execute_result") and output.metadata.get(KEY) == OWN[KEY]:
        found.kept += 1
        return output
    line = found.taken_out(_kind(output), _texts(output))
    return nbformat.from_dict({"output_type": "stream", "name": "stdout", "text": f"{line}\n"})  # type: ignore[no-untyped-call]


def _kind(output: Any) -> str:
    kinds = {"stream": "what was printed", "error": "an error"}
    return kinds.get(output.output_type, "a result that may show what was captured")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _named(exhibits: Sequence[str]) -> str:
    return f"{'exhibit' if len(exhibits) == 1 else 'exhibits'} {', '.join(exhibits)}"
