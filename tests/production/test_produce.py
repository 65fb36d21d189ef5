"""Making a production: taken up after a kill, the same bytes for the same case, and what its command says."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from load_file_reader import read_dat
from origin import AUTHORITY, NOON, http
from produced import TO, hand_in, list_again, produce, rows

import osint
from osint.capture.network import Network
from osint.chain_of_custody import disclosure, draft, ledger_writer
from osint.chain_of_custody.entry import new_id
from osint.cli import main
from osint.errors import AuthorizationError, ExportError, IntegrityError
from osint.production import contents, numbering
from osint.production import produce as orchestration
from osint.production.receiving import verify_received
from osint.report import hand_over
from osint.store.locks import locked_file

WHO = "J. Smit, badge 4471"
PAGE = http(b"<html><body>words enough to be a page, seen at the river</body></html>", "Content-Type: text/html")


@pytest.fixture
def closed(open_case, tmp_path):
    """The folder of a case that nobody has open."""
    case = open_case()
    hand_in(case, tmp_path, 1, 2, 3)
    case.close()
    return case.folder


def open_again(folder, tmp_path):
    return osint.open_case(folder, investigator=WHO, keys=tmp_path / "keys", clock=lambda: NOON)


def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def after(work, times=1):
    """Do some work so often, and die."""
    left = [times]

    def dying(*given, **more):
        if not left[0]:
            kill()
        left[0] -= 1
        return work(*given, **more)

    return dying


PLACES = {
    "while evidence is copied": (hand_over.shutil, "copyfile", after(shutil.copyfile, 2)),
    "when the documents are drawn": (contents, "write_load_files", kill),
    "when it has its name": (orchestration, "documents_said", kill),
}


@pytest.mark.skipif(sys.platform == "win32", reason="nothing forks there")
@pytest.mark.parametrize("place", PLACES)
def test_a_run_that_was_killed_is_taken_up_with_its_plan_and_its_numbers(closed, tmp_path, place, monkeypatch):
    """
    The same call writes what lacks, uses what is there, and records one production.
    """
    out, part = tmp_path / "out", tmp_path / ".out.part"
    child = os.fork()
    if child == 0:
        module, name, dying = PLACES[place]
        monkeypatch.setattr(module, name, dying)
        with open_again(closed, tmp_path) as case:
            produce(case, out)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    left = part if part.exists() else out
    written = {path.relative_to(left): path.stat().st_ino for path in left.rglob("*") if path.is_file()}

    with open_again(closed, tmp_path) as case:
        assert case.productions()["state"].to_list() == ["begun"]
        made = produce(case, out)
        (row,) = case.productions().to_dict("records")

    used = {name for name, inode in written.items() if (out / name).exists() and (out / name).stat().st_ino == inode}
    kinds = {name.parts[1] for name in used if len(name.parts) > 2}
    assert kinds.issuperset({"evidence"} if place.startswith("while") else {"evidence", "IMAGES", "NATIVES"})
    assert (row["state"], row["first"], row["last"]) == ("done", "DOE000001", "DOE000003")
    assert (made.number, made.first, made.last) == (1, "DOE000001", "DOE000003")
    assert not part.exists()
    assert verify_received(out)[1] == "items ever stored 3 = produced 3 + withheld 0 + sealed 0 + purged 0"


def test_a_case_that_leads_to_another_plan_by_then_is_planned_anew(closed, tmp_path, monkeypatch):
    """
    What was excluded since the kill is not used from the folder that the run left. The numbers go on behind it, and
    nothing takes it up any more.
    """
    monkeypatch.setattr(contents, "write_load_files", _interrupted)
    with open_again(closed, tmp_path) as case:
        with pytest.raises(KeyboardInterrupt):
            produce(case, tmp_path / "out")
        monkeypatch.undo()
        excluded = case._ledger.exhibits()[1].sha256
        assert list((tmp_path / ".out.part").rglob(f"{excluded}*"))

        made = produce(case, tmp_path / "out", "E0002")

        assert case.productions()["state"].to_list() == ["failed", "done"]
        assert numbering.productions(case._ledger.entries())[1].first > 3
    assert not list(made.folder.rglob(f"{excluded}*"))
    assert not [path for path in made.folder.rglob("*.*") if b"words of note 2" in path.read_bytes()]


def _interrupted(*_, **__):
    raise KeyboardInterrupt


def test_whoever_waits_is_told_what_is_being_done(closed, tmp_path, monkeypatch):
    """
    Every stage that takes long, in its order, with how much of it is done; never more than there is.
    """
    told = []

    @contextmanager
    def counter():
        yield lambda *said: told.append(said)

    monkeypatch.setattr("osint.views.progress.counter", counter)
    with open_again(closed, tmp_path) as case:
        produce(case, tmp_path / "out")

    assert list(dict.fromkeys(what for what, _, _ in told)) == [
        "verification of the case", "evidence", "custody log, report and tables", "documents",
        "load files, lists and drafts", "pages to read", "lists of hashes", "checks of what was written",
    ]  # fmt: skip
    assert all(0 <= done <= whole for _, done, whole in told)
    assert ("documents", 3, 3) in told


def test_one_process_at_a_time_writes_to_a_folder(closed, tmp_path):
    """
    A second one says so at once, and reserves nothing.
    """
    with open_again(closed, tmp_path) as case, locked_file(tmp_path / ".out.lock", ""):
        with pytest.raises(ExportError, match="another process writes a production"):
            produce(case, tmp_path / "out")
        assert case.productions().empty


def test_the_same_case_gives_the_same_bytes(closed, tmp_path, monkeypatch):
    """
    Two runs from two copies of one folder, with the same clock and the same random numbers: every file is equal.
    """
    digests = []
    for run in ("first", "second"):
        for each in ("case", "keys"):
            shutil.copytree(tmp_path / each, tmp_path / run / each)
        same = random.Random(1)
        monkeypatch.setattr(disclosure.secrets, "token_bytes", same.randbytes)
        for module in (draft, ledger_writer):
            monkeypatch.setattr(module, "new_id", lambda instant, same=same: new_id(instant, same.randbytes))
        monkeypatch.setattr(draft.time, "monotonic_ns", lambda: 10**12)
        with open_again(tmp_path / run / "case", tmp_path / run) as case:
            made = produce(case, tmp_path / "out")
        monkeypatch.undo()
        files = sorted(path for path in made.folder.rglob("*") if path.is_file())
        digests.append({path.relative_to(made.folder): path.read_bytes() for path in files})
        shutil.rmtree(made.folder)

    assert digests[0].keys() == digests[1].keys()
    assert [str(name) for name in digests[0] if digests[0][name] != digests[1][name]] == []


def test_masks_and_disclosure_rules_hold_for_a_production(open_case, tmp_path):
    """
    A copy stands for what is masked, under numbers of its own; what a rule of disclosures asks for is asked for.
    """
    case = open_case()
    hand_in(case, tmp_path, 1, 2)
    case.mask_exhibit("E0001", reason="a child")

    made = produce(case, tmp_path / "out")

    row = rows(made.folder / "data/lists/disclosure_schedule.csv")[0]
    assert (row["fate"], row["first number"]) == ("withheld", "DOE000001")
    assert verify_received(made.folder)[0].withheld_exhibits == ("E0001",)
    with pytest.raises(AuthorizationError, match="permission is missing"):
        produce(case, tmp_path / "next", permission=WHO.partition(",")[0], decided_by="J. Smit")
    assert list(case._ledger.entries())[-1].private["rules"]


# -- the command -----------------------------------------------------------------------------------------------------

RELEASE = """
decided_by = "K. de Vries, prosecutor"
authority = "Rule 25.03, request of 1 June 2026"
prefix = "DOE"
unreviewed_acknowledged_by = "K. de Vries"

