"""The kinds of draft, and what each is about. Which law a draft rests on, the policy pack says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from osint.errors import CaseError


class Kind(NamedTuple):
    """A kind of draft.

    Attributes:
        title: What it is called.
        value: The value of the policy pack that holds its paragraphs of law.
        file: Stem of its files.
        about: ``process`` how the records were made, ``copy`` that copies are what was taken in, ``own`` what the
            agency itself records in its regular activity, ``notice`` that records will be offered.
        served: Whether it is served some days before the trial begins.
    """

    title: str
    value: str
    file: str
    about: str
    served: bool = False


KINDS: Mapping[str, Kind] = {
    "902-13": Kind(
        "Certification of a record made by a process", "certificate_902_13", "certificate_902_13", "process"
    ),
    "902-14": Kind("Certification of a copy of data", "certificate_902_14", "certificate_902_14", "copy"),
    "902-11": Kind("Certification of the agency's own records", "certificate_902_11", "certificate_902_11", "own"),
    "490-692": Kind(
        "Affidavit of the custodian of records", "affidavit_490_692", "affidavit_490_692", "own", served=True
    ),
    "notice": Kind(
        "Notice of intent to offer records by certification", "notice_of_intent", "notice_of_intent", "notice"
    ),
}
"""Each kind by the word for it."""


def kind_of(name: str) -> Kind:
    """Return a kind; ``902(13)`` and ``490.692`` are read as well.

    Raises:
        CaseError: There is none of that name.
    """
    plain = name.replace("(", "-").replace(".", "-").rstrip(")")
    if plain not in KINDS:
        raise CaseError(f"Nothing is drafted as {name!r}. There are {', '.join(KINDS)}.")
    return KINDS[plain]
