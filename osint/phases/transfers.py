"""Passing the exhibits of an open case on, and receiving those of others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from osint import render
from osint.chain_of_custody import consignment, transfer
from osint.chain_of_custody.anchoring import Anchoring
from osint.chain_of_custody.keys import Signer, read_fingerprint
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.transfer import Handler, Transfer
from osint.collecting.importing import restricted_exhibits
from osint.errors import CaseError, LedgerError
from osint.gate import Gate
from osint.gate.retaining import intelligence, kept
from osint.instants import day_bounds
from osint.policy.facts import Decision
from osint.store.blobs import FolderBlobs


class Transfers:
    """The transfers of one case. ``case.transfers`` prints them; ``case.custody()`` says who holds what."""

    def __init__(
        self, ledger: Ledger, blobs: FolderBlobs, anchoring: Anchoring, clock: Callable[[], datetime], gate: Gate
    ) -> None:
        """Work for one case."""
        self._ledger, self._blobs, self._anchoring, self._clock, self._gate = ledger, blobs, anchoring, clock, gate

    def release(
        self,
        exhibits: Sequence[str],
        *,
        sender: Handler,
        recipient: Handler,
        recipient_key: str,
        purpose: str,
        place: str,
        condition: str,
        medium: str = "",
        seal: str = "",
        expires: datetime | str | None = None,
        include_restricted: bool = False,
        outside: bool | None = None,
        right: str = "",
        permission: str = "",
    ) -> Transfer:
        """Offer exhibits to someone; until they receive them, the sender holds them.

        Args:
            exhibits: Numbers, ``E0003``.
            sender: Who releases: ``osint.Handler(name=..., title=..., contact=...)``.
            recipient: To whom.
            recipient_key: Fingerprint of the recipient's key, learnt from the recipient.
            purpose: Why.
            place: Where.
            condition: Of the exhibits.
            medium: On what they travel.
            seal: Number of the seal.
            expires: Until when it may be received: an instant, ``2030-12-31T17:00:00Z``, or a day, all of it in UTC.
            include_restricted: Release imports that may open an account: see ``osint.SavedBy``. Who receives one
                receives the original, for custody of anything else is custody of something else.
            outside: Whether the recipient stands outside the case team. Where the agency has a roster, whoever is not
                on it does, whatever is said here; without one, what nobody says is recorded as not stated.
            right: Outside the case team: by what right they may have it.
            permission: Outside the case team: the written permission of the Chief or the designee.

        Raises:
            AuthorizationError: A rule objects: right or permission is missing, an exhibit is of an emergency that
                nobody ratified, unlogged, stopped, or criminal intelligence. The refusal is in the ledger.
            LedgerError: An exhibit is unknown, already released or passed on; a field is empty; the time is past or
                cannot be read; the fingerprint is none; an exhibit is restricted, and nobody said that it may leave.
        """
        stated = {"right": right, "permission": permission}
        said = {name: text for name, text in stated.items() if text}
        said |= {} if outside is None else {"team": "outside" if outside else "within"}
        told = {**said, "recipient": recipient.name}
        decision = self._decided(exhibits, read_fingerprint(recipient_key), outside, told)
        restricted = self._restricted(exhibits)
        if restricted and not include_restricted:
            raise self._refusal(restricted)
        entry = transfer.release(
            self._ledger,
            exhibits,
            sender=sender,
            recipient=recipient,
            recipient_key=read_fingerprint(recipient_key),
            purpose=purpose,
            place=place,
            condition=condition,
            medium=medium,
            seal=seal,
            expires=_until(expires) if isinstance(expires, str) else expires,
            restricted=restricted,
            stated={**said, **({"conditions": list(decision.conditions)} if decision.conditions else {})},
            present=self._clock(),
        )
        self._anchoring.anchor()
        return self.find(entry.seq)

    def receive(self, release: int, *, recipient: Signer, place: str, condition: str) -> Transfer:
        """Let the recipient receive at this machine: every hash is computed anew, and both sign one entry.

        Args:
            release: Number of the ledger entry of the release.
            recipient: The recipient's key, the one that the release names.
            place: Where.
            condition: In which the exhibits were found.

        Raises:
            AuthorizationError: As for :meth:`release`, where something has changed since.
            LedgerError: The release is not open, or is for another key.
            EvidenceError: An exhibit is not what was released. That is recorded.
        """
        released = self.find(release)
        self._decided_again(released)
        with self._anchored():
            transfer.receive(
                self._ledger,
                released.leaf,
                self._blobs,
                recipient=recipient,
                place=place,
                condition=condition,
                present=self._clock(),
            )
        return self.find(release)

    def refuse(self, release: int, *, recipient: Signer, reason: str) -> Transfer:
        """Let the recipient refuse at this machine, with a reason; both sign one entry, and the sender goes on holding.

        Raises:
            LedgerError: The release is not open, or is for another key.
        """
        leaf = self.find(release).leaf
        with self._anchored():
            transfer.refuse(self._ledger, leaf, recipient=recipient, reason=reason, present=self._clock())
        return self.find(release)

    def consign(self, release: int, folder: str | Path) -> Path:
        """Write what the recipient of a release needs, to receive it into a ledger of their own.

        Raises:
            LedgerError: There is no such release, or the folder is there already or cannot be written; or an exhibit is
                restricted, and the release does not say that it may leave.
            AuthorizationError: As for :meth:`release`, where something has changed since.
        """
        released = self.find(release)
        self._decided_again(released)
        if unsaid := set(self._restricted(released.exhibits)) - set(released.terms.get("restricted", ())):
            raise self._refusal(sorted(unsaid))
        return consignment.write_consignment(self._ledger, released.leaf, self._blobs, Path(folder))

    def take_in(self, folder: str | Path, *, known: Collection[str], place: str, condition: str) -> list[str]:
        """Receive a consignment into this case; return the numbers that its exhibits have here.

        Args:
            folder: The consignment.
            known: Fingerprints of the sender's key and log key, learnt from the sender on another way.
            place: Where.
            condition: In which the exhibits were found.

        Raises:
            LedgerError, EvidenceError: It is for another key, has expired, one of the two keys is not among those
                known, or something in it was altered. That is recorded.
        """
        fingerprints = set(map(read_fingerprint, known))
        with self._anchored():
            taken = consignment.take_in(
                self._ledger,
                self._blobs,
                Path(folder),
                known=fingerprints,
                key=self._ledger.performer,
                place=place,
                condition=condition,
                present=self._clock(),
            )
        return [entry.exhibit for entry in taken if entry.exhibit is not None]

    def receipt(self, folder: str | Path, exhibit: str) -> Path:
        """Write the receipt for the consignment that an exhibit of this case came with; the sender acknowledges it.

        Raises:
            LedgerError: The exhibit did not come with a consignment, or the folder cannot be written.
        """
        return consignment.write_receipt(self._ledger, consignment.release_of(self._ledger, exhibit), Path(folder))

    def acknowledge(self, folder: str | Path, *, known: Collection[str]) -> Transfer:
        """Record that a consignment was received elsewhere: custody has passed.

        Args:
            folder: The receipt.
            known: Fingerprints of the recipient's key and log key, learnt from the recipient on another way.

        Raises:
            LedgerError: The receipt does not fit the release.
        """
        fingerprints = set(map(read_fingerprint, known))
        with self._anchored():
            entry = consignment.acknowledge(self._ledger, Path(folder), known=fingerprints, present=self._clock())
        return next(each for each in self.all() if each.answer == entry.seq)

    def all(self) -> list[Transfer]:
        """Return every release with what became of it, oldest first."""
        return transfer.transfers(self._ledger, self._clock())

    def find(self, release: int) -> Transfer:
        """Return a release by the number of its ledger entry.

        Raises:
            CaseError: There is no such release.
        """
        found = next((each for each in self.all() if each.release == release), None)
        if found is None:
            raise CaseError(f"Ledger entry {release} is no release of this case. Releases: {self}")
        return found

    def _decided(self, exhibits: Sequence[str], key: str, outside: bool | None, said: Mapping[str, Any]) -> Decision:
        """Have the gate decide whether exhibits may pass on; a refusal is an entry."""
        known = [each.exhibit for each in intelligence(kept(self._ledger.entries(), self._gate.pack))]
        message = "Nothing was released. The refusal is in the ledger."
        asked = {name: said[name] for name in ("right", "permission") if name in said}
        with self._anchored():
            return self._gate.require(
                "release", "release", message, private=said, exhibits=list(exhibits), recipient_key=key,
                outside=outside, intelligence=known, **asked,
            )  # fmt: skip

    def _decided_again(self, released: Transfer) -> None:
        """Have the gate decide once more: since the release an exhibit may have been stopped, or its time be over."""
        terms = released.terms
        outside = {"outside": True, "within": False}.get(str(terms.get("team")))
        said = {name: terms[name] for name in ("right", "permission", "team") if name in terms}
        self._decided(released.exhibits, released.recipient_key, outside, said)

    def _restricted(self, exhibits: Sequence[str]) -> list[str]:
        found = restricted_exhibits(self._ledger.entries())
        return [number for number in exhibits if number in found]

    def _refusal(self, restricted: Sequence[str]) -> LedgerError:
        """Log that exhibits may not leave, and return the error that says so."""
        error = LedgerError(
            f"Nothing was released: {', '.join(restricted)} may hold what opens somebody's account, or what only "
            "somebody signed in could see, and custody passes with the original alone. Have the sessions ended or the "
            "passwords changed first; if the recipient may have them as they are, release them with "
            "include_restricted=True, which is recorded. case.export(...) carries redacted derivatives."
        )
        self._ledger.append("release", outcome="refused", private={"reasons": [str(error)]})
        self._anchoring.anchor()
        return error

    def __str__(self) -> str:
        lines = [f"entry {each.release}: {', '.join(each.exhibits)}, {each.state}" for each in self.all()]
        return "\n".join(lines) or "no transfers"

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.lines_bundle(str(self))

    @contextmanager
    def _anchored(self) -> Iterator[None]:
        """Have the head vouched for after a step, however it ends."""
        try:
            yield
        finally:
            self._anchoring.anchor()


def _until(text: str) -> datetime | None:
    try:
        return day_bounds(None, text)[1]
    except ValueError as error:
        raise LedgerError(f"Nothing was released: the end of the release cannot be read: {error}.") from error
