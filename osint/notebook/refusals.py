"""What a person is told when a step of the case panel was refused: why, the clause that says so, and what to do."""

from __future__ import annotations

import re

import osint
from osint.errors import AuthorizationError, OsintError, SourceError, UnreachableError
from osint.notebook import forms

_RULE = re.compile(r"osint policy explain (\S+?)\.(?:\s|$)")
_AUTHORITY_FIRST = (
    "Authority comes before collection: fill in step 2 with what the report or warrant says, and record it."
)
_NO_ANSWER = (
    "look whether this computer is on the network, and at the spelling of the host. That nobody answered is in the "
    "ledger, and says nothing about what is there."
)
_LEADS = "A lead found on the way is added with the exhibit that shows it: case.extend(..., exhibit=..., reason=...)."


def what_to_do(error: OsintError, case: osint.Case | None) -> list[str]:
    """Return why a step was refused, the clause that says so, and what can be done, in lines."""
    said = str(error).split("\n")
    if case is not None:
        known = [rule for rule in _RULE.findall(said[0]) if rule in case.policy.pack.rules]
        said += [f"The clause: {clause}" for clause in forms.clauses(case.policy, known)]
    if isinstance(error, AuthorizationError) and error.reasons:
        said.append(f"What to do: {_LEADS if 'scope' in said[0] else _AUTHORITY_FIRST}")
    elif isinstance(error, SourceError):
        said.append(
            "What to do: the answer is preserved as an exhibit; a person's own export or a saved page can be imported."
        )
    elif isinstance(error, UnreachableError):
        said.append(f"What to do: {_NO_ANSWER}")
    return said
