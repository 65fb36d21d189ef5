"""The gate decides, and every decision is an entry."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import apsw
import pytest
from origin import AUTHORITY, NOON, http

import osint
from osint.errors import AuthorizationError


def actions(case) -> list[tuple[str, str]]:
    log = case.ledger
    return list(zip(log["action"], log["outcome"], strict=True))


def test_a_search_without_authority_is_refused_and_logged(open_case, origin):
    """
    The refusal is an entry, and no request leaves the machine.
    """
    case = open_case(authorized=False)

    with pytest.raises(AuthorizationError, match="no authorization is recorded"):
        case.collect("feed", url=origin.serve("/feed", http(b"")))

    assert actions(case)[-1] == ("search", "refused")
    assert origin.requests == []


def test_a_search_out_of_scope_is_refused_and_logged_with_its_grounds(open_case, origin):
    """
    The ledger says what was asked and why it was refused.
    """
    case = open_case(hosts=["elsewhere.example"])

    with pytest.raises(AuthorizationError):
        case.collect("webpage", url=origin.serve("/", http(b"")))

    last = case.ledger.iloc[-1]
    assert (last.action, last.outcome) == ("search", "refused")
    assert "outside its scope" in last.details
    assert origin.requests == []


def test_a_search_under_an_expired_authority_is_refused(open_case, origin):
    """
    The authority that carried the first search does not carry one after its expiry.
    """
    moment = [NOON]
    case = open_case(clock=lambda: moment[0], expires="2026-06-02")
    url = origin.serve("/", http(b"<html><body>words enough to be a page</body></html>", "Content-Type: text/html"))
    case.collect("webpage", url=url)

    moment[0] = NOON + timedelta(days=3)
    with pytest.raises(AuthorizationError, match="expired"):
        case.collect("webpage", url=url)

    assert len(origin.requests) == 1


def test_an_authority_that_has_expired_cannot_be_recorded(open_case):
    """
    The attempt is refused and logged.
    """
    case = open_case(authorized=False)

    with pytest.raises(AuthorizationError, match="expired"):
        case.authorize(osint.Authorization(**{**AUTHORITY, "expires": "2026-01-01"}))

    assert actions(case)[-1] == ("authorize", "refused")


def test_a_lead_widens_the_authority_in_one_entry(open_case, origin):
    """
    After extend, the search that was refused is allowed; the lead, its exhibit and the reason are in the ledger.
    """
    case = open_case()
    page = http(b"<html><body>words enough to be a page</body></html>", "Content-Type: text/html")
    case.collect("webpage", url=origin.serve("/", page))
    before = len(case.ledger)

    case.extend(accounts=["@dawn@social.example"], exhibit="E0001", reason="named on the page as her friend")

    assert before + 1 == len(case.ledger)
    assert case.authority.accounts == ("@dawn@social.example",)
    assert "named on the page" in case.ledger.iloc[-1].details


@pytest.mark.parametrize(
    ("leads", "words"),
    [
        ({"exhibit": "E0099", "reason": "seen"}, "not in this case"),
        ({"exhibit": "E0001", "reason": " "}, "reason is missing"),
        ({"exhibit": "E0001", "reason": "seen", "accounts": []}, "no lead is given"),
        ({"exhibit": "E0001", "reason": "seen", "accounts": ["dawn"]}, "not an account"),
    ],
)
def test_a_lead_without_a_ground_is_refused_and_logged(leads, words, open_case, origin):
    """
    A lead names an exhibit of this case and a reason, and is well formed.
    """
    case = open_case()
    page = http(b"<html><body>words enough to be a page</body></html>", "Content-Type: text/html")
    case.collect("webpage", url=origin.serve("/", page))

    with pytest.raises(AuthorizationError, match=words):
        case.extend(**{"accounts": ["@dawn@social.example"], **leads})

    assert actions(case)[-1] == ("extend", "refused")
    assert case.authority.accounts == ()


def test_a_reopened_case_still_stands_under_its_authority(open_case, origin, tmp_path):
    """
    Authority and extensions live in the ledger, not in the process.
    """
    first = open_case(tmp_path / "one")
    first.close()

    again = open_case(tmp_path / "one", authorized=False)

    assert again.authority.identifier == "MP-2026-0417"


def test_the_clear_part_of_the_ledger_names_nobody(open_case, origin):
    """
    Addresses, names, queries and the authority's number are salted disclosures; the lines themselves hold none of them.
    """
    case = open_case(subjects=["Jane Example"])
    page = http(b"<html><body>words enough to be a page</body></html>", "Content-Type: text/html")
    case.collect("webpage", url=origin.serve("/secret-path", page))
    case.close()

    again = open_case(authorized=False)
    lines = b"".join(entry.line for entry in again._ledger.entries()).decode()
    import base64

    clear = " ".join(str(base64.b64decode(json.loads(entry.line)["payload"])) for entry in again._ledger.entries())
    for word in ("Jane", "Smit", "4471", "MP-2026", "127.0.0.1", "secret-path", "Westmere"):
        assert word not in lines + clear


def test_the_network_that_differs_from_the_public_one_is_logged(open_case):
    """
    An allow list is an entry of its own, and every entry says that the network was configured.
    """
    case = open_case()

    configured = case.ledger.query("action == 'configure'")

    assert "127.0.0.1" in configured.iloc[0].details
    assert {"configured"} == {
        entry.payload["environment"]["network"] for entry in case._ledger.entries() if entry.action == "authorize"
    }


def test_every_entry_carries_the_instant_of_the_clock(open_case):
    """
    The clock is handed in, so a test can fix it.
    """
    case = open_case()

    assert {"2026-06-01T12:00:00Z"} == set(case.ledger["time"])
    assert datetime(2026, 6, 1, 12, tzinfo=UTC) == NOON


def erase(case, action: str) -> None:
    """Destroy what the entries of an action disclose."""
    with apsw.Connection(str(case.folder / "ledger.sqlite")) as database:
        for entry in list(case._ledger.entries()):
            if entry.action == action:
                database.execute("DELETE FROM disclosures WHERE seq = ?", (entry.seq,))


def test_an_erased_authority_carries_nothing_and_the_case_still_opens(open_case, origin):
    """
    It gives no standing, nor do its extensions; the case can be printed, and a search is refused.
    """
    case = open_case()
    page = http(b"<html><body>words enough to be a page</body></html>", "Content-Type: text/html")
    case.collect("webpage", url=origin.serve("/", page))
    case.extend(accounts=["@dawn@social.example"], exhibit="E0001", reason="named on the page")
    erase(case, "authorize")

    assert case._gate.standing() == []
    assert "no authority recorded yet" in str(case)
    with pytest.raises(AuthorizationError, match="no authorization is recorded"):
        case.collect("webpage", url=f"http://127.0.0.1:{origin.port}/")


def test_an_erased_extension_widens_nothing(open_case, origin):
    """
    The authority stands as it was before.
    """
    case = open_case()
    page = http(b"<html><body>words enough to be a page</body></html>", "Content-Type: text/html")
    case.collect("webpage", url=origin.serve("/", page))
    case.extend(accounts=["@dawn@social.example"], exhibit="E0001", reason="named on the page")
    erase(case, "extend")

    assert case.authority.accounts == ()


def test_an_authority_that_expires_under_way_is_noticed_and_nothing_is_logged(open_case):
    """
    The check is for every request of a run; up to the instant of expiry it is silent.
    """
    moment = [NOON]
    case = open_case(clock=lambda: moment[0], expires="2026-06-02")
    standing = case._gate.standing()[-1]
    entries = len(case.ledger)

    case._gate.check_in_force(standing)
    moment[0] = standing.authorization.expiry + timedelta(seconds=1)
    with pytest.raises(AuthorizationError, match="no longer in force"):
        case._gate.check_in_force(standing)

    assert entries == len(case.ledger)


def test_a_secret_in_what_was_asked_reaches_no_entry(open_case, origin):
    """
    A key in an address is sent, and stands neither in the query, nor in a message, nor in the log.
    """
    case = open_case()
    page = http(b"<html><body>words enough to be a page</body></html>", "Content-Type: text/html")
    origin.serve("/?token=S3CRET", page)
    found = case.collect("webpage", url=f"http://127.0.0.1:{origin.port}/?token=S3CRET")

    assert b"S3CRET" in origin.requests[0]
    assert "S3CRET" not in str(found) + case.ledger.to_csv() + case.posts().to_csv()


def test_a_secret_in_what_was_refused_reaches_no_entry_and_no_message(open_case):
    """
    The grounds of a refusal repeat the address without its key.
    """
    case = open_case()

    with pytest.raises(AuthorizationError, match="outside its scope") as refused:
        case.collect("webpage", url="https://elsewhere.example/?token=S3CRET")

    assert "S3CRET" not in str(refused.value) + case.ledger.to_csv()
