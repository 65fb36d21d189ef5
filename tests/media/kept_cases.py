"""Cases that are made once for a file of tests, and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from origin import AUTHORITY, NOON

import osint
from osint.capture.network import Network
from osint.case import Case


@contextmanager
def new_case(folder: Path) -> Iterator[Case]:
    """Open a case in ``case`` with keys in ``keys``, under an authority, and close it."""
    network = Network(allow=("127.0.0.1",), pace=0, read_timeout=2, connect_timeout=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSINT_STATE", str(folder / "state"))
        patch.setenv("OSINT_POLICY", str(folder / "state" / "policy"))
        with osint.open_case(
            folder / "case", investigator="J. Smit, badge 4471", network=network, keys=folder / "keys",
            clock=lambda: NOON,
        ) as case:  # fmt: skip
            case.authorize(osint.Authorization(**{**AUTHORITY, "hosts": ["127.0.0.1"]}))
            yield case


def copy_case(made: Path, folder: Path) -> None:
    """Copy such a case and its keys into the folder of a test, where ``open_case`` looks for them."""
    for name in ("case", "keys"):
        shutil.copytree(made / name, folder / name)
