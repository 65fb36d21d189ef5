"""Who saved a file that is handed in, when, with what, whether they were signed in: asked once, and sealed with it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from osint.errors import CaseError, QueryError
from osint.instants import format_instant, parse_instant
from osint.query import UrlQuery, without_secrets

NOT_KNOWN = "not known"
_LONGEST = 1000
_NEEDED = {
    "name": "who saved it",
    "role": "what they are in this matter: witness, victim, officer, provider",
    "program": "with what program, or 'not known'",
    "came": "how the file came here: by what medium, from whose hand",
}

Access = Literal["public", "logged_in", "not_known"]


@dataclass(frozen=True, kw_only=True)
class SavedBy:
    """The declaration that goes with a file that is handed in. It is sealed with the file and cannot be changed later.

    Attributes:
        name: Who saved it.
        role: What they are in this matter: witness, victim, officer, provider.
        at: When: an instant with its zone, or ``"not known"``.
        program: With what program, or ``"not known"``.
        came: How the file came here: by what medium, from whose hand.
        logged_in: Whether they were signed in at the source: True, False, or ``"not known"``.
        as_whom: As whom; needed when they were signed in.
        address: The address of what was saved, where the file itself does not state it.
        consent: The number of the consent that carries it, where a victim hands in their own account.
    """

    name: str = ""
    role: str = ""
    at: datetime | str = ""
    program: str = ""
    came: str = ""
    logged_in: bool | Literal["not known"] | None = None
    as_whom: str = ""
    address: str = ""
    consent: str = ""

    def __post_init__(self) -> None:
        """Refuse an incomplete declaration.

        Raises:
            CaseError: Names every missing or wrong field at once, and repeats none of their values.
        """
        problems = [*self._missing(), *self._wrong()]
        if problems:
            listed = "\n".join(f"  - {problem}" for problem in problems)
            raise CaseError(f"This declaration is not complete; nothing was taken in. Correct and try again:\n{listed}")

    @property
    def instant(self) -> datetime | None:
        """When it was saved; None when that is not known."""
        if isinstance(self.at, datetime):
            return self.at
        return None if self.at == NOT_KNOWN else parse_instant(self.at)

    @property
    def access(self) -> Access:
        """Who could see it, as far as the declaration says."""
        if self.logged_in == NOT_KNOWN:
            return "not_known"
        return "logged_in" if self.logged_in else "public"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values; ``SavedBy(**as_dict())`` says the same. Secrets in the address are replaced."""
        at = self.at if isinstance(self.at, str) else format_instant(self.at)
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        if not self.consent:
            del told["consent"]  # declarations sealed before it was asked for read the same
        return {**told, "at": at, "address": without_secrets(self.address)}

    def _missing(self) -> list[str]:
        missing = [
            f"{name} is missing: {what}" for name, what in _NEEDED.items() if not str(getattr(self, name)).strip()
        ]
        if not self.at:
            missing.append(
                f"at is missing: when it was saved, with its zone, as 2026-05-30T14:02+02:00, or {NOT_KNOWN!r}"
            )
        if self.logged_in is None:
            missing.append(f"logged_in is missing: True, False, or {NOT_KNOWN!r}")
        if self.logged_in is True and not self.as_whom.strip():
            missing.append("as_whom is missing: as whom they were signed in")
        return missing

    def _wrong(self) -> list[str]:
        wrong = [
            f"{field.name} is no text of at most {_LONGEST} characters"
            for field in fields(self)
            if field.name not in ("at", "logged_in")
            and not (isinstance(value := getattr(self, field.name), str) and len(value) <= _LONGEST)
        ]
        if self.logged_in not in (True, False, None, NOT_KNOWN):
            wrong.append(f"logged_in is neither True nor False nor {NOT_KNOWN!r}")
        if self.at and not _is_instant(self.at):
            wrong.append(f"at is no instant with its zone, as 2026-05-30T14:02+02:00, and not {NOT_KNOWN!r}")
        if self.address and not _is_address(self.address):
            wrong.append("address is no web address, https://host/path without a user name")
        return wrong


def _is_instant(at: datetime | str) -> bool:
    if isinstance(at, datetime):
        return at.tzinfo is not None
    try:
        return at == NOT_KNOWN or bool(parse_instant(at))
    except (ValueError, AttributeError, TypeError):
        return False


def _is_address(address: str) -> bool:
    try:
        UrlQuery(url=address)
    except (QueryError, ValueError, AttributeError, TypeError):
        return False
    return urlsplit(address).password is None
