"""The other parties: a time-stamping authority and a witness. They stand outside the machine that fails."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from chain_of_custody.key_material import signer
from chain_of_custody.tsa import StampingAuthority

from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.checkpoint import read_note
from osint.chain_of_custody.exchange import Answer
from osint.chain_of_custody.timestamp import Authority
from osint.chain_of_custody.witness import Witness, WitnessKey, WitnessPolicy, read_request

KEYS: Mapping[str, Any] = {"actor": signer("actor", 0), "log": signer("log", 32)}
COURT = "court.example/witness"
START = datetime(2026, 5, 1, tzinfo=UTC)
_TSA, _WITNESS = "https://tsa.example/", "https://court.example/"
COURT_KEY = signer("court", 64)


def anchors(origin: str) -> Anchors:
    """Return what a verifier of a ledger trusts: this authority and this witness."""
    lines = [
        f"log {KEYS['log'].verifier_key(origin)}",
        f"witness court {WitnessKey(COURT, COURT_KEY.public)} {_WITNESS}",
    ]
    policy = WitnessPolicy.read("\n".join([*lines, "quorum court", ""]))
    return Anchors(timestamps=(_authority(),), witnesses=policy)


class Outside:
    """Both of them, in a folder of their own. Their clock stands still."""

    def __init__(self, folder: Path) -> None:
        self._tsa = StampingAuthority.create(folder / "tsa")
        self.witness = Witness(folder / "witness", COURT_KEY, COURT, _clock)

    def __call__(self, url: str, body: bytes, content_type: str = "") -> Answer:
        """Answer a request."""
        if url.startswith(_TSA):
            return Answer(200, self._tsa.reply(body, _clock()))
        origin = read_note(read_request(body).note).text.partition("\n")[0]
        self.witness.enroll(str(KEYS["log"].verifier_key(origin)))
        return self.witness.add_checkpoint(body)


def published_in(request: bytes) -> str | None:
    """Return the checkpoint that a request to the witness shows, None when it goes to the authority."""
    try:
        return read_request(request).note
    except Exception:  # noqa: BLE001 - a request for a time stamp; it holds a hash, and no checkpoint
        return None


def _clock() -> datetime:
    return START + timedelta(minutes=1)


@cache
def _authority() -> Authority:
    with tempfile.TemporaryDirectory() as folder:
        return StampingAuthority.create(Path(folder)).pinned(_TSA)
