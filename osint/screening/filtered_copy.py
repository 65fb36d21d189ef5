"""What a decision maker receives of a candidate: what is related to the job, in neutral words, and nothing behind it.

Protected information is removed and nothing is laid over it. Where sentences are quoted, each that held some is gone
whole, and one token of fixed width stands for any number of them. No count, no category, no address, no name and no
hash of an original is in it; items stand in an order that says nothing. Before a byte is written, the last look
(:func:`leaks`) decodes what was made and searches it for all of that.
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

TOKEN = "[removed]"  # noqa: S105 - no secret
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*\s*|[.!?\n]+\s*")
_TITLE = "Filtered copy"
_NOTES = (
    "Proposed by a machine, checked by the screener. Rules and people miss things; if this tells you something that "
    "it should not, tell the screener and do not use it.",
    "It holds what bears on the criteria written down before anybody was looked at. What does not is left out.",
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
        made: When.
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
        pages = Pages(_TITLE, self.made)
        for heading, texts in self._blocks():
            pages.heading(render.visible(heading))
            for text in texts:
                pages.paragraph(render.visible_lines(text))
        return pages.finish(())


def excerpt(text: str, removed: Collection[str], cleared: Collection[str] = ()) -> str:
    """Return a text without every sentence that holds what is removed, or that a machine proposes and nobody cleared.

    A run of such sentences leaves one token of fixed width, so that neither its length nor its number tells anything.
    """
    kept = list[str]()
    for sentence in _SENTENCE.findall(text):
        held = any(stretch.casefold() in sentence.casefold() for stretch in removed)
        if not (held or unanswered(sentence, "text", (), cleared)):
            kept.append(sentence.strip())
        elif kept[-1:] != [TOKEN]:
            kept.append(TOKEN)
    return " ".join(filter(None, kept))


def sealed_words(removed: Iterable[str], identifying: Iterable[str], cleared: Collection[str]) -> list[str]:
    """Return what no copy may hold: what was removed, what leads to an original, and every category by name.

    Args:
        removed: Stretches that a screener removed.
        identifying: Names, handles, addresses, hashes and ids of what was captured.
        cleared: Words that the screener cleared; a category that is also one of these, such as a street race, passes.
    """
    allowed = {each.casefold() for each in cleared}
    named = {name for each in categories() for name in (each.name, each.title)}
    return sorted({each.strip() for each in (*removed, *identifying, *named) if each and each.strip()} - allowed)


def leaks(files: Mapping[str, bytes], sealed: Collection[str], own: str) -> list[str]:
    """Return in which files something sealed stands, and how it is spelt there; never what.

    Searched are the bytes as they are, with every escape undone. A PDF packs its words; it is drawn from the lines of
    the text beside it, so that what stands in it stands there too.

    Args:
        files: What was made, by name.
        sealed: What none of it may hold.
        own: The fixed words of a copy, in which a short stretch may stand by chance.
    """
    sought = [each for each in sealed if not holds(own, each)]
    long_enough = Sought([each for each in sought if SHORTEST * 2 <= len(each.encode("utf-8", "replace")) <= 4096])
    found = list[str]()
    for name, data in files.items():
        shown = unicodedata.normalize("NFC", html.unescape(data.decode("utf-8", "replace")))
        spelt = long_enough.spellings(data) if long_enough else []
        if spelt or any(holds(shown, each) for each in sought):
            found.append(f"{name}: {', '.join(spelt) or 'as a word'}")
    return found


def fixed_words() -> str:
    """Return what stands in every copy whoever it is about, markup included."""
    return page(_TITLE, "".join(map(render.paragraph, (*_NOTES, "Requisition candidate Quoted Answer of")))).decode()


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
