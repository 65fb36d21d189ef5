"""The head of a ledger on one printed page, as text and QR code: no one at the keyboard can change a paper file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from osint import render
from osint.chain_of_custody import checkpoint
from osint.instants import format_instant
from osint.report.fonts import MONO
from osint.report.page import blank_lines, page, table
from osint.report.pdf import Pages
from osint.report.qr import qr_image, qr_runs

_CODE_WIDTH = 190
_WHY = (
    "Whoever holds the keys of the workstation could write its record of this case anew and sign it again. This page, "
    "kept where they cannot reach it, makes that visible, for every entry up to the number below. It names no person "
    "and nothing that was searched."
)
_KEEP = (
    "Print it today. Whoever receives it writes date, name and signature below, and keeps it away from the "
    "workstation: in the paper file, with the court, with the prosecutor. A photograph of it in a mail serves as well."
)
_COMPARE = (
    "To compare later, read the code with any reader of QR codes and save its text, unchanged, as head.txt; or type "
    "its first three lines. Then, with the case or a package of it: osint verify FOLDER --kept-head head.txt",
    "By eye: the checkpoint file with the same number of entries, in the package, holds the same three lines.",
)
_RECEIVED = ("Date", "Name and office", "Signature")


def head_page(note: str, name: str, made: datetime, fingerprints: Sequence[str]) -> bytes:
    """Return a page of HTML that needs nothing else, to print and to keep elsewhere.

    Args:
        note: The signed checkpoint; the QR code holds exactly these bytes, in UTF-8.
        name: Name of the case.
        made: The instant that the page states as its own.
        fingerprints: Of the keys that sign the ledger: hex SHA-256 of each public key.

    Raises:
        LedgerError: The note is no checkpoint.
        ExportError: It is too long for one QR code.
    """
    body = (
        '<div style="font-size:12px;line-height:1.35"><div style="display:flex;gap:1.5em"><div style="flex:1">'
        + table(_facts(note, made))
        + render.paragraph(_WHY)
        + '</div><div style="flex:none;width:21em">'
        + qr_image(note, "QR code of the lines below")
        + f"</div></div><pre>{render.escape_lines(note)}</pre>"
        + render.heading("To keep it")
        + render.paragraph(_KEEP)
        + blank_lines(_RECEIVED)
        + render.heading("To compare it")
        + "".join(map(render.paragraph, _COMPARE))
        + render.heading("Fingerprints of the keys that sign the ledger")
        + f"<pre>{render.escape_lines(chr(10).join(fingerprints))}</pre></div>"
    )
    return page(f"Head of the ledger: {name}", body, paper="A4")


def head_page_pdf(note: str, name: str, made: datetime, fingerprints: Sequence[str]) -> bytes:
    """Return the same page as PDF; the arguments are those of :func:`head_page`.

    Raises:
        LedgerError: The note is no checkpoint.
        ExportError: It is too long for one QR code, or the extra ``report`` is not installed.
    """
    pages = Pages(f"Head of the ledger: {name}", made)
    pages.code(qr_runs(note), _CODE_WIDTH)
    for label, value in _facts(note, made):
        pages.paragraph(f"{label}: {value}")
    pages.space(6)
    pages.paragraph(_WHY)
    pages.space(6)
    pages.paragraph(note.removesuffix("\n"), role=MONO, size=8)
    pages.heading("To keep it")
    pages.paragraph(_KEEP)
    for each in _RECEIVED:
        pages.space(16)
        pages.paragraph(f"{each}:")
        pages.together([pages.rule()])
    pages.heading("To compare it")
    for said in _COMPARE:
        pages.paragraph(said)
    pages.heading("Fingerprints of the keys that sign the ledger")
    for fingerprint in fingerprints:
        pages.paragraph(fingerprint, role=MONO, size=7.5)
    return pages.finish([checkpoint.parse(note).origin])


def _facts(note: str, made: datetime) -> list[tuple[str, str]]:
    head = checkpoint.parse(note)
    return [
        ("Ledger", head.origin),
        ("Entries under this head", f"{head.size}, numbered 0 to {head.size - 1}"),
        ("Printed from the case", format_instant(made.replace(microsecond=0))),
    ]
