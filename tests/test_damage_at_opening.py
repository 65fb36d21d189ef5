"""A ledger that was damaged or altered: what opening a case notices, and that verification notices all of it.

Opening compares the entries that it decides by with what was written (authorities, stops, orders to erase, who worked
here). Those of each exhibit are for verification, which takes longer: ``docs/decisions/0008-reading-a-case.md``.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from contextlib import closing
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest
from click.testing import CliRunner
from few import few
from origin import AUTHORITY, NOON

import osint
from osint.capture.network import Network
from osint.chain_of_custody.backup import check_backup
from osint.cli import main
from osint.errors import IntegrityError, LedgerError, OsintError
from osint.reading import CaseToRead

SAVED = osint.SavedBy(
    name="J. Smit", role="officer", at="2026-05-30T10:15:00+02:00", program="a browser", came="saved here", logged_in=False,
)  # fmt: skip
DECIDED_BY = ("authorize", "open")
OF_AN_EXHIBIT = ("import", "annotate")


def payload(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def changed(line: bytes) -> bytes:
        parts = line.split(b'"')
        parts[3] = base64.b64encode(change(base64.b64decode(parts[3])))
        return b'"'.join(parts)

    return changed


LINES = {
    "a time altered": payload(lambda body: body.replace(b'"end_time":"2026', b'"end_time":"2025')),
    "spelt otherwise": payload(lambda body: body.replace(b",", b", ", 1)),
    "no JSON": payload(lambda body: body[:-1] + b"]"),
    "a signature altered": lambda line: line[:-30] + (b"B" if line[-30:-29] == b"A" else b"A") + line[-29:],
    "its end cut off": lambda line: line[:-5],
    "emptied": lambda line: b"",
}
ALTERED, TAKEN_OUT = "a private value altered", "a private value taken out"
WAYS = (*LINES, ALTERED, TAKEN_OUT)
UNREADABLE = {"emptied"}  # no payload at all: nobody can tell what it was an entry of


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> SimpleNamespace:
    """A case with entries of each kind, closed."""
    place = tmp_path_factory.mktemp("whole")
    with opened(place) as case:
        case.authorize(osint.Authorization(**AUTHORITY))
        (place / "note.txt").write_text("a note", encoding="utf-8")
        case.import_file(place / "note.txt", SAVED)
        case.mark("E0001", tags=["seen"], note="look")
        actions = {entry.action: entry.seq for entry in case._ledger.entries()}
        case.set_zone("America/Chicago")  # that the newest entry is none of those that are damaged
    return SimpleNamespace(place=place, actions=actions)


def opened(place: Path) -> osint.Case:
    return osint.open_case(
        place / "case",
        investigator="J. Smit, badge 4471",
        keys=place / "keys",
        clock=lambda: NOON,
        network=Network(pace=0),
    )


def altered(text: str) -> str:
    salt, name, _ = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return base64.urlsafe_b64encode(json.dumps([salt, name, "something else"]).encode()).rstrip(b"=").decode()


def damage(path: Path, place: int, way: str) -> None:
    with closing(apsw.Connection(str(path))) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        first = "WHERE seq = ?1 AND digest = (SELECT min(digest) FROM disclosures WHERE seq = ?1)"
        if way in LINES:
            line = database.execute("SELECT line FROM entries WHERE seq = ?", (place,)).get
            database.execute("UPDATE entries SET line = ? WHERE seq = ?", (LINES[way](line), place))
        elif way == ALTERED:
            text = database.execute(f"SELECT disclosure FROM disclosures {first}", (place,)).get
            database.execute(f"UPDATE disclosures SET disclosure = ?2 {first}", (place, altered(text)))
        else:
            database.execute(f"DELETE FROM disclosures {first}", (place,))


@pytest.fixture
def damaged(whole, tmp_path) -> Callable[[str, str], int]:
    """Copy the case and damage its entry of some action; return its position."""

    def make(action: str, way: str) -> int:
        shutil.copytree(whole.place, tmp_path, dirs_exist_ok=True)
        damage(tmp_path / "case" / "ledger.sqlite", whole.actions[action], way)
        return int(whole.actions[action])

    return make


def found(case: osint.Case) -> set[int | None]:
    with pytest.raises(IntegrityError) as caught:
        case.verify()
    return {finding.entry for finding in caught.value.findings}


@pytest.mark.parametrize("action, way", few(product((*DECIDED_BY, *OF_AN_EXHIBIT), WAYS), 8))
def test_verification_names_whatever_entry_was_damaged(damaged, tmp_path, action, way):
    """
    By whoever reads the case only: nothing has to be opened for writing.
    """
    place = damaged(action, way)

    with CaseToRead(tmp_path / "case") as case:
        assert place in found(case)


@pytest.mark.parametrize("way, action", few(product([way for way in WAYS if way != TAKEN_OUT], DECIDED_BY), 7))
def test_a_case_whose_decisions_would_rest_on_a_damaged_entry_is_not_opened_for_work(damaged, tmp_path, way, action):
    """
    The entry is named, and nothing is written.
    """
    place = damaged(action, way)
    ledger = tmp_path / "case" / "ledger.sqlite"
    before = apsw.Connection(str(ledger)).execute("SELECT count(*) FROM entries").get

    with pytest.raises(LedgerError, match=f"entry {place} cannot be (read|relied on)"):
        opened(tmp_path)

    assert apsw.Connection(str(ledger)).execute("SELECT count(*) FROM entries").get == before


@pytest.mark.parametrize("action, way", few(product(("annotate",), WAYS), 4))
def test_what_no_decision_rests_on_is_left_to_verification(damaged, tmp_path, action, way):
    """
    Opening looks through the entries of each exhibit for no more than what they are; one without any payload is named.
    """
    place = damaged(action, way)

    if way in UNREADABLE:
        with pytest.raises(LedgerError, match=f"entry {place} cannot be read"):
            opened(tmp_path)
    else:
        with opened(tmp_path) as case:
            assert place in found(case)


def test_an_erasure_without_an_order_is_found(damaged, tmp_path):
    """
    Whoever can write to the file deletes an authority's words. The case opens, as after an order; nobody may search under
    what says nothing any more, and verification says that no entry erased it.
    """
    place = damaged("authorize", TAKEN_OUT)

    with opened(tmp_path) as case:
        with pytest.raises(IntegrityError, match="is gone, and no entry says that it was erased"):
            case.verify()
        assert place in found(case)


def test_an_erasure_without_an_order_is_found_without_tables_and_hinders_no_backup(damaged, tmp_path):
    """
    What is left is worth keeping.
    """
    damaged("authorize", TAKEN_OUT)
    shutil.rmtree(tmp_path / "case" / "working")

    said = CliRunner().invoke(main, ["verify", str(tmp_path / "case")])

    assert (said.exit_code, "is gone, and no entry says that it was erased" in said.output) == (4, True)
    assert check_backup(tmp_path / "case").withheld == 1


def test_the_newest_entry_is_named_by_its_number(whole, tmp_path):
    """
    Its name of the ledger is read on the way to everything else.
    """
    shutil.copytree(whole.place, tmp_path, dirs_exist_ok=True)
    newest = whole.actions["annotate"] + 1
    damage(tmp_path / "case" / "ledger.sqlite", newest, "no JSON")

    for look in (lambda: opened(tmp_path), lambda: CaseToRead(tmp_path / "case")):
        with pytest.raises(OsintError, match=f"entry {newest} cannot be read"):
            look()
