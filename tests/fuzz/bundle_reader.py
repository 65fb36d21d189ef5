"""Everything that reads what others hand over, as targets for a fuzzer: one input in, our own errors or nothing out.

The first byte of an input says which reader gets the rest. Two of them read a whole bundle, whose files stand in the
input one after the other, each behind a line ``==== NAME``: as they are (``b``), or with the payloads of the entries
instead of the lines, which are then linked and signed here (``s``), so that mutations reach the steps behind the
signatures. A payload behind a ``+`` is signed by a custodian too.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osint.chain_of_custody import checkpoint, disclosure
from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.canonical import canonical, is_canonical, strict_loads
from osint.chain_of_custody.entry import Envelope, Signature, open_envelope, parse, pre_authentication, read_payload
from osint.chain_of_custody.entry import _spell as spell  # the writer's, to hold the reader to it
from osint.chain_of_custody.export import LINES, ExportedLedger
from osint.chain_of_custody.keys import FileSigner
from osint.chain_of_custody.merkle import Frontier, leaf_hash
from osint.chain_of_custody.proof import read_proof
from osint.chain_of_custody.timestamp import Token, check
from osint.chain_of_custody.timestamp_renewal import read_renewal
from osint.chain_of_custody.trusted import TrustedHead
from osint.chain_of_custody.verification import verify
from osint.chain_of_custody.verified import Verified
from osint.chain_of_custody.witness_policy import WitnessPolicy
from osint.chain_of_custody.witness_request import read_request
from osint.errors import LedgerError, OsintError

HERE = Path(__file__).parent
ANCHORS = Anchors.read(HERE / "anchors" / "anchors.toml")
PRESENT = datetime(2026, 12, 1, tzinfo=UTC)
PREVIOUS = b"PREVIOUS"
_FILE = re.compile(rb"\n==== ([a-z0-9][a-z0-9.-]{0,40})\n")
_ORIGIN = re.compile(rb'"ledger":"(osint/[0-9a-f]{32})"')
_LONGEST = 1 << 18


def signer(name: str, first: int) -> FileSigner:
    return FileSigner(name, Ed25519PrivateKey.from_private_bytes(bytes(range(first, first + 32))))


ACTOR, LOG = signer("actor", 0), signer("log", 32)
CUSTODIAN, NEXT_LOG = signer("custodian", 96), signer("log-2", 128)


def consume(data: bytes) -> object:
    """Hand an input to its reader; return what it read, or the error of ours that it raised.

    Raises:
        Exception: Anything else is what the fuzzer looks for.
    """
    reader = TARGETS.get(data[:1])
    if reader is None or len(data) > _LONGEST:
        return None
    try:
        return reader(data[1:])
    except OsintError as error:
        return error


def read_line(data: bytes) -> Envelope:
    envelope = open_envelope(data)
    assert spell(envelope) == data, "a line has two spellings"
    with suppress(LedgerError):
        parse(data, 0)
    return envelope


def read_json(data: bytes) -> object:
    value = strict_loads(data)
    with suppress(LedgerError):
        assert is_canonical(data, value) == (canonical(value) == data), "two opinions on one spelling"
    with suppress(LedgerError):
        read_payload(data)
    return value


def read_disclosure(data: bytes) -> object:
    text = data.decode("utf-8", "surrogateescape")
    digest = disclosure.digest(text)
    return disclosure.read(text), digest


def read_checkpoint(data: bytes) -> object:
    note = data.decode("utf-8", "surrogateescape")
    head = checkpoint.parse(note)
    with suppress(LedgerError):
        checkpoint.verify(note, [LOG.verifier_key(head.origin)])
    assert ANCHORS.witnesses is not None
    with suppress(LedgerError):
        ANCHORS.witnesses.cosignatures(note)
    return head


def read_a_proof(data: bytes) -> object:
    proof = read_proof(data.decode("utf-8", "surrogateescape"))
    with suppress(LedgerError):
        proof.verify(bytes(32), [LOG.verifier_key("osint/x")], ANCHORS.witnesses)
    return proof


def read_a_request(data: bytes) -> object:
    return read_request(data)


def read_token(data: bytes) -> object:
    """A reply with, in front of it, the files that it belongs to."""
    files = dict(_files(data))
    token = Token(
        covers="checkpoint",
        size=4,
        document=files.get("checkpoint-0001.txt", b""),
        request=files.get("checkpoint-0001.1.tsq", b""),
        reply=files.get("checkpoint-0001.1.tsr", b""),
        chain=files.get("checkpoint-0001.1.pem", b""),
    )
    return check(token, ANCHORS.timestamps)


def read_a_renewal(data: bytes) -> object:
    return read_renewal(data)


def read_policy(data: bytes) -> object:
    policy = WitnessPolicy.read(data)
    return policy.rule, policy.satisfied(policy.witnesses)


def read_trusted(data: bytes) -> object:
    head = TrustedHead.from_json(data.decode("utf-8", "surrogateescape"))
    assert TrustedHead.from_json(head.to_json()) == head, "what was written is not what was read"
    return head


def read_bundle(data: bytes) -> Verified:
    with _folder(_files(data)) as folder:
        lines = folder / LINES
        verified = _verified(folder)
        with suppress(LedgerError):  # a head kept elsewhere admits one history, byte for byte
            verify(ExportedLedger(folder), anchors=ANCHORS, kept_head=_genuine_head(), present=PRESENT)
            genuine = (HERE / "corpus" / "bundle").read_bytes()
            kept = dict(_files(genuine[1:]))[LINES].splitlines(keepends=True)
            assert lines.read_bytes().splitlines(keepends=True)[:4] == kept[:4], "a head fits two histories"
        return verified


def read_sealed_bundle(data: bytes) -> Verified:
    """Payloads are linked and signed here; then a checkpoint over all of them is."""
    files = dict(_files(data))
    payloads = files.pop("payloads", b"").split(b"\n")
    rotated = any(NEXT_LOG.keyid.encode() in payload for payload in payloads)
    previous, lines, frontier, body = bytes(32), [], Frontier(), b""
    for payload in filter(None, payloads):
        body = payload.replace(PREVIOUS, previous.hex().encode())
        line = seal_bytes(body)
        previous = leaf_hash(line)
        frontier.append(previous)
        lines.append(line + b"\n")
    files[LINES] = b"".join(lines)
    if lines:
        origin = _ORIGIN.findall(body)[-1:] or [b"osint/x"]
        note = checkpoint.make(origin[0].decode(), len(lines), frontier.root(), NEXT_LOG if rotated else LOG)
        files.setdefault("checkpoint-0009.txt", note.encode())
    with _folder(files.items()) as folder:
        return _verified(folder)


def seal_bytes(body: bytes) -> bytes:
    """Seal a payload that need be none, by the actor and whoever has to sign besides."""
    signers = [ACTOR]
    if body.startswith(b"+"):
        body = body[1:]
        signers.append(CUSTODIAN)
    if b'"key.rotate"' in body:
        signers += [LOG, NEXT_LOG]
    message = pre_authentication(body)
    return spell(Envelope(body, tuple(Signature(each.keyid, each.sign(message)) for each in signers)))


def _verified(folder: Path) -> Verified:
    first = verify(ExportedLedger(folder), anchors=ANCHORS, present=PRESENT)
    str(first), first._repr_mimebundle_()
    assert TrustedHead.from_json(first.trusted.to_json()) == first.trusted, "a trusted head cannot be kept"
    again = verify(ExportedLedger(folder), anchors=ANCHORS, since=first.trusted, present=PRESENT)
    assert (again.entries, again.root) == (first.entries, first.root), "nothing new, and another verdict"
    return first


def _genuine_head() -> str:
    return dict(_files((HERE / "corpus" / "bundle").read_bytes()[1:]))["checkpoint-0001.txt"].decode()


def _files(data: bytes) -> Iterator[tuple[str, bytes]]:
    _, *parts = _FILE.split(data)
    for name, content in zip(parts[::2], parts[1::2], strict=True):
        yield name.decode("ascii"), content


class _folder:  # noqa: N801 - used as a function
    """A bundle in a folder in memory, for as long as it is read."""

    _memory = Path("/dev/shm")

    def __init__(self, files: object) -> None:
        self._files = files

    def __enter__(self) -> Path:
        place = self._memory if self._memory.is_dir() else None
        self._path = Path(tempfile.mkdtemp(prefix="osint-fuzz-", dir=place))
        for name, content in self._files:
            (self._path / name).write_bytes(content)
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path)


TARGETS: dict[bytes, Callable[[bytes], object]] = {
    b"b": read_bundle,
    b"s": read_sealed_bundle,
    b"l": read_line,
    b"j": read_json,
    b"d": read_disclosure,
    b"c": read_checkpoint,
    b"p": read_a_proof,
    b"w": read_a_request,
    b"t": read_token,
    b"r": read_a_renewal,
    b"q": read_policy,
    b"h": read_trusted,
}
