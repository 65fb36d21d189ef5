"""Drafts for a person to sign: made only of what the record bears, and never more than a draft."""

from __future__ import annotations

import io
from dataclasses import replace

import docx
import pytest
from bs4 import BeautifulSoup
from origin import NOON, http
from papers_of import material_of, pages, rows
from PIL import Image

import osint
from osint.chain_of_custody.keys import load_or_create
from osint.errors import AuthorizationError, CaseError, ExportError, IntegrityError
from osint.policy.pack_text import built_in
from osint.production.certificates import Asked, Basis, certificates, draft_files, kind_of
from osint.report import forms

PAGE = http(
    b"<html><title>A page</title><body><p>Words enough to be a page.</p></body></html>", "Content-Type: text/html"
)
COMMENT = b"""<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>a comment</title><author>dawn</author>
<description>words</description><pubDate>Mon, 01 Jun 2026 10:00:00 GMT</pubDate></item></channel></rss>"""
SAVED = osint.SavedBy(
    name="R. Roe", role="witness", at="2026-05-30T14:02+02:00", program="a camera", came="by e-mail", logged_in=False
)


@pytest.fixture
def case(open_case, origin):
    case = open_case()
    case.collect("webpage", url=origin.serve("/a", PAGE))
    return case


@pytest.fixture
def quick(monkeypatch):
    """Nothing but HTML, as on a machine without the extras: setting pages takes longer than all else."""
    monkeypatch.setattr(forms, "find_spec", lambda _: None)


def saved(files, ending):
    [path] = [each for each in files if each.suffix == ending]
    return path.read_bytes()


@pytest.mark.parametrize(
    ("kind", "more"),
    [("902-13", {"exhibits": ["E0001"]}), ("902(14)", {"exhibits": "E0001"}), ("902-11", {}),
     ("490.692", {"trial": "2026-06-30"}), ("notice", {"exhibits": ["E0001"], "to": "Counsel of the defence"})],
    ids=["902-13", "902-14", "902-11", "490-692", "notice"],
)  # fmt: skip
def test_a_draft_leaves_the_person_s_part_blank_and_says_what_nobody_verified(case, quick, kind, more):
    """Qualification, knowledge and signature are lines to write on; the law is UNVERIFIED; the ledger has the draft."""
    page = BeautifulSoup(saved(case.certificate(kind, **more), ".html"), "html.parser")
    cells = {row.find("td").text: row.find_all("td")[-1].text for row in page.find_all("tr") if row.find("td")}

    for blank in ("Qualification of the declarant", "Personal knowledge of the declarant", "Signature"):
        assert set(cells[blank]) == {"_"}
    assert "UNVERIFIED" in page.text
    assert tuple(case.ledger.iloc[-1][["action", "outcome"]]) == ("draft", "done")


def test_draft_stands_on_every_page_of_every_form(case):
    """In print as well: each page of the PDF, the header of the DOCX, a band that a browser repeats."""
    files = case.certificate("902-13", exhibits="E0001")
    printed = pages(".pdf", saved(files, ".pdf"))
    filed = docx.Document(io.BytesIO(saved(files, ".docx")))

    assert len(printed) > 1
    assert all("DRAFT" in each.split("\n") for each in printed)
    assert "DRAFT" in filed.sections[0].header.paragraphs[-1].text
    assert '<div style="position:fixed' in saved(files, ".html").decode()


def test_a_draft_names_each_record_with_its_hash_at_collection_and_now(case, quick):
    """The list beside the draft has both, and the draft has the hash of the list."""
    files = case.certificate("902-14", exhibits="E0001")
    [row] = rows(saved(files, ".csv"))
    [exhibit] = case._ledger.exhibits()

    assert (row["exhibit"], row["SHA-256 when it was taken in"]) == ("E0001", exhibit.sha256)
    assert (row["SHA-256 computed anew"], row["match"]) == (exhibit.sha256, "yes")
    assert exhibit.sha256 in saved(files, ".html").decode()


REFUSED = {
    "a stranger as declarant": ("902-13", {"exhibits": ["E0001"], "declarant": "N. Obody"}, "N. Obody signed no entry"),
    "no hash at collection": ("902-14", {"exhibits": ["E0001", "E0077"]}, "E0077: this ledger records no hash at collection"),
    "no exhibit": ("902-13", {}, "names no exhibit"),
    "a stranger's post as the agency's record": ("902-11", {"exhibits": ["E0001"]}, "E0001: a post by somebody else"),
    "the same by affidavit": ("490-692", {"exhibits": ["E0001"], "trial": "2026-06-30"}, "E0001: a post by somebody else"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "more", "why"), REFUSED.values(), ids=REFUSED)
def test_what_the_record_does_not_bear_is_refused_and_the_refusal_is_an_entry(case, kind, more, why):
    """The error names why, nothing is written, and the ledger has it."""
    with pytest.raises(ExportError, match=why):
        case.certificate(kind, **more)

    assert tuple(case.ledger.iloc[-1][["action", "outcome"]]) == ("draft", "refused")
    assert not (case.folder / "drafts").exists()


