"""The lists of a production: nothing of the ledger is missing in them, nothing that is withheld is told by them."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from pathlib import Path

import pytest
from origin import http
from papers_of import NONE_KNOWN, material_of, pages, papers, plan_of, release, rows, table

import osint
from osint.chain_of_custody.keys import load_or_create
from osint.errors import AuthorizationError, ExportError
from osint.graph.statements import Described
from osint.policy.roster import read_roster
from osint.production import lists as lists_module
from osint.production.lists.attribution import check_contrary_facts, worksheet
from osint.production.lists.exhibits import exhibit_list, foundation_aids
from osint.production.lists.log import nil_and_failed, refusals, search_log
from osint.production.lists.personnel import personnel_index
from osint.production.lists.redactions import purge_certificates, redaction_log
from osint.production.lists.schedules import disclosure_schedule, unused_material
from osint.production.lists.validation import source_sha256, validation_record
from osint.production.release import Excluded
from osint.report.csv_tables import Sheet
from osint.report.forms import text_form

FEED = """<rss version="2.0"><channel><title>t</title><item><guid>{0}</guid><title>{0}</title><author>{1}</author>
<description>{0}</description><pubDate>Mon, 01 Jun 2026 10:00:00 GMT</pubDate></item></channel></rss>"""
SECRET = "the-informant-page"
ROSTER = """
[roster]
agency = "Westmere Police"
serial = 1
effective = "2026-01-01"
[[person]]
name = "J. Smit"
badge = "4471"
roles = ["investigator"]
sensitive_position_since = "2024-02-01"
training_valid_until = "2027-02-03"
screening_valid_until = "2029-02-01"
"""


def feed(name, author="dawn"):
    return http(FEED.format(name, author).encode(), "Content-Type: application/rss+xml")


@pytest.fixture
def case(open_case, origin):
    """Two exhibits, a refusal, a failure; the second exhibit is one that is going to be withheld."""
    case = open_case()
    case.collect("feed", url=origin.serve("/feed", feed("seen at the river")))
    case.collect("feed", url=origin.serve(f"/{SECRET}", feed(SECRET)))
    with pytest.raises(AuthorizationError):
        case.collect("feed", url="https://elsewhere.example/feed")
    return case


def test_every_entry_stands_in_the_search_log_once_and_in_order(case, tmp_path):
    """Nothing that the ledger holds is missing there, refusals least of all."""
    made, entries = material_of(case, tmp_path / "data"), list(case._ledger.entries())
    logged = table(search_log(made))
    refused = [str(each.seq) for each in entries if each.outcome == "refused"]

    assert [row["entry"] for row in logged] == [str(each.seq) for each in entries]
    assert [row["leaf hash"] for row in logged] == [each.leaf.hex() for each in entries]
    assert [row["entry"] for row in table(refusals(made))] == refused != []


def test_what_found_nothing_is_listed_with_what_was_asked(open_case, origin, tmp_path):
    """A query to which nothing came is on the list with the question."""
    case = open_case()
    empty = http(b'<rss version="2.0"><channel><title>t</title></channel></rss>', "Content-Type: application/rss+xml")
    case.collect("feed", url=origin.serve("/empty", empty))
    [found] = table(nil_and_failed(material_of(case, tmp_path / "data")))

    assert (found["outcome"], found["action"]) == ("nil", "conclude")
    assert "/empty" in found["what was asked"]


def test_nothing_of_what_is_withheld_is_told_by_any_list(case, tmp_path):
    """Address, title and words of the exhibit are nowhere; that it exists, and the ground, are in the index."""
    ground = Excluded(exhibit="E0002", ground="identity of a source", cited="Rule 25.10", by="K. de Vries, prosecutor")
    whole = table(search_log(material_of(case, tmp_path / "whole")))
    made = papers(material_of(case, tmp_path / "data", excluded=(ground,), profile="uk"))
    [held] = rows(made["lists/withheld_index.csv"])

    assert any(SECRET in row["what it records"] for row in whole)
    assert [name for name, content in made.items() if any(SECRET in page for page in pages(name, content))] == []
    assert (held["exhibit"], held["ground"], held["decided by"]) == ("E0002", ground.ground, ground.by)


def test_the_schedules_have_no_gap_and_describe_each_item_by_itself(case, origin, tmp_path):
    """Every item ever stored is on the disclosure schedule; on that of unused material what nobody relies on."""
    case.collect("feed", url=origin.serve("/third", feed("a third")))
    held = Excluded(exhibit="E0002", ground="sensitive", cited="CPIA", by="prosecutor")
    made = material_of(case, tmp_path / "data", excluded=(held,), profile="uk", used=("E0001",))
    unused = table(unused_material(made))

    assert [row["exhibit"] for row in table(disclosure_schedule(made))] == ["E0001", "E0002", "E0003"]
    assert [(row["item"], row["exhibit"], row["fate"]) for row in unused] == [
        ("1", "E0002", "withheld"), ("2", "E0003", "produced"),
    ]  # fmt: skip
    assert [SECRET in row["description"] for row in unused] == [False, False]
    assert len({row["description"] for row in unused}) == 2


def test_an_exhibit_list_joins_to_the_ledger(case, tmp_path):
    """Hash and entry of each row are those that the ledger records; the witness is left blank."""
    listed = table(exhibit_list(material_of(case, tmp_path / "data")))
    known = {each.number: (each.sha256, str(each.entry)) for each in case._ledger.exhibits()}

    assert {row["exhibit"]: (row["SHA-256"], row["ledger entry"]) for row in listed} == known
    assert {(row["sponsoring witness"], row["authorship proof needed"]) for row in listed} == {("", "yes")}
    assert "902(13)" in listed[0]["ways to a foundation"]


def test_a_long_exhibit_list_is_printed_in_volumes(case, tmp_path, monkeypatch):
    """To set one takes memory by its rows; every row stands in one of them, and all of them in the page of HTML."""
    material = material_of(case, tmp_path / "data")
    monkeypatch.setattr(lists_module, "_IN_A_VOLUME", 1)
    made = {name: content for name, content in lists_module._papers(material) if name.startswith("exhibit_list")}
    printed = {name: " ".join(pages(name, content)) for name, content in made.items() if name.endswith(".pdf")}

    assert list(made) == ["exhibit_list.html", "exhibit_list.pdf", "exhibit_list-2.pdf"]
    assert [re.findall(r"\bE000\d\b", each) for each in printed.values()] == [["E0001"], ["E0002"]]


def test_the_aids_say_how_far_the_clock_was_off_and_who_worked(case, tmp_path):
    """For each exhibit what its own run heard of the clock, and until when the operator's training counts."""
    aids = table(foundation_aids(material_of(case, tmp_path / "data", roster=read_roster(ROSTER))))

    assert [row["exhibit"] for row in aids] == ["E0001", "E0002"]
    assert {(row["operator"], row["training counts until"]) for row in aids} == {("J. Smit, badge 4471", "2027-02-03")}
    assert all(row["clock of the machine"].startswith(("this machine's clock", "unknown")) for row in aids)


