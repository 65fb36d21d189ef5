"""Paired filing sets: what a person took out is in no file of the public version, in no spelling; the other has all."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from every_spelling import holding
from origin import http
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

import osint
from osint.cli import main
from osint.errors import ExportError, PolicyError
from osint.policy.pack_text import built_in
from osint.production.filing import files as filing_files
from osint.production.filing import forms as filing_forms
from osint.production.filing import pdf as filing_pdf
from osint.production.filing import rules as filing_rules_module
from osint.production.filing.forms import NoFormError, Source, paired
from osint.production.filing.pdf import redacted_pdf
from osint.production.filing.rules import Identifier, Removal, proposals, stand_in
from osint.production.filing.rules import filing_rules as rules_of
from osint.production.filing.table import read_redactions
from osint.report.csv_tables import Sheet

SSN, CHILD, HOME, PHONE = "123-45-6789", "Dawn Berg", "12 Mill Street", "(417) 555-0182"
TELLING = http(
    b"<html><head><title>Dawn Berg, call (417) 555-0182</title></head><body>My daughter <b>Dawn</b> Berg lives at 12 "
    b"Mill&nbsp;Street. Her number is 123 45 6789, the blue car came back to the river.</body></html>",
    "Content-Type: text/html; charset=utf-8",
)
SAVED = osint.SavedBy(
    name="J. Smit", role="officer", at="2026-05-30T10:15:00+02:00", program="a camera", came="saved here", logged_in=False,
)  # fmt: skip
DECIDED = (
    osint.Redaction(kind="ssn", text=SSN, reason="of no concern to the charge"),
    osint.Redaction(kind="minor", text=CHILD, reason="she is eleven"),
    osint.Redaction(kind="home_address", text=HOME, shown="Eastmere, MO", reason="her home"),
)
POPPLER = pytest.mark.skipif(not (shutil.which("pdftotext") and shutil.which("pdftoppm")), reason="Poppler is not here")
MADE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def case(open_case, origin, monkeypatch):
    """A page that tells private facts, in its address too; nothing is typeset."""
    monkeypatch.setattr("osint.report.forms.find_spec", lambda _: None)
    case = open_case()
    case.collect("webpage", url=origin.serve("/a?dawn%20berg=123456789", TELLING))
    return case


def log(folder):
    with (folder / "redaction_log.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


# -- a page of posts ---------------------------------------------------------------------------------------------------


def test_both_versions_come_from_one_page_and_the_public_one_is_without_what_was_taken_out(case, tmp_path):
    """In no spelling; initials and the town stand there; the other version and its log have every word of it."""
    before = case._ledger.exhibits()[0].sha256
    made = case.filing_set(tmp_path / "set", ["E0001"], redactions=DECIDED, stays=["my daughter"])
    public, sealed = tmp_path / "set/redacted", tmp_path / "set/CONFIDENTIAL-unredacted"
    page = (public / "E0001.html").read_text(encoding="utf-8")

    assert list(holding(public, SSN, "123456789", "123 45 6789", CHILD, HOME)) == []
    assert {"CONFIDENTIAL-E0001.html", "redaction_log.csv"} <= set(holding(sealed, CHILD, HOME))
    assert ("[removed: D.B.]" in page, "[removed: Eastmere, MO]" in page, "blue car" in page) == (True, True, True)
    assert "to be filed under seal" in (sealed / "CONFIDENTIAL-E0001.html").read_text(encoding="utf-8")
    assert {(row["no"], row["kind"], row["file"]) for row in log(public)} == {
        ("1", "ssn", "E0001.html"), ("2", "minor", "E0001.html"), ("3", "home_address", "E0001.html"),
    }  # fmt: skip
    assert "post 1, text" in {row["place"] for row in log(public)}
    assert all("Rule 19.10" in row["rule"] or "49.1" in row["rule"] for row in log(public))
    assert {row["text"] for row in log(sealed)} == {SSN, CHILD, HOME}
    assert made.places == len(log(public))
    assert case._ledger.exhibits()[0].sha256 == before
    case.verify()


def test_a_page_of_posts_is_printed_in_both_versions_and_says_on_each_page_which_it_is(case, tmp_path, monkeypatch):
    """In its own text layer, which is searched as all else is; the ledger knows the public one by its hash."""
    monkeypatch.setattr("osint.report.forms.find_spec", lambda _: True)
    case.filing_set(tmp_path / "set", ["E0001"], redactions=DECIDED)
    public, sealed = tmp_path / "set/redacted/E0001.pdf", tmp_path / "set/CONFIDENTIAL-unredacted"
    said, under_seal = text_layer(public), text_layer(sealed / "CONFIDENTIAL-E0001.pdf")

    assert all("Redacted version" in page for page in said)
    assert all("CONFIDENTIAL" in page for page in under_seal)
    assert ("blue car" in " ".join(said), CHILD in " ".join(said)) == (True, False)
    assert CHILD in " ".join(" ".join(under_seal).split())
    (version,) = list(case._ledger.entries())[-1].private["versions"]
    assert version["printed_sha256"] == {"E0001.pdf": hashlib.sha256(public.read_bytes()).hexdigest()}


def text_layer(path):
    return [page.extract_text() for page in PdfReader(path).pages]


def test_the_ledger_leads_from_the_exhibit_to_both_versions_and_says_no_text(case, tmp_path):
    """Which file was made of which exhibit, by hashes; the texts that were taken out stand in no entry."""
    made = case.filing_set(tmp_path / "set", ["E0001"], redactions=DECIDED)
    entry = list(case._ledger.entries())[-1]
    (version,) = entry.private["versions"]
    public = (tmp_path / "set/redacted/E0001.html").read_bytes()

    assert (entry.action, entry.outcome) == ("export", "done")
    assert version["exhibit_sha256"] == case._ledger.exhibits()[0].sha256
    assert version["redacted_sha256"] == hashlib.sha256(public).hexdigest()
    assert entry.private["manifest_sha256"] == made.manifest_sha256
    assert CHILD not in str(entry.private)
    listed = (tmp_path / "set/redacted/manifest-sha256.txt").read_text(encoding="ascii").splitlines()
    assert {line.split("  ")[1] for line in listed} == {"E0001.html", "redaction_log.csv"}
    assert f"{version['redacted_sha256']}  E0001.html" in listed


def test_what_nobody_decided_is_counted_and_listed_under_seal_alone(case, tmp_path):
    """A proposal is decided by taking it out, or by saying that it stays."""
    first = case.filing_set(tmp_path / "one", ["E0001"], redactions=DECIDED)
    second = case.filing_set(tmp_path / "two", ["E0001"], redactions=DECIDED, stays=["My  daughter", PHONE])

    assert (first.undecided, second.undecided) == ({"minor": 1}, {})
    assert "Undecided: 1 places may tell private facts (1 minor)" in str(first)
    assert "My daughter" in (tmp_path / "one/CONFIDENTIAL-unredacted/undecided.csv").read_text(encoding="utf-8")
    assert not (tmp_path / "one/redacted/undecided.csv").exists()


def test_what_is_masked_in_the_case_is_in_no_public_filing_either(case, tmp_path):
    """Whoever masked it said so once; the log names it as that."""
    case.mask(HOME, reason="of no concern")
    case.filing_set(tmp_path / "set", ["E0001"], redactions=DECIDED[:2])

    assert list(holding(tmp_path / "set/redacted", HOME, CHILD)) == []
    assert "masked" in {row["kind"] for row in log(tmp_path / "set/redacted")}


# -- refused -----------------------------------------------------------------------------------------------------------


INCOMPLETE = [
    (["E0001"], {"kind": "ssn", "text": SSN, "reason": " "}, "redaction 1 gives no reason"),
    (["E0001"], {"kind": "guess", "text": SSN, "reason": "r"}, "of no kind of the policy"),
    (["E0001"], {"kind": "ssn", "reason": "r"}, "either a text or rectangles"),
    (["E0001"], {"kind": "other", "text": "14 Hill Street", "reason": "r"}, "redaction 1 stands nowhere"),
    (["E0001"], {"kind": "ssn", "text": SSN, "shown": "6789", "reason": "r"}, "nothing is chosen to be shown"),
    (["E0001"], {"kind": "ssn", "exhibit": "E0001", "boxes": ((1, 1, 2, 2),), "reason": "r"}, "name the text"),
    (["E0001"], {"kind": "ssn", "exhibit": "E0002", "boxes": ((1, 1, 2, 2),), "reason": "r"}, "names nothing of"),
    (["E0007"], {"kind": "ssn", "text": SSN, "reason": "r"}, "E0007: it is not in this case"),
    ([], {"kind": "ssn", "text": SSN, "reason": "r"}, "name what is to be filed"),
    (["E0001"], {"kind": "minor", "text": CHILD, "reason": "Dawn Berg is eleven"}, "still stands in redaction_log"),
]


def test_nothing_is_written_when_a_decision_is_incomplete_or_something_still_stands_there(case, tmp_path):
    """The message says which decision and where, and never the text; nothing is left, and no entry is written."""
    before = len(case._ledger)
    for exhibits, said, why in INCOMPLETE:
        with pytest.raises(ExportError, match=why) as refused:
            case.filing_set(tmp_path / "set", exhibits, redactions=[osint.Redaction(**said)])
        assert not any(text in str(refused.value) for text in (SSN, CHILD, "14 Hill Street")), why
    assert [path.name for path in tmp_path.iterdir() if "set" in path.name] == []
    assert len(case._ledger) == before


def test_a_restricted_and_a_stopped_exhibit_are_in_no_filing(open_case, tmp_path):
    """Neither as it is nor redacted."""
    case = open_case()
    for name, told in (("one.png", {"logged_in": True, "as_whom": "the mother"}), ("two.png", {})):
        Image.new("RGB", (8, 8), (len(name), len(told), 9)).save(tmp_path / name)
        case.import_file(tmp_path / name, osint.SavedBy(**{**vars(SAVED), **told}))
    case.stop_sensitive(["E0002"])

    for number, why in (("E0001", "may open somebody's account"), ("E0002", "it is stopped")):
        with pytest.raises(ExportError, match=why):
            case.filing_set(tmp_path / "set", [number])


@pytest.mark.parametrize("ending", ["docx", "html"])
def test_a_form_that_hides_too_much_is_refused_with_what_to_do(tmp_path, ending):
    """Of an office file or a saved page no redacted version is made."""
    (tmp_path / "file").write_bytes(
        {"docx": b"PK\x03\x04" + b"\0" * 40, "html": b"<!DOCTYPE html><p>Dawn Berg"}[ending]
    )

    with pytest.raises(NoFormError, match="print it as a PDF"):
        paired(Source(name="document-1", posts=(), file=tmp_path / "file"), Removal([]), MADE)


# -- files -------------------------------------------------------------------------------------------------------------


def test_the_pixels_of_a_rectangle_are_gone_and_the_metadata_with_them(open_case, tmp_path):
    """A comment, a packed comment and a packed profile stay behind; the sealed version is the file as it was."""
    case, facts = open_case(), PngInfo()
    facts.add_text("Comment", CHILD)
    facts.add_text("Packed", CHILD, zip=True)
    Image.new("RGB", (60, 40), (200, 10, 10)).save(tmp_path / "one.png", pnginfo=facts)
    case.import_file(tmp_path / "one.png", SAVED)
    case.mask_exhibit("E0001", boxes=[(40, 20, 5, 5)], reason="the number of her house")
    box = osint.Redaction(kind="minor", exhibit="E0001", boxes=((10, 5, 20, 10),), reason="her face")
    made = case.filing_set(tmp_path / "set", ["E0001"], redactions=[box])
    public, sealed = tmp_path / "set/redacted/E0001.png", tmp_path / "set/CONFIDENTIAL-unredacted"

    with Image.open(public) as shown:
        pixels = {place: shown.getpixel(place) for place in [(10, 5), (29, 14), (30, 14), (42, 22)]}
        assert shown.info == {}
    red, gone = (200, 10, 10), (0, 0, 0)
    assert pixels == {(10, 5): gone, (29, 14): gone, (30, 14): red, (42, 22): gone}
    assert (sealed / "CONFIDENTIAL-E0001.png").read_bytes() == (tmp_path / "one.png").read_bytes()
    assert "CONFIDENTIAL-E0001.png" in set(holding(sealed, CHILD))
    assert list(holding(public.parent, CHILD)) == []
    assert [(row["place"], row["kind"]) for row in log(public.parent)] == [
        ("rectangle 1", "minor"), ("rectangle 2", "masked"),
    ]  # fmt: skip
    assert "no search finds" in str(made)


def letter(folder):
    """A PDF that says a number openly, broken at the end of a line, invisibly, and beside its pages."""
    canvas = Canvas(str(folder / "plain.pdf"), pagesize=(400, 300))
    for number in range(2):
        canvas.drawString(40, 250, "Dawn Berg has 123-45-")
        canvas.drawString(40, 230, "6789 as her number; the blue car")
        canvas.drawString(40, 200, "123456789" if number else "nothing else")
        hidden = canvas.beginText(40, 100)
        hidden.setTextRenderMode(3)
        hidden.textLine("SSN 123-45-6789")
        canvas.drawText(hidden)
        canvas.showPage()
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(folder / "plain.pdf"))
    writer.add_metadata({"/Title": f"About {CHILD}", "/Subject": SSN})
    writer.add_attachment("notes.txt", f"{CHILD} {SSN}".encode())
    writer.add_outline_item(title=CHILD, page_number=0)
    writer.pages[1].rotate(90)
    writer.write(folder / "letter.pdf")
    return folder / "letter.pdf"


@POPPLER
def test_a_pdf_is_bound_anew_from_its_painted_pages(case, tmp_path):
    """No text layer, attachment, outline or metadata; what the layer placed is black, and what stands beside is not."""
    box = osint.Redaction(kind="other", exhibit="document-1", page=1, boxes=((0, 0, 50, 40),), reason="a letterhead")
    said = [DECIDED[0], DECIDED[1], box]
    made = case.filing_set(tmp_path / "set", documents=[letter(tmp_path)], redactions=said)
    public = tmp_path / "set/redacted"
    pdf = PdfReader(public / "document-1.pdf")

    assert len(set(holding(tmp_path / "set/CONFIDENTIAL-unredacted", SSN, CHILD))) > 1
    assert list(holding(public, SSN, "123456789", CHILD)) == []
    assert (pdf.attachments, pdf.outline, [page.extract_text() for page in pdf.pages]) == ({}, [], ["", ""])
    assert [(row["no"], row["place"]) for row in log(public)].count(("1", "page 2")) == 3
    assert ("3", "page 1, rectangle 1") in {(row["no"], row["place"]) for row in log(public)}
    drawn = Image.open(
        io.BytesIO(
            subprocess.check_output(
                ["pdftoppm", "-r", "72", "-f", "1", "-l", "1", "-png", str(public / "document-1.pdf")]
            )
        )
    )
    ink = [drawn.convert("L").crop((40, 300 - y, 100, 310 - y)).getextrema() for y in (258, 208)]
    assert (ink[0][0] < 40, ink[1][1] > 200, drawn.getpixel((10, 10))[0] < 40) == (True, True, True)
    assert made.look["document-1"] == ("drawn pages and pictures in them show what no search finds",)


@POPPLER
def test_a_pdf_is_refused_where_a_word_has_no_place_or_the_paint_does_not_hold(tmp_path, monkeypatch):
    """A name that is divided at the end of a line; a page whose rectangle shows something in what was written."""
    canvas = Canvas(str(tmp_path / "divided.pdf"), pagesize=(400, 300))
    canvas.drawString(40, 250, "the blue car of Dawn Be-")
    canvas.drawString(40, 236, "rg came back to the river")
    canvas.save()
    removal = Removal([Identifier("minor", CHILD, "[removed]", 1), Identifier("other", "blue car", "[removed]", 2)])
    with pytest.raises(ExportError, match="page 1 of the PDF where its letters cannot be placed") as refused:
        redacted_pdf(tmp_path / "divided.pdf", removal, {}, MADE)
    assert "Berg" not in str(refused.value)

    monkeypatch.setattr(filing_pdf, "_paint", lambda *_: None)
    with pytest.raises(ExportError, match="shows something in a rectangle"):
        redacted_pdf(tmp_path / "divided.pdf", Removal([Identifier("other", "blue car", "[removed]", 1)]), {}, MADE)


def test_without_poppler_a_pdf_is_refused_with_what_to_do(tmp_path, monkeypatch):
    """Nothing of it is guessed."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(ExportError, match="poppler-utils"):
        paired(Source(name="document-1", posts=(), file=letter(tmp_path)), Removal([]), MADE)


