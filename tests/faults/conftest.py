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
    """Print what each test has counted."""
    reports = (report for reports in terminalreporter.stats.values() for report in reports)
    after = (report for report in reports if getattr(report, "when", "") == "teardown")
    counted = [(report.nodeid, dict(report.user_properties)) for report in after if report.user_properties]
    if counted:
        terminalreporter.section("what the faults were")
    for nodeid, figures in sorted(counted, key=lambda pair: pair[0]):
        line = ", ".join(f"{number} {what}" for what, number in figures.items())
        terminalreporter.write_line(f"{nodeid.rpartition('/')[2]}: {line}")


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
