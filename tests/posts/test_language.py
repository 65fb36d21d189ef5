"""Which language a program takes a text for. The texts are invented."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from osint.activity import Post
from osint.errors import CaseError
from osint.posts import language
from osint.posts.frame import posts_frame

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Guten Morgen, wir treffen uns heute Abend an der alten Brücke", "de"),
        ("see you all tomorrow evening at the old bridge", "en"),
        ("我们明天晚上在桥边见面吧大家一起来好不好啊真的很好", "zh"),
        ("ok bro", "undetermined"),
        ("wir treffen uns", "undetermined"),
        ("👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍", "undetermined"),
        ("https://blog.example/wir-treffen-uns-heute-abend @alte_bruecke #heuteabendbruecke", "undetermined"),
        ("12345678901234567890 12345678901234567890", "undetermined"),
    ],
    ids=["German", "English", "Chinese", "slang", "short", "emoji", "addresses", "digits"],
)
def test_a_text_of_enough_letters_gets_a_code_and_others_none(text, code):
    assert language.detect(text) == code


def test_what_the_program_is_not_certain_of_is_undetermined(monkeypatch):
    class Unsure:
        def classify(self, text):
            return "de", 0.89

    monkeypatch.setattr(language, "_identifier", Unsure)

    assert language.detect("Guten Morgen, wir treffen uns heute Abend") == "undetermined"


def test_the_column_stands_beside_what_the_platform_says_and_names_the_program():
    post = Post(
        id="x:1", platform="x", native_id="1", type="Note", exhibit="E0001", pointer="/0", collector="x/1", collected=NOON,
        content="see you all tomorrow evening at the old bridge", language="de",
    )  # fmt: skip
    given = posts_frame([post])

    table = language.with_languages(given)

    assert (table["language"][0], table["language_detected"][0]) == ("de", "en")
    assert list(table.columns).index("language_detected") == list(table.columns).index("language") + 1
    assert table.attrs["language_detected_by"].startswith("py3langid 0.")
    assert "machine" in table.attrs["language_detected_by"]
    assert "language_detected" not in given.columns


def test_without_the_extra_it_is_said_what_to_install(monkeypatch):
    language._identifier.cache_clear()
    monkeypatch.setitem(sys.modules, "py3langid.langid", None)

    with pytest.raises(CaseError, match=r"pip install osint\[language\]"):
        language.detect("see you all tomorrow evening at the old bridge")
