"""What was asked of a source. A query is data: it is judged by the gate, kept in the ledger, and can be asked again."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from osint.errors import QueryError
from osint.instants import day_bounds

REPLACED = "REPLACED-BY-OSINT"
_STREAMS = ("nntp", "nntps", "ws", "wss")
_PARAMETERS = {
    "accesskey", "accesstoken", "apikey", "apitoken", "auth", "authkey", "authtoken", "authorization", "bearertoken",
    "clientsecret", "csrftoken", "idtoken", "jsessionid", "jwt", "key", "oauthsignature", "oauthtoken",
    "oauthtokensecret", "oauthverifier", "passwd", "password", "phpsessid", "pwd", "refreshtoken", "samlresponse",
    "secret", "secretkey", "session", "sessionid", "sessionkey", "sessiontoken", "sid", "sig", "signature", "token",
    "xamzcredential", "xamzsecuritytoken", "xamzsignature", "xapikey", "xauthtoken", "xgoogcredential",
    "xgoogsignature", "xsrftoken",
}  # fmt: skip
_BETWEEN = r"(?:[?&;#]|%(?:25)*(?:3[fF]|3[bB]|2[36]))"  # also as an address within an address spells them
_PARAMETER = re.compile(rf"({_BETWEEN})([^?&;#=/\s]{{1,100}}?)(?:=|%(?:25)*3[dD])")
_PATH_ENDS = re.compile(r"[?#]")
_VALUE_ENDS = re.compile(r"[&#]|;[^?&;#=/\s]{1,100}=")
_PATH_VALUE_ENDS = re.compile(r"[/?&;#]")
_INNER_VALUE_ENDS = re.compile(r"[&#]|%(?:25)*2[36]|;[^?&;#=/\s]{1,100}=")
_USER = re.compile(r"[^/?#\\]*[/\\]{2}([^/?#\\]*)@")
_ANY_USER = re.compile(r"[^/?#\\]*[/\\]{2}(.*)@", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Period:
    """The part every query shares: a period (UTC days, or times with their zone; both ends included) and a limit.

    ``limit`` counts posts and is reached at the end of a page, so a run may hold a few more.
    """

    since: str | None = None
    until: str | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        """Refuse a period or a limit that cannot be meant.

        Raises:
            QueryError: The period is unreadable or ends before it starts, or the limit is below 1.
        """
        try:
            day_bounds(self.since, self.until)
        except ValueError as error:
            raise QueryError(f"The period of this query cannot be read: {error}.") from error
        if self.limit is not None and self.limit < 1:
            raise QueryError(f"A limit of {self.limit} posts asks for nothing; leave it out or ask for at least 1.")

    @property
    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """First and last instant asked for, in UTC."""
        return day_bounds(self.since, self.until)


@dataclass(frozen=True, kw_only=True)
class AccountQuery(Period):
    """The posts of one account, written ``@name@host``."""

    account: str

    def __post_init__(self) -> None:
        """Refuse what is not an account.

        Raises:
            QueryError: The account is not written ``@name@host``.
        """
        super().__post_init__()
        if not self.name or not self.host or "/" in self.account:
            raise QueryError(f"{self.account!r} is not an account; write it as @name@host.")

    @property
    def name(self) -> str:
        """The part before the host."""
        return self.account.removeprefix("@").partition("@")[0]

    @property
    def host(self) -> str:
        """The host that keeps the account, in lower case."""
        return self.account.removeprefix("@").partition("@")[2].lower()


@dataclass(frozen=True, kw_only=True)
class ThreadQuery(Period):
    """One post by its address, with what it answers and what answers it."""

    thread: str

    def __post_init__(self) -> None:
        """Refuse what is not a web address.

        Raises:
            QueryError: The thread is not an http or https address.
        """
        super().__post_init__()
        _check_url(self.thread)

    @property
    def host(self) -> str:
        """The host of the address."""
        return host_of(self.thread)


@dataclass(frozen=True, kw_only=True)
class TextQuery(Period):
    """Posts under a tag, as one host shows them."""

    tag: str
    host: str

    def __post_init__(self) -> None:
        """Refuse an empty tag or a host that is an address.

        Raises:
            QueryError: The tag is empty, or the host is not a bare host name.
        """
        super().__post_init__()
        if not self.tag.removeprefix("#").strip():
            raise QueryError("The tag is empty; write it as tag='missing'.")
        _check_host(self.host)


@dataclass(frozen=True, kw_only=True)
class UrlQuery(Period):
    """One address: a page, a feed, a newsgroup (``nntp``, ``nntps``) or a relay (``ws``, ``wss``).

    ``render`` asks for the page as a browser shows it, after its scripts ran.
    """

    url: str
    render: bool = False

    def __post_init__(self) -> None:
        """Refuse what is not a web address.

        Raises:
            QueryError: The address is neither of the web nor of a newsgroup or relay, or ``render`` does not fit it.
        """
        super().__post_init__()
        _check_url(self.url, also=_STREAMS)
        if self.render and urlsplit(self.url).scheme in _STREAMS:
            raise QueryError(f"{without_secrets(self.url)!r} is no page that a browser shows; leave render=True out.")
        if not isinstance(self.render, bool):
            raise QueryError(f"render={self.render!r} says neither yes nor no; write render=True, or leave it out.")

    @property
    def host(self) -> str:
        """The host of the address."""
        return host_of(self.url)


@dataclass(frozen=True, kw_only=True)
class SearchQuery(Period):
    """What a register finds for some words, a name mostly; no words ask for all that ``where`` leaves.

    Attributes:
        search: The words.
        host: The host of the register.
        where: Conditions in the register's own terms, ``{"nationality": "NL"}``.
    """

    search: str
    host: str
    where: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a host that is an address, and a condition that is not text.

        Raises:
            QueryError: The host is not a bare host name, or a condition is no text.
        """
        super().__post_init__()
        _check_host(self.host)
        if not all(isinstance(text, str) for pair in self.where.items() for text in pair):
            raise QueryError(f"{self.where!r} is not a set of conditions; write it as where={{'nationality': 'NL'}}.")


