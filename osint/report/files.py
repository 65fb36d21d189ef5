"""Files that leave the case: names that every desktop accepts, and writing that is whole or not at all."""

from __future__ import annotations

import re
import unicodedata

from osint.errors import ExportError
from osint.views.written import write_whole

__all__ = ["plain_name", "write_whole"]

_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?\Z")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_LONGEST = 120


def plain_name(name: str) -> str:
    """Return a file name, in Unicode NFC, that Windows, macOS and Linux all accept as it is.

    Raises:
        ExportError: The name is empty, too long, a path, reserved, or holds a character that one of them forbids.
    """
    name = unicodedata.normalize("NFC", name)
    faults = {
        "it is empty": not name.strip("."),
        f"it is longer than {_LONGEST} characters": len(name) > _LONGEST,
        "it holds a character that some desktops forbid in file names": bool(_FORBIDDEN.search(name)),
        "it holds a percent sign, which lists of hashes spell in two ways": "%" in name,
        "Windows reserves it for a device": bool(_RESERVED.match(name)),
        "it ends in a dot or a space": name.endswith((".", " ")) or name.startswith(" "),
    }
    fault = next((words for words, applies in faults.items() if applies), None)
    if fault:
        raise ExportError(f"{name!r} cannot be the name of a file: {fault}. Nothing was written; choose another name.")
    return name
