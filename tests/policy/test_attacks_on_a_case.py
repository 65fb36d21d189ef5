"""A rogue officer at the desk: each attack goes through the case as a notebook does, and is refused with an entry."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import resources

import pytest
from origin import AUTHORITY, NOON, http
from pypdf import PdfReader
from test_gate_rules import NOTICE
from test_pack import HEAD, HOURS
from test_roster import NAME, ROSTER

import osint
from osint.chain_of_custody.keys import VerifierKey, load_or_create
from osint.errors import AuthorizationError, PolicyError
from osint.gate.adoption import distrust, install, installed, pack_in_force, policy_folder, sign_pack, trust
from osint.gate.rosters import install_roster, roster_in_force, sign_roster
from osint.records import Notice

PAGE = http(b"<html><body>words enough to be a page, seen at the river</body></html>", "Content-Type: text/html")
EMERGENCY = {
    "emergency": "threat_to_life", "circumstances": "he wrote that he jumps tonight", "purpose": "cybercrime",
    "subjects": ["Dan Example"], "hosts": ["127.0.0.1"],
}  # fmt: skip


@pytest.fixture
def moment():
    return [NOON]


@pytest.fixture
def chief(tmp_path):
    key = load_or_create(tmp_path / "chief", "actor")
    trust(policy_folder(), str(VerifierKey(NAME, key.public)))
    return key


def pack(chief, version="2027.1"):
    return sign_pack(HEAD.replace("2027.1", version) + HOURS, NAME, chief)


def last(case):
    (entry,) = case._ledger.entries(len(case._ledger) - 1)
    return entry.action, entry.outcome, [item["rule"] for item in entry.result if item.get("kind") == "rule"]


def refused(case, step, *, rule, words):
    """See a step refused by a rule, with an entry."""
    with pytest.raises(AuthorizationError, match=words):
        step()
    assert last(case)[1:] == ("refused", [rule])


def order(tmp_path, name, key="second"):
    return osint.Order(
        authority="General Order XLV", reason="seen by both", requester="J. Smit, badge 4471", approver_name=name,
        approver=load_or_create(tmp_path / key, "actor"),
    )  # fmt: skip


# -- time --------------------------------------------------------------------------------------------------------------


def test_a_clock_set_back_revives_no_authority(open_case, origin, moment):
    """The newest entry says what time it is at least, also after a refusal that bears the false time."""
    case, url = open_case(clock=lambda: moment[0], expires="2026-06-02"), origin.serve("/", PAGE)
    moment[0] = NOON + timedelta(days=3)
    refused(case, lambda: case.collect("webpage", url=url), rule="iv.b.1-expiry", words="expired")
    moment[0] = NOON

    for _ in range(2):
        refused(case, lambda: case.collect("webpage", url=url), rule="iv.b.1-expiry", words="expired")
    assert origin.requests == []


def test_a_clock_set_back_opens_no_emergency_again(open_case, origin, moment):
    """What was locked stays so until a supervisor ratifies it."""
    case = open_case(authorized=False, clock=lambda: moment[0])
    case.authorize(osint.Authorization(**EMERGENCY))
    case.collect("webpage", url=origin.serve("/", PAGE))
    moment[0] = NOON + timedelta(hours=25)
    with pytest.raises(AuthorizationError, match="locked"):
        case.replay("E0001")
    moment[0] = NOON

    assert case.posts().empty


def test_an_emergency_that_nobody_ratified_is_followed_by_none(open_case, origin, moment, tmp_path):
    """It carries for its day and no longer, under whatever new heading; ratified late, the way is open again."""
    case = open_case(authorized=False, clock=lambda: moment[0])
    case.authorize(osint.Authorization(**EMERGENCY))
    moment[0] = NOON + timedelta(hours=25)
    again = osint.Authorization(**{**EMERGENCY, "circumstances": "he wrote it again"})

    refused(case, lambda: case.authorize(again), rule="iv.b.1.a-emergency", words="was not ratified")
    url = origin.serve("/", PAGE)
    refused(case, lambda: case.collect("webpage", url=url), rule="iv.b.1-expiry", words="expired")
    case.ratify(order(tmp_path, "Sgt. A. Klein, badge 9"))
    case.authorize(again)
    assert case.collect("webpage", url=url).posts == 1


# -- the policy and the roster of the workstation ----------------------------------------------------------------------


def test_a_pack_set_back_in_the_folder_is_not_used(open_case, chief, origin):
    """Whether the pointer names an older one or everything was taken away: no case goes on under less."""
    install(policy_folder(), pack(chief))
    install(policy_folder(), pack(chief, "2027.2"))
    open_case().close()
    pointer = policy_folder() / "in-force.txt"
    pointer.write_text("westmere 2027.1\n", "utf-8")
    with pytest.raises(PolicyError, match=r"2027\.2 was installed since"):
        pack_in_force(policy_folder())
    (policy_folder() / "packs" / "westmere" / "2027.2.note").unlink()

    for gone in (None, pointer):
        if gone:
            gone.unlink()
        case = open_case(authorized=False)
        url = origin.serve("/", PAGE)
        refused(case, lambda: case.collect("webpage", url=url), rule="vi", words=r"under the policy westmere 2027\.2")  # noqa: B023
        case.close()
    assert origin.requests == []


def test_a_case_goes_on_under_a_pack_that_came_in_between(open_case, chief, origin):
    """Each entry keeps the policy of its time."""
    first = open_case()
    before = len(first.ledger) - 1
    first.close()
    install(policy_folder(), pack(chief))
    case = open_case(authorized=False)

    assert case.collect("webpage", url=origin.serve("/", PAGE)).posts == 1
    assert case.policy.at(before).name == "us-mo-municipal"
    assert case.policy.at(len(case.ledger)).name == "westmere"


def test_a_roster_that_was_taken_away_does_not_set_anybody_free(open_case, chief, origin):
    """A case that was worked on under a roster is not worked on without it; it can be read."""
    install_roster(policy_folder(), sign_roster(ROSTER, NAME, chief))
    open_case().close()
    (policy_folder() / "roster" / "1.note").unlink()
    case, url = open_case(authorized=False), origin.serve("/", PAGE)

    refused(case, lambda: case.collect("webpage", url=url), rule="vi", words="under the roster 1 of the agency")
    assert case.posts().empty


def test_what_a_key_signed_that_is_trusted_no_more_is_in_force_no_more(chief, tmp_path):
    """Nor is anything new of it taken; a pack of another key is, and the old one can still be read for its time."""
    install(policy_folder(), pack(chief))
    install_roster(policy_folder(), sign_roster(ROSTER, NAME, chief))
    key, trusted = str(VerifierKey(NAME, chief.public)), policy_folder() / "trusted-keys.txt"
    before = trusted.read_bytes()
    distrust(policy_folder(), key)
    trusted.write_bytes(before)  # as a crash between the two lists leaves it, or whoever puts the list back

    for read in (pack_in_force, roster_in_force):
        with pytest.raises(PolicyError, match="No key is trusted"):
            read(policy_folder())
    with pytest.raises(PolicyError, match="does not come back"):
        trust(policy_folder(), key)
    successor = load_or_create(tmp_path / "successor", "actor")
    trust(policy_folder(), str(VerifierKey(NAME, successor.public)))
    for signed in (chief, successor):
        stale = sign_roster(ROSTER.replace("serial = 1", "serial = 2"), NAME, signed)
        if signed is chief:
            with pytest.raises(PolicyError, match="No known key signed"):
                install_roster(policy_folder(), stale)
        else:
            assert install_roster(policy_folder(), stale).serial == 2
    assert install(policy_folder(), pack(successor, "2027.2")).version == "2027.2"
    assert [each.version for each in installed(policy_folder())] == ["2027.1", "2027.2"]


def test_what_counts_from_a_later_day_is_not_installed_before(chief):
    """Neither a pack nor a roster."""
    with pytest.raises(PolicyError, match="counts from 2999-01-01"):
        install(policy_folder(), sign_pack(HEAD.replace("2026-01-01", "2999-01-01"), NAME, chief))
    with pytest.raises(PolicyError, match="counts from 2999-01-01"):
        install_roster(policy_folder(), sign_roster(ROSTER.replace("2026-01-01", "2999-01-01"), NAME, chief))


# -- scope, cases and persons ------------------------------------------------------------------------------------------


def test_a_redirect_leads_no_further_than_the_scope(open_case, origin, start_origin):
    """The host that it points to is not asked."""
    case, other = open_case(hosts=[], urls=[f"http://127.0.0.1:{origin.port}/a"]), start_origin()
    url = origin.serve("/a", http(b"", f"Location: {other.serve('/b', PAGE)}", status="302 Found"))

    with pytest.raises(osint.OsintError):
        case.collect("webpage", url=url)
    assert other.requests == []


def test_another_case_lends_neither_authority_nor_exhibit(open_case, origin, tmp_path):
    """What stands in one case of an officer carries nothing in the other, merged or not."""
    url, rich = origin.serve("/", PAGE), open_case(tmp_path / "rich")
    rich.collect("webpage", url=url)
    rich.export(tmp_path / "package")
    poor = open_case(tmp_path / "poor", hosts=["b.example"])

    refused(poor, lambda: poor.collect("webpage", url=url), rule="iv.b.1-scope", words="outside its scope")
    lead = {"hosts": ["127.0.0.1"], "exhibit": "E0001", "reason": "seen there"}
    refused(poor, lambda: poor.extend(**lead), rule="iv.b.1-lead", words="not in this case")


def test_a_table_of_targets_opens_nothing(open_case, origin, tmp_path):
    """However many lines under one authority: each is judged, and no host is asked."""
    rows = "".join(f"webpage,http://127.0.0.1:{origin.port}/{number}\n" for number in range(9))
    (tmp_path / "targets.csv").write_text(f"collector,url\n{rows}", "utf-8")
    case = open_case(hosts=["b.example"])
    found = case.collect_many(tmp_path / "targets.csv")

    assert origin.requests == []
    assert list(found.outcomes["outcome"]) == ["refused"] * 9


def test_nobody_searches_for_themselves_or_for_a_colleague(open_case, chief, origin):
    """Oneself never; a colleague, who can be a victim or missing, when somebody else has approved it."""
    own = {**AUTHORITY, "hosts": ["127.0.0.1"]}
    case, url = open_case(), origin.serve("/", PAGE)
    oneself = osint.Authorization(**{**own, "subjects": ["J. Smit"]})
    refused(case, lambda: case.authorize(oneself), rule="ii-oneself", words="somebody else works on this case")
    case.close()

    klein = f'[[person]]\nname = "A. Klein"\nbadge = "9"\nroles = ["supervisor"]\nkeys = ["{"a" * 64}"]\n'
    install_roster(policy_folder(), sign_roster(ROSTER + klein, NAME, chief))
    case = open_case(authorized=False)
    case.authorize(osint.Authorization(**{**own, "identifier": "IA-1", "terms": ["Klein", "A. Klein, badge 9"]}))
    case.authorize(osint.Authorization(**{**own, "identifier": "IA-2", "hosts": ["b.example"]}))
    with pytest.raises(AuthorizationError, match=r"somebody on the roster of the agency \(staff\)"):
        case.collect("webpage", url=f"{url}colleague")
    assert origin.requests == []


def test_a_search_that_finds_nothing_leaves_with_the_package(open_case, origin, tmp_path):
    """Nil, failed and refused stand in the custody log that the other side receives, each once."""
    case = open_case()
    empty = b'<rss version="2.0"><channel><title>t</title></channel></rss>'
    case.collect("feed", url=origin.serve("/feed", http(empty, "Content-Type: application/rss+xml")))
    with pytest.raises(osint.OsintError):
        case.collect("webpage", url=origin.serve("/wall", http(b"no", status="403 Forbidden")))
    with pytest.raises(AuthorizationError):
        case.collect("webpage", url="http://b.example/")
    log = next(case.export(tmp_path / "package").folder.rglob("custody_log.html")).read_text("utf-8")

    for outcome in ("nil", "failed", "refused"):
        assert len(re.findall(rf"<td[^>]*>{outcome}</td>", log)) == 1


def test_a_notice_is_released_as_it_was_signed_and_by_nobody_alone(open_case, chief, tmp_path):
    """What is changed after the second signature is a draft again; a second key with a name of one's own is no person."""
    case = open_case()
    number = case.record(Notice(**NOTICE))
    case.countersign(number, order(tmp_path, "Chief R. Roe"))
    case.record(Notice(**{**NOTICE, "fields": {"name": "Somebody Else"}}))
    assert list(case.records()["state"]) == ["draft"]
    case.close()

    install_roster(policy_folder(), sign_roster(ROSTER, NAME, chief))
    case = open_case(authorized=False)
    number = case.record(Notice(**{**NOTICE, "identifier": "N-2"}))
    with pytest.raises(AuthorizationError, match="is nobody's on the roster 1"):
        case.countersign(number, order(tmp_path, "Chief R. Roe", "third"))
    assert last(case)[:2] == ("countersign", "refused")


