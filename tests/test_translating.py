"""Translations: attached, labelled as derived wherever they are shown, and never in the place of the original."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from origin import http

from osint import cli
from osint.errors import AuthorizationError, CaseError

FEED = b"""<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>Auto</title><link>https://a.example/1</link>
<description>ein rotes Auto am Fluss</description></item></channel></rss>"""


@pytest.fixture
def case(open_case, origin):
    """A case with one post, in German."""
    case = open_case(expires="2099-12-31")
    case.collect("feed", url=origin.serve("/feed", http(FEED, "Content-Type: application/rss+xml")))
    return case


@pytest.fixture
def post(case):
    return case.posts()["id"][0]


def test_a_translation_stands_behind_the_original_with_its_maker(case, post):
    """The column of the original is the same with it and without it."""
    before = case.posts()
    case.attach_translation(
        "E0001", "a red car at the river", language="en", post=post, program="argos 1.11.0, de-en 1.0"
    )

    shown = case.posts(translated=True)
    assert shown["content"].tolist() == before["content"].tolist()
    assert shown["translation (derived)"].tolist() == [
        "[en, translated by a program, not checked: argos 1.11.0, de-en 1.0] a red car at the river"
    ]
    assert list(case.posts().columns) == list(before.columns)
    assert case.notes().empty
    assert case.marks().empty
    assert "red car" not in json.dumps(list(case._ledger.entries())[-2].payload)
    assert case.verify()


def test_the_newest_of_a_maker_stands_beside_that_of_another(case, post):
    """A person's does not take a program's away; a correction takes the place of what it corrects."""
    for text in ("a red cart", "a red car"):
        case.attach_translation("E0001", text, language="en", post=post, translator="A. Berg")
    case.attach_translation("E0001", "a red auto", language="en", post=post, program="argos 1.11.0")

    assert case.translations()["translation"].tolist() == ["a red car", "a red auto"]
    assert case.translations()["machine"].tolist() == [False, True]


@pytest.mark.parametrize(
    "said",
    [
        {"translator": ""},
        {"program": "argos 1.11.0"},
        {"language": "English"},
        {"text": " "},
        {"post": "https://a.example/9"},
        {"exhibit": "E0009"},
    ],
    ids=["no maker", "two makers", "no code", "no text", "strange post", "strange exhibit"],
)
def test_what_is_incomplete_is_not_attached(case, said):
    """And nothing is logged of it."""
    entries = len(case.ledger)
    told = {"exhibit": "E0001", "text": "a red car", "language": "en", "translator": "A. Berg", **said}

    with pytest.raises(CaseError):
        case.attach_translation(told.pop("exhibit"), told.pop("text"), **told)
    assert len(case.ledger) == entries


def test_a_translation_of_what_is_locked_is_left_out(case):
    """It says what the exhibit says."""
    case.attach_translation("E0001", "a red car", language="en", translator="A. Berg")
    case.stop_sensitive("E0001")

    assert case.translations().empty
    assert case.translations().attrs["locked"] == ["E0001"]
    with pytest.raises(AuthorizationError):
        case.attach_translation("E0001", "a red car", language="en", translator="A. Berg")


def test_report_and_command_say_that_it_is_derived(case, post, tmp_path):
    """With who made it."""
    case.attach_translation("E0001", "a red <b>car</b>", language="en", post=post, translator="A. Berg")

    page = case.report().read_text(encoding="utf-8")
    assert "Translations (derived)" in page
    assert "a red &lt;b&gt;car&lt;/b&gt;" in page
    told = CliRunner().invoke(cli.main, ["posts", str(case.folder), "--translated", "--json"]).stdout
    assert json.loads(told)[0]["translation (derived)"].startswith("[en, translated by a person: A. Berg]")
