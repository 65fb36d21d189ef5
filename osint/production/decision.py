"""What has to be decided by a person before anything is produced, and what stands against a decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NoReturn

from osint.errors import ExportError
from osint.policy.roster import Roster
from osint.production.lists.attribution import check_contrary_facts
from osint.production.plan import Fate, Item, Numbers, Plan
from osint.production.release import Excluded, Release, is_said
from osint.render import some
from osint.report.dossier import Dossier

_NOTHING = "Nothing was produced: "
_PROSECUTOR = "prosecutor"
_RESTORED = (
    "the case was restored from a backup, which may not know every production: ask the recipients, and state the last "
    "number that any of them got, numbers_behind=1234, or 0 where nobody got one"
)


def check_release(release: Release, *, lost: bool, refuse: Callable[[Sequence[str], Release], NoReturn]) -> None:
    """Refuse what cannot be a decision, before anything is gathered for it.

    Args:
        release: What was decided.
        lost: Whether productions may be lost, for the case was restored.
        refuse: Records why, and raises.
    """
    try:
        Numbers(prefix=release.prefix)
    except ExportError as error:
        refuse([str(error).removeprefix(_NOTHING)], release)
    if lost and release.numbers_behind is None:
        refuse([_RESTORED], release)
    if release.numbers_behind is not None and release.numbers_behind < 0:
        refuse(["numbers_behind is no number that a document can bear"], release)


def prosecutor(decided_by: str, roster: Roster | None) -> str:
    """Return in words which prosecutor of the roster decided, or why that was not checked; empty when it names none."""
    if roster is None:
        return "not checked: the agency has installed no roster"
    if not any(_PROSECUTOR in each.roles for each in roster.people):
        return f"not checked: {roster} names no prosecutor"
    found = roster.named_in(decided_by, _PROSECUTOR)
    return f"{found}, by {roster}" if found else ""


def decided(release: Release, roster: Roster | None) -> Iterator[str]:
    """Yield why whoever decided may not have; nothing when a prosecutor did, or nobody can tell."""
    if release.decided_by.strip() and not prosecutor(release.decided_by, roster):
        yield f"decided_by {release.decided_by!r} names no prosecutor of {roster}: state the name as it stands there"


def grounds(
    to: str, release: Release, items: Sequence[Item], dossier: Dossier, held: Mapping[str, str]
) -> Iterator[str]:
    """Yield why a production may not be made as a prosecutor decided it; nothing when it may.

    Args:
        to: Who receives it.
        release: What was decided.
        items: Every item ever stored.
        dossier: The case as it may leave.
        held: SHA-256 of the file that each exhibit holds, of all exhibits of the case.
    """
    needed = {
        "to": (to, "who receives it"),
        "decided_by": (release.decided_by, "the prosecutor who decided it"),
        "authority": (release.authority, "the rule or request under which it is produced"),
    }
    for name, (said, what) in needed.items():
        if not is_said(said):
            yield f"{name} is missing: {what}"
    yield from _unreviewed(release, items)
    yield from _redacted(release, items)
    yield from _excluded(release, items, held)
    yield from _used(release, items)
    yield from _parts(items)
    yield from _contrary(release, items, dossier)


def _unreviewed(release: Release, items: Sequence[Item]) -> Iterator[str]:
    unreviewed = [each.exhibit for each in items if each.exculpatory == "unreviewed"]
    if unreviewed and not is_said(release.unreviewed_acknowledged_by):
        yield (
            f"{len(unreviewed)} of {len(items)} items were not reviewed for exculpatory value ({some(unreviewed)}): "
            "review them (case.mark(..., exculpatory=...)), or the prosecutor who knows it is named in "
            "unreviewed_acknowledged_by"
        )


def _redacted(release: Release, items: Sequence[Item]) -> Iterator[str]:
    """What may speak for somebody is not masked out of a production without a prosecutor who knows it."""
    copies = [each.exhibit for each in items if each.exculpatory == "yes" and each.derivative]
    if copies and not is_said(release.redacted_acknowledged_by):
        yield (
            f"{some(copies)} is marked as exculpatory, and a redacted copy of it leaves alone: produce it as it is "
            "(case.unmask, or include_restricted), leave it out on a ground of its own, or the prosecutor who knows it "
            "is named in redacted_acknowledged_by"
        )


def _excluded(release: Release, items: Sequence[Item], held: Mapping[str, str]) -> Iterator[str]:
    """What is left out is left out by somebody, on a ground, once, with all that has the same bytes."""
    known = {each.exhibit: each for each in items}
    counted = Counter(each.exhibit for each in release.excluded)
    left_out = {digest for number in counted if number in known for digest in (known[number].sha256, held.get(number))}
    for number, count in counted.items():
        if count > 1:
            yield f"{number} is excluded {count} times"
    for act in release.excluded:
        item = known.get(act.exhibit)
        if item is None:
            yield f"{act.exhibit} is excluded and was never stored in this case. Name exhibits as E0003"
        else:
            yield from _objections(act, item)
    for item in items:
        digests = {item.sha256, held.get(item.exhibit)} - {"", None}
        if item.numbered and item.exhibit not in counted and digests & left_out:
            yield f"{item.exhibit} has the same bytes as what is excluded: the decision has to name it, too"


def _objections(act: Excluded, item: Item) -> Iterator[str]:
    for name, said in (("ground", act.ground), ("cited", act.cited), ("by", act.by)):
        if not is_said(said):
            yield f"{act.exhibit} is excluded, and {name} is missing"
    if item.fate in (Fate.SEALED, Fate.PURGED):
        yield f"{act.exhibit} is {item.fate}: nothing of it can be produced or excluded"
    if "@" in act.exhibit:
        yield f"{act.exhibit} is of a part that another officer signed, which stays whole: produce that case itself"
    if item.exculpatory == "yes" and not is_said(act.exculpatory_ground):
        yield f"{act.exhibit} is marked as exculpatory: it needs a ground of its own, exculpatory_ground"


def _used(release: Release, items: Sequence[Item]) -> Iterator[str]:
    if release.profile not in ("us", "uk"):
        yield f"profile {release.profile!r} is neither us nor uk"
    known = {each.exhibit: each for each in items}
    for number in release.used:
        if number not in known:
            yield f"{number} is named as used and was never stored in this case"
        elif known[number].fate is not Fate.PRODUCED:
            yield f"{number} is named as used and is {known[number].fate}"


def _parts(items: Sequence[Item]) -> Iterator[str]:
    """A merged part leaves whole or not at all, for its ledger is signed by others."""
    withheld = [each.exhibit for each in items if "@" in each.exhibit and each.fate is Fate.WITHHELD]
    if withheld:
        yield (
            f"{some(withheld)} is restricted in the part that another officer collected, and no copy can stand for it "
            "here: produce that case itself, or name it in include_restricted"
        )


def _contrary(release: Release, items: Sequence[Item], dossier: Dossier) -> Iterator[str]:
    try:
        check_contrary_facts(_draft(release, items, dossier))
    except ExportError as error:
        yield str(error).removeprefix(_NOTHING)


def _draft(release: Release, items: Sequence[Item], dossier: Dossier) -> Plan:
    return Plan(
        number=0, to="", release=release, made=dossier.made, numbers=Numbers(prefix=release.prefix), first=1,
        items=tuple(items), case=dossier.name, investigator=dossier.investigator,
    )  # fmt: skip
