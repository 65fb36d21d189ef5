"""A worked ledger and its dossier, for every writer of documents."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from papers import dossier_of, new_ledger, work

from osint.chain_of_custody.ledger import Ledger
from osint.report.dossier import Dossier
from osint.report.hand_over import write_package
from osint.store.blobs import FolderBlobs


@contextmanager
def worked_in(folder: Path) -> Iterator[Ledger]:
    """A ledger of eight entries with two exhibits, two checkpoints, and evidence in ``evidence/`` beside it."""
    folder.mkdir()
    with new_ledger(folder) as ledger:
        work(ledger, FolderBlobs(folder / "evidence"))
        yield ledger


@pytest.fixture
def worked(tmp_path: Path) -> Iterator[Ledger]:
    """Such a ledger, to write to."""
    with worked_in(tmp_path / "worked") as ledger:
        yield ledger


@pytest.fixture
def gathered(worked: Ledger) -> Dossier:
    """The dossier of it."""
    return dossier_of(worked, worked.path.parent)


@pytest.fixture
def own_bag(gathered: Dossier, tmp_path: Path) -> Path:
    """The package of it, for a test that looks at the ledger too."""
    return write_package(gathered, tmp_path / "bag").folder


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of another such ledger, made once; nobody writes to it."""
    place = tmp_path_factory.mktemp("packed")
    with worked_in(place / "worked") as ledger:
        return write_package(dossier_of(ledger, place / "worked"), place / "bag").folder


@pytest.fixture
def bag(packed: Path, tmp_path: Path) -> Path:
    """A copy of it, to read and to damage."""
    return Path(shutil.copytree(packed, tmp_path / "bag"))
