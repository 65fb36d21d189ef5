"""The records of a signed repository of Bluesky, as :mod:`osint.collectors.car` reads it, and what is wrong with it.

Source: https://atproto.com/specs/repository.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from osint.activity import Post, Record
from osint.capture.exchange import Capture
from osint.collectors.answer import read_json, warning
from osint.collectors.bluesky_records import (
    act_records,
    is_act,
    post_records,
    profile_records,
    record_at,
)
from osint.collectors.car import CarError, Repository, read_repository
from osint.collectors.did_key import Verdict, judge, key_in
from osint.errors import UnreadableCaptureError

_EFFECTS: Mapping[Verdict, str] = {
    "key not known": "Hashes lead from every record to the commit; whether the account signed it, nobody has checked. "
    "The key stands in the account's DID document, which a run asks for where the authority covers its host.",
    "does not hold": "Hashes lead from every record to the commit, and the account's key of today did not sign it: it "
    "was altered, or signed before the key was changed. What it says is in the tables.",
}
_MOST_NAMED = 40  # kinds of records that are no posts


def is_repository(body: bytes) -> bool:
    """Say whether a file starts like a repository."""
    return b"eroots" in body[:120] and b"gversion" in body[:120]


def open_repository(capture: Capture) -> Repository:
    """Read a repository.

    Raises:
        UnreadableCaptureError: The capture is none.
    """
    try:
        return read_repository(capture.body)
    except CarError as error:
        raise UnreadableCaptureError(capture.exhibit, "a repository of the AT Protocol", str(error)) from error


def records_of(repository: Repository, capture: Capture) -> Iterator[Record]:
    """Yield the posts, acts and the profile of a repository, then what is wrong with it.

    Each post says in ``extra["signature"]`` what became of the signature that it hangs from, and which exhibit holds
    the key.
    """
    verdict, key = _signature(repository, capture)
    if verdict != "verified":
        what = f"The signature of the commit (revision {repository.rev[:40]}): {verdict}."
        yield warning(capture, "", what, _EFFECTS[verdict])
    told = {"verdict": verdict, "key": key}
    for record in _records(repository, capture):
        yield replace(record, extra={**record.extra, "signature": told}) if isinstance(record, Post) else record


def _signature(repository: Repository, capture: Capture) -> tuple[Verdict, str | None]:
    """Say whether the account signed the commit, by the DID document beside the repository, and its exhibit."""
    for document in capture.beside:
        if key := key_in(_json(document), repository.did):
            return judge(repository.signed, repository.signature, key), document.exhibit
    return "key not known", None


def _json(capture: Capture) -> Any:
    try:
        return read_json(capture, "a DID document")
    except UnreadableCaptureError:  # it states no key then
        return None


def _records(repository: Repository, capture: Capture) -> Iterator[Record]:
    did, others = repository.did, dict[str, int]()
    for path, cid, value in repository.records:
        collection = path.partition("/")[0]
        record = record_at(f"at://{did}/{path}")
        kind = value.get("$type") if isinstance(value, dict) else None
        if record is None or kind != collection:
            yield warning(capture, f"/{path}", "This is no record of its collection.", "It is not in the tables.")
        elif collection == "app.bsky.feed.post":
            yield from post_records(f"/{path}", {"cid": cid}, value, record, capture)
        elif is_act(record):
            yield from act_records(f"/{path}", cid, value, record, capture)
        elif path == "app.bsky.actor.profile/self":
            yield from profile_records({**value, "did": did, "handle": None}, capture)
        else:
            others[collection] = others.get(collection, 0) + 1
    yield from _repository_warnings(repository, others, capture)


def _repository_warnings(repository: Repository, others: Mapping[str, int], capture: Capture) -> Iterator[Record]:
    if others:
        named = ", ".join(f"{count} {name}" for name, count in sorted(others.items())[:_MOST_NAMED])
        named += f", and {len(others) - _MOST_NAMED} kinds more" if len(others) > _MOST_NAMED else ""
        yield warning(capture, "", f"The repository also holds {named}.", "These are no posts and not in the tables.")
    if repository.cut:
        yield warning(capture, "", "The file breaks off.", "The tables hold what its tree led to before the break.")
    if repository.altered:
        what = f"Blocks that do not have the hash that names them: {repository.altered}."
        yield warning(capture, "", what, "They were left out: somebody altered them, or they were damaged.")
    if repository.missing:
        what = f"Blocks that the tree names and the file lacks: {len(repository.missing)}."
        yield warning(capture, "", what, "Those records, or branches of records, are not in the tables.")
    if repository.unreached:
        what = f"Blocks that lie in the file, and the commit does not lead to: {repository.unreached}."
        effect = "Part of the tree is missing, so nobody can say whether" if repository.missing else "It is not so that"
        yield warning(capture, "", what, f"{effect} the account signed them. They are not in the tables.")
