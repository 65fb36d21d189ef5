"""A requisition: the background checks for one position, kept apart from every investigation (IV.B.5 to IV.B.9).

It is kept as a case is, with the same ledger, evidence, gate and capture, in a store, with keys and with roles of its
own. Consent before the first query is no clause of the order: counsel adds it, as the IACP and PERSEREC advised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from osint import case_mark, render
from osint.capture.network import Network
from osint.chain_of_custody.keys import Signer, key_folder
from osint.chain_of_custody.two_persons import Order
from osint.errors import AuthorizationError, CaseError, RoleConflictError, UniformityError
from osint.instants import now
from osint.opening import open_store
from osint.screening import confirming, looking, rates, releasing, unsealing
from osint.screening.consent import Consent, admit
from osint.screening.plan import Plan, Step
from osint.screening.records import uniformity
from osint.screening.review import Confirmed, Item
from osint.screening.roles import ASSIGN, ROLES
from osint.screening.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from osint.capture.imports.declaration import SavedBy
    from osint.chain_of_custody.verified import Verified
    from osint.collecting.importing import Imported
    from osint.collecting.run import Collected

__all__ = ["Consent", "Requisition", "open_requisition"]


class Requisition:
    """An open requisition, in one role. Make one with :func:`open_requisition`; close it, or use it with ``with``."""

    def __init__(self, store: Store, person: str, role: str) -> None:
        """Use :func:`open_requisition`."""
        self.folder, self.person, self.role = store.folder, person, role
        self._store = store

    # -- plan and persons --------------------------------------------------------------------------------------------

    def freeze(self, plan: Plan) -> str:
        """Freeze the plan, and return its hash. It is frozen once, before the first candidate.

        Raises:
            UniformityError: One is frozen already, or this one could not be kept.
        """
        self._require("screener")
        plan.check()
        if self._store.told.plan:
            self._store.refuse("screen.plan", UniformityError("The plan is frozen; what differs is a deviation."))
        self._store.log("screen.plan", plan=plan.as_dict(), sha256=plan.sha256)
        return plan.sha256

    def assign(self, role: str, person: str) -> None:
        """Give a person a role in this requisition.

        Raises:
            RoleConflictError: They have another one, or screened and decided within the months of the policy pack.
        """
        self._require("screener")
        if role not in ROLES:
            raise CaseError(f"There is no role {role!r}: {', '.join(ROLES)}.")
        self._store.check_conflicts(ASSIGN, person, role)
        self._store.log(ASSIGN, person=person, role=role)

    def add_candidate(self, name: str, stated: Mapping[str, str], consent: Consent | None) -> str:
        """Name a candidate who consented, and return the random name by which the copies speak of them.

        Args:
            name: Their name.
            stated: What they stated that steps of the plan ask with, ``{"mastodon": "@jane@social.example"}``.
            consent: Their consent; without it there is no search.

        Raises:
            ConsentError: They did not consent, or only after today.
            UniformityError: There is no plan yet, or nobody was given the decision.
        """
        self._require("screener")
        return admit(self._store, name, stated, consent)

    def candidates(self) -> list[str]:
        """Return the random names of the candidates."""
        return list(self._store.told.candidates)

    # -- looking -----------------------------------------------------------------------------------------------------

    def collect(self, candidate: str, step: str) -> Collected | None:
        """Take a step of the plan for a candidate; None where they stated nothing that it could be asked with.

        Raises:
            UniformityError: The plan does not have this step, and no deviation adds it; it was taken; or the candidate
                is finished.
            AuthorizationError: The gate refuses it. The refusal is in the ledger.
            SourceError, CaptureError: The source refused; the step counts as taken and failed.
        """
        self._require("screener")
        return looking.collect(self._store, candidate, step, by=self.person)

    def import_file(self, candidate: str, step: str, path: str | Path, declared: SavedBy) -> Imported:
        """Take a step of the plan by a file that somebody saved; the uniformity report names it.

        Raises:
            UniformityError: As for :meth:`collect`.
            PurposeLimitError: The file lies in the store of an investigation.
            CaseError, AuthorizationError: As for ``case.import_file``.
        """
        self._require("screener")
        return looking.import_file(self._store, candidate, step, path, declared=declared, by=self.person)

    def deviate(self, candidate: str, step: str | Step, reason: str) -> None:
        """Record that something will differ from the plan for a candidate, and why.

        Args:
            candidate: Their random name.
            step: The id of a step that is left out, ``minutes`` for more time, or a further step that is added.
            reason: Why, in words; it stands in the uniformity report.

        Raises:
            UniformityError: There is no reason, no such step, one that no plan may have, or the candidate is finished.
        """
        self._require("screener")
        looking.deviate(self._store, candidate, step, reason)

    # -- confirming --------------------------------------------------------------------------------------------------

    def items(self, candidate: str) -> list[Item]:
        """Return what was found of a candidate, with what a machine proposes to remove; no pictures. It is an entry.

        Raises:
            RoleConflictError: Whoever decides sees filtered copies only. The refusal is in the ledger.
            AuthorizationError: The copy is released, and the items are sealed.
        """
        self._require("screener", "second_reader")
        return unsealing.view(self._store, self.role, candidate)

    def confirm(self, candidate: str, item: str, confirmed: Confirmed) -> None:
        """Record what the screener decided about an item.

        Raises:
            ExportError: Something stands against it; names all of it, and nothing is recorded.
        """
        self._require("screener")
        confirming.confirm(self._store, candidate, item, confirmed, self.weak)

    def finish(self, candidate: str, minutes: int) -> None:
        """Say, once, that every item is confirmed and every step of the plan taken, and how long that took.

        Raises:
            UniformityError: A step is missing, it took longer than the plan allows and no deviation says why, or it is
                finished: the sample is drawn once.
            ExportError: An item is not confirmed.
        """
        self._require("screener")
        confirming.finish(self._store, candidate, minutes)

    # -- second reader and answer ------------------------------------------------------------------------------------

    def sample(self, candidate: str) -> list[str]:
        """Return the items that the second reader reads, drawn by the entry that finished the candidate's review."""
        self._require("screener", "second_reader")
        return confirming.sample(self._store, candidate)

    def second_read(self, candidate: str, item: str, *, agrees: bool, note: str) -> None:
        """Record what the second reader says of an item of the sample. An objection takes a released copy back.

        Raises:
            ExportError: It is not in the sample, or there is no note.
        """
        self._require("second_reader")
        confirming.second_read(self._store, candidate, item, agrees=agrees, note=note)
        if not agrees:
            releasing.take_back(self.folder, candidate)

    def respond(
        self, candidate: str, said: str, *, paraphrase: str = confirming.NO_ANSWER, clear: Iterable[str] = ()
    ) -> None:
        """Record what the candidate answered, and in neutral words what of it is told; before a copy is made.

        Args:
            candidate: Their random name.
            said: Their answer, word for word; how and when they were asked, where they did not answer.
            paraphrase: What the copy tells.
            clear: Words in it that a machine proposes and that are in fact nothing protected.

        Raises:
            ExportError: The paraphrase holds what a machine proposes to remove and nobody cleared.
        """
        self._require("screener")
        confirming.respond(self._store, candidate, said, paraphrase, tuple(clear))

    # -- filtered copies ---------------------------------------------------------------------------------------------

    def release(self, candidate: str) -> list[Path]:
        """Write the filtered copy of a candidate; return its files. One that was released before is kept apart.

        Raises:
            ExportError: It is not finished, the second reader has not agreed to the whole sample, no answer of the
                candidate is recorded, or the copy would hold what was removed.
        """
        self._require("screener")
        return releasing.release(self._store, candidate, confirming.sample(self._store, candidate))

    def copies(self) -> list[str]:
        """Return the candidates whose filtered copies are there."""
        every = self._store.told.candidates.values()
        return [each.alias for each in every if each.released and not each.is_objected]

    def read(self, candidate: str) -> str:
        """Return the filtered copy of a candidate as text; that it was read is an entry.

        Raises:
            ExportError: There is none, or a file of it is not the one that was released.
        """
        self._store.check_view(self.role, "filtered")
        text = releasing.read(self._store, candidate)
        self._store.log("screen.read", candidate=candidate, role=self.role)
        return text

    def unseal(
        self, candidate: str, item: str, *, authority: str, reason: str, approver: Signer, approver_name: str
    ) -> tuple[Item, Confirmed | None]:
        """Return an original, and what was decided about it, to counsel; a second person signs the entry.

        Args:
            candidate: Their random name.
            item: The id of the item.
            authority: What orders or allows it: the complaint, the order of a court.
            reason: Why, in words.
            approver: Key of the second person, who looked here: the screener, or the second reader.
            approver_name: Their name and badge, as the ledger knows them.

        Raises:
            RoleConflictError: This session is not counsel's, or the second person is none. The refusal is in the
                ledger.
            CaseError: There is no such item.
        """
        self._require("counsel")
        order = Order(
            authority=authority, reason=reason, requester=self.person, approver=approver, approver_name=approver_name
        )
        return unsealing.unseal(self._store, candidate, item, order)

    @property
    def weak(self) -> list[str]:
        """The categories of which the filter finds too little: while there is one, copies hold paraphrases only."""
        return rates.below(self._store.pack.number("screening_recall_percent"))

    def uniformity(self) -> pd.DataFrame:
        """Return how alike the candidates were treated (``docs/columns.md``), deviations and reasons included."""
        self._require("screener", "second_reader", "counsel")
        return uniformity(self._store.told)

    def verify(self) -> Verified:
        """Verify ledger and evidence, as ``case.verify`` does. It counts exhibits, which whoever decides is not told.

        Raises:
            IntegrityError: Something was found; carries every finding.
        """
        self._require("screener", "second_reader", "counsel")
        return self._store.verify()

    # -- life --------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Cut a checkpoint and let go of the files."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def __str__(self) -> str:
        told = f"Requisition {self.folder.name}: {self.person} as {self.role}"
        if self.role == "decision_maker":
            return render.visible(told)
        weak = "; copies hold paraphrases only" if self.weak else ""
        plan = "a" if self._store.told.plan else "no"
        return render.visible(f"{told}; {len(self.candidates())} candidates, {plan} frozen plan{weak}")

    __repr__ = __str__

    def _require(self, *roles: str) -> None:
        """Let only some roles pass; whoever decides is refused by the gate, as for every original."""
        if self.role in roles:
            return
        if self.role == "decision_maker":
            try:
                self._store.check_view(self.role, "original")
            except AuthorizationError as error:
                raise RoleConflictError(*error.args) from error
        self._store.refuse(
            "view", RoleConflictError(f"This is for {' or '.join(roles)}, and this session is {self.role}'s.")
        )


