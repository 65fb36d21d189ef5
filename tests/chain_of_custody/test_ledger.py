from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import apsw
import pytest

from osint.chain_of_custody import checkpoint, disclosure, keys, ledger_file, ledger_reader, merkle
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.verification import verify
from osint.errors import LedgerError

EXHIBIT = {"sha256": "ab" * 32, "size": 3, "media": "application/warc"}


def test_a_new_ledger_introduces_its_keys_and_names_its_opener_in_private(ledger, actor, log):
    """
    Entry 0 opens the ledger, carries both public keys, and the person's name only as a disclosure.
    """
    opened = ledger.entry(0)

    assert (opened.action, opened.outcome, opened.seq, opened.payload["prev"]) == ("open", "done", 0, "0" * 64)
    assert [(actor.keyid, "actor"), (log.keyid, "log")] == [(key["key"], key["role"]) for key in opened.object]
    assert opened.private == {"investigator": "J. Smit"}
    assert re.fullmatch(r"osint/[0-9a-f]{32}", ledger.origin)


def test_each_entry_continues_the_one_before_and_is_read_back_equal(ledger):
    """
    What append returns is what the file holds.
    """
    made = [ledger.append("note", private={"text": f"call {number}", "list": (1, 2)}) for number in range(3)]

    assert made == list(ledger.entries(1))
    assert [entry.leaf.hex() for entry in ledger.entries()][:-1] == [entry.payload["prev"] for entry in made]
    assert len(ledger) == 4
    assert merkle.root([entry.leaf for entry in ledger.entries()]) == ledger.root()


def test_entries_are_read_across_pages(ledger):
    """
    More entries than one page holds come in order, each with its own disclosures.
    """
    for number in range(300):
        ledger.append("note", private={"number": number})

    assert list(range(300)) == [entry.private["number"] for entry in ledger.entries(1)]
    assert ledger.entry(300).private["number"] == 299


def test_a_line_that_was_read_strictly_is_judged_again_when_it_is_another(ledger):
    """
    Only the same bytes are believed the second time; the exhibits are read from the same lines.
    """
    ledger.append("acquire", exhibit={"sha256": "a" * 64, "size": 1, "media": "application/warc"})
    before = list(ledger.entries())
    again = Ledger.read(ledger.path)
    ledger_reader.parsed.cache_clear()

    assert (list(again.entries()), [each.entry for each in again.exhibits()]) == (before, [1])

    with contextlib.closing(sqlite3.connect(ledger.path)) as database:
        database.execute("DROP TRIGGER entries_stay")
        [line] = database.execute("SELECT line FROM entries WHERE seq = 1").fetchone()
        database.execute("UPDATE entries SET line = ? WHERE seq = 1", (line.replace(b"payloadType", b"payloadTypo"),))
        database.commit()
    with pytest.raises(LedgerError, match="Ledger entry 1 cannot be read"):
        list(again.entries())
    with pytest.raises(LedgerError, match="Ledger entry 1 cannot be read"):
        again.exhibits()


def test_exhibits_are_numbered_in_the_order_of_their_entries(ledger):
    """
    E0001, E0002 … are given by the ledger, to entries that take something in and to no others.
    """
    first = ledger.append("acquire", exhibit=EXHIBIT, result=[{"status": 200}])
    other = ledger.append("note")
    second = ledger.append("acquire", exhibit={**EXHIBIT, "sha256": "cd" * 32})

    assert (first.exhibit, other.exhibit, second.exhibit) == ("E0001", None, "E0002")
    assert [(exhibit.number, exhibit.sha256, exhibit.entry) for exhibit in ledger.exhibits()] == [
        ("E0001", "ab" * 32, 1),
        ("E0002", "cd" * 32, 3),
    ]
    assert list(first.result) == [{**EXHIBIT, "exhibit": "E0001"}, {"status": 200}]


def test_numbers_beyond_9999_go_on(ledger):
    """
    The number after E9999 is E10000: numbers are compared as numbers.
    """
    values = (ledger.entry(0).line, b"1" * 32, b"2" * 32)
    ledger._file.open().execute("INSERT INTO entries VALUES (1, ?, ?, ?, 9999)", values)

    assert ledger.append("acquire", exhibit=EXHIBIT).exhibit == "E10000"


