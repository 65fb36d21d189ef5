"""What a supervisor reviews after a period: every step of level 2, and a sample of level 1 that nobody could foresee.

The sample is drawn from the heads of the ledgers, each the first signed head that covers the period. Nobody knows them
before the period is over, and whoever has them afterwards draws the same sample again:

1. seed = SHA-256 over the texts of the heads (origin, number of entries, root: three lines each), sorted;
2. the rank of a step = SHA-256 over the seed and the leaf hash of its entry; the lowest ranks are drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from osint.capture.network import VIA_PROXY
from osint.chain_of_custody import merkle
from osint.chain_of_custody.checkpoint import Checkpoint, parse
from osint.chain_of_custody.digests import sha256
from osint.errors import IntegrityError
from osint.oversight.report import OversightReport
from osint.oversight.unit import Act, CaseRecord, Period, Unit
from osint.policy.pack import Pack

EMPLOYEE = "employee"
"""How a condition begins that the gate records with an authority about the agency's own personnel."""

_STEPS = frozenset({"import"})


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One step that is to be reviewed, its level, and why."""

    act: Act
    level: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What is to be reviewed of a period.

    Attributes:
        period: The period.
        heads: The head of each ledger that the sample was drawn from, sorted; together they are the seed.
        drawn: The steps, level 2 first.
        of: How many steps of level 1 there were.
        uncovered: Cases of which no signed head covers the period; nothing was drawn of them.
    """

    period: Period
    heads: tuple[str, ...]
    drawn: tuple[Drawn, ...]
    of: int
    uncovered: tuple[str, ...]

    @property
    def seed(self) -> bytes:
        """What the ranks begin with, 32 bytes."""
        return bytes.fromhex(sha256("".join(self.heads).encode()))

    def report(self) -> OversightReport:
        """Return it as a table, with the heads to draw it again from."""
        notes = [f"Drawn from {len(self.heads)} heads, seed {self.seed.hex()}; steps of level 1 in all: {self.of}."]
        notes += [f"No signed head covers the period, nothing was drawn: {', '.join(self.uncovered)}"] * bool(
            self.uncovered
        )
        rows = [
            (each.act.case, each.act.entry.seq, each.act.entry.leaf.hex(), each.level, each.why) for each in self.drawn
        ]
        return OversightReport(
            title=f"To be reviewed, {self.period}",
            columns=("case", "entry", "leaf", "level", "why"),
            rows=rows,
            notes=(*notes, *(head.replace("\n", " ").strip() for head in self.heads)),
        )


def draw(unit: Unit, period: Period, pack: Pack) -> Sample:
    """Draw the sample of a period that is over.

    Raises:
        IntegrityError: A signed head does not fit the entries that lie before us.
    """
    steps = {
        case.name: [act for act in unit.acts[case.name] if act.at in period and is_step(act)] for case in unit.cases
    }
    heads = {case.name: _head(case, period) for case in unit.cases if steps[case.name]}
    covered = tuple(sorted(head.text for head in heads.values() if head))
    seed = bytes.fromhex(sha256("".join(covered).encode()))
    levels = [(act, *level_of(unit, act, pack)) for name, head in heads.items() if head for act in steps[name]]
    first = sorted((act for act, level, _ in levels if level == 1), key=lambda act: _rank(seed, act))
    wanted = max(
        math.ceil(len(first) * pack.number("oversight_sample_percent") / 100), pack.number("oversight_sample_least")
    )
    second = [Drawn(act=act, level=2, why=", ".join(why)) for act, level, why in levels if level == 2]
    return Sample(
        period=period,
        heads=covered,
        drawn=(*second, *(Drawn(act=act, level=1, why="drawn") for act in first[:wanted])),
        of=len(first),
        uncovered=tuple(sorted(name for name, head in heads.items() if head is None)),
    )


def is_step(act: Act) -> bool:
    """Return whether an entry permits a step that a supervisor may have to review."""
    return act.searches or (act.entry.action in _STEPS and act.entry.outcome == "allowed")


def level_of(unit: Unit, act: Act, pack: Pack) -> tuple[int, tuple[str, ...]]:
    """Return the level of a step, 1 or 2, and what makes it 2, as far as the ledger says so.

    The words are those of :data:`osint.policy.approval.GROUNDS`, and ``emergency``.
    """
    authority = unit.authority(act)
    found = {
        "proxy": str(act.entry.payload["environment"].get("network", "")).startswith(VIA_PROXY),
        "repeats": _visits_before(unit, act) >= pack.number("looks_without_approval"),
    }
    if authority is not None:
        found |= {
            "emergency": bool(authority.emergency),
            "gang": authority.purpose == "gang",
            "minor": authority.minor in ("yes", "unknown") or authority.emergency == "missing_child",
            "protected": bool(authority.nexus),
            "staff": _is_about_staff(unit.by_name[act.case], act.entry.authorization),
            "subjects": len(authority.subjects) > pack.number("subjects_without_approval"),
        }
    why = tuple(sorted(name for name, holds in found.items() if holds))
    return (2 if why else 1), why


def _is_about_staff(case: CaseRecord, leaf: str | None) -> bool:
    recorded = next((entry for entry in case.entries if entry.leaf.hex() == leaf), None)
    said: Sequence[str] = recorded.private.get("conditions", ()) if recorded else ()
    return any(str(each).startswith(EMPLOYEE) for each in said)


def _visits_before(unit: Unit, act: Act) -> int:
    """Return how often the exhibit that a step visits again had been visited; 0 where it visits none."""
    visited = _numbers(act)
    if not visited:
        return 0
    before = unit.acts[act.case][: act.entry.seq]
    return sum(bool(visited.intersection(_numbers(each))) for each in before if each.searches)


def _numbers(act: Act) -> set[str]:
    return {str(item["exhibit"]) for item in act.entry.object if "exhibit" in item}


def _head(case: CaseRecord, period: Period) -> Checkpoint | None:
    """Return the first signed head over every entry of the period; None where there is none."""
    last = max(entry.seq for entry in case.entries if entry.end_time in period)
    heads = sorted(map(parse, case.checkpoints), key=lambda head: head.size)
    found = next((head for head in heads if head.size > last), None)
    if found is None:
        return None
    if merkle.root([entry.leaf for entry in case.entries[: found.size]]) != found.root:
        raise IntegrityError(
            f"The head over {found.size} entries of {case.name} does not fit its entries; nothing was drawn. Verify "
            "the case first.",
            (),
        )
    return found


def _rank(seed: bytes, act: Act) -> str:
    return sha256(seed + act.entry.leaf)
