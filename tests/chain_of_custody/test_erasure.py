"""Erasure on order: what two persons can destroy, what stops them, and what the ledger says afterwards."""

from __future__ import annotations

import base64
import subprocess
import sys
from dataclasses import replace

import pytest
from hand_over import take_in
from key_material import signer

from osint.chain_of_custody import erasure, ledger_file, ledger_reader, sshsig
from osint.chain_of_custody.erasure import (
    Chosen,
    Disclosed,
    carry_out,
    choose,
    decide,
    disclosed,
    orders_to_finish,
    periods_kept,
)
from osint.chain_of_custody.keys import load_or_create
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.legal_hold import holds_in_force, lift_hold, place_hold
from osint.chain_of_custody.two_persons import Order, approver_from, are_two
from osint.chain_of_custody.verification import verify
from osint.errors import AuthorizationError, IntegrityError, LedgerError, OsintError
from osint.store.blobs import FolderBlobs

JANE = "@jane@social.example"
CHIEF = "A. Berg, badge 12"


@pytest.fixture
def chief():
    return signer("chief", 64)


@pytest.fixture
def order(chief) -> Order:
    return Order(
        authority="Circuit Court, order 26-1184",
        reason="The record was expunged.",
        requester="J. Smit",
        approver=chief,
        approver_name=CHIEF,
    )


@pytest.fixture
def blobs(tmp_path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "evidence")


@pytest.fixture
def kept(ledger, blobs) -> Ledger:
    """Entry 1 an authority, 2 a search, 3 and 4 exhibits, 5 a note."""
    authority = ledger.append("authorize", private={"authorization": {"accounts": [JANE], "since": "2026-05-01"}})
    search = ledger.append(
        "search",
        outcome="allowed",
        private={"query": {"account": JANE, "since": "2026-05-01", "until": "2026-05-31"}},
        authorization=authority.leaf.hex(),
    )
    on = {"authorization": authority.leaf.hex(), "refs": [search.leaf.hex()]}
    for data, url in ((b"first", "https://social.example/%40jane"), (b"second", "https://social.example/@dawn")):
        take_in(ledger, blobs, data + b" with a nonce", url=url)
    for number in (1, 2):
        exhibit = {"sha256": f"{number:064x}", "size": 5, "media": "application/warc"}
        ledger.append("acquire", exhibit=exhibit, private={"url": f"https://social.example/{number}", "place": 0}, **on)
    ledger.append("note", private={"text": "The neighbour calls her Jane Example."})
    return ledger


def erased(ledger, blobs, order, action="redact", **chosen):
    decided = decide(ledger, action, choose(ledger, **{"values": {}, "containing": None} | chosen), order)
    orders = decided.write(ledger)
    carry_out(ledger, blobs, orders)
    return orders


def files_of(ledger) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(ledger.path.parent.glob("ledger.sqlite*")))


# -- what it does ------------------------------------------------------------------------------------------------------


def test_redacted_values_are_gone_from_the_file_and_the_ledger_verifies(kept, blobs, order):
    """
    Rows, free pages and the write-ahead log hold neither value nor salt; the summary says what was erased.
    """
    gone = [each for each in disclosed(kept) if each.entry in (1, 2)]
    texts = [record for seq in (1, 2) for record in list(kept.records())[seq].disclosures]
    assert all(text.encode() in files_of(kept) for text in texts)

    (entry,) = erased(kept, blobs, order, containing=JANE)

    assert not any(text.encode() in files_of(kept) for text in texts)
    assert JANE not in str([each.value for each in disclosed(kept)])
    assert {item["digest"] for item in entry.object} == {each.digest for each in gone}
    assert set(entry.refs) == {each.leaf for each in gone}
    summary = verify(kept)
    assert (summary.erased, summary.withheld) == (2, 0)
    assert "2 private values were erased, as entries of the ledger record." in str(summary)


def test_an_order_names_authority_reason_and_both_persons_and_nothing_of_what_it_erases(kept, blobs, order, chief):
    """
    The entry is the tombstone: signed by both in one envelope.
    """
    (entry,) = erased(kept, blobs, order, containing="jane@social")

    assert set(entry.signers) == {kept.entry(0).performer, chief.keyid}
    assert are_two(entry)
    stated = {name: entry.private[name] for name in ("authority", "reason", "requester", "approver")}
    assert stated == order.private
    assert "jane" not in str(entry.private) + str(entry.payload)
    assert {"kind": "values", "count": 2} in entry.result


