"""A case: custody, erasure, keys, and work on more than one machine."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from osint import parts, warc
from osint.case.certifying import CaseCertifying
from osint.chain_of_custody.keys import Signer, read_fingerprint
from osint.chain_of_custody.legal_hold import Hold, holds_in_force, lift_hold, place_hold

if TYPE_CHECKING:
    import pandas as pd

    from osint.chain_of_custody.backup import Backup
    from osint.chain_of_custody.two_persons import Order
    from osint.erasing.certificate import Certificate
    from osint.erasing.places import Traces
    from osint.phases.stopping import Stopped
    from osint.phases.transfers import Transfers


class CaseKeeping(CaseCertifying):
    """Custody, erasure, keys, and work on more than one machine."""

    def custody(self) -> pd.DataFrame:
        """Return one row for each exhibit: who holds it now, since when, and every hand it passed."""
        from osint.report.holders import holders

        return holders(self._ledger, self._clock())

    @property
    def transfers(self) -> Transfers:
        """Passing exhibits on: ``case.transfers.release(...)``, ``receive``, ``refuse``, and between two ledgers."""
        from osint.phases.transfers import Transfers

        return Transfers(self._ledger, self._blobs, self.anchoring, self._clock, self._gate)

    def purge_certificate(self, entry: int) -> Certificate:
        """Return the certificate of an erasure that an entry ordered: what went, on whose order, and who signed.

        Raises:
            LedgerError: That entry orders no erasure.
        """
        from osint.erasing.certificate import certificate

        return certificate(self._ledger, self._gate.pack, entry, self._disclosing.to_tell(entry))

    def stop_sensitive(self, exhibits: str | Collection[str]) -> Stopped:
        """Lock away what may show the sexual abuse of a child: at once, by one person; returns what to do now.

        Nothing shows, exports, backs up or reads it from here on. Do not open it again.

        Args:
            exhibits: Its number, ``E0003``, or several.

        Raises:
            CaseError: There is no such exhibit, or it is gone already.
        """
        from osint.phases.stopping import Stopping

        named = [exhibits] if isinstance(exhibits, str) else exhibits
        return self._concluded(Stopping(self.erasing).stop, named)

    def hand_over_stopped(self, exhibits: Collection[str], order: Order, folder: str | Path) -> None:
        """Copy what is stopped into a new folder for the unit that the profile designates; two persons sign.

        Raises:
            AuthorizationError: They are not two, it is not stopped, or no unit is named. The refusal is in the ledger.
            ExportError: The folder is not new, or cannot be written.
            EvidenceError: What is locked away is missing, or has changed.
        """
        from osint.phases.stopping import Stopping

        self._concluded(Stopping(self.erasing).hand_over, exhibits, order, Path(folder))

    def find(self, text: str) -> Traces:
        """Search every byte of the case folder for a text, in all spellings it may have there; returns the places.

        Packed and encoded content, pages that a database has freed and private values of the ledger are looked into.
        """
        from osint.erasing.traces import find

        return find(self.folder, [text])

    def classify(
        self,
        retention: str,
        *,
        exhibits: Collection[str] = (),
        since: str = "",
        reason: str = "",
        predicate: str = "",
        reviewer: str = "",
    ) -> None:
        """Record the retention class of exhibits, or of the whole case and what comes in later.

        Args:
            retention: The class, ``R1``, as ``case.retention()`` names it.
            exhibits: Their numbers; none for the whole case.
            since: Day or instant of the event that starts the clock: the final disposition, that she was located.
            reason: Why.
            predicate: For what is shared as criminal intelligence, ``R5``: the facts that give reasonable suspicion.
            reviewer: For the same: who reviewed that.

        Raises:
            PolicyError: There is no such class.
            CaseError: There is no such exhibit, or the class counts from no event.
            AuthorizationError: Something is missing, or a rule objects. The refusal is in the ledger.
        """
        step = partial(self._retention.classify, exhibits=exhibits, since=since, reason=reason)
        self._concluded(partial(step, predicate=predicate, reviewer=reviewer), retention)

    def validate(self, exhibits: Collection[str], order: Order) -> None:
        """Record that two persons found criminal intelligence to be still accurate and needed: five years more.

        Raises:
            AuthorizationError: They are not two, it is none, or its time is over. The refusal is in the ledger.
            CaseError: There is no such exhibit.
        """
        self._concluded(self._retention.validate, exhibits, order)

    def retention(self) -> pd.DataFrame:
        """Return how long each exhibit is kept, why, what holds it, and what is due; one row each."""
        return self._retention.table()

    def hold(
        self,
        reason: str,
        *,
        authority: str = "",
        exhibits: Collection[str] = (),
        matching: Mapping[str, str] | None = None,
    ) -> int:
        """Place a legal hold: until it is lifted nothing is erased. Returns the number of its entry.

        Args:
            reason: Why, in words.
            authority: What orders it.
            exhibits: The exhibits it covers; without them and without ``matching``, the whole case.
            matching: What describes more of them, also what comes in later: ``subject``, ``platform`` (the name of the
                collector), ``exhibit`` (a pattern, ``E00*``); all that is given has to fit.

        Raises:
            LedgerError: There is no reason, or no such exhibit.
        """
        entry = place_hold(self._ledger, reason, authority=authority, exhibits=exhibits, matching=matching)
        self.anchoring.anchor()
        return entry.seq

    def holds(self) -> list[Hold]:
        """Return the legal holds in force, oldest first."""
        return holds_in_force(self._ledger.entries())

    def lift_hold(self, hold: int, order: Order) -> None:
        """Lift a legal hold; two persons sign.

        Raises:
            AuthorizationError: They are not two, or something is missing. The refusal is in the ledger.
            LedgerError: There is no such hold in force.
        """
        lift_hold(self._ledger, hold, order)
        self.anchoring.anchor()

    def appoint_custodian(self, custodian: Signer, *, name: str) -> None:
        """Make someone known who can vouch for the successor of a lost key; both sign the entry.

        Args:
            custodian: Their key, present at this machine: ``osint.chain_of_custody.keys.load_or_create``.
            name: Name and function; it is recorded, erasably.

        Raises:
            LedgerError: The key is known already in another role.
        """
        self._ledger.introduce(custodian, "custodian", basis="appointed", private={"investigator": name})
        self.anchoring.anchor()

    def revoke_key(self, keyid: str, role: str, *, reason: str, since: int) -> None:
        """End a key: it signs nothing more here. What it signed from ``since`` on is disputed, and stands.

        Args:
            keyid: Fingerprint of the key, as ``case.verify()`` prints it.
            role: ``actor``, ``custodian`` or ``log``.
            reason: ``lost``, ``stolen``, ``forgotten``, ``departed`` or ``retired``.
            since: Number of the first entry from which it may have been in other hands.

        Raises:
            LedgerError: The ledger does not know the key.
        """
        self._ledger.revoke(read_fingerprint(keyid), role, reason=reason, since=since)
        self.anchoring.anchor()

    def backup(self, folder: str | Path, *, kept_by: str = "") -> Backup:
        """Copy the case, while it is open, into a new folder, and verify the copy; better on another disk.

        ``osint.restore_case`` makes a case of it again. It holds everything, and stays with the agency.

        Args:
            folder: A new folder.
            kept_by: Who keeps it, as ``Westmere Police, evidence room``; recorded as not stated without.

        Raises:
            AuthorizationError: Somebody else than the agency would keep it. The refusal is in the ledger.
            CaseError: The folder is there already, or cannot be written.
            IntegrityError: The copy does not verify.
        """
        from osint.chain_of_custody.backup import write_backup

        said = {"folder": str(folder), **({"kept_by": kept_by} if kept_by else {})}
        message = "No backup was made. The refusal is in the ledger."
        decision = self._concluded(
            partial(self._gate.require, private=said, kept_by=kept_by), "backup", "backup", message
        )
        stated = {"conditions": list(decision.conditions)} if decision.conditions else {}
        self._gate.log("backup", private={**said, **stated})
        self.anchoring.anchor()
        return write_backup(self.folder, Path(folder), warc.check)

    def merge(self, package: str | Path, *, fingerprints: Collection[str] | None = None) -> pd.DataFrame:
        """Take over what another officer exported of the same case, with their ledger whole; returns the parts.

        A newer package of the same officer takes the place of the older one, which it has to continue. In tables the
        exhibits of a part bear the name of its ledger, ``E0003@3f9c12ab``.

        Args:
            package: A folder that ``case.export`` wrote on the other machine.
            fingerprints: The keys that may have signed it, learnt from the other officer on another way.

        Raises:
            IntegrityError: The package does not verify, or does not continue what was merged before.
            CaseError: It is this case's own ledger, lacks restricted exhibits, or cannot be taken over.
        """
        from osint.phases.merging import merge

        trusted = fingerprints and {read_fingerprint(each) for each in fingerprints}
        merge(Path(package), self._tables, trusted=trusted, anchors=self.anchors)
        self.anchoring.anchor()
        return self.parts()

    def parts(self) -> pd.DataFrame:
        """Return the parts that were merged, one row each: label, ledger, officers, entries, exhibits, root."""
        return parts.parts_frame(self.folder)
