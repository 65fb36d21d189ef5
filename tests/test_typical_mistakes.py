"""What a detective gets wrong in a first week, typed into a terminal: each answer says what happened and what to do."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from osint.cli import main
from osint.settings import FILE_VARIABLE

JANE = "--account @jane@social.example"
STATED = f"--identifier MP-1 --type report --subject 'Jane Example' {JANE}"
MISTAKES = {
    "wrong folder": ("posts case-b", 1, "case-b holds no case; nothing was written. Cases near it: case"),
    "the folder above": ("posts .", 1, "Cases near it: case"),
    "no authority": ("collect case mastodon {jane}", 3, "nothing was asked of any host", "osint authorize case"),
    "expired authority": ("authorize case {stated} --purpose missing_person --expires 2020-01-01", 3, "it expired on 2020"),
    "misspelt purpose": ("authorize case {stated} --purpose missing-person --expires 2030-01-01", 3, "missing_person, wanted"),
    "a day as it is spoken": ("authorize case {stated} --purpose missing_person --expires 31/12/2030", 3, "write it as 2030-12-31"),
    "address without a scheme": ("collect case feed --url blog.example/feed/", 1, "write it as https://host/path"),
    "address as the collector": ("collect case blog.example/feed/", 1, "blog.example/feed/", "write it as https://host/path"),
    "account without a host": ("collect case mastodon --account jane", 1, "write it as @name@host"),
    "misspelt collector": ("collect case mastadon {jane}", 1, "There is no collector 'mastadon'", "mastodon"),
    "misspelt command": ("colect case", 2, "Did you mean one of: 'collect'"),
    "a case over another": ("case new case", 1, "nothing was changed"),
}  # fmt: skip


def typed(line: str, *more: object) -> Result:
    words = shlex.split(line.replace("{jane}", JANE).replace("{stated}", STATED))
    return CliRunner().invoke(main, [*words, *map(str, more)])


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with one case without authority, at the desk of somebody whose name the settings hold."""
    folder = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("OSINT_KEYS", str(folder / "keys"))
        patch.setenv(FILE_VARIABLE, str(folder / "settings.toml"))
        patch.delenv("OSINT_INVESTIGATOR", raising=False)
        assert typed("config investigator", "J. Smit, badge 4471").exit_code == 0
        assert typed("case new case").exit_code == 0
        yield folder


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_answered_with_what_to_do(name, desk):
    """
    No traceback, the exit code of its kind, and nothing made that was not asked for.
    """
    line, code, *words = MISTAKES[name]

    answer = typed(line)

    assert answer.exit_code == code, answer.output
    assert [word for word in words if word not in answer.output] == [], answer.output
    assert isinstance(answer.exception, SystemExit)
    assert sorted(path.name for path in desk.iterdir()) == ["case", "keys", "settings.toml"]


def test_a_host_that_does_not_answer_is_no_finding_about_it(desk, free_port):
    """
    That nobody answered is an entry; the next step is to look at this computer.
    """
    Path("network.toml").write_text(
        f'pace = 0\nattempts = 1\n[hosts]\n"a.example" = "127.0.0.1:{free_port}"\n', encoding="utf-8"
    )
    typed("case new unreachable")
    typed(
        "authorize unreachable --identifier X --type r --purpose missing_person --subject J --host a.example --expires 2030-01-01"
    )

    answer = typed("collect unreachable webpage --url http://a.example/ --network network.toml")
    log = typed("log unreachable")

    assert answer.exit_code == 5, answer.output
    assert "says nothing about what is there" in answer.output
    assert "osint doctor" in answer.output
    assert "failed" in log.output


@pytest.mark.parametrize("command", ["overview", "thread"])
def test_a_name_in_the_settings_is_enough_to_save_a_page(command, desk, tmp_path):
    """
    Whoever stated it once for the workstation is not asked again; a page that cannot be written is no traceback.
    """
    assert typed(f"{command} case --html", tmp_path / "page.html").exit_code == 0
    (tmp_path / "file").write_bytes(b"")

    refused = typed(f"{command} case --html", tmp_path / "file" / "page.html")

    assert (refused.exit_code, "could not be written" in refused.output) == (1, True), refused.output


@pytest.fixture
def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
