"""What a share is compared with: the same purposes of cases, and others who differ among each other."""

from __future__ import annotations

import pytest
from records import JUNE, KLEIN, NOON, PACK, SMIT, case_of, search, unit_of

from osint.oversight.operators import Looked, lines
from osint.oversight.peers import expected, lower_end, rates, spread


def test_a_share_is_compared_with_that_of_others_on_the_same_purposes():
    """Half of gang searches and a tenth of fraud searches lead to nothing: who does gangs only is compared with gangs."""
    others = [{"gang": (5, 10), "fraud": (1, 10)}, {"fraud": (1, 10)}]

    assert rates(others) == {"gang": 0.5, "fraud": 0.1, "": 7 / 30}
    assert expected({"gang": (9, 10)}, rates(others)) == 0.5
    assert expected({"gang": (0, 10), "fraud": (0, 30)}, rates(others)) == pytest.approx((5 + 3) / 40)
    assert expected({"tips": (1, 4)}, rates(others)) == pytest.approx(7 / 30), "nobody else had one: all of theirs"
    assert expected({"gang": (9, 10)}, rates([])) == 0.0


def test_people_who_differ_no_more_than_by_chance_have_a_spread_of_one():
    """So do fewer than five, of whom nobody can tell."""
    alike = [{"": (found, 100)} for found in (8, 9, 10, 10, 10, 11, 12)]
    unlike = [{"": (found, 100)} for found in (1, 2, 5, 10, 15, 18, 19)]

    assert spread(alike) == 1.0
    assert spread(unlike) == pytest.approx((9 + 64 / 9 + 25 / 9) * 2 / 7)
    assert spread(unlike[:4]) == 1.0
    assert spread([{"": (0, 9)}] * 9) == 1.0
    assert spread([{"a": (9, 10), "b": (1, 10)}] * 9) == 1.0, "purposes differ, people do not"


def test_one_person_far_off_does_not_hide_behind_the_spread_that_this_makes():
    """A tenth at either end is drawn in."""
    crowd = [{"": (10, 100)} for _ in range(10)]

    assert spread([*crowd, {"": (90, 100)}]) < 10 < spread([*crowd[:3], {"": (90, 100)}, {"": (80, 100)}])


def test_the_lower_end_is_wilsons():
    """The end lies so many standard errors below the rate, by the error at that end."""
    for count, of, z in ((8, 10, 1.96), (41, 84, 2.576), (0, 9, 1.96)):
        end = lower_end(count, of, z)
        assert (count / of - end) ** 2 == pytest.approx(z * z * end * (1 - end) / of, abs=1e-12)


def test_who_differs_no_more_than_the_others_do_stands_out_but_not_far():
    """Eight officers with shares from none to nearly all: the last is beyond chance, and nothing unheard of here."""
    officers = [replaced(n) for n in range(8)]
    busy = [(place, who, n) for n, who in enumerate(officers) for place in range(1, 31)]
    followed = {n: 30 - 4 * n for n in range(8)}
    cases = [
        case_of(
            f"{n}-{place}",
            search(1, who, f"{n} {place}"),
            *([(2, who, "state", {"private": {"by": who.name}})] if place <= followed[n] else []),
        )
        for place, who, n in busy
    ]
    found = {
        line.person: line
        for line in lines(Looked(unit_of(*cases), JUNE, PACK, {}))
        if line.kind == "searches without case action"
    }

    last = found[officers[7].name]
    assert (len(last.found), last.of, last.others_of) == (28, 30, 210)
    assert last.spread > 5
    assert (last.stands_out, last.stands_far_out) == (True, False)
    assert not found[officers[0].name].stands_out


def replaced(number: int):
    return type(SMIT)(f"Officer {number}, badge {number}", f"{number + 4:x}" * 64, 8, 1, "", 1)


def test_a_look_without_a_purpose_counts_for_that_of_its_case():
    """An entry that names none is of the first authority of the case; without either of no purpose."""
    authority = {"identifier": "1", "type": "report", "purpose": "gang", "expires": "2027-01-01", "place": "Westmere"}
    unit = unit_of(
        case_of("a", (0, SMIT, "authorize", {"private": {"authorization": authority}}), (1, KLEIN, "view", {})),
        case_of("b", (1, KLEIN, "view", {"purpose": "cybercrime"}), (2, KLEIN, "view", {})),
    )

    found = [unit.purpose(act) for acts in unit.acts.values() for act in acts if act.entry.action == "view"]
    assert (NOON.year, found) == (2026, ["gang", "cybercrime", ""])
