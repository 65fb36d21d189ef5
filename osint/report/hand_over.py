"""The package a prosecutor receives: evidence, ledger, checkpoints, tables, charts, and lists of hashes over all.

A package is a bag (:mod:`osint.report.bag`). Those made by earlier releases were flat; both are verified.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC
from importlib.resources import files
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from osint import render, warc
from osint.chain_of_custody.digests import sha256_file
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.export import LINES, ExportedLedger, write_ledger
from osint.chain_of_custody.sensitive_stop import withdrawn_by
from osint.chain_of_custody.verification import verify
from osint.chain_of_custody.verified import Verified
from osint.chain_of_custody.withheld import FOLDER as REDACTED
from osint.chain_of_custody.withheld import FolderDerivatives
from osint.errors import ExportError, IntegrityError
from osint.media.table import values_frame
from osint.report import bag
from osint.report.bag import MANIFEST, PAYLOAD, TAG_MANIFEST
from osint.report.case_report import case_report
from osint.report.case_uco import SHAPES, case_graph
from osint.report.csv_tables import table_csv
from osint.report.custody_log import custody_csv, custody_html
from osint.report.custody_pdf import custody_log_pdf
from osint.report.dossier import Dossier
from osint.report.head_page import head_page
from osint.report.leaks import Guard
from osint.report.marks_part import exculpatory
from osint.report.packed import Packed
from osint.report.pdf import pdf_is_installed
from osint.report.readme import CONTENTS, README, contents, readme
from osint.report.redacted import Derivative, check_all_named
from osint.runner import Runner
from osint.store.blobs import FolderBlobs
from osint.store.durable import sync, sync_folder

if TYPE_CHECKING:
    from osint.chain_of_custody.anchors import Anchors

EVIDENCE = "evidence"
_TABLES = ("posts", "media", "warnings", "marks", "translations")
_SYNCED_AT_ONCE = 16
_OF_A_CASE = frozenset({EVIDENCE, "charts", "parts", "working"})
"""Folders of a case in which nothing else belongs."""
_DOCUMENTS = 5 + len(_TABLES) + 3
Progress = Callable[[str, int, int], None]
"""Told what is being done, how many of it are done, and how many there are."""
_SHIPPED = {"README.md": "LEDGER_FORMAT.md", "verify_case.py": "verify_case.py"}


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """A package that was written.

    Attributes:
        folder: The package.
        files: Number of files in it.
        size: Their bytes.
        manifest_sha256: SHA-256 of ``tagmanifest-sha256.txt``, the list from which every other file can be checked.
        withheld: Restricted or masked exhibits for which a redacted derivative stands in it.
        exculpatory: Exhibits that are marked as exculpatory.
    """

    folder: Path
    files: int
    size: int
    manifest_sha256: str
    withheld: tuple[str, ...] = ()
    exculpatory: tuple[str, ...] = ()

    def __str__(self) -> str:
        held = f"\nWithheld, with a redacted derivative for each: {', '.join(self.withheld)}" if self.withheld else ""
        named = ", ".join(self.exculpatory)
        return (
            f"Package in {self.folder}: {self.files} files, {self.size / 1e6:.1f} MB\n"
            f"SHA-256 of {TAG_MANIFEST}: {self.manifest_sha256}\n"
            f"Check it anywhere: cd {quote(str(self.folder))} && sha256sum -c {MANIFEST} {TAG_MANIFEST}\n"
            f"Marked as exculpatory: {len(self.exculpatory)}{f' ({named})' if named else ''}{held}"
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.lines_bundle(str(self))

    __repr__ = __str__


def _untold(what: str, done: int, whole: int) -> None:
    """Nobody waits for it."""


@dataclass(frozen=True, kw_only=True)
class Filling:
    """What a package holds besides, and where it is written so that a run which was killed can be taken up again.

    Attributes:
        part: Where it is written until it is whole. Evidence that a run before copied there is used again, compared.
        kept: What else of a run before is left for ``fill`` to judge, by its path below ``part``.
        fill: Writes more below the payload folder, from the ledger as it was packed.
        progress: Told what is being done, how many of it are done, and how many there are.
    """

    part: Path
    kept: Collection[str]
    fill: Callable[[Packed, Path], None]
    progress: Progress = _untold


def check_free(folder: Path) -> None:
    """Refuse a target that is there already, or where it would spoil something, before anything is logged or written.

    Raises:
        ExportError: The folder is there already, lies in another package, or where a case keeps its own files.
    """
    if folder.exists() or folder.is_symlink():
        raise ExportError(f"{folder} is there already. Nothing was written: a package goes into a folder of its own.")
    place = folder.absolute().parent.resolve()  # whatever links lead there
    for above in (place, *place.parents):
        if (above / bag.DECLARATION).is_file():
            raise ExportError(
                f"{folder} lies in the package {above}, which would not verify any more. Nothing was written: choose a "
                "folder outside of it."
            )
        if above.name in _OF_A_CASE and (above.parent / "ledger.sqlite").is_file():
            raise ExportError(
                f"{folder} lies in {above}, where the case keeps its own files. Nothing was written: choose a folder "
                "outside of it."
            )


def write_package(
    dossier: Dossier,
    folder: Path,
    derivatives: Sequence[Derivative] = (),
    guard: Guard | None = None,
    filling: Filling | None = None,
    *,
    judge: Callable[[Path], None] | None = None,
) -> HandOver:
    """Write the package into a new folder; it appears whole and verified, or not at all.

    Args:
        dossier: The case.
        folder: A folder that is not there yet.
        derivatives: What stands for exhibits that are withheld. The newest entry of the ledger says so.
        guard: Looks for the secrets that this process knows; without one, only for credential lines in requests.
        filling: What it holds besides.
        judge: Looks at it last, when it is whole and on the disk, before it gets its name.

    Raises:
        ExportError: The folder is there already, or cannot be written.
        SecretFoundError: A file holds a key, a password or a cookie; the package was removed again.
        IntegrityError: What was written does not verify; it was removed again.
    """
    check_free(folder)
    part = filling.part if filling else folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.part")
    made = False
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if part.is_symlink():  # somebody put it there: what it leads to is not ours to clear
            part.unlink()
        part.mkdir(exist_ok=filling is not None)
        made = True
        _fill(dossier, part, derivatives, filling)
        progress = filling.progress if filling else _untold
        checks: tuple[Callable[[Path], object], ...] = (
            verify_package,
            (guard or Guard()).check_folder,
            _sync,
            *([judge] if judge else []),  # last: the disk takes its time, and the case may go on
        )
        for number, check in enumerate(checks):
            progress("checks of what was written", number, len(checks))
            check(part)
        check_free(folder)
        part.rename(folder)
        sync_folder(folder.parent)
    except BaseException as error:
        goes_on = filling is not None and isinstance(error, KeyboardInterrupt)
        if made and not goes_on:
            shutil.rmtree(part, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        raise ExportError(
            f"The package could not be written to {folder} ({error.strerror}), and nothing half written was left. The "
            "case is not affected: free some space or choose another disk, and export again."
        ) from error
    return replace(
        as_written(folder),
        withheld=tuple(each.exhibit for each in derivatives),
        exculpatory=exculpatory(dossier.tables["marks"]),
    )


def as_written(folder: Path) -> HandOver:
    """Return what a package that is there holds, counted."""
    written = [path for path in folder.rglob("*") if path.is_file()]
    return HandOver(
        folder=folder,
        files=len(written),
        size=sum(path.stat().st_size for path in written),
        manifest_sha256=sha256_file(folder / TAG_MANIFEST)[0],
    )


def is_package(folder: Path) -> bool:
    """Return whether a folder looks like a package, a bag or a flat one, rather than a case."""
    return (folder / MANIFEST).is_file() and any((place / LINES).is_file() for place in (folder, folder / PAYLOAD))


def verify_package(
    folder: Path,
    kept_head: str | None = None,
    *,
    anchors: Anchors | None = None,
    fingerprints: Collection[str] | None = None,
    runner: Runner | None = None,
) -> Verified:
    """Check a package as it was received: its lists of hashes, its ledger and its evidence. Nothing is written.

    Args:
        folder: The package.
        kept_head: A checkpoint that was kept elsewhere.
        anchors: The time-stamping authorities and witnesses that the verifier relies on; never those of a package.
        fingerprints: The keys that may sign, as known from elsewhere: hex SHA-256 of each public key.
        runner: Shares the work on the lines among processes; by default this one does it alone.

    Raises:
        IntegrityError: Carries every finding, those about the lists of hashes (step 11) last. When something in the
            package leads out of it, only that is found: nothing was read.
        LedgerError: The ledger, or the head kept elsewhere, cannot be read at all.
    """
    files = bag.survey(folder)
    place = folder / PAYLOAD if bag.is_bag(folder) else folder
    findings = bag.bag_findings(folder, files) if bag.is_bag(folder) else bag.flat_findings(folder, files)
    summary = "The ledger and the evidence verify. What is wrong concerns the files named below."
    try:
        evidence = FolderBlobs(place / EVIDENCE)
        verified = verify(
            ExportedLedger(place),
            evidence,
            check_exhibit=warc.check,
            kept_head=kept_head,
            anchors=anchors,
            fingerprints=fingerprints,
            runner=runner,
            derivatives=FolderDerivatives(place / REDACTED),
        )
    except IntegrityError as error:
        summary = str(error).partition("\n")[0]
        findings = [*error.findings, *findings]
    if findings:
        raise IntegrityError(summary, findings)
    last = TAG_MANIFEST if bag.is_bag(folder) else MANIFEST
    return replace(verified, lists_sha256=sha256_file(folder / last)[0])


def _fill(dossier: Dossier, folder: Path, derivatives: Sequence[Derivative], filling: Filling | None) -> None:
    data = folder / PAYLOAD
    _clear(folder, filling.kept if filling else ())
    # The ledger first, then all else from this copy of it: another process may go on collecting meanwhile.
    write_ledger(dossier.ledger, data)
    packed = Packed(data)
    check_all_named(packed)
    dossier = replace(dossier, ledger=packed)  # all of the package is of the head that lies in it
    progress = filling.progress if filling else _untold
    progress("evidence", 0, len(packed))
    _copy_evidence(dossier.blobs, data, packed, {each.exhibit for each in derivatives})
    _write_derivatives(data, derivatives)
    for number, (name, pieces) in enumerate(_documents(dossier, packed)):
        progress("custody log, report and tables", number, _DOCUMENTS)
        write_pieces(data / name, pieces)
    if filling:
        filling.fill(packed, data)
    charts = dossier.folder / "charts"
    if charts.is_dir() and dossier.charts:
        shutil.copytree(charts, data / "charts")
    for source, name in _SHIPPED.items():
        shipped = files("osint.chain_of_custody").joinpath(source)
        if shipped.is_file():
            (folder / name).write_bytes(shipped.read_bytes())
    progress("lists of hashes", 0, 1)
    (folder / CONTENTS).write_bytes(contents(folder).encode())
    (folder / README).write_bytes(readme(dossier.name, folder, packed, dossier.investigator).encode())
    bag.close_bag(folder, _info(dossier, packed.last))


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file that is made some at a time; of a large ledger a document takes more memory than all else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.writelines(pieces)


def _documents(dossier: Dossier, ledger: Packed) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Yield what is derived from ledger and evidence by file name, one file at a time."""
    title, verdict = f"Custody log: {dossier.name}", dossier.verdict
    yield "custody_log.csv", custody_csv(ledger)
    yield "custody_log.html", custody_html(ledger, title, verdict, dossier.anchors, overdue=dossier.overdue)
    yield "custody_log.jsonld", case_graph(ledger, dossier.name)
    yield SHAPES, [files("osint.report").joinpath(SHAPES).read_bytes()]
    yield "report.html", case_report(dossier)
    for name in _TABLES:
        yield f"tables/{name}.csv", [table_csv(dossier.tables[name])]
    yield "tables/media_values.csv", [table_csv(values_frame(dossier.files))]
    for note in ledger.checkpoints()[-1:]:
        keys = [key.keyid for key in dossier.verified.keys]
        yield "head.html", [head_page(note, dossier.name, dossier.made, keys)]
    if pdf_is_installed():
        made, overdue = dossier.made, dossier.overdue
        yield "custody_log.pdf", [custody_log_pdf(ledger, title, verdict, made, dossier.anchors, overdue=overdue)]


