"""The agency's own keys: found, required in words, and never needed for what can be done without."""

from __future__ import annotations

import dataclasses

import pytest

from osint.collecting import api_keys
from osint.collectors import load
from osint.collectors.protocol import Key
from osint.errors import SourceClosedError

KEYED = dataclasses.replace(
    load("mastodon").MANIFEST,
    name="youtube",
    key=Key(host="api.example", parameter="key", how="Register a project with the operator."),
)


def test_the_environment_names_the_key(monkeypatch):
    """Without the white space that a copied key brings."""
    monkeypatch.setenv("OSINT_KEY_YOUTUBE", " planted-key\n")

    assert api_keys.find_key(KEYED) == api_keys.require_key(KEYED) == "planted-key"


def test_the_desktops_key_store_is_asked_where_the_environment_names_none(monkeypatch):
    """The variable goes first; both may hold one."""
    monkeypatch.delenv("OSINT_KEY_YOUTUBE", raising=False)
    monkeypatch.setattr("keyring.get_password", lambda service, user: f"{user} of {service}")

    assert api_keys.find_key(KEYED) == "youtube of osint interface keys"


def test_a_missing_key_says_what_to_do_and_what_works_without(monkeypatch):
    """How to get one, where to put it, which file does as well; nothing was asked."""
    monkeypatch.delenv("OSINT_KEY_YOUTUBE", raising=False)

    with pytest.raises(SourceClosedError) as missing:
        api_keys.require_key(KEYED)
    assert all(
        words in str(missing.value)
        for words in ("nothing was asked", "Register a project", "OSINT_KEY_YOUTUBE", "import a file", KEYED.files)
    )


def test_exports_are_searched_for_every_key_there_is(monkeypatch):
    """Whatever collector it belongs to."""
    monkeypatch.setattr(api_keys, "names", lambda: ("youtube",))
    monkeypatch.setattr(api_keys, "load", lambda _: type("Module", (), {"MANIFEST": KEYED}))
    monkeypatch.setenv("OSINT_KEY_YOUTUBE", "planted-key")

    assert list(api_keys.known_keys()) == ["planted-key"]
