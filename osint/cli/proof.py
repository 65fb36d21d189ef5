"""Commands that prove what a case holds and hand it over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, check_is_case, ledger_to_read, opened_case
from osint.cli.options import CASE, CSV, FILE, NEW, WRITER, fingerprint, many, with_params
from osint.cli.printing import count, plain, print_result, print_table, write
from osint.cli.shell import for_the_shell
from osint.errors import LedgerError

if TYPE_CHECKING:
    from osint.chain_of_custody.anchors import Anchors
    from osint.chain_of_custody.trusted import TrustedHead
    from osint.chain_of_custody.verified import Verified

commands = Commands()
RESTRICTED = click.option(
    "--include-restricted", is_flag=True, help="Hand out imports as they are that may open an account. It is logged."
)
_NAMED = many("--restricted", "named", text="A restricted exhibit, E0003, that is handed out as it is. It is logged.")

_ANCHORS = click.option(
    "--anchors",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="TOML file with the time-stamping authorities and witnesses that you rely on; else that in OSINT_ANCHORS.",
)


@commands.command()
@with_params(CASE, _ANCHORS, CSV)
def log(case: Path, anchors: Path | None, csv: Path | None) -> None:
    """Print the custody log of CASE.

    Below it stands which entries are anchored outside. The case is only read; no key is needed.
    """
    from osint.report.custody_table import custody_table

    with ledger_to_read(case) as ledger:
        table = custody_table(ledger, _read_anchors(anchors))
    shown = ("entry", "time", "action", "outcome", "exhibit", "details", "anchored")
    print_table(table, shown, csv, [for_the_shell(case, line) for line in table.anchored_lines()])


@commands.command()
@with_params(
    CASE,
    click.option("--output", type=FILE, help="Where to; by default report.html, .pdf or .docx in the case."),
    click.option(
        "--format",
        "form",
        type=click.Choice(["html", "pdf", "docx"]),
        help="By default what the ending of --output says, or html. The PDF needs pip install 'osint[typst]'.",
    ),
    click.option(
        "--letterhead",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="DOCX of the agency whose page set-up, header, footer and styles a DOCX takes.",
    ),
    click.option(
        "--pictures",
        type=click.Choice(["blurred", "shown", "none"]),
        default="blurred",
        show_default=True,
        help="Pictures of exhibits; an HTML report reveals a blurred one to whoever asks.",
    ),
    _ANCHORS,
)
def report(case: Path, output: Path | None, form: str | None, anchors: Path | None, **how: Any) -> None:
    """Verify CASE and write its report: HTML, PDF or DOCX.

    All say the same. A PDF of more than 2,000 rows comes in volumes: report.pdf, report-2.pdf and so on.
    """
    with case_to_read(case) as opened:
        opened.anchors = _read_anchors(anchors)
        path = opened.report(output, form=form or "", **how)
    print_result(f"Report: {path}", {"file": path})


@commands.command()
@with_params(CASE, WRITER)
def rebuild(case: Path, investigator: str) -> None:
    """Make every table of CASE again from evidence.

    The network is off meanwhile.
    """
    with opened_case(case, investigator) as opened:
        captures = opened.rebuild()
    print_result(f"Tables made again from {count(captures, 'capture')}.", {"captures": captures})


@commands.command()
@with_params(CASE, click.option("--output", type=FILE, help="Write it to this file, byte for byte."), WRITER)
def checkpoint(case: Path, output: Path | None, investigator: str) -> None:
    """Sign the head of the ledger of CASE, to keep elsewhere.

    On paper, with a court, in a mail: wherever whoever holds the case cannot change it.
    """
    with opened_case(case, investigator) as opened:
        note = opened.checkpoint()
    if output:
        print_result(f"Keep this file away from the case: {write(output, note.encode())}", {"file": output})
    else:
        print_result(note.rstrip("\n"), {"checkpoint": note})


@commands.command()
@with_params(
    CASE,
    click.option(
        "--kept-head",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="File with a checkpoint that was kept elsewhere.",
    ),
    _ANCHORS,
    many("--fingerprint", "fingerprints", text="A key that may have signed; then no other may.", kind=fingerprint),
    click.option(
        "--trusted",
        type=FILE,
        help="File of your own that remembers what was verified; only what came since is read. Written at the end.",
    ),
)
def verify(
    case: Path, kept_head: Path | None, anchors: Path | None, fingerprints: tuple[str, ...], trusted: Path | None
) -> None:
    """Verify CASE, or a package or .wacz that was handed over.

    Ledger, checkpoints, evidence and the digests inside it are checked; of a package its list of hashes as well, of a
    case whether its tables are those that the evidence gives. Nothing is written and no key is needed.
    """
    since = _read_trusted(trusted) if trusted and trusted.exists() else None
    relied_on: dict[str, Any] = {
        "kept_head": _read_head(kept_head) if kept_head else None,
        "anchors": _read_anchors(anchors),
        "fingerprints": set(fingerprints) or None,
        **({"since": since} if since else {}),
    }
    verified, text = _verified(case, relied_on)
    if trusted:
        write(trusted, verified.trusted.to_json().encode())
    said = {"shown": verified.shown(), "noticed": verified.noticed(), "not_covered": verified.not_covered()}
    print_result(text, plain(verified) | said)


def _verified(folder: Path, relied_on: Mapping[str, Any]) -> tuple[Verified, str]:
    """Return what verification showed, and how it is told."""
    from osint.production.receiving import verify_received
    from osint.report.hand_over import is_package
    from osint.report.web_archive import SUFFIX, verify_web_archive

    if folder.suffix == SUFFIX and folder.is_file():
        archive = verify_web_archive(folder, **relied_on)
        return archive.verified, str(archive)
    if is_package(folder):
        verified, equation = verify_received(folder, **relied_on)
        return verified, "\n".join(filter(None, [str(verified), equation]))
    verified = _verified_folder(folder, relied_on)
    return verified, str(verified)


def _verified_folder(folder: Path, relied_on: Mapping[str, Any]) -> Verified:
    from osint import warc
    from osint.chain_of_custody.verification import verify
    from osint.store.blobs import FolderBlobs

    check_is_case(folder)
    if (folder / "working").is_dir():
        with case_to_read(folder) as opened:
            return opened.verify(**relied_on)
    with ledger_to_read(folder) as ledger:
        return verify(ledger, FolderBlobs(folder / "evidence"), check_exhibit=warc.check, complete=True, **relied_on)


def _read_anchors(file: Path | None) -> Anchors | None:
    from osint.chain_of_custody.anchors import Anchors
    from osint.opening import own_anchors

    return Anchors.read(file) if file else own_anchors()


def _read_trusted(file: Path) -> TrustedHead:
    from osint.chain_of_custody.trusted import TrustedHead

    return TrustedHead.from_json(file.read_text(encoding="utf-8"))


def _read_head(file: Path) -> str:
    """Read a checkpoint as mail programs and shells leave it: UTF-8 or UTF-16, any line ends."""
    data = file.read_bytes()
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise LedgerError(f"{file} is no checkpoint: it is not text. Nothing was compared.") from error
    return text.replace("\r\n", "\n")


@commands.command()
@with_params(CASE, NEW, RESTRICTED, _NAMED, WRITER)
def export(case: Path, folder: Path, investigator: str, named: tuple[str, ...], *, include_restricted: bool) -> None:
    """Write the package that a prosecutor receives.

    FOLDER must be new. Imports that may open an account are withheld; a redacted derivative stands for each.
    """
    with opened_case(case, investigator) as opened:
        package = opened.export(folder, include_restricted=include_restricted or named)
    print_result(str(package), package)


@commands.command("web-archive")
@with_params(CASE, click.argument("file", type=FILE), RESTRICTED, _NAMED, WRITER)
def web_archive(case: Path, file: Path, investigator: str, named: tuple[str, ...], *, include_restricted: bool) -> None:
    """Write every capture of CASE into one WACZ file.

    Replay programs open it; FILE is new and ends in .wacz.
    """
    with opened_case(case, investigator) as opened:
        archive = opened.export_web_archive(file, include_restricted=include_restricted or named)
    print_result(str(archive), {"file": archive.path, "digest": archive.checked.digest, "pages": archive.checked.pages})


@commands.command()
@with_params(
    CASE,
    NEW,
    click.option("--hashes-only", is_flag=True, help="Leave the entries out, as one of over 65,535 bytes needs."),
)
def tiles(case: Path, folder: Path, hashes_only: bool) -> None:
    """Write the ledger of CASE as a tiled log, up to its head.

    Files to be served as they are, for those who watch transparency logs: hashes, and the entries without their private
    values (c2sp.org/tlog-tiles). FOLDER must be new. The case is only read; no key is needed.
    """
    from osint.report.tiles import write_tiles

    with ledger_to_read(case) as ledger, ledger.unchanging():
        head = write_tiles(ledger, folder, bundles=not hashes_only)
    facts = {"folder": folder, "origin": head.origin, "size": head.size, "root": head.root}
    print_result(f"Tiled log {head.origin}, size {head.size}: {folder}", facts)
