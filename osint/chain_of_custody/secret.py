"""Bytes that must not be seen: passphrases, PINs, messages that hold a private key."""

from __future__ import annotations

from typing import NoReturn


class Secret(bytes):
    """Bytes that no repr, format, traceback with local variables, or pickle shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<secret>"

    def __str__(self) -> str:
        return "<secret>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A secret does not leave the process that holds it.")
