"""Recorded answers as captures, and a ``get`` that answers from memory."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from osint.capture.exchange import Capture

FIXTURES = Path(__file__).parents[1] / "fixtures"
COLLECTED = dt.datetime(2026, 5, 6, 9, 30, tzinfo=dt.UTC)


def make_capture(body: bytes, url: str, *, status: int = 200, media_type: str = "", **more: Any) -> Capture:
    """A capture of these bytes."""
    headers = (("Content-Type", media_type),) if media_type else ()
    return Capture(
        exhibit="E0001", url=url, status=status, headers=headers, body=body, collected=COLLECTED, via=url, **more
    )


def read_answer(path: Path, url: str, **more: Any) -> Capture:
    """The capture of one recorded answer: a file with a status line, header lines, an empty line, and the body."""
    head, _, body = path.read_bytes().partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    values = {"exhibit": "E0001", "collected": COLLECTED, "via": url} | more
    return Capture(url=url, status=int(status.split()[1]), headers=headers, body=body, **values)


def expected(collector: str) -> Mapping[str, Mapping[str, Any]]:
    """What ``expected.json`` says of each recorded answer of a collector."""
    return json.loads((FIXTURES / collector / "expected.json").read_text(encoding="utf-8"))


def addresses(collector: str) -> Mapping[str, Mapping[str, Any] | None]:
    """What an address asks a collector for, in the keywords of a query; None for one that is not of its source."""
    return json.loads((FIXTURES / collector / "addresses.json").read_text(encoding="utf-8"))


class Memory:
    """A ``get`` that answers each address from recorded answers; ``asked`` is what it was asked, in order."""

    def __init__(self, collector: str, answers: Mapping[str, str]) -> None:
        self.collector, self.answers, self.asked = collector, dict(answers), list[str]()

    def __call__(
        self, url: str, /, *, accept: str = "", body: Mapping[str, Any] | None = None, **params: str | int
    ) -> Capture:
        full = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}" if params else url
        full += f" {json.dumps(body, sort_keys=True)}" if body is not None else ""
        self.asked.append(full)
        path = FIXTURES / self.collector / f"{self.answers[full]}.http"
        return read_answer(path, full.partition(" ")[0], exhibit=f"E{len(self.asked):04}")


def ask(collector: Any, query: Any, get: Any) -> tuple[list[Capture], Any]:
    """Run ``pages`` to its end: the captures it yields, and why it stopped."""
    captures, pages = [], collector.pages(query, get)
    while True:
        try:
            captures.append(next(pages))
        except StopIteration as ended:
            return captures, ended.value
