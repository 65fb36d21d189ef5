"""The proxy of an agency: asked for the way to a host, told who we are, and never hidden in what is recorded.

A proxy looks names up and makes the connection. Which addresses a name has, and which one was reached, is not seen from
here and not guessed; what a request names by number is still refused where it is not public.

Source: RFC 9110, 9.3.6 (CONNECT), 11.7 (Proxy-Authorization), 15.5.8 (407); RFC 9112, 3.2.2 (absolute-form).
"""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path

from osint.capture.address import vetted, written_out
from osint.capture.network import Network
from osint.chain_of_custody.key_files import read_private
from osint.errors import AddressRefusedError, LedgerError, UnreachableError

_LONGEST_HEAD = 1 << 16
_LONGEST_CREDENTIALS = 1 << 12


def connect(network: Network, host: str, port: int, *, tunnel: bool, left: Callable[[], float]) -> socket.socket:
    """Connect to the proxy of a network; with ``tunnel``, have it open the way to the host.

    Args:
        network: It names the proxy.
        host: Where to: a name, or an address.
        port: Its port.
        tunnel: Whether the way is opened here (CONNECT), or the request itself will tell the proxy where to.
        left: Tells the seconds that remain.

    Raises:
        AddressRefusedError: The host is an address that is not public.
        UnreachableError: The proxy cannot be reached, or leads nowhere.
    """
    _check_address(network, host)
    connection = _reach(network, host)
    if not tunnel:
        return connection
    try:
        status = _ask_for_tunnel(connection, network, host, port, left)
    except (OSError, ValueError) as error:
        connection.close()
        raise UnreachableError(
            f"The proxy {network.proxy_name} opened no way to {host} ({error}). Nothing was asked of {host}."
        ) from error
    except BaseException:
        connection.close()
        raise
    if not 200 <= status < 300:
        connection.close()
        check_answer(network, status)
        raise UnreachableError(
            f"The proxy {network.proxy_name} opened no way to {host}: status {_named(status)}. Nothing was asked of "
            f"{host}; whether it is there, this does not tell."
        )
    return connection


def headers(network: Network) -> Mapping[str, str]:
    """Return what a request to the proxy says besides: who we are, when the proxy asks for that.

    Raises:
        UnreachableError: The credentials cannot be read.
    """
    where = network.proxy_credentials
    if not where:
        return {}
    credentials = _read(where)
    if not credentials.isprintable() or ":" not in credentials:
        raise UnreachableError(
            f"{_place(where)} does not hold credentials for the proxy: one line, user:password. Nothing was asked of "
            "any host."
        )
    return {"Proxy-Authorization": "Basic " + base64.b64encode(credentials.encode()).decode("ascii")}


def check_answer(network: Network, status: int) -> None:
    """Refuse an answer that only the proxy gives: it wants to know who we are.

    Raises:
        UnreachableError: It does.
    """
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        sent = "did not take the credentials" if network.proxy_credentials else "asks for credentials"
        raise UnreachableError(
            f"The proxy {network.proxy_name} {sent} (status 407), and nothing was asked of any host. Name them in "
            'Network(proxy_credentials="file:..." or "env:...").'
        )


def _check_address(network: Network, host: str) -> None:
    address = written_out(host)
    if address is not None and not vetted([address], network.allowed):
        raise AddressRefusedError(
            f"{host} is {address}, which is not on the public network. Nothing was asked of it or of the proxy. If it "
            "is a mirror of your agency, name it in Network(allow=...)."
        )


def _reach(network: Network, host: str) -> socket.socket:
    """Connect to the proxy itself. Whoever names it in the settings allows its address by that."""
    proxy, port = network.proxy_address
    try:
        failure = OSError("its name has no address")
        for address in network.resolver(proxy, port):
            try:
                connection = socket.create_connection((address, port), network.connect_timeout)
            except OSError as error:
                failure = error
                continue
            connection.settimeout(network.read_timeout)
            return connection
        raise failure
    except (OSError, UnicodeError) as error:
        raise UnreachableError(
            f"The proxy {network.proxy_name} cannot be reached ({error}). Nothing was asked of {host}."
        ) from error


def _ask_for_tunnel(
    connection: socket.socket, network: Network, host: str, port: int, left: Callable[[], float]
) -> int:
    target = f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", f"User-Agent: {network.user_agent}"]
    lines += [f"{name}: {value}" for name, value in headers(network).items()]
    connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
    head = _read_head(connection, left)
    version, _, rest = head.partition(b" ")
    if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
        raise ValueError("what it answered is no HTTP")
    return int(rest[:3])


def _read_head(connection: socket.socket, left: Callable[[], float]) -> bytes:
    """Read to the end of the headers and not a byte more: what follows belongs to the tunnel."""
    head = bytearray()
    while not head.endswith((b"\r\n\r\n", b"\n\n")):
        byte = connection.recv(1)
        if not byte:
            raise ValueError("it hung up")
        head += byte
        if len(head) > _LONGEST_HEAD or left() <= 0:
            raise ValueError("it did not come to the end of its answer")
    return bytes(head)


def _read(where: str) -> str:
    kind, _, name = where.partition(":")
    try:
        if kind == "env":
            return os.environ[name]
        content = read_private(Path(name), _LONGEST_CREDENTIALS)
        return content.partition(b"\n")[0].removesuffix(b"\r").decode()
    except (KeyError, OSError, ValueError, LedgerError):
        raise UnreachableError(
            f"{_place(where)} cannot be read, which should hold the credentials for the proxy in one line "
            "(user:password; a file that you alone may read). Nothing was asked of any host."
        ) from None


def _place(where: str) -> str:
    kind, _, name = where.partition(":")
    return f"The environment variable {name}" if kind == "env" else f"The file {name}"


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
