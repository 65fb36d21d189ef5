"""What is printed of a case, read by qpdf and Poppler (``make test-interop``): sound files, with every entry in them."""

import csv
import re
import shutil
import subprocess

import pytest
from origin import http
from produced import TO, decision, hand_in
from reportlab.pdfgen.canvas import Canvas

import osint

pytestmark = pytest.mark.interop

PAGE = http(
    b"<html><head><title>Dawn Berg</title></head><body>The blue car came back to the river.</body></html>",
    "Content-Type: text/html; charset=utf-8",
)


@pytest.fixture(autouse=True)
def _programs():
    assert shutil.which("qpdf") and shutil.which("pdftotext"), "sh tests/interop/install.sh installs them"


@pytest.fixture
def case(open_case, origin, tmp_path):
    """A page, files, one of them a PDF, and an authority in the letters of three scripts."""
    case = open_case(identifier="MP-2026-0417 Ярмарка 夜市 سوق")
    case.collect("webpage", url=origin.serve("/a", PAGE))
    hand_in(case, tmp_path, *range(1, 41))
    letter = Canvas(str(tmp_path / "letter.pdf"), pagesize=(400, 300))
    letter.drawString(40, 200, "Dawn Berg saw the blue car.")
    letter.save()
    case.import_file(tmp_path / "letter.pdf", osint.SavedBy(
        name="J. Smit", role="officer", at="2026-05-30T10:15:00+02:00", program="a scanner", came="saved here",
        logged_in=False,
    ))  # fmt: skip
    return case


@pytest.fixture
def production(case, tmp_path):
    case.produce(tmp_path / "production", to=TO, release=decision("E0002"), pages="slip-sheets")
    return tmp_path / "production"


def unsound(folder):
    """What qpdf says of the PDF files below a folder that have a fault of any kind, warnings too."""
    files = sorted(folder.rglob("*.pdf"))
    assert files
    told = {
        file: subprocess.run(["qpdf", "--check", file], check=False, capture_output=True, text=True) for file in files
    }
    return {file.name: each.stdout + each.stderr for file, each in told.items() if each.returncode}


def test_qpdf_finds_no_fault_in_any_pdf_of_a_production(production):
    """
    The custody log, the lists and drafts, and the native that is a PDF itself; a warning would be a fault, too.
    """
    names = {file.name for file in production.rglob("*.pdf")}

    assert {"custody_log.pdf", "exhibit_list.pdf", "tool_validation.pdf"} <= names
    assert any(file.parent.name == "NATIVES" for file in production.rglob("*.pdf"))
    assert unsound(production) == {}


def test_qpdf_finds_no_fault_in_any_pdf_of_a_filing_set(case, tmp_path):
    """
    Neither in a page that was typeset in both versions nor in a PDF that was bound anew from its painted pages.
    """
    redactions = [osint.Redaction(kind="minor", text="Dawn Berg", reason="she is eleven")]
    case.filing_set(tmp_path / "set", ["E0001", "E0042"], redactions=redactions, documents=[tmp_path / "letter.pdf"])

    assert len(list((tmp_path / "set/redacted").rglob("*.pdf"))) > 1
    assert unsound(tmp_path / "set") == {}


def test_poppler_reads_every_entry_of_the_ledger_in_the_printed_custody_log(production):
    """
    As many rows as the ledger has entries, each once and in order, with the leaf hash that the list of steps gives it.
    """
    with (production / "data/lists/search_log.csv").open(encoding="utf-8-sig", newline="") as stream:
        entries = [(row["entry"], row["action"], row["outcome"], row["leaf hash"]) for row in csv.DictReader(stream)]
    told = subprocess.run(
        ["pdftotext", "-layout", production / "data/custody_log.pdf", "-"], capture_output=True, check=True, text=True
    ).stdout.replace("\f", "\n")
    printed = re.findall(r"^ *(\d+) +([a-z._-]+), ([a-z]+)\b.*\d{4}-\d\d-\d\dT", told, re.MULTILINE)
    leaves = re.findall(r"leaf hash +([0-9a-f]{64})", told)

    assert [(*each, leaf) for each, leaf in zip(printed, leaves, strict=True)] == entries
    assert len(entries) == sum(1 for _ in (production / "data/ledger.jsonl").open("rb"))
