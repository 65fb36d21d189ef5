"""The transparency report: it is published as it is."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from records import JUNE, NOON, PACK, SMIT, case_of, search, unit_of

from osint.chain_of_custody.digests import sha256
from osint.oversight.reviews import Review
from osint.oversight.sample import draw
from osint.oversight.transparency import transparency_report
from osint.oversight.violations import Violation

AUTHORITY = {"identifier": "CY-2026-0417", "type": "complaint 77", "purpose": "cybercrime", "expires": "2027-01-01",
             "subjects": ["Jane Example"], "hosts": ["pier.example"], "place": "Westmere"}  # fmt: skip
NAMES = (
    "Jane",
    "Example",
    "Smit",
    "4471",
    "pier.example",
    "jane@",
    "social.example",
    "0417",
    "complaint",
    "Westmere",
    "gull",
)
REVIEWER = "sgt.gull.westmere.example"


def case(number, **said):
    purpose = said.pop("purpose", "cybercrime")
    stated = {**AUTHORITY, "purpose": purpose, **said}
    return case_of(
        f"CY-2026-{number:04d}",
        (1, SMIT, "authorize", {"label": "it", "purpose": purpose, "private": {"authorization": stated}}),
        search(2, SMIT, "jane", under="it", purpose=purpose),
        (3, SMIT, "search", {"outcome": "refused", "result": [{"kind": "rule", "rule": "p8"}], "private": {"reasons": ["Jane"]}}),
        (4, SMIT, "acquire", {"exhibit": True}),
        (60 * 24 * 4, SMIT, "purge", {"object": [{"exhibit": "E0001"}]}),
    )  # fmt: skip


def reported(unit, *, reviews=(), violations=(), at=NOON):
    return transparency_report(
        unit, JUNE, PACK, sample=draw(unit, JUNE, PACK), reviews=reviews, violations=violations, now=at
    )


def counts(report):
    return {(row["section"], row["item"]): row["count"] for row in report.as_dict()["rows"]}


@pytest.fixture
def unit():
    """Seven cases of cybercrime, two about a gang, one of a purpose that no release knows."""
    return unit_of(
        *(case(n) for n in range(7)), case(7, purpose="gang"), case(8, purpose="gang"), case(9, purpose="gang")
    )


def test_everything_is_counted(unit):
    """Small numbers are told as such, none as none."""
    found = counts(reported(unit))

    assert found["cases by purpose", "cybercrime"] == "7"
    assert found["cases by purpose", "gang"] == "fewer than 5"
    assert found["cases by purpose", "missing_person"] == "0"
    assert found["steps by level", "1"] == "7"
    assert found["steps by level", "2"] == "fewer than 5"
    assert found["refusals by rule", "P8"] == "10"
    assert found["purges", "exhibits"] == "10"
    assert found["retention", "median days to purge"] == "4"
    assert found["policy", "us-mo-municipal 2026.1"] == "review overdue"


def test_no_name_account_host_or_case_number_is_in_it_in_any_form(unit):
    """It is published as it is; the ledgers it was made of hold all of these."""
    review = Review(leaf=unit.cases[0].entries[2].leaf.hex(), outcome="question", at=NOON, reviewer=REVIEWER, keyid="ab",
                    remark="ask Jane")  # fmt: skip
    sealed = Violation(number=1, at=NOON, receipt=sha256(b"x"), officer=REVIEWER, decisions=())
    report = reported(unit, reviews=[review], violations=[sealed])
    held = str([[entry.payload, entry.private] for each in unit.cases for entry in each.entries])

    for form in (str(report), report.csv(), str(report.as_dict()), report._repr_mimebundle_()["text/html"]):
        assert not [name for name in NAMES if name.casefold() in form.casefold()]
    assert {"Jane", "Smit", "complaint 77", "0417"} <= {
        name for name in ("Jane", "Smit", "complaint 77", "0417") if name in held
    }


def test_what_an_entry_calls_itself_is_not_repeated():
    """A purpose or a rule that this program does not know is counted as other: nobody writes a name into the report."""
    strange = case_of(
        "a", *((n, SMIT, "search", {"outcome": "refused", "purpose": "jane", "private": {"rules": ["Jane"]}}) for n in range(6))
    )  # fmt: skip
    found = counts(reported(unit_of(strange)))

    assert found["refusals by rule", "other"] == "6"
    assert found["cases by purpose", "other"] == "fewer than 5"


def test_a_small_level_cannot_be_worked_out_from_what_is_to_be_reviewed(unit):
    """To do is all of level 2 and ten, or five percent, of level 1, which is published: all but these is a difference."""
    told = counts(reported(unit))

    assert (told["steps by level", "1"], told["steps by level", "2"]) == ("7", "fewer than 5")
    assert {told["reviews", item] for item in ("to do", "done", "overdue")} == {"not published"}


def test_a_small_count_cannot_be_worked_out_from_those_beside_it():
    """Done is all but overdue: where one is small, none is published."""
    unit = unit_of(*(case(n) for n in range(10)))
    sample = draw(unit, JUNE, PACK)
    one = [
        Review(
            leaf=sample.drawn[0].act.entry.leaf.hex(),
            outcome="no-remark",
            at=NOON,
            reviewer=REVIEWER,
            keyid="ab",
            remark="-",
        )
    ]
    late = JUNE.until + timedelta(days=31)

    told = counts(reported(unit, reviews=one, at=late))
    none = counts(reported(unit, at=late))

    assert [told["reviews", item] for item in ("to do", "done", "overdue")] == [
        "not published",
        "fewer than 5",
        "not published",
    ]
    assert [none["reviews", item] for item in ("to do", "done", "overdue")] == ["10", "0", "10"]


def test_misuse_reports_are_counted_by_what_became_of_them(unit):
    """Five are enough to be told."""
    each = [
        Violation(number=n, at=NOON, receipt="", officer=REVIEWER, decisions=((NOON, "opened"), (NOON, "upheld")))
        for n in range(5)
    ]
    found = counts(reported(unit, violations=each))

    assert [found["misuse reports", item] for item in ("received", "opened", "upheld")] == ["5", "5", "5"]


def test_csv_and_json_say_what_the_text_says(unit):
    """One table in three forms."""
    report = reported(unit)
    rows = list(csv.DictReader(io.StringIO(report.csv())))

    assert rows == report.as_dict()["rows"]
    assert all(row["item"] in str(report) for row in rows)