def test_a_text_is_redacted_as_text_and_whole_where_it_is_hidden(tmp_path):
    """Lines that do not hold it stay; of one that hides it in another spelling nothing does."""
    (tmp_path / "file").write_text("first\nof 123.45.\n6789 here\n", encoding="utf-8")
    removal = Removal([Identifier("ssn", SSN, "[removed: ends in 6789]", 1)])
    pair = paired(Source(name="document-1", posts=(), file=tmp_path / "file"), removal, MADE)
    (tmp_path / "file").write_text("first\nMTIzLTQ1LTY3ODk=\n", encoding="utf-8")
    hidden = paired(Source(name="document-1", posts=(), file=tmp_path / "file"), removal, MADE)

    assert (pair.redacted[1], pair.taken) == (b"first\nof [removed: ends in 6789] here\n", ((1, "line 2"),))
    assert (hidden.redacted[1], hidden.taken) == (b"[removed]", ((1, "hidden in the text"),))


# -- rules -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "shown", "expected"),
    [
        ("ssn", SSN, "", "[removed: ends in 6789]"),
        ("account", "1234", "", "[removed]"),
        ("birth_date", "3 May 1990", "", "[removed: 1990]"),
        ("birth_date", "3/5/90", "", "[removed]"),
        ("minor", "Dawn van den Berg", "", "[removed: D.V.D.B.]"),
        ("home_address", HOME, "Eastmere, MO", "[removed: Eastmere, MO]"),
        ("home_address", HOME, "", "[removed]"),
        ("other", "whatever", "", "[removed]"),
    ],
)
def test_what_may_stay_is_what_the_rule_of_the_policy_says(kind, text, shown, expected):
    """In federal court four digits, a year, initials, a town; where nothing certain can be made of it, nothing."""
    assert stand_in(text, rules_of(built_in("us-federal"), MADE.date())[kind].stays, shown) == expected


