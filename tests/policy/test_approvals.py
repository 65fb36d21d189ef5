"""Approvals: asked at one machine, answered at another with another key, taken in, and counted by the gate."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from origin import AUTHORITY, NOON, http
from test_roster import NAME, ROSTER

import osint
from osint import cli
from osint.chain_of_custody.keys import VerifierKey, load_or_create
from osint.errors import AuthorizationError, PolicyError, QueryError
from osint.gate import approval_files
from osint.gate.admission import Shown
from osint.gate.adoption import pack_in_force, policy_folder, trust
from osint.gate.approval_files import read_answer, read_file, read_request, waiting
from osint.gate.approvals import answer_request, write_beside
from osint.gate.rosters import install_roster, roster_in_force, sign_roster
from osint.query import make_query

PAGE = http(b"<html><body>words enough to be a page, seen at the river</body></html>", "Content-Type: text/html")
WHY = "two threats were posted, and the account is public"


@pytest.fixture
def klein(tmp_path):
    return load_or_create(tmp_path / "klein", "actor")


@pytest.fixture
def moment():
    return [NOON]


@pytest.fixture
def case(open_case, klein, moment, tmp_path):
    """A case of level 2 in an agency with a roster: Smit investigates, Klein supervises."""
    chief = load_or_create(tmp_path / "chief", "actor")
    trust(policy_folder(), str(VerifierKey(NAME, chief.public)))
    supervisor = f'[[person]]\nname = "A. Klein"\nbadge = "9"\nroles = ["supervisor"]\nkeys = ["{klein.keyid}"]\n'
    install_roster(policy_folder(), sign_roster(ROSTER + supervisor, NAME, chief))
    return open_case(purpose="gang", clock=lambda: moment[0])


@pytest.fixture
def answer(klein, moment):
    """Answer a request as its supervisor does at another machine, five minutes later."""

    def give(request, *, signer=klein, approver="A. Klein, badge 9", granted=True, reason=WHY):
        text = answer_request(
            read_file(request), signer, approver=approver, granted=granted, reason=reason, opened=moment[0],
            answered=moment[0] + timedelta(minutes=5), pack=pack_in_force(policy_folder()),
            roster=roster_in_force(policy_folder()),
        )  # fmt: skip
        return write_beside(request, text, signer)

    return give


def ask(case, tmp_path, **said):
    return case.request_approval(tmp_path / "shared", **{"reason": "threats at the river", **said})


def collect(case, origin):
    return case.collect("webpage", url=origin.serve("/", PAGE))


def test_a_search_of_level_2_waits_for_a_supervisor_and_goes_on_with_the_answer(case, answer, origin, tmp_path):
    """Before, nothing is asked of any host; afterwards each entry says who approved it, and the wait is recorded."""
    with pytest.raises(AuthorizationError, match=r"the purpose is gang \(gang\). Ask: case.request_approval"):
        collect(case, origin)

    taken = case.take_approval(answer(ask(case, tmp_path)))
    collect(case, origin)

    entries = list(case._ledger.entries())
    approval = next(each for each in entries if each.action == "approve")
    search = next(each for each in entries if each.action == "search" and each.outcome == "allowed")
    assert (approval.outcome, approval.result[0]) == ("done", {"kind": "seconds", "count": 300})
    assert f"approved by A. Klein, badge 9 (request {taken.request.id})" in search.private["conditions"][0]
    assert len(case.posts()) == 1
    case.verify()


def test_nobody_answers_what_they_asked(case, answer, tmp_path):
    """Neither with the same key under another name, nor under the same name with another key."""
    request, own = ask(case, tmp_path), case._ledger.signers()[0]

    with pytest.raises(AuthorizationError, match="nobody approves what they ask for themselves"):
        answer(request, signer=own)
    with pytest.raises(AuthorizationError, match="nobody approves what they ask for themselves"):
        answer(request, signer=load_or_create(tmp_path / "second", "actor"), approver="J. Smit, badge 4471")
    assert [each.state for each in waiting(tmp_path / "shared", NOON)] == ["waiting"]


def test_the_request_says_what_is_new_and_what_was_refused(case, answer, origin, tmp_path):
    """A supervisor who approved once sees the difference; a refusal stays in sight."""
    first = ask(case, tmp_path)
    assert "  new: hosts: 127.0.0.1" in read_request(read_file(first)).in_words()
    case.take_approval(answer(first))
    exhibit = collect(case, origin) and case.ledger["exhibit"].dropna().iloc[0]
    case.extend(exhibit=exhibit, reason="linked there", hosts=["b.example"])

    with pytest.raises(AuthorizationError, match="engagement level 2"):
        case.collect("webpage", url="http://b.example/")
    second = ask(case, tmp_path)
    case.take_approval(answer(second, granted=False, reason="the link is two years old"))
    lines = read_request(read_file(ask(case, tmp_path))).in_words()

    assert "  new: hosts: b.example" in lines
    assert "  as before: hosts: 127.0.0.1" in lines
    assert any(line.startswith("Refused before: ") and "two years old" in line for line in lines)


def test_a_refusal_is_kept_and_stands(case, klein, answer, origin, tmp_path):
    """It is an entry of its own, and no later grant of the same request is taken."""
    request = ask(case, tmp_path)
    refusal = answer(request, granted=False, reason="no threat is named there")
    case.take_approval(refusal)
    refusal.rename(tmp_path / "refusal.json")

    with pytest.raises(AuthorizationError, match="refused before; that stands"):
        case.take_approval(answer(request))
    with pytest.raises(AuthorizationError, match="engagement level 2"):
        collect(case, origin)
    assert [each.outcome for each in case._ledger.entries() if each.action == "approve"] == ["failed", "refused"]


def test_an_approval_ends(case, answer, moment, origin, tmp_path):
    """After the days of the pack, or those asked for, it carries nothing more."""
    case.take_approval(answer(ask(case, tmp_path, until="2026-06-03")))
    moment[0] = NOON + timedelta(days=3)

    with pytest.raises(AuthorizationError, match="engagement level 2"):
        collect(case, origin)


def test_a_third_look_needs_approval_and_an_approved_watch_covers_its_own(open_case, case, answer, origin, tmp_path):
    """Two looks are free of it under level 1; what was asked for as repeats goes on."""
    case.authorize(osint.Authorization(
        identifier="MP-2", type="report", purpose="missing_person", expires="2026-12-31", place="Westmere",
        hosts=["127.0.0.1"],
    ))  # fmt: skip
    url = origin.serve("/", PAGE)
    case.collect("webpage", url=url)
    case.collect("webpage", url=url)
    with pytest.raises(AuthorizationError, match=r"again and again \(repeats\)"):
        case.collect("webpage", url=url)

    case.take_approval(answer(ask(case, tmp_path, also=["repeats"])))
    case.collect("webpage", url=url)
    case.collect("webpage", url=url)
    assert len(case._ledger.exhibits()) == 4


def test_looks_are_counted_within_the_days_of_the_pack_and_a_run_that_goes_on_is_no_look(case, moment, origin):
    """What was looked at a month ago counts no more, and what broke off is not looked at anew."""
    case.authorize(osint.Authorization(**{**AUTHORITY, "hosts": ["127.0.0.1"]}))
    url = origin.serve("/", PAGE)
    case.collect("webpage", url=url)
    case.collect("webpage", url=url)
    search = next(each for each in case._ledger.entries() if each.action == "search")

    assert case._gate.admit(make_query(url=url), "webpage/1", refs=[search.leaf.hex()]).entry.outcome == "allowed"
    moment[0] = NOON + timedelta(days=29)
    assert case.collect("webpage", url=url)


def test_a_file_that_a_post_shows_waits_for_approval_too(case):
    """Preserving asks a host as a search does."""
    shown = Shown(
        record={"url": "http://127.0.0.1/a.jpg", "posts": ["1"]},
        authorities=frozenset({case._gate.standing()[0].entry}),
    )

    with pytest.raises(AuthorizationError, match="engagement level 2"):
        case._gate.admit_attachments([shown])


def test_a_refusal_after_a_grant_ends_it(case, answer, origin, tmp_path):
    """A supervisor takes back what they granted, and an answer to one request is none to another."""
    request = ask(case, tmp_path)
    granted = answer(request)
    case.take_approval(granted)
    granted.rename(tmp_path / "granted.json")
    case.take_approval(answer(request, granted=False, reason="the threats were withdrawn"))

    with pytest.raises(AuthorizationError, match="engagement level 2"):
        collect(case, origin)
    with pytest.raises(PolicyError, match="another request"):
        read_answer(read_file(tmp_path / "granted.json"), read_file(ask(case, tmp_path)))


def test_a_request_in_the_name_of_another_key_is_none(case, answer, tmp_path):
    """A supervisor cannot have themselves asked by a key of their own making."""
    said = json.loads(ask(case, tmp_path).read_text("utf-8"))["said"]
    said["id"] = case._gate.new_id()
    text = approval_files._signed(approval_files.REQUEST, said, load_or_create(tmp_path / "second", "actor"))
    case._gate.log("request", id=said["id"], private={"signed_document": text})
    path = tmp_path / "forged.json"
    path.write_text(text, "utf-8")

    with pytest.raises(PolicyError, match="has not asked"):
        case.take_approval(answer(path))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda doc: doc["said"]["scope"].update(hosts=["b.example"]), "altered after it was signed"),
        (lambda doc: doc["said"].update(reason="x"), "altered after it was signed"),
        (lambda doc: doc.update(osint="answer to a request for approval, version 1"), "This is no request"),
        (lambda doc: doc.pop("signature"), "This is no request"),
    ],
    ids=["scope", "reason", "kind", "unsigned"],
)
def test_an_altered_request_is_not_answered(change, said, case, answer, tmp_path):
    """What a supervisor sees is what was signed."""
    request = ask(case, tmp_path)
    whole = json.loads(request.read_text("utf-8"))
    change(whole)
    request.write_text(json.dumps(whole), "utf-8")

    with pytest.raises(PolicyError, match=said):
        answer(request)
    assert said in waiting(tmp_path / "shared", NOON)[0].state


@pytest.mark.parametrize(
    ("stated", "refusal"),
    [
        ({"in_words": ["one page of a shop"]}, "words of this request are not those"),
        ({"id": "../../elsewhere"}, "no identifier that an entry could have"),
    ],
    ids=["words", "path"],
)
def test_words_that_say_less_than_the_scope_are_not_answered(stated, refusal, case, answer, tmp_path):
    """A signed request of one's own making shows a supervisor no less than its scope, and names no other file."""
    request = ask(case, tmp_path)
    whole = json.loads(request.read_text("utf-8"))
    whole["said"].update(stated)
    forged = approval_files._signed(approval_files.REQUEST, whole["said"], case._ledger.signers()[0])
    request.write_text(forged, "utf-8")

    with pytest.raises(PolicyError, match=refusal):
        answer(request)


