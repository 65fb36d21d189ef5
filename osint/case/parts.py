"""The parts of an open case, and its life: what every phase of an investigation works with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from osint.capture.door import Door
from osint.capture.known_secrets import KnownSecrets
from osint.capture.network import Network
from osint.capture.pacing import Pacer, pace_file
from osint.capture.post import poster
from osint.chain_of_custody.anchoring import Anchoring
from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.evidence import Evidence
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.sensitive_stop import lock_away, stopped
from osint.collecting.collection import Collection as Collecting
from osint.gate import Gate
from osint.gate.adoption import pack_in_force, policy_folder, read_profile
from osint.gate.standing import OF_EACH_EXHIBIT
from osint.store.blobs import FolderBlobs
from osint.store.store import SqliteStore
from osint.working import WorkingTables

if TYPE_CHECKING:
    from osint.erasing.case_folder import CaseFolder
    from osint.erasing.erased import Erased
    from osint.phases.disclosing import Disclosing
    from osint.phases.due import Agenda
    from osint.phases.exporting import Exporting
    from osint.phases.leaving import Leaving
    from osint.phases.marking import Marking
    from osint.phases.masking import Masking
    from osint.phases.recording import Recording
    from osint.phases.retention import Retention
    from osint.phases.stating import Stating
    from osint.phases.translating import Translating
    from osint.policy.roster import Session
    from osint.production.filing import Filing
    from osint.searching import Searching


Outcome = TypeVar("Outcome")


class CaseParts:
    """What an open case is made of."""

    def __init__(
        self,
        folder: Path,
        investigator: str,
        ledger: Ledger,
        network: Network,
        clock: Callable[[], datetime],
        *,
        anchors: Anchors | None = None,
        session: Session | None = None,
    ) -> None:
        """Put the parts of a case together; use :func:`osint.open_case`."""
        from osint.views.progress import countdown

        self.folder = folder
        self.investigator = investigator
        self.network = network
        self.anchors = anchors
        self._ledger = ledger
        self._clock = clock
        self._closed = False
        self._secrets = KnownSecrets(network)
        self._blobs = FolderBlobs(folder / "evidence")
        self._store = SqliteStore(folder / "working" / "tables.sqlite")
        policy = policy_folder()
        self._gate = Gate(
            ledger, network=network.label, clock=clock, pack=pack_in_force(policy), profile=read_profile(policy),
            session=session,
        )  # fmt: skip
        self._pacer = Pacer(pace_file())
        self._door = Door(
            network, self._blobs, self._gate, ledger=ledger.origin, clock=clock, wait=countdown, pacer=self._pacer
        )
        self._collection = Collecting(ledger, self._gate, self._door, self._store)
        self._tables = WorkingTables(folder, ledger, self._gate, self._door, self._blobs, self._store)
        self.anchoring = Anchoring(ledger, anchors or Anchors(), poster(network), self._gate.log, clock)
        self._finished: Erased | None = None
        self._take_stock()

    def rebuild(self) -> int:
        """Make every table again from evidence, with the network off; return how many captures were read.

        What other programs said of files is taken over where the ledger vouches for it, and else asked again.
        """
        captures = self._tables.make_again()
        self._searching.forget()
        self._gate.log("transform", result=[{"kind": "tables", "captures": captures}])
        return captures

    @property
    def zone(self) -> str:
        """The zone whose clocks are shown beside UTC, as it was recorded; empty where none was."""
        from osint.phases.local_time import recorded_zone

        return recorded_zone(self._ledger)

    def set_zone(self, name: str) -> None:
        """Record the zone whose clocks are shown beside UTC: ``America/Chicago``; the newest stands.

        Raises:
            CaseError: There is no such zone.
        """
        from osint.phases.local_time import record_zone

        self._concluded(record_zone, self._gate, name)

    @property
    def erasing(self) -> CaseFolder:
        """Destroying by order of two persons: ``case.erasing.redact(order, ...)``, ``purge(exhibits, order, ...)``."""
        from osint.erasing.case_folder import CaseFolder

        rebuild = partial(self._concluded, self.rebuild)
        return CaseFolder(folder=self.folder, ledger=self._ledger, blobs=self._blobs, gate=self._gate, rebuild=rebuild)

    def close(self) -> None:
        """Cut a checkpoint and let go of the files. Closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        self.anchoring.anchor()
        self._store.close()
        self._ledger.close()
        self._pacer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    @property
    def _searching(self) -> Searching:
        from osint.searching import Searching

        index = self.folder / "working" / "search.sqlite"
        stating = self._stating
        return Searching(
            path=index,
            ledger=self._ledger,
            gate=self._gate,
            store=self._store,
            stated=stating.in_force,
            noted=stating.notes,
            translated=self._translating.table,
            marked=self._marking.table,
            by=self.investigator,
        )

    @property
    def _stating(self) -> Stating:
        from osint.phases.stating import Stating

        return Stating(self.folder, self._ledger, self._gate, self._tables.exhibits, self.investigator)

    @property
    def _marking(self) -> Marking:
        from osint.phases.marking import Marking

        return Marking(self._ledger, self._gate, self._tables.exhibits, self._posts_of, self.investigator)

    @property
    def _translating(self) -> Translating:
        from osint.phases.translating import Translating

        return Translating(self._ledger, self._gate, self._tables.exhibits, self._posts_of, self.investigator)

    def _posts_of(self, exhibit: str) -> set[str]:
        return {str(body["id"]) for kind, body in self._store.of(exhibit) if kind == "post"}

    @property
    def _agenda(self) -> Agenda:
        from osint.phases.due import Agenda

        def looked_at() -> set[str]:
            from osint.phases.marking import standing

            noted = {exhibit for exhibits in self._stating.noted() for exhibit in exhibits}
            return noted.union(each.mark.exhibit for each in standing(self._ledger))

        return Agenda(self.folder.name, self._ledger, self._gate, self._store, self._collection.runs, looked_at)

    @property
    def _exporting(self) -> Exporting:
        from osint.phases.exporting import Exporting

        return Exporting(self.folder.name, self._ledger, self._gate, self._leaving, self.investigator, self.zone)

    @property
    def _retention(self) -> Retention:
        from osint.phases.retention import Retention

        return Retention(self._ledger, self._gate)

    @property
    def _disclosing(self) -> Disclosing:
        from osint.phases.disclosing import Disclosing

        return Disclosing(self._ledger, self._gate)

    @property
    def _recording(self) -> Recording:
        from osint.phases.recording import Recording

        return Recording(self.folder, self._ledger, self._gate, self.anchoring, self._leaving.guard, self.investigator)

    @property
    def _leaving(self) -> Leaving:
        from osint.phases.leaving import Leaving

        return Leaving(self._ledger, self._blobs, self._gate, self.anchoring, self._secrets)

    @property
    def _masking(self) -> Masking:
        from osint.phases.masking import Masking

        return Masking(self.folder, self._ledger, self._gate, self._tables, self.investigator)

    @property
    def _filing(self) -> Filing:
        from osint.production.filing import Filing

        return Filing(self._ledger, self._blobs, self._gate, self._leaving, self._masking, self.investigator)

    def _concluded(self, step: Callable[..., Outcome], *arguments: Any) -> Outcome:
        """Take a step, and cut a checkpoint over it however it ends, for others to vouch for."""
        try:
            return step(*arguments)
        finally:
            self.anchoring.anchor()

    def _take_stock(self) -> None:
        """Log who works here now and what differs from the public internet; quarantine evidence that no entry names."""
        telling = list(self._ledger.entries_but(OF_EACH_EXHIBIT))
        named = [entry.private["investigator"] for entry in telling if "investigator" in entry.private]
        if named[-1:] != [self.investigator]:  # another person at the same workstation signs with the same key
            self._gate.log("configure", private={"investigator": self.investigator})
        self._gate.note_policy()
        self._gate.note_session()
        if self.network != Network():
            self._gate.log("configure", private={"network": self.network.described()})
        Evidence(self._blobs).quarantine(
            self._ledger,
            lambda stray: self._gate.log("quarantine", private={"file": stray.path.name}, result=[stray.item()]),
        )
        self._finished = self.erasing.finish()  # what was ordered and cut off by a crash
        if late := lock_away(stopped(self._ledger.entries_but(OF_EACH_EXHIBIT)), self._ledger, self._blobs):
            self.erasing.forget(late)
