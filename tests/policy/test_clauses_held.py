"""Clauses of the founding order that a test of a rule alone would not show: what really happens in a case."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from origin import http

import osint
from osint.chain_of_custody.keys import load_or_create
from osint.errors import AuthorizationError, CaseError, PolicyError
from osint.gate.in_force import describe
from osint.policy.authorization import Authorization
from osint.policy.facts import Facts
from osint.policy.pack_text import DEFAULT, built_in, read_pack
from osint.policy.rules import decide

PAGE = http(b"<html><body>words enough to be a page, a blue car at the river</body></html>", "Content-Type: text/html")
TODAY = date(2026, 11, 23)
OF_A_PACK = """
pack = {name = "westmere", version = "2027.1", title = "Westmere", issuer = "Chief", effective = "2027-01-01", review_due = "2028-01-01", legal_effect = "internal"}
[purposes.gang]
title = "gang participation"
permitted = "no"
needs = "warrant"
emergencies = ""
approval = "yes"
citation = "Order 12"
verified_on = ""
adopted_by = ""
"""
PERSON = {"name": "J. Smit", "title": "badge 4471", "contact": "desk 4"}
TERMS = {"purpose": "laboratory", "place": "Room 2", "condition": "sealed"}


@pytest.fixture
def case(open_case, origin):
    case = open_case()
    case.collect("webpage", url=origin.serve("/seen", PAGE))
    return case


@pytest.fixture
def klein(tmp_path):
    return load_or_create(tmp_path / "klein", "actor")


def last(case):
    return tuple(case.ledger.iloc[-1][["action", "outcome"]])


def released(case, key, **more):
    told = {"sender": osint.Handler(**PERSON), "recipient": osint.Handler(**{**PERSON, "name": "R. Klein"})}
    return case.transfers.release(["E0001"], recipient_key=key.keyid, **told, **TERMS, **more)


def test_the_pack_says_what_it_is_in_law_and_when_it_was_due():
    """NOTE and DATES: whoever asks for the policy reads both."""
    shown = "\n".join(describe(built_in(DEFAULT), TODAY))

    assert built_in(DEFAULT).legal_effect.strip()
    assert f"legal effect: {built_in(DEFAULT).legal_effect}" in shown
    assert "review due 2015-03-01" in shown


def test_everything_that_is_kept_is_found_by_number_address_hash_and_text(case, tmp_path):
    """IV.A.2.c(2): and leaves with the same hash."""
    (row,) = case.posts().to_dict("records")
    sha256 = case._ledger.exhibits()[0].sha256

    assert (row["exhibit"], row["url"].endswith("/seen"), "blue car" in row["content"]) == ("E0001", True, True)
    assert case.custody().set_index("exhibit").loc["E0001", "sha256"] == sha256
    assert case.find("a blue car at the river").exhibits == ("E0001",)
    assert [path.name for path in case.export(tmp_path / "out").folder.rglob("*.warc.gz")] == [f"{sha256}.warc.gz"]


def test_a_wiki_page_is_kept_by_its_revisions(case, origin):
    """III: who left which text when, the revision before, and where the wiki shows it; each text whole, and told apart."""
    wiki = Path(__file__).parents[1] / "fixtures" / "mediawiki"
    stated, host = json.loads((wiki / "expected.json").read_text("utf-8")), f"http://127.0.0.1:{origin.port}"
    for asked, answer in {"page": "page", "revisions": "part2", "log_none": "log_none"}.items():
        told = (wiki / f"{answer}.http").read_bytes().replace(b"https://wiki.example", host.encode())
        origin.serve(stated[asked]["url"].removeprefix("https://wiki.example"), told)
    case.collect("mediawiki", url=stated["page"]["url"].replace("https://wiki.example", host))
    posts = case.posts().query("platform == 'mediawiki'").sort_values("published")
    site = host.removeprefix("http://")

    assert [(row.native_id, row.type, row.author_handle, row.content) for row in posts.itertuples()] == [
        (f"{site}/2", "Page", "Imke Voorbeeld", "The north pier has twelve posts."),
        (f"{site}/4", "Page", "Tomás Ejemplo", "The north pier has '''eleven''' posts."),
    ]
    assert list(posts["published_raw"]) == ["2026-03-01T08:00:00Z", "2026-03-02T10:00:00Z"]
    assert [url.rpartition("?")[2] for url in posts["url"]] == ["oldid=2", "oldid=4"]
    assert [(each["title"], each.get("parent")) for each in posts["extra"]] == [
        ("North pier", None),
        ("North pier", "2"),
    ]
    assert set(posts["exhibit"]) <= {each.number for each in case._ledger.exhibits()}
    assert case.verify().exhibits == 4


def test_everybody_through_whose_hands_an_exhibit_went_is_named_in_the_package(case, klein, tmp_path):
    """V.6: so that a prosecutor can ask about each of them."""
    made = released(case, klein)
    case.transfers.receive(made.release, recipient=klein, place="Room 3", condition="sealed")
    log = (case.export(tmp_path / "out").folder / "data/custody_log.csv").read_text(encoding="utf-8")

    assert all(name in log for name in ("J. Smit", "R. Klein"))


def test_a_purpose_is_data_of_the_pack(case):
    """I, IV.B.1: what a policy does not permit is refused; what it needs is said; what it does not know is no word of it."""
    authority = Authorization(
        identifier="G-1", type="report", purpose="gang", expires="2027-12-31", subjects=["J. Example"],
        hosts=["a.example"],
    )  # fmt: skip
    facts = Facts(now=datetime(2027, 6, 1, tzinfo=UTC), step="authorize", said={"authorization": authority})
    made, allowed = decide(facts, read_pack(OF_A_PACK)), decide(facts, built_in(DEFAULT))
    needs = decide(facts, read_pack(OF_A_PACK.replace('permitted = "no"', 'permitted = "yes"')))

    assert (made.outcome, made.rules, allowed.outcome) == ("refused", ("I",), "allowed")
    assert "gang participation" in made.reasons[0]
    assert "warrant: not stated (IV.B.1.b)" in needs.conditions
    assert "warrant: not stated (IV.B.1.b)" not in allowed.conditions
    for old, new in (('"no"', '"perhaps"'), ('"warrant"', '"horoscope"'), ('emergencies = ""', 'emergencies = "fire"')):
        with pytest.raises(PolicyError, match=r"purposes\.gang\."):
            read_pack(OF_A_PACK.replace(old, new, 1))


def test_custody_leaves_the_case_team_only_with_right_and_permission(case, klein):
    """IV.A.3.a(3), V.3, V.7: the refusal is an entry, and what was permitted stands in the release."""
    with pytest.raises(AuthorizationError) as refused:
        released(case, klein, outside=True)
    assert {ground.partition(" is missing")[0] for ground in refused.value.reasons} == {"right", "permission"}
    assert (last(case), case.transfers.all()) == (("release", "refused"), [])

    made = released(case, klein, outside=True, right="subpoena 12", permission="Chief A. Berg, letter 12")
    assert (made.terms["team"], made.terms["permission"]) == ("outside", "Chief A. Berg, letter 12")


@pytest.mark.parametrize("outside", [None, False], ids=["nothing said", "of the team"])
def test_of_whom_nothing_is_said_the_release_says_so(case, klein, outside):
    """Without a roster nobody here knows who belongs to the team."""
    said = ["recipient: not stated whether of the case team (IV.A.3.a(3))"] if outside is None else None

    assert released(case, klein, outside=outside).terms.get("conditions") == said


def test_what_was_stopped_after_the_release_is_not_handed_over(case, klein, tmp_path):
    """The gate decides once more when it goes."""
    made = released(case, klein, outside=False)
    case.stop_sensitive("E0001")

    with pytest.raises(AuthorizationError, match="designated unit alone"):
        case.transfers.consign(made.release, tmp_path / "box")
    assert (last(case), (tmp_path / "box").exists()) == (("release", "refused"), False)


def test_a_backup_stays_with_the_agency(case, tmp_path):
    """Who keeps it is recorded; somebody else receives a release or a disclosure, and the refusal is an entry."""
    case._gate.profile = {"agency": "Westmere Police"}
    with pytest.raises(AuthorizationError, match="stays with Westmere Police"):
        case.backup(tmp_path / "one", kept_by="R. Roe, at home")
    assert (last(case), (tmp_path / "one").exists()) == (("backup", "refused"), False)

    case.backup(tmp_path / "two", kept_by="Westmere Police, evidence room")
    entry = [each for each in case._ledger.entries() if each.action == "backup"][-1]
    assert (entry.outcome, entry.private["kept_by"]) == ("done", "Westmere Police, evidence room")


def test_a_note_passes_the_gate_and_is_taken_back(case):
    """IV.A.2.c: a note is a record of the case; on what is stopped nobody writes one."""
    first = case.note("the plate is WMR 4471", exhibits=["E0001"])
    second = case.note("call the garage")
    case.withdraw(second, reason="done")

    assert case.notes()[["entry", "note", "exhibits"]].to_numpy().tolist() == [
        [first, "the plate is WMR 4471", ["E0001"]]
    ]
    with pytest.raises(CaseError, match="says something"):
        case.note(" ")
    with pytest.raises(CaseError, match="E0009 is not in this case"):
        case.note("no such thing", exhibits=["E0009"])
    case.stop_sensitive("E0001")
    with pytest.raises(AuthorizationError, match="E0001 is stopped"):
        case.note("more", exhibits=["E0001"])
    assert last(case) == ("annotate", "refused")
    assert (case.notes().empty, case.notes().attrs["locked"]) == (True, ["E0001"])