def test_times_are_those_given_or_the_clocks(ledger, ticking):
    """
    Given instants are recorded in UTC; otherwise the injected clock speaks.
    """
    began = datetime(2026, 4, 30, 12, tzinfo=UTC)
    entry = ledger.append("acquire", start_time=began)

    assert began == entry.start_time
    assert entry.end_time.year == 2026
    assert entry.end_time < ticking()


def test_an_entry_can_be_named_before_it_is_written(ledger):
    """
    The evidence may hold the id of the entry that will record it.
    """
    name = ledger.new_id()

    assert name == ledger.append("acquire", id=name).id


def test_an_entry_names_its_authority(ledger):
    """
    The leaf hash of the entry that records the authority is accepted; one that is not in this ledger is not.
    """
    authority = ledger.append("authorize", private={"authorization": {"identifier": "MP-2026-0417"}})

    assert authority.leaf.hex() == ledger.append("search", authorization=authority.leaf.hex()).authorization
    with pytest.raises(LedgerError, match="not in the ledger"):
        ledger.append("search", authorization="ab" * 32)
    assert len(ledger) == 3


def test_a_checkpoint_is_cut_once_per_size(ledger, log):
    """
    The same head is never signed twice; a later one covers more.
    """
    first = ledger.cut_checkpoint()
    assert first == ledger.cut_checkpoint()
    ledger.append("note")
    second = ledger.cut_checkpoint()

    assert [first, second] == ledger.checkpoints()
    head = checkpoint.verify(second, [log.verifier_key(ledger.origin)])
    assert (ledger.origin, 2, ledger.root()) == (head.origin, head.size, head.root)


def test_a_reopened_ledger_goes_on_where_it_was(ledger, actor, log):
    """
    The same keys write no entry; exhibit numbers and checkpoints go on.
    """
    ledger.append("acquire", exhibit=EXHIBIT)
    note = ledger.cut_checkpoint()
    ledger.close()

    with Ledger.open(ledger.path, actor=actor, log=log) as again:
        assert len(again) == 2
        assert again.append("acquire", exhibit={**EXHIBIT, "sha256": "cd" * 32}).exhibit == "E0002"
        assert [note] == again.checkpoints()
        again.cut_checkpoint()
        assert verify(again).entries == 3


def test_another_person_is_introduced_by_an_entry(ledger, log, tmp_path):
    """
    A key the ledger does not know yet is added by ``key.add``, signed by itself, and once only.
    """
    colleague = keys.load_or_create(tmp_path / "keys", "colleague")

    for _ in range(2):
        with Ledger.open(ledger.path, actor=colleague, log=log, performer={"investigator": "A. Jansen"}) as other:
            added = other.entry(1)
            assert len(other) == 2

    assert ("key.add", colleague.keyid) == (added.action, added.performer)
    assert [{"key": colleague.keyid, "role": "actor", "basis": "introduced"}] == [
        {name: value for name, value in item.items() if name != "public"} for item in added.object
    ]
    assert added.private == {"investigator": "A. Jansen"}
    assert {colleague.keyid} < {key.keyid for key in verify(ledger).keys}


def test_one_key_cannot_play_both_parts(tmp_path, actor):
    """
    Whoever signs entries must not also sign heads with the same key.
    """
    with pytest.raises(LedgerError, match="two keys"):
        Ledger.create(tmp_path / "ledger.sqlite", actor=actor, log=actor)


def test_a_ledger_is_never_made_twice(ledger, actor, log):
    """
    An existing file is left alone.
    """
    with pytest.raises(LedgerError, match="already"):
        Ledger.create(ledger.path, actor=actor, log=log)
    assert len(ledger) == 1


def test_a_ledger_whose_making_broke_off_can_be_made_again(tmp_path, actor, log):
    """
    An empty file, as a kill during creation leaves it, is no obstacle.
    """
    (tmp_path / "ledger.sqlite").touch()

    with Ledger.create(tmp_path / "ledger.sqlite", actor=actor, log=log) as made:
        assert len(made) == 1


