"""How what lives below the network reaches a time-stamping authority or a witness: by a function that is handed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Answer(NamedTuple):
    """What a host answered: HTTP status and body."""

    status: int
    body: bytes


Exchange = Callable[[str, bytes, str], Answer]
"""POST a body of a media type, ``(url, body, content_type)``; a ``CaptureError`` when there is no answer."""
