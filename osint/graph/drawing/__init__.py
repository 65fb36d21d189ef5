"""Pictures of an association graph: the same graph gives the same picture."""

from osint.graph.drawing.raster import png
from osint.graph.drawing.scene import ASSOCIATION_NOTE
from osint.graph.drawing.stress import layout
from osint.graph.drawing.vector import svg

__all__ = ["ASSOCIATION_NOTE", "layout", "png", "svg"]
