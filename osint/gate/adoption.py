"""Which policy pack is in force at this workstation: installed with a signature that the agency trusts, or the default.

The policy folder of a user holds:

================================ ==================================================================================
``trusted-keys.txt``             the keys whose signature installs a pack: the Chief's or the designee's, one to a line
``former-keys.txt``              keys that were trusted once; what they signed is read for the entries of its time, and
                                 nothing of it is in force
``packs/NAME/VERSION.note``      every pack that was ever installed, as a signed note (C2SP); none is ever removed
``in-force.txt``                 name and version of the newest one
``profile.toml``                 what the agency stated once of itself and this workstation
================================ ==================================================================================

The signature is verified whenever a pack is read. Whoever may write to this folder can exchange keys and packs alike:
this shows tampering to those who know the key, and prevents none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import platformdirs

from osint.chain_of_custody.checkpoint import sign_note, verify_note
from osint.chain_of_custody.keys import Signer, VerifierKey, read_verifier_key
from osint.errors import LedgerError, PolicyError
from osint.gate import files
from osint.instants import now
from osint.policy.pack import Pack
from osint.policy.pack_text import BUILT_IN, DEFAULT, built_in, read_pack
from osint.settings import setting

PROFILE: Mapping[str, str] = {
    "agency": "name of the agency",
    "device_ownership": "whose this device is: agency or personal (IV.A.3.b)",
    "device_permission": "who permitted a device of one's own, and when (IV.A.3.b)",
    "sensitive_material_unit": "the one unit that takes over suspected child sexual abuse material",
    "sensitive_position_since": "the day since which whoever works here holds a sensitive position (IV.B.7)",
    "training_valid_until": "the day until which their training counts (IV.B.7)",
}
"""What is asked once of an agency, with the clause that wants it. What is absent is recorded as not stated."""

_TRUSTED, _FORMER = "trusted-keys.txt", "former-keys.txt"
_POINTER, _PACKS, _NOTE = "in-force.txt", "packs", ".note"
_DAYS = ("sensitive_position_since", "training_valid_until")


def policy_folder() -> Path:
    """Return where this user's policy packs are: ``OSINT_POLICY``, or the platform's folder for a user's data."""
    named = setting("OSINT_POLICY")
    return Path(named) if named else platformdirs.user_data_path("osint", appauthor=False) / "policy"


def pack_in_force(folder: Path) -> Pack:
    """Return the pack in force: the newest one installed, or that of the founding order.

    Raises:
        PolicyError: It cannot be read, or its signature does not hold.
    """
    pointer = folder / _POINTER
    if (named := files.read(pointer)) is None:
        return built_in(DEFAULT)
    name, _, version = named.strip().partition(" ")
    pack = _verified(folder, read_note_file(folder / _PACKS / name / f"{version}{_NOTE}"))
    if (newest := max(_versions(folder, name), default=pack.order)) > pack.order or (pack.name, pack.version) != (
        name,
        version,
    ):
        raise PolicyError(
            f"{pointer} names {name} {version}, and {'.'.join(map(str, newest))} was installed since, or a file was "
            "renamed. An older version never comes back: have a newer one signed, and install it."
        )
    return pack


def installed(folder: Path) -> list[Pack]:
    """Return every pack that was ever installed, by name and version.

    Raises:
        PolicyError: One cannot be read, or its signature does not hold.
    """
    names = [each.name for each in files.listed(folder / _PACKS)]
    notes = [path for name in names for path in files.listed(folder / _PACKS / name, _NOTE)]
    found = [_verified(folder, read_note_file(path), former=True) for path in notes]
    return sorted(found, key=lambda pack: (pack.name, pack.order))


