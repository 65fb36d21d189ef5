"""Verification of what erases and of what holds: two persons, and nothing against a hold."""

from __future__ import annotations

import pytest
from key_material import signer

from osint.chain_of_custody import sshsig
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.legal_hold import lift_hold, place_hold
from osint.chain_of_custody.trusted import TrustedHead
from osint.chain_of_custody.two_persons import Order
from osint.chain_of_custody.verification import verify
from osint.errors import IntegrityError

NOBODY = {"digest": "A" * 43}


@pytest.fixture
def chief(ledger):
    key = signer("chief", 64)
    ledger.introduce(key, private={"investigator": "A. Berg"})
    return key


@pytest.fixture
def order(chief) -> Order:
    return Order(authority="Order 1", reason="Settled.", requester="J. Smit", approver=chief, approver_name="A. Berg")


def test_an_erasure_against_a_hold_is_a_finding(ledger, chief):
    """
    Whoever has both keys and another program can write such an entry.
    """
    hold = place_hold(ledger, "litigation expected")
    entry = ledger.append("redact", object=[NOBODY], cosigners=[chief])

    with pytest.raises(IntegrityError, match=f"what the legal hold of entry {hold.seq} covers") as failure:
        verify(ledger)

    assert [(finding.step, finding.entry) for finding in failure.value.findings] == [(6, entry.seq)]


@pytest.mark.parametrize(("exhibit", "found"), [("E0001", True), ("E0002", False)])
def test_a_hold_on_an_exhibit_covers_its_purge(ledger, chief, exhibit, found):
    """
    Another exhibit may go.
    """
    for number in (1, 2):
        ledger.append("acquire", exhibit={"sha256": f"{number:064x}", "size": 1, "media": "application/warc"})
    place_hold(ledger, "litigation expected", exhibits=["E0001"])
    ledger.append("purge", object=[{"exhibit": exhibit}], cosigners=[chief])

    if found:
        with pytest.raises(IntegrityError, match="what the legal hold"):
            verify(ledger)
    else:
        assert verify(ledger).purged == 1


def test_a_hold_that_two_persons_lifted_stands_in_nobodys_way(ledger, chief, order):
    """
    Neither does one that was refused.
    """
    lift_hold(ledger, place_hold(ledger, "litigation expected").seq, order)
    ledger.append("hold", outcome="refused")
    ledger.append("redact", object=[NOBODY], cosigners=[chief])

    assert verify(ledger).holds == ()


def test_a_hold_that_one_person_lifted_is_a_finding(ledger):
    """
    It goes on to hold.
    """
    hold = place_hold(ledger, "litigation expected")
    ledger.append("unhold", refs=[hold.leaf.hex()])

    with pytest.raises(IntegrityError, match="lifts a legal hold and is not signed by two persons"):
        verify(ledger)


def test_holds_in_force_are_noticed(ledger):
    """
    Whoever relies on the ledger has to know.
    """
    hold = place_hold(ledger, "litigation expected")

    assert f"The legal hold of entry {hold.seq} is in force on the whole case." in verify(ledger).noticed()


def test_one_key_in_two_spellings_is_one_person(ledger, actor):
    """
    As SSH spells it, it has another fingerprint.
    """
    same = type("Same", (), {"name": "same", "algorithm": "sshsig"})()
    same.public = sshsig.plain_blob(actor.public)
    same.keyid = sha256(same.public)
    same.sign = lambda message: _ssh_signed(actor, message)
    ledger.introduce(same)
    ledger.append("redact", object=[NOBODY], cosigners=[same])

    with pytest.raises(IntegrityError, match="not signed by two persons"):
        verify(ledger)


def _ssh_signed(actor, message: bytes) -> bytes:
    signature = sshsig.pack(b"ssh-ed25519", actor.sign(sshsig.to_sign(message)))
    return sshsig.envelope(sshsig.plain_blob(actor.public), signature)


def test_a_verification_that_goes_on_remembers_holds(ledger, chief):
    """
    Also through the note that an earlier one left.
    """
    place_hold(ledger, "litigation expected", exhibits=[])
    since = TrustedHead.from_json(verify(ledger).trusted.to_json())
    assert since == verify(ledger).trusted
    ledger.append("redact", object=[NOBODY], cosigners=[chief])

    with pytest.raises(IntegrityError, match="what the legal hold"):
        verify(ledger, since=since)