def test_no_entry_that_was_read_before_stays_in_memory(kept):
    """
    Entries that were read are kept by this process; what is destroyed is let go.
    """
    (digest,) = [each.digest for each in disclosed(kept) if "Jane Example" in str(each.value)]
    held = len(list(kept.entries())) + len(list(kept.entries_at([0])))

    kept.erase([digest])

    assert held and ledger_reader.parsed.cache_info().currsize == ledger_reader._compared.cache_info().currsize == 0
    assert "Jane Example" not in str([entry.private for entry in kept.entries()])


def test_values_are_chosen_by_entry_and_name(kept, blobs, order):
    """
    Only what is named goes.
    """
    erased(kept, blobs, order, values={1: ["authorization"], 5: None})

    assert kept.entry(1).private == {}
    assert kept.entry(5).private == {}
    assert kept.entry(2).private["query"]["account"] == JANE


@pytest.mark.parametrize(
    "value",
    [
        "https://social.example/search?q=%40JANE%40social.example",
        "see &#64;jane&#64;social.example",
        'quoted "\\u0040jane@social.example"',
        {"deep": [{"inside": base64.b64encode(b"x" + JANE.encode()).decode()}]},
        JANE.encode("utf-16-le").hex(),
    ],
    ids=["an address", "HTML", "JSON in JSON", "base64", "hexadecimal"],
)
def test_a_text_is_found_in_values_however_it_is_spelt(kept, blobs, order, value):
    """
    What is chosen by a text is what a search for that text would find.
    """
    number = kept.append("note", private={"text": value}).seq

    erased(kept, blobs, order, containing=JANE)

    assert kept.entry(number).private == {}


def test_the_period_of_an_erased_question_stays(kept, blobs, order):
    """
    Two days tell nobody, and say which posts were within what was asked.
    """
    erased(kept, blobs, order, containing=JANE)

    assert periods_kept(kept.entries()) == {kept.entry(2).leaf.hex(): {"since": "2026-05-01", "until": "2026-05-31"}}


def test_purged_bytes_are_gone_and_no_other_exhibit_is_touched(kept, blobs, order):
    """
    The file of the exhibit is not there any more; the other one has the bytes it had.
    """
    first, second = kept.exhibits()[:2]
    before = blobs.path(second.sha256).read_bytes()

    (entry,) = erased(kept, blobs, order, "purge", exhibits=["E0001"])

    assert not blobs.path(first.sha256).exists()
    assert not blobs.path(first.sha256).parent.exists()
    assert blobs.path(second.sha256).read_bytes() == before
    assert kept.entry(3).private == {}
    assert kept.entry(4).private != {}
    assert [item for item in entry.object if "exhibit" in item] == [{"kind": "exhibit", "exhibit": "E0001"}]
    assert entry.refs == (kept.entry(3).leaf.hex(),)


def test_a_ledger_with_a_purged_exhibit_verifies_with_its_evidence(ledger, blobs, order):
    """
    Its absence is no finding, and the summary says that it was ordered.
    """
    for data in (b"one", b"two"):
        take_in(ledger, blobs, data, url="https://social.example/1")

    erased(ledger, blobs, order, "purge", exhibits=["E0002"])

    summary = verify(ledger, blobs)
    assert (summary.exhibits, summary.purged) == (1, 1)
    assert "1 evidentiary copy was destroyed, as the ledger records." in str(summary)


def test_numbers_beside_an_exhibit_stay(kept, blobs, order):
    """
    The place of a file in its order tells nobody, and keeps it from being fetched again.
    """
    erased(kept, blobs, order, "purge", exhibits=["E0003"])

    assert kept.entry(5).private == {"place": 0}


def test_a_long_order_has_several_entries(ledger, blobs, order, monkeypatch):
    """
    A line holds at most a mebibyte.
    """
    monkeypatch.setattr(erasure, "_ITEMS_OF_AN_ENTRY", 2)
    for number in range(5):
        ledger.append("note", private={"text": f"{JANE} {number}"})

    orders = erased(ledger, blobs, order, containing=JANE)

    assert [len(entry.object) for entry in orders] == [2, 2, 1]
    assert verify(ledger).erased == 5


