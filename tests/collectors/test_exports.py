"""What the readers of exports share: times as platforms write them, and tables with something above their head."""

from __future__ import annotations

import pytest
from recorded import make_capture

from osint.collectors import exports
from osint.errors import UnreadableCaptureError


@pytest.mark.parametrize(
    ("written", "instant", "zone_known"),
    [
        ("Sat Dec 06 18:20:30 +0000 2025", "2025-12-06T18:20:30+00:00", True),
        ("Sat Dec 06 18:20:30 +0200 2025", "2025-12-06T16:20:30+00:00", True),
        ("Tue Mar 01 12:00:00 UTC 2022", "2022-03-01T12:00:00+00:00", True),
        ("2022-07-22 19:28:21 UTC", "2022-07-22T19:28:21+00:00", True),
        ("2022-07-22 19:28:21", "2022-07-22T19:28:21+00:00", False),
        ("2022-07-22T19:28:21.5+02:00", "2022-07-22T17:28:21.500000+00:00", True),
    ],
)
def test_a_time_is_read_as_its_platform_writes_it(written, instant, zone_known):
    """Only where the source is known to mean UTC does a time without a zone become an instant, and that is told."""
    reading = exports.dated(written, utc=True)

    assert (reading.raw, reading.instant.isoformat(), reading.zone_known) == (written, instant, zone_known)
    assert not reading.problem


def test_a_time_without_a_zone_is_no_instant_unless_the_source_means_utc():
    """It stays as it was written."""
    reading = exports.dated("2022-07-22 19:28:21")

    assert (reading.raw, reading.instant) == ("2022-07-22 19:28:21", None)
    assert "names no time zone" in reading.problem


@pytest.mark.parametrize("written", ["Sat Dec 36 18:20:30 +0000 2025", "2022-13-01 10:00:00 UTC", "yesterday"])
def test_an_impossible_time_is_repeated_as_it_was_written(written):
    """The message has the words of the file, not of what was tried."""
    assert repr(written) in exports.dated(written, utc=True).problem


@pytest.mark.parametrize(
    ("value", "instant"),
    [("1577836800", "2020-01-01"), (1577836800, "2020-01-01"), (0, None), (10**17, None), (True, None), ("-5", None)],
)
def test_seconds_since_1970_are_read_within_reason(value, instant):
    """What no calendar holds is no instant."""
    reading = exports.of_epoch(value)

    assert (reading and reading.instant.date().isoformat()) == instant


def rows(body):
    return list(exports.table(make_capture(body, "https://a.example/"), "a table", "id", "sent_at"))


def test_a_table_is_found_under_what_stands_above_it():
    """Names of columns lose capitals, spaces and hyphens; a row is named by the line at which it starts."""
    body = b'Target: jane\n=====\n\n\xef\xbb\xbfnone\n"ID",Sent-At , Text\r\n1,now,"a\r\nb"\r\n\r\n2,then\r\n'

    assert rows(body) == [
        ("line 6", {"id": "1", "sent_at": "now", "text": "a\r\nb"}),
        ("line 9", {"id": "2", "sent_at": "then"}),
    ]


@pytest.mark.parametrize(
    "body", [b"", b"id,text\n1,2\n", b"x\n" * 300 + b"id,sent_at\n", b'id,sent_at\n"' + b"x" * 200_000]
)
def test_what_is_no_such_table_is_unreadable(body):
    """A head that comes too late is none; a field without an end is no field."""
    with pytest.raises(UnreadableCaptureError):
        rows(body)


def test_an_id_that_is_made_follows_from_what_was_said():
    """The same entry has the same id in every export."""
    assert exports.made_id("a", None, 1) == exports.made_id("a", None, 1) != exports.made_id("a", None, 2)
    assert exports.made_id("a", "b") != exports.made_id("ab", "")


def test_a_name_is_found_on_the_host_itself_only():
    """A look-alike names nobody."""
    assert exports.name_in("https://x.com/jane", ("x.com",), r"/(\w+)") == "jane"
    assert exports.name_in("https://x.com.example/jane", ("x.com",), r"/(\w+)") is None
    assert exports.name_in("http://[::1/jane", ("x.com",), r"/(\w+)") is None
