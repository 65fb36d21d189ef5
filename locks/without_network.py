"""Run a command where there is no network but loopback, as on a machine that is cut off (Linux).

python locks/without_network.py COMMAND ...
"""

from __future__ import annotations

import os
import struct
import sys

_SET_FLAGS, _UP = 0x8914, 0x1
_ENTERED = "--entered"


def command(*words: str) -> list[str]:
    """Return the command line that runs a command so. As anybody but root it needs namespaces of users."""
    as_user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", "--net", *as_user, sys.executable, __file__, _ENTERED, *words]


def main() -> None:
    if sys.argv[1:2] != [_ENTERED]:
        line = command(*sys.argv[1:])
        os.execvp(line[0], line)
    import fcntl
    from socket import socket

    with socket() as any_socket:  # in a new namespace loopback is there, and down
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", _UP))
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
