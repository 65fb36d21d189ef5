"""Every error this package raises on purpose.

    OsintError
    ├── CaseError                 the case folder cannot be opened, read or written
    ├── AuthorizationError        the legal authority is missing, incomplete, expired or too narrow
    │   ├── QuotaError            what may be stored under it is stored already
    │   ├── PurposeLimitError     background checks and investigations share neither store nor items
    │   ├── RoleConflictError     whoever looks at a candidate does not decide, nor the other way round
    │   ├── ConsentError          a candidate has not consented
    │   ├── UniformityError       candidates would not be treated alike
    │   └── ProhibitedTechniqueError  no authority carries this technique, whoever asks
    ├── SettingsError             the settings of this workstation cannot be used, or not set like that
    ├── PolicyError               a policy pack cannot be used
    ├── QueryError                what was asked cannot be asked of this collector
    ├── CaptureError              nothing usable came over the network
    │   ├── AddressRefusedError   the name leads to an address that is not on the public network
    │   ├── OutOfScopeError       a request would leave the hosts under authority
    │   ├── UnreachableError      no answer: name, connection, certificate or time
    │   └── RateLimitedError      the host asks us to come back later than we are willing to wait
    ├── SourceError               the source answered, and will not show what was asked
    │   ├── SourceClosedError     it shows this to signed-in visitors only
    │   ├── SourceGoneError       it says that this does not exist, or no longer
    │   ├── SourceBlockedError    it shows a challenge or a block page instead
    │   └── SourceQuotaError      what it lets our key ask is used up
    ├── UnreadableCaptureError    an exhibit does not hold what its collector reads
    ├── EvidenceError             evidence cannot be written or read
    │   └── NoRoomError           a disk has no room for what is asked for
    ├── LedgerError               the ledger cannot be read or written
    │   ├── IntegrityError        verification failed; carries every finding
    │   ├── TimestampError        a time-stamping authority gave nothing that can be relied on
    │   └── WitnessError          a witness gave nothing that can be relied on, or has seen another history
    ├── GraphError                a graph cannot be built, read or written as asked
    └── ExportError               a hand-over cannot be made
        └── SecretFoundError      something that was to leave holds a key, a password or a cookie

A message says what happened, to which exhibit, what it means for the evidence and what to do next. It holds
no secrets and no local variables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class OsintError(Exception):
    """Any error that this package raises on purpose."""

    result: Any = None  # what a run had collected when the error ended it, set by ``Case.collect``


class CaseError(OsintError):
    """The case folder cannot be opened, read or written."""


class AuthorizationError(OsintError):
    """The legal authority is missing, incomplete, expired or too narrow; ``reasons`` holds every ground."""

    def __init__(self, message: str, reasons: Sequence[str] = ()) -> None:
        super().__init__("\n".join([message, *(f"  - {reason}" for reason in reasons)]))
        self.reasons = tuple(reasons)


class QuotaError(AuthorizationError):
    """What may be stored under an authority is stored already."""


class PurposeLimitError(AuthorizationError):
    """Background checks and investigations share neither a store nor items."""


class RoleConflictError(AuthorizationError):
    """Whoever looks at a candidate does not decide, nor the other way round; or a role does not carry this act."""


class ConsentError(AuthorizationError):
    """A candidate has not consented, or not before the first query."""


class UniformityError(AuthorizationError):
    """Candidates would not be treated alike: a step beyond the plan, or one of the plan that is missing."""


class ProhibitedTechniqueError(AuthorizationError):
    """No authority carries this technique, whoever asks; ``rules`` names what forbids it, such as ``P2``."""

    def __init__(self, message: str, reasons: Sequence[str] = (), rules: Sequence[str] = ()) -> None:
        super().__init__(message, reasons)
        self.rules = tuple(rules)


class SettingsError(OsintError):
    """The settings of this workstation cannot be used, or not set like that."""


class PolicyError(OsintError):
    """A policy pack cannot be used: it is damaged, incomplete, older than the one in force, or signed by nobody."""


class QueryError(OsintError):
    """What was asked cannot be asked of this collector."""


class CaptureError(OsintError):
    """Nothing usable came over the network. The attempt is in the ledger."""

    stop = "error"


class AddressRefusedError(CaptureError):
    """The host's name leads to an address that is not on the public network."""


class OutOfScopeError(CaptureError):
    """A request would leave the hosts under authority."""


class UnreachableError(CaptureError):
    """No answer: the name, the connection, the certificate or the time failed."""


class RateLimitedError(CaptureError):
    """The host asks us to come back later than we are willing to wait."""

    stop = "rate"


class SourceError(OsintError):
    """The source answered, and will not show what was asked. The answer is preserved as an exhibit."""

    stop = "error"


class SourceClosedError(SourceError):
    """The source shows this to signed-in visitors only, and we do not sign in."""

    stop = "auth"


class SourceGoneError(SourceError):
    """The source says that this does not exist, or no longer."""

    stop = "gone"


class SourceBlockedError(SourceError):
    """The source shows a challenge or a block page instead of the content."""

    stop = "blocked"


class SourceQuotaError(SourceError):
    """What the source lets our key ask is used up."""

    stop = "quota"


class UnreadableCaptureError(OsintError):
    """An exhibit does not hold what its collector reads. The exhibit itself is intact."""

    def __init__(self, exhibit: str, expected: str, reason: str = "") -> None:
        because = f" ({reason})" if reason else ""
        super().__init__(
            f"Exhibit {exhibit} cannot be read as {expected}{because}. The bytes are preserved unchanged and "
            "the ledger entry stands; no post was taken from it. Open the exhibit to see what the server sent."
        )
        self.exhibit = exhibit
        self.expected = expected
        self.reason = reason


class EvidenceError(OsintError):
    """Evidence cannot be written or read."""


class NoRoomError(EvidenceError):
    """A disk has no room for what is asked for."""


class LedgerError(OsintError):
    """The ledger cannot be read or written."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that verification found wrong.

    ``step`` is the number of the verification step, ``entry`` the sequence number of the ledger entry concerned
    (None when no single entry is), ``what`` says what was found, what it means for the evidence and what to do.
    """

    step: int
    what: str
    entry: int | None = None

    def __str__(self) -> str:
        place = "" if self.entry is None else f", entry {self.entry}"
        return f"step {self.step}{place}: {self.what}"


class IntegrityError(LedgerError):
    """Verification failed. ``findings`` holds all of them, in the order of the steps."""

    def __init__(self, summary: str, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join([summary, *(f"  - {finding}" for finding in findings)]))
        self.findings = tuple(findings)


class TimestampError(LedgerError):
    """A time-stamping authority gave nothing that can be relied on; ``reason`` is one word for the ledger."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class WitnessError(LedgerError):
    """A witness gave nothing that can be relied on, or has seen another history; ``reason`` is one word."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class GraphError(OsintError):
    """A graph cannot be built, read or written as asked."""


class ExportError(OsintError):
    """A hand-over cannot be made."""


class SecretFoundError(ExportError):
    """Something that was to leave holds a key, a password or a cookie. Where, is said; the value never is."""
