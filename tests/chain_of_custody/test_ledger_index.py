"""The index of a ledger says what its entries say, read strictly; what it passes over is not judged."""

from __future__ import annotations

from datetime import timedelta

import apsw
import pytest

from osint.chain_of_custody.entry import taken_in
from osint.chain_of_custody.ledger import Ledger
from osint.errors import LedgerError

COPY = {"size": 3, "media": "application/warc"}


@pytest.fixture
def filled(ledger):
    """Forty exhibits, each asked for, taken in and reported on; words that look like fields; an end out of order."""
    first = ledger.append("authorize", private={"text": '"action":"stop","exhibit":"E0001"'})
    for number in range(40):
        asked = ledger.append("search", outcome="allowed", authorization=first.leaf.hex())
        taken = ledger.append(
            "acquire", refs=[asked.leaf.hex()], object=[{"exhibit": "E0099", "sha256": "cd" * 32}], exhibit={**COPY, "sha256": f"{number:064x}"},
            private={"url": f"https://social.example/{number}", "note": "\u0645 \"url\""},
        )  # fmt: skip
        ledger.append("conclude", refs=[taken.leaf.hex()], result=[{"captures": 1}])
    ledger.append("stop", object=[{"kind": "exhibit", "exhibit": "E0003"}], end_time=first.end_time + timedelta(days=9))
    ledger.append("note")
    return ledger


def strictly(ledger):
    entries = list(ledger.entries())
    return entries, {entry.exhibit: entry for entry in entries if entry.exhibit}


def agrees(ledger):
    """Whether every answer of the index is that of the entries read strictly."""
    entries, taken = strictly(ledger)
    bulk = {"search", "acquire", "conclude"}
    index, passing = ledger.index, list(ledger.index.passing())
    third = taken["E0003"].leaf.hex()
    concerns = [each.seq for each in passing if each.concerns({b"E0003"}, {third.encode()})]
    since, until = entries[10].end_time, entries[30].end_time
    return (
        list(ledger.entries_but(bulk)) == [each for each in entries if each.action not in bulk]
        and list(index.of(bulk | {"nothing"})) == [each.seq for each in entries if each.action in bulk]
        and index.newest_end() == max(each.end_time for each in entries)
        and index.exhibits() == {number: each.seq for number, each in taken.items()}
        and index.places([third, "f" * 64]) == [taken["E0003"].seq]
        and dict(index.said({"url"})) == {number: {"url": each.private["url"]} for number, each in taken.items()}
        and [each.sha256 for each in passing if each.exhibit]
        == [taken_in(each.payload, 0).sha256 for each in taken.values()]
        and [each.seq for each in passing if each.ends_between(since, until)]
        == [each.seq for each in entries if since <= each.end_time <= until]
        and concerns
        == [
            each.seq for each in entries
            if third in each.refs or any(item.get("exhibit") == "E0003" for item in (*each.object, *each.result))
        ]
    )  # fmt: skip


def test_the_index_says_what_the_entries_say(filled):
    """Actions, ends, exhibits, hashes, references and private values, before and after another process appends."""
    assert agrees(filled)

    with Ledger.open(filled.path, actor=filled.signers()[0], log=filled.signers()[1]) as other:
        other.append("acquire", exhibit={**COPY, "sha256": "ab" * 32}, private={"url": "https://social.example/new"})
        other.append("purge", object=[{"kind": "exhibit", "exhibit": "E0002"}])
    assert agrees(filled)
    assert [entry.action for entry in filled.entries_but({"search", "acquire", "conclude"})][-1] == "purge"


def test_what_was_erased_is_not_said_any_more(filled):
    """The index keeps positions, no private value."""
    taken = strictly(filled)[1]["E0005"]
    assert dict(filled.index.said({"url"}))["E0005"]

    filled.erase(taken.payload["_sd"])

    assert "E0005" not in dict(filled.index.said({"url"}))
    assert "url" not in next(filled.entries_at([taken.seq])).private


def test_an_entry_whose_action_cannot_be_made_out_is_not_passed_over(filled):
    """Damage to what is passed over is for verification; damage that hides an action is not passed over."""
    _, taken = strictly(filled)
    path, seq = filled.path, taken["E0007"].seq
    filled.close()
    with Ledger.read(path) as damaged:
        assert seq not in [entry.seq for entry in damaged.entries_but({"acquire"})]
    database = apsw.Connection(str(path))
    database.execute("DROP TRIGGER entries_stay")
    (line,) = database.execute("SELECT line FROM entries WHERE seq = ?", (seq,)).fetchone()
    database.execute("UPDATE entries SET line = ? WHERE seq = ?", (line[:12] + b"A" * 400 + line[412:], seq))
    database.close()

    with Ledger.read(path) as damaged, pytest.raises(LedgerError, match=f"entry {seq}"):
        list(damaged.entries_but({"acquire"}))


def test_a_position_that_there_is_not_is_named(filled):
    """Nothing is left out in silence."""
    with pytest.raises(LedgerError, match="no ledger entry 9999"):
        list(filled.entries_at([0, 9999]))
