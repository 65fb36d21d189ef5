r"""Whether a folder lies on a disk of this machine, which a live case needs.

SQLite relies on file locks, and its write-ahead log on memory that all writers share. Neither holds between machines
(https://sqlite.org/wal.html, https://sqlite.org/faq.html#q5), so two officers would write two histories with the same
numbers. A case on a share is refused before it is opened.

What is refused: a file system of the network (NFS, SMB, AFP, WebDAV, SSHFS, cluster and cloud file systems), a drive
that Windows calls remote or macOS does not call local, a path that names a server (``\\server\share``), and a folder
that a virtual machine or WSL shares with its host (``9p``, ``virtiofs``, ``vboxsf``, ``vmhgfs`` …), since programs
of the host do not see the locks of the guest.

What is fine: every other disk, the layers of a container (``overlay``, ``tmpfs``) and encryption over a local folder
(``gocryptfs``, ``ecryptfs``); and ``9p`` or ``virtiofs`` as the root of the whole system, which is how some containers
get a disk of their own. What lies below such a layer cannot be told, nor whether a cloud client copies the folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePath, PureWindowsPath
from typing import NamedTuple

from osint.errors import CaseError

_OF_THE_NETWORK = frozenset(
    {
        "acfs", "afpfs", "afs", "beegfs", "ceph", "ceph-fuse", "cifs", "coda", "curlftpfs", "cvmfs2", "davfs", "davfs2",
        "ftp", "gcsfuse", "gfs2", "glusterfs", "google-drive-ocamlfuse", "gpfs", "gvfsd-fuse", "juicefs", "kio-fuse",
        "lustre", "mfs", "ncpfs", "nfs", "nfs4", "ocfs2", "onedriver", "orangefs", "panfs", "pvfs2", "rclone", "s3fs",
        "smb", "smb2", "smb3", "smbfs", "smbnetfs", "sshfs", "webdav",
    }
)  # fmt: skip
_OF_THE_HOST = frozenset(
    {
        "9p", "applevirtiofs", "drvfs", "fakeowner", "grpcfuse", "osxfs", "prl_fs", "vboxsf", "virtiofs", "vmhgfs",
        "vmhgfs-fuse",
    }
)  # fmt: skip
_ADVICE = (
    "The locks that the ledger relies on do not hold there: two machines could each write an entry of the same number, "
    "and neither would be wrong. Nothing was opened or written. Keep the case on a disk of this machine. To work on it "
    "with others, exchange signed packages through the share: osint export, osint merge."
)


class Mount(NamedTuple):
    """A file system that is attached: where, of what kind (``ext4``, ``nfs4`` …), with which options."""

    point: str
    kind: str
    options: frozenset[str] = frozenset()


def mounts() -> list[Mount]:
    """Return what is mounted, in the order in which it was.

    Raises:
        CaseError: The system does not say.
    """
    import psutil

    try:
        found = psutil.disk_partitions(all=True)  # without all, psutil leaves out the network
    except OSError as error:
        raise CaseError(
            f"The system does not say which disks it has ({error.strerror}), so a case on a network share could not be "
            "told from one on a local disk. Nothing was opened or written. Ask whoever administers this machine."
        ) from error
    return [Mount(each.mountpoint, each.fstype, frozenset(each.opts.split(","))) for each in found]


def check_local(folder: str | Path, mounted: Callable[[], Sequence[Mount]] = mounts) -> None:
    """Refuse a folder for a live case that does not lie on a disk of this machine.

    Args:
        folder: Where the case is or will be. Links are followed; of a folder that is not there yet, the folders above
            it decide.
        mounted: Tells what is mounted.

    Raises:
        CaseError: The folder lies on a share, or that cannot be found out.
    """
    path = Path(os.path.realpath(folder))  # unlike Path.resolve it does not raise where links lead in a circle
    share = share_under(path, mounted())
    if share:
        raise CaseError(f"{folder} cannot hold a live case: it lies on {share}. {_ADVICE}")


def share_under(path: PurePath, mounted: Iterable[Mount], platform: str = sys.platform) -> str:
    """Return in words which share a path lies on; an empty text when it lies on a disk of this machine.

    Args:
        path: An absolute path without links.
        mounted: What is mounted, in the order in which it was.
        platform: As in ``sys.platform``.
    """
    if isinstance(path, PureWindowsPath):
        path = _without_device_prefix(path)
        if path.drive.startswith("\\\\"):
            return f"the network share {path.drive}"
    within = [each for each in mounted if _lies_below(path, type(path)(each.point), platform)]
    if not within:
        return ""
    *_, mount = sorted(within, key=lambda each: len(type(path)(each.point).parts))  # of two at one place, the later
    program = mount.kind.lower().removeprefix("fuse.")
    where = f"({mount.kind or 'of unknown kind'}, mounted at {mount.point})"
    if program in _OF_THE_HOST and mount.point != "/":
        return f"a folder that this virtual machine shares with its host {where}"
    unlike_a_disk = "remote" in mount.options if platform == "win32" else _is_remote_on_macos(mount, platform)
    return f"a network share {where}" if program in _OF_THE_NETWORK or unlike_a_disk else ""


def _is_remote_on_macos(mount: Mount, platform: str) -> bool:
    return platform == "darwin" and "local" not in mount.options


def _lies_below(path: PurePath, point: PurePath, platform: str) -> bool:
    parts, above = _parts(path, platform), _parts(point, platform)
    return parts[: len(above)] == above


def _parts(path: PurePath, platform: str) -> tuple[str, ...]:
    """Return the steps of a path as the system compares them: macOS and Windows do not tell capitals apart."""
    return tuple(part.casefold() for part in path.parts) if platform in ("darwin", "win32") else path.parts


def _without_device_prefix(path: PureWindowsPath) -> PureWindowsPath:
    r"""Spell ``\\?\C:\case`` and ``\\?\UNC\server\share`` in the usual way."""
    text = str(path)
    for prefix, usual in (("\\\\?\\UNC\\", "\\\\"), ("\\\\?\\", ""), ("\\\\.\\", "")):
        if text.upper().startswith(prefix):
            return PureWindowsPath(usual + text[len(prefix) :])
    return path
