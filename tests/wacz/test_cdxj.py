"""The index: which records have a line, what it says, and how blocks of lines are found again."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from package_builders import CHUNKED, HTML, NOON, exhibit

from osint import warc
from osint.wacz import cdxj
from osint.wacz.form import members


def lines_of(content: bytes, name: str = "0001.warc.gz") -> list[str]:
    found = (cdxj.index_line(record, name) for record in members(io.BytesIO(content)))
    return [line for line in found if line]


def facts(line: str) -> dict[str, str]:
    return json.loads(line.split(" ", 2)[2])


def record(kind: str, block: bytes, content_type: str) -> bytes:
    out = io.BytesIO()
    warc.write_record(
        out, kind, warc.Block.of(block), date=NOON, content_type=content_type, record_id="<urn:uuid:1>",
        fields={"WARC-Target-URI": "https://a.example/"},
    )  # fmt: skip
    return out.getvalue()


def test_an_exchange_has_one_line_that_leads_to_its_answer():
    """
    Key, second and the seven facts, in the order of cdxj-indexer; offset and length cut out the member of the answer.
    """
    content = exhibit(1, "https://www.a.example/?b&a", date=NOON)
    (line,) = lines_of(content)
    told = facts(line)
    start, length = int(told["offset"]), int(told["length"])

    assert line.startswith("example,a)/?a&b 20260601120000 {")
    assert list(told) == ["url", "mime", "status", "digest", "length", "offset", "filename"]
    assert (told["mime"], told["status"], told["filename"]) == ("text/html", "200", "0001.warc.gz")
    assert [each.read() for each in warc.read(io.BytesIO(content[start : start + length]))] == [HTML]


def test_a_record_without_payload_digest_has_none_in_its_line():
    """
    Under a transfer coding the record states none, and the index invents none.
    """
    (line,) = lines_of(exhibit(1, "https://a.example/", CHUNKED))

    assert "digest" not in facts(line)
    assert facts(line)["status"] == "404"


@pytest.mark.parametrize(
    ("kind", "block", "content_type", "expected"),
    [
        ("resource", b"\x89PNG", "image/png", ("image/png", None)),
        ("revisit", b"HTTP/1.1 304 Not Modified\r\n\r\n", "application/http;msgtype=response", ("warc/revisit", "304")),
        ("response", b"HTTP/1.1 200\r\ncontent-type : a/b ; c\r\nContent-Type: d/e\r\n\r\n", "application/http", ("a/b", "200")),
        ("response", b"HTTP/1.1 204 No Content\n\nContent-Type: a/b\n", "application/http", (None, "204")),
        ("response", b"", "application/http", (None, None)),
        ("resource", b"a: b", "application/warc-fields", None),
        ("metadata", b"{}", "application/json", None),
        ("request", b"GET / HTTP/1.1\r\n\r\n", "application/http;msgtype=request", None),
        ("warcinfo", b"a: b", "application/warc-fields", None),
    ],
)  # fmt: skip
def test_each_kind_of_record_has_its_line_or_none(kind, block, content_type, expected):
    """
    The head of an HTTP message is read, its body never.
    """
    found = [
        (facts(line).get("mime"), facts(line).get("status")) for line in lines_of(record(kind, block, content_type))
    ]

    assert found == ([expected] if expected else [])


def test_a_second_is_cut_not_rounded():
    """
    In the record, in the page and in the index alike.
    """
    late = datetime(2026, 6, 1, 14, 0, 59, 999_999, tzinfo=UTC)

    assert cdxj.timestamp("2026-06-01T14:00:59.999999Z") == cdxj.timestamp_of(late) == "20260601140059"


@given(st.lists(st.text(alphabet="abc)/ {}é\u2028", min_size=1), max_size=40), st.integers(1, 5))
def test_sorted_lines_come_back_from_their_blocks(keys, in_memory):
    """
    Each once, in order, however many fit in memory and in a block.
    """
    lines = [f"{key} 20260601120000 {{}}\n" for key in keys]
    with pytest.MonkeyPatch.context() as patch, cdxj.Sorter() as sorter:
        patch.setattr(cdxj, "_IN_MEMORY", in_memory)
        patch.setattr(cdxj, "LINES_IN_A_BLOCK", 3)
        for line in lines:
            sorter.add(line)
        packed = io.BytesIO()
        idx = cdxj.write_index(sorter, packed, "index.cdx.gz")
        packed.seek(0)

        assert list(cdxj.read_index(packed, idx, "index.cdx.gz")) == sorted(set(lines))


def test_each_block_begins_where_the_idx_says():
    """
    A replayer reads one block of 300 lines, whose first key and hash the idx names.
    """
    lines = [f"example,a)/{number:04d} 20260601120000 {{}}\n" for number in range(700)]
    packed = io.BytesIO()
    meta, *blocks = cdxj.write_index(lines, packed, "index.cdx.gz").decode().splitlines()

    assert meta == '!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}'
    assert [block.split(" {")[0] for block in blocks] == [lines[place].split(" {")[0] for place in (0, 300, 600)]
    assert sum(json.loads(block[block.index("{") :])["length"] for block in blocks) == len(packed.getvalue())


def test_a_bomb_in_a_record_is_refused_before_it_is_unpacked():
    """
    A quarter of a gigabyte of zeros in so many kilobytes; a body that is merely dull is read.
    """
    import zlib

    gzip = zlib.compressobj(6, zlib.DEFLATED, 31)
    bomb = b"".join(gzip.compress(bytes(1 << 24)) for _ in range(16)) + gzip.flush()

    with pytest.raises(warc.WarcError, match="grows beyond"):
        list(members(io.BytesIO(bomb)))
    assert len(lines_of(record("resource", bytes(3 << 20), "a/b"))) == 1


def test_a_file_without_records_is_refused():
    """
    Nothing that could be indexed is not the same as nothing to say.
    """
    with pytest.raises(warc.WarcError, match="holds no record"):
        list(members(io.BytesIO()))


def test_lengths_are_those_of_the_members():
    """
    The members follow each other without a gap, whatever falls on the border of what is read at once.
    """
    content = b"".join(
        exhibit(number, f"https://a.example/{number}", HTML + bytes(number * 997)) for number in range(60)
    )
    content += exhibit(61, "https://a.example/large", HTML + bytes(range(256)) * 9000, date=NOON + timedelta(days=1))
    expected = 0
    for found in members(io.BytesIO(content)):
        assert found.offset == expected
        expected += found.packed

    assert expected == len(content)
