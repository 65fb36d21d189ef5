"""Which addresses may be connected to: public ones, and those a case allows by name. Checked on every hop."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
AddressRange = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


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
    """Return the address and every IPv4 address that it carries inside (RFC 4291, 3056, 4380, 6052)."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        carried.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    inside: list[Address] = [each for each in carried if each is not None]
    return inside if address.ipv4_mapped else [address, *inside]


def _is_public(address: Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
