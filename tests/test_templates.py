"""Templates: they remind, tick off what the ledger shows, and open nothing."""

from __future__ import annotations

import ast
from dataclasses import fields

import pytest
from click.testing import CliRunner
from origin import http

import osint
from osint import cli
from osint.case import Case
from osint.errors import AuthorizationError, CaseError
from osint.phases.templates import templates
from osint.policy.authorization import PURPOSES
from osint.policy.pack_text import DEFAULT, built_in
from osint.records import KINDS, Warrant

PAGE = http(b"<html><body>words enough to be a page, seen at the river</body></html>", "Content-Type: text/html")


@pytest.mark.parametrize("name", templates())
def test_a_template_names_what_there_is_and_nothing_else(name):
    """Purposes, fields, records, collectors and methods; and what the policy needs of its purpose."""
    made = templates()[name]

    assert made.purpose in ("", *PURPOSES)
    assert {*made.authority} <= {field.name for field in fields(osint.Authorization)}
    assert {*made.records} <= KINDS.keys()
    assert {*made.collectors} <= {*osint.catalogue()["collector"]}
    needed = built_in(DEFAULT).purposes[made.purpose].needed if made.purpose else ()
    assert {each.replace("_", "-") for each in needed} <= {*made.records}
    for step in made.steps:
        for said in step.split("case.")[1:]:
            assert hasattr(Case, said.partition("(")[0]), step


def test_a_template_opens_nothing(open_case, origin):
    """It is an entry that names no authority; the search is refused as before."""
    case = open_case(authorized=False)
    table = case.use_template("missing_person")

    assert table["state"].tolist()[0] == "to do"
    with pytest.raises(CaseError, match="No authorization"):
        case.authority  # noqa: B018 - the question is the test
    with pytest.raises(AuthorizationError):
        case.collect("webpage", url=origin.serve("/", PAGE))
    entries = len(case.ledger)
    case.use_template("missing_person")
    assert len(case.ledger) == entries


def test_the_checklist_ticks_off_what_the_ledger_shows(open_case, origin):
    """What only a person can tell stays theirs."""
    case = open_case(authorized=False)
    case.use_template("wanted_person")
    assert case.checklist()["state"].tolist()[:2] == ["to do", "to do"]

    case.authorize(
        osint.Authorization(
            identifier="W-1", type="warrant", purpose="wanted_person", expires="2099-12-31", subjects=["Joe Example"],
            hosts=["127.0.0.1"],
        )
    )  # fmt: skip
    case.record(
        Warrant(number="W-1", court="Westmere", offence="theft", issued="2026-05-30",
                confirmed="2026-06-01T09:00+00:00", subject="Joe Example")
    )  # fmt: skip
    case.collect("webpage", url=origin.serve("/", PAGE))
    states = dict(zip(case.checklist()["step"], case.checklist()["state"], strict=True))
    assert [state for step, state in states.items() if step.startswith(("an authority", "a record"))] == [
        "done",
        "done",
    ]
    assert states["look at webpage, if the authority covers it"] == "done"
    assert states["look at interpol, if the authority covers it"] == "yours"
    assert case.checklist().attrs == {"template": "wanted_person"}


def test_an_authority_for_another_purpose_is_not_the_one_that_is_asked_for(open_case):
    """That of the fixture is for a missing person."""
    case = open_case()

    assert case.use_template("gang")["state"].tolist()[0] == "to do"
    assert case.use_template("missing_person")["state"].tolist()[0] == "done"


def test_the_lines_of_a_checklist_are_python(open_case):
    """Whoever copies one gets an error about what is missing, none about how it is written."""
    case = open_case()
    for name in templates():
        for line in case.use_template(name)["line"].dropna():
            ast.parse(line)


def test_a_strange_template_makes_no_case(tmp_path):
    """A slip of the pen is an error that names those there are."""
    with pytest.raises(CaseError, match="missing_person"):
        osint.open_case(tmp_path / "case", investigator="J. Smit", keys=tmp_path / "keys", template="mising_person")
    assert not (tmp_path / "case").exists()


def test_a_case_without_template_says_how_to_get_one(open_case):
    """And the command shows the list."""
    case = open_case()
    with pytest.raises(CaseError, match="use_template"):
        case.checklist()
    case.use_template("tips")

    told = CliRunner().invoke(cli.main, ["case", "checklist", str(case.folder)]).stdout
    assert told.startswith("Template tips; it is no authority.\ndone   an authority for tips from the public")
