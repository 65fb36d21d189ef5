"""The roster: signed by the agency, never older, and recorded by each case with the role of whoever works on it."""

from __future__ import annotations

import pytest
from origin import AUTHORITY, NOON
from pypdf import PdfReader
from test_pack import HEAD, SOURCED

import osint
from osint.chain_of_custody.keys import VerifierKey, load_or_create
from osint.errors import AuthorizationError, CaseError, PolicyError
from osint.gate.adoption import policy_folder, trust
from osint.gate.rosters import install_roster, roster_in_force, sign_roster
from osint.policy.roster import read_roster

NAME = "chief.westmere.example"
ROSTER = """
[roster]
agency = "Westmere Police"
serial = 1
effective = "2026-01-01"

[[person]]
name = "J. Smit"
badge = "4471"
roles = ["investigator", "analyst"]
sensitive_position_since = "2024-02-01"
training_valid_until = "2027-02-01"
screening_valid_until = "2029-02-01"
"""


@pytest.fixture
def chief(tmp_path):
    key = load_or_create(tmp_path / "chief", "actor")
    trust(policy_folder(), str(VerifierKey(NAME, key.public)))
    return key


@pytest.fixture
def install(chief):
    """Sign a roster as the Chief does, and install it."""
    return lambda text=ROSTER: install_roster(policy_folder(), sign_roster(text, NAME, chief))


def sessions(case):
    return [entry.private for entry in case._ledger.entries() if "roster" in entry.private]


def test_without_a_roster_everything_is_as_before_and_the_authority_says_so(open_case):
    """Nothing is asked and no entry is added; the role is recorded as not stated."""
    case = open_case(subjects=["Jane Example", "Dan Example"])
    conditions = next(e for e in case._ledger.entries() if e.action == "authorize").private["conditions"]

    assert sessions(case) == []
    assert any("role: not stated" in each for each in conditions)
    assert any("no roster is installed, so nobody's approval is asked for" in each for each in conditions)


def test_a_roster_is_put_into_force_by_signature_and_an_older_one_never_comes_back(install, chief):
    """The one before is kept; the greatest serial is in force."""
    install()
    install(ROSTER.replace("serial = 1", "serial = 2"))

    assert str(roster_in_force(policy_folder())).startswith("roster 2 of Westmere Police")
    assert roster_in_force(policy_folder()).signed_by == NAME
    with pytest.raises(PolicyError, match="never comes back"):
        install()


def test_a_roster_that_was_altered_renamed_or_signed_by_a_stranger_is_not_used(install, tmp_path):
    """The signature is verified whenever it is read."""
    with pytest.raises(PolicyError, match="No known key signed"):
        install_roster(policy_folder(), sign_roster(ROSTER, NAME, load_or_create(tmp_path / "stranger", "actor")))
    install()
    path = policy_folder() / "roster" / "1.note"

    path.rename(path.with_name("9.note"))
    with pytest.raises(PolicyError, match="renamed"):
        roster_in_force(policy_folder())
    path.with_name("9.note").rename(path)
    path.write_text(path.read_text("utf-8").replace('"analyst"', '"supervisor"'), "utf-8")
    with pytest.raises(PolicyError, match="altered"):
        roster_in_force(policy_folder())


def test_everything_wrong_in_a_roster_is_named_at_once():
    """A Chief corrects once."""
    wrong = ROSTER.replace("serial = 1", "serial = 0").replace('"analyst"', '"spy"').replace("2027-02-01", "soon")
    twice = '[[person]]\nname = ""\nbadge = "4471"\nroles = []\nkeys = ["x"]\nshoe = 9\n'

    with pytest.raises(PolicyError) as refused:
        read_roster(wrong + twice)

    for words in (
        "serial is a whole",
        "roles are some of",
        "'soon' is no day",
        "name is missing",
        "fingerprints",
        "shoe",
        "4471 stands",
    ):
        assert words in str(refused.value)


def test_a_case_records_who_works_on_it_in_which_role_by_which_roster(open_case, install):
    """Once for each change, and whoever opens it again the same way adds nothing."""
    install()
    open_case(authorized=False).close()
    case = open_case(authorized=False)

    assert [(each["investigator"], each["role"], each["roster"][:8]) for each in sessions(case)] == [
        ("J. Smit, badge 4471", "investigator", "roster 1")
    ]


def test_who_is_not_on_the_roster_opens_the_case_and_searches_nothing(install, loopback, tmp_path):
    """The refusal names the roster and is an entry; the case can be read."""
    install()
    case = osint.open_case(
        tmp_path / "case",
        investigator="X. Unknown, badge 1",
        network=loopback,
        keys=tmp_path / "keys",
        clock=lambda: NOON,
    )

    with case:
        with pytest.raises(AuthorizationError, match="is not on the roster 1 of Westmere Police"):
            case.authorize(osint.Authorization(**AUTHORITY))
        assert tuple(case.ledger.iloc[-1][["action", "outcome"]]) == ("authorize", "refused")


def test_only_a_supervisor_of_the_roster_ratifies_an_emergency(open_case, install, tmp_path):
    """A second person with a key is not enough, where the agency says who supervises."""
    second = load_or_create(tmp_path / "berg", "actor")
    install(ROSTER + f'[[person]]\nname = "B. Berg"\nbadge = "12"\nroles = ["analyst"]\nkeys = ["{second.keyid}"]\n')
    case = open_case(authorized=False)
    case.authorize(osint.Authorization(
        emergency="missing_child", circumstances="last seen at the river", purpose="missing_person", subjects=["Jane Example"]
    ))  # fmt: skip
    order = osint.Order(
        authority="the order", reason="seen", requester="J. Smit, badge 4471", approver=second,
        approver_name="B. Berg, badge 12",
    )  # fmt: skip

    with pytest.raises(AuthorizationError, match=r"B\. Berg, badge 12 is analyst; approval is for supervisor"):
        case.ratify(order)


def test_a_pack_with_a_role_or_a_reason_that_nobody_knows_is_refused():
    """Nobody is to believe in a switch that nothing obeys."""
    from osint.policy.pack_text import read_pack

    for name, word in {"roles_that_approve": "king", "approval_needed_for": "curiosity"}.items():
        table = f'[values.{name}]\nvalue = ["{word}"]\nunit = "words"\n{SOURCED}'
        with pytest.raises(PolicyError, match=f"values.{name}: {word} is none of"):
            read_pack(HEAD + table)


def test_an_overdue_review_is_shown_with_the_case_and_on_what_is_made_of_it(open_case, tmp_path):
    """Until a newer version is signed: in the notebook, in the report, and on the custody log as page and on paper."""
    case, banner = open_case(), "POLICY REVIEW OVERDUE since 2015-03-01"
    package = case.export(tmp_path / "package").folder
    paper = PdfReader(next(package.rglob("custody_log.pdf"))).pages[0].extract_text()

    assert banner in str(case)
    assert banner in case.report().read_text("utf-8")
    assert banner in next(package.rglob("custody_log.html")).read_text("utf-8")
    assert banner in " ".join(paper.split())


def test_a_role_that_does_not_exist_leaves_no_case_behind(tmp_path):
    """A slip of the pen is named before anything is made."""
    with pytest.raises(CaseError, match="There is no role 'detective'"):
        osint.open_case(tmp_path / "case", investigator="J. Smit", role="detective", keys=tmp_path / "keys")

    assert not (tmp_path / "case").exists()
