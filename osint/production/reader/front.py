"""The first page: what this is, what is in it and what is not, and how to check it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from osint import render
from osint.instants import format_instant
from osint.production.plan import Document, Fate, Plan
from osint.production.reader.exhibits import to_exhibit
from osint.production.reader.frame import SEARCH, Cell, bullets, file_of, fold, link, table, to_file
from osint.production.reader.sight import Sight
from osint.report.readme import CONTENTS, README, SHOWS, SHOWS_NOT, UNDER_CHECK, comes_out

_LINKED = {".csv", ".pdf", ".txt", ".docx", ".html", ".dat", ".opt", ".xml", ".json", ".jsonl", ".jsonld"}
_FOLDERS = {
    "lists": "What was done, what is produced and what is not, and why",
    "certificates": "Drafts: somebody who knows the facts completes and signs them",
    "DATA": "Load files for a review program",
    "tables": "Tables of posts and files, as read from the evidence",
    ".": "The ledger and the case",
}
_NAMED = 100
_ASKED = {
    "lists": "1. Is each file the one that was listed?",
    "list": "2. Are the lists those that were handed over?",
    "ledger": "3. Is it what was recorded?",
    "kept": "4. Is it what was recorded then?",
}
_ABOUT = {
    "lists": f"Without sha256sum, the ways for macOS and Windows stand in {README}.",
    "list": "Compare the 64 digits with those that you were given on another way, in a letter or a mail.",
    "ledger": "Read verify_case.py first, or take a copy that you trust: it is one short file. It needs Python 3.8 and "
    "openssl 3.",
    "kept": "head.txt is a head kept elsewhere: on paper, with a court, with a witness. authority.pem is a "
    "certificate from the time-stamping authority itself. Put both beside the folder, not into it: what no list "
    "names is a finding.",
}


def front(sight: Sight, entries: int, stamped: bool, verdict: str, data: Path) -> str:
    """Return the body of the first page.

    Args:
        sight: What the pages are made from.
        entries: Entries of the ledger.
        stamped: Whether a time stamp is held.
        verdict: What verification said before the production was made.
        data: The payload, otherwise complete.
    """
    return (
        _what(sight)
        + counts(sight.plan)
        + _exculpatory(sight)
        + _ways()
        + _check(entries, stamped)
        + fold("What the program that made it said of the case before", render.paragraphs(verdict))
        + _earlier(sight.plan)
        + _files(data)
    )


def counts(plan: Plan) -> str:
    """Return how many items were ever stored, and what became of them."""
    fates = Counter(each.fate for each in plan.items)
    marked = sum(each.exculpatory == "yes" for each in plan.items)
    told = {
        "ever stored": len(plan.items), "produced": fates[Fate.PRODUCED], "withheld": fates[Fate.WITHHELD],
        "sealed": fates[Fate.SEALED], "purged": fates[Fate.PURGED], "marked as exculpatory": marked,
        "not reviewed for that": len(plan.unreviewed),
    }  # fmt: skip
    shown = "".join(f"<li><b>{number:,}</b>{render.escape(what)}</li>" for what, number in told.items())
    parts = " + ".join(f"{told[name]:,}" for name in ("produced", "withheld", "sealed", "purged"))
    known = plan.release.unreviewed_acknowledged_by
    said = f" Acknowledged by {known}." if plan.unreviewed and known else ""
    return (
        f'<ul class="counts">{shown}</ul>'
        + render.paragraph(
            f"{len(plan.items):,} items were ever stored in this case: {parts} (produced, withheld, sealed, purged)."
        )
        + render.paragraph(f"Not yet reviewed for exculpatory value: {len(plan.unreviewed):,}.{said}")
    )


def _what(sight: Sight) -> str:
    plan, release = sight.plan, sight.plan.release
    last = max((each.end for each in _documents(sight)), default=None)
    numbered = f"numbers {plan.label(plan.first)} to {plan.label(last)}" if last is not None else "no numbers"
    return "".join(
        map(
            render.paragraph,
            [
                f"For {plan.to}; {numbered}. Made {format_instant(plan.made)} by {plan.investigator}, decided by "
                f"{release.decided_by} under {release.authority}.",
                "These pages show what lies in this folder. They load nothing from a network and change nothing; the "
                "files beside them are what counts. Pictures, films and sounds stay hidden until you ask for each. "
                "What other people wrote is shown as text, never run.",
            ],
        )
    )


def _ways() -> str:
    """Return where to begin, in sentences."""
    ways = (
        (
            file_of("list", 1),
            "Exhibits",
            "every item ever stored, with its numbers and its fate; each leads to its files, posts and custody",
        ),
        (file_of("withheld", 1), "Not produced", "what is withheld, sealed or purged, with the ground for it"),
        (
            file_of("log", 1),
            "Search log",
            "every entry of the ledger, in order: what was searched, captured, marked, handed out",
        ),
        (file_of("without", 1), "Nil, failed, refused", "searches that found nothing, did not work, or were refused"),
        (
            SEARCH,
            "Search",
            "words, handles, numbers, hashes and addresses; the one page with a script, which asks nobody",
        ),
        (f"../../{CONTENTS}", CONTENTS, "what each file of this folder is"),
    )
    shown = "".join(f"<li>{link(to, words, at_top=True)}: {render.escape(what)}</li>" for to, words, what in ways)
    return f'<h2>Where to begin</h2><ul class="ways">{shown}</ul>'


def _documents(sight: Sight) -> Iterator[Document]:
    return (each for held in sight.documents.values() for each in held)


def _exculpatory(sight: Sight) -> str:
    marked = [each for each in sight.plan.items if each.exculpatory == "yes"]
    named = ", ".join(to_exhibit(sight, each.exhibit, at_top=True).markup for each in marked[:_NAMED])
    more = f" and {len(marked) - _NAMED:,} more, which the list of exhibits names" if len(marked) > _NAMED else ""
    return f"<p>Marked as exculpatory: {len(marked):,}{': ' if marked else '.'}{named}{more}</p>"


def _check(entries: int, stamped: bool) -> str:
    """Return the four commands, what each has to print, and what a pass shows and does not show."""
    expected = comes_out(entries, stamped=stamped)
    steps = "".join(
        f"<h3>{render.escape(_ASKED[name])}</h3><pre>{render.escape(command)}</pre>"
        f"<p>{render.escape(_ABOUT[name])} What has to come out:</p><pre>{render.escape_lines(expected[name])}</pre>"
        for name, command in UNDER_CHECK.items()
    )
    return (
        render.section("Check it without the program that made it")
        + "<p>Copy this folder to a computer that never saw the case, switch its network off, open a terminal in the "
        f"copy, and type four commands. The same, on one page to print: {_top(README)}.</p>{steps}"
        "<p>With the program that made it: osint verify FOLDER. That checks besides that every item ever stored and "
        "every entry is accounted for.</p>"
        f"<h3>A pass shows</h3>{bullets(SHOWS)}<h3>A pass does not show</h3>{bullets(SHOWS_NOT)}"
    )


def _earlier(plan: Plan) -> str:
    rows = [
        (
            each.number, format_instant(each.made), each.to,
            f"{each.numbers.label(each.first)} – {each.numbers.label(each.last)}" if each.last >= each.first else "",
            "finished" if each.done else "not finished; nobody received it", each.package,
        )
        for each in plan.earlier
    ]  # fmt: skip
    headings = ("Production", "Made (UTC)", "For", "Numbers", "State", "SHA-256 of its last list")
    shown = table("Productions before this one", headings, rows)
    return render.section("Productions of this case before this one") + shown if rows else ""


def _files(data: Path) -> str:
    """Return what lies in the folders that a person reads, a row for each document with all its forms."""
    shown = ""
    for folder, title in _FOLDERS.items():
        forms: dict[str, list[Path]] = defaultdict(list)
        for path in sorted((data / folder).glob("*")):
            if path.suffix in _LINKED and not path.name.startswith("checkpoint-"):
                forms[path.stem].append(path)
        rows = ((stem, Cell(", ".join(_form(path, data) for path in paths))) for stem, paths in forms.items())
        shown += f"<h3>{render.escape(title)}</h3>{table(title, ('Name', 'Forms'), rows)}" if forms else ""
    return render.section("Lists, drafts and tables") + shown


def _form(path: Path, data: Path) -> str:
    named = link(to_file(path.relative_to(data).as_posix()), path.suffix.removeprefix(".").upper(), at_top=True)
    return f"{named} ({path.stat().st_size:,} bytes)"


def _top(name: str) -> str:
    return link(f"../../{name}", name, at_top=True)
