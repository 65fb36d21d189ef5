"""Erasing throughout a case folder: the ledger's private values, evidence, and everything that was made from them.

Whatever is derived goes with every erasure, searched or not: a picture of a chart or a page of a PDF can show what no
search finds, and all of it can be made again from what is left. Files of one's own go when they hold the text that was
named. What is out of reach, a package on somebody's desk, is listed with what to do.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import apsw

from osint import render
from osint.chain_of_custody import disclosure
from osint.chain_of_custody.digests import sha256_file
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import (
    Chosen,
    Decided,
    carry_out,
    choose,
    decide,
    is_order,
    orders_to_finish,
    purged_by,
)
from osint.chain_of_custody.export import ExportedLedger
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.spellings import Sought
from osint.chain_of_custody.two_persons import Order
from osint.erasing import journal
from osint.erasing.traces import Traces, files_holding, find
from osint.errors import CaseError, EvidenceError, LedgerError
from osint.gate import Gate
from osint.gate.retaining import kept
from osint.instants import format_instant
from osint.parts import FOLDER as PARTS
from osint.policy.facts import Decision
from osint.store.blobs import INCOMING, FolderBlobs, destroy_file, sync_folder

_LEDGER = "ledger.sqlite"
_TABLES = "working/tables.sqlite"
_DERIVED = ("working", "charts", "previews", "drafts", "report.html")
_OURS = ("case.json", _LEDGER, f"{_LEDGER}-wal", f"{_LEDGER}-shm", f"{_LEDGER}-journal")
_LEFT_THE_CASE = ("export", "backup", "release")
_LOOKED_FOR = 40
_PATIENCE_MS = 10_000


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What an erasure did, and what it could not reach. It does not say what was erased.

    Attributes:
        entries: The ledger entries that order it.
        values: Number of private values destroyed.
        exhibits: Numbers of the exhibits whose bytes were destroyed.
        removed: Files and packages below the case folder that went with them.
        left: What still holds a text that was named or erased, and what could not be looked through.
        elsewhere: What left the case before, with what to do about it.
        unsought: Number of erased texts that were too many to be looked for.
    """

    entries: tuple[int, ...]
    values: int
    exhibits: tuple[str, ...]
    removed: tuple[str, ...]
    left: Traces
    elsewhere: tuple[str, ...]
    unsought: int = 0

    def __str__(self) -> str:
        where = ", ".join(map(str, self.entries))
        lines = [
            f"Erased by order of ledger entry {where}: {self.values} private "
            f"{'value' if self.values == 1 else 'values'}, exhibits: {', '.join(self.exhibits) or 'none'}.",
            *([f"  The bytes of {', '.join(self.exhibits)} are destroyed."] if self.exhibits else []),
            *(f"  removed: {name}" for name in self.removed),
            "  Charts and reports can be made again; the tables were made again from what is left.",
            *(f"  out of reach: {sentence}" for sentence in self.elsewhere),
            *self._still_there(),
            *([f"  {self.unsought} more erased texts were not looked for: case.find(...)"] if self.unsought else []),
        ]
        return render.visible_lines("\n".join(lines))

    __repr__ = __str__

    def _still_there(self) -> list[str]:
        """Say where the words that were erased stand besides, and how these go too."""
        if not self.left.files:
            return []
        said = str(self.left).replace("The text was", "What was erased, or a word of it, is", 1).split("\n")
        if not self.left.places:
            return said
        return [
            *said,
            "These places hold the same words, and the order did not cover them. If they must go too, have that "
            "ordered: private values and files of one's own by osint redact --containing TEXT, exhibits by osint "
            "purge --exhibit.",
        ]

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        first, *rest = str(self).split("\n")
        return render.bundle(str(self), render.heading(first) + "".join(map(render.paragraph, rest)))


