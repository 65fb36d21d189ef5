"""What programs of others said of the files of a case, kept in the working tables beside what our readers found.

Such a word cannot be read from evidence again by this package alone, so the ledger vouches for it: the entry of a run
has the digest of what is kept of each file and program. Tables that are made again take over what has that digest. See
``docs/decisions/0036-words-of-other-programs.md``.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from osint.chain_of_custody.entry import Entry
from osint.media import value
from osint.media.agreement import agreed, disagreements
from osint.media.blocks import Reading
from osint.media.corroborators import Said
from osint.media.corroborators.serials import confirmed_serials
from osint.media.derivation import spelt
from osint.media.examination import MediaRecord
from osint.store.store import READING, Row


class Recorded(NamedTuple):
    """What the newest entry on a file vouches for: its number, and the digest of each program's word."""

    entry: int
    digests: Mapping[str, str]


def rows(exhibit: str, said: Iterable[Said]) -> list[Row]:
    """Return the records of what programs said of the file in an exhibit, by the names of the programs."""
    return [
        (
            READING,
            {
                "exhibit": exhibit,
                "program": each.program,
                "values": list(map(value.to_json, each.values)),
                "problems": list(each.problems),
            },
        )
        for each in sorted(said, key=lambda each: each.program)
    ]


def digest(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what one program said, as canonical JSON of its values and problems."""
    return hashlib.sha256(spelt({name: body[name] for name in ("values", "problems")}).encode()).hexdigest()


def digests(made: Iterable[Row]) -> dict[str, str]:
    """Return the digest of each of the records of one file, by program: what an entry says of them."""
    return {body["program"]: digest(body) for kind, body in made if kind == READING}


def digests_of(bodies: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Return the digest of each record, by exhibit and program."""
    return {(body["exhibit"], body["program"]): digest(body) for body in bodies}


def recorded(entries: Iterable[Entry]) -> dict[str, Recorded]:
    """Return what the ledger vouches for, by exhibit; the newest entry on an exhibit counts.

    What was erased from the ledger is vouched for no more.
    """
    found: dict[str, Recorded] = {}
    for entry in entries:
        if entry.action == "transform":
            for exhibit, each in entry.private.get("readings", {}).items():
                found[exhibit] = Recorded(entry.seq, each)
    return found


def vouched(made: Iterable[Row], known: Recorded | None) -> list[Row]:
    """Return those of the records of one file that the ledger vouches for."""
    return [
        (kind, body)
        for kind, body in made
        if kind == READING and known is not None and known.digests.get(body["program"]) == digest(body)
    ]


def by_exhibit(bodies: Iterable[Mapping[str, Any]]) -> dict[str, list[Reading]]:
    """Return the readings of each file, by exhibit."""
    found: defaultdict[str, list[Reading]] = defaultdict(list)
    for body in bodies:
        values = tuple(map(value.from_json, body["values"]))
        found[body["exhibit"]].append(Reading(values=values, problems=tuple(body["problems"])))
    return found


def with_readings(record: MediaRecord, readings: Sequence[Reading]) -> MediaRecord:
    """Return a record with the values of further readers, all compared with one another."""
    if not readings:
        return record
    facts = record.facts
    every = [*facts.values, *(each for reading in readings for each in reading.values)]
    values = agreed(confirmed_serials(every))
    told = [*facts.warnings, *(said for reading in readings for said in reading.problems), *disagreements(values)]
    compared: Any = dataclasses.replace(facts, values=values, warnings=tuple(dict.fromkeys(told)))
    return dataclasses.replace(record, facts=compared)