@pytest.mark.parametrize("reopen", ["open", "read"])
def test_what_is_no_ledger_is_refused(tmp_path, actor, log, reopen):
    """
    A missing file, a text file and another program's database are named for what they are.
    """
    opener = Ledger.read if reopen == "read" else partial(Ledger.open, actor=actor, log=log)
    (tmp_path / "text").write_text("no database at all, but long enough to be one" * 50, encoding="utf-8")
    sqlite3.connect(tmp_path / "other").execute("CREATE TABLE posts (id)").connection.close()

    for name in ("missing", "text", "other"):
        with pytest.raises(LedgerError):
            opener(tmp_path / name)
    assert not (tmp_path / "missing").exists()


def test_a_ledger_of_a_newer_release_is_refused(ledger, actor, log):
    """
    What this release does not understand it does not continue.
    """
    ledger._file.open().pragma("user_version", 3)

    with pytest.raises(LedgerError, match="newer release"):
        Ledger.open(ledger.path, actor=actor, log=log)


def test_a_ledger_opened_for_reading_writes_nothing(ledger):
    """
    Reading shows everything and refuses to append or to cut a checkpoint.
    """
    ledger.append("note", private={"text": "call"})

    with Ledger.read(ledger.path) as reading:
        assert reading.entry(1).private == {"text": "call"}
        with pytest.raises(LedgerError, match="for reading"):
            reading.append("note")
        with pytest.raises(LedgerError, match="for reading"):
            reading.cut_checkpoint()


@pytest.fixture
def no_side_files(monkeypatch):
    """A medium on which SQLite cannot make the files beside a database."""
    probed = ledger_file._probed

    def refuse(address: str) -> apsw.Connection:
        if "immutable" not in address:
            raise apsw.CantOpenError("unable to open database file")
        return probed(address)

    monkeypatch.setattr(ledger_file, "_probed", refuse)


def test_a_ledger_on_read_only_media_can_be_read(ledger, no_side_files):
    """
    Where SQLite cannot make its side files, a closed ledger is read as it lies there.
    """
    ledger.close()

    with Ledger.read(ledger.path) as reading:
        assert len(reading) == 1


def test_a_ledger_with_a_journal_is_not_read_without_it(ledger, no_side_files):
    """
    Entries that are still in the journal must not be missing from what is read.
    """
    ledger.append("note")

    with pytest.raises(LedgerError, match="cannot be opened"):
        Ledger.read(ledger.path)


def test_a_closed_ledger_says_so(ledger):
    """
    No surprise from a handle used after its end.
    """
    ledger.close()

    with pytest.raises(LedgerError, match="closed"):
        ledger.append("note")


def test_a_ledger_is_not_shared_across_a_fork(ledger, monkeypatch):
    """
    SQLite forbids to carry a connection into another process; the child must open it again.
    """
    monkeypatch.setattr(os, "getpid", lambda: -1)

    with pytest.raises(LedgerError, match="another process"):
        ledger.append("note")


@pytest.mark.parametrize("index", [-1, 1, 99])
def test_an_entry_that_does_not_exist_is_refused(ledger, index):
    """
    Positions are counted from 0 and not from the end.
    """
    with pytest.raises(LedgerError, match="no ledger entry"):
        ledger.entry(index)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET line = x'00'",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries VALUES (0, x'00', x'00', x'00', NULL)",
        "INSERT INTO entries VALUES (7, x'00', zeroblob(32), randomblob(32), NULL)",
        "UPDATE checkpoints SET note = ''",
        "DELETE FROM checkpoints",
        "INSERT OR REPLACE INTO checkpoints VALUES (1, '')",
        "UPDATE disclosures SET disclosure = ''",
    ],
)
def test_the_file_refuses_changes(ledger, statement):
    """
    A seat belt against mistakes: entries and checkpoints stay, disclosures are erased or kept.
    """
    ledger.cut_checkpoint()

    with pytest.raises(apsw.ConstraintError):
        ledger._file.open().execute(statement)


def test_an_erased_disclosure_leaves_the_entry(ledger):
    """
    Deleting a disclosure is allowed; the entry still verifies and counts it as withheld.
    """
    ledger._file.open().execute("DELETE FROM disclosures WHERE seq = 0")

    assert ledger.entry(0).private == {}
    assert verify(ledger).withheld == 1


