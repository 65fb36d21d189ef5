"""Commands for supervisors: reports over the ledgers of a unit, reviews, and the sealed queue."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from osint.cli.command import Commands
from osint.cli.options import FILE, with_params
from osint.cli.printing import print_result
from osint.cli.unit import (
    chosen_officer,
    drawn,
    officer_signer,
    officers_file,
    pack,
    print_report,
    read,
    read_duty_file,
    read_review_folder,
    trusted_officers,
)
from osint.errors import CaseError

commands = Commands()

_CASES = click.argument(
    "cases", nargs=-1, required=True, metavar="CASE...", type=click.Path(path_type=Path, exists=True, file_okay=False)
)
_SINCE = click.option("--since", required=True, help="First day of the period, in UTC.")
_UNTIL = click.option("--until", required=True, help="Last day of the period, in UTC.")
_CSV = click.option("--csv", "table", type=FILE, help="Write the whole table to this file instead of printing it.")
_REVIEWS = click.option(
    "--reviews", type=click.Path(path_type=Path, file_okay=False), help="Folder of the signed reviews."
)
_REVIEWERS = click.option(
    "--reviewers",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Verifier keys of the reviewers, one to a line.",
)
_QUEUE = click.argument("queue", type=click.Path(path_type=Path, file_okay=False))
_KEYS = click.option(
    "--keys",
    envvar="OSINT_KEYS",
    show_envvar=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The key folder; by default this user's own.",
)
_NAME = click.option("--name", required=True, help="Name of the key, without spaces: review.westmere.example.")
_NUMBER = click.argument("number", type=int)


@commands.group()
def oversight() -> None:
    """Supervise a unit: reports, samples, reviews, misuse."""


@oversight.command("operators")
@with_params(
    _CASES,
    _SINCE,
    _UNTIL,
    click.option(
        "--duty",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Duty roster: a CSV file with name, start, end; times with their zone.",
    ),
    click.option("--all", "every", is_flag=True, help="Also what does not stand out."),
    _CSV,
)
def operators(
    cases: tuple[Path, ...], since: str, until: str, *, duty: Path | None, every: bool, table: Path | None
) -> None:
    """Show where one operator differs from the rest of the unit.

    Facts and rates with the entries; no score, and no finding about a person.
    """
    from osint.oversight.operators import operator_report

    unit, period = read(cases, since, until)
    roster = read_duty_file(duty) if duty else None
    print_report(operator_report(unit, period, pack(), duty=roster, every=every), table)


@oversight.command("approvers")
@with_params(_CASES, _SINCE, _UNTIL, _CSV)
def approvers(cases: tuple[Path, ...], since: str, until: str, table: Path | None) -> None:
    """Show how soon, and how many at once, approvers approve."""
    from osint.oversight.approvals import approver_report

    unit, period = read(cases, since, until)
    print_report(approver_report(unit, period, pack()), table)


@oversight.command("sample")
@with_params(_CASES, _SINCE, _UNTIL, _CSV)
def sample(cases: tuple[Path, ...], since: str, until: str, table: Path | None) -> None:
    """Draw what is to be reviewed of a period that is over.

    Everything of level 2, and of level 1 what the heads of the ledgers draw; cut a checkpoint in each case first.
    """
    unit, period = read(cases, since, until)
    print_report(drawn(unit, period).report(), table)


@oversight.command("review")
@with_params(
    click.argument("case", metavar="CASE", type=click.Path(path_type=Path, exists=True, file_okay=False)),
    click.argument("entry", type=int),
    click.option(
        "--reviews",
        required=True,
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the signed reviews.",
    ),
    click.option("--outcome", required=True, help="no-remark, question or reported."),
    click.option("--remark", default="", help="What there is to say, in one line; not a person's name."),
    _NAME,
    _KEYS,
)
def review(case: Path, entry: int, *, reviews: Path, outcome: str, remark: str, name: str, keys: Path | None) -> None:
    """Sign what you found in ENTRY of CASE; not of your own steps."""
    from osint.chain_of_custody.keys import VerifierKey, key_folder, load_or_create
    from osint.instants import now
    from osint.oversight.reviews import write_review
    from osint.oversight.unit import read_unit

    unit = read_unit([case])
    act = next((each for acts in unit.acts.values() for each in acts if each.entry.seq == entry), None)
    if act is None:
        raise CaseError(f"{case} holds no entry {entry}.")
    signer = load_or_create(keys or key_folder(), "actor")
    path = write_review(reviews, unit, act, signer, name=name, outcome=outcome, remark=remark, at=now())
    key = str(VerifierKey(name, signer.public))
    print_result(f"Signed: {path}\nThe reviewer's key: {key}", {"file": path, "key": key})


@oversight.command("reviews")
@with_params(_CASES, _SINCE, _UNTIL, _REVIEWS, _REVIEWERS, _CSV)
def reviewed(
    cases: tuple[Path, ...], since: str, until: str, *, reviews: Path | None, reviewers: Path | None, table: Path | None
) -> None:
    """Show which drawn steps were reviewed, and what is overdue."""
    from osint.instants import now
    from osint.oversight.reviews import review_report

    unit, period = read(cases, since, until)
    found = read_review_folder(reviews, reviewers)
    print_report(review_report(unit, drawn(unit, period), found, pack(), now()), table)


@oversight.command("transparency")
@with_params(
    _CASES,
    _SINCE,
    _UNTIL,
    _REVIEWS,
    _REVIEWERS,
    click.option(
        "--queue", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder of the sealed queue."
    ),
    _CSV,
)
def transparency(
    cases: tuple[Path, ...],
    since: str,
    until: str,
    *,
    reviews: Path | None,
    reviewers: Path | None,
    queue: Path | None,
    table: Path | None,
) -> None:
    """Count what may be published; small counts are left out."""
    from osint.instants import now
    from osint.oversight.transparency import transparency_report
    from osint.oversight.violations import violations

    unit, period = read(cases, since, until)
    print_report(
        transparency_report(
            unit,
            period,
            pack(),
            sample=drawn(unit, period),
            reviews=read_review_folder(reviews, reviewers),
            violations=violations(queue, trusted_officers()) if queue else (),
            now=now(),
        ),
        table,
    )


@oversight.command("officer-key")
@with_params(_NAME, _KEYS)
def officer_key(name: str, keys: Path | None) -> None:
    """Make or show the key of the officer who reads misuse reports."""
    from osint.chain_of_custody.keys import VerifierKey

    key = str(VerifierKey(name, officer_signer(keys).public))
    print_result(
        f"To be trusted once at each workstation, with: osint oversight trust-officer KEY\n{key}", {"key": key}
    )


@oversight.command("trust-officer")
@with_params(click.argument("key"))
def trust(key: str) -> None:
    """Trust KEY, name+hash+base64, to open misuse reports.

    Learn it from the officer on another way than the queue.
    """
    from osint.oversight.violations import trust_officer

    print_result(f"Trusted: {trust_officer(officers_file(), key)}", {"key": key.strip()})


@oversight.command("report-violation")
@with_params(
    _QUEUE,
    click.option("--text", required=True, help="What happened; '-' reads the keyboard, so that no shell keeps it."),
    click.option("--about", default="", help="Whom it is about."),
    click.option("--case", "concerned", default="", help="The case or the entries it concerns."),
    click.option("--reporter", default="", help="Who reports it; may be left out."),
    click.option("--officer", help="Name of the officer's key, where several are trusted."),
)
def report(queue: Path, text: str, *, about: str, concerned: str, reporter: str, officer: str | None) -> None:
    """Report a violation, sealed to the reviewing officer.

    Choose an officer who is neither the person it is about nor under that person. Keep the receipt.
    """
    from osint.instants import now
    from osint.oversight.violations import report_violation

    told = sys.stdin.read() if text == "-" else text
    said = {"about": about, "case": concerned, "reporter": reporter}
    stated = {name: each for name, each in said.items() if each}
    receipt = report_violation(queue, chosen_officer(officer), told, at=now(), **stated)
    print_result(f"Reported. Receipt: {receipt}", {"receipt": receipt})


@oversight.command("violations")
@with_params(
    _QUEUE,
    click.option("--receipt", "receipts", multiple=True, help="A receipt that has to be in it (repeatable)."),
    _CSV,
)
def listed(queue: Path, receipts: tuple[str, ...], table: Path | None) -> None:
    """Show how long reports in the sealed QUEUE wait; not a word."""
    from osint.instants import now
    from osint.oversight.violations import queue_report, violations

    print_report(queue_report(violations(queue, trusted_officers(), receipts=receipts), pack(), now()), table)


@oversight.command("open-violation")
@with_params(_QUEUE, _NUMBER, _KEYS)
def opened(queue: Path, number: int, keys: Path | None) -> None:
    """Read report NUMBER of the QUEUE with the officer's key."""
    from osint.oversight.violations import open_violation

    said = open_violation(queue, number, officer_signer(keys))
    print_result("\n".join(f"{name}: {text}" for name, text in said.items()), said)


@oversight.command("decide-violation")
@with_params(
    _QUEUE,
    _NUMBER,
    click.option("--decision", required=True, help="opened, upheld or not-upheld."),
    _NAME,
    _KEYS,
)
def decided(queue: Path, number: int, decision: str, name: str, keys: Path | None) -> None:
    """Sign what became of report NUMBER of the sealed QUEUE."""
    from osint.instants import now
    from osint.oversight.violations import decide

    receipt = decide(queue, number, officer_signer(keys), name=name, decision=decision, at=now())
    print_result(f"Recorded: {decision}. Receipt: {receipt}", {"receipt": receipt})
