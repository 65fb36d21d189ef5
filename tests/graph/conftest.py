"""What several tests of graphs share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from another_process import AnotherProcess


@pytest.fixture(scope="session")
def another_process() -> Iterator[AnotherProcess]:
    """A process with another hash seed."""
    process = AnotherProcess()
    yield process
    process.close()
