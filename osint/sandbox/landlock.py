"""Landlock: a process gives up every file but those it names, for itself and what it starts.

``Documentation/userspace-api/landlock.rst`` of Linux; the rights are those of ``linux/landlock.h``. Each version of the
interface knows more of them, and a ruleset may name only those that the kernel knows.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from osint.sandbox import kernel

assert sys.platform == "linux"

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIRECTORY = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # version: how many rights of files it knows
_NETWORK = 0b11  # TCP: bind and connect, since version 4
_SCOPES = 0b11  # abstract UNIX sockets and signals of others, since version 6


def version() -> int:
    """Return the version of the interface, 0 where the kernel has none or it is switched off."""
    try:
        return kernel.system_call(_CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def restrict(readable: Iterable[Path], *, runnable: bool = False, writable: Iterable[Path] = ()) -> None:
    """Leave this thread and what it starts with reading these files and folders; those that are not there are left out.

    Args:
        readable: Files, and folders with all that is in them.
        runnable: Whether programs among them may be run.
        writable: Devices that may be written, too.

    Raises:
        OSError: The kernel has no Landlock.
    """
    kernel.no_new_privileges()
    ruleset = kernel.system_call(_CREATE_RULESET, *_attributes())
    try:
        for path in readable:
            _allow(ruleset, path, _READ_FILE | (_EXECUTE if runnable else 0))
        for path in writable:
            _allow(ruleset, path, _READ_FILE | _WRITE_FILE)
        kernel.system_call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _attributes() -> tuple[ctypes.Array[ctypes.c_char], int, int]:
    known = version()
    files = (1 << _FILE_RIGHTS.get(known, _FILE_RIGHTS[5])) - 1
    packed = struct.pack("=QQQ", files, _NETWORK if known >= 4 else 0, _SCOPES if known >= 6 else 0)
    length = 24 if known >= 6 else 16 if known >= 4 else 8
    return ctypes.create_string_buffer(packed, 24), length, 0


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not on this computer: nothing is lost by not allowing it
        return
    try:
        folder = stat.S_ISDIR(os.fstat(opened).st_mode)
        rule = struct.pack("=Qi", rights | (_READ_DIRECTORY if folder else 0), opened)
        kernel.system_call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.create_string_buffer(rule, len(rule)), 0)
    finally:
        os.close(opened)
