"""What a search costs: putting the words of many posts in, beside bare FTS5, and asking for them in a case.

The posts are invented: 11 words of a vocabulary of 60,000 by Zipf's law, one in ten with a sentence in Arabic, German,
Chinese or Thai, 40 to an exhibit. Ours reads them from the working tables, as ``case.search`` does at its first call;
the floor puts the same texts, from memory, into an FTS5 table of their own. What the floor leaves out: reading JSON,
the normalised spelling, which exhibit shows what, authors and kinds, removal that overwrites.

A query is a whole ``case.search``: gate, state of the tables, hits, count, and the snippets of the newest 100. Its CPU
time stands beside the wall clock, which says nothing on a machine with other work.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import numpy as np
from measuring import cpu, figure, folder, print_figures, wall

from osint.case import Case
from osint.instants import format_instant
from osint.opening import open_case
from osint.posts.search import Search
from osint.posts.search_index import SearchIndex

PER_EXHIBIT, PART, ACCOUNTS = 40, 20_000, 5_000
PERCENTS = (50, 95, 99)
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
SENTENCES = (
    "مُحَمَّد كتب إلى أحمد عن الجســر", "Die Straße am Fluß ist gesperrt", "我们在世界大桥见面", "เจอกันที่สะพานตอนเย็น",
)  # fmt: skip


def vocabulary() -> list[str]:
    letters = random.Random(1)
    drawn = ["".join(letters.choices("abcdefghijklmnopqrstuvwxyz", k=letters.randint(3, 9))) for _ in range(60_000)]
    return [*drawn, "rarelysaid"]


def texts(start: int, size: int, known: list[str]) -> list[str]:
    rng = np.random.default_rng(start)
    drawn = (rng.zipf(1.2, size * 11) % (len(known) - 1)).tolist()
    said = [" ".join(known[each] for each in drawn[at : at + 11]) for at in range(0, len(drawn), 11)]
    said[::10_000] = [f"{text} {known[-1]}" for text in said[::10_000]]
    return [f"{text} {SENTENCES[at // 10 % 4]}" if at % 10 == 0 else text for at, text in enumerate(said)]


def post(number: int, text: str, every: float) -> dict[str, Any]:
    """Return a post as the tables hold it, without the fields that no search reads."""
    handle = f"u{number % ACCOUNTS}@social.example"
    return {
        "id": f"mastodon:{number}", "platform": "mastodon", "type": "Note", "url": f"https://social.example/{number}",
        "attributed_to": f"account:mastodon:{handle}", "author_handle": handle,
        "author_name": f"Name {number % ACCOUNTS}",
        "content": text, "published": format_instant(BEGAN + timedelta(seconds=every * number)), "tag": [],
        "attachment": [], "extra": {}, "pointer": f"/{number % PER_EXHIBIT}",
    }  # fmt: skip


def fill(case: Case, posts: int, known: list[str]) -> None:
    every = 63_072_000 / posts  # two years
    for start in range(0, posts, PART):
        said = texts(start, PART, known)
        for at in range(0, PART, PER_EXHIBIT):
            rows = [("post", post(start + at + each, said[at + each], every)) for each in range(PER_EXHIBIT)]
            case._store.replace(f"E{(start + at) // PER_EXHIBIT:06d}", rows)


def bare(path: Path, posts: int, known: list[str]) -> float:
    """Put the texts into an FTS5 table of their own; return CPU seconds."""
    database = apsw.Connection(str(path))
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA cache_size = -65536")
    database.execute("CREATE VIRTUAL TABLE words USING fts5(text, author)")
    spent = 0.0
    for start in range(0, posts, PART):
        rows = [(start + at, text, f"u{(start + at) % ACCOUNTS}") for at, text in enumerate(texts(start, PART, known))]

        def insert(rows: list[tuple[int, str, str]] = rows) -> None:
            with database:
                database.executemany("INSERT INTO words (rowid, text, author) VALUES (?, ?, ?)", rows)

        spent += cpu(insert)
    database.close()
    return spent


def figure_ingest(case: Case, posts: int, floor: float) -> None:
    """Ask for the first time, which makes the index from the tables; print what that costs beside the floor."""
    ours = cpu(lambda: case.search("strasse"))
    print(f"ours, from the tables on: {posts / ours:,.0f} rows/CPU-s")
    figure("search.ingest", posts / ours, "rows/CPU-s")
    figure("search.ingest.bare", posts / floor, "rows/CPU-s")
    print(f"CPU seconds of ours by those of the floor: {ours / floor:.1f}")
    figure("search.ingest.ratio", ours / floor, "ratio")


def asked(known: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the fixed queries, each with what it is."""
    often, usual, rare = known[1], known[40], known[-1]
    period = {"since": "2025-06-01", "until": "2025-09-30"}
    yield "rare", {"query": rare}
    yield "usual", {"query": usual}
    yield "common", {"query": often}
    yield "phrase", {"query": f'"{known[1]} {known[2]}"'}
    yield "phrase of usual words", {"query": f'"{usual} {often}"'}
    yield "prefix", {"query": f"{usual[:4]}*"}
    yield "short prefix", {"query": f"{often[:2]}*"}
    yield "OR and NOT", {"query": f"({usual} OR {rare}) NOT {often}"}
    yield "author", {"query": often, "author": "u7@social.example"}
    yield "author and period", {"query": often, "author": "u7@social.example", **period}
    yield "common in a period", {"query": often, **period}
    yield "platform and kind", {"query": usual, "platform": "mastodon", "kind": "post"}
    yield "Arabic", {"query": "محمد الجسر"}
    yield "German", {"query": "strasse fluss"}
    yield "Chinese", {"query": "世界"}
    yield "Thai", {"query": "สะพาน"}
    yield "nothing", {"query": "nobodywrotethisword"}


