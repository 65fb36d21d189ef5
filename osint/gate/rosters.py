"""The roster in force at this workstation: signed by a key that the agency trusts, as a policy pack is.

``roster/SERIAL.note`` in the policy folder holds each roster that was ever installed; the one of the greatest serial is
in force. Each case records which one, and in which role somebody worked, when it is opened.
"""

from __future__ import annotations

from pathlib import Path

from osint.chain_of_custody.keys import Signer
from osint.errors import CaseError, PolicyError
from osint.gate import files
from osint.gate.adoption import check_day, read_note_file, sign_text, verified_text
from osint.policy.roster import ROLES, Roster, Session, read_roster

DEFAULT_ROLE = "investigator"


def roster_in_force(folder: Path) -> Roster | None:
    """Return the roster in force; None where none was ever installed.

    Args:
        folder: The policy folder.

    Raises:
        PolicyError: It cannot be read, its signature does not hold, or its file is not named by its serial.
    """
    notes = _notes(folder)
    if not notes:
        return None
    serial, path = max(notes.items())
    roster = _verified(folder, read_note_file(path))
    if roster.serial != serial:
        raise PolicyError(f"{path} holds the roster {roster.serial}; a file was renamed. Install the newest one again.")
    return roster


def sign_roster(text: str, name: str, signer: Signer) -> str:
    """Sign a roster; return the note that ``install_roster`` takes.

    Args:
        text: The roster, TOML.
        name: Name of the key, as the trusted list has it, without spaces.
        signer: The key of the Chief or the designee, Ed25519.

    Raises:
        PolicyError: It is no roster, or the key is of a kind that signs no notes.
        LedgerError: The name cannot name a key, or the text holds control characters.
    """
    read_roster(text)
    return sign_text(text, name, signer)


def install_roster(folder: Path, note: str) -> Roster:
    """Put a signed roster into force; those before it are kept.

    Raises:
        PolicyError: No trusted key signed it, it is no roster, its day is still to come, or it is not newer than the
            one in force.
    """
    roster = _verified(folder, note)
    check_day(f"Roster {roster.serial}", roster.effective)
    newest = max(_notes(folder), default=0)
    if roster.serial <= newest:
        raise PolicyError(
            f"Roster {roster.serial} was not installed: {newest} was installed before, and an older one never comes "
            "back. Give it a greater serial and have it signed anew."
        )
    path = folder / "roster" / f"{roster.serial}.note"
    files.write(path, note)
    return roster


def begin_session(folder: Path, person: str, role: str) -> Session:
    """Return who works on a case, and as what, with the roster in force; the key that signs is put in by who has it.

    Args:
        folder: The policy folder.
        person: Name and badge.
        role: One of the roles of a roster.

    Raises:
        CaseError: There is no such role.
        PolicyError: The roster cannot be read, or its signature does not hold.
    """
    if role not in ROLES:
        raise CaseError(f"There is no role {role!r}; there are {', '.join(ROLES)}.")
    return Session(person=person, role=role, key="", roster=roster_in_force(folder))


def _notes(folder: Path) -> dict[int, Path]:
    return {int(path.stem): path for path in files.listed(folder / "roster", ".note") if path.stem.isdecimal()}


def _verified(folder: Path, note: str) -> Roster:
    text, signer = verified_text(folder, note)
    return read_roster(text, signed_by=signer)
