"""The one door to the network: scope, pace, patience, preservation and an entry for every attempt."""

from __future__ import annotations

import contextlib
import gzip
import os
import signal
import time
from collections import deque
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from origin import NOON, drip, http

from osint import warc
from osint.capture.errand import Errand
from osint.capture.network import Network
from osint.capture.preserved import preserved, usable
from osint.errors import (
    AddressRefusedError,
    AuthorizationError,
    CaptureError,
    EvidenceError,
    OutOfScopeError,
    RateLimitedError,
    UnreachableError,
)
from osint.query import make_query

PAGE = http(b"<html><title>t</title></html>", "Content-Type: text/html")


class Opened:
    """A case with an errand under way, and the waits that the door asked for."""

    def __init__(self, open_case, network, in_scope=lambda url: "elsewhere" not in url):
        self.case = open_case(network=network)
        self.waits: list[float] = []
        self.case._door._patience.wait = lambda seconds, reason: self.waits.append(seconds)
        admission = self.case._gate.admit(make_query(url="http://127.0.0.1/"), "webpage/1")
        self.errand = Errand(search=admission.entry, standing=admission.standing, in_scope=in_scope)
        self.get = partial(self.case._door.get, self.errand)

    @property
    def acquisitions(self) -> list[tuple[str, str, str]]:
        log = self.case.ledger.query("action == 'acquire'")
        return list(zip(log["outcome"], log["exhibit"].fillna(""), log["details"], strict=True))


@pytest.fixture
def opened(open_case, loopback):
    return Opened(open_case, loopback)


def test_a_capture_is_preserved_and_logged_before_it_is_read(opened, origin):
    """
    What get returns has an exhibit, an entry, and a blob that verifies.
    """
    capture = opened.get(origin.serve("/?a=1&b=c+d", PAGE).partition("?")[0], a=1, b="c d")

    assert (capture.exhibit, capture.status) == ("E0001", 200)
    assert origin.paths == ["/?a=1&b=c+d"]
    assert [entry[:2] for entry in opened.acquisitions] == [("done", "E0001")]
    assert opened.case.verify().exhibits == 1


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone", "500 Broken"])
def test_an_error_answer_is_a_finding_and_is_preserved(status, opened, origin):
    """
    "Gone on this date" is evidence like any other.
    """
    capture = opened.get(origin.serve("/", http(b"no", status=status)))

    assert int(status[:3]) == capture.status
    assert opened.acquisitions[0][0] == "done"


def test_every_hop_of_a_redirect_is_an_exhibit(opened, origin):
    """
    The answer knows the address first asked for.
    """
    origin.serve("/b", http(b"", "Location: /c", status="302 Found"))
    origin.serve("/c", PAGE)
    first = origin.serve("/a", http(b"", "Location: b", status="301 Moved"))

    capture = opened.get(first)

    assert (first, "E0003") == (capture.via, capture.exhibit)
    assert origin.paths == ["/a", "/b", "/c"]


def test_a_redirect_in_another_script_is_followed(opened, origin):
    """
    Servers put UTF-8 into Location; the hop asks for the same path percent-encoded, and the record names it so.
    """
    origin.serve("/%D0%B3%D0%BE%D1%80%D0%BE%D0%B4", PAGE)
    first = origin.serve("/", http(b"", "Location: /" + "город".encode().decode("latin-1"), status="302 Found"))

    capture = opened.get(first)

    assert capture.status == 200
    with opened.case._blobs.open(opened.case._ledger.exhibits()[1].sha256) as blob:
        targets = {record.headers.get("warc-target-uri", "").isascii() for record in warc.read(blob)}
    assert targets == {True}


