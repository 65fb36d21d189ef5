"""The part of the report on a crime online: what concerns the victim's accounts, in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pandas as pd

from osint.gate.recorded import recorded
from osint.instants import format_instant
from osint.posts.concerning import concerning
from osint.records import Consent, in_force
from osint.report.document import Block, Section, Words, table
from osint.report.dossier import Dossier
from osint.timeline import event_timeline

_NAMED_ONLY = "That somebody is named in a post is not yet an insult or a threat; read it in its exhibit."


def what_concerns_the_victim(dossier: Dossier) -> Iterator[Block]:
    """Yield a table of the posts by, to or about the accounts that recorded consents name; nothing without any."""
    consents = [each.record for each in in_force(recorded(dossier.ledger.entries()))]
    accounts = [name for each in consents if isinstance(each, Consent) and not each.withdrawn for name in each.accounts]
    events = event_timeline(concerning(dossier.tables["posts"], accounts))
    if events.empty:
        return
    rows = (
        (
            format_instant(event["start"].to_pydatetime()),
            _known(event["actor"]),
            _known(event["text"]),
            event["exhibit"],
        )
        for event in cast("list[dict[str, Any]]", events.to_dict("records"))
    )
    yield Section("What concerns the victim's accounts")
    yield Words(f"Posts by {', '.join(accounts)}, or that answer, pass on or mention them. {_NAMED_ONLY}")
    yield table(rows, ("published (UTC)", "author", "text", "exhibit"))


def _known(value: Any) -> Any:
    return "" if pd.isna(value) else value
