"""What the runs of a case have preserved, as its ledger tells it, and what of it need not be asked for again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from osint.capture.exchange import Capture
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.sensitive_stop import withdrawn_by


class Preserved(NamedTuple):
    """One exchange as the ledger tells it; ``url`` is None when it was erased, ``status`` 0 when this is no HTTP.

    ``said`` is what was posted, or the lines that were spoken over a stream; None for an ordinary request.
    """

    exhibit: str
    url: str | None
    sha256: str
    status: int
    purged: bool = False
    said: str | tuple[str, ...] | None = None


def preserved(entries: Iterable[Entry], searches: Collection[str] | None = None) -> deque[Preserved]:
    """Return what the runs that these entries allowed have preserved, in order.

    Args:
        entries: Entries of the ledger, in order.
        searches: Leaf hashes of the entries that allowed the runs, hex; by default all runs and visits.
    """
    found: deque[Preserved] = deque()
    gone: set[str] = set()
    for entry in entries:
        gone.update(withdrawn_by(entry))
        belongs = searches is None or not set(searches).isdisjoint(entry.refs)
        if entry.action == "acquire" and entry.exhibit and belongs:
            status = next((item["status"] for item in entry.result if "status" in item), 0)
            spoken = entry.private.get("say")
            said = entry.private.get("body") if spoken is None else tuple(spoken)
            url, sha256 = entry.private.get("url"), entry.result[0]["sha256"]
            found.append(Preserved(entry.exhibit, url, sha256, status, said=said))
    return deque(known._replace(purged=known.exhibit in gone) for known in found)


def usable(earlier: Iterable[Preserved], read: Callable[[Preserved], Capture]) -> deque[Preserved]:
    """Return the part of an earlier run's exhibits that need not be asked for again.

    A refusal at its end ("later", "broken", "not found") is asked again, and so is everything from the first
    answer on that is not whole. What was purged on order was an answer, and is not asked for again.

    Args:
        earlier: The exhibits, in order.
        read: Reads one as it was captured.

    Raises:
        EvidenceError: One cannot be read.
    """
    kept: deque[Preserved] = deque()
    for known in earlier:
        if not known.purged and read(known).problems:
            break
        kept.append(known)
    while kept and not 200 <= kept[-1].status < 400:
        kept.pop()
    return kept
