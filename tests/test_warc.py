"""The WARC format, written and read."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint import warc

DATE = datetime(2026, 6, 1, 12, 0, 0, 5, tzinfo=UTC)
KINDS = ("warcinfo", "response", "request", "metadata")


def exchange(blocks: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    for kind in KINDS:
        block = warc.Block.of((blocks or {}).get(kind, f"{kind} block".encode()))
        record_id = f"<urn:uuid:00000000-0000-4000-8000-00000000000{KINDS.index(kind)}>"
        warc.write_record(
            out, kind, block, date=DATE, content_type="text/plain", record_id=record_id,
            fields={"WARC-Target-URI": "https://a.example/"},
        )  # fmt: skip
    return out.getvalue()


@given(st.binary(max_size=3000))
def test_what_is_written_is_read_back(block):
    """
    Any block comes back byte for byte, with its date to the microsecond.
    """
    records = [
        (record.type, record.read(), record.headers["warc-date"])
        for record in warc.read(io.BytesIO(exchange({"response": block})))
    ]

    assert ("response", block, "2026-06-01T12:00:00.000005Z") == records[1]
    assert list(KINDS) == [kind for kind, *_ in records]


def test_the_same_arguments_give_the_same_bytes():
    """
    No clock and no chance enters a record but through its arguments.
    """
    assert exchange() == exchange()


def test_a_block_larger_than_memory_wants_is_streamed(tmp_path):
    """
    A block is read in pieces and comes back whole from a spooled file.
    """
    path = tmp_path / "large"
    path.write_bytes(bytes(3_000_000) + b"end")
    out = io.BytesIO()
    with path.open("rb") as stream:
        block = warc.Block.of_stream(stream)
        warc.write_record(out, "response", block, date=DATE, content_type="a/b", record_id="<urn:x>", fields={})

    records = [(record.length, record.read()[-3:]) for record in warc.read(io.BytesIO(out.getvalue()))]

    assert records == [(3_000_003, b"end")]


def test_a_line_break_cannot_be_smuggled_into_a_header():
    """
    A value with a line break would start a header of its own.
    """
    with pytest.raises(warc.WarcError, match="line break"):
        warc.write_record(
            io.BytesIO(), "request", warc.Block.of(b""), date=DATE, content_type="a/b", record_id="<urn:x>",
            fields={"WARC-Target-URI": "https://a.example/\r\nWARC-Type: response"},
        )  # fmt: skip


def test_a_whole_file_has_no_problems():
    """
    The check is silent on what the writer wrote.
    """
    assert warc.check(io.BytesIO(exchange())) == []


def rendered(*kinds):
    out = io.BytesIO()
    for kind in ("warcinfo", *kinds, "metadata"):
        block = warc.Block.of(kind.encode())
        warc.write_record(out, kind, block, date=DATE, content_type="a/b", record_id=warc.new_record_id(), fields={})
    return out.getvalue()


def test_a_rendered_page_is_resources_and_nothing_else():
    """
    As many as there are parts, and at least one; an exchange without its request is no page.
    """
    assert warc.check(io.BytesIO(rendered("resource", "resource", "resource"))) == []
    for other in ([], ["response"], ["resource", "response"], ["resource", "resource", "request"]):
        assert "it holds" in warc.check(io.BytesIO(rendered(*other)))[0]


def test_dull_content_that_packs_well_is_read_to_its_end():
    """
    Two megabytes in one small member, with another record right behind it.
    """
    dull, out = bytes(range(256)) * 9000, io.BytesIO()
    for _ in range(2):
        block = warc.Block.of(dull)
        warc.write_record(
            out, "resource", block, date=DATE, content_type="a/b", record_id=warc.new_record_id(), fields={}
        )
    out.seek(0)

    assert [record.read() == dull for record in warc.read(out)] == [True, True]


def test_every_cut_is_found():
    """
    Cut at any byte, the file is reported; empty, it is reported too.
    """
    whole = exchange()

    assert all(warc.check(io.BytesIO(whole[:end])) for end in range(len(whole)))


def test_every_flipped_bit_in_the_compressed_content_is_found():
    """
    Only the header bytes of a gzip member that carry no content may change unseen; the blob's hash covers them.
    """
    whole = exchange()
    starts = [record.offset for record in warc.read(io.BytesIO(whole))]
    silent = []
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 1
        if not warc.check(io.BytesIO(bytes(damaged))):
            silent.append(at)

    assert all(any(3 <= at - start <= 9 for start in starts) for at in silent)


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (lambda whole: whole + whole, "it holds"),
        (lambda whole: whole + b"trailing", "not an intact gzip member"),
        (lambda whole: b"", "it holds nothing"),
        (lambda whole: exchange({"response": b"x"})[: len(whole) // 2], "cut short"),
    ],
    ids=["an exchange twice", "bytes after the end", "empty file", "half a file"],
)
def test_a_file_of_another_make_up_is_reported(attack, words):
    """
    One file is one exchange: more, less or other records are a problem.
    """
    assert any(words in problem for problem in warc.check(io.BytesIO(attack(exchange()))))


def test_a_block_rewritten_with_its_old_digest_is_found():
    """
    A body changed and packed again, its recorded digest left as it was, is named.
    """
    import zlib

    whole = exchange()
    offsets = [record.offset for record in warc.read(io.BytesIO(whole))]
    member = zlib.decompress(whole[offsets[1] : offsets[2]], 31).replace(b"response block", b"response fake!")
    packed = zlib.compressobj(6, zlib.DEFLATED, 31)
    forged = whole[: offsets[1]] + packed.compress(member) + packed.flush() + whole[offsets[2] :]

    assert any("response record" in problem and "changed" in problem for problem in warc.check(io.BytesIO(forged)))
