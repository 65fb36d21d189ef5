"""How each approver approves: how soon after being asked, how many at once, how many were refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from osint.chain_of_custody.two_persons import are_two
from osint.instants import parse_instant
from osint.oversight.report import OversightReport
from osint.oversight.unit import Act, Period, Unit
from osint.policy.pack import Pack

_TOGETHER = frozenset({"ratify", "redact", "purge", "unhold", "countersign", "screen.unseal"})
"""Acts that two persons sign in one entry."""
_FROM_AFAR = "approve"
_BATCH = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One answer of an approver.

    Attributes:
        approver: Who.
        act: The entry that records it.
        granted: Whether it was granted.
        at: When it was answered.
        waited: How long after the request was shown, or where both sat at one machine, recorded; None where no entry
            says when that was.
    """

    approver: str
    act: Act
    granted: bool
    at: datetime
    waited: timedelta | None


def approvals(unit: Unit, period: Period) -> Iterator[Approval]:
    """Yield what second persons answered in a period."""
    every = (act for acts in unit.acts.values() for act in acts)
    asked = {act.entry.leaf.hex(): act.at for act in every if act.entry.action == "authorize"}
    for act in unit.within(period, lambda act: act.entry.outcome in ("done", "failed")):
        if act.entry.action == _FROM_AFAR and "answered" in act.entry.private:
            shown, answered = (parse_instant(act.entry.private[name]) for name in ("opened", "answered"))
            yield _approval(unit, act, answered, answered - shown)
        elif act.entry.action in _TOGETHER and are_two(act.entry):
            requested = next((asked[leaf] for leaf in act.entry.refs if leaf in asked), None)
            waited = act.at - requested if requested and act.entry.action == "ratify" else None
            yield _approval(unit, act, act.at, waited)


def _approval(unit: Unit, act: Act, at: datetime, waited: timedelta | None) -> Approval:
    who = str(act.entry.private.get("approver") or unit.name_of(act.entry.signers[-1]))
    return Approval(approver=who, act=act, granted=act.entry.outcome == "done", at=at, waited=waited)


def approver_report(unit: Unit, period: Period, pack: Pack) -> OversightReport:
    """Report how each approver approves.

    Returns:
        One row for each approver: answers, those granted, the share refused, those whose wait is known, those within
        the seconds that the pack names, the median wait in seconds, those given in batches, and the entries of the
        quick ones.
    """
    by_person: dict[str, list[Approval]] = {}
    for each in approvals(unit, period):
        by_person.setdefault(each.approver, []).append(each)
    seconds, batch = pack.number("oversight_approval_seconds"), pack.number("oversight_batch_approvals")
    return OversightReport(
        title=f"Approvers, {period}",
        columns=(
            "approver", "answers", "granted", "share refused", "wait known", "quick", "share quick", "median wait, s",
            "in batches", "quick entries",
        ),
        rows=[_row(who, given, timedelta(seconds=seconds), batch) for who, given in sorted(by_person.items())],
        notes=(
            f"Quick: within {seconds} seconds of seeing the request, or in a ratification, of the emergency. "
            f"In batches: {batch} or more within ten minutes.",
            "What two persons sign in one sitting records no request, so that no wait is known of it.",
            "Who refuses nothing may be asked well, or not read; refusals in words alone are in no ledger.",
            "A quick answer is no finding: a supervisor at the next desk may have read it before it was recorded.",
        ),
    )  # fmt: skip


def _row(who: str, given: Sequence[Approval], soon: timedelta, batch: int) -> tuple[object, ...]:
    waits = [each.waited for each in given if each.waited is not None]
    quick = [each for each in given if each.waited is not None and each.waited <= soon]
    middle = round(median(wait.total_seconds() for wait in waits)) if waits else None
    share = len(quick) / len(waits) if waits else None
    refs = tuple(each.act.ref for each in quick)
    granted = sum(each.granted for each in given)
    refused = 1 - granted / len(given)
    return who, len(given), granted, refused, len(waits), len(quick), share, middle, _in_batches(given, batch), refs


def _in_batches(given: Sequence[Approval], least: int) -> int:
    times = sorted(each.at for each in given)
    found: set[int] = set()
    first = 0
    for last, time in enumerate(times):
        while time - times[first] > _BATCH:
            first += 1
        if last - first + 1 >= least:
            found.update(range(first, last + 1))
    return len(found)