def pack_of_hash(folder: Path, sha256: str) -> Pack:
    """Return the pack that an entry names by its hash.

    Raises:
        PolicyError: No pack of this hash is here.
    """
    known = [*map(built_in, BUILT_IN), *installed(folder)]
    found = next((pack for pack in known if pack.sha256 == sha256), None)
    if found is None:
        raise PolicyError(
            f"The policy pack of hash {sha256[:12]} is not at this workstation. It is one that another workstation "
            "installed, or that came with another release; ask for its note and install it, or read it there."
        )
    return found


def trust(folder: Path, key: str) -> VerifierKey:
    """Trust a key to sign policy packs from now on.

    Args:
        folder: The policy folder.
        key: The verifier key, ``name+hash+base64``, as ``osint policy sign`` prints it; learnt on another way.

    Raises:
        LedgerError: It is none.
    """
    read = read_verifier_key(key.strip())
    if read in _keys(folder, _FORMER):
        raise PolicyError("This key was trusted once and is no longer; it does not come back. Trust a new one.")
    known = trusted_keys(folder)
    if read not in known:
        _write_keys(folder, _TRUSTED, [*known, read])
    return read


def distrust(folder: Path, key: str) -> VerifierKey:
    """Trust a key no longer: packs and rosters that it signed are in force no more, until others are installed.

    Args:
        folder: The policy folder.
        key: The verifier key, as the trusted list has it.

    Raises:
        LedgerError: It is none.
        PolicyError: It is not trusted.
    """
    read = read_verifier_key(key.strip())
    known = trusted_keys(folder)
    if read not in known:
        raise PolicyError("This key is not trusted here; nothing was changed.")
    _write_keys(folder, _FORMER, [*_keys(folder, _FORMER), read])  # first: a crash between leaves it trusted, and known
    _write_keys(folder, _TRUSTED, [each for each in known if each != read])
    return read


def trusted_keys(folder: Path) -> list[VerifierKey]:
    """Return the keys whose signature installs a pack.

    Raises:
        LedgerError: One is damaged.
    """
    former = _keys(folder, _FORMER)
    return [each for each in _keys(folder, _TRUSTED) if each not in former]


def sign_pack(text: str, name: str, signer: Signer) -> str:
    """Sign a policy pack; return the note that ``install`` takes.

    Args:
        text: The pack, TOML.
        name: Name of the key, as the trusted list has it, without spaces: ``chief.westmere.example``.
        signer: The key of the Chief or the designee, Ed25519.

    Raises:
        PolicyError: It is no policy pack, or the key is of a kind that signs no notes.
        LedgerError: The name cannot name a key, or the text holds control characters.
    """
    read_pack(text)
    return sign_text(text, name, signer)


def sign_text(text: str, name: str, signer: Signer) -> str:
    """Sign what an agency puts into force, a pack or a roster; :func:`verified_text` reads the note.

    Raises:
        PolicyError: The key is of a kind that signs no notes.
        LedgerError: The name cannot name a key, or the text holds control characters.
    """
    if signer.algorithm != "ed25519":
        raise PolicyError("A key behind an SSH agent signs no notes. Sign with a key in a file.")
    return sign_note(text if text.endswith("\n") else text + "\n", name, signer)


def install(folder: Path, note: str) -> Pack:
    """Put a signed pack into force; those before it are kept. An installation that broke off is repeated.

    Raises:
        PolicyError: No trusted key signed it, it is no policy pack, its day is still to come, or it is not newer than
            the one of its name.
    """
    pack = _verified(folder, note)
    check_day(f"{pack.name} {pack.version}", pack.effective)
    newest = max(_versions(folder, pack.name), default=())
    path = folder / _PACKS / pack.name / f"{pack.version}{_NOTE}"
    if pack.order < newest or (pack.order == newest and not _was_cut_off(folder, pack, path, note)):
        raise PolicyError(
            f"{pack.name} {pack.version} was not installed: {'.'.join(map(str, newest))} was installed before, and an "
            "older version never comes back. Give it a later version and have it signed anew."
        )
    files.write(path, note)
    files.write(folder / _POINTER, f"{pack.name} {pack.version}\n")
    return pack


