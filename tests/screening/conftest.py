"""The agency of the tests of background checks."""

from __future__ import annotations

from pathlib import Path

import pytest
from checks import LIES, OTHER, Agency, feed
from origin import Origin

from osint.capture.network import Network


@pytest.fixture
def agency(tmp_path: Path, origin: Origin, loopback: Network) -> Agency:
    return Agency(tmp_path, loopback, origin.serve("/feed", feed(LIES, OTHER)))
