"""Files that leave the case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.errors import ExportError
from osint.report.files import plain_name, write_whole

REFUSED = [
    "", ".", "..", "con", "CON.txt", "nul", "LPT1.svg", "com9", "a/b", "..\\b", "a:b", "what?", "tab\tname", "bell\x07", "end.",
    "end ", " start", "x" * 121, "a*", "<a>", "a|b", '"a"', "50%", "a%0Ab",
]  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_some_desktop_refuses_is_refused_everywhere(name):
    """
    A package made on Linux opens on Windows.
    """
    with pytest.raises(ExportError, match="Nothing was written"):
        plain_name(name)


@pytest.mark.parametrize("name", ["chart", "Übersicht", "граф", "図 1", "console.svg", "a.b-c_d (2)"])
def test_names_in_every_script_are_accepted(name, tmp_path):
    """
    And a file of that name can be written and found again.
    """
    write_whole(tmp_path / plain_name(name), b"x")

    assert (tmp_path / plain_name(name)).read_bytes() == b"x"


def test_two_spellings_of_one_name_are_one_name():
    """
    macOS and Windows take the composed form.
    """
    assert plain_name("U\u0308bersicht") == plain_name("\u00dcbersicht")


@given(st.text(max_size=130))
def test_a_name_that_is_accepted_is_no_path(name):
    """
    Whatever the text, what comes back can only be a file in the folder it is put in.
    """
    try:
        accepted = plain_name(name)
    except ExportError:
        return
    assert not {"/", "\\", "\0", ":"} & set(accepted)
    assert accepted not in ("", ".", "..")


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    """
    A full disk leaves no half file, and not even a trace of the attempt.
    """
    path = write_whole(tmp_path / "report.html", b"old")

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(ExportError, match="No space left"):
        write_whole(path, b"new")

    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]
