"""The case panel without a browser: what each button does, shows and stands for."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import osint
from osint.capture.attended import attended
from osint.notebook.call import Call, spelt
from osint.notebook.forms import AUTHORITY, authorize_call, collect_call
from osint.notebook.panel import SHOWN, CasePanel, case_panel
from osint.notebook.widget import answer
from osint.serve.sample_site import SampleSite
from osint.views.progress import countdown

WHO = "J. Smit, badge 4471"
STATED = {
    "purpose": "missing_person",
    "identifier": "MP-2026-0417",
    "type": "missing-person report",
    "expires": "9999-12-31",
    "subjects": "Jane Example\nOctavia O'Example",
    "accounts": "@jane@social.example",
}
ASKED = {"collector": "mastodon", "way": "account", "asked": "@jane@social.example"}


@pytest.fixture(scope="module")
def network() -> Iterator[osint.Network]:
    with SampleSite() as site:
        yield osint.Network(hosts=site.hosts, ca=site.ca, pace=0)


@pytest.fixture
def panel(network, tmp_path) -> Iterator[CasePanel]:
    made = CasePanel(network=network, keys=tmp_path / "keys")
    yield made
    made.wait()
    if made.case:
        made.case.close()


def opened(panel: CasePanel, folder: Path) -> CasePanel:
    panel.open({"folder": str(folder), "investigator": WHO})
    assert panel.refusal == []
    return panel


def told(case: osint.Case) -> list[tuple[object, ...]]:
    """Return what the ledger of a case says, without what differs from one run to the next."""
    return list(
        case.ledger[["action", "outcome", "exhibit", "purpose", "instrument"]]
        .astype(str)
        .itertuples(index=False, name=None)
    )


def test_the_lines_that_are_copied_make_the_same_entries(panel, tmp_path):
    """From the opening to the package: executed elsewhere, the ledger tells the same."""
    opened(panel, tmp_path / "case")
    panel.authorize(STATED)
    panel.probe(ASKED)
    panel.wait()
    panel.collect(ASKED)
    panel.wait()
    for what in SHOWN:
        panel.show(what)
        panel.wait()
        assert panel.refusal == []
    panel.hand_over({"folder": str(tmp_path / "package"), "recipient": "Prosecutor B. Example"})
    panel.wait()
    copied = "\n".join(panel.lines).replace(str(tmp_path), str(tmp_path / "again"))
    (tmp_path / "again").mkdir()
    names: dict[str, osint.Case] = {}
    exec(copied, names)
    with names["case"] as again:
        assert again.folder == tmp_path / "again" / "case"
        assert told(again) == told(panel.case)
    assert (tmp_path / "again" / "package" / "README_VERIFY.txt").is_file()


def test_a_refusal_says_which_clause_and_what_to_do(panel, tmp_path):
    """Without authority; its line is there as what was refused, and the case goes on."""
    opened(panel, tmp_path / "case")
    panel.collect(ASKED)
    panel.wait()

    assert any(line.startswith("The clause: II") for line in panel.refusal)
    assert panel.refusal[-1].startswith("What to do: Authority comes before collection")
    assert panel.lines[-1] == "# refused: case.collect('mastodon', account='@jane@social.example')"
    assert panel.case.ledger["outcome"].tolist().count("refused") == 1
    panel.authorize(STATED)
    panel.collect({**ASKED, "asked": "@dawn@social.example"})
    panel.wait()
    assert "case.extend" in panel.refusal[-1]


def test_a_run_is_stopped_before_its_next_request_and_the_ledger_stays_whole(panel, tmp_path):
    """Its end is an entry that says by what, the run can go on, and goes on to its end."""
    opened(panel, tmp_path / "case").authorize(STATED)
    panel.told = lambda doing: panel.stop() if "2 requests" in doing and "Stopping" not in doing else None
    panel.collect(ASKED)
    panel.wait()
    panel.told = lambda _: None

    assert "Cancelled in the case panel" in "\n".join(panel.result["lines"])
    assert len(panel.case.interrupted()) == 1
    panel.case.verify()
    panel.resume()
    panel.wait()
    assert panel.case.interrupted() == []
    assert panel.lines[-1].startswith("case.resume('run-")


def test_one_thing_goes_on_at_a_time(panel, tmp_path):
    """A second button is refused while the first goes on; stopping is not."""
    opened(panel, tmp_path / "case").authorize(STATED)
    asks, goes_on = threading.Event(), threading.Event()

    def hold(doing: str) -> None:
        if "Asking" in doing:
            asks.set()
            goes_on.wait(30)

    panel.told = hold
    panel.collect(ASKED)
    assert asks.wait(30)
    panel.show("posts")
    refused = list(panel.refusal)
    goes_on.set()
    panel.wait()

    assert refused[0].startswith("Something goes on already: Asking social.example")
    assert "case.posts()" not in panel.lines


def test_each_field_of_the_authority_stands_beside_its_clauses(panel, tmp_path):
    """As the pack of the case says them; every rule that a field names is one of the pack, every field an argument."""
    opened(panel, tmp_path / "case")
    fields = {each["name"]: each for each in panel.state["forms"]["authority"]}

    assert "refuses what is asked before or after it" in fields["since"]["clauses"][0]
    assert {rule for each in AUTHORITY for rule in each.rules} <= panel.case.policy.pack.rules.keys()
    assert set(fields) == set(osint.Authorization.__dataclass_fields__)


def test_the_draft_says_what_is_missing_and_what_a_run_takes(panel, tmp_path):
    """Nothing is logged by it."""
    opened(panel, tmp_path / "case")
    before = len(panel.case.ledger)
    panel.draft("authority", {"identifier": "MP-1"})
    missing = panel.state["drafts"]["authority"]
    panel.draft("collect", ASKED)

    assert missing["line"] == "case.authorize(osint.Authorization(identifier='MP-1'))"
    assert "purpose is missing" in missing["note"]
    assert "About 26 requests" in panel.state["drafts"]["collect"]["note"]
    panel.draft("collect", {**ASKED, "limit": "many"})
    assert "no whole number" in panel.state["drafts"]["collect"]["note"]
    assert len(panel.case.ledger) == before


def test_the_passphrase_is_kept_nowhere(network, tmp_path, monkeypatch):
    """It opens the keys, and is in no line, no state and no form of the panel."""
    monkeypatch.delenv("OSINT_PASSPHRASE_FILE")
    panel = CasePanel(network=network, keys=tmp_path / "keys")
    given = {"folder": str(tmp_path / "case"), "investigator": WHO, "passphrase": "correct horse battery"}
    panel.open(given)
    assert "type the new passphrase twice" in panel.refusal[0]
    panel.open({"folder": str(tmp_path / "case"), "investigator": WHO})
    assert "need their passphrase" in panel.refusal[0]
    panel.open(given | {"again": "correct horse battery"})
    with panel.case:
        assert panel.refusal == []
        assert "correct horse" not in json.dumps(panel.state) + repr(vars(panel)) + str(panel)


def test_what_the_page_sends_can_press_buttons_and_nothing_else():
    """No other method of the panel is reached, whatever a message names."""
    pressed = []
    panel = SimpleNamespace(stop=lambda: pressed.append("stop"), wait=lambda: pressed.append("wait"))
    for said in ({"act": "stop"}, {"act": "wait"}, {"act": "__init__"}, {}, "stop", None):
        answer(panel, said)

    assert pressed == ["stop"]


def test_a_line_spells_hidden_letters_and_quotes_so_that_they_do_nothing():
    """What a person pastes into a field stays a text in the line."""
    hostile = "x')\nimport os\u202e'"
    call = collect_call({"collector": "mastodon", "way": "account", "asked": hostile})

    assert call.line.isascii()
    assert "\n" not in call.line
    assert eval(spelt(hostile)) == hostile
    assert eval(spelt({"a": (1,), "b": [Path("x")]}), {"pathlib": __import__("pathlib")}) == {
        "a": (1,),
        "b": [Path("x")],
    }
    assert authorize_call({"subjects": "A\n\n B "}).line == "case.authorize(osint.Authorization(subjects=['A', 'B']))"
    assert Call(name="osint.catalogue", kept_as="table").line == "table = osint.catalogue()"


def test_the_widget_is_readable_where_nothing_runs(tmp_path):
    """Text and plain HTML go with it; there is neither script nor style in them."""
    widget = case_panel(folder=str(tmp_path / "<script>"), keys=tmp_path)
    data, _ = widget._repr_mimebundle_()

    assert "application/vnd.jupyter.widget-view+json" in data
    assert "No case is open." in data["text/plain"]
    assert "<script" not in data["text/html"]
    assert widget.case is None


def test_without_the_widget_the_panel_itself_is_there(monkeypatch, tmp_path):
    monkeypatch.setattr("osint.notebook.panel.find_spec", lambda _: None)

    assert isinstance(case_panel(keys=tmp_path), CasePanel)


def test_a_wait_is_told_second_by_second_and_can_be_stopped(monkeypatch):
    """To whoever attends in this thread, and to nobody else."""
    slept: list[float] = []
    monkeypatch.setattr("osint.views.progress.time.sleep", slept.append)
    heard: list[str] = []

    def told_of(what: str) -> None:
        heard.append(what)
        if len(heard) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), attended(told_of):
        countdown(90, "a.example asks us to wait")

    assert heard == [f"a.example asks us to wait: {left} s" for left in (90, 89, 88)]
    assert slept == [1.0, 1.0]
