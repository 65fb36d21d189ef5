"""What a report and a hand-over are made from: the state of a case, gathered once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.readable import Readable
from osint.chain_of_custody.verified import Verified
from osint.collecting.runs import Run
from osint.media.examination import MediaRecord
from osint.policy.facts import Standing
from osint.store.blobs import FolderBlobs

_LATER = (
    "This is of the time at which the case was gathered. {count} later {entries} of the ledger decide that it leaves; "
    "they were verified with everything else before the package got its name."
)


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """The state of a case.

    Attributes:
        name: Name of the case folder.
        folder: The case folder.
        investigator: The person at this workstation.
        made: Instant at which this was gathered.
        ledger: The ledger as it was when this was gathered; in a package, the copy that lies there.
        blobs: The evidence.
        standing: The authorities, oldest first.
        runs: The runs, oldest first.
        tables: posts, warnings, media, marks and translations, by name; versions where a post was seen in several.
        verified: The result of the verification that came first.
        anchors: The authorities and witnesses that it went by; None when nobody is named.
        overdue: The banner of an overdue review of the policy; empty while it is not.
        files: The preserved files, with every value of them.
        charts: Whether the charts of the case go with it.
    """

    name: str
    folder: Path
    investigator: str
    made: datetime
    ledger: Readable
    blobs: FolderBlobs
    standing: list[Standing]
    runs: list[Run]
    tables: Mapping[str, pd.DataFrame]
    verified: Verified
    anchors: Anchors | None = None
    overdue: str = ""
    files: Sequence[MediaRecord] = ()
    charts: bool = True

    @property
    def verdict(self) -> str:
        """What verification said, and of which entries it could not yet: those by which all this leaves."""
        later = len(self.ledger) - self.verified.entries
        if later <= 0:
            return str(self.verified)
        return f"{self.verified}\n{_LATER.format(count=later, entries='entry' if later == 1 else 'entries')}"
