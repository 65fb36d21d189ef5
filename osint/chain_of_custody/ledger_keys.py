"""The keys of a ledger: who may sign here, from which entry on, and until which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from osint.chain_of_custody.draft import NOTHING, compose, key_item
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.keys import Signer, check_roles
from osint.chain_of_custody.ledger_file import FORMAT
from osint.chain_of_custody.ledger_rows import check_in_force, format_of, unknown_keys
from osint.chain_of_custody.ledger_writer import LedgerWriter
from osint.chain_of_custody.registry import PEOPLE


class LedgerKeys(LedgerWriter):
    """One ledger whose keys are introduced, replaced and ended by entries."""

    def in_force(self, keyid: str) -> bool:
        """Return whether a key is a person's here, and has not been ended."""
        with self._file.reading() as database:
            if format_of(database) < FORMAT:
                known = "SELECT count(*) FROM keys WHERE keyid = ? AND role = 'actor'"
                return bool(database.execute(known, (keyid,)).get)
            known = "SELECT count(*) FROM keys WHERE keyid = ? AND role IN ('actor', 'custodian') AND ended IS NULL"
            return bool(database.execute(known, (keyid,)).get)

    def introduce(
        self,
        signer: Signer,
        role: str = "actor",
        *,
        basis: str = "introduced",
        private: Mapping[str, Any] = NOTHING,
        cosigners: Sequence[Signer] = (),
    ) -> Entry | None:
        """Make another person's key known; that key signs the entry too. A key already known gives no entry.

        Args:
            signer: The key; it signs to show that someone holds it.
            role: ``actor``, or ``custodian`` for who may vouch for the successor of a lost key.
            basis: ``introduced``, ``appointed`` (a custodian) or ``recovered`` (a successor; a custodian cosigns).
            private: Who that is, such as ``{"investigator": "A. Berg, badge 12"}``.
            cosigners: Further persons who sign.

        Raises:
            LedgerError: The key is a log key, was ended before, or the entry cannot be written.
        """
        item = key_item(signer, role, basis)
        with self._file.explained():
            draft = compose(
                "key.add", performer=self.signers()[0], present=self._clock(), object=[item], private=private
            )
            with self._transaction() as database:
                if not unknown_keys(database, [item]):
                    return None
                return self._insert(database, draft, cosigners=[signer, *cosigners])

    def rotate(self, new: Signer, role: str, *, private: Mapping[str, Any] = NOTHING) -> Entry:
        """Replace this ledger's actor or log key by a new one; both sign, and the old one signs nothing after this.

        Args:
            new: The new key.
            role: ``actor`` or ``log``.
            private: Whatever else is to be recorded, such as the reason in words.

        Raises:
            LedgerError: The new key is known already, or the entry cannot be written.
        """
        actor, log = self.signers()
        old = actor if role == "actor" else log
        after = two_keys(*((new, log) if role == "actor" else (actor, new)))
        items = [{"key": old.keyid, "role": role}, key_item(new, role, "rotated")]
        with self._file.explained():
            draft = compose("key.rotate", performer=actor, present=self._clock(), object=items, private=private)
            with self._transaction() as database:
                entry = self._insert(database, draft, cosigners=[new] if role == "actor" else [log, new])
        self._signers = after
        return entry

    def revoke(
        self,
        keyid: str,
        role: str,
        *,
        reason: str,
        since: int,
        private: Mapping[str, Any] = NOTHING,
        cosigners: Sequence[Signer] = (),
    ) -> Entry:
        """End a key. It signs nothing after this; what it signed from ``since`` on is disputed, and stands.

        Args:
            keyid: Fingerprint of the key.
            role: ``actor``, ``custodian`` or ``log``.
            reason: ``lost``, ``stolen``, ``forgotten``, ``departed`` or ``retired``.
            since: Sequence number of the first entry from which it may have been in other hands.
            private: Whatever else is to be recorded.
            cosigners: Further persons who sign.

        Raises:
            LedgerError: The ledger does not know the key, or the entry cannot be written.
        """
        item = {"key": keyid, "role": role, "reason": reason, "since": since}
        return self.append("key.revoke", object=[item], private=private, cosigners=cosigners)

    def _introduce_own(self, performer: Mapping[str, Any], custodian: Signer | None) -> None:
        actor, log = self.signers()
        basis = "recovered" if custodian is not None else "introduced"
        wanted = [key_item(actor, "actor", basis), key_item(log, "log", basis)]
        with self._file.reading() as database:
            if not unknown_keys(database, wanted):
                check_in_force(database, [actor.keyid], *PEOPLE)
                check_in_force(database, [log.keyid], "log")
                return
        cosigners = [custodian] if custodian is not None else []
        with self._file.explained(), self._transaction() as database:
            items = unknown_keys(database, wanted)  # another process may have been first
            if items:
                draft = compose("key.add", performer=actor, present=self._clock(), object=items, private=performer)
                self._insert(database, draft, cosigners=cosigners)


def two_keys(actor: Signer, log: Signer) -> tuple[Signer, Signer]:
    """Return who signs entries and what signs heads.

    Raises:
        LedgerError: They are one key.
    """
    check_roles(actor=actor, log=log)
    return actor, log