def test_an_order_of_thousands_fits_into_its_lines(kept, order):
    """
    Also when every value stands in an entry of its own.
    """
    values = [Disclosed(5, f"{number:064x}", f"{number:043d}", "text", "words") for number in range(9000)]

    orders = decide(kept, "redact", Chosen(values=tuple(values)), order).write(kept)

    assert [len(entry.object) for entry in orders] == [3000] * 3
    assert [len(entry.refs) for entry in orders] == [3000] * 3


# -- what it refuses ---------------------------------------------------------------------------------------------------


def test_one_person_alone_cannot_erase(kept, order, actor, log, chief):
    """
    Not with the same key, nor with the same key as SSH spells it, nor with the log key, nor under one name twice.
    """
    same = type("Same", (), {"name": "same", "algorithm": "sshsig", "sign": actor.sign})()
    same.public = sshsig.plain_blob(actor.public)
    same.keyid = "0" * 64
    attempts = [
        replace(order, approver=actor),
        replace(order, approver=same),
        replace(order, approver=log),
        replace(order, approver_name=" j.  SMIT"),
    ]
    before = list(disclosed(kept))

    for number, attempt in enumerate(attempts, 1):
        with pytest.raises(AuthorizationError, match=r"not a second person|one person with two keys"):
            decide(kept, "redact", choose(kept, values={}, containing=JANE), attempt)
        refusal = kept.entry(len(kept) - 1)
        assert (refusal.action, refusal.outcome) == ("redact", "refused")
        assert len(kept) == 8 + number

    assert [each for each in disclosed(kept) if each.entry < 8] == before
    assert verify(kept).erased == 0


def test_a_key_is_not_lent_to_another_name(kept, blobs, order):
    """
    Whom the ledger knows by one name does not approve under another.
    """
    erased(kept, blobs, order, values={5: None})

    with pytest.raises(AuthorizationError, match="under another name"):
        erased(kept, blobs, replace(order, approver_name="C. Duda, badge 9"), containing=JANE)


def test_no_second_person_is_made_out_of_an_empty_folder(tmp_path, chief):
    """
    A mistyped folder gives no key; one with a key gives that key.
    """
    with pytest.raises(LedgerError, match="holds no key of a person"):
        approver_from(tmp_path / "slip")
    assert not (tmp_path / "slip").exists()
    made = load_or_create(tmp_path / "keys", "actor")

    assert approver_from(tmp_path / "keys").keyid == made.keyid


@pytest.mark.parametrize("missing", ["authority", "reason", "approver_name"])
def test_an_order_states_its_authority_its_reason_and_the_approver(kept, order, missing):
    """
    Whatever is missing is named.
    """
    with pytest.raises(AuthorizationError, match=f"{missing} is missing"):
        decide(kept, "redact", choose(kept, values={}, containing=JANE), replace(order, **{missing: " "}))


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"containing": JANE}, {"reason": "Expunge jane@social.example"}),
        ({"containing": JANE}, {"authority": "Order about %40jane%40social.example"}),
        ({"containing": JANE}, {"approver_name": JANE}),
        ({"values": {5: None}}, {"reason": 'It said: "https://social.example/1"'}),
    ],
)
def test_an_order_does_not_repeat_what_it_erases(kept, order, chosen, said):
    """
    Otherwise the value would stand in the ledger again; the refusal does not repeat it either.
    """
    with pytest.raises(AuthorizationError, match="repeats what is to be erased"):
        decide(kept, "redact", choose(kept, **{"values": {}, "containing": None} | chosen), replace(order, **said))

    assert list(kept.entry(len(kept) - 1).private) == ["reasons"]


def test_who_signs_may_be_named_though_the_same_name_is_erased_elsewhere(kept, blobs, order):
    """
    An authority that the chief approved can be erased with the chief's approval.
    """
    number = kept.append("note", private={"approver": CHIEF}).seq

    erased(kept, blobs, order, values={number: None})

    assert kept.entry(number).private == {}


def test_what_is_not_there_is_an_error_and_no_entry(kept, blobs, order):
    """
    Unknown exhibits, entries and names, purged exhibits, a text that stands nowhere.
    """
    erased(kept, blobs, order, "purge", exhibits=["E0001"])
    before = len(kept)

    for chosen in (
        {"exhibits": ["E0001"]},
        {"exhibits": ["E0099"]},
        {"values": {99: None}},
        {"values": {2: ["url"]}},
        {"values": {3: ["url"]}},
        {"containing": "nobody@nowhere.example"},
    ):
        with pytest.raises(LedgerError, match="Nothing was erased"):
            erased(kept, blobs, order, **chosen)
    with pytest.raises(OsintError, match="by chance"):
        erased(kept, blobs, order, containing=" ja ")

    assert len(kept) == before


