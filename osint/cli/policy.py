"""Commands about the policy in force, and about emergencies that a supervisor ratifies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, opened_case
from osint.cli.options import CASE, SECOND_PERSON, WRITER, order_of, with_params
from osint.cli.printing import print_result

if TYPE_CHECKING:
    from osint.chain_of_custody.keys import Signer
    from osint.policy.pack import Pack

commands = Commands()

_NAME = click.argument("name", required=False)
_FILE = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))


@commands.group()
def policy() -> None:
    """See the policy in force, and install a signed one."""


@policy.command("list")
def listed() -> None:
    """List the packs of this program and those installed."""
    from osint.gate.adoption import installed, pack_in_force, policy_folder
    from osint.policy.pack_text import BUILT_IN, built_in

    folder = policy_folder()
    current = pack_in_force(folder)
    packs = [*map(built_in, BUILT_IN), *installed(folder)]
    lines = [f"{'*' if each == current else ' '} {each}{_signed(each)}  {each.title}" for each in packs]
    lines += [current.banner(_today())] if current.banner(_today()) else []
    print_result("\n".join(lines), [{**_facts(each), "in_force": each == current} for each in packs])


@policy.command("show")
@with_params(
    _NAME,
    click.option("--case", type=click.Path(path_type=Path), help="Also what the ledger of this case says of it."),
)
def show(name: str | None, case: Path | None) -> None:
    """Show the pack in force, or NAME, value by value.

    What nobody verified stands there as UNVERIFIED.
    """
    from osint.gate.in_force import describe

    pack = _pack(name)
    lines = describe(pack, _today())
    if case:
        with case_to_read(case) as opened:
            lines += [f"from entry {seq} on: pack of hash {sha256}" for seq, sha256 in opened.policy.history]
    print_result("\n".join(lines), {**_facts(pack), "lines": lines})


@policy.command("explain")
@with_params(
    click.argument("rule"),
    click.option("--case", type=click.Path(path_type=Path), help="Under the policy that this case records."),
    click.option("--entry", type=int, help="With --case: the entry in question; its own policy is what counts."),
)
def explain(rule: str, case: Path | None, entry: int | None) -> None:
    """Explain RULE: clause, source, what it checks and refuses."""
    from osint.gate.in_force import explain as explained

    if case is None:
        text = explained(_pack(None), rule, _today())
    else:
        with case_to_read(case) as opened:
            text = opened.policy.explain(rule, entry=entry)
    print_result(text, dict(line.split(": ", 1) for line in text.split("\n")))


@policy.command("trust")
@with_params(click.argument("key"))
def trust(key: str) -> None:
    """Trust KEY, name+hash+base64, to sign policy packs.

    Learn it from the Chief or the designee on another way than the pack itself.
    """
    from osint.gate.adoption import policy_folder
    from osint.gate.adoption import trust as trusted

    read = trusted(policy_folder(), key)
    print_result(f"Trusted: {read}", {"key": str(read)})


@policy.command("distrust")
@with_params(click.argument("key"))
def distrust(key: str) -> None:
    """Trust KEY no longer: it was lost, or its holder left.

    What it signed is in force no more, packs and rosters alike: have both signed by another key, and install them.
    """
    from osint.gate.adoption import distrust as distrusted
    from osint.gate.adoption import policy_folder

    read = distrusted(policy_folder(), key)
    print_result(f"Trusted no longer: {read}", {"key": str(read)})


@policy.command("sign")
@with_params(
    _FILE,
    click.option("--name", required=True, help="Name of the key, without spaces: chief.westmere.example."),
    click.option(
        "--keys",
        envvar="OSINT_KEYS",
        show_envvar=True,
        type=click.Path(path_type=Path, file_okay=False),
        help="The key folder of the Chief or the designee; by default this user's own.",
    ),
)
def sign(file: Path, name: str, keys: Path | None) -> None:
    """Sign the pack in FILE; the note is written beside it."""
    from osint.gate.adoption import sign_pack

    write_signed(file, name, keys, sign_pack)


def write_signed(file: Path, name: str, keys: Path | None, sign_with: Callable[[str, str, Signer], str]) -> None:
    """Sign a text of the agency and write the note beside it."""
    from osint.chain_of_custody.keys import VerifierKey, key_folder, load_or_create

    signer = load_or_create(keys or key_folder(), "actor")
    note = file.with_suffix(".note")
    note.write_text(sign_with(file.read_text(encoding="utf-8"), name, signer), encoding="utf-8", newline="\n")
    key = str(VerifierKey(name, signer.public))
    print_result(f"Signed: {note}\nIts key, to be trusted once at each workstation: {key}", {"file": note, "key": key})


@policy.command("install")
@with_params(_FILE)
def install(file: Path) -> None:
    """Put the signed pack in FILE into force; old ones are kept."""
    from osint.gate.adoption import install as put_into_force
    from osint.gate.adoption import policy_folder

    pack = put_into_force(policy_folder(), file.read_text(encoding="utf-8"))
    print_result(f"In force: {pack}, signed by {pack.signed_by}. Each case records it when next opened.", _facts(pack))


@policy.command("profile")
def profile() -> None:
    """Show what the agency stated once, and what it did not."""
    from osint.gate.adoption import PROFILE, policy_folder, read_profile

    folder = policy_folder()
    stated = read_profile(folder)
    lines = [f"{name} = {stated.get(name) or 'not stated'}  # {meaning}" for name, meaning in PROFILE.items()]
    print_result("\n".join([f"in {folder / 'profile.toml'}:", *lines]), {name: stated.get(name) for name in PROFILE})


@commands.command()
@with_params(
    CASE,
    click.option("--authority", required=True, help="What allows it: the section of the policy."),
    click.option("--reason", required=True, help="Why it is ratified, or refused."),
    SECOND_PERSON,
    click.option("--refuse", is_flag=True, help="Refuse to ratify it: its content stays locked."),
    WRITER,
)
def ratify(case: Path, investigator: str, refuse: bool, **order: Any) -> None:
    """Ratify the newest emergency of CASE; a supervisor signs too."""
    with opened_case(case, investigator) as opened:
        opened.ratify(order_of(investigator, order), granted=not refuse)
    print_result("Refused; its content stays locked." if refuse else "Ratified.", {"granted": not refuse})


@commands.command()
@with_params(
    CASE, click.option("--reason", required=True, help="Who was called, when, and why nobody answered."), WRITER
)
def defer(case: Path, investigator: str, reason: str) -> None:
    """Put off the ratification of an emergency in CASE.

    For a supervisor who cannot be reached; the policy says how often.
    """
    with opened_case(case, investigator) as opened:
        due = opened.defer_ratification(reason)
    print_result(f"Put off; it is to be ratified by {due}.", {"ratify_by": due})


def _pack(name: str | None) -> Pack:
    from osint.gate.adoption import pack_in_force, policy_folder
    from osint.policy.pack_text import built_in

    return built_in(name) if name else pack_in_force(policy_folder())


def _signed(pack: Pack) -> str:
    return f", signed by {pack.signed_by}" if pack.signed_by else ""


def _facts(pack: Pack) -> dict[str, Any]:
    said = asdict(pack)
    return {name: said[name] for name in said if name not in ("values", "rules", "clauses")} | {
        "overdue": pack.overdue(_today()) or None
    }


def _today() -> Any:
    from osint.instants import now

    return now().date()
