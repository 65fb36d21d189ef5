"""Commands that make a case, show it, and state its authority."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, ledger_path, opened_case
from osint.cli.options import BY_SETTING, CASE, CSV, NEW, WHO, WRITER, many, with_params
from osint.cli.printing import print_result, print_table, wants_json
from osint.cli.shell import LEADS, for_the_shell, program
from osint.errors import CaseError

if TYPE_CHECKING:
    from osint.case import Case

commands = Commands()


@commands.group("case")
def case_commands() -> None:
    """Make a case, or show one."""


@case_commands.command("new")
@with_params(
    NEW,
    click.option("--template", default="", help="What kind of case: missing_person, gang, cybercrime, tips ..."),
    WRITER,
)
def new(folder: Path, template: str, investigator: str) -> None:
    """Make a case in FOLDER, which is new or empty."""
    from osint.opening import open_case

    if ledger_path(folder).exists():
        raise CaseError(f"{folder} is a case already; nothing was changed. See it with: {program()} case show {folder}")
    with open_case(folder, investigator=investigator, template=template) as opened:
        steps = f"\nWhat belongs to such a case: {program()} case checklist {folder}" if template else ""
        shown = f"{for_the_shell(folder, str(opened))}\nNext: {program()} authorize {folder} --help{steps}"
        print_result(shown, _case_facts(opened))


@case_commands.command("checklist")
@with_params(
    CASE,
    click.option("--template", default="", help="Have the case follow this one from now on; needs --investigator."),
    click.option("--investigator", help=WHO, **BY_SETTING),
    CSV,
)
def checklist(case: Path, template: str, investigator: str | None, csv: Path | None) -> None:
    """Show what the template of CASE asks for, and what is there."""
    if template and not investigator:
        raise click.UsageError("A template is recorded: give --investigator or set OSINT_INVESTIGATOR.")
    if template and investigator:
        with opened_case(case, investigator) as opened:
            table = opened.use_template(template)
    else:
        with case_to_read(case) as opened:
            table = opened.checklist()
    if csv or wants_json():
        print_table(table, tuple(table.columns), csv)
        return
    lines = [f"{row.state:<6} {row.step}" for row in table.itertuples()]
    print_result("\n".join([f"Template {table.attrs['template']}; it is no authority.", *lines]), None)


@case_commands.command("show")
@with_params(CASE)
def show(case: Path) -> None:
    """Show the state of CASE, and the runs that can go on."""
    with case_to_read(case) as opened:
        print_result(for_the_shell(case, str(opened)), _case_facts(opened))


def _case_facts(opened: Case) -> dict[str, Any]:
    entries = opened.ledger
    recorded = entries["action"].eq("authorize") & entries["outcome"].eq("done")
    return {
        "folder": opened.folder,
        "investigator": opened.investigator,
        "entries": len(entries),
        "exhibits": int(entries["exhibit"].notna().sum()),
        "authority": opened.authority.as_dict() if recorded.any() else None,
        "interrupted": opened.interrupted(),
    }


@commands.command()
@with_params(
    CASE,
    click.option("--identifier", default="", help="Number of the report, warrant or request."),
    click.option("--type", "kind", default="", help="What kind of document that is: 'missing-person report'."),
    click.option("--purpose", default="", help="missing_person, wanted_person, gang, cybercrime, crime_media ..."),
    click.option("--expires", default="", help="Last day in UTC, or instant, on which it may be used."),
    many("--subject", "subjects", text="A person it is about."),
    many("--account", "accounts", text="An account that may be collected, @name@host."),
    many("--host", "hosts", text="A host whose public pages and feeds may be collected."),
    many("--url", "urls", text="An address that may be collected, with everything below it."),
    many("--term", "terms", text="A word the incident is searched by."),
    many("--tag", "tags", text="A tag that may be searched."),
    click.option("--place", default="", help="Where the incident is."),
    click.option("--since", help="First day in UTC, or instant, of the period it covers."),
    click.option("--until", help="Last day in UTC, or instant, of that period."),
    click.option("--approver", default="", help="Who approved it."),
    click.option("--max-bytes", type=int, help="Bytes of evidence that may be stored under it."),
    click.option("--nexus", default="", help="How what may be protected speech is itself tied to a crime."),
    click.option("--counsel", default="", help="Who of counsel reviewed that."),
    click.option("--emergency", default="", help="missing_child or threat_to_life: act now, have it ratified after."),
    click.option("--circumstances", default="", help="In an emergency: what happened, and why waiting is dangerous."),
    click.option("--minor", default="", help="Whether a minor is among those it is about: yes, no or unknown."),
    WRITER,
)
def authorize(case: Path, investigator: str, kind: str, **stated: Any) -> None:
    """Record the legal authority for CASE. Everything that is missing is named at once."""
    from osint.policy.authorization import Authorization

    authorization = Authorization(type=kind, **stated)
    with opened_case(case, investigator) as opened:
        opened.authorize(authorization)
    print_result(f"Recorded: {authorization.identifier}, {authorization.purpose}", authorization.as_dict())


@commands.command()
@with_params(
    CASE,
    click.option("--exhibit", required=True, help="The exhibit that shows the leads, E0003."),
    click.option("--reason", required=True, help="Why they belong to this authority."),
    many("--account", "accounts", text="An account, @name@host."),
    many("--host", "hosts", text="A host."),
    many("--url", "urls", text="An address."),
    many("--tag", "tags", text="A tag."),
    many("--term", "terms", text="A word, a name mostly, that registers may be searched for."),
    WRITER,
)
def extend(case: Path, investigator: str, **leads: Any) -> None:
    """Add leads to the newest authority of CASE.

    The entry names the exhibit that shows them, and the reason.
    """
    with opened_case(case, investigator) as opened:
        authority = opened.extend(**leads)
    added = "; ".join(f"{name}: {', '.join(each)}" for name, each in leads.items() if name in LEADS and each)
    text = f"Added to {authority.identifier}, as exhibit {leads['exhibit']} shows: {added}\nReason: {leads['reason']}"
    print_result(text, authority.as_dict())
