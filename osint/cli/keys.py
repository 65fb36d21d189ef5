"""Commands about keys: who may sign here, how private keys are kept, and what happens when one is lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from osint.cli.command import Commands
from osint.cli.opening import opened_case
from osint.cli.options import CASE, WRITER, fingerprint, with_params
from osint.cli.printing import count, print_result

if TYPE_CHECKING:
    from osint.chain_of_custody.key_care import KeptKey

commands = Commands()

_KEYS = click.option(
    "--keys",
    envvar="OSINT_KEYS",
    show_envvar=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The key folder; by default this user's own.",
)


@commands.group()
def key() -> None:
    """See to the signing keys of this workstation, or of a case."""


@key.command("list")
@with_params(_KEYS)
def show(keys: Path | None) -> None:
    """List the keys of this workstation with their fingerprints."""
    from osint.chain_of_custody.key_care import list_keys

    found = list_keys(_folder(keys))
    lines = [f"{each.name}: {each.keyid or 'not known here'}, {each.where}{_encrypted(each)}" for each in found]
    print_result("\n".join(lines) or "no keys yet; opening a case makes them", found)


@key.command("new")
@with_params(_KEYS)
def new(keys: Path | None) -> None:
    """Make the key of someone who keeps no case, such as a clerk.

    It receives exhibits, approves or vouches on another's case. A key that is there already stays, and is printed.
    """
    from osint.chain_of_custody.keys import load_or_create

    signer = load_or_create(_folder(keys), "actor")
    print_result(f"actor: {signer.keyid}", {"key": signer.keyid})


@key.command("protect")
@with_params(_KEYS)
def protect(keys: Path | None) -> None:
    """Encrypt the keys that lie open, as earlier releases left them."""
    from osint.chain_of_custody import key_care

    names = key_care.protect(_folder(keys))
    print_result(f"Encrypted: {', '.join(names) or 'nothing lay open'}", {"encrypted": names})


@key.command("unlock")
@with_params(_KEYS, click.option("--hours", default=8.0, show_default=True, help="After so long the agent forgets."))
def unlock(keys: Path | None, hours: float) -> None:
    """Hand the keys to the running ssh-agent for this working day.

    Until then no command and no notebook of this user asks for the passphrase.
    """
    from osint.chain_of_custody import key_care

    names = key_care.unlock(_folder(keys), int(hours * 3600))
    print_result(f"The agent holds: {', '.join(names)}", {"held": names})


@key.command("lock")
@with_params(_KEYS)
def lock(keys: Path | None) -> None:
    """Have the agent forget the keys."""
    from osint.chain_of_custody import key_care

    names = key_care.lock(_folder(keys))
    print_result(f"Forgotten: {', '.join(names) or 'the agent held none of them'}", {"forgotten": names})


@key.command("passphrase")
@with_params(
    _KEYS,
    click.option(
        "--new-passphrase-file",
        "file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="File that you alone may read, with the new passphrase in its first line; without it you type it, twice.",
    ),
)
def passphrase(keys: Path | None, file: Path | None) -> None:
    """Change the passphrase of all keys.

    What OSINT_PASSPHRASE_FILE or the desktop's key store holds stays as it is: put the new one there afterwards.
    """
    from osint.chain_of_custody import key_care
    from osint.chain_of_custody.unlocking import new_passphrase, passphrase_from

    names = key_care.change_passphrase(_folder(keys), new=passphrase_from(file) if file else new_passphrase)
    print_result(f"{count(len(names), 'key')} encrypted anew.", {"changed": names})


@key.command("remember")
@with_params(_KEYS)
def remember(keys: Path | None) -> None:
    """Keep the passphrase in the desktop's own key store."""
    from osint.chain_of_custody import key_care

    key_care.remember(_folder(keys))
    print_result("The desktop keeps the passphrase.", {"remembered": True})


@key.command("forget")
@with_params(_KEYS)
def forget(keys: Path | None) -> None:
    """Take the passphrase out of the desktop's key store."""
    from osint.chain_of_custody import key_care

    found = key_care.forget(_folder(keys))
    print_result("Forgotten." if found else "Nothing was kept there.", {"forgotten": found})


@key.command("rotate")
@with_params(_KEYS)
def rotate(keys: Path | None) -> None:
    """Make a new key for the officer at this workstation.

    Each case goes over to it when it is next opened, by an entry that the old and the new key sign.
    """
    from osint.chain_of_custody.key_rotation import replace_actor_key

    signer = replace_actor_key(_folder(keys))
    print_result(f"New key: {signer.keyid}\nOpen every case once, then put actor-previous away.", {"key": signer.keyid})


@key.command("custodian")
@with_params(
    CASE,
    click.option(
        "--custodian-keys",
        required=True,
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder with the custodian's key, present at this machine.",
    ),
    click.option("--name", required=True, help="Name and function of the custodian."),
    WRITER,
)
def custodian(case: Path, custodian_keys: Path, name: str, investigator: str) -> None:
    """Appoint who can vouch for the successor of a lost key."""
    from osint.chain_of_custody.keys import load_or_create

    with opened_case(case, investigator) as opened:
        signer = load_or_create(custodian_keys, "actor")
        opened.appoint_custodian(signer, name=name)
    print_result(f"Custodian: {name}, {signer.keyid}", {"custodian": name, "key": signer.keyid})


@key.command("recover")
@with_params(
    CASE,
    click.option(
        "--custodian-keys",
        required=True,
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder with the custodian's key, present at this machine.",
    ),
    WRITER,
)
def recover(case: Path, custodian_keys: Path, investigator: str) -> None:
    """Go on with CASE under this user's key; the custodian signs too.

    For a key that is lost, a passphrase forgotten, an officer gone.
    """
    from osint.chain_of_custody.keys import load_or_create
    from osint.opening import open_case

    signer = load_or_create(custodian_keys, "actor")
    with open_case(case, investigator=investigator, custodian=signer) as opened:
        print_result(str(opened), {"folder": case, "custodian": signer.keyid})


@key.command("revoke")
@with_params(
    CASE,
    click.argument("fingerprint", type=fingerprint),
    click.option(
        "--role",
        type=click.Choice(["actor", "custodian", "log"]),
        default="actor",
        show_default=True,
        help="What the key is for.",
    ),
    click.option(
        "--reason",
        required=True,
        type=click.Choice(["lost", "stolen", "forgotten", "departed", "retired"]),
        help="Why it ends.",
    ),
    click.option("--since", required=True, type=int, help="First entry from which it may have been in other hands."),
    WRITER,
)  # fmt: skip
def revoke(case: Path, fingerprint: str, role: str, investigator: str, **said: str) -> None:
    """End a key in CASE; what it signed since then is disputed."""
    with opened_case(case, investigator) as opened:
        opened.revoke_key(fingerprint, role, reason=said["reason"], since=int(said["since"]))
    print_result(f"Ended: {role} key {fingerprint}", {"key": fingerprint, "role": role, **said})


def _encrypted(kept: KeptKey) -> str:
    if kept.where != "file":
        return ""
    return ", encrypted" if kept.encrypted else ", NOT ENCRYPTED"


def _folder(keys: Path | None) -> Path:
    from osint.chain_of_custody.keys import key_folder

    return keys or key_folder()
