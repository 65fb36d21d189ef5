"""A chart as SVG: text and shapes only, nothing that runs and nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from osint.graph.drawing.scene import scene
from osint.graph.drawing.shapes import PAPER, Curve, Item, Label, Polygon, Ring, Scene, Shape
from osint.render import escape

if TYPE_CHECKING:
    from osint.graph.association import Network

_FACE = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"


def svg(
    network: Network, *, title: str = "Association graph", note: str = "", seed: int = 0, limit: int = 150
) -> bytes:
    """Return the chart of a graph as SVG. Equal graphs give equal bytes.

    Pointing at a node or an edge shows its key, its posts' period and its exhibits; of many the first, and all stand
    in its ``desc``. See :func:`osint.graph.drawing.scene.scene` for the arguments.
    """
    return "\n".join(_lines(scene(network, title=title, note=note, seed=seed, limit=limit))).encode() + b"\n"


def _lines(drawn: Scene) -> Iterator[str]:
    width, height = _number(drawn.width), _number(drawn.height)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'style="max-width:100%;height:auto" role="img" font-family="{_FACE}">'
    )
    yield f"<title>{escape(drawn.title)}</title><desc>{escape(drawn.summary)}</desc>"
    yield f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
    for item in drawn.items:
        yield f"<g>{_tooltip(item)}{''.join(map(_shape, item.shapes))}</g>"
    yield "</svg>"


def _tooltip(item: Item) -> str:
    exhibits = f"<desc>{escape(item.exhibits)}</desc>" if item.exhibits else ""
    return f"<title>{escape(item.tooltip)}</title>{exhibits}" if item.tooltip else ""


def _shape(shape: Shape) -> str:
    match shape:
        case Curve(path, stroke, width, dash):
            start, control, end = (f"{_number(x)} {_number(y)}" for x, y in path)
            drawn = f'stroke="{stroke}" stroke-width="{_number(width)}"{_dashes(dash)}'
            return f'<path d="M{start}Q{control} {end}" fill="none" {drawn}/>'
        case Polygon(points, fill, stroke, width):
            corners = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
            return f'<polygon points="{corners}" fill="{fill}" stroke="{stroke}" stroke-width="{_number(width)}"/>'
        case Ring((x, y), radius, fill, stroke, width, dash):
            return (
                f'<circle cx="{_number(x)}" cy="{_number(y)}" r="{_number(radius)}" fill="{fill or "none"}" '
                f'stroke="{stroke}" stroke-width="{_number(width)}"{_dashes(dash)}/>'
            )
        case Label():
            return _text(shape)


def _dashes(dash: Sequence[float]) -> str:
    return f' stroke-dasharray="{" ".join(map(_number, dash))}"' if dash else ""


def _text(label: Label) -> str:
    x, y = label.place
    bold = ' font-weight="bold"' if label.bold else ""
    halo = f' stroke="{PAPER}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"' if label.halo else ""
    return (
        f'<text x="{_number(x)}" y="{_number(y)}" font-size="{_number(label.size)}" text-anchor="{label.anchor}" '
        f'fill="{label.fill}"{bold}{halo}>{escape(label.text)}</text>'
    )


def _number(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
