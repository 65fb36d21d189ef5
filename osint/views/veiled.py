"""A picture that is hidden until somebody asks for it: a fold of HTML, no script, no style that could get lost.

What is shown first is blurred in its pixels. The fold opens by a click, or by the space bar when it has the focus, and
stays closed in print.
"""

from __future__ import annotations

from osint import render
from osint.media.thumbnails import Thumbnail

_BOX = "display:inline-block;width:152px;min-height:72px;padding:4px;background:#eaeef2;color:#1b1f24"


def veiled(thumbnail: Thumbnail | None, exhibit: str) -> str:
    """Return the picture of an exhibit behind a fold; where there is none, a box that says why."""
    if thumbnail is None or not thumbnail.jpeg:
        return f'<div style="{_BOX}">{render.escape(no_picture(thumbnail))}</div>'
    hidden = render.image(thumbnail.veiled, "image/jpeg", f"picture of exhibit {exhibit}, hidden until revealed")
    shown = render.image(thumbnail.jpeg, "image/jpeg", f"picture of exhibit {exhibit}, made small")
    words = render.escape(f"Reveal or hide the picture of {exhibit}")
    return (
        f'<details class="veil"><summary><span class="on-screen">{words}<br></span>{hidden}</summary>{shown}</details>'
    )


def no_picture(thumbnail: Thumbnail | None) -> str:
    """Say why there is no picture."""
    return f"No picture is shown ({thumbnail.reason if thumbnail else 'none was made'})."
