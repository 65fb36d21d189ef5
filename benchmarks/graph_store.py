"""What the edges of many posts cost: the edge store beside pandas and networkx, and how both grow.

Both get the same invented posts in parts. The floor explodes them with pandas, adds them up with ``groupby`` and hands
them to ``networkx.from_pandas_edgelist``: with the exhibits of each edge as a user writes it, a ``set`` for each group;
again with all these lists made by numpy at once, which is quicker; and bare. Each runs in a process of its own, so that
the peak of its memory is its own. Making posts does not count.

What the floor leaves out: which posts an edge rests on and which places in them, what nodes are called and which
exhibits show them, domains, texts, files and ``extra``, the checks of the table, and a file that is still there
tomorrow. The store in turn makes no graph of the whole: it is asked for a part.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from measuring import figure, folder, print_figures, report

from osint.graph.candidates import candidates
from osint.graph.edge_filter import Filter
from osint.graph.edge_query import materialise
from osint.graph.edge_store import EdgeStore
from osint.graph.observations import RELATIONS

PART = 10_000
LABELLED = {  # invented: spellings of one person each
    "latin": [("Jane Doe", "jane_doe"), ("Catherine Mills", "Katherine Mills"), ("José Núñez", "jose.nunez"),
              ("Robert Stone", "bob_stone"), ("Anna Berg", "berg.anna")],
    "cyrillic": [("Иван Петров", "Ivan Petrov"), ("Юлия Сомова", "Yulia Somova"), ("Дмитрий Жуков", "Dmitry Zhukov"),
                 ("Алексей Щукин", "alexey_shchukin"), ("Ольга Ким", "Olga Kim")],
    "arabic": [("خالد منصور", "Khaled Mansour"), ("محمد احمد", "Mohammed Ahmed"), ("ليلى حداد", "Layla Haddad"),
               ("يوسف نصر", "Youssef Nasr"), ("فاطمة سالم", "Fatima Salem")],
}  # fmt: skip
PER_EXHIBIT = 40  # posts on one page of an interface


def parts(posts: int) -> Iterator[pd.DataFrame]:
    """Return invented posts: accounts and tags by Zipf's law, two ties and a half a post."""
    accounts, tags = max(posts // 5, 10), max(posts // 50, 5)
    names = [f"account:mastodon:u{number}@social.example" for number in range(accounts)]  # before the first measure
    return (_part(start, min(PART, posts - start), names, tags) for start in range(0, posts, PART))


def _part(start: int, size: int, names: list[str], tags: int) -> pd.DataFrame:
    rng = np.random.default_rng(start)
    who, named, other = ((rng.zipf(1.1, size) % len(names)).tolist() for _ in range(3))
    tag = (rng.zipf(1.3, size) % tags).tolist()
    does = rng.integers(0, 6, size).tolist()
    numbers = range(start, start + size)
    exhibits = [f"E{number // PER_EXHIBIT:05d}" for number in numbers]
    rows = zip(named, other, tag, does, strict=True)
    frame = pd.DataFrame(
        {
            "id": [f"mastodon:{number}" for number in numbers],
            "platform": "mastodon",
            "type": ["Announce" if do == 0 else "Note" for do in does],
            "attributed_to": [names[each] for each in who],
            "author_handle": [names[each][17:] for each in who],
            "published": pd.to_datetime([1_760_000_000 + 7 * number for number in numbers], unit="s", utc=True),
            "in_reply_to": _some(does, (1, 2), [f"mastodon:{max(number - 3, 0)}" for number in numbers]),
            "in_reply_to_account": _some(does, (2,), [names[each] for each in named]),
            "quote_of": None,
            "announce_of": _some(does, (0,), [f"mastodon:{max(number - 5, 0)}" for number in numbers]),
            "announce_of_account": _some(does, (0,), [names[each] for each in other]),
            "exhibit": exhibits,
            "tag": [_tags(names, *row) for row in rows],
            "links": [[f"https://news.example/{each % 500}"][: do == 5] for each, do in zip(tag, does, strict=True)],
            "exhibits": [[each] for each in exhibits],
        }
    )  # fmt: skip
    return frame.astype(dict.fromkeys(("in_reply_to", "in_reply_to_account", "quote_of", "announce_of"), "string"))


def _some(does: list[int], wanted: tuple[int, ...], values: list[str]) -> list[str | None]:
    return [value if do in wanted else None for value, do in zip(values, does, strict=True)]


def _tags(names: list[str], named: int, other: int, tag: int, does: int) -> list[dict[str, str | None]]:
    mentions = [named, other][: does % 3]
    return [
        *({"type": "Mention", "name": "", "href": None, "account": names[each]} for each in mentions),
        *([{"type": "Hashtag", "name": f"Tag{tag}", "href": None, "account": None}] if does % 2 else []),
    ]


def ours(posts: int, path: Path) -> dict[str, float]:
    with EdgeStore(path) as store:
        source = parts(posts)
        made, base = 0.0, peak()

        def timed() -> Iterator[pd.DataFrame]:
            nonlocal made
            while True:
                began = time.process_time()
                part = next(source, None)
                made += time.process_time() - began
                if part is None:
                    return
                yield part

        began = time.process_time()
        updated = store.update(timed())
        spent = time.process_time() - began - made
        return {"cpu": spent, "peak": peak() - base, "edges": updated.edges, "file": path.stat().st_size} | _questions(
            store, posts
        )


def _questions(store: EdgeStore, posts: int) -> dict[str, float]:
    """Return the CPU seconds that charts take: the neighbourhood of four accounts, and of the whole up to the cap."""
    materialise(store, Filter(around="account:mastodon:u1@social.example", max_nodes=1))  # counts the whole, once
    quiet = "SELECT key FROM nodes WHERE key >= ? ORDER BY key LIMIT 1"  # far down in Zipf's law
    rare = store.connection.execute(quiet, (f"account:mastodon:u{posts // 6}",)).get
    found = {}
    for name, wanted in {
        "quiet": Filter(around=str(rare)),
        "usual": Filter(around=f"account:mastodon:u{min(posts // 250, 4000)}@social.example"),
        "busy": Filter(around="account:mastodon:u40@social.example"),
        "busiest": Filter(around="account:mastodon:u1@social.example"),
        "capped": Filter(),
    }.items():
        began = time.process_time()
        network = materialise(store, wanted)
        found[name] = time.process_time() - began
        found[f"{name}_nodes"] = len(network)
        found[f"{name}_named"] = sum(len(known["posts"]) for *_, known in network.edges(data=True))
    return found


def floor(posts: int, way: str) -> dict[str, float]:
    table = pd.concat(parts(posts), ignore_index=True)
    base, began = peak(), time.process_time()
    edges = pd.concat([_exploded(table, kind) for kind in RELATIONS], ignore_index=True)
    added: dict[str, tuple[str, Any]] = {
        "count": ("post", "nunique"),
        "first": ("published", "min"),
        "last": ("published", "max"),
    }
    if way == "user":
        added["exhibits"] = ("exhibit", lambda exhibits: sorted(set(exhibits)))
    by_edge = edges.groupby(["src", "dst", "kind"], sort=False)
    grouped = by_edge.agg(**added).reset_index()
    if way == "numpy":
        grouped["exhibits"] = _lists(by_edge.ngroup().to_numpy(), edges["exhibit"])
    network = nx.from_pandas_edgelist(
        grouped, "src", "dst", edge_attr=list(grouped.columns[3:]), edge_key="kind", create_using=nx.MultiDiGraph
    )
    return {"cpu": time.process_time() - began, "peak": peak() - base, "edges": network.number_of_edges()}


def _lists(edge: Any, exhibits: pd.Series[str]) -> list[list[str]]:
    """Return the different exhibits of each edge, in order; a function for each group would take five times as long."""
    codes, names = pd.factorize(exhibits, sort=True)
    pairs = np.unique(edge.astype(np.int64) << 32 | codes)
    listed = np.asarray(names, dtype=object)[pairs & 0xFFFFFFFF].tolist()
    bounds = np.searchsorted(pairs >> 32, np.arange(edge.max() + 2)).tolist()
    return [listed[start:end] for start, end in pairwise(bounds)]


def _exploded(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the ties of one relation; a post that is named by its id is looked up, as the store does."""
    notes = table if kind == "announce" else table[table["type"] != "Announce"]
    if kind in ("mention", "hashtag"):
        flat = notes[["attributed_to", "id", "published", "exhibit", "tag"]].explode("tag").dropna(subset="tag")
        values = flat["tag"]
        if kind == "mention":
            flat["dst"] = [tag["account"] for tag in values]
        else:
            wanted = [
                f"hashtag:mastodon:{tag['name'].casefold()}" if tag["type"] == "Hashtag" else None for tag in values
            ]
            flat["dst"] = wanted
    elif kind == "link":
        flat = notes.explode("links").dropna(subset="links")
        flat["dst"] = "url:web:" + flat["links"]
    else:
        answered, account = {
            "reply": ("in_reply_to", "in_reply_to_account"), "announce": ("announce_of", "announce_of_account"),
            "quote": ("quote_of", None),
        }[kind]  # fmt: skip
        flat = notes[notes[answered].notna() | (notes[account].notna() if account else False)].copy()
        authors = flat[answered].map(table.set_index("id")["attributed_to"])
        flat["dst"] = (flat[account].fillna(authors) if account else authors).fillna("post:" + flat[answered])
    flat = flat.dropna(subset="dst")
    return pd.DataFrame(
        {"src": flat["attributed_to"], "dst": flat["dst"], "kind": kind, "post": flat["id"],
         "published": flat["published"], "exhibit": flat["exhibit"]}
    )  # fmt: skip


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def apart(what: str, posts: int) -> dict[str, float]:
    """Run one side in a process of its own."""
    command = [sys.executable, __file__, "--side", what, "--posts", str(posts)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    print(what, posts, {name: round(value, 2) for name, value in found.items()}, flush=True)
    return found


def side(what: str, posts: int) -> dict[str, float]:
    if what == "ours":
        with folder() as place:
            return ours(posts, place / "edges.sqlite")
    return floor(posts, what)


def queue_quality() -> None:
    """Print for each script how many of the queue's pairs are one person's, and how many such pairs are in it."""
    for script, pairs in LABELLED.items():
        names = {f"account:{side}:{number}": [pair[side == "b"]] for number, pair in enumerate(pairs) for side in "ab"}
        queue = candidates(names)
        found = zip(queue["one"], queue["other"], strict=True)
        right = sum(one.split(":")[2] == other.split(":")[2] for one, other in found)
        figure(f"queue_precision_{script}", right / max(len(queue), 1), "ratio")
        figure(f"queue_recall_{script}", right / len(pairs), "ratio")


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--posts", type=int, default=1_000_000)
    reader.add_argument("--side", choices=["ours", "user", "numpy", "bare"])
    reader.add_argument("--large", action="store_true", help="ten million posts as well: an hour, 5 GB of disk")
    asked = reader.parse_args()
    if asked.side:
        print(json.dumps(side(asked.side, asked.posts)))
        return
    small, large = apart("ours", asked.posts // 10), apart("ours", asked.posts)
    user, by_numpy, bare = (apart(way, asked.posts) for way in ("user", "numpy", "bare"))
    beside = f"{large['cpu']:.1f} s, {large['peak'] / 1e6:.0f} MB for {large['edges']:.0f} edges"
    report("graph_cpu_ratio", [user["cpu"] / large["cpu"]], "> 4", f"{beside}, beside {user['cpu']:.1f} s")
    report("graph_cpu_ratio_numpy", [by_numpy["cpu"] / large["cpu"]], "> 4", f"{by_numpy['cpu']:.1f} s with numpy")
    report("graph_cpu_ratio_no_lists", [bare["cpu"] / large["cpu"]], "> 4", f"{bare['cpu']:.1f} s without exhibits")
    report("graph_memory_ratio", [user["peak"] / large["peak"]], "> 10", f"{user['peak'] / 1e6:.0f} MB")
    for name in ("quiet", "usual", "busy", "busiest", "capped"):
        shown = f"{large[f'{name}_nodes']:.0f} nodes, on whose edges {large[f'{name}_named']:.0f} posts are named"
        report(f"graph_{name}", [large[name]], "< 0.5", shown, "s")
    report("graph_growth", [large["cpu"] / small["cpu"]], "< 13", "CPU for ten times the posts")
    report("graph_memory_growth", [large["peak"] / small["peak"]], "< 4", "peak for ten times the posts")
    figure("graph_file", large["file"] / 1e6, "MB")
    queue_quality()
    if asked.large:
        huge = apart("ours", asked.posts * 10)
        report("graph_growth_again", [huge["cpu"] / large["cpu"]], "< 13", "CPU for ten times the posts again")
        report("graph_memory_growth_again", [huge["peak"] / large["peak"]], "< 4", "peak for ten times the posts again")
    print_figures()


if __name__ == "__main__":
    main()
