"""What is said of progress where nobody watches a line that changes."""

from __future__ import annotations

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
