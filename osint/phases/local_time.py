"""The zone whose clocks a case is read by: recorded once, and shown beside UTC, never instead of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.errors import CaseError
from osint.gate import Gate

if TYPE_CHECKING:
    import pandas as pd

ZONE = "zone"


def record_zone(gate: Gate, name: str) -> Entry:
    """Record the zone of a case; the newest stands.

    Raises:
        CaseError: There is no such zone.
    """
    from osint.views.moments import zone_of

    if zone_of(name) is None:
        raise CaseError("A zone has a name: America/Chicago or Europe/Berlin. UTC is shown in any case.")
    return gate.log("configure", private={ZONE: name})


def recorded_zone(ledger: Ledger) -> str:
    """Return the zone that was recorded last; empty where none was."""
    told = (entry.private for entry in ledger.entries() if entry.action == "configure")
    named = [str(said[ZONE]) for said in told if ZONE in said]
    return named[-1] if named else ""


def with_local(frame: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Return a table with a column of local time behind each of UTC, as text, named after the zone.

    Raises:
        CaseError: There is no such zone.
    """
    from osint.views.moments import in_zone, zone_of

    clock, made = zone_of(zone), frame.copy()
    made.attrs = frame.attrs
    if clock is None:
        return made
    for name in instants(frame):
        local = [in_zone(value, clock) or None for value in frame[name]]
        made.insert(int(list(made.columns).index(name)) + 1, local_name(name, zone), local)
        made[local_name(name, zone)] = made[local_name(name, zone)].astype("string")
    return made


def local_name(column: str, zone: str) -> str:
    """Return how the column of local time beside a column is called."""
    return f"{column} ({zone})"


def instants(frame: pd.DataFrame) -> list[str]:
    """Return the names of the columns that hold instants in UTC."""
    kinds = {str(name): str(dtype) for name, dtype in frame.dtypes.items()}
    return [name for name, dtype in kinds.items() if dtype.startswith("datetime64[") and "UTC" in dtype]
