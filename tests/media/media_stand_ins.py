"""Readers that go wrong, for a worker of the sandbox to import; this file imports as little as it can."""

import os
import time
from pathlib import Path

from osint.media.description import describe_as_json


def sleep_over(file, sha256, served_type):
    """A reader that never ends."""
    time.sleep(60)


def crash_over(file, sha256, served_type):
    """A reader that hostile bytes end."""
    os._exit(11)


def lie_about(file, sha256, served_type):
    """A worker that hostile bytes have taken over."""
    return {"sha256": "0" * 64, "taken": "soon"}


def forge(file, sha256, served_type):
    """A worker that describes another file than it was given."""
    return describe_as_json(str(Path(__file__)), "0" * 64, served_type)


def forge_pixels(file):
    """A worker that hashes pictures and that hostile bytes have taken over."""
    return {"values": [{"name": "PDQ", "colour": "red"}], "problems": []}


def crash_over_the_marked(file, sha256, served_type):
    """Read a file as ever; one that bears the mark ends the process."""
    if b"this one kills" in Path(file).read_bytes():
        os._exit(9)
    return describe_as_json(file, sha256, served_type)
