"""The posts table says which platforms and types of posts there are."""

from __future__ import annotations

import re

import pytest
from recorded import FIXTURES, expected, read_answer

from osint.activity import Post
from osint.collectors import load, names
from osint.posts.frame import COLUMNS


@pytest.mark.parametrize("name", names())
def test_each_platform_and_type_is_named_in_its_column(name):
    """As the recorded answers give them; whoever adds a source adds its name there and in docs/columns.md."""
    named = {column: set(re.findall(r"\w+", COLUMNS[column].meaning)) for column in ("platform", "type")}
    posts = [post for answer, stated in expected(name).items() for post in posts_of(name, answer, stated)]

    assert {post.platform for post in posts} <= named["platform"]
    assert {post.type for post in posts} <= named["type"]
    assert posts


def posts_of(name, answer, stated):
    """Return the posts of a recorded answer that can be read."""
    if "unreadable" in stated:
        return []
    part = {"part": stated["part"], "made": "imported"} if "part" in stated else {}
    capture = read_answer(FIXTURES / name / f"{answer}.http", stated["url"], **part)
    return [record for record in load(name).parse(capture) if isinstance(record, Post)]