def test_an_answer_is_taken_by_the_case_that_asked_only(case, open_case, answer, tmp_path):
    """In another case of the same officer it approves nothing."""
    given = answer(ask(case, tmp_path))
    other = open_case(tmp_path / "other", purpose="gang")

    with pytest.raises(PolicyError, match="has not asked what this answers"):
        other.take_approval(given)


def test_an_entry_that_one_person_wrote_alone_approves_nothing(case, answer, origin, tmp_path):
    """The signature of the supervisor is verified for each decision, not only when it is taken in."""
    ask(case, tmp_path)
    asked = next(each for each in case._ledger.entries() if each.action == "request")
    own = asked.private["signed_document"]
    case._gate.log("approve", private={"signed_document": own, "approver": "A. Klein"}, refs=[asked.leaf.hex()])

    with pytest.raises(AuthorizationError, match="engagement level 2"):
        collect(case, origin)


def test_what_needs_no_approval_or_no_known_reason_is_not_asked_for(case, tmp_path):
    """The refusal is an entry."""
    with pytest.raises(QueryError, match="curiosity is no reason"):
        ask(case, tmp_path, also=["curiosity"])
    with pytest.raises(AuthorizationError, match="reason is missing"):
        ask(case, tmp_path, reason=" ")

    assert tuple(case.ledger.iloc[-1][["action", "outcome"]]) == ("request", "refused")
    assert not (tmp_path / "shared").exists()


