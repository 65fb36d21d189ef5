"""Arguments and options that several commands take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from osint.cli.shell import program
from osint.errors import LedgerError
from osint.settings import setting

if TYPE_CHECKING:
    from osint.chain_of_custody.two_persons import Order

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def with_params(*decorators: Callable[[Decorated], Decorated]) -> Callable[[Decorated], Decorated]:
    """Give a command several arguments and options, in this order."""

    def decorate(command: Decorated) -> Decorated:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def many(*names: str, text: str, kind: Callable[[str], Any] | None = None) -> Callable[[Decorated], Decorated]:
    """Return an option that may be given several times."""
    return click.option(*names, multiple=True, type=kind, help=f"{text} (repeatable)")


def fingerprint(text: str) -> str:
    """Read the fingerprint of a key as people write it down; the type of every option that takes one."""
    from osint.chain_of_custody.keys import read_fingerprint

    try:
        return read_fingerprint(text)
    except LedgerError as error:
        raise click.BadParameter(str(error)) from error


FILE = click.Path(path_type=Path, dir_okay=False)
CASE = click.argument("case", metavar="CASE", type=click.Path(path_type=Path))
NEW = click.argument("folder", type=click.Path(path_type=Path))
WHO = "Name and badge of the person at this workstation, as 'J. Smit, badge 4471'."


def _named(context: click.Context, option: click.Parameter, given: str | None) -> str | None:
    """Refuse to go on without a name: to click, a default that gives None has answered."""
    if option.required and not given:
        hint = f"To state it once for this workstation: {program()} config investigator 'J. Smit, badge 4471'"
        raise click.MissingParameter(hint, context, option)
    return given


BY_SETTING: Mapping[str, Any] = {
    "envvar": "OSINT_INVESTIGATOR",
    "default": lambda: setting("OSINT_INVESTIGATOR") or None,
    "callback": _named,
    "show_envvar": True,
}
"""Where an option that names whoever works here takes them from, when it is not given."""
WRITER = click.option("--investigator", required=True, help=WHO, **BY_SETTING)
SECOND_PERSON = with_params(
    click.option("--approver", "approver_name", required=True, help="Name and badge of the second person."),
    click.option(
        "--approver-keys",
        required=True,
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="Folder with the second person's key, present at this machine.",
    ),
)
NETWORK = click.option(
    "--network",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="TOML file that says how to reach the network, where it is not the plain public internet: contact, allow, "
    "hosts, ca, pace and the other fields of osint.Network. It is logged. Without it, that of 'osint config network'.",
)
MARKED = click.option(
    "--marked", default="", help="Only what bears this mark: a tag, a relevance, exculpatory, any or none."
)
CSV = click.option("--csv", type=FILE, help="Write the whole table to this file instead of printing it.")


def order_of(investigator: str, said: dict[str, Any]) -> Order:
    """Return the order that ``--authority``, ``--reason`` and the options of :data:`SECOND_PERSON` state."""
    from osint.chain_of_custody.two_persons import Order, approver_from

    return Order(
        authority=said["authority"],
        reason=said["reason"],
        requester=investigator,
        approver=approver_from(said["approver_keys"]),
        approver_name=said["approver_name"],
    )
