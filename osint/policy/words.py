"""Words as they are compared: whoever writes them with other letters, dots or digits writes the same words.

This meets the cheapest disguises. It translates nothing, and what is meant without being said passes.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_LOOK_ALIKE = str.maketrans(
    "абвгдезіјкмнорстухѕьԁԛԝαβγεηικνορτυχıłøđ",
    "abbrae3ijkmhopctyxsbdqwabyenikvoptuxilod",
)
"""Letters of other alphabets by the Latin ones that they look like."""
_DIGITS = str.maketrans("013457@$!", "oieastasi")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][\W_]{1,2}){3,}[^\W\d_](?![^\W_])")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LETTER_BY_DIGIT = re.compile(r"(?=\S*[^\W\d_])\S*[0-9@$!]\S*")


def says_something(text: Any) -> bool:
    """Return whether a text holds a letter or a digit: blanks, dashes and what cannot be seen say nothing."""
    return any(map(str.isalnum, str(text or "")))


def folded(text: str) -> str:
    """Return a text in plain Latin letters where it is written with others that look alike, in one case.

    Accents, and what cannot be seen, are left out.
    """
    apart = unicodedata.normalize("NFKD", text)
    seen = "".join(each for each in apart if unicodedata.category(each) not in ("Mn", "Cf"))
    return seen.casefold().translate(_LOOK_ALIKE)


def spellings(text: str) -> list[str]:
    """Return a text as it may be read: as it stands, folded, its spaced letters joined, its digits as letters."""
    plain = folded(_CAMEL.sub(" ", text))
    joined = _SPACED.sub(lambda found: re.sub(r"[\W_]", "", found[0]), plain)
    read = _LETTER_BY_DIGIT.sub(lambda found: found[0].translate(_DIGITS), joined)
    return list(dict.fromkeys([text, plain, joined, read]))
