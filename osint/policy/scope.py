"""What the scope of an authority covers: accounts, hosts, addresses, tags, words, and a period."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit

import idna

from osint.instants import day_bounds, format_instant
from osint.policy.authorization import Authorization
from osint.policy.contracts import barred
from osint.query import (
    AccountQuery,
    HandleQuery,
    Query,
    SearchQuery,
    TextQuery,
    ThreadQuery,
    UrlQuery,
    host_of,
    without_secrets,
)

_QUOTED_AT_MOST = 5


def request_in_scope(url: str, query: Query, authorization: Authorization, asks: Sequence[str] = ()) -> bool:
    """Say whether a request on the way of a search may go to this address.

    An address under authority covers what lies below it; a host under authority covers all of it. The host that keeps
    an account, a thread or a tag that was asked for answers through its interface, so all of that host is meant, and
    so are the hosts that answer for it (``asks``). An interface whose contract bars the purpose is never asked.
    """
    host = _bare(host_of(url))
    if barred(host, authorization.purpose):
        return False
    if host in set(map(_bare, asks)):
        return True
    if host in set(map(_bare, authorization.hosts)) or any(_below(url, each) for each in authorization.urls):
        return True
    through_an_interface = {AccountQuery(account=account).host for account in authorization.accounts}
    if not isinstance(query, UrlQuery):
        through_an_interface.add(query.host)
    return host in set(map(_bare, through_an_interface))


def named_hosts(authorization: Authorization) -> frozenset[str]:
    """Return the hosts that an authority names: by themselves, in an address, or behind an account."""
    accounts = (AccountQuery(account=account).host for account in authorization.accounts)
    return frozenset(map(_bare, (*authorization.hosts, *map(host_of, authorization.urls), *accounts)))


def within_period(query: Query, authorization: Authorization) -> Query:
    """Give a query that names no period the period of the authority."""
    return replace(
        query,
        since=query.since if query.since is not None else authorization.since,
        until=query.until if query.until is not None else authorization.until,
    )


def period_objections(query: Query, authorization: Authorization) -> list[str]:
    """Say which part of the asked period the authority does not cover."""
    since, until = query.bounds
    first, last = day_bounds(authorization.since, authorization.until)
    objections = []
    if first and since and since < first:
        objections.append(f"it covers nothing before {format_instant(first)}, and {query.since} was asked")
    if last and until and until > last:
        objections.append(f"it covers nothing after {format_instant(last)}, and {query.until} was asked")
    return objections


def scope_objections(query: Query, authorization: Authorization) -> list[str]:
    """Say what the scope lacks, and how it is added.

    A host under authority covers its pages, feeds and threads. It does not cover its accounts: on a large instance
    that would be everyone, so a person's account has to be named.
    """
    if isinstance(query, AccountQuery):
        named = _account(query.account) in set(map(_account, authorization.accounts))
        return [] if named else [_outside(query.account, "accounts")]
    if isinstance(query, TextQuery):
        tags = {_tag(tag) for tag in (*authorization.tags, *authorization.terms)}
        hosts = named_hosts(authorization)
        return [
            *([] if _tag(query.tag) in tags else [_outside(f"the tag {query.tag}", "tags")]),
            *([] if not hosts or _bare(query.host) in hosts else [_outside(query.host, "hosts")]),
        ]
    if isinstance(query, SearchQuery):
        return _search_objections(query, authorization)
    if isinstance(query, HandleQuery):
        return _handle_objections(query, authorization)
    address = query.thread if isinstance(query, ThreadQuery) else query.url
    covered = (
        _bare(host_of(address)) in set(map(_bare, authorization.hosts))
        or any(_below(address, url) for url in authorization.urls)
        or (isinstance(query, ThreadQuery) and any(_wrote(account, address) for account in authorization.accounts))
    )
    return [] if covered else [_outside(address, "urls")]


def contract_objections(query: Query, authorization: Authorization) -> list[str]:
    """Say why the interface of the query's host may not be asked for this purpose."""
    contract = barred(_bare(query.host), authorization.purpose)
    return [f"{contract.reason}. Instead, {contract.instead}"] if contract else []


def _search_objections(query: SearchQuery, authorization: Authorization) -> list[str]:
    """Say why a register may not be asked: its host is named as such, and the words are whom or what it is about.

    To look through a whole register, without words, nothing but its host need be under authority.
    """
    words = query.search.strip().casefold()
    aims = {aim.strip().casefold() for aim in (*authorization.subjects, *authorization.terms, *authorization.tags)}
    return [
        *([] if _bare(query.host) in set(map(_bare, authorization.hosts)) else [_outside(query.host, "hosts")]),
        *([] if not words or words in aims else [_outside(f"the search for {query.search}", "terms")]),
    ]


def _handle_objections(query: HandleQuery, authorization: Authorization) -> list[str]:
    """Say why nobody may look whether a handle is to be seen: it is that of an account, or a word, under authority."""
    named = {_account(account).partition("@")[0] for account in authorization.accounts}
    words = {_fold(word.strip()) for word in (*authorization.subjects, *authorization.terms)}
    return [] if _fold(query.handle) in named | words else [_outside(f"the handle {query.handle}", "terms")]


def _outside(what: str, field: str) -> str:
    what = without_secrets(what)
    remedy = f"If a lead led here, add it with case.extend({field}=[...], exhibit=..., reason=...)"
    return f"{what} is outside its scope. {remedy}; else record an authority that names it"


def _account(text: str) -> str:
    name, at, host = text.removeprefix("@").partition("@")
    return _fold(name) + at + _bare(host)


def _fold(text: str) -> str:
    """Return a name in small letters. A letter of another alphabet never becomes a Latin one: that is somebody else."""
    return "".join(each if not each.isascii() and each.lower().isascii() else each.lower() for each in text)


def _tag(text: str) -> str:
    return text.removeprefix("#").casefold()


def _bare(host: str) -> str:
    """Return a host as it is registered: in its ASCII form (IDNA 2008, UTS 46), without ``www.`` and a last dot.

    Letter case is not folded any further, since folding would take ``straße`` and ``strasse`` for one name.
    """
    host = host.lower().rstrip(".").removeprefix("www.")
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return host


def _below(address: str, url: str) -> bool:
    """Say whether an address is the given one or below it, at a path boundary. The scheme makes no difference."""
    asked, named = urlsplit(address), urlsplit(url)
    if (_bare(asked.hostname or ""), asked.port) != (_bare(named.hostname or ""), named.port):
        return False
    if named.query and asked.query != named.query:
        return False
    path, root = _plain_path(asked.path), _plain_path(named.path)
    return path is not None and root is not None and (path == root or path.startswith(root + "/"))


def _plain_path(path: str) -> str | None:
    """Return a path unquoted and without its last slash; None when a server could read it as climbing."""
    for _ in range(_QUOTED_AT_MOST):
        path, quoted = unquote(path), path
        if path == quoted:
            break
    climbs = any(step.partition(";")[0] in (".", "..") for step in path.split("/"))
    return None if climbs or "\\" in path else path.rstrip("/")


def _wrote(account: str, address: str) -> bool:
    """Say whether the address of one post names this account: ``https://host/@name/1``, ``/users/name/statuses/1``."""
    query = AccountQuery(account=account)
    name = re.escape(_fold(query.name))
    post = rf"(/@{name}/[0-9a-z]+|/users/{name}/statuses/[0-9a-z]+)/?"
    path = _fold(urlsplit(address).path)
    return _bare(host_of(address)) == _bare(query.host) and re.fullmatch(post, path) is not None
