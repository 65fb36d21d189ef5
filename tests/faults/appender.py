"""A worker that says aloud what has been acknowledged to it: the child that fault tests kill, starve and cut off.

Started as ``python -m faults.appender``, it takes one order a line on stdin, as JSON, and forks a worker for each. The
worker connects to the socket that the order names, says its process number, waits for one byte, and then takes the steps
of the order. Whatever was acknowledged is said on the socket as one JSON line; so is every error.

The socket's ``sendto`` and ``recvfrom`` are none of the system calls that are made to fail, and a forked worker has loaded
all that it needs, so that every call counted after that one byte is the product's own.
"""

from __future__ import annotations

import base64
import ctypes
import itertools
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import apsw
from faults.outside import COURT, COURT_KEY, KEYS, START, Outside, anchors
from faults.sqlite_files import Breaker
from origin import AUTHORITY

from osint.case import Case
from osint.chain_of_custody import checkpoint, key_files, ledger_file, unlocking
from osint.chain_of_custody.anchoring import Anchoring
from osint.chain_of_custody.backup import write_backup
from osint.chain_of_custody.evidence import Evidence
from osint.chain_of_custody.exchange import Answer, Exchange
from osint.chain_of_custody.export import write_ledger
from osint.chain_of_custody.heads import HeadStore
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.merkle import Tree, leaf_hash
from osint.chain_of_custody.witness import Witness, request_body
from osint.errors import LedgerError, OsintError
from osint.opening import open_case
from osint.policy.authorization import Authorization
from osint.store import blobs as blobs_module
from osint.store.blobs import FolderBlobs

_EXHIBIT_SIZE = 9_000
WITNESSED = "osint/ffffffffffffffffffffffffffffffff"


def ticking() -> Callable[[], datetime]:
    """Return a clock that is one second later each time it is read."""
    seconds = itertools.count()
    return lambda: START + timedelta(seconds=next(seconds))


def open_or_create(folder: Path, clock: Callable[[], datetime]) -> Ledger:
    """Make the ledger of a case, or open the one that is there; this workstation's heads lie beside the case."""
    path, heads = folder / "ledger.sqlite", HeadStore(folder.parent / "heads")
    try:
        return Ledger.create(path, performer={"investigator": "J. Smit"}, clock=clock, heads=heads, **KEYS)
    except LedgerError as error:
        if "already" not in str(error):
            raise
    return Ledger.open(path, performer={"investigator": "J. Smit"}, clock=clock, heads=heads, **KEYS)


def sweep(ledger: Ledger, blobs: FolderBlobs) -> int:
    """Move what no entry names out of evidence, as opening a case does it; return how many files."""
    log = lambda stray: ledger.append("quarantine", private={"file": stray.path.name}, result=[stray.item()])  # noqa: E731
    return len(Evidence(blobs).quarantine(ledger, log))


