"""A page of its own for a view: one HTML file that loads nothing, runs nothing, and prints well."""

from __future__ import annotations

from osint import render
from osint.views import printed

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 80rem; padding: 0 1rem; color: #1b1f24 }
h1 { font-size: 1.6rem }
table { border-collapse: collapse; font-size: 13px; margin-bottom: 1rem }
tr { border-bottom: 1px solid #eaeef2 }
th { background: #f6f8fa }
summary { cursor: pointer }
summary:focus-visible { outline: 3px solid #0b57d0; outline-offset: 2px }
img { max-width: 100%; height: auto }
@media screen and (max-width: 640px) {
  body { margin: 0.75rem auto; padding: 0 0.5rem }
  table { display: block; overflow-x: auto }
}
@page { size: A4 landscape }
"""


def document(title: str, body: str) -> bytes:
    """Return a whole page. ``body`` must be made of escaped text, by :mod:`osint.render` or a view.

    The content policy forbids script and every request, so that a hostile string that got through would still find
    nothing to work with.
    """
    shown = render.escape(title)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{shown}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}{printed.STYLE}</style></head>\n'
        f"<body><main><h1>{shown}</h1>\n{body}</main></body></html>\n"
    ).encode()
