"""Is a handle to be seen on the platforms that people know? Only for a handle under authority; each check is an entry.

A page that answers is not an account: sites answer with status 200 for names that nobody has. "Found" takes two signs:
the platform gave what was asked for and no refusal, and what it gave names that very handle. Everything else has a word
of its own, and none of them says that a person has no account, or that the account is that person's.

It asks for no posts: the first answer that holds an account ends a check, and no row of it comes into the tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import pandas as pd

from osint import render
from osint.activity import Actor, Post
from osint.capture.door import Door
from osint.capture.errand import Errand
from osint.capture.exchange import Capture
from osint.collecting.asking import asker
from osint.collecting.concluding import concluding
from osint.collectors import load, names
from osint.collectors.memento import ARCHIVE
from osint.collectors.protocol import Collector, Stop
from osint.errors import AuthorizationError, CaptureError, OsintError, QueryError, SourceError, UnreadableCaptureError
from osint.gate import Admission, Gate
from osint.policy.scope import request_in_scope
from osint.query import AccountQuery, HandleQuery

ACTION = "check"
CAVEAT = "A handle that is seen is not yet the same person's: handles are free to be taken by anyone."
COLUMNS = ("platform", "account", "outcome", "exhibits", "entries", "detail")


class Seen(StrEnum):
    """What came of looking for a handle on one platform."""

    FOUND = "found"
    NOT_FOUND = "not found"
    CLOSED = "closed"
    BLOCKED = "blocked"
    LATER = "asked to come back later"
    UNCLEAR = "unclear"
    NO_NAME = "no name there"
    REFUSED = "refused"
    FAILED = "failed"


MEANINGS = {
    Seen.FOUND: "The platform shows an account of exactly this name.",
    Seen.NOT_FOUND: "The platform says that there is none, or no longer. It does not say that there never was.",
    Seen.CLOSED: "The platform shows this to signed-in visitors only.",
    Seen.BLOCKED: "A challenge or a block page. That says nothing of whether there is one.",
    Seen.LATER: "The platform takes no more questions for now.",
    Seen.UNCLEAR: "The platform answered, and what it gave does not name this account.",
    Seen.NO_NAME: "No account of the platform can be called that; nothing was asked.",
    Seen.REFUSED: "The handle is not under authority; nothing was asked.",
    Seen.FAILED: "Nothing usable came.",
}
_BY_STOP = {
    Stop.GONE: Seen.NOT_FOUND, Stop.AUTH: Seen.CLOSED, Stop.BLOCKED: Seen.BLOCKED, Stop.RATE: Seen.LATER,
    Stop.QUOTA: Seen.LATER, Stop.BUDGET: Seen.LATER,
}  # fmt: skip
_OUTCOMES = {Seen.FOUND: "done", Seen.NOT_FOUND: "nil", Seen.NO_NAME: "nil"}


@dataclass(frozen=True, kw_only=True)
class Usernames:
    """Where a handle is to be seen; ``checks`` has one row for each platform, with the columns of :data:`COLUMNS`."""

    handle: str
    checks: pd.DataFrame

    def __str__(self) -> str:
        rows = [_told(check) for check in self.checks.to_dict("records")]
        found = int((self.checks["outcome"] == Seen.FOUND).sum())
        head = f"{self.handle}: seen on {found} of {len(rows)} platforms"
        return render.visible_lines("\n".join([head, *rows, CAVEAT]))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.headed_bundle(str(self))

    __repr__ = __str__


def platforms() -> list[str]:
    """Return the collectors that know their accounts by one host, and can be asked whether one is to be seen.

    What only an archive tells was to be seen once.
    """
    manifests = [load(name).MANIFEST for name in names()]
    asked = (each for each in manifests if each.home and AccountQuery in each.queries and set(each.ways) - {"file"})
    return [each.name for each in asked if ARCHIVE not in each.asks]


def look_for(handle: str, asked: Sequence[str] | None, gate: Gate, door: Door) -> Usernames:
    """Look for a handle on platforms, one after the other; by default on all that can be asked.

    Raises:
        QueryError: It is no handle, or a platform cannot be asked for accounts; names those that can.
    """
    handle = handle.removeprefix("@")
    known = platforms()
    strange = sorted(set(asked or ()) - set(known))
    if strange:
        raise QueryError(f"{', '.join(strange)} cannot be asked for a handle. These can: {', '.join(known) or 'none'}.")
    rows = [_check(load(name), handle, gate, door) for name in asked or known]
    return Usernames(handle=handle, checks=pd.DataFrame(rows, columns=list(COLUMNS)))


def _check(collector: Collector, handle: str, gate: Gate, door: Door) -> tuple[Any, ...]:
    manifest = collector.MANIFEST
    query = HandleQuery(handle=handle, host=manifest.home)
    account = AccountQuery(account=f"@{handle}@{manifest.home}")
    try:
        admission = gate.admit(query, f"{manifest.name}/{manifest.version}", action=ACTION)
    except AuthorizationError as refused:
        return manifest.name, account.account, str(Seen.REFUSED), [], (), "; ".join(refused.reasons)
    errand = Errand(
        search=admission.entry, standing=admission.standing, in_scope=partial(_in_scope, admission, collector)
    )
    with concluding(gate, door, admission, errand) as conclusion:
        seen, conclusion.stop, detail = _look(collector, account, errand, door)
        conclusion.outcome = _OUTCOMES.get(seen, "failed")
        conclusion.private = {"detail": detail, "seen": str(seen)}
    assert conclusion.entry is not None
    exhibits = [capture.exhibit for capture in errand.made]
    return manifest.name, account.account, str(seen), exhibits, (admission.entry.seq, conclusion.entry.seq), detail


def _in_scope(admission: Admission, collector: Collector, url: str) -> bool:
    asks = (admission.query.host, *collector.MANIFEST.asks)
    return request_in_scope(url, admission.query, admission.standing.authorization, asks)


def _look(collector: Collector, account: AccountQuery, errand: Errand, door: Door) -> tuple[Seen, Stop, str]:
    pages = collector.pages(account, asker(collector.MANIFEST, door, errand))
    try:
        capture = next(pages, None)
    except (SourceError, CaptureError) as error:
        return _BY_STOP.get(Stop(error.stop), Seen.FAILED), Stop(error.stop), str(error)
    except QueryError as error:
        return Seen.NO_NAME, Stop.ERROR, str(error)
    except OsintError as error:
        return Seen.FAILED, Stop.ERROR, str(error)
    finally:
        pages.close()
    if capture is not None and _names(collector, capture, account.name):
        return Seen.FOUND, Stop.EXHAUSTED, MEANINGS[Seen.FOUND]
    return Seen.UNCLEAR, Stop.PLATFORM_CAP, MEANINGS[Seen.UNCLEAR]


def _names(collector: Collector, capture: Capture, name: str) -> bool:
    """Say whether a capture shows the account itself: a profile, or a post of which it is the author."""
    try:
        records = collector.parse(capture)
    except UnreadableCaptureError:
        return False
    handles = [
        record.handle if isinstance(record, Actor) else record.author_handle
        for record in records
        if isinstance(record, Actor | Post)
    ]
    return any(_bare(handle) == name.casefold() for handle in handles if handle)


def _told(check: Mapping[Any, Any]) -> str:
    exhibits = ", ".join(check["exhibits"]) or "no exhibit"
    return f"{check['platform']}: {check['outcome']} ({exhibits}). {check['detail']}"


def _bare(handle: str) -> str:
    return handle.removeprefix("@").partition("@")[0].casefold()