def test_redirects_without_end_are_an_error(opened, origin):
    """
    A loop stops after five hops, every one of them preserved.
    """
    with pytest.raises(CaptureError, match="redirected 6 times"):
        opened.get(origin.serve("/", http(b"", "Location: /", status="302 Found")))

    assert len(opened.acquisitions) == 6


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data/", "http://2130706433/", "http://10.0.0.8/", "http://[::1]/"]
)
def test_a_redirect_to_a_private_address_is_refused_at_that_hop(target, open_case, origin):
    """
    The hop is logged as failed; the redirect itself is preserved; nothing is asked of the address.
    """
    opened = Opened(open_case, Network(hosts={"origin.example": ("127.0.0.1", origin.port)}, pace=0))
    origin.serve("/", http(b"", f"Location: {target}", status="302 Found"))

    with pytest.raises(AddressRefusedError):
        opened.get("http://origin.example/")

    assert [entry[0] for entry in opened.acquisitions] == ["done", "failed"]
    assert "AddressRefusedError" in opened.acquisitions[1][2]
    assert len(origin.requests) == 1


def test_a_redirect_out_of_scope_is_refused_and_logged(opened, origin):
    """
    A host that is not under authority is not asked, and the message says how to add it.
    """
    with pytest.raises(OutOfScopeError, match=r"case\.extend\(urls"):
        opened.get(origin.serve("/", http(b"", "Location: https://elsewhere.example/", status="302 Found")))

    assert [entry[0] for entry in opened.acquisitions] == ["done", "failed"]


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/hosts", "http://user:password@127.0.0.1/"])
def test_only_public_web_addresses_are_asked(url, opened):
    """
    Other schemes and addresses with a user name never reach a socket.
    """
    with pytest.raises(OutOfScopeError, match="not a public web address"):
        opened.get(url)


@pytest.mark.parametrize(
    "target",
    [
        "https://user:S3CRETpass@127.0.0.1/?token=S3CRET", "ftp://127.0.0.1/?access_token=S3CRET",
        "http://127.0.0.1:99999/?token=S3CRET", "http://exa mple.example/?token=S3CRET", "http://[u:S3CRET@a/",
    ],
)  # fmt: skip
def test_the_refusal_of_a_redirect_repeats_no_secret(target, opened, origin):
    """
    What is no public web address is named in the message and in the ledger, without what may open an account.
    """
    with pytest.raises(CaptureError, match="REPLACED-BY-OSINT") as caught:
        opened.get(origin.serve("/", http(b"", f"Location: {target}", status="302 Found")))

    assert "S3CRET" not in f"{caught.value} {[entry.private for entry in opened.case._ledger.entries()]}"


def test_no_answer_is_an_entry_of_the_same_weight(opened, origin):
    """
    A failed attempt says what was tried and what failed.
    """
    with pytest.raises(UnreachableError):
        opened.get("http://127.0.0.1:9/")

    outcome, exhibit, details = opened.acquisitions[0]
    assert (outcome, exhibit) == ("failed", "")
    assert "http://127.0.0.1:9/" in details
    assert "no connection could be made" in details


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 7", 7),
        ("Retry-After: Mon, 01 Jun 2026 12:00:30 GMT", 30),
        ("X-RateLimit-Reset: 2026-06-01T12:00:45Z", 45),
    ],
)
def test_the_wait_a_host_asks_for_is_kept(header, seconds, opened, origin):
    """
    Seconds, a date, and Mastodon's reset instant are understood; the refusal and the answer are both preserved.
    """
    url = origin.serve("/", http(b"later", header, status="429 Too Many Requests"), PAGE)

    capture = opened.get(url)

    assert (200, [seconds]) == (capture.status, opened.waits)
    assert len(opened.acquisitions) == 2


def test_a_wait_beyond_patience_ends_the_run_at_once(opened, origin):
    """
    The tool does not sleep for hours in silence: it stops and says how to go on.
    """
    with pytest.raises(RateLimitedError, match=r"3600 seconds.*case\.resume"):
        opened.get(origin.serve("/", http(b"later", "Retry-After: 3600", status="429 Too Many Requests")))

    assert opened.waits == []


