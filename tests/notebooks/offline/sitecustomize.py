"""Imported by Python at its start when this folder is on PYTHONPATH: no connection but to this machine.

The error is no OSError, so that nothing takes it for a network that happens to be down.
"""

import socket

_HERE = ("127.0.0.1", "::1", "localhost")


class OutsideConnectionError(RuntimeError):
    """Something tried to leave this machine."""


class OfflineSocket(socket.socket):
    """A socket that reaches this machine only."""

    def connect(self, address):
        return super().connect(_checked(self.family, address))

    def connect_ex(self, address):
        return super().connect_ex(_checked(self.family, address))

    def sendto(self, data, *flags_and_address):
        _checked(self.family, flags_and_address[-1])
        return super().sendto(data, *flags_and_address)


def _checked(family, address):
    if family in (socket.AF_INET, socket.AF_INET6):
        _check_host(address[0])
    return address


def _check_host(host):
    if host and host not in _HERE:
        raise OutsideConnectionError(f"{host} is not this machine")


def _resolve_here_only(host, *arguments, _resolve=socket.getaddrinfo, **named):
    _check_host(host.decode() if isinstance(host, bytes) else host)
    return _resolve(host, *arguments, **named)


socket.socket = OfflineSocket
socket.getaddrinfo = _resolve_here_only
