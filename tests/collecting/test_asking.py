"""The way a collector asks: its pace, its key, and what it may post to."""

from __future__ import annotations

import dataclasses
from collections import deque
from types import SimpleNamespace

import pytest
from origin import http

from osint.capture.errand import Errand
from osint.capture.preserved import preserved
from osint.collecting.asking import asker
from osint.collectors import load
from osint.collectors.protocol import Key
from osint.errors import CaptureError, OutOfScopeError, SourceClosedError
from osint.query import REPLACED, make_query


@pytest.fixture
def asking(open_case, origin, monkeypatch):
    """Ask with a collector whose interface at 127.0.0.1 wants a key, and that may post to ``/search``."""
    case = open_case(hosts=["127.0.0.1", "localhost"])
    manifest = dataclasses.replace(
        load("webpage").MANIFEST,
        name="keyed",
        key=Key(host="127.0.0.1", parameter="key", how="Register."),
        posts=(f"http://127.0.0.1:{origin.port}/search",),
        pace=7,
    )
    admission = case._gate.admit(make_query(url="http://127.0.0.1/"), "webpage/1")
    errand = Errand(search=admission.entry, standing=admission.standing)
    paces = []
    monkeypatch.setattr(case._door._patience, "keep_pace", lambda host, pace, limits: paces.append(pace))
    return SimpleNamespace(case=case, get=asker(manifest, case._door, errand), paces=paces)


def test_the_key_is_sent_and_is_in_no_byte_of_the_case(asking, origin, monkeypatch):
    """Neither raw nor spelt for an address."""
    monkeypatch.setenv("OSINT_KEY_KEYED", "planted+key")
    origin.serve("/list?key=planted%2Bkey", http(b"{}"))

    capture = asking.get(f"http://127.0.0.1:{origin.port}/list")

    assert origin.paths == ["/list?key=planted%2Bkey"]
    assert capture.url.endswith(f"?key={REPLACED}")
    written = b"".join(path.read_bytes() for path in asking.case.folder.rglob("*") if path.is_file())
    assert b"planted" not in written
    assert "planted" not in str([entry.private for entry in asking.case._ledger.entries()])
    asking.case.verify()


def test_the_key_goes_to_no_other_host(asking, origin, monkeypatch):
    """A next page that names another host does not get it."""
    monkeypatch.setenv("OSINT_KEY_KEYED", "planted-key")
    origin.serve("/list", http(b"{}"))

    asking.get(f"http://localhost:{origin.port}/list")

    assert origin.paths == ["/list"]


def test_without_the_key_nothing_is_asked(asking, origin, monkeypatch):
    """The words say where it goes, and what works without."""
    monkeypatch.delenv("OSINT_KEY_KEYED", raising=False)
    with pytest.raises(SourceClosedError, match="OSINT_KEY_KEYED"):
        asking.get(origin.serve("/list", http(b"{}")))
    assert origin.requests == []


def test_what_is_not_declared_is_not_posted_to(asking, origin, monkeypatch):
    """Only what reads and takes its question no other way."""
    monkeypatch.setenv("OSINT_KEY_KEYED", "k")
    origin.serve("/search?key=k", http(b"[]"))
    asking.get(f"http://127.0.0.1:{origin.port}/search", body={"take": 1})
    with pytest.raises(OutOfScopeError, match="may be posted to"):
        asking.get(f"http://127.0.0.1:{origin.port}/write", body={"take": 1})

    assert [request.split()[0] for request in origin.requests] == [b"POST"]


def test_the_pace_of_the_source_is_kept(asking, origin, monkeypatch):
    """The door is told of it with every request."""
    monkeypatch.setenv("OSINT_KEY_KEYED", "k")
    asking.get(origin.serve("/list?key=k", http(b"")).partition("?")[0])

    assert asking.paces == [7]


def test_the_key_is_sent_over_tls_or_within_this_machine_only(monkeypatch):
    """An address that a server names may be its own without TLS: whoever is on the way would read the key."""
    monkeypatch.setenv("OSINT_KEY_KEYED", "planted-key")
    asked = []
    door = SimpleNamespace(get=lambda _, url, **params: asked.append((url, params.get("key"))))
    key = Key(host="api.example", parameter="key", how="Register.")
    manifest = dataclasses.replace(load("webpage").MANIFEST, name="keyed", key=key)
    errand = Errand(search=None, standing=object())

    for url in ("https://api.example/", "http://api.example/"):
        asker(manifest, door, errand)(url)

    assert asked == [("https://api.example/", "planted-key"), ("http://api.example/", None)]


def test_evidence_answers_what_was_said_then_and_no_other_question(asking, origin, monkeypatch):
    """Two questions that are posted to one address have two answers."""
    monkeypatch.setenv("OSINT_KEY_KEYED", "k")
    origin.serve("/search?key=k", http(b"[1]"), http(b"[2]"))
    url = f"http://127.0.0.1:{origin.port}/search"
    for take in (1, 2):
        asking.get(url, body={"take": take})
    search = next(entry for entry in asking.case._ledger.entries() if entry.action == "search")
    known = preserved(asking.case._ledger.entries(), [search.leaf.hex()])

    def again(take: int) -> bytes:
        errand = Errand(search=search, standing=None, replay=deque(known))
        get = asker(dataclasses.replace(load("webpage").MANIFEST, posts=(url,)), asking.case._door, errand)
        return get(url, body={"take": take}, key=REPLACED).body

    assert again(1) == b"[1]"
    with pytest.raises(CaptureError, match="No exhibit of this run answers"):
        again(2)
