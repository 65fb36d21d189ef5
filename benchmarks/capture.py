"""What a capture costs: its records written and verified, its recorder, its web archive, beside the bare libraries.

The floors (see ``measuring``) are bare zlib and SHA-256 over the very same gzip members, blocks and bodies, and bare
``requests``. A page is 20 KB of HTML. ``records`` is a WARC file of pages alone, one response each, which warcio and
FastWARC write and verify too; ``exhibits`` are whole exchanges as evidence holds them, one file each: warcinfo,
response, request, metadata. Times are CPU times. Seeds are fixed, folders are thrown away.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import multiprocessing
import random
import socket  # noqa: TID251 - the origin that is asked
import statistics
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import requests  # noqa: TID251 - the floor of the recorder
from measuring import cpu, figure, folder, microseconds, print_figures, ratios, report, turns, wall, watched

import osint
from osint import warc
from osint.capture.client import ask
from osint.capture.errand import Errand
from osint.capture.network import Network
from osint.capture.preserve import Asked, write_exchange
from osint.capture.wire import Wire
from osint.query import make_query
from osint.serve.practice_keys import practice_keys
from osint.wacz.check import check_wacz
from osint.wacz.package import Page, write_wacz

ROUNDS = 9
RECORDS = EXHIBITS = 200
FETCHES = 100
PACKED = 10_000
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LOOPBACK = Network(allow=("127.0.0.1",), pace=0)
AGENT = LOOPBACK.user_agent
PAGE_SIZE = 20 << 10


class Record(NamedTuple):
    """One record as the bare floor sees it: where its gzip member lies, and block and body in what that unpacks to."""

    kind: str
    url: str
    member: slice
    content: bytes
    block: slice
    body: slice | None


class File(NamedTuple):
    """A WARC file and what is in it."""

    blob: bytes
    records: Sequence[Record]


class Exhibit(NamedTuple):
    """One exchange as the recorder left it, and the file that is written of it."""

    asked: Asked
    wire: Wire
    file: File


# -- pages and exhibits -----------------------------------------------------------------------------------------------


def words(chance: random.Random) -> Iterator[str]:
    """Yield invented words, as often as words of a language come: by Zipf's law."""
    syllables = [one + two for one in "bdfghklmnprstvw" for two in "aeiouy"]
    known = ["".join(chance.choices(syllables, k=chance.choice((1, 2, 2, 3, 4)))) for _ in range(2000)]
    weights = list(accumulate(rank**-1.2 for rank in range(1, len(known) + 1)))
    while True:
        yield from chance.choices(known, cum_weights=weights, k=1000)


def pages(count: int) -> Iterator[bytes]:
    """Yield pages of HTML that pack about five to one."""
    chance = random.Random(1)
    said = words(chance)
    for number in range(count):
        parts = [f"<!DOCTYPE html><html><head><title>Page {number}</title></head><body>"]
        size = 0
        while size < PAGE_SIZE:
            text = " ".join(next(said) for _ in range(chance.randint(5, 25)))
            link = f'<a class="link" href="/{next(said)}/{chance.randint(1, 99)}">{next(said)}</a>'
            parts.append(f'<div class="post"><p class="text">{text}</p><span class="by">{link}</span></div>\n')
            size += len(parts[-1])
        yield "".join(parts).encode()[:PAGE_SIZE]


def exhibits(count: int) -> Iterator[Exhibit]:
    """Yield exchanges as the recorder leaves them, each written once."""
    for number, body in enumerate(pages(count)):
        url = f"https://news.example/2026/{number}"
        wire = Wire(LOOPBACK)
        wire.sent.write(
            f"GET /2026/{number} HTTP/1.1\r\nHost: news.example\r\nUser-Agent: {AGENT}\r\n"
            "Accept: */*\r\nAccept-Encoding: gzip, deflate\r\nConnection: close\r\n\r\n".encode()
        )
        wire.keep(answer(body))
        wire.answers, wire.peer = ["198.51.100.7"], "198.51.100.7"
        asked = Asked(
            url=url, via=url, started=NOON, ended=NOON, entry=f"{number:032x}", case=f"osint/{0:032x}",
            authorization="0" * 64, network=LOOPBACK.described(), software="osint/bench",
        )  # fmt: skip
        yield Exhibit(asked, wire, opened(write_ours(asked, wire)))


def answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def write_ours(asked: Asked, wire: Wire) -> bytes:
    out = io.BytesIO()
    write_exchange(out, asked, wire)
    return out.getvalue()


def opened(blob: bytes) -> File:
    return File(blob, list(records(blob)))


