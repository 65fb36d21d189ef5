"""What the ledger's table says of its time stamps and cosignatures: checked, claimed, or not accepted."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta

import pytest
from key_material import signer
from tsa import NOON, StampingAuthority

from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.checkpoint import make
from osint.chain_of_custody.cosignature import WitnessKey, cosign
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.timestamp import Token, check, stamp
from osint.chain_of_custody.timestamp_renewal import renewal_text
from osint.chain_of_custody.witness_policy import WitnessPolicy
from osint.report import custody_table as module
from osint.report.custody_table import custody_table

ACTOR, LOG, WITNESS, STRANGER = (signer(name, first) for name, first in zip("alws", (0, 32, 64, 96), strict=True))
COURT = WitnessKey("witness.example/court", WITNESS.public)


@pytest.fixture
def authority(tmp_path) -> StampingAuthority:
    return StampingAuthority.create(tmp_path / "tsa")


@pytest.fixture
def ledger(tmp_path) -> Iterator[Ledger]:
    """Three entries, the first two under checkpoint 1."""
    ticks = iter(range(10**6))
    with Ledger.create(
        tmp_path / "ledger.sqlite",
        actor=ACTOR,
        log=LOG,
        performer={"investigator": "J. Smit"},
        clock=lambda: NOON + timedelta(seconds=next(ticks)),
    ) as made:
        made.append("note", private={"text": "first"})
        made.cut_checkpoint()
        made.append("note", private={"text": "second"})
        yield made


def keep(ledger: Ledger, authority: StampingAuthority, document: bytes, size: int, **covers: str) -> Token:
    """Have a document stamped and keep the token, which is one more entry."""
    token = stamp(document, size, authority.pinned(), authority.exchange(), **covers)
    ledger.keep_token(token, check(token, [authority.pinned()]))
    return token


def trusting(authority: StampingAuthority | None = None, policy: str = "") -> Anchors:
    return Anchors(
        timestamps=(authority.pinned(),) if authority else (), witnesses=WitnessPolicy.read(policy) if policy else None
    )


def lines(ledger: Ledger, anchors: Anchors | None = None) -> list[str]:
    return custody_table(ledger, anchors).anchoring.lines()


def test_a_time_stamp_of_a_trusted_authority_is_named_with_it(ledger, authority):
    """
    The entries under it lie before its time; those after are said to be under no checkpoint.
    """
    token = keep(ledger, authority, ledger.checkpoints()[0].encode(), 2)
    table = custody_table(ledger, trusting(authority))

    assert table.anchoring.lines() == [
        "Entries 0-1 lie before 2026-06-01T12:00:00Z (time stamp of Westmere time stamps over checkpoint 1; "
        f"token {token.sha256[:16]}…; checked).",
        "Entries 2-3 are under no checkpoint yet.",
    ]
    assert list(table["anchored"].notna()) == [True, True, False, False]


def test_without_an_authority_of_the_reader_the_time_is_a_claim(ledger, authority):
    """
    Who names no authority is told that nothing was checked.
    """
    keep(ledger, authority, ledger.checkpoints()[0].encode(), 2)
    table = custody_table(ledger)

    assert "recorded, not checked here" in table.anchoring.lines()[0]
    assert table["anchored"][0] == "claimed 2026-06-01T12:00:00Z"


def test_a_time_stamp_of_another_authority_counts_for_nothing(ledger, authority):
    """
    A token that the reader's authority did not sign anchors no entry, and is named with the reason.
    """
    keep(ledger, authority, ledger.checkpoints()[0].encode(), 2)
    table = custody_table(ledger, trusting(authority.another(50)))

    assert not table["anchored"].notna().any()
    assert (
        "A time stamp over 2 entries was not accepted (wrong-certificate). It counts for nothing here."
        in table.anchoring.lines()
    )


def test_a_time_stamp_over_another_history_counts_for_nothing(ledger, authority):
    """
    A good token over a checkpoint that is not of this ledger anchors none of its entries.
    """
    keep(ledger, authority, make("osint/other", 2, bytes(32), LOG).encode(), 2)
    table = custody_table(ledger, trusting(authority))

    assert not table["anchored"].notna().any()
    assert "A time stamp over 2 entries is over no checkpoint of this ledger" in table.anchoring.lines()[-1]


def test_a_renewal_is_named_and_bounds_no_entry(ledger, authority):
    """
    A renewal is later than what it renews, so it is said and sets no time.
    """
    token = keep(ledger, authority, ledger.checkpoints()[0].encode(), 2)
    document = renewal_text(ledger.origin, 3, "ab" * 64, [token])
    keep(ledger, authority, document, 3, covers="renewal")
    shown = lines(ledger, trusting(authority))

    assert shown[0].startswith("Entries 0-1 lie before 2026-06-01T12:00:00Z")
    assert shown[-1] == (
        "Time stamps over the first 3 entries were renewed by Westmere time stamps, 2026-06-01T12:00:00Z."
    )


def test_a_cosignature_of_a_trusted_witness_counts_towards_the_quorum(ledger):
    """
    The witness has the name that the reader's policy gives it; the quorum is said with its rule.
    """
    line = cosign(ledger.checkpoints()[0], COURT.name, WITNESS, NOON)
    ledger.keep_cosignature(2, line, witness=COURT.name, time=NOON)
    shown = lines(ledger, trusting(policy=f"witness court {COURT}\nquorum court\n"))

    assert shown[0] == (
        "Entries 0-1 are under checkpoint 1 but no time stamp; cosigned by court, 2026-06-01T12:00:00Z (checkpoint 1; "
        "checked)."
    )
    assert shown[-1] == "Enough witnesses cosigned the first 2 entries: court."


def test_a_quorum_that_is_not_reached_is_not_claimed(ledger):
    """
    One of two witnesses is shown, and is not enough.
    """
    other = WitnessKey("witness.example/other", STRANGER.public)
    line = cosign(ledger.checkpoints()[0], COURT.name, WITNESS, NOON)
    ledger.keep_cosignature(2, line, witness=COURT.name, time=NOON)
    policy = f"witness court {COURT}\nwitness other {other}\ngroup both all court other\nquorum both\n"

    assert "cosigned by court" in lines(ledger, trusting(policy=policy))[0]
    assert not any("Enough witnesses" in line for line in lines(ledger, trusting(policy=policy)))


@pytest.mark.parametrize(
    "anchors", [None, trusting(policy=f"witness other {WitnessKey('o', STRANGER.public)}\nquorum other\n")]
)
def test_a_cosignature_of_an_unknown_witness_is_a_claim(ledger, anchors):
    """
    A witness that the reader does not know is named as it names itself, and as not checked.
    """
    line = cosign(ledger.checkpoints()[0], COURT.name, WITNESS, NOON)
    ledger.keep_cosignature(2, line, witness=COURT.name, time=NOON)
    shown = lines(ledger, anchors)

    assert "cosigned by witness.example/court, 2026-06-01T12:00:00Z (checkpoint 1; recorded, not" in shown[0]
    assert not any("Enough witnesses" in line for line in shown)


def test_a_stranger_under_the_name_of_a_trusted_witness_makes_no_quorum(ledger):
    """
    Who only calls himself as the policy calls its witness is not checked, and not counted.
    """
    line = cosign(ledger.checkpoints()[0], "court", STRANGER, NOON)
    ledger.keep_cosignature(2, line, witness="court", time=NOON)
    shown = lines(ledger, trusting(policy=f"witness court {COURT}\nquorum court\n"))

    assert "cosigned by court, 2026-06-01T12:00:00Z (checkpoint 1; recorded, not" in shown[0]
    assert not any("Enough witnesses" in line for line in shown)


def test_the_quorum_that_reaches_furthest_is_said(ledger):
    """
    Of two cosigned checkpoints the later one.
    """
    ledger.cut_checkpoint()
    for size, note in zip((2, 3), ledger.checkpoints(), strict=True):
        ledger.keep_cosignature(size, cosign(note, COURT.name, WITNESS, NOON), witness=COURT.name, time=NOON)

    assert lines(ledger, trusting(policy=f"witness court {COURT}\nquorum court\n"))[-1] == (
        "Enough witnesses cosigned the first 3 entries: court."
    )


def test_a_forged_cosignature_counts_for_nothing(ledger):
    """
    A line in the name of a trusted witness that does not fit the checkpoint is named and not shown as its word.
    """
    line = cosign(make(ledger.origin, 2, bytes(32), LOG), COURT.name, WITNESS, NOON)
    ledger.keep_cosignature(2, line, witness=COURT.name, time=NOON)
    shown = lines(ledger, trusting(policy=f"witness court {COURT}\nquorum court\n"))

    assert not any("cosigned" in each for each in shown)
    assert shown[-1] == "A cosignature over 2 entries was not accepted (bad-cosignature). It counts for nothing here."


@pytest.mark.parametrize(
    "line",
    ["no signature line", "— w.example " + base64.b64encode(b"\xff" * 76).decode(), "— w.example AAAA", ""],
    ids=["no line", "no possible time", "too short", "empty"],
)
def test_a_line_that_is_no_cosignature_is_named(ledger, line):
    """
    What a damaged ledger holds in place of a cosignature ends in a sentence.
    """
    ledger.keep_cosignature(2, line, witness="w.example", time=NOON)

    assert lines(ledger)[-1] == (
        "A cosignature over 2 entries was not accepted (malformed). It counts for nothing here."
    )


def test_a_cosignature_over_no_checkpoint_is_named(ledger, monkeypatch):
    """
    A damaged ledger may hold a cosignature of a size that no checkpoint has.
    """
    monkeypatch.setattr(ledger, "cosignatures", lambda: [(99, cosign(ledger.checkpoints()[0], "w", WITNESS, NOON))])

    assert "A cosignature over 99 entries is over no checkpoint of this ledger" in lines(ledger)[-1]


def test_a_damaged_checkpoint_keeps_its_number(ledger, authority, monkeypatch):
    """
    The others are numbered as they are in an export.
    """
    ledger.cut_checkpoint()
    notes = ["damaged", *ledger.checkpoints()[1:]]
    keep(ledger, authority, notes[1].encode(), 3)
    monkeypatch.setattr(ledger, "checkpoints", lambda: notes)

    assert "over checkpoint 2" in lines(ledger, trusting(authority))[0]


def test_entries_appended_meanwhile_are_not_taken_for_lost_ones(ledger, tmp_path, monkeypatch):
    """
    Rows and anchors are of one moment, whatever another process writes between reading the two.
    """
    real = module.custody_frame

    def frame(given: Ledger):
        read = real(given)
        with Ledger.open(tmp_path / "ledger.sqlite", actor=ACTOR, log=LOG) as other:
            other.append("note", private={"text": "meanwhile"})
            other.cut_checkpoint()
        return read

    monkeypatch.setattr(module, "custody_frame", frame)

    assert lines(ledger) == [
        "Entries 0-1 are under checkpoint 1 but no time stamp.", "Entry 2 is under no checkpoint yet.",
    ]  # fmt: skip


def test_many_bad_cosignatures_do_not_flood_the_table(ledger, monkeypatch):
    """
    A hostile ledger makes the table longer by a dozen lines and a count.
    """
    monkeypatch.setattr(ledger, "cosignatures", lambda: [(size, "x") for size in range(10, 1010)])
    shown = lines(ledger)

    assert len(shown) < 20
    assert shown[-1] == "988 further remarks are not shown."
