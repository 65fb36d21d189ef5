"""Where one operator's work differs from that of the rest of the unit: facts and rates, never a score.

For each kind of irregularity every act that could be one is counted, and every act that is one. The share of one person
is compared with the share that all others have on the same purposes of cases (:mod:`osint.oversight.peers`). A line
stands out when the lower end of Wilson's 99 percent interval lies above that. It stands far out when it still does with
the interval widened by how far the others differ among each other: officers do not all work alike. Good reasons for
either are common; the entries are named so that somebody reads them.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapidfuzz import fuzz, process

from osint.oversight.peers import Counts, expected, lower_end, rates, spread
from osint.oversight.report import OversightReport
from osint.oversight.unit import Act, Period, Unit, days, plain
from osint.policy.pack import Pack

Duty = Mapping[str, Sequence[tuple[datetime, datetime]]]
"""When each person was on duty, by name as :func:`plain` spells it: beginnings and ends, the oldest first."""

ACTING = frozenset(
    {
        "annotate", "classify", "disclose", "export", "extend", "locate", "preserve", "produce", "record", "release",
        "state", "transform", "withdraw",
    }
)  # fmt: skip
"""What shows that something was done with a search. That its answer was stored shows nothing: it always is."""

_DONE = ("done", "allowed")
_Z99 = 2.575829
_FEWEST = 2
_TOLD = ("reason", "circumstances", "nexus")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person and one kind of irregularity.

    Attributes:
        person: Who.
        kind: Which, by the names of :data:`KINDS`.
        found: The acts that are irregular in this way.
        of: How many acts could have been.
        others_rate: The share of everybody else, on cases of the same purposes as this person's.
        others_of: How many acts of everybody else that rests on.
        spread: How much more the others differ among each other than by chance, a variance; 1 where they do not.
    """

    person: str
    kind: str
    found: Sequence[Act] = field(repr=False)
    of: int
    others_rate: float
    others_of: int
    spread: float = 1.0

    @property
    def rate(self) -> float:
        """The share of this person."""
        return len(self.found) / self.of

    @property
    def stands_out(self) -> bool:
        """Whether the share lies above that of the others by more than chance would bring."""
        return self._lies_above(_Z99)

    @property
    def stands_far_out(self) -> bool:
        """Whether it does so even among others who differ among each other as much as these do."""
        return self._lies_above(_Z99 * math.sqrt(self.spread))

    def _lies_above(self, errors: float) -> bool:
        return len(self.found) >= _FEWEST and lower_end(len(self.found), self.of, errors) > self.others_rate


@dataclass(frozen=True)
class Looked:
    """What a kind of irregularity is looked for in: the unit, the period, the pack, who was on duty when."""

    unit: Unit
    period: Period
    pack: Pack
    duty: Duty

    def searches(self) -> Mapping[str, list[Act]]:
        """Return the searches of the period by person."""
        return self.unit.by_person(self.period, lambda act: act.searches)


Share = Mapping[str, tuple[Sequence[Act], Sequence[Act]]]
"""By person: the acts that are irregular, and those that could be."""


def not_followed(looked: Looked) -> Share:
    """Searches after which nobody did anything in the case: no lead, no statement, nothing handed out."""
    window = days(looked.pack.number("oversight_action_days"))
    acted = {
        case: [act.at for act in acts if act.entry.action in ACTING and act.entry.outcome in _DONE]
        for case, acts in looked.unit.acts.items()
    }

    def idle(act: Act) -> bool:
        times = acted[act.case]
        place = bisect_right(times, act.at)
        return place == len(times) or times[place] > act.at + window

    return {who: (list(filter(idle, acts)), acts) for who, acts in looked.searches().items()}


def in_other_cases(looked: Looked) -> Share:
    """Searches for somebody whom the same person searched in another case that shares no work with this one."""

    def again(acts: Sequence[Act]) -> list[Act]:
        cases: dict[str, set[str]] = defaultdict(set)
        for act in acts:
            cases[act.target].add(act.case)
        several = {target for target, names in cases.items() if target and len(looked.unit.unrelated(names)) > 1}
        return [act for act in acts if act.target in several]

    return {who: (again(acts), acts) for who, acts in looked.searches().items()}


def off_duty(looked: Looked) -> Share:
    """Searches at a time when the duty roster does not have the person; who is not on it is left out."""

    def off(act: Act) -> bool:
        shifts = looked.duty[plain(act.person)]
        place = bisect_right(shifts, act.at, key=lambda shift: shift[0]) - 1
        return place < 0 or shifts[place][1] < act.at

    known = {who: acts for who, acts in looked.searches().items() if plain(who) in looked.duty}
    return {who: (list(filter(off, acts)), acts) for who, acts in known.items()}


def in_bursts(looked: Looked) -> Share:
    """Searches for many different targets within minutes; what an emergency carries is left out."""
    most, window = looked.pack.number("oversight_burst_targets"), looked.pack.number("oversight_burst_minutes")

    def calm(act: Act) -> bool:
        authority = looked.unit.authority(act)
        return authority is None or not authority.emergency

    def bursts(acts: Sequence[Act]) -> list[Act]:
        found: set[int] = set()
        first = 0
        for last, act in enumerate(acts):
            while act.at - acts[first].at > timedelta(minutes=window):
                first += 1
            if len({each.target for each in acts[first : last + 1]}) >= most:
                found.update(range(first, last + 1))
        return [acts[place] for place in sorted(found)]

    wanted = {who: list(filter(calm, acts)) for who, acts in looked.searches().items()}
    return {who: (bursts(acts), acts) for who, acts in wanted.items() if acts}


