"""Having others vouch for the newest head: time-stamping authorities and witnesses.

Nothing waits for them. What does not answer is recorded, the work goes on, and the next head that is stamped covers
all that came before it; until then verification, the ledger's table and every report name the entries that only this
machine vouches for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from osint import render
from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.checkpoint import parse
from osint.chain_of_custody.cosignature import WitnessKey
from osint.chain_of_custody.exchange import Exchange
from osint.chain_of_custody.keys import VerifierKey
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.timestamp import Authority, Stamp, Token, check, stamp
from osint.chain_of_custody.timestamp_renewal import due, renewal_text, renewed
from osint.chain_of_custody.witness import ask, take_file, write_request
from osint.errors import LedgerError, TimestampError, WitnessError
from osint.instants import format_instant

RENEW_BEFORE = timedelta(days=90)

Log = Callable[..., Any]
Got = TypeVar("Got")


@dataclass(frozen=True, kw_only=True)
class Anchored:
    """What came of having a head vouched for.

    Attributes:
        size: Entries under the head.
        stamps: The time stamps obtained.
        witnesses: Names of the witnesses that cosigned it.
        failures: What did not come, in sentences; each is an entry too.
    """

    size: int
    stamps: tuple[Stamp, ...]
    witnesses: tuple[str, ...]
    failures: tuple[str, ...]

    def __str__(self) -> str:
        got = [f"{format_instant(each.time)} by {each.authority}" for each in self.stamps]
        said = [
            f"Head over {self.size} entries",
            *(f"  time stamp: {each}" for each in got),
            *(f"  cosigned by {name}" for name in self.witnesses),
            *(f"  not obtained: {failure}" for failure in self.failures),
        ]
        return "\n".join(said if len(said) > 1 else [*said, "  nothing was asked: nobody is named, or all have it"])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.lines_bundle(str(self))


class Anchoring:
    """Has the heads of one ledger vouched for."""

    def __init__(
        self, ledger: Ledger, anchors: Anchors, exchange: Exchange, log: Log, clock: Callable[[], datetime]
    ) -> None:
        """Work for one ledger; ``log`` appends an entry, with the arguments of ``Ledger.append``."""
        self._ledger, self._anchors, self._exchange, self._log, self._clock = ledger, anchors, exchange, log, clock

    def anchor(self) -> Anchored:
        """Cut a checkpoint, have it stamped and cosigned by everyone who has not done so yet, and keep what comes.

        A head that differs from one already vouched for only by entries about that is left alone.

        Raises:
            LedgerError: The ledger cannot be written.
        """
        note = self._ledger.cut_checkpoint()
        size = parse(note).size
        failures: list[str] = []
        stamped = [
            self._tried(failures, size, "token", (each.name, each.url), partial(self._stamped, note, size, each))
            for each in self._lacking_a_stamp(size)
        ]
        cosigned = {
            name: self._tried(failures, size, "cosignature", (name, url), partial(self._cosigned, note, name, url))
            for name, url in self._lacking_a_cosignature(size)
        }
        stamps = self._keep([each for each in stamped if each is not None])
        lines = {name: line for name, line in cosigned.items() if line is not None}
        for name, line in lines.items():
            self.keep_line(size, line, name)
        if stamps or lines or failures:
            self._ledger.cut_checkpoint()
        return Anchored(size=size, stamps=stamps, witnesses=tuple(lines), failures=tuple(failures))

    def renew(self, margin: timedelta = RENEW_BEFORE) -> Anchored:
        """Have the time stamps renewed whose authority's certificate, or whose hash, comes to its end.

        Args:
            margin: How long before its end a time stamp is renewed.

        Raises:
            LedgerError: The ledger cannot be written.
        """
        tokens = self._ledger.tokens()
        good = [(token, held) for token in tokens if (held := self._held(token)) is not None]
        aging = {each.sha256 for each in due([held for _, held in good], self._clock(), margin)}
        old = [token for token, _ in good if token.sha256 in aging and not renewed(token, [each for each, _ in good])]
        size = parse(self._ledger.cut_checkpoint()).size
        failures: list[str] = []
        stamps: tuple[Stamp, ...] = ()
        if old:
            document = renewal_text(self._ledger.origin, size, self._sha512(size), old)
            renewals = [
                self._tried(
                    failures, size, "token", (each.name, each.url), partial(self._renewed, document, size, each)
                )
                for each in self._anchors.timestamps
            ]
            stamps = self._keep([each for each in renewals if each is not None])
            self._ledger.cut_checkpoint()
        return Anchored(size=size, stamps=stamps, witnesses=(), failures=tuple(failures))

    @property
    def verifier_key(self) -> str:
        """The log's verifier key, in C2SP's text form: a witness enrolls the ledger with it."""
        return str(VerifierKey(self._ledger.origin, self._ledger.log_key))

    def request(self, name: str, file: Path) -> None:
        """Write a request to a witness to a file, for a machine without a way to the network.

        Args:
            name: Of the witness in the policy.
            file: Must not be there yet.

        Raises:
            LedgerError: There is no such witness, or the file cannot be written.
        """
        self._key(name)
        write_request(file, self._ledger.cut_checkpoint(), self.seen_by(name), self._ledger.tree().consistency_path)

    def keep_answer(self, name: str, file: Path) -> None:
        """Keep the cosignature that a witness gave for a request on a file, after checking it.

        Raises:
            LedgerError: There is no such witness, or the file cannot be read.
            WitnessError: No checkpoint of this ledger is cosigned by it; or the witness has seen another history.
        """
        key, failure = self._key(name), None
        for note in reversed(self._ledger.checkpoints()):
            try:
                line = take_file(file, note, self.seen_by(name), self._ledger.tree().consistency_path, key)
            except WitnessError as error:
                failure = failure or error
                continue
            self.keep_line(parse(note).size, line, name)
            self._ledger.cut_checkpoint()
            return
        raise failure or WitnessError("No checkpoint is kept yet, so nothing can have been cosigned.", "refused")

    def _key(self, name: str) -> WitnessKey:
        policy = self._anchors.witnesses
        if policy is None or name not in policy.witnesses:
            known = ", ".join(policy.witnesses) if policy is not None else "none"
            raise LedgerError(f"{name} is no witness in your policy. Witnesses there: {known}.")
        return policy.witnesses[name]

    def keep_line(self, size: int, line: str, name: str) -> None:
        """Keep the line of a witness that came by whatever way, after checking it.

        Raises:
            WitnessError: It does not hold.
            LedgerError: There is no such checkpoint, or the ledger cannot be written.
        """
        policy = self._anchors.witnesses
        if policy is None or name not in policy.witnesses:
            raise WitnessError(f"{name} is no witness in the policy; nothing was kept.", "bad-cosignature")
        cosignature = policy.cosignatures(self._note(size) + line + "\n").get(name)
        if cosignature is None:
            raise WitnessError(f"That line is not by {name}; nothing was kept.", "bad-cosignature")
        self._ledger.keep_cosignature(size, line, witness=name, time=cosignature.time)

    def _keep(self, obtained: Sequence[tuple[Token, Stamp]]) -> tuple[Stamp, ...]:
        for token, held in obtained:
            self._ledger.keep_token(token, held)
        return tuple(held for _, held in obtained)

    def _tried(
        self, failures: list[str], size: int, kind: str, asked: tuple[str, str], step: Callable[[], Got]
    ) -> Got | None:
        """Return what a step gives; what fails is recorded, and nothing waits for it."""
        name, url = asked
        try:
            return step()
        except (TimestampError, WitnessError) as error:
            failures.append(f"{name}: {error}")
            self._log(
                "anchor",
                outcome="failed",
                private={"authority": name, "url": url, "detail": str(error)},
                result=[{"kind": kind, "checkpoint": size, "reason": error.reason}],
            )
            return None

    def _lacking_a_stamp(self, size: int) -> list[Authority]:
        reached: dict[str, int] = {}
        for token in reversed(self._ledger.tokens()):
            if len(reached) == len(self._anchors.timestamps):
                break
            held = self._held(token) if token.covers == "checkpoint" else None
            if held is not None:
                reached.setdefault(held.authority, token.size)
        return [each for each in self._anchors.timestamps if not self._is_covered(reached.get(each.name, 0), size)]

    def _lacking_a_cosignature(self, size: int) -> list[tuple[str, str]]:
        policy = self._anchors.witnesses
        if policy is None:
            return []
        reached = self.witnessed()
        return [(name, url) for name, url in policy.urls.items() if not self._is_covered(reached.get(name, 0), size)]

    def witnessed(self) -> dict[str, int]:
        """Return for each witness in the policy the size of the newest head that it cosigned here."""
        policy = self._anchors.witnesses
        found: dict[str, int] = {}
        for size in sorted({size for size, _ in self._ledger.cosignatures()}, reverse=True):
            if policy is None or len(found) == len(policy.witnesses):
                break
            for name in policy.cosignatures(self._ledger.cosigned(size)):
                found.setdefault(name, size)
        return found

    def _is_covered(self, reached: int, size: int) -> bool:
        """Return whether all entries that are not covered tell of anchoring alone."""
        return reached > 0 and all(
            entry.action == "anchor" and entry.outcome == "done"
            for entry in islice(self._ledger.entries(reached), size - reached)
        )

    def _held(self, token: Token) -> Stamp | None:
        try:
            return check(token, self._anchors.timestamps)
        except TimestampError:  # of an authority that is not asked any more, or damaged: verification names it
            return None

    def _stamped(self, note: str, size: int, authority: Authority) -> tuple[Token, Stamp]:
        token = stamp(note.encode("utf-8"), size, authority, self._exchange)
        return token, check(token, [authority])

    def _renewed(self, document: bytes, size: int, authority: Authority) -> tuple[Token, Stamp]:
        token = stamp(document, size, authority, self._exchange, covers="renewal")
        return token, check(token, [authority])

    def _cosigned(self, note: str, name: str, url: str) -> str:
        policy = self._anchors.witnesses
        assert policy is not None
        return ask(
            note,
            self.seen_by(name),
            self._ledger.tree().consistency_path,
            url,
            policy.witnesses[name],
            self._exchange,
            clock=self._clock,
        )

    def seen_by(self, name: str) -> int:
        """Return the size of the newest head under the ledger's present name that a witness cosigned; 0 for none."""
        size = self.witnessed().get(name, 0)
        return size if size > self._ledger.names()[-1][0] else 0

    def _note(self, size: int) -> str:
        found = next((note for note in self._ledger.checkpoints() if parse(note).size == size), None)
        if found is None:
            raise LedgerError(f"No checkpoint over {size} entries is kept, so no witness can have signed it.")
        return found

    def _sha512(self, size: int) -> str:
        digest = hashlib.sha512()
        for record in islice(self._ledger.records(), size):
            digest.update(record.line)
        return digest.hexdigest()
