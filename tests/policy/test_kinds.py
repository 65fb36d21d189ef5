"""Kinds of case: what is asked once and remembered, what stops, what is refused, and what is drafted."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from origin import AUTHORITY, NOON, http
from PIL import Image

import osint
from osint.capture.imports.declaration import SavedBy
from osint.chain_of_custody.keys import load_or_create
from osint.errors import AuthorizationError, CaseError, SecretFoundError
from osint.graph.statements import Described
from osint.policy.facts import Facts
from osint.policy.kinds import due, state
from osint.policy.order import label_in
from osint.policy.pack_text import DEFAULT, built_in
from osint.policy.rules import decide
from osint.records import (
    KINDS,
    Consent,
    Notice,
    OwnPage,
    Preservation,
    Recorded,
    Removal,
    Rights,
    Tip,
    Warrant,
    read_record,
)
from osint.report import drafts
from osint.report.drafts import draft

PACK = built_in(DEFAULT)
PAGE = http(b"<html><body>words enough to be a page, seen at the river</body></html>", "Content-Type: text/html")
FEED = """<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>one</title><author>{0}</author>
<description>x</description><pubDate>Mon, 01 Jun 2026 10:00:00 GMT</pubDate></item><item><guid>2</guid><title>two</title>
<author>{1}</author><description>y</description><pubDate>Mon, 01 Jun 2026 11:00:00 GMT</pubDate></item></channel></rss>"""
FACTS = {
    "warrant": {
        "number": "W-1", "court": "Circuit Court", "offence": "criminal damage", "issued": "2026-05-01",
        "confirmed": "2026-06-01T08:00:00Z", "subject": "Dan Example", "identity": "confirmed",
    },
    "consent": {
        "identifier": "C-1", "person": "Jane Example", "scope": "her account", "signed": "2026-05-30",
        "accounts": ["@jane@social.example"],
    },
    "tip": {
        "identifier": "T-1", "received": "2026-05-30T10:00:00Z", "channel": "web form", "says": "seen at the river",
        "anonymous": True, "source_notice_given": False,
    },
    "own-page": {"address": "http://127.0.0.1/police", "administered_by": "R. Roe"},
    "removal": {
        "address": "https://a.example/1", "rule": "obscenity", "who": "R. Roe", "removed": "2026-06-01T09:00:00Z",
        "exhibits": ["E0001"],
    },
    "rights": {"exhibit": "E0001", "holder": "not known", "decision": "evidence only", "decided_by": "R. Roe"},
    "preservation": {
        "identifier": "P-1", "provider": "Social, Inc.", "accounts": ["https://s.example/jane, id 12"],
        "data": "posts, messages, sign-in records", "contact": "J. Smit, +00 555 0101",
    },
    "notice": {
        "identifier": "N-1", "about": "missing", "fields": {"name": "Jane Example", "last_seen": "1 June, river"},
        "minor": "yes", "channel": "own page", "statement": "fact", "information": "A",
    },
    "records-request": {
        "identifier": "R-1", "requester": "A. Press, Westmere Gazette", "received": "2026-06-01T09:00-05:00",
        "asks": "what you hold on the blue car", "terms": ["blue car"],
    },
    "investigation": {"identifier": "26-0417", "stated_by": "the prosecutor", "limitation": "none"},
    "closure": {
        "order": "26-1184", "court": "Circuit Court", "citation": "610.140", "concerns": ["E0001"], "made": "2026-06-01",
    },
}  # fmt: skip

SAVED = {
    "name": "Jane Example", "role": "victim", "at": "not known", "program": "not known", "came": "by mail from her",
    "logged_in": "not known",
}  # fmt: skip


def stated(record, *, countersigned="", entry=7) -> Recorded:
    return Recorded(record=record, entry=entry, leaf="ab", by="J. Smit", when=NOON, countersigned=countersigned)


def last(case):
    return tuple(case.ledger.iloc[-1][["action", "outcome"]])


def conditions(case):
    return [entry.private.get("conditions", []) for entry in case._ledger.entries() if entry.action == "authorize"][-1]


@pytest.fixture
def order(tmp_path):
    return osint.Order(
        authority="General Order XLV, IV.A.2.a", reason="approved", requester="J. Smit, badge 4471",
        approver=load_or_create(tmp_path / "chief", "actor"), approver_name="Chief R. Roe",
    )  # fmt: skip


# -- records -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_comes_back_as_it_was_and_names_all_that_it_lacks_at_once(kind):
    """The kinds are held to the same two promises."""
    made = KINDS[kind](**FACTS[kind])
    assert read_record(made.as_dict()) == made

    with pytest.raises(CaseError) as refused:
        KINDS[kind]()
    assert {*re.findall(r"- (\w+) is missing", str(refused.value))} == {*KINDS[kind].needed}


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("warrant", {"issued": "last May"}),
        ("warrant", {"confirmed": "2026-06-01T08:00"}),
        ("tip", {"source": "9"}),
        ("tip", {"says": "x" * 4001}),
        ("investigation", {"limitation": "soon"}),
    ],
)
def test_what_cannot_be_meant_is_refused_and_not_repeated(kind, wrong):
    """A day that is none, an instant without zone, a grade off its scale, a text without end."""
    ((name, value),) = wrong.items()

    with pytest.raises(CaseError, match=f"{name} is") as refused:
        KINDS[kind](**{**FACTS[kind], **wrong})
    assert value not in str(refused.value)


def test_the_newest_of_a_number_stands_and_an_unknown_exhibit_is_refused(open_case):
    """A tip that was dealt with is recorded again; both entries stay."""
    case = open_case()
    case.record(Tip(**FACTS["tip"]))
    case.record(Tip(**FACTS["tip"], disposition="passed to the county"))

    (row,) = case.records().to_dict("records")
    assert (row["kind"], row["key"], row["state"]) == ("tip", "T-1", "stands")
    assert row["says"]["disposition"] == "passed to the county"
    assert row["says"]["source_notice_given"] is False
    with pytest.raises(CaseError, match="E0001 is not in this case"):
        case.record(Rights(**FACTS["rights"]))


SENT = Preservation(**FACTS["preservation"], sent="2026-06-01")


@pytest.mark.parametrize(
    ("record", "over", "says"),
    [
        (Warrant(**FACTS["warrant"]), datetime(2026, 6, 2, 8, tzinfo=UTC), "stale"),
        (Tip(**FACTS["tip"]), datetime(2026, 11, 26, 10, tzinfo=UTC), "expired"),
        (SENT, datetime(2026, 8, 19, 23, 59, 59, tzinfo=UTC), "renew now"),
    ],
    ids=["warrant", "tip", "preservation"],
)
def test_what_ends_says_so(record, over, says):
    """The periods are those of the pack: 24 hours, 180 days, 80 of 90 days. Up to then each stands."""
    assert state(stated(record), PACK, over) == "stands"
    assert state(stated(record), PACK, over + timedelta(seconds=1)) == says


def test_a_preservation_is_a_draft_until_it_was_sent_and_over_after_ninety_days():
    """The time runs from the day on which it was sent."""
    assert state(stated(Preservation(**FACTS["preservation"])), PACK, NOON) == "draft"
    assert due(SENT, PACK) == datetime(2026, 8, 30, tzinfo=UTC)
    assert state(stated(SENT), PACK, datetime(2026, 8, 30, 0, 0, 1, tzinfo=UTC)) == "over"
    assert state(stated(Consent(**FACTS["consent"], withdrawn="2026-06-02")), PACK, NOON) == "withdrawn"


def test_a_corroborated_tip_does_not_expire():
    """An exhibit bears it out."""
    assert due(Tip(**FACTS["tip"], exhibits=["E0001"]), PACK) is None


def test_nothing_is_shown_of_a_tip_that_expired(open_case):
    """It waits to be purged by two persons."""
    moment = [NOON]
    case = open_case(clock=lambda: moment[0])
    case.record(Tip(**FACTS["tip"]))
    moment[0] = NOON + timedelta(days=200)

    (row,) = case.records().to_dict("records")
    assert (row["state"], row["says"]) == ("expired", {})


# -- missing persons ---------------------------------------------------------------------------------------------------


def test_collection_stops_when_the_person_is_located(open_case, origin):
    """The officer is told to clear the entry and when to review; a new authority carries again."""
    url = origin.serve("/", PAGE)
    case = open_case()
    case.collect("webpage", url=url)
    told = case.located(reason="seen at home by Officer Berg", exhibit="E0001")

    assert "MULES or NCIC" in told
    assert "Review on 2026-08-30" in told
    asked = len(origin.requests)
    with pytest.raises(AuthorizationError, match="was located"):
        case.collect("webpage", url=url)
    with pytest.raises(AuthorizationError, match="was located"):
        case.revisit("E0001")
    assert (last(case)[1], len(origin.requests)) == ("refused", asked)

    case.authorize(
        osint.Authorization(**{**AUTHORITY, "identifier": "CR-1", "purpose": "crime_media", "hosts": ["127.0.0.1"]})
    )
    assert case.collect("webpage", url=url).posts == 1


def test_a_run_that_is_under_way_ends_when_the_person_is_located(open_case, origin):
    """Whoever records it, at this machine or another window: the next request is not made."""
    case = open_case()
    (standing,) = case._gate.standing()
    case._gate.check_in_force(standing)
    case.located(reason="seen at home")

    with pytest.raises(AuthorizationError, match="was located"):
        case._gate.check_in_force(standing)


def test_located_needs_a_missing_person_and_how_it_is_known(open_case):
    """Nothing is recorded otherwise."""
    case = open_case()
    for wrong in ({"reason": " "}, {"reason": "x", "exhibit": "E0009"}, {"reason": "x", "identifier": "other"}):
        with pytest.raises(CaseError):
            case.located(**wrong)

    assert "locate" not in set(case.ledger["action"])


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ({"purpose": "wanted_person"}, "warrant: not stated (IV.B.1.b)"),
        ({"purpose": "cybercrime"}, "consent of the victim: not stated (IV.B.1.d)"),
        ({"purpose": "own_pages"}, "register of the agency's own pages: not stated (IV.A.2.a)"),
        ({"purpose": "gang"}, "record_kind: ordinary case file"),
        ({"emergency": "missing_child", "circumstances": "6 years old", "expires": ""}, "minor: state which accounts"),
    ],
    ids=["wanted", "cybercrime", "own pages", "gang", "missing child"],
)
def test_an_authority_records_what_was_not_stated_and_is_not_refused(stated, says):
    """The common path asks nothing new."""
    made = osint.Authorization(**{**AUTHORITY, **stated})
    decision = decide(Facts(now=NOON, step="authorize", said={"authorization": made}), PACK)

    assert decision.allowed
    assert any(each.startswith(says) for each in decision.conditions)


def test_a_device_of_ones_own_stands_with_its_permission_beside_the_authority(open_case, monkeypatch, tmp_path):
    """Every exhibit leads back to the authority, and so to whose device it came by."""
    (tmp_path / "profile.toml").write_text('device_ownership = "personal"\ndevice_permission = "Chief, 3 May 2026"\n')
    monkeypatch.setenv("OSINT_POLICY", str(tmp_path))

    assert any("personal, permitted: Chief, 3 May 2026" in each for each in conditions(open_case()))


# -- own pages ---------------------------------------------------------------------------------------------------------


def test_an_own_page_is_captured_once_the_chief_has_signed_it(open_case, origin, order):
    """One signature registers nothing; another page of the host is not the agency's own."""
    url, other = origin.serve("/police", PAGE), origin.serve("/elsewhere", PAGE)
    case = open_case(purpose="own_pages")
    page = case.record(OwnPage(address=url, administered_by="R. Roe"))

    with pytest.raises(AuthorizationError, match="no registered page"):
        case.collect("webpage", url=url)
    case.countersign(page, order)
    assert case.collect("webpage", url=url).posts == 1
    with pytest.raises(AuthorizationError, match="no registered page"):
        case.collect("webpage", url=other)
    assert list(case.records()["state"]) == ["stands"]


