"""Commands about records: how long they are kept, to whom they were disclosed, and what is stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from osint.cli.command import Commands
from osint.cli.erasing import ORDER
from osint.cli.opening import case_to_read, opened_case
from osint.cli.options import CASE, CSV, WRITER, many, order_of, with_params
from osint.cli.printing import print_result, print_table, write

commands = Commands()

_EXHIBITS = many("--exhibit", "exhibits", text="An exhibit, E0003.")
_TO = click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="A new folder.")


def _box(text: str) -> tuple[int, int, int, int]:
    """Read a rectangle: left, top, width, height."""
    try:
        left, top, width, height = map(int, text.split(","))
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no rectangle: LEFT,TOP,WIDTH,HEIGHT, as 10,20,200,40") from error
    return left, top, width, height


@commands.command()
@with_params(CASE, CSV)
def retention(case: Path, csv: Path | None) -> None:
    """Print how long each exhibit of CASE is kept, and what is due."""
    with case_to_read(case) as opened:
        print_table(opened.retention(), ("exhibit", "retention", "until", "state", "holds", "standing"), csv)


@commands.command()
@with_params(
    CASE,
    click.argument("retention"),
    _EXHIBITS,
    click.option("--since", default="", help="Day or instant of the event that starts the clock."),
    click.option("--reason", default="", help="Why."),
    click.option("--predicate", default="", help="For R5: the facts that give reasonable suspicion."),
    click.option("--reviewer", default="", help="For R5: who reviewed that."),
    WRITER,
)
def classify(case: Path, retention: str, investigator: str, **said: Any) -> None:
    """Record the RETENTION class, R1, of exhibits or of all CASE."""
    with opened_case(case, investigator) as opened:
        opened.classify(retention, **said)
    named = ", ".join(said["exhibits"]) or "the whole case"
    print_result(f"Class {retention} recorded for {named}.", {"retention": retention, "exhibits": said["exhibits"]})


@commands.command()
@with_params(CASE, _EXHIBITS, ORDER)
def validate(case: Path, exhibits: tuple[str, ...], investigator: str, **order: Any) -> None:
    """Validate shared intelligence of CASE for five years; two sign."""
    with opened_case(case, investigator) as opened:
        opened.validate(exhibits, order_of(investigator, order))
    print_result(f"Validated: {', '.join(exhibits)}", {"exhibits": exhibits})


@commands.command("purge-certificate")
@with_params(
    CASE, click.argument("entry", type=int), click.option("--out", type=click.Path(path_type=Path), help="A file.")
)
def purge_certificate(case: Path, entry: int, out: Path | None) -> None:
    """Print the certificate of the erasure that ENTRY ordered."""
    with case_to_read(case) as opened:
        made = opened.purge_certificate(entry)
    if out:
        write(out, f"{made}\n".encode())
    print_result(str(made) if out is None else f"Certificate: {out}", made)


@commands.command()
@with_params(
    CASE,
    _TO,
    click.option("--recipient", default="", help="Who receives it."),
    click.option("--agency", default="", help="Of which agency."),
    click.option("--reason", default="", help="Why they need to know it."),
    click.option("--right", default="", help="By what right they may know it."),
    click.option("--permission", default="", help="Written permission of the Chief or designee: who, when, number."),
    click.option("--assurance", default="", help="For R5: that the recipient keeps rules like those of 28 CFR 23."),
    click.option("--imminent-danger", default="", help="For R5: what danger to life or property it averts."),
    click.option("--sensitivity", default="", help="How sensitive it is."),
    click.option("--confidence", default="", help="How reliable source and content are."),
    many("--contains", "contents", text="Private facts that are in it: phone, home_address, minor, health, family."),
    click.option("--necessary", default="", help="Why these have to be in it."),
    click.option("--use", default="", help="What it is for."),
    WRITER,
)
def disclose(case: Path, folder: Path, investigator: str, **said: Any) -> None:
    """Write the package for somebody outside the case team of CASE.

    Everything that is missing is named at once, and the refusal is in the ledger.
    """
    from osint.phases.disclosing import Disclosure

    with opened_case(case, investigator) as opened:
        package = opened.disclose(folder, Disclosure(**said))
    print_result(str(package), package)


@commands.command()
@with_params(CASE, CSV)
def disclosures(case: Path, csv: Path | None) -> None:
    """Print to whom CASE was disclosed, and who has to be told."""
    with case_to_read(case) as opened:
        print_table(opened.disclosures(), ("entry", "when", "recipient", "permission", "to_tell"), csv)


@commands.command()
@with_params(
    CASE, click.argument("entry", type=int), click.option("--how", required=True, help="How, and when."), WRITER
)
def notified(case: Path, entry: int, how: str, investigator: str) -> None:
    """Record that the recipient of disclosure ENTRY was told."""
    with opened_case(case, investigator) as opened:
        opened.notified(entry, how)
    print_result(f"Recorded: the recipient of entry {entry} was told.", {"disclosure": entry})


@commands.command("private-facts")
@with_params(CASE, CSV)
def private_facts(case: Path, csv: Path | None) -> None:
    """Print where posts of CASE may tell private facts."""
    with case_to_read(case) as opened:
        print_table(opened.private_facts(), ("exhibit", "kind", "found", "post"), csv)


@commands.command()
@with_params(
    CASE,
    click.argument("text", nargs=-1),
    click.option("--exhibit", default="", help="An exhibit instead, E0003: all of it, or --box in its picture."),
    many("--box", "boxes", text="A rectangle in the picture: LEFT,TOP,WIDTH,HEIGHT in pixels.", kind=_box),
    click.option("--found", is_flag=True, help="Everything that private-facts lists."),
    click.option("--reason", required=True, help="Why."),
    WRITER,
)
def mask(case: Path, text: tuple[str, ...], reason: str, investigator: str, **what: Any) -> None:
    """Mask TEXT, or an exhibit, in every later disclosure of CASE."""
    exhibit, boxes, found = what["exhibit"], what["boxes"], what["found"]
    if bool(text) + bool(exhibit) + found != 1 or (boxes and not exhibit):
        raise click.UsageError("Give texts, or --exhibit with any --box, or --found: one of them.")
    with opened_case(case, investigator) as opened:
        if exhibit:
            entry = opened.mask_exhibit(exhibit, boxes=boxes, reason=reason)
        else:
            entry = opened.mask(opened.private_facts() if found else text, reason=reason)
    print_result(f"Masked as entry {entry}: every disclosure from now on is made without it.", {"entry": entry})


@commands.command()
@with_params(CASE, click.argument("entry", type=int), click.option("--reason", required=True, help="Why."), WRITER)
def unmask(case: Path, entry: int, reason: str, investigator: str) -> None:
    """Take the mask of ENTRY back; earlier disclosures stay."""
    with opened_case(case, investigator) as opened:
        opened.unmask(entry, reason=reason)
    print_result(f"Entry {entry} masks nothing any more.", {"entry": entry})


@commands.command()
@with_params(CASE, CSV)
def masks(case: Path, csv: Path | None) -> None:
    """Print what is masked in disclosures of CASE, and why."""
    with case_to_read(case) as opened:
        print_table(opened.masks(), ("entry", "by", "reason", "texts", "boxes", "exhibits"), csv)


@commands.command("stop-sensitive")
@with_params(CASE, _EXHIBITS, WRITER)
def stop_sensitive(case: Path, exhibits: tuple[str, ...], investigator: str) -> None:
    """Lock away what may show child sexual abuse; says what to do."""
    with opened_case(case, investigator) as opened:
        done = opened.stop_sensitive(exhibits)
    print_result(str(done), done)


@commands.command("hand-over-stopped")
@with_params(CASE, _EXHIBITS, _TO, ORDER)
def hand_over_stopped(case: Path, exhibits: tuple[str, ...], folder: Path, investigator: str, **order: Any) -> None:
    """Copy what is stopped for the designated unit; two persons sign."""
    with opened_case(case, investigator) as opened:
        opened.hand_over_stopped(exhibits, order_of(investigator, order), folder)
    print_result(f"Copied to {folder}: {', '.join(exhibits)}. It stays locked here.", {"folder": folder})
