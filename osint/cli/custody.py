"""Commands for passing exhibits on: who holds what, release, receive, refuse, and between two ledgers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, opened_case
from osint.cli.options import CASE, CSV, NEW, WRITER, fingerprint, many, with_params
from osint.cli.printing import print_result, print_table

commands = Commands()

_RELEASE = click.argument("release", type=int)
_PERSON = "'Name; title; contact', such as 'R. Klein; evidence custodian; +00 555 0102'."
_PLACE = click.option("--place", required=True, help="Where.")
_CONDITION = click.option("--condition", required=True, help="Condition of the exhibits, in words.")
_KEYS = click.option(
    "--recipient-keys",
    "keys",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with the recipient's keys, present at this machine.",
)
_TELL_BOTH = (
    "Tell them the fingerprints of two keys on another way, your actor key and the log key of this case: osint verify "
    "prints both."
)
_KNOWN = many(
    "--fingerprint",
    "known",
    text="A key of the other side, as they told you on another way. Two are needed: their actor key and the log key of "
    "their case.",
    kind=fingerprint,
)


@commands.command()
@with_params(CASE, CSV)
def custody(case: Path, csv: Path | None) -> None:
    """Print who holds each exhibit of CASE, and every hand it passed.

    The table shows the present holder; --json and --csv give every hand.
    """
    with case_to_read(case) as opened:
        table = opened.custody()
    print_table(table, ("exhibit", "state", "held_by", "since", "offered_to"), csv)


@commands.group()
def transfer() -> None:
    """Pass exhibits on, and receive those of others."""


@transfer.command("list")
@with_params(CASE)
def show(case: Path) -> None:
    """Print every release and what became of it."""
    with case_to_read(case) as opened:
        transfers = opened.transfers
        print_result(str(transfers), transfers.all())


@transfer.command("release")
@with_params(
    CASE,
    many("--exhibit", "exhibits", text="An exhibit, E0003."),
    click.option("--sender", required=True, help=_PERSON),
    click.option("--recipient", required=True, help=_PERSON),
    click.option(
        "--recipient-key",
        required=True,
        type=fingerprint,
        help="Fingerprint of the recipient's actor key, as they told you; 'osint key list' prints it there.",
    ),
    click.option("--purpose", required=True, help="Why."),
    _PLACE,
    _CONDITION,
    click.option("--medium", default="", help="On what they travel."),
    click.option("--seal", default="", help="Number of the seal."),
    click.option("--expires", help="Until when it may be received: 2030-12-31, or 2030-12-31T17:00:00Z."),
    click.option("--include-restricted", is_flag=True, help="Release imports that may open an account; recorded."),
    click.option("--outside/--case-team", "outside", default=None, help="Whether they stand outside the case team."),
    click.option("--right", default="", help="Outside the case team: by what right they may have it."),
    click.option("--permission", default="", help="Outside the case team: the Chief's or designee's, in writing."),
    WRITER,
)
def release(case: Path, investigator: str, sender: str, recipient: str, **terms: Any) -> None:
    """Offer exhibits to someone.

    Only the key that --recipient-key names can receive them. Until it does, you hold them.
    """
    with opened_case(case, investigator) as opened:
        made = opened.transfers.release(sender=_person(sender), recipient=_person(recipient), **terms)
    print_result(f"Released as entry {made.release}: {', '.join(made.exhibits)}", made)


@transfer.command("receive")
@with_params(CASE, _RELEASE, _KEYS, _PLACE, _CONDITION, WRITER)
def receive(case: Path, release: int, keys: Path, investigator: str, **said: str) -> None:
    """Let the recipient receive at this machine; both sign.

    Every hash is computed anew. RELEASE is the number of its ledger entry.
    """
    from osint.chain_of_custody.keys import load_or_create

    with opened_case(case, investigator) as opened:
        signer = load_or_create(keys, "actor")
        made = opened.transfers.receive(release, recipient=signer, **said)
    print_result(f"Received: {', '.join(made.exhibits)}", made)


@transfer.command("refuse")
@with_params(CASE, _RELEASE, _KEYS, click.option("--reason", required=True, help="Why."), WRITER)
def refuse(case: Path, release: int, keys: Path, reason: str, investigator: str) -> None:
    """Let the recipient refuse at this machine; both sign."""
    from osint.chain_of_custody.keys import load_or_create

    with opened_case(case, investigator) as opened:
        made = opened.transfers.refuse(release, recipient=load_or_create(keys, "actor"), reason=reason)
    print_result(f"Refused: {', '.join(made.exhibits)}", made)


@transfer.command("consign")
@with_params(CASE, _RELEASE, NEW, WRITER)
def consign(case: Path, release: int, folder: Path, investigator: str) -> None:
    """Write what the recipient takes into a case of their own.

    FOLDER must be new. It holds the exhibits, the release with its proof, and the public keys.
    """
    with opened_case(case, investigator) as opened:
        made = opened.transfers.consign(release, folder)
    print_result(f"Give this folder to the recipient: {made}\n{_TELL_BOTH}", {"folder": made})


@transfer.command("take-in")
@with_params(
    CASE,
    click.argument("consignment", type=click.Path(path_type=Path, exists=True, file_okay=False)),
    _KNOWN,
    _PLACE,
    _CONDITION,
    WRITER,
)
def take_in(case: Path, consignment: Path, known: tuple[str, ...], investigator: str, **said: str) -> None:
    """Receive a consignment into CASE; its exhibits get numbers here.

    Every hash is computed anew, and the sender's signatures are checked against the fingerprints.
    """
    with opened_case(case, investigator) as opened:
        taken = opened.transfers.take_in(consignment, known=set(known), **said)
    print_result(f"Received as {', '.join(taken)}", {"exhibits": taken})


@transfer.command("receipt")
@with_params(CASE, click.argument("exhibit"), NEW, WRITER)
def receipt(case: Path, exhibit: str, folder: Path, investigator: str) -> None:
    """Write the receipt for the consignment that EXHIBIT came with."""
    with opened_case(case, investigator) as opened:
        made = opened.transfers.receipt(folder, exhibit)
    print_result(f"Give this folder to the sender: {made}\n{_TELL_BOTH}", {"folder": made})


@transfer.command("acknowledge")
@with_params(
    CASE,
    click.argument("receipt", type=click.Path(path_type=Path, exists=True, file_okay=False)),
    _KNOWN,
    WRITER,
)
def acknowledge(case: Path, receipt: Path, known: tuple[str, ...], investigator: str) -> None:
    """Record that a consignment was received elsewhere.

    RECEIPT is the folder that the recipient sent back. From then on custody has passed.
    """
    with opened_case(case, investigator) as opened:
        made = opened.transfers.acknowledge(receipt, known=set(known))
    print_result(f"Passed on: {', '.join(made.exhibits)}", made)


def _person(text: str) -> Any:
    from osint.chain_of_custody.transfer import Handler

    fields = [each.strip() for each in text.split(";")]
    if len(fields) != 3:
        raise click.UsageError(f"A person is named as {_PERSON}")
    return Handler(name=fields[0], title=fields[1], contact=fields[2])
