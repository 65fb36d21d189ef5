"""One HTML file with a script of ours, whose policy lets nothing be asked; and captured text as data that nothing runs.

The page's policy (Content Security Policy Level 3) allows the one script and the one style sheet whose hashes it names.
What was captured is data in an element that no browser runs, and reaches the page as text nodes alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from osint import render


def scripted_page(title: str, data: Mapping[str, Any], *, script: str, style: str, root: str, style_id: str) -> bytes:
    """Return a page of which ``script`` fills the element ``root`` from ``data``. Equal arguments give equal bytes."""
    policy = f"default-src 'none'; script-src {content_hash(script)}; style-src {content_hash(style)}; img-src data:"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">'
        f"<title>{render.escape(title)}</title>"
        f'<style id="{style_id}">{style}</style></head>\n'
        f'<body><div id="{root}"><noscript>This {root} needs the script in this file; it asks nobody.</noscript>'
        "</div>\n"
        f'<script type="application/json" id="data">{inert(data)}</script>\n<script>{script}</script></body></html>\n'
    ).encode()


def inert(data: Mapping[str, Any]) -> str:
    """Return JSON that can stand in a script element: nothing in it closes or opens one."""
    written = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return written


def data_address(data: bytes, media_type: str) -> str:
    """Return bytes as an address that asks nobody: ``data:image/svg+xml;base64,…``."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"


def one_scope(*parts: str) -> str:
    """Return scripts as one that leaves no name behind."""
    return '(() => { "use strict";\n' + "\n".join(parts) + "})();"


def content_hash(content: str) -> str:
    """Return the source by which a content policy allows one script or style sheet of a page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode('ascii')}'"
