from __future__ import annotations

import pytest

from osint.errors import LedgerError

HASH = "ab" * 32
EXHIBIT = {"sha256": HASH, "size": 3, "media": "application/warc"}

PERSONAL = {
    "address in object": {"object": [{"url": "https://social.example/@jane"}]},
    "handle as kind": {"object": [{"kind": "@jane@social.example"}]},
    "name in result": {"result": [{"name": "Jane Example"}]},
    "name as purpose": {"purpose": "Jane Example"},
    "name as collector": {"collector": "Jane Example"},
    "address as network": {"network": "https://user@proxy.example/"},
    "name as id": {"id": "jane"},
    "number as text": {"result": [{"count": "12"}]},
    "truth as count": {"result": [{"count": True}]},
    "negative count": {"result": [{"count": -1}]},
    "outcome of our own": {"outcome": "Jane was seen"},
    "unsalted hash": {"result": [{"sha256": HASH}]},
    "unsalted hash of some kind": {"object": [{"sha256": HASH, "kind": "image"}]},
    "reference that is no hash": {"refs": ["jane"]},
    "authority that is no hash": {"authorization": "MP-2026-0417"},
    "exhibit with more": {"exhibit": {**EXHIBIT, "status": 200}},
    "exhibit without size": {"exhibit": {"sha256": HASH, "media": "application/warc"}},
    "exhibit with a name": {"exhibit": {**EXHIBIT, "media": "Jane Example"}},
    "exhibit number of our own": {"result": [{"exhibit": "E0001", **EXHIBIT}]},
}


@pytest.mark.parametrize("field", PERSONAL)
def test_what_could_name_a_person_does_not_get_into_the_clear_part(ledger, field):
    """
    The writer refuses it before anything is signed, and says nothing of the value.
    """
    with pytest.raises(LedgerError) as caught:
        ledger.append("note", **PERSONAL[field])

    assert len(ledger) == 1
    assert "jane" not in str(caught.value).casefold()


def test_an_action_is_a_code(ledger):
    """
    Free text cannot stand as the action.
    """
    with pytest.raises(LedgerError, match="'action'"):
        ledger.append("Called Jane Example")


def test_codes_counts_and_salted_hashes_may_stand_in_clear(ledger):
    """
    What a gate, a collector run or an export has to say in clear is accepted as it is.
    """
    entry = ledger.append(
        "search",
        outcome="nil",
        object=[{"exhibit": "E0001"}, {"kind": "policy", "sha256": HASH, "version": "2026.1"}],
        result=[{"posts": 0, "captures": 1, "stop": "exhausted", "status": 404}],
        collector="mastodon/1",
        network="direct",
        purpose="missing_person",
        refs=[HASH],
    )

    assert entry.payload["result"] == [{"posts": 0, "captures": 1, "stop": "exhausted", "status": 404}]
    assert {"name": "osint", "collector": "mastodon/1"}.items() <= entry.payload["instrument"].items()
    assert entry.purpose == "missing_person"


def test_private_values_leave_no_trace_in_the_line(ledger):
    """
    Neither name nor value of a private field, nor its unsalted hash, is in the signed payload.
    """
    entry = ledger.append("search", private={"handle": "@jane@social.example"})

    assert entry.private == {"handle": "@jane@social.example"}
    assert "jane" not in str(entry.payload)
    assert "handle" not in str(entry.payload)
    assert len(entry.payload["_sd"]) == 1
