"""The calls to Linux that Python 3.11 has no name for: prctl(2), unshare(2), capset(2)."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

assert sys.platform == "linux"

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3 = 0x2008_0522

_libc = ctypes.CDLL(None, use_errno=True)


def system_call(number: int, *arguments: int | ctypes.Array[ctypes.c_char] | None) -> int:
    """Return what the kernel answers.

    Raises:
        OSError: The kernel refused.
    """
    passed = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *passed))


def end_with_parent(signal: int) -> None:
    _prctl(_PR_SET_PDEATHSIG, signal)


def no_new_privileges() -> None:
    """A program started later gains nothing from a set-user-id bit. A filter and a Landlock domain ask for this."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def filter_system_calls(program: bytes) -> None:
    """Put a BPF program before each system call of this thread and what it starts; it cannot be taken away again."""
    no_new_privileges()
    code = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    described = Program(len(program) // 8, ctypes.addressof(code))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(described))


def drop_capabilities() -> None:
    """Give up every power of the superuser: to raise limits, to read what is denied to its owner, and all others."""
    header = ctypes.create_string_buffer(_CAPABILITY_VERSION_3.to_bytes(4, "little") + bytes(4), 8)
    system_call(_CAPSET[os.uname().machine], header, ctypes.create_string_buffer(24))


def network() -> str:
    """Return the name of the network namespace of this process, ``net:[4026531840]``; empty where there is none."""
    try:
        return str(Path("/proc/self/ns/net").readlink())
    except OSError:
        return ""


def leave_network() -> None:
    """Move this process into a network namespace without an interface. It must have one thread.

    Raises:
        OSError: The kernel or its administrator does not allow it.
    """
    try:
        _checked(_libc.unshare(ctypes.c_int(_CLONE_NEWNET)))
    except PermissionError:  # who is not the superuser may do it in a user namespace of their own
        _checked(_libc.unshare(ctypes.c_int(_CLONE_NEWUSER | _CLONE_NEWNET)))


def _prctl(*arguments: int) -> None:
    padded = [*arguments, 0, 0, 0, 0][:5]
    _checked(_libc.prctl(*(ctypes.c_ulong(value) for value in padded)))


def _checked(answer: int) -> int:
    if answer == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
