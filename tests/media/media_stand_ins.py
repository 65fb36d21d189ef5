"""Readers that go wrong, for a worker of the sandbox to import; this file imports as little as it can."""

import os
import time

from osint.media.description import describe_as_json


def sleep_over(data, served_type):
    """A reader that never ends."""
    time.sleep(60)


def crash_over(data, served_type):
    """A reader that hostile bytes end."""
    os._exit(11)


def lie_about(data, served_type):
    """A worker that hostile bytes have taken over."""
    return {"sha256": "0" * 64, "taken": "soon"}


def forge(data, served_type):
    """A worker that describes other bytes than it was given."""
    return describe_as_json(b"other bytes", served_type)
