"""Packages while another process goes on with the case: everything in one is of one head, or there is none."""

from __future__ import annotations

import csv
import re
import shutil

import pytest
from produced import TO, decision, hand_in, list_again, purge

import osint
from osint.case import Case
from osint.chain_of_custody.keys import load_or_create
from osint.chain_of_custody.ledger import Ledger
from osint.errors import ExportError, Finding, IntegrityError
from osint.phases.masking import Masking
from osint.production import contents
from osint.production.produce import Producing
from osint.production.receiving import verify_received
from osint.report import hand_over, web_archive

PERMITTED = osint.Disclosure(recipient="Westmere County", reason="a case", right="duty", permission="Chief A. Berg")
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


def mask_elsewhere(case, tmp_path):
    """Mask E0001, through a connection of its own."""
    actor, log = (load_or_create(tmp_path / "keys", each) for each in ("actor", "log"))
    with Ledger.open(case._ledger.path, actor=actor, log=log) as ledger:
        ledger.append("mask", private={"reason": "private"}, object=[{"kind": "masked", "exhibit": "E0001"}])


@pytest.mark.parametrize(
    "place",
    [(Masking, "masked"), (Case, "verify"), (hand_over, "case_report"), (hand_over, "_sync")],
    ids=lambda p: p[1],
)
def test_what_is_masked_while_a_disclosure_is_made_does_not_leave(case, tmp_path, monkeypatch, plainly, place):
    """
    It was decided about other masks: before the case is gathered, then, while it is written, when it is on the disk.
    """
    meanwhile(monkeypatch, place, lambda: mask_elsewhere(case, tmp_path))

    with pytest.raises(ExportError, match=r"something was masked \(entry \d+\) while it was written"):
        case.disclose(tmp_path / "out", PERMITTED)

    assert [each.name for each in tmp_path.iterdir() if "out" in each.name] == []


def test_what_is_masked_within_the_case_team_holds_up_no_export(case, tmp_path, monkeypatch, plainly):
    """
    They receive what is masked, too.
    """
    meanwhile(monkeypatch, (hand_over, "case_report"), lambda: mask_elsewhere(case, tmp_path))

    assert verify_received(case.export(tmp_path / "out").folder)[0].exhibits == 2


def test_what_is_masked_before_a_production_is_gathered_ends_it(case, tmp_path, monkeypatch, plainly):
    """
    The mask would be in the ledger of the package, and the file as it is among its natives.
    """
    meanwhile(monkeypatch, (Masking, "masked"), lambda: mask_elsewhere(case, tmp_path))

    with pytest.raises(ExportError, match=r"something was masked \(entry \d+\) while it was written"):
        case.produce(tmp_path / "out", to=TO, release=decision(), pages="slip-sheets")

    assert not (tmp_path / "out").exists()


def test_what_is_masked_while_masks_are_found_out_is_masked(case, tmp_path, monkeypatch, plainly):
    """
    They are found out anew, which goes through the evidence once more.
    """
    meanwhile(monkeypatch, (Masking, "boxes"), lambda: mask_elsewhere(case, tmp_path))

    package = case.disclose(tmp_path / "out", PERMITTED)

    assert package.withheld == ("E0001",)
    assert verify_received(package.folder)[0].exhibits == 1


def erase(case, tmp_path):
    order = osint.Order(
        authority="order of the court", reason="expunged", requester=case.investigator,
        approver=load_or_create(tmp_path / "approver", "actor"), approver_name="L. Berg",
    )  # fmt: skip
    case.erasing.redact(order, containing="note-1.txt")


GONE = {
    "stopped": (lambda case, _: case.stop_sensitive("E0001"), "E0001 was stopped or destroyed"),
    "purged": (lambda case, tmp_path: purge(case, tmp_path / "approver", "E0001"), "E0001 was stopped or destroyed"),
    "erased": (erase, r"something was erased \(entry \d+\)"),
}
LEAVING = {
    "export": lambda case, folder: case.export(folder),
    "disclose": lambda case, folder: case.disclose(folder, PERMITTED),
    "web archive": lambda case, folder: case.export_web_archive(folder.with_suffix(".wacz")),
    "produce": lambda case, folder: case.produce(folder, to=TO, release=decision(), pages="slip-sheets"),
}


@pytest.mark.parametrize("way", LEAVING)
@pytest.mark.parametrize("gone", GONE)
def test_what_is_taken_away_while_a_package_is_written_does_not_leave(case, tmp_path, monkeypatch, plainly, way, gone):
    """
    The evidence, or the words, lie in the package by then; the package is gone as well, under its hidden name, too.
    """
    take_away, said = GONE[gone]
    last = (web_archive, "verify") if way == "web archive" else (hand_over, "_sync")
    meanwhile(monkeypatch, last, lambda: take_away(case, tmp_path))

    with pytest.raises(ExportError, match=f"{said} while it was written"):
        LEAVING[way](case, tmp_path / "out")

    assert [each.name for each in tmp_path.iterdir() if "out" in each.name] == []


def test_what_is_taken_away_after_a_run_was_killed_is_said_of_the_package_that_it_left(
    case, tmp_path, monkeypatch, plainly
):
    """
    It has its name by then and is not recorded. It stays, since somebody may have it; the message says what to do.
    """
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Producing, "_done", interrupt)
        LEAVING["produce"](case, tmp_path / "out")
    case.stop_sensitive("E0001")

    with pytest.raises(
        ExportError, match=r"left .*out whole, and since then E0001 was stopped .*: destroy that folder"
    ):
        LEAVING["produce"](case, tmp_path / "out")

    shutil.rmtree(tmp_path / "out")
    LEAVING["produce"](case, tmp_path / "out")
    assert sorted(case.productions()["state"]) == ["done", "failed"]


def test_what_does_not_account_for_everything_is_neither_finished_nor_recorded(case, tmp_path, monkeypatch, plainly):
    """
    As a run that was killed left it, and as it was written just now.
    """
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Producing, "_done", interrupt)
        LEAVING["produce"](case, tmp_path / "out")
    missing = Finding(step=15, what="an item is missing")
    monkeypatch.setattr("osint.production.produce.check_production", lambda _: [missing])

    for name in ("out", "new"):
        with pytest.raises(IntegrityError, match="does not account for every item"):
            LEAVING["produce"](case, tmp_path / name)

    assert not (tmp_path / "new").exists()


def interrupt(*_, **__):
    raise KeyboardInterrupt
