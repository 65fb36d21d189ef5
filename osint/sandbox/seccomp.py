"""Filters of system calls, for seccomp(2): a list of what a reader may do, and one of what no program may.

A filter is a program for the packet filter of the kernel, made here instruction by instruction; it sees the number of a
call and its arguments as numbers, never what a pointer leads to. What it refuses fails with EPERM, so that a library
that can do without goes on. ``Documentation/userspace-api/seccomp_filter.rst`` of Linux.
"""

from __future__ import annotations

import errno
import fcntl
import functools
import os
import struct
import sys
from collections.abc import Iterable, Mapping

from osint.sandbox import kernel
from osint.sandbox.syscalls import ARCHITECTURES, GUARDED, HARMFUL, READING

assert sys.platform == "linux"

# Opcodes of ``linux/filter.h``: load a word of what is filtered, jump if equal, if any bit is set, if not less; return.
_LOAD, _IF_EQUAL, _IF_ANY_BIT, _IF_NOT_LESS, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # where they stand in ``struct seccomp_data``
_ALLOW, _KILL, _ERROR = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
_REFUSE, _UNKNOWN = _ERROR | errno.EPERM, _ERROR | errno.ENOSYS
_OTHER_ABI = 0x4000_0000  # x32 calls of x86_64 carry this bit, under numbers of their own

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NEW_NAMESPACES = 0x7E02_0000
_GET_TERMINAL, _CLOSE_ON_EXEC = 0x5401, 0x5451
_PUSH_INTO_TERMINAL, _TERMINAL_OF_CONSOLE = 0x5412, 0x541C
# F_SETOWN and F_SETSIG are not among them: with these the kernel sends signals to others on behalf of the caller.
_FILE_COMMANDS = (
    fcntl.F_DUPFD, fcntl.F_DUPFD_CLOEXEC, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_SETFL,
)  # fmt: skip

_Filter = list[tuple[int, int, int, int]]


def prepare() -> None:
    """Work out once the part of a reader's filter that is the same for every process."""
    if os.uname().machine in ARCHITECTURES:
        _allowed_to_readers()


def restrict_reader() -> None:
    """Leave this process with the system calls of reading and computing, for good. It must have one thread.

    Raises:
        OSError: The kernel has no filters, or they are not allowed here.
    """
    guards = _common_guards() | {
        "fcntl": _one_of(1, _FILE_COMMANDS),
        "ioctl": _one_of(1, (_GET_TERMINAL, _CLOSE_ON_EXEC)),
    }
    kernel.filter_system_calls(_packed(_judged(guards)) + _allowed_to_readers())


def restrict_program() -> None:
    """Take network, signals to others, changes to files and the kernel's doors from this process and what it starts.

    Raises:
        OSError: As for :func:`restrict_reader`.
    """
    guards = _common_guards() | {
        "clone": _no_bit(0, _NEW_NAMESPACES),
        "fcntl": _none_of(1, (fcntl.F_SETOWN, 10, 15)),  # F_SETSIG, F_SETOWN_EX
        "ioctl": _none_of(1, (_PUSH_INTO_TERMINAL, _TERMINAL_OF_CONSOLE)),
    }
    kernel.filter_system_calls(_packed([*_judged(guards), *_each(HARMFUL, _REFUSE), _return(_ALLOW)]))


@functools.cache
def _allowed_to_readers() -> bytes:
    return _packed([*_each(READING, _ALLOW), _return(_REFUSE)], start=False)


def _common_guards() -> dict[str, _Filter]:
    return {
        "open": _no_bit(1, _WRITING),
        "openat": _no_bit(2, _WRITING),
        "openat2": [_return(_UNKNOWN)],  # its flags are behind a pointer; libraries fall back to openat
        "clone3": [_return(_UNKNOWN)],  # likewise, to clone
        "prlimit64": _one_of(0, (0,)),  # limits of this process, not of another
        "tgkill": _one_of(0, (os.getpid(),)),  # abort() sends itself a signal
    }


def _judged(guards: Mapping[str, _Filter]) -> _Filter:
    judged: _Filter = []
    for name, guard in guards.items():
        number = _number(GUARDED[name])
        if number is not None:
            judged += [(_IF_EQUAL, 0, len(guard), number), *guard]
    return judged


def _each(calls: Mapping[str, tuple[int, int | None]], verdict: int) -> _Filter:
    numbers = [number for pair in calls.values() if (number := _number(pair)) is not None]
    return [step for number in numbers for step in ((_IF_EQUAL, 0, 1, number), _return(verdict))]


def _one_of(argument: int, values: Iterable[int]) -> _Filter:
    return [_argument(argument), *_equal(values, _ALLOW), _return(_REFUSE)]


def _none_of(argument: int, values: Iterable[int]) -> _Filter:
    return [_argument(argument), *_equal(values, _REFUSE), _return(_ALLOW)]


def _equal(values: Iterable[int], verdict: int) -> _Filter:
    return [step for value in values for step in ((_IF_EQUAL, 0, 1, value), _return(verdict))]


def _no_bit(argument: int, bits: int) -> _Filter:
    return [_argument(argument), (_IF_ANY_BIT, 0, 1, bits), _return(_REFUSE), _return(_ALLOW)]


def _argument(number: int) -> tuple[int, int, int, int]:
    # The lower half, on a little-endian machine: the kernel itself takes these arguments as 32-bit numbers.
    return _LOAD, 0, 0, _ARGUMENTS + 8 * number


def _return(verdict: int) -> tuple[int, int, int, int]:
    return _RETURN, 0, 0, verdict


def _number(pair: tuple[int, int | None]) -> int | None:
    return pair[ARCHITECTURES[os.uname().machine][0]]


def _packed(judged: _Filter, *, start: bool = True) -> bytes:
    head: _Filter = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, ARCHITECTURES[os.uname().machine][1]),
        _return(_KILL),  # under another architecture the numbers mean other calls
        (_LOAD, 0, 0, _NUMBER),
        (_IF_NOT_LESS, 0, 1, _OTHER_ABI),
        _return(_REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in (head + judged if start else judged))
