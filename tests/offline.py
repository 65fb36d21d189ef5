"""Run a command with no network but this machine's own loopback: ``python tests/offline.py pytest …`` (``make test-offline``).

The process gets a network namespace of its own, with the loopback interface alone in it; whatever asks another host
fails at once, and a test that needs one is red. Root makes that namespace directly, an ordinary user inside a user
namespace in which they stay who they are. Linux only. Exit code 69: this machine does not allow it; the reason is said.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

UNAVAILABLE = 69  # EX_UNAVAILABLE of sysexits.h
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1
_ELSEWHERE = ("192.0.2.1", 9)  # RFC 5737: nobody's address
_WHY = {
    errno.EPERM: "user namespaces are switched off for ordinary users (kernel.unprivileged_userns_clone, "
    "kernel.apparmor_restrict_unprivileged_userns), or a container forbids them; run it as root, or there",
    errno.EINVAL: "this kernel was built without namespaces",
    errno.ENOSPC: "user.max_user_namespaces or user.max_net_namespaces is 0",
}


def leave_the_network() -> None:
    """Put this process where there is only a loopback interface, as whoever it was before.

    Raises:
        OSError: The kernel does not allow it.
    """
    user, group = os.geteuid(), os.getegid()
    _unshare(_NEW_NET if user == 0 else _NEW_USER | _NEW_NET)
    if user != 0:
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    _raise_loopback()


def reached() -> str:
    """Return how another host answers; empty where none can be asked, and this machine can."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
    with socket.socket() as asked:
        asked.settimeout(5)
        code = asked.connect_ex(_ELSEWHERE)
    return "" if code == errno.ENETUNREACH else f"another host can be asked: {os.strerror(code)}"


def hindrance() -> str:
    """Leave the network; return why that cannot be done here, empty where it was."""
    if sys.platform != "linux":
        return "only Linux has network namespaces"
    try:
        leave_the_network()
    except OSError as error:
        return f"{os.strerror(error.errno or 0)}: {_WHY.get(error.errno or 0, 'the kernel does not say more')}"
    return reached()


def main(command: Sequence[str]) -> None:
    """Run a command without the network; return only if that cannot be done."""
    why = hindrance()
    sys.stderr.write(f"offline: {why or 'loopback only; no other host can be asked'}\n")
    if not why:
        sys.stderr.flush()
        os.execvp(command[0], command)


def _unshare(flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _raise_loopback() -> None:
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, "no loopback interface of one's own")
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = bytearray(struct.pack("16sH14x", b"lo", 0))
        fcntl.ioctl(control, _GET_FLAGS, request)
        flags = struct.unpack("16sH14x", request)[1]
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))


if __name__ == "__main__":
    main(sys.argv[1:])
    sys.exit(UNAVAILABLE)
