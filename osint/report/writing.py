"""The case report as files: HTML for every reader, PDF to print and file, DOCX to annotate."""

from __future__ import annotations

import html
import io
import re
import zipfile
from pathlib import Path

from osint.errors import ExportError
from osint.report.case_report import case_document
from osint.report.document import Document, with_pictures
from osint.report.dossier import Dossier
from osint.report.files import write_whole
from osint.report.html_report import html_report
from osint.report.leaks import Guard
from osint.report.typeset import pdf_volumes
from osint.report.word import docx_report

FORMATS = ("html", "pdf", "docx")
_MARKUP = re.compile("<[^>]*>")


def report_format(path: Path | None, form: str = "") -> str:
    """Return the form of a report: what was asked for, or what the ending of its file says, or HTML.

    Raises:
        ExportError: There is no such form.
    """
    ending = path.suffix.lower().removeprefix(".") if path else ""
    form = form or (ending if ending in FORMATS else "html")
    if form not in FORMATS:
        raise ExportError(f"unknown form of report {form!r}; known: {', '.join(FORMATS)}. Nothing was written.")
    return form


def write_report(
    dossier: Dossier,
    path: Path,
    form: str,
    guard: Guard,
    letterhead: Path | None = None,
    *,
    pictures: str = "blurred",
) -> Path:
    """Write the report and return its file; of a PDF in volumes the first, beside which the others stand.

    Raises:
        ExportError: It cannot be written, a library for its form is not installed, a letterhead is given for a form
            that takes none, or there is no such choice of pictures.
        SecretFoundError: It would hold a key or a password that this process knows. It was not written.
    """
    if letterhead and form != "docx":
        raise ExportError("Only a DOCX takes a letterhead. Nothing was written; leave it out, or ask for a DOCX.")
    document = with_pictures(case_document(dossier), pictures)
    page = html_report(document)
    guard.check_bytes(path.name, page)  # the other forms say the same words, compressed
    parts = [page] if form == "html" else _formed(document, form, letterhead)
    if form == "docx":
        _check_members(guard, path.name, parts[0])
    for number, content in reversed(list(enumerate(parts, 1))):
        write_whole(path.with_name(f"{path.stem}-{number}{path.suffix}") if number > 1 else path, content)
    return path


def _check_members(guard: Guard, name: str, package: bytes) -> None:
    """Look at what a DOCX packs: of a letterhead, too, as it stands there and as its words read without markup."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for member in archive.namelist():
            content = archive.read(member)
            guard.check_bytes(f"{name}, {member}", content)
            guard.check_bytes(
                f"{name}, {member}", html.unescape(_MARKUP.sub("", content.decode("utf-8", "replace"))).encode()
            )


def _formed(document: Document, form: str, letterhead: Path | None) -> list[bytes]:
    return pdf_volumes(document) if form == "pdf" else [docx_report(document, letterhead)]