@dataclass(frozen=True, kw_only=True)
class HandleQuery(Period):
    """Whether an account of this name is to be seen at a host. It asks for no posts."""

    handle: str
    host: str

    def __post_init__(self) -> None:
        """Refuse what is no name of an account, or no host.

        Raises:
            QueryError: The handle is empty or holds what no account's name holds, or the host is no bare host name.
        """
        super().__post_init__()
        _check_host(self.host)
        if not self.handle or set("/@?#: ") & set(self.handle):
            raise QueryError(f"{self.handle!r} is not the name of an account; write it without @ and host.")


Query = AccountQuery | ThreadQuery | TextQuery | UrlQuery | SearchQuery | HandleQuery
_KINDS: tuple[type[Query], ...] = (AccountQuery, ThreadQuery, TextQuery, UrlQuery, SearchQuery, HandleQuery)


def make_query(**asked: Any) -> Query:
    """Make the query that these keywords mean: ``account``, ``thread``, ``url``, ``tag`` or ``search`` with ``host``.

    Raises:
        QueryError: The keywords fit no query, or more than one; the message names what is possible.
    """
    stated = given(asked)
    for kind in _KINDS:
        fields = {each.name for each in dataclasses.fields(kind)}
        needed = {each.name for each in dataclasses.fields(kind) if _is_required(each)}
        if needed <= stated.keys() <= fields:
            return kind(**stated)
    raise QueryError(
        f"A query cannot be made from {', '.join(sorted(stated)) or 'nothing'}. Give account='@name@host', or "
        "thread=URL, or tag=... with host=..., or search=... with host=..., which where={...} narrows, or url=URL, "
        "which render=True has a browser load; since, until and limit go with each."
    )


