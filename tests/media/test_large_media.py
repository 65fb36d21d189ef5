"""Large files: never whole in memory, joined only where the server vouches for it, and bounded by authority and disk."""

from __future__ import annotations

import gzip
import hashlib
import json
import tempfile
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from origin import drip, http

from osint.capture.client import ask
from osint.capture.room import RESERVE, check_room
from osint.capture.wire import Wire
from osint.errors import NoRoomError, QuotaError

pytest.importorskip("resource")  # which tells the peak of memory
from large_files import MEBIBYTE, digest, sent, taken_the_whole_way

FILM = b"\0\0\0\x14ftypisom\0\0\0\0isom" + bytes(range(256)) * 400
HALF = 40_000
STRONG = ('ETag: "v1"', "Accept-Ranges: bytes", "Last-Modified: Mon, 04 May 2026 10:00:00 GMT")


def feed(origin, **files: str) -> str:
    """Serve a feed whose items, in the order of their names, show these files."""
    items = [{"id": f"https://jane.example/{name}", "content_text": "x", "image": url} for name, url in files.items()]
    shown = {"version": "https://jsonfeed.org/version/1.1", "title": "Jane", "items": items}
    return origin.serve("/feed", http(json.dumps(shown).encode(), "Content-Type: application/feed+json"))


