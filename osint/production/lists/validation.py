"""The tool validation record: with what the evidence was taken, and what is known of how that was tested.

Only what this machine can tell is stated. What it cannot is "not recorded"; nobody is asked to believe a number.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable

from cryptography.hazmat.backends.openssl.backend import backend

from osint.production.lists.material import ELSEWHERE, NOT_RECORDED, Material
from osint.report.document import Block, Document, Section, Words, table

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"extra\s*==")
_SEPARATORS = re.compile(r"[-_.]+")  # names that differ in these alone are one name (PEP 503)
_HASHED = (
    "SHA-256 over one line for each file of the installed package, in the order of their paths: the path, a space, the "
    "SHA-256 of the file; files that Python makes by itself are left out."
)
_LIMITS = (
    "The record shows what this program did, and not what a person did in another browser.",
    "A hash shows that bytes are the same since they were taken in. It does not show who wrote what they say.",
    "A page may have held more than the capture: scripts, sign-in walls and removals are stated where they were seen.",
    "Who holds the keys of the workstation can write a record anew; a head kept elsewhere, a time stamp or a witness "
    "makes that visible up to where it was taken.",
    "Tables, charts and marks are derived from the evidence, and rest on rules and on people; the evidence does not.",
)


def validation_record(material: Material) -> Document:
    """Return the record: the program as it is installed now, what stored the evidence, libraries, tests, limits."""
    plan = material.plan
    cover = [Words("Made from what this machine states of itself. Whoever relies on it checks the hashes anew.")]
    title = f"Tool validation record: {plan.case}"
    return Document(title=title, made=plan.made, cover=cover, blocks=list(_blocks(material)))


@cache
def source_sha256() -> str:
    """Return the hash of the installed package; how it is computed stands in the record."""
    digest = hashlib.sha256()
    for name, file in sorted(_files(resources.files("osint"))):
        digest.update(f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def wheel_sha256() -> str:
    """Return the hash of the wheel that was installed, where the installer noted it."""
    noted = metadata.distribution("osint").read_text("direct_url.json")
    hashes: Mapping[str, str] = json.loads(noted).get("archive_info", {}).get("hashes", {}) if noted else {}
    return hashes.get("sha256", NOT_RECORDED)


def _blocks(material: Material) -> Iterator[Block]:
    yield Section("The program")
    yield table(_program())
    yield Words(_HASHED)
    yield Section("What the evidence was stored with")
    yield Words("As each entry of the ledger that stored an item states it.")
    yield table(_instruments(material), ("tool", "Python", "system", "items", "first entry", "last entry"))
    yield Section("Libraries")
    yield table(sorted(_libraries().items()), ("name", "version"))
    yield Section("Tests")
    yield table(_tests())
    yield Section("Known limits")
    yield table([(str(number), each) for number, each in enumerate(_LIMITS, 1)])


def _program() -> list[tuple[str, str]]:
    return [
        ("Program", f"osint {metadata.version('osint')}"),
        ("SHA-256 of the wheel", wheel_sha256()),
        ("SHA-256 of the package", source_sha256()),
        ("Commit", NOT_RECORDED),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("System", f"{platform.system()} {platform.release()} {platform.machine()}"),
        ("Cryptographic library", backend.openssl_version_text()),
        ("Validated as a FIPS module", NOT_RECORDED),
    ]


def _tests() -> list[tuple[str, str]]:
    return [
        ("Results that ship with this wheel", NOT_RECORDED),
        ("Error rates", NOT_RECORDED),
        ("How to run the tests", "with the source of this version: make test"),
    ]


def _instruments(material: Material) -> list[tuple[str, ...]]:
    """Return each set of tool, Python and system that stored items, with how many, by first appearance."""
    found: dict[tuple[str, ...], list[int]] = {}
    for item in material.plan.items:
        step = material.step(item)
        if step is None:
            found.setdefault(("of another officer", ELSEWHERE, ""), []).append(item.entry)
            continue
        payload = step.entry.payload
        tool = " ".join(str(payload["instrument"].get(name, "")) for name in ("name", "version"))
        system = (str(payload["environment"].get(name, NOT_RECORDED)) for name in ("python", "platform"))
        found.setdefault((tool, *system), []).append(item.entry)
    return [(*told, f"{len(entries):,}", str(min(entries)), str(max(entries))) for told, entries in found.items()]


@cache
def _libraries() -> Mapping[str, str]:
    """Return every installed library that the program asks for, and that those ask for, with its version."""
    found: dict[str, str] = {}
    left = list(_required("osint"))
    while left:
        name = _SEPARATORS.sub("-", left.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # an extra that is not installed
            continue
        left += _required(name)
    return found


def _required(name: str) -> Iterator[str]:
    """Yield what a library asks for; of the program also what its extras ask for."""
    for told in metadata.requires(name) or ():
        match = _NAME.match(told)
        if match and (name == "osint" or not _EXTRA.search(told)):
            yield match[0]


def _files(folder: Traversable, above: str = "") -> Iterator[tuple[str, Traversable]]:
    for each in folder.iterdir():
        if each.is_dir() and each.name != "__pycache__":
            yield from _files(each, f"{above}{each.name}/")
        elif each.is_file() and not each.name.endswith(".pyc"):
            yield f"{above}{each.name}", each
