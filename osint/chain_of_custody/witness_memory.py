"""A witness: what it remembers of each ledger, and the rules by which it cosigns.

Sources: https://c2sp.org/tlog-witness@v1.0.0, https://c2sp.org/tlog-cosignature.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import apsw

from osint.chain_of_custody.checkpoint import Checkpoint, Note, verify_note
from osint.chain_of_custody.cosignature import WitnessKey, cosign, read_checkpoint, read_log_key
from osint.chain_of_custody.exchange import Answer
from osint.chain_of_custody.keys import Signer, VerifierKey
from osint.chain_of_custody.ledger_file import connect_to_create, connect_to_write
from osint.chain_of_custody.merkle import EMPTY_ROOT, verify_consistency
from osint.chain_of_custody.witness_request import read_request
from osint.errors import LedgerError
from osint.instants import now
from osint.store.durable import sync_folder

_APPLICATION_ID = 0x6F736977
_FORMAT = 1
_KEPT_FORKS = 16  # of each ledger: one is proof enough, and a hostile log must not fill the disk
_SCHEMA = """
CREATE TABLE IF NOT EXISTS logs (origin TEXT NOT NULL, vkey TEXT NOT NULL, PRIMARY KEY (origin, vkey))
STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heads (
    origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL CHECK (length(root) = 32), note TEXT NOT NULL,
    PRIMARY KEY (origin, size)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forks (
    origin TEXT NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL, PRIMARY KEY (origin, root)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS heads_follow BEFORE INSERT ON heads
WHEN NEW.size <= (SELECT max(size) FROM heads WHERE origin = NEW.origin)
BEGIN SELECT RAISE(ABORT, 'a head never goes back'); END;
CREATE TRIGGER IF NOT EXISTS heads_stay BEFORE UPDATE ON heads
BEGIN SELECT RAISE(ABORT, 'a head is never changed'); END;
CREATE TRIGGER IF NOT EXISTS heads_last BEFORE DELETE ON heads
BEGIN SELECT RAISE(ABORT, 'a head is never deleted'); END;
"""


class Witness:
    """A witness: what it remembers of each ledger, in a folder on a local disk, and its rules.

    Several threads and processes may use one folder at once. Two folders must never serve one key: each would remember
    its own history. A folder that was lost or restored from a copy needs a new key, for the old one may have cosigned
    heads that the folder no longer knows.
    """

    def __init__(self, folder: Path, signer: Signer, name: str, clock: Callable[[], datetime] = now) -> None:
        """Open the folder of a witness; make it when it is not there.

        Args:
            folder: On a local disk.
            signer: The witness's own Ed25519 key: neither an actor's nor a log's.
            name: Under which it cosigns, such as ``witness.example/court``.
            clock: Present instant, with its zone.

        Raises:
            LedgerError: The name or the key cannot be a witness's, or the folder cannot be used.
        """
        self.key = WitnessKey(name, signer.public)
        self._signer, self._clock = signer, clock
        self._path = Path(folder) / "witness.sqlite"
        with self._explained():
            if not self._path.parent.is_dir():
                self._path.parent.mkdir(parents=True, exist_ok=True)
                sync_folder(self._path.parent.parent)
            with contextlib.closing(connect_to_create(self._path)) as database, _turn(database):
                _prepare(database, self._path)
            sync_folder(self._path.parent)

    def enroll(self, vkey: str) -> VerifierKey:
        """Accept checkpoints signed with a log's key from now on, for the origin that is the name of the key.

        A ledger may have several keys, one after the other.

        Raises:
            LedgerError: It is no key of a log, or the witness's own.
        """
        key = read_log_key(vkey)
        if key.public == self.key.public:
            raise LedgerError(f"{key.name} signs with the key of this witness. A second party needs a key of its own.")
        with self._transaction() as database:
            database.execute("INSERT OR IGNORE INTO logs VALUES (?, ?)", (key.name, vkey))
        return key

    def withdraw(self, vkey: str) -> None:
        """Accept nothing that is signed with a log's key any more. The heads seen so far stay.

        Raises:
            LedgerError: That key is not enrolled.
        """
        with self._transaction() as database:
            database.execute("DELETE FROM logs WHERE vkey = ?", (vkey,))
            if not database.changes():
                raise LedgerError("That key is not enrolled with this witness; nothing was changed.")

    def logs(self) -> list[VerifierKey]:
        """Return the keys enrolled, by origin."""
        with self._transaction() as database:
            rows = database.execute("SELECT vkey FROM logs ORDER BY origin, vkey").fetchall()
        return [read_log_key(str(vkey)) for (vkey,) in rows]

    def heads(self, origin: str) -> list[str]:
        """Return every checkpoint of a ledger that was cosigned, as the log had signed it, the oldest first."""
        with self._transaction() as database:
            rows = database.execute("SELECT note FROM heads WHERE origin = ? ORDER BY size", (origin,)).fetchall()
        return [str(note) for (note,) in rows]

    def forks(self, origin: str) -> list[str]:
        """Return checkpoints that the log signed and that contradict one of its :meth:`heads`: same size, other root.

        Such a pair proves by itself, to anyone who has the log's public key, that two histories were signed.
        """
        with self._transaction() as database:
            rows = database.execute("SELECT note FROM forks WHERE origin = ? ORDER BY root", (origin,)).fetchall()
        return [str(note) for (note,) in rows]

    def add_checkpoint(self, body: bytes) -> Answer:
        """Judge a request, and cosign the checkpoint when it continues the last one seen.

        Returns:
            Status and body as C2SP gives them: 200 and the cosignature line; 400 malformed, or older than itself;
            404 ledger not enrolled; 403 not signed by an enrolled key of that ledger; 409 and the size of the head
            kept, when the request starts from another one or shows another root for that size; 422 the proof fails.

        Raises:
            LedgerError: The head cannot be kept. Nothing was cosigned.
        """
        try:
            old_size, path, note = read_request(body)
        except LedgerError as error:
            return _told(400, str(error))
        head = read_checkpoint(note)
        keys = [key for key in self.logs() if key.name == head.origin]
        if not keys:
            return _told(404, "That ledger is not enrolled with this witness.")
        try:
            note = _signed_by(keys, verify_note(note, keys))
        except LedgerError:
            return _told(403, "The checkpoint is not signed by an enrolled key of that ledger.")
        if old_size > head.size:
            return _told(400, "The old size is larger than the checkpoint.")
        with self._transaction() as database:
            refused = _judge(database, head, note, old_size, path)
            time = self._clock()  # inside, so that no later head can be cosigned with an earlier time
        return refused or Answer(200, f"{cosign(note, self.key.name, self._signer, time)}\n".encode())

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[apsw.Connection]:
        """Take turns with all other threads and processes; what was written is on the disk at the end.

        Each turn has a connection of its own, so that none outlives a failed sync, a fork or a thread.
        """
        with self._explained(), contextlib.closing(connect_to_write(self._path)) as database, _turn(database):
            yield database

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (apsw.Error, OSError) as error:
            raise LedgerError(
                f"The witness's memory {self._path} cannot be used ({error}). Nothing was cosigned; make room or "
                "mend the disk, and let the ledger ask again. If the file is lost, start a new witness with a new key."
            ) from error


def _prepare(database: apsw.Connection, path: Path) -> None:
    application, version = database.pragma("application_id"), database.pragma("user_version")
    if application != _APPLICATION_ID and database.execute("SELECT count(*) FROM sqlite_schema").get:
        raise LedgerError(f"{path} is no memory of a witness. Nothing was changed; name another folder.")
    if version > _FORMAT:
        raise LedgerError(f"{path} was written by a newer release (format {version}). Run the witness with that one.")
    database.execute(_SCHEMA)
    database.execute(f"PRAGMA application_id = {_APPLICATION_ID}; PRAGMA user_version = {_FORMAT}")


@contextlib.contextmanager
def _turn(database: apsw.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _judge(database: apsw.Connection, head: Checkpoint, note: str, old_size: int, path: list[bytes]) -> Answer | None:
    """Write a head down that continues the one kept; return the refusal of any other."""
    last = "SELECT size, root FROM heads WHERE origin = ? ORDER BY size DESC LIMIT 1"
    size, root = database.execute(last, (head.origin,)).fetchone() or (0, EMPTY_ROOT)
    if head.size == 0 and head.root != EMPTY_ROOT:
        return _told(422, "The root of an empty ledger is another one.")
    if old_size != size:
        return Answer(409, b"%d\n" % size)
    if head.size == size and head.root != root:
        _keep_fork(database, head, note)
        return Answer(409, b"%d\n" % size)
    try:
        _check_continues(size, bytes(root), head, path)
    except LedgerError as error:
        return _told(422, str(error))
    if head.size > size:
        database.execute("INSERT INTO heads VALUES (?, ?, ?, ?)", (head.origin, head.size, head.root, note))
    return None


def _signed_by(keys: list[VerifierKey], note: Note) -> str:
    """Write a note again with the lines of these keys alone: anyone may have put others below it."""
    known = [(key.name, key.note_hash) for key in keys]
    lines = [
        f"— {name} {base64.b64encode(key_hash + signature).decode('ascii')}\n"
        for name, key_hash, signature in note.signatures
        if (name, key_hash) in known
    ]
    return f"{note.text}\n{''.join(lines)}"


def _check_continues(size: int, root: bytes, head: Checkpoint, path: list[bytes]) -> None:
    if size:
        verify_consistency(size, head.size, root, head.root, path)
    elif path:
        raise LedgerError("Nothing has to be proven from an empty ledger; the proof belongs to another request.")


def _keep_fork(database: apsw.Connection, head: Checkpoint, note: str) -> None:
    if database.execute("SELECT count(*) FROM forks WHERE origin = ?", (head.origin,)).get < _KEPT_FORKS:
        database.execute("INSERT OR IGNORE INTO forks VALUES (?, ?, ?)", (head.origin, head.root, note))


def _told(status: int, why: str) -> Answer:
    return Answer(status, f"{why}\n".encode())
