"""Which addresses may be connected to: public ones, and those a case allows by name. Checked on every hop."""

from __future__ import annotations

import ipaddress
import socket
import unicodedata
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
AddressRange = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_ISATAP = 0x5EFE  # RFC 5214: an interface identifier 0000:5efe or 0200:5efe and an IPv4 address
# Ranges that some Python versions take for public: the 6to4 relays, documentation, the old site-local addresses, and
# protocol assignments, where a cloud keeps its metadata (192.0.0.192). Another cloud answers the machines inside it,
# with their secrets, at an address that is public by its number (168.63.129.16).
_NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "fec0::/10"),
    )
)
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")  # RFC 3490, 3.1: they are full stops in a host name


def vetted(answers: Sequence[str], allowed: Sequence[AddressRange]) -> list[str]:
    """Return those of the addresses that may be connected to, in their order.

    Args:
        answers: Addresses as the resolver gave them; a zone (``%eth0``) makes an address local.
        allowed: Networks that may be reached although they are not public.
    """
    return [answer for answer in answers if _may_connect(answer, allowed)]


def written_out(host: str) -> str | None:
    """Return the address that a host name is in itself, however it is spelt; None when it has to be looked up.

    Octal, hexadecimal, shortened and single numbers are spellings that a resolver reads (inet_aton), and digits and
    full stops of other scripts are read as ours (RFC 3490). ``localhost`` is this machine by RFC 6761.
    """
    name = unicodedata.normalize("NFKC", host.translate(_DOTS)).rstrip(".").strip("[]").casefold()
    if name.rpartition(".")[2] == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(name))
    except (OSError, UnicodeError):
        return None


def _may_connect(answer: str, allowed: Sequence[AddressRange]) -> bool:
    try:
        address = ipaddress.ip_address(answer)
    except ValueError:
        return False
    if any(address in network for network in allowed):
        return True
    return "%" not in answer and all(_is_public(each) for each in _meant(address))


def _meant(address: Address) -> list[Address]:
    """Return the address and every IPv4 address that it carries inside (RFC 3056, 4291, 4380, 5214, 6052)."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.ipv4_mapped or address in _NAT64:
        return [last]
    carried = [address.sixtofour, *(address.teredo or ())]
    if int(address) >> 32 & 0xFDFFFFFF == _ISATAP:
        carried.append(last)
    return [address, *(each for each in carried if each is not None)]


def _is_public(address: Address) -> bool:
    if any(address.version == network.version and address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
