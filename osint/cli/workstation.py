"""Commands about this workstation: whether it can do the work, its settings, and completion for its shell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from osint import render
from osint.cli.command import Commands
from osint.cli.options import with_params
from osint.cli.printing import print_result
from osint.settings import InForce

commands = Commands()

_NAME = "osint"
_SHELLS = ("bash", "zsh", "fish", "powershell")


@commands.command()
@with_params(click.argument("folder", type=click.Path(path_type=Path), default="."))
def doctor(folder: Path) -> None:
    """Say whether this machine can do the work, and what is missing.

    FOLDER is where cases are to be kept; its disk is tried. Nothing is asked of the internet, and no key is opened. It
    ends with 1 when something has to be mended before a case is kept here.
    """
    from osint.doctor import examine

    found = examine(folder)
    print_result(str(found), {"sound": not found.faults, "checks": found.checks})
    if found.faults:
        click.get_current_context().exit(1)


@commands.command()
@with_params(
    click.argument("name", required=False),
    click.argument("value", required=False),
    click.option("--unset", is_flag=True, help="Take the setting out of the file."),
)
def config(name: str | None, value: str | None, *, unset: bool) -> None:
    """Show the settings of this workstation, or set one.

    Without NAME every setting is shown, with what is in force and where that comes from: the environment, the settings
    file, or the default. With VALUE it is written into the file; no file is needed. What belongs to a case, the
    authority above all, is no setting.
    """
    from osint import settings

    if unset and (value or not name):
        raise click.UsageError("Say what to take out: osint config NAME --unset")
    if name and (value or unset):
        file = settings.write(name, value)
        now = settings.in_force(name)
        shadowed = (
            f"\n{now.setting.variable} is in the environment, and goes before it."
            if now.source == "environment"
            else ""
        )
        print_result(
            f"{now.setting.name} = {now.value or _default(now)}  ({now.source})\n{file}{shadowed}", _facts(now)
        )
        return
    names = [settings.named(name).name] if name else list(settings.SETTINGS)
    shown = [settings.in_force(each) for each in names]
    rows = [(each.setting.name, each.value or _default(each), each.source, each.setting.says) for each in shown]
    text = render.columns([("name", "in force", "from", "what it is"), *rows])
    print_result(f"{text}\nSettings file: {settings.settings_file()}", [_facts(each) for each in shown])


def _facts(each: InForce) -> dict[str, str | None]:
    known = each.setting
    return {
        "name": known.name,
        "variable": known.variable,
        "value": each.value or None,
        "source": each.source,
        "default": known.default,
        "says": known.says,
    }


def _default(each: InForce) -> str:
    return f"({_PLACES[each.setting.name]() if each.setting.name in _PLACES else each.setting.default})"


def _keys() -> Path:
    from osint.chain_of_custody.keys import key_folder

    return key_folder()


def _policy() -> Path:
    from osint.gate.adoption import policy_folder

    return policy_folder()


def _state() -> Path:
    from osint.capture.pacing import pace_file

    return pace_file().parent


_PLACES: dict[str, Callable[[], Path]] = {"keys": _keys, "policy": _policy, "state": _state}


@commands.command()
@with_params(click.argument("shell", type=click.Choice(_SHELLS)))
def completion(shell: str) -> None:
    """Print the lines that make a shell complete commands.

    bash: add  eval "$(osint completion bash)"  to ~/.bashrc. zsh: the same with zsh, to ~/.zshrc. fish: osint
    completion fish > ~/.config/fish/completions/osint.fish. PowerShell: add  osint completion powershell | Out-String |
    Invoke-Expression  to $PROFILE.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None, shell
    script = kind(click.get_current_context().find_root().command, {}, _NAME, f"_{_NAME.upper()}_COMPLETE").source()
    print_result(script, {"shell": shell, "script": script})
