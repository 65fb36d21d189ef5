"""A candidate of a requisition: consent first, then an authority for what the plan asks, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from osint.errors import ConsentError, UniformityError
from osint.policy.authorization import Authorization
from osint.screening.plan import Step
from osint.screening.releasing import alias
from osint.screening.store import Store

CONSENT_IS_ADDED = (
    "General Order XLV does not ask for it: counsel adds it, as the IACP and PERSEREC advised in 2010 (cybervetting)."
)
_AUTHORITY_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Consent:
    """A candidate's consent to a search of what is public; an addition to the order.

    Attributes:
        signed: The day on which they signed, ``2026-05-04``.
        document: The number under which the agency keeps it.
    """

    signed: str
    document: str


def admit(store: Store, name: str, stated: Mapping[str, str], consent: Consent | None) -> str:
    """Name a candidate who consented, and return the random name by which the copies speak of them.

    Raises:
        ConsentError: They did not consent, or only after today. The refusal is in the ledger.
        UniformityError: There is no plan yet, or nobody was given the decision. The refusal is in the ledger.
    """
    plan = store.plan
    agreed = _checked(store, consent)
    if not any(each.role == "decision_maker" for each in store.held()):
        store.refuse("screen.candidate", UniformityError("Say who decides first: assign('decision_maker', ...)."))
    authorize(store, name, stated, plan.steps)
    given = alias()
    store.log(
        "screen.candidate", candidate=given, name=name, stated=dict(stated), consent=asdict(agreed),
        consent_is=CONSENT_IS_ADDED,
    )  # fmt: skip
    return given


def authorize(store: Store, name: str, stated: Mapping[str, str], steps: Iterable[Step]) -> None:
    """Record the authority for what steps ask about a candidate, so that the gate lets these pass and no more."""
    asked = [each for step in steps for each in (step.asked(stated) or {}).items()]

    def scope(*kinds: str) -> tuple[str, ...]:
        return tuple(text for kind, text in asked if kind in kinds)

    store.authorize(
        Authorization(
            identifier=store.folder.name,
            type="requisition, with the candidate's consent",
            purpose="background_check",
            subjects=(name,),
            expires=(store.now() + timedelta(days=_AUTHORITY_DAYS)).date().isoformat(),
            since=store.since,
            accounts=scope("account"),
            urls=scope("url", "thread"),
            terms=scope("search"),
            tags=scope("tag"),
            hosts=scope("host"),
        )
    )


def _checked(store: Store, consent: Consent | None) -> Consent:
    signed = _day(consent.signed) if consent and consent.document.strip() else None
    if consent is None or signed is None or signed > store.now().date():
        problem = "The consent bears a day to come." if signed else "There is no consent with its day and its number."
        message = f"{problem} Nobody is looked for without it. {CONSENT_IS_ADDED}"
        store.refuse("screen.candidate", ConsentError(message))
    return consent


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        return None
