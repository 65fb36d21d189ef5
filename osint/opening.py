"""Opening a case: the new one, the one that is there, the one that a backup holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from osint import case_mark, warc
from osint.capture.network import Network
from osint.case import Case
from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.heads import HeadStore
from osint.chain_of_custody.key_rotation import key_before
from osint.chain_of_custody.keys import Signer, key_folder, load_or_create
from osint.chain_of_custody.ledger import Ledger
from osint.errors import CaseError
from osint.gate.adoption import policy_folder
from osint.gate.rosters import DEFAULT_ROLE, begin_session
from osint.instants import now
from osint.settings import setting
from osint.store.local_disk import check_local

Stored = TypeVar("Stored", bound=Case)


def open_case(
    folder: str | Path,
    *,
    investigator: str,
    role: str = DEFAULT_ROLE,
    network: Network | None = None,
    keys: Path | None = None,
    anchors: Anchors | None = None,
    custodian: Signer | None = None,
    clock: Callable[[], datetime] = now,
    template: str = "",
) -> Case:
    """Create a case in a folder, or reopen the case that is there.

    Args:
        folder: Where the case lives: a new or empty folder, or one made by this function; on a local disk.
        investigator: Name and badge of the person at this workstation. It goes into the ledger, erasably.
        role: As what they work here: ``investigator``, ``analyst``, ``supervisor`` … Where the agency has a roster, it
            says whether they may; the case can be read in any case.
        network: The way to the network. By default that in the file that ``OSINT_NETWORK`` names; without it, the plain
            public internet.
        keys: Where this user's signing keys are; by default the user's own data folder, never the case folder.
        anchors: The time-stamping authorities and witnesses that are to vouch for this case, and that verification goes
            by. By default those in the file that ``OSINT_ANCHORS`` names; without it, none.
        custodian: Vouches for this user's new keys as successors of keys that were lost; appointed before.
        clock: Tells the present instant; tests fix it.
        template: What kind of case it is, ``missing_person``: its checklist is then ``case.checklist()``. It is no
            authority.

    Returns:
        The case. On reopening, evidence that no ledger entry names (a capture cut off by a crash) is quarantined and
        logged.

    Raises:
        CaseError: There is no such role or template, or the folder lies on a network share, holds something else, a
            case of a newer release, a case without its ledger or with the ledger of another one, or cannot be written.
        LedgerError: The ledger is damaged or cannot be written.
        PurposeLimitError: The folder is the store of a background check.
    """
    from osint.phases.templates import template_named

    if template:
        template_named(template)  # a slip of the pen makes no case
    case = open_store(
        Case,
        case_mark.INVESTIGATION,
        folder,
        investigator=investigator,
        role=role,
        network=network,
        keys=keys,
        anchors=anchors,
        custodian=custodian,
        clock=clock,
    )
    if template:
        case.use_template(template)
    return case


def open_store(
    kind: type[Stored],
    store: str,
    folder: str | Path,
    *,
    investigator: str,
    role: str = "",
    network: Network | None = None,
    keys: Path | None = None,
    anchors: Anchors | None = None,
    custodian: Signer | None = None,
    clock: Callable[[], datetime] = now,
) -> Stored:
    """Create or reopen what is kept as a case is, for one purpose: an investigation, or a background check.

    ``kind`` is what to make of it, and ``store`` the purpose, of :mod:`osint.case_mark`; all else is as for
    :func:`open_case`.

    Raises:
        PurposeLimitError: The folder is a store for the other purpose.
        CaseError, LedgerError: As for :func:`open_case`.
    """
    folder = Path(folder)
    if not investigator.strip():
        raise CaseError("A case needs to know who works on it: investigator='J. Smit, badge 4471'.")
    check_local(folder)
    keys = keys or key_folder()
    session = begin_session(policy_folder(), investigator, role) if role else None
    mark = case_mark.prepare(folder, store)
    path = folder / "ledger.sqlite"
    is_new = case_mark.lacks_ledger(folder, path, mark)
    actor, log = load_or_create(keys, "actor"), load_or_create(keys, f"log-{mark['id']}")
    named = {"investigator": investigator}
    heads = HeadStore(keys / "heads")
    if is_new:
        ledger = Ledger.create(path, actor=actor, log=log, performer=named, clock=clock, heads=heads)
    else:
        before = key_before(keys, path)
        ledger = Ledger.open(
            path, actor=before or actor, log=log, performer=named, clock=clock, heads=heads, custodian=custodian
        )
        if before is not None:
            ledger.rotate(actor, "actor", private=named)
    case_mark.name_ledger(folder, mark, ledger.origin)
    way, anchors = network or own_network(), anchors or own_anchors()
    session = session and replace(session, key=actor.keyid)
    return kind(folder, investigator, ledger, way, clock, anchors=anchors, session=session)


def restore_case(
    backup: str | Path,
    folder: str | Path,
    *,
    investigator: str,
    reason: str,
    network: Network | None = None,
    keys: Path | None = None,
    anchors: Anchors | None = None,
    custodian: Signer | None = None,
    clock: Callable[[], datetime] = now,
) -> Case:
    """Make a case of a backup, and declare so in its ledger, which goes on under a new name.

    What was written after the backup is lost, and the entry says so; without it an older copy of a case is a rollback,
    which ``open_case`` refuses where the newer head is known, and which every kept head shows.

    Args:
        backup: A folder that ``case.backup`` wrote; it stays as it is.
        folder: A new folder for the case.
        investigator: Name and badge of the person at this workstation.
        reason: Why it is restored, in words.
        network: As for :func:`open_case`.
        keys: As for :func:`open_case`.
        anchors: As for :func:`open_case`.
        custodian: As for :func:`open_case`.
        clock: As for :func:`open_case`.

    Raises:
        CaseError: There is no reason, the backup is none, or the folder is there already or cannot be written.
        IntegrityError: The backup does not verify.
    """
    from osint.chain_of_custody.backup import check_backup, put_back

    if not reason.strip():
        raise CaseError("A restore is declared with its reason: reason='the disk failed on 3 May'.")
    folder, keys = Path(folder), keys or key_folder()
    check_local(folder)
    check_backup(Path(backup), warc.check)
    put_back(Path(backup), folder)
    mark = case_mark.read_mark(folder)
    actor, log = load_or_create(keys, "actor"), load_or_create(keys, f"log-{mark['id']}")
    named = {"investigator": investigator}
    with Ledger.open(
        folder / "ledger.sqlite", actor=actor, log=log, performer=named, clock=clock, custodian=custodian
    ) as ledger:
        ledger.restore(reason=reason, lost=HeadStore(keys / "heads").newest(ledger.origin), private=named)
        case_mark.name_ledger(folder, mark, ledger.origin)
    case = open_case(folder, investigator=investigator, network=network, keys=keys, anchors=anchors, clock=clock)
    case.rebuild()
    case.checkpoint()
    return case


def own_network() -> Network:
    """Return the way to the network that this workstation goes, else the plain public internet."""
    named = setting("OSINT_NETWORK")
    return Network.read(Path(named)) if named else Network()


def own_anchors() -> Anchors | None:
    """Return the authorities and witnesses that this workstation goes by, if any."""
    named = setting("OSINT_ANCHORS")
    return Anchors.read(Path(named)) if named else None
