"""A production put together by hand of a small case, with its reader, to look at and to search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osint.chain_of_custody.export import write_ledger
from osint.chain_of_custody.keys import FileSigner
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.verification import verify
from osint.production.plan import Document, Fate, Item, Numbers, Plan
from osint.production.reader import write_reader
from osint.production.release import Release
from osint.report.dossier import Dossier
from osint.report.packed import Packed
from osint.store.blobs import FolderBlobs

MADE = datetime(2026, 6, 2, 12, tzinfo=UTC)


@contextmanager
def small_case(folder: Path) -> Iterator[Dossier]:
    """A ledger with one exhibit, entry 1, and a search that was refused; what a plan says of more is invented."""
    keys = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
    actor, log = map(FileSigner, ("actor", "log"), keys)
    blobs = FolderBlobs(folder / "evidence")
    with Ledger.create(
        folder / "ledger.sqlite", actor=actor, log=log, performer={"investigator": "J. Smit"}, clock=lambda: MADE
    ) as ledger:
        with blobs.temporary() as temporary:
            temporary.write_bytes(b"evidence")
            taken = {"sha256": blobs.put(temporary), "size": 8, "media": "application/warc"}
        ledger.append("acquire", exhibit=taken, private={"url": "https://social.example/captured"})
        ledger.append("search", outcome="refused", private={"query": "x", "reasons": ["no authority covers that"]})
        ledger.cut_checkpoint()
        yield Dossier(
            name="2026-0417", folder=folder, investigator="J. Smit", made=MADE, ledger=ledger, blobs=blobs, standing=[],
            runs=[], tables={}, verified=verify(ledger, blobs),
        )  # fmt: skip


def item(number: int, **more: object) -> Item:
    """An item of the case; what its number is, its hash begins with."""
    given = {"exhibit": f"E{number:04d}", "sha256": f"{number:064x}", "size": 7, "entry": 0, "stored": MADE}
    return Item(**{**given, "source": f"https://social.example/{number}", "title": f"post {number}", **more})


def plan_of(items: Sequence[Item], **more: object) -> Plan:
    """A first production of them."""
    release = Release(decided_by="K. de Vries, prosecutor", authority="Rule 25.03", prefix="DOE")
    given = {"number": 1, "to": "Counsel of the defence", "release": release, "made": MADE, "first": 1}
    return Plan(**{
        **given, "numbers": Numbers(prefix="DOE"), "items": tuple(items), "case": "2026-0417", "investigator": "J. Smit",
        **more,
    })  # fmt: skip


def post(exhibit: str, name: str, **more: object) -> dict[str, object]:
    """A row of the posts table."""
    said = {
        "id": name, "exhibit": exhibit, "exhibits": [exhibit], "content": name, "attributed_to": "account:web:dawn",
        "author_name": None, "author_handle": None, "published": MADE, "updated": pd.NaT, "type": "Note", "url": None,
        "announce_of": None, "in_reply_to": None, "attachment": [], "tag": [], "links": [], "versions": 1,
    }  # fmt: skip
    return {**said, **more}


def documents_of(plan: Plan, data: Path, natives: Sequence[str] = ()) -> list[Document]:
    """One document for each item that is numbered, with a native of the next ending, and the files of it."""
    endings = iter(natives)
    made = []
    for begin, each in enumerate((one for one in plan.items if one.numbered), plan.first):
        shown = each.fate is Fate.PRODUCED
        files = {"native": f"NATIVES/{plan.label(begin)}{next(endings, '.txt')}"} if shown else {}
        made.append(Document(item=each, begin=begin, slip_sheet=not shown, **files))
    for name in (each.native for each in made if each.native):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(b"native")
    return made


def written(plan: Plan, dossier: Dossier, posts: Sequence[dict[str, object]], package: Path,
            natives: Sequence[str] = ()) -> Path:  # fmt: skip
    """Write the reader of a plan over the ledger of a dossier; returns the package."""
    data = package / "data"
    write_ledger(dossier.ledger, data)
    told = replace(dossier, tables={**dossier.tables, "posts": pd.DataFrame(posts, columns=[*post("", "")])})
    write_reader(plan, told, Packed(data), documents_of(plan, data, natives), data)
    return package


@dataclass
class Links(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.leads: list[tuple[Path, str]] = []
        self.anchors: set[str] = set()
        self.sources: list[str] = []
        self.tags: set[str] = set()
        self._page = page
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.anchors.update(filter(None, [given.get("id")]))
        self.sources += [given["src"]] if given.get("src") else []
        if given.get("href") is not None and tag == "a":
            name, _, anchor = given["href"].partition("#")
            self.leads.append(((self._page.parent / name).resolve() if name else self._page.resolve(), anchor))
