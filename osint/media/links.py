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
        found.append(Link(kind=kind, key=key, files=shared, strength=strength, readers=readers, sentence=sentence))
    return (*found, *_derivations(stated)), tuple(refused)


def _sights(file: StatedBy) -> Iterator[_Sight]:
    make, model = (_first(file.values, fact) for fact in ("camera_make", "camera_model"))
    for value in file.values:
        if value.fact and value.fact in _KINDS and value.status == "read" and isinstance(value.value, str):
            plain = " ".join(value.value.split()).upper()
            owner = (make, model) if value.fact == "camera_serial" else ()
            yield _Sight(value.fact, " ".join(filter(None, (*owner, plain))), file, value)


def _first(values: Iterable[Value], fact: str) -> str:
    return next(
        (" ".join(str(value.value).split()).upper() for value in values if value.fact == fact and value.value), ""
    )


def _objection(fact: str, sights: Sequence[_Sight], most_accounts: int) -> str:
    """Return why a value that several files share links nothing; empty when nothing speaks against it."""
    accounts = frozenset[str]().union(*(sight.file.accounts for sight in sights))
    if len(accounts) > most_accounts:
        return f"{len(accounts)} accounts share it: it is a default value, and no one's camera."
    text = " ".join(str(sights[0].value.value).split()).upper()
    if fact in _SERIALS:
        makers = {_first(sight.file.values, "camera_make") for sight in sights}
        if reason := next(filter(None, (_no_serial(maker, text) for maker in sorted(makers))), ""):
            return reason
        alone = [sight for sight in sights if sight.value.confidence != "agreed"]
        return "Only one reader found it, or readers differ; two must agree." if alone else ""
    if not _ID.fullmatch(text) or len(set(re.sub(r"\W", "", text))) < 4:
        return "It has not the form of an id."
    return ""


def _no_serial(maker: str, text: str) -> str:
    rules = _rules()
    bare = re.sub(r"\W", "", text)
    if text in rules.defaults or len(set(bare)) < 2:
        return "It is what cameras and programs write where there is no number."
    pattern = next((each for name, each in rules.makers.items() if maker.startswith(name)), rules.general)
    return "" if re.fullmatch(pattern, text) else "It has not the form in which this maker writes its numbers."


def _derivations(stated: Sequence[StatedBy]) -> Iterator[Link]:
    """Yield a link from each file whose document or state another file says that it was made from."""
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for file in stated:
        for value in file.values:
            if (
                value.fact in ("document_id", "instance_id")
                and value.status == "read"
                and _ID.fullmatch(str(value.value))
            ):
                sources[str(value.value)].add(file.sha256)
    pairs: dict[tuple[str, str, str], Value] = {}
    for file in stated:
        for value in file.values:
            own = sources.get(str(value.value), set()) if value.fact == "derived_from_id" else set()
            for source in own - {file.sha256}:
                pairs.setdefault((str(value.value), source, file.sha256), value)
    for (key, source, derived), value in sorted(pairs.items()):
        sentence = "The second states that it was made from the first."
        yield Link(
            kind="derivation",
            key=key,
            files=(source, derived),
            strength="strong",
            readers=(value.reader,),
            sentence=sentence,
        )


class _Rules(NamedTuple):
    defaults: frozenset[str]
    general: str
    makers: Mapping[str, str]


@cache
def _rules() -> _Rules:
    read = tomllib.loads(files("osint.media").joinpath("serial_rules.toml").read_text(encoding="utf-8"))
    return _Rules(frozenset(read["defaults"]), read["general"], read["makers"])
