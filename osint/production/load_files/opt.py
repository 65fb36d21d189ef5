"""An Opticon load file: one line for each page image, seven fields parted by commas, no header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osint.errors import ExportError
from osint.production.load_files.fields import windows_path
from osint.production.plan import Document, Plan


def opt(plan: Plan, documents: Sequence[Document]) -> bytes:
    """Return the load file: image key, volume, path, document break, folder break, box break, page count.

    The page count stands on the first page of a document alone. Folders and boxes are not used.

    Raises:
        ExportError: A key or a path holds a comma, or a document has fewer or more images than numbers.
    """
    return "".join(f"{','.join(line)}\r\n" for each in documents for line in _pages(plan, each)).encode("ascii")


def _pages(plan: Plan, document: Document) -> Iterator[tuple[str, ...]]:
    volume = f"VOL{plan.number:03d}"
    if len(document.images) != document.pages:
        raise ExportError(
            f"Nothing was produced: {plan.label(document.begin)} has {document.pages} numbers and "
            f"{len(document.images)} page images."
        )
    for at, image in enumerate(document.images):
        key, path = plan.label(document.begin + at), windows_path(image)
        if "," in key + path or not (key + path).isascii():
            raise ExportError(
                f"Nothing was produced: Opticon load files cannot carry {path!r}, for a comma or a letter in it."
            )
        yield key, volume, path, *(("Y", "", "", str(document.pages)) if at == 0 else ("", "", "", ""))
