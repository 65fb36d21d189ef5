"""Write the seeds of the fuzzer and the anchors they go by, anew: ``python tests/fuzz/make_corpus.py``.

They are made from one small ledger with a time stamp and a cosignature, by invented people. Keys, clocks, names and what
is random elsewhere are fixed, so that the same release gives the same seeds.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import secrets
import sys
import tempfile
import uuid
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "chain_of_custody")]

from key_material import signer  # noqa: E402
from tsa import NOON, PEM, StampingAuthority  # noqa: E402

from osint.chain_of_custody import disclosure, draft  # noqa: E402
from osint.chain_of_custody.checkpoint import parse  # noqa: E402
from osint.chain_of_custody.cosignature import WitnessKey, cosign  # noqa: E402
from osint.chain_of_custody.entry import new_id, open_envelope  # noqa: E402
from osint.chain_of_custody.export import ExportedLedger, write_ledger  # noqa: E402
from osint.chain_of_custody.ledger import Ledger  # noqa: E402
from osint.chain_of_custody.proof import proof_text  # noqa: E402
from osint.chain_of_custody.timestamp import check, stamp  # noqa: E402
from osint.chain_of_custody.timestamp_renewal import renewal_text  # noqa: E402
from osint.chain_of_custody.verification import verify  # noqa: E402
from osint.chain_of_custody.witness_request import request_body  # noqa: E402

ACTOR, LOG, WITNESS = signer("actor", 0), signer("log", 32), signer("witness", 64)
CUSTODIAN, NEXT_LOG = signer("custodian", 96), signer("log-2", 128)
ORIGIN = f"osint/{0:032x}"


def main() -> None:
    drawn = (hashlib.sha256(b"%d" % number).digest() for number in itertools.count())
    secrets.token_bytes = lambda count=32: next(drawn)[:count]
    secrets.randbits = lambda bits: int.from_bytes(next(drawn)) >> 256 - bits
    draft.new_id = lambda instant: new_id(instant, secrets.token_bytes)
    names = itertools.count()
    uuid.uuid4 = lambda: uuid.UUID(int=next(names))
    draft._environment = lambda: {"python": "3.11.7", "platform": "Linux-6.1-x86_64"}
    steady = itertools.count(86_400_000, 1000)
    draft._clock_state = lambda _: {
        "zone": "+00:00", "monotonic_ms": next(steady), "boot": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "source": "system",
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
    names = itertools.count()
    with tempfile.TemporaryDirectory() as folder:
        write_turns(Path(folder))


def write(folder: Path) -> None:
    tsa = StampingAuthority.create(folder / "tsa")
    ticks = iter(range(10**6))
    write_anchors(tsa)
    with Ledger.create(
        folder / "ledger.sqlite", actor=ACTOR, log=LOG, performer={"investigator": "J. Smit"},
        clock=lambda: NOON + timedelta(seconds=next(ticks)),
    ) as ledger:  # fmt: skip
        authority = ledger.append("authorize", private={"identifier": "warrant 7", "notes": ["für", {"n": 1}, None]})
        exhibit = {"sha256": "9f" * 32, "size": 4, "media": "application/warc"}
        ledger.append("acquire", authorization=authority.leaf.hex(), private={"url": "https://social.example/@jane"},
                      exhibit=exhibit, purpose="missing_person", collector="mastodon/1", network="direct")  # fmt: skip
        ledger.append("search", outcome="nil", private={"query": "jane"}, refs=[authority.leaf.hex()])
        note = ledger.cut_checkpoint()
        anchor(ledger, note, tsa)
        ledger.append("note", private={"text": "called the station"})
        ledger.cut_checkpoint()
        write_ledger(ledger, folder / "bundle")
        tree = ledger.tree()
    trusted = verify(ExportedLedger(folder / "bundle"), present=NOON).trusted
    files = {path.name: path.read_bytes() for path in sorted((folder / "bundle").iterdir())}
    lines = files["ledger.jsonl"].splitlines()
    bodies = [open_envelope(line).payload for line in lines]
    keep("bundle", b"b" + together(files.items()))
    rest = {name: content for name, content in files.items() if name not in ("ledger.jsonl", "checkpoint-0002.txt")}
    keep("sealed", b"s" + together({**rest, "payloads": unlinked(bodies)}.items()))
    keep("line", b"l" + lines[1])
    keep("payload", b"j" + bodies[2])
    keep("disclosure", b"d" + disclosure.make("url", "https://social.example/@jané", bytes(range(16))).encode())
    keep("checkpoint", b"c" + files["checkpoint-0001.cosigned.txt"])
    keep(
        "proof",
        b"p" + proof_text(1, tree.inclusion_path(1, 4), files["checkpoint-0001.cosigned.txt"].decode()).encode(),
    )
    keep("request", b"w" + request_body(2, tree.consistency_path(2, 4), note))
    token = {name: files[name] for name in files if name.startswith("checkpoint-0001.") and "cosigned" not in name}
    keep("token", b"t" + together(token.items()))
    keep("renewal", b"r" + renewal_text(ORIGIN, 4, "ab" * 64, ExportedLedger(folder / "bundle").tokens()))
    keep("policy", b"q" + (HERE / "anchors" / "witnesses.txt").read_bytes())
    keep("trusted", b"h" + trusted.to_json().encode())


def write_turns(folder: Path) -> None:
    """The actions that verification has rules of its own for: keys, erasures, a restore."""
    ticks = iter(range(10**6))
    with Ledger.create(
        folder / "ledger.sqlite", actor=ACTOR, log=LOG, clock=lambda: NOON + timedelta(seconds=next(ticks))
    ) as ledger:
        ledger.introduce(CUSTODIAN, "custodian", basis="appointed")
        said = ledger.append("note", private={"text": "called the station"})
        ledger.append(
            "redact", object=[{"digest": said.payload["_sd"][0]}], private={"order": "7/26"}, cosigners=[CUSTODIAN]
        )
        ledger.rotate(NEXT_LOG, "log")
        ledger.revoke(CUSTODIAN.keyid, "custodian", reason="stolen", since=2)
        ledger.restore(reason="the disk broke")
        ledger.append("acquire", exhibit={"sha256": "9f" * 32, "size": 4, "media": "application/warc"})
        ledger.append("hold", object=[{"exhibit": "E0001"}], private={"order": "8/26"})
        write_ledger(ledger, folder / "bundle", disclosures=False)
    bodies = [open_envelope(line) for line in (folder / "bundle" / "ledger.jsonl").read_bytes().splitlines()]
    signed_by_two = [b"+" if CUSTODIAN.keyid in dict(each.signatures) else b"" for each in bodies]
    payloads = unlinked(plus + each.payload for plus, each in zip(signed_by_two, bodies, strict=True))
    keep("turns", b"s" + together({"payloads": payloads}.items()))


def anchor(ledger: Ledger, note: str, tsa: StampingAuthority) -> None:
    token = stamp(note.encode(), parse(note).size, tsa.pinned(), tsa.exchange())
    ledger.keep_token(token, check(token, [tsa.pinned()]))
    time = NOON + timedelta(minutes=1)
    line = cosign(note, "court.example", WITNESS, time)
    ledger.keep_cosignature(parse(note).size, line, witness="court", time=time)


def write_anchors(tsa: StampingAuthority) -> None:
    place = HERE / "anchors"
    place.mkdir(exist_ok=True)
    (place / "tsa.pem").write_bytes(tsa.signer.certificate.public_bytes(PEM))
    (place / "root.pem").write_bytes(tsa.root.certificate.public_bytes(PEM))
    pinned = tsa.pinned()
    said = {
        "name": pinned.name,
        "url": pinned.url,
        "certificate": "tsa.pem",
        "chain": "root.pem",
        "policy": pinned.policy,
    }
    spelt = "".join(f"{name} = {json.dumps(value)}\n" for name, value in said.items())
    (place / "anchors.toml").write_text(f'[[timestamp]]\n{spelt}\n[witnesses]\npolicy = "witnesses.txt"\n')
    court = WitnessKey("court.example", WITNESS.public)
    log = LOG.verifier_key(ORIGIN)
    (place / "witnesses.txt").write_text(
        f"log {log}\nwitness court {court} https://court.example/\ngroup one any court\nquorum one\n"
    )


def unlinked(bodies: Iterable[bytes]) -> bytes:
    """Return the payloads, a line each, with a word where the hash of the line before belongs."""
    return b"".join(re.sub(rb'"prev":"[0-9a-f]{64}"', b'"prev":"PREVIOUS"', body) + b"\n" for body in bodies)


def together(files: Iterable[tuple[str, bytes]]) -> bytes:
    return b"".join(b"\n==== %b\n%b" % (name.encode(), content) for name, content in files)


def keep(name: str, content: bytes) -> None:
    (HERE / "corpus" / name).write_bytes(content)


if __name__ == "__main__":
    main()