def records(blob: bytes) -> Iterator[Record]:
    for each in warc.read(io.BytesIO(blob)):
        member = slice(each.offset, each.offset + each.packed)
        content = zlib.decompress(blob[member], 31)
        end = len(content) - 4
        start = end - each.length
        stated = "warc-payload-digest" in each.headers
        body = slice(start + warc.payload_offset(each.block), end) if stated else None
        yield Record(each.type, each.headers.get("warc-target-uri", ""), member, content, slice(start, end), body)


# -- records ----------------------------------------------------------------------------------------------------------


def bench_records() -> None:
    """A WARC file of pages, written and verified by us, by zlib and SHA-256 alone, by warcio and by FastWARC."""
    bodies = list(pages(RECORDS))
    file = opened(write_pages(bodies))
    raw, per_page = sum(len(each.content) for each in file.records), f"{len(answer(bodies[0])):,} bytes a response"
    print(f"[{RECORDS} responses, {per_page}, packed {raw / len(file.blob):.2f} to 1]")

    def each(work: Callable[[], object]) -> Callable[[], float]:
        return lambda: cpu(work) / RECORDS

    writing = turns(ROUNDS, each(lambda: write_pages(bodies)), each(lambda: write_bare(file)))
    report_speed("write", ">= 0.8", *writing)
    verifying = turns(ROUNDS, each(lambda: verify_pages(file)), each(lambda: verify_bare(file)))
    report_speed("verify", ">= 0.7", *verifying)
    for name, write, verify in (("warcio", write_warcio, verify_warcio), ("fastwarc", write_fastwarc, verify_fastwarc)):
        try:
            said = f"{name} {version(name)}"
        except PackageNotFoundError:
            print(f"{name}: not installed")
            continue
        how = {"warcio": "gzip-9, SHA-1: its only way", "fastwarc": "gzip-6, our SHA-256"}[name]
        theirs = turns(3, each(lambda write=write: write(file)), each(lambda verify=verify: verify(file)))
        for verb, seconds, note in zip(("write", "verify"), theirs, (f" ({how})", ""), strict=True):
            rate = 1 / statistics.median(seconds)
            print(f"{said} {verb}{note}: {microseconds(seconds)} of CPU a record, {rate:,.0f} records/CPU-s")
            figure(f"{name}_{verb}_rate", rate, "records/CPU-s")


def report_speed(name: str, goal: str, ours: list[float], floors: list[float]) -> None:
    rate = 1 / statistics.median(ours)
    beside = f"{microseconds(ours)} of CPU a record, bare zlib and SHA-256 {microseconds(floors)}"
    report(f"{name}_over_bare", ratios(floors, ours), goal, f"{rate:,.0f} records/CPU-s; {beside}")
    figure(f"{name}_rate", rate, "records/CPU-s")


def write_pages(bodies: Sequence[bytes]) -> bytes:
    out = io.BytesIO()
    for number, body in enumerate(bodies):
        warc.write_record(
            out, "response", warc.Block.of(answer(body)), date=NOON, content_type="application/http;msgtype=response",
            record_id=warc.new_record_id(),
            fields={
                "WARC-Target-URI": f"https://news.example/2026/{number}",
                "WARC-Payload-Digest": warc.digest_text(hashlib.sha256(body).digest()),
            },
        )  # fmt: skip
    return out.getvalue()


def write_bare(file: File) -> None:
    out = io.BytesIO()
    for record in file.records:
        hashlib.sha256(record.content[record.block]).digest()
        if record.body:
            hashlib.sha256(record.content[record.body]).digest()
        gzip = zlib.compressobj(6, zlib.DEFLATED, 31)
        out.write(gzip.compress(record.content) + gzip.flush())


def verify_pages(file: File) -> None:
    if any(warc.digest_problems(record) for record in warc.read(io.BytesIO(file.blob))):
        raise SystemExit("a record does not verify")


def verify_bare(file: File) -> None:
    for record in file.records:
        content = zlib.decompress(file.blob[record.member], 31)
        hashlib.sha256(content[record.block]).digest()
        if record.body:
            hashlib.sha256(content[record.body]).digest()


def write_warcio(file: File) -> None:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    writer = WARCWriter(io.BytesIO(), gzip=True, warc_version="1.1")
    for record in file.records:
        body = record.content[record.body]
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], "HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(record.url, record.kind, io.BytesIO(body), len(body), http_headers=head)
        )


def verify_warcio(file: File) -> None:
    from warcio.archiveiterator import ArchiveIterator

    for record in ArchiveIterator(io.BytesIO(file.blob), check_digests="raise"):
        record.raw_stream.read()


