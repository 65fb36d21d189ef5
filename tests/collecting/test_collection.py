"""Runs: their endings, their statements, and going on after an interruption, over a real server."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest
from few import few
from origin import AUTHORITY, NOON, after_the_wait, drip, http

from osint.capture.network import Network
from osint.collectors import load
from osint.collectors.protocol import Stop
from osint.errors import (
    AuthorizationError,
    CaseError,
    IntegrityError,
    OsintError,
    OutOfScopeError,
    QueryError,
    UnreachableError,
    UnreadableCaptureError,
)


def feed(*items: str, following: str = "") -> bytes:
    """Spell an RSS answer with these items, and a link to the next page."""
    link = f'<atom:link rel="next" href="{following}"/>' if following else ""
    entries = "".join(
        f"<item><guid>{item}</guid><title>{item}</title><description>text of {item}</description>"
        f"<pubDate>Mon, 01 Jun 2026 10:00:00 GMT</pubDate></item>"
        for item in items
    )
    body = (
        f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Notes</title>{link}{entries}'
        "</channel></rss>"
    )
    return http(body.encode(), "Content-Type: application/rss+xml")


def serve_pages(origin, count: int) -> str:
    for number in range(count, 0, -1):
        following = f"http://127.0.0.1:{origin.port}/feed/{number + 1}" if number < count else ""
        url = origin.serve(f"/feed/{number}", feed(f"post-{number}a", f"post-{number}b", following=following))
    return url


def test_a_run_says_what_it_found_and_why_it_ended(open_case, origin):
    """
    Captures, posts, ledger entries, the stop reason and a statement of what that covers.
    """
    found = open_case().collect("feed", url=serve_pages(origin, 3))

    assert (found.captures, found.posts, found.warnings, found.stop) == (3, 6, 0, Stop.EXHAUSTED)
    assert "3 captures, 6 posts, 0 warnings; ledger entries" in str(found)
    assert "Complete" in found.statement


@pytest.mark.parametrize(
    ("entries", "said"), [((56, 56), "0 warnings; ledger entry 56"), ((56, 57), "0 warnings; ledger entries 56-57")]
)
def test_one_ledger_entry_is_not_called_entries(open_case, origin, entries, said):
    """
    A run of one entry names that entry, and not a range from it to itself.
    """
    found = open_case().collect("feed", url=serve_pages(origin, 1))

    assert str(replace(found, entries=entries)).split("\n")[0].endswith(said)


@pytest.mark.parametrize("stop", [stop for stop in Stop if stop is not Stop.EXHAUSTED])
def test_only_an_exhausted_run_says_complete(stop):
    """
    Whatever else ended it, the statement does not claim completeness.
    """
    from osint.collecting.run import statement

    assert not statement(stop).startswith("Complete")
    assert not statement(None).startswith("Complete")


def test_a_collector_that_reads_no_page_in_a_browser_refuses_to(open_case, origin):
    """
    The manifest says which do; nothing was asked, and no decision is in the ledger.
    """
    case = open_case()
    before = len(case.ledger)

    with pytest.raises(QueryError, match="no page in a browser"):
        case.collect("feed", url=origin.serve("/feed", feed("post")), render=True)

    assert (origin.requests, len(case.ledger)) == ([], before)


def test_a_limit_ends_the_run_and_says_so(open_case, origin):
    """
    The limit is reached at the end of a page; the rest is not asked for.
    """
    found = open_case().collect("feed", url=serve_pages(origin, 5), limit=3)

    assert (found.stop, found.captures, found.posts) == (Stop.LIMIT, 2, 4)
    assert len(origin.requests) == 2


def test_a_search_that_finds_nothing_is_an_entry(open_case, origin):
    """
    Nil results weigh as much as hits.
    """
    case = open_case()

    found = case.collect("feed", url=origin.serve("/feed", feed()))

    assert found.posts == 0
    assert tuple(case.ledger.iloc[-1][["action", "outcome"]]) == ("conclude", "nil")


def test_posts_outside_the_period_stay_out_of_the_tables(open_case, origin):
    """
    What the authority does not cover is kept as evidence only, and counted.
    """
    case = open_case(since="2026-07-01")

    found = case.collect("feed", url=origin.serve("/feed", feed("early")))

    assert (found.posts, found.outside_period, len(case.posts())) == (0, 1, 0)


def test_a_run_that_breaks_off_keeps_what_it_had(open_case, origin):
    """
    When page two does not come, page one is in the tables and the result says that it is not complete.
    """
    nowhere = "http://127.0.0.1:9/feed/2"
    url = origin.serve("/feed/1", feed("a", following=nowhere))

    found = open_case().collect("feed", url=url)

    assert (found.posts, found.stop) == (1, Stop.ERROR)
    assert "case.resume(" in str(found)


def test_a_source_that_gives_nothing_raises_its_own_error_with_the_run(open_case):
    """
    When there is nothing to show, the reason is loud, and the run it ended is attached.
    """
    case = open_case()

    with pytest.raises(UnreachableError) as refusal:
        case.collect("feed", url="http://127.0.0.1:9/feed")

    assert refusal.value.result.stop == Stop.ERROR
    assert tuple(case.ledger.iloc[-1][["action", "outcome"]]) == ("conclude", "failed")


def test_a_collector_that_does_not_answer_the_question_is_named(open_case):
    """
    Nothing is asked and nothing is logged for a question that has no meaning.
    """
    case = open_case()
    before = len(case.ledger)

    with pytest.raises(QueryError, match="answers UrlQuery"):
        case.collect("feed", account="@jane@social.example")
    with pytest.raises(QueryError, match=r"There are: .*feed, .*mastodon, .*webpage"):
        case.collect("telegraph", url="http://127.0.0.1/")

    assert before == len(case.ledger)


def test_cancelling_keeps_the_finished_pages_and_prints_the_line_to_go_on(open_case, origin):
    """
    Ctrl-C in the middle of a run loses nothing; resume repeats no finished page.
    """
    case = open_case()
    url = serve_pages(origin, 4)
    once = origin.answers["/feed/3"][0]

    def cancel(connection):
        os.kill(os.getpid(), signal.SIGINT)
        connection.sendall(once)

    origin.answers["/feed/3"] = [cancel, once]

    found = case.collect("feed", url=url)
    asked = len(origin.requests)
    resumed = case.resume(found.run)

    assert (Stop.CANCELLED, f"case.resume('{found.run}')" in str(found)) == (found.stop, True)
    assert (resumed.stop, resumed.posts) == (Stop.EXHAUSTED, 8)
    assert origin.paths[asked:] == ["/feed/3", "/feed/4"]
    assert case.verify().exhibits == 4


KILLED = """
    import os, sys
    import osint
    from osint.capture.network import Network
    folder, keys, url = sys.argv[1:]
    case = osint.open_case(folder, investigator="J. Smit", keys=__import__("pathlib").Path(keys),
                           network=Network(allow=("127.0.0.1",), pace=0))
    case.authorize(osint.Authorization(**{authority!r}, hosts=["127.0.0.1"]))
    print("ready", flush=True)
    case.collect("feed", url=url)
    print("finished", flush=True)
