"""What a production leaves that was begun and did not end: it is known, taken up, discarded, and goes with a stop."""

from __future__ import annotations

import pytest
from produced import TO, decision, hand_in, produce, purge

from osint.errors import ExportError
from osint.production import contents, numbering
from osint.report import unfinished
from osint.store.locks import locked_file


@pytest.fixture
def begun(open_case, tmp_path, monkeypatch):
    """A case of two files and a production of it that was interrupted, on a disk of its own."""
    case = open_case()
    hand_in(case, tmp_path, 1, 2)
    with monkeypatch.context() as patch:
        patch.setattr(contents, "write_load_files", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            produce(case, tmp_path / "disk" / "out")
    assert _words(tmp_path, 2)
    return case


def _interrupted(*_, **__):
    raise KeyboardInterrupt


def _words(folder, number):
    """Return the files of what a production left that hold the words of a note."""
    files = (path for path in (folder / "disk").rglob("*") if path.is_file())
    return [path for path in files if f"words of note {number}".encode() in path.read_bytes()]


def _due(case):
    table = case.due()
    return table[table["what"] == "production"]["says"].to_list()


@pytest.mark.parametrize("act", ["stop", "purge"])
def test_what_is_stopped_or_destroyed_goes_from_what_a_production_left(begun, tmp_path, act):
    """
    The folder is destroyed and named; the production is due until somebody produces it anew or discards it.
    """
    part = tmp_path / "disk" / ".out.part"
    if act == "stop":
        assert f"{part}/ (a production that was begun)" in begun.stop_sensitive("E0002").removed
    else:
        purge(begun, tmp_path / "second", "E0002")
    assert not part.exists()
    assert len(_due(begun)) == 1


def test_what_could_not_be_destroyed_is_named(begun, tmp_path):
    """
    A process that writes there keeps it; so does a disk that is not there.
    """
    disk, away = tmp_path / "disk", tmp_path / "away"
    with locked_file(disk / ".out.lock", ""):
        (named,) = (each for each in begun.stop_sensitive("E0002").elsewhere if "could not be destroyed" in each)
        with pytest.raises(ExportError, match="a process writes there"):
            begun.discard_production(disk / "out")
    assert str(disk / ".out.part") in named
    disk.rename(away)
    assert any("is not here" in each for each in begun.stop_sensitive("E0001").elsewhere)
    away.rename(disk)

    begun.discard_production(disk / "out")

    assert list(unfinished.still_there(list(begun._ledger.entries()))) == []


def test_a_production_that_nobody_takes_up_is_discarded_by_an_entry(begun, tmp_path):
    """
    What it left is destroyed, its numbers stay used, and it is due no more; a second time there is nothing to discard.
    """
    folder = tmp_path / "disk" / "out"
    assert str(folder) in _due(begun)[0]
    before = numbering.productions(begun._ledger.entries())[0].last

    begun.discard_production(folder)

    assert not _words(tmp_path, 1)
    assert _due(begun) == []
    (known,) = numbering.productions(begun._ledger.entries())
    assert (known.done, known.last) == (False, before)
    assert begun.productions()["state"].to_list() == ["failed"]
    with pytest.raises(ExportError, match="No production"):
        begun.discard_production(folder)


def test_a_file_that_has_a_second_name_loses_only_this_one(begun, tmp_path):
    """
    To overwrite it would destroy what the other name stands for.
    """
    (left, *_) = _words(tmp_path, 1)
    kept = tmp_path / "kept"
    kept.hardlink_to(left)

    begun.discard_production(tmp_path / "disk" / "out")

    assert b"words of note 1" in kept.read_bytes()


def test_one_that_is_whole_and_lacks_its_entry_is_not_destroyed(begun, tmp_path, monkeypatch):
    """
    The same call records it.
    """
    folder = tmp_path / "disk" / "out"
    with monkeypatch.context() as patch:
        patch.setattr("osint.production.produce.documents_said", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            produce(begun, folder)
    with pytest.raises(ExportError, match="is whole"):
        begun.discard_production(folder)

    assert begun.produce(folder, to=TO, release=decision(), pages="slip-sheets").number == 1
