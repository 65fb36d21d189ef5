"""Every command that only reads, over a case whose exhibit is locked: it leaves the exhibit out, or says why it stops."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner
from origin import http

import osint
from osint import cli
from osint.chain_of_custody.ledger import Ledger

SAID = "words enough to be a page, seen at the river"
PAGE = http(f"<html><body>{SAID}</body></html>".encode(), "Content-Type: text/html")
CHILD = {
    "emergency": "missing_child", "circumstances": "6 years old, last seen there", "purpose": "missing_person",
    "subjects": ["Jane Example"], "hosts": ["127.0.0.1"],
}  # fmt: skip
REFUSED = {
    "media-values": (), "media-links": (), "media-sheet": ("E0001",), "mask-view": ("E0001",), "replay": ("E0001",),
    "report": (),
}  # fmt: skip
LEFT_OUT = {"posts": (), "warnings": (), "private-facts": (), "retrieve": ("E0001",)}
SHOWN = {
    "case show": (), "gallery": (), "centrality": (), "measure": ("degree",), "communities": (), "search": ("river",),
    "near-duplicates": (), "saved-searches": (), "timeline": (), "log": (), "custody": (), "transfer list": (), "hold list": (),
    "parts": (), "record list": (), "retention": (), "disclosures": (), "masks": (),
    "statement list": (), "statement notes": (), "overview": (), "marks": (), "translations": (), "thread": (),
    "pivots": ("@jane@social.example",), "sunshine list": (), "productions": (),
}  # fmt: skip
OTHERWISE = {"policy show", "policy explain", "purge-certificate", "tiles", "case checklist"}
"""They take what a locked case has nothing to do with: a policy, an erasure, a map of the country, what a template asks for."""


def reading() -> Iterator[str]:
    """The commands that open a case to look at, by their source."""
    for name, command in cli.main.commands.items():
        below = command.commands if isinstance(command, click.Group) else {"": command}
        for each, made in below.items():
            if "_to_read(" in inspect.getsource(inspect.unwrap(made.callback)):
                yield f"{name} {each}".strip()


@pytest.fixture
def folder(open_case, origin):
    """A case of an emergency that nobody ratified, read long after."""
    case = open_case(authorized=False)
    case.authorize(osint.Authorization(**CHILD))
    case.collect("webpage", url=origin.serve("/", PAGE))
    case.close()
    return case.folder


def run(command, folder, *arguments):
    return CliRunner().invoke(cli.main, [*command.split(), str(folder), *arguments])


def test_every_command_that_reads_is_in_one_of_the_lists():
    """A new one is noticed."""
    assert set(reading()) <= {*REFUSED, *LEFT_OUT, *SHOWN} | OTHERWISE


def test_nothing_that_reads_shows_what_is_locked(folder):
    """It ends with what happened, what it means for the evidence and what to do; or leaves out, and says what."""
    with Ledger.read(folder / "ledger.sqlite") as ledger:
        before = len(ledger)
    ended = {name: run(name, folder, *said) for name, said in {**REFUSED, **LEFT_OUT, **SHOWN}.items()}

    assert {name: each.exit_code for name, each in ended.items()} == {
        **dict.fromkeys(REFUSED, 3), **dict.fromkeys((*LEFT_OUT, *SHOWN), 0),
    }  # fmt: skip
    for name in REFUSED:
        for words in ("E0001 ", "osint ratify", "is kept, and its bytes verify", "The case is only read here"):
            assert words in ended[name].stderr, name
    assert all("Left out, for it is locked: E0001" in ended[name].stderr for name in LEFT_OUT)
    assert not [name for name, each in ended.items() if SAID in each.output]
    with Ledger.read(folder / "ledger.sqlite") as ledger:
        assert len(ledger) == before
