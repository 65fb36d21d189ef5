"""The words that no document uses by itself: whoever reads one decides whether something is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from origin import http
from papers_of import MADE, pages, release

from osint.errors import AuthorizationError, SourceGoneError
from osint.records import Notice, Preservation
from osint.report.document import Document, Words
from osint.report.forms import forms, text_form
from osint.report.writing import FORMATS

NEVER = re.compile(r"\b(authentic\w*|proves|guilty|complied|violated|member\s+of)\b", re.IGNORECASE)
READABLE = {
    ".html",
    ".pdf",
    ".docx",
    ".csv",
    ".txt",
    ".md",
    ".json",
    ".jsonl",
    ".jsonld",
    ".py",
    ".ttl",
    ".js",
    ".xml",
    ".dat",
}
FEED = b"""<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>at the river</title><author>dawn</author>
<description>at the river</description><pubDate>Mon, 01 Jun 2026 10:00:00 GMT</pubDate></item></channel></rss>"""
LETTER = Preservation(identifier="P-1", provider="Social Example Inc.", accounts=("https://social.example/@jane (1)",),
                      data="posts", contact="4471@agency.example", sent="2026-05-20")  # fmt: skip
NOTICE = Notice(identifier="N-1", about="missing", fields={"name": "Jane Example"}, minor="yes", channel="the agency's page",
                statement="fact", information="A")  # fmt: skip


def used(folder: Path) -> tuple[set[str], list[str]]:
    """The kinds of files that were read, and where a word stands that none may use."""
    kinds, found = set(), []
    for path in sorted(each for each in folder.rglob("*") if each.is_file() and each.suffix in READABLE):
        text = "\n".join(pages(path.name, path.read_bytes()))
        kinds |= {path.suffix} if text.strip() else set()
        found += [f"{path.relative_to(folder)}: {match[0]}" for match in NEVER.finditer(text)]
    return kinds, found


@pytest.fixture
def written(open_case, origin, tmp_path):
    """Everything that a case writes for somebody to read: production, report in each form, drafts, letter, notice."""
    case = open_case()
    case.collect("feed", url=origin.serve("/feed", http(FEED, "Content-Type: application/rss+xml")))
    with pytest.raises(SourceGoneError):
        case.collect("webpage", url=origin.serve("/gone", http(b"", status="404 Not Found")))
    with pytest.raises(AuthorizationError):
        case.collect("feed", url="https://elsewhere.example/feed")
    case.mark("E0001", relevance="key", exculpatory=True, note="seen elsewhere that day")
    for record in (LETTER, NOTICE):
        case.draft(case.record(record))
    for form in FORMATS:
        case.report(case.folder / "drafts" / f"report.{form}")
    for kind, more in (("902-13", {"exhibits": "E0001"}), ("490-692", {"trial": "2026-06-30"})):
        case.certificate(kind, **more)
    decided = release(reason="discovery", unreviewed_acknowledged_by="K. de Vries, prosecutor")
    case.produce(tmp_path / "production", to="Counsel of the defence", release=decided, pages="slip-sheets")
    return case.folder / "drafts", tmp_path / "production"


def test_no_document_says_by_itself_what_a_court_decides(written):
    """Reports, logs, lists, drafts, pages and instructions are read word by word; what was captured holds none of them."""
    drafts, production = map(used, written)

    assert drafts[1] == []
    assert production[1] == []
    assert {".html", ".pdf", ".docx"} <= drafts[0]
    assert {".html", ".pdf", ".docx", ".csv", ".txt", ".md", ".jsonl"} <= production[0]


def test_the_words_would_be_found_in_every_kind_of_file(tmp_path):
    """A document that says two of them is noticed in each form that it can have."""
    said = [Words("He is a member of it, which proves that.")]
    made = Document(title="t", made=MADE, cover=[], blocks=said)
    for name, content in {**dict(forms("a", made, ["pdf", "docx"])), "a.txt": text_form(made)}.items():
        (tmp_path / name).write_bytes(content)
    found = [f"{name}: {word}" for name in ("a.docx", "a.html", "a.pdf", "a.txt") for word in ("member of", "proves")]

    assert used(tmp_path)[1] == found
