"""The list of what is demanded of capture leads to tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_test_that_the_list_names_exists():
    """
    A test that was renamed or removed is missed here, and not by whoever relies on the list.
    """
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", (Path(__file__).parent / "README.md").read_text("utf-8"))

    missing = [
        f"{file}::{test}"
        for file, test in named
        if not re.search(rf"^def {test}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE)
    ]

    assert len(named) > 30
    assert missing == []
