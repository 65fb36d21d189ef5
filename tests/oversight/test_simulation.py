"""The invented agency and what the reports show of it."""

from __future__ import annotations

from pathlib import Path

import simulation
from agency import MISUSE, year

from osint.oversight.operators import KINDS

SMALL = {"operators": 20, "supervisors": 2, "cases": 200, "each": 1}
PAGE = Path(__file__).parents[2] / "docs" / "oversight.md"


def test_a_year_is_the_same_whenever_it_is_made_and_another_with_another_seed():
    """Otherwise no figure of it could be checked."""
    small = {"operators": 16, "supervisors": 2, "cases": 120, "each": 1}
    made = [
        [(entry.leaf, entry.payload) for case in year(seed, **small).cases for entry in case.kept] for seed in (1, 1, 2)
    ]

    assert made[0] == made[1]
    assert made[0] != made[2]


def test_the_reports_show_misusers_more_often_than_others():
    """And they do show others: whoever reads them is told so."""
    told = simulation.measure(1, **SMALL)

    shown = sum(told[f"shown {kind}"] for kind in MISUSE) / sum(told[f"of {kind}"] for kind in MISUSE)
    assert shown > 2 * told["shown false"] / told["of false"]
    assert told["shown far false"] <= told["shown false"]
    assert told["of false"] + len(MISUSE) == SMALL["operators"]
    assert told["shown rubber stamp"] == 1


def test_the_page_of_the_supervisor_has_a_rate_for_each_way_of_misuse_and_each_kind_of_line():
    """Those that the command printed, misses and false alarms."""
    block = PAGE.read_text("utf-8").split("```text misuse-simulation\n")[1].split("```")[0]

    assert "5 invented years of an agency, seeds 1 to 5." in block
    assert all(f"  {name} " in block for name in (*MISUSE, *KINDS))
    assert block.count("95 % interval") == 3 * len(MISUSE) - 1 + len(KINDS) + 4
