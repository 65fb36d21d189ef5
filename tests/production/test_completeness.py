"""Whether a production accounts for everything: whoever hides, adds, swaps or renumbers one thing is found out."""

from __future__ import annotations

import csv
import hashlib
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner
from produced import copy_of, list_again, produce, rewrite, rows

from osint.chain_of_custody.digests import sha256_file
from osint.cli import main
from osint.errors import AuthorizationError, IntegrityError
from osint.production import completeness, stamped
from osint.production.receiving import verify_received
from osint.report.bag import TAG_MANIFEST

SCHEDULE, LOG, LIST, WITHHELD = (
    f"data/lists/{name}.csv" for name in ("disclosure_schedule", "search_log", "exhibit_list", "withheld_index")
)
DAT = "data/DATA/production.dat"
EQUATION = "items ever stored 5 = produced 2 + withheld 1 + sealed 1 + purged 1"


@pytest.fixture(scope="module")
def made(tmp_path_factory, every_fate):
    """A production of a case with an item of every fate; altered in copies only."""
    case, folder = every_fate, tmp_path_factory.mktemp("made") / "out"
    produce(case, folder, "E0002")
    return folder


@pytest.fixture(scope="module")
def made_after_others(tmp_path_factory, every_fate, made):
    """The production after it and after one that was refused."""
    folder = tmp_path_factory.mktemp("after") / "out"
    with pytest.raises(AuthorizationError):
        produce(every_fate, folder, "E0099")
    produce(every_fate, folder, "E0002")
    return folder


@pytest.fixture
def package(made, tmp_path):
    return copy_of(made, tmp_path / "received")


def test_a_production_that_was_left_alone_verifies_and_says_its_equation(made):
    """
    Produced, withheld, sealed and purged add up to everything ever stored, as the files show it.
    """
    verified, equation = verify_received(made)
    told = CliRunner().invoke(main, ["verify", str(made)])

    assert equation == EQUATION
    assert verified.withheld_exhibits == ("E0002",)
    assert told.exit_code == 0
    assert EQUATION in told.output


def test_a_page_that_was_altered_with_its_lists_is_said_not_to_be_compared(package):
    """
    What is derived rests on the last list of hashes: its SHA-256 is named, to be compared with the one that was given.
    """
    given = sha256_file(package / TAG_MANIFEST)[0]
    (page, *_) = sorted((package / "data" / "IMAGES").rglob("*.png"))
    page.write_bytes(b"x" * page.stat().st_size)
    list_again(package)

    (said,) = [each for each in verify_received(package)[0].not_covered() if "are derived" in each]
    assert given not in said
    assert sha256_file(package / TAG_MANIFEST)[0] in said


def _without(name, number):
    return lambda folder: rewrite(folder / name, lambda given: [row for row in given if number not in row[:3]])


def _changed(name, change):
    def alter(folder):
        rewrite(folder / name, change)

    return alter


def _swap(rows_given):
    first, second, *rest = rows_given
    return [[*first[:-1], second[-1]], [*second[:-1], first[-1]], *rest]


def _in_load_file(old, new):
    def alter(folder):
        data = (folder / DAT).read_bytes()
        assert old in data
        (folder / DAT).write_bytes(data.replace(old, new))

    return alter


def _other_native(folder):
    natives = sorted((folder / "data" / "NATIVES").iterdir())
    natives[0].write_bytes(natives[1].read_bytes())


def _renamed(old, new):
    return lambda given: [[new if cell == old else cell for cell in row] for row in given]


