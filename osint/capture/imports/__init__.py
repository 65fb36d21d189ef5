"""What was captured elsewhere and handed in: one file for each format, each a pure ``captures(path, sealed)``.

Nothing in such a file is believed. Its bytes are sealed first, as one exhibit; then it is read from that exhibit alone,
with the network off. :mod:`~osint.capture.imports.formats` tells the format by the content, never by the name.
"""
