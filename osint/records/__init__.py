"""Facts that a kind of case asks for once and remembers: warrant, consent, tip, own page, removal, rights, notice."""

from osint.records.facts import Consent, Removal, Rights, Tip, Warrant
from osint.records.outgoing import Notice, OwnPage, Preservation
from osint.records.record import Record, Recorded, in_force, read_record

KINDS: dict[str, type[Record]] = {
    each.kind: each for each in (Warrant, Consent, Tip, OwnPage, Removal, Rights, Preservation, Notice)
}
"""Every kind of record by the word that its entries say in clear."""

__all__ = [
    "KINDS", "Consent", "Notice", "OwnPage", "Preservation", "Record", "Recorded", "Removal", "Rights", "Tip",
    "Warrant", "in_force", "read_record",
]  # fmt: skip
