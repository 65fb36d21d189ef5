"""What the chain of custody costs, each time as a ratio to a floor measured in the same run.

The floors (see ``measuring``) are a bare write and sync, a bare signature, a bare loop over a chain. Seeds are fixed,
folders are thrown away.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import contextlib
import hashlib
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from measuring import cpu, figure, folder, microseconds, print_figures, ratios, report, turns, wall, watched

from osint.chain_of_custody import checkpoint, reading, verification_lines
from osint.chain_of_custody.canonical import canonical
from osint.chain_of_custody.draft import Draft, compose, key_item
from osint.chain_of_custody.entry import open_envelope, pre_authentication, seal
from osint.chain_of_custody.export import LINES, ExportedLedger
from osint.chain_of_custody.keys import FileSigner
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.merkle import Frontier, Tree, leaf_hash, root_from_path, verify_consistency
from osint.chain_of_custody.verification import verify
from osint.chain_of_custody.verified import Verified
from osint.runner import make_runner

ROUNDS = 9
WRITERS = 8
PUBLISHED_PROOFS = {"inclusion": 5921, "consistency": 4782}  # pymerkle 7, proofs per second at 200,000 leaves
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ORIGIN = f"osint/{0:032x}"


def signer(name: str, first: int) -> FileSigner:
    return FileSigner(name, Ed25519PrivateKey.from_private_bytes(bytes(range(first, first + 32))))


ACTOR, LOG = signer("actor", 0), signer("log", 32)


def acquisition(number: int) -> dict[str, Any]:
    """The arguments of a typical entry: one page taken in, two private values."""
    return {
        "private": {"url": f"https://social.example/@jane/{number}", "handle": "@jane@social.example"},
        "purpose": "missing_person",
        "collector": "mastodon/1",
        "network": "direct",
        "exhibit": {"sha256": f"{number:064x}", "size": 48_213, "media": "application/warc"},
    }


class Appending:
    """One ledger that entries are appended to, with its authority and past the first turn of SQLite's journal."""

    def __init__(self, place: Path) -> None:
        self.ledger = Ledger.create(place / "ledger.sqlite", actor=ACTOR, log=LOG)
        self._authority = self.ledger.append("authorize", private={"identifier": "warrant 7"}).leaf.hex()
        self._number = 0
        for _ in range(300):
            self.one()

    def one(self) -> None:
        self._number += 1
        self.ledger.append("acquire", authorization=self._authority, **acquisition(self._number))

    def median(self, count: int) -> float:
        return statistics.median(wall(self.one) for _ in range(count))


# -- writing ----------------------------------------------------------------------------------------------------------


def bench_append() -> None:
    """A durable append beside a bare write of the same number of bytes and a sync."""
    sync = getattr(os, "fdatasync", os.fsync)
    with folder() as place, (place / "bare").open("ab", buffering=0) as bare:
        appending = Appending(place)
        line = next(appending.ledger.records(2)).line

        def write_and_sync() -> None:
            bare.write(line)
            sync(bare.fileno())

        def floor() -> float:
            return statistics.median(wall(write_and_sync) for _ in range(150))

        ours, floors = turns(ROUNDS, lambda: appending.median(150), floor)
        print(f"[{appending.ledger.durability}, line of {len(line)} bytes]")
    report(
        "append_over_sync",
        ratios(ours, floors),
        "<= 3.0",
        f"p50 {microseconds(ours)}, write and sync of the same bytes p50 {microseconds(floors)}",
    )
    figure("append_p50", statistics.median(ours) * 1e6, "us")
    figure("sync_p50", statistics.median(floors) * 1e6, "us")


def bench_append_cpu() -> None:
    """The processor's share of an append, beside one signature, one RFC 8785 spelling and two hashes of the same."""
    with folder(in_memory=True) as place:
        appending = Appending(place)
        entry = appending.ledger.entry(2)
        body = open_envelope(entry.line).payload
        message = pre_authentication(body)

        def floor() -> float:
            return cpu(lambda: [once() for _ in range(300)]) / 300

        def once() -> None:
            ACTOR.sign(message)
            rfc8785.dumps(entry.payload)
            hashlib.sha256(entry.line).digest()
            hashlib.sha256(body).digest()

        ours, floors = turns(ROUNDS, lambda: cpu(lambda: appending.median(300)) / 300, floor)
    where = "in memory" if Path("/dev/shm").is_dir() else "on the disk, whose driver counts too"
    report(
        "append_cpu_over_parts",
        ratios(ours, floors),
        "<= 2.5",
        f"{microseconds(ours)} of CPU {where}; sign, RFC 8785 and two SHA-256 {microseconds(floors)}",
    )