def test_nobody_countersigns_their_own_record(open_case, order, tmp_path):
    """One person with two keys is one person; what needs no second person is not signed twice."""
    case = open_case()
    page, tip = case.record(OwnPage(**FACTS["own-page"])), case.record(Tip(**FACTS["tip"]))
    own = osint.Order(
        authority="x", reason="x", requester="J. Smit, badge 4471",
        approver=load_or_create(tmp_path / "second", "actor"), approver_name="J. Smit, badge 4471",
    )  # fmt: skip

    for number, by in ((page, own), (tip, order), (1, order)):
        with pytest.raises(AuthorizationError):
            case.countersign(number, by)
        assert last(case) == ("countersign", "refused")


def test_an_entry_of_one_signature_registers_nothing(open_case):
    """Whoever writes to the ledger alone cannot stand for two."""
    case = open_case(purpose="own_pages")
    number = case.record(OwnPage(**FACTS["own-page"]))
    leaf = next(entry.leaf.hex() for entry in case._ledger.entries(number))
    case._gate.log("countersign", private={"approver": "Chief R. Roe"}, refs=[leaf])

    assert list(case.records()["state"]) == ["waits for a second person"]


def test_a_removed_comment_is_kept_with_the_rule_and_who(open_case, origin):
    """Without the exhibit that holds it no removal is recorded."""
    case = open_case()
    case.collect("webpage", url=origin.serve("/", PAGE))
    case.record(Removal(**FACTS["removal"]))

    (row,) = case.records().to_dict("records")
    assert (row["says"]["rule"], row["says"]["who"], row["exhibits"]) == ("obscenity", "R. Roe", ["E0001"])
    with pytest.raises(CaseError, match="exhibits is missing"):
        Removal(**{**FACTS["removal"], "exhibits": []})


