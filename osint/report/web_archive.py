"""The web archive of a case: every capture in one WACZ file that replay programs open, with the ledger beside it.

``archive/`` holds one WARC file for each exhibit, byte for byte the evidence that the ledger names; ``custody/`` holds
the ledger as a package does. Both are judged together here: the archive by its own bytes (:mod:`osint.wacz.check`), the
ledger and the evidence by the steps of every verification. Equal cases give equal bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from osint import render, warc
from osint.capture.read_back import read_capture, read_head
from osint.chain_of_custody.entry import Exhibit, taken_in
from osint.chain_of_custody.export import ExportedLedger, write_ledger
from osint.chain_of_custody.verification import verify
from osint.chain_of_custody.verified import Verified
from osint.chain_of_custody.withheld import FOLDER as REDACTED
from osint.chain_of_custody.withheld import FolderDerivatives
from osint.collectors.text import parse_html, text_of
from osint.errors import ExportError
from osint.instants import parse_instant
from osint.report.dossier import Dossier
from osint.report.leaks import Guard
from osint.report.packed import Packed
from osint.report.redacted import Derivative, check_all_named
from osint.store.blobs import Blobs, FolderBlobs
from osint.wacz.check import Checked, check_wacz
from osint.wacz.package import Page, Source, write_wacz
from osint.wacz.reading import open_wacz
from osint.wacz.signing import Signer

if TYPE_CHECKING:
    from osint.chain_of_custody.anchors import Anchors

SUFFIX = ".wacz"
_CUSTODY = "custody/"
_REDACTED = f"{REDACTED}/"
_README = """This web archive was made from a case of osint. Replay programs (ReplayWeb.page, pywb) show its pages.

archive/   one WARC file for each exhibit; its SHA-256 is the one that the ledger names
redacted/  where there is one: what stands for exhibits that may open an account and were withheld. E0004.json names the
           file that was sealed, the bytes that were replaced and the hashes
custody/   the ledger of the case, its checkpoints, time stamps and cosignatures, and the private values it discloses

Without osint: unpack it with any program that reads ZIP. "sha256sum archive/*" gives the hashes to look for in
custody/ledger.jsonl, where the payload of each line is base64 of JSON. The package that the agency hands over beside
this file holds the same ledger, and verify_case.py, which checks it with Python and openssl alone.
With osint: osint verify NAME.wacz
"""


@dataclass(frozen=True, kw_only=True)
class WebArchive:
    """A web archive that was written, or that was verified.

    Attributes:
        path: The file.
        checked: What its own bytes show.
        verified: What ledger and evidence in it show.
    """

    path: Path
    checked: Checked
    verified: Verified

    def __str__(self) -> str:
        return (
            f"Web archive {self.path}: {len(self.checked.warcs)} WARC files, {self.checked.records} records, "
            f"{self.checked.pages} pages\nIts manifest: {self.checked.digest}\n{self.verified}"
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.lines_bundle(str(self))

    __repr__ = __str__


def check_name(path: Path) -> Path:
    """Return a path that a web archive can have, before anything is logged or written.

    Raises:
        ExportError: It has another ending, or is there already.
    """
    if path.suffix != SUFFIX:
        raise ExportError(f"{path} does not end in {SUFFIX}, by which replay programs know a web archive.")
    if path.exists() or path.is_symlink():
        raise ExportError(f"{path} is there already. Nothing was written: a web archive goes into a file of its own.")
    return path


def write_web_archive(
    dossier: Dossier,
    path: Path,
    signer: Signer | None = None,
    derivatives: Sequence[Derivative] = (),
    guard: Guard | None = None,
    *,
    judge: Callable[[Path], None] | None = None,
) -> WebArchive:
    """Write the web archive of a case; the file appears whole and verified, or not at all.

    Args:
        dossier: The case.
        path: A file that is not there yet.
        signer: Signs its manifest, for programs that look for that; the ledger does not need it.
        derivatives: What stands for restricted exhibits, which are withheld.
        guard: Looks for the secrets that this process knows; without one, only for credential lines in requests.
        judge: Looks at it last, when it is whole, before it gets its name.

    Raises:
        ExportError: The file is there already or cannot be written, or a capture cannot be read.
        SecretFoundError: It holds a key, a password or a cookie; it was removed again.
        IntegrityError: What was written does not verify; it was removed again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".osint-", dir=path.parent) as made:
        custody = Path(made)
        write_ledger(dossier.ledger, custody)
        packed = Packed(custody)
        check_all_named(packed)
        taken = (taken_in(entry.payload, entry.seq) for entry in packed.entries())
        withheld = {each.exhibit for each in derivatives}
        there = (each for each in taken if each and dossier.blobs.holds(each.sha256))
        exhibits = [each for each in there if each.number not in withheld]
        verified: list[Verified] = []

        def look(part: Path) -> None:
            (guard or Guard()).check_archive(part)
            verified.append(
                verify_web_archive(part).verified
                if derivatives
                else verify(ExportedLedger(custody), dossier.blobs, check_exhibit=warc.check)
            )
            if judge:
                judge(part)

        checked = write_wacz(
            path,
            {f"{each.number}.warc.gz": partial(dossier.blobs.open, each.sha256) for each in exhibits},
            [page for each in exhibits for page in pages_of(dossier.blobs, each)],
            {**_custody(custody), **_redacted(derivatives)},
            created=parse_instant(packed.last.payload["end_time"]),
            software=f"{packed.last.payload['instrument']['name']} {packed.last.payload['instrument']['version']}",
            title=f"Captures of case {dossier.name}",
            signer=signer,
            judge=look,
        )
    return WebArchive(path=path, checked=checked, verified=verified[0])


