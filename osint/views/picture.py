"""A chart as a picture: it carries its own bytes, runs no script, and survives a notebook reopened without a kernel."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osint import render


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An SVG with its title and a line of text that says what it shows."""

    title: str
    caption: str
    svg: bytes = field(repr=False)

    def save(self, path: str | Path) -> Path:
        """Write the SVG to a file and return its path."""
        path = Path(path)
        path.write_bytes(self.svg)
        return path

    def __str__(self) -> str:
        return f"{self.title}: {self.caption}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        markup = render.image(self.svg, "image/svg+xml", self.title) + render.paragraph(self.caption)
        return render.bundle(str(self), markup)
