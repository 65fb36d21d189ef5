"""Commands about the roster, and about what a supervisor on another machine approves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from osint.cli.command import Commands
from osint.cli.opening import opened_case
from osint.cli.options import BY_SETTING, CASE, WHO, WRITER, many, with_params
from osint.cli.policy import write_signed
from osint.cli.printing import print_result

commands = Commands()

_FILE = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
_FOLDER = click.Path(path_type=Path, file_okay=False)
_KEYS = click.option(
    "--keys", envvar="OSINT_KEYS", show_envvar=True, type=_FOLDER, help="The key folder; by default this user's own."
)


@commands.group()
def roster() -> None:
    """See the roster of the agency, and install a signed one."""


@roster.command("show")
def show() -> None:
    """Show the roster in force: persons, roles, dates, keys."""
    from osint.gate.adoption import policy_folder
    from osint.gate.rosters import roster_in_force
    from osint.instants import now

    found = roster_in_force(policy_folder())
    if found is None:
        print_result("No roster is installed: roles are recorded as not stated.", None)
        return
    today = now().date()
    lines = [
        f"{each}: {', '.join(each.roles)}; keys {', '.join(each.keys) or 'not stated'}; "
        f"{'; '.join(each.lapses(today)) or 'may search'}"
        for each in found.people
    ]
    print_result("\n".join([f"{found}, signed by {found.signed_by}, in effect since {found.effective}", *lines]), found)


@roster.command("sign")
@with_params(_FILE, click.option("--name", required=True, help="Name of the key: chief.westmere.example."), _KEYS)
def sign(file: Path, name: str, keys: Path | None) -> None:
    """Sign the roster in FILE; the note is written beside it.

    Its key is trusted with 'osint policy trust', as for a policy pack.
    """
    from osint.gate.rosters import sign_roster

    write_signed(file, name, keys, sign_roster)


@roster.command("install")
@with_params(_FILE)
def install(file: Path) -> None:
    """Put the signed roster in FILE into force; old ones are kept."""
    from osint.gate.adoption import policy_folder
    from osint.gate.rosters import install_roster

    found = install_roster(policy_folder(), file.read_text(encoding="utf-8"))
    print_result(f"In force: {found}, signed by {found.signed_by}. Each case records it when next opened.", found)


@commands.command("request-approval")
@with_params(
    CASE,
    click.option("--reason", required=True, help="Why this is needed."),
    many("--also", "also", text="A reason for approval beyond those of the authority itself: repeats, protected, ..."),
    click.option("--until", default="", help="The last day in UTC, or instant, on which it is to be approved."),
    click.option("--into", type=_FOLDER, required=True, help="Where the file goes: a folder that both can reach."),
    WRITER,
)
def request_approval(case: Path, investigator: str, into: Path, **said: Any) -> None:
    """Ask a supervisor to approve the newest authority of CASE."""
    with opened_case(case, investigator) as opened:
        file = opened.request_approval(into, **said)
    print_result(f"Asked: {file}", {"file": file})


@commands.command()
@with_params(
    click.argument("request", type=click.Path(path_type=Path, exists=True, dir_okay=False)),
    click.option("--approver", required=True, help=WHO, **BY_SETTING),
    click.option("--reason", help="Why; you are asked for it after the request was shown."),
    click.option("--refuse", is_flag=True, help="Refuse it: the refusal is kept as an approval is."),
    _KEYS,
)
def approve(request: Path, approver: str, reason: str | None, refuse: bool, keys: Path | None) -> None:
    """Answer REQUEST with a key of your own, and a typed reason.

    Needs no case: the answer is written beside the request. What would be allowed, and what of that is new, is shown
    first.
    """
    from osint.chain_of_custody.keys import key_folder, load_or_create
    from osint.gate.adoption import pack_in_force, policy_folder
    from osint.gate.approval_files import read_file, read_request
    from osint.gate.approvals import answer_request, write_beside
    from osint.gate.rosters import roster_in_force
    from osint.instants import now
    from osint.render import visible_lines

    text, opened, folder = read_file(request), now(), policy_folder()
    click.echo(visible_lines("\n".join(read_request(text).in_words())), err=True)
    typed = reason or click.prompt("Why do you refuse it" if refuse else "Why do you approve it", err=True)
    signer = load_or_create(keys or key_folder(), "actor")
    answer = answer_request(
        text, signer, approver=approver, granted=not refuse, reason=typed, opened=opened, answered=now(),
        pack=pack_in_force(folder), roster=roster_in_force(folder),
    )  # fmt: skip
    file = write_beside(request, answer, signer)
    print_result(f"{'Refused' if refuse else 'Approved'}: {file}", {"file": file, "granted": not refuse})


@commands.command()
@with_params(click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False)))
def approvals(folder: Path) -> None:
    """List what waits for approval in FOLDER, and the answers."""
    from osint.gate.approval_files import waiting
    from osint.instants import now

    found = waiting(folder, now())
    lines = [
        "\n  ".join([f"{each.state}: {each.file.name}", *(each.request.in_words() if each.request else ())])
        for each in found
    ]
    print_result("\n".join([*lines, f"{sum(each.state == 'waiting' for each in found)} waiting"]), found)


@commands.command("take-approval")
@with_params(CASE, _FILE, WRITER)
def take_approval(case: Path, file: Path, investigator: str) -> None:
    """Take a supervisor's answer in FILE into CASE.

    A refusal is taken as an approval is, and stands.
    """
    with opened_case(case, investigator) as opened:
        answer = opened.take_approval(file)
    said = "Approved" if answer.granted else "Refused"
    print_result(f"{said} by {answer.approver}: {answer.reason}", answer)
