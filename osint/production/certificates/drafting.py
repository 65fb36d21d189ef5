"""What a draft says: the law it is drafted for, the facts of the record, and blanks for what only the declarant knows.

Nothing here certifies. Qualification, personal knowledge and signature are never filled in; the words of a declaration
or an oath are counsel's. DRAFT stands on every page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from osint.capture.clock_offset import in_words
from osint.chain_of_custody.digests import sha256
from osint.instants import format_instant
from osint.production.certificates.kinds import Kind
from osint.production.certificates.records import Basis
from osint.production.lists.material import NOT_RECORDED
from osint.production.lists.validation import source_sha256, wheel_sha256
from osint.report.csv_tables import Sheet
from osint.report.document import Block, Document, Heading, Table, Words, table

INLINE = 200
"""So many records stand in the draft itself; of more there is the list beside it."""
_PROCESS = (
    "Before anything is asked, the gate compares what is asked with the recorded authority and writes its decision, "
    "a refusal too, as an entry of the ledger.",
    "The program asks the address as anybody who is not signed in: no account, no cookies. It connects to one vetted "
    "address, and keeps the bytes sent and received, the answers of the name service, the peer and its certificates.",
    "The exchange is written into one file (WARC 1.1). The SHA-256 of that file is computed, and it is stored under it "
    "where nothing is written twice.",
    "An entry with that hash, the times and the environment is signed with the key of the person at the workstation, "
    "and holds the hash of the entry before it.",
    "Only then are the bytes read. Tables and charts are derived from them and can be made again.",
)
_COPYING = (
    "When it was taken in, the SHA-256 of the file was computed and written into an entry of the ledger, signed with "
    "the key of the person at the workstation.",
    "For this draft the SHA-256 of the copy that is held was computed anew, and compared with the one in that entry.",
    "A package holds that file byte for byte, and its list of hashes (manifest-sha256.txt) names the same value.",
)
_CERTIFIES_NOTHING = (
    "This draft was filled in from the records of the case. It certifies nothing. Whoever signs reads it first, states "
    "how they are qualified and what they know themselves, and strikes what they cannot say."
)
_BLANK = ("Qualification of the declarant", "Personal knowledge of the declarant", "Title and office", "Place", "Date",
          "Signature")  # fmt: skip
_LINE = "_" * 48


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a person states for a draft.

    Attributes:
        declarant: Who is to sign, by name and badge.
        exhibits: What it is about.
        trial: The day on which the trial begins; None where it is not stated.
        to: Whom a notice is for.
        court: Court and number of the matter; a blank where it is not stated.
    """

    declarant: str
    exhibits: Sequence[str]
    trial: date | None = None
    to: str = ""
    court: str = ""


@dataclass(frozen=True)
class Listed:
    """The list of the records, with name and content of the file that holds it beside the draft."""

    sheet: Sheet
    file: str
    content: bytes


def document(kind: Kind, basis: Basis, asked: Asked, records: Listed) -> Document:
    """Return a draft of a kind, from what a person stated and what the record bears."""
    made = basis.dossier.made
    cover = [table(_head(basis, asked)), *map(Words, basis.pack.words(kind.value))]
    blocks = [*_body(kind, basis, asked), *_records(records), *_end(kind, basis)]
    return Document(title=f"DRAFT. {kind.title}", made=made, cover=cover, blocks=blocks, band="DRAFT")


def service_day(basis: Basis, trial: date) -> date:
    """Return the last day on which an affidavit is served in time, by the days that the policy names."""
    return trial - timedelta(days=basis.pack.number("affidavit_service_days"))


def _head(basis: Basis, asked: Asked) -> list[tuple[str, str]]:
    told = [("Court and number", asked.court or _LINE), ("Case of the agency", basis.dossier.name)]
    told += [("To", asked.to)] if asked.to else []
    records = f"{len(asked.exhibits):,}" if asked.exhibits else "the custody log"
    made = format_instant(basis.dossier.made.replace(microsecond=0))
    return [*told, ("Declarant", asked.declarant), ("Records", records), ("Drafted", made)]


def _body(kind: Kind, basis: Basis, asked: Asked) -> Iterator[Block]:
    match kind.about:
        case "process":
            yield from _of_the_process(basis, asked)
        case "copy":
            yield Heading("How the copies were made")
            yield _numbered(_COPYING)
            yield table([("Algorithm", "SHA-256"), ("Tool", _tools(basis, asked))])
        case "own":
            yield from _of_own_records(kind, basis, asked)
        case _:
            yield Heading("What will be offered")
            yield Words(
                "The records listed below, by certification of the declarant. Records and certification are available "
                "for inspection; a copy goes with this notice."
            )
            yield table([(name, _LINE) for name in ("Where they can be inspected", "From when on", "Contact")])


