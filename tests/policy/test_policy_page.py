"""docs/policy.md: what it names is there, and what it says is what the pack says."""

from __future__ import annotations

import re

import policy_page as page

ORDER = [
    "NOTE", "DATES", "I", "II", "III", "IV.A.1.a", "IV.A.1.b", "IV.A.1.c", "IV.A.2.a", "IV.A.2.b", "IV.A.2.c",
    "IV.A.2.c(1)", "IV.A.2.c(2)", "IV.A.2.d", "IV.A.2.d(1)", "IV.A.2.d(2)", "IV.A.3.a(1)", "IV.A.3.a(2)",
    "IV.A.3.a(3)", "IV.A.3.b", "IV.A.3.c", "IV.B.1", "IV.B.1.a", "IV.B.1.b", "IV.B.1.c", "IV.B.1.d", "IV.B.1.e",
    "IV.B.2.a", "IV.B.2.b", "IV.B.2.c", "IV.B.2.d", "IV.B.3.a", "IV.B.3.b", "IV.B.3.c", "IV.B.3.d", "IV.B.4",
    "IV.B.5", "IV.B.6", "IV.B.7", "IV.B.8", "IV.B.9", "V.1", "V.2", "V.3", "V.4", "V.4.a", "V.4.b", "V.5", "V.5.a",
    "V.5.b", "V.6", "V.7", "V.8.a", "V.8.b", "V.8.c", "V.8.d", "V.9", "V.10", "V.11", "VI",
]  # fmt: skip
"""The clauses as the founding order numbers them, written down from its text and not from the pack."""


def test_the_page_is_what_the_command_makes():
    """Whoever changes a clause or a test runs make policy-page."""
    assert page.PAGE.read_text("utf-8") == page.make()


def test_no_clause_of_the_order_is_left_out():
    """Each has its row, in the order of the order."""
    rows = re.findall(r"^\| (\S+) \| .* \| (?:rule|feature|not software|not yet) \|", page.make(), re.MULTILINE)

    assert rows == ORDER


def test_every_test_that_is_named_is_there():
    """A test that was renamed is missed here."""
    assert len(page.named_tests()) > 40
    assert page.missing_tests() == []


def test_software_has_a_test_and_nothing_else_claims_one():
    """A clause that people keep has a reason instead, and so has one that is not there yet."""
    assert page.misplaced() == []


def test_all_twenty_four_are_listed_with_a_test_each():
    """None is left out."""
    listed = page.acceptance()

    assert len(listed) == 24
    assert all(each["tests"] for each in listed)