def bench_import() -> None:
    """Taking over many entries beside appending them one by one."""
    count = 5000
    with folder() as place:
        write_chain(place / "exported", count)
        appending = Appending(place)

        def bulk() -> float:
            target = place / "imported.sqlite"
            seconds = wall(lambda: Ledger.take_over(target, ExportedLedger(place / "exported")).close())
            target.unlink()
            return count / seconds

        def single() -> float:
            return 300 / wall(lambda: [appending.one() for _ in range(300)])

        ours, floors = turns(5, bulk, single)
    report(
        "import_over_append",
        ratios(ours, floors),
        ">= 10",
        f"{statistics.median(ours):,.0f} entries/s taken over, {statistics.median(floors):,.0f} appended one by one",
    )


def write_entries(path: Path, count: int, start: Any, waits: Any) -> None:
    """Append from a process of its own, once all of them are ready; report how long each entry took."""
    with Ledger.open(path, actor=ACTOR, log=LOG) as ledger:
        start.wait()
        waits.put([wall(lambda n=number: ledger.append("acquire", **acquisition(n))) for number in range(count)])


def bench_writers() -> None:
    """Eight processes that append to one ledger, beside one."""
    context = multiprocessing.get_context("spawn")
    total, waits = 960, []
    with folder() as place:
        path = place / "ledger.sqlite"
        Ledger.create(path, actor=ACTOR, log=LOG).close()

        def rate(writers: int) -> float:
            start, taken = context.Barrier(writers + 1), context.Queue()
            arguments = (path, total // writers, start, taken)
            running = [context.Process(target=write_entries, args=arguments) for _ in range(writers)]
            for process in running:
                process.start()
            start.wait()
            began = time.perf_counter()
            found = [taken.get() for _ in running]
            seconds = time.perf_counter() - began
            for process in running:
                process.join()
            if writers > 1:
                waits.extend(wait for some in found for wait in some)
            return total / seconds

        ours, floors = turns(5, lambda: rate(WRITERS), lambda: rate(1))
        with Ledger.read(path) as ledger:
            verified = verify(ledger)  # raises when two entries continue the same one
    slowest = sorted(waits)[int(len(waits) * 0.99)]
    report(
        "writers_over_writer",
        ratios(ours, floors),
        ">= 0.7",
        f"{WRITERS} processes {statistics.median(ours):.0f} entries/s, one {statistics.median(floors):.0f}; "
        f"{verified.entries} entries verify, 0 forks; p99 wait {slowest:.2f} s (goal < 2)",
    )
    figure("writers_p99_wait", slowest, "s")
    figure("writers_forks", 0, "forks")


# -- verifying --------------------------------------------------------------------------------------------------------


def bench_verify() -> None:
    """Verification beside its two floors: a loop that looks at the links alone, and bare signatures."""
    count = 10_000
    with folder() as place:
        write_chain(place, count)
        exported = ExportedLedger(place)
        line = next(exported.records(5)).line
        envelope = open_envelope(line[:-1])
        message, signature = pre_authentication(envelope.payload), envelope.signatures[0].signature
        public = ACTOR.key.public_key()

        def unsigned() -> float:
            with every_signature_passed():
                return cpu(lambda: verify(exported)) / count

        def links() -> float:
            return cpu(lambda: follow_links(place / LINES)) / count

        def whole() -> float:
            return cpu(lambda: verify(exported)) / count

        def signatures() -> float:
            return cpu(lambda: [public.verify(signature, message) for _ in range(2000)]) / 2000

        schema, links_alone, signed, bare = turns(5, unsigned, links, whole, signatures)
    report(
        "verify_unsigned_over_links",
        ratios(links_alone, schema),
        ">= 0.2",
        f"all steps but signatures {microseconds(schema)} of CPU an entry, bare links {microseconds(links_alone)}",
    )
    report(
        "verify_over_bare_signature",
        ratios(bare, signed),
        ">= 0.6",
        f"all steps {microseconds(signed)} of CPU an entry, bare Ed25519 {microseconds(bare)}",
    )


def bench_two_processes() -> None:
    """Verification shared by two processes, their start included, beside one."""
    count = 40_000
    with folder() as place:
        write_chain(place, count)
        exported = ExportedLedger(place)
        one, both = turns(2, lambda: wall(lambda: verify(exported)), lambda: wall(lambda: in_two_processes(exported)))
    report(
        "verify_two_processes",
        ratios(one, both),
        "> 1.0",
        f"{count / statistics.median(both):,.0f} entries/s in two processes, {count / statistics.median(one):,.0f} in "
        f"one, on {os.cpu_count()} cores with a load of {psutil.getloadavg()[0]:.1f}",
    )


def in_two_processes(exported: ExportedLedger) -> Verified:
    return verify(exported, runner=make_runner(2))


@contextlib.contextmanager
def every_signature_passed() -> Iterator[None]:
    """Leave out the signatures, which have a floor of their own."""
    with contextlib.ExitStack() as passed:
        for module in (reading, verification_lines):
            passed.enter_context(patch.object(module, "signature_holds", lambda *_: True))
        yield


def follow_links(path: Path) -> None:
    """The least that can be called a check of the chain: hash each line, look for that hash in the next payload."""
    previous = b"0" * 64
    with path.open("rb") as stream:
        for line in stream:
            payload = binascii.a2b_base64(line[12 : line.index(b'"', 12)])
            if b'"prev":"%b"' % previous not in payload:
                raise SystemExit("the chain that was generated is broken")
            previous = hashlib.sha256(b"\0" + line[:-1]).hexdigest().encode()


def bench_since() -> None:
    """A thousand new entries after a trusted head, with ten thousand entries under it and with a hundred thousand."""
    with folder() as place:
        continued = {}
        for size in (10_000, 100_000):
            at = place / str(size)
            write_chain(at, size)
            ledger = Ledger.take_over(at / "ledger.sqlite", ExportedLedger(at))
            with every_signature_passed():
                trusted = verify(ledger).trusted
            ledger.close()
            ledger = Ledger.open(at / "ledger.sqlite", actor=ACTOR, log=LOG)
            for number in range(1000):
                ledger.append("acquire", **acquisition(number))
            continued[size] = (ledger, trusted)

        def time_since(size: int) -> float:
            ledger, trusted = continued[size]
            return cpu(lambda: verify(ledger, since=trusted))

        large, small = turns(5, lambda: time_since(100_000), lambda: time_since(10_000))
        for ledger, _ in continued.values():
            ledger.close()
    report(
        "since_100k_over_10k",
        ratios(large, small),
        "<= 1.25",
        f"1,000 new entries {statistics.median(large):.2f} s of CPU after 100,000, {statistics.median(small):.2f} s "
        "after 10,000",
    )


def bench_large(entries: int) -> None:
    """The memory that a long ledger takes to verify: the peak over all processes that do it, added up."""
    with folder() as place:
        made = wall(lambda: write_chain(place, entries))
        command = [sys.executable, __file__, "--verify", str(place)]
        seconds, peak, said = watched(command)
    found = json.loads(said)
    if found["entries"] != entries:
        raise SystemExit("not all entries were verified")
    print(
        f"verify {entries:,} entries: {peak / 1e6:.0f} MB at the peak of all processes (goal < 200: "
        f"{'reached' if peak < 200e6 else 'MISSED'}), {seconds:.0f} s in two processes with signatures; "
        f"{made:.0f} s to make them",
        flush=True,
    )
    figure("verify_large_entries", entries, "entries")
    figure("verify_large_peak", peak / 1e6, "MB")
    figure("verify_large_rate", entries / seconds, "entries/s")


# -- proofs -----------------------------------------------------------------------------------------------------------


def bench_proofs(other: str | None, leaves: int) -> None:
    """Proofs per second, beside pymerkle: run by a Python that has it, or as published."""
    tree = Tree(hashlib.sha256(b"%d" % number).digest() for number in range(leaves))
    root, steps = tree.root(), 997  # spreads over the tree
    indices = [number * steps % leaves for number in range(2000)]

    def rate(build: Callable[[int], object]) -> float:
        return len(indices) / cpu(lambda: [build(index) for index in indices])

    inclusion, consistency = turns(
        5, lambda: rate(tree.inclusion_path), lambda: rate(lambda index: tree.consistency_path(index + 1))
    )
    leaf = hashlib.sha256(b"%d" % indices[-1]).digest()
    if root_from_path(leaf, indices[-1], leaves, tree.inclusion_path(indices[-1])) != root:
        raise SystemExit("an inclusion path does not lead to the root")
    verify_consistency(steps, leaves, tree.root(steps), root, tree.consistency_path(steps))
    theirs, where = proofs_elsewhere(other, leaves)
    for kind, ours in (("inclusion", inclusion), ("consistency", consistency)):
        report(
            f"{kind}_over_pymerkle",
            [one / theirs[kind] for one in ours],
            ">= 1.0",
            f"{statistics.median(ours):,.0f} proofs/CPU-s at {leaves:,} leaves, pymerkle {theirs[kind]:,.0f} {where}",
        )
        figure(f"{kind}_proofs", statistics.median(ours), "1/s")


def proofs_elsewhere(python: str | None, leaves: int) -> tuple[Mapping[str, float], str]:
    if python is None:
        return PUBLISHED_PROOFS, "as published, at 200,000"
    script = Path(__file__).with_name("pymerkle_proofs.py")
    said = subprocess.run([python, str(script), str(leaves)], check=True, capture_output=True, text=True).stdout
    return json.loads(said), "in this run"


# -- chains made fast -------------------------------------------------------------------------------------------------


def write_chain(place: Path, entries: int) -> None:
    """Write an exported ledger: every second entry takes an exhibit in, the others are searches that found nothing.

    Each payload is spelt once and then only its number, link and exhibit are put in, which leaves the signature as the
    main cost; entries of a chain cannot be signed side by side.
    """
    place.mkdir(parents=True, exist_ok=True)
    keys = [key_item(ACTOR, "actor", "opened"), key_item(LOG, "log", "opened")]
    opening = compose("open", performer=ACTOR, present=NOON, object=keys)
    taken = template(compose("acquire", performer=ACTOR, present=NOON, **acquisition(0)))
    searched = template(compose("search", outcome="nil", performer=ACTOR, present=NOON, private={"query": "jane"}))
    frontier = Frontier()
    with (place / LINES).open("wb") as stream:
        line = seal(opening.placed(ORIGIN, 0, bytes(32), None), [ACTOR])
        for seq in range(1, entries + 1):
            leaf = leaf_hash(line)
            frontier.append(leaf)
            stream.write(line + b"\n")
            pieces = taken if seq % 2 else searched
            line = sealed(pieces % {b"seq": seq, b"prev": leaf.hex().encode(), b"exhibit": (seq + 1) // 2})
    note = checkpoint.make(ORIGIN, entries, frontier.root(), LOG)
    (place / "checkpoint-0001.txt").write_text(note, encoding="utf-8")


def template(draft: Draft) -> bytes:
    """Return the canonical payload with gaps for what differs from entry to entry."""
    body = canonical(draft.placed(ORIGIN, 987_654_321, b"\xaa" * 32, 9_876_543 if draft.exhibit else None))
    assert b"%" not in body
    gaps = {b"987654321": b"%(seq)d", b"aa" * 32: b"%(prev)b", b'"E9876543"': b'"E%(exhibit)04d"'}
    for told, gap in gaps.items():
        body = body.replace(told, gap)
    return body.replace(b'"sha256":"' + b"0" * 64, b'"sha256":"%(exhibit)064x')


def sealed(body: bytes) -> bytes:
    signature = base64.b64encode(ACTOR.sign(pre_authentication(body)))
    return (
        b'{"payload":"%b","payloadType":"application/vnd.osint.custody-entry+json","signatures":[{"keyid":"%b","sig":"%b"}]}'
        % (base64.b64encode(body), ACTOR.keyid.encode(), signature)
    )


BENCHES: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "append": lambda _: bench_append(),
    "cpu": lambda _: bench_append_cpu(),
    "import": lambda _: bench_import(),
    "writers": lambda _: bench_writers(),
    "verify": lambda _: bench_verify(),
    "two": lambda _: bench_two_processes(),
    "since": lambda _: bench_since(),
    "proofs": lambda asked: bench_proofs(asked.pymerkle, asked.leaves),
    "large": lambda asked: bench_large(asked.entries),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", help=f"which: {', '.join(BENCHES)}; all but large when none is named")
    parser.add_argument("--large", action="store_true", help="verify a long ledger too; takes minutes")
    parser.add_argument("--entries", type=int, default=1_000_000, help="entries of the long ledger")
    parser.add_argument("--leaves", type=int, default=1_000_000, help="leaves of the tree for proofs")
    parser.add_argument("--pymerkle", metavar="PYTHON", help="a Python that has pymerkle, to compare proofs with")
    parser.add_argument("--verify", metavar="FOLDER", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.verify:
        print(json.dumps({"entries": in_two_processes(ExportedLedger(Path(asked.verify))).entries}))
        return
    chosen = asked.only or [name for name in BENCHES if name != "large"]
    for name in dict.fromkeys([*chosen, *(["large"] if asked.large else [])]):
        BENCHES[name](asked)
    print_figures()


if __name__ == "__main__":
    main()
