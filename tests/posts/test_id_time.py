"""The time that a platform puts into its ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.activity import Post
from osint.posts.frame import posts_frame
from osint.posts.id_time import far_apart, time_in_id

MADE = datetime(2026, 5, 6, 9, 30, 15, 123000, tzinfo=UTC)
MS = 1_778_059_815_123  # MADE in milliseconds since 1970


@pytest.mark.parametrize(
    ("platform", "native_id", "instant"),
    [
        # documented examples
        ("x", "1541815603606036480", datetime(2022, 6, 28, 16, 7, 40, 105000, tzinfo=UTC)),
        ("discord", "175928847299117063", datetime(2016, 4, 30, 11, 18, 25, 796000, tzinfo=UTC)),
        # built by the documented layout
        ("x", str((MS - 1_288_834_974_657) << 22 | 0x3FFFFF), MADE),
        ("instagram", str((MS - 1_314_220_021_721) << 23 | 5) + "_77", MADE),
        ("threads", str((MS - 1_314_220_021_721) << 23), MADE),
        ("tiktok", str(MS // 1000 << 32 | 9), MADE.replace(microsecond=0)),
    ],
)
def test_the_id_tells_when_the_post_was_made(platform, native_id, instant):
    """The examples of the documentation, and ids built as it says."""
    assert time_in_id(platform, native_id) == instant


def test_a_record_key_of_bluesky_tells_it_to_the_microsecond():
    """Thirteen sortable letters: 53 bits of microseconds, 10 of the clock that gave it."""
    alphabet, number, key = "234567abcdefghijklmnopqrstuvwxyz", (MS * 1000 + 456) << 10 | 3, ""
    while len(key) < 13:
        number, letter = divmod(number, 32)
        key = alphabet[letter] + key

    assert time_in_id("bluesky", f"at://did:plc:abc/app.bsky.feed.post/{key}") == MADE + timedelta(microseconds=456)


def test_a_short_code_is_the_media_id_in_another_spelling():
    """What the address of a post holds tells the same instant."""
    letters, number, code = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 0, ""
    pk = number = (MS - 1_314_220_021_721) << 23 | 1234
    while number:
        number, letter = divmod(number, 64)
        code = letters[letter] + code

    assert time_in_id("instagram", code) == time_in_id("instagram", str(pk)) == MADE


@pytest.mark.parametrize(
    ("platform", "native_id"),
    [
        ("x", "20"), ("x", "26999999999"), ("x", "-1541815603606036480"), ("x", "١٥٤١٨١٥٦٠٣٦٠٦٠٣٦٤٨٠"), ("x", ""),
        ("x", "9" * 400), ("discord", "3"), ("tiktok", "123"), ("instagram", "jane"), ("bluesky", "at://did:plc:a/b/self"),
        ("bluesky", "zzzzzzzzzzzzz"), ("mastodon", "1541815603606036480"), ("telegram", "jane/12"),
    ],
)  # fmt: skip
def test_what_holds_no_time_tells_none(platform, native_id):
    """Running numbers, other spellings, and platforms without time in their ids."""
    assert time_in_id(platform, native_id) is None


@given(platform=st.sampled_from(["x", "discord", "instagram", "threads", "tiktok", "bluesky"]), native_id=st.text())
def test_no_id_makes_it_raise(platform, native_id):
    """Ids come from outside."""
    assert time_in_id(platform, native_id) is None or time_in_id(platform, native_id).tzinfo is UTC


@given(number=st.integers(0, 10**20))
def test_no_number_makes_it_raise(number):
    """Numbers of every size are ids of some platform."""
    for platform in ("x", "discord", "instagram", "tiktok"):
        time_in_id(platform, str(number))


def test_a_claim_more_than_five_minutes_off_is_flagged():
    """Five minutes either way are the clocks; where one of the two is unknown, nothing is said."""
    assert far_apart(MADE, MADE + timedelta(minutes=5)) is False
    assert far_apart(MADE, MADE - timedelta(minutes=5, microseconds=1)) is True
    assert far_apart(None, MADE) is None
    assert far_apart(MADE, None) is None


def test_the_posts_table_shows_both_times():
    """The claimed instant, the one in the id, and whether they differ."""
    given = {"platform": "x", "type": "Note", "exhibit": "E0001", "pointer": "", "collector": "x/1", "collected": MADE}
    honest, backdated, undated = (
        Post(id=f"x:{n}", native_id=str(1541815603606036480 + n), published=published, **given)
        for n, published in ((0, datetime(2022, 6, 28, 16, 7, 40, tzinfo=UTC)), (1, MADE), (2, None))
    )

    frame = posts_frame([honest, backdated, undated]).set_index("id")

    assert set(frame["time_in_id"]) == {datetime(2022, 6, 28, 16, 7, 40, 105000, tzinfo=UTC)}
    assert not frame.loc["x:0", "times_differ"]
    assert frame.loc["x:1", "times_differ"]
    assert frame["times_differ"].isna().to_dict() == {"x:0": False, "x:1": False, "x:2": True}