class CaseWork:
    """One case folder, worked on step by step; each step returns what it was promised."""

    def __init__(self, folder: Path, exchange: Exchange) -> None:
        self.folder = folder
        self.blobs = FolderBlobs(folder / "evidence")
        self._exchange = exchange
        self._clock = ticking()
        self._count = itertools.count(1)
        self._last = b""
        self._ledger: Ledger | None = None

    @property
    def ledger(self) -> Ledger:
        """The ledger, opened again where it could not be opened before."""
        if self._ledger is None:
            self._ledger = open_or_create(self.folder, self._clock)
        return self._ledger

    def start(self) -> dict[str, Any]:
        return {"seq": 0, "leaf": self.ledger.entry(0).leaf.hex()}

    def append(self) -> dict[str, Any]:
        entry = self.ledger.append("note", private={"text": f"call {next(self._count)}"})
        return {"seq": entry.seq, "leaf": entry.leaf.hex()}

    def checkpoint(self) -> dict[str, Any]:
        return {"note": self.ledger.cut_checkpoint()}

    def evidence(self) -> dict[str, Any]:
        """Take in new bytes."""
        self._last = os.urandom(16) + b"evidence" * (_EXHIBIT_SIZE // 8)
        return self.same()

    def same(self) -> dict[str, Any]:
        """Take in once more the bytes that were taken in last."""
        with self.blobs.temporary() as temporary:
            temporary.write_bytes(self._last)
            exhibit = {"sha256": self.blobs.put(temporary), "size": len(self._last), "media": "application/warc"}
            entry = self.ledger.append("acquire", exhibit=exhibit)
        return {"seq": entry.seq, "leaf": entry.leaf.hex(), "sha256": exhibit["sha256"]}

    def stray(self) -> dict[str, Any]:
        """Leave what a killed run leaves: a blob without an entry, and an unfinished file."""
        with self.blobs.temporary() as temporary:
            temporary.write_bytes(os.urandom(16) + b"stray" * 1000)
            self.blobs.put(temporary)
            temporary.with_name(f"left{next(self._count)}").write_bytes(b"half")
        return {}

    def sweep(self) -> dict[str, Any]:
        return {"moved": sweep(self.ledger, self.blobs)}

    def anchor(self) -> dict[str, Any]:
        """Have the head stamped and cosigned."""
        ledger = self.ledger
        trusted = anchors(ledger.origin)
        got = Anchoring(ledger, trusted, self._exchange, ledger.append, self._clock).anchor()
        if got.failures:
            raise LedgerError(f"not obtained: {got.failures}")
        tokens = [token.sha256 for token in ledger.tokens()]
        return {"note": ledger.checkpoints()[-1], "tokens": tokens, "cosigned": ledger.cosignatures()}

    def erase(self) -> dict[str, Any]:
        """Write something private, and destroy it."""
        secret = base64.b64encode(os.urandom(90)).decode()
        entry = self.ledger.append("note", private={"text": secret})
        held = next(self.ledger.records(entry.seq)).disclosures
        if self.ledger.erase(entry.payload["_sd"]) != len(held):
            raise LedgerError("the value was not erased")
        return {"seq": entry.seq, "leaf": entry.leaf.hex(), "gone": held[0]}

    def export(self) -> dict[str, Any]:
        folder = self.folder.parent / f"export-{next(self._count)}"
        note = self.ledger.cut_checkpoint()
        write_ledger(self.ledger, folder)
        return {"export": folder.name, "note": note}

    def backup(self) -> dict[str, Any]:
        folder = self.folder.parent / f"backup-{next(self._count)}"
        write_backup(self.folder, folder)
        return {"backup": folder.name}

    def close(self) -> dict[str, Any]:
        if self._ledger is not None:
            ledger, self._ledger = self._ledger, None
            ledger.close()
        return {}


class OpenWork:
    """A case as an officer has it: opened by name and closed, keys and all."""

    def __init__(self, folder: Path, exchange: Exchange) -> None:
        self._folder = folder
        self._case: Case | None = None

    @property
    def case(self) -> Case:
        """The case, opened again where it could not be opened before."""
        if self._case is None:
            self._case = open_as_officer(self._folder)
        return self._case

    def open(self) -> dict[str, Any]:
        return self._said_of(0)

    def authorize(self) -> dict[str, Any]:
        self.case.authorize(Authorization(**AUTHORITY))
        return self._said_of(-1)

    def close(self) -> dict[str, Any]:
        if self._case is not None:
            case, self._case = self._case, None
            case.close()
        return {}

    def _said_of(self, place: int) -> dict[str, Any]:
        """Return what is promised of an entry, counted from the end when negative."""
        ledger = self.case._ledger
        entry = ledger.entry(place % len(ledger))
        return {"seq": entry.seq, "leaf": entry.leaf.hex(), "remembered": head_of_officer(self._folder, ledger)}


def open_as_officer(folder: Path) -> Case:
    """Open a case with keys apart from it, making both, and the folders they lie in, when they are not there."""
    keys = keys_of_officer(folder)
    unlocking.use_passphrase(keys, b"a passphrase of nobody")
    key_files.ROUNDS = 1  # of bcrypt: it is not the passphrase that is tested
    return open_case(folder / "2026" / "harbour", investigator="J. Smit", keys=keys, clock=ticking())


def keys_of_officer(folder: Path) -> Path:
    return folder.parent / "officer" / "keys"


def head_of_officer(folder: Path, ledger: Ledger) -> int:
    """Return how far the newest head reaches that the officer's workstation remembers."""
    note = HeadStore(keys_of_officer(folder) / "heads").newest(ledger.origin)
    return checkpoint.parse(note).size if note else 0


class WitnessWork:
    """The witness itself, as a ledger that grows asks it again and again."""

    def __init__(self, folder: Path, exchange: Exchange) -> None:
        self._folder = folder
        self._tree = Tree()
        self._seen = 0

    def enroll(self) -> dict[str, Any]:
        enroll(self._witness)
        return {}

    def cosign(self) -> dict[str, Any]:
        """Show it a head over two more entries than the last."""
        grow(self._tree, len(self._tree) + 2)
        answer = self._witness.add_checkpoint(request(self._tree, self._seen))
        if answer.status == 409:  # it kept a head whose answer did not reach us
            self._seen = int(answer.body)
            answer = self._witness.add_checkpoint(request(self._tree, self._seen))
        if answer.status != 200:
            raise LedgerError(f"the witness refuses: {answer}")
        self._seen = len(self._tree)
        return {"cosigned": self._seen}

    @property
    def _witness(self) -> Witness:
        return witness(self._folder)


def witness(folder: Path) -> Witness:
    """Open the memory of the witness that :class:`WitnessWork` asks."""
    return Witness(folder / "memory", COURT_KEY, COURT, ticking())


def enroll(memory: Witness) -> None:
    """Let it know the ledger of :class:`WitnessWork`."""
    memory.enroll(str(KEYS["log"].verifier_key(WITNESSED)))


def grow(tree: Tree, size: int, history: bytes = b"") -> None:
    """Let a tree grow to a size; each history has leaves of its own."""
    while len(tree) < size:
        tree.append(leaf_hash(b"%s entry %d" % (history, len(tree))))


def request(tree: Tree, old: int) -> bytes:
    """Return the request that shows a witness the head of a tree, from the size it has seen."""
    note = checkpoint.make(WITNESSED, len(tree), tree.root(len(tree)), KEYS["log"])
    return request_body(old, tree.consistency_path(old, len(tree)) if old else [], note)


WORK: Mapping[str, tuple[type[Any], tuple[str, ...]]] = {
    "case": (
        CaseWork,
        (
            "start",
            "append",
            "evidence",
            "same",
            "checkpoint",
            "stray",
            "sweep",
            "anchor",
            "erase",
            "export",
            "backup",
            "close",
        ),
    ),
    "witness": (WitnessWork, ("enroll", "cosign", "cosign")),
    "opened": (OpenWork, ("open", "authorize", "close")),
}


def take_steps(work: Any, steps: Sequence[str], *, again: bool = True) -> Iterator[dict[str, Any]]:
    """Take the steps; yield each acknowledgement and each error. A step that failed is taken once more."""
    for step in steps:
        for attempt in range(2 if again else 1):
            try:
                yield {"step": step, **getattr(work, step)()}
            except OsintError as error:
                yield {"step": step, "error": type(error).__name__, "message": str(error), "attempt": attempt}
            except Exception as error:  # noqa: BLE001 - whatever is not ours is what the test looks for
                yield {"step": step, "raw": type(error).__name__, "message": str(error), "attempt": attempt}
            else:
                break


def careless(options: Mapping[str, Any]) -> None:
    """Change how this process keeps its promises: what a harness must be able to notice, older libraries, small limits.

    Args:
        options: ``synchronous``: that level whatever the ledger asks for. ``sqlite``: the version that the library
            claims to have. ``autocheckpoint``: pages after which the write-ahead log is copied back. ``unsynced``: what is
            not synced of a blob, ``bytes`` or ``folders``. ``largest_file``: bytes that any file may have. ``broken``: see
            :class:`faults.sqlite_files.Breaker`; it is no matter of this function.
    """
    level, pages = options.get("synchronous"), options.get("autocheckpoint")

    class Connection(apsw.Connection):
        def pragma(self, name: str, *value: Any, **schema: Any) -> Any:
            return super().pragma(name, *((level,) if level and value and name == "synchronous" else value), **schema)

    ledger_file.apsw.Connection = Connection  # type: ignore[misc]
    if version := options.get("sqlite"):
        ledger_file.apsw.sqlite_lib_version = lambda: version  # type: ignore[assignment]
    if pages:
        apsw.connection_hooks.append(lambda connection: connection.wal_autocheckpoint(pages))
    if options.get("unsynced") == "bytes":
        blobs_module.sync = lambda _: None
    if options.get("unsynced") == "folders":
        blobs_module.sync_folder = lambda _: True
    if largest := options.get("largest_file"):
        import resource  # not on every platform

        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))


