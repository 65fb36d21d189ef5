"""A picture with the coordinates that :meth:`osint.Case.mask_exhibit` takes; nothing is masked here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from osint import render
from osint.errors import ExportError
from osint.media.masked_picture import Box, Upright
from osint.views import printed
from osint.views.picture import Leave
from osint.views.scripted import data_address, inert, one_scope, scripted_page
from osint.views.widget import MOUNTED, widget_class
from osint.views.written import write_whole

_FOLDER = files("osint.views.mask")
_MOST_LINES = 20  # of the grid, along the longer side
_STEPS, _TENS = (1, 2, 5), (1, 10, 100, 1000, 10_000, 100_000)
_HOW = "A rectangle is left, top, width, height, in pixels from the upper left corner of the picture upright."
_MORE = (
    ".widget(), and .save('mask.html') as a page, let rectangles be drawn; nothing is masked but by the line of code."
)
_SVG = "http://www.w3.org/2000/svg"
_PAGE = "html, body { margin: 0 } @page { size: A4 landscape }"
_START = 'mount(document.getElementById("mask"), JSON.parse(document.getElementById("data").textContent));'


@dataclass(frozen=True, kw_only=True)
class MaskView:
    """The picture of an exhibit under a grid; :meth:`widget` and :meth:`save` let rectangles be drawn on it.

    Attributes:
        exhibit: Its number.
        picture: What is looked at, with the width and height in pixels that count.
        boxes: The rectangles that are masked already.
        leave: Lets a file of this name and content leave the case, and logs it; None where there is no case.
    """

    exhibit: str
    picture: Upright = field(repr=False)
    boxes: tuple[Box, ...] = ()
    leave: Leave | None = field(default=None, repr=False, compare=False)

    @property
    def title(self) -> str:
        """What it shows."""
        return f"Exhibit {self.exhibit}: what of the picture is masked"

    @property
    def line(self) -> str:
        """The line of code, with rectangles to be filled in."""
        return f'case.mask_exhibit("{self.exhibit}", boxes=[(left, top, width, height)], reason="")'

    @property
    def svg(self) -> bytes:
        """The picture under its grid, a number of pixels at each line, and with an outline where it is masked."""
        width, height = self.picture.width, self.picture.height
        shown = data_address(self.picture.jpeg, "image/jpeg")
        parts = [
            f'<svg xmlns="{_SVG}" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
            f'<image href="{shown}" width="{width}" height="{height}" preserveAspectRatio="none"/>',
            *self._grid(),
            *(_outline(box, max(width, height) / 300) for box in self.boxes),
            "</svg>",
        ]
        return "".join(parts).encode()

    @property
    def data(self) -> dict[str, Any]:
        """What page and widget show."""
        return {
            "title": self.title,
            "how": _HOW,
            "exhibit": self.exhibit,
            "boxes": [list(box) for box in self.boxes],
            "width": self.picture.width,
            "height": self.picture.height,
            "picture": data_address(self.svg, "image/svg+xml"),
        }

    @property
    def page(self) -> bytes:
        """It as one HTML file whose policy lets it ask nobody."""
        script, style = one_scope(_text("mask.js"), _START), _PAGE + printed.STYLE + _text("mask.css")
        return scripted_page(self.title, self.data, script=script, style=style, root="mask", style_id="looks")

    def widget(self) -> Any:
        """Return it as a widget of JupyterLab: drag with the mouse, or add a rectangle and type its numbers.

        Raises:
            CaseError: The extra ``ui`` is not installed.
        """
        of_masks = widget_class(_text("mask.js") + MOUNTED, _text("mask.css"), "mask.html")
        return of_masks(data=inert(self.data), summary=str(self))

    def save(self, path: str | Path) -> Path:
        """Write the interactive page, which holds the picture, and return the path. Of a case it is an export, logged.

        Raises:
            ExportError: The name does not end in ``.html``, or it cannot be written.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
        """
        path, content = Path(path), self.page
        if path.suffix.lower() not in (".html", ".htm"):
            raise ExportError(f"{path.name} was not written: it is saved as a page, mask.html.")
        if self.leave:
            self.leave(path.name, content)
        return write_whole(path, content)

    def __str__(self) -> str:
        return "\n".join([self.title, *self._told(), self.line])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        shown = render.image(self.svg, "image/svg+xml", f"picture of exhibit {self.exhibit}, with its coordinates")
        veil = f"<summary>{render.escape(f'Reveal or hide the picture of {self.exhibit}')}</summary>{shown}"
        told = "".join(map(render.paragraph, [*self._told(), self.line, _MORE]))
        return render.bundle(
            f"{self}\n{_MORE}", f'{render.heading(self.title)}<details class="veil">{veil}</details>{told}'
        )

    __repr__ = __str__

    def _told(self) -> Iterator[str]:
        yield f"{self.picture.width} × {self.picture.height} pixels. {_HOW}"
        yield f"Masked already: {', '.join(map(str, self.boxes)) or 'none'}."

    def _grid(self) -> Iterator[str]:
        """Yield lines at round numbers of pixels, each number in white on black, so that it is read on any ground."""
        width, height = self.picture.width, self.picture.height
        longest = max(width, height)
        step, size, drawn = _step(longest), longest / 60, _lines(width, height, _step(longest))
        for colour, thick in (("#000", longest / 450), ("#fff", longest / 1200)):
            yield f'<path d="{drawn}" fill="none" stroke="{colour}" stroke-width="{thick:g}" opacity="0.6"/>'
        yield from (_number(x, x + size / 4, size, size) for x in range(0, width, step))
        yield from (_number(y, size / 4, y - size / 4, size) for y in range(step, height, step))


def _step(longest: int) -> int:
    """Return the least round number of pixels at which there are not too many lines."""
    steps = (digit * tens for tens in _TENS for digit in _STEPS)
    return next(step for step in steps if longest / step <= _MOST_LINES)


def _lines(width: int, height: int, step: int) -> str:
    across = "".join(f"M{x} 0V{height}" for x in range(step, width, step))
    return across + "".join(f"M0 {y}H{width}" for y in range(step, height, step))


def _number(number: int, x: float, y: float, size: float) -> str:
    look = f'font-family="sans-serif" font-size="{size:g}" fill="#fff" stroke="#000" stroke-width="{size / 5:g}"'
    return f'<text x="{x:g}" y="{y:g}" {look} paint-order="stroke">{number}</text>'


def _outline(box: Box, thick: float) -> str:
    left, top, width, height = box
    return (
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="#000" fill-opacity="0.5" stroke="#fff" '
        f'stroke-width="{thick:g}"/>'
    )


@cache
def _text(name: str) -> str:
    return _FOLDER.joinpath(name).read_text(encoding="utf-8")
