"""The operator report: each kind of irregularity, and the nearest work that is none."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from records import BERG, JUNE, KLEIN, NOON, PACK, SMIT, case_of, search, unit_of

from osint.oversight.operators import KINDS, Looked, operator_report, read_duty

DUTY = read_duty([(SMIT.name, NOON - timedelta(hours=4), NOON + timedelta(hours=4))])
LATE = 60 * 24 * 29
AUTHORITY = {
    "identifier": "MP-1",
    "type": "report",
    "purpose": "cybercrime",
    "expires": "2027-01-01",
    "place": "Westmere",
}
URGENT = {
    **AUTHORITY,
    "purpose": "missing_person",
    "emergency": "missing_child",
    "circumstances": "not home since noon",
}


def extend(minutes, reason, who=SMIT):
    return minutes, who, "extend", {"private": {"leads": {"hosts": ["a.example"]}, "reason": reason}}


def state(minutes, who=SMIT):
    return minutes, who, "state", {"private": {"by": who.name}}


def many(count, **said):
    return [search(place * 2, SMIT, f"a{place}", **said) for place in range(count)]


def authority(**said):
    return 0, SMIT, "authorize", {"label": "it", "private": {"authorization": {**AUTHORITY, **said}}}


def other(origin):
    return 1, SMIT, "merge", {"object": [{"origin": origin}]}


CASES = {  # kind: (cases with irregular acts, how many, cases with none)
    "searches without case action": ([case_of("a", search(1, SMIT, "x"))], 1, [case_of("a", search(1, SMIT, "x"), state(2, KLEIN))]),
    "same subject in unrelated cases": (
        [case_of("a", search(1, SMIT, "x")), case_of("b", search(9, SMIT, "X"))], 2,
        [case_of("a", search(1, SMIT, "x"), search(3, SMIT, "x")), case_of("b", search(9, KLEIN, "x"))],
    ),
    "off duty": ([case_of("a", search(241, SMIT, "x"))], 1, [case_of("a", search(239, SMIT, "x"), search(900, KLEIN, "x"))]),
    "bursts": ([case_of("a", *many(10))], 10, [case_of("a", *many(9), search(80, SMIT, "z"))]),
    "repeated justification": (
        [case_of("a", extend(1, "named below the photo")), case_of("b", extend(2, "Named below the photo."))], 1,
        [case_of("a", extend(1, "named below the photo"), extend(2, "named below the photo")), case_of("b", extend(3, "he thanked the owner"))],
    ),
    "views without edits": (
        [case_of("a", (1, KLEIN, "view", {}), (2, KLEIN, "view", {}))], 1,
        [case_of("a", (1, KLEIN, "view", {}), state(2, KLEIN))],
    ),
}  # fmt: skip


def found(kind, cases):
    shares = KINDS[kind](Looked(unit_of(*cases), JUNE, PACK, DUTY))
    return sum(len(acts) for acts, _ in shares.values())


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found_and_the_nearest_ordinary_work_is_not(kind):
    """One act is enough to be counted; whether it stands out is another matter."""
    irregular, count, ordinary = CASES[kind]

    assert found(kind, irregular) == count
    assert found(kind, ordinary) == 0


def test_cases_that_share_work_are_not_unrelated():
    """The same subject in two cases of which one took over the other is one investigation."""
    kind = "same subject in unrelated cases"

    assert found(kind, [case_of("a", search(1, SMIT, "x"), other("osint/b")), case_of("b", search(9, SMIT, "x"))]) == 0


def test_a_burst_under_an_emergency_is_what_an_emergency_is():
    """Every step of it is reviewed anyway."""
    assert found("bursts", [case_of("a", authority(**URGENT), *many(12, under="it"))]) == 0
    assert found("bursts", [case_of("a", authority(), *many(12, under="it"))]) == 12


def test_what_is_done_long_after_a_search_was_not_done_with_it():
    """Thirty days by the pack."""
    kind = "searches without case action"

    assert found(kind, [case_of("a", search(1, SMIT, "x"), state(LATE))]) == 0
    assert found(kind, [case_of("a", search(1, SMIT, "x"), state(LATE + 60 * 24 * 2))]) == 1


def test_who_differs_has_a_line_with_the_numbers_of_all_others_and_the_entries():
    """No word of misuse and no score: the entries are what there is to read."""
    idle = case_of("idle", *(search(place, SMIT, "x") for place in range(1, 13)))
    busy = case_of("busy", *(search(place, who, "y") for who in (KLEIN, BERG) for place in range(1, 13)), state(20))

    report = operator_report(unit_of(idle, busy), JUNE, PACK)
    (line,) = report.as_dict()["rows"]

    assert line | {"entries": len(line["entries"])} == {
        "person": SMIT.name, "kind": "searches without case action", "found": 12, "of": 12, "rate": 1.0,
        "others rate": 0.0, "others of": 24, "spread": 1.0, "far out": True,
        "entries": 12,
    }  # fmt: skip
    assert line["entries"][0] == "idle entry 1"
    assert "No duty roster was given" in str(report)
    assert not {"misuse", "score", "violat", "suspic"} & set(str(report).lower().split())
    json.dumps(report.as_dict())


def test_one_act_alone_does_not_stand_out():
    """It is one of one, and says nothing of how somebody works."""
    others = case_of("busy", *(search(place, KLEIN, "y") for place in range(1, 90)), state(90))

    assert operator_report(unit_of(case_of("idle", search(1, SMIT, "x")), others), JUNE, PACK).rows == []


def test_nobody_stands_out_where_all_do_the_same():
    """However bad the share is; it is the rates of the unit that are to be looked at then."""
    case = case_of("all", *(search(place, who, "y") for who in (SMIT, KLEIN, BERG) for place in range(1, 13)))

    assert operator_report(unit_of(case), JUNE, PACK).rows == []
    assert len(operator_report(unit_of(case), JUNE, PACK, every=True).rows) > 3