ATTACKS = {
    "an item hidden in the schedule": (_without(SCHEDULE, "E0004"), "item E0004 was stored and"),
    "an item added to the schedule": (
        _changed(SCHEDULE, lambda given: [*given, ["6", "E0099", "", "", "produced", "", "", "", "", ""]]),
        "names item E0099, which was never stored",
    ),
    "an item named twice": (_changed(SCHEDULE, lambda given: [*given, given[0]]), "names item E0001 2 times"),
    "a fate said otherwise": (
        _changed(SCHEDULE, lambda given: [[*row[:4], "produced", *row[5:]] for row in given]),
        "says that item E0002 is produced, and it is withheld",
    ),
    "two items swapped": (_changed(SCHEDULE, lambda given: _renamed("E0001", "E0004")(given[:1]) + given[1:]), "E0001"),
    "an item renumbered": (_changed(SCHEDULE, _renamed("DOE000003", "DOE000009")), "gives item E0005 DOE000009"),
    "a number left out of the exhibit list": (_without(LIST, "E0001"), "number DOE000001 is due"),
    "a number that is another's": (_changed(LIST, _renamed("E0005", "E0001")), "E0005"),
    "a withheld item hidden": (_without(WITHHELD, "E0002"), "does not name item E0002"),
    "a withheld item without its ground": (
        _changed(WITHHELD, _renamed("work product", " ")), "names item E0002 without a ground",
    ),
    "an entry hidden": (_without(LOG, "4"), "entry 4 is missing"),
    "an entry added": (_changed(LOG, lambda given: [*given, ["999", *given[-1][1:]]]), "entry 999 stands in"),
    "an entry twice": (_changed(LOG, lambda given: [*given, given[3]]), "entry 3 stands in"),
    "two entries swapped": (_changed(LOG, _swap), "shows another entry as entry 0"),
    "entries out of order": (_changed(LOG, lambda given: [given[1], given[0], *given[2:]]), "not in their order"),
    "a document hidden in the load file": (
        _in_load_file(b"\xc3\xbeDOE000001\xc3\xbe", b"\xc3\xbeDOE000007\xc3\xbe"), "DOE000001",
    ),
    "the file of another document": (_other_native, "the file of DOE000001 is not there, or not the one"),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_one_thing_that_is_hidden_added_swapped_or_renumbered_is_named(package, attack):
    """
    The lists of hashes are made anew, as whoever alters a package would; what differs is named all the same.
    """
    alter, finding = ATTACKS[attack]

    alter(package)
    list_again(package)

    with pytest.raises(IntegrityError) as caught:
        verify_received(package)
    told = [each.what for each in caught.value.findings if each.step == completeness.STEP]
    assert any(finding in each for each in told), told


def _edited(name, at, column, value):
    """Return what writes one cell of a list anew, the row counted from the end."""

    def alter(folder):
        with (folder / name).open(encoding="utf-8", newline="") as stream:
            place = next(csv.reader(stream)).index(column)
        rewrite(folder / name, lambda given: [*given[:at], _with(given[at], place, value), *given[at:][1:]])

    return alter


def _with(row, place, value):
    return [*row[:place], value, *row[place + 1 :]]


def _dropped(name):
    return lambda folder: rewrite(folder / name, lambda given: given[:-1])


READ_BY_PEOPLE = {
    "lists/search_log.csv says something else of entry 3": _edited(LOG, 3, "outcome", "nil"),
    "lists/refusals.csv does not name entry": _dropped("data/lists/refusals.csv"),
    "lists/nil_and_failed.csv does not name entry": _edited("data/lists/nil_and_failed.csv", 0, "entry", "1"),
    "lists/disclosure_schedule.csv says something else of item E0002": _edited(SCHEDULE, 1, "decided by", "R. Roe"),
    "lists/withheld_index.csv says something else of item E0003": _edited(WITHHELD, 1, "cited", "another"),
    "says no of the exculpatory value of item E0001, and the signed plan says yes": _edited(SCHEDULE, 0, "exculpatory", "no"),
    "lists/personnel_index.csv names the key": _edited("data/lists/personnel_index.csv", 0, "keys", ""),
    "lists/changes.csv says something else of item E0001": _edited("data/lists/changes.csv", 0, "change", "new"),
    "lists/exhibit_list.csv says that entry 1 stored item E0001": _edited(LIST, 0, "ledger entry", "1"),
    "gives item E0005 the SHA-256 of something else": _edited(LIST, 2, "SHA-256", ""),
    "index.html does not say what the lists say: Marked as exculpatory: 0": lambda folder: None,
}  # fmt: skip


def test_what_a_person_reads_is_compared_with_what_was_signed(made_after_others, tmp_path):
    """
    Every list that repeats the ledger was altered in one cell or row, and all lists of hashes were made anew.
    """
    package = copy_of(made_after_others, tmp_path / "received")

    for alter in READ_BY_PEOPLE.values():
        alter(package)

    told = _findings(package)
    assert [each for each in READ_BY_PEOPLE if not any(each in one for one in told)] == []


def _replaced(name, pattern, new):
    """Return what writes one place of a file anew."""

    def alter(folder):
        data, count = re.subn(pattern, new, (folder / name).read_bytes(), count=1, flags=re.DOTALL)
        assert count == 1
        (folder / name).write_bytes(data)

    return alter


XML, OPT = "data/DATA/production.xml", "data/DATA/production.opt"
BESIDE_THE_LISTS = {
    "number DOE000004 stands in DATA/production.dat alone": _replaced(XML, rb"<Document DocID=.*?</Document>", b""),
    "DATA/production.xml says something else of DOE000006 than DATA/production.dat: its files": _replaced(
        XML, rb'(DocID="DOE000006".*?Hash=")[0-9a-f]{32}', rb"\g<1>" + b"0" * 32
    ),
    "production.opt says something else of page DOE000006: whether a document begins there": _replaced(
        OPT, rb"(\nDOE000006[^\n]*),Y,,,1", rb"\1,,,,"
    ),
    "production.dat says that the file of DOE000004 has 9 bytes": _replaced(DAT, rb"\xbe15\xc3\xbe", b"\xbe9\xc3\xbe"),
    "production.dat gives DOE000005 another ground": _in_load_file(b"work product, Rule 25.10", b"agreed"),
    "custody_log.csv says something else of entry 3": _edited("data/custody_log.csv", 3, "time", "2026-01-01T00:00:00Z"),
    "custody_log.csv has fewer rows": _dropped("data/custody_log.csv"),
    "lists/redaction_log.csv does not name item E0002": _dropped("data/lists/redaction_log.csv"),
    "lists/purge_certificates.csv does not name entry": _dropped("data/lists/purge_certificates.csv"),
    "lists/withheld_index.csv gives item E0002 no number": _edited(WITHHELD, 0, stamped.STANDS, ""),
    "exhibit_list.csv says something else of item E0001 than what was signed": _edited(
        LIST, 0, "captured (UTC)", "2026-01-01T00:00:00Z"
    ),
    "lists/attribution_worksheet.html is not there": lambda folder: (
        folder / "data/lists/attribution_worksheet.html"
    ).unlink(),
}  # fmt: skip


def test_what_a_review_platform_reads_says_the_same_as_the_lists(made_after_others, tmp_path):
    """
    One load file of three, the custody log, the redaction log: each was altered alone, with the lists of hashes.
    """
    package = copy_of(made_after_others, tmp_path / "received")
    for alter in BESIDE_THE_LISTS.values():
        alter(package)

    list_again(package)
    told = [each.what for each in completeness.findings(package)]
    assert [each for each in BESIDE_THE_LISTS if not any(each in one for one in told)] == []


def test_a_document_within_another_hides_nothing(made_after_others, tmp_path):
    """
    A reader that compares a document where it ends would pass over the outer one of two.
    """
    package = copy_of(made_after_others, tmp_path / "received")
    _replaced(XML, rb"</Document>", b'<Document DocID="DOE000004"></Document></Document>')(package)

    list_again(package)
    assert any("a document within another" in each.what for each in completeness.findings(package))


def test_a_file_that_is_not_the_evidence_is_named_however_the_lists_agree(made_after_others, tmp_path):
    """
    A native with other words under a hash that was put into the load file; one left out; a page gone, a text put there.
    """
    package = copy_of(made_after_others, tmp_path / "received")
    first, last = sorted((package / "data/NATIVES").iterdir())
    changed = hashlib.sha256(first.read_bytes()).hexdigest().encode()
    first.write_bytes(b"other words")
    _in_load_file(changed, hashlib.sha256(b"other words").hexdigest().encode())(package)
    _in_load_file(f".\\NATIVES\\{last.name}".encode(), b"")(package)
    (page, *_) = sorted((package / "data/IMAGES").rglob("*.png"))
    page.unlink()
    (package / "data/TEXT").mkdir(exist_ok=True)
    (package / "data/TEXT/note.txt").write_text("put there")
    _in_load_file_pages(package, page.stem)

    told = _findings(package)

    for each in (
        f"the file of {first.stem} is not what item E0001 holds",
        f"{last.stem} stands for item E0005, which is produced, and has no file",
        f"data/NATIVES/{last.name} is there and no load file names it",
        "data/TEXT/note.txt is there and no load file names it",
        f"production.opt has no page {page.stem}",
    ):
        assert any(each in one for one in told), told


def test_a_ledger_that_was_cut_before_its_production_is_no_plain_package(made_after_others, tmp_path, monkeypatch):
    """
    Whoever cuts its end makes no ordinary package of it: the load file is still there.
    """
    monkeypatch.setattr(completeness, "planned_in", lambda entries: None)

    assert [each.what for each in completeness.findings(made_after_others)] == [completeness._UNPLANNED]


def _in_load_file_pages(folder, label):
    file = folder / "data/DATA/production.opt"
    kept = [line for line in file.read_bytes().splitlines(keepends=True) if not line.startswith(label.encode())]
    file.write_bytes(b"".join(kept))


def _findings(package):
    """Make the lists of hashes anew, and return what the completeness of a production finds."""
    list_again(package)
    return [each.what for each in completeness.findings(package)]


def test_a_redacted_copy_that_is_taken_out_is_missed(package):
    """
    Neither its bytes nor what stands for it: an item of which nothing is there has no fate.
    """
    for each in (package / "data" / "redacted").iterdir():
        each.unlink()
    list_again(package)

    with pytest.raises(IntegrityError, match="item E0002 is neither produced, withheld, sealed nor purged"):
        verify_received(package)


def test_a_list_that_is_gone_is_a_finding(package):
    """
    What cannot be compared does not count as complete.
    """
    (package / SCHEDULE).unlink()
    list_again(package)

    with pytest.raises(IntegrityError, match="the production cannot be read"):
        verify_received(package)


def test_a_plain_hand_over_is_judged_as_before(every_fate, tmp_path):
    """
    A package of a case of which something was produced before is no production: it has no schedule to go by.
    """
    package = every_fate.export(tmp_path / "plain").folder

    assert verify_received(package)[1] == ""


def test_the_build_fails_when_a_list_leaves_an_item_out(every_fate, tmp_path, monkeypatch):
    """
    What was written is judged, not what was planned; nothing is left, the failure is an entry, its numbers stay used.
    """
    from osint.production import contents

    def hiding(material, lists=contents.lists):
        made = {name: b"".join(pieces) for name, pieces in lists(material)}
        name = "lists/disclosure_schedule.csv"
        made[name] = b"".join(each for each in made[name].splitlines(keepends=True) if b'"E0004"' not in each)
        return ((name, [content]) for name, content in made.items())

    monkeypatch.setattr(contents, "lists", hiding)
    with pytest.raises(IntegrityError, match="item E0004 was stored and"):
        produce(every_fate, tmp_path / "hidden")
    monkeypatch.undo()
    failed = every_fate.productions().iloc[-1]
    after = produce(every_fate, tmp_path / "after")

    assert not any("hidden" in each.name for each in tmp_path.iterdir())
    assert failed["state"] == "failed"
    assert after.first > failed["last"]


def test_the_schedule_of_unused_material_has_every_item_that_is_not_relied_on(every_fate, tmp_path):
    """
    By the UK profile: each described by itself, numbered without a gap; one that is taken out is missed.
    """
    made = produce(every_fate, tmp_path / "out", "E0002", profile="uk", used=("E0001",)).folder
    schedule = "data/lists/unused_material.csv"

    listed = rows(made / schedule)
    _without(schedule, "E0005")(made)
    list_again(made)

    assert [(row["item"], row["exhibit"]) for row in listed] == [
        ("1", "E0002"), ("2", "E0003"), ("3", "E0004"), ("4", "E0005"),
    ]  # fmt: skip
    assert len({row["description"] for row in listed}) == 4
    assert "note" not in "".join(row["description"] for row in listed[:3])
    with pytest.raises(IntegrityError, match="does not name item E0005"):
        verify_received(made)


def test_the_verifier_in_the_package_takes_a_production_as_any_package(made):
    """
    What a prosecutor left out, what is stopped and what is destroyed is no fault to it; it knows no lists.
    """
    ran = subprocess.run(
        [sys.executable, "-I", made / "verify_case.py", made], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "E0002 is withheld, see redacted/E0002.json" in ran.stdout
