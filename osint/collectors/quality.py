"""What an exhibit of a web page is worth: how much of the page it shows, and whether it holds what a court asks for.

The Berkeley Protocol on Digital Open Source Investigations (OHCHR and UC Berkeley, 2020/2022) names what a capture
holds at least: the address, the HTML source, and an image of the whole page.

Pure functions of a capture: the same exhibit gives the same word, with the network off and years later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from osint.capture.exchange import Capture
from osint.collectors.answer import challenge_in

Word = Literal["full", "partial", "shell", "wall", "gone"]

_READ_AT_MOST = 1_000_000  # characters of a page; a page is a few hundred thousand
_PASSWORD = re.compile(r"<input[^>]{0,300}type\s*=\s*[\"']?password", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_SIGN_IN_TITLE = re.compile(r"\W*(log|sign)[ -]?(in|on)\b", re.IGNORECASE)
_SIGN_IN_PATH = re.compile(r"/(login|log-in|signin|sign-in|sign_in|wp-login\.php|checkpoint|sso)\b", re.IGNORECASE)
_WITHHELD = (401, 403, 407, 429, 451)
_LACKING = {"none": "an image of the page", "part": "the lower part of the image", "whole": ""}


@dataclass(frozen=True, kw_only=True)
class Quality:
    """What an exhibit of a web page is worth.

    Attributes:
        word: ``full``: the page as it was shown to a visitor; ``partial``: a part of it; ``shell``: the frame of a page
            that scripts fill; ``wall``: a challenge, a block or a sign-in page in its place; ``gone``: the server says
            that there is no such page, or no longer.
        reason: Why, in a sentence.
        missing: What it lacks of the address, the HTML source and the image of the whole page, in words.
    """

    word: Word
    reason: str
    missing: tuple[str, ...]

    @property
    def minimum_met(self) -> bool:
        """Whether address, HTML source and an image of the whole page are there."""
        return not self.missing

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        told = {"quality": self.word, "reason": self.reason, "minimum_met": self.minimum_met}
        return {**told, "missing": list(self.missing)}


def judge(capture: Capture, *, is_shell: bool) -> Quality:
    """Return what the exhibit of a web page is worth; ``is_shell`` says that it waits for scripts to fill it."""
    word, reason = _judged(capture, is_shell=is_shell)
    named = {"the address": capture.url, "the HTML source": capture.body}
    lacking = [what for what, held in named.items() if not held] + [_LACKING[capture.picture]]
    return Quality(word=word, reason=reason, missing=tuple(filter(None, lacking)))


def asks_to_sign_in(capture: Capture) -> bool:
    """Say whether the page is a form to sign in: asked for by redirect, or titled so, and with a password field."""
    text = capture.text[:_READ_AT_MOST]
    if not _PASSWORD.search(text):
        return False
    title = _TITLE.search(text)
    sent_there = capture.via not in ("", capture.url) and _SIGN_IN_PATH.search(urlsplit(capture.url).path)
    return bool(sent_there or (title and _SIGN_IN_TITLE.match(title.group(1).strip())))


def _judged(capture: Capture, *, is_shell: bool) -> tuple[Word, str]:
    """Return the first word that fits, with its reason."""
    rendered = capture.made == "rendered"
    mark = challenge_in(capture)
    again = "" if rendered else " Collect it again with render=True."
    fitting: list[tuple[Word, object, str]] = [
        ("wall", mark, f"A challenge or block page stands in its place ({mark})."),
        ("gone", capture.status in (404, 410), f"The server answered {capture.status}: it is not there, or no longer."),
        ("wall", capture.status in _WITHHELD, f"The server answered {capture.status} and withholds the page."),
        ("wall", asks_to_sign_in(capture), "A sign-in page stands in its place."),
        ("partial", not 200 <= capture.status < 300, f"The server answered {capture.status}, which is no page."),
        ("partial", capture.problems, " ".join(capture.problems)),
        ("partial", not capture.body, "It holds nothing."),
        ("shell", is_shell, f"Scripts make its content, which is not in the exhibit.{again}"),
        ("full", True, "A browser loaded it to its end." if rendered else "The server sent it whole."),
    ]
    return next((word, reason) for word, fits, reason in fitting if fits)