def test_the_same_kinds_stand_under_the_rules_of_missouri():
    """There nothing of a number stays; each rule is cited, and says whether anybody adopted it."""
    rules = rules_of(built_in("us-mo-municipal"), MADE.date())

    assert (rules["ssn"].stays, rules["birth_date"].stays, rules["minor"].stays) == (
        "nothing",
        "nothing",
        "the initials",
    )
    assert "2.02(c)(1)" in rules["ssn"].citation
    assert "adopted by nobody yet" in rules["ssn"].standing


def test_a_policy_that_lets_stay_what_nobody_can_make_is_refused(monkeypatch):
    """Rather than that something stays which the rule did not mean."""
    monkeypatch.delitem(filing_rules_module._STAND_INS, "the initials")
    with pytest.raises(PolicyError, match="filing_minor is none of"):
        rules_of(built_in("uk"), MADE.date())


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ssn", "her 123-45-6789,"),
        ("account", "card 4111 1111 1111 1111."),
        ("account", "Account no. 00412 9983"),
        ("birth_date", "born on 3 May 2014"),
        ("birth_date", "DOB: 05/03/2014"),
        ("phone", "call (417) 555-0182"),
        ("home_address", "at 12 Mill Street"),
    ],
)
def test_shapes_of_identifiers_are_proposed(kind, text):
    """A person decides on each."""
    assert kind in {found for found, _ in proposals(text, ())}