def test_unverified_stands_wherever_a_value_of_such_a_pack_is_shown(open_case, chief, origin, tmp_path):
    """In the notebook, a refusal, an explanation, the report, the table of periods, and on paper; no law of elsewhere in a draft."""
    text = resources.files("osint.policy").joinpath("packs", "uk.toml").read_text("utf-8")
    install(policy_folder(), sign_pack(text, NAME, chief))
    case = open_case()
    case.collect("webpage", url=origin.serve("/", PAGE))
    with pytest.raises(AuthorizationError) as refusal:
        case.collect("webpage", url="http://b.example/")
    package = case.export(tmp_path / "package").folder
    paper = " ".join(page.extract_text() for page in PdfReader(next(package.rglob("custody_log.pdf"))).pages)
    drafted = case.draft(case.record(Notice(**{**NOTICE, "minor": "yes"}))).read_text("utf-8")
    shown = {
        "notebook": str(case), "policy": case.policy._repr_mimebundle_()["text/html"], "refusal": str(refusal.value),
        "explanation": case.policy.explain("P18"), "report": case.report().read_text("utf-8"),
        "periods": case.retention()["standing"].iloc[0],
        "log": next(package.rglob("custody_log.html")).read_text("utf-8"), "paper": " ".join(paper.split()),
    }  # fmt: skip

    assert [where for where, said in shown.items() if "UNVERIFIED" not in said] == []
    assert not re.search("AMBER|NCIC|Mo\\. Rev", drafted)


def test_a_refusal_says_which_rule_it_is_and_that_nobody_verified_it(open_case):
    """Whoever is refused knows what to ask for, and what stands behind it."""
    case = open_case()

    with pytest.raises(
        AuthorizationError, match=r"By IV\.B\.1-scope \(UNVERIFIED\) of us-mo-municipal 2026\.1: osint pol"
    ):
        case.collect("webpage", url="http://b.example/")
    with pytest.raises(AuthorizationError, match=r"By P8 of us-mo-municipal"):  # somebody read that source
        case.collect("webpage", url="http://127.0.0.1/", geofence="x")
