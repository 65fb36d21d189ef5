"""Files that outlive a loss of power: bytes and names synced, a name given once, bytes destroyed for good.

Evidence, keys, heads and the files of a case rest on these few steps. Where a platform promises less, they say so.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from pathlib import Path

from osint.errors import EvidenceError

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL}
_OVERWRITTEN_AT_ONCE = 1 << 20
MEANING = {
    errno.ENOSPC: "the disk is full; make room and collect again",
    errno.EDQUOT: "the disk quota is used up; make room and collect again",
    errno.EFBIG: "the disk takes no file of that size; collect to another disk",
    errno.EROFS: "the disk is read-only; open the case from a disk that can be written",
    errno.EACCES: "this account may not write there; ask for the right to write to the evidence folder",
    errno.EIO: "the disk reports a fault; stop collecting to it, copy the case to another disk and verify it there",
}
"""What an error of the disk means for whoever collects, and what to do, by its number."""


def link_once(temporary: Path, target: Path) -> bool:
    """Give a finished file its final name, never replacing one; return whether the disk itself made sure of that.

    Where hard links are unknown the name is checked and the file renamed: two writers can then meet between the two.

    Raises:
        FileExistsError: The name is taken.
        OSError: The file cannot be given that name.
    """
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if target.exists():
            raise FileExistsError(errno.EEXIST, "the name is taken", str(target)) from error
        temporary.rename(target)
        return False
    return True


def destroy_file(path: Path) -> bool:
    """Overwrite a file, remove its name and sync the folder; return whether there was one.

    The bytes are overwritten in place, which reaches every other name of the same file too. What a solid-state disk
    keeps in spare blocks, a copy-on-write file system in older versions, a journal or a backup in copies, no program
    can overwrite from here; an encrypted disk guards against that.

    Raises:
        EvidenceError: It is a link or no plain file, which is not followed, or the disk refuses.
    """
    try:
        kind = path.lstat().st_mode
        if not stat.S_ISREG(kind):
            raise EvidenceError(
                f"{path} was to be destroyed and is a link or no plain file. It was not followed: see where it leads, "
                "and remove by hand what is there."
            )
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)
        with path.open("r+b") as stream:
            left = path.stat().st_size
            while left:
                left -= stream.write(bytes(min(left, _OVERWRITTEN_AT_ONCE)))
            stream.flush()
            sync(stream.fileno())
        path.unlink()
        sync_folder(path.parent)
    except FileNotFoundError:
        return False
    except OSError as error:
        meaning = MEANING.get(error.errno or 0, error.strerror or type(error).__name__)
        raise EvidenceError(
            f"{path} could not be destroyed: {meaning}. It may still be there, whole or in part; close the programs "
            "that use it and repeat the step."
        ) from error
    return True


def sync(descriptor: int) -> None:
    """Have the bytes of an open file reach the disk itself."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync alone leaves them in the drive's cache there
    elif sys.platform == "win32":
        os.fsync(descriptor)
    else:
        os.fdatasync(descriptor)


def sync_folder(folder: Path) -> bool:
    """Have the names in a folder reach the disk; return False where the platform cannot do that."""
    if sys.platform == "win32":
        return False
    else:  # noqa: RET505 - so that a type checker for the other platform sees which half is live
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno in {errno.EINVAL, errno.ENOTSUP}:
                return False
            raise
        finally:
            os.close(descriptor)
        return True


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder, with those above it that are not there, and have their names reach the disk.

    One that this account may pass through and not list cannot be synced, and is left to the system.

    Raises:
        OSError: It cannot be made, or the disk refuses.
    """
    above = [folder.parent, *(each.parent for each in folder.parents if not each.exists())]
    folder.mkdir(mode, parents=True, exist_ok=True)
    for each in above:
        with contextlib.suppress(PermissionError):
            sync_folder(each)
