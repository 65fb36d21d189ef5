"""What a search compares: words as they are the same for every way of writing them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.posts.normalised import normalised, spellings, words

SAME = {
    "letter case": ("STRASSE", "straße"),
    "accents": ("Résumé", "resume"),
    "composed and not": ("caf\u00e9", "cafe\u0301"),
    "full width": ("ＡＢＣ１２３", "abc123"),
    "vowel signs of Arabic": ("مُحَمَّد", "محمد"),
    "tatweel": ("محمــــد", "محمد"),
    "hamza": ("أحمد", "احمد"),
    "alef maksura": ("مصطفى", "مصطفي"),
    "ta marbuta": ("فاطمة", "فاطمه"),
    "Persian keyboard": ("کتابی", "كتابي"),
    "digits of Arabic": ("٠٥٥١٢٣", "055123"),
    "points of Hebrew": ("שָׁלוֹם", "שלום"),
    "half width": ("ｶﾞｯｺｳ", "ガッコウ"),
    "tones of Thai": ("น้ำ", "นำ"),
    "skin tone": ("👍🏽", "👍"),
    "presentation": ("❤️", "❤"),
    "family": ("👨‍👩‍👧", "👨👩👧"),
    "invisible": ("br\u200bid\u00adge", "bridge"),
    "ligature": ("ﬁsh", "fish"),
    "Turkish I": ("İstanbul", "istanbul"),
}


@pytest.mark.parametrize("name", SAME)
def test_ways_of_writing_are_one(name):
    one, other = SAME[name]

    assert words(one) == words(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [("バス", "ハス"), ("ที่", "ทา"), ("दिल", "दाल"), ("Bonn", "Born"), ("Müller", "Mueller"), ("👍", "👎")],
    ids=["voicing of Kana", "vowels of Thai", "vowels of Hindi", "letters", "umlaut is no ue", "emoji"],
)
def test_other_words_stay_apart(one, other):
    assert words(one) != words(other)


def test_scripts_without_spaces_and_signs_are_words_one_by_one():
    """So that a phrase of them is found inside a sentence."""
    assert words("我们在世界，abc世界👍👍") == ["我", "们", "在", "世", "界", "abc", "世", "界", "👍", "👍"]
    assert words("한국어") == ["한", "국", "어"]
    assert words("don’t_stop @jane #fog €5") == ["don", "t", "stop", "jane", "fog", "5"]


@given(st.text(max_size=40))
def test_normalising_twice_is_normalising_once_and_leaves_nothing_that_joins_or_splits(text):
    """No word holds ASCII punctuation or a space: what the index splits by, and what its queries are written with."""
    once = normalised(text)

    assert normalised(once) == once
    assert all(not char.isascii() or char.isalnum() for char in once.replace(" ", ""))


@given(st.text(max_size=40))
def test_each_word_has_its_place_in_the_original(text):
    """The words with places are the words, and what stands at a place holds the word there."""
    spelt = spellings(text)

    assert [each.word for each in spelt] == words(text)
    assert all(each.word in words(text[each.start : each.end]) for each in spelt)


def test_the_place_is_that_of_the_word_alone():
    text = "Die Straße, (世界)!"

    assert [text[each.start : each.end] for each in spellings(text)] == ["Die", "Straße", "世", "界"]
