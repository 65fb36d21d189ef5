"""The magics in a shell of IPython, over a real case; and the copy of a notebook that can be shared."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import nbformat
import pytest
from click.testing import CliRunner
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import RichOutput, capture_output
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import osint
from osint import cli
from osint.errors import CaseError, ExportError, QueryError
from osint.notebook.cleaning import OWN, clean_notebook
from osint.notebook.magics import _collect_words, asked
from osint.serve.sample_site import SampleSite


@pytest.fixture(scope="module")
def shell(tmp_path_factory) -> Iterator[InteractiveShell]:
    """A shell with the magics, and a case with its authority in ``case``."""
    made = InteractiveShell.instance()
    made.history_manager.enabled = False
    folder = tmp_path_factory.mktemp("magics")
    with SampleSite() as site:
        network = osint.Network(hosts=site.hosts, ca=site.ca, pace=0)
        case = osint.open_case(folder / "case", investigator="J. Smit", network=network, keys=folder / "keys")
        made.run_line_magic("load_ext", "osint")
        case.authorize(
            osint.Authorization(
                identifier="MP-1", type="report", purpose="missing_person", expires="9999-12-31",
                subjects=["Jane Example"], accounts=["@jane@social.example"],
            )
        )  # fmt: skip
        made.user_ns.update(case=case, osint=osint)
        yield made
        case.close()
    InteractiveShell.clear_instance()


def ran(shell: InteractiveShell, source: str) -> tuple[bool, str, list[RichOutput]]:
    """Run a cell; return whether it succeeded, what it printed, and what it displayed."""
    with capture_output() as captured:
        result = shell.run_cell(source)
    return bool(result.success), captured.stdout, captured.outputs


def test_a_cell_collects_run_by_run_and_is_noted_with_what_it_took_in(shell):
    """The note names the exhibits; a cell that took nothing in is not noted."""
    success, _, shown = ran(shell, "%%collect mastodon --limit 5\n--account @jane@social.example\n# not this\n")
    assert success
    assert "Not complete: the run reached the limit" in shown[0].data["text/plain"]
    notes = shell.user_ns["case"].notes()
    assert [len(exhibits) > 0 for exhibits in notes["exhibits"]] == [True]
    assert "--account @jane@social.example" in notes["note"][0]
    ran(shell, "case.posts()")
    assert len(shell.user_ns["case"].notes()) == 1


def test_custody_and_note_are_lines_around_the_functions(shell):
    case = shell.user_ns["case"]
    if not case.custody()["exhibit"].tolist():
        ran(shell, "%collect mastodon --account @jane@social.example")
    _, _, (table,) = ran(shell, "%custody")
    _, _, (noted,) = ran(shell, "%note --exhibit E0001 She wears the red coat.")

    assert "E0001" in table.data["text/plain"]
    assert noted.metadata == OWN
    assert case.notes().iloc[-1][["note", "exhibits"]].tolist() == ["She wears the red coat.", ["E0001"]]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("%%collect mastodon\n--account @dawn@social.example", "AuthorizationError: This search was refused"),
        ("%collect mastodon --accuont x", "QueryError: %collect: unrecognized arguments"),
        ("%note 'She", "QueryError: %note: the line cannot be read"),
        ("%custody --case other", "CaseError: other is no open case here"),
    ],
)
def test_an_error_is_its_sentence_without_a_traceback(shell, source, said):
    """The cell failed all the same, so that nothing below it is run."""
    success, printed, _ = ran(shell, source)

    assert not success
    assert printed.startswith(said)
    assert "Traceback" not in printed


def test_collect_takes_the_words_of_the_command():
    """Every option of 'osint collect' but those of the command line itself, and no other."""
    command = {each.name for each in cli.main.commands["collect"].params} - {"case", "investigator", "network"}
    magic = {action.dest for action in _collect_words()._actions} - {"case"}

    assert magic == command - {"json"}
    assert asked("fbi_wanted --host a.example", "--search 'a b' --where field x --render") == [
        ("case", "fbi_wanted", {"host": "a.example", "search": "a b", "where": {"field": "x"}, "render": True})
    ]
    with pytest.raises(QueryError, match="quotation mark"):
        asked("mastodon --account '")


def test_nothing_of_ipython_is_loaded_before_the_magics_are():
    code = "import osint, sys; osint.load_ipython_extension; print('IPython' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


# -- a copy to share ---------------------------------------------------------------------------------------------------


def saved(folder, *cells, **metadata):
    path = folder / "work.ipynb"
    nbformat.write(new_notebook(cells=list(cells), metadata=metadata), path)
    return path


SEIZED = "I am at the pier, come alone"


def test_a_copy_keeps_code_and_own_words_and_no_captured_one(tmp_path):
    """Whatever form it came in; exhibits are named where it stood, and the notebook itself is as it was."""
    shows = new_code_cell(
        "case.posts()",
        outputs=[
            new_output("execute_result", data={"text/plain": f"{SEIZED} E0003", "text/html": f"<p>{SEIZED} E0012</p>"}),
            new_output("display_data", data={"application/json": {"a": [SEIZED, "E0004@3f9c12ab"]}}),
            new_output("stream", name="stdout", text=SEIZED),
            new_output("error", ename="E", evalue=SEIZED, traceback=[SEIZED]),
            new_output("display_data", data={"text/plain": "Noted as entry 4."}, metadata=OWN),
        ],
    )
    words = new_markdown_cell("My own words.", attachments={"x.png": {"image/png": "aGk="}})
    path = saved(tmp_path, words, shows, widgets={"state": SEIZED})
    before = path.read_bytes()
    done = clean_notebook(path)
    copy = nbformat.read(done.file, as_version=4)

    assert path.read_bytes() == before
    assert SEIZED not in done.file.read_text()
    assert copy.cells[0].source == "My own words.\n\n[Taken out before sharing: pictures pasted here.]"
    assert copy.cells[1].source == "case.posts()"
    assert [each.get("text", each.get("data")) for each in copy.cells[1].outputs] == [
        "[Taken out before sharing: a result that may show what was captured, of exhibits E0003, E0012.]\n",
        "[Taken out before sharing: a result that may show what was captured, of exhibit E0004@3f9c12ab.]\n",
        "[Taken out before sharing: what was printed.]\n",
        "[Taken out before sharing: an error.]\n",
        {"text/plain": "Noted as entry 4."},
    ]
    assert (done.kept, done.removed, done.exhibits) == (1, 5, ("E0003", "E0004@3f9c12ab", "E0012"))


def test_a_copy_takes_the_place_of_nothing_and_what_is_no_notebook_is_refused(tmp_path):
    path = saved(tmp_path)
    clean_notebook(path)
    with pytest.raises(ExportError, match="is there already"):
        clean_notebook(path)
    for content in (
        "",
        "{}",
        "[]",
        '{"nbformat": 4}',
        '{"cells": [{}], "nbformat": 4, "nbformat_minor": 4, "metadata": {}}',
    ):
        path.write_text(content)
        with pytest.raises(CaseError, match="cannot be read as a notebook"):
            clean_notebook(path, tmp_path / "other.ipynb")
    assert not (tmp_path / "other.ipynb").exists()


def test_the_command_cleans_several(tmp_path):
    path = saved(tmp_path, new_code_cell("1", outputs=[new_output("stream", name="stdout", text="E0001")]))
    result = CliRunner().invoke(cli.main, ["notebook-clean", str(path), "--json"])

    assert result.exit_code == 0
    assert json.loads(result.stdout)[0]["exhibits"] == ["E0001"]
