"""The steps of the case panel as forms: the fields of each, the clauses behind them, the call that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osint.capture.network import Network
from osint.errors import QueryError
from osint.gate.in_force import Policy
from osint.notebook.call import Call
from osint.policy.authorization import EMERGENCIES, PURPOSES

Values = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a form.

    Attributes:
        name: The argument that it becomes.
        label: What a person reads.
        help: What belongs into it.
        kind: ``text``, ``secret``, ``number``, ``many`` (one to a line) or ``choice``.
        choices: What can be chosen: value and words.
        rules: The rules of the policy that look at it.
        more: Whether it is shown only when somebody wants more fields.
    """

    name: str
    label: str
    help: str = ""
    kind: str = "text"
    choices: Sequence[tuple[str, str]] = ()
    rules: Sequence[str] = ()
    more: bool = False


CASE = (
    Field(name="folder", label="Folder of the case", help="A new folder makes a new case; on a local disk."),
    Field(name="investigator", label="Your name and badge", help="As 'J. Smit, badge 4471'. It goes into the ledger."),
    Field(
        name="passphrase",
        label="Passphrase of your keys",
        kind="secret",
        help="It goes into no line and no notebook. Leave it empty where this computer knows it.",
    ),
    Field(
        name="again",
        label="The same again",
        kind="secret",
        help="Only for your first case: your keys are made then, with at least 8 characters.",
    ),
)
_NONE = (("", "(not stated)"),)
AUTHORITY = (
    Field(
        name="purpose",
        label="Purpose",
        kind="choice",
        rules=("I",),
        help="What the search is for; there is no other purpose.",
        choices=(
            *_NONE,
            *(
                (name, f"{name.replace('_', ' ')} ({clause})")
                for name, clause in PURPOSES.items()
                if name != "background_check"
            ),
        ),
    ),
    Field(name="identifier", label="Number of the report, warrant or request", help="As MP-2026-0417.", rules=("II",)),
    Field(name="type", label="What kind of document that is", help="As 'missing-person report'.", rules=("IV.B.5",)),
    Field(
        name="expires",
        label="Last day it may be used",
        help="In UTC, as 2026-12-31, or an instant.",
        rules=("IV.B.1-expiry",),
    ),
    Field(
        name="subjects",
        label="Whom it is about",
        kind="many",
        help="One person to a line.",
        rules=("P21", "II-oneself"),
    ),
    Field(
        name="accounts",
        label="Accounts that may be collected",
        kind="many",
        help="One to a line, @name@host.",
        rules=("IV.B.1-scope",),
    ),
    Field(
        name="hosts",
        label="Hosts whose public pages may be collected",
        kind="many",
        help="One to a line.",
        rules=("IV.B.1-scope",),
    ),
    Field(
        name="since",
        label="First day of the period",
        help="As 2026-05-01; empty for no bound.",
        rules=("IV.B.1-period",),
    ),
    Field(
        name="until",
        label="Last day of the period",
        help="As 2026-06-30; empty for no bound.",
        rules=("IV.B.1-period",),
    ),
    Field(
        name="minor",
        label="Is a minor among them?",
        kind="choice",
        choices=(*_NONE, ("yes", "yes"), ("no", "no"), ("unknown", "unknown")),
    ),
    Field(name="approver", label="Who approved it", rules=("II-approval", "II-approver"), more=True),
    Field(
        name="urls",
        label="Addresses that may be collected",
        kind="many",
        help="One to a line, with everything below it.",
        rules=("IV.B.1-scope",),
        more=True,
    ),
    Field(name="tags", label="Tags that may be searched", kind="many", help="One to a line.", rules=("P8",), more=True),
    Field(
        name="terms",
        label="Words the incident is searched by",
        kind="many",
        help="One to a line.",
        rules=("P8", "P14"),
        more=True,
    ),
    Field(name="place", label="Where the incident is", rules=("P8",), more=True),
    Field(name="nexus", label="How what may be protected speech is itself tied to a crime", rules=("FA",), more=True),
    Field(name="counsel", label="Who of counsel reviewed that", rules=("FA",), more=True),
    Field(
        name="max_bytes",
        label="Bytes of evidence that may be stored",
        kind="number",
        help="Empty for no bound.",
        more=True,
    ),
    Field(
        name="emergency",
        label="Emergency",
        kind="choice",
        choices=(*_NONE, *EMERGENCIES.items()),
        rules=("IV.B.1.a-emergency", "IV.B.1.a-unratified"),
        more=True,
    ),
    Field(
        name="circumstances",
        label="In an emergency: what happened, and why waiting is dangerous",
        rules=("IV.B.1.a-emergency",),
        more=True,
    ),
)
WAYS = {
    "account": "An account, @name@host",
    "thread": "One post by its address, with its answers",
    "tag": "A tag, as a host shows it",
    "search": "Words, in a register",
    "url": "One page or feed, by its address",
}
COLLECT = (
    Field(name="way", label="What is asked for", kind="choice", choices=tuple(WAYS.items())),
    Field(name="asked", label="Which one", help="The account, address, tag or words."),
    Field(name="host", label="Host", help="Only for a tag or a register: whose view is asked."),
    Field(name="since", label="First day", help="As 2026-05-01; empty for no bound.", rules=("IV.B.1-period",)),
    Field(name="until", label="Last day", help="As 2026-06-30; empty for no bound.", rules=("IV.B.1-period",)),
    Field(name="limit", label="Posts at most", kind="number", help="Empty for all."),
)
HAND_OVER = (
    Field(name="folder", label="New folder for the package"),
    Field(name="recipient", label="Who of the case team, or which prosecutor, receives it", rules=("IV.A.3.a",)),
)


