"""A chart as a picture: it carries its own bytes, runs no script, and survives a notebook reopened without a kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osint import render
from osint.views.written import write_whole

Leave = Callable[[str, bytes], None]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An SVG with its title and a line of text that says what it shows.

    Attributes:
        title: Heading.
        caption: What it shows, in a line.
        svg: The picture.
        leave: Lets a file of this name and content leave the case, and logs it; None where there is no case.
    """

    title: str
    caption: str
    svg: bytes = field(repr=False)
    leave: Leave | None = field(default=None, repr=False, compare=False)

    def save(self, path: str | Path) -> Path:
        """Write the SVG to a file and return its path. A picture of a case is an export: searched for secrets, logged.

        Raises:
            ExportError: It cannot be written.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
        """
        return self._saved(Path(path), self.svg)

    def _saved(self, path: Path, content: bytes) -> Path:
        if self.leave:
            self.leave(path.name, content)
        return write_whole(path, content)

    def __str__(self) -> str:
        return f"{self.title}: {self.caption}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        markup = render.image(self.svg, "image/svg+xml", self.title) + render.paragraph(self.caption)
        return render.bundle(str(self), markup)
