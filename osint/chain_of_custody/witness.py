"""Asking a witness, over the network or by stick. What else concerns witnesses is named here too.

A witness keeps, for each ledger enrolled with it, the largest head it has cosigned. It cosigns another head only after
the ledger showed that this one continues the one kept, and writes it down before it answers. So whoever restores an old
copy, cuts the tail or shows two parties two histories is found out by the next request.

A ledger that is restored goes on under a new origin; the witness enrolls that origin like any other.

Sources: https://c2sp.org/tlog-witness@v1.0.0, https://c2sp.org/tlog-cosignature.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from osint.chain_of_custody.checkpoint import parse, read_note
from osint.chain_of_custody.cosignature import (
    Cosignature,
    WitnessKey,
    bad_cosignature,
    check_cosignature,
    cosign,
    is_by,
    read_checkpoint,
    read_cosignature,
    read_witness_key,
)
from osint.chain_of_custody.exchange import Answer, Exchange
from osint.chain_of_custody.witness_memory import Witness
from osint.chain_of_custody.witness_policy import WitnessPolicy
from osint.chain_of_custody.witness_request import LARGEST_REQUEST, Request, read_request, request_body
from osint.errors import CaptureError, LedgerError, WitnessError
from osint.instants import now
from osint.store.durable import sync

__all__ = [
    "LARGEST_REQUEST",
    "Consistency",
    "Cosignature",
    "Request",
    "Witness",
    "WitnessKey",
    "WitnessPolicy",
    "answer_file",
    "ask",
    "check_cosignature",
    "cosign",
    "kept_size",
    "read_request",
    "read_witness_key",
    "request_body",
    "take_cosignature",
    "take_file",
    "write_request",
]

Consistency = Callable[[int, int], Sequence[bytes]]
"""The consistency path between two sizes of a ledger; a ``LedgerError`` for a size that it has not reached."""

TOLERANCE = timedelta(minutes=5)
_MEDIA_TYPE = "text/plain; charset=utf-8"
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,15})\n\Z")


def ask(  # noqa: PLR0917 - the order of a request
    note: str,
    old_size: int,
    consistency: Consistency,
    url: str,
    key: WitnessKey,
    exchange: Exchange,
    *,
    clock: Callable[[], datetime] = now,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """Have a witness cosign a checkpoint; repair a lost answer of an earlier request by the way.

    Args:
        note: The newest checkpoint of the ledger, signed by its log key.
        old_size: Size of the head that this witness cosigned last, as far as is known here; 0 for none.
        consistency: Gives the consistency path between two sizes of the ledger.
        url: Submission prefix of the witness, such as ``https://witness.example/``.
        key: The witness's key, pinned here.
        exchange: How the network is reached.
        clock: Present instant, with its zone.
        tolerance: How far the clock of the witness may be ahead.

    Returns:
        The cosignature line, checked, without its line end.

    Raises:
        LedgerError: The note is no checkpoint, or ``old_size`` is larger than it.
        WitnessError: There is no cosignature. ``reason``: ``no-answer``; ``refused``; ``unknown-log``;
            ``bad-cosignature``; ``stale`` (the witness has a later head of this ledger: submit the newest);
            ``rollback`` (it has seen entries that this copy of the ledger does not hold); ``fork`` (it has seen
            another history). A status is not signed: before acting on the last two, see the heads that the witness
            kept, which the log signed.
    """
    size = parse(note).size
    for _ in range(2):
        answer = _post(url, _request(note, old_size, consistency), key, exchange)
        if answer.status == 200:
            return take_cosignature(answer.body, note, key, clock=clock, tolerance=tolerance)
        theirs = _conflict(answer, old_size, size, key)
        if theirs > size:
            raise _behind(size, theirs, consistency, key)
        old_size = theirs
    raise WitnessError(
        f"{key.name} went on to {theirs} entries of this ledger while it was asked; someone else submits heads too. "
        "The checkpoint stays without this cosignature; ask again.",
        "stale",
    )


def take_cosignature(
    body: bytes,
    note: str,
    key: WitnessKey,
    *,
    clock: Callable[[], datetime] = now,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """Return the cosignature of a pinned witness from its answer; lines of unknown keys are passed over.

    Args:
        body: The answer: signature lines and nothing else.
        note: The checkpoint that was submitted.
        key: The witness's key, pinned here.
        clock: Present instant, with its zone.
        tolerance: How far the clock of the witness may be ahead.

    Raises:
        WitnessError: It holds none that can be relied on; reason ``bad-cosignature``.
    """
    text = read_checkpoint(note).text
    if len(body) > LARGEST_REQUEST:
        raise bad_cosignature(key, f"has {len(body)} bytes")
    try:
        taken = read_note(f"{text}\n{body.decode('utf-8')}")
    except (UnicodeDecodeError, LedgerError) as error:
        raise bad_cosignature(key, "is no list of signature lines") from error
    if taken.text != text:
        raise bad_cosignature(key, "is no list of signature lines")
    ours = [signature for signature in taken.signatures if is_by(signature, key)]
    if not ours:
        raise bad_cosignature(key, "was made by another key")
    ahead = max(read_cosignature(text, signature, key).time for signature in ours) - clock()
    if ahead > tolerance:
        raise WitnessError(
            f"{key.name} dates its cosignature {ahead} ahead of this machine's clock: one of the two clocks is wrong. "
            "It was not kept; set this clock right, or have the witness set its own, and ask again.",
            "bad-cosignature",
        )
    signed = base64.b64encode(ours[0].key_hash + ours[0].signature).decode("ascii")
    return f"— {ours[0].name} {signed}"


def write_request(file: Path, note: str, old_size: int, consistency: Consistency) -> None:
    """Write a request to a file, for a witness that is reached by stick: exactly what would go over the network.

    Args:
        file: Must not be there yet.
        note: The newest checkpoint of the ledger, signed by its log key.
        old_size: Size of the head that this witness cosigned last; 0 for none, and :func:`kept_size` after a conflict.
        consistency: Gives the consistency path between two sizes of the ledger.

    Raises:
        LedgerError: The note does not continue ``old_size``, or the file cannot be written.
    """
    _write_new(file, _request(note, old_size, consistency))


def answer_file(witness: Witness, request: Path, answer: Path) -> Answer:
    """Answer a request that came as a file; write the answer to another one when there is something to take back.

    That is the cosignature, or the size of the head kept when the request starts from another one.

    Raises:
        LedgerError: A file cannot be read or written, or the witness cannot keep the head. A head that was kept is
            cosigned again when the same checkpoint comes back.
    """
    given = witness.add_checkpoint(_read_some(request))
    if given.status in {200, 409}:
        _write_new(answer, given.body)
    return given


def take_file(
    file: Path,
    note: str,
    old_size: int,
    consistency: Consistency,
    key: WitnessKey,
    *,
    clock: Callable[[], datetime] = now,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """Return the cosignature line from an answer that came as a file, checked as :func:`ask` does.

    Args:
        file: What :func:`answer_file` wrote.
        note: The checkpoint of the request.
        old_size: The size that the request started from.
        consistency: Gives the consistency path between two sizes of the ledger.
        key: The witness's key, pinned here.
        clock: Present instant, with its zone.
        tolerance: How far the clock of the witness may be ahead.

    Raises:
        LedgerError: The file cannot be read.
        WitnessError: As :func:`ask`; ``stale`` also when the request started from another head than the witness has:
            write a new one from :func:`kept_size`.
    """
    body, size = _read_some(file), parse(note).size
    if not _SIZE.match(body):
        return take_cosignature(body, note, key, clock=clock, tolerance=tolerance)
    theirs = _conflict(Answer(409, body), old_size, size, key)
    if theirs > size:
        raise _behind(size, theirs, consistency, key)
    raise WitnessError(
        f"{key.name} has cosigned {theirs} entries of this ledger, and the request started from {old_size}. "
        "The checkpoint stays without this cosignature; write a new request from that size.",
        "stale",
    )


def kept_size(body: bytes) -> int:
    """Return the size of the head that a witness has, from its answer to a request that started from another one.

    Raises:
        LedgerError: The answer holds something else.
    """
    size = _SIZE.match(body)
    if not size:
        raise LedgerError("The answer does not say how many entries the witness has seen.")
    return int(size[1])


def _request(note: str, old_size: int, consistency: Consistency) -> bytes:
    size = parse(note).size
    if not 0 <= old_size <= size:
        raise LedgerError(f"A checkpoint over {size} entries does not continue one over {old_size}. Cut a new one.")
    return request_body(old_size, consistency(old_size, size) if 0 < old_size < size else (), note)


def _post(url: str, body: bytes, key: WitnessKey, exchange: Exchange) -> Answer:
    try:
        return exchange(f"{url.rstrip('/')}/add-checkpoint", body, _MEDIA_TYPE)
    except CaptureError as error:
        raise WitnessError(
            f"{key.name} gave no answer ({error}). The checkpoint stays without its cosignature and work goes on; "
            "ask again later, an answer that was lost on the way is given again.",
            "no-answer",
        ) from error


def _conflict(answer: Answer, old_size: int, size: int, key: WitnessKey) -> int:
    """Return the size of the head that the witness has instead; raise what any other refusal means."""
    if answer.status == 409 and _SIZE.match(answer.body):
        theirs = kept_size(answer.body)
        if theirs != old_size:
            return theirs
        if old_size == size:
            raise _fork(size, key)
    raise _refusal(answer, old_size, key)


def _refusal(answer: Answer, old_size: int, key: WitnessKey) -> WitnessError:
    if answer.status == 422:
        return _fork(old_size, key)
    if answer.status == 404:
        return WitnessError(
            f"{key.name} does not know this ledger. The checkpoint stays without its cosignature; have the log's "
            "public key enrolled there. A restored ledger has a new name and is enrolled anew.",
            "unknown-log",
        )
    if answer.status >= 500:
        return WitnessError(
            f"{key.name} cannot answer now (status {answer.status}). The checkpoint stays without its cosignature and "
            "work goes on; ask again later.",
            "no-answer",
        )
    return WitnessError(
        f"{key.name} refused the checkpoint (status {answer.status}). It stays without its cosignature; ask whoever "
        "runs the witness which of the ledger's keys are enrolled there.",
        "refused",
    )


def _fork(size: int, key: WitnessKey) -> WitnessError:
    return WitnessError(
        f"{key.name} has seen another history of this ledger: what it cosigned for {size} entries is not what stands "
        "here. Either this copy was restored from a backup and continued, or entries were rewritten. Stop working on "
        "it, keep both copies, and compare with the checkpoints that the witness keeps.",
        "fork",
    )


def _behind(size: int, theirs: int, consistency: Consistency, key: WitnessKey) -> WitnessError:
    try:
        consistency(size, theirs)
    except LedgerError:
        return WitnessError(
            f"{key.name} has seen {theirs} entries of this ledger, and this copy ends at {size}: it went back, as a "
            "restored backup does, or its tail was cut. Entries after the last common one are missing here. Stop "
            "working on it, look for the newer copy, and declare the restore if there is none.",
            "rollback",
        )
    return WitnessError(
        f"{key.name} has cosigned {theirs} entries of this ledger already, more than the {size} of this checkpoint. "
        "Submit the newest checkpoint.",
        "stale",
    )


def _read_some(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST_REQUEST + 1)
    except OSError as error:
        raise LedgerError(f"{file} cannot be read: {error.strerror}. Check the stick and the path.") from error


def _write_new(file: Path, body: bytes) -> None:
    try:
        with file.open("xb") as stream:
            stream.write(body)
            stream.flush()
            sync(stream.fileno())
    except OSError as error:
        raise LedgerError(
            f"{file} cannot be written: {error.strerror}. Nothing was replaced; delete what is new there and repeat."
        ) from error
