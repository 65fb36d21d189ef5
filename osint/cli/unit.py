"""What the commands of oversight are given: the ledgers of a unit, reviews, and who reads reports of misuse."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osint.cli.printing import print_result, write
from osint.errors import QueryError

if TYPE_CHECKING:
    from osint.chain_of_custody.keys import FileSigner, VerifierKey
    from osint.oversight.operators import Duty
    from osint.oversight.report import OversightReport
    from osint.oversight.reviews import Review
    from osint.oversight.sample import Sample
    from osint.oversight.unit import Period, Unit

_OFFICER_KEY = "misuse-officer"


def read(cases: tuple[Path, ...], since: str, until: str) -> tuple[Unit, Period]:
    """Return the ledgers of these cases as a unit, and the period that two days bound."""
    from osint.oversight.unit import read_period, read_unit

    period = read_period(since, until)
    return read_unit(cases), period


def drawn(unit: Unit, period: Period) -> Sample:
    """Draw the sample of a period that is over.

    Raises:
        QueryError: It is not over.
    """
    from osint.instants import now
    from osint.oversight.sample import draw

    if now() <= period.until:
        raise QueryError("The period is not over. A sample is drawn afterwards, so that nobody can foresee it.")
    return draw(unit, period, pack())


def print_report(report: OversightReport, table: Path | None) -> None:
    """Print a report, or write its whole table to a file."""
    if table:
        path = write(table, report.csv().encode("utf-8"))
        print_result(f"{len(report.rows)} rows: {path}", {"file": path, "rows": len(report.rows)})
    else:
        print_result(str(report), report.as_dict())


def pack() -> Any:
    """Return the policy pack in force at this workstation."""
    from osint.gate.adoption import pack_in_force, policy_folder

    return pack_in_force(policy_folder())


def read_duty_file(path: Path) -> Duty:
    """Read a duty roster: a CSV file with name, start and end, times with their zone.

    Raises:
        QueryError: It is none.
    """
    from osint.instants import parse_instant
    from osint.oversight.operators import read_duty

    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [
                (row["name"], parse_instant(row["start"]), parse_instant(row["end"])) for row in csv.DictReader(stream)
            ]
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise QueryError(f"{path} is no duty roster: a CSV file with name, start and end, times with zone.") from error
    return read_duty(rows)


def read_review_folder(folder: Path | None, reviewers: Path | None) -> list[Review]:
    """Read the reviews of a folder that count by the keys of the reviewers; none where no folder is named.

    Raises:
        QueryError: The keys are not named.
    """
    from osint.oversight.reviews import read_reviews
    from osint.oversight.violations import officers

    if folder is None:
        return []
    if reviewers is None:
        raise QueryError("Reviews count by the keys of the reviewers; name their file with --reviewers.")
    return read_reviews(folder, officers(reviewers))


def officers_file() -> Path:
    """Return the file with the officers who are trusted here to read reports of misuse."""
    from osint.gate.adoption import policy_folder

    return policy_folder() / "misuse-officers.txt"


def trusted_officers() -> list[VerifierKey]:
    """Return their keys."""
    from osint.oversight.violations import officers

    return officers(officers_file())


def chosen_officer(name: str | None) -> VerifierKey:
    """Return the officer of this name, or the only one who is trusted.

    Raises:
        QueryError: There is no such one, or the name is missing and there are several.
    """
    known = [key for key in trusted_officers() if name in (None, key.name)]
    if len(known) != 1:
        named = ", ".join(key.name for key in trusted_officers()) or "none yet: osint oversight trust-officer KEY"
        raise QueryError(f"Nothing was reported: say to which officer, with --officer. Trusted: {named}.")
    return known[0]


def officer_signer(keys: Path | None) -> FileSigner:
    """Return the officer's key, made where there is none.

    Raises:
        LedgerError: It lies in an agent or a token.
    """
    from osint.chain_of_custody.keys import FileSigner, key_folder, load_or_create
    from osint.errors import LedgerError

    signer = load_or_create(keys or key_folder(), _OFFICER_KEY)
    if not isinstance(signer, FileSigner):
        raise LedgerError("The officer's key opens reports only from its file; take it out of the agent or the token.")
    return signer
