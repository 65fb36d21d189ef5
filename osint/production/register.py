"""The register of productions: what was produced to whom, by whose decision, with which numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from osint.chain_of_custody.entry import Entry
from osint.production.numbering import productions
from osint.production.plan import Earlier, Fate
from osint.report.unfinished import unfinished

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Mapping[str, tuple[str, str]] = {
    "number": ("Int64", "which production of this case it is"),
    "entry": ("Int64", "number of the ledger entry that planned it"),
    "when": ("datetime64[ms, UTC]", "when it was planned"),
    "to": ("string", "who receives it"),
    "decided_by": ("string", "the prosecutor who decided it"),
    "authority": ("string", "the rule or request under which it is produced"),
    "state": ("string", "`done`; `failed`; or `begun`: running, or killed and to be taken up by the same call"),
    "first": ("string", "its first number; missing where nothing was numbered"),
    "last": ("string", "its last number; of one that is not done, the last that was reserved"),
    "produced": ("Int64", "items that were produced"),
    "withheld": ("Int64", "items that were withheld, with a redacted copy or without"),
    "sealed": ("Int64", "items that a sensitive stop has locked away"),
    "purged": ("Int64", "items that were destroyed on order"),
    "withdrawn": ("object", "exhibits that were produced in it and were stopped or destroyed since"),
    "package": ("string", "SHA-256 of the package's last list of hashes; missing while it is not done"),
}
"""Columns of the register of productions: dtype and meaning."""


def register(entries: Iterable[Entry]) -> pd.DataFrame:
    """Return one row for each production, the oldest first."""
    import pandas as pd

    entries = list(entries)
    rows = list(_rows(entries))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({name: kind for name, (kind, _) in COLUMNS.items()})


def _rows(entries: list[Entry]) -> Iterator[dict[str, Any]]:
    begun = {entry.seq for entry in unfinished(entries)}
    for each in productions(entries):
        release = entries[each.entry].private.get("release", {})
        fates = list(each.fates.values())
        yield {
            "number": each.number,
            "entry": each.entry,
            "when": each.made,
            "to": each.to,
            "decided_by": release.get("decided_by"),
            "authority": release.get("authority"),
            "state": "done" if each.done else "begun" if each.entry in begun else "failed",
            **_labels(each),
            **{str(fate): fates.count(fate) for fate in Fate},
            "withdrawn": list(each.withdrawn),
            "package": each.package or None,
        }


def _labels(each: Earlier) -> dict[str, str | None]:
    if each.last < each.first:
        return {"first": None, "last": None}
    return {"first": each.numbers.label(each.first), "last": each.numbers.label(each.last)}
