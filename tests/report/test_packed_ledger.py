"""The ledger as it lies in a package: read strictly once, then an entry at a time, and never held as a whole."""

import weakref

import pytest
from papers import key

from osint.chain_of_custody.entry import parse
from osint.chain_of_custody.export import DISCLOSURES, LINES, write_ledger
from osint.errors import LedgerError
from osint.report.case_uco import case_graph
from osint.report.packed import Packed
from osint.report.steps import Steps, read_steps


@pytest.fixture
def with_changes(worked):
    """A ledger in which the person at the workstation changes, a key does, and a third person signs."""
    worked.append("configure", private={"investigator": "A. Bakker"})
    worked.append("note", private={"text": "seen"})
    worked.introduce(key("second", 128), private={"investigator": "K. de Vries, prosecutor"})
    worked.append("note", private={"text": "seen again"}, cosigners=[key("second", 128)])
    worked.rotate(key("next", 160), "actor")
    worked.append("note", private={"text": "at last"})
    return worked


@pytest.fixture
def copy(with_changes, tmp_path):
    write_ledger(with_changes, tmp_path / "copy")
    return Packed(tmp_path / "copy")


def test_an_entry_that_is_read_again_is_what_the_strict_reader_gives(copy):
    """
    Each of them, with what it discloses; also from the middle on, and one alone.
    """
    strict = [parse(each.line[:-1], place, each.disclosures) for place, each in enumerate(copy.records())]

    assert list(copy.entries()) == strict
    assert list(copy.entries(3)) == strict[3:]
    assert [copy.entry(place) for place in range(len(copy))] == strict
    assert copy.last == strict[-1]


def test_no_entry_stays_in_memory_when_the_next_one_is_read(copy):
    """
    A parsed entry takes ten times its line: of a case of 10,000 exhibits they would be 300 MB.
    """
    seen = [weakref.ref(entry) for entry in copy.entries()]

    assert [each for each in seen if each() is not None] == []


def test_a_line_that_was_damaged_is_refused_before_anything_is_made_of_it(copy):
    """
    A later reading judges nothing again, so the first one judges every line.
    """
    lines = (copy.folder / LINES).read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"signatures", b"signaturez")
    (copy.folder / LINES).write_bytes(b"".join(lines))

    with pytest.raises(LedgerError, match="Ledger entry 2 cannot be read"):
        Packed(copy.folder)


def test_a_disclosure_that_belongs_to_no_entry_is_refused(copy):
    """
    It could be about anything.
    """
    with (copy.folder / DISCLOSURES).open("ab") as stream:
        stream.write(b'{"disclosure":"WyJzYWx0IiwibmFtZSIsMV0","seq":999}\n')

    with pytest.raises(LedgerError, match=f"Ledger entry {len(copy)} cannot be read"):
        Packed(copy.folder)


@pytest.mark.parametrize("kind", ["of the case", "in a package"])
def test_one_step_alone_reads_as_it_does_among_all(with_changes, copy, kind):
    """
    Who acted and by which authority depends on what came before it, and that alone.
    """
    ledger = with_changes if kind == "of the case" else copy
    steps = Steps(ledger)

    assert [steps.at(place) for place in range(len(steps))] == list(steps) == list(read_steps(ledger))
    assert len({step.person for step in steps}) == 2


def test_each_node_of_the_graph_is_written_once(copy):
    """
    Also one that many entries name: the tool, the person, the entry of another ledger.
    """
    lines = b"".join(case_graph(copy, "2026-0417")).splitlines()
    named = [line.split(b'"@id":"')[1].split(b'"')[0] for line in lines if line.startswith(b'{"@id"')]

    assert len(named) == len(set(named)) > len(copy)
    assert sum(b'"@type":"tool:Tool"' in line for line in lines) >= 1


def test_what_is_appended_later_is_not_among_steps_however_often_they_are_read(with_changes):
    """
    A custody log of a case in which another process goes on counts its pages and draws them from the same entries.
    """
    steps = Steps(with_changes)
    before = [step.entry.seq for step in steps]

    with_changes.append("note", private={"text": "meanwhile"})

    assert [step.entry.seq for step in steps] == before
    assert len(steps) == len(before)