def test_an_exhibit_that_shares_its_bytes_is_not_purged_alone(ledger, blobs, order):
    """
    Purging one would touch the other.
    """
    for _ in range(2):
        take_in(ledger, blobs, b"the same bytes", url="https://social.example/1")

    with pytest.raises(AuthorizationError, match="E0002 has the same bytes"):
        erased(ledger, blobs, order, "purge", exhibits=["E0001"])
    erased(ledger, blobs, order, "purge", exhibits=["E0001", "E0002"])

    assert verify(ledger, blobs).purged == 2


def test_a_ledger_opened_for_reading_erases_nothing(kept, blobs, order):
    """
    There is no key to sign with.
    """
    with Ledger.read(kept.path) as reading, pytest.raises(LedgerError, match="opened for reading"):
        erased(reading, blobs, order, containing=JANE)


# -- legal hold --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["redact", "purge"])
def test_a_hold_on_the_case_stops_every_erasure(kept, blobs, order, action):
    """
    The refusal names the hold, is logged, and destroys nothing.
    """
    hold = place_hold(kept, "litigation expected in 26-CV-0091", authority="preservation letter of 3 May")
    exhibits = {"exhibits": ["E0001"]} if action == "purge" else {}

    with pytest.raises(AuthorizationError, match=f"legal hold: hold of entry {hold.seq} on the whole case"):
        erased(kept, blobs, order, action, containing=JANE, **exhibits)

    refusal = kept.entry(len(kept) - 1)
    assert (refusal.action, refusal.outcome) == (action, "refused")
    assert kept.entry(1).private != {}
    assert blobs.holds(kept.exhibits()[0].sha256)


def test_a_hold_on_an_exhibit_covers_its_bytes_and_what_it_rests_on(kept, blobs, order):
    """
    The search and the authority that led to it stay; another exhibit does not.
    """
    place_hold(kept, "needed in 26-CV-0091", exhibits=["E0004"])

    for chosen in ({"exhibits": ["E0004"]}, {"exhibits": ["E0001", "E0004"]}):
        with pytest.raises(AuthorizationError, match="on E0004"):
            erased(kept, blobs, order, "purge", **chosen)
    for entry in (1, 2, 6):
        with pytest.raises(AuthorizationError, match="on E0004"):
            erased(kept, blobs, order, values={entry: None})

    erased(kept, blobs, order, "purge", exhibits=["E0001"])
    erased(kept, blobs, order, values={7: None})


def test_leads_added_to_the_authority_of_a_held_exhibit_are_held(kept, blobs, order):
    """
    They are part of what it was collected under.
    """
    lead = kept.append("extend", private={"leads": {"accounts": [JANE]}}, authorization=kept.entry(1).leaf.hex())
    place_hold(kept, "needed in 26-CV-0091", exhibits=["E0003"])

    with pytest.raises(AuthorizationError, match="on E0003"):
        erased(kept, blobs, order, values={lead.seq: None})


def test_a_hold_is_lifted_by_two_persons(kept, blobs, order, chief):
    """
    Afterwards what it covered can be erased again.
    """
    hold = place_hold(kept, "litigation expected")
    assert [each.entry for each in holds_in_force(kept.entries())] == [hold.seq]

    lifted = lift_hold(kept, hold.seq, order)

    assert lifted.refs == (hold.leaf.hex(),)
    assert chief.keyid in lifted.signers
    assert holds_in_force(kept.entries()) == []
    erased(kept, blobs, order, containing=JANE)


def test_one_person_lifts_no_hold(kept, order, actor):
    """
    Neither by asking, nor by an entry with one signature.
    """
    hold = place_hold(kept, "litigation expected")

    with pytest.raises(AuthorizationError, match="not a second person"):
        lift_hold(kept, hold.seq, replace(order, approver=actor))
    assert (kept.entry(len(kept) - 1).action, kept.entry(len(kept) - 1).outcome) == ("unhold", "refused")
    kept.append("unhold", refs=[hold.leaf.hex()])

    assert [each.entry for each in holds_in_force(kept.entries())] == [hold.seq]


