"""Answering a request for records: found, decided item by item, released by permission, and nothing else goes out."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import bagit
import pytest
from click.testing import CliRunner
from origin import NOON, http

import osint
from osint.chain_of_custody.keys import load_or_create
from osint.cli import main
from osint.errors import AuthorizationError, CaseError, ExportError, PolicyError
from osint.gate import retaining
from osint.policy.pack_text import built_in
from osint.records import Closure, Investigation

PHONE = "(417) 555-0182"
CAR = http(b"<html><body>a blue car at the river, words enough to be a page</body></html>", "Content-Type: text/html")
TELLS = http(
    b"<html><body>the blue car came back, call (417) 555-0182 if you see it</body></html>", "Content-Type: text/html"
)
OTHER = http(
    b"<html><body>a red van somewhere else, words enough to be a page</body></html>", "Content-Type: text/html"
)
REQUEST = osint.RecordsRequest(
    identifier="R-2026-17", requester="A. Press, Westmere Gazette", received="2026-06-01T09:00-05:00",
    asks="everything about the blue car", terms=["blue car"], contact="records desk",
)  # fmt: skip
BY = osint.Disclosure(permission="Chief A. Berg, letter 12 of 1 June 2026")
OVER = Investigation(identifier="26-0417", stated_by="the prosecutor", not_pursued="2026-05-01")
HELD = {
    "decision": "withhold",
    "record_class": "investigative",
    "basis": "us-mo.investigative",
    "reason": "it is closed",
}
OPEN = {"decision": "release", "record_class": "incident", "reason": "the first report of it"}


@pytest.fixture
def moment():
    return [NOON]


@pytest.fixture
def case(open_case, origin, moment):
    """E0001 is about a blue car, E0002 tells a telephone number besides, E0003 is about something else."""
    case = open_case(clock=lambda: moment[0])
    for place, page in (("/a", CAR), ("/b", TELLS), ("/c", OTHER)):
        case.collect("webpage", url=origin.serve(place, page))
    return case


def last(case):
    return tuple(case.ledger.iloc[-1][["action", "outcome"]])


def rows(path):
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def test_an_answer_holds_what_a_person_released_and_says_by_what_the_rest_is_withheld(case, tmp_path):
    """One item as it is, one withheld with its provision; the register says what went out, to whom, and by whom."""
    found = case.sunshine(REQUEST)
    assert list(found.found) == ["E0001", "E0002"]
    assert last(case) == ("records.search", "done")
    case.decide_records("R-2026-17", ["E0001"], **OPEN)
    case.decide_records("R-2026-17", ["E0002"], **HELD)
    answer = case.release_records("R-2026-17", tmp_path / "out", BY)

    assert (answer.released, answer.redacted, answer.withheld) == (("E0001",), (), ("E0002",))
    assert bagit.Bag(str(answer.folder)).is_valid()
    (given,) = rows(answer.folder / "data/released.csv")
    file = answer.folder / "data" / given["file"]
    assert file.read_bytes() == CAR.partition(b"\r\n\r\n")[2]
    assert given["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert file.suffix == ".txt"
    (kept,) = rows(answer.folder / "data/withheld.csv")
    assert (kept["exhibit"], kept["provision"]) == ("E0002", "Mo. Rev. Stat. 610.100.2")
    assert kept["status"] == "nothing was stated of an investigation, so it stays closed"
    letter = (answer.folder / "data/letter.html").read_text("utf-8")
    assert ("DRAFT" in letter, "610.023.3" in letter, "2026-06-04" in letter) == (True, True, True)
    everything = b"".join(path.read_bytes() for path in answer.folder.rglob("*") if path.is_file())
    assert b"555-0182" not in everything
    assert b"red van" not in everything

    (row,) = case.disclosures().to_dict("records")
    assert (row["recipient"], row["exhibits"]) == (REQUEST.requester, ["E0001"])
    assert (row["permission"], row["package"], row["by"]) == (
        BY.permission,
        answer.manifest_sha256,
        "J. Smit, badge 4471",
    )
    assert case.records_requests()["state"].tolist() == ["answered"]
    anew = {each.exhibit: len(each.restarts) for each in retaining.kept(case._ledger.entries(), case._gate.pack)}
    assert anew == {"E0001": 1, "E0002": 0, "E0003": 0}
    assert case.retrieve(given["sha256"]).items[0].exhibit == "E0001"
    case.verify()


def test_without_a_decision_on_each_item_and_a_permission_nothing_goes_out(case, tmp_path):
    """Everything that is missing is named at once, and the refusal is an entry."""
    case.sunshine(REQUEST)
    case.decide_records("R-2026-17", ["E0001"], **OPEN)

    with pytest.raises(AuthorizationError) as refused:
        case.release_records("R-2026-17", tmp_path / "out", osint.Disclosure())

    said = "\n".join(refused.value.reasons)
    assert "nobody decided on E0002" in said
    assert "permission is missing" in said
    assert last(case) == ("disclose", "refused")
    assert not (tmp_path / "out").exists()


def test_what_stays_closed_leaves_by_order_of_a_court_alone(case, tmp_path):
    """An investigative report, before anybody said that the investigation is over, and after."""
    case.sunshine(replace(REQUEST, concerns=["E0003"], terms=()))
    report = {"decision": "release", "record_class": "investigative", "reason": "asked for"}
    case.decide_records("R-2026-17", ["E0003"], **report)
    with pytest.raises(AuthorizationError, match="E0003 stays closed"):
        case.release_records("R-2026-17", tmp_path / "out", BY)

    case.decide_records("R-2026-17", ["E0003"], **report, order="Circuit Court, 26CV-88")
    assert case.release_records("R-2026-17", tmp_path / "ordered", BY).released == ("E0003",)
    case.record(OVER)
    case.decide_records("R-2026-17", ["E0003"], **report)
    (item,) = case.sunshine("R-2026-17").items
    assert (item.status.openness, item.status.facts["not_pursued"]) == ("open", "2026-05-01")
    assert case.release_records("R-2026-17", tmp_path / "inactive", BY).released == ("E0003",)


def test_a_redacted_copy_goes_out_without_what_is_masked(case, tmp_path):
    """Private facts are masked or nothing goes out; a mask without the decision, or the decision without one, refuses."""
    case.sunshine(REQUEST)
    case.decide_records("R-2026-17", ["E0001", "E0002"], **OPEN)
    with pytest.raises(AuthorizationError, match="phone"):
        case.release_records("R-2026-17", tmp_path / "out", BY)
    case.mask(PHONE, reason="private")
    with pytest.raises(AuthorizationError, match="part of it is masked"):
        case.release_records("R-2026-17", tmp_path / "out", BY)

    case.decide_records("R-2026-17", ["E0002"], **{**OPEN, "decision": "redact"}, basis="us-mo.by_law")
    answer = case.release_records("R-2026-17", tmp_path / "out", BY)

    assert (answer.released, answer.redacted) == (("E0001",), ("E0002",))
    copy = (answer.folder / "data/released/E0002.txt").read_text("utf-8")
    assert ("555-0182" in copy, "[removed]" in copy, "blue car came back" in copy) == (False, True, True)
    assert [row["decision"] for row in rows(answer.folder / "data/withheld.csv")] == ["redact"]


def test_what_a_court_closed_is_not_there(case, tmp_path):
    """It answers no request, is in no index, and is not counted; once the order is lifted, it is."""
    case.record(
        Closure(order="26-1184", court="Circuit Court", citation="610.140", concerns=["E0002"], made="2026-05-01")
    )

    assert list(case.sunshine(replace(REQUEST, concerns=["E0002"])).found) == ["E0001"]
    with pytest.raises(CaseError, match="E0002 does not answer it"):
        case.decide_records("R-2026-17", ["E0002"], **HELD)
    case.decide_records("R-2026-17", ["E0001"], **OPEN)
    answer = case.release_records("R-2026-17", tmp_path / "out", BY)
    told = "".join(path.read_text("utf-8") for path in (answer.folder / "data").glob("*.*"))
    assert ("E0001" in told, "E0002" in told) == (True, False)

    case.record(
        Closure(order="26-1184", court="Circuit Court", citation="610.140", concerns=["E0002"], made="2026-05-01",
                lifted="2026-06-01")
    )  # fmt: skip
    assert list(case.sunshine("R-2026-17").found) == ["E0001", "E0002"]


def test_what_is_stopped_is_never_released(case, tmp_path):
    """Whatever somebody decided."""
    case.sunshine(replace(REQUEST, concerns=["E0001"], terms=()))
    case.decide_records("R-2026-17", ["E0001"], **OPEN)
    case.stop_sensitive("E0001")

    with pytest.raises(AuthorizationError, match="is stopped"):
        case.release_records("R-2026-17", tmp_path / "out", BY)


def test_the_day_it_is_due_stands_in_the_list_until_it_was_answered(case, moment, tmp_path):
    """A delay with its cause moves it; a statement of the denial that was asked for has a day of its own."""

    def due():
        table = case.due(within=60)
        return [f"{each:%Y-%m-%d %H:%M}" for each in table[table["what"] == "request"]["due"]]

    case.sunshine(REQUEST)
    assert due() == ["2026-06-05 04:59"]  # the end of the third business day at the office, in UTC
    with pytest.raises(CaseError, match="expected and delay belong together"):
        replace(REQUEST, expected="2026-06-20")
    case.sunshine(replace(REQUEST, expected="2026-06-20", delay="a film has to be looked through"))
    assert due() == ["2026-06-21 04:59"]

    case.decide_records("R-2026-17", ["E0001", "E0002"], **HELD)
    moment[0] = NOON + timedelta(hours=1)
    case.release_records("R-2026-17", tmp_path / "out", BY)
    assert due() == []
    asked = replace(REQUEST, statement_asked="2026-06-05T09:00-05:00")
    case.record(asked)
    assert due() == ["2026-06-11 04:59"]
    statement = case.draft_denial("R-2026-17").read_text("utf-8")
    assert ("DRAFT" in statement, "610.100.2" in statement, "E0002" in statement) == (True, True, True)
    case.record(replace(asked, statement_given="2026-06-08"))
    assert due() == []
    case.record(replace(REQUEST, identifier="R-2026-18"))
    assert len(due()) == 1
    case.record(replace(REQUEST, identifier="R-2026-18", withdrawn="2026-06-02"))
    assert due() == []


def test_a_search_that_finds_nothing_is_an_entry_and_can_be_answered(case, tmp_path):
    """The letter says so."""
    case.sunshine(replace(REQUEST, terms=["green boat"]))
    assert last(case) == ("records.search", "nil")

    answer = case.release_records("R-2026-17", tmp_path / "out", BY)
    assert "No record that can be released answers the request." in (answer.folder / "data/letter.html").read_text(
        "utf-8"
    )


def test_a_decision_that_cannot_be_meant_is_refused_with_everything_at_once(case):
    """A word off the lists, no reason, an exhibit that does not answer it."""
    case.sunshine(REQUEST)

    with pytest.raises(CaseError) as refused:
        case.decide_records("R-2026-17", ["E0003"], decision="hide", record_class="memo", reason=" ")
    said = str(refused.value)
    assert all(each in said for each in ("decision is one of", "record_class is one of", "reason is missing", "E0003"))
    with pytest.raises(CaseError, match="basis is a ground of us-mo"):
        case.decide_records("R-2026-17", ["E0001"], decision="withhold", basis="us-il.privacy", reason="private")
    with pytest.raises(CaseError, match="No request 'R-9'"):
        case.sunshine("R-9")
    with pytest.raises(PolicyError, match="us-xx"):
        case.sunshine(replace(REQUEST, law="us-xx"))


def test_the_answer_to_a_request_under_another_law_goes_by_that_law(case, tmp_path):
    """Its days, its grounds, its citation, shown as UNVERIFIED; nothing is answered by the law of elsewhere."""
    case.sunshine(replace(REQUEST, law="us-ks"))
    case.decide_records("R-2026-17", ["E0001", "E0002"], **{**HELD, "basis": "us-ks.investigative"})
    letter = case.release_records("R-2026-17", tmp_path / "out", BY).folder / "data/letter.html"

    assert "45-221(a)(10)" in letter.read_text("utf-8")
    assert "UNVERIFIED" in letter.read_text("utf-8")
    assert built_in("us-mo-municipal").open_records["us-ks"].verified_on is None


def test_a_folder_that_is_there_is_left_alone(case, tmp_path):
    """And nothing is logged as released."""
    (tmp_path / "out").mkdir()
    case.sunshine(REQUEST)

    with pytest.raises(ExportError, match="there already"):
        case.release_records("R-2026-17", tmp_path / "out", BY)
    assert last(case) == ("records.search", "done")


def test_a_purged_item_answers_nothing(case, tmp_path):
    """The agency has no such record any more."""
    order = osint.Order(
        authority="Circuit Court, order 26-1184", reason="expunged", requester="J. Smit, badge 4471",
        approver=load_or_create(tmp_path / "chief", "actor"), approver_name="A. Berg, badge 12",
    )  # fmt: skip
    case.erasing.purge(["E0001"], order)

    assert list(case.sunshine(replace(REQUEST, concerns=["E0001"])).found) == ["E0002"]


def test_a_request_is_answered_by_commands(case, tmp_path, monkeypatch):
    """Recorded, searched, decided and released: each is one command, and says what it did."""
    folder = str(case.folder)
    case.close()
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))

    def run(*words):
        done = CliRunner().invoke(main, [*words, "--investigator", "J. Smit, badge 4471", "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    run("record", "records-request", folder, "--identifier", "R-1", "--requester", "A. Press", "--received",
        "2026-06-01T09:00-05:00", "--asks", "the blue car", "--term", "red van")  # fmt: skip
    assert [row["exhibit"] for row in run("sunshine", "search", folder, "R-1")] == ["E0003"]
    run("sunshine", "decide", folder, "R-1", "--exhibit", "E0003", "--decision", "release", "--class", "incident",
        "--reason", "the first report")  # fmt: skip
    answer = run("sunshine", "release", folder, "R-1", "--to", str(tmp_path / "out"), "--permission", "Chief, letter 1")
    assert answer["released"] == ["E0003"]
    listed = json.loads(CliRunner().invoke(main, ["sunshine", "list", folder, "--json"]).stdout)
    assert [row["state"] for row in listed] == ["answered"]
