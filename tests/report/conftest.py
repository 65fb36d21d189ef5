"""A worked ledger and its dossier, for every writer of documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from papers import dossier_of, new_ledger, work

from osint.chain_of_custody.ledger import Ledger
from osint.report.dossier import Dossier
from osint.report.hand_over import write_package
from osint.store.blobs import FolderBlobs


@pytest.fixture
def worked(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger of eight entries with two exhibits, two checkpoints, and evidence in ``evidence/`` beside it."""
    folder = tmp_path / "worked"
    folder.mkdir()
    with new_ledger(folder) as ledger:
        work(ledger, FolderBlobs(folder / "evidence"))
        yield ledger


@pytest.fixture
def gathered(worked: Ledger) -> Dossier:
    """The dossier of it."""
    return dossier_of(worked, worked.path.parent)


@pytest.fixture
def bag(gathered: Dossier, tmp_path: Path) -> Path:
    """The package of it, to read and to damage."""
    return write_package(gathered, tmp_path / "bag").folder
