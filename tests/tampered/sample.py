"""A package to damage, with a bit of everything a ledger can hold, and what somebody who holds keys can do to it.

Entries: 0 ``open``; 1 a second person; 2-3 persons with an SSH key and a FIDO token; 4 a search; 5-6 two exhibits; 7 a
note that all four sign; checkpoint 1 over 8; 8 its time stamp; 9 its cosignature; 10 a third exhibit; 11 ``redact`` and
12 ``purge``, by two persons; 13 another actor key; 14 a revocation; checkpoint 2 over 15; 15 its time stamp; 16 a
declared restore, from which on the ledger has another name; 17 another log key; 18 a note; checkpoint 3 over 19; 19 a
renewed time stamp over 19; 20-22 notes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from key_material import signer
from report.papers import dossier_of, exchange
from tsa import POLICY, StampingAuthority

from osint import warc
from osint.chain_of_custody import checkpoint, sshsig
from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.cosignature import cosign
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.entry import PAYLOAD_TYPE, pre_authentication, seal
from osint.chain_of_custody.export import ExportedLedger
from osint.chain_of_custody.keys import FileSigner, Signer
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.merkle import Frontier, leaf_hash
from osint.chain_of_custody.timestamp import Token, check, stamp
from osint.chain_of_custody.timestamp_format import Imprint, write_request
from osint.chain_of_custody.timestamp_renewal import renewal_text
from osint.chain_of_custody.timestamp_signature import as_pem
from osint.chain_of_custody.verification import verify
from osint.chain_of_custody.verified import Verified
from osint.errors import Finding, IntegrityError, LedgerError
from osint.report import bag
from osint.report.hand_over import verify_package, write_package
from osint.runner import Runner
from osint.store.blobs import FolderBlobs

START = datetime(2026, 5, 1, tzinfo=UTC)
LATER = START + timedelta(hours=2)  # when everything in the package is done


@dataclass(frozen=True)
class SshSigner:
    """What an ssh-agent signs with a key in memory, or, with an application, what a FIDO token signs when touched."""

    name: str
    key: Ed25519PrivateKey
    application: bytes = b""
    touched: bool = True
    algorithm = "sshsig"

    @property
    def public(self) -> bytes:
        raw = self.key.public_key().public_bytes_raw()
        return sshsig.pack(sshsig.TOKEN, raw, self.application) if self.application else sshsig.plain_blob(raw)

    @property
    def keyid(self) -> str:
        return sha256(self.public)

    def sign(self, message: bytes) -> bytes:
        data = sshsig.to_sign(message)
        if not self.application:
            return sshsig.envelope(self.public, sshsig.pack(sshsig.PLAIN, self.key.sign(data)))
        tail = bytes([self.touched, 0, 0, 0, 7])
        signed = hashlib.sha256(self.application).digest() + tail + hashlib.sha256(data).digest()
        return sshsig.envelope(self.public, sshsig.pack(sshsig.TOKEN, self.key.sign(signed)) + tail)


ACTOR, LOG, SECOND = signer("actor", 0), signer("log", 32), signer("second", 64)
NEXT_ACTOR, NEXT_LOG, WITNESS = signer("actor2", 96), signer("log2", 128), signer("witness", 160)
AGENT = SshSigner("agent", signer("agent", 192).key)
TOKEN = SshSigner("token", signer("token", 224).key, b"ssh:")
STRANGER = FileSigner("stranger", Ed25519PrivateKey.from_private_bytes(bytes(range(50, 82))))
SIGNERS: Mapping[str, Signer] = {
    each.keyid: each for each in (ACTOR, LOG, SECOND, NEXT_ACTOR, NEXT_LOG, AGENT, TOKEN, STRANGER)
}


def payload_of(line: bytes) -> dict[str, Any]:
    """What an entry says."""
    return dict(json.loads(base64.b64decode(json.loads(line)["payload"])))


def signers_of(line: bytes) -> list[Signer]:
    """Whose keys signed it."""
    return [SIGNERS[each["keyid"]] for each in json.loads(line)["signatures"]]


def envelope(content: Mapping[str, Any]) -> bytes:
    """The line around an envelope, in the spelling of the format."""
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"


def spelt(line: bytes) -> bytes:
    """The bytes of an entry's payload."""
    return base64.b64decode(json.loads(line)["payload"])


