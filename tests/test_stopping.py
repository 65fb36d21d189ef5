"""A sensitive stop: nothing shows, exports, packs or reads what is stopped; facts stand in the ledger, and no more.

The exhibits of these tests are plain pages about a ferry. No test looks for anything, as the program does not.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from origin import http

import osint
from osint.chain_of_custody import verify_case
from osint.chain_of_custody.keys import load_or_create
from osint.chain_of_custody.sensitive_stop import STOP, locked_path
from osint.errors import AuthorizationError, CaseError, EvidenceError, ExportError
from osint.phases.stopping import Stopping
from osint.report.hand_over import verify_package

FERRY = http(b"<html><body>the last ferry leaves at ten in the evening</body></html>", "Content-Type: text/html")
SECRET = b"words that stand on the stopped page and nowhere else"
STOPPED = http(b"<html><body>" + SECRET + b"</body></html>", "Content-Type: text/html")


@pytest.fixture
def case(open_case, origin):
    """E0001 is about a ferry; E0002 is to be stopped."""
    case = open_case()
    case.collect("webpage", url=origin.serve("/ferry", FERRY))
    case.collect("webpage", url=origin.serve("/other", STOPPED))
    return case


@pytest.fixture
def order(tmp_path):
    return osint.Order(
        authority="ICAC procedure 4", reason="hand-over to the unit", requester="J. Smit, badge 4471",
        approver=load_or_create(tmp_path / "chief", "actor"), approver_name="A. Berg, badge 12",
    )  # fmt: skip


def last(case):
    return tuple(case.ledger.iloc[-1][["action", "outcome"]])


def holding(folder: Path, content: bytes = SECRET) -> list[str]:
    """Return the files that hold some bytes in clear, packed or in a database."""
    from osint.erasing.traces import files_holding

    return sorted(files_holding(folder, [content.decode()], lambda _: True))


def test_what_is_stopped_is_in_no_table_gallery_graph_chart_or_replay(case):
    """Whatever is asked for goes on without it, or refuses; the refusal is an entry."""
    case.stop_sensitive("E0002")

    assert list(case.posts()["exhibit"]) == ["E0001"]
    assert "E0002" not in set(case.media()["exhibit"]) | set(case.warnings()["exhibit"])
    assert SECRET.decode() not in str(case.gallery()) + str(case.graph().nodes(data=True))
    with pytest.raises(AuthorizationError, match="nobody opens it here"):
        case.replay("E0002")
    assert last(case) == ("view", "refused")
    with pytest.raises((AuthorizationError, CaseError)):
        case.revisit("E0002")


def test_it_is_in_no_file_that_leaves_and_the_package_says_so(case, tmp_path):
    """Package, web archive, report and backup hold no byte of it; each verifies, and says what is missing and why."""
    case.export_link_chart(case.graph(), "before")
    case.report()
    case.stop_sensitive("E0002")

    package = case.export(tmp_path / "package").folder
    case.export_web_archive(tmp_path / "archive.wacz")
    case.report(tmp_path / "report.html")
    case.backup(tmp_path / "backup")

    locked = locked_path(case._blobs, case._ledger.exhibits()[1].sha256)
    assert holding(tmp_path) == [locked.relative_to(tmp_path).as_posix()]
    verified = verify_package(package)
    assert verified.stopped == ("E0002",)
    assert "E0002: stopped as suspected" in str(verified)
    assert case.verify().stopped == ("E0002",)
    assert verify_case.main([str(package)]) == 0


def test_a_stopped_exhibit_that_lies_in_a_package_is_a_finding(case, tmp_path, capsys):
    """Both verifiers name it."""
    sha256 = case._ledger.exhibits()[1].sha256
    case.stop_sensitive("E0002")
    package = case.export(tmp_path / "package").folder
    slipped = package / "data/evidence" / sha256[:2] / f"{sha256}.warc.gz"
    slipped.parent.mkdir(exist_ok=True)
    slipped.write_bytes(locked_path(case._blobs, sha256).read_bytes())

    with pytest.raises(osint.OsintError, match="says it was stopped"):
        verify_package(package)
    assert verify_case.main([str(package)]) == 1
    assert sha256 in capsys.readouterr().out


def test_what_is_missing_without_a_stop_is_still_a_finding(case, tmp_path):
    """A file that somebody took away is not excused by another exhibit's stop."""
    case.stop_sensitive("E0002")
    case._blobs.path(case._ledger.exhibits()[0].sha256).unlink()

    with pytest.raises(osint.OsintError, match="E0001 cannot be read"):
        case.verify()


def test_the_ledger_has_facts_and_nothing_else(case):
    """Who, when, which exhibit; no description, no hash beside the one that stands there since it was collected."""
    stop = case.stop_sensitive("E0002")
    (entry,) = [each for each in case._ledger.entries() if each.action == STOP]

    assert entry.seq == stop.entry
    assert [dict(item) for item in entry.object] == [{"kind": "exhibit", "exhibit": "E0002"}]
    assert (entry.result, dict(entry.private)) == ((), {})


