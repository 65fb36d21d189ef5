"""What ends a package while it is written: another process has destroyed, locked away or masked what lies in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import is_order
from osint.chain_of_custody.sensitive_stop import withdrawn_by
from osint.chain_of_custody.withheld import MASK
from osint.errors import ExportError


def undoing(entry: Entry) -> Iterator[str]:
    """Yield in words what an entry took away: what was gathered before it may not leave any more."""
    gone = withdrawn_by(entry)
    yield from (f"{number} was stopped or destroyed" for number in gone)
    if is_order(entry) and not gone:
        yield f"something was erased (entry {entry.seq})"


def masking(entry: Entry) -> Iterator[str]:
    """Yield in words what an entry masked: a copy for somebody outside that was decided on before may show it."""
    if (entry.action, entry.outcome) == (MASK, "done"):
        yield f"something was masked (entry {entry.seq})"


def check_may_leave_still(later: Iterable[Entry], *, masked: bool) -> None:
    """Judge a package that was written by the entries that came in since it was decided what lies in it.

    Args:
        later: These entries.
        masked: Whether what is masked must not be in it.

    Raises:
        ExportError: Something of it was taken away, or masked.
    """
    late = [said for entry in later for said in (*undoing(entry), *(masking(entry) if masked else ()))]
    if late:
        raise ExportError(
            f"Nothing was handed over: {'; '.join(late)} while it was written, and nothing half written was left. "
            "Hand it over again."
        )
