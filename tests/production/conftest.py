"""What several tests of productions share: one case with an item of every fate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from origin import AUTHORITY, NOON
from produced import hand_in, purge

import osint
from osint.capture.network import Network
from osint.case import Case


@pytest.fixture(scope="module")
def every_fate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """A case of five files that were handed in: the third is stopped, the fourth destroyed; E0002 can be left out."""
    folder = tmp_path_factory.mktemp("every-fate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSINT_STATE", str(folder / "state"))
        patch.setenv("OSINT_POLICY", str(folder / "state" / "policy"))
        with osint.open_case(
            folder / "case", investigator="J. Smit, badge 4471", network=Network(allow=("127.0.0.1",), pace=0),
            keys=folder / "keys", clock=lambda: NOON,
        ) as case:  # fmt: skip
            case.authorize(osint.Authorization(**AUTHORITY))
            hand_in(case, folder, 1, 2, 3, 4, 5)
            case.mark("E0001", exculpatory=True)
            case.mark("E0003", note="seen on the third")
            case.stop_sensitive("E0003")
            purge(case, Path(folder / "second"), "E0004")
            yield case
