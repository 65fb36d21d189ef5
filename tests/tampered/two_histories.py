"""One party gets one history, another party gets another: both in good order, signed with the same keys.

Each alone verifies. The head that the one party holds does not fit what the other was given; and a witness that was
shown the first history does not sign a head of the second.
"""

from __future__ import annotations

from pathlib import Path

from tampered.sample import NEXT_LOG, START, WITNESS, Copy

from osint.chain_of_custody.merkle import leaf_hash
from osint.chain_of_custody.witness import Witness, request_body

STEP, ENTRY, SAYS = 10, None, "has another root"
KEPT_HEAD = 23


def commit(case: Copy) -> None:
    case.append("note", _sd=["A" * 43])
    case.lines = [*case.lines[:22], case.lines[23]]
    case.disclosures = [each for each in case.disclosures if each["seq"] < 22]
    case.change_payload(22, seq=22, prev=leaf_hash(case.lines[21][:-1]).hex())


def also(first: Copy, second: Copy, place: Path) -> None:
    """A witness that has seen a head of the first history refuses one of the second."""
    witness = Witness(place, WITNESS, "court.example", lambda: START)
    witness.enroll(str(NEXT_LOG.verifier_key(first.origin(23))))
    shown = witness.add_checkpoint(request_body(0, [], first.head(23)))
    refused = witness.add_checkpoint(request_body(23, [], second.head(23)))

    assert (shown.status, refused.status) == (200, 409)
