"""Masking private facts before a disclosure: who took out what and why, and the copies in which it is gone.

Evidence is never altered. What is masked is an entry of the ledger, which a later entry takes back; a disclosure
is made without the masked texts, and is searched for them, in every spelling, before it gets its name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from osint import warc
from osint.capture.read_back import copy_body, open_import
from osint.chain_of_custody.digests import sha256_file
from osint.chain_of_custody.entry import Entry, Exhibit
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.sensitive_stop import stopped_by
from osint.chain_of_custody.spellings import Sought
from osint.chain_of_custody.withheld import MASK, MASKED
from osint.collecting.importing import ACTION as IMPORT
from osint.columns import described
from osint.erasing.traces import find
from osint.errors import CaseError, EvidenceError, ExportError
from osint.gate import Gate
from osint.media.examination import examine
from osint.media.masked_picture import Box, Upright, to_look_at, without_boxes
from osint.media.thumbnails import is_picture
from osint.report.dossier import Dossier
from osint.report.leaks import Guard
from osint.report.masked import Masked, MaskedLedger, Words
from osint.report.meanwhile import masking
from osint.report.quoted import Quoted
from osint.report.redacted import Derivative
from osint.working import WorkingTables

if TYPE_CHECKING:
    import pandas as pd


UNMASK = "unmask"

_PROSE = re.compile(r"/content|/extra/.*|/attachment/\d+/name|/facts/values/\d+/text")
"""Where a record of a post or of a file holds words of its source, and not addresses, dates and names."""

COLUMNS: Mapping[str, tuple[str, str]] = {
    "entry": ("Int64", "number of the ledger entry"),
    "when": ("datetime64[ms, UTC]", "when it was masked"),
    "by": ("string", "who masked it"),
    "reason": ("string", "why"),
    "texts": ("object", "the masked texts"),
    "boxes": ("object", "rectangles in pictures: left, top, width, height"),
    "exhibits": ("object", "the exhibits that hold it"),
    "places": ("Int64", "in how many places of posts it stands"),
}
"""Columns of the table of what is masked: dtype and meaning."""


@dataclass(frozen=True)
class Masking:
    """What is masked in a case."""

    folder: Path
    ledger: Ledger
    gate: Gate
    tables: WorkingTables
    by: str

    def mask(self, texts: Collection[str], reason: str) -> Entry:
        """Mask texts wherever they stand in the case.

        Raises:
            CaseError: One stands nowhere in the evidence.
            OsintError: One is too short to be told from chance.
            AuthorizationError: A rule objects. The refusal is in the ledger.
        """
        texts = list(dict.fromkeys(" ".join(text.split()) for text in texts))
        self._require(texts, (), reason)
        Sought(texts)
        with self.tables.remade(merged=False) as remade:
            spans = list(_spans(remade.store.records("post"), Words(texts)))
        held = {text: {*_exhibits(spans, Words([text])), *self._holding([text])} for text in texts}
        if nowhere := [text for text, exhibits in held.items() if not exhibits]:
            raise CaseError(
                f"Nothing was masked: {', '.join(map(repr, nowhere))} stands nowhere in the evidence. Copy the text as "
                "the posts table shows it; what only a picture shows is masked there (case.mask_exhibit)."
            )
        spelt = list(dict.fromkeys([*texts, *(str(each["text"]) for each in spans)]))
        told = {"texts": spelt, "spans": [{name: each[name] for name in each if name != "text"} for each in spans]}
        return self._log(set().union(*held.values()), {"reason": reason, **told})

    def mask_exhibit(self, exhibit: str, boxes: Sequence[Box], reason: str) -> Entry:
        """Mask an exhibit, with all that hold the same file: rectangles in a picture, or all of it.

        Raises:
            CaseError: There is no such exhibit, it holds no picture, or a rectangle lies outside it.
            AuthorizationError: A rule objects. The refusal is in the ledger.
        """
        known = {each.number: each for each in self.ledger.exhibits()}
        if exhibit not in known:
            raise CaseError(f"Nothing was masked: {exhibit} is not in this case. Name exhibits as E0003.")
        self._require((), [exhibit], reason)
        if boxes and not self._as_picture(known[exhibit], boxes):
            raise CaseError(f"{exhibit} holds no picture; without rectangles all of it is masked.")
        files = self._files(known.values())
        alike = {number for number, sha256 in files.items() if sha256 == files.get(exhibit)}
        said = {"reason": reason, **({"boxes": [list(box) for box in boxes]} if boxes else {})}
        return self._log({exhibit, *alike}, said)

    def to_look_at(self, exhibit: str) -> tuple[Upright, tuple[Box, ...]]:
        """Return the picture in an exhibit, and the rectangles of it that are masked already.

        Raises:
            CaseError: There is no such exhibit, or it holds no picture that can be decoded here.
        """
        known = {each.number: each for each in self.ledger.exhibits()}
        if exhibit not in known:
            raise CaseError(f"{exhibit} is not in this case. Name exhibits as E0003.")
        with self.file(known[exhibit]) as path:
            facts = examine(path) if path else None
            if path is None or facts is None or not is_picture(facts):
                raise CaseError(f"{exhibit} holds no picture; without rectangles all of it is masked.")
            picture = to_look_at(path, facts)
        return picture, tuple(self.boxes().get(exhibit, ()))

    def unmask(self, entry: int, reason: str) -> Entry:
        """Take a mask back; disclosures that were made stay as they are.

        Raises:
            CaseError: No mask in force has this number.
            AuthorizationError: There is no reason. The refusal is in the ledger.
        """
        found = next((each for each in in_force(self.ledger.entries()) if each.seq == entry), None)
        if found is None:
            raise CaseError(f"Entry {entry} masks nothing: case.masks() lists what is masked.")
        self._require((), _named(found), reason)
        return self.gate.log(UNMASK, private={"reason": reason, "by": self.by}, refs=[found.leaf.hex()])

    def table(self) -> pd.DataFrame:
        """Return what is masked, a row each (``docs/columns.md``)."""
        rows = [
            {
                "entry": each.seq,
                "when": each.end_time,
                **{name: each.private.get(name) for name in ("by", "reason")},
                **{name: each.private.get(name, []) for name in ("texts", "boxes")},
                "exhibits": _named(each),
                "places": len(each.private.get("spans", ())),
            }
            for each in in_force(self.ledger.entries())
        ]
        return described(rows, COLUMNS)

    def masked(self) -> Masked:
        """Return what must not leave now. Exhibits that hold a masked text and came in later are masked, too.

        It takes a while in a large case; when something is masked meanwhile, it is found out anew.
        """
        while True:
            known = len(self.ledger)
            found = self._found_masked()
            if not any(said for entry in self.ledger.entries(known) for said in masking(entry)):
                return replace(found, known=known)

    def _found_masked(self) -> Masked:
        masks = in_force(self.ledger.entries())
        texts = tuple(dict.fromkeys(text for each in masks for text in each.private.get("texts", ())))
        named = {number for each in masks for number in _named(each)}
        late = self._holding(texts) - named if texts else set()
        if late:
            reason = "it holds what is masked already"
            self._log(late, {"reason": reason}, refs=[each.leaf.hex() for each in masks if "texts" in each.private])
        whole = frozenset(number for each in masks if _is_whole(each) for number in _named(each))
        boxed = self.boxes()
        exhibits = {
            each.number: b"" if each.number in whole else self._as_picture(each, boxed.get(each.number, ()))
            for each in self.ledger.exhibits()
            if each.number in named | late and self.tables.blobs.holds(each.sha256)
        }
        hashes = tuple(sorted({*self._hashes(exhibits)}))
        return Masked(texts=texts, exhibits=exhibits, whole=whole, hashes=hashes, quoted=self._quoted(whole))

    def also_whole(self, masked: Masked, exhibits: Collection[str]) -> Masked:
        """Return what must not leave, and of some exhibits nothing at all: no word, no picture, no hash.

        Nor is told what was said of these alone, and of those that are stopped.
        """
        stopped = {number for entry in self.ledger.entries() for number in stopped_by(entry)}
        masked = replace(masked, untold=frozenset({*masked.untold, *exhibits, *stopped}))
        if not exhibits:
            return masked
        there = [each for each in self.ledger.exhibits() if self.tables.blobs.holds(each.sha256)]
        gone = {each.number: b"" for each in there if each.number in exhibits}
        hashes = sorted({*masked.hashes, *self._hashes(gone)})
        whole = masked.whole | gone.keys()
        return replace(
            masked, exhibits={**masked.exhibits, **gone}, whole=whole, hashes=tuple(hashes), quoted=self._quoted(whole)
        )

    def _quoted(self, whole: Collection[str]) -> Quoted:
        """Return what exhibits say of which no word leaves, as the working tables have it: posts and words in files.

        What else was read of a post that leaves, its address too, is no secret; nor where an exhibit that leaves was
        captured: a post that stays behind may well link to it.
        """
        if not whole:
            return Quoted((), ())
        sealed = (
            (exhibit, text) for exhibit, name, text in self._read() if exhibit in whole and _PROSE.fullmatch(name)
        )
        leaving = (text for exhibit, _, text in self._read() if exhibit not in whole)
        brought = {each.entry for each in self.ledger.exhibits() if each.number in whole}
        addresses = (str(each.private.get("url", "")) for each in self.ledger.entries() if each.seq not in brought)
        return Quoted(sealed, chain(leaving, addresses))

    def _read(self) -> Iterator[tuple[str, str, str]]:
        """Yield every text that was read of posts and of files: exhibit, JSON Pointer, text."""
        for kind in ("post", "media"):
            for record in self.tables.store.records(kind):
                yield from ((str(record["exhibit"]), name, text) for name, text in _leaves(record))

    def boxes(self) -> dict[str, list[Box]]:
        """Return the rectangles that are masked in pictures, by exhibit."""
        found: dict[str, list[Box]] = {}
        for each in in_force(self.ledger.entries()):
            for number in _named(each):
                found.setdefault(number, []).extend(_boxes(each))
        return found

    @contextmanager
    def disclosable(self, dossier: Dossier, masked: Masked) -> Iterator[Dossier]:
        """Give a case as it may be disclosed: tables, files and ledger without what is masked."""
        if not masked:
            yield dossier
            return
        with MaskedLedger.read(self.ledger.path) as ledger:
            ledger.masked = masked
            yield masked.dossier(dossier, ledger)

    def derivatives(self, masked: Masked) -> tuple[Derivative, ...]:
        """Return what stands for each masked exhibit, made of what the evidence gives."""
        if not masked:
            return ()
        with self.tables.remade(merged=False) as remade:
            return masked.derivatives(self.ledger.exhibits(), remade.store.records("post"))

    # -- how ---------------------------------------------------------------------------------------------------------

    def _require(self, texts: Collection[str], exhibits: Collection[str], reason: str) -> None:
        message = "Nothing was masked. The refusal is in the ledger."
        said = {"texts": list(texts), "exhibits": list(exhibits), "reason": reason}
        self.gate.require("mask", MASK, message, private={"by": self.by, "reason": reason}, **said)

    def _log(self, exhibits: Collection[str], said: Mapping[str, Any], refs: Sequence[str] = ()) -> Entry:
        items = [{"kind": MASKED, "exhibit": number} for number in sorted(exhibits)]
        return self.gate.log(MASK, private={"by": self.by, **said}, object=items, refs=refs)

    def _holding(self, texts: Collection[str]) -> set[str]:
        """Return the exhibits of this case whose bytes hold a text, in any spelling, or the posts read from them."""
        known = {each.number for each in self.ledger.exhibits()}
        return known.intersection(find(self.folder, texts).exhibits)

    def _as_picture(self, exhibit: Exhibit, boxes: Sequence[Box]) -> bytes:
        """Return the picture that an exhibit holds without rectangles of it; nothing where it holds none."""
        with self.file(exhibit) as path:
            if path is None:
                return b""
            facts = examine(path)
            if not is_picture(facts):
                return b""
            try:
                return without_boxes(path, facts, boxes)
            except CaseError:
                if boxes:
                    raise
                return b""  # it cannot be decoded here, so that nothing of it leaves

    @contextmanager
    def file(self, exhibit: Exhibit) -> Iterator[Path | None]:
        """Lay out the file that an exhibit holds, handed in or fetched; None where it holds none."""
        with ExitStack() as stack:
            blob = stack.enter_context(self.tables.blobs.open(exhibit.sha256, verify=True))
            path: Path | None = Path(stack.enter_context(TemporaryDirectory(prefix="osint-masked-"))) / "file"
            try:
                if exhibit.number in self._imports:
                    path = stack.enter_context(open_import(blob, exhibit.number))[0]
                elif path is not None:
                    with path.open("xb") as out:
                        copy_body(blob, exhibit.number, out)
            except EvidenceError:  # a rendered page or the like: it holds no file of its own
                path = None
            yield path

    def _files(self, exhibits: Iterable[Exhibit]) -> dict[str, str]:
        """Return the SHA-256 of the file in each exhibit that is there, by its number."""
        found: dict[str, str] = {}
        for each in exhibits:
            if self.tables.blobs.holds(each.sha256):
                with self.file(each) as path:
                    found |= {each.number: sha256_file(path)[0]} if path else {}
        return found

    @property
    def _imports(self) -> set[str]:
        return {entry.exhibit for entry in self.ledger.entries() if entry.exhibit and entry.action == IMPORT}

    def _hashes(self, exhibits: Collection[str]) -> Iterator[str]:
        """Yield the hashes that evidence and tables state of what masked exhibits hold."""
        there = [each for each in self.ledger.exhibits() if each.number in exhibits]
        yield from self._files(there).values()
        for each in there:
            with self.tables.blobs.open(each.sha256) as blob:
                for record in (each for each in warc.read(blob) if each.type in ("response", "resource")):
                    named = (record.headers.get(f"warc-{name}-digest", "") for name in ("payload", "block"))
                    yield from (value.partition(":")[2] for value in named if value)


class MaskGuard(Guard):
    """The last look at a disclosure: for secrets, and for every masked text in every spelling."""

    def __init__(self, guard: Guard, masked: Masked) -> None:
        self._guard, self._masked = guard, masked

    def check_folder(self, folder: Path) -> None:
        """Look at every file of a package, its name, and what is packed in it.

        Raises:
            SecretFoundError: One holds a secret.
            ExportError: One holds a masked text or the hash of what was withheld, or quotes an exhibit of which no word
                leaves. Where, is said; the text is not.
        """
        self._guard.check_folder(folder)
        if self._masked.quoted:
            self._masked.quoted.check_folder(folder)
        sought = [*self._masked.texts, *self._masked.hashes]
        if sought and (places := find(folder, sought).places):
            listed = "; ".join(dict.fromkeys(f"{each.name} ({each.how})" for each in places))
            raise ExportError(
                f"Nothing was disclosed, and nothing half written was left: what is masked still stands in {listed}. "
                "Mask the exhibit that it comes from (case.mask_exhibit), or a longer text where a short one was found "
                "by chance."
            )


def in_force(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that mask something and were not taken back, oldest first."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if (entry.action, entry.outcome) == (MASK, "done"):
            found[entry.leaf.hex()] = entry
        elif (entry.action, entry.outcome) == (UNMASK, "done"):
            for leaf in entry.refs:
                found.pop(leaf, None)
            found = {leaf: each for leaf, each in found.items() if not set(entry.refs).intersection(each.refs)}
    return list(found.values())


def texts_of(what: str | Collection[str] | pd.DataFrame) -> list[str]:
    """Return the texts that are to be masked: those given, or those that a table of private facts found."""
    import pandas as pd

    if isinstance(what, pd.DataFrame):
        return what["found"].astype(str).to_list()
    return [what] if isinstance(what, str) else list(what)


def _named(entry: Entry) -> list[str]:
    return [str(item["exhibit"]) for item in entry.object if item.get("kind") == MASKED]


def _is_whole(entry: Entry) -> bool:
    """Return whether an entry masks exhibits as a whole; one whose words were erased does, since nobody knows what."""
    return not entry.refs and not {"texts", "boxes"} & entry.private.keys()


def _boxes(entry: Entry) -> list[Box]:
    return [tuple(box) for box in entry.private.get("boxes", ())]


def _exhibits(spans: Iterable[Mapping[str, Any]], words: Words) -> Iterator[str]:
    yield from (str(each["exhibit"]) for each in spans if any(words.spans(str(each["text"]))))


def _spans(posts: Iterable[Mapping[str, Any]], words: Words) -> Iterator[dict[str, Any]]:
    """Yield where the texts stand: exhibit, post, field, from which letter to which, and what stands there."""
    for post in posts:
        for name, text in _leaves(post):
            for start, end in words.spans(text):
                where = {"exhibit": post["exhibit"], "post": post["id"], "field": name, "start": start, "end": end}
                yield {**where, "text": text[start:end]}


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in a record with its JSON Pointer."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _leaves(each, f"{name}/{key}")
    elif isinstance(value, list | tuple):
        for place, each in enumerate(value):
            yield from _leaves(each, f"{name}/{place}")