def test_a_full_disk_leaves_nothing_half_written(ledger):
    """
    The step fails with an explanation, the ledger stays as it was, and the next append works.
    """
    database = ledger._file.open()
    database.pragma("max_page_count", database.pragma("page_count") + 2)

    with pytest.raises(LedgerError, match="disk is full"):
        ledger.append("note", private={"text": "x" * 100_000})
    assert len(ledger) == 1
    assert ledger.append("note", private={"text": "short"}).seq == 1
    database.pragma("max_page_count", 2**31)
    ledger.append("note", private={"text": "x" * 100_000})
    assert verify(ledger).entries == 3


def test_a_read_only_file_refuses_to_be_continued(ledger):
    """
    The error says that the file is read-only and that nothing was recorded.
    """
    ledger._file.open().pragma("query_only", True)

    with pytest.raises(LedgerError, match="read-only"):
        ledger.append("note")


class FaultyFiles(apsw.VFS):
    """A disk that fails on demand: ``fault`` is raised by the next calls of the operation ``broken``."""

    def __init__(self) -> None:
        super().__init__("faulty", "")
        self.broken = ""
        self.fault: Exception = apsw.IOError("injected")

    def xOpen(self, name, flags):
        return FaultyFile(self, name, flags)

    def check(self, operation: str) -> None:
        if operation == self.broken:
            raise self.fault


class FaultyFile(apsw.VFSFile):
    def __init__(self, files: FaultyFiles, name, flags) -> None:
        self.files = files
        super().__init__("", name, flags)

    def xWrite(self, data, offset):
        self.files.check("write")
        super().xWrite(data, offset)

    def xSync(self, flags):
        self.files.check("sync")
        super().xSync(flags)


@pytest.fixture
def faulty(monkeypatch):
    files = FaultyFiles()
    monkeypatch.setattr(ledger_file.apsw, "Connection", partial(apsw.Connection, vfs="faulty"))
    yield files
    files.unregister()


@pytest.mark.parametrize("operation", ["write", "sync"])
@pytest.mark.parametrize("fault", [apsw.IOError("injected"), apsw.FullError("injected")], ids=["EIO", "ENOSPC"])
def test_a_fault_of_the_disk_is_never_reported_as_success(faulty, tmp_path, actor, log, operation, fault):
    """
    The append fails, what was acknowledged is there, and the next append continues it. Only after a failed sync of
    the commit itself may the step turn out to be recorded; the error says so.
    """
    ledger = Ledger.create(tmp_path / "ledger.sqlite", actor=actor, log=log)
    ledger.append("note")
    before = ledger._file.open()
    faulty.broken, faulty.fault = operation, fault

    with pytest.raises(LedgerError, match="Entries reported as written before stand"):
        ledger.append("note", private={"text": "lost"})
    faulty.broken = ""

    assert (ledger._file.open() is before) == isinstance(fault, apsw.FullError)
    size = len(ledger)
    assert size in ({2, 3} if operation == "sync" and isinstance(fault, apsw.IOError) else {2})
    assert ledger.append("note").seq == size
    assert verify(ledger).entries == size + 1
    ledger.close()


def test_a_disk_that_loses_what_it_reported_is_found_out(ledger):
    """
    After a fault the last acknowledged entry is looked for before anything is appended.
    """
    ledger.append("note")
    database = ledger._file.open()
    database.execute("DROP TRIGGER entries_last; PRAGMA foreign_keys = off; DELETE FROM entries WHERE seq = 1")
    ledger._file.drop()

    for _ in range(2):  # a notebook's cell is run again
        with pytest.raises(LedgerError, match="lost ledger entry 1"):
            ledger.append("note")


def test_after_a_fault_the_name_of_the_ledger_is_read_again(ledger, actor, log):
    """
    Another process may have declared a restore meanwhile, and the ledger goes on under a new name.
    """
    ledger.append("note")
    ledger._file.drop()
    with Ledger.open(ledger.path, actor=actor, log=log) as other:
        other.restore(reason="a copy was put back")
        name = other.origin

    assert ledger.append("note").payload["ledger"] == name
    verify(ledger)


