"""The package a prosecutor receives: evidence, ledger, checkpoints, tables, charts, and a list of hashes over all."""

from __future__ import annotations

import json
import secrets
import shutil
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from shlex import quote
from typing import Any

import pandas as pd

from osint import render, warc
from osint.chain_of_custody.digests import sha256_file
from osint.chain_of_custody.entry import parse
from osint.chain_of_custody.export import LINES, ExportedLedger, write_ledger
from osint.chain_of_custody.verification import Verified, verify
from osint.errors import ExportError, Finding, IntegrityError
from osint.report.case_report import case_report
from osint.report.custody_log import custody_csv, custody_html
from osint.report.dossier import Dossier
from osint.store.blobs import FolderBlobs

MANIFEST = "manifest-sha256.txt"
_FORMAT = "LEDGER_FORMAT.md"

_README = """\
Hand-over of case {name}
========================

evidence/             the evidentiary copies, one exchange with one server each, as it went over the wire (WARC 1.1);
                      a file is named by the SHA-256 of its bytes
ledger.jsonl          the custody ledger, one signed entry a line
checkpoint-0001.txt … the signed heads of the ledger, the newest last
disclosures.jsonl     the names, addresses and queries that belong to the entries, each bound to its entry by a hash
custody_log.html      the ledger in words; custody_log.csv for a spreadsheet
report.html           the case report
tables/               posts, media and warnings, derived from the evidence; charts/ likewise
LEDGER_FORMAT.md      every field of the ledger, and how it is checked with openssl, sha256sum and jq alone
{manifest}   the SHA-256 of every file here

To check that nothing changed since this package was made, in this folder:

    sha256sum -c {manifest}

To check ledger, signatures, checkpoints and evidence as well, with the program that made it, FOLDER being this folder:

    osint verify FOLDER
    osint verify FOLDER --kept-head head.txt

and without that program, by the recipe in LEDGER_FORMAT.md, which needs openssl, sha256sum and jq.

What a check of the package alone does not show is whether the package itself was made from an unchanged case. Compare
the checkpoints with the one that was kept elsewhere (on paper, with a court, in a mail): the second command does that.

Cells of the CSV files are exactly what was captured. Some begin with = + - or @: import them into a spreadsheet as
text, or it will take them for formulas.
"""


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """A package that was written."""

    folder: Path
    files: int
    size: int
    manifest_sha256: str

    def __str__(self) -> str:
        return (
            f"Package in {self.folder}: {self.files} files, {self.size / 1e6:.1f} MB\n"
            f"SHA-256 of {MANIFEST}: {self.manifest_sha256}\n"
            f"Check it anywhere: cd {quote(str(self.folder))} && sha256sum -c {MANIFEST}"
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


def write_package(dossier: Dossier, folder: Path) -> HandOver:
    """Write the package into a new folder; it appears whole and verified, or not at all.

    Raises:
        ExportError: The folder is there already, or cannot be written.
        IntegrityError: What was written does not verify; it was removed again.
    """
    check_free(folder)
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.part")
    made = False
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir()
        made = True
        _fill(dossier, part)
        _write_manifest(part)
        verify_package(part)
        check_free(folder)
        part.rename(folder)
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
        manifest_sha256=sha256_file(folder / MANIFEST)[0],
    )


def is_package(folder: Path) -> bool:
    """Return whether a folder looks like a package rather than a case."""
    return (folder / LINES).is_file() and (folder / MANIFEST).is_file()


def verify_package(folder: Path, kept_head: str | None = None) -> Verified:
    """Check a package as it was received: its list of hashes, and ledger and evidence as in a case. Nothing is written.

    Args:
        folder: The package.
        kept_head: A checkpoint that was kept elsewhere.

    Raises:
        IntegrityError: Carries every finding, those about the list of hashes (step 11) last.
    """
    findings = _manifest_findings(folder)
    summary = "The ledger and the evidence verify. What is wrong concerns the files named below."
    try:
        evidence = FolderBlobs(folder / "evidence")
        verified = verify(ExportedLedger(folder), evidence, check_exhibit=warc.check, kept_head=kept_head)
    except IntegrityError as error:
        summary = str(error).partition("\n")[0]
        findings = [*error.findings, *findings]
    if findings:
        raise IntegrityError(summary, findings)
    return verified


def _manifest_findings(folder: Path) -> list[Finding]:
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()} - {MANIFEST}
    lines = (folder / MANIFEST).read_text(encoding="utf-8", errors="replace").split("\n")
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines if line)}
    faults = {
        "is listed and not there": listed.keys() - present,
        "is there and not listed": present - listed.keys(),
        "is not the file that was listed": {
            name for name in listed.keys() & present if sha256_file(folder / name)[0] != listed[name]
        },
    }
    return [
        Finding(step=11, what=f"{name} {what}. Do not rely on it; compare with another copy of the package.")
        for what, names in faults.items()
        for name in sorted(names)
    ]


def _fill(dossier: Dossier, folder: Path) -> None:
    # The ledger first, then the evidence that this copy of it names: another process may go on collecting meanwhile.
    write_ledger(dossier.ledger, folder)
    _copy_evidence(dossier.blobs, folder)
    (folder / "custody_log.csv").write_bytes(custody_csv(dossier.ledger))
    title = f"Custody log: {dossier.name}"
    (folder / "custody_log.html").write_bytes(custody_html(dossier.ledger, title, str(dossier.verified)))
    (folder / "report.html").write_bytes(case_report(dossier))
    (folder / "tables").mkdir()
    for name in ("posts", "media", "warnings"):
        (folder / "tables" / f"{name}.csv").write_bytes(table_csv(dossier.tables[name]))
    charts = dossier.folder / "charts"
    if charts.is_dir():
        shutil.copytree(charts, folder / "charts")
    (folder / _FORMAT).write_bytes(files("osint.chain_of_custody").joinpath("README.md").read_bytes())
    (folder / "README.txt").write_bytes(_README.format(name=dossier.name, manifest=MANIFEST).encode())


def _copy_evidence(blobs: FolderBlobs, folder: Path) -> None:
    lines = (record.line.rstrip(b"\n") for record in ExportedLedger(folder).records())
    entries = (parse(line, place) for place, line in enumerate(lines))
    for digest in sorted({item["sha256"] for entry in entries for item in entry.result if "exhibit" in item}):
        source = blobs.path(digest)
        target = folder / "evidence" / source.relative_to(blobs.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def table_csv(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV: UTF-8, every cell quoted, lists and records as JSON, instants as RFC 3339."""
    nested = [name for name, dtype in frame.dtypes.items() if str(dtype) == "object"]
    flat = frame.assign(**{str(name): frame[name].map(_cell) for name in nested})
    text = flat.to_csv(index=False, quoting=1, lineterminator="\r\n", date_format="%Y-%m-%dT%H:%M:%S.%fZ")
    return text.encode("utf-8", "surrogatepass")


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, list | dict) else value


def _write_manifest(folder: Path) -> None:
    """List the SHA-256 of every file in the form that ``sha256sum -c`` reads."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{sha256_file(path)[0]}  {path.relative_to(folder).as_posix()}\n" for path in paths]
    (folder / MANIFEST).write_bytes("".join(lines).encode())
