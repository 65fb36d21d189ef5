"""The First-Amendment guard, measured on a corpus of our own. No rate is a promise."""

from __future__ import annotations

import tomllib

import policy_rates as rates
import pytest

from osint.policy.pack_text import DEFAULT, built_in
from osint.policy.speech import protected_activity
from osint.query import make_query

WORDS = built_in(DEFAULT).words("first_amendment_words")


def test_the_rates_are_printed_with_their_intervals_and_claim_no_full_coverage():
    """Both rates, for each kind of query and in all, each with its count."""
    said = rates.lines()

    assert "no rate here means full coverage" in said[0]
    assert len([line for line in said if "95 % interval" in line]) == 12
    assert not any("100% of protected" in line or "guarantee" in line for line in said)


def test_the_rates_are_not_worse_than_those_that_the_decision_states():
    """Who changes words or structures measures again; the figures are those of docs/decisions/0038."""
    found = rates.measure()["all"]

    assert (found["protected"], found["ordinary"]) == (80, 80)
    assert len(found["missed"]) <= 45
    assert len(found["stopped"]) <= 23


def test_no_line_that_was_seen_while_choosing_words_is_in_the_corpus_that_measures():
    """Otherwise the guard would be measured by what it was made from."""
    fresh, seen = (
        {text for part in tomllib.loads(path.read_text("utf-8")).values() for texts in part.values() for text in texts}
        for path in (rates.CORPUS, rates.SEEN)
    )

    assert fresh.isdisjoint(seen)


@pytest.mark.parametrize(
    "asked",
    [
        {"url": "https://social.example/groups/anglers"},
        {"url": "https://social.example/events/77"},
        {"thread": "https://forum.example/religion/1"},
        {"tag": "VigilTonight", "host": "s.example"},
        {"search": "petitions", "host": "s.example"},
        {"account": "@eastmere_voters@s.example"},
        {"handle": "prayercircle", "host": "s.example"},
        {"search": "", "host": "s.example", "where": {"occupation": "journalist"}},
    ],
)
def test_structure_comes_first_and_words_second(asked):
    """An event, a group, a cause; then words in tags, searches, handles and conditions, joined or in the plural."""
    assert protected_activity(make_query(**asked), WORDS)


@pytest.mark.parametrize(
    "asked",
    [
        {"search": "burglary Church Street", "host": "s.example"},
        {"url": "https://social.example/@jane/1"},
        {"search": "", "host": "s.example"},
        {"account": "@jane@social.example"},
    ],
)
def test_what_names_a_person_or_a_street_is_not_stopped(asked):
    """An ordinary search asks for nothing more."""
    assert protected_activity(make_query(**asked), WORDS) == ""


def test_without_words_structure_still_holds():
    """A pack may leave the list empty; then no word is found, and none is found everywhere."""
    assert protected_activity(make_query(url="https://social.example/groups/x"), ())
    assert protected_activity(make_query(search="rally", host="s.example"), ()) == ""
