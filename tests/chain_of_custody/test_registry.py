"""Which key may sign what: by the ledger that is written, and by whoever verifies it."""

from __future__ import annotations

import base64
import json

import pytest
from key_material import signer

from osint.chain_of_custody.draft import key_item
from osint.chain_of_custody.entry import pre_authentication, seal
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.ledger_rows import Record
from osint.chain_of_custody.verification import verify
from osint.errors import IntegrityError, LedgerError


class Altered:
    """A ledger whose lines were rewritten by someone who holds keys."""

    def __init__(self, ledger: Ledger, change) -> None:
        self._ledger, self._change = ledger, change

    def checkpoints(self) -> list[str]:
        return []

    def tokens(self) -> list:
        return []

    def cosignatures(self) -> list:
        return []

    def records(self, start: int = 0):
        previous = None
        for record in self._ledger.records():
            payload = json.loads(base64.b64decode(json.loads(record.line)["payload"]))
            payload, signers = self._change(payload)
            if previous is not None:
                payload["prev"] = previous
            line = seal(payload, signers)
            previous = leaf_of(line)
            yield Record(line + b"\n", ())


def leaf_of(line: bytes) -> str:
    from osint.chain_of_custody.merkle import leaf_hash

    return leaf_hash(line).hex()


def findings(ledger, **options) -> list[str]:
    with pytest.raises(IntegrityError) as caught:
        verify(ledger, **options)
    return [str(finding) for finding in caught.value.findings]


@pytest.fixture
def second():
    return signer("second", 64)


@pytest.fixture
def custodian():
    return signer("custodian", 96)


def test_a_second_person_is_introduced_and_may_cosign(ledger, second):
    """
    The new key signs the entry that introduces it, and from then on entries of others.
    """
    ledger.introduce(second, private={"investigator": "A. Berg, badge 12"})
    entry = ledger.append("note", cosigners=[second])

    assert verify(ledger).names == {0: "J. Smit", 1: "A. Berg, badge 12"}
    assert second.keyid in entry.signers


def test_introducing_a_known_key_writes_nothing(ledger, second):
    ledger.introduce(second)

    assert ledger.introduce(second) is None
    assert len(ledger) == 2


def test_a_cosigner_whom_nobody_introduced_is_refused(ledger, second):
    with pytest.raises(LedgerError, match="no entry introduces it"):
        ledger.append("note", cosigners=[second])

    assert len(ledger) == 1


def test_the_log_key_cannot_cosign(ledger, log):
    with pytest.raises(LedgerError, match="may not sign here"):
        ledger.append("note", cosigners=[log])


def test_a_rotated_actor_key_signs_nothing_more(ledger, actor, log, second, tmp_path):
    """
    Old and new key sign the change; the ledger goes on with the new one, and cannot be opened with the old.
    """
    entry = ledger.rotate(second, "actor")
    after = ledger.append("note")

    assert set(entry.signers) == {actor.keyid, second.keyid}
    assert after.performer == second.keyid
    verified = verify(ledger)
    assert [(key.keyid, key.ended, key.reason) for key in verified.keys if key.role == "actor"] == [
        (actor.keyid, 1, "rotated"), (second.keyid, None, ""),
    ]  # fmt: skip
    with pytest.raises(LedgerError, match="entry 1 rotated or revoked it"):
        Ledger.open(ledger.path, actor=actor, log=log)


def test_a_rotated_log_key_signs_no_checkpoint_more(ledger, log, second):
    """
    Checkpoints before the change are by the old key and stand; those after it are by the new one.
    """
    ledger.append("note")
    ledger.cut_checkpoint()
    entry = ledger.rotate(second, "log")
    ledger.cut_checkpoint()

    assert {log.keyid, second.keyid} <= set(entry.signers)
    assert verify(ledger).checkpoints == 2


