"""Before a run: is everything there that it needs, may it be made, does the host answer?

The host is asked for its ``robots.txt`` alone, under the same authority as the run, and the answer is an exhibit: what
a site asked of automatic readers on that day is a fact that somebody may want to know. Whether it is followed is a
matter of the agency's policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlunsplit

from osint import render
from osint.capture.door import Door
from osint.capture.errand import Errand
from osint.collecting.api_keys import find_key, variable
from osint.collecting.concluding import concluding
from osint.collectors import load
from osint.collectors.protocol import Manifest, Stop
from osint.errors import AuthorizationError, CaptureError, RateLimitedError
from osint.gate import Gate
from osint.policy.scope import request_in_scope
from osint.query import Query, UrlQuery, describe, host_of

ACTION = "check"


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What stands in the way of a run, if anything.

    Attributes:
        collector: The collector.
        query: What is to be asked.
        configured: Whether the key is there that its interface wants; True when it wants none.
        permitted: Whether an authority in force covers it.
        reachable: Whether the host answered; None when it was not asked: the run is not permitted,
            or the host asked to be left alone.
        exhibit: The ``robots.txt`` of the host; None when none came.
        reasons: Each of these in words.
    """

    collector: str
    query: Query
    configured: bool
    permitted: bool
    reachable: bool | None
    exhibit: str | None
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return render.visible_lines("\n".join([f"{self.collector} {describe(self.query)}", *self.reasons]))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.headed_bundle(str(self))

    __repr__ = __str__


def probe(collector: str, query: Query, gate: Gate, door: Door) -> Probe:
    """Say whether a run could be made, and ask its host for its ``robots.txt`` when it is permitted.

    Raises:
        QueryError: There is no such collector.
    """
    manifest = load(collector).MANIFEST
    configured, key = _configured(manifest)
    barred = [manifest.barred] if manifest.barred else []
    try:
        admission = gate.admit(query, f"{manifest.name}/{manifest.version}", action=ACTION)
    except AuthorizationError as refused:
        told = (key, *barred, f"Not permitted: {'; '.join(refused.reasons)}", "Not asked whether the host answers.")
        return _probe(manifest, query, told, configured=configured)
    errand = Errand(
        search=admission.entry,
        standing=admission.standing,
        in_scope=partial(
            _in_scope, query=query, hosts=(_asked(manifest, query),), authority=admission.standing.authorization
        ),
    )
    with concluding(gate, door, admission, errand) as conclusion:
        reachable, exhibit, answered = _ask(manifest, query, errand, door)
        conclusion.private["detail"] = answered
        if reachable:
            conclusion.outcome, conclusion.stop = "done", Stop.LIMIT
    told = (key, *barred, f"Permitted by {admission.standing.authorization.identifier}.", answered)
    return _probe(manifest, query, told, configured=configured, permitted=True, reachable=reachable, exhibit=exhibit)


def _probe(
    manifest: Manifest,
    query: Query,
    reasons: tuple[str, ...],
    *,
    configured: bool,
    permitted: bool = False,
    reachable: bool | None = None,
    exhibit: str | None = None,
) -> Probe:
    return Probe(
        collector=manifest.name,
        query=query,
        configured=configured,
        permitted=permitted,
        reachable=reachable,
        exhibit=exhibit,
        reasons=reasons,
    )


def _configured(manifest: Manifest) -> tuple[bool, str]:
    if manifest.key is None:
        return True, "It wants no key."
    if find_key(manifest):
        return True, "The key of its interface is there."
    return False, f"The key of its interface is missing: {manifest.key.how} Put it into {variable(manifest)}."


def _asked(manifest: Manifest, query: Query) -> str:
    """Return the host that a run asks first."""
    return manifest.asks[0] if manifest.asks else query.host


def _in_scope(url: str, *, query: Query, hosts: tuple[str, ...], authority: Any) -> bool:
    return request_in_scope(url, query, authority, hosts)


def _ask(manifest: Manifest, query: Query, errand: Errand, door: Door) -> tuple[bool | None, str | None, str]:
    host = _asked(manifest, query)
    netloc = query.url.split("/")[2] if isinstance(query, UrlQuery) and host_of(query.url) == host else host
    scheme = "http" if isinstance(query, UrlQuery) and query.url.startswith("http:") else "https"
    try:
        answer = door.get(errand, urlunsplit((scheme, netloc, "/robots.txt", "", "")))
    except (CaptureError, AuthorizationError) as error:
        if errand.made:
            last = errand.made[-1]
            return True, last.exhibit, f"{host} answers (exhibit {last.exhibit}, status {last.status}), and: {error}"
        unasked = isinstance(error, RateLimitedError | AuthorizationError)
        return None if unasked else False, None, f"{'Not asked' if unasked else 'The host does not answer'}: {error}"
    told = f"{host} answers; its robots.txt is exhibit {answer.exhibit} (status {answer.status})."
    return True, answer.exhibit, told
