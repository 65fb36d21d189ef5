"""Commands of a custodian of records: requests for open records, and retrieving an item."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, opened_case
from osint.cli.options import BY_SETTING, CASE, CSV, WHO, WRITER, many, with_params
from osint.cli.printing import print_result, print_table
from osint.policy.open_records import DECISIONS
from osint.policy.pack import RECORD_CLASSES

commands = Commands()

_REQUEST = click.argument("request")
_TO = click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="A new folder.")


@commands.group()
def sunshine() -> None:
    """Answer requests for open records."""


@sunshine.command("list")
@with_params(CASE, CSV)
def list_requests(case: Path, csv: Path | None) -> None:
    """List the requests for records, and until when each is due."""
    with case_to_read(case) as opened:
        print_table(opened.records_requests(), ("request", "requester", "law", "due", "state", "answers"), csv)


@sunshine.command("search")
@with_params(CASE, _REQUEST, CSV, WRITER)
def search(case: Path, request: str, csv: Path | None, investigator: str) -> None:
    """Search for what answers REQUEST, and say what is open.

    Record the request first: osint record records-request. The search is an entry of the ledger.
    """
    with opened_case(case, investigator) as opened:
        found = opened.sunshine(request)
    shown = ("exhibit", "class", "status", "because", "decision", "ground")
    print_table(found.table(), shown, csv, str(found).split("\n")[:4])


@sunshine.command("decide")
@with_params(
    CASE,
    _REQUEST,
    many("--exhibit", "exhibits", text="An exhibit that answers it, E0003."),
    click.option("--decision", required=True, type=click.Choice(list(DECISIONS)), help="What becomes of it."),
    click.option("--class", "record_class", default="", help=f"Its class: {', '.join(RECORD_CLASSES)}."),
    click.option("--basis", default="", help="The ground of a denial: us-mo.investigative."),
    click.option("--order", default="", help="The order of a court by which a closed record goes out."),
    click.option("--reason", required=True, help="Why, in words."),
    WRITER,
)
def decide(case: Path, request: str, exhibits: tuple[str, ...], investigator: str, **said: Any) -> None:
    """Record what a person decided on exhibits for REQUEST."""
    with opened_case(case, investigator) as opened:
        entry = opened.decide_records(request, exhibits, **said)
    print_result(f"Decided as entry {entry}.", {"entry": entry})


@sunshine.command("release")
@with_params(
    CASE,
    _REQUEST,
    _TO,
    click.option("--permission", default="", help="Written permission of the Chief or designee: who, when, number."),
    many("--contains", "contents", text="Private facts that are in it: phone, home_address, minor, health."),
    click.option("--necessary", default="", help="Why these have to be in it."),
    WRITER,
)
def release(case: Path, request: str, folder: Path, investigator: str, **said: Any) -> None:
    """Write the answer to REQUEST: files, draft letter, index.

    Everything that is missing is named at once, and the refusal is in the ledger.
    """
    from osint.phases.disclosing import Disclosure

    with opened_case(case, investigator) as opened:
        answer = opened.release_records(request, folder, Disclosure(**said))
    print_result(str(answer), answer)


@sunshine.command("denial")
@with_params(CASE, _REQUEST, WRITER)
def draft_denial(case: Path, request: str, investigator: str) -> None:
    """Draft the statement of the grounds on which REQUEST was denied."""
    with opened_case(case, investigator) as opened:
        path = opened.draft_denial(request)
    print_result(str(path), {"file": path})


@commands.command()
@with_params(
    CASE,
    click.argument("by"),
    click.option("--kind", default="", help="exhibit, bates, hash, url, handle, date or text, where it is not clear."),
    click.option("--to", type=click.Path(path_type=Path), help="Write the files into this new folder, and log it."),
    CSV,
    click.option("--investigator", help=f"{WHO} Needed with --to.", **BY_SETTING),
)
def retrieve(case: Path, by: str, csv: Path | None, investigator: str | None, **said: Any) -> None:
    """Find items by number, address, hash, account, day or words.

    Each is hashed again. Holds, retention and what productions say of it stand beside it.
    """
    if said["to"] and not investigator:
        raise click.UsageError("Whoever writes items out is named: --investigator.")
    with opened_case(case, str(investigator)) if said["to"] else case_to_read(case) as opened:
        found = opened.retrieve(by, **said)
    print_table(found.table(), ("exhibit", "bytes", "source", "retention", "holds", "productions"), csv, found.remarks)