def test_the_commands_ask_answer_list_and_take(case, klein, tmp_path, monkeypatch):
    """A supervisor needs no case: the request is shown, a reason is typed, the answer lies beside it."""
    case.authorize(osint.Authorization(**{**AUTHORITY, "purpose": "gang", "expires": "2999-12-31"}))
    case.close()
    who, shared = ("--investigator", "J. Smit, badge 4471"), tmp_path / "shared"

    def run(*arguments, keys="keys", **more):
        monkeypatch.setenv("OSINT_KEYS", str(tmp_path / keys))
        done = CliRunner().invoke(cli.main, list(map(str, arguments)), **more)
        assert not done.exit_code, done.output
        return done

    from osint import instants

    monkeypatch.setattr(instants, "now", lambda: NOON)  # what the commands go by; the case itself keeps its own
    run("request-approval", case.folder, "--reason", "threats", "--into", shared, *who)
    (request,) = shared.glob("request-*.json")
    assert "1 waiting" in run("approvals", shared).stdout
    shown = run("approve", request, "--approver", "A. Klein, badge 9", keys="klein", input=f"{WHY}\n")
    (given,) = shared.glob("approval-*.json")

    assert "Never approved before; all of it is new" in shown.stderr
    assert "granted: request-" in run("approvals", shared).stdout
    assert "Approved by A. Klein, badge 9" in run("take-approval", case.folder, given, *who).stdout
    assert f"A. Klein, badge 9: supervisor; keys {klein.keyid}" in run("roster", "show").stdout
