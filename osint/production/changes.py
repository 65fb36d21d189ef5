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
    return Sheet(_HEADINGS, list(changed(fates, now, plan.numbers, plan.earlier))).csv()


def changed(
    fates: Mapping[str, Fate], now: Mapping[str, tuple[int, int]], numbers: Numbers, earlier: Sequence[Earlier]
) -> Iterator[tuple[str, ...]]:
    """Yield what became of each item, as the columns of the list have it.

    Args:
        fates: What becomes of each item, in order.
        now: First and last number of each item that has any.
        numbers: How the production numbers.
        earlier: The productions before it.
    """
    done = [each for each in earlier if each.done]
    before = done[-1].fates if done else {}
    for exhibit, fate in fates.items():
        was = before.get(exhibit)
        change = _change(fate, was, any(each.fates.get(exhibit) is Fate.PRODUCED for each in done))
        advice = _WITHDRAWN if change == "withdrawn" else ""
        span = _span(numbers, *now[exhibit]) if exhibit in now else ""
        yield exhibit, change, str(was or ""), str(fate), span, _earlier(done, exhibit), advice


def _change(fate: Fate, was: Fate | None, was_produced: bool) -> str:
    """Say in a word how an item differs from what the productions before said of it."""
    if was is None:
        return "new"
    if was_produced and fate in (Fate.SEALED, Fate.PURGED):
        return "withdrawn"
    return "same" if was is fate else "changed"


def _earlier(done: Sequence[Earlier], exhibit: str) -> str:
    """Return the numbers that an item had in earlier productions."""
    with_numbers = (each for each in done if exhibit in each.labels)
    return "; ".join(
        f"{_span(each.numbers, *each.labels[exhibit])} (production {each.number})" for each in with_numbers
    )


def _span(numbers: Numbers, first: int, last: int) -> str:
    return numbers.label(first) if first == last else f"{numbers.label(first)}-{numbers.label(last)}"