def _of_the_process(basis: Basis, asked: Asked) -> Iterator[Block]:
    yield Heading("The system")
    yield table(_system(basis, asked))
    yield Heading("What it does")
    yield _numbered(_PROCESS)
    yield Heading("What is known of its accuracy")
    yield table(
        [
            ("Verification of this case", str(basis.dossier.verified).split("\n")[0]),
            ("Results of tests of this wheel", NOT_RECORDED),
            ("Error rate", NOT_RECORDED),
            ("Steps that failed or found nothing", str(_count(basis, ("failed", "nil")))),
            ("Warnings on these records", str(_warnings(basis, asked))),
        ]
    )
    yield Heading("The clock of the machine")
    yield from map(Words, _clocks(basis, asked) or [NOT_RECORDED])


def _of_own_records(kind: Kind, basis: Basis, asked: Asked) -> Iterator[Block]:
    verified = basis.dossier.verified
    yield Heading("The records")
    yield Words(
        "The custody log that the agency keeps of this case: each entry was written by the program at the time of the "
        "step, in the regular course of the agency's work. The declarant says whether that is so."
    )
    yield table(
        [("Ledger", verified.origin), ("Entries", f"{verified.entries:,}"), ("Root over all entries", verified.root)]
    )
    if not kind.served:
        return
    number = basis.pack.values["affidavit_service_days"]
    days = f"{number.value} days before the trial begins"
    yield Heading("Service")
    if asked.trial is None:
        yield Words(f"The records and this affidavit are to be served at least {days}. The day of the trial: {_LINE}")
    else:
        last = service_day(basis, asked.trial)
        over = "; that day is over" if last < basis.dossier.made.date() else ""
        yield table([("The trial begins", str(asked.trial)), ("To be served at the latest on", f"{last}{over}")])
        yield Words(f"At least {days}; counsel counts anew for the court that hears the matter.")
    yield Words(_source(basis, "affidavit_service_days"))


def _records(records: Listed) -> Iterator[Block]:
    rows = list(records.sheet.rows)
    if not rows:
        return
    yield Heading("List of the records")
    told = {"File": records.file, "SHA-256 of the file": sha256(records.content), "Records": f"{len(rows):,}"}
    yield table(told.items())
    if len(rows) <= INLINE:
        yield table([(row[0], row[1], row[2], row[4], row[5]) for row in rows],
                    ("exhibit", "number", "SHA-256, when taken in and now", "match", "entry"))  # fmt: skip


def _end(kind: Kind, basis: Basis) -> Iterator[Block]:
    yield Words(_CERTIFIES_NOTHING)
    yield table([(name, _LINE) for name in _BLANK])
    yield Words(_source(basis, kind.value))


def _source(basis: Basis, name: str) -> str:
    value, pack = basis.pack.values[name], basis.pack
    standing = value.standing(basis.dossier.made.date(), pack.number("verified_months"))
    return f"{value.citation} [{standing}] ({pack.name} {pack.version})"


def _system(basis: Basis, asked: Asked) -> list[tuple[str, str]]:
    different = dict.fromkeys(basis.taken[each].environment for each in asked.exhibits)
    environments = [json.loads(each) for each in different]
    told = {name: "; ".join(dict.fromkeys(str(each.get(name, NOT_RECORDED)) for each in environments))
            for name in ("platform", "python", "network")}  # fmt: skip
    return [
        ("Program, as the entries state it", _tools(basis, asked)),
        ("SHA-256 of the wheel installed now", wheel_sha256()),
        ("SHA-256 of the package installed now", source_sha256()),
        ("Commit", NOT_RECORDED),
        ("Operating system", told["platform"]),
        ("Python", told["python"]),
        ("Way to the network", told["network"]),
    ]


def _tools(basis: Basis, asked: Asked) -> str:
    return "; ".join(dict.fromkeys(basis.taken[each].tool for each in asked.exhibits)) or NOT_RECORDED


def _clocks(basis: Basis, asked: Asked) -> list[str]:
    """Return in words what the runs that took the records in said of the clock, each once."""
    runs = {ref for each in asked.exhibits for ref in basis.taken[each].refs}
    said = (each for each in basis.ledger.entries() if "clock_offset" in each.private)
    return list(dict.fromkeys(in_words(each.private["clock_offset"]) for each in said if runs.intersection(each.refs)))


def _count(basis: Basis, outcomes: Sequence[str]) -> int:
    return sum(each.outcome in outcomes for each in basis.ledger.entries())


def _warnings(basis: Basis, asked: Asked) -> int:
    return int(basis.dossier.tables["warnings"]["exhibit"].isin(asked.exhibits).sum())


def _numbered(lines: Sequence[str]) -> Table:
    return Table([(str(number), line) for number, line in enumerate(lines, 1)])
