"""XMP packets found by their marks, in formats whose structure is not walked.

Source: XMP part 3, section 1.1 (scanning for packets); ISO 16684-1 section 7.3.2.
"""

from __future__ import annotations

from osint.media.containers.structure import Finder

_MOST = 100


def read(file: Finder) -> None:
    """Hand on every XMP packet that stands open in the file."""
    at = file.start
    for _ in range(_MOST):
        start = file.data.find(b"<?xpacket begin", at, file.stop)
        if start < 0:
            return
        stop = file.data.find(b"<?xpacket end", start, file.stop)
        stop = file.data.find(b"?>", stop, file.stop) if stop >= 0 else -1
        if stop < 0:
            file.problem("An XMP packet has no end; it was not read.")
            return
        at = stop + 2
        file.add("xmp", "xpacket", (start, at - start))
    file.problem(f"The document holds more than {_MOST} XMP packets; the last ones were not read.")