def open_requisition(
    folder: str | Path,
    *,
    person: str,
    role: str = "screener",
    network: Network | None = None,
    keys: Path | None = None,
    clock: Callable[[], datetime] = now,
) -> Requisition:
    """Create a requisition in a folder, or reopen the one that is there, in one role for this session.

    The requisitions of an agency lie side by side in one folder: who screened in one does not decide in another for the
    months that the policy pack names.

    Args:
        folder: Its name is the number of the requisition. Whoever creates it is its screener.
        person: Name and badge of the person at this workstation.
        role: One of :data:`osint.screening.roles.ROLES`.
        network: The way to the network, where it is not the plain public internet.
        keys: Where this person's keys for background checks are; by default ``screening`` in their own key folder.
        clock: Tells the present instant; tests fix it.

    Raises:
        PurposeLimitError: The folder is the store of an investigation.
        RoleConflictError: The person was not given this role, or has another one here, or screened and decided within
            the months of the policy pack. The refusal is in the ledger.
        CaseError, LedgerError: As for ``osint.open_case``.
    """
    folder = Path(folder)
    if role not in ROLES:
        raise CaseError(f"There is no role {role!r}: {', '.join(ROLES)}.")
    is_new = not case_mark.store_of(folder)
    if is_new and role != "screener":
        raise CaseError(f"There is no requisition in {folder}; whoever screens makes it.")
    keys = keys or key_folder() / "screening"
    store = open_store(
        Store, case_mark.BACKGROUND, folder, investigator=person, network=network, keys=keys, clock=clock
    )
    try:
        store.begin(person, role, is_new=is_new)
    except AuthorizationError:
        store.close()
        raise
    return Requisition(store, person, role)