def test_a_case_that_does_not_verify_gives_no_draft(case):
    """One byte of an exhibit changed: the error is that of verification."""
    [exhibit] = case._ledger.exhibits()
    path = case._blobs.path(exhibit.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    with pytest.raises(IntegrityError, match="E0001"):
        case.certificate("902-14", exhibits="E0001")


def test_what_was_purged_gives_no_draft(case, tmp_path):
    """Its hash is recorded and nothing is left to compare it with."""
    order = osint.Order(authority="order 8", reason="expunged", requester=case.investigator,
                        approver=load_or_create(tmp_path / "chief", "actor"), approver_name="A. Berg, badge 12")  # fmt: skip
    case.erasing.purge(["E0001"], order)

    with pytest.raises(ExportError, match="E0001: the copy is not there any more"):
        case.certificate("902-14", exhibits="E0001")


def test_a_file_that_was_handed_in_was_made_by_no_process_of_ours(case, tmp_path, quick):
    """902-13 is refused for it; 902-14 is about the copy since it came in."""
    Image.new("RGB", (8, 8)).save(tmp_path / "seen.png")
    case.import_file(tmp_path / "seen.png", SAVED)

    with pytest.raises(ExportError, match="E0002: it was handed in"):
        case.certificate("902-13", exhibits=["E0001", "E0002"])
    assert case.certificate("902-14", exhibits=["E0002"])


def test_the_agency_s_own_page_may_be_its_record(open_case, origin, quick):
    """What was captured as an own page, and holds nobody else's post, can be drafted as the agency's record."""
    case = open_case(purpose="own_pages")
    case.collect("webpage", url=origin.serve("/own", PAGE))

    assert case.certificate("902-11", exhibits="E0001")


def test_somebody_s_comment_on_an_own_page_is_theirs(open_case, origin):
    """A post by somebody else does not become the agency's record because it stands on a page of the agency."""
    case = open_case(purpose="own_pages")
    case.collect("feed", url=origin.serve("/own/comments", http(COMMENT, "Content-Type: application/rss+xml")))

    with pytest.raises(ExportError, match="E0001: a post by somebody else"):
        case.certificate("902-11", exhibits="E0001")


def test_of_what_is_stopped_nothing_is_drafted(case):
    """It is locked away; the refusal is in the ledger."""
    case.stop_sensitive("E0001")

    with pytest.raises(AuthorizationError, match="not shown"):
        case.certificate("902-14", exhibits="E0001")


def test_a_copy_that_changed_after_the_verification_is_noticed(case):
    """Its hash is computed for the draft itself, and not taken from the verification before it."""
    basis = Basis(dossier=case._dossier(), ledger=case._ledger, pack=case._gate.pack, numbers=lambda _: "")
    path = case._blobs.path(case._ledger.exhibits()[0].sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    with pytest.raises(ExportError, match="E0001: the copy is not the one whose hash was recorded"):
        draft_files(kind_of("902-14"), basis, Asked(declarant=case.investigator, exhibits=["E0001"]))


@pytest.mark.parametrize(
    ("trial", "said"),
    [("2026-06-30", "2026-06-23"), ("2026-06-05", "2026-05-29; that day is over")],
    ids=["ahead", "over"],
)
def test_an_affidavit_says_until_when_it_is_served(case, trial, said, quick):
    """Seven days before the trial, by the value of the policy; a day that has passed is said to have passed."""
    assert NOON.date().isoformat() == "2026-06-01"
    page = saved(case.certificate("490-692", trial=trial), ".html").decode()

    assert said in page
    assert ("that day is over" in page) == ("over" in said)


@pytest.mark.parametrize(
    ("kind", "more"), [("490-692", {}), ("490-692", {"trial": "soon"}), ("notice", {"exhibits": "E0001"}), ("902-12", {})],
    ids=["no trial", "no day", "nobody to notify", "no such kind"],
)  # fmt: skip
def test_what_a_draft_cannot_do_without_is_asked_for(case, kind, more):
    """The day of the trial, whom a notice is for, a kind that there is."""
    with pytest.raises(CaseError, match=r"Nothing (was|is) drafted"):
        case.certificate(kind, **more)


def test_a_draft_that_somebody_went_on_writing_in_stays(case, quick):
    """A second draft gets a folder of its own."""
    first, *_ = case.certificate("902-11")
    first.write_bytes(b"mine")
    second, *_ = case.certificate("902-11")

    assert first.read_bytes() == b"mine"
    assert second.parent != first.parent


def test_a_law_without_such_a_certification_gives_none(case, tmp_path, quick):
    """The United Kingdom's pack names none: a production under it has no drafts, and its lists name no rule."""
    made = material_of(case, tmp_path / "data")
    drafts = dict(certificates(replace(made, pack=built_in("uk"))))
    federal = dict(certificates(replace(made, pack=built_in("us-federal"))))

    basis = Basis(dossier=made.dossier, ledger=made.packed, pack=built_in("uk"), numbers=made.span)
    with pytest.raises(ExportError, match=r"the policy uk .* names no law for it"):
        draft_files(kind_of("902-13"), basis, Asked(declarant=case.investigator, exhibits=["E0001"]))
    assert drafts == {}
    assert {name.split(".")[0] for name in federal if name.endswith(".html")} == {
        f"certificates/{each}" for each in ("certificate_902_11", "certificate_902_13", "certificate_902_14", "notice_of_intent")
    }  # fmt: skip
