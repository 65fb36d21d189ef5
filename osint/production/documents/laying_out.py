"""A document of a production before it has a number: its native, its text, and what its pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from osint import warc
from osint.instants import format_instant
from osint.media.description import MediaFacts
from osint.media.examination import examine
from osint.parts import FOLDER as PARTS
from osint.production.documents.leaf import Leaf
from osint.production.documents.natives import CONTAINER, Native, lay_out, lay_out_derivative
from osint.production.documents.said import PLAIN, Said, as_text, words_of
from osint.production.documents.sheets import Look, Shown, shown, shown_page
from osint.production.plan import Document, Fate, Item, Plan
from osint.report.hand_over import EVIDENCE
from osint.store.blobs import FolderBlobs

if TYPE_CHECKING:
    from osint.report.dossier import Dossier
    from osint.report.packed import Packed

_WITHHELD = "Withheld"
_IN_NATIVE_FORM = "Produced in native form"


@dataclass(kw_only=True)
class Laid:
    """One document before it has a number."""

    item: Item
    parent: str
    leaf: Leaf
    native: Native | None = None
    text: bytes = b""
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        """How much of a batch it takes, in characters."""
        return sum(len(each.text) + 200 for each in self.leaf.posts)

    def numbered(self, document: Document, data: Path) -> Leaf:
        """Return its pages with their numbers, and the files that they are drawn into below ``data``."""
        slip = self.leaf.slip
        if slip and document.native:
            slip = (slip[0], document.native, *slip[1:])
        return replace(
            self.leaf,
            begin=document.begin,
            slip=slip,
            note=_note(self, document),
            targets=tuple(data / each for each in document.images),
        )


class LayingOut:
    """Lays out the documents of one production, each before it has a number.

    Args:
        plan: What the production is to hold.
        dossier: The case as it may leave, masked where something is.
        packed: The ledger as it is in the package.
        data: The payload folder, with evidence and redacted copies in it.
        look: How pages look.
        typeset: Whether pages show something; otherwise each document has a slip sheet.
    """

    def __init__(self, plan: Plan, dossier: Dossier, packed: Packed, data: Path, look: Look, *, typeset: bool) -> None:
        self._plan, self._data, self._look, self._typeset = plan, data, look, typeset
        self._said = Said(dossier.tables)
        self._files = {each.exhibit: each for each in dossier.files}
        self._stored = {each.exhibit: each.result[0]["sha256"] for each in packed.entries() if each.exhibit}
        self._foot = f"Case {plan.case} · production {plan.number}"

    def document(self, item: Item, parent: str, folder: Path) -> Laid:
        """Lay out one item in a folder of its own, which is empty; ``parent`` is the exhibit that heads its family."""
        if item.fate is Fate.WITHHELD and not item.derivative:
            slip = tuple(filter(None, (_WITHHELD, item.ground, item.cited)))
            leaf = Leaf(head=_head(item, _WITHHELD), foot=self._foot, legend="WITHHELD", slip=slip)
            return Laid(item=item, parent=parent, leaf=leaf, about={"DOCTYPE": _WITHHELD})
        native = self._native(item, folder)
        posts = tuple(self._said.posts(item.exhibit))
        about = {"TITLE": item.title, "DATE_CAPTURED": format_instant(item.stored), **native.about}
        about |= {name: value for name, value in self._said.fields(item.exhibit).items() if value}
        picture = self._shown(item, native, folder)
        legend = "REDACTED" if item.derivative else ""
        leaf = Leaf(head=_head(item, about["DOCTYPE"], about["DATE_CAPTURED"]), foot=self._foot, legend=legend)
        if self._typeset and picture.path:
            leaf = replace(leaf, picture=picture.path, sheets=picture.sheets)
        elif self._typeset and posts:
            leaf = replace(leaf, posts=posts)
        else:
            leaf = replace(leaf, slip=_slip(native, picture.reason))
        text = as_text(list(posts)) if posts else words_of(native.path) if native.ending == PLAIN else b""
        return Laid(item=item, parent=parent, leaf=leaf, native=native, text=text, about=about)

    def _native(self, item: Item, folder: Path) -> Native:
        if item.fate is Fate.WITHHELD:
            return lay_out_derivative(self._data, item, folder)
        record = self._files.get(item.exhibit)
        produced = {each.exhibit for each in self._plan.of(Fate.PRODUCED)} if record and record.parts else set()
        parts = record.parts[1:] if record and produced.issuperset(record.parts) else ()
        following = {each: self._stored[each] for each in parts}
        return lay_out(_evidence(self._data, item.exhibit), item, folder, following)

    def _shown(self, item: Item, native: Native, folder: Path) -> Shown:
        """Return what can be shown of a native as a picture."""
        if native.picture is None or not self._typeset:
            return Shown()
        target = folder / "pixels.ppm"
        if native.is_page:
            return shown_page(native.picture, self._look, target)
        return shown(native.picture, self._facts(item, native), self._look, target)

    def _facts(self, item: Item, native: Native) -> MediaFacts:
        record = self._files.get(item.exhibit)
        return record.facts if record and record.facts.sha256 == native.sha256 else examine(native.path)


def _evidence(data: Path, exhibit: str) -> FolderBlobs:
    """Return the evidence that holds an exhibit: that of the case, or of the part that its number names."""
    label = exhibit.partition("@")[2]
    return FolderBlobs(data / PARTS / label / EVIDENCE if label else data / EVIDENCE)


def _head(item: Item, kind: str, captured: str = "") -> tuple[tuple[str, str, bool], ...]:
    theirs = "" if item.part_entry is None else f", merged; entry {item.part_entry} of the part's own ledger"
    told = [("Exhibit", f"{item.exhibit} · {kind} · ledger entry {item.entry}{theirs}", False)]
    if item.fate is Fate.WITHHELD:
        return (*told, ("Withheld", ", ".join(filter(None, (item.ground, item.cited))), False))
    quality = f" · shows the page: {item.quality}" if item.quality else ""
    return (
        *told,
        ("Source", item.source or "not stated", False),
        ("Captured", f"{captured}{quality}", False),
        ("SHA-256", f"{item.sha256} (evidentiary copy)", True),
    )


def _slip(native: Native, reason: str) -> tuple[str, ...]:
    kind = warc.MEDIA_TYPE if native.ending == CONTAINER else native.media_type
    told = f"{kind}, {native.size:,} bytes"
    why = f"Its picture is not shown: {reason}" if reason else ""
    return tuple(filter(None, (_IN_NATIVE_FORM, f"SHA-256 {native.sha256}", told, why)))


def _note(laid: Laid, document: Document) -> str:
    if not document.native or laid.leaf.slip:
        return ""
    shows = f"what {laid.about.get('COLLECTOR', '')} read from it" if laid.leaf.posts else "its picture"
    return f"The native is {document.native}; this page shows {shows}."
