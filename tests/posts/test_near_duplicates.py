"""Posts whose texts are nearly the same. The texts are invented."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from osint.activity import Post
from osint.errors import QueryError
from osint.posts import near_duplicates as module
from osint.posts.frame import posts_frame
from osint.posts.near_duplicates import COLUMNS, jaccard, near_duplicates, signatures

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
CALL = "Everybody come to the old bridge tonight at ten, bring lamps and tell nobody about it"


def posts(*texts, accounts=("jane", "dawn")):
    return posts_frame(
        Post(
            id=f"mastodon:{at}", platform="mastodon", native_id=str(at), type="Note", exhibit=f"E{at + 1:04d}", pointer="/0",
            collector="mastodon/1", collected=NOON, published=NOON + timedelta(hours=at), content=text,
            attributed_to=f"account:mastodon:{accounts[at % len(accounts)]}@social.example",
        )
        for at, text in enumerate(texts)
    )  # fmt: skip


def test_a_text_that_was_changed_by_a_word_stands_beside_the_first_of_it():
    table = near_duplicates(
        posts(
            "Plums at the market from eight o'clock on Saturday",
            CALL,
            CALL.upper().replace(",", " !!"),
            "The ferry does not go today, the fog is too thick",
            CALL.replace("ten", "six"),
        )
    )

    assert list(table.columns) == list(COLUMNS)
    assert list(table["exhibit"]) == ["E0002", "E0003", "E0005"]
    assert set(table["group"]) == {1}
    assert (table["size"][0], table["accounts"][0]) == (3, 2)
    assert list(table["similarity"][:2]) == [1.0, 1.0]
    assert 0.8 <= table["similarity"][2] < 1
    assert table["content"][1] == CALL.upper().replace(",", " !!")
    assert "PCG64, seed 20260501" in table.attrs["recipe"]
    assert "similarity 0.8." in table.attrs["recipe"]


def test_short_texts_are_left_out_and_counted():
    table = near_duplicates(posts("ok bro", "ok bro", None, "👍" * 19, "👍" * 20, "👍" * 20))

    assert list(table["exhibit"]) == ["E0005", "E0006"]
    assert table.attrs["left_out"] == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("مُحَمَّد كتب لنا عن الجسر القديم في المدينة مساء اليوم", "محمد كتب لنا عن الجســر القديم في المدينة مساء اليوم"),
        ("我们明天晚上九点在世界大桥旁边见面，不要告诉任何人", "我们明天晚上九点在世界大桥旁边见面!不要告诉任何人👍"),
        (
            "Die Straße am Fluß ist heute gesperrt, kommt morgen",
            "die strasse am fluss ist heute gesperrt - kommt morgen",
        ),
    ],
    ids=["Arabic", "Chinese", "German"],
)
def test_spellings_of_one_text_are_one(one, other):
    assert len(near_duplicates(posts(one, other))) == 2


def test_it_finds_the_pairs_that_comparing_each_with_each_finds():
    """The bands may miss a pair in 37,000 of similarity 0.8; of these they miss none, and they invent none."""
    rng = random.Random(7)
    vocabulary = ["".join(rng.choices("abcdefghij", k=6)) for _ in range(400)]
    texts = [" ".join(rng.choices(vocabulary, k=12)) for _ in range(150)]
    for text in texts[:60]:
        changed = text.split()
        changed[rng.randrange(12)] = rng.choice(vocabulary)
        texts.append(" ".join(changed))
    plain = [text.replace(" ", "") for text in texts]
    alike = {
        f"E{each + 1:04d}"
        for one in range(len(plain))
        for other in range(one)
        if jaccard(plain[one], plain[other]) >= 0.7
        for each in (one, other)
    }

    found = near_duplicates(posts(*texts), similarity=0.7)

    assert set(found["exhibit"]) == alike
    assert len(alike) > 80


def test_values_are_the_same_however_texts_are_put_together(monkeypatch):
    """A run of letters does not go on from one text into the next, nor does a batch end in the middle of one."""
    texts = [CALL, "fog on the riverwalk", CALL, "plums and leeks and rope"]
    together = signatures(texts)
    monkeypatch.setattr(module, "_BATCH", 1)

    assert np.array_equal(together, signatures(texts))
    assert np.array_equal(together[0], together[2])


@pytest.mark.parametrize("similarity", [0, 0.49, 1.01, float("nan")])
def test_a_similarity_that_cannot_be_meant_is_refused(similarity):
    with pytest.raises(QueryError, match=r"from 0\.5 to 1"):
        near_duplicates(posts(CALL), similarity=similarity)


def test_no_posts_make_an_empty_table():
    assert {name: str(each) for name, each in near_duplicates(posts()).dtypes.items()} == {
        name: kind for name, (kind, _) in COLUMNS.items()
    }