def ask(case: Case, known: list[str], rounds: int) -> None:
    queries = dict(asked(known))
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in queries}
    order = random.Random(2)
    for _ in range(rounds):
        for name in order.sample(list(queries), len(queries)):
            began, worked = time.perf_counter(), time.process_time()
            found = case.search(**queries[name])
            took[name].append(((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000))
            assert len(found) or name == "nothing", name
    print(f"{'query':24} {'wall p50 ms, p95, p99':>26} {'CPU p50 ms, p95, p99':>26}   hits")
    for name, both in took.items():
        hits = case.search(**queries[name]).attrs["hits"]
        print(f"{name:24} {_spread(both)}   {hits}")
    every = [each for both in took.values() for each in both]
    print(f"{'all queries':24} {_spread(every)}")
    for percent, (clock, worked) in zip(PERCENTS, np.percentile(every, PERCENTS, axis=0), strict=True):
        figure(f"search.query.p{percent}", clock, "ms")
        figure(f"search.query.p{percent}.cpu", worked, "CPU-ms")
    with SearchIndex(case.folder / "working" / "search.sqlite") as index:
        alone = []
        for query in list(queries.values()) * rounds:
            wanted = Search(**query).wanted
            before = time.perf_counter()
            index.search(wanted, 100)
            alone.append((time.perf_counter() - before) * 1000)
    for percent, value in zip(PERCENTS, np.percentile(alone, PERCENTS), strict=True):
        figure(f"search.index.p{percent}", value, "ms")


def _spread(both: list[tuple[float, float]]) -> str:
    """Return the percentiles of wall clock and of CPU time, in milliseconds."""
    columns = np.percentile(both, PERCENTS, axis=0).T
    return " ".join(" ".join(f"{value:8.1f}" for value in column) for column in columns)


def measure(posts: int, rounds: int) -> None:
    known = vocabulary()
    with folder() as place:
        passphrase = place / "passphrase"
        passphrase.write_text("of nobody but this benchmark", encoding="ascii")
        passphrase.chmod(0o600)
        os.environ |= {"OSINT_PASSPHRASE_FILE": str(passphrase), "OSINT_KEYS": str(place / "keys")}
        with open_case(place / "case", investigator="A benchmark, badge 0") as case:
            print(f"tables filled: {cpu(lambda: fill(case, posts, known)):.0f} CPU-s", flush=True)
            floor = bare(place / "bare.sqlite", posts, known)
            print(f"{posts:,} posts; bare FTS5 {posts / floor:,.0f} rows/CPU-s, {_megabytes(place / 'bare.sqlite')} MB")
            index = case.folder / "working" / "search.sqlite"
            first = wall(lambda: figure_ingest(case, posts, floor))
            print(f"the first search, which makes the index: {first:.1f} s; {_megabytes(index)} MB")
            figure("search.bytes", index.stat().st_size / posts, "bytes/post")
            case._store.replace("E000000", [("post", post(posts + 1, "one new post", 1.0))])
            update = wall(lambda: case.search("strasse")) * 1000
            print(f"the search after one exhibit changed: {update:.0f} ms", flush=True)
            figure("search.update", update, "ms")
            ask(case, known, rounds)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"most memory of the whole run: {peak:.0f} MB")
            figure("search.peak", peak, "MB")


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, nargs="+", default=[1_000_000], help="1000000 5000000 for both sizes")
    parser.add_argument("--rounds", type=int, default=30, help="how often each query is asked")
    arguments = parser.parse_args()
    for each in arguments.posts:
        measure(each, arguments.rounds)
    print_figures()
