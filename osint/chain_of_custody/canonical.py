"""Canonical JSON (RFC 8785), narrowed so that every reader sees the same value.

No floats, no integer beyond 2^53-1 either way, no text that is not UTF-8, and in the clear part no text that is not
NFC, nothing nested more than 100 deep. Reading is as strict: a name twice in one object, a float or ``NaN`` is refused
rather than resolved.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from typing import Any

import rfc8785

from osint.errors import LedgerError

LARGEST_INTEGER = 2**53 - 1
DEEPEST = 100
"""Arrays and objects within each other. Without a bound of its own a reader's verdict would hang on its free stack."""


def canonical(value: Any, *, nfc: bool = True) -> bytes:
    """Return the RFC 8785 bytes of a JSON value made of dicts, lists, tuples, strings, integers, booleans and None.

    Args:
        value: What to spell.
        nfc: Refuse text that is not NFC. Off for disclosures only: they hold what a person wrote, as written.

    Raises:
        LedgerError: The value cannot be spelt in one way only.
    """
    try:
        ascii_names = _check(value, nfc)
    except RecursionError as error:
        raise LedgerError("values are nested too deeply") from error
    # Same bytes, a tenth of the time: without floats the two differ only in the order of names beyond ASCII.
    spelt = _ENCODER.encode(value).encode("utf-8") if ascii_names else rfc8785.dumps(value)
    if _is_deep(spelt, value):
        raise LedgerError("values are nested too deeply")
    return spelt


def is_canonical(data: bytes, value: Any) -> bool:
    """Return whether bytes are the canonical spelling of the value that :func:`strict_loads` read from them."""
    if data.isascii():  # then so are names and text, or the spelling below differs
        return _ENCODER.encode(value) == data.decode("ascii")
    try:
        return canonical(value) == data
    except LedgerError:
        return False


def strict_loads(data: bytes) -> Any:
    """Read JSON, refusing what two readers could read differently.

    Raises:
        LedgerError: Not UTF-8, not JSON, a name twice in one object, a float, an integer beyond 2^53-1, nested more
            than 100 deep.
    """
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise LedgerError(f"not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise LedgerError("JSON nested too deeply") from error
    except ValueError as error:
        raise LedgerError(f"not JSON: {error}") from error
    if _is_deep(data, value):
        raise LedgerError("JSON nested too deeply")
    return value


def _is_deep(spelt: bytes, value: Any) -> bool:
    """Return whether arrays and objects stand more than ``DEEPEST`` deep within each other."""
    if spelt.count(b"[") + spelt.count(b"{") <= DEEPEST:  # nearly always, and then there is no need to walk
        return False
    layer = [value]
    for _ in range(DEEPEST):
        layer = [inner for outer in layer for inner in _inside(outer) if isinstance(inner, (dict, list, tuple))]
    return bool(layer)


def _inside(value: Any) -> Iterable[Any]:
    match value:
        case dict():
            return value.values()
        case list() | tuple():
            return value
    return ()


def _check(value: Any, nfc: bool) -> bool:
    """Refuse what has no one spelling; return whether all names of objects are ASCII."""
    if isinstance(value, str):
        _check_text(value, nfc)
    elif isinstance(value, dict):
        return _check_names(value, nfc) & _check_items(value.values(), nfc)
    elif isinstance(value, (list, tuple)):
        return _check_items(value, nfc)
    elif isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise LedgerError(f"the integer {value} lies beyond 2^53-1, so readers would disagree about it")
    elif value is not None:
        raise LedgerError(f"a {type(value).__name__} has no canonical spelling here; write it as text")
    return True


def _check_items(items: Iterable[Any], nfc: bool) -> bool:
    # Every one is looked at, which all() would not do. Plain ASCII text, as most items are, is not worth the call.
    return False not in [_check(item, nfc) for item in items if type(item) is not str or not item.isascii()]


def _check_names(names: Iterable[Any], nfc: bool) -> bool:
    ascii_names = True
    for name in names:
        if not isinstance(name, str):
            raise LedgerError(f"a name in an object is a {type(name).__name__}, not text")
        if not name.isascii():
            _check_text(name, nfc)
            ascii_names = False
    return ascii_names


def _check_text(text: str, nfc: bool) -> None:
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise LedgerError("text holds half of a surrogate pair, which is no character") from error
    if nfc and not unicodedata.is_normalized("NFC", text):
        raise LedgerError("text in the clear part is not in Unicode normalization form C")


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise LedgerError("an object names the same member twice")
    return found


def _refuse_number(text: str) -> Any:
    raise LedgerError(f"the number {text[:30]} is not an integer")


def _integer(text: str) -> int:
    if len(text) > 17 or abs(value := int(text)) > LARGEST_INTEGER:
        raise LedgerError(f"the integer {text[:30]} lies beyond 2^53-1")
    return value


_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), sort_keys=True)
_DECODER = json.JSONDecoder(
    object_pairs_hook=_no_name_twice, parse_float=_refuse_number, parse_constant=_refuse_number, parse_int=_integer
)
