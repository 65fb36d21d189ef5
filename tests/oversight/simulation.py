"""How many misusers the reports show, and how many others: invented years of an agency (``make misuse-simulation``).

The agency (``agency.py``) was written before the reports, by the same hand. A misuser counts as shown when the report
has a line about them that names an entry of the misuse; a line about something else is a coincidence. An operator who
misuses nothing and has a line is a false alarm. Intervals are Wilson's, 95 percent.
"""

from __future__ import annotations

import sys
from collections import Counter

from agency import END, MISUSE, YEAR, Agency, head_over, year

from osint.oversight.approvals import approver_report
from osint.oversight.operators import KINDS, Looked, lines, read_duty
from osint.oversight.peers import lower_end
from osint.oversight.sample import draw
from osint.oversight.unit import CaseRecord, Period, Unit
from osint.policy.pack_text import DEFAULT, built_in

PERIOD = Period(YEAR, END)
PACK = built_in(DEFAULT)
SEEDS = range(1, 6)
_Z95 = 1.959964


def unit_of(agency: Agency) -> Unit:
    """Return the cases of an invented agency as the reports read them."""
    found = ((case.origin, list(case.entries())) for case in agency.cases)
    return Unit(CaseRecord(origin, origin, entries, [head_over(origin, entries)]) for origin, entries in found)


def interval(count: int, of: int) -> str:
    """Return a share with its 95 percent interval, in words."""
    low, high = lower_end(count, of, _Z95), 1 - lower_end(of - count, of, _Z95)
    return f"{count} of {of}, {count / of:.0%} (95 % interval {low:.0%} to {high:.0%})"


def measure(seed: int, **size: int) -> Counter[str]:
    """Return, for one invented year, what was shown and of how many."""
    agency = year(seed, **size)
    unit, told = unit_of(agency), Counter[str]()
    every = [line for line in lines(Looked(unit, PERIOD, PACK, read_duty(agency.duty))) if line.stands_out]
    shown = {(line.person, line.kind) for line in every}
    named = [line for line in every if any(act.entry.leaf.hex() in agency.misuse for act in line.found)]
    right, far = {line.person for line in named}, {line.person for line in every if line.stands_far_out}
    far_right = {line.person for line in named if line.stands_far_out}
    misusers = set[str]().union(*agency.misused.values())
    for kind, people in agency.misused.items():
        told[f"of {kind}"] += len(people)
        told[f"shown {kind}"] += len(people & right)
        told[f"of far {kind}"] += len(people)
        told[f"shown far {kind}"] += len(people & far_right)
    innocent = set(agency.operators) - misusers
    told["of false"] += len(innocent)
    told["shown false"] += len(innocent & {who for who, _ in shown})
    told["of far false"] += len(innocent)
    told["shown far false"] += len(innocent & far)
    for kind in KINDS:
        told[f"of false {kind}"] += len(innocent)
        told[f"shown false {kind}"] += len(innocent & {who for who, each in shown if each == kind})
    drawn = {each.act.entry.leaf.hex() for each in draw(unit, PERIOD, PACK).drawn}
    for kind, people in agency.misused.items():
        searching = people & agency.searched.keys()
        told[f"of sample {kind}"] += len(searching)
        told[f"shown sample {kind}"] += sum(bool(agency.searched[who] & drawn) for who in searching)
    rows = approver_report(unit, PERIOD, PACK).as_dict()["rows"]
    quick = {row["approver"] for row in rows if (row["share quick"] or 0) > 0.95}
    told["of rubber stamp"] += len(agency.rubber_stamps)
    told["shown rubber stamp"] += len(agency.rubber_stamps & quick)
    told["of false rubber stamp"] += len(set(agency.supervisors) - agency.rubber_stamps)
    told["shown false rubber stamp"] += len(quick - agency.rubber_stamps)
    return told


def report(seeds: range = SEEDS, **size: int) -> list[str]:
    """Return the rates over some invented years, in lines."""
    told = sum((measure(seed, **size) for seed in seeds), Counter[str]())

    def line(name: str, what: str) -> str:
        return f"{what:52} {interval(told[f'shown {name}'], told[f'of {name}'])}"

    return [
        f"{len(seeds)} invented years of an agency, seeds {seeds[0]} to {seeds[-1]}.",
        "",
        "Operators who misused it, and have a line in the operator report that names an entry of that:",
        *(line(kind, f"  {kind}") for kind in MISUSE),
        "Operators who did not, and have a line all the same:",
        line("false", "  a line of any kind"),
        *(line(f"false {kind}", f"  {kind}") for kind in KINDS),
        "The same, with a line that stands far out:",
        *(line(f"far {kind}", f"  {kind}") for kind in MISUSE),
        line("far false", "  who misused nothing, a line of any kind"),
        "Operators of whose misuse the sample of the year holds at least one search:",
        *(line(f"sample {kind}", f"  {kind}") for kind in MISUSE if told[f"of sample {kind}"]),
        "Supervisors with more than 95 % quick answers in the approver report:",
        line("rubber stamp", "  who ratified without reading"),
        line("false rubber stamp", "  who did not"),
    ]


if __name__ == "__main__":
    sys.stdout.write("\n".join(report()) + "\n")
