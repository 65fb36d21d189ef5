from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hand_over import Package, take_in
from key_material import signer

from osint.chain_of_custody import unlocking
from osint.chain_of_custody.export import write_ledger
from osint.chain_of_custody.keys import FileSigner
from osint.chain_of_custody.ledger import Ledger


@pytest.fixture(scope="session")
def actor() -> FileSigner:
    return signer("actor", 0)


@pytest.fixture(scope="session")
def log() -> FileSigner:
    return signer("log", 32)


@pytest.fixture
def fresh_session() -> Iterator[None]:
    """This process has opened no key yet, and afterwards knows none."""
    unlocking.forget_all()
    yield
    unlocking.forget_all()


@pytest.fixture
def ticking() -> Callable[[], datetime]:
    """A clock that is one second later each time it is read."""
    ticks = iter(range(10**9))
    return lambda: datetime(2026, 5, 1, tzinfo=UTC) + timedelta(seconds=next(ticks))


@pytest.fixture
def ledger(tmp_path, actor, log, ticking) -> Iterator[Ledger]:
    with Ledger.create(
        tmp_path / "ledger.sqlite", actor=actor, log=log, performer={"investigator": "J. Smit"}, clock=ticking
    ) as made:
        yield made


@pytest.fixture(scope="session")
def handed_over(tmp_path_factory, actor, log) -> Package:
    """Ten entries, three exhibits (entries 1, 2, 6), checkpoints over 4 and 8 entries."""
    place = tmp_path_factory.mktemp("handed_over")
    package = Package(place / "package", actor, log)
    with Ledger.create(place / "ledger.sqlite", actor=actor, log=log, performer={"investigator": "J. Smit"}) as ledger:
        take_in(ledger, package.blobs, b"first", url="https://social.example/@jane")
        take_in(ledger, package.blobs, b"second", url="https://social.example/@dawn")
        ledger.append("search", outcome="nil", private={"query": "jane"}, collector="mastodon/1")
        ledger.cut_checkpoint()
        ledger.append("note", private={"text": "called the station"})
        ledger.append("search", outcome="refused", private={"reasons": ["no authority"]})
        take_in(ledger, package.blobs, b"third", url="https://social.example/@jane/3")
        ledger.append("note", private={"text": "second call"})
        ledger.cut_checkpoint()
        ledger.append("note", private={"text": "third call"})
        ledger.append("verify")
        write_ledger(ledger, package.folder)
    return package


@pytest.fixture
def package(handed_over, tmp_path) -> Package:
    """A copy of it that a test may damage."""
    shutil.copytree(handed_over.folder, tmp_path / "copy")
    return Package(tmp_path / "copy", handed_over.actor, handed_over.log)
