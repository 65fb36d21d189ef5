"""Through a real proxy: tinyproxy, with a password, in front of servers with and without TLS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from exchanges import Exchanges
from local_processes import free_port, listening, program, running
from origin import http

from osint.capture.network import Network
from osint.errors import UnreachableError
from osint.query import REPLACED

pytestmark = pytest.mark.servers

USER, PASSWORD = "officer4471", "s3cretOfTheAgency"


@pytest.fixture
def tinyproxy(tmp_path: Path, secure) -> Iterator[str]:
    """The address of a tinyproxy that demands a password, and opens tunnels to one port."""
    port = free_port()
    settings = tmp_path / "tinyproxy.conf"
    settings.write_text(
        f"Port {port}\nListen 127.0.0.1\nTimeout 20\nBasicAuth {USER} {PASSWORD}\nConnectPort {secure.port}\n"
    )
    log = tmp_path / "tinyproxy.log"
    with running([program("tinyproxy"), "-d", "-c", str(settings)], log) as process:
        listening(port, log, process)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def secure(start_origin, authority):
    origin = start_origin(authority.server("127.0.0.1"))
    origin.serve("/", http(b"through a tunnel"))
    return origin


@pytest.fixture
def network(tinyproxy, authority, tmp_path):
    file = tmp_path / "credentials.txt"
    file.write_text(f"{USER}:{PASSWORD}\n")
    file.chmod(0o600)
    return Network(
        proxy=tinyproxy,
        proxy_credentials=f"file:{file}",
        ca=authority.pem,
        pace=0,
        allow=("127.0.0.1",),
        read_timeout=5,
    )


def test_a_plain_request_through_a_real_proxy(network, origin, open_case):
    """
    What the proxy passed back is the evidence, with the line that it adds; the password is not in the record.
    """
    exchanges = Exchanges(open_case(network=network))

    capture = exchanges.ask(origin.serve("/", http(b"in clear")))

    assert (capture.status, capture.body) == (200, b"in clear")
    assert "tinyproxy" in (capture.header("Via") or "")
    records = exchanges.records()
    assert f"Proxy-Authorization: {REPLACED}".encode() in records["request"][1]
    assert json.loads(records["metadata"][1])["peer"] == f"not observed (proxy {network.proxy_name})"
    assert b"proxy-authorization" not in origin.requests[0].lower()


def test_a_tunnel_through_a_real_proxy(network, secure, open_case):
    """
    Byte for byte what the origin read and wrote.
    """
    exchanges = Exchanges(open_case(network=network))

    exchanges.ask(f"https://127.0.0.1:{secure.port}/")

    records = exchanges.records()
    assert [records["request"][1]] == secure.requests
    assert records["response"][1] == http(b"through a tunnel")


@pytest.mark.parametrize("tunnel", [False, True], ids=["in clear", "tunnel"])
def test_a_real_proxy_turns_away_whoever_it_does_not_know(tunnel, tinyproxy, authority, origin, secure, open_case):
    """
    Its 407 is a failure and no exhibit.
    """
    network = Network(proxy=tinyproxy, ca=authority.pem, pace=0, allow=("127.0.0.1",))
    exchanges = Exchanges(open_case(network=network))

    with pytest.raises(UnreachableError, match="asks for credentials"):
        exchanges.ask(f"https://127.0.0.1:{secure.port}/" if tunnel else origin.serve("/", http(b"x")))

    assert exchanges.case._ledger.exhibits() == []
    assert origin.requests == secure.requests == []


def test_a_port_that_a_real_proxy_does_not_allow(network, origin, open_case):
    """
    The refusal of a tunnel is the proxy's, and said so.
    """
    exchanges = Exchanges(open_case(network=network))

    with pytest.raises(UnreachableError, match=r"opened no way to 127\.0\.0\.1: status 403"):
        exchanges.ask(f"https://127.0.0.1:{origin.port}/")

    assert origin.requests == []
