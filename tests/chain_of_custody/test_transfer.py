"""Custody passed on: in one room, and between two ledgers."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from hand_over import take_in
from key_material import signer

from osint.chain_of_custody.consignment import (
    acknowledge,
    read_consignment,
    received_here,
    write_consignment,
    write_receipt,
)
from osint.chain_of_custody.consignment import take_in as take_in_consignment
from osint.chain_of_custody.disclosure import read as read_disclosure
from osint.chain_of_custody.hands import hands
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.transfer import Handler, receive, refuse, release, transfers
from osint.chain_of_custody.verification import verify
from osint.errors import EvidenceError, LedgerError
from osint.store.blobs import FolderBlobs

SMIT = Handler(name="J. Smit", title="Detective, badge 4471", contact="+00 555 0101")
KLEIN = Handler(name="R. Klein", title="Evidence custodian", contact="+00 555 0102")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TERMS = {"purpose": "laboratory", "place": "Room 2, Westmere", "condition": "sealed, unbroken"}


@pytest.fixture
def blobs(tmp_path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "evidence")


@pytest.fixture
def klein():
    return signer("klein", 64)


@pytest.fixture
def case(ledger, blobs):
    """A ledger with three exhibits."""
    for data in (b"first", b"second", b"third"):
        take_in(ledger, blobs, data, url="https://social.example/@jane")
    return ledger


def released(case, klein, exhibits=("E0001", "E0002"), **changes) -> str:
    terms = {**TERMS, **changes}
    entry = release(case, exhibits, sender=SMIT, recipient=KLEIN, recipient_key=klein.keyid, present=NOON, **terms)
    return entry.leaf.hex()


def states(ledger, present=NOON) -> list[str]:
    return [transfer.state for transfer in transfers(ledger, present)]


def holders(ledger, present=NOON) -> list[str]:
    return [found[-1].name for found in hands(ledger, present).values()]


# -- in one room -----------------------------------------------------------------------------------------------------


def test_a_release_alone_moves_nothing(case, klein):
    """
    Somebody sent something: the sender holds it until it is received.
    """
    released(case, klein)

    assert states(case) == ["open"]
    assert holders(case) == ["J. Smit"] * 3


def test_receiving_passes_custody_and_both_have_signed(case, blobs, klein, actor):
    leaf = released(case, klein, seal="4711", medium="disk WD-1")
    entry = receive(case, leaf, blobs, recipient=klein, place="Room 3", condition="seal 4711 unbroken", present=NOON)

    assert set(entry.signers) == {actor.keyid, klein.keyid}
    assert states(case) == ["received"]
    assert holders(case) == ["R. Klein", "R. Klein", "J. Smit"]
    first, second = hands(case, NOON)["E0001"]
    assert (first.name, first.until) == ("J. Smit", entry.end_time)
    assert (second.title, second.contact, second.place, second.condition, second.purpose, second.until) == (
        "Evidence custodian", "+00 555 0102", "Room 3", "seal 4711 unbroken", "laboratory", None,
    )  # fmt: skip
    verify(case)


def test_a_person_who_joins_does_not_take_the_name_of_who_writes(case, klein, blobs):
    """
    The entry that introduces a recipient names the recipient; what is taken in afterwards is still the officer's.
    """
    leaf = released(case, klein)
    receive(case, leaf, blobs, recipient=klein, place="Room 3", condition="good", present=NOON)
    take_in(case, blobs, b"fourth", url="https://social.example/@jane")

    assert holders(case)[-1] == "J. Smit"


def test_refusing_leaves_custody_where_it_was(case, klein):
    leaf = released(case, klein)
    entry = refuse(case, leaf, recipient=klein, reason="the seal is broken", present=NOON)

    assert entry.private == {"reason": "the seal is broken"}
    assert (states(case), holders(case)) == (["refused"], ["J. Smit"] * 3)
    released(case, klein)


def test_a_release_expires_and_can_be_made_anew(case, klein, blobs):
    leaf = released(case, klein, expires=NOON + timedelta(days=1))
    late = NOON + timedelta(days=2)

    assert (states(case), states(case, late)) == (["open"], ["expired"])
    with pytest.raises(LedgerError, match="it is expired"):
        receive(case, leaf, blobs, recipient=klein, place="Room 3", condition="good", present=late)
    release(case, ["E0001"], sender=SMIT, recipient=KLEIN, recipient_key=klein.keyid, present=late, **TERMS)


def test_the_recipient_computes_every_hash_anew(case, klein, blobs):
    """
    An exhibit was changed between release and receipt: nothing passes, and the attempt is on record.
    """
    leaf = released(case, klein)
    path = blobs.path(case.exhibits()[1].sha256)
    path.chmod(0o600)
    path.write_bytes(b"other!")

    with pytest.raises(EvidenceError, match="exhibit E0002 gives"):
        receive(case, leaf, blobs, recipient=klein, place="Room 3", condition="good", present=NOON)
    assert [entry.outcome for entry in case.entries() if entry.action == "receive"] == ["failed"]
    assert (states(case), holders(case)) == (["open"], ["J. Smit"] * 3)


def test_only_the_key_that_was_named_can_receive_or_refuse(case, klein, blobs):
    leaf, other = released(case, klein), signer("other", 96)

    with pytest.raises(LedgerError, match="names the key"):
        receive(case, leaf, blobs, recipient=other, place="Room 3", condition="good", present=NOON)
    with pytest.raises(LedgerError, match="names the key"):
        refuse(case, leaf, recipient=other, reason="mine", present=NOON)


def test_what_was_answered_is_not_answered_again(case, klein, blobs):
    leaf = released(case, klein)
    receive(case, leaf, blobs, recipient=klein, place="Room 3", condition="good", present=NOON)

    with pytest.raises(LedgerError, match="it is received"):
        refuse(case, leaf, recipient=klein, reason="second thoughts", present=NOON)


@pytest.mark.parametrize(
    ("exhibits", "changes", "says"),
    [
        (["E0009"], {}, "E0009 is not in this ledger"),
        ([], {}, "no exhibit is named"),
        (["E0001", "E0001"], {}, "E0001 is named twice"),
        (["E0001"], {"purpose": " "}, "states purpose in words"),
        (["E0001"], {"expires": NOON}, "is past"),
    ],
)
def test_a_release_that_says_too_little_is_refused(case, klein, exhibits, changes, says):
    with pytest.raises(LedgerError, match=says):
        released(case, klein, exhibits, **changes)

    assert states(case) == []


def test_an_exhibit_never_has_two_recipients(case, klein):
    released(case, klein)

    with pytest.raises(LedgerError, match=r"E0002 was released by entry 4 already \(open\)"):
        released(case, klein, ["E0002", "E0003"])


def test_a_person_is_named_with_title_and_contact():
    with pytest.raises(LedgerError, match="title, contact"):
        Handler(name="R. Klein", title="", contact=" ")


def test_who_it_was_is_private_and_can_be_erased(case, klein):
    """
    In clear stand exhibits, hashes and keys; after erasing, the hands are there without their names.
    """
    leaf = released(case, klein)
    entry = next(entry for entry in case.entries() if entry.leaf.hex() == leaf)

    assert b"Klein" not in entry.line
    case.erase(entry.payload["_sd"])
    assert states(case) == ["open"]


# -- between two ledgers ---------------------------------------------------------------------------------------------


@pytest.fixture
def laboratory(tmp_path, klein):
    """The recipient's own ledger and evidence."""
    blobs = FolderBlobs(tmp_path / "laboratory")
    with Ledger.create(
        tmp_path / "laboratory.sqlite", actor=klein, log=signer("lab-log", 128), performer={"investigator": "R. Klein"}
    ) as ledger:
        yield ledger, blobs


