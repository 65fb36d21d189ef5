"""The page that lies on top of a package: what each file is, and how to check it with what is on every desktop."""

from __future__ import annotations

from pathlib import Path

from osint.report.bag import DECLARATION, INFO, MANIFEST, PAYLOAD, TAG_MANIFEST

_WIDTH = 28
_ROOT = {
    MANIFEST: "the SHA-256 of every file below data/",
    TAG_MANIFEST: "the SHA-256 of every other file here, the list above included: keep its own SHA-256 apart",
    "verify_case.py": "checks everything by itself: one file, Python and openssl, nothing of what made this",
    "LEDGER_FORMAT.md": "every field of the ledger, and how it is checked with openssl, sha256sum and jq alone",
    DECLARATION: "says that this folder is a bag (BagIt 1.0, RFC 8493), a form that archives keep and check",
    INFO: "who made it and when, the name of the ledger, the number of bytes and files",
}
_PAYLOAD = {
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
Hand-over of case {name}
========================

{listed}

1. Did anything change since this package was made?

Linux, in this folder:

    sha256sum -c {manifest} {tag_manifest}

macOS: the same with   shasum -a 256 -c   in place of   sha256sum -c

Windows, in PowerShell, in this folder; it names each file that differs or is missing, and nothing else:

    Get-Content {manifest}, {tag_manifest} -Encoding UTF8 | ForEach-Object {{
      $sha256, $path = $_ -split '  ', 2
      if ((Get-FileHash -LiteralPath $path -Algorithm SHA256).Hash -ne $sha256) {{ "DIFFERS $path" }}
    }}

Then compare the SHA-256 of {tag_manifest} with the value that you were given on another way:

    sha256sum {tag_manifest}
    Get-FileHash {tag_manifest}

2. Is it what was recorded?
{own}
With the program that made it, FOLDER being this folder, and head.txt the head that was kept elsewhere:

    osint verify FOLDER
    osint verify FOLDER --kept-head head.txt

By hand, with openssl, sha256sum and jq: the recipe in LEDGER_FORMAT.md, run in {payload}/ of a copy.

What a check of the package alone does not show is whether the package itself was made from an unchanged case. Compare
the heads in it with one that was kept elsewhere: on paper, with a court, with a witness, in a mail.

Cells of the CSV files are exactly what was captured. Some begin with = + - or @: import them into a spreadsheet as
text, or it will take them for formulas.
"""
_OWN = """
With Python 3 and openssl, and no other program (read it first: it is one short file; take a copy that you trust):

    python3 -I verify_case.py .
"""


def readme(name: str, folder: Path) -> str:
    """Return the text of ``README.txt`` for a package that is otherwise complete; it lists what is there.

    Args:
        name: Name of the case.
        folder: The package.
    """
    root = {MANIFEST, TAG_MANIFEST, DECLARATION, INFO} | {path.name for path in folder.iterdir()}
    payload = folder / PAYLOAD
    lines = [
        *(_line(each, what) for each, what in _ROOT.items() if each in root),
        *(_line(f"{PAYLOAD}/{each}", what) for each, what in _PAYLOAD.items() if (payload / each).exists()),
        *(_line(f"{PAYLOAD}/{each}", what) for each, what in _PATTERNS.items() if any(payload.glob(each))),
    ]
    return _TEXT.format(
        name=name,
        listed="\n".join(lines),
        manifest=MANIFEST,
        tag_manifest=TAG_MANIFEST,
        payload=PAYLOAD,
        own=_OWN if "verify_case.py" in root else "",
    )


def _line(name: str, what: str) -> str:
    """Return a name and what it is, in two columns of 120 characters together."""
    words, lines = what.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > 120 - _WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(f"{name if not number else '':<{_WIDTH}}{line}" for number, line in enumerate(lines))
