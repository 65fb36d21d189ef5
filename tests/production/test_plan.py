"""The plan of a production: who decides what is left out, which numbers it gets, and what no decision can let in."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import pairwise

import pytest
from origin import NOON
from produced import TO, decision, hand_in, produce, rows

from osint.chain_of_custody.sensitive_stop import locked_path
from osint.errors import AuthorizationError, ExportError, IntegrityError
from osint.policy.roster import read_roster
from osint.production.decision import _excluded
from osint.production.decision import prosecutor as prosecutor_of
from osint.production.items import Leaves, items
from osint.production.numbering import exhibits_of, productions, reservation, spans
from osint.production.plan import Item, Numbers
from osint.production.produce import Producing
from osint.report.hand_over import verify_package

HELD = {"E0001": "f" * 64, "E0002": "f" * 64}


@pytest.fixture
def case(open_case, tmp_path):
    case = open_case()
    hand_in(case, tmp_path, 1, 2, 3)
    return case


def refused(case, folder, *excluded, **said):
    """The grounds on which a production is refused, which are in the ledger, too."""
    with pytest.raises(AuthorizationError) as caught:
        produce(case, folder, *excluded, **said)
    entry = list(case._ledger.entries())[-1]
    assert (entry.action, entry.outcome) == ("produce", "refused")
    assert not folder.exists()
    return "\n".join(caught.value.reasons)


def test_every_item_has_one_fate_and_what_is_gone_tells_nothing(every_fate):
    """
    Of what was stopped or destroyed the plan knows the number and the ground, and neither hash, source nor title.
    """
    excluded = decision("E0002").excluded

    found = {each.exhibit: each for each in items(every_fate._dossier(), Leaves(excluded=excluded))}

    fates = {number: str(each.fate) for number, each in found.items()}
    assert list(fates.values()) == ["produced", "withheld", "sealed", "purged", "produced"]
    assert found["E0001"].exculpatory == "yes"
    assert found["E0001"].source == "note-1.txt"
    for gone in (found["E0003"], found["E0004"]):
        assert (gone.sha256, gone.source, gone.title, gone.size) == ("", "", "", 0)
        assert "entry" in gone.ground


@pytest.mark.parametrize(
    ("said", "ground"),
    [
        ({"decided_by": " "}, "decided_by is missing"),
        ({"authority": ""}, "authority is missing"),
        ({"prefix": "no prefix"}, "no prefix for numbers"),
        ({"prefix": "DOE1"}, "no digit last"),
        ({"unreviewed_acknowledged_by": ""}, "3 of 3 items were not reviewed for exculpatory value"),
        ({"contrary_facts": {"E0001": "none known", "E0002": " \u200b\u2060"}}, "E0002, E0003"),
        ({"profile": "fr"}, "neither us nor uk"),
        ({"used": ("E0009",)}, "E0009 is named as used and was never stored"),
    ],
    ids=["who", "authority", "prefix", "digit", "unreviewed", "contrary facts", "profile", "used"],
)
def test_what_a_prosecutor_did_not_decide_is_decided_by_nobody(case, tmp_path, said, ground):
    """
    Each thing that lacks is named, the refusal is an entry, and no number is given out.
    """
    assert ground in refused(case, tmp_path / "out", **said)
    assert case.productions().empty


def test_where_a_roster_is_in_force_a_prosecutor_of_it_decides(case, tmp_path, monkeypatch):
    """
    Named with or without the badge; nobody else, in whatever role. Without one, or without prosecutors, nobody can tell.
    """
    investigator = '[[person]]\nname = "J. Smit"\nbadge = "4471"\nroles = ["investigator"]\n'
    prosecutor = '[[person]]\nname = "K. de Vries"\nbadge = "12"\nroles = ["prosecutor"]\n'
    head = '[roster]\nagency = "Westmere Police"\nserial = 1\neffective = "2026-01-01"\n'
    assert prosecutor_of("K. de Vries", None).startswith("not checked")
    assert prosecutor_of("K. de Vries", read_roster(head + investigator)).startswith("not checked")
    roster = read_roster(head + investigator + prosecutor)
    assert [prosecutor_of(each, roster) for each in ("J. Smit, badge 4471", "L. de Vries", "anybody")] == [""] * 3
    assert prosecutor_of("K. de Vries, prosecutor", roster).startswith("K. de Vries, badge 12, by roster 1")

    monkeypatch.setattr(Producing, "_roster", roster)
    assert "names no prosecutor of roster 1" in refused(case, tmp_path / "out", decided_by="J. Smit, badge 4471")


@pytest.mark.parametrize(
    ("act", "ground"),
    [
        ({"exhibit": "E0099"}, "E0099 is excluded and was never stored"),
        ({"ground": ""}, "E0002 is excluded, and ground is missing"),
        ({"cited": ""}, "E0002 is excluded, and cited is missing"),
        ({"by": ""}, "E0002 is excluded, and by is missing"),
        ({"exhibit": "E0001"}, "E0001 is marked as exculpatory"),
    ],
    ids=["unknown", "no ground", "no citation", "nobody", "exculpatory"],
)
def test_leaving_out_is_an_act_with_a_ground(case, tmp_path, act, ground):
    """
    An exhibit that is marked as exculpatory needs a ground of its own; with it, it moves to the schedule.
    """
    case.mark("E0001", exculpatory=True)
    (given,) = decision("E0002").excluded

    assert ground in refused(case, tmp_path / "out", excluded=(replace(given, **act),))


def test_an_exculpatory_item_moves_to_the_schedule_with_its_own_ground(case, tmp_path):
    """
    It never vanishes: the schedule, the index of what is withheld and the signed plan name it.
    """
    case.mark("E0001", exculpatory=True)
    act = replace(decision("E0001").excluded[0], exculpatory_ground="disclosed by hand on 3 June 2026")

    produce(case, tmp_path / "out", excluded=(act,))

    listed = {row["exhibit"]: row for row in rows(tmp_path / "out/data/lists/withheld_index.csv")}
    assert (listed["E0001"]["ground"], listed["E0001"]["exculpatory"]) == ("work product", "yes")
    assert verify_package(tmp_path / "out").withheld_exhibits == ("E0001",)
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert not [path for path in files if b"words of note 1" in path.read_bytes()]


def test_an_exculpatory_item_is_not_masked_out_of_a_production_unseen(case, tmp_path):
    """
    Any officer masks; that of what may speak for somebody a copy leaves alone, a prosecutor has to know.
    """
    case.mark("E0001", exculpatory=True)
    case.mask_exhibit("E0001", reason="private facts")

    assert "E0001 is marked as exculpatory, and a redacted copy" in refused(case, tmp_path / "out")
    produce(case, tmp_path / "out", redacted_acknowledged_by="K. de Vries")

    assert rows(tmp_path / "out/data/lists/withheld_index.csv")[0]["exculpatory"] == "yes"


def test_what_has_the_same_bytes_is_left_out_with_it(case, tmp_path, monkeypatch):
    """
    A second number is no way round a decision.
    """
    ledger, second = case._ledger, case._ledger.exhibits()[1]
    same = [*ledger.exhibits(), type(second)("E0004", second.sha256, second.size, second.media, second.entry)]
    monkeypatch.setattr(type(ledger), "exhibits", lambda _: same)

    assert "E0004 has the same bytes as what is excluded" in refused(case, tmp_path / "out", "E0002")


def test_the_same_file_in_another_capture_is_left_out_with_it():
    """
    Two captures of one file differ in their bytes, since each has a nonce; what they hold does not.
    """
    one, other = (
        Item(exhibit=number, sha256=number * 16, size=1, entry=at, stored=NOON) for at, number in enumerate(HELD)
    )

    assert [*_excluded(decision("E0001"), [one, other], HELD)] == [
        "E0002 has the same bytes as what is excluded: the decision has to name it, too"
    ]
    assert [*_excluded(decision("E0001", "E0002"), [one, other], HELD)] == []


def test_after_a_restore_somebody_says_which_numbers_are_out(case, tmp_path):
    """
    The backup may not know every production: its numbers are not given out again, and that is said once.
    """
    case._ledger.restore(reason="the disk failed")

    assert "state the last number" in refused(case, tmp_path / "none")
    assert produce(case, tmp_path / "out", numbers_behind=40).first == "DOE000041"
    assert produce(case, tmp_path / "next").first == "DOE000044"


# -- what is stopped -------------------------------------------------------------------------------------------------


def test_a_stopped_item_is_in_no_file_of_a_production(every_fate, tmp_path):
    """
    Neither its bytes nor its hash as a file name, its words or a number; its place in the schedule is all there is.
    """
    made = produce(every_fate, tmp_path / "out")

    sealed = every_fate._ledger.exhibits()[2].sha256
    names = [path.name for path in made.folder.rglob("*")]
    assert not [name for name in names if name.startswith(sealed)]
    assert not [path for path in made.folder.rglob("*.*") if path.is_file() and b"words of note 3" in path.read_bytes()]
    (row,) = [row for row in rows(made.folder / "data/lists/disclosure_schedule.csv") if row["exhibit"] == "E0003"]
    assert (row["fate"], row["first number"]) == ("sealed", "")


def test_no_decision_brings_a_stopped_item_in(every_fate, tmp_path):
    """
    It can be neither excluded, which would give it another fate, nor named as a restricted original or as used.
    """
    assert "E0003 is sealed: nothing of it can be produced or excluded" in refused(every_fate, tmp_path / "a", "E0003")
    assert "E0003 is named as used and is sealed" in refused(every_fate, tmp_path / "b", used=("E0003",))
    with pytest.raises(ExportError, match="E0003 is no restricted exhibit"):
        every_fate.produce(tmp_path / "c", to=TO, release=decision(), include_restricted=["E0003"])


def test_bytes_of_a_stopped_item_that_were_put_back_do_not_leave(case, tmp_path, monkeypatch):
    """
    The case does not verify with them. Put back after that was looked at, they are not copied either.
    """
    stopped = case._ledger.exhibits()[0]
    case.stop_sensitive("E0001")

    def put_back():
        target = case._blobs.path(stopped.sha256)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(locked_path(case._blobs, stopped.sha256), target)

    def put_back_later(dossier=case._dossier, **said):
        gathered = dossier(**said)
        put_back()
        return gathered

    monkeypatch.setattr(case, "_dossier", put_back_later)
    made = produce(case, tmp_path / "late")
    assert not list(made.folder.rglob(f"{stopped.sha256}*"))
    monkeypatch.undo()
    with pytest.raises(IntegrityError, match="still there"):
        produce(case, tmp_path / "out")


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (lambda case: case.mask_exhibit("E0001", reason="private facts"), r"something was masked \(entry \d+\)"),
        (
            lambda case: case.mark("E0002", exculpatory=True),
            r"E0002, which is left out, was marked as exculpatory \(entry \d+\)",
        ),
    ],
    ids=["masked", "exculpatory"],
)
def test_what_would_have_been_decided_otherwise_ends_a_production(case, tmp_path, monkeypatch, does, said):
    """
    A mask that another process puts in force meanwhile is not left behind, nor what is found to speak for somebody.
    """
    from osint.production import contents

    def write_then(*given, write=contents.write_reader):
        write(*given)
        does(case)

    monkeypatch.setattr(contents, "write_reader", write_then)
    with pytest.raises(ExportError, match=f"{said} while it was written"):
        produce(case, tmp_path / "out", "E0002")

    assert not (tmp_path / "out").exists()


def test_a_stop_while_a_production_is_written_ends_it(case, tmp_path, monkeypatch):
    """
    What another process stops meanwhile is in no folder afterwards; the failure is an entry.
    """
    from osint.production import contents

    def write_then_stop(*given, write=contents.write_reader):
        write(*given)
        case.stop_sensitive("E0002")

    monkeypatch.setattr(contents, "write_reader", write_then_stop)
    with pytest.raises(ExportError, match="E0002 was stopped or destroyed while it was written"):
        produce(case, tmp_path / "out")

    assert [each.name for each in tmp_path.iterdir() if "out" in each.name] == []
    assert case.productions()["state"].to_list() == ["failed"]


# -- numbers ---------------------------------------------------------------------------------------------------------


def test_numbers_have_six_digits_or_more_and_are_read_in_one_way():
    """
    A prefix that ended in a digit would let two numbers be stamped alike.
    """
    numbers = Numbers(prefix="DOE")

    assert (numbers.label(1), numbers.label(1_234_567)) == ("DOE000001", "DOE1234567")
    assert numbers.number("DOE1234567") == 1_234_567
    for strange in ("DOE1", "doe000001", "DOE00000١", "XDOE000001"):
        with pytest.raises(ValueError, match="is no number"):
            numbers.number(strange)
    for prefix in ("", "doe", "A1", "1A", "A B", "A" * 17, "ÄA"):
        with pytest.raises(ExportError, match="no prefix"):
            Numbers(prefix=prefix)


def test_numbers_go_on_and_are_never_given_out_twice(case, tmp_path):
    """
    After one that was finished without a gap; after one that failed behind everything it had reserved.
    """
    first = produce(case, tmp_path / "one")
    second = produce(case, tmp_path / "two", prefix="ROE")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExportError):
        case.produce(tmp_path / "file" / "three", to=TO, release=decision(), pages="slip-sheets")
    third = produce(case, tmp_path / "four")

    table = case.productions()
    assert (first.first, first.last, second.first, second.last) == ("DOE000001", "DOE000003", "ROE000004", "ROE000006")
    spans_given = [(each.first, each.last) for each in productions(case._ledger.entries())]
    assert all(one[1] < other[0] for one, other in pairwise(spans_given))
    assert table["state"].to_list()[-1] == "done"
    assert third.number == len(table)


def test_two_that_plan_at_once_get_different_numbers(case, open_case):
    """
    Each has its plan in the ledger before the other reads its numbers: these follow from the order of the entries.
    """
    other = open_case(authorized=False)

    plans = [
        each._gate.log("produce", outcome="allowed", private={"release": {"prefix": "DOE"}}, result=reservation(50))
        for each in (case, other)
    ]

    for each in (case, other):
        given = {known.entry: (known.first, known.last) for known in productions(each._ledger.entries())}
        assert given == {plans[0].seq: (1, 50), plans[1].seq: (51, 100)}


def test_numbers_that_are_not_used_are_given_on_only_when_nobody_reserved_behind_them(case):
    """
    A finished production gives back what it did not use; not once another has numbers behind it.
    """

    def log(outcome, count, *refs):
        said = {"release": {"prefix": "DOE"}} if outcome == "allowed" else {}
        leaves = [each.leaf.hex() for each in refs]
        return case._gate.log("produce", outcome=outcome, private=said, result=reservation(count), refs=leaves)

    one = log("allowed", 50)
    log("done", 3, one)
    two = log("allowed", 50)
    log("allowed", 50)
    log("done", 3, two)
    log("allowed", 1)

    given = [(each.first, each.last) for each in productions(case._ledger.entries())]
    assert given == [(1, 3), (4, 6), (54, 103), (104, 104)]


def test_more_pages_than_were_reserved_are_reserved_before_anything_leaves(case, tmp_path, monkeypatch):
    """
    The second reservation is an entry of its own, and the production has numbers without a gap.
    """
    monkeypatch.setattr("osint.production.planning._PAGES", 0)

    made = produce(case, tmp_path / "out")

    assert (made.first, made.last) == ("DOE000001", "DOE000003")
    plans = [entry for entry in case._ledger.entries() if (entry.action, entry.outcome) == ("produce", "allowed")]
    assert [entry.result[0]["count"] for entry in plans] == [0, 3]


def test_exhibits_that_follow_each_other_are_drawn_together_and_read_back():
    """
    A plan of many thousand items is a short private value.
    """
    exhibits = ["E0001", "E0002", "E0003", "E0005", "E0007@3f9c12ab", "E0008@3f9c12ab", "E10000"]

    drawn = spans(exhibits)

    assert drawn == ["E0001-E0003", "E0005", "E0007@3f9c12ab-E0008@3f9c12ab", "E10000"]
    assert list(exhibits_of(drawn)) == exhibits
    assert list(exhibits_of(["nothing", "E1-x"])) == []


# -- what a later one says -------------------------------------------------------------------------------------------


def test_a_supplemental_production_says_what_changed(case, tmp_path):
    """
    New items, fates that are others now, what was withdrawn since, and the earlier numbers of the same items.
    """
    produce(case, tmp_path / "one", "E0002")
    case.stop_sensitive("E0003")
    hand_in(case, tmp_path, 4)
    produce(case, tmp_path / "two")

    table = {row["exhibit"]: row for row in rows(tmp_path / "two/data/lists/changes.csv")}
    said = {number: (row["change"], row["fate before"], row["fate now"]) for number, row in table.items()}
    assert said == {
        "E0001": ("same", "produced", "produced"),
        "E0002": ("changed", "withheld: work product, Rule 25.10", "produced"),
        "E0003": ("withdrawn", "produced", "sealed"),
        "E0004": ("new", "", "produced"),
    }
    assert table["E0001"]["numbers before"] == "DOE000001 (production 1)"
    assert table["E0001"]["numbers now"] == "DOE000004"
    assert case.productions()["withdrawn"].to_list() == [["E0003"], []]
    first = case.disclosures().iloc[0]
    assert (first["kind"], first["recipient"], len(first["to_tell"])) == ("production", TO, 1)


def test_another_ground_for_leaving_an_item_out_is_a_change(case, tmp_path):
    """
    Whoever withholds the same exhibit again says so on the same ground, or the list of changes shows both.
    """
    produce(case, tmp_path / "one", "E0001", "E0002")
    acts = decision("E0001", "E0002").excluded
    produce(case, tmp_path / "two", excluded=(acts[0], replace(acts[1], ground="privileged")))

    table = {row["exhibit"]: row for row in rows(tmp_path / "two/data/lists/changes.csv")}
    assert [table[each]["change"] for each in ("E0001", "E0002", "E0003")] == ["same", "changed", "same"]
    assert table["E0002"]["fate before"] == "withheld: work product, Rule 25.10"
    assert table["E0002"]["fate now"] == "withheld: privileged, Rule 25.10"
