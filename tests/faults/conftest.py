"""Faults of disk, machine, clock and paper (``make test-faults``).

A tool that is not installed is an error, never a skipped test; what a machine cannot grant (a mount, a network of its
own) is a skipped test with its reason. Every test stands alone, and at the end the figures are printed.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.disk import in_memory
from faults.system_calls import Workers


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests have counted, one line for all cases of a test."""
    reports = (report for reports in terminalreporter.stats.values() for report in reports)
    after = [report for report in reports if getattr(report, "when", "") == "teardown" and report.user_properties]
    tests: dict[str, dict[str, int]] = {}
    for report in sorted(after, key=lambda report: report.nodeid):
        figures = tests.setdefault(report.nodeid.rpartition("/")[2].partition("[")[0], {"cases": 0})
        figures["cases"] += 1
        for what, number in report.user_properties:
            before = figures.get(what, 0)
            figures[what] = max(before, number) if what.endswith("at most") else before + number
    if tests:
        terminalreporter.section("what the faults were")
    for test, figures in tests.items():
        terminalreporter.write_line(f"{test}: " + ", ".join(f"{number} {what}" for what, number in figures.items()))


@pytest.fixture
def figures(record_property) -> Iterator[Counter[str]]:
    """Counts that are printed at the end."""
    counter: Counter[str] = Counter()
    yield counter
    for what, number in counter.items():
        record_property(what, number)


@pytest.fixture
def ram() -> Iterator[Path]:
    """An empty folder in memory."""
    with in_memory() as folder:
        yield folder


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """The process that forks workers."""
    with tempfile.TemporaryDirectory() as folder, Workers(Path(folder)) as started:
        yield started