"""


@pytest.mark.parametrize("page", few([1, 3], 1))
def test_killed_in_the_middle_the_case_opens_verifies_and_goes_on(page, open_case, origin, tmp_path):
    """
    kill -9 while a page is on its way: every logged page is there, and resuming asks for at most one page again.
    """
    url = serve_pages(origin, 5)
    processes: list[subprocess.Popen] = []
    whole = origin.answers[f"/feed/{page}"][0]

    def kill(connection):
        connection.sendall(whole[:40])
        processes[0].kill()

    origin.answers[f"/feed/{page}"] = [kill, whole]
    code = textwrap.dedent(KILLED).format(authority=AUTHORITY)
    arguments = [sys.executable, "-c", code, str(tmp_path / "case"), str(tmp_path / "keys"), url]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        processes.append(process)
        assert b"finished" not in process.stdout.read()

    case = open_case(authorized=False)
    assert page - 1 == case.verify().exhibits
    (waiting,) = case.interrupted()
    before = len(origin.requests)
    found = case.resume(waiting.id)

    assert (found.stop, found.posts) == (Stop.EXHAUSTED, 10)
    assert [f"/feed/{number}" for number in range(page, 6)] == origin.paths[before:]
    assert case.verify().exhibits == 5
    assert case.interrupted() == []


def test_a_blob_that_no_entry_names_is_quarantined_and_logged(open_case):
    """
    A kill between storing and logging leaves a stranger; on opening it is moved aside, and the ledger says so.
    """
    case = open_case()
    with case._blobs.temporary() as path:
        path.write_bytes(b"preserved but never logged")
        digest = case._blobs.put(path)
    folder = case.folder
    with pytest.raises(IntegrityError, match="step 8"):
        case.verify()
    case.close()

    again = open_case(folder, authorized=False)

    assert "quarantine" in list(again.ledger["action"])
    assert [digest + ".warc.gz"] == [path.name for path in (folder / "quarantine").iterdir()]
    assert again.verify().exhibits == 0


def test_what_has_nothing_left_to_do_cannot_be_resumed(open_case, origin):
    """
    The error names the runs that can go on.
    """
    case = open_case()
    found = case.collect("feed", url=serve_pages(origin, 1))

    with pytest.raises(CaseError, match="none"):
        case.resume(found.run)


def test_the_tables_come_back_from_evidence_with_the_network_off(open_case, origin):
    """
    Delete working/, rebuild, and every frame is the same, warnings included, without one request.
    """
    case = open_case()
    case.collect("feed", url=serve_pages(origin, 3))
    case.collect("webpage", url=origin.serve("/page", http(b"<html><body><h1>Title</h1><p>Some text of a page.</p>",
                                                          "Content-Type: text/html")))  # fmt: skip
    case.collect(
        "feed", url=origin.serve("/bad", http(feed("x").partition(b"\r\n\r\n")[2][:-40], "Content-Type: text/xml"))
    )
    before = case.posts(), case.warnings(), case.media()
    requests = len(origin.requests)
    case.close()
    for path in (case.folder / "working").iterdir():
        path.unlink()

    again = open_case(authorized=False)
    assert len(again.posts()) == 0
    again.rebuild()

    for one, other in zip(before, (again.posts(), again.warnings(), again.media()), strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert requests == len(origin.requests)
    assert len(before[1]) > 0


def test_a_page_cut_short_is_read_as_far_as_it_goes(open_case, origin):
    """
    A truncated feed gives the posts it still holds, and a warning that names the exhibit.
    """
    whole = feed("one", "two")
    answer = drip(whole[:-60].replace(b"Content-Length: ", b"X-Was: "), b"")
    case = open_case()

    found = case.collect("feed", url=origin.serve("/feed", answer))

    assert found.posts >= 1
    assert found.warnings >= 1
    assert {"E0001"} == set(case.warnings()["exhibit"])


def test_html_instead_of_a_feed_is_a_typed_error_and_an_exhibit(open_case, origin):
    """
    The bytes are preserved whatever they are; the error says what was expected.
    """
    case = open_case()
    page = http(b"<html><body>no feed here</body></html>", "Content-Type: text/html")

    with pytest.raises(UnreadableCaptureError, match="E0001"):
        case.collect("feed", url=origin.serve("/feed", page))

    assert case.verify().exhibits == 1


def test_a_feed_that_is_cut_never_says_complete(open_case, origin):
    """
    The part that did not come may have held posts and the way to the next page.
    """
    page = feed("one", "two", following=origin.serve("/feed/2", feed("three")))
    cut = page[: page.index(b"<item>")] + page[page.index(b"<item>") :][:-150]

    found = open_case().collect("feed", url=origin.serve("/feed/1", cut))

    assert found.stop is Stop.ERROR
    assert "E0001" in found.detail
    assert "Complete" not in str(found).replace("Not complete", "")


def test_a_page_that_cannot_be_read_is_no_empty_result(open_case, origin):
    """
    "Searched, nothing found" is said only when what came could be read.
    """
    case = open_case()

    found = case.collect("webpage", url=origin.serve("/", http(b"%PDF-1.7 ...", "Content-Type: application/pdf")))

    assert (found.stop, found.posts) == (Stop.ERROR, 0)
    assert tuple(case.ledger.iloc[-1][["action", "outcome"]]) == ("conclude", "failed")


def test_a_run_that_failed_stays_failed_when_going_on_is_refused_or_fails(open_case, origin):
    """
    Its own ending stands in the record for ever; only a run that goes on takes its place.
    """
    moment = [NOON]
    case = open_case(clock=lambda: moment[0], expires="2026-06-02")
    found = case.collect("feed", url=origin.serve("/feed/1", feed("a", following="http://127.0.0.1:9/feed/2")))
    with contextlib.suppress(OsintError):
        case.resume(found.run)
    (waiting,) = case.interrupted()
    moment[0] = NOON + timedelta(days=3)
    with pytest.raises(AuthorizationError):
        case.resume(waiting.id)

    assert [run.stop for run in case._collection.runs()] == [Stop.ERROR, Stop.ERROR]
    assert [each.id for each in case.interrupted()] == [waiting.id]
    assert "Complete" not in case.report().read_text(encoding="utf-8").replace("Not complete", "")


def test_going_on_asks_again_what_was_refused_under_the_status_200(open_case, origin):
    """
    An answer that gave nothing and ended the run would end it for ever, if it were read again in place of asking.
    """
    case = open_case()
    second = origin.serve("/feed/2", http(b'{"error": {"code": "maxlag"}}'), feed("b"))
    found = case.collect("feed", url=origin.serve("/feed/1", feed("a", following=second)))

    resumed = case.resume(found.run)

    before = case.posts()
    case.verify()
    case.rebuild()
    pd.testing.assert_frame_equal(before, case.posts())
    assert (found.stop, resumed.stop, resumed.posts, len(before)) == (Stop.ERROR, Stop.EXHAUSTED, 2, 2)
    assert origin.paths == ["/feed/1", "/feed/2", "/feed/2"]


@pytest.mark.parametrize("levels", [280, 320, 600, 5_000])
def test_an_answer_that_is_nested_without_end_is_an_answer_that_cannot_be_read(levels, open_case, origin):
    """
    Never an error of ours: what can be read can be stored, and what cannot is named as nested too deep.
    """
    case = open_case()
    note = b'{"id": "%s", "type": "Note", "content": "x", "odd": ' + b"[" * levels + b"1" + b"]" * levels + b"}"
    url = f"http://127.0.0.1:{origin.port}/note"
    origin.serve("/note", http(note.replace(b"%s", url.encode()), "Content-Type: application/activity+json"))

    if levels < 300:
        assert case.collect("activitypub", url=url).posts == 1
    else:
        with pytest.raises(UnreadableCaptureError):
            case.collect("activitypub", url=url)
    case.verify()


def test_what_a_later_release_would_not_ask_any_more_is_read_all_the_same(open_case, origin, monkeypatch):
    """
    Its way is not known then, so it is read capture by capture; the other runs are read as ever.
    """
    case = open_case()
    for name in ("1", "2"):
        case.collect("feed", url=origin.serve(f"/feed/{name}", feed(name)))
    before = case.posts()
    pages = load("feed").pages

    def refusing(query, get):
        if query.url.endswith("/1"):
            raise QueryError("This is asked no more.")
        return (yield from pages(query, get))

    monkeypatch.setattr(load("feed"), "pages", refusing)
    case.rebuild()

    pd.testing.assert_frame_equal(before, case.posts())
    with pytest.raises(QueryError):
        case.collect("feed", url=f"http://127.0.0.1:{origin.port}/feed/1")
    assert case.ledger["action"].iloc[-1] == "conclude"


def test_going_on_never_asks_again_for_a_page_that_gave_posts(open_case, origin):
    """
    The next address is not answered; what came before it is in the tables and stays as it is.
    """
    case = open_case()
    found = case.collect("feed", url=origin.serve("/feed/1", feed("a", following="http://127.0.0.1:9/feed/2")))

    with contextlib.suppress(OsintError):
        case.resume(found.run)

    assert found.stop == Stop.ERROR
    assert origin.paths == ["/feed/1"]


@pytest.mark.parametrize("refusal", ["429 Too Many Requests", "503 Later", "500 Broken"])
def test_going_on_asks_again_where_the_host_refused(refusal, open_case, origin, loopback):
    """
    The refusal is evidence of its moment; later the host is asked once more.
    """
    case = open_case(network=replace(loopback, patience=0, attempts=1))
    answer = http(b"", "Retry-After: 600", status=refusal)
    second = origin.serve("/feed/2", answer, feed("b"))
    found = case.collect("feed", url=origin.serve("/feed/1", feed("a", following=second)))

    resumed = after_the_wait(case).resume(found.run)

    before = case.posts()
    case.rebuild()
    pd.testing.assert_frame_equal(before, case.posts())
    assert (resumed.stop, resumed.posts, len(before)) == (Stop.EXHAUSTED, 2, 2)
    assert "Resumed: its first pages were captured at" in str(resumed)
    assert origin.paths.count("/feed/2") == 2


def test_what_the_disk_promised_is_on_the_record(open_case, origin, monkeypatch):
    """
    A platform that cannot sync folders gives a weaker promise, and the run's entry says so.
    """
    case = open_case()
    case.collect("feed", url=serve_pages(origin, 1))
    assert "evidence: bytes and folders synced" in case.ledger.iloc[-1].details

    monkeypatch.setattr("osint.store.blobs.sync_folder", lambda folder: False)
    case.collect("feed", url=serve_pages(origin, 1))

    assert "evidence: bytes synced;" in case.ledger.iloc[-1].details


@pytest.mark.parametrize("way", ["next page", "redirect"])
def test_a_run_asks_for_nothing_outside_the_address_under_authority(way, open_case, origin):
    """
    On the same host, another's feed is not asked for, whether a link or a redirect leads there; the attempt is logged.
    """
    network = Network(hosts={"origin.example": ("127.0.0.1", origin.port)}, pace=0)
    case = open_case(network=network, hosts=[], urls=["http://origin.example/jane/"])
    elsewhere = "http://origin.example/bob/feed"
    origin.serve("/bob/feed", feed("his"))
    redirect = http(b"", f"Location: {elsewhere}", status="302 Found")
    origin.serve("/jane/feed", feed("hers", following=elsewhere) if way == "next page" else redirect)

    with contextlib.suppress(OutOfScopeError):
        assert case.collect("feed", url="http://origin.example/jane/feed").stop is Stop.ERROR

    assert origin.paths == ["/jane/feed"]
    assert ("acquire", "failed") in set(zip(case.ledger["action"], case.ledger["outcome"], strict=True))
    assert not case.posts()["content"].str.contains("his").any()
