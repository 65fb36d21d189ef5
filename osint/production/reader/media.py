"""Files of a production as a page shows them: nothing of a file is decoded before somebody asks to see it."""

from __future__ import annotations

from pathlib import PurePosixPath

from osint import render
from osint.production.plan import Document, Plan
from osint.production.reader.frame import fold, link, to_file

_PICTURES = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp"}
_FILMS = {".mp4", ".m4v", ".webm", ".ogv", ".mov"}
_SOUNDS = {".mp3", ".m4a", ".ogg", ".oga", ".opus", ".wav", ".flac", ".aac"}
_RUN = {".html", ".htm", ".xhtml", ".xht", ".shtml", ".mht", ".mhtml", ".svg", ".xml", ".xsl", ".js", ".mjs"}
_SHEETS = 40  # pictures of pages in one fold


def native_of(document: Document) -> str:
    """Return a link to the native file; only its name where a browser would run what is in it."""
    if not document.native:
        return ""
    name = PurePosixPath(document.native).name
    if _ending(document) in _RUN:
        return render.escape(f"{name} (not opened from here: a browser would run it)")
    return link(to_file(document.native), name)


def seen(document: Document, plan: Plan) -> str:
    """Return what can be looked at of a document, behind folds: the file itself, and its pages as pictures."""
    return _file(document, plan) + _pages(document, plan)


def _file(document: Document, plan: Plan) -> str:
    begin, ending = plan.label(document.begin), _ending(document)
    address, named = render.escape(to_file(document.native)), render.escape(f"file {begin} of {document.item.exhibit}")
    if ending in _PICTURES:
        shown = f'<img loading="lazy" src="{address}" alt="{named}">'
        return fold(f"Reveal or hide the picture {begin}", shown, _veil(document))
    if ending in _FILMS:
        shown = f'<video controls preload="none" src="{address}" aria-label="{named}"></video>'
        return fold(f"Reveal or hide the film {begin}", shown, _veil(document))
    if ending in _SOUNDS:
        shown = f'<audio controls preload="none" src="{address}" aria-label="{named}"></audio>'
        return fold(f"Reveal or hide the sound {begin}", shown)
    return ""


def _veil(document: Document) -> str:
    """Return the picture of the first page, which was made anew here, blurred."""
    if not document.images or document.slip_sheet:
        return ""
    named = render.escape(f"page of {document.item.exhibit}, blurred until revealed")
    address = render.escape(to_file(document.images[0]))
    return f'<span class="veil"><img loading="lazy" src="{address}" alt="{named}"></span>'


def _pages(document: Document, plan: Plan) -> str:
    if not document.images:
        return ""
    shown = "".join(_page(path, plan.label(document.begin + n)) for n, path in enumerate(document.images[:_SHEETS]))
    left = len(document.images) - _SHEETS
    more = render.paragraph(f"{left} more lie in IMAGES, up to {plan.label(document.end)}.") if left > 0 else ""
    many = len(document.images)
    return fold(f"Reveal or hide {'the page' if many == 1 else f'the {many} pages'} as numbered", shown + more)


def _page(path: str, label: str) -> str:
    address, named = render.escape(to_file(path)), render.escape(label)
    return (
        f'<figure><img loading="lazy" src="{address}" alt="page {named}">'
        f"<figcaption>{link(to_file(path), label)}</figcaption></figure>"
    )


def _ending(document: Document) -> str:
    return PurePosixPath(document.native).suffix.lower()