def signed(body: bytes) -> bytes:
    """The line around any bytes as a payload, signed with the key that is in force at the end."""
    seal_of = {"keyid": NEXT_ACTOR.keyid, "sig": base64.b64encode(NEXT_ACTOR.sign(pre_authentication(body))).decode()}
    content = {"payload": base64.b64encode(body).decode(), "payloadType": PAYLOAD_TYPE, "signatures": [seal_of]}
    return envelope(content)


class Copy:
    """A copy of the package that a test may damage; ``erased`` is a disclosure that was destroyed in it."""

    def __init__(self, folder: Path, tsa: StampingAuthority, erased: Mapping[str, Any]) -> None:
        self.folder = folder
        self.tsa = tsa
        self.erased = erased

    @property
    def data(self) -> Path:
        """Where the ledger is."""
        return self.folder / "data"

    # -- what lies there -----------------------------------------------------------------------------------------------

    @property
    def lines(self) -> list[bytes]:
        return (self.data / "ledger.jsonl").read_bytes().splitlines(keepends=True)

    @lines.setter
    def lines(self, lines: Iterable[bytes]) -> None:
        (self.data / "ledger.jsonl").write_bytes(b"".join(lines))

    def change_line(self, place: int, change: Callable[[bytes], bytes]) -> None:
        """Put other bytes in the place of one line."""
        lines = self.lines
        lines[place] = change(lines[place])
        self.lines = lines

    def change_payload(self, place: int, *, by: Sequence[Signer] = (), **members: object) -> None:
        """Change what one entry says: signed anew by whoever holds its keys, or by others."""
        self.change_line(place, lambda line: seal({**payload_of(line), **members}, by or signers_of(line)) + b"\n")

    @property
    def disclosures(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.data / "disclosures.jsonl").read_bytes().splitlines()]

    @disclosures.setter
    def disclosures(self, disclosures: Iterable[Mapping[str, Any]]) -> None:
        text = b"".join(envelope(each) for each in sorted(disclosures, key=lambda each: each["seq"]))
        (self.data / "disclosures.jsonl").write_bytes(text)

    def checkpoint(self, number: int) -> Path:
        return self.data / f"checkpoint-{number:04d}.txt"

    def note(self, number: int) -> str:
        return self.checkpoint(number).read_text(encoding="utf-8")

    def write_note(self, number: int, note: str) -> None:
        """Exchange a checkpoint, under the cosignatures too."""
        before = self.note(number)
        for path in self.data.glob(f"checkpoint-{number:04d}*.txt"):
            path.write_bytes(path.read_bytes().replace(before.encode(), note.encode()))

    def exhibit(self, number: str) -> Path:
        """Where the bytes of an exhibit are."""
        items = (item for line in self.lines for item in payload_of(line)["result"])
        digest = next(item["sha256"] for item in items if item.get("exhibit") == number)
        return self.data / "evidence" / digest[:2] / f"{digest}.warc.gz"

    def put_back(self, number: str, data: bytes) -> Path:
        """Have the bytes of an exhibit lie in its place again."""
        path = self.exhibit(number)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return path

    # -- what somebody with keys can do --------------------------------------------------------------------------------

    def origin(self, size: int) -> str:
        """The name that a head over so many lines bears."""
        return str(payload_of(self.lines[size - 1])["ledger"])

    def root(self, size: int) -> bytes:
        return Frontier(leaf_hash(line.rstrip(b"\n")) for line in self.lines[:size]).root()

    def head(self, size: int, by: FileSigner | None = None) -> str:
        """A checkpoint over the lines as they are."""
        key = by or (LOG if size <= 17 else NEXT_LOG)
        return checkpoint.make(self.origin(size), size, self.root(size), key)

    def append(self, action: str, *, by: Sequence[Signer] = (NEXT_ACTOR,), like: int = -1, **members: object) -> None:
        """Add an entry that continues the ledger; what is not given is as in another entry, the last one."""
        lines = self.lines
        said = payload_of(lines[like]) | {"action": action, "object": [], "result": [], "refs": [], "_sd": []}
        said |= {"seq": len(lines), "prev": leaf_hash(lines[-1][:-1]).hex(), "performer": {"key": by[0].keyid}}
        latest = payload_of(lines[-1])
        said |= {name: latest[name] for name in ("ledger", "after", "start_time", "end_time", "clock")}
        self.lines = [*lines, seal({**said, **members}, by) + b"\n"]

    def rewrite(self, changes: Mapping[int, Mapping[str, object]], *, heads: bool = True) -> None:
        """Rewrite history with all keys at hand: change entries, link and sign everything after anew."""
        lines: list[bytes] = []
        for place, line in enumerate(self.lines):
            said = {**payload_of(line), **changes.get(place, {})}
            said["prev"] = leaf_hash(lines[-1][:-1]).hex() if lines else "0" * 64
            if said["action"] == "restore":
                root = Frontier(leaf_hash(each[:-1]) for each in lines).root()
                said["object"] = [{**said["object"][0], "root": base64.b64encode(root).decode()}]
            lines.append(seal(said, signers_of(line)) + b"\n")
        self.lines = lines
        for number in (1, 2, 3) if heads else ():
            self.write_note(number, self.head(checkpoint.parse(self.note(number)).size))
        renewal, size = self.data / "renewal-0001.txt", 19
        tokens = (self.data / f"checkpoint-{number:04d}.1.tsr" for number in (1, 2))
        digests = [hashlib.sha512(b"".join(lines[:size])), *(hashlib.sha512(path.read_bytes()) for path in tokens)]
        said = ["osint-renewal/v1", self.origin(size), size, *(digest.hexdigest() for digest in digests)]
        renewal.write_bytes("".join(f"{each}\n" for each in said).encode())

    def stamp_head(
        self,
        time: datetime,
        by: StampingAuthority | None = None,
        *,
        certificates: Sequence[bytes] | None = None,
        request: bytes | None = None,
        words: str = "",
    ) -> None:
        """Cut checkpoint 4 over everything, have an authority stamp it, and record that.

        Args:
            time: What the authority is to say.
            by: Another authority than the sample's.
            certificates: What it puts into the time stamp.
            request: What is kept in the place of the request that was asked.
            words: What is said beside the status, which no signature covers.
        """
        size, authority = len(self.lines), by or self.tsa
        note = self.head(size)
        self.checkpoint(4).write_text(note, encoding="utf-8", newline="\n")
        asked = write_request(Imprint("sha256", hashlib.sha256(note.encode()).digest()), POLICY, 2**40 + 1)
        reply = authority.reply(asked, time, certificates=certificates, words=words)
        kept = {"tsr": reply, "tsq": request or asked, "pem": as_pem([authority.signer.der, authority.root.der])}
        for suffix, content in kept.items():
            (self.data / f"checkpoint-0004.1.{suffix}").write_bytes(content)
        kinds = zip(("token", "request", "chain"), kept.values(), strict=True)
        self.append("anchor", result=[{"kind": kind, "sha256": sha256(content)} for kind, content in kinds])

    def relist(self) -> None:
        """Make the lists of hashes fit what is there: anybody can."""
        names = sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())
        payload = [name for name in names if name.startswith("data/")]
        info = self.folder / bag.INFO
        size = sum((self.folder / name).stat().st_size for name in payload)
        said = re.sub(r"Payload-Oxum: .*", f"Payload-Oxum: {size}.{len(payload)}", info.read_text(encoding="utf-8"))
        info.write_text(said, encoding="utf-8", newline="\n")
        self._list(bag.MANIFEST, payload)
        self._list(bag.TAG_MANIFEST, [name for name in names if name not in (*payload, bag.TAG_MANIFEST)])

    def _list(self, manifest: str, names: Iterable[str]) -> None:
        listed = [f"{sha256((self.folder / name).read_bytes())}  {name}\n" for name in names]
        (self.folder / manifest).write_text("".join(listed), encoding="utf-8", newline="\n")

    # -- the product's verdict -----------------------------------------------------------------------------------------

    @property
    def anchors(self) -> Anchors:
        """The authority that the verifier relies on."""
        return Anchors(timestamps=(self.tsa.pinned(),))

    def findings(
        self, kept_head: str | None = None, anchors: Anchors | None = None, runner: Runner | None = None
    ) -> list[Finding]:
        """What verification finds; an error that stops it is one finding, of step 0."""
        found = []
        for look in (self._package, self._ledger) if anchors else (self._package,):
            try:
                look(kept_head, anchors, runner)
            except IntegrityError as error:
                found += error.findings
            except LedgerError as error:
                found.append(Finding(step=0, what=str(error)))
        return found

    def verified(self) -> Verified:
        """What verification shows of a package in which nothing is wrong."""
        return verify_package(self.folder)

    def _package(self, kept_head: str | None, anchors: Anchors | None, runner: Runner | None) -> None:
        verify_package(self.folder, kept_head, runner=runner)

    def _ledger(self, kept_head: str | None, anchors: Anchors | None, runner: Runner | None) -> None:
        evidence = FolderBlobs(self.data / "evidence")
        ledger = ExportedLedger(self.data)
        verify(ledger, evidence, check_exhibit=warc.check, kept_head=kept_head, anchors=anchors, runner=runner)


