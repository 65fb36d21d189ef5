"""The sealed queue: a violation is reported so that only the reviewing officer reads it, and nobody loses it unseen.

A queue is a folder that everybody may write to. Each report and each decision is a file of its own, ``000001.json`` and
so on, which names the SHA-256 of the file before; a file is made once and never written over. A report is encrypted to
the officer's public key with HPKE (RFC 9180, X25519, HKDF-SHA256, AES-256-GCM) and filled up to whole kibibytes, so
that neither its text nor its length nor who wrote it stands in clear. Whoever reports keeps the hash of the file.

The officer has an Ed25519 key that serves nothing else; it signs decisions, and its X25519 form (RFC 7748, section 4.1;
RFC 8032, section 5.1.5) opens reports. Both from one key: E. Thormarker, IACR ePrint 2021/509.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from osint.chain_of_custody.checkpoint import sign_note, verify_note
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.keys import FileSigner, VerifierKey, read_verifier_key
from osint.errors import AuthorizationError, CaseError, Finding, IntegrityError, LedgerError
from osint.instants import format_instant, parse_instant
from osint.oversight.report import OversightReport
from osint.oversight.unit import days
from osint.policy.pack import Pack
from osint.store.durable import link_once, sync

DECISIONS = ("opened", "upheld", "not-upheld")
"""What an officer says of a report: that it is being looked into, and how that ended."""

_REPORT, _DECISION = "osint-violation/v1", "osint-violation-decision/v1"
_FIRST = "0" * 64
_WHOLE = 1024
_FIELD = 2**255 - 19
_TRIES = 100


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One report as everybody sees it: sealed.

    Attributes:
        number: Its place in the queue, from 1.
        at: When it was made, by the clock of the reporter's machine.
        receipt: SHA-256 of its file.
        officer: Name of the key that opens it.
        decisions: What the officer said, with the time, the oldest first.
    """

    number: int
    at: datetime
    receipt: str
    officer: str
    decisions: tuple[tuple[datetime, str], ...]

    @property
    def state(self) -> str:
        """The last decision, or ``waiting``."""
        return self.decisions[-1][1] if self.decisions else "waiting"


def report_violation(queue: Path, officer: VerifierKey, text: str, *, at: datetime, **said: str) -> str:
    """Report a violation (General Order XLV, V.11); return the receipt.

    Args:
        queue: The folder of the queue, made where it is not there.
        officer: The key of the reviewing officer, who is neither the person reported nor under that person.
        text: What happened.
        at: The present instant.
        said: What else there is to say, such as ``about``, ``case``, ``reporter``. Nothing of it stands in clear.

    Raises:
        AuthorizationError: The text is empty.
        CaseError: The queue cannot be written. One that was tampered with can: nobody is to stop a report that way.
    """
    if not text.strip():
        raise AuthorizationError("Nothing was reported:", ["text is missing: what happened"])
    told = json.dumps({"text": text, **said}).encode()
    told += b" " * (-len(told) % _WHOLE)
    sealed = _suite().encrypt(told, _public(officer.public), info=_REPORT.encode())
    members = {"sealed": base64.b64encode(sealed).decode(), "officer": officer.name}
    return _append(queue, {"format": _REPORT, "at": format_instant(at), **members})


def open_violation(queue: Path, number: int, officer: FileSigner) -> dict[str, str]:
    """Return what a report says.

    Raises:
        CaseError: There is no such report.
        LedgerError: It is not sealed to this key, or was altered.
    """
    _, said = _report(queue, number)
    private = X25519PrivateKey.from_private_bytes(hashlib.sha512(officer.key.private_bytes_raw()).digest()[:32])
    try:
        told = _suite().decrypt(base64.b64decode(said["sealed"]), private, info=_REPORT.encode())
    except (InvalidTag, ValueError) as error:
        raise LedgerError(f"Report {number} is not sealed to this key, or was altered.") from error
    return {str(name): str(value) for name, value in json.loads(told).items()}


