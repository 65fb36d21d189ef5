"""The pages that open a production from disk, in any browser, with no server and no network.

Every page is plain HTML that needs no script; the one with the search runs one of ours over an index of words beside
it. What was captured is text in them, never markup, and no page may ask anything of anybody (Content Security Policy
Level 3). Files that were captured are shown by their path in the package, and only once somebody asks for them.
"""

from __future__ import annotations

from osint.production.reader.writing import write_reader

__all__ = ["write_reader"]
