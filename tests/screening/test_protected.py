"""What the machine proposes: carriers, disguises, other senses; and the rates that are published of it."""

from __future__ import annotations

import re

import pytest
import screening_rates as measured

from osint.screening import rates
from osint.screening.protected import CARRIERS, categories, lexicon_hash, propose


def found(text: str, carrier: str = "text") -> set[tuple[str, str]]:
    return {(each.category, each.found) for each in propose(text, carrier)}


@pytest.mark.parametrize(
    ("carrier", "text", "expected"),
    [
        ("text", "both mosques on Main", ("religion", "mosques")),
        ("text", "mis parroquias", None),
        ("handle", "mosque_kid", ("religion", "mosque")),
        ("handle", "MosqueKid", ("religion", "Mosque")),
        ("handle", "xxmosquexx", ("religion", "mosque")),
        ("hashtag", "ProudCatholicDad", ("religion", "Catholic")),
        ("text", "fun #ProudCatholicDad", ("religion", "Catholic")),
        ("text", "see https://blog.example/my-pregnancy/1", ("sex", "pregnancy")),
        ("file", "bat_mitzvah.jpg", ("religion", "bat_mitzvah")),
        ("exif", "Taken at St. Mary church", ("religion", "church")),
        ("text", "yes \U0001f1f2\U0001f1fd", ("origin", "\U0001f1f2\U0001f1fd")),
        ("text", "ok \U0001f44d\U0001f3ff", ("race", "\U0001f3ff")),
        ("text", "m\u200bo\u200bsque", ("religion", "m\u200bo\u200bsque")),
        (
            "text",
            "\U0001d526 \uff4d\uff4f\uff53\uff51\uff55\uff45",
            ("religion", "\uff4d\uff4f\uff53\uff51\uff55\uff45"),
        ),
        ("text", "the fianc\u00e9e", ("family", "fianc\u00e9e")),
        ("text", "a Christian Bale film", None),
        ("file", "IMG_1988.jpg", None),
        ("handle", "rick1967", ("age", "1967")),
    ],
)
def test_each_carrier_is_read_in_its_own_way(carrier: str, text: str, expected: tuple[str, str] | None):
    """Plural, handle, hashtag, address, file name, metadata, sign, disguise; and a word in another sense is none."""
    assert found(text, carrier) >= ({expected} if expected else set())
    assert expected or not found(text, carrier)


def test_the_law_behind_each_category_is_named():
    """Thirteen categories with title, basis and citation; what nobody verified says so by an empty day."""
    assert len(categories()) == 13
    assert {each.basis for each in categories()} == {"statute", "prudence"}
    assert all(each.citation and each.title and each.verified_on == "" for each in categories())


def test_the_corpus_marks_what_it_says():
    """Every mark is a category and every line has a known carrier; hard negatives hold no mark."""
    corpus = rates.read_corpus(measured.CORPUS)
    names = {each.name for each in categories()}

    assert {category for line in corpus for *_, category in line.gold} == names
    assert {line.carrier for line in corpus} <= set(CARRIERS)
    assert not any(line.gold for line in corpus if line.kind == "hard_negatives")
    assert not any(re.search(r"[\[\]|]", line.text) for line in corpus)
    assert {line.half for line in corpus} == {"dev", "held-out", "fresh"}


def test_the_published_rates_are_those_of_these_rules_on_this_corpus(monkeypatch: pytest.MonkeyPatch):
    """The file says what a new measurement would; with other lexicons there are no rates, and all counts as weak."""
    assert measured.PUBLISHED.read_text("utf-8") == measured.published()
    assert rates.published().keys() == {each.name for each in categories()} | {"all"}
    assert set(rates.below(95)) == {each.name for each in categories()}
    assert rates.below(0) == []

    rates.published.cache_clear()
    monkeypatch.setattr(rates, "lexicon_hash", lambda: "0" * 64)
    assert rates.published() == {}
    assert len(rates.below(0)) == 13
    monkeypatch.undo()
    rates.published.cache_clear()


def test_the_rates_are_printed_for_each_category_and_set_with_intervals_and_promise_nothing():
    """Three sets, recall of what is said and implied, precision, missed texts, false alarms."""
    said = "\n".join(measured.lines())

    for name in (*(each.name for each in categories()), "all"):
        assert len(re.findall(rf"^{name} +recall", said, re.MULTILINE)) == 6
        assert len(re.findall(rf"^{name} +precision", said, re.MULTILINE)) == 3
    assert said.count("95 % interval") > 90
    assert "flatter" in said
    assert "free of protected" not in said + rates.NOTE
    assert lexicon_hash() in measured.published()


@pytest.mark.parametrize(("count", "of"), [(8, 10), (0, 10), (10, 10), (41, 84)])
def test_the_interval_is_wilsons(count: int, of: int):
    """Both ends are where the rate lies 1.96 standard errors off, by the error at that end; they stay within 0 and 1."""
    for end in rates.wilson(count, of):
        assert (count / of - end) ** 2 == pytest.approx(1.959964**2 * end * (1 - end) / of, abs=1e-12)
        assert 0 <= end <= 1
