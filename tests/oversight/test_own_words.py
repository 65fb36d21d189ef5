"""A justification is of one lead."""

from __future__ import annotations

import pytest
from records import RealCase

from osint.chain_of_custody.digests import sha256
from osint.errors import AuthorizationError


@pytest.fixture
def case(tmp_path):
    """A case with two exhibits."""
    made = RealCase(tmp_path, "one")
    under = made.authorize().leaf.hex()
    for number in (b"1", b"2"):
        made.ledger.append(
            "acquire", authorization=under, exhibit={"sha256": sha256(number), "size": 1, "media": "application/warc"}
        )
    yield made.gate
    made.ledger.close()


def test_a_copied_justification_is_asked_for_again(case):
    """Refused with the field that is missing, and taken in other words; the refusal is an entry."""
    case.extend({"hosts": ["pier.example"]}, exhibit="E0001", reason="the page names it")

    with pytest.raises(AuthorizationError, match="say what this one shows"):
        case.extend({"hosts": ["quay.example"]}, exhibit="E0002", reason="The page  names it")
    case.extend({"hosts": ["quay.example"]}, exhibit="E0002", reason="she thanks its owner")

    assert case.standing()[0].authorization.hosts == ("social.example", "pier.example", "quay.example")


def test_one_exhibit_may_show_several_leads_for_one_reason(case):
    """The same page may name two hosts."""
    for host in ("pier.example", "quay.example"):
        case.extend({"hosts": [host]}, exhibit="E0001", reason="the page names it")

    assert len(case.standing()[0].authorization.hosts) == 3
