"""Collectors of one platform through a whole case: real sockets, TLS, and only the hosts that a manifest names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from origin import http
from recorded import FIXTURES, expected
from repositories import DID
from test_bluesky import CHAIN, XRPC

import osint
from osint.capture.network import Network
from osint.collectors import load
from osint.collectors.protocol import Stop
from osint.errors import AuthorizationError, OutOfScopeError, SourceClosedError, SourceGoneError

DECLARED = {
    "name": "J. Smit", "role": "officer", "at": "2026-05-30T10:15:00+02:00", "program": "Telegram Desktop 6",
    "came": "from her own hand", "logged_in": True, "as_whom": "herself",
}  # fmt: skip


def recorded(collector: str, answer: str) -> bytes:
    """A recorded answer as a server sends it; the end of the connection is the end of the body."""
    return (FIXTURES / collector / f"{answer}.http").read_bytes()


@pytest.fixture
def platform(open_case, start_origin, authority):
    """A server that answers for every name it is given, and a case whose authority names one account or thread."""

    def start(*hosts: str, **scope):
        secure = start_origin(authority.server(*hosts))
        network = Network(hosts=dict.fromkeys(hosts, ("127.0.0.1", secure.port)), ca=authority.pem, pace=0)
        return secure, open_case(network=network, **{"hosts": [], **scope})

    return start


def test_a_channel_is_collected_kept_and_read_again(platform):
    """The authority names the channel and no host; its pages are exhibits, and the tables can be made from them anew."""
    server, case = platform("t.me", accounts=["@harbourwatch@t.me"])
    for path, answer in (("", "page1"), ("?before=110", "page2"), ("?before=3", "page3")):
        server.serve(f"/s/harbourwatch{path}", recorded("telegram", answer))

    found = case.collect("telegram", account="@harbourwatch@t.me")

    assert (found.captures, found.posts, found.stop) == (3, 15, Stop.EXHAUSTED)
    assert server.paths == ["/s/harbourwatch", "/s/harbourwatch?before=110", "/s/harbourwatch?before=3"]
    before = case.posts()[["id", "content", "exhibit"]].to_dict("records")
    case.rebuild()
    assert case.posts()[["id", "content", "exhibit"]].to_dict("records") == before
    assert case.verify().exhibits == 3


def test_a_channel_whose_preview_is_off_is_not_empty(platform):
    """The redirect is followed on the same host, both answers are exhibits, and the run says what it means."""
    server, case = platform("t.me", accounts=["@harbourwatch@t.me"])
    server.serve("/s/harbourwatch", http(b"", "Location: https://t.me/harbourwatch", status="302 Found"))
    server.serve("/harbourwatch", recorded("telegram", "preview_off"))

    with pytest.raises(SourceClosedError, match="not an empty channel") as refused:
        case.collect("telegram", account="@harbourwatch@t.me")

    assert (refused.value.result.stop, refused.value.result.posts) == (Stop.AUTH, 0)
    assert case.verify().exhibits == 2


def test_a_redirect_to_another_host_is_out_of_scope(platform):
    """What a platform answers with does not widen the authority."""
    server, case = platform("t.me", "telegram.example", accounts=["@harbourwatch@t.me"])
    server.serve("/s/harbourwatch", http(b"", "Location: https://telegram.example/s/harbourwatch", status="302 Found"))

    with pytest.raises(OutOfScopeError):
        case.collect("telegram", account="@harbourwatch@t.me")

    assert server.paths == ["/s/harbourwatch"]


def test_the_host_that_answers_for_a_platform_is_asked_and_no_other(platform):
    """The account lives at bsky.app, its posts are had from the host of the manifest; bsky.app itself is not asked."""
    server, case = platform("public.api.bsky.app", "bsky.app", accounts=["@jane.example@bsky.app"])
    for url, answer in CHAIN.items():
        server.serve(url.removeprefix("https://public.api.bsky.app"), recorded("bluesky", answer))

    found = case.collect("bluesky", account="@jane.example@bsky.app")

    assert (found.captures, found.stop) == (5, Stop.EXHAUSTED)
    assert all(path.startswith(XRPC.removeprefix("https://public.api.bsky.app")) for path in server.paths)
    assert DID in set(case.posts()["attributed_to"].dropna().str.removeprefix("account:bluesky:"))


def test_another_account_of_the_platform_is_refused(platform):
    """Authority over one account is none over the next; nothing was asked."""
    server, case = platform("public.api.bsky.app", accounts=["@jane.example@bsky.app"])

    with pytest.raises(AuthorizationError):
        case.collect("bluesky", account="@kit.example@bsky.app")

    assert server.requests == []


def test_a_pruned_thread_says_that_this_is_normal(platform, monkeypatch):
    """The thread is under authority by its address; the interface that answers is another host."""
    monkeypatch.setattr(load("fourchan"), "MANIFEST", replace(load("fourchan").MANIFEST, pace=0))
    thread = "https://boards.4chan.org/b/thread/1001"
    server, case = platform("a.4cdn.org", urls=[thread])
    server.serve("/b/thread/1001.json", recorded("fourchan", "thread"), recorded("fourchan", "thread_pruned"))

    assert case.collect("fourchan", thread=thread).posts == 4
    with pytest.raises(SourceGoneError, match="pruned is normal"):
        case.collect("fourchan", thread=thread)

    assert case.verify().exhibits == 2


def test_a_signed_repository_is_had_from_the_server_that_keeps_it(platform):
    """That server is any host, so the authority names it by its address."""
    url = expected("bluesky")["repository"]["url"]
    server, case = platform("pds.example", urls=[url])
    server.serve(url.removeprefix("https://pds.example"), recorded("bluesky", "repository"))

    found = case.collect("bluesky", url=url)

    assert (found.posts, found.warnings, found.stop) == (44, 2, Stop.EXHAUSTED)


def test_an_export_is_taken_in_and_read_by_the_collector_that_it_was_made_for(platform, tmp_path):
    """The `result.json` of Telegram Desktop, as somebody handed it in, with every chat of its owner."""
    stated = expected("telegram")["export_all"]
    _, case = platform("unused.example", urls=[stated["url"]])
    (tmp_path / "result.json").write_bytes(recorded("telegram", "export_all").partition(b"\r\n\r\n")[2])

    taken = case.import_file(tmp_path / "result.json", osint.SavedBy(**DECLARED, address=stated["url"]))

    assert (taken.posts, taken.warnings) == (stated["posts"], len(stated["warnings"]))
    assert set(case.posts()["collector"]) == {"telegram/1"}
