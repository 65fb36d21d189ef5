"""The legal authority, checked as a whole."""

from __future__ import annotations

import pytest

from osint.errors import AuthorizationError
from osint.policy.authorization import PURPOSES, Authorization

NEEDED = {"identifier": "MP-1", "type": "report", "purpose": "missing_person", "expires": "2026-12-31"}


def test_one_error_names_every_missing_and_wrong_field():
    """
    Nobody corrects one field only to hear of the next.
    """
    with pytest.raises(AuthorizationError) as refusal:
        Authorization(
            purpose="curiosity",
            since="2026-13-01",
            accounts=["jane"],
            urls=["ftp://a.example"],
            hosts=["https://b.example"],
        )

    reasons = " | ".join(refusal.value.reasons)
    for word in ("identifier", "type", "expires", "purpose", "since/until", "subjects", "accounts", "urls", "hosts"):
        assert word in reasons


@pytest.mark.parametrize("field", NEEDED)
def test_each_needed_field_is_missed(field):
    """
    Four fields are always needed, and leaving out one names that one.
    """
    with pytest.raises(AuthorizationError) as refusal:
        Authorization(subjects=["Jane Example"], **{**NEEDED, field: ""})

    assert [reason.split()[0] for reason in refusal.value.reasons] == [field]


@pytest.mark.parametrize(
    "aim", [{"subjects": ["Jane Example"]}, {"terms": ["river fire"]}, {"tags": ["westmere"]}, {"place": "Westmere"}]
)
def test_a_person_or_an_incident_is_enough(aim):
    """
    An incident without a named subject is a valid authority.
    """
    assert Authorization(**NEEDED, **aim).identifier == "MP-1"


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_purpose_of_the_closed_list_is_accepted(purpose):
    """
    The seven purposes of the General Order, each with its clause.
    """
    assert PURPOSES[purpose].startswith("General Order XLV, IV.")
    assert purpose == Authorization(**{**NEEDED, "purpose": purpose}, place="Westmere").purpose


def test_at_most_six_fields_are_asked_for():
    """
    An officer with a case number reaches the first search with six fields at the most.
    """
    assert Authorization(**NEEDED, subjects=["Jane Example"], accounts=["@jane@social.example"]).accounts


def test_a_single_text_is_not_taken_apart_into_letters():
    """
    subjects="Jane" means one subject.
    """
    assert Authorization(**NEEDED, subjects="Jane Example").subjects == ("Jane Example",)


def test_it_is_the_same_after_the_ledger():
    """
    What the ledger keeps makes an equal authority again.
    """
    authority = Authorization(
        **NEEDED, subjects=["Jane Example"], accounts=["@jane@social.example"], since="2026-05-01", max_bytes=5
    )

    assert authority == Authorization(**authority.as_dict())


@pytest.mark.parametrize("most", [0, -1, 1.5, "5 GB", True])
def test_a_bound_is_a_number_of_bytes(most):
    """
    Anything else is refused, and named.
    """
    with pytest.raises(AuthorizationError) as refusal:
        Authorization(**NEEDED, place="Westmere", max_bytes=most)

    assert [reason.split()[0] for reason in refusal.value.reasons] == ["max_bytes"]


def test_a_day_ends_at_its_end():
    """
    An authority that expires on a day may be used on that day.
    """
    assert Authorization(**NEEDED, place="x").expiry.isoformat() == "2026-12-31T23:59:59.999999+00:00"
