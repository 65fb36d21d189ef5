"""What a case remembers, so that an older one does not come back: policy packs and rosters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from osint.chain_of_custody.entry import Entry
from osint.gate.standing import POLICY
from osint.policy.pack import Pack
from osint.policy.roster import Session

_PACK = re.compile(r"(\S+) (\d+(?:\.\d+)*)\Z")
_ROSTER = re.compile(r"roster (\d+) of ")


def behind(entries: Iterable[Entry], pack: Pack, session: Session | None) -> str:
    """Say in what the policy or the roster here is older than those that the case was worked on under; empty if not.

    Args:
        entries: The entries of the case; what was erased of them is not known.
        pack: The policy pack in force here.
        session: Who works here, with the roster in force; None where nobody opened the case to work on it.
    """
    entries = list(entries)
    for name, version in _packs(entries):
        older = name == pack.name and tuple(map(int, version.split("."))) > pack.order
        if older or (name != pack.name and not pack.signed_by):  # without a signature only the first of all is in force
            return f"this case was worked on under the policy {name} {version}, and {pack} is in force here"
    serial = max(_serials(entries), default=0)
    if session is not None and serial > (session.roster.serial if session.roster else 0):
        here = session.roster or "none"
        return f"this case was worked on under the roster {serial} of the agency, and here is {here}"
    return ""


def _packs(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        found = _PACK.match(str(entry.private.get("policy", "")))
        if found and any(item.get("kind") == POLICY for item in entry.result):
            yield found[1], found[2]


def _serials(entries: Iterable[Entry]) -> Iterator[int]:
    for entry in entries:
        if found := _ROSTER.match(str(entry.private.get("roster", ""))):
            yield int(found[1])