def verify_web_archive(
    path: Path,
    kept_head: str | None = None,
    *,
    anchors: Anchors | None = None,
    fingerprints: Collection[str] | None = None,
) -> WebArchive:
    """Check a web archive as it was received: its own bytes, the ledger in it, and the evidence that the ledger names.

    Args:
        path: The file.
        kept_head: A checkpoint that was kept elsewhere.
        anchors: The time-stamping authorities and witnesses that the verifier relies on; never those of a package.
        fingerprints: The keys that may sign, as known from elsewhere: hex SHA-256 of each public key.

    Raises:
        IntegrityError: Carries every finding of the step that failed: first those of the file, then of the ledger.
        LedgerError: The ledger, or the head kept elsewhere, cannot be read at all.
    """
    checked = check_wacz(path)
    with TemporaryDirectory(prefix="osint-") as unpacked:
        folder = Path(unpacked)
        evidence = FolderBlobs(folder / "evidence")
        with open_wacz(path) as archive:
            for name in archive.warcs:
                with archive.open(name) as source, evidence.temporary() as temporary:
                    with temporary.open("wb") as target:
                        shutil.copyfileobj(source, target)
                    evidence.put(temporary)
            (folder / REDACTED).mkdir()
            for name in archive.names:
                if name.startswith((_CUSTODY, _REDACTED)):
                    place = folder / REDACTED if name.startswith(_REDACTED) else folder
                    with archive.open(name) as source, (place / Path(name).name).open("wb") as target:
                        shutil.copyfileobj(source, target)
        ledger = ExportedLedger(folder)
        verified = verify(
            ledger,
            evidence,
            check_exhibit=warc.check,
            kept_head=kept_head,
            anchors=anchors,
            fingerprints=fingerprints,
            derivatives=FolderDerivatives(folder / REDACTED),
        )
    return WebArchive(path=path, checked=checked, verified=verified)


def _custody(folder: Path) -> Mapping[str, Source]:
    files = {f"{_CUSTODY}{path.name}": path for path in sorted(folder.iterdir())}
    return {**files, f"{_CUSTODY}README.txt": _README.encode()}


def _redacted(derivatives: Sequence[Derivative]) -> Mapping[str, Source]:
    return {name: content for each in derivatives for name, content in each.files.items()}


def pages_of(blobs: Blobs, exhibit: Exhibit) -> Iterator[Page]:
    """Yield the page that an exhibit holds, if it is one: an answer with HTML, whatever its status, and no redirect."""
    with blobs.open(exhibit.sha256) as blob:
        capture = read_head(blob, exhibit.number)
        if capture.made != "wire" or "html" not in capture.media_type or capture.is_redirect:
            return
        blob.seek(0)
        capture = read_capture(blob, exhibit.number)
        blob.seek(0)
        answer = next((record.headers for record in warc.read(blob) if record.type == "response"), {})
    tree = parse_html(capture.text)
    if answer and tree is not None:
        yield Page(
            id=exhibit.number,
            url=answer["warc-target-uri"],
            instant=parse_instant(answer["warc-date"]),
            title=" ".join((tree.findtext(".//title") or capture.url).split()),
            text=text_of(tree),
        )
