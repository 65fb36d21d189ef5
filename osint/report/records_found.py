"""What a person sees of a request for records: what answers it and how it stands, and the answer that was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osint import render
from osint.gate.requested import Requested
from osint.instants import format_instant
from osint.policy.open_records import Answered, law_of
from osint.policy.pack import Pack, RecordsLaw
from osint.records import RecordsRequest
from osint.report.bag import TAG_MANIFEST

if TYPE_CHECKING:
    import pandas as pd

REQUEST_COLUMNS: Mapping[str, tuple[str, str]] = {
    "request": ("string", "the agency's number of the request"),
    "entry": ("Int64", "number of the entry that stated it first"),
    "requester": ("string", "who asks"),
    "received": ("datetime64[ms, UTC]", "when the custodian received it"),
    "law": ("string", "the law of open records that it comes under"),
    "due": ("datetime64[ms, UTC]", "until when something is to be done about it; NaT where nothing is"),
    "state": ("string", "`open`, `delayed`, `answered`, `withdrawn`, or that a statement of the denial was asked for"),
    "decided": ("Int64", "on how many exhibits a person decided"),
    "answers": ("object", "ledger entries of the answers, which the register of disclosures lists"),
}
"""Columns of the table of requests for records: dtype and meaning."""

ITEM_COLUMNS: Mapping[str, tuple[str, str]] = {
    "exhibit": ("string", "number of the exhibit"),
    "found_by": ("object", "what of the request it answers"),
    "class": ("string", "its class, as a person stated it"),
    "status": ("string", "`open`, `closed`, `not known`, which stays closed, or `decided`: a person decides"),
    "because": ("string", "why"),
    "facts": ("object", "what that was computed from, as it was stated"),
    "decision": ("string", "what a person decided"),
    "ground": ("string", "the ground of a denial, by the word of the policy"),
    "reason": ("string", "why, in words"),
    "by": ("string", "who decided"),
}
"""Columns of the table of what answers a request: dtype and meaning."""


def requests_table(requests: Iterable[Requested], pack: Pack) -> pd.DataFrame:
    """Return requests for records, a row each; :data:`REQUEST_COLUMNS` has the columns.

    Args:
        requests: As they stand.
        pack: The policy pack in force, by which they are due.
    """
    import pandas as pd

    rows = [
        (
            each.request.identifier, each.entry, each.request.requester, each.received,
            law_of(pack, each.request.law).id, each.until(pack), each.state(), len(each.decided), list(each.answers),
        )
        for each in requests
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(REQUEST_COLUMNS))
    for name in ("received", "due"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame.astype({name: kind for name, (kind, _) in REQUEST_COLUMNS.items()})


@dataclass(frozen=True, kw_only=True)
class Responsive:
    """What answers a request, and how it stands.

    Attributes:
        request: The request.
        state: How it stands, in words.
        until: Until when something is to be done about it; None where nothing is.
        law: The law that it comes under.
        standing: Who verified the number of days, and who adopted it.
        found: What of the request each exhibit answers, by its number.
        items: What was decided about each, and whether it is open.
        decided_by: Who decided on each, and why, by exhibit.
        remarks: What is to be known besides.
    """

    request: RecordsRequest
    state: str
    until: datetime | None
    law: RecordsLaw
    standing: str
    found: Mapping[str, Sequence[str]]
    items: Sequence[Answered]
    decided_by: Mapping[str, tuple[str, str]]
    remarks: Sequence[str] = ()

    def table(self) -> pd.DataFrame:
        """Return one row for each exhibit that answers the request (``docs/columns.md``)."""
        import pandas as pd

        rows = [
            (
                each.exhibit, list(self.found[each.exhibit]), each.record_class or None, each.status.openness,
                each.status.because, dict(each.status.facts), each.decision or None, each.basis or None,
                *(self.decided_by.get(each.exhibit) or (None, None)),
            )
            for each in self.items
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(ITEM_COLUMNS)).astype({n: kind for n, (kind, _) in ITEM_COLUMNS.items()})

    def __str__(self) -> str:
        undecided = [each.exhibit for each in self.items if not each.decision]
        lines = [
            f"Request {self.request.identifier} of {self.request.requester}: {self.state}",
            f"{self.law.title}: {self.law.value} {self.law.unit} [{self.standing}]",
            f"due: {self._due()}",
            f"{len(self.items)} exhibits answer it; undecided: {', '.join(undecided) or 'none'}",
            *(f"{each.exhibit}: {each.decision or 'undecided'}; {each.status.because}" for each in self.items),
            *self.remarks,
        ]
        return "\n".join(lines)

    def _due(self) -> str:
        """Return until when, by the clock of the office; the end of a day there may be the next day in UTC."""
        if not self.until:
            return "nothing"
        return f"{self.until:%Y-%m-%d %H:%M} by the clock of the office ({format_instant(self.until)})"

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.lines_bundle(str(self))


@dataclass(frozen=True, kw_only=True)
class RecordsAnswer:
    """An answer that was written.

    Attributes:
        folder: The folder, a bag.
        entry: Number of the entry, which the register of disclosures lists.
        released: Exhibits that went out as they are.
        redacted: Those of which a redacted copy went out.
        withheld: Those of which nothing went out.
        manifest_sha256: SHA-256 of the last list of hashes.
    """

    folder: Path
    entry: int
    released: tuple[str, ...]
    redacted: tuple[str, ...]
    withheld: tuple[str, ...]
    manifest_sha256: str

    def __str__(self) -> str:
        told = {"released": self.released, "redacted": self.redacted, "withheld": self.withheld}
        return "\n".join(
            [
                f"Answer in {self.folder}, entry {self.entry}; data/letter.html is a draft",
                *(f"{name}: {', '.join(numbers) or 'none'}" for name, numbers in told.items()),
                f"SHA-256 of {TAG_MANIFEST}: {self.manifest_sha256}",
            ]
        )

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.lines_bundle(str(self))
