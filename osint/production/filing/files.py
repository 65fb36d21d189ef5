"""The folders of a filing set: files of both versions, the log of what was taken out, hashes, and the last search."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from osint.erasing.traces import find
from osint.errors import ExportError
from osint.production.filing.forms import Pair
from osint.report.csv_tables import Sheet

PUBLIC, SEALED = "redacted", "CONFIDENTIAL-unredacted"
"""The two folders of a filing set."""

LOG = ("no", "file", "place", "kind", "what_stays", "rule", "standing_of_the_rule", "reason")
"""Columns of the public log; that of the sealed version has ``text`` besides."""

PROPOSED = ("file", "kind", "found")
"""Columns of the list of what nobody decided."""

_LOG, _PROPOSED, _HASHES, _NOTICE = "redaction_log.csv", "undecided.csv", "manifest-sha256.txt", "CONFIDENTIAL.txt"
_SEAL = """CONFIDENTIAL. To be filed under seal.

This folder holds the unredacted version of what stands in the folder 'redacted'. Both were made from one source.
redaction_log.csv names what was taken out there, and where; undecided.csv what rules of shape propose besides, on
which nobody decided. This is a draft: whoever files it answers for what was taken out.
"""


def write_versions(
    folder: Path,
    pairs: Sequence[Pair],
    rows: Sequence[Mapping[str, str]],
    texts: Mapping[str, str],
    undecided: Sequence[Sequence[str]],
) -> str:
    """Write both versions below a folder; return the SHA-256 of the public list of hashes.

    Args:
        folder: Where to.
        pairs: What is filed.
        rows: The log, by the names of :data:`LOG`.
        texts: What was taken out, by the number of the redaction. It stands in the sealed log alone.
        undecided: What nobody decided, by the names of :data:`PROPOSED`. It stands in the sealed version alone.
    """
    public = {f"{each.name}.{each.redacted[0]}": each.redacted[1] for each in pairs}
    sealed = {f"CONFIDENTIAL-{each.name}.{each.unredacted[0]}": each.unredacted[1] for each in pairs}
    public |= {name: content for each in pairs for name, content in each.printed[1].items()}
    sealed |= {f"CONFIDENTIAL-{name}": content for each in pairs for name, content in each.printed[0].items()}
    logged = [[row[name] for name in LOG] for row in rows]
    with_texts = [[*row, texts.get(row[0], "")] for row in logged]
    sealed |= {_NOTICE: _SEAL.encode("ascii"), _PROPOSED: Sheet(PROPOSED, undecided).csv()}
    _fill(folder / SEALED, {**sealed, _LOG: Sheet((*LOG, "text"), with_texts).csv()})
    return _fill(folder / PUBLIC, {**public, _LOG: Sheet(LOG, logged).csv()})


def check_gone(folder: Path, texts: Sequence[str]) -> None:
    """Search the public version for everything that was taken out, as a disclosure is searched.

    Raises:
        ExportError: Something of it stands there, in whatever spelling. Where, is said; the text is not.
    """
    if texts and (places := find(folder / PUBLIC, texts).places):
        listed = "; ".join(dict.fromkeys(f"{each.name}{each.inside} ({each.how})" for each in places))
        raise ExportError(
            f"Nothing was written: what was to be taken out still stands in {listed}. Take a longer text out where a "
            "short one was found by chance, and leave what was taken out out of the reasons."
        )


def _fill(folder: Path, files: Mapping[str, bytes]) -> str:
    """Write files with the list of their hashes; return the hash of the list."""
    listed = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode("ascii")
    folder.mkdir(parents=True)
    for name, content in {**files, _HASHES: listed}.items():
        (folder / name).write_bytes(content)
    return hashlib.sha256(listed).hexdigest()
