"""The store of derived records."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest

from osint.collectors import load, names
from osint.errors import CaseError
from osint.store.store import READING, TABLES, SqliteStore
from osint.working import WorkingTables


@pytest.fixture
def store(tmp_path):
    store = SqliteStore(tmp_path / "working" / "tables.sqlite")
    yield store
    store.close()


def test_records_come_back_by_exhibit_and_position(store):
    """
    Exhibit 10 comes after exhibit 9, and hostile text survives as it is.
    """
    store.replace("E10000", [("post", {"n": 4})])
    store.replace("E0009", [("post", {"n": 1}), ("warning", {"n": 2}), ("post", {"n": "\ud800\x00'\"</script>"})])

    assert [record["n"] for record in store.records("post")] == [1, "\ud800\x00'\"</script>", 4]


def test_some_values_of_every_record_come_without_the_rest(store):
    """
    Each is what reading the whole record would give, hostile text too; None stands for what is not there.
    """
    told = {"facts": {"sha256": "ab"}, "n": "\ud800\x00'\"</script>", "size": 2, "rest": [1.5]}
    store.replace("E0001", [("post", told), ("post", {"n": None}), ("warning", told)])

    expected = [["\ud800\x00'\"</script>", "ab", 2], [None, None, None]]
    assert sorted(store.values("post", "n", "facts.sha256", "size"), key=str) == sorted(expected, key=str)
    with pytest.raises(ValueError, match="two names"):
        list(store.values("post", "n"))


def test_replacing_an_exhibit_is_one_step(store):
    """
    Reading an exhibit again never doubles its records, and a failure leaves the old ones.
    """
    store.replace("E0001", [("post", {"n": 1}), ("post", {"n": 2})])
    with pytest.raises(TypeError):
        store.replace("E0001", [("post", {"n": object()})])
    store.replace("E0001", [("post", {"n": 3})])

    assert list(store.records("post")) == [{"n": 3}]


def test_every_change_of_the_records_is_marked(tmp_path):
    """
    Whoever keeps something made of the records sees that they are others, also after reopening; reading marks nothing.
    """
    with closing(SqliteStore(tmp_path / "tables.sqlite")) as store:
        marks = [store.state]
        store.replace("E0001", [("post", {"n": 1})])
        marks.append(store.state)
        with pytest.raises(TypeError):
            store.replace("E0001", [("post", {"n": object()})])
        assert (list(store.records("post")), store.state) == ([{"n": 1}], marks[-1])
    with closing(SqliteStore(tmp_path / "tables.sqlite")) as store:
        assert store.state == marks[-1]
        store.replace("E0001", [("post", {"n": 1})])
        marks.append(store.state)
        store.clear()
        marks.append(store.state)

    assert marks[0] == ""
    assert len({*marks}) == 4


def test_what_is_locked_makes_another_state_of_the_tables(store):
    """
    Tables leave locked exhibits out, so what was made of them before is of another state; unmarked records have none.
    """
    locked = set()
    gate = SimpleNamespace(locked=lambda: locked)
    tables = WorkingTables(Path(), ledger=None, gate=gate, door=None, blobs=None, store=store)
    assert tables.state == ""
    store.replace("E0001", [("post", {"n": 1})])
    before = tables.state
    locked.add("E0001")

    assert before == store.state
    assert tables.state not in ("", before)


def test_it_survives_reopening(tmp_path):
    """
    What was put in is there for the next process.
    """
    first = SqliteStore(tmp_path / "tables.sqlite")
    first.replace("E0001", [("post", {"n": 1})])
    first.close()
    again = SqliteStore(tmp_path / "tables.sqlite")

    assert list(again.records("post")) == [{"n": 1}]
    again.clear()
    assert list(again.records("post")) == []
    again.close()


def test_a_damaged_file_says_that_evidence_is_not_affected(tmp_path):
    """
    The message says what to delete and what to run.
    """
    (tmp_path / "tables.sqlite").write_bytes(b"not a database" * 100)

    with pytest.raises(CaseError, match=r"not affected.*case\.rebuild"):
        SqliteStore(tmp_path / "tables.sqlite")


def test_a_store_in_memory_leaves_no_file(tmp_path, monkeypatch):
    """
    What is remade for a comparison never lies on a disk.
    """
    monkeypatch.chdir(tmp_path)
    store = SqliteStore(None)
    store.replace("E0001", [("post", {"n": 1})])

    assert list(store.records("post")) == [{"n": 1}]
    assert list(tmp_path.iterdir()) == []
    store.close()


def test_rows_are_everything_as_it_is_kept(store):
    """
    By exhibit and position, whatever the kind.
    """
    store.replace("E10000", [("post", {"n": 3})])
    store.replace("E0009", [("post", {"n": 1}), ("warning", {"n": 2})])

    assert list(store.rows()) \
        == [("E0009", 0, "post", '{"n": 1}'), ("E0009", 1, "warning", '{"n": 2}'), ("E10000", 0, "post", '{"n": 3}')]  # fmt: skip


def test_tables_say_which_release_made_them_until_they_are_made_anew(tmp_path):
    """
    Those of a release that did not count say 0; what is added does not make them this release's.
    """
    path = tmp_path / "tables.sqlite"
    assert SqliteStore(path).tables == TABLES
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("PRAGMA user_version = 0")
    store = SqliteStore(path)
    store.replace("E0001", [("post", {"n": 1})])
    assert store.tables == 0
    store.clear()
    assert store.tables == TABLES
    store.close()


def test_the_number_of_the_tables_rises_with_every_reader_that_reads_otherwise():
    """
    Else a case that an earlier release made would be called altered. Raise TABLES, then write down both here.
    """
    recorded = json.loads((Path(__file__).parent / "readers.json").read_text(encoding="utf-8"))

    assert {"tables": TABLES, "readers": {name: load(name).MANIFEST.version for name in names()}} == recorded


def test_an_exhibit_has_another_mark_after_every_change_and_only_then(tmp_path):
    """Also one of which clearing leaves a record; what has no record has no mark."""
    with closing(SqliteStore(tmp_path / "tables.sqlite")) as store:
        store.replace("E0001", [("post", {"id": "a"}), (READING, {"said": 1})])
        store.replace("E0002", [("post", {"id": "b"})])
        before = store.marks()
        store.replace("E0002", [("post", {"id": "b"})])
        changed = store.marks()
        store.clear(but=READING)
        left = store.marks()

    assert list(before) == list(changed) == ["E0001", "E0002"]
    assert before["E0001"] == changed["E0001"] != left["E0001"]
    assert before["E0002"] != changed["E0002"]
    assert list(left) == ["E0001"]
    assert "" not in left.values()


def test_one_record_is_found_by_its_place(tmp_path):
    with closing(SqliteStore(tmp_path / "tables.sqlite")) as store:
        store.replace("E0001", [("post", {"id": "a"}), ("warning", {"what": "b"})])

        assert store.at("E0001", 1) == ("warning", {"what": "b"})
        assert store.at("E0001", 2) is None
        assert store.at("E0002", 0) is None