def test_a_checkpoint_by_the_log_key_after_its_end_is_found(ledger, log, second):
    """
    The old log key still signs correctly; the ledger says that it has ended.
    """
    from osint.chain_of_custody import checkpoint

    ledger.rotate(second, "log")
    head = ledger.head()
    note = checkpoint.make(head.origin, head.size, head.root, log)
    ledger._file.open().execute("INSERT INTO checkpoints VALUES (?, ?)", (head.size, note))

    assert findings(ledger) == ["step 7: checkpoint 1 is not signed by the log key: No known key signed this note."]


def test_a_second_revocation_takes_no_doubt_back(ledger, actor, second):
    """
    Whoever said once that a key was stolen has said so; a later statement widens the doubt or leaves it.
    """
    ledger.introduce(second)
    ledger.revoke(second.keyid, "actor", reason="stolen", since=1)
    ledger.revoke(second.keyid, "actor", reason="departed", since=2**53 - 1)

    assert [(key.reason, key.disputed_from) for key in verify(ledger).keys if key.keyid == second.keyid] == [
        ("departed", 1)
    ]


def test_a_revoked_key_signs_nothing_more_and_its_late_entries_are_disputed(ledger, actor, second):
    """
    What it signed since it was unsafe stands and is named; what it signed before is not touched.
    """
    ledger.append("note")
    ledger.append("note")
    ledger.introduce(second, private={"investigator": "A. Berg, badge 12"})
    ledger.revoke(actor.keyid, "actor", reason="stolen", since=2)

    with pytest.raises(LedgerError, match="entry 4 rotated or revoked it"):
        ledger.append("note")
    verified = verify(ledger)
    assert len(verified.disputed) == 1
    assert "(stolen) as unsafe from entry 2 on; entries signed with it since then: 2-4." in verified.disputed[0]
    assert verified.disputed[0] in str(verified)


def test_revoking_an_unknown_key_is_refused(ledger, second):
    with pytest.raises(LedgerError, match="no entry introduces the actor key"):
        ledger.revoke(second.keyid, "actor", reason="lost", since=0)

    assert len(ledger) == 1


def test_a_custodian_vouches_for_the_successor_of_a_lost_key(ledger, actor, log, second, custodian):
    """
    The officer's key is gone; the custodian, appointed before, signs for the new one.
    """
    ledger.introduce(custodian, "custodian", basis="appointed", private={"investigator": "R. Klein, custodian"})
    ledger.close()

    with Ledger.open(
        ledger.path, actor=second, log=signer("log2", 128), performer={"investigator": "A. Berg"}, custodian=custodian
    ) as recovered:
        recovered.revoke(actor.keyid, "actor", reason="lost", since=2)
        recovered.append("note")
        verified = verify(recovered)

    assert [(key.role, key.basis) for key in verified.keys] == [
        ("actor", "opened"), ("log", "opened"), ("custodian", "appointed"), ("actor", "recovered"), ("log", "recovered"),
    ]  # fmt: skip


def test_recovery_by_someone_who_is_no_custodian_is_found(ledger, second, log, actor):
    """
    An actor cannot vouch for a successor as a custodian does.
    """
    forged = key_item(second, "actor", "recovered")

    def change(payload):
        if payload["seq"] == 1:
            return {**payload, "action": "key.add", "object": [forged], "_sd": []}, [actor, second]
        return payload, [actor]

    ledger.append("note")
    assert "step 5, entry 1: it introduces a key by recovery, and no custodian signed it." in findings(
        Altered(ledger, change)
    )


def attack(ledger, number, action, objects, signers, actor):
    def change(payload):
        if payload["seq"] == number:
            return {**payload, "action": action, "object": objects, "_sd": []}, signers
        return payload, [actor]

    return findings(Altered(ledger, change))


def test_a_key_introduced_without_its_own_signature_is_found(ledger, actor, second):
    ledger.append("note")

    assert any(
        "nobody has shown to hold that key" in each
        for each in attack(ledger, 1, "key.add", [key_item(second, "actor", "introduced")], [actor], actor)
    )


