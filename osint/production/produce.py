"""Making a production: decided, planned, numbered in the ledger, written, judged against the ledger, and recorded.

A production is the package of :mod:`osint.report.hand_over` with more in it. It is written into a hidden folder beside
its own. When a run is killed, the same call takes it up again, under the same plan and the same numbers, as long as the
case still leads to the same plan.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NoReturn

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.readable import as_of_now
from osint.chain_of_custody.withheld import PRODUCE
from osint.errors import AuthorizationError, ExportError, IntegrityError, OsintError
from osint.gate import Gate
from osint.phases.disclosing import Disclosing, Disclosure
from osint.phases.leaving import Leaving
from osint.phases.marking import ANNOTATE, EXCULPATORY, MARK
from osint.phases.masking import MaskGuard, Masking
from osint.policy.roster import Roster
from osint.production import completeness
from osint.production.contents import KEPT, fill
from osint.production.decision import check_release, decided, grounds
from osint.production.discarding import Discarding
from osint.production.documents import Pages
from osint.production.items import Leaves, items
from osint.production.listed import numbered
from osint.production.numbering import documents_said, may_be_lost, reservation
from osint.production.plan import Fate, Item, Plan
from osint.production.planning import Planning, says
from osint.production.posts import every_post
from osint.production.produced import Asked, Produced
from osint.production.receiving import check_production
from osint.production.release import Excluded, Release
from osint.report.bag import PAYLOAD
from osint.report.dossier import Dossier
from osint.report.hand_over import (
    Filling,
    HandOver,
    Progress,
    as_written,
    check_free,
    is_package,
    verify_package,
    write_package,
)
from osint.report.masked import Masked
from osint.report.meanwhile import masking, undoing
from osint.report.packed import Packed
from osint.report.redacted import Derivative
from osint.report.unfinished import lock_of, part_of, unfinished
from osint.store.locks import locked_file

_REFUSED = "Nothing was produced. The refusal is in the ledger."
_ADDS_NOTHING = frozenset({PRODUCE, "export", "disclose", "anchor", "clock", "configure", "draft", "backup"})
"""Actions of entries that change nothing of which a production has to say what became of it."""
_LEFT_OUT = "A prosecutor left it out of this production: "


@dataclass(frozen=True)
class Producing:
    """Making the productions of a case."""

    name: str
    investigator: str
    ledger: Ledger
    gate: Gate
    masking: Masking
    leaving: Leaving
    disclosing: Disclosing
    dossier: Callable[[], Dossier]

    def produce(self, asked: Asked, pages: Pages = "typeset", progress: Progress = lambda *_: None) -> Produced:
        """Write a production into a new folder, or take up one that was killed.

        Raises:
            AuthorizationError: A rule objects, or something of the prosecutor's decision is missing. The refusal is an
                entry.
            ExportError: The folder is not new, cannot be written, or another process writes there.
            SecretFoundError: It would hold a secret of ours, or what is masked.
            IntegrityError: The case does not verify, or what was written does not account for every item and entry.
        """
        with locked_file(lock_of(asked.folder), f"another process writes a production to {asked.folder}"):
            return self._finished(asked) or self._produce(asked, pages, progress)

    def _produce(self, asked: Asked, pages: Pages, progress: Progress) -> Produced:
        check_free(asked.folder)
        check_release(asked.release, lost=may_be_lost(self.ledger.entries()), refuse=self._refuse)
        masked = self._masked(asked.release.excluded)
        progress("verification of the case", 0, 1)
        gathered = self.dossier()
        with self.masking.disclosable(gathered, masked) as dossier:
            found = self._items(asked, dossier, masked, gathered)
            objections = grounds(asked.to, asked.release, found, dossier, _held(gathered))
            if said := [*objections, *decided(asked.release, self._roster)]:
                self._refuse(said, asked.release)
            self.disclosing.check(
                _disclosure(asked.to, asked.release), str(asked.folder), every_post(dossier.tables), PRODUCE
            )
            self.leaving.check(asked.target)
            still = _standing_still(dossier)
            entry = self._planning.taken_up(asked, found)
            kept = KEPT if entry else ()
            entry = entry or self._planning.planned(asked, found, still)
            plan = self._planning.plan(entry, asked, found)
            try:
                package = self._written(_Run(asked, plan, entry, kept, pages, progress), still, masked)
            except KeyboardInterrupt:
                raise  # the next call takes it up
            except BaseException as error:
                self._failed(entry, error)
                raise
        return self._done(entry, plan, package)

    def _masked(self, excluded: Sequence[Excluded]) -> Masked:
        return self.masking.also_whole(self.masking.masked(), [each.exhibit for each in excluded])

    @staticmethod
    def _items(asked: Asked, dossier: Dossier, masked: Masked, gathered: Dossier) -> tuple[Item, ...]:
        left_out = {each.exhibit for each in asked.release.excluded}
        own_masks = [number for number in masked.exhibits if number not in left_out]
        leaves = Leaves(excluded=asked.release.excluded, masked=own_masks, originals=asked.originals)
        return items(dossier, leaves, gathered.tables["marks"])

    def _refuse(self, reasons: Sequence[str], release: Release) -> NoReturn:
        self.gate.log(PRODUCE, outcome="refused", private={"release": release.as_dict(), "reasons": list(reasons)})
        raise AuthorizationError(_REFUSED, reasons)

    # -- writing -----------------------------------------------------------------------------------------------------

    def _written(self, run: _Run, dossier: Dossier, masked: Masked) -> HandOver:
        copies = tuple(_said_why(each, run.asked.release) for each in self.masking.derivatives(masked))
        dossier = replace(dossier, made=run.plan.made)

        def reserved(used: int) -> None:
            if used > self._planning.reserved(run.entry).last:
                raise _TooFewError(used)

        def more(packed: Packed, data: Path) -> None:
            fill(
                run.plan, dossier, packed, data, pack=self.gate.pack, roster=self._roster, pages=run.pages,
                progress=run.progress, numbered=reserved,
            )  # fmt: skip

        part = part_of(run.asked.folder)
        judge = partial(self._judge, release=run.asked.release, known=masked.known)
        filling = Filling(part=part, kept=run.kept, fill=more, progress=run.progress)
        refs = [run.entry.leaf.hex()]
        with self.leaving.allowed(run.asked.target, run.asked.originals, copies, refs) as (derivatives, guard):
            look = MaskGuard(guard, masked) if masked else guard
            try:
                return write_package(
                    _standing_still(dossier), run.asked.folder, derivatives, look, filling, judge=judge
                )
            except _TooFewError as error:
                self._planning.reserve_more(run.entry, error.used)
                return write_package(
                    _standing_still(dossier), run.asked.folder, derivatives, look, filling, judge=judge
                )

    def _judge(self, part: Path, release: Release, known: int) -> None:
        """Judge a production that was written: by its own words, and by what came in since the masks were found out."""
        _check_accounts(part)
        if late := self._undone(release, known):
            raise ExportError(
                f"Nothing was produced: {late} while it was written, and nothing half written was left. Produce again."
            )

    def _undone(self, release: Release, known: int) -> str:
        """Return in words by what the entries after the first ``known`` ones undo a production; nothing as a rule."""
        excluded = {each.exhibit for each in release.excluded}
        return "; ".join(said for entry in self.ledger.entries(known) for said in _undoing(entry, excluded))

    # -- recording ---------------------------------------------------------------------------------------------------

    def _finished(self, asked: Asked) -> Produced | None:
        """Record a production that was whole when the run that wrote it was killed; None where there is none."""
        open_ones = [entry for entry in unfinished(self.ledger.entries()) if says(entry, asked.said)]
        if not open_ones or not is_package(asked.folder):
            return None
        planned = completeness.planned_in(Packed(asked.folder / PAYLOAD).entries())
        entry = next((each for each in open_ones if planned and each.leaf == planned.leaf), None)
        if entry is None:
            return None
        verify_package(asked.folder)
        _check_accounts(asked.folder)
        if late := self._undone(asked.release, len(Packed(asked.folder / PAYLOAD))):
            raise ExportError(
                f"Nothing was produced: a run that was killed left {asked.folder} whole, and since then {late}. It may "
                "not go out: destroy that folder, and produce again."
            )
        masked = self._masked(asked.release.excluded)
        gathered = self.dossier()
        with self.masking.disclosable(gathered, masked) as dossier:
            found = self._items(asked, dossier, masked, gathered)
        return self._done(entry, self._planning.plan(entry, asked, found), as_written(asked.folder))

    def _done(self, entry: Entry, plan: Plan, package: HandOver) -> Produced:
        used = list(numbered(package.folder / PAYLOAD, plan.numbers))
        last = max((last for _, _, last in used), default=plan.first - 1)
        recorded = self.gate.log(
            PRODUCE,
            private={
                **_disclosure(plan.to, plan.release).as_dict(),
                "folder": str(package.folder),
                **documents_said(used),
            },
            result=[{"kind": "package", "sha256": package.manifest_sha256}, *reservation(last - plan.first + 1)],
            refs=[entry.leaf.hex()],
        )
        self.ledger.cut_checkpoint()
        fates = Counter(each.fate for each in plan.items)
        return Produced(
            folder=package.folder,
            number=plan.number,
            first=plan.label(plan.first) if used else "",
            last=plan.label(last) if used else "",
            files=package.files,
            size=package.size,
            manifest_sha256=package.manifest_sha256,
            fates={str(fate): fates[fate] for fate in Fate},
            unreviewed=len(plan.unreviewed),
            exculpatory=sum(each.exculpatory == "yes" for each in plan.items),
            prosecutor=str(entry.private["prosecutor"]),
            entry=recorded.seq,
        )

    def _failed(self, entry: Entry, error: BaseException) -> None:
        self._discarding.failed(entry, [str(error) if isinstance(error, OsintError) else type(error).__name__])

    @property
    def _roster(self) -> Roster | None:
        return self.gate.session.roster if self.gate.session else None

    @property
    def _planning(self) -> Planning:
        return Planning(self.name, self.investigator, self.ledger, self.gate)

    @property
    def _discarding(self) -> Discarding:
        return Discarding(self.ledger, self.gate)


@dataclass(frozen=True)
class _Run:
    """One run that writes a production."""

    asked: Asked
    plan: Plan
    entry: Entry
    kept: Collection[str]
    pages: Pages
    progress: Progress


class _TooFewError(Exception):
    """More numbers are needed than were reserved."""

    def __init__(self, used: int) -> None:
        super().__init__(used)
        self.used = used


def _check_accounts(folder: Path) -> None:
    """Check that a production accounts for every item and every entry by its own words.

    Raises:
        IntegrityError: It does not.
    """
    if found := check_production(folder):
        raise IntegrityError("What was written does not account for every item and every entry.", found)


def _undoing(entry: Entry, excluded: Collection[str]) -> Iterator[str]:
    """Yield in words what an entry says by which a production that is being written may not go out."""
    yield from undoing(entry)
    yield from masking(entry)
    mark = entry.private.get(MARK, {}) if entry.action == ANNOTATE else {}
    if mark.get(EXCULPATORY) and mark["exhibit"] in excluded:
        yield f"{mark['exhibit']}, which is left out, was marked as exculpatory (entry {entry.seq})"


def _standing_still(dossier: Dossier) -> Dossier:
    """Return a case as of now, if nothing came into it since it was gathered that a production has to account for.

    Raises:
        ExportError: Something did.
    """
    now = as_of_now(dossier.ledger)
    moved = [entry for entry in now.entries(len(dossier.ledger)) if entry.action not in _ADDS_NOTHING]
    if moved:
        first = moved[0]
        raise ExportError(
            f"Nothing was produced: while the case was gathered, another process went on with it (entry {first.seq}, "
            f"{first.action}; {len(moved)} in all). Wait until that is done, or end it, and produce again."
        )
    return replace(dossier, ledger=now)


def _held(dossier: Dossier) -> dict[str, str]:
    return {each.exhibit: each.facts.sha256 for each in dossier.files}


def _disclosure(to: str, release: Release) -> Disclosure:
    return Disclosure(
        recipient=to,
        reason=release.reason or release.authority,
        right=release.authority,
        permission=release.permission or release.decided_by,
        assurance=release.assurance,
        imminent_danger=release.imminent_danger,
        contents=release.contents,
        necessary=release.necessary,
    )


def _said_why(derivative: Derivative, release: Release) -> Derivative:
    """Return what stands for an exhibit; of one that was left out, with the ground for that."""
    act = next((each for each in release.excluded if each.exhibit == derivative.exhibit), None)
    if act is None:
        return derivative
    facts = json.loads(derivative.map) | {"why": f"{_LEFT_OUT}{act.ground} ({act.cited}), by {act.by}."}
    return replace(derivative, map=f"{json.dumps(facts, indent=1, sort_keys=True)}\n".encode("ascii"))
