"""The rules of custody that passes on, and of copies that are kept: facts in, findings out. No clock, no files.

Whoever receives an exhibit receives the original. Within the case team that is custody and nothing more; anybody else
receives what the order calls a release, so that it needs what a disclosure needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from osint.policy.facts import Facts, Finding, concerned, condition, missing, refuse
from osint.policy.pack import Pack
from osint.policy.roster import plain

Check = Callable[[Facts, Pack], Iterable[Finding]]


def is_outside(facts: Facts) -> bool | None:
    """Return whether the recipient of a transfer stands outside the case team; None where nothing says so.

    The roster knows its own by their keys: of anybody else it is no matter what was stated.
    """
    stated = facts.said.get("outside")
    roster = facts.session.roster if facts.session else None
    if roster is None or stated:
        return None if stated is None else bool(stated)
    return roster.holder(facts.text("recipient_key")) is None


def transfer(facts: Facts, _: Pack) -> Iterator[Finding]:
    """Custody leaves the case team with a right to know and the written permission of the Chief or a designee."""
    if facts.step != "release":
        return
    outside = is_outside(facts)
    if outside is None:
        yield condition("recipient: not stated whether of the case team (IV.A.3.a(3))")
    needed = {
        "right": "by what right the recipient may have it",
        "permission": "the written permission of the Chief or the designee: who, when, its number",
    }
    if outside:
        yield from (
            missing(name, f"{what}, outside the case team") for name, what in needed.items() if not facts.text(name)
        )
    shared = concerned(facts, frozenset(facts.said.get("intelligence", ())))
    if outside is not False and shared:
        yield refuse(
            f"{', '.join(shared)} is kept as criminal intelligence: outside the case team it goes with its labels and "
            "the recipient's assurance alone, by case.disclose(...)"
        )


def backup(facts: Facts, _: Pack) -> Iterator[Finding]:
    """A backup holds everything, and stays with the agency."""
    if facts.step != "backup":
        return
    agency, keeper = str(facts.profile.get("agency", "")), facts.text("kept_by")
    if not keeper:
        yield condition("kept_by: not stated; a backup stays with the agency (IV.A.2.c)")
    elif agency and not plain(keeper).startswith(plain(agency)):
        yield refuse(
            f"a backup stays with {agency}, and {keeper} would keep this one: pass exhibits on by "
            "case.transfers.release(...), or hand out a package by case.disclose(...)"
        )
    if facts.profile.get("device_ownership") == "personal" and not facts.profile.get("device_permission"):
        yield missing("device_permission", "who permitted a device of one's own, and when (policy profile)")


RULES: Mapping[str, Check] = {"IV.A.2.c-backup": backup, "IV.A.3.a-transfer": transfer}
