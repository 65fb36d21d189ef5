"""What reading an answer costs: posts per CPU-second of each collector, beside the bare parser over the same bytes.

Beside that stands a second floor, the same parser and one record for each post from values that are all there: what
anybody needs who wants the rows.

An answer is the recorded one of ``tests/fixtures`` that gives most posts, with its items repeated under other ids until
it holds 500; where items cannot be told apart it is read as it is, over and over. The floor is what merely takes the
bytes apart: json, lxml, feedparser, email, csv. It makes no post, no instant, no plain text and no warning, so the
distance says what a row costs, not what is wasted. Times are CPU times.

``--others PYTHON`` names an interpreter of an environment of its own that has atproto or Mastodon.py: what a developer
would pick instead. They are asked to make their own objects of the same bytes.
"""

from __future__ import annotations

import argparse
import copy
import csv
import dataclasses
import email
import io
import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import feedparser
from lxml import etree
from measuring import cpu, figure, microseconds, print_figures, ratios, report, turns

from osint.activity import Post
from osint.capture.exchange import Capture
from osint.collectors import load, names
from osint.errors import UnreadableCaptureError

FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures"
POSTS, ROUNDS, LONG_ENOUGH = 500, 7, 0.05
NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)
# Names whose values tell one item from the next; a number is added to each.
_TELLING = re.compile(
    r"@?(.*_)?(id|id_str|uri|uid|cid|no|guid|link|url|href|revid|slug|rkey|pathid|num|casenumber|caseid|"
    r"(creation_)?timestamp|videoid|message.id|case.?num(ber)?|titleurl|notice_?id)",
    re.IGNORECASE,
)
_BLOCKS = (
    re.compile(r"<(item|entry)\b.*?</\1>", re.DOTALL),
    re.compile(
        r'<div class="tgme_widget_message_wrap\b.*?(?=<div class="tgme_widget_message_wrap\b|</section>)', re.DOTALL
    ),
    re.compile(r"^From \S+.*?(?=^From |\Z)", re.DOTALL | re.MULTILINE),
)
_TELLING_IN_BLOCK = re.compile(
    r'(<(?:guid|id|link)\b[^>]*>[^<]+|data-post="[^"]+|<link [^>]*href="[^"]+|Message-ID: <)', re.IGNORECASE
)
_THEIRS = {
    "mastodon": (
        "Mastodon.py",
        "from mastodon.return_types import Status\n"
        "from mastodon.types_base import NonPaginatableList, try_cast_recurse\n"
        "def read(body): return try_cast_recurse(NonPaginatableList[Status], json.loads(body))",
    ),
    "bluesky": (
        "atproto",
        "from atproto import models\n"
        "def read(body): return models.get_or_create(json.loads(body), models.AppBskyFeedGetAuthorFeed.Response).feed",
    ),
    "feed": ("feedparser", "import feedparser, io\ndef read(body): return feedparser.parse(io.BytesIO(body)).entries"),
}
_TIMED = (
    "import json, sys, time, importlib.metadata as m\nbody = open(sys.argv[1], 'rb').read()\n{read}\n"
    "made = len(read(body)); began = time.process_time()\nfor _ in range({rounds}): read(body)\n"
    "print(m.version({name!r}), made, (time.process_time() - began) / {rounds})"
)


class Answer(NamedTuple):
    """One answer of a collector, how many posts come of it, and whether its items could be repeated."""

    name: str
    capture: Capture
    posts: int
    repeated: bool


# -- answers ----------------------------------------------------------------------------------------------------------


def answer_of(name: str) -> Answer | None:
    """Return the largest answer that can be made of a collector's recorded ones; None when none gives a post."""
    made = [*filter(None, (best(name, capture) for capture in recorded(name)))]
    return max(made, key=lambda each: (min(each.posts, POSTS), each.repeated, len(each.capture.body)), default=None)


def recorded(name: str) -> Iterator[Capture]:
    """Yield some recorded answers that have posts: those with nothing wrong first, then those with most posts."""
    expected = FIXTURES / name / "expected.json"
    stated = json.loads(expected.read_text(encoding="utf-8")) if expected.exists() else {}
    found = [(answer, said) for answer, said in stated.items() if said.get("posts")]
    for answer, said in sorted(found, key=lambda each: (bool(each[1].get("warnings")), -each[1]["posts"]))[:12]:
        head, _, body = (FIXTURES / name / f"{answer}.http").read_bytes().partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        yield Capture(
            exhibit="E0001", url=said["url"], via=said["url"], status=int(status.split()[1]), collected=NOON, body=body,
            headers=tuple((key, value.strip()) for key, _, value in (line.partition(":") for line in lines)),
            part=said.get("part", ""), made="imported" if "part" in said else "wire",
        )  # fmt: skip


