"""Tables made anew from evidence equal the first ones, damaged answers included: one case for each kind of capture."""

from __future__ import annotations

import json
import zipfile

import pytest
from origin import http
from recorded import FIXTURES, damaged, expected, read_answer

import osint

DECLARED = osint.SavedBy(
    name="J. Smit", role="officer", at="2026-05-06T10:15:00+02:00", program="the export of her server",
    came="from her own hand", logged_in=True, as_whom="herself", address="https://social.example/@jane",
)  # fmt: skip


def damaged_bodies(answer: str) -> list[bytes]:
    """The recorded answer and what damage makes of it, each once."""
    whole = read_answer(FIXTURES / "activitypub" / f"{answer}.http", expected("activitypub")[answer]["url"])
    return list(dict.fromkeys([whole.body, *(each.body for each in damaged(whole))]))


def tables(case) -> list[list[str]]:
    """What the tables hold, in an order that is not theirs."""
    return [
        sorted(json.dumps(row, default=str) for row in t.to_dict("records")) for t in (case.posts(), case.warnings())
    ]


@pytest.mark.parametrize("number", [0, 1, 4])
def test_what_a_server_sent_is_read_the_same_again(number, origin, open_case):
    """A list with an item that is none: posts and warnings come of it, and the same ones again."""
    body = damaged_bodies("outbox_total_lies")[number]
    url = origin.serve("/outbox", http(body, "Content-Type: application/activity+json"))
    case = open_case()
    case.collect("activitypub", url=url)
    before = tables(case)

    case.rebuild()

    assert tables(case) == before
    # Beside what is damaged, each post has a warning of its own: another host than that of its author sent it.
    assert (len(before[0]), len(before[1]) > bool(number)) == (2 - bool(number), True)


@pytest.mark.parametrize("number", [0, 1, 4])
def test_what_was_handed_in_is_read_the_same_again(number, tmp_path, open_case):
    """A member of an export with an item that is none: the same posts and warnings from the exhibit alone."""
    body = damaged_bodies("outbox_total_lies")[number]
    file = tmp_path / "export.zip"
    with zipfile.ZipFile(file, "w") as written:
        written.writestr("outbox.json", body)
    case = open_case(hosts=["social.example"])
    taken = case.import_file(file, DECLARED)
    before = tables(case)
    file.unlink()

    case.rebuild()

    assert tables(case) == before
    assert (taken.posts, len(before[0])) == (2 - bool(number), 2 - bool(number))
