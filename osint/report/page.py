"""A page of HTML that needs nothing else and may load nothing else."""

from __future__ import annotations

from osint import render

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #1b1f24 }
h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid #d0d7de }
table { border-collapse: collapse; font-size: 13px; width: 100% } tr { border-bottom: 1px solid #eaeef2 }
th { background: #f6f8fa; position: sticky; top: 0 } td { overflow-wrap: anywhere }
pre { background: #f6f8fa; padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere } img { max-width: 100% }
@media print { body { margin: 0; max-width: none } th { position: static } }
"""


def page(title: str, body: str) -> bytes:
    """Return a whole page. ``body`` must be made by :mod:`osint.render`.

    The content policy forbids script and every request, so that a hostile string that got through would still find
    nothing to work with.
    """
    shown = render.escape(title)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{shown}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f"<body><h1>{shown}</h1>\n{body}\n</body></html>\n"
    ).encode()
