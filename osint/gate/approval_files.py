"""Requests for approval and their answers as signed files: by mail, on a stick, or in a folder that both can reach.

A file is one JSON object: what it is, what was said, the public key, and its signature over what was said in canonical
spelling (RFC 8785) inside DSSE's pre-authentication encoding. It holds names in clear, and is for those who may see the
case. What the words of a request say is made anew from its scope when it is read, so that they cannot say less.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from osint.chain_of_custody.canonical import canonical
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.keys import Signer, signature_holds
from osint.errors import OsintError, PolicyError
from osint.gate import files
from osint.instants import format_instant, parse_instant
from osint.policy.approval import GROUNDS, Approval, Request
from osint.policy.authorization import Authorization

REQUEST, ANSWER = "request for approval, version 1", "answer to a request for approval, version 1"
_LARGEST = 1 << 20
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_TEXTS = tuple(field.name for field in fields(Request) if field.type == "str")


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One request of a folder.

    Attributes:
        file: Where it is.
        request: What is asked; None where the file cannot be read.
        state: ``waiting``, ``granted``, ``refused``, ``expired``, or why the file cannot be read.
    """

    file: Path
    request: Request | None
    state: str


def write_request(request: Request, signer: Signer) -> str:
    """Return the signed file of a request."""
    said = {
        **{name: getattr(request, name) for name in _TEXTS if name != "key"},
        "grounds": list(request.grounds),
        "refused": list(request.refused),
        "scope": request.scope.as_dict(),
        "before": request.before.as_dict() if request.before else None,
        "in_words": request.in_words(),
    }
    return _signed(REQUEST, said, signer)


@lru_cache(maxsize=64)
def read_request(text: str) -> Request:
    """Read a request, its signature verified with the key that it names; whose key that is, the roster says.

    Raises:
        PolicyError: It is none, was altered, or its words are not those of its scope.
    """
    said, key = _opened(REQUEST, text)
    try:
        request = Request(
            **{name: _text(said[name]) for name in _TEXTS if name != "key"},
            key=key,
            grounds=tuple(each for each in said["grounds"] if each in GROUNDS),
            refused=tuple(map(_text, said["refused"])),
            scope=Authorization(**said["scope"]),
            before=Authorization(**said["before"]) if said["before"] else None,
        )
        in_time = parse_instant(request.requested) < parse_instant(request.expires)
    except (KeyError, TypeError, ValueError, OsintError) as error:
        raise PolicyError("This request lacks something, or holds what no request holds. Ask for a new one.") from error
    if not _ID.match(request.id):
        raise PolicyError("This request has no identifier that an entry could have.")
    if not in_time or len(request.grounds) != len(said["grounds"]) or request.in_words() != said.get("in_words"):
        raise PolicyError(
            "The words of this request are not those that its scope has in this release. Nothing was approved: ask for "
            "a new one, and use the same release on both machines."
        )
    return request


def write_answer(
    text: str, signer: Signer, *, approver: str, granted: bool, reason: str, opened: datetime, answered: datetime
) -> str:
    """Return the signed file of an answer; whether its signer may give it, the rules say.

    Args:
        text: The file of the request.
        signer: The key of whoever answers.
        approver: Name and badge.
        granted: Whether it is granted.
        reason: Why, in the words they typed.
        opened: When they were shown the request.
        answered: Now.

    Raises:
        PolicyError: The request cannot be read.
    """
    request = read_request(text)
    said = {
        "request": sha256(text.encode()),
        "id": request.id,
        "approver": approver,
        "granted": granted,
        "reason": reason,
        "opened": format_instant(opened),
        "answered": format_instant(answered),
    }
    return _signed(ANSWER, said, signer)