[contrary_facts]
"*" = "none known"

[[excluded]]
exhibit = "E0002"
ground = "work product"
cited = "Rule 25.10"
by = "K. de Vries"
"""


def test_the_command_reads_the_decision_from_a_file_and_says_what_was_produced(closed, tmp_path, monkeypatch):
    """
    The register names the recipient and the numbers; a word that no decision has is refused.
    """
    monkeypatch.setattr("osint.report.forms.find_spec", lambda _: None)
    file = tmp_path / "release.toml"
    file.write_text(RELEASE, encoding="utf-8")
    who = ("--investigator", WHO)
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))
    given = ("produce", str(closed), str(tmp_path / "out"), "--recipient", TO, "--release", str(file), *who)

    made = CliRunner().invoke(main, [*given, "--pages", "slip-sheets", "--json"])
    listed = CliRunner().invoke(main, ["productions", str(closed), "--json"])
    file.write_text(f"{RELEASE}\nall = true\n", encoding="utf-8")
    refused = CliRunner().invoke(main, given)

    told = json.loads(made.stdout)
    assert (told["number"], told["first"], told["fates"]["withheld"]) == (1, "DOE000001", 1)
    assert told["prosecutor"] == "not checked: the agency has installed no roster"
    assert TO in listed.output
    assert refused.exit_code == 1
    assert "all" in refused.output


def test_a_part_that_another_officer_collected_goes_whole_and_is_judged_too(open_case, origin, tmp_path):
    """
    Its items count, its evidence is numbered and its posts are text; its ledger is verified, a byte of it that changed
    is found.
    """
    with osint.open_case(
        tmp_path / "theirs", investigator="L. Berg", keys=tmp_path / "b", clock=lambda: NOON,
        network=Network(allow=("127.0.0.1",), pace=0),
    ) as there:  # fmt: skip
        there.authorize(osint.Authorization(**AUTHORITY, hosts=["127.0.0.1"]))
        hand_in(there, tmp_path, 7)
        there.collect("webpage", url=origin.serve("/", PAGE))
        there.export(tmp_path / "package")
    case = open_case()
    hand_in(case, tmp_path, 1)
    case.merge(tmp_path / "package")
    (label,) = case.parts()["label"]

    refused = pytest.raises(AuthorizationError, match="is of a part that another officer signed")
    with refused:
        produce(case, tmp_path / "none", f"E0001@{label}")
    made = produce(case, tmp_path / "out")

    assert verify_received(made.folder)[1] == "items ever stored 3 = produced 3 + withheld 0 + sealed 0 + purged 0"
    schedule = {row["exhibit"]: row["first number"] for row in rows(made.folder / "data/lists/disclosure_schedule.csv")}
    assert schedule == {"E0001": "DOE000001", f"E0001@{label}": "DOE000002", f"E0002@{label}": "DOE000003"}
    files = {path.name: path.read_bytes() for path in (made.folder / "data" / "TEXT").iterdir()}
    assert files.pop("DOE000002.txt") == b"words of note 7"
    assert b"seen at the river" in files["DOE000003.txt"]
    assert [row["exhibit"] for row in rows(made.folder / "data/tables/part_posts.csv")] == [f"E0002@{label}"]
    merged = next(entry.seq for entry in case._ledger.entries() if entry.action == "merge")
    told = read_dat((made.folder / "data/DATA/production.dat").read_bytes())[2]
    assert (told["LEDGER_SEQ"], told["TEXTPATH"], told["COLLECTOR"][:7]) == (
        str(merged), ".\\TEXT\\DOE000003.txt", "webpage",
    )  # fmt: skip
    (native,) = (made.folder / "data" / "NATIVES").glob("DOE000002.*")
    assert b"words of note 7" in native.read_bytes()

    changed, *_ = (made.folder / "data" / "parts" / label / "evidence").rglob("*.warc.gz")
    changed.write_bytes(changed.read_bytes()[:-1])
    list_again(made.folder)
    with pytest.raises(IntegrityError, match=f"part {label}: "):
        verify_received(made.folder)