def given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked without what was left out: None and False."""
    return {name: value for name, value in asked.items() if value is not None and value is not False}


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def as_dict(query: Query) -> dict[str, Any]:
    """Return the query as JSON values, for the ledger and for people; secrets in an address are replaced.

    ``make_query(**as_dict(query))`` gives an equal query back, unless it holds a secret.
    """
    values = dataclasses.asdict(query)
    values |= {name: without_secrets(values[name]) for name in ("url", "thread") if name in values}
    period = {name: values.pop(name) for name in ("since", "until", "limit")}
    said = {**values, **period}.items()
    return {name: value for name, value in said if value not in (None, False, {})}


def describe(query: Query) -> str:
    """Return the query in words, for a person: ``account=@jane@social.example since=2026-05-01``."""
    return " ".join(f"{name}={value}" for name, value in as_dict(query).items())


def host_of(url: str) -> str:
    """Return the host of a web address, in lower case and without its port; empty where it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:  # a bracket that is never closed
        return ""


def in_period(published: datetime | None, query: Query) -> bool:
    """Say whether a post belongs to the period asked for; one without an instant always does."""
    since, until = query.bounds
    return published is None or ((since is None or published >= since) and (until is None or published <= until))


def _check_host(host: str) -> None:
    if not host or set("/@: ") & set(host):
        raise QueryError(f"{host!r} is not a host; write it as host='social.example'.")


def _check_url(url: str, *, also: Collection[str] = ()) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https", *also) and bool(parts.hostname) and parts.username is None
        _ = parts.port
    except ValueError:
        usable = False
    if not usable:
        raise QueryError(
            f"{without_secrets(url)!r} is not an address that can be collected: write it as https://host/path, without "
            "a user name."
        )


def is_secret_parameter(name: str) -> bool:
    """Say whether a parameter of an address carries a key, by its name, however that joins its words."""
    words = re.findall(r"[^\[\]]+", name.casefold())  # of user[password], the last
    return bool(words) and re.sub(r"[^a-z0-9]", "", words[-1]) in _PARAMETERS


def without_secrets(url: str) -> str:
    """Return the address with its user name, its password and the values of key parameters replaced.

    They are looked for behind ``?``, ``&``, ``;`` and ``#``, also in an address that is the value of a parameter, and
    in what cannot be parsed. Nothing else is spelt anew.
    """
    clean, done = [], 0
    for start, end in _places(url):
        clean += [url[done:start], REPLACED]
        done = end
    return "".join([*clean, url[done:]])


def secrets_in(url: str) -> list[str]:
    """Return what :func:`without_secrets` replaces, as it is spelt there."""
    return [value for start, end in _places(url) if (value := url[start:end]) != REPLACED]


def _places(url: str) -> Iterator[tuple[int, int]]:
    """Yield where a user name with its password, and the values of key parameters stand, in their order."""
    user = (_USER if _is_parsed(url) else _ANY_USER).match(url)
    done = 0
    if user and user[1]:
        yield user.span(1)
        done = user.end()
    path_end = found.start() if (found := _PATH_ENDS.search(url)) else len(url)
    named = [(match, unquote_plus(match[2])) for match in _PARAMETER.finditer(url)]
    is_sign_in = any(name.casefold() == "state" for _, name in named)  # RFC 6749, 4.1.2: beside it, a code is a key
    for match, name in named:
        if match.start() < done or not (is_secret_parameter(name) or (is_sign_in and name.casefold() == "code")):
            continue
        ends = _PATH_VALUE_ENDS if match.start() < path_end else _VALUE_ENDS
        stop = (_INNER_VALUE_ENDS if len(match[1]) > 1 else ends).search(url, match.end())
        done = stop.start() if stop else len(url)
        if done > match.end():
            yield match.end(), done


def _is_parsed(url: str) -> bool:
    try:
        _ = urlsplit(url).port
    except ValueError:
        return False
    return True
