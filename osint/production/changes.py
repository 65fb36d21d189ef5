"""What a supplemental production changes: new items, fates that are others now, and what was withdrawn since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from osint.production.plan import Document, Earlier, Fate, Numbers, Plan
from osint.report.csv_tables import Sheet

CHANGES = "lists/changes.csv"
_HEADINGS = ("exhibit", "change", "fate before", "fate now", "numbers now", "numbers before", "what to do")
_WITHDRAWN = "it was handed over in an earlier production and is gone since: counsel decides what the recipient does"


def changes(plan: Plan, documents: Sequence[Document]) -> bytes:
    """Return as CSV what became of each item since the last production that was finished; all of it in the first."""
    now: dict[str, tuple[int, int]] = {}
    for each in documents:
        low, high = now.get(each.item.exhibit, (each.begin, each.end))
        now[each.item.exhibit] = min(low, each.begin), max(high, each.end)
    fates = {each.exhibit: each.fate for each in plan.items}
    grounds = {each.exhibit: f"{each.ground}, {each.cited}" for each in plan.release.excluded}
    return Sheet(_HEADINGS, list(changed(fates, grounds, now, plan.numbers, plan.earlier))).csv()


def changed(
    fates: Mapping[str, Fate],
    grounds: Mapping[str, str],
    now: Mapping[str, tuple[int, int]],
    numbers: Numbers,
    earlier: Sequence[Earlier],
) -> Iterator[tuple[str, ...]]:
    """Yield what became of each item, as the columns of the list have it.

    Args:
        fates: What becomes of each item, in order.
        grounds: Why items are left out, in words, by exhibit.
        now: First and last number of each item that has any.
        numbers: How the production numbers.
        earlier: The productions before it.
    """
    done = [each for each in earlier if each.done]
    before, on = (done[-1].fates, done[-1].grounds) if done else ({}, {})
    for exhibit, fate in fates.items():
        was = before.get(exhibit)
        told, said = _said(was, on.get(exhibit)), _said(fate, grounds.get(exhibit))
        change = _change(fate, was, any(each.fates.get(exhibit) is Fate.PRODUCED for each in done), told == said)
        advice = _WITHDRAWN if change == "withdrawn" else ""
        span = _span(numbers, *now[exhibit]) if exhibit in now else ""
        yield exhibit, change, told, said, span, _earlier(done, exhibit), advice


def _said(fate: Fate | None, ground: str | None) -> str:
    """Return what became of an item, with the ground on which a prosecutor left it out."""
    return f"{fate}: {ground}" if ground else str(fate or "")


def _change(fate: Fate, was: Fate | None, was_produced: bool, is_said_alike: bool) -> str:
    """Say in a word how an item differs from what the productions before said of it."""
    if was is None:
        return "new"
    if was_produced and fate in (Fate.SEALED, Fate.PURGED):
        return "withdrawn"
    return "same" if is_said_alike else "changed"


def _earlier(done: Sequence[Earlier], exhibit: str) -> str:
    """Return the numbers that an item had in earlier productions."""
    with_numbers = (each for each in done if exhibit in each.labels)
    return "; ".join(
        f"{_span(each.numbers, *each.labels[exhibit])} (production {each.number})" for each in with_numbers
    )


def _span(numbers: Numbers, first: int, last: int) -> str:
    return numbers.label(first) if first == last else f"{numbers.label(first)}-{numbers.label(last)}"