def fingerprints(ledger) -> set[str]:
    return {item["key"] for entry in ledger.entries() for item in entry.object if "public" in item}


def sent(case, blobs, leaf, tmp_path):
    return write_consignment(case, leaf, blobs, tmp_path / "stick")


def taken(laboratory, case, folder, **changes):
    ledger, blobs = laboratory
    said = {"known": fingerprints(case), "key": ledger.entry(0).performer, "place": "Laboratory", "condition": "good"}
    return take_in_consignment(ledger, blobs, folder, present=NOON, **{**said, **changes})


def test_a_consignment_is_received_elsewhere_and_acknowledged(case, blobs, klein, laboratory, tmp_path):
    """
    Release here, receive there, receipt back: both ledgers verify, and both say who holds what.
    """
    leaf = released(case, klein)
    folder = sent(case, blobs, leaf, tmp_path)
    entries = taken(laboratory, case, folder)

    theirs, their_blobs = laboratory
    assert [entry.exhibit for entry in entries] == ["E0001", "E0002"]
    assert states(case) == ["open"]
    receipt = write_receipt(theirs, leaf, tmp_path / "receipt")
    acknowledge(case, receipt, known=fingerprints(theirs), present=NOON)

    assert (states(case), holders(case)) == (["received"], ["R. Klein", "R. Klein", "J. Smit"])
    assert [hand.name for hand in hands(theirs, NOON)["E0001"]] == ["J. Smit", "R. Klein"]
    assert verify(theirs, their_blobs).exhibits == 2
    verify(case, blobs)


