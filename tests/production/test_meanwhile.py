"""Packages while another process goes on with the case: everything in one is of one head, or there is none."""

from __future__ import annotations

import csv
import re

import pytest
from produced import TO, decision, hand_in, list_again

import osint
from osint.case import Case
from osint.chain_of_custody.keys import load_or_create
from osint.chain_of_custody.ledger import Ledger
from osint.errors import ExportError
from osint.production import contents
from osint.production.receiving import verify_received
from osint.report import hand_over

LATER = ("MP-LATER", "what came later", "a mark of later")


@pytest.fixture
def case(open_case, tmp_path):
    case = open_case()
    hand_in(case, tmp_path, 1, 2)
    return case


def another_process(case, tmp_path, *, takes_in=True):
    """Authorize, search, mark and take something in, through a connection of its own."""
    authority, search, mark = LATER
    actor, log = (load_or_create(tmp_path / "keys", each) for each in ("actor", "log"))
    with Ledger.open(case._ledger.path, actor=actor, log=log) as ledger:
        stated = next(entry for entry in ledger.entries() if entry.action == "authorize").private["authorization"]
        ledger.append("authorize", private={"authorization": {**stated, "identifier": authority}})
        ledger.append("search", outcome="nil", private={"query": search})
        ledger.append("mark", private={"exhibit": "E0001", "note": mark})
        if takes_in:
            ledger.append("acquire", exhibit={"sha256": "0" * 64, "size": 1, "media": "application/warc"})
        ledger.cut_checkpoint()


def meanwhile(monkeypatch, place, do):
    """Do something once in the middle of a function or method."""
    module, name = place
    work = getattr(module, name)

    def interrupted(*given, **more):
        monkeypatch.setattr(module, name, work)
        made = work(*given, **more)
        do()
        return made

    monkeypatch.setattr(module, name, interrupted)


def check_of_one_head(folder):
    """Every file that counts entries, exhibits or heads counts the same, and none tells of what came later."""
    data = folder / "data"
    entries = (data / "ledger.jsonl").read_bytes().count(b"\n")
    tables = [data / "custody_log.csv", *(data / "lists").glob("search_log.csv")]
    report = (data / "report.html").read_text(encoding="utf-8")
    newest = sorted(data.glob("checkpoint-*.txt"))[-1].read_text(encoding="utf-8")

    for table in tables:
        with table.open(encoding="utf-8-sig", newline="") as stream:
            assert len(list(csv.DictReader(stream))) == entries
    assert re.search(r">Evidentiary copies</t[hd]><td[^>]*>2<", report)
    assert "Exhibits (2)" in report
    assert newest.split("\n")[2] in report
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert [each for each in LATER if each.encode() in everything] == []


@pytest.mark.parametrize(
    "place",
    [(Case, "marks"), (hand_over, "_copy_evidence"), (hand_over, "case_report"), (hand_over.bag, "close_bag")],
    ids=lambda place: place[1],
)
def test_a_package_is_of_one_head_whatever_another_process_appends(case, tmp_path, monkeypatch, place):
    """
    While the case is gathered, while evidence is copied, while documents are made, when it is closed.
    """
    meanwhile(monkeypatch, place, lambda: another_process(case, tmp_path))

    package = case.export(tmp_path / "out")

    assert verify_received(package.folder)[0].exhibits == 2
    check_of_one_head(package.folder)


@pytest.fixture
def plainly(monkeypatch):
    """Without pages and PDF files, which these tests do not look at."""
    monkeypatch.setattr("osint.report.forms.find_spec", lambda _: None)
    monkeypatch.setattr(hand_over, "pdf_is_installed", lambda: False)


@pytest.mark.parametrize("place", [(hand_over, "case_report"), (contents, "write_reader")], ids=lambda place: place[1])
def test_a_production_is_of_one_head_whatever_another_process_appends(case, tmp_path, monkeypatch, plainly, place):
    """
    What is collected while it is written is for the next production.
    """
    meanwhile(monkeypatch, place, lambda: another_process(case, tmp_path))

    made = case.produce(tmp_path / "out", to=TO, release=decision(), pages="slip-sheets")

    equation = "items ever stored 2 = produced 2 + withheld 0 + sealed 0 + purged 0"
    assert verify_received(made.folder)[1] == equation
    check_of_one_head(made.folder)
    list_again(made.folder)
    assert verify_received(made.folder)[1] == equation


def test_a_production_is_not_planned_while_another_process_goes_on(case, tmp_path, monkeypatch, plainly):
    """
    The plan has to account for every item, so nothing is planned and no number used; the message says what to do.
    """
    meanwhile(monkeypatch, (Case, "marks"), lambda: another_process(case, tmp_path, takes_in=False))

    with pytest.raises(
        ExportError, match=r"went on with it \(entry \d+, [a-z.]+; \d in all\)\. Wait until that is done"
    ):
        case.produce(tmp_path / "out", to=TO, release=decision(), pages="slip-sheets")

    assert case.productions().empty


def test_what_comes_in_between_plan_and_package_ends_the_production(case, tmp_path, monkeypatch, plainly):
    """
    It would be in the ledger of a package that says nothing else of it.
    """
    from osint.production.planning import Planning

    meanwhile(monkeypatch, (Planning, "planned"), lambda: another_process(case, tmp_path, takes_in=False))

    with pytest.raises(ExportError, match="went on with it"):
        case.produce(tmp_path / "out", to=TO, release=decision(), pages="slip-sheets")

    assert case.productions()["state"].to_list() == ["failed"]
    assert [each.name for each in tmp_path.iterdir() if "out" in each.name] == []


def test_what_is_masked_while_a_disclosure_is_gathered_does_not_leave(case, tmp_path, monkeypatch):
    """
    It was decided about other masks.
    """

    def mask():
        actor, log = (load_or_create(tmp_path / "keys", each) for each in ("actor", "log"))
        with Ledger.open(case._ledger.path, actor=actor, log=log) as ledger:
            ledger.append("mask", private={"reason": "private"}, object=[{"kind": "masked", "exhibit": "E0001"}])

    meanwhile(monkeypatch, (Case, "verify"), mask)
    permitted = osint.Disclosure(recipient="Westmere County", reason="a case", right="duty", permission="Chief A. Berg")

    with pytest.raises(ExportError, match="something was masked meanwhile"):
        case.disclose(tmp_path / "out", permitted)

    assert not (tmp_path / "out").exists()
