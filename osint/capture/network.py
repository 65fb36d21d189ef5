"""How this workstation reaches the network: what differs from the plain public internet is said here, and logged."""

from __future__ import annotations

import hashlib
import ipaddress
import socket
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from osint.errors import CaseError

MEBIBYTE = 1 << 20
Answers = list[str]

_NUMBER = (int, float)
_SETTINGS: Mapping[str, type | tuple[type, ...]] = {
    "contact": str, "allow": list, "hosts": dict, "ca": str, "pace": _NUMBER, "connect_timeout": _NUMBER,
    "read_timeout": _NUMBER, "total_timeout": _NUMBER, "body_limit": int, "patience": _NUMBER, "attempts": int,
    "page_requests": int, "page_bytes": int, "page_seconds": _NUMBER,
}  # fmt: skip


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
        pace: Seconds between the starts of two requests to one host.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Seconds to wait for the next bytes.
        total_timeout: Seconds after which an answer that still drips in is cut, and marked so.
        body_limit: Bytes after which an answer is cut, and marked so.
        patience: The longest ``Retry-After`` in seconds that a run waits for.
        attempts: How often one address is asked when the host answers "later" (429, 503).
        page_requests: Requests after which a page in a browser gets no more, and is marked so.
        page_bytes: Bytes of answers after which it gets no more, and is marked so.
        page_seconds: Seconds after which it gets no more, and is marked so.
        resolver: What turns a name into addresses.
    """

    contact: str = ""
    allow: tuple[str, ...] = ()
    hosts: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    ca: Path | None = None
    pace: float = 1.0
    connect_timeout: float = 5.0
    read_timeout: float = 25.0
    total_timeout: float = 300.0
    body_limit: int = 64 * MEBIBYTE
    patience: float = 120.0
    attempts: int = 4
    page_requests: int = 500
    page_bytes: int = 256 * MEBIBYTE
    page_seconds: float = 60.0
    resolver: Callable[[str, int], Answers] = field(default=system_resolver, repr=False)

    def __post_init__(self) -> None:
        """Refuse an allow list that cannot be read.

        Raises:
            CaseError: An entry of ``allow`` is neither an address nor a network.
        """
        try:
            _ = self.allowed
        except ValueError as error:
            raise CaseError(f"The list of allowed addresses cannot be read: {error}.") from error

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read the settings from a TOML file.

        Its keys are the fields above; ``hosts`` is a table of ``name = "address:port"``, and ``ca`` is a path from the
        folder of the file.

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
        return cls(**settings)

    @property
    def user_agent(self) -> str:
        """How every request introduces itself."""
        contact = f"; {self.contact}" if self.contact else ""
        return f"osint/{version('osint')} (lawful open-source research{contact})"

    @property
    def allowed(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """``allow`` as networks."""
        return tuple(ipaddress.ip_network(entry) for entry in self.allow)

    def fixed(self, host: str, port: int) -> tuple[str, int] | None:
        """Return the fixed address and port of a name, or None when DNS is asked."""
        return self.hosts.get(f"{host}:{port}") or self.hosts.get(host)

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
    def label(self) -> str:
        """The word every ledger entry says: ``direct``, or ``configured`` when some address is reached another way."""
        return "configured" if self.allow or self.hosts or self.ca else "direct"

    def described(self) -> dict[str, Any]:
        """Return the settings as JSON values without floats, for the ledger and the evidence."""
        return {
            "allow": list(self.allow),
            "hosts": {name: f"{address}:{port}" for name, (address, port) in self.hosts.items()},
            "ca": hashlib.sha256(self.ca.read_bytes()).hexdigest() if self.ca else "public",
            "contact": self.contact,
            "pace": f"{self.pace:g}",
            "patience": f"{self.patience:g}",
            "attempts": self.attempts,
            "timeouts": f"{self.connect_timeout:g} {self.read_timeout:g} {self.total_timeout:g}",
            "body_limit": self.body_limit,
            "page_limits": f"{self.page_requests} {self.page_bytes} {self.page_seconds:g}",
        }


def _address(name: str, text: Any) -> tuple[str, int]:
    address, _, port = str(text).rpartition(":")
    if not address or not port.isdecimal():
        raise CaseError(f'The fixed address of {name} is {text!r}; write it as "127.0.0.1:8443".')
    return address.strip("[]"), int(port)
