"""Text in UTF-16, or behind a byte-order mark: collectors tell what a part is by its first bytes, and expect UTF-8.

Office programs and some export tools write it so. The exhibit keeps the bytes as they were handed in.
"""

from __future__ import annotations

import codecs
from dataclasses import replace

from osint.capture.exchange import Capture
from osint.capture.imports.formats import HEAD, recognise

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF_32_LE = codecs.BOM_UTF32_LE  # starts with the mark of UTF-16


def in_utf8(capture: Capture) -> Capture:
    """Return a part as UTF-8 without a mark; the same capture where no byte-order mark says that it is text.

    Bytes that do not fit become U+FFFD, and the capture names that among its problems. A part that was no more than
    text is what its content shows it to be, JSON for one.
    """
    if not capture.body.startswith(_MARKS) or capture.body.startswith(_UTF_32_LE):
        return capture
    body, kind = capture.text.encode(), capture.media_type
    if kind == "text/plain":
        kind = recognise(body[:HEAD]).media_type
    fault = () if capture.charset_fits else ("Some bytes do not fit the byte-order mark that it starts with.",)
    headers = (line for line in capture.headers if line[0].casefold() != "content-type")
    return replace(
        capture,
        headers=(*headers, ("Content-Type", f"{kind}; charset=utf-8")),
        body=body,
        problems=(*capture.problems, *fault),
    )