def test_a_host_that_always_says_later_is_asked_four_times(opened, origin):
    """
    Then the run ends, with growing waits between the attempts.
    """
    with pytest.raises(RateLimitedError, match="4 times"):
        opened.get(origin.serve("/", http(b"later", status="429 Too Many Requests")))

    assert (len(origin.requests), opened.waits) == (4, [1, 2, 4])


def test_a_source_that_wants_a_slower_pace_gets_it(open_case, loopback, origin, monkeypatch):
    """
    The slower of the two paces counts, and a wait of some length is shown.
    """
    opened = Opened(open_case, replace(loopback, pace=3.0))
    waits, slept = [], []
    monkeypatch.setattr(
        opened.case._door._patience, "wait", lambda seconds, reason: waits.append((round(seconds), reason))
    )
    monkeypatch.setattr("osint.capture.patience.time.sleep", slept.append)

    opened.case._door._patience.keep_pace("127.0.0.1", 0, opened.case.network)
    opened.case._door._patience.keep_pace("127.0.0.1", 20, opened.case.network)
    opened.case._door._patience.keep_pace("127.0.0.1", 20, opened.case.network)

    assert [round(seconds) for seconds in slept] == [3]
    assert waits == [(23, "The next turn at 127.0.0.1")]


def test_a_host_that_put_us_off_is_not_asked_by_the_next_run(opened, origin):
    """
    Neither by another case of this user: it was told how long to stay away.
    """
    url = origin.serve("/", http(b"", "Retry-After: 9999", status="429 Too Many Requests"), PAGE)
    with pytest.raises(RateLimitedError, match="asks to come back in 9999 seconds"):
        opened.get(url)

    with pytest.raises(RateLimitedError, match="It was not asked again"):
        opened.get(url)

    assert len(origin.requests) == 1


def test_making_tables_again_puts_no_host_off(open_case, origin, loopback):
    """
    What an answer of an earlier run asked for was long ago.
    """
    case = open_case(network=replace(loopback, patience=0, attempts=1))
    with pytest.raises(RateLimitedError):
        case.collect("webpage", url=origin.serve("/", http(b"", "Retry-After: 7200", status="429 Too Many Requests")))
    assert case._pacer.put_off_for("127.0.0.1") > 7000
    case._pacer._connection.execute("DELETE FROM turns")

    case.rebuild()

    assert case._pacer.put_off_for("127.0.0.1") == 0


