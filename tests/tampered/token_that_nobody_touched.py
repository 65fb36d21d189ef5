"""Malware signs with a FIDO token that was left plugged in; nobody touches it, and the signature says so."""

from __future__ import annotations

from dataclasses import replace

from tampered.sample import TOKEN, Copy

STEP, ENTRY, SAYS = 5, 23, "does not fit"


def commit(case: Copy) -> None:
    case.append("note", by=[replace(TOKEN, touched=False)])
