"""What the machine gives: its disk, clock, keys, network, and what keeps hostile files apart."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from osint import instants
from osint import settings as workstation
from osint.doctor.check import Check
from osint.errors import OsintError

_ROOM = 5_000_000_000
_TIME_ERROR = 5  # of adjtimex(2): nobody sets this clock
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def settings() -> Iterator[Check]:
    """The settings file, where there is one."""
    file = workstation.settings_file()
    try:
        held = workstation.read(file)
    except OsintError as error:
        yield Check("settings", "fault", str(error))
        return
    yield Check("settings", "ok", f"{file}: {', '.join(held)}" if held else "no file, and none is needed")


def disk(folder: Path) -> Iterator[Check]:
    """Whether evidence can be written where cases are to be kept, with the very steps that preserve it."""
    from osint.store.blobs import FolderBlobs
    from osint.store.local_disk import check_local

    try:
        check_local(folder)
        with tempfile.TemporaryDirectory(prefix="osint-doctor-", dir=folder) as scratch:
            blobs = FolderBlobs(Path(scratch))
            with blobs.temporary() as path:
                path.write_bytes(b"tried by osint doctor")
                digest = blobs.put(path)
            blobs.open(digest, verify=True).close()
            free = shutil.disk_usage(scratch).free
    except (OsintError, OSError) as error:
        yield Check(
            "evidence path", "fault", f"{folder.absolute()}: {error}", "Keep cases in a folder of a local disk."
        )
        return
    yield Check("evidence path", "ok", f"{folder.absolute()} takes evidence: {blobs.durability}")
    little = "" if free >= _ROOM else "Little for a case with media. A run ends when the disk is full; nothing is lost."
    yield Check("room", "note" if little else "ok", f"{free / 1e9:.0f} GB free", little)


def sqlite() -> Iterator[Check]:
    """The SQLite of the ledger and of the tables, and its full-text index."""
    import apsw

    found = f"{apsw.sqlite_lib_version()}, of apsw {apsw.apsw_version()}"
    try:
        apsw.Connection(":memory:").execute("CREATE VIRTUAL TABLE tried USING fts5(text)")
    except apsw.Error as error:
        yield Check("SQLite", "fault", f"{found}, without FTS5: {error}", "Install apsw from its own wheel.")
        return
    yield Check("SQLite", "ok", f"{found}, with FTS5")


def keys() -> Iterator[Check]:
    """The keys of this user, unopened."""
    from osint.chain_of_custody.key_care import list_keys
    from osint.chain_of_custody.keys import key_folder

    folder = key_folder()
    if not folder.is_dir():
        yield Check("keys", "ok", f"none yet; the first case makes them in {folder}")
        return
    try:
        held = list_keys(folder)
    except OsintError as error:
        yield Check("keys", "fault", str(error))
        return
    if not os.access(folder, os.W_OK):
        yield Check("keys", "fault", f"{folder} cannot be written", "A new case needs a key of its own there.")
        return
    open_ones = [each.name for each in held if each.encrypted is False]
    if open_ones:
        yield Check("keys", "fault", f"not encrypted: {', '.join(open_ones)}", "Encrypt them: osint key protect")
        return
    yield Check("keys", "ok", f"{len(held)} in {folder}")


def key_store() -> Iterator[Check]:
    """The key store of the desktop, which is not asked for anything."""
    missed = "The passphrase is typed, held by an ssh-agent, or in the file of OSINT_PASSPHRASE_FILE."
    try:
        import keyring
    except ImportError:
        yield Check("key store", "note", "the extra osint[keyring] is not installed", missed)
        return
    backend = keyring.get_keyring()
    name = f"{type(backend).__module__}.{type(backend).__qualname__}"
    usable = backend.priority > 0
    yield Check(
        "key store", "ok" if usable else "note", name if usable else f"none here ({name})", "" if usable else missed
    )


def policy() -> Iterator[Check]:
    """The policy pack in force."""
    from osint.gate.adoption import pack_in_force, policy_folder

    try:
        pack = pack_in_force(policy_folder())
    except OsintError as error:
        yield Check("policy", "fault", str(error))
        return
    yield Check("policy", "ok", f"{pack.name} {pack.version}", "See 'osint policy show' for what is unverified.")


def clock() -> Iterator[Check]:
    """Whether the clock went back behind what was signed here, and whether the system says that somebody sets it."""
    from osint.chain_of_custody.keys import key_folder

    present = instants.format_instant(instants.now())
    newest = max((path.stat().st_mtime for path in (key_folder() / "heads").glob("*")), default=0.0)
    if newest > time.time() + 1:
        signed = datetime.fromtimestamp(newest, tz=instants.now().tzinfo)
        found = f"{present}, and a head was signed here at {instants.format_instant(signed)}, which is later"
        yield Check("clock", "fault", found, "Set the clock: entries bear its time.")
        return
    said = _kernel_clock()
    advice = "Have the system set it (NTP), or name a time server in the network settings." if said else ""
    yield Check("clock", "note" if said else "ok", f"{present}{said}; zone of this machine: {_zone()}", advice)


def _kernel_clock() -> str:
    """Return what Linux says against its clock: it knows whether a program keeps it in step with others."""
    if platform.system() != "Linux":
        return ""
    state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(1024))  # all zero: it is asked, and set in nothing
    return "; nobody keeps it in step with other clocks" if state == _TIME_ERROR else ""


def _zone() -> str:
    return time.strftime("%Z (UTC%z)")


def network() -> Iterator[Check]:
    """Whether this machine is on a network at all. Nobody is asked, so whether the internet answers is not known."""
    import psutil

    up = [name for name, state in psutil.net_if_stats().items() if state.isup and "loopback" not in state.flags]
    found = (
        f"up: {', '.join(sorted(up))}; whether the internet answers was not asked" if up else "off: only loopback is up"
    )
    if named := workstation.setting("OSINT_NETWORK"):
        found += f"; settings in {named}"
    passed = sorted(name for name in os.environ if name.lower() in _PROXIES)
    advice = f"{', '.join(passed)} of the environment is not used: an agency's proxy is named in a network file."
    yield Check("network", "note" if passed else "ok", found, advice if passed else "")


def sandbox() -> Iterator[Check]:
    """What keeps a hostile file from the rest of the machine."""
    from osint import sandbox as worker

    try:
        outcome = worker.run(_nothing)
    except OsintError as error:
        yield Check("sandbox", "fault", str(error))
        return
    if outcome.state != "ok":
        yield Check("sandbox", "fault", f"a worker does not start: {outcome.detail}", "No file would be read.")
        return
    missing = outcome.isolation.partition("; without ")[2]
    advice: Callable[[str], str] = lambda layer: "apt install bubblewrap" if layer == "bwrap" else ""  # noqa: E731
    yield Check("sandbox", "note" if missing else "ok", outcome.isolation, advice(missing))


def _nothing() -> None:
    """Run in a worker, to see what holds there."""