def repeated_reasons(looked: Looked) -> Share:
    """Justifications that nearly repeat one that the same person gave in another case."""
    alike = looked.pack.number("oversight_alike_percent")

    def repeats(acts: Sequence[Act]) -> list[Act]:
        found, earlier = [], list[tuple[str, str]]()
        for act in acts:
            told = justifications(act)
            elsewhere = [text for case, text in earlier if case != act.case]
            if any(process.extractOne(text, elsewhere, scorer=fuzz.ratio, score_cutoff=alike) for text in told):
                found.append(act)
            earlier += [(act.case, text) for text in told]
        return found

    stated = looked.unit.by_person(looked.period, lambda act: bool(justifications(act)))
    return {who: (repeats(acts), acts) for who, acts in stated.items()}


def only_viewed(looked: Looked) -> Share:
    """Cases of which the person looked at something and in which they did nothing else, where views are recorded."""
    worked = looked.unit.by_person(looked.period, lambda act: act.entry.outcome in _DONE)
    shares = {}
    for who, acts in worked.items():
        did = {act.case for act in acts if act.entry.action not in ("view", "open", "key.add", "configure")}
        views = [act for act in acts if act.entry.action == "view" and act.case not in did]
        first = list({act.case: act for act in reversed(views)}.values())
        shares[who] = (first, list({act.case: act for act in reversed(acts)}.values()))
    return shares


KINDS: Mapping[str, Callable[[Looked], Share]] = {
    "searches without case action": not_followed,
    "same subject in unrelated cases": in_other_cases,
    "off duty": off_duty,
    "bursts": in_bursts,
    "repeated justification": repeated_reasons,
    "views without edits": only_viewed,
}
"""Every kind of irregularity that is looked for, by its name in the report."""


def lines(looked: Looked) -> list[Line]:
    """Return a line for each person and kind, whether it stands out or not."""
    return [line for kind, look in KINDS.items() for line in _lines(kind, look(looked), looked.unit)]


def operator_report(
    unit: Unit, period: Period, pack: Pack, *, duty: Duty | None = None, every: bool = False
) -> OversightReport:
    """Report where the work of one person differs from that of the others.

    Args:
        unit: The cases.
        period: The time it is about.
        pack: The policy pack; its ``oversight_`` values say what counts.
        duty: When each person was on duty; without it nothing is said of that.
        every: Also the lines that do not stand out.

    Returns:
        One row for each person and kind of irregularity that stands out, those that stand far out first, with the share
        of the person, that of all others on the same purposes of cases, how far these differ among each other, and the
        entries.
    """
    found = lines(Looked(unit, period, pack, duty or {}))
    shown = sorted((line for line in found if every or line.stands_out), key=lambda line: not line.stands_far_out)
    far = sum(line.stands_far_out for line in shown)
    viewed = any(act.entry.action == "view" for act in unit.within(period))
    notes = [
        f"{len(found)} shares were compared; {len(shown)} {'are shown' if every else 'stand out'}. By chance alone "
        "about one in 200 would, and officers differ by more than chance: "
        f"{far} stand far out, even among others who differ so much. Begin with these.",
        "Standing out is no finding about a person: read the entries, and ask. Whoever stays below may still have done "
        "wrong.",
    ]
    notes += [] if duty else ["No duty roster was given; nothing is said of searches off duty."]
    notes += [] if viewed else ["No ledger records a view; nothing is said of views without edits."]
    return OversightReport(
        title=f"Operators, {period}",
        columns=("person", "kind", "found", "of", "rate", "others rate", "others of", "spread", "far out", "entries"),
        rows=[
            (
                line.person, line.kind, len(line.found), line.of, line.rate, line.others_rate, line.others_of,
                line.spread, line.stands_far_out, tuple(act.ref for act in line.found),
            )
            for line in shown
        ],
        notes=tuple(notes),
    )  # fmt: skip


def _lines(kind: str, shares: Share, unit: Unit) -> Iterator[Line]:
    """Yield a line for each person; what is compared with leaves the person out."""
    counts = {who: _by_purpose(unit, *acts) for who, acts in shares.items()}
    for who, (found, possible) in shares.items():
        others = [each for other, each in counts.items() if other != who]
        yield Line(
            person=who,
            kind=kind,
            found=found,
            of=len(possible),
            others_rate=expected(counts[who], rates(others)),
            others_of=sum(of for each in others for _, of in each.values()),
            spread=spread(others),
        )


def _by_purpose(unit: Unit, found: Iterable[Act], possible: Iterable[Act]) -> Counts:
    irregular, every = Counter(map(unit.purpose, found)), Counter(map(unit.purpose, possible))
    return {purpose: (irregular[purpose], of) for purpose, of in every.items()}


def justifications(act: Act) -> list[str]:
    """Return what an entry gives as reasons in the words of a person: of a lead, an emergency, a tie to a crime."""
    private = act.entry.private
    said = {**(private.get("authorization") or {}), **private} if act.entry.outcome == "done" else {}
    return [plain(str(said[name])) for name in _TOLD if act.entry.action in ("extend", "authorize") and said.get(name)]


def read_duty(rows: Iterable[tuple[str, datetime, datetime]]) -> Duty:
    """Return who was on duty when, of rows with a name, a beginning and an end; what overlaps is joined."""
    shifts: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for name, start, end in sorted(rows, key=lambda row: row[1]):
        own = shifts[plain(name)]
        if own and start <= own[-1][1]:
            own[-1] = (own[-1][0], max(own[-1][1], end))
        else:
            own.append((start, end))
    return shifts
