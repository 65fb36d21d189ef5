"""What an entry says before its place in the ledger is known: the action, its circumstances, the private values."""

from __future__ import annotations

import base64
import functools
import importlib.metadata
import platform
import re
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

from osint.chain_of_custody import disclosure
from osint.chain_of_custody.clear_fields import check_clear
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.entry import VERSION, format_milliseconds, new_id
from osint.chain_of_custody.keys import Signer
from osint.errors import LedgerError

NOTHING: Mapping[str, Any] = MappingProxyType({})
_EXHIBIT = {"sha256", "size", "media"}


@dataclass(frozen=True)
class Draft:
    """An entry without position, link, ledger and exhibit number.

    Attributes:
        fields: The clear members.
        exhibit: ``sha256``, ``size``, ``media`` of what the entry takes in, or None.
        disclosures: Disclosures by digest, sorted by digest.
        private: The private values by name, as they will be read back.
    """

    fields: Mapping[str, Any]
    exhibit: Mapping[str, Any] | None
    disclosures: Mapping[str, str]
    private: Mapping[str, Any]

    def placed(
        self, ledger: str, seq: int, prev: bytes, exhibit_number: int | None, after: str | None = None
    ) -> dict[str, Any]:
        """Return the payload for a place in a ledger; ``after`` is the SHA-256 of the newest time stamp held."""
        taken = [{**self.exhibit, "exhibit": f"E{exhibit_number:04d}"}] if self.exhibit is not None else []
        place = {"ledger": ledger, "seq": seq, "prev": prev.hex(), "clock": _clock_state(ledger)}
        if after is not None:
            place["after"] = after
        return {**self.fields, **place, "result": taken + self.fields["result"]}


def compose(
    action: str,
    *,
    performer: Signer,
    present: datetime,
    outcome: str = "done",
    private: Mapping[str, Any] = NOTHING,
    object: Iterable[Mapping[str, Any]] = (),  # noqa: A002 - the standard's word
    result: Iterable[Mapping[str, Any]] = (),
    authorization: str | None = None,
    purpose: str | None = None,
    refs: Iterable[str] = (),
    collector: str | None = None,
    network: str | None = None,
    start_time: datetime | None = None,
    end_time: datetime | None = None,
    exhibit: Mapping[str, Any] | None = None,
    id: str | None = None,  # noqa: A002 - the standard's word
) -> Draft:
    """Compose an entry; :meth:`osint.chain_of_custody.ledger.Ledger.append` explains the arguments.

    Raises:
        LedgerError: Something in the clear part may not stand there, or a value has no canonical spelling.
    """
    commitments = sorted(map(disclosure.commit, private, private.values()), key=attrgetter("digest"))
    fields = {
        "v": VERSION,
        "id": id or new_id(present),
        "action": action,
        "outcome": outcome,
        "start_time": format_milliseconds(start_time or present),
        "end_time": format_milliseconds(end_time or present),
        "performer": {"key": performer.keyid},
        "instrument": _without_none({"name": "osint", "version": _release(), "collector": collector}),
        "environment": _without_none({**_environment(), "network": network}),
        **_without_none({"authorization": authorization, "purpose": purpose}),
        "object": [dict(item) for item in object],
        "result": [dict(item) for item in result],
        "refs": list(refs),
        "_sd": [each.digest for each in commitments],
        "_sd_alg": "sha-256",
    }
    _check_exhibit(fields, exhibit)
    taken = [] if exhibit is None else [{**exhibit, "exhibit": "E0000"}]
    check_clear({**fields, "result": taken + fields["result"]})
    disclosures = {each.digest: each.disclosure for each in commitments}
    return Draft(fields, exhibit, disclosures, {each.name: each.value for each in commitments})


def key_item(signer: Signer, role: str, basis: str) -> dict[str, str]:
    """Return the item by which an entry introduces a public key."""
    public = base64.b64encode(signer.public).decode("ascii")
    algorithm = {} if signer.algorithm == "ed25519" else {"algorithm": signer.algorithm}
    return {"key": signer.keyid, "public": public, "role": role, "basis": basis, **algorithm}


def _check_exhibit(fields: Mapping[str, Any], exhibit: Mapping[str, Any] | None) -> None:
    if any("exhibit" in item for item in fields["result"]):
        raise LedgerError("An exhibit number in `result` is given by the ledger itself; pass `exhibit` instead.")
    if exhibit is not None and set(exhibit) != _EXHIBIT:
        raise LedgerError("An exhibit is recorded with sha256, size and media, and nothing else.")


def _without_none(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


@functools.cache
def _release() -> str:
    try:
        return importlib.metadata.version("osint")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


@functools.cache
def _environment() -> Mapping[str, str]:
    machine = f"{platform.system()}-{platform.release()}-{platform.machine()}"
    return {"python": platform.python_version(), "platform": re.sub(r"[^0-9A-Za-z._+-]", "-", machine)[:100]}


def _clock_state(ledger: str) -> dict[str, Any]:
    """How the times were taken: zone of this machine, a clock that is never set, and the boot for which it counts."""
    zone = time.strftime("%z")
    return {
        "zone": f"{zone[:3]}:{zone[3:5]}",
        "monotonic_ms": time.monotonic_ns() // 1_000_000,
        "boot": sha256(f"{ledger} {_boot()}".encode())[:32],
        "source": "system",
    }


@functools.cache
def _boot() -> str:
    """Return what tells this boot from others; where the system has no such name, one for this process alone."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_hex(16)
