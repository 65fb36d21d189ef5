"""The address guard: every way to write an address that is not public, on every path that leads to a socket."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

import pytest
from origin import http, recorded

from osint.capture.address import vetted, written_out
from osint.capture.network import Network
from osint.capture.post import poster
from osint.capture.time_server import ask_time_server
from osint.errors import AddressRefusedError, CaptureError
from osint.instants import now

# Names of what must not be reached, and one address of it at least.
NOT_PUBLIC = {
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "this machine": ["0.0.0.0", "0.1.2.3", "::"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd00::1"],
    "link-local": ["169.254.0.1", "fe80::1", "fe80::1%eth0", "fec0::1"],
    "metadata of a cloud": [
        "169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16",
    ],
    "carrier-grade NAT": ["100.64.0.1", "100.127.255.255"],
    "multicast and broadcast": ["224.0.0.1", "239.255.255.250", "255.255.255.255", "ff02::1", "ff0e::1"],
    "reserved": ["240.0.0.1", "198.18.0.1", "192.88.99.1", "100::1", "5f00::1"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "IPv4 in IPv6": ["::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "::ffff:0:127.0.0.1"],
    "6to4": ["2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:a00:1::"],
    "Teredo": ["2001:0:7f00:1::", "2001:0:808:808:0:0:f5ff:fffe"],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "64:ff9b:1::808:808"],
    "ISATAP": ["2600::5efe:127.0.0.1", "2600::200:5efe:10.0.0.1"],
    "a zone of this machine": ["2600::1%eth0"],
    "no address": ["", "example.org", "127.0.0.1/8"],
}  # fmt: skip
SPELLINGS = [
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001", "0",
    "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "localhost", "localhost.",
    "LocalHost", "169.254.169.254", "0xa9fea9fe", "2852039166", "[fd00:ec2::254]", "[64:ff9b::a9fe:a9fe]",
    "10.0.0.1", "0xa.1", "192.168.257", "100.64.0.1", "224.0.0.1",
]  # fmt: skip

OTHER_DIGITS = ["①②⑦.⓪.⓪.①", "１２７.０.０.１", "127。0。0。1", "②⑤④⑤③⑤"]


@pytest.mark.parametrize("address", [each for group in NOT_PUBLIC.values() for each in group])
def test_an_address_that_is_not_public_is_not_connected_to(address):
    """
    Not on any Python version: what one of them takes for public is listed by us.
    """
    assert vetted([address], ()) == []


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "2600::1", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8", "168.63.129.17"],
)
def test_a_public_address_is_let_through(address):
    """
    With those of DNS64, which every old site has on a network without IPv4.
    """
    assert vetted([address], ()) == [address]


def test_what_the_settings_allow_is_let_through_and_nothing_beside_it():
    """
    An allowed network opens itself alone, and in no other spelling.
    """
    allowed = [ipaddress.ip_network("10.20.0.0/16")]

    assert vetted(["10.20.0.7", "10.21.0.7", "::ffff:10.20.0.7"], allowed) == ["10.20.0.7"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_leads_to_it(spelling, monkeypatch):
    """
    Whatever the spelling, no socket is opened; with the system's own resolver, which reads them all.
    """
    monkeypatch.setattr("osint.capture.wire.socket.create_connection", _unwanted)

    with pytest.raises(AddressRefusedError, match="not on the public network"):
        recorded(f"http://{spelling}/latest/meta-data", Network(pace=0))


@pytest.mark.parametrize("proxy", ["", "http://proxy.agency.example:3128"])
@pytest.mark.parametrize("spelling", OTHER_DIGITS)
def test_digits_of_other_scripts_lead_nowhere(spelling, proxy, monkeypatch):
    """
    They are no host name of today's rules (IDNA 2008), whatever an older resolver would make of them.
    """
    monkeypatch.setattr("osint.capture.wire.socket.create_connection", _unwanted)

    with pytest.raises(CaptureError):
        recorded(f"http://{spelling}/", Network(pace=0, proxy=proxy))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_leads_to_it_through_a_proxy(spelling, monkeypatch):
    """
    A proxy would resolve it inside the agency's network, so it is refused before the proxy hears of it.
    """
    monkeypatch.setattr("osint.capture.agency_proxy.socket.create_connection", _unwanted)
    network = Network(pace=0, proxy="http://proxy.agency.example:3128")

    for url in (f"http://{spelling}/latest/meta-data", f"https://{spelling}/"):
        with pytest.raises(AddressRefusedError, match="not on the public network"):
            recorded(url, network)


@pytest.mark.parametrize("spelling", SPELLINGS[:10])
def test_no_spelling_is_posted_to(spelling, monkeypatch):
    """
    Time-stamping authorities and witnesses are named by people, and the same guard stands before them.
    """
    monkeypatch.setattr("osint.capture.wire.socket.create_connection", _unwanted)

    with pytest.raises(CaptureError):
        poster(Network(pace=0))(f"http://{spelling}/", b"", "text/plain")


@pytest.mark.parametrize("spelling", ["127.0.0.1", "127.1", "0x7f000001", "localhost", "[::1]:123", "169.254.169.254"])
def test_no_time_server_is_asked_that_is_not_public(spelling, monkeypatch):
    """
    A datagram is a request like any other.
    """
    monkeypatch.setattr("osint.capture.time_server.socket.socket", _unwanted)

    with pytest.raises(AddressRefusedError):
        ask_time_server(Network(time_server=spelling), now)


def _unwanted(*_, **__):
    raise AssertionError("a socket was opened")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("example.org", None), ("1.example", None), ("127.0.0.1.example", None), ("xn--nxasmq6b", None), ("", None),
        ("a" * 300, None), ("8.8.8.8", "8.8.8.8"), ("134744072", "8.8.8.8"), ("[2600::1]", "2600::1"),
        *((each, "127.0.0.1") for each in OTHER_DIGITS[:3]), ("www.localhost", "127.0.0.1"), ("0x8080808.", "8.8.8.8"),
    ],
)  # fmt: skip
def test_a_name_is_told_from_an_address(host, address):
    """
    What has to be looked up is no address, however many numbers it begins with.
    """
    assert written_out(host) == address


def test_an_address_is_vetted_at_every_connection_and_not_once(origin, loopback):
    """
    A name that leads to an allowed address first and inside afterwards is refused the second time.
    """
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    network = replace(loopback, resolver=lambda host, port: answers.pop(0))
    origin.serve("/", http(b"ok"))
    url = f"http://rebound.example:{origin.port}/"

    recorded(url, network)
    with pytest.raises(AddressRefusedError):
        recorded(url, network)

    assert len(origin.requests) == 1
