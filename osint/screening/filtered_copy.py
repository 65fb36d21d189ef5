"""What a decision maker receives of a candidate: what is related to the job, in neutral words, and nothing behind it.

Protected information is removed and nothing is laid over it. Where sentences are quoted, each that held some is gone
whole, and one token stands between any two that are left, whether or not something stood there. So a copy is a function
of what it tells, of random letters and of the day: two candidates of whom the same is told have copies that differ in
nothing else, however much was sealed of either. No category, address, name or hash of an original is in it. Before a
byte is written, the last look (:func:`leaks`) decodes what was made and searches it for all of that.

It is made as HTML, text and PDF; no DOCX and no XLSX is made for whoever decides.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from osint import render
from osint.chain_of_custody.spellings import SHORTEST, Sought
from osint.errors import ExportError
from osint.report.page import page
from osint.report.pdf import Pages, pdf_is_installed
from osint.screening.protected import categories
from osint.screening.review import holds, unanswered

TOKEN = "[…]"  # noqa: S105 - no secret
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*\s*|[.!?\n]+\s*")
_TITLE = "Filtered copy"
_SUBJECT = "Background check"
_NOTES = (
    "Proposed by a machine, checked by the screener. Rules and people miss things; if this tells you something that "
    "it should not, tell the screener and do not use it.",
    "It holds what bears on the criteria written down before anybody was looked at. What does not is left out. Where "
    f"sentences are quoted, {TOKEN} stands around each, whether or not something stood there.",
    "The candidate may answer before a decision is taken.",
)


@dataclass(frozen=True, kw_only=True)
class Passage:
    """One item of a copy.

    Attributes:
        alias: Random letters by which to speak of it.
        criterion: What it bears on, in the words of the plan.
        paraphrase: What it says about that.
        excerpt: Sentences of its own; empty when none are quoted.
    """

    alias: str
    criterion: str
    paraphrase: str
    excerpt: str = ""


@dataclass(frozen=True, kw_only=True)
class FilteredCopy:
    """A copy for a decision maker.

    Attributes:
        requisition: Number of the requisition.
        candidate: The random name of the candidate in it.
        passages: What is told.
        response: What the candidate answered, in neutral words, or that they were asked and did not.
        made: The day; at what hour a copy was made could tell how long an item took.
    """

    requisition: str
    candidate: str
    passages: tuple[Passage, ...]
    response: str
    made: datetime

    def files(self) -> dict[str, bytes]:
        """Return it as HTML and text, and as PDF where the extra for that is installed."""
        made = {"copy.html": self._html(), "copy.txt": self._text().encode()}
        return made | ({"copy.pdf": self._pdf()} if pdf_is_installed() else {})

    @property
    def written(self) -> str:
        """What people wrote into it: paraphrases, what is quoted, the answer."""
        passages = (text for each in self.passages for text in (each.paraphrase, each.excerpt))
        return _one_line("\n".join([*passages, self.response]))

    @property
    def fixed(self) -> str:
        """What stands in every copy of the requisition whoever it is about: notes, criteria, markup."""
        words = (*_NOTES, "Requisition candidate Quoted Answer of", *(each.criterion for each in self.passages))
        return _one_line(page(_TITLE, "".join(map(render.paragraph, words))).decode())

    def _blocks(self) -> Iterator[tuple[str, Sequence[str]]]:
        yield f"Requisition {self.requisition}, candidate {self.candidate}", [str(self.made.date()), *_NOTES]
        for each in sorted(self.passages, key=lambda passage: passage.alias):
            quoted = [f"Quoted: {each.excerpt}"] if each.excerpt else []
            yield f"{each.alias}: {each.criterion}", [each.paraphrase, *quoted]
        yield "Answer of the candidate", [self.response]

    def _text(self) -> str:
        parts = ("\n\n".join([heading, *texts]) for heading, texts in self._blocks())
        return render.visible_lines("\n\n\n".join([_TITLE, *parts]) + "\n")

    def _html(self) -> bytes:
        body = "".join(
            render.section(heading) + "".join(map(render.paragraph, texts)) for heading, texts in self._blocks()
        )
        return page(_TITLE, body)

    def _pdf(self) -> bytes:
        pages = Pages(_TITLE, self.made, subject=_SUBJECT)
        for heading, texts in self._blocks():
            pages.heading(render.visible(heading))
            for text in texts:
                pages.paragraph(render.visible_lines(text))
        return pages.finish(())


def excerpt(text: str, removed: Collection[str], cleared: Collection[str] = ()) -> str:
    """Return a text without every sentence that holds what is removed, or that a machine proposes and nobody cleared.

    One token stands around every sentence that is left, so that neither length nor number nor place of what is gone
    tells anything, nor whether something is.
    """
    kept = [
        sentence.strip()
        for sentence in _SENTENCE.findall(text)
        if not any(stretch.casefold() in sentence.casefold() for stretch in removed)
        and not unanswered(sentence, "text", (), cleared)
    ]
    return " ".join([TOKEN, *(part for sentence in kept if sentence for part in (sentence, TOKEN))])


def sealed_words(removed: Iterable[str], identifying: Iterable[str], cleared: Collection[str]) -> list[str]:
    """Return what no copy may hold: what was removed, what leads to an original, and every category by name.

    Args:
        removed: Stretches that a screener removed.
        identifying: Names, handles, addresses, hashes and ids of what was captured.
        cleared: Words that the screener cleared; a category or a part of a name that is also one of these, such as a
            street race, passes. What was removed anywhere never does.
    """
    allowed = {each.casefold() for each in cleared}
    named = {name for each in categories() for name in (each.name, each.title)}
    kept = {each for each in (*identifying, *named) if each.casefold() not in allowed}
    return sorted({_one_line(each) for each in (*removed, *kept) if each and each.strip()})


def leaks(files: Mapping[str, bytes], sealed: Collection[str], copy: FilteredCopy) -> list[str]:
    """Return in which files something sealed stands, and how it is spelt there; never what.

    Searched are the words that somebody wrote into the copy, and the bytes as they are, with every escape undone. A PDF
    packs its words, in which a short one stands by chance; it is drawn from the lines of the text beside it, so that
    what stands in it stands there too.

    Args:
        files: What was made, by name.
        sealed: What none of it may hold.
        copy: What they were made of. A stretch that also stands in its fixed words, in its markup or in the plan's
            criteria, is looked for in the other words of it only.
    """
    found = ["the words: as a word"] if any(holds(copy.written, each) for each in sealed) else list[str]()
    sought = [each for each in sealed if not holds(copy.fixed, each)]
    long_enough = Sought([each for each in sought if SHORTEST * 2 <= len(each.encode("utf-8", "replace")) <= 4096])
    for name, data in files.items():
        shown = "" if data.startswith(b"%PDF") else _one_line(html.unescape(data.decode()))
        spelt = long_enough.spellings(data) if long_enough else []
        if spelt or any(holds(shown, each) for each in sought):
            found.append(f"{name}: {', '.join(spelt) or 'as a word'}")
    return found


def _one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def check_leaks(found: Sequence[str]) -> None:
    """Refuse a copy that holds something sealed.

    Raises:
        ExportError: It does; says where and not what.
    """
    if found:
        listed = "; ".join(found)
        raise ExportError(
            f"No copy was written: what was removed, or what leads to an original, stands in it ({listed}). It is not "
            "shown here. Word the paraphrases anew and confirm again."
        )
