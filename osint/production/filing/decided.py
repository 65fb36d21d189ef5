"""What a person decides about a filing, and what follows from it: what is taken out, and what the log says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from osint.chain_of_custody.withheld import TOKEN
from osint.errors import ExportError
from osint.media.masked_picture import Box
from osint.production.filing.files import LOG
from osint.production.filing.forms import Pair
from osint.production.filing.rules import MASKED, Identifier, Removal, Rule, stand_in
from osint.report.masked import Masked


@dataclass(frozen=True, kw_only=True)
class Redaction:
    """One decision of a person: that something is taken out of what is filed.

    Attributes:
        kind: What it is, by the rule of the policy: ``ssn``, ``birth_date``, ``minor``, ``account``, ``home_address`` …
        reason: Why, in words; it stands in the public log, and must not tell what was taken out.
        text: The text, wherever it stands in the filing, in any spelling; empty for rectangles.
        exhibit: For rectangles: the exhibit, or ``document-1``.
        page: For rectangles in a PDF: its page, from 1.
        boxes: Left, top, width and height; in pixels of a picture upright, or in dots of 150 per inch on a page.
        shown: City and state, where the rule lets these stay of an address.
    """

    kind: str
    reason: str
    text: str = ""
    exhibit: str = ""
    page: int = 0
    boxes: tuple[Box, ...] = ()
    shown: str = ""


def check(redactions: Iterable[Redaction], rules: Mapping[str, Rule], filed: Sequence[str]) -> None:
    """Refuse decisions that are incomplete; they are named by their numbers, never by their texts."""
    problems = []
    for number, each in enumerate(redactions, 1):
        if each.kind not in rules:
            problems.append(f"redaction {number} is of no kind of the policy, which has {', '.join(rules)}")
        if not each.reason.strip():
            problems.append(f"redaction {number} gives no reason")
        if bool(each.text.strip()) == bool(each.boxes):
            problems.append(f"redaction {number} names either a text or rectangles")
        if each.boxes and each.exhibit not in filed:
            problems.append(f"redaction {number} names nothing of this filing for its rectangles")
    if problems:
        raise ExportError(f"Nothing was written: {'; '.join(problems)}.")


def removal_of(redactions: Sequence[Redaction], rules: Mapping[str, Rule], masked: Masked) -> Removal:
    """Return what is taken out: what a person named here, and what is masked in the case besides."""
    named = [
        Identifier(each.kind, each.text, stand_in(each.text, rules[each.kind].stays, each.shown), number)
        for number, each in enumerate(redactions, 1)
        if each.text
    ]
    texts = {" ".join(each.text.split()).casefold() for each in named}
    left = [text for text in masked.texts if " ".join(text.split()).casefold() not in texts]
    return Removal([*named, *(Identifier(MASKED, text, TOKEN, 0) for text in left)])


def check_all_found(pairs: Sequence[Pair], redactions: Sequence[Redaction]) -> None:
    """Refuse decisions that found nothing.

    Raises:
        ExportError: Names them by their numbers, never by their texts.
    """
    found = {number for pair in pairs for number, _ in pair.taken}
    missed = [str(number) for number, _ in enumerate(redactions, 1) if number not in found]
    if missed:
        raise ExportError(
            f"Nothing was written: the text of redaction {', '.join(missed)} stands nowhere in what is filed. Copy it "
            "as the posts table or the page shows it; what only a picture shows takes rectangles."
        )


def log_rows(
    pairs: Sequence[Pair], redactions: Sequence[Redaction], rules: Mapping[str, Rule]
) -> Iterator[dict[str, str]]:
    """Yield the log of what was taken out, without a word of it: a row for each place."""
    for pair in pairs:
        for number, place in pair.taken:
            row = (str(number or ""), f"{pair.name}.{pair.redacted[0]}", place, *_said(number, redactions, rules))
            yield dict(zip(LOG, row, strict=True))


def _said(number: int, redactions: Sequence[Redaction], rules: Mapping[str, Rule]) -> tuple[str, ...]:
    if not number:
        return (MASKED, "nothing of what an officer masked in this case", "", "", "masked in the case")
    said = redactions[number - 1]
    rule = rules[said.kind]
    return (said.kind, f"{rule.stays} {rule.what}", rule.citation, rule.standing, said.reason)
