"""Approvals: an investigator asks, a supervisor on another machine answers with another key, the case takes the answer.

The ledger keeps both signed files. What was approved is read from it again for each decision, signatures included: an
entry that one person wrote alone approves nothing. A refusal is kept, and stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.keys import Signer
from osint.chain_of_custody.ledger import Ledger
from osint.errors import AuthorizationError, PolicyError, QueryError
from osint.gate.approval_files import (
    answered_id,
    put,
    read_answer,
    read_file,
    read_request,
    write_answer,
    write_request,
)
from osint.instants import day_bounds, format_instant
from osint.policy.approval import GROUNDS, Approval, Request
from osint.policy.engagement import grounds
from osint.policy.facts import Facts, Standing
from osint.policy.pack import Pack
from osint.policy.roster import Roster, Session
from osint.policy.rules import decide

if TYPE_CHECKING:
    from osint.gate.gate import Gate

REQUEST: Final = "request"
APPROVE: Final = "approve"
_DOCUMENT = "signed_document"


def request_approval(
    gate: Gate, ledger: Ledger, case: str, folder: Path, *, reason: str, also: Collection[str] = (), until: str = ""
) -> Path:
    """Ask for approval of the newest authority with its leads; return the file for the supervisor.

    Args:
        gate: The gate of the case.
        ledger: Its ledger.
        case: Its name.
        folder: Where the file is written: a folder that both can reach, or any other.
        reason: Why, in words.
        also: Reasons beyond those that the authority itself shows: ``repeats`` before a watch, ``protected`` …
        until: The last day in UTC, or instant, on which it is to be approved; by default as long as the policy allows.

    Raises:
        QueryError: A reason is unknown, or ``until`` cannot be read.
        AuthorizationError: There is no authority, nothing of it needs approval, or no reason is given. It is an entry.
        PolicyError: The file cannot be written.
    """
    if strange := sorted(set(also) - GROUNDS.keys()):
        raise QueryError(f"{', '.join(strange)} is no reason for an approval; there are {', '.join(GROUNDS)}.")
    standing = gate.standing()[-1:]
    facts = gate.facts("collect", authority=standing[0] if standing else None)
    why = [each for each in GROUNDS if each in {*also, *grounds(facts, gate.pack)}]
    said = {"reason": reason, "grounds": why}
    objections = [
        *([] if standing else ["no authorization is recorded in this case"]),
        *([] if why else ["nothing of it needs approval; name what does: also=['repeats']"]),
        *([] if reason.strip() else ["reason is missing: why this is needed"]),
    ]
    if objections or gate.session is None:
        gate.log(REQUEST, outcome="refused", private={**said, "reasons": objections})
        raise AuthorizationError("No approval was asked for. The refusal is in the ledger.", objections)
    request = _request(gate, ledger, case, standing[0], reason=reason, why=why, until=until)
    text = write_request(request, ledger.signers()[0])
    path = put(folder, f"request-{request.id}", text)
    told = {**said, "expires": request.expires, _DOCUMENT: text}
    gate.log(REQUEST, id=request.id, private=told, refs=[standing[0].entry], **gate.under(standing[0]))
    return path


def take_approval(gate: Gate, ledger: Ledger, path: Path) -> Approval:
    """Take a supervisor's answer into the case, a refusal as well; return it.

    The entry is ``done`` where it was granted and ``failed`` where it was refused; its ``seconds`` are those from the
    request to the answer, by the clocks of two machines.

    Raises:
        PolicyError: The file is no answer, was altered, or is to no request of this case.
        AuthorizationError: Whoever answered may not, or not so. The refusal is in the ledger.
    """
    text = read_file(path)
    entries, wanted = list(ledger.entries()), answered_id(text)
    asked = next((each for each in entries if each.id == wanted and _asks(each)), None)
    if asked is None:
        raise PolicyError("This case has not asked what this answers; nothing was taken. Take it in the case it names.")
    answer = read_answer(text, asked.private[_DOCUMENT])
    said = {
        "approver": answer.approver, "reason": answer.reason, "requested": answer.request.requested,
        "opened": answer.opened, "answered": answer.answered, _DOCUMENT: text,
    }  # fmt: skip
    before = any(not each.granted and each.request.id == answer.request.id for each in answers(entries))
    gate.require(
        "approve", APPROVE, "This answer was not taken. The refusal is in the ledger.", private=said, approval=answer,
        refused_before=before,
    )  # fmt: skip
    seconds = {"kind": "seconds", "count": max(0, round(answer.waited.total_seconds()))}
    outcome = "done" if answer.granted else "failed"
    gate.log(APPROVE, outcome=outcome, private=said, result=[seconds], refs=[asked.leaf.hex()])
    return answer


def answer_request(
    text: str,
    signer: Signer,
    *,
    approver: str,
    granted: bool,
    reason: str,
    opened: datetime,
    answered: datetime,
    pack: Pack,
    roster: Roster | None,
) -> str:
    """Answer a request, at the machine of whoever answers; return the signed file.

    Args:
        text: The file of the request.
        signer: Their key.
        approver: Their name and badge.
        granted: Whether it is granted.
        reason: Why, in their words.
        opened: When they were shown the request.
        answered: Now.
        pack: The policy pack in force there.
        roster: The roster in force there.

    Raises:
        PolicyError: The request cannot be read.
        AuthorizationError: They may not answer it, or not so. Nothing was signed.
    """
    written = write_answer(
        text, signer, approver=approver, granted=granted, reason=reason, opened=opened, answered=answered
    )
    answer = read_answer(written, text)
    session = Session(person=approver, role="", key=signer.keyid, roster=roster)
    made = decide(Facts(now=answered, step="approve", session=session, said={"approval": answer}), pack)
    if not made.allowed:
        raise AuthorizationError("Nothing was signed:", made.reasons)
    return written


def write_beside(request: Path, answer: str, signer: Signer) -> Path:
    """Write an answer beside its request; return the file."""
    return put(request.parent, f"approval-{answered_id(answer)}-{signer.keyid[:8]}", answer)


def answers(entries: Iterable[Entry]) -> list[Approval]:
    """Return what supervisors answered, as the ledger holds it, the oldest first.

    A grant counts for nothing once the same request was refused.
    """
    asked: dict[str, str] = {}
    found = list[Approval]()
    for entry in entries:
        if _asks(entry):
            asked[entry.leaf.hex()] = entry.private[_DOCUMENT]
        elif entry.action == APPROVE and entry.outcome in ("done", "failed") and _DOCUMENT in entry.private:
            with suppress(PolicyError):  # what nobody signed as it stands there approves nothing
                found += [read_answer(entry.private[_DOCUMENT], asked[leaf]) for leaf in entry.refs if leaf in asked]
    refused = {each.request.id for each in found if not each.granted}
    return [each for each in found if not each.granted or each.request.id not in refused]


def _asks(entry: Entry) -> bool:
    """Return whether an entry records a request, of whoever signed the entry."""
    if entry.action != REQUEST or entry.outcome != "done" or _DOCUMENT not in entry.private:
        return False
    try:
        request = read_request(entry.private[_DOCUMENT])
    except PolicyError:  # what was altered asks for nothing
        return False
    return request.id == entry.id and request.key == entry.performer


def _request(
    gate: Gate, ledger: Ledger, case: str, standing: Standing, *, reason: str, why: Sequence[str], until: str
) -> Request:
    session, present = gate.session, gate.present
    assert session is not None
    earlier = [each for each in answers(ledger.entries()) if each.request.authority == standing.entry]
    granted = [each.request.scope for each in earlier if each.granted]
    return Request(
        id=gate.new_id(),
        case=case,
        ledger=ledger.origin,
        authority=standing.entry,
        requester=session.person,
        role=session.role,
        key=session.key,
        requested=format_instant(present),
        expires=format_instant(_expiry(gate, standing, until)),
        reason=reason,
        grounds=tuple(why),
        scope=standing.authorization,
        before=granted[-1] if granted else None,
        refused=tuple(f"{each.answered}, {each.approver}: {each.reason}" for each in earlier if not each.granted),
    )


def _expiry(gate: Gate, standing: Standing, until: str) -> datetime:
    most = min(gate.present + timedelta(days=gate.pack.number("approval_days")), standing.authorization.expiry)
    try:
        wanted = day_bounds(None, until or None)[1]
    except ValueError as error:
        raise QueryError(f"until cannot be read: {error}.") from error
    if wanted is not None and wanted <= gate.present:
        raise QueryError(f"until {until} is over already.")
    return min(most, wanted) if wanted else most