@dataclass(frozen=True, kw_only=True)
class CaseFolder:
    """A case that is open for writing.

    Attributes:
        folder: The case folder.
        ledger: Its ledger.
        blobs: Its evidence.
        gate: Decides, beside the signatures.
        rebuild: Makes the working tables again from evidence.
    """

    folder: Path
    ledger: Ledger
    blobs: FolderBlobs
    gate: Gate
    rebuild: Callable[[], object]

    def redact(
        self,
        order: Order,
        *,
        values: Mapping[int, Collection[str] | None] | None = None,
        containing: str | None = None,
        keep: Collection[str] = (),
    ) -> Erased:
        """Destroy private values of the ledger; evidence stays.

        Args:
            order: On what this rests, and the two persons who sign.
            values: Names of private values by the number of their entry; None for all of an entry.
            containing: A text: every private value that holds it goes, and every file of one's own that does.
            keep: Files below the case folder, relative to it, that stay though they hold the text.

        Raises:
            AuthorizationError: Refused, with every ground; the refusal is in the ledger.
            LedgerError: There is nothing to erase; or the order stands and was not carried out to the end.
            CaseError, EvidenceError: A file could not be destroyed; the order stands and can be finished.
        """
        return self._erase("redact", order, exhibits=(), values=values, containing=containing, keep=keep)

    def purge(
        self,
        exhibits: Collection[str],
        order: Order,
        *,
        values: Mapping[int, Collection[str] | None] | None = None,
        containing: str | None = None,
        keep: Collection[str] = (),
        by_schedule: bool = False,
    ) -> Erased:
        """Destroy the bytes of exhibits, what the entries say that took them in, and what :meth:`redact` would.

        No other exhibit is touched. With ``by_schedule`` the order rests on the retention schedule alone, and what is
        not due by its class is refused; an order of a court or an expungement waits for no schedule. The other
        arguments are those of :meth:`redact`, as are the errors.
        """
        if not exhibits:
            raise LedgerError("Nothing was erased: name the exhibits to purge, as E0003.")
        early = self._not_due(exhibits) if by_schedule else []
        return self._erase(
            "purge", order, exhibits=exhibits, values=values, containing=containing, keep=keep, early=early
        )

    def forget(self, exhibits: Collection[str]) -> list[str]:
        """Destroy everything that was made from the case, and packages below it that hold some exhibits; make it again.

        Returns the names of what was removed. The exhibits themselves are not touched.
        """
        removed = (
            self._remove_packages(frozenset(), frozenset(exhibits)) + self._remove_begun() + self._remove_derived()
        )
        self.empty_tables()
        self.rebuild()
        return removed

    def finish(self) -> Erased | None:
        """Carry out what was ordered and not finished, as after a kill; None when nothing was left to do.

        Raises:
            LedgerError, CaseError, EvidenceError: It cannot be finished now; the order stands.
        """
        known = {entry.id: entry for entry in self.ledger.entries() if is_order(entry)}
        intents = []
        for intent in journal.notes(self.folder):
            if not known.keys().isdisjoint(intent.orders):
                intents.append(intent)
            elif not intent.is_being_written:  # and so its order never will be
                intent.done()
        begun = {identifier for intent in intents for identifier in intent.orders}
        orders = orders_to_finish(self.ledger, self.blobs, begun) if known else []
        if not orders:
            return None
        texts = tuple(text for intent in intents for text in intent.texts)
        removed = self._carry_out(orders, [name for intent in intents for name in intent.files])
        for intent in intents:
            if {entry.id for entry in orders}.issuperset(known.keys() & set(intent.orders)):
                intent.done()
        self.rebuild()
        return self._erased(orders, removed, texts)

    def _erase(
        self,
        action: str,
        order: Order,
        *,
        exhibits: Collection[str],
        values: Mapping[int, Collection[str] | None] | None,
        containing: str | None,
        keep: Collection[str],
        early: Sequence[str] = (),
    ) -> Erased:
        finished = self.finish()
        doomed = self._files_holding(containing, exhibits, keep)
        strays = [self.folder / name for name in doomed if name.startswith("quarantine/")]
        quarantined = [sha256_file(path)[0] for path in strays if not path.is_symlink()]
        try:
            chosen = choose(
                self.ledger,
                values=values or {},
                containing=containing,
                exhibits=exhibits,
                quarantined=quarantined,
                files=len(doomed),
            )
        except LedgerError:
            if finished is None:
                raise
            return finished  # the step was repeated to finish it
        decided = decide(self.ledger, action, chosen, order, self._judged(order, early))
        intent = journal.note(self.folder, decided.ids, chosen.texts[:_LOOKED_FOR], doomed)
        orders = self._written(decided, intent)
        removed = self._carry_out(orders, doomed)
        intent.done()
        self.rebuild()
        return self._erased(orders, removed, intent.texts, chosen)

    def _judged(self, order: Order, early: Sequence[str]) -> Decision:
        """Return what the gate says; holds are for :func:`decide`, which knows what the order rests on."""
        return self.gate.decide(
            "purge",
            early=list(early),
            authority=order.authority,
            reason=order.reason,
            approver_name=order.approver_name,
            **order.second_person,
        )

    def _not_due(self, exhibits: Collection[str]) -> list[str]:
        records = kept(self.ledger.entries(), self.gate.pack)
        return [each.exhibit for each in records if each.exhibit in exhibits and not each.is_due(self.gate.present)]

    def _written(self, decided: Decided, intent: journal.Intent) -> list[Entry]:
        try:
            return decided.write(self.ledger)
        except BaseException:
            if not any(entry.id in intent.orders for entry in self.ledger.entries()):
                intent.done()
            raise

    def _carry_out(self, orders: Collection[Entry], files: Collection[str]) -> list[str]:
        """Destroy what orders name and everything made from it; return the names of what was removed."""
        try:
            removed = [name for name in files if self._is_own(name) and _destroy(self.folder / name)]
            removed += self._remove_packages(
                {str(item["digest"]) for entry in orders for item in entry.object if "digest" in item},
                {number for entry in orders for number in purged_by(entry)},
            )
            removed += self._remove_begun() + self._remove_derived()
            self.empty_tables()
            carry_out(self.ledger, self.blobs, list(orders))
        except (LedgerError, CaseError, EvidenceError, OSError) as error:
            where = ", ".join(str(entry.seq) for entry in orders)
            raise LedgerError(
                f"The order of ledger entry {where} stands, and not everything is destroyed yet: {error} The rest is "
                "done when the step is repeated, or when the case is opened the next time."
            ) from error
        return removed

    def _erased(
        self, orders: Collection[Entry], removed: Collection[str], texts: Collection[str], chosen: Chosen | None = None
    ) -> Erased:
        first = chosen.first if chosen else min(entry.seq for entry in orders)
        mask = Sought(texts).mask
        left = find(self.folder, texts) if texts else Traces(places=(), unread=(), files=0)
        holding = left.exhibits if chosen is None or chosen.text else ()
        gone = _elsewhere(self.ledger, first, orders, holding)
        elsewhere = [mask(said) for to, said in gone if not self._is_gone(to)]
        return Erased(
            entries=tuple(entry.seq for entry in orders),
            values=sum("digest" in item for entry in orders for item in entry.object),
            exhibits=tuple(number for entry in orders for number in purged_by(entry)),
            removed=tuple(mask(name) for name in removed),
            left=left,
            elsewhere=(*elsewhere, *self.still_begun(), *_in_parts(left)),
            unsought=len(chosen.texts) - len(texts) if chosen else 0,
        )

    def _is_gone(self, place: str) -> bool:
        return _is_gone(self.folder, place)

    def empty_tables(self) -> None:
        """Empty the working tables, leaving neither free pages nor a log with what was in them.

        Raises:
            CaseError: Another program is using them.
        """
        _empty_tables(self.folder / _TABLES)

    # -- files ---------------------------------------------------------------------------------------------------------

    def _files_holding(self, text: str | None, exhibits: Collection[str], keep: Collection[str]) -> list[str]:
        """Return the files below the case folder that go with an erasure, beside what is derived and the evidence.

        They are those that hold the text, and copies of the exhibits, as in quarantine.
        """
        spared = {Path(name).as_posix() for name in keep}
        missing = sorted(name for name in spared if not (self.folder / name).exists())
        if missing:
            raise CaseError(f"Nothing was erased: {', '.join(missing)} is not in the case folder and cannot be kept.")
        digests = {exhibit.sha256 for exhibit in self.ledger.exhibits() if exhibit.number in exhibits}
        held = files_holding(self.folder, [text], self._is_own) if text is not None else set()
        named = (path for path in (self.folder.rglob("*") if digests else ()) if path.name[:64] in digests)
        copies = {path.relative_to(self.folder).as_posix() for path in named}
        return sorted(name for name in (held | copies) - spared if self._is_own(name))

    def _is_own(self, name: str) -> bool:
        """Return whether a file is neither ledger nor evidence, nor derived, nor part of a package."""
        from osint.report.hand_over import is_package

        path = self.folder / name
        if not name or not (path.is_symlink() or path.is_file()):
            return False
        if name in _OURS or name.startswith("erasing-") or Path(name).parts[0] in (*_DERIVED, PARTS):
            return False
        if any(is_package(parent) for parent in path.parents if parent.is_relative_to(self.folder)):
            return False
        digest, blobs = path.name[:64], self.blobs
        if path.parent == blobs.folder / INCOMING:  # being written, or in quarantine at the next opening
            return False
        return path.name != digest + blobs.suffix or path.parent != blobs.folder / digest[:2]

    def _remove_derived(self) -> list[str]:
        """Destroy what is derived, and copies of the ledger that an upgrade left; return the names."""
        files = [*self.folder.glob(f"{_LEDGER}.*"), *self.folder.glob("report.html*")]
        working = self.folder / "working"
        files += [path for path in working.rglob("*") if not path.name.startswith(Path(_TABLES).name)]
        removed = [path for path in sorted(files) if not path.is_dir() and _destroy(path)]
        for folder in (self.folder / name for name in ("charts", "previews", "drafts")):
            removed += _destroy_folder(folder)
        return [path.relative_to(self.folder).as_posix() for path in removed]

    def _remove_packages(self, digests: Collection[str], exhibits: Collection[str]) -> list[str]:
        """Destroy the packages below the case folder that hold some values or exhibits; return their names."""
        from osint.report.hand_over import is_package

        hashes = {exhibit.sha256 for exhibit in self.ledger.exhibits() if exhibit.number in exhibits}
        removed = []
        for folder in [path for path in sorted(self.folder.rglob("*")) if path.is_dir() and is_package(path)]:
            if _package_holds(folder, digests, hashes):
                _destroy_folder(folder)
                removed.append(f"{folder.relative_to(self.folder).as_posix()}/ (a package)")
        return removed

    def _remove_begun(self) -> list[str]:
        """Destroy what productions left that were begun, wherever it lies; return its names."""
        from osint.report.unfinished import clear

        return [f"{path}/ (a production that was begun)" for path in clear(self.ledger.entries())]

    def still_begun(self) -> list[str]:
        """Say what productions left that were begun, and could not be destroyed."""
        from osint.report.unfinished import still_there

        return list(still_there(list(self.ledger.entries())))