def test_the_receipt_tells_nothing_private(case, blobs, klein, laboratory, tmp_path):
    leaf = released(case, klein)
    taken(laboratory, case, sent(case, blobs, leaf, tmp_path))
    receipt = write_receipt(laboratory[0], leaf, tmp_path / "receipt")

    told = b"".join(path.read_bytes() for path in receipt.iterdir())
    assert b"Klein" not in told
    names = {read_disclosure(line)[0] for path in receipt.glob("*.txt") if path.stem != "keys" for line in lines(path)}
    assert names == {"place", "condition"}


def lines(path) -> list[str]:
    return path.read_text(encoding="ascii").split()


def test_place_and_condition_are_those_of_the_recipient(case, blobs, klein, laboratory, tmp_path):
    """
    The sender's ledger says where and how the exhibits arrived, not how they were sent off.
    """
    leaf = released(case, klein, place="Room 2", condition="sealed")
    theirs, their_blobs = laboratory
    take_in_consignment(
        theirs, their_blobs, sent(case, blobs, leaf, tmp_path), known=fingerprints(case), key=klein.keyid,
        place="Laboratory, bench 4", condition="seal broken", present=NOON,
    )  # fmt: skip
    receipt = write_receipt(theirs, leaf, tmp_path / "receipt")
    entry = acknowledge(case, receipt, known=fingerprints(theirs), present=NOON)

    last = hands(case, NOON)["E0001"][-1]
    assert (last.place, last.condition) == ("Laboratory, bench 4", "seal broken")
    assert (entry.private["place"], entry.private["condition"]) == ("Laboratory, bench 4", "seal broken")
    verify(case, blobs)


def test_a_receipt_that_does_not_say_how_they_arrived_leaves_that_open(case, blobs, klein, laboratory, tmp_path):
    """
    As receipts of an earlier release: the sender's own words are not put into the recipient's mouth.
    """
    leaf = released(case, klein)
    taken(laboratory, case, sent(case, blobs, leaf, tmp_path))
    receipt = write_receipt(laboratory[0], leaf, tmp_path / "receipt")
    for path in receipt.glob("*.disclosures.txt"):
        path.unlink()
    acknowledge(case, receipt, known=fingerprints(laboratory[0]), present=NOON)

    last = hands(case, NOON)["E0001"][-1]
    assert (last.name, last.place, last.condition) == ("R. Klein", "", "")


def test_an_interrupted_receipt_is_completed_once(case, blobs, klein, laboratory, tmp_path, monkeypatch):
    """
    The machine stops after the first exhibit; the second call takes in the other one only.
    """
    leaf = released(case, klein)
    folder = sent(case, blobs, leaf, tmp_path)
    theirs, their_blobs = laboratory
    whole = type(their_blobs).put
    left = [True]

    def put(self, temporary):
        if not left:
            raise RuntimeError("the machine stopped")
        left.clear()
        return whole(self, temporary)

    monkeypatch.setattr(type(their_blobs), "put", put)
    with pytest.raises(RuntimeError):
        taken(laboratory, case, folder)
    monkeypatch.undo()

    assert len(received_here(theirs, leaf)) == 1
    assert [entry.exhibit for entry in taken(laboratory, case, folder)] == ["E0001", "E0002"]
    assert [entry.exhibit for entry in taken(laboratory, case, folder)] == ["E0001", "E0002"]


def test_an_exhibit_that_changes_after_it_was_checked_is_not_recorded(
    case, blobs, klein, laboratory, tmp_path, monkeypatch
):
    """
    Between the check and the copy somebody may exchange the bytes on the stick.
    """
    leaf = released(case, klein)
    folder = sent(case, blobs, leaf, tmp_path)
    copyfile = "osint.chain_of_custody.consignment.shutil.copyfile"
    monkeypatch.setattr(copyfile, lambda source, copy: copy.write_bytes(b"something else"))

    with pytest.raises(EvidenceError, match="E0001 changed meanwhile"):
        taken(laboratory, case, folder)

    assert received_here(laboratory[0], leaf) == []


def flipped(path) -> None:
    data = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :])


