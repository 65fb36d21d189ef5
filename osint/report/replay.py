"""A capture shown again, from evidence alone: its image, its words, and the page rebuilt without script or address."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from osint import render
from osint.capture.exchange import Capture
from osint.capture.held import Held
from osint.instants import format_instant
from osint.report.files import write_whole
from osint.report.page import page
from osint.views.static_page import StaticPage, rebuild_page

_MADE = {
    "wire": "what the server sent, before any script ran",
    "rendered": "the document as a browser had made it, with its scripts",
    "imported": "what somebody else saved and handed in",
}
_SHOWN = 4_000
_LARGEST_PICTURE = 4_000_000


@dataclass(frozen=True, kw_only=True)
class Replay:
    """One capture as it can be looked at; :meth:`save` writes it as a page for any browser.

    Attributes:
        capture: The capture.
        picture: The image of the whole page, PNG, where the exhibit holds one.
        page: The page, rebuilt.
    """

    capture: Capture
    picture: bytes | None = field(repr=False)
    page: StaticPage = field(repr=False)

    @property
    def facts(self) -> dict[str, str]:
        """What it is, for a heading."""
        left_out = ", ".join(f"{each.what} ({each.times})" for each in self.page.left_out)
        return {
            "exhibit": self.capture.exhibit,
            "address": self.capture.url,
            "captured": format_instant(self.capture.collected),
            "status": str(self.capture.status),
            "shows": _MADE[self.capture.made],
            "rebuilt with": ", ".join(self.page.used) or "nothing but the page itself",
            "left out": left_out or "nothing",
            "not whole": " ".join(self.capture.problems) or "no",
        }

    def save(self, path: str | Path) -> Path:
        """Write it as one HTML file that runs nothing and asks nobody; returns the path.

        Raises:
            ExportError: The file is there already or cannot be written.
        """
        image = render.section("Image of the whole page") + self._image() if self.picture else ""
        body = (
            render.facts(self.facts)
            + image
            + render.section("The page rebuilt from evidence, without anything that runs or asks")
            + self.page.frame
            + render.section("Its words")
            + f"<pre>{render.escape_lines(self.page.text)}</pre>"
        )
        return write_whole(Path(path), page(f"Exhibit {self.capture.exhibit}", body))

    def __str__(self) -> str:
        lines = [f"{name}: {value}" for name, value in self.facts.items()]
        return "\n".join([*lines, "", self._words()])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        small = self.picture is not None and len(self.picture) <= _LARGEST_PICTURE
        image = self._image() if small else ""
        return render.bundle(
            str(self), render.facts(self.facts) + image + f"<pre>{render.escape_lines(self._words())}</pre>"
        )

    def _image(self) -> str:
        return render.image(self.picture or b"", "image/png", f"Exhibit {self.capture.exhibit}, the whole page")

    def _words(self) -> str:
        text = self.page.text
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…\n({len(text) - _SHOWN:,} characters more in save())"


def replay(held: Held, exhibit: str) -> Replay:
    """Show a capture again.

    Raises:
        CaseError: There is no such exhibit in this case, it is no capture, or it was purged on order.
        EvidenceError: It cannot be read.
    """
    capture = held.capture(exhibit)
    return Replay(
        capture=capture,
        picture=held.picture(exhibit),
        page=rebuild_page(capture, partial(held.needed_by, exhibit)),
    )
