"""The ledgers of a unit, read together."""

from __future__ import annotations

import pytest
from records import JUNE, SMIT, RealCase, case_of, search, unit_of

from osint.chain_of_custody.export import write_ledger
from osint.chain_of_custody.ledger import Ledger
from osint.errors import CaseError, QueryError
from osint.oversight.unit import read_period, read_unit


def test_a_case_and_its_exported_package_say_the_same(tmp_path):
    """Who did what and when, under which authority, from which heads."""
    case = RealCase(tmp_path, "one")
    case.authorize()
    case.search(2)
    folder = case.closed()
    with Ledger.read(folder / "ledger.sqlite") as ledger:
        write_ledger(ledger, tmp_path / "package" / "data")

    live, exported = read_unit([folder]), read_unit([tmp_path / "package"])

    (one,), (other,) = live.cases, exported.cases
    assert (one.origin, one.entries, one.checkpoints) == (other.origin, other.entries, other.checkpoints)
    searches = [act for act in live.acts["one"] if act.searches]
    assert [act.person for act in searches] == ["J. Smit, badge 4471"] * 2
    assert searches[0].target == "https://social.example/jane0"
    assert live.authority(searches[0]).identifier == "MP-2026-0417"


def test_a_case_named_twice_would_count_twice_and_is_refused(tmp_path):
    """So is a folder that holds no case."""
    folder = RealCase(tmp_path, "one").closed()

    with pytest.raises(CaseError, match="named twice"):
        read_unit([folder, folder])
    with pytest.raises(CaseError, match="neither a case nor"):
        read_unit([tmp_path])


def test_a_period_has_both_ends():
    """A report over all time would compare years that nobody meant."""
    assert str(read_period("2026-06-01", "2026-06-30")) == str(JUNE)
    for since, until in (("", "2026-06-30"), ("2026-06-01", "never"), ("2026-06-02", "2026-06-01")):
        with pytest.raises(QueryError):
            read_period(since, until)


def test_the_same_account_is_one_target_whatever_the_period_asked_for():
    """Only what was asked for counts, not since when nor how many."""
    first, second = search(1, SMIT, "jane"), search(2, SMIT, "Jane")
    second[3]["private"]["query"]["limit"] = 10
    unit = unit_of(case_of("one", first, second))

    assert len({act.target for act in unit.within(JUNE, lambda act: act.searches)}) == 1
