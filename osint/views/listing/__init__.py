"""Rows to search, narrow and sort: a table that survives everywhere, a widget, and one page that asks nobody."""

from osint.views.listing.frames import listing_of
from osint.views.listing.listing import Column, Listing, Thumb

__all__ = ["Column", "Listing", "Thumb", "listing_of"]
