"""Retrieving an item by number, address, hash, account, day or words; hashed again, with all that is known of it."""

from osint.retrieving.retrieved import COLUMNS, Retrieved, RetrievedItem
from osint.retrieving.retrieving import MOST, Retrieving
from osint.retrieving.seeking import KINDS, Seeking

__all__ = ["COLUMNS", "KINDS", "MOST", "Retrieved", "RetrievedItem", "Retrieving", "Seeking"]