@pytest.mark.parametrize(
    "version, mode",
    [((3, 54, 1), "wal"), ((3, 51, 3), "wal"), ((3, 51, 2), "delete")],
)
def test_an_older_sqlite_gets_the_journal_that_its_fault_spares(version, mode):
    """
    The write-ahead journal is used only where its reset fault is mended.
    """
    assert mode == ledger_file.journal_for(version)


def test_the_rollback_journal_works_and_is_named(monkeypatch, tmp_path, actor, log):
    """
    With an older SQLite the ledger is slower, and as durable.
    """
    monkeypatch.setattr(ledger_file.apsw, "sqlite_lib_version", lambda: "3.51.2")
    with Ledger.create(tmp_path / "ledger.sqlite", actor=actor, log=log) as ledger:
        ledger.append("note")

        assert ledger.durability == "SQLite 3.51.2, journal delete, synchronous EXTRA"
        assert verify(ledger).entries == 2


def test_the_write_ahead_journal_is_synced_at_every_commit(ledger):
    """
    FULL, not NORMAL, which loses acknowledged entries when the power fails.
    """
    assert ledger.durability.endswith("journal wal, synchronous FULL")


def test_threads_share_one_ledger(ledger):
    """
    Eight threads append through one handle: one chain, every number once.
    """
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ledger.append("acquire", exhibit=EXHIBIT), range(80)))

    assert list(range(1, 81)) == sorted(entry.seq for entry in made)
    assert len({entry.exhibit for entry in made}) == 80
    assert verify(ledger).entries == 81


WRITER = """
import sys
from pathlib import Path
from osint.chain_of_custody.keys import load_or_create
from osint.chain_of_custody.ledger import Ledger

folder, count = Path(sys.argv[1]), int(sys.argv[2])
keys = {name: load_or_create(folder / "keys", name) for name in ("actor", "log")}
with Ledger.open(folder / "ledger.sqlite", **keys) as ledger:
    for number in range(count):
        exhibit = {"sha256": "ab" * 32, "size": number, "media": "application/warc"}
        entry = ledger.append("acquire", exhibit=exhibit, private={"number": number})
        print(entry.seq, entry.leaf.hex(), entry.exhibit, flush=True)
"""


