"""What a verification leaves behind, so that the next one costs only what came since.

It is the verifier's own note, kept where nobody who could change the ledger can change it; with it, entries that were
verified before are not read again.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from osint.chain_of_custody.clocks import ClockState
from osint.chain_of_custody.merkle import Frontier
from osint.chain_of_custody.registry import RegisteredKey
from osint.errors import LedgerError
from osint.instants import format_instant, parse_instant

_FORMAT = "osint-trusted-head/v1"


@dataclass(frozen=True, kw_only=True)
class TrustedHead:
    """The state of a ledger after entries that were verified.

    Attributes:
        size: Number of entries verified.
        leaf: Leaf hash of the last of them.
        subtrees: Frontier of the tree over them.
        epochs: First entry and name, for each name the ledger has borne.
        keys: The keys introduced so far.
        exhibits: Number of exhibits taken in so far.
        heads: Number and size of each checkpoint that agreed.
        anchored: SHA-256 of the newest time stamp recorded, hex, or None.
        clock: What the entries showed of the machine's clock.
        verified: Instant of that verification.
        holds: The legal holds in force: leaf hash of the entry, its position, and the exhibits, none for all.
    """

    size: int
    leaf: bytes
    subtrees: tuple[bytes, ...]
    epochs: tuple[tuple[int, str], ...]
    keys: tuple[RegisteredKey, ...]
    exhibits: int
    heads: tuple[tuple[int, int], ...]
    anchored: str | None
    clock: ClockState
    verified: datetime = field(compare=False)
    holds: tuple[tuple[str, tuple[int, frozenset[str]]], ...] = ()

    def frontier(self) -> Frontier:
        """Return the frontier of the tree over the verified entries."""
        return Frontier.resumed(self.size, self.subtrees)

    def to_json(self) -> str:
        """Return it as one line of JSON."""
        plain = asdict(self) | {
            "format": _FORMAT,
            "leaf": self.leaf.hex(),
            "subtrees": [each.hex() for each in self.subtrees],
            "keys": [asdict(key) | {"public": base64.b64encode(key.public).decode()} for key in self.keys],
            "clock": {"shown": self.clock.shown, "runs": dict(self.clock.runs)},
            "verified": format_instant(self.verified),
            "holds": [[leaf, place, sorted(exhibits)] for leaf, (place, exhibits) in self.holds],
        }
        return json.dumps(plain, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read it back.

        Raises:
            LedgerError: It is no such note, or damaged.
        """
        try:
            plain: dict[str, Any] = json.loads(text)
            plain["verified"] = parse_instant(plain["verified"] if plain.pop("format") == _FORMAT else "")
            head = cls(
                **plain
                | {
                    "leaf": bytes.fromhex(plain["leaf"]),
                    "subtrees": tuple(map(bytes.fromhex, plain["subtrees"])),
                    "epochs": tuple((int(first), str(name)) for first, name in plain["epochs"]),
                    "keys": tuple(map(_read_key, plain["keys"])),
                    "holds": tuple(
                        (str(leaf), (int(place), frozenset(map(str, exhibits))))
                        for leaf, place, exhibits in plain.get("holds", [])
                    ),
                    "heads": tuple((int(number), int(size)) for number, size in plain["heads"]),
                    "clock": ClockState(
                        plain["clock"]["shown"],
                        {boot: (int(steady), int(shown)) for boot, (steady, shown) in plain["clock"]["runs"].items()},
                    ),
                }
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LedgerError(
                f"The note of an earlier verification cannot be read ({error}). Verify from the beginning, without it."
            ) from error
        if head.size < 1 or head.size.bit_count() != len(head.subtrees):
            raise LedgerError("The note of an earlier verification is damaged. Verify from the beginning, without it.")
        return head


def _read_key(plain: Mapping[str, Any]) -> RegisteredKey:
    return replace(RegisteredKey(**plain), public=base64.b64decode(plain["public"], validate=True))
