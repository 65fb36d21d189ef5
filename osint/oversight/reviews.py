"""Reviews: what a supervisor found in a step that was drawn, as a file that the supervisor signs.

A review is a signed note (C2SP, as checkpoints are). Its lines: ``osint-review/v1``, origin of the ledger, number and
leaf hash of the entry, outcome, time, remark.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from osint.chain_of_custody.checkpoint import sign_note, verify_note
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.keys import Signer, VerifierKey, public_point
from osint.chain_of_custody.registry import PEOPLE
from osint.errors import AuthorizationError, CaseError, LedgerError
from osint.instants import format_instant, parse_instant
from osint.oversight.report import OversightReport
from osint.oversight.sample import Drawn, Sample
from osint.oversight.unit import Act, Unit, days
from osint.policy.pack import Pack

OUTCOMES: Mapping[str, str] = {
    "no-remark": "purpose and step fit, nothing to add",
    "question": "something is to be asked; the remark says what",
    "reported": "handed on through the sealed queue",
}
_FORMAT = "osint-review/v1"


@dataclass(frozen=True, kw_only=True)
class Review:
    """One review that was read and whose signature holds.

    Attributes:
        leaf: Leaf hash of the entry that was reviewed, hex.
        outcome: One of :data:`OUTCOMES`.
        at: When, by the clock of the reviewer's machine.
        reviewer: Name of the key that signed.
        keyid: Fingerprint of that key.
        remark: What the reviewer wrote.
    """

    leaf: str
    outcome: str
    at: datetime
    reviewer: str
    keyid: str
    remark: str


def write_review(
    folder: Path, unit: Unit, act: Act, reviewer: Signer, *, name: str, outcome: str, remark: str, at: datetime
) -> Path:
    """Sign a review and write it; return its file.

    Args:
        folder: Where reviews are kept.
        unit: The cases.
        act: The step that was reviewed.
        reviewer: The reviewer's key, Ed25519.
        name: Name of that key, without spaces: ``sgt.klein.westmere.example``.
        outcome: One of :data:`OUTCOMES`.
        remark: What there is to say, in one line; not empty where the outcome is a question.
        at: The present instant.

    Raises:
        AuthorizationError: The reviewer took part in the step, or something is missing.
        CaseError: This key reviewed the step already, or the file cannot be written.
        LedgerError: The name cannot name a key, or the key signs no notes.
    """
    grounds = [*_taken_part(unit, act, reviewer.keyid), *_stated(outcome, remark)]
    if grounds:
        raise AuthorizationError("This review was not written:", grounds)
    if reviewer.algorithm != "ed25519":
        raise LedgerError("A key behind an SSH agent signs no notes. Review with a key in a file.")
    origin, leaf = act.entry.payload["ledger"], act.entry.leaf.hex()
    lines = (_FORMAT, origin, str(act.entry.seq), leaf, outcome, format_instant(at), " ".join(remark.split()) or "-")
    note = sign_note("".join(f"{line}\n" for line in lines), name, reviewer)
    path = folder / f"{leaf[:16]}-{reviewer.keyid[:16]}.note"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(note)
    except FileExistsError as error:
        raise CaseError(f"{path} is there already; a review is not written over.") from error
    except OSError as error:
        raise CaseError(f"{path} cannot be written ({error.strerror}).") from error
    return path


def read_reviews(folder: Path, keys: Iterable[VerifierKey]) -> list[Review]:
    """Read every review in a folder.

    Raises:
        LedgerError: One is damaged, or none of these keys signed it; names the file.
    """
    known = list(keys)
    return [_read(path, known) for path in sorted(folder.glob("*.note"))]


def review_report(unit: Unit, sample: Sample, reviews: Sequence[Review], pack: Pack, now: datetime) -> OversightReport:
    """Report which drawn steps were reviewed, by whom, and which reviews are overdue."""
    due = sample.period.until + days(pack.number("oversight_review_days"))
    valid = counted(unit, sample, reviews)
    rows = [_row(each, valid.get(each.act.entry.leaf.hex()), due, now) for each in sample.drawn]
    left_out = len(reviews) - len(valid)
    states = [str(row[3]) for row in rows]
    overdue = states.count("overdue")
    return OversightReport(
        title=f"Reviews, {sample.period}",
        columns=("entry", "level", "why", "state", "reviewer", "outcome", "at"),
        rows=rows,
        notes=(
            f"{states.count('reviewed')} of {len(rows)} reviewed, {overdue} overdue; due by {due.date()}.",
            *([f"{left_out} reviews do not count: of other steps, twice, or by who took part."] if left_out else []),
        ),
    )


def counted(unit: Unit, sample: Sample, reviews: Iterable[Review]) -> Mapping[str, Review]:
    """Return the reviews that count, by leaf: the first of each drawn step by somebody who took no part in it."""
    drawn = {each.act.entry.leaf.hex(): each.act for each in sample.drawn}
    found: dict[str, Review] = {}
    for review in sorted(reviews, key=lambda each: each.at):
        act = drawn.get(review.leaf)
        if act and not _taken_part(unit, act, review.keyid):
            found.setdefault(review.leaf, review)
    return found


def _row(drawn: Drawn, review: Review | None, due: datetime, now: datetime) -> tuple[object, ...]:
    state = "reviewed" if review else "overdue" if now > due else "open"
    said = (review.reviewer, review.outcome, f"{review.at:%Y-%m-%d}") if review else (None, None, None)
    return drawn.act.ref, drawn.level, drawn.why, state, *said


def _taken_part(unit: Unit, act: Act, keyid: str) -> list[str]:
    """Return a ground where a key, in either spelling, is that of whoever took the step or recorded its authority."""
    case = unit.by_name[act.case]
    behind = next((entry for entry in case.entries if entry.leaf.hex() == act.entry.authorization), act.entry)
    points = _points(case.entries)
    acting = {act.entry.performer, behind.performer}
    own = points.get(keyid, keyid)
    same = own in {points.get(key, key) for key in acting} or unit.name_of(keyid) in map(unit.name_of, acting)
    return ["the reviewer took part in this step: whoever acts, or recorded its authority, does not review it"] * same


def _points(entries: Iterable[Entry]) -> Mapping[str, str]:
    """Return the fingerprint of the plain Ed25519 key behind each key of a person, by fingerprint."""
    made = [item for entry in entries for item in entry.object if item.get("public") and item.get("role") in PEOPLE]
    return {
        str(item["key"]): sha256(public_point(base64.b64decode(item["public"]), item.get("algorithm", "ed25519")))
        for item in made
    }


def _stated(outcome: str, remark: str) -> list[str]:
    grounds = [] if outcome in OUTCOMES else [f"outcome {outcome!r} is not one of {', '.join(OUTCOMES)}"]
    return grounds + (
        ["remark is missing: what is to be asked"] if outcome == "question" and not remark.strip() else []
    )


def _read(path: Path, keys: Sequence[VerifierKey]) -> Review:
    try:
        taken = verify_note(path.read_text(encoding="utf-8"), keys)
        kind, _, _, leaf, outcome, at, remark = taken.text.removesuffix("\n").split("\n")
        known = {(key.name, key.note_hash): key for key in keys}
        key = next(known[line.name, line.key_hash] for line in taken.signatures if (line.name, line.key_hash) in known)
        when = parse_instant(at)
    except (LedgerError, ValueError, OSError) as error:
        raise LedgerError(f"{path.name} is no review that a known reviewer signed: {error}") from error
    if kind != _FORMAT or outcome not in OUTCOMES:
        raise LedgerError(f"{path.name} is signed by a known reviewer and is no review.")
    return Review(leaf=leaf, outcome=outcome, at=when, reviewer=key.name, keyid=sha256(key.public), remark=remark)