@pytest.mark.parametrize("name", ["entry-4.jsonl", "entry-4.tlog-proof", "entry-4.disclosures.txt", "evidence"])
def test_a_consignment_that_was_altered_on_the_way_is_not_taken_in(case, blobs, klein, laboratory, tmp_path, name):
    folder = sent(case, blobs, released(case, klein), tmp_path)
    path = folder / name
    flipped(next(path.rglob("*.gz")) if path.is_dir() else path)

    with pytest.raises((LedgerError, EvidenceError)):
        taken(laboratory, case, folder)
    theirs, their_blobs = laboratory
    assert list(their_blobs.digests()) == []
    assert [(entry.action, entry.outcome) for entry in theirs.entries()][1:] == [("receive", "failed")]


def test_an_exhibit_that_is_missing_is_missed(case, blobs, klein, laboratory, tmp_path):
    folder = sent(case, blobs, released(case, klein), tmp_path)
    next((folder / "evidence").rglob("*.gz")).unlink()

    with pytest.raises(EvidenceError, match="is not what was released"):
        taken(laboratory, case, folder)


def test_a_consignment_for_another_key_is_not_taken_in(case, blobs, klein, laboratory, tmp_path):
    folder = sent(case, blobs, released(case, signer("other", 96)), tmp_path)

    with pytest.raises(LedgerError, match="is for the key"):
        taken(laboratory, case, folder)


def test_an_expired_consignment_is_not_taken_in(case, blobs, klein, laboratory, tmp_path):
    folder = sent(case, blobs, released(case, klein, expires=NOON + timedelta(hours=1)), tmp_path)

    with pytest.raises(LedgerError, match="has expired"):
        theirs, their_blobs = laboratory
        take_in_consignment(
            theirs, their_blobs, folder, known=fingerprints(case), key=klein.keyid, place="Lab", condition="good",
            present=NOON + timedelta(hours=2),
        )  # fmt: skip


def test_a_sender_whose_keys_are_not_known_counts_for_nothing(case, blobs, klein, tmp_path, actor, log):
    """
    The keys that came with the consignment prove nothing by themselves.
    """
    folder = sent(case, blobs, released(case, klein), tmp_path)

    for known, missing in ((set(), "log key"), ({actor.keyid}, "log key"), ({log.keyid}, "actor key")):
        with pytest.raises(LedgerError, match=f"Nothing was received: the {missing}.*their actor key and the log key"):
            read_consignment(folder, known)
    assert read_consignment(folder, {actor.keyid, log.keyid}).release.seq == 4


def test_a_receipt_for_other_exhibits_leaves_the_release_open(case, blobs, klein, laboratory, tmp_path):
    """
    Two releases; the receipt of a part of one answers neither.
    """
    leaf = released(case, klein)
    folder = sent(case, blobs, leaf, tmp_path)
    taken(laboratory, case, folder)
    receipt = write_receipt(laboratory[0], leaf, tmp_path / "receipt")
    last = sorted(receipt.glob("entry-*.jsonl"))[-1]
    for path in receipt.glob(f"{last.stem}*"):
        path.unlink()

    with pytest.raises(LedgerError, match="for other exhibits"):
        acknowledge(case, receipt, known=fingerprints(laboratory[0]), present=NOON)
    assert states(case) == ["open"]


def test_a_receipt_by_a_stranger_leaves_the_release_open(case, blobs, klein, laboratory, tmp_path, actor):
    """
    Someone else received a copy into a ledger of their own: their key is not the one that the release names.
    """
    leaf = released(case, klein)
    sent(case, blobs, leaf, tmp_path)
    stranger, blobs2 = signer("stranger", 160), FolderBlobs(tmp_path / "stranger")
    with Ledger.create(tmp_path / "stranger.sqlite", actor=stranger, log=signer("sl", 192)) as theirs:
        for exhibit, data in zip(case.exhibits(), (b"first", b"second"), strict=False):
            with blobs2.temporary() as temporary:
                temporary.write_bytes(data)
                blobs2.put(temporary)
            item = {"exhibit": exhibit.number, "sha256": exhibit.sha256, "size": exhibit.size, "media": exhibit.media}
            theirs.append(
                "receive", object=[item, {"leaf": leaf}], exhibit={k: v for k, v in item.items() if k != "exhibit"}
            )
        receipt = write_receipt(theirs, leaf, tmp_path / "receipt")
        with pytest.raises(LedgerError, match="by another key"):
            acknowledge(case, receipt, known=fingerprints(theirs), present=NOON)
    assert states(case) == ["open"]


def test_a_consignment_never_writes_over_anything(case, blobs, klein, tmp_path):
    leaf = released(case, klein)
    sent(case, blobs, leaf, tmp_path)

    with pytest.raises(LedgerError, match="is there already"):
        sent(case, blobs, leaf, tmp_path)
    shutil.rmtree(tmp_path / "stick")
    sent(case, blobs, leaf, tmp_path)
