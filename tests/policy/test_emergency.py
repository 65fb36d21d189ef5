"""Emergencies: act now, ratify within a day; what is not ratified is locked, never deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from origin import NOON, http

import osint
from osint.chain_of_custody.keys import load_or_create
from osint.errors import AuthorizationError

PAGE = http(b"<html><body>words enough to be a page, seen at the river</body></html>", "Content-Type: text/html")
CHILD = {
    "emergency": "missing_child", "circumstances": "6 years old, last seen at the river", "purpose": "missing_person",
    "subjects": ["Jane Example"], "hosts": ["127.0.0.1"],
}  # fmt: skip


@pytest.fixture
def moment():
    return [NOON]


@pytest.fixture
def case(open_case, origin, moment):
    """A case in which one officer acted alone."""
    case = open_case(authorized=False, clock=lambda: moment[0])
    case.authorize(osint.Authorization(**CHILD))
    case.collect("webpage", url=origin.serve("/", PAGE))
    return case


@pytest.fixture
def supervisor(tmp_path):
    def order(**said):
        stated = {"authority": "General Order XLV", "reason": "the child was in danger", **said}
        return osint.Order(
            requester="J. Smit, badge 4471", approver=load_or_create(tmp_path / "sergeant", "actor"),
            approver_name="Sgt. A. Klein, badge 9", **stated,
        )  # fmt: skip

    return order


def last(case):
    return tuple(case.ledger.iloc[-1][["action", "outcome"]])


def test_a_missing_child_is_looked_for_at_once(case):
    """No number, no waiting: purpose, person and circumstances are enough, and it carries for a day."""
    assert case.authority.expires == "2026-06-02T12:00:00Z"
    assert len(case.posts()) == 1


def test_an_emergency_without_its_circumstances_is_not_recorded():
    """What lacks is named."""
    with pytest.raises(AuthorizationError, match="circumstances is missing"):
        osint.Authorization(**{**CHILD, "circumstances": ""})
    with pytest.raises(AuthorizationError, match="'curiosity' is not one of missing_child, threat_to_life"):
        osint.Authorization(**{**CHILD, "emergency": "curiosity"})


def test_before_it_is_ratified_it_is_shown_and_does_not_leave(case, tmp_path):
    """Officers go on looking; nobody hands it out."""
    with pytest.raises(AuthorizationError, match="no supervisor has ratified"):
        case.export(tmp_path / "package")

    assert last(case) == ("export", "refused")
    assert not (tmp_path / "package").exists()
    assert len(case.posts()) == 1


def test_what_was_not_ratified_in_time_is_locked_and_kept(case, moment, supervisor, tmp_path):
    """Nothing of it is shown, its bytes stay and verify, and a late ratification opens it again."""
    moment[0] = NOON + timedelta(hours=24, seconds=1)

    assert case.posts().empty
    with pytest.raises(AuthorizationError, match="locked"):
        case.replay("E0001")
    assert case.verify().exhibits == 1

    case.ratify(supervisor())
    assert len(case.posts()) == 1
    assert case.export(tmp_path / "package").folder.is_dir()


def test_at_the_last_instant_it_is_still_shown(case, moment):
    """A day is a day."""
    moment[0] = NOON + timedelta(hours=24)

    assert len(case.posts()) == 1


def test_a_supervisor_who_refuses_ends_it_at_once(case, supervisor, origin):
    """What was collected is locked, and nothing more is asked."""
    case.ratify(supervisor(reason="no child was missing"), granted=False)

    assert last(case) == ("ratify", "failed")
    assert case.posts().empty
    with pytest.raises(AuthorizationError, match="refused to ratify"):
        case.collect("webpage", url=f"http://127.0.0.1:{origin.port}/")


def test_nobody_ratifies_their_own_emergency(case, supervisor):
    """Neither under the same name nor with the same key; the refusal is an entry."""
    order = supervisor()
    alone = osint.Order(**{**vars(order), "approver_name": "j. smit,  badge 4471"})
    own_key = osint.Order(**{**vars(order), "approver": case._ledger.signers()[0]})

    for each in (alone, own_key):
        with pytest.raises(AuthorizationError, match="Nothing was ratified"):
            case.ratify(each)
        assert last(case) == ("ratify", "refused")


def test_a_supervisor_who_cannot_be_reached_gives_time_twice(case, moment):
    """Each deferral is an entry with its reason and gives a day; the third is refused."""
    moment[0] = NOON + timedelta(hours=20)
    case.defer_ratification("called Sgt. Klein at 08:00 and 08:10, no answer")
    moment[0] = NOON + timedelta(hours=40)
    assert len(case.posts()) == 1
    assert str(case.defer_ratification("on leave, the deputy too")) == "2026-06-04T12:00:00Z"

    with pytest.raises(AuthorizationError, match="2 is the most"):
        case.defer_ratification("still nobody")
    moment[0] = NOON + timedelta(hours=72, seconds=1)
    assert case.posts().empty


def test_a_deferral_needs_its_reason_and_comes_in_time(case, moment):
    """After the time is over only a ratification opens it."""
    with pytest.raises(AuthorizationError, match="reason is missing"):
        case.defer_ratification(" ")
    moment[0] = NOON + timedelta(hours=25)

    with pytest.raises(AuthorizationError, match="can still ratify"):
        case.defer_ratification("no answer")


def test_an_entry_that_one_person_signed_ratifies_nothing(case):
    """Whoever writes to the ledger alone opens nothing."""
    leaf = case._gate.standing()[-1].entry
    case._gate.log("ratify", private={"reason": "I say so"}, refs=[leaf])

    assert case._gate.standing()[-1].ratification == "due"


def test_an_ordinary_case_has_nothing_to_ratify(open_case, supervisor):
    """And says so."""
    with pytest.raises(AuthorizationError, match="no emergency of this case waits"):
        open_case().ratify(supervisor())


def test_nothing_shows_or_hands_out_what_is_locked(case, moment, tmp_path):
    """Tables leave it out and say so; whatever cannot leave out refuses, and every refusal is an entry."""
    network = case.graph()
    moment[0] = NOON + timedelta(hours=25)

    assert case.posts().attrs["locked"] == case.media().attrs["locked"] == case.warnings().attrs["locked"] == ["E0001"]
    for look in (
        case.media_values, case.media_links, case.corroborate, case.same_pictures, case.graph,
        lambda: case.media_sheet("E0001"), lambda: case.replay("E0001"), lambda: case.revisit("E0001"),
        lambda: case.export_link_chart(network, "chart"), lambda: case.export_court_sheet(network, "chart"),
        lambda: case.show(network).save(tmp_path / "chart.html"), case.report, lambda: case.export(tmp_path / "package"),
        lambda: case.export_web_archive(tmp_path / "case.wacz"),
    ):  # fmt: skip
        entries = len(case.ledger)
        with pytest.raises(AuthorizationError):
            look()
        assert (len(case.ledger), case.ledger.iloc[-1]["outcome"]) == (entries + 1, "refused")
    assert not (case.folder / "report.html").exists()
