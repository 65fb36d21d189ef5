"""Which files belong together by what they state: one camera, one lens, one document, one Live Photo.

A wrong link joins strangers, so a number links only when two independent readers found the same, it has the form that
its maker gives to numbers, it is no default, and no more accounts share it than could share a camera. What fails one of
these is told with the reason, and links nothing. A link says that files state the same, and not who held the camera.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from osint.media.journeys import impossible_journeys
from osint.media.value import Value

MOST_ACCOUNTS = 8
"""More accounts than this do not share one camera; what they share is a default value."""

Strength = Literal["strong", "medium"]


class StatedBy(NamedTuple):
    """What one file states: its SHA-256, its values, and the accounts whose posts show it."""

    sha256: str
    values: Sequence[Value]
    accounts: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Link:
    """Files that state the same.

    Attributes:
        kind: ``camera``, ``lens``, ``document``, ``derivation``, ``live photo``, ``image id``.
        key: What they share, as it is compared.
        files: SHA-256 of each, sorted; of a derivation the source first.
        strength: ``strong`` or ``medium``; a link is a lead for a person to look at, in either case.
        readers: The programs that read it.
        sentence: What it rests on, in words.
    """

    kind: str
    key: str
    files: tuple[str, ...]
    strength: Strength
    readers: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Unlinked:
    """A value that might have linked files and does not, with the reason."""

    kind: str
    key: str
    files: tuple[str, ...]
    reason: str


class _Sight(NamedTuple):
    """One value in one file that may link it."""

    kind: str
    key: str
    file: StatedBy
    value: Value


_KINDS: Mapping[str, tuple[str, Strength, str]] = {
    "camera_serial": ("camera", "strong", "They state the same maker, model and serial number of a camera."),
    "lens_serial": ("lens", "medium", "They state the same serial number of a lens; lenses change hands and bodies."),
    "original_document_id": ("document", "strong", "They state the same OriginalDocumentID."),
    "document_id": ("document", "strong", "They state the same document; copies of it keep the id."),
    "content_id": ("live photo", "strong", "They state the same still-and-film pair."),
    "image_id": ("image id", "medium", "They state the same id of a picture; some cameras write one id into all."),
}
_SERIALS = {"camera_serial", "lens_serial"}
_NAMES = ("camera_make", "camera_model", "lens_make", "lens_model")
_ID = re.compile(r"[A-Za-z0-9:._{}()-]{8,200}")


def links(
    stated: Iterable[StatedBy], *, most_accounts: int = MOST_ACCOUNTS
) -> tuple[tuple[Link, ...], tuple[Unlinked, ...]]:
    """Return what links files, and what might have and does not, both sorted.

    Args:
        stated: The files, each once.
        most_accounts: A value that more accounts share is a default value.
    """
    stated = list(stated)
    groups: defaultdict[tuple[str, str], list[_Sight]] = defaultdict(list)
    for sight in (sight for file in stated for sight in _sights(file)):
        groups[sight.kind, sight.key].append(sight)
    found: list[Link] = []
    refused: list[Unlinked] = []
    for (fact, key), sights in sorted(groups.items()):
        shared = tuple(sorted({sight.file.sha256 for sight in sights}))
        if len(shared) < 2:
            continue
        kind, strength, sentence = _KINDS[fact]
        if reason := _objection(fact, sights, most_accounts):
            refused.append(Unlinked(kind=kind, key=key, files=shared, reason=reason))
            continue
        readers = tuple(sorted({sight.value.reader for sight in sights}))
        if kind == "camera" and (doubts := _journeys(sights)):
            strength, sentence = "medium", f"{sentence} {doubts}"
        found.append(Link(kind=kind, key=key, files=shared, strength=strength, readers=readers, sentence=sentence))
    for each in _derivations(stated, most_accounts):
        found.append(each) if isinstance(each, Link) else refused.append(each)
    return tuple(found), tuple(refused)


def _sights(file: StatedBy) -> Iterator[_Sight]:
    make, model, lens_make, lens_model = (_first(file.values, fact) for fact in _NAMES)
    owners = {"camera_serial": (make, model), "lens_serial": (lens_make or make, lens_model)}
    for value in file.values:
        if value.fact and value.fact in _KINDS and value.status == "read" and isinstance(value.value, str):
            plain = " ".join(value.value.split()).upper()
            owner = owners.get(value.fact, ())
            yield _Sight(value.fact, " ".join(filter(None, (*owner, plain))), file, value)


def _first(values: Iterable[Value], fact: str) -> str:
    return next(
        (" ".join(str(value.value).split()).upper() for value in values if value.fact == fact and value.value), ""
    )


def _objection(fact: str, sights: Sequence[_Sight], most_accounts: int) -> str:
    """Return why a value that several files share links nothing; empty when nothing speaks against it."""
    accounts = frozenset[str]().union(*(sight.file.accounts for sight in sights))
    if len(accounts) > most_accounts:
        return _too_many(accounts)
    text = " ".join(str(sights[0].value.value).split()).upper()
    if fact in _SERIALS:
        makers = {_first(sight.file.values, "camera_make") for sight in sights}
        if not all(makers) or (fact == "camera_serial" and not _first(sights[0].file.values, "camera_model")):
            return "They do not name whose number it is, and makers give the same numbers to different things."
        if reason := next(filter(None, (_no_serial(maker, text) for maker in sorted(makers))), ""):
            return reason
        alone = [sight for sight in sights if sight.value.confidence != "agreed"]
        return "Only one reader found it, or readers differ; two must agree." if alone else ""
    if not _ID.fullmatch(text) or len(set(re.sub(r"\W", "", text))) < 4:
        return "It has not the form of an id."
    return ""


def _too_many(accounts: frozenset[str]) -> str:
    return f"{len(accounts)} accounts share it: it is a default value, and no one's."


def _journeys(sights: Sequence[_Sight]) -> str:
    files = {sight.file.sha256: sight.file.values for sight in sights}
    doubts = impossible_journeys(files.values())
    more = f" This holds for {len(doubts) - 1} more such steps." if len(doubts) > 1 else ""
    return f"{doubts[0]}{more}" if doubts else ""


def _no_serial(maker: str, text: str) -> str:
    rules = _rules()
    bare = re.sub(r"\W", "", text)
    if text in rules.defaults or len(set(bare)) < 2:
        return "It is what cameras and programs write where there is no number."
    pattern = next((each for name, each in rules.makers.items() if maker.startswith(name)), rules.general)
    return "" if re.fullmatch(pattern, text) else "It has not the form in which this maker writes its numbers."


def _derivations(stated: Sequence[StatedBy], most_accounts: int) -> Iterator[Link | Unlinked]:
    """Yield a link from each file to those that say that they were made from the document or the state it bears."""
    bearing: defaultdict[str, dict[str, StatedBy]] = defaultdict(dict)
    for file in stated:
        for key in _ids(file, "document_id", "instance_id"):
            bearing[key][file.sha256] = file
    for key, value, derived in _derived(stated):
        sources = bearing.get(key, {})
        # Another rendition of the same document names it, too, and neither was made from the other by that.
        if not sources or derived.sha256 in sources:
            continue
        accounts = derived.accounts.union(*(source.accounts for source in sources.values()))
        if len(accounts) > most_accounts:
            files = tuple(sorted({*sources, derived.sha256}))
            yield Unlinked(kind="derivation", key=key, files=files, reason=_too_many(accounts))
            continue
        for source in sorted(sources):
            yield Link(
                kind="derivation",
                key=key,
                files=(source, derived.sha256),
                strength="strong" if len(sources) == 1 else "medium",
                readers=(value.reader,),
                sentence=_MADE_FROM if len(sources) == 1 else _MADE_FROM_ONE.format(len(sources)),
            )


_MADE_FROM = "The second states that it was made from what bears this id, as the first does."
_MADE_FROM_ONE = f"{_MADE_FROM} So do {{}} files, and it cannot be told which of them."


def _derived(stated: Iterable[StatedBy]) -> list[tuple[str, Value, StatedBy]]:
    """Return what each file says that it was made from, once, in order."""
    found: dict[tuple[str, str], tuple[Value, StatedBy]] = {}
    for file in stated:
        for value in file.values:
            if value.fact == "derived_from_id" and value.status == "read":
                found.setdefault((str(value.value), file.sha256), (value, file))
    return [(key, *told) for (key, _), told in sorted(found.items(), key=lambda each: each[0])]


def _ids(file: StatedBy, *facts: str) -> Iterator[str]:
    for value in file.values:
        if value.fact in facts and value.status == "read" and _ID.fullmatch(str(value.value)):
            yield str(value.value)


class _Rules(NamedTuple):
    defaults: frozenset[str]
    general: str
    makers: Mapping[str, str]


@cache
def _rules() -> _Rules:
    read = tomllib.loads(files("osint.media").joinpath("serial_rules.toml").read_text(encoding="utf-8"))
    return _Rules(frozenset(read["defaults"]), read["general"], read["makers"])
