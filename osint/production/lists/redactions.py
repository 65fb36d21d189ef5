"""The redaction log, and the record of what was destroyed on order. Neither repeats what was taken out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import is_order
from osint.chain_of_custody.withheld import FOLDER, MASK, MASKED
from osint.erasing.certificate import Certificate, certificate
from osint.instants import format_instant
from osint.production.lists.material import NOT_RECORDED, Material
from osint.report.csv_tables import Sheet

_HEADINGS = ("kind", "ledger entry", "time (UTC)", "person", "reason", "exhibit", "numbers", "places",
             "SHA-256 of the original", "SHA-256 of the copy", "map")  # fmt: skip
_PURGED = ("ledger entry", "time (UTC)", "ordered by", "reason", "requested and signed by", "approved and signed by",
           "exhibit", "SHA-256 of what was destroyed", "retention class", "certificate")  # fmt: skip


def redaction_log(material: Material) -> Sheet:
    """Return who took what out of which exhibit and why, and the copy that stands for it; not what was taken out."""
    return Sheet(_HEADINGS, [*_masked(material), *_copies(material), *_redacted(material)])


def purge_certificates(material: Material) -> tuple[Sheet, dict[str, bytes]]:
    """Return what was destroyed on order, a row for each exhibit, and the certificate of each order by file name."""
    made = [certificate(material.dossier.ledger, material.pack, entry.seq) for entry in _orders(material, "purge")]
    rows = [
        (each.entry, format_instant(each.when), each.authority, each.reason, each.requester, each.approver, *exhibit,
         _file(each))
        for each in made
        for exhibit in each.exhibits
    ]  # fmt: skip
    return Sheet(_PURGED, rows), {_file(each): f"{each}\n".encode("utf-8", "surrogatepass") for each in made}


def _file(made: Certificate) -> str:
    return f"purge_certificate_{made.entry}.txt"


def _orders(material: Material, action: str) -> Iterator[Entry]:
    return (each for each in material.packed.entries() if each.action == action and is_order(each))


def _masked(material: Material) -> Iterator[tuple[object, ...]]:
    """Yield what officers masked for what leaves the case; those that were taken back are in the log, too."""
    for step in material.steps:
        entry = step.entry
        if (entry.action, entry.outcome) != (MASK, "done"):
            continue
        said = (entry.seq, format_instant(entry.end_time), step.person, entry.private.get("reason", NOT_RECORDED))
        for number in (str(item["exhibit"]) for item in entry.object if item.get("kind") == MASKED):
            yield "masked", *said, number, material.span(number), "", "", "", ""


def _copies(material: Material) -> Iterator[tuple[object, ...]]:
    """Yield the copies that stand for exhibits in this package, by the maps beside them."""
    for path in sorted((material.packed.folder / FOLDER).glob("*.json")):
        told: Mapping[str, Any] = json.loads(path.read_bytes())
        number = str(told["exhibit"])
        yield ("redacted copy", "", "", "", told["why"], number, material.span(number), len(told["ranges"]),
               _digest(told, "original"), _digest(told, "derivative"), _place(path))  # fmt: skip


def _place(path: Path) -> str:
    return f"{FOLDER}/{path.name}"


def _digest(told: Mapping[str, Any], name: str) -> str:
    """Return a hash that a map states; the map of what was masked does not state that of the original."""
    part = told.get(name)
    return str(part.get("sha256", "not told")) if isinstance(part, Mapping) else "not told"


def _redacted(material: Material) -> Iterator[tuple[object, ...]]:
    """Yield the private values of the ledger itself that were destroyed on order."""
    for entry in _orders(material, "redact"):
        values = sum("digest" in item for item in entry.object)
        yield ("values of the ledger destroyed on order", entry.seq, format_instant(entry.end_time),
               entry.private.get("requester", NOT_RECORDED), entry.private.get("reason", NOT_RECORDED), "", "", values,
               "", "", "")  # fmt: skip