class Voice:
    """The socket to the test: what is acknowledged goes out, and so does what is meant for the other parties."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(address)
        self._socket.sendall(b"%d\n" % os.getpid())
        self._socket.recv(1)

    def say(self, said: Mapping[str, Any]) -> None:
        self._socket.sendall(json.dumps(said).encode() + b"\n")

    def exchange(self, url: str, body: bytes, content_type: str) -> Answer:
        """Ask the other parties."""
        self.say({"ask": url, "body": body.hex()})
        answer = b""
        while not answer.endswith(b"\n"):
            answer += self._socket.recv(1 << 16)
        status, content = json.loads(answer)
        return Answer(status, bytes.fromhex(content))


def do(order: Mapping[str, Any]) -> NoReturn:
    """Do one order, say what was acknowledged, and end the process."""
    options = order.get("options", {})
    careless(options)
    breaker = Breaker(**options["broken"]) if "broken" in options else None
    voice = Voice(order["socket"])
    work = WORK[order["work"]][0](Path(order["folder"]), voice.exchange)
    with breaker.breaking() if breaker else nullcontext():
        for said in take_steps(work, order["steps"], again=order.get("again", True)):
            voice.say(said)
    voice.say({"step": "end", "calls": breaker.calls if breaker else None})
    os._exit(0)  # nothing is closed or tidied up on the way out


def warm_up() -> None:
    """Do all work once, so that nothing is left to load."""
    for kind, steps in WORK.values():
        with tempfile.TemporaryDirectory() as folder:
            case = Path(folder) / "case"
            if kind is CaseWork:
                case.mkdir()
                (case / "case.json").write_text("{}\n", encoding="ascii")
            failed = [said for said in take_steps(kind(case, Outside(Path(folder))), steps) if "message" in said]
            if failed:
                raise SystemExit(f"the undisturbed worker failed: {failed}")


def main() -> None:
    """Load everything once, then fork a worker for each order."""
    warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with open(1, "wb", closefd=False) as out:  # buffered, so that a write that comes out short is finished
        out.write(b"ready\n")
    for line in sys.stdin:
        if os.fork() == 0:
            if sys.platform == "linux":
                ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no worker outlives the test run
            do(json.loads(line))


if __name__ == "__main__":
    main()