def gone_elsewhere(case: CaseFolder, entry: Entry, exhibits: Collection[str]) -> list[str]:
    """Return where copies of some exhibits went before an entry."""
    first = min(each.entry for each in case.ledger.exhibits() if each.number in exhibits)
    left = _elsewhere(case.ledger, first, [entry], exhibits)
    return [place for place, _ in left if not _is_gone(case.folder, place)]


def _is_gone(folder: Path, place: str) -> bool:
    """Return whether something went below the case folder and is not there any more."""
    path = Path(place).absolute()
    return path.is_relative_to(folder.absolute()) and not path.exists()


def _destroy(path: Path) -> bool:
    """Destroy a file; of a link, the link alone."""
    if path.is_symlink():
        path.unlink()
        return True
    return destroy_file(path)


def _destroy_folder(folder: Path) -> list[Path]:
    """Destroy a folder with all files in it; return these."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir()]
    removed = [path for path in files if _destroy(path)]
    if folder.is_dir():
        shutil.rmtree(folder)
        sync_folder(folder.parent)
    return removed


def _package_holds(folder: Path, digests: Collection[str], hashes: Collection[str]) -> bool:
    names = {path.name[:64] for path in folder.rglob("*") if path.is_file()}
    if not names.isdisjoint(hashes):
        return True
    place = folder / "data" if (folder / "data").is_dir() else folder
    try:
        kept = (text for record in ExportedLedger(place).records() for text in record.disclosures)
        return any(disclosure.digest(text) in digests for text in kept)
    except LedgerError:  # it is broken; the search that follows says what it holds
        return False


def _empty_tables(path: Path) -> None:
    """Drop every table of a working file and make it again, empty, leaving neither free pages nor a log.

    Raises:
        CaseError: Another program is using it.
    """
    if not path.is_file():
        return
    try:
        with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)) as database:
            database.set_busy_timeout(_PATIENCE_MS)
            database.pragma("secure_delete", True)
            database.pragma("temp_store", "memory")
            with database:
                _drop_all(database)
            database.execute("VACUUM")
            busy = next(database.execute("PRAGMA wal_checkpoint(TRUNCATE)"))[0]
    except (apsw.NotADBError, apsw.CorruptError):  # damaged; all in it is derived
        for suffix in ("", "-wal", "-shm"):
            destroy_file(path.with_name(path.name + suffix))
        return
    except apsw.Error as error:
        raise CaseError(f"The working tables in {path} could not be emptied ({error}).") from error
    if busy:
        raise CaseError(f"Another program is reading the working tables in {path}; close it.")


def _drop_all(database: apsw.Connection) -> None:
    shadows = {name for _, name, kind, *_ in database.execute("PRAGMA main.table_list") if kind == "shadow"}
    made = database.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    own = [(kind, str(name), str(sql)) for kind, name, sql in made if name not in shadows]
    for name in [name for kind, name, _ in own if kind == "table"]:
        quoted = name.replace('"', '""')
        database.execute(f'DROP TABLE "{quoted}"')
    for _, _, sql in own:
        database.execute(sql)


def _may_hold(entry: Entry, exhibits: Collection[str], digests: Collection[str]) -> bool:
    """Return whether what left the case by an entry may hold what is erased; a release holds itself and its exhibits.

    One that expired counts: its consignment may have been carried there before.
    """
    named = {str(item["exhibit"]) for item in entry.object if "exhibit" in item}
    if entry.action != "release" or not named:
        return True
    return not named.isdisjoint(exhibits) or not set(digests).isdisjoint(entry.payload["_sd"])


def _in_parts(left: Traces) -> list[str]:
    """Say which parts of other officers still hold what was erased; only they can erase in their ledgers."""
    held = {"/".join(place.file.split("/")[:2]) for place in left.places if place.file.startswith(f"{PARTS}/")}
    return [
        f"{folder}: the ledger of another officer, kept whole. Have the same erased in that officer's case and merge "
        "the newer package; it takes the place of this one."
        for folder in sorted(held)
    ]


def _elsewhere(
    ledger: Ledger, first: int, orders: Collection[Entry], holding: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield where something went from the first entry concerned to the order, and a sentence on what to do about it.

    Args:
        ledger: The ledger.
        first: Position of the first entry concerned.
        orders: The entries that order the erasure.
        holding: Numbers of exhibits that hold the text that was named.
    """
    last = min(entry.seq for entry in orders)
    digests = {str(item["digest"]) for entry in orders for item in entry.object if "digest" in item}
    concerned = {number for entry in orders for number in purged_by(entry)}.union(holding)
    refused: set[str] = set()
    for entry in ledger.entries():
        if entry.exhibit is not None and not digests.isdisjoint(entry.payload["_sd"]):
            concerned.add(entry.exhibit)
        if (entry.action, entry.outcome) == ("refuse", "done"):
            refused.update(entry.refs)
    for entry in ledger.entries(first):
        if entry.seq >= last or entry.action not in _LEFT_THE_CASE or entry.outcome not in ("done", "allowed"):
            continue
        if entry.leaf.hex() in refused or not _may_hold(entry, concerned, digests):
            continue
        names = [entry.private[name] for name in ("folder", "file", "path", "recipient") if name in entry.private]
        if names:
            to = names[0].get("name", "(erased)") if isinstance(names[0], dict) else names[0]
            yield (
                str(to),
                f"{entry.action} of ledger entry {entry.seq}, {format_instant(entry.end_time)}: {to}. It was made "
                "before this erasure and may hold what was erased. Delete it if it lies on this machine; ask whoever "
                "else has it to destroy it and to confirm that in writing; then hand over anew.",
            )
