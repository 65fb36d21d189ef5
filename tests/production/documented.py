"""A case with what a production can hold of each kind, and its documents written without a package around them."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from origin import Origin, http
from papers_of import plan_of, release
from PIL import Image

import osint
from osint.case import Case
from osint.chain_of_custody.export import write_ledger
from osint.errors import SourceGoneError
from osint.production.documents import write_documents
from osint.production.load_files import write_load_files
from osint.production.plan import Document, Item, Plan
from osint.report.dossier import Dossier
from osint.report.packed import Packed

TEXT = "Seen at the harbour 🚢 þ®\n\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd 你好"
HOSTILE_PAGE = b"<html><title>x</title><body><script>alert(1)</script>words enough to be a page here</body></html>"
SAVED = osint.SavedBy(
    name="J. Smit", role="officer", at="2026-05-30T10:15:00+02:00", program="a browser", came="saved here",
    logged_in=False, address="https://forum.example/t/1",
)  # fmt: skip


def turned_picture() -> bytes:
    """A JPEG that is stored on its side: upright it is 60 wide and 90 high, red above and blue below."""
    upright = Image.new("RGB", (60, 90), "red")
    upright.paste("blue", (0, 45, 60, 90))
    exif = Image.Exif()
    exif[0x0112] = 6
    stream = io.BytesIO()
    upright.transpose(Image.Transpose.ROTATE_90).save(stream, "JPEG", exif=exif, quality=95)
    return stream.getvalue()


def fill(case: Case, origin: Origin, folder: Path) -> None:
    """Collect a feed with a picture, a page with script, a file that is not there; take in a saved page and a table."""
    picture = origin.serve("/i.jpg", http(turned_picture(), "Content-Type: image/jpeg"))
    body = json.dumps({
        "version": "https://jsonfeed.org/version/1.1", "title": "x",
        "items": [
            {"id": "1", "url": "https://social.example/1", "content_text": TEXT, "authors": [{"name": "Jane þ ®"}],
             "date_published": "2026-05-20T10:00:00Z", "image": picture},
            {"id": "2", "url": "https://social.example/2", "content_text": "and later " * 900},
        ],
    })  # fmt: skip
    case.collect("webpage", url=origin.serve("/page", http(HOSTILE_PAGE, "Content-Type: text/html")))
    case.collect("feed", url=origin.serve("/feed", http(body.encode(), "Content-Type: application/feed+json")))
    with suppress(SourceGoneError):
        case.collect("webpage", url=origin.serve("/gone", http(b"", "Content-Type: text/html", status="404 Not Found")))
    case.media(case.posts())
    for name, content in (("saved.html", HOSTILE_PAGE), ("table.csv", b"a,b\r\n1,2\r\n")):
        (folder / name).write_bytes(content)
        case.import_file(folder / name, SAVED)


@cache
def gathered(case: Case) -> tuple[Dossier, Plan]:
    """What the documents of a case are made from; it is read once, for no test changes the case."""
    return case._dossier(), plan_of(case, release())


def write(
    case: Case, folder: Path, *, change: Callable[[Item], Item] = lambda item: item, redacted: Path | None = None,
    **more: Any,
) -> tuple[Path, list[Document], Plan]:  # fmt: skip
    """Write the documents and load files of a case; ``change`` alters its items first."""
    data = folder / "data"
    dossier, plan = gathered(case)
    plan = replace(plan, items=tuple(map(change, plan.items)))
    if not data.exists():
        write_ledger(dossier.ledger, data)
        shutil.copytree(case.folder / "evidence", data / "evidence")
        if redacted:
            shutil.copytree(redacted, data / "redacted")
    documents = write_documents(plan, dossier, Packed(data), data, **more)
    write_load_files(plan, documents, data)
    return data, documents, plan


def with_fate(exhibit: str, **more: Any) -> Callable[[Item], Item]:
    """What alters one item of a plan."""

    def change(item: Item) -> Item:
        return replace(item, **more) if item.exhibit == exhibit else item

    return change
