"""The records of a case as a table: what was stated once, how it stands, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pandas as pd

from osint.policy.kinds import due, state
from osint.policy.pack import Pack
from osint.records import Recorded

COLUMNS = {
    "entry": "number of the entry that states it; case.countersign and case.draft take it",
    "kind": "warrant, consent, tip, own-page, removal, rights, preservation, notice, records-request, investigation or "
    "closure",
    "key": "its number, address or exhibit; the newest record of one kind and key stands",
    "state": "how it stands: stands, draft, waits for a second person, stale, expired, renew now, over, withdrawn",
    "due": "until when it holds (UTC); NaT where it has no end",
    "by": "who stated it",
    "when": "when (UTC)",
    "countersigned": "the second person who signed it, and when",
    "says": "what it states, by field; nothing of a tip that expired",
    "exhibits": "exhibits that show it",
}


def records_table(recorded: Iterable[Recorded], pack: Pack, now: datetime) -> pd.DataFrame:
    """Return one row for each record that stands, oldest first. :data:`COLUMNS` has the columns.

    Args:
        recorded: The records that stand.
        pack: The policy pack in force.
        now: The present instant.
    """
    rows = [_row(each, pack, now) for each in recorded]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    text = ("kind", "key", "state", "by", "countersigned")
    times = dict.fromkeys(("due", "when"), "datetime64[ms, UTC]")
    return table.astype({"entry": "int64", **dict.fromkeys(text, pd.StringDtype()), **times})


def _row(each: Recorded, pack: Pack, now: datetime) -> dict[str, Any]:
    said = each.record.as_dict()
    standing = state(each, pack, now)
    return {
        "entry": each.entry,
        "kind": said.pop("kind"),
        "key": each.record.key,
        "state": standing,
        "due": due(each.record, pack),
        "by": each.by,
        "when": each.when,
        "countersigned": each.countersigned or None,
        "exhibits": said.pop("exhibits", []),
        "says": {} if standing == "expired" else said,
    }
