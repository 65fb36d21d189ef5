"""Erasure on order: private values (``redact``) and the bytes of exhibits (``purge``) go, the commitments to them stay.

Two persons sign one entry that says what goes, by whose authority and why. It is on the disk before anything is
destroyed, so that a kill in between leaves an order that is carried out at the next opening, and never a loss that
nobody ordered. The entry names digests and exhibit numbers; what they stood for is nowhere in it. Afterwards the ledger
verifies, and says what is gone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from osint.chain_of_custody import disclosure
from osint.chain_of_custody.canonical import canonical
from osint.chain_of_custody.entry import Entry, Exhibit
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.legal_hold import standing_in_the_way
from osint.chain_of_custody.merkle import leaf_hash
from osint.chain_of_custody.spellings import SHORTEST, Sought
from osint.chain_of_custody.two_persons import Order, are_two, introduce_approver, objections
from osint.errors import AuthorizationError, LedgerError
from osint.store.blobs import FolderBlobs

ERASING = ("redact", "purge")
_PERIODS = "periods"
_ITEMS_OF_AN_ENTRY = 3000  # with their references they stay well below the longest line
_LONGEST_WORD = 500  # of a long text its beginning tells enough
_DAY = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")


class Disclosed(NamedTuple):
    """One private value that the ledger still discloses.

    Attributes:
        entry: Position of its entry.
        leaf: Leaf hash of that entry, hex.
        digest: What stands for it in the entry, 43 characters of base64url.
        name: What the value is, such as ``query``.
        value: JSON.
    """

    entry: int
    leaf: str
    digest: str
    name: str
    value: Any

    def spelt(self) -> bytes:
        """Return name and value as JSON, to be searched."""
        return canonical([self.name, self.value], nfc=False)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What an order is to destroy.

    Attributes:
        values: Private values.
        exhibits: Exhibits whose bytes go.
        quarantined: Hex SHA-256 of files in quarantine that go.
        files: Number of other files in the case folder that go.
        text: The text that they were chosen by, if any.
        words: The values in words, the longest first.
    """

    values: tuple[Disclosed, ...] = field(repr=False)
    exhibits: tuple[Exhibit, ...] = ()
    quarantined: tuple[str, ...] = ()
    files: int = 0
    text: str | None = field(default=None, repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is not to be found any more: the text that was named, or else the values in words."""
        return (self.text,) if self.text else self.words

    @property
    def first(self) -> int:
        """Position of the first entry that it concerns."""
        return min([value.entry for value in self.values] + [exhibit.entry for exhibit in self.exhibits])


class _Part(NamedTuple):
    """What one entry of an order names. An order that is too long for a line has several."""

    id: str
    items: Sequence[Mapping[str, Any]]
    refs: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Decided:
    """An order that nothing stands against, not written yet.

    Attributes:
        action: ``redact`` or ``purge``.
        order: On what it rests, and who signs.
        parts: What its entries will name.
        files: Number of other files that go.
        periods: What stays of the questions that go: see :func:`periods_kept`.
    """

    action: str
    order: Order
    parts: tuple[_Part, ...]
    files: int
    periods: Mapping[str, Mapping[str, str]]

    @property
    def ids(self) -> list[str]:
        """The identifiers that its entries will have."""
        return [part.id for part in self.parts]

    def write(self, ledger: Ledger) -> list[Entry]:
        """Write the order, signed by both persons. From here on it stands, whatever becomes of this process.

        Raises:
            LedgerError: It could not be written; nothing was destroyed.
        """
        introduce_approver(ledger, self.order)
        private = {**self.order.private, **({_PERIODS: self.periods} if self.periods else {})}
        return [
            ledger.append(
                self.action,
                id=part.id,
                private=private,
                object=part.items,
                result=[
                    _count("values", part.items, "digest"),
                    _count("exhibits", part.items, "exhibit"),
                    {"kind": "files", "count": self.files},
                ],
                refs=part.refs,
                cosigners=[self.order.approver],
            )
            for part in self.parts
        ]


# -- choosing ----------------------------------------------------------------------------------------------------------


def disclosed(ledger: Ledger) -> Iterator[Disclosed]:
    """Yield every private value that a ledger discloses, in order.

    Raises:
        LedgerError: One is damaged.
    """
    for seq, record in enumerate(ledger.records()):
        leaf = leaf_hash(record.line.removesuffix(b"\n")).hex() if record.disclosures else ""
        for text in record.disclosures:
            yield Disclosed(seq, leaf, disclosure.digest(text), *disclosure.read(text))


def choose(
    ledger: Ledger,
    *,
    values: Mapping[int, Collection[str] | None],
    containing: str | None,
    exhibits: Collection[str] = (),
    quarantined: Collection[str] = (),
    files: int = 0,
) -> Chosen:
    """Find what an order is to destroy.

    Args:
        ledger: The ledger of the case.
        values: Names of private values by the position of their entry; None for all of an entry.
        containing: Chooses every private value that holds this text, however it is spelt there.
        exhibits: Numbers of exhibits. What the entries say that took them in goes with them; mere numbers stay, which
            tell nobody and keep a file from being fetched again.
        quarantined: Hex SHA-256 of files in quarantine.
        files: Number of other files in the case folder that go.

    Raises:
        LedgerError: A value or an exhibit that is named is not there, or was erased before.
        OsintError: The text is too short to tell anything.
    """
    known = {exhibit.number: exhibit for exhibit in ledger.exhibits()}
    purged = {number for entry in ledger.entries() for number in purged_by(entry)}
    _check_there(exhibits, known.keys() - purged)
    taking = {known[number].entry for number in exhibits}
    sought = Sought([containing] if containing is not None else [])
    found = [
        each
        for each in disclosed(ledger)
        if (each.entry in taking and not isinstance(each.value, int))
        or (each.entry in values and ((names := values[each.entry]) is None or each.name in names))
        or (sought and sought.spellings(each.spelt()))
    ]
    _check_disclosed(values, found, exhibits)
    return Chosen(
        values=tuple(found),
        exhibits=tuple(known[number] for number in sorted(set(exhibits))),
        quarantined=tuple(quarantined),
        files=files,
        text=None if containing is None else containing.strip(),
        words=tuple(_telling(ledger, found)),
    )


class Judgement(Protocol):
    """What the gate says of an order, beside what the ledger knows."""

    @property
    def outcome(self) -> str:
        """``allowed`` or ``refused``."""
        ...

    @property
    def rules(self) -> Sequence[str]:
        """Ids of the rules that object."""
        ...

    @property
    def reasons(self) -> Sequence[str]:
        """Every ground of a refusal; of a permission, what it rests on."""
        ...


def decide(ledger: Ledger, action: str, chosen: Chosen, order: Order, judgement: Judgement | None = None) -> Decided:
    """Decide whether an order may be carried out; a refusal is an entry.

    Args:
        ledger: The ledger of the case, open for writing.
        action: ``redact`` or ``purge``.
        chosen: What it is to destroy.
        order: On what it rests, and who signs.
        judgement: What the gate says of it.

    Raises:
        AuthorizationError: It may not: a rule objects, a hold covers something, one person stands on both sides,
            something is missing, or the order repeats what is to be erased. Carries every ground; the refusal is in the
            ledger.
        LedgerError: The ledger was opened for reading, or cannot be written.
    """
    tells = _repeats(order, chosen)
    exhibits = [exhibit.number for exhibit in chosen.exhibits]
    holds = standing_in_the_way(ledger, exhibits, {value.entry for value in chosen.values})
    grounds = [
        *(f"it is under legal hold: {hold}" for hold in holds),
        *objections(ledger, order),
        *_shared_bytes(ledger, chosen.exhibits),
        *(["authority, reason or a name repeats what is to be erased; say it without"] if tells else []),
    ]
    objecting = judgement.rules if judgement else ()
    if judgement and judgement.outcome == "refused":
        grounds = list(dict.fromkeys([*grounds, *judgement.reasons]))
    if grounds:
        private = {"reasons": grounds, **({} if tells else order.private)}
        named = [{"kind": "exhibit", "exhibit": number} for number in exhibits]
        count = [{"kind": "values", "count": len(chosen.values)}]
        rules = [{"kind": "rule", "rule": rule.lower()} for rule in objecting]
        ledger.append(action, outcome="refused", private=private, object=named, result=[*count, *rules])
        raise AuthorizationError("Nothing was erased. The refusal is in the ledger:", grounds)
    parts = tuple(_parts(ledger, chosen))
    return Decided(action=action, order=order, parts=parts, files=chosen.files, periods=_periods(chosen))


def purged_by(entry: Entry) -> tuple[str, ...]:
    """Return the numbers of the exhibits whose bytes an entry says were destroyed."""
    if (entry.action, entry.outcome) != ("purge", "done"):
        return ()
    return tuple(str(item["exhibit"]) for item in entry.object if "exhibit" in item)


def periods_kept(entries: Iterable[Entry]) -> dict[str, Mapping[str, str]]:
    """Return the periods of questions that were erased, by the leaf hash of the entry that allowed them, hex.

    A period (``since``, ``until``) tells nobody. Without it nobody could say which posts of an exhibit were within
    what was asked, and they would have to leave the tables.
    """
    return {
        leaf: period for entry in entries if is_order(entry) for leaf, period in entry.private.get(_PERIODS, {}).items()
    }


def _periods(chosen: Chosen) -> dict[str, dict[str, str]]:
    return {
        each.leaf: {name: str(each.value[name]) for name in ("since", "until") if name in each.value}
        for each in chosen.values
        if each.name == "query" and isinstance(each.value, Mapping)
    }


def _check_there(exhibits: Collection[str], there: Collection[str]) -> None:
    missing = sorted(set(exhibits) - set(there))
    if missing:
        raise LedgerError(
            f"Nothing was erased: {', '.join(missing)} is not in this case, or was purged before. Name exhibits as "
            "E0003, as the custody log numbers them."
        )


def _check_disclosed(
    values: Mapping[int, Collection[str] | None], found: Sequence[Disclosed], exhibits: Collection[str]
) -> None:
    there = {(each.entry, each.name) for each in found}
    entries = {each.entry for each in found}
    missing = [f"entry {place} discloses nothing" for place in values if place not in entries]
    for place, names in values.items():
        missing += [f"entry {place} has no {name!r}" for name in names or () if (place, name) not in there]
    if missing:
        raise LedgerError(f"Nothing was erased: {'; '.join(missing)}. It was erased before, or never recorded.")
    if not found and not exhibits:
        raise LedgerError("Nothing was erased: no private value of the ledger is concerned.")


def _telling(ledger: Ledger, values: Iterable[Disclosed]) -> list[str]:
    """Return the values in words, the longest first; days, numbers and codes that stand in clear tell nobody."""
    values = list(values)
    concerned = {value.entry for value in values}
    codes = {code for entry in ledger.entries() if entry.seq in concerned for code in _leaves(entry.payload)}
    words = {leaf.strip()[:_LONGEST_WORD] for value in values for leaf in _leaves(value.value)} - codes
    told = {word for word in words if len(word.encode("utf-8", "replace")) >= SHORTEST and not _DAY.fullmatch(word)}
    return sorted(told, key=lambda word: (-len(word), word))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)


def _repeats(order: Order, chosen: Chosen) -> bool:
    """Return whether an order says what it erases; the persons who sign are named, though a value elsewhere says so."""
    said = f"{order.authority}\n{order.reason}"
    if any(word.casefold() in said.casefold() for word in chosen.words):
        return True
    text = Sought([chosen.text] if chosen.text else [])
    return bool(text.spellings("\n".join(order.private.values()).encode("utf-8", "replace")))


def _shared_bytes(ledger: Ledger, exhibits: Sequence[Exhibit]) -> list[str]:
    going = {exhibit.number for exhibit in exhibits}
    same = {exhibit.sha256 for exhibit in exhibits}
    others = [each.number for each in ledger.exhibits() if each.sha256 in same and each.number not in going]
    return [f"{', '.join(others)} has the same bytes: the order has to name it too"] if others else []


def _parts(ledger: Ledger, chosen: Chosen) -> Iterator[_Part]:
    taking = {entry.exhibit: entry.leaf.hex() for entry in ledger.entries() if entry.exhibit} if chosen.exhibits else {}
    items: list[tuple[dict[str, Any], str | None]] = [
        *(({"kind": "exhibit", "exhibit": each.number}, taking[each.number]) for each in chosen.exhibits),
        *(({"kind": "quarantined", "sha256": each}, None) for each in chosen.quarantined),
        *(({"digest": each.digest}, each.leaf) for each in chosen.values),
    ]
    for start in range(0, len(items), _ITEMS_OF_AN_ENTRY):
        some = items[start : start + _ITEMS_OF_AN_ENTRY]
        refs = dict.fromkeys(leaf for _, leaf in some if leaf is not None)
        yield _Part(ledger.new_id(), [item for item, _ in some], list(refs))


def _count(kind: str, items: Iterable[Mapping[str, Any]], member: str) -> dict[str, Any]:
    return {"kind": kind, "count": sum(member in item for item in items)}


# -- destroying --------------------------------------------------------------------------------------------------------


def carry_out(ledger: Ledger, blobs: FolderBlobs, orders: Sequence[Entry]) -> None:
    """Destroy what orders name; done again, it finds nothing left to do.

    Args:
        ledger: The ledger, open for writing.
        blobs: The evidence.
        orders: Entries ``redact`` and ``purge`` of the ledger, with two signatures.

    Raises:
        EvidenceError: The bytes of an exhibit could not be destroyed.
        LedgerError: Another process has the ledger open, or it cannot be written.
    """
    purged = {number for entry in orders for number in purged_by(entry)}
    for exhibit in ledger.exhibits() if purged else ():
        if exhibit.number in purged:
            blobs.destroy(exhibit.sha256)
    digests = [str(item["digest"]) for entry in orders for item in entry.object if "digest" in item]
    if digests:
        ledger.erase(digests)


def orders_to_finish(ledger: Ledger, blobs: FolderBlobs, begun: Collection[str] = ()) -> list[Entry]:
    """Return the orders that were not carried out, or not to the end.

    An order that one person signed is none. What a hold covers, placed after the order, waits for that hold.

    Args:
        ledger: The ledger of the case.
        blobs: The evidence.
        begun: Identifiers of entries that are known not to have been carried out to the end.
    """
    orders = list(every_order(ledger))
    if not orders:
        return []
    still = {each.digest for each in disclosed(ledger)}
    held = {exhibit.number for exhibit in ledger.exhibits() if blobs.holds(exhibit.sha256)}
    return [
        entry
        for entry in orders
        if (entry.id in begun or any(_is_left(item, still, held) for item in entry.object))
        and not standing_in_the_way(ledger, purged_by(entry), _concerned(ledger, entry))
    ]


def every_order(ledger: Ledger) -> Iterator[Entry]:
    """Yield the orders to erase, the oldest first; no other entry is read for that."""
    return filter(is_order, ledger.entries_at(ledger.index.of(ERASING)))


def is_order(entry: Entry) -> bool:
    """Return whether an entry orders an erasure: two persons signed that it was done."""
    return entry.action in ERASING and entry.outcome == "done" and are_two(entry)


def _is_left(item: Mapping[str, Any], digests: Collection[str], exhibits: Collection[str]) -> bool:
    return item.get("digest") in digests or item.get("exhibit") in exhibits


def _concerned(ledger: Ledger, order: Entry) -> set[int]:
    return {entry.seq for entry in ledger.entries() if entry.leaf.hex() in order.refs}