# -- the command -------------------------------------------------------------------------------------------------------


def test_the_command_reads_decisions_from_a_table_and_no_cell_is_shown(case, tmp_path, monkeypatch):
    """No identifier stands in the history of a shell."""
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))
    investigator = case.investigator
    (tmp_path / "table.csv").write_text(f"kind,reason,text\nminor,she is eleven,{CHILD}\n", encoding="utf-8")
    case.close()
    told = ["filing-set", str(case.folder), "--to", str(tmp_path / "set"), "--exhibit", "E0001", "--stays", PHONE]
    done = CliRunner().invoke(
        main, [*told, "--redactions", str(tmp_path / "table.csv"), "--investigator", investigator]
    )

    assert done.exit_code == 0, done.output
    assert "Undecided: " in done.output
    assert CHILD not in done.output
    assert list(holding(tmp_path / "set/redacted", CHILD)) == []
    for wrong in ("kind,colour\nssn,red\n", f"kind,page,text\nssn,{CHILD},x\n", "\x00"):
        (tmp_path / "table.csv").write_text(wrong, encoding="utf-8")
        with pytest.raises(ExportError) as refused:
            read_redactions(tmp_path / "table.csv")
        assert CHILD not in str(refused.value)


def test_the_last_search_refuses_what_a_fault_of_the_redaction_left(case, tmp_path, monkeypatch):
    """Whatever made the public version: it is searched as a disclosure is, and nothing is left."""
    monkeypatch.setattr(filing_files, "Sheet", lambda columns, rows: Sheet(columns, [*rows, [CHILD.upper()]]))
    with pytest.raises(ExportError, match="still stands in redaction_log"):
        case.filing_set(tmp_path / "set", ["E0001"], redactions=DECIDED)
    assert not (tmp_path / "set").exists()


