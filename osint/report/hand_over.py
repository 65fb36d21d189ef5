"""The package a prosecutor receives: evidence, ledger, checkpoints, tables, charts, and lists of hashes over all.

A package is a bag (:mod:`osint.report.bag`). Those made by earlier releases were flat; both are verified.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC
from importlib.resources import files
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import pandas as pd

from osint import render, warc
from osint.chain_of_custody.digests import sha256_file
from osint.chain_of_custody.entry import Entry, parse
from osint.chain_of_custody.export import LINES, ExportedLedger, write_ledger
from osint.chain_of_custody.verification import Verified, verify
from osint.chain_of_custody.withheld import FOLDER as REDACTED
from osint.chain_of_custody.withheld import FolderDerivatives
from osint.errors import ExportError, IntegrityError
from osint.media.table import values_frame
from osint.report import bag
from osint.report.bag import MANIFEST, PAYLOAD, TAG_MANIFEST
from osint.report.case_report import case_report
from osint.report.case_uco import SHAPES, case_graph
from osint.report.custody_log import custody_csv, custody_html
from osint.report.custody_pdf import custody_log_pdf
from osint.report.dossier import Dossier
from osint.report.head_page import head_page
from osint.report.leaks import Guard
from osint.report.marks_part import exculpatory
from osint.report.pdf import pdf_is_installed
from osint.report.readme import readme
from osint.report.redacted import Derivative, check_all_named
from osint.runner import Runner
from osint.store.blobs import FolderBlobs, sync, sync_folder

if TYPE_CHECKING:
    from osint.chain_of_custody.anchors import Anchors

_README = "README.txt"
_TABLES = ("posts", "media", "warnings", "marks", "translations")
_SYNCED_AT_ONCE = 16
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
        return render.bundle(str(self), "".join(map(render.paragraph, str(self).split("\n"))))

    __repr__ = __str__


def check_free(folder: Path) -> None:
    """Refuse a target that is there already, before anything is logged or written.

    Raises:
        ExportError: The folder is there already.
    """
    if folder.exists() or folder.is_symlink():
        raise ExportError(f"{folder} is there already. Nothing was written: a package goes into a folder of its own.")


def write_package(
    dossier: Dossier, folder: Path, derivatives: Sequence[Derivative] = (), guard: Guard | None = None
) -> HandOver:
    """Write the package into a new folder; it appears whole and verified, or not at all.

    Args:
        dossier: The case.
        folder: A folder that is not there yet.
        derivatives: What stands for exhibits that are withheld. The newest entry of the ledger says so.
        guard: Looks for the secrets that this process knows; without one, only for credential lines in requests.

    Raises:
        ExportError: The folder is there already, or cannot be written.
        SecretFoundError: A file holds a key, a password or a cookie; the package was removed again.
        IntegrityError: What was written does not verify; it was removed again.
    """
    check_free(folder)
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.part")
    made = False
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir()
        made = True
        _fill(dossier, part, derivatives)
        verify_package(part)
        (guard or Guard()).check_folder(part)
        _sync(part)
        check_free(folder)
        part.rename(folder)
        sync_folder(folder.parent)
    except BaseException as error:
        if made:
            shutil.rmtree(part, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        raise ExportError(
            f"The package could not be written to {folder} ({error.strerror}), and nothing half written was left. The "
            "case is not affected: free some space or choose another disk, and export again."
        ) from error
    written = [path for path in folder.rglob("*") if path.is_file()]
    return HandOver(
        folder=folder,
        files=len(written),
        size=sum(path.stat().st_size for path in written),
        manifest_sha256=sha256_file(folder / TAG_MANIFEST)[0],
        withheld=tuple(each.exhibit for each in derivatives),
        exculpatory=exculpatory(dossier.tables["marks"]),
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
        evidence = FolderBlobs(place / "evidence")
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
    return verified


class Packed(ExportedLedger):
    """The ledger as it was copied into a package: what the documents are made from, whatever is appended meanwhile."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        records = enumerate(self.records())
        self._entries = [parse(record.line.removesuffix(b"\n"), place, record.disclosures) for place, record in records]

    def entries(self) -> Iterator[Entry]:
        """Yield the entries in order, with what their disclosures say."""
        return iter(self._entries)

    @property
    def last(self) -> Entry:
        """The newest entry."""
        return self._entries[-1]


