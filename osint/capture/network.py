"""How this workstation reaches the network: what differs from the plain public internet is said here, and logged."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import socket
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from osint.errors import CaseError

MEBIBYTE = 1 << 20
Answers = list[str]
VIA_PROXY = "via-proxy:"

_NUMBER = (int, float)
_SETTINGS: Mapping[str, type | tuple[type, ...]] = {
    "contact": str, "allow": list, "hosts": dict, "ca": str, "pace": _NUMBER, "connect_timeout": _NUMBER,
    "read_timeout": _NUMBER, "total_timeout": _NUMBER, "body_limit": int, "patience": _NUMBER, "attempts": int,
    "page_requests": int, "page_bytes": int, "page_seconds": _NUMBER, "proxy": str, "proxy_credentials": str,
    "time_server": str, "media_limit": int, "media_timeout": _NUMBER, "watch_pace": _NUMBER,
}  # fmt: skip
_HOST = r"([0-9a-z](?:[0-9a-z._-]{0,78}[0-9a-z])?|\[[0-9a-f:.]{2,45}\])"
_PROXY = re.compile(rf"http://{_HOST}:(\d{{1,5}})/?", re.IGNORECASE)
_TIME_SERVER = re.compile(rf"{_HOST}(?::(\d{{1,5}}))?", re.IGNORECASE)
_CREDENTIALS = re.compile(r"(file|env):.+")
_NTP = 123


def system_resolver(host: str, port: int) -> Answers:
    """Return every address the operating system gives for a name, in its order, without repeats.

    Raises:
        OSError: The name has no address.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, kw_only=True)
