from __future__ import annotations

import pytest

from osint.chain_of_custody.export import (
    ExportedLedger,
    write_checkpoints,
    write_disclosures,
    write_jsonl,
    write_ledger,
)
from osint.chain_of_custody.ledger import Ledger
from osint.errors import ExportError, LedgerError


def test_the_lines_are_written_as_they_are_stored(ledger, tmp_path):
    """
    One line per entry, byte for byte, each ended by LF.
    """
    ledger.append("note", private={"text": "call"})
    path = tmp_path / "ledger.jsonl"

    assert write_jsonl(ledger, path) == 2
    assert path.read_bytes() == b"".join(entry.line + b"\n" for entry in ledger.entries())


def test_checkpoints_are_written_one_to_a_file(ledger, tmp_path):
    """
    Numbered from 1 in the order they were cut, with the bytes that were signed.
    """
    first = ledger.cut_checkpoint()
    ledger.append("note")
    second = ledger.cut_checkpoint()

    paths = write_checkpoints(ledger, tmp_path)

    assert [path.name for path in paths] == ["checkpoint-0001.txt", "checkpoint-0002.txt"]
    assert [path.read_bytes() for path in paths] == [first.encode(), second.encode()]
    assert ExportedLedger(tmp_path).checkpoints() == [first, second]


def test_the_export_gives_back_every_record(ledger, tmp_path):
    """
    Lines and disclosures come back as they are in the ledger, entry by entry.
    """
    for number in range(5):
        ledger.append("note", private={f"{name}": number for name in "abc"[:number]})
    write_ledger(ledger, tmp_path / "export")

    assert [(line, list(held)) for line, held in ExportedLedger(tmp_path / "export").records()] == [
        (line, list(held)) for line, held in ledger.records()
    ]


@pytest.mark.parametrize(
    "line",
    [b"{}", b"", b'{"payload":"!"}', b'{"payload":"W10="}', b'{"payload":"e30="}', b'{"payload":"eyJwcmV2IjoxfQ=="}'],
)
def test_what_was_never_verified_is_not_taken_over(line, ledger, tmp_path):
    """
    An import judges no line again; one that is no line of a ledger stops it all the same, and no file is made.
    """
    ledger.append("note")
    write_ledger(ledger, tmp_path / "export")
    path = tmp_path / "export" / "ledger.jsonl"
    path.write_bytes(path.read_bytes() + line + b"\n")

    with pytest.raises(LedgerError, match="cannot be taken over"):
        Ledger.take_over(tmp_path / "taken.sqlite", ExportedLedger(tmp_path / "export"))
    assert not (tmp_path / "taken.sqlite").exists()


def test_the_same_ledger_gives_the_same_bytes(ledger, tmp_path):
    """
    Two exports are equal, so two copies can be compared.
    """
    ledger.append("note", private={"text": "call", "other": "value"})
    ledger.cut_checkpoint()
    for name in ("one", "two"):
        write_ledger(ledger, tmp_path / name)

    contents = [{path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two")]
    assert contents[0] == contents[1]
    assert set(contents[0]) == {"ledger.jsonl", "disclosures.jsonl", "checkpoint-0001.txt"}


def test_disclosures_can_be_left_out(ledger, tmp_path):
    """
    A package for someone who may not read personal data holds none.
    """
    write_ledger(ledger, tmp_path / "export", disclosures=False)

    assert [path.name for path in (tmp_path / "export").iterdir()] == ["ledger.jsonl"]
    assert write_disclosures(ledger, tmp_path / "apart.jsonl") == 1


def test_nothing_is_overwritten(ledger, tmp_path):
    """
    An export does not replace an earlier one.
    """
    write_ledger(ledger, tmp_path / "export")

    with pytest.raises(ExportError, match="could not be written"):
        write_ledger(ledger, tmp_path / "export")


def test_a_folder_without_a_ledger_is_refused(tmp_path):
    """
    A missing file is an error, not an empty ledger.
    """
    with pytest.raises(LedgerError, match="cannot be read"):
        ExportedLedger(tmp_path / "missing").checkpoints()
    with pytest.raises(LedgerError, match="cannot be read"):
        list(ExportedLedger(tmp_path).records())


def test_a_line_without_end_takes_bounded_memory(tmp_path):
    """
    A file of one endless line is read in pieces and yields one short record.
    """
    (tmp_path / "ledger.jsonl").write_bytes(b"x" * (5 << 20) + b"\nnext\n")

    lines = [record.line for record in ExportedLedger(tmp_path).records()]

    assert [len(line) for line in lines] == [(1 << 20) + 2, 5]
