"""Search in a case: posts, profiles, files, what people said in it; and searches that are kept with their runs."""

from osint.searching.indexed import documents
from osint.searching.saved import SAVED_COLUMNS
from osint.searching.searching import Searching

__all__ = ["SAVED_COLUMNS", "Searching", "documents"]
