"""What an agency may publish: counts, and nothing that names a person, an account, a host or a case.

Every name in it is from a closed list: purposes, levels, rules of the policy pack; beside them stand the period and the
name and version of the pack. A count that is small and not none
is not published, since it could point at somebody; nor is any total from which it could be worked out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from statistics import median

from osint.chain_of_custody.entry import Entry
from osint.oversight.report import OversightReport
from osint.oversight.reviews import Review, counted
from osint.oversight.sample import Sample, is_step, level_of
from osint.oversight.unit import Act, CaseRecord, Period, Unit, days
from osint.oversight.violations import Violation
from osint.policy.authorization import PURPOSES, Authorization
from osint.policy.pack import Pack

OTHER = "other"
_DONE = ("done", "allowed")
_ADD_UP = frozenset({"emergencies", "reviews"})
_WITHHELD = "not published"


def transparency_report(
    unit: Unit,
    period: Period,
    pack: Pack,
    *,
    sample: Sample,
    reviews: Sequence[Review] = (),
    violations: Sequence[Violation] = (),
    now: datetime,
) -> OversightReport:
    """Report what was done in a period, in counts.

    Args:
        unit: The cases.
        period: The time it is about.
        pack: The policy pack in force; its rules are the names of refusals.
        sample: What was to be reviewed.
        reviews: The reviews that were read.
        violations: The reports of the sealed queue.
        now: The present instant, by which a review is overdue.

    Returns:
        One row for each count: section, item, and the count, or ``fewer than 5`` by the number of the pack.
    """
    least = pack.number("transparency_smallest_count")
    acts = list(unit.within(period))
    counts: Mapping[str, Mapping[str, int]] = {
        "cases by purpose": _by_purpose(unit, period),
        "steps by level": _levels(unit, acts, pack),
        "refusals by rule": _refusals(acts, pack),
        "First-Amendment reviews": {"authorities": sum(bool(each.nexus) for each in _authorities(unit, period))},
        "emergencies": _emergencies(unit, period, acts),
        "reviews": _reviews(unit, sample, reviews, pack, now),
        "misuse reports": _misuse(violations, period),
        "purges": _purges(acts),
    }
    shown = {section: _shown(section, items, least) for section, items in counts.items()}
    if _small(counts["steps by level"], least):  # what is to be reviewed is level 2 and a known part of level 1
        shown["reviews"] = dict.fromkeys(shown["reviews"], _WITHHELD)
    rows = [(section, item, told) for section, items in shown.items() for item, told in items.items()]
    kept = list(_retention(unit, period))
    rows.append(("retention", "median days to purge", str(round(median(kept))) if len(kept) >= least else _WITHHELD))
    rows.append(("policy", f"{pack.name} {pack.version}", "review overdue" if pack.overdue(now.date()) else "in force"))
    return OversightReport(
        title=f"Transparency report, {period}",
        columns=("section", "item", "count"),
        rows=rows,
        notes=(
            f"Counts of one to {least - 1} are not published. No sums are given: they would tell what was left out.",
            "Counted is what ledgers record; what an officer saw outside this tool is in none.",
        ),
    )


def _small(items: Mapping[str, int], least: int) -> set[str]:
    return {item for item, count in items.items() if 0 < count < least}


def _shown(section: str, items: Mapping[str, int], least: int) -> dict[str, str]:
    """Return the counts of a section in words; where they add up, one that is small takes the others with it."""
    small = _small(items, least)
    others = _WITHHELD if small and section in _ADD_UP else ""
    return {item: f"fewer than {least}" if item in small else others or str(count) for item, count in items.items()}


def _authorities(unit: Unit, period: Period) -> Iterator[Authorization]:
    for case in unit.cases:
        leaves = {entry.leaf.hex() for entry in case.entries if entry.end_time in period}
        yield from (authority for leaf, authority in case.authorities.items() if leaf in leaves)


def _by_purpose(unit: Unit, period: Period) -> Mapping[str, int]:
    found = Counter(dict.fromkeys(PURPOSES, 0))
    for acts in unit.acts.values():
        purposes = {str(act.entry.purpose) for act in acts if act.at in period and act.entry.purpose}
        found.update({purpose if purpose in PURPOSES else OTHER for purpose in purposes})
    return found


def _levels(unit: Unit, acts: Iterable[Act], pack: Pack) -> Mapping[str, int]:
    found = Counter(level_of(unit, act, pack)[0] for act in acts if is_step(act))
    return {str(level): found[level] for level in (1, 2)}


def _refusals(acts: Iterable[Act], pack: Pack) -> Mapping[str, int]:
    """Count refusals by the rules that objected; a refusal under several rules counts for each of them."""
    found: Counter[str] = Counter()
    known = {rule.lower(): rule for rule in pack.rules}
    for act in acts:
        if act.entry.outcome == "refused":
            rules = [str(item["rule"]) for item in act.entry.result if item.get("kind") == "rule"]
            rules = rules or [str(rule) for rule in act.entry.private.get("rules", ())]
            found.update({known.get(rule.lower(), OTHER) for rule in rules} or {OTHER})
    return dict(sorted(found.items()))


def _emergencies(unit: Unit, period: Period, acts: Iterable[Act]) -> Mapping[str, int]:
    answers = Counter(act.entry.outcome for act in acts if act.entry.action == "ratify")
    return {
        "recorded": sum(bool(each.emergency) for each in _authorities(unit, period)),
        "ratified": answers["done"],
        "ratification refused": answers["failed"],
        "put off": answers["nil"],
    }


def _reviews(unit: Unit, sample: Sample, reviews: Sequence[Review], pack: Pack, now: datetime) -> Mapping[str, int]:
    done = len(counted(unit, sample, reviews))
    overdue = now > sample.period.until + days(pack.number("oversight_review_days"))
    left = len(sample.drawn) - done
    return {"to do": len(sample.drawn), "done": done, "overdue": left if overdue else 0}


def _misuse(violations: Sequence[Violation], period: Period) -> Mapping[str, int]:
    decided = [decision for each in violations for at, decision in each.decisions if at in period]
    return {
        "received": sum(each.at in period for each in violations),
        "opened": decided.count("opened"),
        "upheld": decided.count("upheld"),
    }


def _purges(acts: Iterable[Act]) -> Mapping[str, int]:
    done = [act for act in acts if act.entry.action == "purge" and act.entry.outcome in _DONE]
    return {"exhibits": sum("exhibit" in item for act in done for item in act.entry.object)}


def _retention(unit: Unit, period: Period) -> Iterator[float]:
    """Yield how many days each exhibit that was purged in the period had been kept."""
    for case in unit.cases:
        taken = {entry.exhibit: entry.end_time for entry in case.entries if entry.exhibit}
        for entry in _purging(case, period):
            gone = [item["exhibit"] for item in entry.object if item.get("exhibit") in taken]
            yield from ((entry.end_time - taken[number]) / days(1) for number in gone)


def _purging(case: CaseRecord, period: Period) -> list[Entry]:
    return [
        each for each in case.entries if each.action == "purge" and each.outcome == "done" and each.end_time in period
    ]
