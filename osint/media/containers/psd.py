"""Photoshop documents (PSD and PSB): the size and the image resources.

Source: Adobe Photoshop File Formats Specification (November 2019), "File Header" and "Image Resources Section".
"""

from __future__ import annotations

from osint.media.containers import photoshop
from osint.media.containers.structure import Finder


def read(file: Finder) -> None:
    """Read a Photoshop document. The format has no end mark, so ``end`` stays unknown."""
    height, width = file.unpack(">II", 14)
    file.size(width, height)
    resources = 30 + file.unpack(">I", 26)[0]
    length = file.unpack(">I", resources)[0]
    if resources + 4 + length > file.stop:
        file.problem("The image resources are announced, but the file ends before they do; what there is was read.")
        length = file.stop - resources - 4
    if length:
        photoshop.read(file, "image resources", ((resources + 4, length),))