def _fill(dossier: Dossier, folder: Path, derivatives: Sequence[Derivative]) -> None:
    data = folder / PAYLOAD
    # The ledger first, then the evidence that this copy of it names: another process may go on collecting meanwhile.
    write_ledger(dossier.ledger, data)
    packed = Packed(data)
    check_all_named(packed.entries())
    _copy_evidence(dossier.blobs, data, packed.entries(), {each.exhibit for each in derivatives})
    _write_derivatives(data, derivatives)
    for name, content in _documents(dossier, packed).items():
        (data / name).parent.mkdir(exist_ok=True)
        (data / name).write_bytes(content)
    charts = dossier.folder / "charts"
    if charts.is_dir() and dossier.charts:
        shutil.copytree(charts, data / "charts")
    for source, name in _SHIPPED.items():
        shipped = files("osint.chain_of_custody").joinpath(source)
        if shipped.is_file():
            (folder / name).write_bytes(shipped.read_bytes())
    (folder / _README).write_bytes(readme(dossier.name, folder).encode())
    bag.close_bag(folder, _info(dossier, packed.last))


def _documents(dossier: Dossier, ledger: Packed) -> dict[str, bytes]:
    """Return what is derived from ledger and evidence, by file name."""
    title, verdict = f"Custody log: {dossier.name}", str(dossier.verified)
    written = {
        "custody_log.csv": custody_csv(ledger),
        "custody_log.html": custody_html(ledger, title, verdict, dossier.anchors, overdue=dossier.overdue),
        "custody_log.jsonld": case_graph(ledger, dossier.name),
        SHAPES: files("osint.report").joinpath(SHAPES).read_bytes(),
        "report.html": case_report(dossier),
        **{f"tables/{name}.csv": table_csv(dossier.tables[name]) for name in _TABLES},
        "tables/media_values.csv": table_csv(values_frame(dossier.files)),
    }
    for note in ledger.checkpoints()[-1:]:
        keys = [key.keyid for key in dossier.verified.keys]
        written["head.html"] = head_page(note, dossier.name, dossier.made, keys)
    if pdf_is_installed():
        written["custody_log.pdf"] = custody_log_pdf(
            ledger, title, verdict, dossier.made, dossier.anchors, overdue=dossier.overdue
        )
    return written


def _info(dossier: Dossier, last: Entry) -> list[tuple[str, str]]:
    instrument = last.payload["instrument"]
    return [
        ("Contact-Name", dossier.investigator),
        ("External-Identifier", last.payload["ledger"]),
        ("External-Description", f"Hand-over of case {dossier.name}: custody ledger, evidence, tables and report"),
        ("Bagging-Date", dossier.made.astimezone(UTC).date().isoformat()),
        ("Bag-Software-Agent", f"{instrument['name']} {instrument['version']}"),
    ]


def _copy_evidence(blobs: FolderBlobs, folder: Path, entries: Iterable[Entry], withheld: Collection[str]) -> None:
    """Copy what the exported ledger names; what was purged on order is not there, and verification judges that."""
    items = (item for entry in entries for item in entry.result if "exhibit" in item)
    digests = {item["sha256"] for item in items if item["exhibit"] not in withheld}
    for source in map(blobs.path, sorted(filter(blobs.holds, digests))):
        target = folder / "evidence" / source.relative_to(blobs.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


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


def table_csv(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV: UTF-8, every cell quoted, lists and records as JSON, instants as RFC 3339."""
    nested = [name for name, dtype in frame.dtypes.items() if str(dtype) == "object"]
    flat = frame.assign(**{str(name): frame[name].map(_cell) for name in nested})
    text = flat.to_csv(index=False, quoting=1, lineterminator="\r\n", date_format="%Y-%m-%dT%H:%M:%S.%fZ")
    return text.encode("utf-8", "surrogatepass")


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, list | dict) else value
