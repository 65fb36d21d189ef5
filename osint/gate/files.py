"""The files that the gate goes by: read whole, written whole, and what the disk refuses said in words.

A file that is not there says that nothing was put into force; a disk that does not answer says nothing at all. The two
are told apart: a rule that nobody can read is not a rule that nobody made.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from osint.errors import PolicyError
from osint.store.durable import link_once, make_folder, sync, sync_folder

IN_FORCE: Final = "What is in force here cannot be told, so nothing is done, and no evidence is touched."
UNCHANGED: Final = "What was in force before is not replaced by it, and no evidence is touched."
APPROVAL: Final = "Nothing was asked, approved or refused by it, and no evidence is touched."


def read(path: Path, means: str = IN_FORCE) -> str | None:
    """Return the text of a file; None where there is none.

    Args:
        path: The file.
        means: What it means when it cannot be read, in a sentence.

    Raises:
        PolicyError: It is there and cannot be read, or the disk does not say whether it is.
    """
    with explained(path, "read", means):
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None


def listed(folder: Path, suffix: str = "", means: str = IN_FORCE) -> list[Path]:
    """Return what lies in a folder under names that end so, sorted; nothing where there is no such folder.

    Raises:
        PolicyError: It is there and cannot be listed, or the disk does not say whether it is.
    """
    with explained(folder, "listed", means):
        try:
            return sorted(path for path in folder.iterdir() if path.name.endswith(suffix))
        except (FileNotFoundError, NotADirectoryError):
            return []


def write(path: Path, text: str, means: str = UNCHANGED, *, over: bool = True) -> None:
    """Write a file whole or not at all, and have it reach the disk; the folder is made where it is not there.

    Args:
        path: The file.
        text: What it is to hold.
        means: What it means when it cannot be written, in a sentence.
        over: Whether it takes the place of a file that is there.

    Raises:
        PolicyError: It cannot be written, or is there already and is not to be replaced.
    """
    with explained(path, "written", means):
        make_folder(path.parent)
        part = path.with_name(f".{secrets.token_hex(8)}")  # who lists a shared folder sees no half file
        try:
            with part.open("xb") as stream:
                stream.write(text.encode("utf-8"))
                stream.flush()
                sync(stream.fileno())
            if over:
                part.replace(path)
            else:
                link_once(part, path)
            sync_folder(path.parent)
        except FileExistsError as error:
            raise PolicyError(f"{path} is there already; nothing was written over it.") from error
        finally:
            with contextlib.suppress(OSError):  # a disk that refuses to write refuses this too
                part.unlink(missing_ok=True)


@contextlib.contextmanager
def explained(path: Path, cannot: str, means: str) -> Iterator[None]:
    """Turn an error of the disk into one that says what it means.

    Args:
        path: What was to be read or written.
        cannot: What could not be done with it: ``read``.
        means: What that means, in a sentence.
    """
    try:
        yield
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path} is no text in UTF-8. {means} Put it back from a copy, and try again.") from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise PolicyError(
            f"{path} cannot be {cannot}: {why}. {means} See to the disk and to the rights of this account there, and "
            "try again."
        ) from error
