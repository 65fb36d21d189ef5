"""The frames of a WebSocket: what is written, what is read, and what no server may send."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streams import said_in, server_frame

from osint.capture import websocket
from osint.capture.websocket import LONGEST_MESSAGE, BrokenFrameError, Frames, Kind, Message, frame, texts

OPEN = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


def read(data, step=None):
    frames, found = Frames(), []
    for at in range(0, len(data), step or len(data) or 1):
        found += frames.feed(data[at : at + (step or len(data))])
    return found


def test_the_answer_to_a_key_is_that_of_the_standard():
    """The example of RFC 6455, section 1.3."""
    assert websocket.accept_of("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (bytes.fromhex("810548656c6c6f"), b"Hello"),
        (bytes.fromhex("010348656c80026c6f"), b"Hello"),
        (bytes.fromhex("817e0100") + b"x" * 256, b"x" * 256),
        (bytes.fromhex("817f0000000000010000") + b"x" * 65536, b"x" * 65536),
    ],
)
def test_the_frames_of_the_standard_are_read(data, text):
    """The examples of RFC 6455, section 5.7: whole, in two pieces, of both longer lengths."""
    assert read(data) == [Message(Kind.TEXT, text)]


def test_the_masked_frame_of_the_standard_is_written():
    """The example of RFC 6455, section 5.7."""
    assert frame(Kind.TEXT, b"Hello", bytes.fromhex("37fa213d")) == bytes.fromhex("818537fa213d7f9f4d5158")


@given(st.binary(max_size=70_000), st.binary(min_size=4, max_size=4))
@settings(max_examples=50, deadline=None)
def test_what_is_written_can_be_unmasked(payload, mask):
    """By another reader than ours, at each of the three lengths."""
    assert [(Kind.TEXT, payload)] == list(said_in(frame(Kind.TEXT, payload, mask)))


@given(
    st.lists(st.lists(st.binary(max_size=300), min_size=1, max_size=4), max_size=4),
    st.integers(1, 50),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_messages_in_pieces_are_put_together_however_the_bytes_come(messages, step, with_ping):
    """A ping may come between the pieces of a message, and is handed on by itself."""
    sent = b""
    for pieces in messages:
        for number, piece in enumerate(pieces):
            kind = Kind.MORE if number else Kind.TEXT
            sent += server_frame(kind, piece, last=number == len(pieces) - 1)
            sent += server_frame(Kind.PING, b"p") if with_ping else b""
    found = read(sent, step)

    assert [b"".join(pieces) for pieces in messages] == [each.payload for each in found if each.kind is Kind.TEXT]
    assert with_ping * sum(map(len, messages)) == sum(each.kind is Kind.PING for each in found)


@pytest.mark.parametrize(
    "data",
    [
        bytes.fromhex("c10548656c6c6f"),  # compressed, which nobody agreed on
        bytes.fromhex("8300"),  # of no known kind
        bytes.fromhex("818537fa213d7f9f4d5158"),  # masked
        bytes.fromhex("0900"),  # a ping in pieces
        bytes.fromhex("897e0080") + b"x" * 128,  # a ping that is too long
        bytes.fromhex("8000"),  # the end of a message that never began
        bytes.fromhex("010161810162"),  # a message within a message
        bytes.fromhex("820161"),  # no text
        bytes.fromhex("817f") + (LONGEST_MESSAGE + 1).to_bytes(8, "big"),
    ],
)
def test_what_no_server_may_send_is_refused(data):
    """Nobody reads a meaning into it."""
    with pytest.raises(BrokenFrameError):
        read(data)


def test_a_message_of_pieces_without_end_is_refused():
    """The limit is that of the message, and not of each piece."""
    piece = server_frame(Kind.MORE, b"x" * (1 << 20), last=False)
    with pytest.raises(BrokenFrameError, match="longer than"):
        read(server_frame(Kind.TEXT, b"", last=False) + piece * 5)
    with pytest.raises(BrokenFrameError, match="too many pieces"):
        read(server_frame(Kind.TEXT, b"", last=False) + server_frame(Kind.MORE, b"", last=False) * 10_001)


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_no_bytes_make_the_reader_fail_otherwise_than_by_saying_so(data):
    """Texts and a reason come back, whatever came."""
    for received in (data, OPEN + data):
        found, problem = texts(received)
        assert all(isinstance(each, str) for each in found)
        assert isinstance(problem, str)


@pytest.mark.parametrize(
    ("received", "found", "problem"),
    [
        (OPEN + server_frame(Kind.TEXT, b"a") + server_frame(Kind.CLOSE, b""), ["a"], ""),
        (OPEN + server_frame(Kind.TEXT, b"a") + b"\x81", ["a"], "its last frame breaks off"),
        (OPEN + server_frame(Kind.TEXT, b"a") + server_frame(Kind.TEXT, b"\xff"), ["a"], "a text is not UTF-8"),
        (OPEN[:20], [], "its answer breaks off"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", [], "it answered 403, and opened no WebSocket"),
        (b"200 news.example\r\n\r\n\r\n", [], "it does not answer in HTTP"),
        (b"HTTP/1.1 1013 x\r\n\r\n" + server_frame(Kind.TEXT, b"a"), [], "it does not answer in HTTP"),
        (b"x" * (1 << 15), [], "its headers do not come to an end"),
    ],
)
def test_a_recording_is_read_to_where_it_makes_sense(received, found, problem):
    """And what is wrong from there on is said."""
    assert (found, problem) == texts(received)