def test_what_is_no_hold_in_force_cannot_be_lifted(kept, order):
    """
    An entry of another kind, or a hold that was lifted.
    """
    hold = place_hold(kept, "litigation expected")
    lift_hold(kept, hold.seq, order)

    for place in (0, hold.seq):
        with pytest.raises(AuthorizationError, match=f"entry {place} placed no hold"):
            lift_hold(kept, place, order)


def test_a_hold_names_exhibits_of_the_case_and_a_reason(kept):
    """
    Otherwise nobody knew what it covers or why.
    """
    with pytest.raises(LedgerError, match="E0099 is not in this case"):
        place_hold(kept, "litigation expected", exhibits=["E0001", "E0099"])
    with pytest.raises(LedgerError, match="say why"):
        place_hold(kept, " ")


# -- finishing ---------------------------------------------------------------------------------------------------------


def test_an_order_that_was_not_carried_out_is_found_and_finished(kept, blobs, order):
    """
    As after a kill between the entry and the destruction.
    """
    chosen = choose(kept, values={}, containing=JANE, exhibits=["E0001"])
    orders = decide(kept, "purge", chosen, order).write(kept)
    assert kept.entry(1).private != {}

    assert [entry.seq for entry in orders_to_finish(kept, blobs)] == [entry.seq for entry in orders]
    carry_out(kept, blobs, orders_to_finish(kept, blobs))

    assert kept.entry(1).private == {}
    assert not blobs.holds(kept.exhibits()[0].sha256)
    assert orders_to_finish(kept, blobs) == []


def test_an_order_with_one_signature_destroys_nothing(kept, blobs):
    """
    Whoever holds one key can write such an entry, and verification finds it.
    """
    digest = next(each.digest for each in disclosed(kept) if each.entry == 1)
    kept.append("purge", object=[{"exhibit": "E0001"}, {"digest": digest}])

    assert orders_to_finish(kept, blobs) == []
    with pytest.raises(IntegrityError, match="not signed by two persons"):
        verify(kept)


def test_a_refused_order_destroys_nothing(kept, blobs, order, chief):
    """
    Whatever it names, and whoever signed the refusal.
    """
    kept.introduce(chief, private={"investigator": CHIEF})
    kept.append("purge", outcome="refused", object=[{"exhibit": "E0001"}], cosigners=[chief])

    assert orders_to_finish(kept, blobs) == []


def test_a_hold_placed_after_an_order_stops_what_is_left_of_it(kept, blobs, order):
    """
    What is still there is preserved; with the hold lifted the order is finished.
    """
    decide(kept, "purge", choose(kept, values={}, containing=None, exhibits=["E0001"]), order).write(kept)
    hold = place_hold(kept, "litigation expected", exhibits=["E0001"])

    assert orders_to_finish(kept, blobs) == []
    lift_hold(kept, hold.seq, order)
    assert len(orders_to_finish(kept, blobs)) == 1


READER = """
import sys, apsw
database = apsw.Connection(sys.argv[1], flags=apsw.SQLITE_OPEN_READONLY)
database.execute("BEGIN").execute("SELECT count(*) FROM disclosures").fetchall()
print("reading", flush=True)
sys.stdin.read()
"""


def test_another_process_that_reads_the_ledger_is_an_error_that_says_so_and_the_step_can_be_repeated(
    tmp_path, actor, log, blobs, order, monkeypatch
):
    """
    As long as it reads, the old bytes stay in the log; afterwards the same order is carried out to the end.
    """
    monkeypatch.setattr(ledger_file, "_PATIENCE_MS", 100)
    with Ledger.create(tmp_path / "ledger.sqlite", actor=actor, log=log) as ledger:
        ledger.append("note", private={"text": JANE})
        text = next(iter(ledger.records(1))).disclosures[0].encode()
        arguments = [sys.executable, "-c", READER, str(ledger.path)]
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
            assert reader.stdout.readline() == b"reading\n"
            with pytest.raises(LedgerError, match="open elsewhere"):
                erased(ledger, blobs, order, containing=JANE)
            (entry,) = [entry for entry in ledger.entries() if entry.action == "redact"]
            reader.communicate(b"")
        carry_out(ledger, blobs, [entry])

        assert text not in files_of(ledger)
        assert ledger.entry(1).private == {}
