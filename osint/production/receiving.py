"""A production as it was received: verified as any package is, and whether it accounts for every item and entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from osint.chain_of_custody.verified import Verified
from osint.errors import Finding, IntegrityError, LedgerError
from osint.parts import FOLDER as PARTS
from osint.production import completeness
from osint.report import bag
from osint.report.hand_over import verify_package

_FINDINGS = "The lists of hashes, the ledger and the evidence verify. What is wrong concerns the production."


def verify_received(folder: Path, **relied_on: Any) -> tuple[Verified, str]:
    """Check a package, and a production for its completeness besides; nothing is written.

    Args:
        folder: The package.
        relied_on: As for :func:`osint.report.hand_over.verify_package`.

    Returns:
        What was verified, and for a production the equation of its items in words, or nothing.

    Raises:
        IntegrityError: Carries every finding, those about the completeness of a production (step 15) last.
        LedgerError: The ledger, or the head kept elsewhere, cannot be read at all.
    """
    bag.survey(folder)  # nothing is read where something leads out of the package
    found, summary = list[Finding](), _FINDINGS
    try:
        verified = verify_package(folder, **relied_on)
    except IntegrityError as error:
        found, summary = list(error.findings), str(error).partition("\n")[0]
    if found := [*found, *check_production(folder)]:
        raise IntegrityError(summary, found)
    return verified, completeness.equation_of(folder)


def check_production(folder: Path) -> list[Finding]:
    """Return what is wrong with a production beside what its lists, ledger and evidence say of themselves.

    The parts that other officers collected lie in it as packages of their own; they are verified, too.
    """
    found = list[Finding]()
    for part in sorted((folder / bag.PAYLOAD / PARTS).glob("*")):
        try:
            verify_package(part)
        except IntegrityError as error:
            found += [Finding(step=each.step, what=f"part {part.name}: {each.what}") for each in error.findings]
        except LedgerError as error:
            found.append(Finding(step=completeness.STEP, what=f"part {part.name}: {error}"))
    return [*found, *completeness.findings(folder)]
