"""The layers around a worker: each is put on where this computer has it, and named whether it was or not."""

from __future__ import annotations

import functools
import math
import os
import signal
import sys
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path

from osint.sandbox.outcome import layers_in_words

if sys.platform != "win32":
    import resource

if sys.platform == "linux":
    from osint.sandbox import kernel, landlock, seccomp

FORKS = sys.platform == "linux"  # elsewhere a fork of an interpreter with system libraries is not safe
NO_NETWORK, BWRAP = "no network", "bwrap"
OF_LINUX = ("Landlock", "seccomp", "network namespace", BWRAP)
_WITHOUT = {NO_NETWORK: "network namespace"}  # "without no network" is no sentence
_OPEN_FILES = 32
_PROGRAM_OPEN_FILES = 128
_SYSTEM_LIBRARIES = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/etc/ld.so.cache")
_SYSTEM_PROGRAMS = ("/usr", "/bin", "/sbin", "/opt", "/nix/store", "/etc/perl", "/etc/localtime")
_HARMLESS = ("/dev/null", "/dev/zero", "/dev/urandom", "/usr/share/zoneinfo", "/sys/devices/system/cpu")

_Layers = dict[str, Callable[[], None]]


def prepare() -> None:
    """Work out once, before any fork, what is the same for every worker."""
    _libraries()
    if sys.platform == "linux":
        seccomp.prepare()


def confine_reader(memory: int, files: Sequence[Path] | None, outer: Sequence[str]) -> str:
    """Give up everything that a reader does not need; return the layers in words.

    Args:
        memory: Bytes of address space.
        files: All that may be read beside the libraries; None, of a worker that goes on to other files: it gets no
            layer that names files.
        outer: Layers that are around this process already.
    """
    limits = {"AS": memory, "FSIZE": 0, "CORE": 0, "NOFILE": _OPEN_FILES, "NPROC": 0}
    layers: _Layers = {}
    if sys.platform == "linux" and files is not None:
        allowed = [*_libraries(), *files]
        layers = {"Landlock": lambda: landlock.restrict(allowed), "seccomp": seccomp.restrict_reader}
    return _put_on(limits, layers, outer)


def confine_program(memory: int, readable: Sequence[Path], outer: Sequence[str]) -> str:
    """Give up everything that a program which describes files does not need; return the layers in words."""
    limits = {"AS": memory, "FSIZE": 0, "CORE": 0, "NOFILE": _PROGRAM_OPEN_FILES}
    layers: _Layers = {}
    if sys.platform == "linux":
        allowed = [*map(Path, (*_SYSTEM_LIBRARIES, *_SYSTEM_PROGRAMS, *_HARMLESS)), *readable]
        layers = {
            "Landlock": lambda: landlock.restrict(allowed, runnable=True, writable=[Path(os.devnull)]),
            "seccomp": seccomp.restrict_program,
        }
    return _put_on(limits, layers, outer)


def limit_processor_time(seconds: float) -> None:
    """Limit what this process may use from now on. Windows counts no processor time for us; there the clock does."""
    if sys.platform != "win32":
        usage = resource.getrusage(resource.RUSAGE_SELF)
        allowed = math.ceil(usage.ru_utime + usage.ru_stime + seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _put_on(limits: dict[str, int], layers: _Layers, outer: Sequence[str]) -> str:
    if sys.platform == "linux":
        kernel.end_with_parent(signal.SIGKILL)
        _holds(kernel.drop_capabilities)  # before the limits: with them the superuser would raise them again
    refused = _limit(limits)
    present, missing = (["rlimits"], refused) if len(refused) < len(limits) else ([], ["rlimits"])
    for name in ("Landlock", "seccomp"):  # in this order: the filter refuses the calls that Landlock needs
        put_on = layers.get(name)
        (present if put_on is not None and _holds(put_on) else missing).append(name)
    for name in (NO_NETWORK, BWRAP):
        if name in outer:
            present.append(name)
        else:
            missing.append(_WITHOUT.get(name, name))
    return layers_in_words(present, missing)


def _holds(put_on: Callable[[], None]) -> bool:
    try:
        put_on()
    except (OSError, KeyError):  # this kernel or this processor does not have it
        return False
    return True


@functools.cache
def _libraries() -> tuple[Path, ...]:
    """Return what an import that a reader leaves for later may need, and nothing of the user's."""
    ours = Path(__file__).parents[1]
    named = {sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
    base = str(Path(sys.base_exec_prefix) / "lib")
    return ours, *map(Path, sorted({*named, base, *_SYSTEM_LIBRARIES, *_HARMLESS}))


if sys.platform == "linux":

    def current_network() -> str:
        """Return the name of the network that this process is in."""
        return kernel.network()

    def leave_network(named: str) -> bool:
        """Leave the network of this name, where that is allowed; return whether this process is now in another."""
        if kernel.network() == named:
            _holds(kernel.leave_network)
        return kernel.network() not in {"", named}

else:

    def current_network() -> str:
        return ""

    def leave_network(named: str) -> bool:  # noqa: ARG001 - networks have no names here
        return False


if sys.platform == "win32":

    def _limit(limits: dict[str, int]) -> list[str]:
        return list(limits)

else:

    def _limit(limits: dict[str, int]) -> list[str]:
        """Set these limits; return the names of those that the platform refuses."""
        return [f"RLIMIT_{name}" for name, value in limits.items() if not _set_limit(name, value)]

    def _set_limit(name: str, value: int) -> bool:
        try:
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
        except (AttributeError, ValueError, OSError):  # this platform has no such limit, or not for this value
            return False
        return True
