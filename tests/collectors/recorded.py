"""Recorded answers as captures, and a ``get`` that answers from memory."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import islice
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
    return _stated(collector, "expected.json")


def addresses(collector: str) -> Mapping[str, Mapping[str, Any] | None]:
    """What an address asks a collector for, in the keywords of a query; None for one that is not of its source."""
    return _stated(collector, "addresses.json")


@cache
def _stated(collector: str, name: str) -> dict[str, Any]:
    """What a file beside the recorded answers says; nothing where it is missing, for which a test fails."""
    file = FIXTURES / collector / name
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


class Memory:
    """A ``get`` that answers each address from recorded answers; ``asked`` is what it was asked, in order."""

    def __init__(self, collector: str, answers: Mapping[str, str]) -> None:
        self.collector, self.answers, self.asked = collector, dict(answers), list[str]()

    def __call__(
        self,
        url: str,
        /,
        *,
        accept: str = "",
        body: Mapping[str, Any] | None = None,
        say: Sequence[str] | None = None,
        **params: str | int,
    ) -> Capture:
        full = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}" if params else url
        full += f" {json.dumps(body, sort_keys=True)}" if body is not None else ""
        full += f" {json.dumps(say)}" if say is not None else ""
        self.asked.append(full)
        path = FIXTURES / self.collector / f"{self.answers[full]}.http"
        return read_answer(path, full.partition(" ")[0], exhibit=f"E{len(self.asked):04}")


def with_text(capture: Capture, was: str, becomes: str) -> Capture:
    """An answer in which a text, which it must hold, stands for another."""
    assert was.encode() in capture.body, was
    return dataclasses.replace(capture, body=capture.body.replace(was.encode(), becomes.encode()))


class Changed(Memory):
    """A ``get`` that answers as recorded, but for one answer in which a text stands for another."""

    def __init__(self, collector: str, answers: Mapping[str, str], change: tuple[str, str, str]) -> None:
        """Change the answer of that name: (name, text that it holds, text that it then has)."""
        super().__init__(collector, answers)
        self.answer, *self.texts = change

    def __call__(self, url: str, /, **more: Any) -> Capture:
        """Answer from memory."""
        page = super().__call__(url, **more)
        return with_text(page, *self.texts) if self.answers[self.asked[-1]] == self.answer else page


def ask(collector: Any, query: Any, get: Any) -> tuple[list[Capture], Any]:
    """Run ``pages`` to its end: the captures it yields, and why it stopped."""
    captures, pages = [], collector.pages(query, get)
    while True:
        try:
            captures.append(next(pages))
        except StopIteration as ended:
            return captures, ended.value


def damaged(capture: Capture, lists: int = 12) -> Iterator[Capture]:
    """A recorded answer with one item of a list of objects replaced by what is none: the first or the last of each.

    Nothing comes of an answer that holds no JSON list of objects. A file may assign its JSON to a name, as X's do.
    """
    for value, capture_of in _json(capture):
        for items in islice(_lists(value), lists):
            for number in {0, len(items) - 1}:
                for garbage in (None, 7, "x", {}):
                    items[number], item = garbage, items[number]
                    yield capture_of(value)
                    items[number] = item


def doubled(capture: Capture, lists: int = 12) -> Iterator[Capture]:
    """A recorded answer with the items of one list of objects in it twice, one list after the other."""
    for value, capture_of in _json(capture):
        for items in islice(list(_lists(value)), lists):
            items.extend(items[:])
            yield capture_of(value)
            del items[len(items) // 2 :]


def _json(capture: Capture) -> Iterator[tuple[Any, Callable[[Any], Capture]]]:
    """The JSON value of an answer and what makes a capture of another one; nothing of one that holds none."""
    start = capture.body.find(b"=") + 1 if capture.body.startswith(b"window.") else 0
    with suppress(ValueError):
        value = json.loads(capture.body[start:])
        yield value, lambda new: dataclasses.replace(capture, body=capture.body[:start] + json.dumps(new).encode())


def _lists(value: Any) -> Iterator[list[Any]]:
    """Every list of objects in a value, those that lie further out first."""
    inner = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        yield value
    for each in inner:
        yield from _lists(each)