def check_day(what: str, effective: date) -> None:
    """Refuse to install what is not to count yet.

    Raises:
        PolicyError: Its day is still to come.
    """
    if effective > now().date():
        raise PolicyError(f"{what} was not installed: it counts from {effective} on. Install it on that day.")


def read_profile(folder: Path) -> Mapping[str, str]:
    """Return what the agency stated once of itself and this workstation (:data:`PROFILE`).

    Raises:
        PolicyError: The file is no TOML, or holds what nobody asks; names everything at once.
    """
    path = folder / "profile.toml"
    try:
        stated = tomllib.loads(files.read(path) or "")
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{path} is no TOML: {error}.") from error
    problems = [f"{name} is none of {', '.join(PROFILE)}" for name in stated if name not in PROFILE]
    problems += [f"{name} is no text" for name in PROFILE if not isinstance(stated.get(name, ""), str)]
    problems += [f"{name} {stated[name]!r} is no day, as 2026-12-31" for name in _DAYS if not _is_day(stated.get(name))]
    if stated.get("device_ownership", "agency") not in ("agency", "personal"):
        problems.append("device_ownership is agency or personal")
    if problems:
        raise PolicyError("\n".join([f"{path} cannot be used:", *(f"  - {problem}" for problem in problems)]))
    return stated


def read_note_file(path: Path) -> str:
    """Return the text of a signed note, unverified.

    Raises:
        PolicyError: It cannot be read.
    """
    note = files.read(path)
    if note is None:
        raise PolicyError(f"{path} is not there. {files.IN_FORCE} Put it back from a copy, or install it again.")
    return note


def verified_text(folder: Path, note: str, *, former: bool = False) -> tuple[str, str]:
    """Return what a trusted key signed, and the name of that key.

    Args:
        folder: The policy folder.
        note: The signed note.
        former: Whether keys count that were trusted once: to read what was in force, never to put it into force.

    Raises:
        PolicyError: No key is trusted, none of them signed it, or it was altered.
    """
    keys = [*trusted_keys(folder), *(_keys(folder, _FORMER) if former else ())]
    if not keys:
        raise PolicyError("No key is trusted to sign a policy: osint policy trust KEY, with the key of the Chief.")
    try:
        taken = verify_note(note, keys)
    except LedgerError as error:
        raise PolicyError(f"This note was not taken: {error}") from error
    names = {(key.name, key.note_hash) for key in keys}
    return taken.text, next(line.name for line in taken.signatures if (line.name, line.key_hash) in names)


def _verified(folder: Path, note: str, *, former: bool = False) -> Pack:
    text, signer = verified_text(folder, note, former=former)
    return read_pack(text, signed_by=signer)


def _versions(folder: Path, name: str) -> list[tuple[int, ...]]:
    """Return the versions of a pack that were ever installed here, as numbers, by the names of their files."""
    stems = [path.name.removesuffix(_NOTE) for path in files.listed(folder / _PACKS / name, _NOTE)]
    return [tuple(map(int, stem.split("."))) for stem in stems if stem.replace(".", "").isdecimal()]


def _was_cut_off(folder: Path, pack: Pack, path: Path, note: str) -> bool:
    """Return whether this very note was kept and did not come to be named: the machine stopped between the two."""
    named, _, version = (files.read(folder / _POINTER) or "").strip().partition(" ")
    return files.read(path) == note and named in ("", pack.name) and version != pack.version


def _keys(folder: Path, name: str) -> list[VerifierKey]:
    lines = (files.read(folder / name) or "").split("\n")
    return [read_verifier_key(line.strip()) for line in lines if line.strip()]


def _write_keys(folder: Path, name: str, keys: Sequence[VerifierKey]) -> None:
    files.write(folder / name, "".join(f"{each}\n" for each in keys))


def _is_day(text: Any) -> bool:
    if text in (None, ""):
        return True
    try:
        return bool(date.fromisoformat(text))
    except (TypeError, ValueError):
        return False