def test_a_host_that_says_that_nothing_is_left_is_left_alone(opened, origin):
    """
    The answer that says so is used; the next request waits for what the host named.
    """
    url = origin.serve("/", http(b"x", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 4102444800"))

    assert opened.get(url).body == b"x"
    with pytest.raises(RateLimitedError, match="It was not asked again"):
        opened.get(url)

    assert len(origin.requests) == 1


def test_what_is_posted_is_sent_once_preserved_and_logged(opened, origin):
    """
    The question is in the entry, the bytes are in the evidence, and a redirect is an answer and no new place to post to.
    """
    url = origin.serve("/search", http(b"[]", "Content-Type: application/json"))
    capture = opened.case._door.get(opened.errand, url, accept="application/json", body={"take": 2})
    away = origin.serve("/away", http(b"", "Location: /search", status="307 Temporary Redirect"))

    redirected = opened.case._door.get(opened.errand, away, body={"take": 2})

    assert origin.requests[0].startswith(b"POST /search HTTP/1.1")
    assert b"Accept: application/json" in origin.requests[0]
    assert origin.requests[0].endswith(b'{"take": 2}')
    entry = next(each for each in opened.case._ledger.entries() if each.exhibit == capture.exhibit)
    assert entry.private["body"] == '{"take": 2}'
    assert (redirected.status, origin.paths) == (307, ["/search", "/away"])


def test_an_interrupted_run_is_answered_from_evidence_first(opened, origin):
    """
    What was preserved is not asked for again; after it the network answers.
    """
    first, second = origin.serve("/1", PAGE), origin.serve("/2", PAGE)
    opened.get(first)
    replay = preserved(opened.case._ledger.entries(), [opened.errand.search.leaf.hex()])
    again = Errand(
        search=opened.errand.search, standing=opened.errand.standing, in_scope=opened.errand.in_scope, replay=replay
    )

    captures = [opened.case._door.get(again, url) for url in (first, second)]

    assert [capture.exhibit for capture in captures] == ["E0001", "E0002"]
    assert origin.paths == ["/1", "/2"]


def test_offline_nothing_is_asked(opened, origin):
    """
    Rebuilding never opens a socket: what evidence does not answer ends the run.
    """
    errand = Errand(search=opened.errand.search, standing=None)

    with pytest.raises(CaptureError, match="No exhibit"):
        opened.case._door.get(errand, origin.serve("/", PAGE))

    assert origin.requests == []


def test_a_truncated_answer_is_kept_and_the_reader_is_told(opened, origin):
    """
    A body that breaks off is evidence with a mark.
    """
    capture = opened.get(origin.serve("/", drip(http(b"half", "Content-Length: 99", length=False), reset=True)))

    assert capture.body == b"half"
    assert "The answer was cut (disconnect)." in capture.problems


def test_a_disk_that_is_full_leaves_no_half_evidence(opened, origin, monkeypatch):
    """
    When the evidence cannot be written, nothing is logged as taken in, the attempt is an entry, and the case still verifies.
    """

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("osint.store.blobs.sync", full)
    with pytest.raises((EvidenceError, OSError), match=r"(?i)space|full"):
        opened.get(origin.serve("/", PAGE))
    monkeypatch.undo()

    assert [entry[:2] for entry in opened.acquisitions] == [("failed", "")]
    assert opened.case.verify().exhibits == 0
    assert opened.get(origin.serve("/", PAGE)).exhibit == "E0001"


@pytest.mark.parametrize("location", [b"/caf\xe9", b"http://[", "http://exa℀mple/".encode()], ids=repr)
def test_a_redirect_that_leads_nowhere_is_preserved_and_refused(location, opened, origin):
    """
    What a server was asked is in the ledger, whatever its Location says.
    """
    answer = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
    try:
        assert opened.get(origin.serve("/", answer)).status == 404
    except CaptureError:
        assert opened.acquisitions[-1][0] == "failed"

    assert opened.acquisitions[0][:2] == ("done", "E0001")
    assert len(origin.requests) <= len(opened.acquisitions)


def test_a_cancelled_request_is_an_entry(opened, origin):
    """
    Ctrl-C while an answer is on its way: the server was asked, so the ledger says so.
    """

    def interrupt(connection):
        connection.sendall(PAGE[:30])
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)

    with pytest.raises(KeyboardInterrupt):
        opened.get(origin.serve("/", interrupt))

    assert [entry[:2] for entry in opened.acquisitions] == [("failed", "")]
    assert "KeyboardInterrupt" in opened.acquisitions[0][2]


def test_an_absurd_length_is_no_length(opened, origin):
    """
    Thousands of digits in Content-Length are passed over, not choked on.
    """
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nhello"

    with contextlib.suppress(CaptureError):
        opened.get(origin.serve("/", answer))

    assert len(opened.acquisitions) == 1


def test_the_bomb_behind_a_redirect_is_not_unpacked(opened, origin):
    """
    The body of a redirect is preserved as it came, and nothing unpacks it on the way.
    """
    bomb = gzip.compress(bytes(100_000_000))
    origin.serve("/b", PAGE)
    first = origin.serve("/", http(bomb, "Content-Encoding: gzip", "Location: /b", status="302 Found"))

    assert opened.get(first).status == 200


def test_the_bounds_of_today_do_not_change_what_evidence_says(opened, origin):
    """
    An earlier run was willing to ask four times; read again under a smaller limit, it gives the same answer.
    """
    later = http(b"later", status="429 Too Many Requests")
    url = origin.serve("/", later, later, later, PAGE)
    opened.get(url)
    replay = preserved(opened.case._ledger.entries(), [opened.errand.search.leaf.hex()])
    errand = Errand(search=opened.errand.search, standing=None, replay=replay)
    opened.case._door._network = replace(opened.case.network, attempts=1, patience=0)

    assert opened.case._door.get(errand, url).status == 200


def test_a_refusal_at_the_end_and_what_follows_a_broken_page_are_asked_again(opened, origin):
    """
    Going on starts where the earlier run stopped being whole.
    """
    for number, answer in enumerate([PAGE, http(b"half", "Content-Length: 99", length=False), PAGE]):
        opened.get(origin.serve(f"/{number}", answer))
    everything = preserved(opened.case._ledger.entries(), [opened.errand.search.leaf.hex()])

    assert [known.exhibit for known in usable(everything, opened.case._door.read)] == ["E0001"]
    opened.get(origin.serve("/gone", http(b"", status="500 Broken")))
    latest = list(preserved(opened.case._ledger.entries(), [opened.errand.search.leaf.hex()]))
    assert [known.exhibit for known in usable([latest[0], latest[3]], opened.case._door.read)] == ["E0001"]


def test_evidence_that_does_not_fit_is_not_used(opened, origin):
    """
    When a source asks for something else than the earlier run did, the rest of the evidence is set aside.
    """
    opened.get(origin.serve("/1", PAGE))
    replay = preserved(opened.case._ledger.entries(), [opened.errand.search.leaf.hex()])
    errand = Errand(search=opened.errand.search, standing=opened.errand.standing, replay=replay)

    opened.case._door.get(errand, origin.serve("/2", PAGE))

    assert not errand.replay


def test_an_authority_is_checked_before_every_request(open_case, loopback, origin):
    """
    A run that outlives its authority asks for nothing more, and the attempt is an entry.
    """
    opened = Opened(open_case, loopback)
    opened.get(origin.serve("/1", PAGE))
    opened.case._gate._clock = lambda: NOON + timedelta(days=400)

    with pytest.raises(AuthorizationError, match="no longer in force"):
        opened.get(origin.serve("/2", PAGE))

    assert origin.paths == ["/1"]
    assert opened.acquisitions[-1][0] == "failed"


def test_an_address_that_was_erased_is_still_answered_in_order(opened, origin):
    """
    Erasing a disclosure takes the address out of the ledger; the order of the exhibits still says which answer it was.
    """
    url = origin.serve("/1", PAGE)
    opened.get(url)
    (known,) = preserved(opened.case._ledger.entries(), [opened.errand.search.leaf.hex()])
    errand = Errand(search=opened.errand.search, standing=None, replay=deque([known._replace(url=None)]))

    assert opened.case._door.get(errand, url).exhibit == "E0001"


def test_two_requests_of_a_run_keep_the_pace(open_case, loopback, origin):
    """
    The second request waits for what is left of the pace; without it a host would be hurried.
    """
    opened = Opened(open_case, replace(loopback, pace=60.0))
    url = origin.serve("/", PAGE)

    opened.get(url)
    opened.get(url)

    [waited] = opened.waits
    assert 30 < waited <= 60


def test_evidence_of_a_release_that_kept_less_out_is_found_again(open_case, origin):
    """
    What counts as a key grows; an address that was stored before is compared by what is kept out today.
    """
    opened = Opened(open_case, Network(allow=("127.0.0.1",), pace=0))
    url = origin.serve("/list?oauth_token=planted", PAGE)
    opened.get(url)
    known = preserved(opened.case._ledger.entries())
    opened.errand.replay.extend(each._replace(url=url) for each in known)

    assert opened.get(url).exhibit == known[0].exhibit
    assert len(origin.requests) == 1
