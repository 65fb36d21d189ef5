"""What is asked of a worker, and how it answers."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from osint.sandbox.outcome import RefusalError

Say = Callable[[bytes, bytes], None]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One function, over one or a few files.

    Attributes:
        arguments: Of each call, pickled.
        files: What may be read.
        seconds: Processor time for each call.
        memory: Bytes of address space.
    """

    module: str
    name: str
    arguments: tuple[bytes, ...]
    files: tuple[str, ...]
    seconds: float
    memory: int


def answer(function: Callable[..., Any], arguments: bytes) -> bytes:
    """Return in JSON what the function returned or raised."""
    try:
        value = function(*pickle.loads(arguments))  # noqa: S301 - written by our own parent
        return json.dumps({"state": "ok", "value": value, "detail": ""}).encode("ascii")
    except RefusalError as refusal:
        state, detail = "refused", str(refusal)
    except BaseException as error:  # noqa: BLE001 - whatever a parser raises over hostile bytes is the answer
        state, detail = "raised", f"{type(error).__name__}: {error}"
    return json.dumps({"state": state, "value": None, "detail": detail[:2000]}).encode("ascii")