@pytest.mark.parametrize(
    ("said", "why"),
    [({}, "E0001, E0002"), ({"*": "  "}, "E0001, E0002"), ({"E0001": "a shared phone"}, "of E0002"), ({"E0009": "x", **NONE_KNOWN}, "E0009")],
    ids=["nothing", "blanks", "one of two", "an unknown exhibit"],
)  # fmt: skip
def test_the_box_of_contrary_facts_is_never_empty(case, said, why):
    """Nobody said it: nothing is produced, and the exhibits are named. The program fills nothing in."""
    with pytest.raises(ExportError, match=why):
        check_contrary_facts(plan_of(case, release(contrary_facts=said)))


def test_the_worksheet_has_what_a_person_typed(case, tmp_path):
    """What speaks against the attribution stands in it, by exhibit and for all others."""
    made = material_of(case, tmp_path / "data", contrary_facts={"E0001": "two people used the phone", **NONE_KNOWN})
    page = text_form(worksheet(made)).decode()

    assert "E0001     two people used the phone" in page
    assert "E0002     none known" in page


def test_the_worksheet_gathers_what_the_record_holds_of_an_account_that_an_authority_names(case, tmp_path):
    """Its handles, and what analysts stated of it and did not take back; the boxes for people are empty."""
    handle = case.posts()["author_handle"].iloc[0]
    account = case.posts()["attributed_to"].iloc[0]
    case.extend(accounts=[f"@{handle}"], exhibit="E0001", reason="it wrote the post")
    stays, goes = (
        Described(node=account, minor=True, reason=why, exhibits=["E0001"]) for why in ("by the family", "by mistake")
    )
    case.state(stays)
    case.withdraw(case.state(goes), reason="somebody else")
    page = text_form(worksheet(material_of(case, tmp_path / "data"))).decode()

    assert f"Account {handle}" in page
    assert "by the family" in page
    assert "by mistake" not in page
    assert "Unique knowledge" in page


