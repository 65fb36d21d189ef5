"""What the tables and the ledger of a case say of its files, without evidence."""

from __future__ import annotations

from types import SimpleNamespace

from osint.instants import parse_instant
from osint.media import description
from osint.media.description import MediaFacts
from osint.media.preserved import PreservedFiles


def files(*, entries=(), **kept):
    """Return the files of a case with these entries and these records, by kind."""
    ledger = SimpleNamespace(entries=lambda *_: iter(entries))
    return PreservedFiles(ledger, None, SimpleNamespace(records=lambda kind: kept.get(kind, [])))


def file(*posts):
    facts = MediaFacts(sha256="a" * 64, size=7, media_type="image/jpeg")
    return {"facts": description.to_json(facts), "exhibit": "E0002", "url": None, "posts": posts}


def test_a_word_is_lost_only_of_a_file_that_is_still_there():
    """
    What was purged is not asked for again.
    """
    readings = {exhibit: {"ExifTool": "aa"} for exhibit in ("E0002", "E0003")}
    entry = SimpleNamespace(seq=8, action="transform", private={"readings": readings})

    assert list(files(entries=[entry], media=[file()]).lost_words()) == [("E0002", "ExifTool", 8)]


def test_a_file_was_first_shown_by_the_earliest_of_its_posts():
    """
    A post that was read twice counts from the earlier time that it names; one without a time does not count.
    """
    days = {"p:1": ("2026-05-03", "2026-05-09"), "p:2": ("2026-05-05",), "p:3": ("2026-05-01",)}
    posts = [{"id": post, "published": f"{day}T12:00:00Z"} for post, told in days.items() for day in told]

    (record,) = files(media=[file("p:1", "p:2", "p:4")], post=[*posts, {"id": "p:2", "published": None}]).records()

    assert record.posted == parse_instant("2026-05-03T12:00:00Z")
