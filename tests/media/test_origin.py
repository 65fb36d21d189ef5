"""What names, addresses and marks are consistent with: every rule has an example that fits and one that does not."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

import pytest

from osint.media.origin import rules, traces
from osint.media.value import Value

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SNOWFLAKE_OF_X = (1_780_000_000_000 - 1_288_834_974_657) << 22
X_NAME = base64.urlsafe_b64encode(SNOWFLAKE_OF_X.to_bytes(8, "big") + b"abc").decode().rstrip("=")
DISCORD = str((1_780_000_000_000 - 1_420_070_400_000) << 22)
MASTODON = str(1_780_000_000_000 << 16)

FITS = {
    "facebook-name": ("469812345_10161234567890123_1234567890123456789_n.jpg", None),
    "x-media-name": (f"{X_NAME}.jpg", "2026-05-28T20:26:40Z"),
    "discord-attachment": (
        f"https://cdn.discordapp.com/attachments/123456789012345678/{DISCORD}/a.png",
        "2026-05-28T20:26:40Z",
    ),
    "mastodon-media": (
        "https://files.social.example/media_attachments/files/"
        + "/".join(re.findall("...", MASTODON))
        + "/original/0123456789abcdef.jpeg",
        "2026-05-28T20:26:40Z",
    ),
    "flickr-name": ("53412345678_0a1b2c3d4e_b.jpg", None),
    "whatsapp-name": ("IMG-20260503-WA0007.jpg", "2026-05-03"),
    "whatsapp-desktop-name": ("WhatsApp Image 2026-05-03 at 14.22.11.jpeg", "2026-05-03T14:22:11"),
    "telegram-export-name": ("photo_12@03-05-2026_14-22-11.jpg", "2026-05-03T14:22:11"),
    "signal-name": ("signal-2026-05-03-142211.jpg", "2026-05-03T14:22:11"),
    "pixel-camera-name": ("PXL_20260503_122211123.jpg", "2026-05-03T12:22:11.123Z"),
    "android-screenshot-name": ("Screenshot_20260503-142211_Chat.png", "2026-05-03T14:22:11"),
    "macos-screenshot-name": ("Screen Shot 2026-05-03 at 14.22.11.png", "2026-05-03T14:22:11"),
}


def seen(text: str, **more) -> list[Value]:
    where = {"url": text, "name": None} if text.startswith("https:") else {"name": text, "url": None}
    return list(traces(**{**where, "values": (), "now": NOW, **more}))


@pytest.mark.parametrize("rule", FITS)
def test_a_name_that_fits_is_told_with_the_time_that_it_holds(rule):
    """The rule, what it says, and when it was last seen to hold."""
    text, time = FITS[rule]

    mark, *times = [value for value in seen(text) if value.name == rule]

    assert (mark.fact, mark.group, "consistent with" in mark.warnings[0] or "is that of" in mark.warnings[0]) == (
        "platform_mark",
        "origin",
        True,
    )
    assert "last seen to hold:" in mark.warnings[1]
    assert [value.value for value in times] == ([] if time is None else [time])


def test_every_rule_has_an_example():
    """Two of them are read from something else than a name."""
    assert {rule.id for rule in rules()} == {*FITS, "facebook-fbmd"}


def test_the_mark_of_meta_in_iptc_is_told_without_a_meaning_for_its_numbers():
    """They are not published, and identify nobody."""
    value = Value(block="IPTC", name="SpecialInstructions", tag_id="2:40", text="FBMD01000a9f", reader="osint IPTC")

    (mark,) = traces(name=None, url=None, values=[value], now=NOW)

    assert (mark.name, mark.block) == ("facebook-fbmd", "IPTC")


@pytest.mark.parametrize(
    "name", ["holiday.jpg", "IMG_0001.JPG", "abcdefghijklmno.jpg", "", "a" * 5000, "IMG-20260503-WA7.jpg"]
)
def test_other_names_are_consistent_with_nothing(name):
    """Fifteen letters alone are no name of X: they hold no time at which it was there."""
    assert seen(name) == []


def test_a_number_that_gives_a_time_to_come_is_like_one_by_chance():
    """The file cannot be younger than its capture."""
    name = FITS["x-media-name"][0]

    assert seen(name, now=datetime(2026, 5, 1, tzinfo=UTC)) == []


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_no_rule_says_more_than_it_can(rule):
    """And each says when it was last seen to hold, as a day or as unverified."""
    said = f"{rule.says} {rule.platform}".casefold()

    assert not re.search(r"\b(downloaded from|authentic|fake|original|taken (by|at))\b", said)
    assert rule.verified_on == "unverified" or datetime.fromisoformat(rule.verified_on)
    assert rule.looks_at in ("name", "address", "SpecialInstructions")


def test_a_name_of_a_day_that_does_not_exist_gives_no_time():
    """The mark stays."""
    (mark,) = seen("IMG-20261399-WA0007.jpg")

    assert mark.fact == "platform_mark"