# -- cybercrime --------------------------------------------------------------------------------------------------------


def test_an_import_goes_by_its_consent(open_case, tmp_path):
    """The number is sealed with the file; a consent that is not there, or withdrawn, carries nothing."""
    file = tmp_path / "page.html"
    file.write_bytes(b"<html><body>words enough to be a page</body></html>")
    said = {**SAVED, "address": "http://127.0.0.1/x"}
    case = open_case(purpose="cybercrime")

    with pytest.raises(AuthorizationError, match="not recorded"):
        case.import_file(file, SavedBy(**said, consent="C-1"))
    case.record(Consent(**FACTS["consent"]))
    assert case.import_file(file, SavedBy(**said, consent="C-1")).exhibit == "E0001"
    case.record(Consent(**FACTS["consent"], withdrawn="2026-06-01"))
    with pytest.raises(AuthorizationError, match="was withdrawn"):
        case.import_file(file, SavedBy(**said, consent="C-1"))
    assert "consent" not in SavedBy(**said).as_dict()


def test_the_report_of_a_crime_online_shows_what_concerns_the_victim(open_case, origin):
    """In order, from the day on which a consent names the accounts; without one there is no such part."""
    feed = FEED.format("dan@a.example", "jane@a.example").encode()
    case = open_case(purpose="cybercrime")
    case.collect("feed", url=origin.serve("/feed", http(feed, "Content-Type: application/rss+xml")))
    heading = "What concerns the victim"
    assert heading not in case.report().read_text("utf-8")

    handle = case.posts()["author_handle"].iloc[0]
    case.record(Consent(**{**FACTS["consent"], "accounts": [handle]}))
    assert heading in case.report().read_text("utf-8")


