"""What could be asked next about somebody or something, and whether an authority of the case covers it.

Nothing is asked of any host, nothing is logged, and nothing is allowed by it: the gate decides anew when a line is run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osint.collecting.api_keys import find_key
from osint.collecting.username import platforms
from osint.collectors import from_url, load, names
from osint.collectors.protocol import Manifest
from osint.gate import Gate
from osint.query import AccountQuery, HandleQuery, Query, TextQuery, UrlQuery, as_dict

_PAGES = ("webpage", "web_archive")


@dataclass(frozen=True, kw_only=True)
class Pivot:
    """One thing that could be run.

    Attributes:
        collector: Who would ask.
        reads: What that reads.
        authority: The authority that covers it; empty where none does.
        reasons: Why not, where none does.
        needs: What is missing on this workstation, or bars it; empty where nothing does.
        line: The line that runs it.
    """

    collector: str
    reads: str
    authority: str
    reasons: tuple[str, ...]
    needs: str
    line: str


def pivots(entity: str, gate: Gate) -> list[Pivot]:
    """Return what could be run about an account, a handle, a tag, an address or a node of a graph; covered ones first.

    Args:
        entity: ``@name@host``, ``@name``, ``#tag``, a web address, or the key of a node of a graph.
        gate: Says what is covered.

    Raises:
        QueryError: It is none of them.
    """
    said = _said(entity.strip())
    if said.startswith(("http://", "https://")):
        asked = _of_address(said)
    elif said.startswith("#"):
        asked = _of_tag(said[1:], gate)
    elif "@" in said[1:]:
        asked = _of_account(said)
    else:
        asked = _of_handle(said)
    found = [_pivot(name, query, gate) for name, query in asked]
    return sorted(found, key=lambda each: (not each.authority, bool(each.needs)))


def _said(entity: str) -> str:
    """Return the account, tag or address that the key of a node stands for; anything else as it is."""
    kind, _, rest = entity.partition(":")
    namespace, _, key = rest.partition(":")
    if kind == "account" and key:
        home = load(namespace).MANIFEST.home if namespace in names() else ""
        return f"@{key}" if "@" in key or not home else f"@{key}@{home}"
    return f"#{key}" if kind == "hashtag" and key else key if kind == "url" and "://" in key else entity


def _asks(manifest: Manifest, kind: type[Query]) -> bool:
    """Say whether a collector asks hosts, and not only files that somebody has, and takes such a question."""
    return kind in manifest.queries and bool(set(manifest.ways) - {"file"})


def _of_address(url: str) -> Iterator[tuple[str, Query]]:
    name, query = from_url(url)
    yield name, query
    for page in _PAGES:
        if page != name:
            yield page, UrlQuery(url=url)


def _of_tag(tag: str, gate: Gate) -> Iterator[tuple[str, Query]]:
    """Yield the sources that are asked for tags: those of one host, and of the others the hosts under authority."""
    standing = [each.authorization for each in gate.standing()]
    hosts = [host for each in standing for host in each.hosts]
    hosts += [account.rpartition("@")[2] for each in standing for account in each.accounts]
    for name in names():
        manifest = load(name).MANIFEST
        if _asks(manifest, TextQuery):
            for host in dict.fromkeys([manifest.home] if manifest.home else hosts):
                yield name, TextQuery(tag=tag, host=host)


def _of_account(account: str) -> Iterator[tuple[str, Query]]:
    """Yield the sources whose home its host is; where it is none's, those that any host may keep accounts of."""
    query = AccountQuery(account=account)
    manifests = [each for each in (load(name).MANIFEST for name in names()) if _asks(each, AccountQuery)]
    home = [each for each in manifests if query.host in _hosts(each)]
    for manifest in home or [each for each in manifests if not _hosts(each)]:
        yield manifest.name, query
    yield from _handles(query.name)


def _of_handle(handle: str) -> Iterator[tuple[str, Query]]:
    name = handle.removeprefix("@")
    HandleQuery(handle=name, host="any.example")
    yield from _handles(name)
    for platform in platforms():
        yield platform, AccountQuery(account=f"@{name}@{load(platform).MANIFEST.home}")


def _handles(name: str) -> Iterator[tuple[str, Query]]:
    """Yield the look whether others have an account of this name; one platform stands for all."""
    yield "username", HandleQuery(handle=name, host=load(platforms()[0]).MANIFEST.home)


def _hosts(manifest: Manifest) -> set[str]:
    return {host.removeprefix("www.") for host in (manifest.home, *manifest.asks) if host}


def _pivot(name: str, query: Query, gate: Gate) -> Pivot:
    decision = gate.judge(query)
    manifest = None if isinstance(query, HandleQuery) else load(name).MANIFEST
    return Pivot(
        collector=name,
        reads=manifest.reads if manifest else f"whether {len(platforms())} platforms show an account of this name",
        authority=decision.standing.authorization.identifier if decision.allowed and decision.standing else "",
        reasons=() if decision.allowed else tuple(decision.reasons),
        needs=_needs(manifest) if manifest else "",
        line=_line(name, query),
    )


def _needs(manifest: Manifest) -> str:
    wanted = manifest.key if manifest.key and not find_key(manifest) else None
    key = f"The key of its interface is missing: {wanted.how}" if wanted else ""
    return " ".join(filter(None, (manifest.barred, key)))


def _line(name: str, query: Query) -> str:
    if isinstance(query, HandleQuery):
        return f"case.username({query.handle!r})"
    asked = ", ".join(f"{key}={value!r}" for key, value in as_dict(query).items() if value not in (None, False))
    return f"case.collect({name!r}, {asked})"
