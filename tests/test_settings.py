"""The settings of a workstation: where each comes from, and what is not taken for one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from osint import settings
from osint.chain_of_custody.keys import key_folder
from osint.cli import main
from osint.errors import SettingsError
from osint.opening import own_network


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch) -> Path:
    place = tmp_path / "config" / "settings.toml"
    monkeypatch.setenv("OSINT_SETTINGS", str(place))
    for name in ("OSINT_INVESTIGATOR", "OSINT_KEYS", "OSINT_NETWORK"):
        monkeypatch.delenv(name, raising=False)
    return place


def config(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["config", *map(str, arguments)])


def test_without_a_file_the_defaults_hold_and_none_is_made(file):
    """
    Nobody has to write a configuration before the first case.
    """
    shown = json.loads(config("--json").stdout)

    assert [each["name"] for each in shown] == list(settings.SETTINGS)
    assert {each["source"] for each in shown if each["name"] in ("keys", "network", "anchors")} == {"default"}
    assert not file.parent.exists()


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(tmp_path, monkeypatch):
    """
    One place decides, and says which.
    """
    default = key_folder()
    config("keys", tmp_path / "filed")
    filed = key_folder()
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "environment"))

    assert default not in (filed, tmp_path / "environment")
    assert (filed, key_folder()) == (tmp_path / "filed", tmp_path / "environment")
    assert settings.in_force("keys").source == "environment"
    assert "is in the environment, and goes before it" in config("keys", tmp_path / "filed").stdout


def test_a_setting_is_taken_out_again(file, tmp_path):
    """
    What was not named stays.
    """
    config("investigator", 'J. "Jo" Smit \\ 4471, größer')
    config("keys", tmp_path)
    config("OSINT_KEYS", "--unset")

    assert settings.read(file) == {"investigator": 'J. "Jo" Smit \\ 4471, größer'}
    assert config("--unset").exit_code == 2


def test_the_investigator_of_the_file_writes(tmp_path, monkeypatch):
    """
    The option need not be given for each command, and reaches the case.
    """
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))
    config("investigator", "J. Smit, badge 4471")
    made = CliRunner().invoke(main, ["case", "new", str(tmp_path / "case"), "--json"])

    assert json.loads(made.stdout)["investigator"] == "J. Smit, badge 4471"


def test_the_network_of_the_file_is_that_of_every_case(tmp_path):
    """
    An agency names its way to the network once.
    """
    own = tmp_path / "network.toml"
    own.write_text('contact = "osint@agency.example"\n', encoding="utf-8")
    plain = own_network().contact
    config("network", own)

    assert (plain, own_network().contact) == ("", "osint@agency.example")


WRONG = {
    "no such setting": ("colour", "red"),
    "file that is not there": ("anchors", "nowhere.toml"),
    "program that is not there": ("exiftool", "no-such-program"),
    "file where a folder is meant": ("keys", __file__),
    "lines": ("investigator", "J. Smit\nbadge 4471"),
    "another word than allow": ("heif", "yes"),
}


@pytest.mark.parametrize(("name", "value"), WRONG.values(), ids=WRONG.keys())
def test_what_a_setting_does_not_take_is_not_written(file, name, value):
    """
    The mistake is told when it is made.
    """
    refused = config(name, value)

    assert (refused.exit_code, file.exists()) == (1, False)
    assert "Nothing was changed" in refused.stderr


BROKEN = {
    "not TOML": "keys = ",
    "unknown name": 'kyes = "/keys"\n',
    "no text": "keys = 3\n",
    "not UTF-8": b"keys = '\xff'\n",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_cannot_be_meant_ends_every_command(file, content, tmp_path):
    """
    Going on with other keys, or another policy, than somebody wrote down would be worse than stopping.
    """
    file.parent.mkdir()
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    stopped = CliRunner().invoke(main, ["case", "new", str(tmp_path / "case"), "--json"])

    assert stopped.exit_code == 1
    assert json.loads(stopped.stdout)["error"] == "SettingsError"
    assert not (tmp_path / "case").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such mode")
def test_a_file_that_others_may_write_is_not_used(file):
    """
    It names programs that are run, and folders that keys are read from.
    """
    config("exiftool", sys.executable)
    mode = file.stat().st_mode & 0o777
    file.chmod(0o620)

    assert mode == 0o600
    with pytest.raises(SettingsError, match="chmod 600"):
        settings.setting("OSINT_EXIFTOOL")
