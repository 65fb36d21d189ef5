"""The two pages that lie on top of a package: how to check it without what made it, and what each file is."""

from __future__ import annotations

import textwrap
from pathlib import Path

from osint import render
from osint.chain_of_custody.readable import Readable
from osint.report.bag import DECLARATION, INFO, MANIFEST, PAYLOAD, TAG_MANIFEST

README = "README_VERIFY.txt"
CONTENTS = "CONTENTS.txt"
INDEX = "index.html"

UNDER_CHECK = {
    "lists": f"sha256sum -c {MANIFEST} {TAG_MANIFEST}",
    "list": f"sha256sum {TAG_MANIFEST}",
    "ledger": "python3 -I verify_case.py .",
    "kept": "python3 -I verify_case.py . --kept-head ../head.txt --root ../authority.pem",
}
"""The four commands, by what they check."""

SHOWS = (
    "No file differs from the one that was listed, and none was added or taken away since.",
    "The ledger is whole and in order: no entry was changed, added or left out between two others, and each is signed "
    "with the key that it names.",
    "With a head that was kept elsewhere, or a time stamp: all of it up to there existed by then, as it is now.",
)
SHOWS_NOT = (
    "Who wrote a post, or whether it is true. An account is an account.",
    "Whether a page was complete. What was private, deleted or never asked for is absent.",
    "Whether the ledger holds everything that an officer saw. What was done outside left no trace.",
    "Without a head or a stamp from elsewhere: whether the package was made from an unchanged case.",
)

_WIDTH = 28
_PAGE = 100
_ROOT = {
    README: "how to check this folder without the program that made it: read it first",
    INDEX: "the same to look at, in any browser, with the network off",
    MANIFEST: "the SHA-256 of every file below data/",
    TAG_MANIFEST: "the SHA-256 of every other file here, the list above included: keep its own SHA-256 apart",
    "verify_case.py": "checks everything by itself: one file, Python and openssl, nothing of what made this",
    "LEDGER_FORMAT.md": "every field of the ledger, and how it is checked with openssl, sha256sum and jq alone",
    DECLARATION: "says that this folder is a bag (BagIt 1.0, RFC 8493), a form that archives keep and check",
    INFO: "who made it and when, the name of the ledger, the number of bytes and files",
}
_PAYLOAD = {
    "NATIVES": "what is produced, in its own form, named by its first number",
    "IMAGES": "the same as pictures of pages, each with its number",
    "TEXT": "the words of each document, UTF-8",
    "DATA": "load files for a review program: production.dat (Concordance, UTF-8), production.opt (Opticon), "
    "production.xml (EDRM XML)",
    "lists": "what was done, what is produced and what is not, and why, as tables",
    "certificates": "drafts, for somebody who knows the facts to complete and sign",
    "reader": "the pages that index.html leads to",
    "evidence": "the evidentiary copies, one exchange with one server each, as it went over the wire, or one page as a "
    "browser showed it (WARC 1.1); a file is named by the SHA-256 of its bytes",
    "redacted": "what stands for exhibits that may open an account or tell masked private facts, and are withheld: "
    "E0004.json names what was sealed, the places that were replaced and the hashes; E0004.har, .txt or the like is "
    "that without them",
    "ledger.jsonl": "the custody ledger, one signed entry a line: this is what is signed",
    "disclosures.jsonl": "the names, addresses and queries that belong to the entries, each bound to its entry by a "
    "hash. Personal data",
    "custody_log.html": "the ledger in words",
    "custody_log.pdf": "the same, for the paper file",
    "custody_log.csv": "the same, for a spreadsheet",
    "custody_log.jsonld": "the same, for other forensic programs (CASE/UCO 1.5)",
    "case_shapes.ttl": "the rules that custody_log.jsonld keeps: case_validate --ontology-graph data/case_shapes.ttl "
    "data/custody_log.jsonld",
    "head.html": "the newest head of the ledger on one page, to print and to keep",
    "report.html": "the case report",
    "tables": "posts, media with each of its values, and warnings, derived from the evidence",
    "charts": "link charts, derived from the evidence",
}
_PATTERNS = {
    "checkpoint-*.txt": "the signed heads of the ledger, the newest last; those with .cosigned carry the signatures of "
    "witnesses too",
    "checkpoint-*.tsr": "time stamps over the heads (RFC 3161), with the request (.tsq) and the certificates (.pem)",
    "renewal-*.txt": "what later time stamps cover, which renew the earlier ones before they age",
}

