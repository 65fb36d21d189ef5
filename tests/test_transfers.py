"""Custody of what may open an account passes only when that is said, and goes on being known on the other side."""

from __future__ import annotations

import json

import pytest

import osint
from osint.chain_of_custody.keys import load_or_create
from osint.collecting.importing import restricted_exhibits
from osint.errors import LedgerError
from osint.report.hand_over import verify_package

PAGE = (
    b"<!doctype html><html><body><article><p>Jane Example was last seen near the harbour.</p></article></body></html>"
)
SMIT = osint.Handler(name="J. Smit", title="Detective, badge 4471", contact="+00 555 0101")
KLEIN = osint.Handler(name="R. Klein", title="Evidence custodian", contact="+00 555 0102")
TERMS = {"purpose": "laboratory", "place": "Room 2, Westmere", "condition": "sealed"}


def saved_by(**said):
    told = {
        "name": "J. Smit", "role": "officer", "at": "2026-05-30T10:15:00+02:00", "program": "Chromium 140",
        "came": "saved here", "logged_in": True, "as_whom": "@me",
    }  # fmt: skip
    return osint.SavedBy(**{**told, **said})


def har():
    request = {"method": "GET", "url": "https://news.example/", "headers": [{"name": "Cookie", "value": "sid=1"}]}
    return json.dumps({"log": {"entries": [{"request": request, "response": {"status": 404}}]}}).encode()


@pytest.fixture
def case(open_case, tmp_path):
    case = open_case(hosts=["news.example"])
    (tmp_path / "page.html").write_bytes(PAGE)
    (tmp_path / "log.har").write_bytes(har())
    case.import_file(tmp_path / "page.html", saved_by(address="https://news.example/", logged_in=False, as_whom=""))
    case.import_file(tmp_path / "log.har", saved_by())
    return case


@pytest.fixture
def laboratory(tmp_path, loopback):
    with osint.open_case(
        tmp_path / "there", investigator="R. Klein, laboratory", keys=tmp_path / "klein", network=loopback
    ) as there:
        yield there


def release(case, key, *exhibits, **more):
    terms = {**TERMS, **more}
    return case.transfers.release(exhibits, sender=SMIT, recipient=KLEIN, recipient_key=key, **terms)


def releases(case):
    return [entry for entry in case._ledger.entries() if entry.action == "release"]


def test_a_restricted_exhibit_is_released_only_when_that_is_said(case, laboratory):
    """
    The refusal is an entry and names the exhibit; so does the release. Others are no obstacle.
    """
    key = laboratory._ledger.performer
    with pytest.raises(LedgerError, match="E0002 may hold what opens somebody's account"):
        release(case, key, "E0001", "E0002")
    assert case.transfers.all() == []

    release(case, key, "E0001")
    release(case, key, "E0002", include_restricted=True)

    refused, first, second = releases(case)
    assert refused.outcome == "refused"
    assert "E0002" in str(refused.private["reasons"])
    assert ("restricted" in first.private, second.private["restricted"]) == (False, ["E0002"])


def test_what_became_restricted_after_its_release_is_not_consigned(case, laboratory, tmp_path, monkeypatch):
    """
    A release of an earlier version of this software, which did not ask, opens nothing.
    """
    with monkeypatch.context() as patch:
        patch.setattr("osint.phases.transfers.restricted_exhibits", lambda _: ())
        made = release(case, laboratory._ledger.performer, "E0002")

    with pytest.raises(LedgerError, match="E0002 may hold"):
        case.transfers.consign(made.release, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_who_received_a_restricted_exhibit_withholds_it_too(case, laboratory, tmp_path):
    """
    It is restricted in the other ledger, whose packages carry a derivative; the receipt fits as any other does.
    """
    made = release(case, laboratory._ledger.performer, "E0002", "E0001", include_restricted=True)
    known = [key.keyid for key in case.verify().keys]
    folder = case.transfers.consign(made.release, tmp_path / "out")

    taken = laboratory.transfers.take_in(folder, known=known, place="Room 3", condition="sealed")

    assert restricted_exhibits(laboratory._ledger.entries()) == (taken[0],)
    package = laboratory.export(tmp_path / "package").folder
    assert (package / "data" / "redacted" / f"{taken[0]}.har").is_file()
    assert verify_package(package).withheld_exhibits == (taken[0],)
    receipt = laboratory.transfers.receipt(tmp_path / "receipt", taken[0])
    theirs = [key.keyid for key in laboratory.verify().keys]
    assert case.transfers.acknowledge(receipt, known=theirs).state == "received"


def test_in_one_room_a_restricted_exhibit_passes_as_any_other(case, tmp_path):
    """
    Both sign; nothing leaves the case folder by that.
    """
    klein = load_or_create(tmp_path / "klein", "actor")
    made = release(case, klein.keyid, "E0002", include_restricted=True)

    done = case.transfers.receive(made.release, recipient=klein, place="Room 3", condition="sealed")

    assert done.state == "received"