def decide(queue: Path, number: int, officer: FileSigner, *, name: str, decision: str, at: datetime) -> str:
    """Record what the officer says of a report, signed; return the hash of the file.

    Raises:
        AuthorizationError: The decision is none of :data:`DECISIONS`.
        CaseError: There is no such report, or the queue cannot be written.
        LedgerError: The report is not sealed to this key.
    """
    if decision not in DECISIONS:
        raise AuthorizationError("Nothing was recorded:", [f"decision is one of {', '.join(DECISIONS)}"])
    open_violation(queue, number, officer)
    receipt, _ = _report(queue, number)
    text = "".join(f"{line}\n" for line in (_DECISION, str(number), receipt, decision, format_instant(at)))
    return _append(queue, {"format": _DECISION, "at": format_instant(at), "note": sign_note(text, name, officer)})


def violations(queue: Path, officers: Sequence[VerifierKey], *, receipts: Sequence[str] = ()) -> list[Violation]:
    """Return every report of a queue with its decisions, after checking that nothing is missing or altered.

    Args:
        queue: The folder.
        officers: The keys whose decisions count.
        receipts: Receipts that have to be in it; only these show that the end was not cut off.

    Raises:
        IntegrityError: A file is missing or altered, a decision is signed by no officer, or a receipt is not in it.
    """
    lines = _lines(queue)
    missing = [receipt for receipt in receipts if receipt not in {digest for digest, _ in lines.values()}]
    if missing:
        raise _broken(f"{len(missing)} receipts are of no file in the queue; reports were removed")
    decided: dict[int, list[tuple[datetime, str]]] = {}
    for number, (_, said) in lines.items():
        if said["format"] == _DECISION:
            of, decision, at = _decision(number, said, lines, officers)
            decided.setdefault(of, []).append((at, decision))
    return [
        Violation(
            number=number,
            at=parse_instant(said["at"]),
            receipt=digest,
            officer=said["officer"],
            decisions=tuple(decided.get(number, ())),
        )
        for number, (digest, said) in lines.items()
        if said["format"] == _REPORT
    ]


def queue_report(found: Sequence[Violation], pack: Pack, now: datetime) -> OversightReport:
    """Report how long each report waited until an officer first looked at it, and which wait too long."""
    most = days(pack.number("oversight_review_days"))
    rows = [_row(each, most, now) for each in found]
    waits = [(each.decisions[0][0] - each.at).total_seconds() / 86400 for each in found if each.decisions]
    middle = f"{median(waits):.1f} days" if waits else "unknown, since none was opened"
    return OversightReport(
        title="Sealed queue",
        columns=("number", "received", "officer", "state", "days to first look", "overdue"),
        rows=rows,
        notes=(f"{len(found)} reports; median time to the first look: {middle}.",),
    )


def _row(violation: Violation, most: timedelta, now: datetime) -> tuple[object, ...]:
    looked = violation.decisions[0][0] if violation.decisions else None
    waited = ((looked or now) - violation.at) / days(1)
    overdue = "overdue" if looked is None and now - violation.at > most else ""
    return violation.number, f"{violation.at:%Y-%m-%d}", violation.officer, violation.state, round(waited, 1), overdue


def trust_officer(path: Path, key: str) -> VerifierKey:
    """Note the key of a reviewing officer, learnt on another way than the queue.

    Raises:
        LedgerError: It is none.
    """
    read = read_verifier_key(key.strip())
    known = officers(path)
    if read not in known:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{each}\n" for each in [*known, read]), encoding="utf-8", newline="\n")
    return read


def officers(path: Path) -> list[VerifierKey]:
    """Return the keys in a file of verifier keys, one to a line; none where it is not there.

    Raises:
        LedgerError: One is damaged.
    """
    lines = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
    return [read_verifier_key(line.strip()) for line in lines if line.strip()]


