"""The sample of a period, and the reviews of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from agency import head_over
from records import JUNE, NOON, PACK, SMIT, RealCase, case_of, search, unit_of

from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.keys import VerifierKey, load_or_create
from osint.errors import AuthorizationError, CaseError, IntegrityError, LedgerError
from osint.oversight.reviews import read_reviews, review_report, write_review
from osint.oversight.sample import draw
from osint.oversight.unit import read_unit

AFTER = JUNE.until + timedelta(days=31)
REVIEWER = "sgt.klein.westmere.example"


@pytest.fixture
def unit(tmp_path):
    """Fourteen steps of level 1, and three of level 2 in a case about a gang."""
    one, two = RealCase(tmp_path, "one"), RealCase(tmp_path, "two")
    one.authorize()
    one.search(14)
    two.authorize(purpose="gang")
    two.search(3)
    return read_unit([one.closed(), two.closed()])


@pytest.fixture
def klein(tmp_path):
    return load_or_create(tmp_path / "of-klein", "actor")


def test_all_of_level_2_is_drawn_and_ten_of_level_1_at_least(unit):
    """Five percent of fourteen would be one."""
    sample = draw(unit, JUNE, PACK)

    assert [each.why for each in sample.drawn if each.level == 2] == ["gang"] * 3
    assert sum(each.level == 1 for each in sample.drawn) == 10
    assert (sample.of, sample.uncovered) == (14, ())


def steps(count):
    """Return a case of so many steps of level 1, with a head over them."""
    return case_of("one", *(search(place, SMIT, f"a{place}") for place in range(count)))


def test_five_percent_of_many():
    """Of 260 steps thirteen are drawn."""
    assert len(draw(unit_of(steps(260)), JUNE, PACK).drawn) == 13


def test_whoever_has_the_heads_draws_the_same_sample(unit):
    """By the two lines of the documentation, and nothing of this program but the leaf hashes."""
    sample = draw(unit, JUNE, PACK)
    seed = bytes.fromhex(sha256("".join(sorted(sample.heads)).encode()))
    steps = [entry for entry in unit.by_name["one"].entries if entry.action == "search"]
    again = sorted(steps, key=lambda entry: sha256(seed + entry.leaf))[:10]

    assert [entry.seq for entry in again] == [each.act.entry.seq for each in sample.drawn if each.level == 1]
    assert all(
        head in [note.split("\n\n")[0] + "\n" for case in unit.cases for note in case.checkpoints]
        for head in sample.heads
    )
    assert sample.seed.hex() in str(sample.report())


def test_one_more_entry_before_the_head_draws_another_sample():
    """Nobody can tell beforehand which steps it will be."""
    drawn = [{each.act.entry.seq for each in draw(unit_of(steps(count)), JUNE, PACK).drawn} for count in (40, 41)]

    assert drawn[0] != drawn[1]


def test_a_case_without_a_head_over_the_period_is_named(tmp_path, unit):
    """Nothing is drawn of it, and it does not vanish either."""
    open_one = RealCase(tmp_path, "three")
    open_one.authorize()
    open_one.search(2)
    open_one.ledger.close()

    sample = draw(read_unit([tmp_path / "one", tmp_path / "three"]), JUNE, PACK)

    assert sample.uncovered == ("three",)
    assert "three" in str(sample.report())


def test_a_head_that_does_not_fit_the_entries_draws_nothing(unit):
    """Entries taken out after the head was signed would hide steps from the sample."""
    one, _ = unit.cases
    cut = replace(one, entries=[entry for entry in one.entries if entry.seq != 7])

    with pytest.raises(IntegrityError, match="does not fit"):
        draw(unit_of(cut), JUNE, PACK)


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ({"subjects": ["A", "B"]}, "subjects"),
        ({"nexus": "threats were posted there", "approver": "Sgt. A. Klein", "counsel": "B. Berg"}, "protected"),
        ({"minor": "unknown"}, "minor"),
        (
            {"emergency": "missing_child", "circumstances": "x", "purpose": "missing_person", "expires": ""},
            "emergency, minor",
        ),
    ],
)
def test_what_makes_a_step_one_of_level_2_is_said(tmp_path, stated, why):
    """In the words of the request for approval."""
    case = RealCase(tmp_path, "one")
    case.authorize(**stated)
    case.search()

    (drawn,) = draw(read_unit([case.closed()]), JUNE, PACK).drawn

    assert (drawn.level, drawn.why) == (2, why)


def test_what_the_entries_beside_an_authority_show_is_seen_too():
    """Its condition about the personnel, the way to the network, and how often an exhibit was visited."""
    staff = ["employee: it is about somebody on the roster; somebody else approves it before any search"]
    plain = {
        "identifier": "A",
        "type": "b",
        "purpose": "cybercrime",
        "expires": "2027-01-01",
        "subjects": ["Jane Example"],
    }
    again = {"object": [{"exhibit": "E0001"}]}
    case = case_of(
        "one",
        (0, SMIT, "authorize", {"label": "it", "private": {"authorization": plain, "conditions": staff}}),
        search(1, SMIT, "a", under="it"),
        search(2, SMIT, "b", network="via-proxy:west"),
        *(search(place, SMIT, "c", **again) for place in (3, 4, 5)),
    )

    drawn = {each.act.entry.seq: each.why for each in draw(unit_of(case), JUNE, PACK).drawn}

    assert drawn == {2: "staff", 3: "proxy", 4: "drawn", 5: "drawn", 6: "repeats"}


def test_the_first_head_that_covers_the_period_is_the_one():
    """An earlier one could have been known while there was still something to do; a later one could be waited for."""
    case = steps(20)
    heads = [head_over(case.origin, case.entries[:size]) for size in (10, 21)]
    later = case_of("one", *(search(place, SMIT, f"a{place}") for place in range(20)), search(60 * 24 * 40, SMIT, "z"))

    drawn = draw(unit_of(replace(later, checkpoints=[*heads, *later.checkpoints])), JUNE, PACK)

    assert drawn.heads == (heads[1].split("\n\n")[0] + "\n",)


# -- reviews -----------------------------------------------------------------------------------------------------------


def review(tmp_path, unit, act, signer, **said):
    stated = {"name": REVIEWER, "outcome": "no-remark", "remark": "", "at": AFTER, **said}
    return write_review(tmp_path / "reviews", unit, act, signer, **stated)


def test_a_review_is_signed_read_back_and_counted(tmp_path, unit, klein):
    """The others are overdue a month after the period, and open before that."""
    sample = draw(unit, JUNE, PACK)
    review(tmp_path, unit, sample.drawn[0].act, klein)
    found = read_reviews(tmp_path / "reviews", [VerifierKey(REVIEWER, klein.public)])

    states = [row[3] for row in review_report(unit, sample, found, PACK, AFTER).rows]
    before = [row[3] for row in review_report(unit, sample, found, PACK, AFTER - timedelta(days=2)).rows]

    assert states == ["reviewed", *["overdue"] * 12]
    assert before == ["reviewed", *["open"] * 12]


def test_nobody_reviews_their_own_step(tmp_path, unit):
    """Not when it is written, and not when a file says so all the same."""
    sample = draw(unit, JUNE, PACK)
    act, own = sample.drawn[0].act, load_or_create(tmp_path / "keys", "Smit")
    with pytest.raises(AuthorizationError, match="took part"):
        review(tmp_path, unit, act, own)
    assert not (tmp_path / "reviews").exists()

    other = unit_of(*[replace(case, entries=[replace_performer(each) for each in case.entries]) for case in unit.cases])
    review(tmp_path, other, other.acts[act.case][act.entry.seq], own)
    forged = read_reviews(tmp_path / "reviews", [VerifierKey(REVIEWER, own.public)])
    assert "do not count" in str(review_report(unit, sample, forged, PACK, AFTER))
    assert {row[3] for row in review_report(unit, sample, forged, PACK, AFTER).rows} == {"overdue"}


def replace_performer(entry):
    made = {name: value for name, value in entry.private.items() if name != "investigator"}
    return replace(entry, payload={**entry.payload, "performer": {"key": "0" * 64}, "object": []}, private=made)


def test_a_review_is_not_written_over_nor_altered_nor_signed_by_anybody(tmp_path, unit, klein):
    """A question says what is asked."""
    act = draw(unit, JUNE, PACK).drawn[0].act
    with pytest.raises(AuthorizationError, match="what is to be asked"):
        review(tmp_path, unit, act, klein, outcome="question")
    path = review(tmp_path, unit, act, klein)
    with pytest.raises(CaseError, match="not written over"):
        review(tmp_path, unit, act, klein)

    with pytest.raises(LedgerError, match="known reviewer"):
        read_reviews(path.parent, [VerifierKey(REVIEWER, load_or_create(tmp_path / "x", "actor").public)])
    path.write_text(path.read_text("utf-8").replace("no-remark", "question"), "utf-8")
    with pytest.raises(LedgerError, match="altered"):
        read_reviews(path.parent, [VerifierKey(REVIEWER, klein.public)])


def test_noon_lies_in_june():
    """The clock of these tests."""
    assert NOON in JUNE
    assert AFTER not in JUNE