def start_writer(folder, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def make_ledger(folder) -> Ledger:
    actor, log = (keys.load_or_create(folder / "keys", name) for name in ("actor", "log"))
    return Ledger.create(folder / "ledger.sqlite", actor=actor, log=log)


def test_eight_processes_write_one_chain(tmp_path):
    """
    Eight processes with 50 appends each: no gap, no double, no fork, exhibits numbered without gap.
    """
    with make_ledger(tmp_path) as ledger:
        writers = [start_writer(tmp_path, 50) for _ in range(8)]
        reports = [line.split() for writer in writers for line in writer.communicate(timeout=120)[0].splitlines()]

        assert [writer.returncode for writer in writers] == [0] * 8
        assert list(range(1, 401)) == sorted(int(seq) for seq, _, _ in reports)
        assert {f"E{number:04d}" for number in range(1, 401)} == {exhibit for _, _, exhibit in reports}
        assert verify(ledger).entries == 401


def test_a_killed_writer_loses_nothing_that_it_reported(tmp_path):
    """
    SIGKILL in the middle of appending: every acknowledged entry is there, nothing needs repair, and it goes on.
    """
    with make_ledger(tmp_path):
        pass
    reports = []
    for pause in (3, 11):
        writer = start_writer(tmp_path, 10_000)
        assert writer.stdout is not None
        reports += [writer.stdout.readline().split() for _ in range(pause)]
        writer.kill()
        reports += [line.split() for line in writer.communicate()[0].splitlines(keepends=True) if line.endswith("\n")]

    with Ledger.read(tmp_path / "ledger.sqlite") as ledger:
        leaves = [entry.leaf.hex() for entry in ledger.entries()]
        assert 14 <= len(reports) < len(leaves) <= len(reports) + 3
        assert all(leaves[int(seq)] == leaf for seq, leaf, _ in reports)
        assert len(leaves) == verify(ledger).entries


def test_reading_in_several_steps_sees_one_state(ledger, actor, log):
    """
    Another process appends while a package is written; what is read belongs together.
    """
    with Ledger.open(ledger.path, actor=actor, log=log) as other, ledger.unchanging():
        before = list(ledger.records())
        other.append("note")
        other.cut_checkpoint()

        assert ledger.checkpoints() == []
        assert list(ledger.records()) == before
    assert len(ledger) == len(before) + 1


def test_erasing_leaves_no_trace_in_the_files(ledger):
    """
    Rows, free pages and the write-ahead log: the value and its salt are gone from the raw bytes; the others stand.
    """
    for number in range(60):
        ledger.append("note", private={"text": f"keep {number} " + "x" * 300})
    entry = ledger.append("note", private={"text": "erase-me-" * 40, "other": "stays"})
    gone = [
        text
        for record in ledger.records(entry.seq)
        for text in record.disclosures
        if "erase" in str(disclosure.read(text))
    ]
    held = b"".join(path.read_bytes() for path in ledger.path.parent.glob("ledger.sqlite*"))
    assert gone[0].encode() in held

    assert ledger.erase([disclosure.digest(gone[0])]) == 1

    held = b"".join(path.read_bytes() for path in ledger.path.parent.glob("ledger.sqlite*"))
    assert gone[0].encode() not in held
    assert gone[0][40:80].encode() not in held
    assert ledger.entry(entry.seq).private == {"other": "stays"}
    assert ledger.append("note").seq == entry.seq + 1


def test_erasing_waits_for_nobody_and_says_who_is_in_the_way(ledger):
    """
    A reader elsewhere holds the log; the step is to be repeated when it has gone.
    """
    entry = ledger.append("note", private={"text": "erase me"})
    digest = entry.payload["_sd"][0]
    (held,) = next(ledger.records(entry.seq)).disclosures
    with contextlib.closing(apsw.Connection(str(ledger.path), flags=apsw.SQLITE_OPEN_READONLY)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entries").fetchall()
        ledger._file.open().set_busy_timeout(10)
        with pytest.raises(LedgerError, match="is open elsewhere"):
            ledger.erase([digest])
        reader.execute("COMMIT")

    assert ledger.erase([digest]) == 0
    assert held[:60].encode() not in ledger.path.read_bytes()


FORMAT_1 = """
DROP TABLE tokens; DROP TABLE cosignatures; ALTER TABLE keys DROP COLUMN ended; PRAGMA user_version = 1
"""


@pytest.fixture
def earlier(ledger) -> Ledger:
    """A ledger file as the first release made it."""
    ledger.append("note", private={"text": "by the first release"})
    ledger.cut_checkpoint()
    ledger._file.open().execute(FORMAT_1)
    ledger.close()
    return ledger


def test_a_ledger_of_the_first_format_is_read_as_it_is(earlier):
    """
    Reading changes nothing, and finds no time stamps where there is no room for them.
    """
    before = earlier.path.read_bytes()
    with Ledger.read(earlier.path) as ledger:
        assert (len(ledger), ledger.tokens(), ledger.cosignatures()) == (2, [], [])
        assert verify(ledger).entries == 2
    assert earlier.path.read_bytes() == before


def test_a_ledger_of_the_first_format_is_copied_and_then_continued(earlier, actor, log):
    """
    The copy is what was there; the lines are not touched, and the ledger goes on.
    """
    with Ledger.read(earlier.path) as ledger:
        lines = list(ledger.records())
    with Ledger.open(earlier.path, actor=actor, log=log) as ledger:
        ledger.append("note")
        assert list(ledger.records())[:2] == lines
        assert ledger.tokens() == []
        verify(ledger)

    with Ledger.read(earlier.path.with_name("ledger.sqlite.format-1")) as kept:
        assert list(kept.records()) == lines


def test_a_copy_that_cannot_be_made_leaves_the_first_format(earlier, actor, log, monkeypatch):
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "no space left")))
    with pytest.raises(LedgerError, match="cannot be used"):
        Ledger.open(earlier.path, actor=actor, log=log)
    monkeypatch.undo()

    database = apsw.Connection(str(earlier.path))
    assert database.pragma("user_version") == 1
    database.close()