# -- making it ---------------------------------------------------------------------------------------------------------


class Clock:
    """One minute later each time it is read."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        self.time += timedelta(minutes=1)
        return self.time


def make_package(place: Path) -> Copy:
    """Make the package in a folder that is there."""
    clock, tsa = Clock(), StampingAuthority.create(place / "tsa")
    case = place / "case"
    case.mkdir()
    blobs = FolderBlobs(case / "evidence")
    said = {"investigator": "J. Smit, badge 4471"}
    with Ledger.create(case / "ledger.sqlite", actor=ACTOR, log=LOG, performer=said, clock=clock) as ledger:
        _begin(ledger, blobs)
        _stamp(ledger, tsa, clock)
        _cosign(ledger, clock)
        erased = {"disclosure": next(ledger.records(7)).disclosures[0], "seq": 7}
        _erase(ledger, blobs)
        _stamp(ledger, tsa, clock)
        _go_on(ledger)
        _renew(ledger, tsa, clock)
        for text in ("called the station", "called again", "closed"):
            ledger.append("note", private={"text": text})
        package = write_package(dossier_of(ledger, case), place / "package")
    return Copy(package.folder, tsa, erased)


def _begin(ledger: Ledger, blobs: FolderBlobs) -> None:
    for each, name in ((SECOND, "K. de Vries"), (AGENT, "A. Berg"), (TOKEN, "R. Klein")):
        ledger.introduce(each, private={"investigator": name})
    ledger.append("search", outcome="allowed", private={"query": "@jane@social.example"}, collector="mastodon/1")
    for number in (1, 2):
        _take_in(ledger, blobs, number)
    ledger.append("note", private={"text": "seen by all"}, cosigners=[SECOND, AGENT, TOKEN])


def _take_in(ledger: Ledger, blobs: FolderBlobs, number: int) -> None:
    data = exchange(number)
    with blobs.temporary() as temporary:
        temporary.write_bytes(data)
        exhibit = {"sha256": blobs.put(temporary), "size": len(data), "media": "application/warc"}
        ledger.append("acquire", exhibit=exhibit, private={"url": f"https://social.example/@jane/{number}"})


def _stamp(ledger: Ledger, tsa: StampingAuthority, clock: Clock) -> None:
    note = ledger.cut_checkpoint().encode()
    token = stamp(note, len(ledger), tsa.pinned(), tsa.exchange(clock()))
    ledger.keep_token(token, check(token, [tsa.pinned()]))


def _cosign(ledger: Ledger, clock: Clock) -> None:
    note, time = ledger.checkpoints()[-1], clock()
    line = cosign(note, "court.example", WITNESS, time)
    ledger.keep_cosignature(checkpoint.parse(note).size, line, witness="court.example", time=time)


def _erase(ledger: Ledger, blobs: FolderBlobs) -> None:
    _take_in(ledger, blobs, 3)
    digests = ledger.entry(7).payload["_sd"]
    ledger.append("redact", object=[{"digest": each} for each in digests], cosigners=[SECOND])
    ledger.erase(digests)
    purged = next(each for each in ledger.exhibits() if each.number == "E0002")
    ledger.append("purge", object=[{"kind": "exhibit", "exhibit": purged.number}], cosigners=[SECOND])
    blobs.destroy(purged.sha256)
    ledger.rotate(NEXT_ACTOR, "actor")
    ledger.revoke(SECOND.keyid, "actor", reason="departed", since=13)


def _go_on(ledger: Ledger) -> None:
    ledger.restore(reason="the disk failed")
    ledger.rotate(NEXT_LOG, "log")
    ledger.append("note", private={"text": "everything is there"})
    ledger.cut_checkpoint()


def _renew(ledger: Ledger, tsa: StampingAuthority, clock: Clock) -> None:
    lines = hashlib.sha512(b"".join(record.line for record in ledger.records())).hexdigest()
    document = renewal_text(ledger.origin, len(ledger), lines, ledger.tokens())
    token: Token = stamp(document, len(ledger), tsa.pinned(), tsa.exchange(clock()), covers="renewal")
    ledger.keep_token(token, check(token, [tsa.pinned()]))


def make_writable(path: Path) -> Path:
    """Evidence is read-only; whoever alters it changes that first."""
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    return path


def texts(folder: Path) -> Iterator[Path]:
    """Every file of a package, in order."""
    return iter(sorted(path for path in folder.rglob("*") if path.is_file()))
