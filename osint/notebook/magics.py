"""The magics of ``%load_ext osint``: each one line around a public function, on the case that the notebook has open.

    %%collect mastodon --since 2026-05-01      what 'osint collect' takes; each line below is one run
    --account @jane@social.example
    --account @dawn@social.example

    %custody                                   who holds what
    %note --exhibit E0003 She wears the red coat.

While they are loaded, a cell during which the case ``case`` took in evidence is noted in its ledger, with what stood in
it; and errors of this package are their sentences without a traceback.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import osint
from osint import render
from osint.chain_of_custody.ledger import Ledger
from osint.errors import CaseError, OsintError, QueryError
from osint.instants import now
from osint.notebook.cleaning import OWN

_CASE = "case"
_LEDGER = "ledger.sqlite"
_LONGEST_CELL = 4000
_EVIDENCE = ("acquire", "import")


class _Words(argparse.ArgumentParser):
    """Words as on the command line; what cannot be read is an error of ours."""

    def error(self, message: str) -> NoReturn:
        raise QueryError(f"%{self.prog}: {message}. {self.format_usage().strip()}")


def _collect_words() -> _Words:
    words = _Words(prog="collect", add_help=False, allow_abbrev=False)
    words.add_argument("collector")
    for name in ("account", "thread", "tag", "search", "host", "url", "since", "until"):
        words.add_argument(f"--{name}")
    words.add_argument("--where", nargs=2, action="append", metavar=("NAME", "VALUE"))
    words.add_argument("--render", action="store_true")
    words.add_argument("--limit", type=int)
    words.add_argument("--case", default=_CASE)
    return words


def _note_words() -> _Words:
    words = _Words(prog="note", add_help=False, allow_abbrev=False)
    words.add_argument("text", nargs="*")
    words.add_argument("--exhibit", action="append", default=[])
    words.add_argument("--case", default=_CASE)
    return words


def _custody_words() -> _Words:
    words = _Words(prog="custody", add_help=False, allow_abbrev=False)
    words.add_argument("--case", default=_CASE)
    return words


def asked(line: str, cell: str = "") -> list[tuple[str, str, dict[str, Any]]]:
    """Read what a ``%%collect`` asks: for each run the name of the case's variable, the collector, and the question.

    Args:
        line: Collector and options, as on the command line.
        cell: More options, one run to a line; empty for the one run of ``line``.

    Raises:
        QueryError: It cannot be read.
    """
    runs = [more for more in cell.splitlines() if more.strip() and not more.lstrip().startswith("#")] or [""]
    return [_asked(_split("collect", f"{line} {more}")) for more in runs]


class Magics:
    """The magics of one notebook."""

    def __init__(self, shell: Any) -> None:
        """Work in a shell of IPython."""
        self._shell = shell
        self._known = self._length()
        self._started = now()

    def collect(self, line: str, cell: str = "") -> None:
        """Collect public posts: ``%%collect mastodon --account @jane@social.example``; see ``osint collect --help``."""
        for name, collector, question in asked(line, cell):
            self._display(self._case(name).collect(collector, **question))

    def custody(self, line: str = "") -> None:
        """Show who holds each exhibit."""
        words = _custody_words().parse_args(_split("custody", line))
        self._display(self._case(words.case).custody())

    def note(self, line: str) -> None:
        """Record a note of one's own: ``%note --exhibit E0003 She wears the red coat.``"""
        words = _note_words().parse_args(_split("note", line))
        number = self._case(words.case).note(" ".join(words.text), exhibits=words.exhibit)
        self._shell.display_pub.publish({"text/plain": f"Noted as entry {number}."}, dict(OWN))

    def begin_cell(self, _info: Any) -> None:
        """Remember when a cell began."""
        self._started = now()

    def note_cell(self, result: Any) -> None:
        """Note in the ledger what stood in a cell during which the case took in evidence."""
        before, self._known = self._known, self._length()
        if self._known is None or self._known == before:
            return
        folder, length = self._known
        start = before[1] if before and before[0] == folder else 0
        with Ledger.read(folder / _LEDGER) as ledger:
            since = [entry for entry in ledger.entries(start) if entry.end_time >= self._started]
        if taken := [entry.exhibit for entry in since if entry.action in _EVIDENCE and entry.exhibit]:
            source = render.shorten(str(result.info.raw_cell), _LONGEST_CELL)
            said = f"Taken in by cell {result.execution_count} of a notebook: {source}"
            self._shell.user_ns[_CASE].note(said, exhibits=taken)
            self._known = folder, length + 1

    def _length(self) -> tuple[Path, int] | None:
        """Return the folder of the open case and how many entries it has; None without a case."""
        case = self._shell.user_ns.get(_CASE)
        if not isinstance(case, osint.Case) or not (case.folder / _LEDGER).is_file():
            return None
        with Ledger.read(case.folder / _LEDGER) as ledger:
            return case.folder, len(ledger)

    def _case(self, name: str) -> osint.Case:
        case = self._shell.user_ns.get(name)
        if not isinstance(case, osint.Case):
            raise CaseError(f"{name} is no open case here: {name} = osint.open_case(...), or name another with --case.")
        return case

    def _display(self, result: Any) -> None:
        self._shell.display_pub.publish(*self._shell.display_formatter.format(result))


def register(shell: Any) -> None:
    """Register the magics in a shell of IPython, and have errors of this package shown as their sentences."""
    magics = Magics(shell)
    shell.register_magic_function(magics.collect, "line_cell", "collect")
    shell.register_magic_function(magics.custody, "line", "custody")
    shell.register_magic_function(magics.note, "line", "note")
    shell.set_custom_exc((OsintError,), show_error)
    shell.events.register("pre_run_cell", magics.begin_cell)
    shell.events.register("post_run_cell", magics.note_cell)


def show_error(
    shell: Any,
    kind: type[OsintError],
    error: OsintError,
    traceback: Any,  # noqa: ARG001 - IPython hands it over
    tb_offset: Any = None,  # noqa: ARG001 - as above
) -> list[str]:
    """Show what an error says, without a traceback: its message says what to do."""
    lines = [render.visible(line) for line in f"{kind.__name__}: {error}".split("\n")]
    shell._showtraceback(kind, render.visible_lines(str(error)), lines)
    return lines


def _asked(words: Sequence[str]) -> tuple[str, str, dict[str, Any]]:
    given = vars(_collect_words().parse_args(words))
    where = given.pop("where")
    question = {name: value for name, value in given.items() if value not in (None, False)}
    name, collector = question.pop("case"), question.pop("collector")
    return name, collector, question | ({"where": dict(where)} if where else {})


def _split(magic: str, line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise QueryError(f"%{magic}: the line cannot be read ({error}); a quotation mark is open.") from error
