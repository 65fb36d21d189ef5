"""What it costs to find the same picture: to hash one, and to compare all of a case with each other.

Beside ours stand, where they are installed in the environment that runs this, faiss-cpu (IndexBinaryFlat, one thread;
the pairs are compared, too) and pdqhash over the same pixels. ``OTHERS`` names what is missing.
"""

from __future__ import annotations

import argparse
import io
import random
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
from measuring import cpu, figure, folder, print_figures, turns, wall
from PIL import Image

from osint.media.similarity.decode import decode_bytes, made_small
from osint.media.similarity.pdq import pdq
from osint.media.similarity.phash import phash
from osint.media.similarity.pixels import hash_pictures
from osint.media.similarity.search import Pairs, near

QUERIES_OF_FAISS = 10_000
PHOTO = (2000, 1500)


def hashes(count: int, seed: int = 1) -> list[str]:
    """Return random hashes, of which one in ten is another with up to 40 bits changed."""
    chance = random.Random(seed)
    numbers = [chance.getrandbits(256) for _ in range(count)]
    for at in range(10, count, 10):
        numbers[at] = numbers[at - 1]
        for bit in chance.sample(range(256), chance.randrange(41)):
            numbers[at] ^= 1 << bit
    return [f"{number:064x}" for number in numbers]


def bench_search(count: int) -> None:
    """Find all pairs of ``count`` PDQ hashes within 31 bits, beside faiss over all or some of them."""
    known = hashes(count)
    found: list[Pairs] = []
    ours = cpu(lambda: found.append(near(known)))
    print(f"self-join of {count} PDQ hashes: {ours:.2f} s of processor time, {len(found[0].first)} pairs")
    figure("similarity-self-join", ours, "s")
    queries = known[:1000]
    each = cpu(lambda: near(known, queries)) / len(queries)
    print(f"one query of 1000 at once: {each * 1e6:.0f} us")
    figure("similarity-query", each * 1e6, "us")
    _beside_faiss(known, found[0], ours)


def _beside_faiss(known: list[str], ours: Pairs, seconds: float) -> None:
    try:
        faiss = import_module("faiss")
    except ImportError:
        print("faiss is not installed here: nothing to compare the search with")
        return
    faiss.omp_set_num_threads(1)
    rows = np.frombuffer(bytes.fromhex("".join(known)), np.uint8).reshape(len(known), -1)
    index = faiss.IndexBinaryFlat(256)
    index.add(rows)
    asked = min(len(known), QUERIES_OF_FAISS)
    answers = []
    theirs = cpu(lambda: answers.append(index.range_search(rows[:asked], 32))) * len(known) / asked  # below 32
    starts, _, others = answers[0]
    asking = np.repeat(np.arange(asked), np.diff(starts.astype(np.intp)))
    later = asking < others
    pairs = set(zip(asking[later].tolist(), others[later].tolist(), strict=True))
    mine = ours.first < asked
    if pairs != set(zip(ours.first[mine].tolist(), ours.second[mine].tolist(), strict=True)):
        raise SystemExit("faiss and this package find different pairs")
    print(f"faiss flat, by {asked} queries: {theirs:.2f} s; ours takes {seconds / theirs:.3f} of that, same pairs")
    figure("similarity-self-join-faiss", theirs, "s")
    figure("similarity-self-join-to-faiss", seconds / theirs, "ratio")


def photo(seed: int) -> bytes:
    """Return a JPEG file of 3 megapixels with soft and sharp parts."""
    chance = np.random.default_rng(seed)
    soft = Image.fromarray(chance.integers(0, 256, (30, 40, 3), dtype=np.uint8)).resize(PHOTO, Image.Resampling.BICUBIC)
    noisy = np.clip(np.asarray(soft).astype(np.int16) + chance.integers(-9, 10, (PHOTO[1], PHOTO[0], 3)), 0, 255)
    stream = io.BytesIO()
    Image.fromarray(noisy.astype(np.uint8)).save(stream, "JPEG", quality=88)
    return stream.getvalue()


def bench_hashing(count: int, rounds: int) -> None:
    """Hash photos step by step, and whole in the sandbox."""
    photos = [photo(seed) for seed in range(count)]
    pictures = [decode_bytes(data) for data in photos]
    small = [made_small(picture) for picture in pictures]
    pixels = [np.asarray(one) for one in small]
    steps: dict[str, Callable[[], object]] = {
        "decode": lambda: [decode_bytes(data) for data in photos],
        "make-small": lambda: [made_small(picture) for picture in pictures],
        "pdq-of-8-ways": lambda: [pdq(one) for one in pixels],
        "phash-of-8-ways": lambda: [phash(one) for one in small],
    }
    reference = _pdqhash()
    if reference is not None:
        steps["pdqhash-of-1-way"] = lambda: [reference(one) for one in pixels]
    measured = turns(rounds, *(partial(cpu, work) for work in steps.values()))
    for name, seconds in zip(steps, measured, strict=True):
        each = sorted(seconds)[len(seconds) // 2] / count
        print(f"{name:20} {each * 1e3:7.2f} ms a picture, {1 / each:8.0f} a second")
        figure(f"similarity-{name}", 1 / each, "images/s")
    _in_the_sandbox(photos, rounds)


def _pdqhash() -> Callable[[np.ndarray], object] | None:
    try:
        pdqhash = import_module("pdqhash")
    except ImportError:
        print("pdqhash is not installed here: nothing to compare PDQ with")
        return None
    compute: Callable[[np.ndarray], object] = pdqhash.compute
    return compute


def _in_the_sandbox(photos: list[bytes], rounds: int) -> None:
    with folder(in_memory=True) as place:
        files = []
        for number, data in enumerate(photos):
            files.append(Path(place) / f"{number}")
            files[-1].write_bytes(data)
        for many in (1, 20):
            hashed = partial(hash_pictures, files, per_child=many)
            (seconds,) = turns(rounds, partial(wall, lambda hashed=hashed: list(hashed())))
            each = min(seconds) / len(files)
            print(f"{'in the sandbox':20} {each * 1e3:7.2f} ms a picture by the clock, {many} to a worker")
            figure(f"similarity-sandbox-{many}-to-a-worker", 1 / each, "images/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hashes", type=int, default=100_000)
    parser.add_argument("--photos", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    bench_search(asked.hashes)
    bench_hashing(asked.photos, asked.rounds)
    print_figures()


if __name__ == "__main__":
    main()
