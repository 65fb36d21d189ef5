"""The doctor: each thing that can be wrong with a workstation is found, and what is well is called so."""

from __future__ import annotations

import json
import os
import sys
import time
import tomllib
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import apsw
import psutil
import pytest
from click.testing import CliRunner

from osint import sandbox
from osint.chain_of_custody import unlocking
from osint.chain_of_custody.keys import load_or_create
from osint.cli import main
from osint.doctor import Examination, examine, machine, software
from osint.doctor.check import Check
from osint.errors import CaseError
from osint.store import local_disk

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def keys(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))
    for name in list(os.environ):
        if name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(name)
    return tmp_path / "keys"


def one(checks) -> Check:
    (only,) = checks
    return only


def test_a_sound_workstation_is_told_so_and_nothing_is_left_behind(tmp_path):
    """
    Every look is taken, on a folder that stays as it was; stdout is one JSON document.
    """
    folder = tmp_path / "cases"
    folder.mkdir()
    done = CliRunner().invoke(main, ["doctor", str(folder), "--json"])
    found = json.loads(done.stdout)
    state = {each["name"]: each["state"] for each in found["checks"]}

    assert (done.exit_code, found["sound"]) == (0, True)
    assert {"osint", "Python", "jupyterlab", "jupyter-server", "evidence path", "SQLite", "policy"} <= {
        name for name in state if state[name] == "ok"
    }
    assert {"fonts", "key store", "clock", "network", "sandbox", "Chromium", "ExifTool"} <= state.keys()
    assert list(folder.iterdir()) == []
    assert not (tmp_path / "keys").exists()


def test_a_fault_ends_with_a_code_and_names_itself(tmp_path):
    """
    A script can go by the code; a person reads what is to be mended.
    """
    done = CliRunner().invoke(main, ["doctor", str(tmp_path / "nowhere")])

    assert done.exit_code == 1
    assert done.stdout.endswith("To be mended before a case is kept here: evidence path.\n")


def test_a_notebook_shows_it_as_an_escaped_table(tmp_path):
    """
    What was found may hold the name of a file.
    """
    shown = Examination((Check("room", "note", "<script>"),))._repr_mimebundle_()

    assert "&lt;script&gt;" in shown["text/html"]
    assert "<script>" in shown["text/plain"]


@pytest.mark.parametrize(
    ("package", "held", "state"),
    [
        ("jupyterlab", "4.6.1", "fault"),
        ("jupyterlab", "4.6.2", "ok"),
        ("jupyter-server", "2.19.0", "fault"),
        ("apsw", None, "fault"),
    ],
)
def test_a_version_below_the_floor_is_a_fault(package, held, state, monkeypatch):
    """
    The floors are those of the package's own metadata.
    """
    real = metadata.version

    def version(name: str) -> str:
        if name != package:
            return real(name)
        if held is None:
            raise metadata.PackageNotFoundError(name)
        return held

    monkeypatch.setattr(metadata, "version", version)
    states = {each.name: each.state for each in software.versions()}

    assert states[package] == state


def test_a_disk_that_takes_no_evidence_is_a_fault(tmp_path, monkeypatch):
    """
    A network share is refused here as a case on it would be.
    """
    share = [local_disk.Mount("/", "nfs4")]
    monkeypatch.setattr(local_disk.check_local, "__defaults__", (lambda: share,))
    found = one(machine.disk(tmp_path))

    assert found.state == "fault"
    assert "network share" in found.found


def test_little_room_is_noted(tmp_path, monkeypatch):
    """
    A case with media needs some.
    """
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: SimpleNamespace(free=4_000_000_000))

    assert [each.state for each in machine.disk(tmp_path)] == ["ok", "note"]


def test_a_sqlite_without_full_text_search_is_a_fault(monkeypatch):
    """
    An apsw that a distribution built may lack it.
    """

    class Without:
        def __init__(self, _):
            pass

        def execute(self, _):
            raise apsw.SQLError("no such module: fts5")

    monkeypatch.setattr(apsw, "Connection", Without)

    assert one(machine.sqlite()).state == "fault"


def test_keys_that_lie_open_or_that_others_can_read_are_a_fault(keys):
    """
    The keys are looked at, never opened.
    """
    load_or_create(keys, "actor")
    well = one(machine.keys())
    (keys / "old.pem").write_bytes(b"x")
    lying = one(machine.keys())

    assert (well.state, lying.state) == ("ok", "fault")
    assert "old" in lying.found


def test_a_clock_behind_what_was_signed_is_a_fault(keys):
    """
    A head of this workstation is younger than now.
    """
    heads = keys / "heads"
    heads.mkdir(parents=True)
    (heads / "one").touch()
    well = one(machine.clock())
    os.utime(heads / "one", (time.time() + 3600,) * 2)

    assert well.state != "fault"
    assert one(machine.clock()).state == "fault"


def test_a_clock_that_nobody_keeps_in_step_is_noted(monkeypatch):
    """
    Linux knows; the other systems are not asked.
    """
    for said, state in (("; nobody keeps it in step with other clocks", "note"), ("", "ok")):
        monkeypatch.setattr(machine, "_kernel_clock", lambda said=said: said)
        assert one(machine.clock()).state == state


def test_the_network_is_looked_at_and_never_asked(monkeypatch):
    """
    Sockets are closed to the tests but for loopback; an environment's proxy is noted, since it is not used.
    """
    card = SimpleNamespace(isup=True, flags="up,running")
    loopback = SimpleNamespace(isup=True, flags="up,loopback")
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {"lo": loopback})
    off = one(machine.network())
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {"lo": loopback, "eth0": card})
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    proxied = one(machine.network())

    assert (off.state, off.found) == ("ok", "off: only loopback is up")
    assert proxied.state == "note"
    assert "eth0" in proxied.found
    assert "HTTPS_PROXY" in proxied.advice


def test_a_worker_that_does_not_start_is_a_fault(monkeypatch):
    """
    Without it no hostile file can be read.
    """

    def refuse(_: object) -> None:
        raise CaseError("no worker")

    monkeypatch.setattr(sandbox, "run", refuse)

    assert one(machine.sandbox()).state == "fault"


def test_settings_that_cannot_be_read_are_a_fault(tmp_path, monkeypatch):
    """
    It is the doctor who is asked when every command stops.
    """
    (tmp_path / "settings.toml").write_text("keys = ", encoding="utf-8")
    monkeypatch.setenv("OSINT_SETTINGS", str(tmp_path / "settings.toml"))

    assert one(machine.settings()).state == "fault"


def test_every_extra_says_what_it_adds():
    """
    An extra added to the package is explained here.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert list(software.ADDS) == list(project["optional-dependencies"])


def test_an_extra_that_is_missing_says_what_it_would_add(monkeypatch):
    """
    The line to type stands beside it.
    """
    monkeypatch.setattr(software, "_version", lambda name: None if name == "reportlab" else "99")
    found = {each.name: each for each in software.extras()}

    assert (found["osint[report]"].state, found["osint[xlsx]"].state) == ("note", "ok")
    assert "pip install 'osint[report]'" in found["osint[report]"].advice
    assert one(software.fonts()).state == "note"


def test_examining_reads_no_ledger_and_opens_no_key(tmp_path, monkeypatch):
    """
    No passphrase is asked for, also where keys lie.
    """
    load_or_create(tmp_path / "keys", "actor")
    unlocking.forget_all()
    monkeypatch.delenv("OSINT_PASSPHRASE_FILE")
    monkeypatch.setattr(sys, "stdin", None)

    assert not examine(tmp_path).faults
