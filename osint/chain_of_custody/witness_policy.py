"""Which logs and witnesses a verifier trusts, and how many of the witnesses must have cosigned.

    log osint/0b1c…+1bd6a2c8+AZ…
    witness court witness.example/court+55ee4561+BF…
    witness prosecutor witness.example/prosecutor+85ecc407+BG… https://witness.example/
    group parties all court prosecutor
    quorum parties

The file belongs to whoever verifies. One that came with the evidence proves nothing.

Stricter than the source: the last line needs its line end (a file that was cut shows), a log and a witness cannot share
a key, and keys are Ed25519 for a log, Ed25519 or ML-DSA-44 for a witness. The address of a log is read and not used.

Source: https://c2sp.org/tlog-policy.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

from osint.chain_of_custody.checkpoint import read_note
from osint.chain_of_custody.cosignature import (
    Cosignature,
    WitnessKey,
    is_by,
    read_cosignature,
    read_log_key,
    read_witness_key,
)
from osint.chain_of_custody.keys import VerifierKey
from osint.errors import LedgerError

_LARGEST_POLICY = 1 << 20
_NONE = "none"
_BLANKS = re.compile(r"[ \t]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_COUNT = re.compile(r"[1-9][0-9]{0,5}\Z")


class Group(NamedTuple):
    """A group of witnesses and other groups, of which at least ``threshold`` members must have cosigned."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class WitnessPolicy:
    """A policy.

    Attributes:
        logs: Keys of the logs; the name of each is the origin it may sign for.
        witnesses: Keys of the witnesses, by the name they have in the policy (a cosignature carries another one).
        urls: Where a witness takes requests, by its name in the policy; only those that have an address.
        groups: In the order of their definition: a group names only witnesses, and groups before it.
        quorum: Name of the witness or group that must have cosigned; ``none`` for no witness at all.
    """

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, WitnessKey]
    urls: Mapping[str, str]
    groups: Mapping[str, Group]
    quorum: str

    @classmethod
    def read(cls, text: str | bytes) -> Self:
        """Read a policy in the C2SP form.

        Raises:
            LedgerError: A line is wrong; the message names it. Nothing of the policy is used then.
        """
        reader = _Reader(_decoded(text))
        return cls(
            logs=reader.logs,
            witnesses=reader.witnesses,
            urls=reader.urls,
            groups=reader.groups,
            quorum=reader.quorum,
        )

    def satisfied(self, names: Collection[str]) -> bool:
        """Return whether cosignatures of these witnesses, by their names in the policy, are enough."""
        if self.quorum == _NONE:
            return True
        cosigned = set(names) & set(self.witnesses)
        for name, group in self.groups.items():
            if len(cosigned.intersection(group.members)) >= group.threshold:
                cosigned.add(name)
        return self.quorum in cosigned

    def cosignatures(self, note: str) -> dict[str, Cosignature]:
        """Return the cosignatures of a checkpoint by the witnesses of the policy, by their names in it.

        Lines of unknown keys are passed over. Whether the log signed the checkpoint is not asked here.

        Raises:
            LedgerError: The note is none.
            WitnessError: A line in the name of a known witness does not fit: the note was altered.
        """
        taken = read_note(note)
        return {
            name: read_cosignature(taken.text, signature, key)
            for name, key in self.witnesses.items()
            for signature in taken.signatures
            if is_by(signature, key)
        }

    @property
    def rule(self) -> str:
        """The quorum spelt out, such as ``2 of (court, prosecutor, all of (north, south))``."""
        words = {name: name for name in self.witnesses}
        for name, (threshold, members) in self.groups.items():
            count = "all" if threshold == len(members) else str(threshold)
            words[name] = f"{count} of ({', '.join(words[member] for member in members)})"
        return words.get(self.quorum, "no witness")


class _Reader:
    """The parts of a policy while its lines are read."""

    def __init__(self, text: str) -> None:
        self.logs: tuple[VerifierKey, ...] = ()
        self.witnesses: dict[str, WitnessKey] = {}
        self.urls: dict[str, str] = {}
        self.groups: dict[str, Group] = {}
        self.quorum = ""
        for number, line in enumerate(text.split("\n"), 1):
            words = [word for word in _BLANKS.split(line) if word]
            if words and not words[0].startswith("#"):
                try:
                    self._take(*words)
                except LedgerError as error:
                    raise LedgerError(
                        f"Line {number} of the witness policy is wrong, so none of it is used: {error}"
                    ) from error
        if not self.quorum:
            raise LedgerError("The witness policy names no quorum. Add a line 'quorum NAME', or 'quorum none'.")

    def _take(self, kind: str, *words: str) -> None:
        match kind, words:
            case "log", (vkey,) | (vkey, _):
                self._take_log(vkey)
            case "witness", (name, vkey):
                self._take_witness(name, vkey)
            case "witness", (name, vkey, url):
                self._take_witness(name, vkey)
                self.urls[name] = url
            case "group", (name, count, *members):
                self._take_group(name, count, tuple(members))
            case "quorum", (name,):
                self._take_quorum(name)
            case _:
                raise LedgerError(
                    "it is none of 'log VKEY [URL]', 'witness NAME VKEY [URL]', 'group NAME all|any|NUMBER NAME...', "
                    "'quorum NAME'."
                )

    def _take_log(self, vkey: str) -> None:
        key = read_log_key(vkey)
        self._check_new_key(key.public)
        self.logs += (key,)

    def _take_witness(self, name: str, vkey: str) -> None:
        key = read_witness_key(vkey)
        self._check_new_key(key.public)
        self._check_new_name(name)
        self.witnesses[name] = key

    def _take_group(self, name: str, count: str, members: tuple[str, ...]) -> None:
        self._check_new_name(name)
        known = {*self.witnesses, *self.groups}
        taken = [member for group in self.groups.values() for member in group.members]
        for place, member in enumerate(members):
            if member not in known:
                raise LedgerError(f"{member!r} is no witness or group of a line before.")
            if member in taken or member in members[:place]:
                raise LedgerError(f"{member!r} is a member already; each counts in one place only.")
        threshold = {"all": len(members), "any": 1}.get(count) or (int(count) if _COUNT.match(count) else 0)
        if not 1 <= threshold <= len(members):
            raise LedgerError(f"{count!r} of {len(members)} members: use all, any, or a number from 1 to that.")
        self.groups[name] = Group(threshold, members)

    def _take_quorum(self, name: str) -> None:
        if self.quorum:
            raise LedgerError("there is a quorum line already.")
        if name != _NONE and name not in self.witnesses and name not in self.groups:
            raise LedgerError(f"{name!r} is no witness or group of a line before.")
        self.quorum = name

    def _check_new_name(self, name: str) -> None:
        if name == _NONE or name in self.witnesses or name in self.groups:
            raise LedgerError(f"the name {name!r} is taken.")

    def _check_new_key(self, public: bytes) -> None:
        known = [key.public for key in self.logs] + [key.public for key in self.witnesses.values()]
        if public in known:
            raise LedgerError(
                "that public key stands in a line before. Each log and each witness has a key of its own."
            )


def _decoded(text: str | bytes) -> str:
    """Return the policy as text in which every octet that is no UTF-8 stays itself: names are compared, never read."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    if len(text) > _LARGEST_POLICY or not text.endswith("\n") or _FORBIDDEN.search(text):
        raise LedgerError(
            "This is no witness policy: at most 1 MiB of lines, each ending with a line feed alone (no carriage "
            "return), without control characters. Was it cut, or saved with Windows line ends?"
        )
    return text
