"""Erasing and holding as a case and the command line offer it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result
from origin import http

from osint.chain_of_custody.erasure import choose, decide
from osint.chain_of_custody.keys import load_or_create
from osint.chain_of_custody.two_persons import Order
from osint.cli import main

JANE = "@jane@social.example"
WHO = ("--investigator", "J. Smit, badge 4471")


@pytest.fixture
def order(tmp_path) -> Order:
    return Order(
        authority="Circuit Court, order 26-1184",
        reason="The record was expunged.",
        requester="J. Smit, badge 4471",
        approver=load_or_create(tmp_path / "chief", "actor"),
        approver_name="A. Berg, badge 12",
    )


@pytest.fixture
def case(open_case, origin, tmp_path, monkeypatch):
    """A case with one exhibit about Jane; the command line finds its keys."""
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))
    made = open_case()
    page = http(f"<html><body><p>Words about {JANE} on a page</p></body></html>".encode(), "Content-Type: text/html")
    made.collect("webpage", url=origin.serve("/jane", page))
    return made


def run(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], input=stdin)


def test_a_checkpoint_covers_an_erasure(case, order):
    """
    What was destroyed is vouched for like what was collected.
    """
    case.erasing.purge(["E0001"], order)

    assert case.verify().unanchored == 0


def test_what_was_finished_on_opening_is_shown(case, order, open_case):
    """
    Whoever opens the case next learns what was left to do, and what is out of reach.
    """
    chosen = choose(case._ledger, values={}, containing=None, exhibits=["E0001"])
    decide(case._ledger, "purge", chosen, order).write(case._ledger)
    case.close()

    again = open_case(case.folder, authorized=False)

    assert "finished on opening: Erased by order of ledger entry" in str(again)
    assert again.verify().purged == 1


def test_the_text_can_be_typed_past_the_history_of_the_shell(case, order, tmp_path):
    """
    It is read from stdin, and no output says it.
    """
    case._ledger.append("note", private={"text": f"called {JANE}"})
    case.close()
    said = ("--authority", order.authority, "--reason", order.reason, "--approver", order.approver_name)

    found = run("find", case.folder, "-", "--json", stdin=f"{JANE}\n")
    erased = run(
        "redact",
        case.folder,
        "--containing",
        "-",
        *said,
        "--approver-keys",
        tmp_path / "chief",
        *WHO,
        stdin=f"{JANE}\n",
    )

    assert {place["exhibit"] for place in json.loads(found.stdout)["places"]} == {"", "E0001"}
    assert ": 1 private value, exhibits: none." in erased.stdout
    for result in (found, erased):
        assert result.exit_code == 0, result.output
        assert "jane@" not in result.output


def test_holds_in_force_are_listed(case):
    """
    Without a key, as whoever reads the case needs to know.
    """
    assert "No legal hold" in run("hold", "list", case.folder).stdout
    run("hold", "place", case.folder, "--reason", "litigation expected", *WHO)

    assert "on the whole case: litigation expected" in run("hold", "list", case.folder).stdout
    assert [str(each) for each in case.holds()] == [run("hold", "list", case.folder).stdout.strip()]
