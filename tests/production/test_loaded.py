"""Texts of a production, which a review platform searches, beside the tables and the files."""

from __future__ import annotations

import pytest

from osint.production.documents.said import Told, as_text
from osint.production.loaded import texts
from osint.report.csv_tables import Sheet

POSTS = (("E0001", "at the bridge\r\nat nine"), ("E0001", ""), ("E0001", "with \x00 lamps"))
WHOLE = as_text([Told((), content) for _, content in POSTS])
TEXT, NATIVE = ".\\TEXT\\DOE000001.txt", ".\\NATIVES\\DOE000001.txt"


def found(tmp_path, text, rows=POSTS, path=TEXT, native=None):
    """What is said of a document with such a text, whose posts the tables have."""
    files = {"TEXT/DOE000001.txt": text, "tables/posts.csv": Sheet(("exhibit", "content"), rows).csv()}
    for name, content in (files | ({} if native is None else {"NATIVES/DOE000001.txt": native})).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    told = {"BEGBATES": "DOE000001", "TEXTPATH": path, "NATIVEPATH": "" if native is None else NATIVE}
    return list(texts(tmp_path, {"E0001": told}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WHOLE, []),
        (b" \n", ["the text of DOE000001 is empty", "the text of item E0001 lacks 2 of the posts"]),
        (WHOLE.replace(b"at nine", b"at ten"), ["the text of item E0001 lacks 1 of the posts"]),
    ],
    ids=["whole", "empty", "other words"],
)
def test_a_text_holds_every_post_that_the_tables_have_of_its_item(tmp_path, text, said):
    """
    Line ends and control characters as a text file spells them; an empty one is named.
    """
    told = found(tmp_path, text)

    assert len(told) == len(said)
    assert all(each in one for each, one in zip(said, told, strict=True))


def test_posts_without_a_text_are_missed(tmp_path):
    """
    Whoever takes the text out of the load file takes it out of every search.
    """
    assert found(tmp_path, WHOLE, path="") == ["posts were read from item E0001, and it has no text"]


def test_the_text_of_a_file_of_plain_text_is_what_it_says(tmp_path):
    """
    Without its mark of the encoding, with line ends of a text file; one in another encoding has none.
    """
    said = ["the text of DOE000001 is not what its file says"]

    assert found(tmp_path, b"seen\nat nine", (), native=b"\xef\xbb\xbfseen\r\nat nine") == []
    assert found(tmp_path, b"seen\nat ten", (), native=b"seen\r\nat nine") == said
    assert found(tmp_path, b"", (), path="", native=b"seen") == said
    assert found(tmp_path, b"", (), path="", native=b"\xff\xfe\x00") == []
