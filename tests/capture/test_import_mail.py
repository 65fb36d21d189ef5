"""Messages and mailboxes that were handed in: told from saved pages, told apart from each other, handed on as they are."""

from __future__ import annotations

import io
import mailbox
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.capture.entity import ENTITY_LIMIT
from osint.capture.imports import mail
from osint.capture.imports.formats import recognise
from osint.capture.imports.found import Sealed

HEAD = b"From: Jane <jane@mail.example>\r\nTo: a@lists.example\r\nDate: Tue, 5 May 2026 20:43:10 +0200\r\n"
BETWEEN = b"From jane@mail.example Tue May  5 18:43:30 2026\n"
ADDRESS = "https://lists.example/westmere/"
MIXED = b'Content-Type: multipart/mixed; boundary="b"\r\n'
SAVED = b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://news.example/\r\nSubject: x\r\nDate: Tue, 5 May 2026\r\n"


def read(path, content):
    path.write_bytes(content)
    known = recognise(content[:65536])
    sealed = Sealed(
        exhibit="E0001", address=ADDRESS, saved=datetime(2026, 6, 1, tzinfo=UTC), media_type=known.media_type
    )
    return list(known.captures(path, sealed))


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (HEAD + MIXED + b"\r\n--b\r\n", "mail", "message/rfc822"),
        (b"Received: from a by b; Tue, 5 May 2026\r\nfrom: Jane\r\n\r\nHello", "mail", "message/rfc822"),
        (BETWEEN + HEAD + b"\r\nHello", "mail", "application/mbox"),
        (b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + HEAD, "mail", "application/mbox"),
        (
            b"From jane at mail.example  Tue May  5 18:43:30 2026\r\nFrom: jane at mail.example\r\n",
            "mail",
            "application/mbox",
        ),
        (SAVED + MIXED + b"\r\n--b\r\n", "mhtml", "multipart/related"),
        (SAVED + b"To: nobody\r\n" + MIXED + b"\r\n--b\r\n", "mhtml", "multipart/related"),
        (MIXED + b"Subject: x\r\n\r\n--b\r\n", "mhtml", "multipart/related"),
        (b"From the pier we saw at 12:00 in 2026\nnothing at all.\n", "document", "text/plain"),
        (b"From: nobody\r\nabout: nothing\r\n\r\n", "document", "text/plain"),
    ],
)
def test_a_message_is_told_from_a_saved_page_and_from_text(content, name, media_type):
    """Both have headers; who sent a message says so, and a browser that saved a page does."""
    assert (name, media_type) == recognise(content)[:2]


def test_one_message_is_handed_on_byte_for_byte(tmp_path):
    """Headers, line ends and what looks like the start of another message."""
    content = HEAD + b"\r\nFrom here on.\r\n\r\nFrom there on.\r\n\r\n\r\n"
    (capture,) = read(tmp_path / "x.eml", content)

    assert (capture.body, capture.part, capture.url) == (content, "message 1", ADDRESS)
    assert (capture.media_type, capture.made) == ("message/rfc822", "imported")


def test_a_mailbox_of_the_standard_library_gives_its_messages(tmp_path):
    """Another program's mailbox, with a line in a message that had to be quoted."""
    box = mailbox.mbox(tmp_path / "box")
    for number in range(3):
        message = EmailMessage()
        message["From"], message["Subject"] = "jane@mail.example", f"number {number}"
        message.set_content("One.\n\nFrom the pier at 12:00 in 2026.\n")
        box.add(message)
    box.close()
    found = read(tmp_path / "x", (tmp_path / "box").read_bytes())

    assert [each.part for each in found] == ["message 1", "message 2", "message 3"]
    assert all(b">From the pier" in each.body and each.body.endswith(b"2026.\n") for each in found)


def test_a_message_begins_below_an_empty_line_only():
    """A line that starts with "From " in the middle of a paragraph is text."""
    text = BETWEEN + HEAD + b"\nOne.\n" + BETWEEN + b"Two.\n"

    assert len(list(mail.messages(io.BytesIO(text)))) == 1


def test_a_message_longer_than_is_read_says_so(tmp_path):
    """And the one behind it is read all the same."""
    long = BETWEEN + HEAD + b"\n" + b"x" * (ENTITY_LIMIT + 9) + b"\n\n"
    assert [len(each) for each in mail.messages(io.BytesIO(long))] == [ENTITY_LIMIT + 1]
    first, second = read(tmp_path / "x", long + BETWEEN + HEAD + b"\nHello.\n")

    assert (len(first.body), len(first.problems)) == (ENTITY_LIMIT, 1)
    assert (second.body, second.problems) == (HEAD + b"\nHello.\n", ())


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_no_bytes_of_a_mailbox_are_lost_but_those_between_messages(pieces):
    """Whatever the messages hold, all of it stands in one of them."""
    bodies = [b"X: y\n\n" + piece.replace(b"From ", b"") + b"\n" for piece in pieces]
    box = b"".join(BETWEEN + body + b"\n" for body in bodies)

    assert bodies == list(mail.messages(io.BytesIO(box)))
