"""Opening the case, or the ledger of the case, that a command names. One that is not there is never made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from osint.cli.shell import program
from osint.errors import CaseError
from osint.settings import setting

if TYPE_CHECKING:
    from osint.case import Case
    from osint.chain_of_custody.ledger import Ledger

_MOST_NEAR = 5


def ledger_path(folder: Path) -> Path:
    return folder / "ledger.sqlite"


def check_is_case(folder: Path) -> None:
    if not ledger_path(folder).is_file():
        near = ", ".join(map(str, _cases_near(folder)))
        hint = f"Cases near it: {near}" if near else f"Make one with: {program()} case new {folder}"
        raise CaseError(f"{folder} holds no case; nothing was written. {hint}")


def _cases_near(folder: Path) -> list[Path]:
    """Return some cases in a folder or, where it holds none, beside it."""
    inside = sorted(path.parent for path in folder.glob("*/ledger.sqlite"))
    return (inside or sorted(path.parent for path in folder.parent.glob("*/ledger.sqlite")))[:_MOST_NEAR]


@contextmanager
def opened_case(folder: Path, investigator: str, network: Path | None = None) -> Iterator[Case]:
    """Open a case that is there; one that is not is never made by a slip of the pen."""
    from osint.capture.network import Network
    from osint.gate.rosters import DEFAULT_ROLE
    from osint.opening import open_case

    check_is_case(folder)
    way = Network.read(network) if network else None
    role = setting("OSINT_ROLE") or DEFAULT_ROLE
    with open_case(folder, investigator=investigator, role=role, network=way) as opened:
        yield opened


@contextmanager
def case_to_read(folder: Path) -> Iterator[Case]:
    """Open a case to look at, which needs no key and writes no entry."""
    from osint.reading import CaseToRead

    check_is_case(folder)
    with CaseToRead(folder) as opened:
        yield opened


@contextmanager
def ledger_to_read(folder: Path) -> Iterator[Ledger]:
    from osint.chain_of_custody.ledger import Ledger

    check_is_case(folder)
    with Ledger.read(ledger_path(folder)) as ledger:
        yield ledger
