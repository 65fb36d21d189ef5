"""Which addresses may be connected to: public ones, and those a case allows by name. Checked on every hop."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
AddressRange = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_ISATAP = 0x5EFE  # RFC 5214: an interface identifier 0000:5efe or 0200:5efe and an IPv4 address
# Ranges that some Python versions take for public: the 6to4 relays, documentation, and the old site-local addresses.
_NOT_PUBLIC = tuple(ipaddress.ip_network(each) for each in ("192.88.99.0/24", "3fff::/20", "fec0::/10"))


def vetted(answers: Sequence[str], allowed: Sequence[AddressRange]) -> list[str]:
    """Return those of the addresses that may be connected to, in their order.

    Args:
        answers: Addresses as the resolver gave them; a zone (``%eth0``) makes an address local.
        allowed: Networks that may be reached although they are not public.
    """
    return [answer for answer in answers if _may_connect(answer, allowed)]


def _may_connect(answer: str, allowed: Sequence[AddressRange]) -> bool:
    try:
        address = ipaddress.ip_address(answer)
    except ValueError:
        return False
    return any(address in network for network in allowed) or all(_is_public(each) for each in _meant(address))


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
