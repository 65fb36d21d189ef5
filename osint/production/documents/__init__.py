"""The documents of a production: of each item its native, its text and its pages, under numbers without a gap.

Items are worked on in the order of their numbers, some at a time: laid out and counted here, drawn in other threads,
which the typesetter does not hold up. What is finished stands in a journal beside the payload, so that a run that was
killed is taken up where it ended. The same plan over the same evidence gives the same bytes, whatever the number of
threads and of runs.
"""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from osint.production.documents.families import families, shown_by
from osint.production.documents.journal import JOURNAL, Journal
from osint.production.documents.laying_out import Laid, LayingOut
from osint.production.documents.leaf import Leaf
from osint.production.documents.pages import check_typesetter, draw, page_counts
from osint.production.documents.sheets import A4, LETTER, Look
from osint.production.plan import Document, Item, Plan

if TYPE_CHECKING:
    from osint.report.dossier import Dossier
    from osint.report.hand_over import Progress
    from osint.report.packed import Packed

NATIVES, IMAGES, TEXT = "NATIVES", "IMAGES", "TEXT"
WORK = "documents.work"
Pages = Literal["typeset", "slip-sheets"]

_IN_A_FOLDER = 1000  # images
_BATCH, _BATCH_TEXT, _BATCH_PICTURES = 16, 30_000, 8


def write_documents(
    plan: Plan,
    dossier: Dossier,
    packed: Packed,
    data: Path,
    progress: Progress | None = None,
    *,
    pages: Pages = "typeset",
    threads: int | None = None,
) -> list[Document]:
    """Write NATIVES, IMAGES and TEXT, and return the documents in the order of their numbers.

    Args:
        plan: What the production is to hold.
        dossier: The case as it may leave, masked where something is.
        packed: The ledger as it is in the package.
        data: The payload folder; evidence and redacted copies are in it already. A journal lies beside it until
            :func:`forget` removes it.
        progress: Told after each batch.
        pages: ``slip-sheets`` gives every document a slip sheet instead of its pages, which needs no typesetter.
        threads: So many draw pages; by default one for each processor.

    Raises:
        ExportError: typst is not installed and pages were asked for, or it refuses.
        EvidenceError: Evidence cannot be read.
        OsintError: No process can be started for a picture.
    """
    if pages == "typeset":
        check_typesetter()
    return _Writing(plan, dossier, packed, data, pages).run(progress, threads or os.cpu_count() or 1)


def forget(data: Path) -> None:
    """Remove what :func:`write_documents` keeps beside the payload to be taken up again."""
    (data.parent / JOURNAL).unlink(missing_ok=True)
    shutil.rmtree(data.parent / WORK, ignore_errors=True)


class _Writing:
    """One run of :func:`write_documents`."""

    def __init__(self, plan: Plan, dossier: Dossier, packed: Packed, data: Path, pages: Pages) -> None:
        self._plan, self._data = plan, data
        self._work = data.parent / WORK
        self._look = Look(numbers=plan.numbers, paper=A4 if plan.release.profile == "uk" else LETTER)
        self._laying_out = LayingOut(plan, dossier, packed, data, self._look, typeset=pages == "typeset")
        self._order = families(plan, dossier.files, shown_by(dossier))
        self._journal = Journal(data)
        self._waiting: deque[list[Document]] = deque()

    def run(self, progress: Progress | None, threads: int) -> list[Document]:
        """Write what is not written yet."""
        shutil.rmtree(self._work, ignore_errors=True)
        documents = self._journal.read([item for item, _ in self._order])
        self._sweep(documents)
        for written in _drawn(self._batches(documents), threads):
            finished = self._waiting.popleft()
            self._journal.append(finished, written)
            for each in finished:
                shutil.rmtree(self._work / each.item.exhibit, ignore_errors=True)
            documents += finished
            if progress:
                progress("documents", len(documents), len(self._order))
        shutil.rmtree(self._work, ignore_errors=True)
        return documents

    def _sweep(self, documents: Sequence[Document]) -> None:
        """Remove what a run that was killed left of documents that it did not finish."""
        known = {name for each in documents for name in (each.native, each.text, *each.images)}
        for folder in (NATIVES, IMAGES, TEXT):
            for path in list((self._data / folder).rglob("*")):
                if path.is_file() and path.relative_to(self._data).as_posix() not in known:
                    path.unlink()

    def _batches(self, documents: Sequence[Document]) -> Iterator[tuple[list[Leaf], Look]]:
        """Yield what is to be drawn; natives and texts are written on the way."""
        known = {each.item.exhibit: each for each in documents}
        begin = documents[-1].end + 1 if documents else self._plan.first
        for batch in _batched(self._lay_out(*each) for each in self._order[len(documents) :]):
            leaves, made = [], []
            for laid, count in zip(batch, page_counts([each.leaf for each in batch], self._look), strict=True):
                document = self._numbered(laid, begin, count, known.get(laid.parent))
                begin = document.end + 1
                known[laid.item.exhibit] = document
                made.append(document)
                leaves.append(laid.numbered(document, self._data))
            self._waiting.append(made)
            yield leaves, self._look

    def _lay_out(self, item: Item, parent: str) -> Laid:
        folder = self._work / item.exhibit
        folder.mkdir(parents=True)
        return self._laying_out.document(item, parent, folder)

    def _numbered(self, laid: Laid, begin: int, count: int, parent: Document | None) -> Document:
        label = self._plan.label(begin)
        native = self._place(laid, label) if laid.native else ""
        text = f"{TEXT}/{label}.txt" if laid.text else ""
        if text:
            path = self._data / text
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(laid.text)
        return Document(
            item=laid.item,
            begin=begin,
            pages=count,
            parent=parent,
            native=native,
            text=text,
            images=tuple(self._image(begin + at, laid.leaf.ending) for at in range(count)),
            redacted=laid.item.derivative,
            slip_sheet=bool(laid.leaf.slip),
            sha256=laid.native.sha256 if laid.native else "",
            md5=laid.native.md5 if laid.native else "",
            size=laid.native.size if laid.native else 0,
            about=laid.about,
        )

    def _place(self, laid: Laid, label: str) -> str:
        assert laid.native is not None
        name = f"{NATIVES}/{label}.{laid.native.ending}"
        path = self._data / name
        path.parent.mkdir(exist_ok=True)
        laid.native.path.replace(path)
        return name

    def _image(self, number: int, ending: str) -> str:
        return f"{IMAGES}/{(number - 1) // _IN_A_FOLDER + 1:04d}/{self._plan.label(number)}{ending}"


def _drawn(batches: Iterable[tuple[list[Leaf], Look]], threads: int) -> Iterator[dict[str, str]]:
    """Yield what was drawn of each batch, in order; batches are asked for as threads come free."""
    running = deque[Future[dict[str, str]]]()
    with ThreadPoolExecutor(threads) as pool:
        for batch in batches:
            running.append(pool.submit(draw, batch))
            if len(running) > threads:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _batched(laid: Iterable[Laid]) -> Iterator[list[Laid]]:
    """Yield documents some at a time: as many as are drawn together without taking much memory."""
    batch, weight, pictures = list[Laid](), 0, 0
    for each in laid:
        batch.append(each)
        weight, pictures = weight + each.weight, pictures + each.leaf.sheets * bool(each.leaf.picture)
        if len(batch) >= _BATCH or weight >= _BATCH_TEXT or pictures >= _BATCH_PICTURES:
            yield batch
            batch, weight, pictures = [], 0, 0
    if batch:
        yield batch
