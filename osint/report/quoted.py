"""What stays behind is not quoted: so many words in a row that only exhibits say of which no word leaves.

An officer's note, a saved search or a translation may repeat what an exhibit says that was left out. Looked through is
what is made for a package; the captures, files and texts of exhibits that leave stand for themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from osint.chain_of_custody import disclosure
from osint.errors import ExportError, LedgerError

_IN_A_ROW = 5
_SHORTEST = 20  # characters of such a run: shorter ones stand in any document
_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_TEXTS = (".csv", ".dat", ".html", ".js", ".json", ".jsonl", ".jsonld", ".svg", ".txt", ".xml")
_OF_EXHIBITS = ("evidence", "NATIVES", "TEXT", "IMAGES", "redacted")
_DISCLOSED = re.compile(r'"disclosure"\s*:\s*"([A-Za-z0-9_-]+)"')


class Quoted:
    """Runs of words that nothing which leaves says."""

    def __init__(self, sealed: Iterable[tuple[str, str]], leaving: Iterable[str]) -> None:
        """Take what exhibits say.

        Args:
            sealed: Exhibits that stay behind, each with a text of it.
            leaving: Texts of those that leave; what they say too, is no secret.
        """
        self._runs = {run: exhibit for exhibit, text in sealed for run in _runs(text)}
        for text in leaving if self._runs else ():
            for run in _runs(text):
                self._runs.pop(run, None)

    def __bool__(self) -> bool:
        return bool(self._runs)

    def check_folder(self, folder: Path) -> None:
        """Look at every text that was made for a package.

        Raises:
            ExportError: Some quote what stays behind; all are named with the exhibit, and no word of it.
        """
        found = {path.relative_to(folder).as_posix(): self._quoted(path) for path in self._looked_at(folder)}
        if places := [f"{name} ({exhibit})" for name, exhibit in found.items() if exhibit]:
            raise ExportError(
                "Nothing was handed over, and nothing half written was left: what stays behind is quoted in "
                f"{', '.join(places)}. {_IN_A_ROW} words in a row there stand in that exhibit and in none that leaves, "
                "as in a note, a mark, a translation, a query or a title. Mask these words (case.mask), and they are "
                "taken out wherever they stand."
            )

    @staticmethod
    def _looked_at(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(folder).parts
            if path.suffix.lower() in _TEXTS and path.is_file() and not {*parts[:2]}.intersection(_OF_EXHIBITS):
                yield path

    def _quoted(self, path: Path) -> str | None:
        """Return the exhibit that a file quotes first, if it quotes one."""
        with path.open(encoding="utf-8", errors="replace") as stream:
            text = stream.read() if path.suffix.lower() == ".html" else ""
            lines: Iterable[str] = [_TAG.sub(" ", text)] if text else stream
            before: list[str] = []
            for line in lines:
                words = [*before, *_words(_disclosed(line))]
                if exhibit := next((self._runs[run] for run in _in_a_row(words) if run in self._runs), None):
                    return exhibit
                before = words[1 - _IN_A_ROW :]
        return None


def _disclosed(line: str) -> str:
    """Return a line with the private values of the ledger in it as they read."""
    for spelt in _DISCLOSED.findall(line):
        try:
            _, value = disclosure.read(spelt)
        except LedgerError:
            continue  # no disclosure: the line was looked at as it stands
        line += f" {value}"
    return line


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(text: str) -> Iterator[str]:
    yield from (run for run in _in_a_row(_words(text)) if len(run) >= _SHORTEST)


def _in_a_row(words: list[str]) -> Iterator[str]:
    for start in range(len(words) - _IN_A_ROW + 1):
        yield " ".join(words[start : start + _IN_A_ROW])