def write_fastwarc(file: File) -> None:
    from fastwarc.stream_io import GzipWriter
    from fastwarc.warc import WarcRecord, WarcRecordType

    out = GzipWriter(io.BytesIO(), compression_level=6)
    for each in file.records:
        record = WarcRecord()
        record.init_headers(record_type=getattr(WarcRecordType, each.kind))
        record.set_bytes_content(each.content[each.block])
        record.headers["WARC-Target-URI"] = each.url
        for name, part in (("Block", each.block), ("Payload", each.body)):
            digest = hashlib.sha256(each.content[part]).digest()
            record.headers[f"WARC-{name}-Digest"] = warc.digest_text(digest)
        record.write(out)
        out.finish()


def verify_fastwarc(file: File) -> None:
    from fastwarc.warc import ArchiveIterator

    for record in ArchiveIterator(io.BytesIO(file.blob), parse_http=False):
        holds = record.verify_block_digest()
        record.parse_http()
        if not (holds and record.verify_payload_digest()):
            raise SystemExit("FastWARC finds a digest that does not hold")


# -- exhibits ---------------------------------------------------------------------------------------------------------


def bench_exhibits() -> None:
    """Whole exchanges written and checked as a case does it: four records, three of them small."""
    made = list(exhibits(EXHIBITS))
    blocks = [[each.block.stop - each.block.start for each in one.file.records] for one in made]
    middle = ", ".join(f"{statistics.median(column):,.0f}" for column in zip(*blocks, strict=True))
    print(f"[{len(made)} exhibits of warcinfo, response, request, metadata: {middle} bytes]")

    def each(work: Callable[[Exhibit], object]) -> Callable[[], float]:
        return lambda: cpu(lambda: [work(one) for one in made]) / len(made)

    writing = turns(ROUNDS, each(lambda one: write_ours(one.asked, one.wire)), each(lambda one: write_bare(one.file)))
    report_exhibits("write", ">= 1500", *writing)
    checking = turns(ROUNDS, each(lambda one: check_exhibit(one.file)), each(lambda one: check_bare(one.file)))
    report_exhibits("check", ">= 15000", *checking)


def report_exhibits(verb: str, goal: str, ours: list[float], floors: list[float]) -> None:
    over = statistics.median(ratios(floors, ours))
    beside = f"{microseconds(ours)} of CPU an exhibit, {over:.2f} of bare zlib and SHA-256 {microseconds(floors)}"
    report(f"exhibit_{verb}_rate", [4 / each for each in ours], goal, beside, "records/CPU-s")
    figure(f"exhibit_{verb}_over_bare", over, "ratio")


def check_exhibit(file: File) -> None:
    """As verification of a case does it: the file's hash, then what is in it."""
    hashlib.sha256(file.blob).digest()
    if problems := warc.check(io.BytesIO(file.blob)):
        raise SystemExit(f"an exhibit does not verify: {problems}")


def check_bare(file: File) -> None:
    hashlib.sha256(file.blob).digest()
    verify_bare(file)


# -- the recorder -----------------------------------------------------------------------------------------------------