def test_a_number_is_found_with_any_marks_and_a_given_name_left_alone_is_proposed():
    """Typographic hyphens and the ends of lines divide digits as well."""
    removal = Removal([
        Identifier("ssn", SSN, "[removed]", 1), Identifier("minor", CHILD, "[removed: D.B.]", 2),
    ])  # fmt: skip
    text = "123\u201145\u20116789, 123-45-\n6789; little DAWN of Bergen"

    assert removal.without(text) == "[removed], [removed]; little DAWN of Bergen"
    assert list(removal.parts(text)) == [("minor", "DAWN")]


def test_both_versions_are_of_the_document_as_it_was_read_once(case, tmp_path, monkeypatch):
    """
    Somebody saves the motion anew while it is filed: neither version holds what the other lacks.
    """
    motion = tmp_path / "motion.txt"
    motion.write_text(f"first draft of {SSN}", encoding="utf-8")
    looked = filing_forms.examine

    def saved_anew(path):
        motion.write_text(f"second draft of {SSN}", encoding="utf-8")
        return looked(path)

    monkeypatch.setattr(filing_forms, "examine", saved_anew)
    decided = osint.Redaction(kind="ssn", text=SSN, reason="of no concern")
    made = case.filing_set(tmp_path / "set", documents=[motion], redactions=[decided])

    texts = [path.read_text() for path in made.folder.rglob("*document-1.txt")]
    assert len(texts) == 2
    assert all(text.startswith("first draft") for text in texts)
    with pytest.raises(ExportError, match="cannot be read"):
        case.filing_set(tmp_path / "next", documents=[tmp_path / "gone.pdf"], redactions=[decided])