# -- notices and letters -----------------------------------------------------------------------------------------------


def test_a_notice_is_a_draft_until_two_persons_released_it(open_case, order):
    """Then the page names both; the checklist decides nothing."""
    case = open_case()
    number = case.record(Notice(**FACTS["notice"]))
    before = case.draft(number).read_text("utf-8")
    case.countersign(number, order)
    after = case.draft(number).read_text("utf-8")

    assert "DRAFT" in before
    assert "no decision" in before
    assert "DRAFT" not in after
    assert "Released by J. Smit, badge 4471 and Chief R. Roe" in after
    assert last(case) == ("draft", "done")


def test_a_stale_warrant_or_a_name_alone_is_not_published(open_case, order):
    """Each ground is named; confirmed anew, and tied by more than the name, it is released."""
    case = open_case(purpose="wanted_person")
    wanted = {**FACTS["notice"], "about": "wanted", "minor": "no", "warrant": "W-1"}
    number = case.record(Notice(**wanted))
    case.record(Warrant(**{**FACTS["warrant"], "confirmed": "2026-05-30T08:00:00Z", "identity": "unconfirmed"}))

    with pytest.raises(AuthorizationError) as refused:
        case.countersign(number, order)
    assert "stale" in str(refused.value)
    assert "a name alone" in str(refused.value)
    case.record(Warrant(**FACTS["warrant"]))
    assert case.countersign(number, order)


def test_a_notice_with_a_field_that_nobody_approved_is_not_even_recorded(open_case):
    """The refusal is an entry."""
    case = open_case()

    with pytest.raises(AuthorizationError, match="home_address is no approved field"):
        case.record(Notice(**{**FACTS["notice"], "fields": {"home_address": "1 Mill Lane"}}))
    assert last(case) == ("record", "refused")
    assert case.records().empty


