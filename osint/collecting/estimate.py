"""Before a run: how many requests it takes, how long that lasts, and what it takes of a quota."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from osint import render
from osint.collectors import load
from osint.collectors.protocol import Quota
from osint.query import Query, describe

_FIRST = 1  # the profile, or the answer that leads to the posts
_PER = 1000


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a run is expected to take; None where nobody can say before it.

    Attributes:
        collector: The collector.
        query: What is asked.
        posts: For how many posts this is: the limit of the query, else a thousand: nobody knows how many there are.
        requests: How many requests.
        seconds: How long they take at the pace of this workstation, and of the source where that is slower.
        units: What they take of the quota.
        quota: The quota of one key, or None.
        money: What they cost. No source that is asked here takes money.
    """

    collector: str
    query: Query
    posts: int
    requests: int | None
    seconds: float | None
    units: int | None
    quota: Quota | None
    money: int = 0

    def __str__(self) -> str:
        lines = [f"{self.collector} {describe(self.query)}", self._size()]
        if self.quota and self.units is not None:
            share = f"{self.units} of {self.quota.units} units a day ({self.quota.resets})"
            lines.append(f"Quota of the key: {share}.")
        return render.visible_lines("\n".join(lines))

    def _size(self) -> str:
        each = "each " if self.query.limit is None and self.posts == _PER else ""
        counted = f"for {each}{self.posts} post{'' if self.posts == 1 else 's'}"
        if self.requests is None or self.seconds is None:
            return (
                "The source does not say how many posts an answer holds, so nobody can say how many requests it takes."
            )
        return f"About {self.requests} requests and {math.ceil(self.seconds)} s {counted}, without money."

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.headed_bundle(str(self))

    __repr__ = __str__


def estimate(collector: str, query: Query, pace: float) -> Estimate:
    """Estimate a run from what the manifest says of the source.

    Args:
        collector: The name of the collector.
        query: What is asked.
        pace: Seconds between two requests of this workstation.

    Raises:
        QueryError: There is no such collector.
    """
    manifest = load(collector).MANIFEST
    posts = _PER if query.limit is None else query.limit
    posts = min(posts, manifest.most or posts)
    requests = (posts > 1) * _FIRST + math.ceil(posts / manifest.page) if manifest.page else None
    return Estimate(
        collector=manifest.name,
        query=query,
        posts=posts,
        requests=requests,
        seconds=None if requests is None else (requests - 1) * max(pace, manifest.pace),
        units=None if requests is None or manifest.quota is None else requests * manifest.quota.each,
        quota=manifest.quota,
    )