def head(status: str, length: int, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: video/mp4", f"Content-Length: {length}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def broken(*headers: str, at: int = HALF, body: bytes = FILM):
    """An answer that breaks off after so many bytes of its body."""
    return drip(head("200 OK", len(body), *headers) + body[:at])


def part(start: int = HALF, *headers: str, stop: int = len(FILM), whole: int = len(FILM), etag: str = '"v1"') -> bytes:
    """An answer with these bytes of the film."""
    stated = f"Content-Range: bytes {start}-{stop - 1}/{whole}"
    return http(FILM[start:stop], f"ETag: {etag}", stated, *headers, status="206 Partial Content")


@pytest.fixture
def preserve(open_case, origin):
    """Have a case preserve one file that answers in turn like this; return the case."""

    def preserve(*answers, case=None, **scope):
        case = case or open_case(**scope)
        case.collect("feed", url=feed(origin, film=origin.serve("/film.mp4", *answers)))
        case.media(case.posts())
        return case

    return preserve


def asked(origin) -> list[bytes]:
    return [request for request in origin.requests if b"/film.mp4" in request]


def digests(case) -> list[str]:
    return list(case.media()["sha256"])


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# -- memory ------------------------------------------------------------------------------------------------------------


@pytest.mark.exhaustive
@pytest.mark.parametrize("coding", ["plain", "gzip"])
def test_a_large_file_takes_no_more_memory_than_a_small_one(coding, origin, tmp_path):
    """
    Fetched, preserved, read back, examined, rebuilt, verified, and packed to be handed over.
    """
    _check_peak(96 * MEBIBYTE, coding, origin, tmp_path, packed=coding == "plain")


@pytest.mark.large
def test_a_gibibyte_takes_no_more_memory_than_a_small_one(origin, tmp_path):
    """
    The same for 1 GiB.
    """
    _check_peak(1024 * MEBIBYTE, "plain", origin, tmp_path, packed=True)


def _check_peak(size, coding, origin, folder, *, packed):
    files = {"a": origin.serve("/a.mp4", sent(MEBIBYTE, coding)), "b": origin.serve("/b.mp4", sent(size, coding))}

    found = taken_the_whole_way(folder / "case", feed(origin, **files), packed=packed)

    assert (size, digest(size), "video/mp4", []) == tuple(
        found[name] for name in ("size", "sha256", "media_type", "warnings")
    )
    assert found["grown"] <= 64_000_000, f"{found['grown']:,} bytes"


def test_a_bomb_is_unpacked_to_its_limit_and_named(preserve):
    """
    What a packed file unpacks to is bounded by what came, on disk as in memory.
    """
    bomb = gzip.compress(bytes(30_000_000))

    case = preserve(http(bomb, "Content-Encoding: gzip", "Content-Type: video/mp4"))

    assert [200 * len(bomb)] == list(case.media()["size"])
    assert "unpacks to more than" in case.warnings()["what"][0]


def test_a_file_has_a_limit_of_its_own(preserve, loopback, origin):
    """
    It may be longer than a page, is cut at its own limit, and the rest is not asked for.
    """
    network = replace(loopback, body_limit=10_000, media_limit=50_000)

    case = preserve(head("200 OK", len(FILM), *STRONG) + FILM, network=network)

    assert 40_000 < case.media()["size"][0] < 50_000
    assert "The answer was cut (length)." in list(case.warnings()["what"])
    assert len(asked(origin)) == 1


# -- ranges ------------------------------------------------------------------------------------------------------------


def test_the_rest_of_a_file_is_asked_for_and_joined(preserve, origin):
    """
    Under a strong ETag each part is an exhibit, the row names them all, and its digest is that of the whole.
    """
    case = preserve(broken(*STRONG), part(stop=70_000), part(70_000))

    row = case.media().iloc[0]
    assert (sha256(FILM), len(FILM)) == (row["sha256"], row["size"])
    assert (row["exhibit"], row["parts"]) == ("E0002", ["E0002", "E0003", "E0004"])
    assert case.media_sheet("E0004").record.exhibit == "E0002"
    assert case.warnings().empty
    sent_headers = [request.split(b"\r\n") for request in asked(origin)]
    assert [b"Range: bytes=40000-" in sent_headers[1], b"Range: bytes=70000-" in sent_headers[2]] == [True, True]
    assert all(b'If-Range: "v1"' in headers for headers in sent_headers[1:])
    before = case.media()
    case.rebuild()
    pd.testing.assert_frame_equal(before, case.media())
    case.verify()


def test_the_ledger_says_what_a_part_continues(preserve):
    """
    The entry of each further part names the exhibit that broke off.
    """
    case = preserve(broken(*STRONG), part())

    told = [entry.private.get("continues") for entry in case._ledger.entries() if entry.action == "acquire"]

    assert told == [None, None, "E0002"]


def test_a_part_that_breaks_off_is_gone_on_with(preserve):
    """
    As often as the network's attempts allow, and "later" is waited for.
    """
    later = http(b"", "Retry-After: 0", status="503 Service Unavailable")
    cut = drip(
        head("206 Partial Content", len(FILM) - HALF, STRONG[0], f"Content-Range: bytes {HALF}-{len(FILM) - 1}/{len(FILM)}")
        + FILM[HALF:60_000]
    )  # fmt: skip

    case = preserve(broken(*STRONG), cut, later, part(60_000))

    assert (digests(case), case.warnings().empty) == ([sha256(FILM)], True)


def test_a_file_whose_rest_never_comes_is_marked(preserve, origin, loopback):
    """
    Parts that come to less than the whole are joined and said to be less; nobody asks for ever.
    """
    slices = [part(at, stop=at + 10) for at in range(HALF, HALF + 200, 10)]

    case = preserve(broken(*STRONG), *slices, network=replace(loopback, attempts=2))

    assert digests(case) == [sha256(FILM[: HALF + 20])]
    assert f"Of {len(FILM)} bytes, {HALF + 20} came in all parts together." in list(case.warnings()["what"])
    assert len(asked(origin)) == 3


@pytest.mark.parametrize(
    "headers",
    [
        ('ETag: W/"v1"', "Accept-Ranges: bytes"),
        ("Accept-Ranges: bytes",),
        ("ETag: v1", "Accept-Ranges: bytes"),
        ('ETag: "v1"',),
        ('ETag: "v1"', "Accept-Ranges: none"),
        (*STRONG, "Content-Encoding: gzip"),
        (*STRONG, "Transfer-Encoding: chunked"),
    ],
    ids=["weak", "no ETag", "no ETag's spelling", "no ranges", "ranges refused", "packed", "chunked"],
)
def test_where_the_server_vouches_for_nothing_there_is_one_answer(headers, preserve, origin):
    """
    Weak or no ETag, no ranges, or a coded body: what came is kept and marked, and no rest is asked for.
    """
    coded = {"Content-Encoding: gzip": gzip.compress(FILM, 0), "Transfer-Encoding: chunked": b"%x\r\n" % 60_000 + FILM}

    case = preserve(broken(*headers, body=coded.get(headers[-1], FILM)), part())

    assert len(asked(origin)) == 1
    assert case.media()["parts"][0] == []
    assert "The answer was cut (disconnect)." in list(case.warnings()["what"])


def test_a_file_longer_than_its_limit_is_not_gone_on_with(preserve, origin, loopback):
    """
    Not in parts either.
    """
    preserve(broken(*STRONG), part(), network=replace(loopback, media_limit=HALF + 10_000))

    assert len(asked(origin)) == 1


OTHER = FILM[::-1]


@pytest.mark.parametrize(
    ("answer", "kept", "words"),
    [
        (http(OTHER, 'ETag: "v2"'), OTHER, "another version: it stands alone"),
        (http(FILM, 'ETag: "v1"'), FILM, "the whole again: it stands alone"),
        (http(b"", status="416 Range Not Satisfiable"), FILM[:HALF], "status 416"),
        (part(etag='"v2"'), FILM[:HALF], 'its ETag is "v2"'),
        (part(etag='W/"v1"'), FILM[:HALF], 'its ETag is W/"v1"'),
        (part(HALF - 10), FILM[:HALF], "and 40000-"),
        (part(HALF + 10), FILM[:HALF], "and 40000-"),
        (part(whole=len(FILM) + 1), FILM[:HALF], "and 40000-"),
        (part(stop=len(FILM) + 1), FILM[:HALF], "and 40000-"),
        (part(HALF, "Content-Encoding: gzip"), FILM[:HALF], "packed"),
        (part(HALF, "Last-Modified: Tue, 05 May 2026 10:00:00 GMT"), FILM[:HALF], "its Last-Modified is not"),
        (http(FILM[HALF:], 'ETag: "v1"', status="206 Partial Content"), FILM[:HALF], "does not state which bytes"),
        (
            http(FILM[HALF:], 'ETag: "v1"', f"Content-Range: bytes {HALF}-{HALF + 9}/{len(FILM)}", status="206 P"),
            FILM[:HALF],
            "states 10 bytes and holds",
        ),
    ],
    ids=[
        "changed",
        "range ignored",
        "416",
        "206 of another version",
        "206 of a weak one",
        "starts before",
        "starts after",
        "wrong total",
        "ends beyond",
        "packed",
        "of another day",
        "no Content-Range",
        "more than stated",
    ],
)
def test_what_is_not_the_rest_is_never_joined(answer, kept, words, preserve, origin):
    """
    A new whole stands alone; anything else is preserved, and the file stays as it broke off. Both are said.
    """
    case = preserve(broken(*STRONG), answer)

    assert (digests(case), case.media()["parts"][0]) == ([sha256(kept)], [])
    warnings = case.warnings()
    assert words in " ".join(warnings[warnings["exhibit"] == "E0003"]["what"])
    assert len(asked(origin)) == 2
    before = case.media(), warnings
    case.rebuild()
    pd.testing.assert_frame_equal(before[0], case.media())
    pd.testing.assert_frame_equal(before[1], case.warnings())


def test_parts_of_two_addresses_are_never_one_file(preserve, origin):
    """
    An ETag is that of one address: whoever leads elsewhere the second time shows another file.
    """
    first, second = (http(b"", f"Location: /store/{name}.mp4", status="302 Found") for name in "ab")
    origin.serve("/store/a.mp4", broken(*STRONG))
    origin.serve("/store/b.mp4", part())

    case = preserve(first, second)

    assert (digests(case), case.media()["parts"][0]) == ([sha256(FILM[:HALF])], [])
    assert "another address answered" in " ".join(case.warnings()["what"])


def test_a_file_that_came_in_parts_is_not_asked_for_again(preserve, origin):
    """
    It was answered.
    """
    case = preserve(broken(*STRONG), part())

    case.media(case.posts())

    assert len(asked(origin)) == 2


# -- bounds ------------------------------------------------------------------------------------------------------------


def test_what_an_authority_allows_is_the_limit_of_the_last_answer(preserve, origin):
    """
    The answer that would pass it is cut at what is left; after that nothing is asked, and the refusal is an entry.
    """
    case = preserve(http(FILM, *STRONG), part(20_000), max_bytes=20_000)
    assert case.media()["size"][0] < 20_000
    assert "The answer was cut (length)." in list(case.warnings()["what"])
    assert len(asked(origin)) == 1
    case._gate.stored = lambda standing: 20_000
    requests = len(origin.requests)

    with pytest.raises(QuotaError, match="max_bytes"):
        preserve(http(b"x"), case=case)

    assert requests == len(origin.requests)


def test_more_than_an_authority_allows_is_refused_and_logged(open_case, origin):
    """
    What its requests stored counts, in this session and in an earlier one.
    """
    pages = [origin.serve(f"/{number}", http(b"<html>" + b"x" * 300, "Content-Type: text/html")) for number in range(9)]
    case = open_case(max_bytes=3000)
    with pytest.raises(QuotaError, match="allows 3000 bytes"):
        for page in pages:
            case.collect("webpage", url=page)
    asked_for = len(origin.requests)
    assert 1 < asked_for < 9
    stored = sum(exhibit.size for exhibit in case._ledger.exhibits())
    assert stored >= 3000
    last = case.ledger.query("action == 'acquire'").iloc[-1]
    assert (last["outcome"], "QuotaError" in last["details"]) == ("refused", True)
    case.close()

    again = open_case(case.folder, authorized=False)
    with pytest.raises(QuotaError):
        again.collect("webpage", url=pages[-1])

    assert asked_for == len(origin.requests)


def test_without_room_for_the_largest_file_none_is_asked_for(open_case, preserve, origin):
    """
    Pages still find room; the refusal is an entry, and says what to do.
    """
    case = open_case()
    case._door._free = lambda folder: 2 << 30

    with pytest.raises(NoRoomError, match="Make room and go on"):
        preserve(http(FILM), case=case)

    assert (asked(origin), len(case.posts())) == ([], 1)
    last = case.ledger.query("action == 'acquire'").iloc[-1]
    assert (last["outcome"], "NoRoomError" in last["details"]) == ("failed", True)
    case._door._free = lambda folder: 20 << 30
    case.media(case.posts())
    assert digests(case) == [sha256(FILM)]


def test_without_room_for_a_page_none_is_asked_for(open_case, origin):
    """
    The same limit, the same answer.
    """
    case = open_case()
    case._door._free = lambda folder: 300 << 20

    with pytest.raises(NoRoomError):
        case.collect("webpage", url=origin.serve("/", http(b"<html>x", "Content-Type: text/html")))

    assert origin.requests == []


@pytest.mark.parametrize(("left", "fits"), [(RESERVE + 300, True), (RESERVE + 299, False)])
def test_one_disk_holds_an_answer_three_times(left, fits, tmp_path):
    """
    As evidence, as it was recorded, and laid out to be read; and there is a reserve for the case itself.
    """
    with nullcontext() if fits else pytest.raises(NoRoomError):
        check_room(tmp_path / "not" / "there", 100, lambda folder: left)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="one disk only")
@pytest.mark.parametrize("full", ["evidence", "temporary"])
def test_each_of_two_disks_is_looked_at(full, monkeypatch, tmp_path):
    """
    The evidence and the temporary folder may lie on different disks.
    """
    spool = Path("/dev/shm")
    monkeypatch.setattr(tempfile, "tempdir", str(spool))
    lacking = {"evidence": tmp_path, "temporary": spool}[full]

    with pytest.raises(NoRoomError, match=str(lacking)):
        check_room(tmp_path, 100, lambda folder: 0 if folder == lacking else 1 << 40)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_temporary_folder_that_fills_up_is_no_fault_of_the_server(origin, loopback):
    """
    What did not fit is no evidence: it is an error, and no answer that broke off.
    """
    wire = Wire(loopback)
    wire.received.close()
    with (
        Path("/dev/full").open("wb", buffering=0) as wire.received,
        pytest.raises(NoRoomError, match="temporary folder"),
    ):
        ask(origin.serve("/", http(FILM)), wire, loopback, "osint-test")