def test_a_key_that_is_introduced_as_if_it_signed_in_another_way_is_found(ledger, actor):
    """
    A fingerprint stands for one way of signing, so that it does not matter who reads the lines, and in which order.
    """
    ledger.append("note")
    item = {**key_item(actor, "custodian", "appointed"), "algorithm": "sshsig"}

    found = attack(ledger, 1, "key.add", [item], [actor], actor)

    assert found == ["step 5, entry 1: it introduces a key whose fingerprint does not fit."]


def test_a_log_key_introduced_as_a_persons_key_is_found(ledger, actor, log):
    ledger.append("note")

    assert any(
        "one key must not have both powers" in each
        for each in attack(ledger, 1, "key.add", [key_item(log, "actor", "introduced")], [actor, log], actor)
    )


def test_a_rotation_signed_by_the_new_key_alone_is_found(ledger, actor, second):
    """
    A thief with a key of their own cannot replace the officer's.
    """
    ledger.append("note")
    items = [{"key": actor.keyid, "role": "actor"}, key_item(second, "actor", "rotated")]

    def change(payload):
        if payload["seq"] == 1:
            performer = {"key": second.keyid}
            return {**payload, "action": "key.rotate", "object": items, "_sd": [], "performer": performer}, [second]
        return payload, [actor]

    assert any("did not both sign it" in each for each in findings(Altered(ledger, change)))


def test_a_rotation_that_names_no_old_key_is_found(ledger, actor, second):
    ledger.append("note")

    assert any(
        "exactly one old and one new key" in each
        for each in attack(ledger, 1, "key.rotate", [key_item(second, "actor", "rotated")], [actor, second], actor)
    )


def test_an_entry_signed_with_a_key_that_was_ended_is_found_at_that_entry(ledger, actor, second):
    """
    Someone who still holds the old key goes on with it after it was rotated.
    """
    ledger.rotate(second, "actor")
    ledger.append("note")

    def change(payload):
        if payload["seq"] == 2:
            return {**payload, "performer": {"key": actor.keyid}}, [actor]
        return payload, [actor, second] if payload["seq"] == 1 else [actor]

    found = findings(Altered(ledger, change))
    assert [
        f"step 5, entry 2: it is signed with {actor.keyid[:4]}…{actor.keyid[-2:]}, a key that entry 1 ended (rotated)."
    ] == found


def test_a_key_cannot_come_back_after_it_was_ended(ledger, actor, second):
    ledger.rotate(second, "actor")
    ledger.append("note")
    again = key_item(actor, "actor", "introduced")

    def change(payload):
        if payload["seq"] == 2:
            return {**payload, "action": "key.add", "object": [again], "_sd": []}, [second, actor]
        return payload, [actor, second] if payload["seq"] == 1 else [actor]

    assert any("a key again that entry 1 had ended" in each for each in findings(Altered(ledger, change)))


def test_a_revocation_of_a_key_unknown_to_the_ledger_is_found(ledger, actor, second):
    ledger.append("note")
    item = {"key": second.keyid, "role": "actor", "reason": "lost", "since": 0}

    assert any(
        "revokes a key that no entry introduces" in each
        for each in attack(ledger, 1, "key.revoke", [item], [actor], actor)
    )


def test_a_second_signature_that_does_not_fit_is_found(ledger, actor, second):
    """
    Every signature of an envelope has to fit, not only the performer's.
    """
    ledger.introduce(second)
    ledger.append("note", cosigners=[second])
    lines = [record.line for record in ledger.records()]
    envelope = json.loads(lines[2])
    envelope["signatures"][1]["sig"] = base64.b64encode(actor.sign(pre_authentication(b"other"))).decode()
    lines[2] = json.dumps(envelope, separators=(",", ":")).encode() + b"\n"

    class Lines(Altered):
        def records(self, start: int = 0):
            return iter([Record(line, ()) for line in lines])

    assert any(f"entry 2: the signature of {second.keyid[:4]}" in each for each in findings(Lines(ledger, None)))
