"""Policy packs from their TOML: those that come with this program, and those that an agency signed and installed.

A pack says what is its own, and takes over the rest from the common text of this program.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from osint.errors import PolicyError
from osint.policy.pack import Clause, Pack, Purpose, RecordGround, RecordsLaw, RetentionClass, RuleText, Value
from osint.policy.pack_checks import HEAD, PARTS, classes_said, faults, listed, table

BUILT_IN = ("us-mo-municipal", "us-federal", "uk", "eu-led")
DEFAULT = "us-mo-municipal"


@cache
def built_in(name: str) -> Pack:
    """Return a pack that comes with this program.

    Raises:
        PolicyError: There is none of this name.
    """
    if name not in BUILT_IN:
        raise PolicyError(f"There is no policy pack {name!r}; this program comes with {', '.join(BUILT_IN)}.")
    return read_pack(_text(name))


def read_pack(text: str, *, signed_by: str = "") -> Pack:
    """Read and check a pack.

    Args:
        text: The pack, TOML.
        signed_by: Name of the key whose signature over this text was verified.

    Raises:
        PolicyError: It is no TOML, or something in it is missing or wrong; names everything at once.
    """
    plain = _parsed(text)
    common = _text("common")
    base = _parsed(common)
    inherited = base if table(plain, "pack").get("name") == DEFAULT else _unread(base)
    merged = {part: {**inherited.get(part, {}), **table(plain, part)} for part in PARTS}
    if found := list(faults(plain, merged, base)):
        lines = "\n".join(f"  - {each}" for each in found)
        raise PolicyError(f"This is no policy pack that could be used; nothing was installed:\n{lines}")
    head = plain["pack"]
    dates = {name: date.fromisoformat(head[name]) for name in ("effective", "review_due")}
    return Pack(
        **{**{name: head[name] for name in HEAD}, **dates},
        sha256=hashlib.sha256(f"{text}\n{common}".encode()).hexdigest(),
        values={name: Value(name=name, **_sourced(each, "value", "unit")) for name, each in merged["values"].items()},
        rules={
            rule: RuleText(id=rule, **_sourced(each, "clause", "checks", "refuses"))
            for rule, each in merged["rules"].items()
        },
        clauses=tuple(Clause(**each) for each in plain.get("clause", [])),
        retention={name: _retention_class(name, each) for name, each in merged["retention"].items()},
        purposes={name: _purpose(name, each) for name, each in merged["purposes"].items()},
        open_records={name: _records_law(name, each) for name, each in merged["open_records"].items()},
        record_grounds={
            name: RecordGround(id=name, **_sourced(each, *PARTS["record_grounds"]))
            for name, each in merged["record_grounds"].items()
        },
        signed_by=signed_by,
    )


def _text(name: str) -> str:
    return resources.files("osint.policy").joinpath("packs", f"{name}.toml").read_text(encoding="utf-8")


def _unread(base: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the common text as any other policy inherits it: nobody read its sources for that one."""
    return {
        part: {
            name: {**said, "verified_on": "", "citation": f"common text of this program: {said['citation']}"}
            for name, said in entries.items()
        }
        for part, entries in base.items()
    }


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"This policy pack is no TOML: {error}. Nothing was installed.") from error


def _retention_class(name: str, said: Mapping[str, Any]) -> RetentionClass:
    lists = {each: listed(said[each]) for each in ("purposes", "restarts")}
    return RetentionClass(id=name, **{**_sourced(said, *PARTS["retention"]), **lists})


def _purpose(name: str, said: Mapping[str, Any]) -> Purpose:
    lists = {each: listed(said[each]) for each in ("needs", "emergencies")}
    answers = {each: said[each] == "yes" for each in ("permitted", "approval")}
    return Purpose(id=name, **{**_sourced(said, *PARTS["purposes"]), **lists, **answers})


def _records_law(name: str, said: Mapping[str, Any]) -> RecordsLaw:
    classes = dict(each.split(": ", 1) for each in classes_said(said))
    return RecordsLaw(id=name, **{**_sourced(said, *PARTS["open_records"]), "classes": classes})


def _sourced(said: Mapping[str, Any], *names: str) -> dict[str, Any]:
    verified = said["verified_on"]
    return {
        **{name: said[name] for name in names},
        "citation": said["citation"],
        "verified_on": date.fromisoformat(verified) if verified else None,
        "adopted_by": said["adopted_by"],
    }