def _info(dossier: Dossier, last: Entry) -> list[tuple[str, str]]:
    instrument = last.payload["instrument"]
    return [
        ("Contact-Name", dossier.investigator),
        ("External-Identifier", last.payload["ledger"]),
        ("External-Description", f"Hand-over of case {dossier.name}: custody ledger, evidence, tables and report"),
        ("Bagging-Date", dossier.made.astimezone(UTC).date().isoformat()),
        ("Bag-Software-Agent", f"{instrument['name']} {instrument['version']}"),
    ]


def _clear(folder: Path, kept: Collection[str]) -> None:
    """Remove what a run before left in a folder, but for the evidence that it copied and what else is kept."""
    stays = {folder / PAYLOAD, folder / PAYLOAD / EVIDENCE, *(folder / each for each in kept)}
    for path in [*folder.glob("*"), *(folder / PAYLOAD).glob("*")]:
        if path.is_symlink() or (path.is_file() and path not in stays):
            path.unlink()
        elif path not in stays:
            shutil.rmtree(path)


def _copy_evidence(blobs: FolderBlobs, folder: Path, packed: Packed, withheld: Collection[str]) -> None:
    """Copy what the exported ledger names; what was purged on order is not there, and verification judges that.

    Nor is what was stopped, were its bytes put back among the evidence. What is there from a run before is compared.
    """
    gone = {*withheld, *(number for entry in packed.entries() for number in withdrawn_by(entry))}
    items = (item for entry in packed.entries() for item in entry.result if "exhibit" in item)
    digests = {item["sha256"] for item in items if item["exhibit"] not in gone}
    wanted = {folder / EVIDENCE / blobs.path(each).relative_to(blobs.folder): each for each in sorted(digests)}
    for path in (folder / EVIDENCE).rglob("*"):
        if path.is_symlink() or (path.is_file() and sha256_file(path)[0] != wanted.get(path)):
            path.unlink()
    for target, sha256 in wanted.items():
        if blobs.holds(sha256) and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(blobs.path(sha256), target)


def _write_derivatives(folder: Path, derivatives: Sequence[Derivative]) -> None:
    for name, content in ((name, content) for each in derivatives for name, content in each.files.items()):
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        if isinstance(content, bytes):
            target.write_bytes(content)
        else:
            shutil.copyfile(content, target)


def _sync(folder: Path) -> None:
    """Have a package reach the disk before it gets its name; many at a time, for a disk takes them together."""
    paths = list(folder.rglob("*"))
    with ThreadPoolExecutor(_SYNCED_AT_ONCE) as threads:
        list(threads.map(_sync_file, (path for path in paths if path.is_file())))
    with (folder / TAG_MANIFEST).open("r+b") as stream:
        sync(stream.fileno())
    for path in [*(path for path in paths if path.is_dir()), folder]:
        sync_folder(path)


def _sync_file(path: Path) -> None:
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())
