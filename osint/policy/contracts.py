"""Interfaces whose contract bars this use: the gate refuses them until counsel decides for an agency.

Law is data: whoever holds a dated decision of counsel changes this table, under review, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Contract:
    """Why an interface is off.

    Attributes:
        reason: What its contract says, in words for an officer.
        instead: The way that is open.
        open_to: Purposes that the contract does not bar.
    """

    reason: str
    instead: str
    open_to: tuple[str, ...] = ()


_META = Contract(
    "Meta's interface gives the content of others to approved businesses and research only, and its terms forbid "
    "surveillance; it may be asked for the agency's own pages alone",
    "import an export, a saved page or a legal return; for an own page record an authority with the purpose own_pages",
    open_to=("own_pages",),
)
_X = Contract(
    "X's terms forbid to use its interface for surveillance, for tracing crimes and for joining accounts to persons",
    "import the archive that the person downloads, or ask X by legal process",
)
_REDDIT = Contract(
    "Reddit's interface wants its written approval of the agency's application",
    "import saved pages or a data request",
)
_TIKTOK = Contract(
    "TikTok's interfaces are for academic research, or show an account to itself",
    "import an export or a saved page, or ask TikTok by legal process",
)

CONTRACTS: Mapping[str, Contract] = {
    "graph.facebook.com": _META,
    "graph.instagram.com": _META,
    "graph.threads.net": _META,
    "api.x.com": _X,
    "api.twitter.com": _X,
    "oauth.reddit.com": _REDDIT,
    "open.tiktokapis.com": _TIKTOK,
}


def barred(host: str, purpose: str) -> Contract | None:
    """Return the contract that keeps a host from being asked for a purpose, or None."""
    contract = CONTRACTS.get(host)
    return None if contract is None or purpose in contract.open_to else contract