def test_the_checklist_says_whom_to_call_and_where_it_comes_from_and_names_the_copies(case, tmp_path):
    """The steps are the pack's, with what stands behind them; earlier packages and backups are named."""
    case.export(tmp_path / "package")
    case.backup(tmp_path / "backup")
    said = str(case.stop_sensitive("E0002"))

    for part in ("ICAC", "CyberTipline", "claims no duty of yours", "UNVERIFIED", "3509(m)", "two persons sign"):
        assert part in said
    for copy in ("package", "backup"):
        assert f"{tmp_path / copy} holds it" in said


def test_exhibits_with_the_same_bytes_are_stopped_together(case, monkeypatch):
    """A second number is no way round it."""
    first, second = case._ledger.exhibits()
    monkeypatch.setattr(
        type(case._ledger),
        "exhibits",
        lambda _: [first, second, type(second)("E0003", second.sha256, second.size, second.media, 9)],
    )

    assert Stopping(case.erasing)._with_equal_bytes(["E0002"]) == ["E0002", "E0003"]


def test_a_stop_that_was_cut_off_is_finished_on_opening(case, open_case):
    """After the entry, and before the bytes were moved: the next opening moves them."""
    case._gate.log(STOP, object=[{"kind": "exhibit", "exhibit": "E0002"}])
    case.close()

    again = open_case(case.folder, authorized=False)

    assert locked_path(again._blobs, again._ledger.exhibits()[1].sha256).is_file()
    assert list(again.posts()["exhibit"]) == ["E0001"]
    assert again.verify().stopped == ("E0002",)


def test_only_what_is_there_is_stopped(case):
    """A slip of the pen stops nothing; neither does the same stop twice."""
    case.stop_sensitive("E0002")
    for wrong in ("E0009", "E0002", ()):
        with pytest.raises(CaseError, match="Nothing was stopped"):
            case.stop_sensitive(wrong)


def test_it_is_not_released_to_another_officer(case, tmp_path):
    """Custody of it passes to one unit alone, on another way."""
    case.stop_sensitive("E0002")
    person = osint.Handler(name="B. Klein", title="detective", contact="desk 4")

    with pytest.raises(AuthorizationError, match="designated unit alone"):
        case.transfers.release(
            ["E0002"], sender=person, recipient=person, recipient_key="ab" * 32, purpose="trial", place="Westmere",
            condition="sealed", medium="disk", seal="7", expires="2030-12-31",
        )  # fmt: skip


def test_two_persons_hand_it_to_the_unit_of_the_profile_and_it_stays_locked(case, order, tmp_path, monkeypatch):
    """The copy is the exhibit, byte for byte; both signed."""
    case._gate.profile = {"sensitive_material_unit": "Regional task force, desk 3"}
    case.stop_sensitive("E0002")
    case.hand_over_stopped(["E0002"], order, tmp_path / "for the unit")

    exhibit = case._ledger.exhibits()[1]
    assert last(case) == ("stop.handover", "done")
    assert len(list(case._ledger.entries())[-1].signers) == 2
    listed = (tmp_path / "for the unit/manifest-sha256.txt").read_text()
    assert listed == f"{exhibit.sha256}  E0002.warc.gz\n"
    assert (tmp_path / "for the unit/E0002.warc.gz").read_bytes() == locked_path(
        case._blobs, exhibit.sha256
    ).read_bytes()
    assert case.verify().stopped == ("E0002",)


@pytest.mark.parametrize("lacking", ["unit", "second person", "stop"])
def test_nobody_else_gets_it(lacking, case, order, tmp_path):
    """Without the unit, without a second person, or of what is not stopped, nothing is written; the refusal is an entry."""
    case._gate.profile = {} if lacking == "unit" else {"sensitive_material_unit": "Regional task force"}
    case.stop_sensitive("E0002")
    if lacking == "second person":
        order = osint.Order(**{**vars(order), "approver_name": "J. Smit, badge 4471"})

    with pytest.raises(AuthorizationError, match="Nothing was handed over"):
        case.hand_over_stopped(["E0001" if lacking == "stop" else "E0002"], order, tmp_path / "out")

    assert last(case) == ("stop.handover", "refused")
    assert not (tmp_path / "out").exists()


def test_what_changed_while_it_was_locked_away_is_not_handed_over(case, order, tmp_path):
    """Nor is a folder written over that is there."""
    case._gate.profile = {"sensitive_material_unit": "Regional task force"}
    case.stop_sensitive("E0002")
    with pytest.raises(ExportError, match="there already"):
        case.hand_over_stopped(["E0002"], order, tmp_path)
    locked = locked_path(case._blobs, case._ledger.exhibits()[1].sha256)
    locked.chmod(0o600)
    locked.write_bytes(b"other")

    with pytest.raises(EvidenceError, match="missing or has changed"):
        case.hand_over_stopped(["E0002"], order, tmp_path / "out")


def test_a_purge_by_order_destroys_what_is_locked_away(case, order):
    """After the unit has it, and on an order of two persons."""
    locked = locked_path(case._blobs, case._ledger.exhibits()[1].sha256)
    case.stop_sensitive("E0002")
    case.erasing.purge(["E0002"], order)

    assert not locked.exists()
    assert (case.verify().purged, case.verify().stopped) == (1, ())