def _append(queue: Path, members: Mapping[str, Any]) -> str:
    """Write the next file of the queue, once; who was slower takes the next number."""
    try:
        queue.mkdir(parents=True, exist_ok=True)
        for _ in range(_TRIES):
            number, before = _end(queue)
            data = json.dumps({**members, "prev": before}, sort_keys=True).encode()
            if _written(data, _place(queue, number + 1)):
                return sha256(data)
    except OSError as error:
        raise CaseError(f"The queue {queue} cannot be written ({error.strerror}); nothing was reported.") from error
    raise CaseError(f"The queue {queue} is written to without a pause; nothing was reported. Try again.")


def _place(queue: Path, number: int) -> Path:
    return queue / f"{number:06d}.json"


def _end(queue: Path) -> tuple[int, str]:
    """Return the number of the last file of a queue, and its hash; whether the queue holds is for its readers."""
    numbers = [int(path.stem) for path in queue.glob("*.json") if path.stem.isdecimal()]
    last = max(numbers, default=0)
    return last, sha256(_place(queue, last).read_bytes()) if numbers else _FIRST


def _report(queue: Path, number: int) -> tuple[str, Mapping[str, Any]]:
    """Return the hash and the members of one report, whatever was done to the files beside it.

    Raises:
        CaseError: There is no such report.
    """
    try:
        data = _place(queue, number).read_bytes()
        said = json.loads(data)
        if said["format"] == _REPORT and isinstance(said["sealed"], str):
            return sha256(data), said
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CaseError(f"The queue holds no report {number} that can be read.") from error
    raise CaseError(f"The queue holds no report {number}.")


def _written(data: bytes, target: Path) -> bool:
    """Write a file whole, or not at all; return False where the name was taken meanwhile."""
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as stream:
            stream.write(data)
            stream.flush()
            sync(stream.fileno())
        link_once(part, target)
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    return True


def _lines(queue: Path) -> dict[int, tuple[str, Mapping[str, Any]]]:
    """Return the hash and the members of each file by its number, after checking that they are a chain."""
    found: dict[int, tuple[str, Mapping[str, Any]]] = {}
    before = _FIRST
    for number, path in enumerate(sorted(queue.glob("*.json")), start=1):
        data = path.read_bytes()
        try:
            said = json.loads(data)
            holds = said["prev"] == before and path.stem == f"{number:06d}"
            well_formed = {"at", "sealed" if said["format"] == _REPORT else "note"} <= said.keys()
        except (ValueError, LookupError, TypeError) as error:
            raise _broken(f"{path.name} is no file of a queue") from error
        if not holds or not well_formed:
            raise _broken(f"{path.name} does not follow from the file before it: one was altered, removed or put in")
        before = sha256(data)
        found[number] = before, said
    return found


def _decision(
    number: int, said: Mapping[str, Any], lines: Mapping[int, tuple[str, Any]], keys: Sequence[VerifierKey]
) -> tuple[int, str, datetime]:
    try:
        kind, of, receipt, decision, at = verify_note(said["note"], keys).text.removesuffix("\n").split("\n")
        when, fits = parse_instant(at), kind == _DECISION and decision in DECISIONS and lines[int(of)][0] == receipt
    except (LedgerError, ValueError, KeyError) as error:
        raise _broken(f"{number:06d}.json is no decision of a known officer: {error}") from error
    if not fits:
        raise _broken(f"{number:06d}.json is a decision that fits no report")
    return int(of), decision, when


def _broken(what: str) -> IntegrityError:
    return IntegrityError("The queue does not hold; nothing in it was believed.", [Finding(step=1, what=what)])


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _public(ed25519: bytes) -> X25519PublicKey:
    """Return the X25519 form of an Ed25519 public key: u = (1 + y) / (1 - y), RFC 7748, section 4.1."""
    y = int.from_bytes(ed25519, "little") & (2**255 - 1)
    u = (1 + y) * pow(1 - y, -1, _FIELD) % _FIELD
    return X25519PublicKey.from_public_bytes(u.to_bytes(32, "little"))