def test_a_letter_says_draft_on_every_page_and_certifies_nothing():
    """The band is fixed, so that a browser prints it on each page; the number of days stands with its source."""
    sent = Preservation(**FACTS["preservation"], sent="2026-06-01", nondisclosure=True)
    text = draft(stated(sent), PACK, NOON, "2026-0417").decode()

    assert re.search(r'<div style="position:fixed[^"]*"><b>DRAFT</b>', text)
    assert "certifies nothing" in text
    assert "18 U.S.C. 2703(f)" in text
    assert "2026-08-30" in text
    assert "UNVERIFIED" in text
    assert "tell neither" in text
    with pytest.raises(CaseError, match="Nothing is drafted from a tip"):
        draft(stated(Tip(**FACTS["tip"])), PACK, NOON, "2026-0417")


def test_a_draft_that_would_hold_a_password_is_not_written(open_case, monkeypatch):
    """It is searched before it is written, as everything that leaves."""
    case = open_case()
    number = case.record(Preservation(**{**FACTS["preservation"], "contact": "J. Smit, hunter2-hunter2"}))
    monkeypatch.setattr(case._secrets, "values", lambda: {"hunter2-hunter2"})

    with pytest.raises(SecretFoundError):
        case.draft(number)
    assert not list(case.folder.glob("drafts/*"))


def test_no_draft_labels_a_person_and_a_hostile_field_is_no_markup():
    """Neither our words nor those of a record make somebody a member, an associate or a criminal."""
    ours = " ".join(value for value in vars(drafts).values() if isinstance(value, str))
    ours += " ".join((*PACK.words("missing_child_alert"), *PACK.words("preservation_letter")))
    hostile = Notice(**{**FACTS["notice"], "fields": {"name": "<script>alert(1)</script>"}})

    assert label_in(ours) == ""
    assert b"<script>" not in draft(stated(hostile), PACK, NOON, "2026-0417")


# -- pictures of a crime -----------------------------------------------------------------------------------------------


def test_a_picture_is_released_when_somebody_decided_that_it_may_be(open_case, origin, order):
    """The exhibit itself needs no decision."""
    case = open_case()
    case.collect("webpage", url=origin.serve("/", PAGE))
    number = case.record(Notice(**FACTS["notice"], picture="E0001"))

    for decision in (None, Rights(**FACTS["rights"])):
        if decision:
            case.record(decision)
        with pytest.raises(AuthorizationError, match="E0001 may be published"):
            case.countersign(number, order)
    case.record(Rights(**{**FACTS["rights"], "decision": "may be published"}))
    assert case.countersign(number, order)


def test_a_picture_of_a_crime_is_looked_at_and_not_changed(open_case, tmp_path):
    """The bytes of the exhibit have the same hash before and after; the picture itself is read from them."""
    file = tmp_path / "crime.png"
    Image.new("RGB", (4, 4)).save(file)
    case = open_case(purpose="crime_media")
    case.import_file(file, SavedBy(**SAVED, address="http://127.0.0.1/x"))
    (exhibit,) = case._ledger.exhibits()
    stored = case._blobs.path(exhibit.sha256)
    before = sha256(stored.read_bytes()).hexdigest()
    case.media()
    case.media_values()

    assert sha256(stored.read_bytes()).hexdigest() == before == exhibit.sha256


def test_a_person_in_a_picture_is_unknown_until_stated_and_an_identity_unconfirmed():
    """Nobody is a suspect by default."""
    described = Described(node="account:x:dan", reason="in the picture", exhibits=["E0001"])

    assert described.as_dict()["status"] in (None, "unknown")
    assert Warrant(**{**FACTS["warrant"], "identity": "unconfirmed"}).identity == Warrant.identity == "unconfirmed"


def test_the_posts_that_concern_an_account_make_its_timeline(open_case, origin):
    """By it, to it or about it, in any letter case; nobody else's."""
    posts = pytest.importorskip("pandas").DataFrame(
        {
            "id": ["1", "2", "3", "4"],
            "attributed_to": [
                "account:mastodon:jane@social.example",
                "account:x:dan",
                "account:x:dan",
                "account:x:dan",
            ],
            "in_reply_to_account": [None, "account:mastodon:Jane@social.example", None, None],
            "announce_of_account": [None, None, None, None],
            "tag": [[], [], [{"account": "account:mastodon:jane@social.example"}], [{"account": None}]],
        }
    )

    assert list(osint.concerning(posts, ["@JANE@social.example"])["id"]) == ["1", "2", "3"]
    assert list(osint.concerning(posts, ["account:x:dan"])["id"]) == ["2", "3", "4"]
    assert osint.concerning(posts, []).empty