class Network:
    """The way to the network. The defaults are right for a workstation on the public internet.

    Attributes:
        contact: Whom an operator can write to; it goes into the ``User-Agent``.
        allow: Addresses or networks that may be reached although they are not public (``127.0.0.1``, ``10.2.0.0/16``).
        hosts: Names that are reached at a fixed ``(address, port)``, public or not, instead of asking DNS; written
            ``name`` or ``name:port``.
        ca: A PEM file of certificate authorities to trust instead of the public ones.
        proxy: The agency's proxy, ``http://host:port``, through which everything is asked. It looks the names up.
        proxy_credentials: Where ``user:password`` for it stands: ``file:PATH`` or ``env:VARIABLE``.
        time_server: A time server (SNTP) to compare this machine's clock with once a run, ``host`` or ``host:port``.
        pace: Seconds between the starts of two requests to one host.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Seconds to wait for the next bytes.
        total_timeout: Seconds after which an answer that still drips in is cut, and marked so.
        body_limit: Bytes after which an answer is cut, and marked so.
        media_limit: The same for a file that posts show.
        media_timeout: Seconds after which a file that posts show is cut, and marked so.
        patience: The longest ``Retry-After`` in seconds that a run waits for.
        attempts: How often one address is asked when the host answers "later" (429, 503).
        page_requests: Requests after which a page in a browser gets no more, and is marked so.
        page_bytes: Bytes of answers after which it gets no more, and is marked so.
        page_seconds: Seconds after which it gets no more, and is marked so.
        watch_pace: Seconds from one check of a watch to the next, at least.
        resolver: What turns a name into addresses.
    """

    contact: str = ""
    allow: tuple[str, ...] = ()
    hosts: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    ca: Path | None = None
    proxy: str = ""
    proxy_credentials: str = ""
    time_server: str = ""
    pace: float = 1.0
    connect_timeout: float = 5.0
    read_timeout: float = 25.0
    total_timeout: float = 300.0
    body_limit: int = 64 * MEBIBYTE
    media_limit: int = 2048 * MEBIBYTE
    media_timeout: float = 3600.0
    patience: float = 120.0
    attempts: int = 4
    page_requests: int = 500
    page_bytes: int = 256 * MEBIBYTE
    page_seconds: float = 60.0
    watch_pace: float = 60.0
    resolver: Callable[[str, int], Answers] = field(default=system_resolver, repr=False)

    def __post_init__(self) -> None:
        """Refuse settings that cannot be read, or that contradict each other.

        Raises:
            CaseError: An entry of ``allow`` is neither an address nor a network, or proxy, credentials or time server
                are not spelt as they should be. What was given is not shown, since it may be a secret.
        """
        try:
            _ = self.allowed
        except ValueError as error:
            raise CaseError(f"The list of allowed addresses cannot be read: {error}.") from error
        problem = next(filter(None, self._problems()), None)
        if problem:
            raise CaseError(f"{problem} Nothing was asked of any host.")

    def _problems(self) -> Iterator[str]:
        if self.proxy and not _is_address(_PROXY, self.proxy):
            yield (
                "The proxy is not spelt http://HOST:PORT. TLS to the proxy itself is not spoken, and its user name and "
                "password never stand in the settings: proxy_credentials names the place where they do."
            )
        if self.proxy and self.hosts:
            yield "There is a proxy, and there are hosts at fixed addresses, which go past it; name one of the two."
        if self.proxy_credentials and not (self.proxy and _CREDENTIALS.fullmatch(self.proxy_credentials)):
            yield (
                "The credentials for the proxy stand in a file or an environment variable, and the setting says where: "
                '"file:PATH" or "env:VARIABLE", beside a proxy.'
            )
        if self.time_server and not _is_address(_TIME_SERVER, self.time_server):
            yield "The time server is not spelt HOST or HOST:PORT."

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read the settings from a TOML file.

        Its keys are the fields above; ``hosts`` is a table of ``name = "address:port"``, and ``ca`` and the file of
        ``proxy_credentials`` are paths from the folder of the file.

        Raises:
            CaseError: The file cannot be read, or a setting is unknown or of the wrong type.
        """
        try:
            settings = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CaseError(
                f"The network settings in {file} cannot be read: {error}. Nothing was asked of any host."
            ) from error
        problems = [name for name, value in settings.items() if not isinstance(value, _SETTINGS.get(name, ()))]
        if problems:
            raise CaseError(
                f"{file} holds settings that are unknown or of the wrong type: {', '.join(problems)}. There are: "
                f"{', '.join(_SETTINGS)}. Nothing was asked of any host."
            )
        settings["allow"] = tuple(settings.get("allow", ()))
        settings["hosts"] = {name: _address(name, text) for name, text in settings.get("hosts", {}).items()}
        if "ca" in settings:
            settings["ca"] = file.parent / settings["ca"]
            if not settings["ca"].is_file():
                raise CaseError(f"{file} names certificate authorities in {settings['ca']}, which is not there.")
        kind, _, path = settings.get("proxy_credentials", "").partition(":")
        if kind == "file":
            settings["proxy_credentials"] = f"file:{file.parent / path}"
        return cls(**settings)

    @cached_property
    def user_agent(self) -> str:
        """How every request introduces itself."""
        contact = f"; {self.contact}" if self.contact else ""
        return f"osint/{version('osint')} (lawful open-source research{contact})"

    @cached_property
    def allowed(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """``allow`` as networks."""
        return tuple(ipaddress.ip_network(entry) for entry in self.allow)

    def fixed(self, host: str, port: int) -> tuple[str, int] | None:
        """Return the fixed address and port of a name, or None when DNS is asked."""
        return self.hosts.get(f"{host}:{port}") or self.hosts.get(host)

    @property
    def without_proxy(self) -> Self:
        """The same network for what no proxy can carry."""
        return replace(self, proxy="", proxy_credentials="")

    @property
    def for_media(self) -> Self:
        """The same network with the limits for files that posts show."""
        return replace(self, body_limit=self.media_limit, total_timeout=self.media_timeout)

    def within(self, seconds: float, size: int) -> Self:
        """Return the same network with limits for one answer that are no wider than these."""
        return replace(
            self,
            connect_timeout=min(self.connect_timeout, seconds),
            read_timeout=min(self.read_timeout, seconds),
            total_timeout=min(self.total_timeout, seconds),
            body_limit=min(self.body_limit, size),
        )

    @property
    def proxy_address(self) -> tuple[str, int]:
        """Host and port of the proxy."""
        return _split(_PROXY, self.proxy, 0)

    @property
    def proxy_name(self) -> str:
        """``host:port`` of the proxy, as entries and evidence name it."""
        host, port = self.proxy_address
        return f"{host}:{port}"

    @property
    def time_server_address(self) -> tuple[str, int]:
        """Host and port of the time server."""
        return _split(_TIME_SERVER, self.time_server, _NTP)

    @property
    def label(self) -> str:
        """The word every ledger entry says of the way.

        It is ``direct``, ``configured`` when some address is reached another way, or ``via-proxy:`` and the proxy.
        """
        if self.proxy:
            return f"{VIA_PROXY}{self.proxy_name}"
        return "configured" if self.allow or self.hosts or self.ca else "direct"

    def described(self) -> dict[str, Any]:
        """Return the settings as JSON values without floats, for the ledger and the evidence."""
        return {
            "allow": list(self.allow),
            "hosts": {name: f"{address}:{port}" for name, (address, port) in self.hosts.items()},
            "ca": hashlib.sha256(self.ca.read_bytes()).hexdigest() if self.ca else "public",
            "proxy": self.proxy_name if self.proxy else "none",
            "proxy_credentials": self.proxy_credentials.partition(":")[0] or "none",
            "time_server": self.time_server or "none",
            "contact": self.contact,
            "pace": f"{self.pace:g}",
            "patience": f"{self.patience:g}",
            "attempts": self.attempts,
            "timeouts": f"{self.connect_timeout:g} {self.read_timeout:g} {self.total_timeout:g}",
            "body_limit": self.body_limit,
            "media_limits": f"{self.media_limit} {self.media_timeout:g}",
            "page_limits": f"{self.page_requests} {self.page_bytes} {self.page_seconds:g}",
        }


def _is_address(spelling: re.Pattern[str], text: str) -> bool:
    match = spelling.fullmatch(text)
    return match is not None and (match[2] is None or 0 < int(match[2]) < 1 << 16)


def _split(spelling: re.Pattern[str], text: str, port: int) -> tuple[str, int]:
    match = spelling.fullmatch(text)
    assert match is not None  # the settings were checked
    return match[1].strip("[]").casefold(), int(match[2] or port)


def _address(name: str, text: Any) -> tuple[str, int]:
    address, _, port = str(text).rpartition(":")
    if not address or not port.isdecimal():
        raise CaseError(f'The fixed address of {name} is {text!r}; write it as "127.0.0.1:8443".')
    return address.strip("[]"), int(port)