def open_call(values: Values, network: Network | None = None, keys: Path | None = None) -> Call:
    """Return the call that opens or creates a case."""
    given = {"network": network, "keys": keys}
    named = {
        "investigator": values.get("investigator", "").strip(),
        **{n: v for n, v in given.items() if v is not None},
    }
    return Call(name="osint.open_case", values=(values.get("folder", "").strip(),), named=named, kept_as="case")


def authorize_call(values: Values) -> Call:
    """Return the call that records an authority. Nothing is checked before it is made.

    Raises:
        QueryError: What has to be a number is none.
    """
    stated = Call(name="osint.Authorization", named=_filled(AUTHORITY, values))
    return Call(name="case.authorize", values=(stated,))


def collect_call(values: Values, method: str = "collect") -> Call:
    """Return the call that collects what the form asks for, or that estimates or probes it.

    Raises:
        QueryError: What has to be a number is none.
    """
    asked = {values.get("way") or "account": values.get("asked", "").strip(), **_filled(COLLECT[2:], values)}
    return Call(name=f"case.{method}", values=(values.get("collector", ""),), named=asked)


def hand_over_call(values: Values) -> Call:
    """Return the call that writes the package."""
    named = _filled(HAND_OVER[1:], values)
    return Call(name="case.export", values=(values.get("folder", "").strip(),), named=named)


def clauses(policy: Policy, rules: Sequence[str]) -> list[str]:
    """Return what a policy says of these rules, a sentence each, with what stands behind it."""
    pack, months = policy.pack, policy.pack.number("verified_months")
    known = [pack.rules[rule] for rule in rules if rule in pack.rules]
    return [
        f"{each.clause} ({each.id}, {each.standing(policy.today, months)}) checks {each.checks}; "
        f"refuses {each.refuses}."
        for each in known
    ]


def _filled(fields: Sequence[Field], values: Values) -> dict[str, Any]:
    """Return what is filled in, as the arguments want it; what is empty is left out."""
    return {each.name: _read(each, text) for each in fields if (text := values.get(each.name, "").strip())}


def _read(field: Field, text: str) -> Any:
    if field.kind == "many":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if field.kind == "number":
        if not (text.isascii() and text.isdecimal()):
            raise QueryError(f"{field.label}: {text!r} is no whole number.")
        return int(text)
    return text
