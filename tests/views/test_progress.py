"""What is said of progress where nobody watches a line that changes."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from osint.views import progress


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    """A clock that stands still until a test moves it; and no notebook is there."""
    held = SimpleNamespace(now=0.0)
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: held.now))
    monkeypatch.setattr(progress, "_watched", lambda: False)
    return held


def steps(clock: SimpleNamespace, seconds: list[float], *, counted: bool = True) -> None:
    """Go through items that take so many seconds each."""
    items: list[float] | Iterator[float] = seconds if counted else (each for each in seconds)
    for each in progress.bar(items, "Examining files"):
        clock.now += each


def test_in_a_pipe_a_line_comes_every_ten_seconds(clock, capsys):
    """
    Whoever reads the log of a long run sees that it goes on; results have stdout to themselves.
    """
    steps(clock, [4] * 6)

    assert capsys.readouterr() == ("", "Examining files: 3 of 6\nExamining files: 6 of 6\n")


def test_in_a_pipe_what_cannot_be_counted_before_is_counted_up(clock, capsys):
    steps(clock, [9, 30, 2], counted=False)

    assert capsys.readouterr() == ("", "Examining files: 2\n")


def test_in_a_pipe_what_is_quick_says_nothing(clock, capsys):
    steps(clock, [0.1] * 90)

    assert capsys.readouterr() == ("", "")


def test_in_a_notebook_a_bar_leaves_no_red_line(capsys, monkeypatch):
    """
    JupyterLab puts whatever comes on stderr on red, as it does an error.
    """
    stream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})()
    monkeypatch.setattr("sys.stderr", stream)

    assert list(progress.bar([1, 2], "Examining files")) == [1, 2]
    assert (stream.getvalue(), "Examining files" in capsys.readouterr().out) == ("", True)


def test_where_the_module_of_notebooks_is_merely_loaded_results_have_stdout_to_themselves(capsys, monkeypatch):
    """
    A command whose output is read by a program, in a process that knows notebooks.
    """
    monkeypatch.setitem(sys.modules, "ipykernel", sys)

    assert list(progress.bar([1, 2], "Examining files")) == [1, 2]
    assert capsys.readouterr() == ("", "")
