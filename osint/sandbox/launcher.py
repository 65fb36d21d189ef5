"""Limit this process, then become a program of others. ``programs`` starts it; it is never imported elsewhere."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from osint.sandbox import layers

assert sys.platform != "win32"


def main() -> None:
    """Read what is wanted from the arguments; say what holds, and why the program did not start, on a pipe."""
    settings = json.loads(sys.argv[1])
    command: list[str] = sys.argv[2:]
    says = int(settings["says"])
    outer: list[str] = settings["outer"]
    if layers.leave_network(settings["network"]):
        outer.append(layers.NO_NETWORK)
    readable = [Path(command[0]), *(Path(name) for name in settings["read_only"])]
    layers.limit_processor_time(settings["seconds"])
    held = layers.confine_program(settings["memory"], readable, outer)
    os.write(says, held.encode() + b"\n")
    os.set_inheritable(says, False)  # it closes as the program starts
    try:
        os.execve(command[0], command, settings["environment"])  # noqa: S606 - no shell is the point
    except OSError as error:
        os.write(says, str(error.strerror).encode())
        os._exit(127)
