"""A requisition: the background checks for one position, kept apart from every investigation (IV.B.5 to IV.B.9).

It is kept as a case is, with the same ledger, evidence, gate and capture, in a store, with keys and with roles of its
own. Consent before the first query is no clause of the order: counsel adds it, as the IACP and PERSEREC advised.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from osint import case_mark, render
from osint.capture.network import Network
from osint.chain_of_custody.keys import key_folder
from osint.errors import (
    AuthorizationError,
    CaptureError,
    CaseError,
    ConsentError,
    ExportError,
    RoleConflictError,
    SourceError,
    UniformityError,
)
from osint.instants import now
from osint.opening import open_store
from osint.policy.authorization import Authorization
from osint.report.files import write_whole
from osint.screening import rates
from osint.screening.plan import Plan, Step
from osint.screening.records import Candidate, Records, read_records, uniformity
from osint.screening.releasing import agreed, alias, draw, write_copy
from osint.screening.review import Confirmed, Item, check, items_of, paraphrase_problems, problems
from osint.screening.roles import ASSIGN, ROLES
from osint.screening.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from osint.capture.imports.declaration import SavedBy
    from osint.chain_of_custody.verification import Verified
    from osint.collecting.importing import Imported
    from osint.collecting.run import Collected

CONSENT_IS_ADDED = (
    "General Order XLV does not ask for it: counsel adds it, as the IACP and PERSEREC advised in 2010 (cybervetting)."
)
NO_ANSWER = "The candidate was asked and did not answer."
_MINUTES = "minutes"


@dataclass(frozen=True, kw_only=True)
class Consent:
    """A candidate's consent to a search of what is public; an addition to the order.

    Attributes:
        signed: The day on which they signed, ``2026-05-04``.
        document: The number under which the agency keeps it.
    """

    signed: str
    document: str


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
            UniformityError: One is frozen already.
        """
        self._require("screener")
        if self._records.plan:
            self._store.refuse("screen.plan", UniformityError("The plan is frozen; what differs is a deviation."))
        self._store.note("screen.plan", plan=plan.as_dict(), sha256=plan.sha256)
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
        self._store.note(ASSIGN, person=person, role=role)

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
        plan = self._plan()
        self._check_consent(consent)
        assert consent is not None
        if not any(each.role == "decision_maker" for each in self._store.held()):
            self._store.refuse(
                "screen.candidate", UniformityError("Say who decides first: assign('decision_maker', ...).")
            )
        self._authorize(name, stated, plan.steps)
        given = alias()
        self._store.note(
            "screen.candidate", candidate=given, name=name, stated=dict(stated), consent=asdict(consent),
            consent_is=CONSENT_IS_ADDED,
        )  # fmt: skip
        return given

    def candidates(self) -> list[str]:
        """Return the random names of the candidates."""
        return list(self._records.candidates)

    # -- looking -----------------------------------------------------------------------------------------------------

    def collect(self, candidate: str, step: str) -> Collected | None:
        """Take a step of the plan for a candidate; None where they stated nothing that it could be asked with.

        Raises:
            UniformityError: The plan does not have this step, and no deviation adds it; or it was taken.
            AuthorizationError: The gate refuses it. The refusal is in the ledger.
            SourceError, CaptureError: The source refused; the step counts as taken and failed.
        """
        one, planned = self._step(candidate, step)
        asked = planned.asked(one.stated)
        if asked is None:
            self._taken(candidate, step, "nil", set())
            return None
        before = self._store.numbers
        try:
            found = self._store.collect(planned.collector, since=self._since(), **asked)
        except (SourceError, CaptureError):
            self._taken(candidate, step, "failed", self._store.numbers - before)
            raise
        self._taken(candidate, step, "done" if found.posts else "nil", self._store.numbers - before)
        return found

    def import_file(self, candidate: str, step: str, path: str | Path, declared: SavedBy) -> Imported:
        """Take a step of the plan by a file that somebody saved.

        Raises:
            UniformityError: As for :meth:`collect`.
            PurposeLimitError: The file lies in the store of an investigation.
            CaseError, AuthorizationError: As for ``case.import_file``.
        """
        self._step(candidate, step)
        before = self._store.numbers
        found = self._store.import_file(path, declared)
        self._taken(candidate, step, "done", self._store.numbers - before)
        return found

    def deviate(self, candidate: str, step: str | Step, reason: str) -> None:
        """Record that something will differ from the plan for a candidate, and why.

        Args:
            candidate: Their random name.
            step: The id of a step that is left out, ``minutes`` for more time, or a further step that is added.
            reason: Why, in words; it stands in the uniformity report.

        Raises:
            UniformityError: There is no reason, or no such step.
        """
        self._require("screener")
        name = step.id if isinstance(step, Step) else step
        plan = self._plan()
        known = name == _MINUTES or bool(plan.step(name))
        one = self._records.candidate(candidate)
        if not reason.strip() or known == isinstance(step, Step):
            raise UniformityError("A deviation has its reason, and leaves out a step of the plan or adds a new one.")
        told: dict[str, Any] = {"candidate": candidate, "step": name, "reason": reason}
        if isinstance(step, Step):
            self._authorize(one.name, one.stated, [step])
            told["added"] = asdict(step)
        self._store.note("screen.deviate", **told)

    # -- confirming --------------------------------------------------------------------------------------------------

    def items(self, candidate: str) -> list[Item]:
        """Return what was found of a candidate, with what a machine proposes to remove; no pictures.

        Raises:
            RoleConflictError: Whoever decides sees filtered copies only. The refusal is in the ledger.
        """
        self._require("screener", "second_reader")
        one = self._records.candidate(candidate)
        return items_of(self._store.posts(), self._store.media_values(), one.exhibits)

    def confirm(self, candidate: str, item: str, confirmed: Confirmed) -> None:
        """Record what the screener decided about an item.

        Raises:
            ExportError: Something stands against it; names all of it, and nothing is recorded.
        """
        self._require("screener")
        one, found = self._records.candidate(candidate), self._item(candidate, item)
        if one.minutes is not None and one.reads.get(item, True):
            raise ExportError(f"{candidate} is finished; only what the second reader objected to is confirmed again.")
        check(problems(found, confirmed, self._plan().criteria, self.weak))
        self._store.note("screen.confirm", candidate=candidate, item=item, confirmed=confirmed.as_dict())

    def finish(self, candidate: str, minutes: int) -> None:
        """Say that every item is confirmed and every step of the plan taken, and how long that took.

        Raises:
            UniformityError: A step is missing, or it took longer than the plan allows, and no deviation says why.
            ExportError: An item is not confirmed.
        """
        self._require("screener")
        plan, one = self._plan(), self._records.candidate(candidate)
        if missing := one.missing(plan):
            problem = f"steps of the plan are missing for {candidate}: {', '.join(missing)}"
            self._store.refuse("screen.finish", UniformityError(f"It cannot be finished; {problem}."))
        if minutes > plan.minutes and not one.deviation(_MINUTES):
            problem = f"{minutes} minutes are more than the {plan.minutes} of the plan"
            self._store.refuse(
                "screen.finish", UniformityError(f"It cannot be finished; {problem}, and no deviation says why.")
            )
        if waiting := [each.id for each in self.items(candidate) if each.id not in one.confirmed]:
            raise ExportError(f"It cannot be finished: nobody confirmed {', '.join(waiting)}.")
        self._store.note("screen.finish", candidate=candidate, minutes=minutes)

    # -- second reader and answer ------------------------------------------------------------------------------------

    def sample(self, candidate: str) -> list[str]:
        """Return the items that the second reader reads, drawn by the entry that finished the candidate's review."""
        self._require("screener", "second_reader")
        one = self._records.candidate(candidate)
        if one.minutes is None:
            raise ExportError(f"{candidate} is not finished; the sample is drawn after that.")
        return draw(one, self._store.pack.number("screening_second_read_percent"))

    def second_read(self, candidate: str, item: str, *, agrees: bool, note: str) -> None:
        """Record what the second reader says of an item of the sample.

        Raises:
            ExportError: It is not in the sample, or there is no note.
        """
        self._require("second_reader")
        if item not in self.sample(candidate) or not note.strip():
            raise ExportError(f"{item} is not in the sample of {candidate}, or nothing is said about it.")
        self._store.note("screen.second-read", candidate=candidate, item=item, agrees=agrees, note=note)

    def respond(self, candidate: str, said: str, *, paraphrase: str = NO_ANSWER, clear: Iterable[str] = ()) -> None:
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
        one, cleared = self._records.candidate(candidate), tuple(clear)
        removed = [each for confirmed in one.confirmed.values() for each in confirmed.remove]
        check([] if paraphrase == NO_ANSWER else list(paraphrase_problems(paraphrase, removed, cleared)))
        self._store.note("screen.respond", candidate=candidate, said=said, response=paraphrase, cleared=list(cleared))

    # -- filtered copies ---------------------------------------------------------------------------------------------

    def release(self, candidate: str) -> list[Path]:
        """Write the filtered copy of a candidate; return its files.

        Raises:
            ExportError: It is not finished, the second reader has not agreed to the whole sample, no answer of the
                candidate is recorded, or the copy would hold what was removed.
        """
        self._require("screener")
        one = self._records.candidate(candidate)
        waiting = [item for item in self.sample(candidate) if not agreed(one, item)]
        if waiting or not one.response:
            what = f"the second reader has not agreed to {', '.join(waiting)}" if waiting else "no answer is recorded"
            raise ExportError(f"No copy was written: {what}.")
        files = write_copy(
            one,
            self.items(candidate),
            self._plan().criteria,
            requisition=self.folder.name,
            hashes=self._store.hashes,
            made=self._store.now(),
        )
        folder = self.folder / "copies" / candidate
        folder.mkdir(parents=True, exist_ok=True)
        written = [write_whole(folder / name, data) for name, data in files.items()]
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        self._store.note("screen.copy", candidate=candidate, files=hashes)
        return written

    def copies(self) -> list[str]:
        """Return the candidates whose filtered copies are there."""
        return [each.alias for each in self._records.candidates.values() if each.released]

    def read(self, candidate: str) -> str:
        """Return the filtered copy of a candidate as text; that it was read is an entry.

        Raises:
            ExportError: There is none, or it is not the one that was released.
        """
        self._store.check_view(self.role, "filtered")
        one = self._records.candidate(candidate)
        path = self.folder / "copies" / candidate / "copy.txt"
        data = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(data).hexdigest() != one.files.get("copy.txt"):
            raise ExportError(f"There is no filtered copy of {candidate} as it was released.")
        self._store.note("screen.read", candidate=candidate, role=self.role)
        return data.decode()

    @property
    def weak(self) -> list[str]:
        """The categories of which the filter finds too little: while there is one, copies hold paraphrases only."""
        return rates.below(self._store.pack.number("screening_recall_percent"))

    def uniformity(self) -> pd.DataFrame:
        """Return how alike the candidates were treated (``docs/columns.md``), deviations and reasons included."""
        self._require("screener", "second_reader")
        return uniformity(self._records)

    def verify(self) -> Verified:
        """Verify ledger and evidence, as ``case.verify`` does.

        Raises:
            IntegrityError: Something was found; carries every finding.
        """
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
        plan = "a" if self._records.plan else "no"
        return render.visible(f"{told}; {len(self.candidates())} candidates, {plan} frozen plan{weak}")

    __repr__ = __str__

    # -- inside ------------------------------------------------------------------------------------------------------

    @property
    def _records(self) -> Records:
        return read_records(self._store.entries)

    def _plan(self) -> Plan:
        plan = self._records.plan
        if plan is None:
            self._store.refuse(
                "screen.plan", UniformityError("No plan is frozen; that comes before the first candidate.")
            )
        return plan

    def _since(self) -> str:
        frozen = self._records.frozen
        assert frozen is not None
        return self._plan().since(frozen)

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

    def _check_consent(self, consent: Consent | None) -> None:
        problem = ""
        if consent is None or not consent.signed.strip() or not consent.document.strip():
            problem = "There is no consent with its day and its number."
        elif date.fromisoformat(consent.signed) > self._store.now().date():
            problem = "The consent bears a day to come."
        if problem:
            message = f"{problem} Nobody is looked for without it. {CONSENT_IS_ADDED}"
            self._store.refuse("screen.candidate", ConsentError(message))

    def _authorize(self, name: str, stated: Mapping[str, str], steps: Iterable[Step]) -> None:
        """Record the authority for what steps ask about a candidate, so that the gate lets these pass and no more."""
        asked = [each for step in steps for each in (step.asked(stated) or {}).items()]

        def scope(*kinds: str) -> tuple[str, ...]:
            return tuple(text for kind, text in asked if kind in kinds)

        self._store.authorize(
            Authorization(
                identifier=self.folder.name,
                type="requisition, with the candidate's consent",
                purpose="background_check",
                subjects=(name,),
                expires=(self._store.now() + timedelta(days=90)).date().isoformat(),
                since=self._since(),
                accounts=scope("account"),
                urls=scope("url", "thread"),
                terms=scope("search"),
                tags=scope("tag"),
                hosts=scope("host"),
            )
        )

    def _step(self, candidate: str, step: str) -> tuple[Candidate, Step]:
        self._require("screener")
        one, planned = self._records.candidate(candidate), self._plan().step(step)
        deviation = one.deviation(step)
        planned = planned or (deviation.added if deviation else None)
        if planned is None:
            what = f"{step!r} is not in the plan; record a deviation with its reason first."
            self._store.refuse("screen.step", UniformityError(f"Nothing was asked: {what}"))
        if step in one.steps:
            self._store.refuse(
                "screen.step", UniformityError(f"Nothing was asked: {step!r} was taken for {candidate}.")
            )
        return one, planned

    def _taken(self, candidate: str, step: str, outcome: str, exhibits: set[str]) -> None:
        self._store.note(
            "screen.step", outcome=outcome, candidate=candidate, step=step, exhibits=sorted(exhibits), by=self.person
        )

    def _item(self, candidate: str, item: str) -> Item:
        found = next((each for each in self.items(candidate) if each.id == item), None)
        if found is None:
            raise CaseError(f"There is no item {item!r} of {candidate}.")
        return found


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