@contextmanager
def origin(body: bytes) -> Iterator[str]:
    """A server in a process of its own that gives one answer to everything; its address."""
    context = multiprocessing.get_context("spawn")
    said = context.Queue()
    process = context.Process(target=serve, args=(answer(body), said), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{said.get()}/"
    finally:
        process.terminate()
        process.join()


def serve(whole: bytes, said: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        said.put(listener.getsockname()[1])
        while True:
            connection, _ = listener.accept()
            with connection:
                while (request := connection.recv(1 << 16)) and not connection.sendall(whole):
                    if b"Connection: close" in request:
                        break


def bench_recorder() -> None:
    """Fetches through the recorder, beside the same by ``requests`` alone."""
    with origin(next(pages(1))) as url:

        def each(fetch: Callable[[str], None]) -> Callable[[], float]:
            return lambda: cpu(lambda: [fetch(url) for _ in range(FETCHES)]) / FETCHES

        def pooled() -> float:
            with session() as kept:
                kept.headers["Connection"] = "keep-alive"
                return each(partial(fetch, kept))()

        each(fetch_recorded)()
        ours, floors, kept = turns(ROUNDS, each(fetch_recorded), each(fetch_bare), pooled)
    report(
        "recorder_over_requests",
        ratios(ours, floors),
        "<= 1.10",
        f"{microseconds(ours)} of CPU a fetch, requests with a session and a connection for each "
        f"{microseconds(floors)}, with one for all {microseconds(kept)}",
    )
    figure("recorder_cpu", statistics.median(ours) * 1e6, "us")


def fetch_recorded(url: str) -> None:
    with closing(Wire(LOOPBACK)) as wire:
        ask(url, wire, LOOPBACK, AGENT)
        assert wire.size > PAGE_SIZE


def fetch_bare(url: str) -> None:
    with session() as once:
        fetch(once, url)


def session() -> requests.Session:
    made = requests.Session()
    made.trust_env = False
    made.headers.clear()
    made.headers.update(
        {"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "gzip, deflate", "Connection": "close"}
    )
    return made


def fetch(session: requests.Session, url: str) -> None:
    with closing(session.get(url, stream=True, allow_redirects=False, timeout=(5, 25))) as answered:
        for _ in answered.raw.stream(1 << 16, decode_content=False):
            pass


def bench_capture() -> None:
    """A whole capture: allowed, asked, preserved, synced, logged, synced, read again."""
    with origin(next(pages(1))) as url, folder() as place:
        keys = practice_keys(place / "practice")
        case = osint.open_case(place / "case", investigator="J. Smit", network=LOOPBACK, keys=keys)
        case.authorize(
            osint.Authorization(
                identifier="MP-2026-0417", type="missing-person report", purpose="missing_person",
                subjects=["Jane Example"], urls=[url], expires="2099-12-31T23:59:00Z",
            )
        )  # fmt: skip
        admission = case._gate.admit(make_query(url=url), "webpage/1")
        errand = Errand(search=admission.entry, standing=admission.standing)

        def capture() -> None:
            case._door.get(errand, url)

        seconds, waits = turns(FETCHES, lambda: cpu(capture), lambda: wall(capture))
        case.close()
    print(f"capture: {microseconds(waits)} on the clock, {microseconds(seconds)} of CPU, synced twice")
    figure("capture_wall", statistics.median(waits) * 1e6, "us")
    figure("capture_cpu", statistics.median(seconds) * 1e6, "us")


# -- the web archive --------------------------------------------------------------------------------------------------


def bench_archive() -> None:
    """A web archive of many exhibits, and of a tenth of them: what a record costs, and what memory grows by."""
    with folder() as place:
        few, many = (archive(place, count) for count in (PACKED // 10, PACKED))
    for verb in ("write", "check"):
        seconds, grown = many[f"{verb}_cpu"], many[f"{verb}_peak"] - few[f"{verb}_peak"]
        print(
            f"WACZ of {PACKED:,} exhibits, {verb}: {4 * PACKED / seconds:,.0f} records/CPU-s, "
            f"{many[f'{verb}_peak'] / 1e6:.0f} MB at the peak, {grown / (PACKED - PACKED // 10):.0f} bytes of it for "
            "each exhibit"
        )
        figure(f"wacz_{verb}_rate", 4 * PACKED / seconds, "records/CPU-s")
        figure(f"wacz_{verb}_peak", many[f"{verb}_peak"] / 1e6, "MB")


def archive(place: Path, count: int) -> Mapping[str, float]:
    """Write the exhibits, then pack and check them, each in a process of its own whose peak is its own."""
    at = place / str(count)
    at.mkdir()
    made = []
    for number, one in enumerate(exhibits(count)):
        (at / f"{number:06d}.warc.gz").write_bytes(one.file.blob)
        made.append(one.asked.url)
        one.wire.close()
    (at / "pages.json").write_text(json.dumps(made), encoding="utf-8")
    found: dict[str, float] = {}
    for verb in ("write", "check"):
        command = [sys.executable, __file__, f"--{verb}", str(at)]
        _, peak, said = watched(command)
        found |= {f"{verb}_cpu": float(said), f"{verb}_peak": peak}
    return found


def pack(at: Path) -> None:
    urls = json.loads((at / "pages.json").read_text(encoding="utf-8"))
    warcs = {path.name: path for path in sorted(at.glob("*.warc.gz"))}
    shown = [Page(f"E{number:06d}", url, NOON) for number, url in enumerate(urls)]
    write_wacz(at / "case.wacz", warcs, shown, {}, created=NOON, software="osint/bench")


BENCHES: Mapping[str, Callable[[], None]] = {
    "records": bench_records,
    "exhibits": bench_exhibits,
    "recorder": bench_recorder,
    "capture": bench_capture,
    "archive": bench_archive,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help=f"which: {', '.join(BENCHES)}; all when none is named")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--check", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.write:
        print(cpu(lambda: pack(asked.write)))
    elif asked.check:
        print(cpu(lambda: check_wacz(asked.check / "case.wacz")))
    else:
        for name in dict.fromkeys(asked.only or BENCHES):
            BENCHES[name]()
        print_figures()


if __name__ == "__main__":
    main()
