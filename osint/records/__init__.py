"""Facts that a kind of case asks for once and remembers: warrant, consent, tip, own page, records request and more."""

from osint.records.facts import Consent, Removal, Rights, Tip, Warrant
from osint.records.outgoing import Notice, OwnPage, Preservation
from osint.records.public import Closure, Investigation, RecordsRequest
from osint.records.record import Record, Recorded, in_force, read_record

KINDS: dict[str, type[Record]] = {
    each.kind: each
    for each in (
        Warrant, Consent, Tip, OwnPage, Removal, Rights, Preservation, Notice, RecordsRequest, Investigation, Closure,
    )
}  # fmt: skip
"""Every kind of record by the word that its entries say in clear."""

__all__ = [
    "KINDS", "Closure", "Consent", "Investigation", "Notice", "OwnPage", "Preservation", "Record", "Recorded",
    "RecordsRequest", "Removal", "Rights", "Tip", "Warrant", "in_force", "read_record",
]  # fmt: skip