def best(name: str, capture: Capture) -> Answer | None:
    """Return what becomes of an answer, repeated in the way that gives most posts."""
    if floor_of(name, capture) is None:
        return None
    alone = posts_in(name, capture.body, capture)
    tried = [Answer(name, capture, alone, False)]
    for repeated in (in_json(capture.body), in_blocks(capture.body)):
        for make in repeated:
            twice = posts_in(name, make(2), capture)
            if twice > alone:
                body = make(-(-(POSTS - alone) // (twice - alone)) + 1)
                tried.append(Answer(name, dataclasses.replace(capture, body=body), posts_in(name, body, capture), True))
    return max(tried, key=lambda each: each.posts)


def posts_in(name: str, body: bytes, capture: Capture) -> int:
    try:
        records = load(name).parse(dataclasses.replace(capture, body=body))
    except UnreadableCaptureError:
        return 0
    return len({record.id for record in records if isinstance(record, Post)})


def in_json(body: bytes) -> Iterator[Callable[[int], bytes]]:
    """Yield one way for each list of objects: it is written ``times`` over."""
    start = prefix_of(body)
    try:
        value = json.loads(body[start:])
    except ValueError:
        return

    def way(number: int, times: int) -> bytes:
        changed = copy.deepcopy(value)
        items = list(lists(changed))[number]
        items += [renumbered(item, round_) for round_ in range(1, times) for item in items[:]]
        return body[:start] + json.dumps(changed, ensure_ascii=False).encode("utf-8", "replace")

    for number in range(min(len(list(lists(value))), 8)):
        yield lambda times, number=number: way(number, times)


def lists(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        yield value
    for each in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        yield from lists(each)


def renumbered(value: Any, number: int, name: str = "") -> Any:
    """Return a value whose ids have a number added; their form stays."""
    if isinstance(value, dict):
        return {key: renumbered(each, number, key) for key, each in value.items()}
    if isinstance(value, list):
        return [renumbered(each, number, name) for each in value]
    if not _TELLING.fullmatch(name) or isinstance(value, bool | None):
        return value
    if isinstance(value, int):
        return value + (number if "stamp" in name else 1_000_000 * number)
    return f"{value}{number:03d}" if isinstance(value, str) and value else value


def in_blocks(body: bytes) -> Iterator[Callable[[int], bytes]]:
    """Yield one way for each kind of block that is in the text: all of them are written ``times`` over."""
    page = body.decode("utf-8", "replace")
    for pattern in _BLOCKS:
        found = list(pattern.finditer(page))
        if found:
            first, last = found[0].start(), found[-1].end()
            yield lambda times, first=first, last=last: (
                page[:last] + "".join(again(page[first:last], number) for number in range(1, times)) + page[last:]
            ).encode()


def again(blocks: str, number: int) -> str:
    return _TELLING_IN_BLOCK.sub(lambda told: f"{told[0]}{number:03d}", blocks)


def prefix_of(body: bytes) -> int:
    return body.find(b"=") + 1 if body.startswith(b"window.") else 0


# -- floors -----------------------------------------------------------------------------------------------------------


def floor_of(name: str, capture: Capture) -> tuple[str, Callable[[], object]] | None:
    """Return the parser that takes such bytes apart and makes nothing of them; None when there is none here."""
    body, start = capture.body, prefix_of(capture.body)
    look = body[start : start + 400].lstrip().lower()
    if look[:1] in (b"{", b"["):
        return "json", lambda: json.loads(body[start:])
    if look.startswith(b"<?xml") or look.startswith((b"<rss", b"<feed")):
        return xml_floor(name, body)
    if look.startswith(b"<"):
        return "lxml", lambda: etree.fromstring(body, etree.HTMLParser(huge_tree=True))
    if look.startswith(b"from "):
        return "email", lambda: [email.message_from_bytes(each) for each in re.split(rb"^From .*\n", body, flags=re.M)]
    if "csv" in capture.media_type or capture.part.endswith(".csv"):
        return "csv", lambda: list(csv.reader(io.StringIO(capture.text)))
    return None


def xml_floor(name: str, body: bytes) -> tuple[str, Callable[[], object]]:
    """Return feedparser, with all off that it does beyond parsing, for the collector that uses it; else lxml."""
    if name == "feed":
        bare = {"sanitize_html": False, "resolve_relative_uris": False}
        return "feedparser", lambda: feedparser.parse(io.BytesIO(body), **bare)
    return "lxml", lambda: etree.fromstring(body, etree.XMLParser(recover=True))


# -- figures ----------------------------------------------------------------------------------------------------------


def bench_row() -> None:
    """What no collector can do without: one record from values that are all there."""
    told: dict[str, Any] = {
        "id": "example:1",
        "platform": "example",
        "native_id": "1",
        "type": "Note",
        "exhibit": "E0001",
    }
    told |= {"pointer": "/0", "collector": "example/1", "collected": NOON}
    [seconds] = turns(ROUNDS, lambda: spent(lambda: Post(**told), 5_000))
    print(f"a Post from its values: {statistics.median(seconds) * 1e6:.1f} us")
    figure("post_alone", statistics.median(seconds) * 1e6, "us")


def bench(name: str, others: str) -> None:
    answer = answer_of(name)
    if answer is None:
        print(f"{name}: no recorded answer with posts that a bare parser reads")
        return
    floor = floor_of(name, answer.capture)
    assert floor is not None
    parser, bare = floor
    parse, turn = load(name).parse, count()

    def read() -> object:
        """Read a capture that is new, with bytes that are: texts and parsed feeds are kept for the next to ask."""
        return parse(dataclasses.replace(answer.capture, body=answer.capture.body + b"\n" * (next(turn) % 64)))

    told = [vars(record) for record in parse(answer.capture) if isinstance(record, Post)]

    def records() -> object:
        return bare(), [Post(**values) for values in told]

    often = times_for(read)
    ours, floors, rows = turns(ROUNDS, *(partial(spent, work, often) for work in (read, bare, records)))
    rate = answer.posts / statistics.median(ours)
    how = f"{answer.posts} posts, {len(answer.capture.body) / answer.posts:,.0f} bytes each"
    how += "" if answer.repeated else ", as recorded"
    beside = f"{rate:,.0f} posts/CPU-s ({how}); {microseconds(ours)} an answer, {parser} {microseconds(floors)}"
    report(f"parse_{name}_over_parser", ratios(floors, ours), ">= 0.5", beside)
    report(f"parse_{name}_over_records", ratios(rows, ours), ">= 0.5", f"{parser} and the records {microseconds(rows)}")
    figure(f"parse_{name}_rate", rate, "posts/CPU-s")
    if name in _THEIRS:
        bench_theirs(name, answer, others)


def times_for(work: Callable[[], object]) -> int:
    """Return how often a work is done to be measured: until it takes long enough."""
    return max(1, round(LONG_ENOUGH / max(cpu(work), 1e-4)))


def spent(work: Callable[[], object], often: int) -> float:
    return cpu(lambda: [work() for _ in range(often)]) / often


def bench_theirs(name: str, answer: Answer, others: str) -> None:
    """Let the library that a developer would pick read the same bytes, in an environment of its own."""
    library, read = _THEIRS[name]
    others = sys.executable if library == "feedparser" else others  # a dependency of ours
    if not others:
        print(f"{library}: not installed; --others PYTHON names an environment that has it")
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(answer.capture.body)
        file.flush()
        program = _TIMED.format(read=read, rounds=ROUNDS, name=library)
        done = subprocess.run([others, "-c", program, file.name], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{library}: not installed there, or it does not read this: {done.stderr.strip().splitlines()[-1:]}")
        return
    version, made, seconds = done.stdout.split()
    rate = int(made) / float(seconds)
    print(f"{library} {version}: {rate:,.0f} posts/CPU-s ({made} posts of the same bytes)")
    figure(f"{library.casefold().replace('.', '_')}_rate", rate, "posts/CPU-s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help="collectors; all when none is named")
    parser.add_argument("--others", default="", metavar="PYTHON", help="an interpreter that has atproto, Mastodon.py")
    asked = parser.parse_args()
    benches: Mapping[str, None] = dict.fromkeys(asked.only or names())
    bench_row()
    for name in benches:
        bench(name, asked.others)
    print_figures()


if __name__ == "__main__":
    main()
