"""The sealed queue."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from records import NOON, PACK

from osint.chain_of_custody.keys import FileSigner, VerifierKey
from osint.errors import AuthorizationError, CaseError, IntegrityError, LedgerError
from osint.oversight import violations
from osint.oversight.violations import decide, open_violation, queue_report, report_violation, trust_officer

NAME = "misuse.westmere.example"
OFFICER = FileSigner("officer", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
REPORTED = FileSigner("actor", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
KEY = VerifierKey(NAME, OFFICER.public)
TEXT = "Officer Y looked up his former wife in case 2026-0417"


@pytest.fixture
def queue(tmp_path):
    return tmp_path / "queue"


def report(queue, text=TEXT, at=NOON):
    return report_violation(queue, KEY, text, at=at, about="Officer Y", reporter="B. Berg")


def test_only_the_officer_reads_a_report(queue):
    """Neither the person reported nor anybody else with another key; no word of it stands in clear, nor its length."""
    report(queue)
    report(queue, "no")

    assert open_violation(queue, 1, OFFICER) == {"text": TEXT, "about": "Officer Y", "reporter": "B. Berg"}
    with pytest.raises(LedgerError, match="not sealed to this key"):
        open_violation(queue, 1, REPORTED)
    first, second = (path.read_bytes() for path in sorted(queue.iterdir()))
    assert not [word for word in ("Officer", "Berg", "wife", "0417") if word.encode() in first]
    assert len(first) == len(second)


def test_the_key_that_seals_is_the_x25519_form_of_the_officers_key():
    """Known answer: what the private half gives by RFC 8032, and RFC 7748's map of the public half."""
    import hashlib

    private = X25519PrivateKey.from_private_bytes(hashlib.sha512(bytes(range(32))).digest()[:32])

    assert violations._public(OFFICER.public).public_bytes_raw() == private.public_key().public_bytes_raw()


def test_a_decision_is_signed_and_shows_how_long_a_report_waited(queue):
    """What is only received is overdue after a month."""
    report(queue)
    report(queue)
    decide(queue, 1, OFFICER, name=NAME, decision="opened", at=NOON + timedelta(days=3))
    decide(queue, 1, OFFICER, name=NAME, decision="upheld", at=NOON + timedelta(days=9))

    found = violations.violations(queue, [KEY])
    rows = queue_report(found, PACK, NOON + timedelta(days=31)).as_dict()["rows"]

    assert [each.state for each in found] == ["upheld", "waiting"]
    assert [(row["days to first look"], row["overdue"]) for row in rows] == [(3.0, ""), (31.0, "overdue")]


def test_a_decision_of_anybody_else_is_found(queue):
    """The person reported can write into the folder, and cannot say that it was not upheld."""
    receipt = report(queue)
    with pytest.raises(LedgerError, match="not sealed"):
        decide(queue, 1, REPORTED, name=NAME, decision="not-upheld", at=NOON)
    note = violations.sign_note(
        f"osint-violation-decision/v1\n1\n{receipt}\nnot-upheld\n2026-06-01T12:00:00Z\n", NAME, REPORTED
    )
    violations._append(queue, {"format": "osint-violation-decision/v1", "at": "2026-06-01T12:00:00Z", "note": note})

    with pytest.raises(IntegrityError, match="no decision of a known officer"):
        violations.violations(queue, [KEY])


def test_a_decision_from_another_queue_is_found(queue, tmp_path):
    """What the officer signed about one report says nothing of another with the same number."""
    other = tmp_path / "other"
    report(other)
    report(queue)
    decide(other, 1, OFFICER, name=NAME, decision="not-upheld", at=NOON)
    said = json.loads((other / "000002.json").read_text())
    violations._append(queue, {name: said[name] for name in ("format", "at", "note")})

    with pytest.raises(IntegrityError, match="fits no report"):
        violations.violations(queue, [KEY])


@pytest.mark.parametrize("attack", ["altered", "removed", "put in", "renamed"])
def test_a_queue_that_was_tampered_with_is_not_believed(queue, attack):
    """A report is taken all the same, and the officer can read each: nobody stops the next one by spoiling a file."""
    for _ in range(3):
        report(queue)
    second = queue / "000002.json"
    if attack == "altered":
        second.write_text(json.dumps({**json.loads(second.read_text()), "at": "2026-07-01T00:00:00Z"}))
    elif attack == "removed":
        second.unlink()
    elif attack == "renamed":
        (queue / "000003.json").rename(queue / "000009.json")
    else:
        (queue / "000004.json").write_bytes(second.read_bytes())

    with pytest.raises(IntegrityError):
        violations.violations(queue, [KEY])
    report(queue, "one more")
    assert open_violation(queue, max(int(path.stem) for path in queue.iterdir()), OFFICER)["text"] == "one more"


def test_a_report_cut_from_the_end_is_missed_by_its_receipt(queue):
    """Without the receipt nobody can know that it was there."""
    report(queue)
    receipt = report(queue)
    (queue / "000002.json").unlink()

    assert len(violations.violations(queue, [KEY])) == 1
    with pytest.raises(IntegrityError, match="receipts"):
        violations.violations(queue, [KEY], receipts=[receipt])


def test_two_who_report_at_once_both_get_a_place(queue, monkeypatch):
    """Who comes second takes the next number; nothing is written over."""
    written = violations._written

    def slow(data, target):
        monkeypatch.setattr(violations, "_written", written)
        report(queue, "the other was faster")
        return written(data, target)

    monkeypatch.setattr(violations, "_written", slow)
    report(queue)

    assert [open_violation(queue, number, OFFICER)["text"] for number in (1, 2)] == ["the other was faster", TEXT]
    assert not list(queue.glob("*.part"))


def test_nothing_is_reported_without_words_and_nothing_decided_but_what_can_be(queue, tmp_path):
    """And a report that is not there cannot be opened."""
    with pytest.raises(AuthorizationError, match="text is missing"):
        report(queue, "  ")
    with pytest.raises(CaseError, match="no report 1"):
        open_violation(queue, 1, OFFICER)
    report(queue)
    with pytest.raises(AuthorizationError, match="upheld"):
        decide(queue, 1, OFFICER, name=NAME, decision="forgotten", at=NOON)
    trust_officer(tmp_path / "officers.txt", str(KEY))
    assert trust_officer(tmp_path / "officers.txt", str(KEY)) == KEY
    assert violations.officers(tmp_path / "officers.txt") == [KEY]