_TEXT = """\
How to check case {name} without the program that made this folder
{rule}
Copy the folder to a computer that never saw the case, and switch its network off. Open a terminal
in the copy and type the four commands. What follows => has to come out.{open}

1. Is each file the one that was listed?

    {lists}
{lists_out}

   macOS: shasum -a 256 -c in place of sha256sum -c. Windows, in PowerShell, and nothing comes out:

    Get-Content {manifest}, {tag_manifest} -Encoding UTF8 | ForEach-Object {{
      $sha256, $path = $_ -split '  ', 2
      if ((Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash -ne $sha256) {{ "DIFFERS $path" }}
    }}

2. Are the lists those that were handed over? Compare the 64 digits with those you were given on
   another way, in a letter or a mail (Windows: Get-FileHash {tag_manifest}).

    {list}
{list_out}

3. Is it what was recorded? Read verify_case.py first, or take a copy that you trust: it is one
   short file. It needs Python 3.8 and openssl 3; it names each key, then ends with:

    {ledger}
{ledger_out}

4. Is it what was recorded then? head.txt is a head kept elsewhere: on paper, with a court.
   authority.pem is a certificate from the time-stamping authority itself. Put both beside the copy,
   not into it: what no list names is a finding.{stamped}

    {kept}
{kept_out}

A pass shows:
{shows}
A pass does not show:
{shows_not}
Made with: {made_with}. Policy: {policy}.
Use tools of your own: bagit.py, any reader of WARC 1.1; openssl, sha256sum and jq by the
recipe in LEDGER_FORMAT.md, run in {payload}/. With the program that made it: osint verify FOLDER
Limits: instants are those of the recording computer's clock, except where a stamp bounds them. What
these checks leave out stands at the top of verify_case.py. Tables, charts, texts and pictures of
pages are derived from the evidence; how often that errs was not measured on this case, so compare.
Cells of data/tables are as captured. Some begin with = + - or @: import them as text, or a
spreadsheet takes them for formulas.
What each file is: {contents}. Questions: {contact}.
"""


def readme(name: str, folder: Path, ledger: Readable, contact: str) -> str:
    """Return the text of :data:`README`: one page, four commands and what each has to print.

    Args:
        name: Name of the case.
        folder: The package, otherwise complete but for its lists of hashes.
        ledger: The ledger as it lies in the package.
        contact: Whom to ask.
    """
    entries, policy, made_with = 0, "none is recorded", ""
    for entry in ledger.entries():
        entries, policy = entries + 1, str(entry.private.get("policy", policy))
        made_with = " ".join(map(str, entry.payload["instrument"].values()))
    stamped = bool(ledger.tokens())
    title = f"How to check case {name} without the program that made this folder"
    return _TEXT.format(
        **UNDER_CHECK,
        **{f"{check}_out": _marked(out) for check, out in comes_out(entries, stamped=stamped).items()},
        name=render.visible(name),
        rule="=" * len(render.visible(title)),
        open=" Then open index.html." if (folder / INDEX).exists() else "",
        manifest=MANIFEST,
        tag_manifest=TAG_MANIFEST,
        payload=PAYLOAD,
        stamped="" if stamped else " No stamp is held.",
        shows=_bullets(SHOWS),
        shows_not=_bullets(SHOWS_NOT),
        made_with=made_with,
        policy=render.visible(policy),
        contents=CONTENTS,
        contact=render.visible(contact),
    )


def comes_out(entries: int, *, stamped: bool) -> dict[str, str]:
    """Return what each of the four commands has to print in the end, by the names of :data:`UNDER_CHECK`.

    Args:
        entries: Entries of the ledger.
        stamped: Whether a time stamp is held.
    """
    return {
        "lists": "a line for each file, each ending in OK, and no WARNING after them",
        "list": "64 digits and the name of the file",
        "ledger": f"{entries} entries. No head compared. No time stamp proven.\nVerified",
        "kept": f"{entries} entries.{'' if stamped else ' No time stamp proven.'}\nVerified",
    }


def contents(folder: Path) -> str:
    """Return the text of :data:`CONTENTS` for a package that is otherwise complete; it lists what is there."""
    root = {MANIFEST, TAG_MANIFEST, DECLARATION, INFO, README} | {path.name for path in folder.iterdir()}
    payload = folder / PAYLOAD
    lines = [
        *(_line(each, what) for each, what in _ROOT.items() if each in root),
        *(_line(f"{PAYLOAD}/{each}", what) for each, what in _PAYLOAD.items() if (payload / each).exists()),
        *(_line(f"{PAYLOAD}/{each}", what) for each, what in _PATTERNS.items() if any(payload.glob(each))),
    ]
    return "\n".join(["What each file of this package is", "", *lines, ""])


def _marked(out: str) -> str:
    return "\n".join(f"    => {line}" for line in out.split("\n"))


def _bullets(sentences: tuple[str, ...]) -> str:
    return "\n".join(line for each in sentences for line in _filled(each, _PAGE, "- ", "  "))


def _line(name: str, what: str) -> str:
    """Return a name and what it is, in two columns of 120 characters together."""
    return "\n".join(_filled(what, 120, f"{name:<{_WIDTH}}", " " * _WIDTH))


def _filled(text: str, width: int, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