@lru_cache(maxsize=64)
def read_answer(text: str, request: str) -> Approval:
    """Read an answer to a request, both as files.

    Raises:
        PolicyError: One of them cannot be read, was altered, or the answer is to another request.
    """
    said, key = _opened(ANSWER, text)
    if said.get("request") != sha256(request.encode()):
        raise PolicyError("This answer is to another request than the one it is taken for.")
    try:
        return Approval(
            request=read_request(request),
            approver=_text(said["approver"]),
            key=key,
            granted=said["granted"] is True,
            reason=_text(said["reason"]),
            opened=format_instant(parse_instant(said["opened"])),
            answered=format_instant(parse_instant(said["answered"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyError("This answer lacks something, or holds what no answer holds.") from error


def answered_id(text: str) -> str:
    """Return the id of the request that an answer is to.

    Raises:
        PolicyError: It is no answer, or was altered.
    """
    return str(_opened(ANSWER, text)[0].get("id"))


def read_file(path: Path) -> str:
    """Return the text of such a file.

    Raises:
        PolicyError: It cannot be read, or is too large for one.
    """
    with files.explained(path, "read", files.APPROVAL), path.open("rb") as stream:
        data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise PolicyError(f"{path} is larger than any request or answer.")
        return data.decode("utf-8")


def put(folder: Path, name: str, text: str) -> Path:
    """Write such a file whole into a folder; one that is there is never written over.

    Raises:
        PolicyError: It is there already, or the folder cannot be written to.
    """
    path = folder / f"{name}.json"
    files.write(path, text, files.APPROVAL, over=False)
    return path


def waiting(folder: Path, now: datetime) -> list[Waiting]:
    """Return the requests of a folder with what became of each there, the oldest first.

    Whether an answer counts, the case decides that takes it; here only its signature is looked at.

    Raises:
        PolicyError: The folder cannot be listed.
    """
    texts = dict(_texts(folder, "request-"))
    answers = list(_texts(folder, "approval-"))
    found = [_waiting(path, text, [each for _, each in answers], now) for path, text in texts.items()]
    return sorted(found, key=lambda each: (each.request.requested if each.request else "", each.file.name))


def _waiting(path: Path, text: str, answers: list[str], now: datetime) -> Waiting:
    try:
        request = read_request(text)
    except PolicyError as error:
        return Waiting(file=path, request=None, state=str(error))
    given = []
    for each in answers:
        with suppress(PolicyError):  # an answer to another request, or none at all, answers nothing here
            given.append(read_answer(each, text).granted)
    if given:
        return Waiting(file=path, request=request, state="granted" if all(given) else "refused")
    return Waiting(file=path, request=request, state="expired" if now > request.expiry else "waiting")


def _texts(folder: Path, kind: str) -> Iterator[tuple[Path, str]]:
    there = files.listed(folder, ".json", files.APPROVAL)
    for path in (each for each in there if each.name.startswith(kind)):
        try:
            yield path, read_file(path)
        except PolicyError as error:
            yield path, str(error)


def _signed(kind: str, said: Mapping[str, Any], signer: Signer) -> str:
    signature = signer.sign(_message(kind, said))
    whole = {
        "osint": kind,
        "said": said,
        "algorithm": signer.algorithm,
        "public": base64.b64encode(signer.public).decode("ascii"),
        "signature": base64.b64encode(signature).decode("ascii"),
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _opened(kind: str, text: str) -> tuple[Mapping[str, Any], str]:
    """Return what was said, and the fingerprint of the key that signed it."""
    try:
        whole = json.loads(text)
        said, algorithm = whole["said"], whole["algorithm"]
        public, signature = (base64.b64decode(whole[name], validate=True) for name in ("public", "signature"))
        is_one = whole["osint"] == kind and isinstance(said, dict) and isinstance(algorithm, str)
        holds = is_one and signature_holds(public, signature, _message(kind, said), algorithm)
    except (KeyError, TypeError, ValueError, RecursionError, binascii.Error, OsintError) as error:
        raise PolicyError(f"This is no {kind.partition(',')[0]}.") from error
    if not is_one:
        raise PolicyError(f"This is no {kind.partition(',')[0]}.")
    if not holds:
        raise PolicyError("The signature does not fit: this file was altered after it was signed.")
    return said, sha256(public)


def _message(kind: str, said: Mapping[str, Any]) -> bytes:
    """Return what is signed. The type stands in it, so that no signature over anything else counts here."""
    name, body = f"application/vnd.osint; {kind}".encode(), canonical(dict(said), nfc=False)
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(body), body)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value