def test_the_personnel_index_has_every_key_and_person_and_until_when_they_are_trained(case, tmp_path):
    """Who signed, who approved with a key of their own, and what the roster says of their training."""
    chief = load_or_create(tmp_path / "chief", "actor")
    order = osint.Order(authority="order 7", reason="ended", requester=case.investigator, approver=chief,
                        approver_name="A. Berg, badge 12")  # fmt: skip
    number = case.hold("an appeal", exhibits=["E0001"])
    case.lift_hold(number, order)
    made = material_of(case, tmp_path / "data", roster=read_roster(ROSTER))
    people = {row["person"]: row for row in table(personnel_index(made))}
    keys = {key for entry in case._ledger.entries() for key in entry.signers}

    assert keys <= set(" ".join(row["keys"] for row in people.values()).split())
    assert people["A. Berg, badge 12"]["keys"] == chief.keyid
    assert people["J. Smit, badge 4471"]["training counts until"] == "2027-02-03"
    assert people["J. Smit, badge 4471"]["checked by the prosecutor"] == ""


def test_what_was_masked_and_purged_is_logged_and_not_repeated(case, tmp_path):
    """The logs say who, when and why; the masked text stands in none of them, and each purge has its certificate."""
    case.mask("seen at the river", reason="names where a child lives")
    order = osint.Order(authority="order 8", reason="expunged", requester=case.investigator,
                        approver=load_or_create(tmp_path / "chief", "actor"), approver_name="A. Berg, badge 12")  # fmt: skip
    case.erasing.purge(["E0002"], order)
    made = material_of(case, tmp_path / "data")
    sheet, certificates = purge_certificates(made)
    [masked], [purged] = table(redaction_log(made)), table(sheet)
    log = next(row for row in table(search_log(made)) if row["action"] == "mask")

    assert (masked["exhibit"], masked["reason"]) == ("E0001", "names where a child lives")
    assert "river" not in log["what it records"]
    assert (purged["exhibit"], purged["approved and signed by"]) == ("E0002", "A. Berg, badge 12")
    assert b"order 8" in certificates[purged["certificate"]]


def test_a_cell_is_a_text_and_never_a_formula():
    """Every cell is quoted, and one that a spreadsheet would compute begins with an apostrophe."""
    cells = ["=1+1", "+1", "-1", "@sum", 'a "quote"', "line\nbreak", "þ ® \x14 ש"]
    written = Sheet(["a"] * 7, [cells]).csv()

    assert written.startswith(b'"a","a"')
    assert list(csv.reader(io.StringIO(written.decode(), newline="")))[1] == [
        "'=1+1", "'+1", "'-1", "'@sum", 'a "quote"', "line\nbreak", "þ ® \x14 ש",
    ]  # fmt: skip


def test_the_hash_of_the_package_is_computed_as_the_record_says(case, tmp_path):
    """Anybody gets the same value from the installed files; what nobody recorded is said to be not recorded."""
    source_sha256.cache_clear()
    folder = Path(osint.__file__).parent
    files = (
        each
        for each in folder.rglob("*")
        if each.is_file() and each.suffix != ".pyc" and "__pycache__" not in each.parts
    )
    named = sorted(
        (each.relative_to(folder).as_posix(), hashlib.sha256(each.read_bytes()).hexdigest()) for each in files
    )
    record = text_form(validation_record(material_of(case, tmp_path / "data"))).decode()
    lines = "".join(f"{name} {digest}\n" for name, digest in named)

    assert source_sha256() == hashlib.sha256(lines.encode()).hexdigest()
    assert source_sha256() in record
    assert "Results that ship with this wheel  not recorded" in record
