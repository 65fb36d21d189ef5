"""Mailing lists: the ways to the messages, when a list is complete, and hostile mail."""

from __future__ import annotations

import gzip
import json
import tracemalloc

import pytest
from recorded import Memory, ask, make_capture

from osint.activity import ParseWarning, Post
from osint.collectors import claimant, mail_message, mailing_list
from osint.collectors.protocol import Stop
from osint.errors import QueryError, SourceBlockedError, SourceClosedError, SourceGoneError, UnreadableCaptureError
from osint.query import ThreadQuery, UrlQuery

ROOT = "https://lists.example/westmere/"
FIRST, SECOND, THIRD = (f"{ROOT}{name}@mail.example/raw" for name in ("20260505.1", "20260505.2", "20260504.9"))
MESSAGES = {FIRST: "raw", SECOND: "raw", THIRD: "raw_older"}
OLDER, OLDEST = f"{ROOT}new.html?t=20260505184312", f"{ROOT}new.html?t=20260505190000"
NEWS = "nntps://news.example/local.westmere"
SELECT = "GROUP local.westmere"
LIST = UrlQuery(url=ROOT)
HEAD = b"From: Jane <jane@mail.example>\nTo: a@lists.example\nDate: Tue, 5 May 2026 20:43:10 +0200\nMessage-ID: <1@mail.example>\n"


def memory(answers):
    return Memory("mailing_list", answers)


@pytest.mark.parametrize("behind", ["", "/", "/T/", "/t/", "/t.mbox.gz"])
def test_a_thread_is_asked_for_whole_and_is_complete(behind):
    """As one mailbox, however its address is spelt."""
    get = memory({f"{ROOT}20260505.1@mail.example/t.mbox.gz": "thread"})
    captures, stop = ask(mailing_list, ThreadQuery(thread=f"{ROOT}20260505.1@mail.example{behind}"), get)

    assert (stop, len(mailing_list.parse(captures[0]))) == (Stop.EXHAUSTED, 3)


def test_one_message_alone_is_asked_for_by_its_raw_address():
    """Whoever names it so wants no thread."""
    assert ask(mailing_list, ThreadQuery(thread=FIRST), memory({FIRST: "raw"}))[1] is Stop.EXHAUSTED


def test_a_page_in_place_of_a_thread_is_no_end():
    """An archive that wants a sign-in may answer 200."""
    url = f"{ROOT}x@y.example/t.mbox.gz"

    assert ask(mailing_list, ThreadQuery(thread=url), memory({url: "is_html"}))[1] is Stop.ERROR


def test_a_message_that_is_gone_says_so():
    """404 is no empty thread."""
    with pytest.raises(SourceGoneError):
        ask(mailing_list, ThreadQuery(thread=FIRST), memory({FIRST: "gone"}))


def test_a_list_is_read_back_by_the_instant_at_which_messages_arrived():
    """Each message once, though two pages name it; the last page names nothing new."""
    get = memory({f"{ROOT}new.html": "index", OLDER: "index_last", OLDEST: "index_end", **MESSAGES})
    captures, stop = ask(mailing_list, LIST, get)

    assert (stop, [capture.url for capture in captures]) == (Stop.EXHAUSTED, [FIRST, SECOND, THIRD])


def test_a_page_that_shares_no_message_with_the_one_before_may_hide_a_gap():
    """What arrived in between would be missing without a word."""
    get = memory({f"{ROOT}new.html": "index", OLDER: "index_gap", **MESSAGES})

    assert ask(mailing_list, LIST, get)[1] is Stop.ERROR


def test_a_full_page_without_anything_new_is_no_end():
    """As many messages may have arrived in one second as a page shows."""
    get = memory({f"{ROOT}new.html": "index", OLDER: "index_same", **MESSAGES})

    assert ask(mailing_list, LIST, get)[1] is Stop.PLATFORM_CAP


def test_a_message_that_says_nothing_of_its_arrival_ends_the_way_back():
    """Where it stood nobody can say."""
    get = memory({f"{ROOT}new.html": "index", **MESSAGES, SECOND: "raw_undated"})

    assert ask(mailing_list, LIST, get)[1] is Stop.PLATFORM_CAP


def test_a_list_is_left_behind_the_period():
    """By the arrival of the last message of a page."""
    get = memory({f"{ROOT}new.html": "index", **MESSAGES})

    assert ask(mailing_list, UrlQuery(url=ROOT, since="2026-05-06"), get)[1] is Stop.UNTIL_DATE


def test_a_list_without_messages_is_complete_and_a_page_without_any_is_not():
    """public-inbox says so in words; any other page is not what was asked for."""
    assert ask(mailing_list, LIST, memory({f"{ROOT}new.html": "index_none"}))[1] is Stop.EXHAUSTED
    with pytest.raises(UnreadableCaptureError, match="is no page"):
        ask(mailing_list, LIST, memory({f"{ROOT}new.html": "is_html"}))


@pytest.mark.parametrize(
    ("period", "months", "stop"),
    [
        ({}, ["2026-May.txt.gz", "2026-April.txt", "2025-December.txt.gz"], Stop.EXHAUSTED),
        ({"since": "2026-04-20"}, ["2026-May.txt.gz", "2026-April.txt"], Stop.UNTIL_DATE),
        ({"since": "2026-04-01", "until": "2026-04-30"}, ["2026-April.txt"], Stop.UNTIL_DATE),
    ],
)
def test_the_months_of_pipermail_are_read_as_far_as_the_period_reaches(period, months, stop):
    """The newest first; a month on another host is not of this list."""
    root = "https://lists.example/pipermail/westmere/"
    get = memory({root: "months", **{root + month: "month" for month in months}})
    captures, stopped = ask(mailing_list, UrlQuery(url=root, **period), get)

    assert (stopped, [capture.url for capture in captures]) == (stop, [root + month for month in months])


def test_pages_of_pipermail_that_name_no_month_are_refused():
    """No month is not an empty list."""
    root = "https://lists.example/pipermail/westmere/"
    with pytest.raises(UnreadableCaptureError, match="no file of a month"):
        ask(mailing_list, UrlQuery(url=root), memory({root: "months_none"}))


def test_hyperkitty_is_asked_for_an_export_of_the_period():
    """Its whole list, or the days that are wanted; it leaves out the day that it calls the end, so that is the next."""
    root = "https://lists.example/archives/list/westmere@lists.example/"
    export = f"{root}export/westmere@lists.example.mbox.gz?start=2026-05-01&end=2026-06-01"
    query = UrlQuery(url=root, since="2026-05-01", until="2026-05-31")

    assert ask(mailing_list, query, memory({export: "thread"}))[1] is Stop.UNTIL_DATE
    assert ask(mailing_list, UrlQuery(url=root), memory({export.partition("?")[0]: "thread"}))[1] is Stop.EXHAUSTED


def test_an_archive_that_ends_its_gzip_midway_is_not_complete():
    """The connection ends as it should; the messages do not."""
    root = "https://lists.example/archives/list/westmere@lists.example/"
    export, months = f"{root}export/westmere@lists.example.mbox.gz", "https://lists.example/pipermail/westmere/"
    files = {months + name: "thread" for name in ("2026-May.txt.gz", "2026-April.txt", "2025-December.txt.gz")}
    thread = f"{ROOT}20260505.1@mail.example/t.mbox.gz"

    assert ask(mailing_list, UrlQuery(url=root), memory({export: "thread_cut"}))[1] is Stop.ERROR
    assert ask(mailing_list, ThreadQuery(thread=thread), memory({thread: "thread_cut"}))[1] is Stop.ERROR
    for period, stop in (({}, Stop.ERROR), ({"since": "2026-05-01"}, Stop.ERROR)):
        get = memory({months: "months", **files, months + "2026-May.txt.gz": "thread_cut"})
        assert ask(mailing_list, UrlQuery(url=months, **period), get)[1] is stop


@pytest.mark.parametrize("other", ["2025q4.txt.gz", "Week-of-Mon-20260504.txt", "2024.txt"])
def test_a_list_that_is_filed_otherwise_too_is_not_complete(other):
    """By the quarter, the week or the year; those files are not read."""
    root = "https://lists.example/pipermail/westmere/"
    month = HEAD.decode() + "\nHello.\n"

    def run(index):
        pages = {root: index, f"{root}2026-May.txt": month}
        return ask(mailing_list, UrlQuery(url=root), lambda url: make_capture(pages[url].encode(), url))[1]

    assert run(f'<a href="2026-May.txt">May</a><a href="{other}">older</a>') is Stop.PLATFORM_CAP
    assert run('<a href="2026-May.txt">May</a><a href="2026-May/thread.html">x</a>') is Stop.EXHAUSTED
    with pytest.raises(UnreadableCaptureError, match=other):
        run(f'<a href="{other}">older</a>')


def said(*lines):
    return f"{NEWS} {json.dumps([SELECT, *lines])}"


def articles(*numbers):
    return said(*(f"ARTICLE {number}" for number in numbers))


def test_a_newsgroup_is_read_from_its_highest_number_to_its_lowest():
    """Some at a time; numbers that it does not have are counted."""
    get = memory({said(): "news_group", articles(*range(27, 2, -1)): "news_first", articles(2, 1): "news_last"})
    captures, stop = ask(mailing_list, UrlQuery(url=NEWS), get)

    assert (stop, len(captures)) == (Stop.EXHAUSTED, 2)


def test_a_newsgroup_is_left_behind_the_period_and_an_empty_one_is_complete():
    """By the dates that all messages of one conversation claim."""
    get = memory({said(): "news_group", articles(*range(27, 2, -1)): "news_first"})

    assert ask(mailing_list, UrlQuery(url=NEWS, since="2026-05-06"), get)[1] is Stop.UNTIL_DATE
    assert ask(mailing_list, UrlQuery(url=NEWS), memory({said(): "news_empty"}))[1] is Stop.EXHAUSTED


class Server:
    """A newsgroup's server that gives these answers to one question for articles after the other."""

    def __init__(self, *answers, state=b"211 2 1 2 local.westmere"):
        self.answers, self.state, self.asked = list(answers), state, 0

    def __call__(self, url, *, say):
        self.asked += 1
        said = b"" if len(say) == 1 else self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return make_capture(b"200 welcome\r\n" + self.state + b"\r\n" + said + b"205 bye\r\n", url)


def article(number, body=b"Hello."):
    return b"220 %d <x>\r\n" % number + HEAD.replace(b"\n", b"\r\n") + b"\r\n" + body + b"\r\n.\r\n"


@pytest.mark.parametrize(
    ("answers", "stop", "rows", "words"),
    [
        (article(2) + b"423 no\r\n", Stop.EXHAUSTED, 1, "no article for 1 of the numbers"),
        (article(0) + article(0), Stop.EXHAUSTED, 1, None),
        (article(2) + b"403 internal fault\r\n", Stop.ERROR, 1, "1 times with 403 'internal fault'"),
        (b"500 what?\r\n503 broken\r\n", Stop.ERROR, 0, "1 times with 500 'what?'"),
        (article(2), Stop.ERROR, 1, None),
        (article(2) + article(2), Stop.ERROR, 1, None),
        (article(1) + article(2), Stop.ERROR, 1, None),
        (article(2) + b"423 no\r\nnonsense\r\n", Stop.EXHAUSTED, 1, "no answer of a newsgroup"),
        (article(2, b"..two\r\nand\r\n..") + b"430 no\r\n", Stop.EXHAUSTED, 1, "no article for 1"),
    ],
)
def test_each_number_of_a_newsgroup_is_answered_or_the_run_is_not_complete(answers, stop, rows, words):
    """A server that is ill, that leaves out, or that sends another article than was asked for, is no empty group."""
    captures, stopped = ask(mailing_list, UrlQuery(url=NEWS), Server(answers))

    assert (stopped, len(posts(captures[0]))) == (stop, rows)
    assert words is None or any(words in what for what in warned(captures[0]))


def test_articles_before_a_refusal_are_read():
    """The server went away midway; what it sent until then is in the tables."""
    yielded = []
    with pytest.raises(SourceBlockedError, match="400"):
        for page in mailing_list.pages(UrlQuery(url=NEWS), Server(article(2) + b"400 going down\r\n")):
            yielded += posts(page)

    assert len(yielded) == 1


def test_a_newsgroup_of_numbers_without_end_is_left():
    """It names a quintillion, and has none of them."""
    server = Server(b"423 no\r\n" * 25, state=b"211 5 1 999999999999999999 local.westmere")

    assert (ask(mailing_list, UrlQuery(url=NEWS), server)[1], server.asked) == (Stop.PLATFORM_CAP, 401)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (b"From: Sam <sam@mail.example>\n", ["Its From stands 2 times; the first is read."]),
        (b"date: Tue, 5 May 2020 20:43:10 +0200\n", ["Its Date stands 2 times; the first is read."]),
        (b"Message-Id: <2@mail.example>\n", ["Its Message-ID stands 2 times; the first is read."]),
        (b"Reply-To: Sam <sam@mail.example>\n", []),
    ],
)
def test_a_message_that_says_twice_who_wrote_it_or_when_is_told(more, words):
    """Nobody can say which of them counts."""
    capture = make_capture(HEAD + more + b"\nHello.\n", ROOT, media_type="message/rfc822")

    assert (warned(capture), posts(capture)[0].author_handle) == (words, "jane@mail.example")


@pytest.mark.parametrize("name", ["From", "To", "Cc"])
@pytest.mark.parametrize(
    "nested", ["(" * 9000, "a(" * 5000, "(\\)" * 4000, "jane@mail.example (" + ")(" * 99 + "(" * 5000]
)
def test_comments_within_comments_do_not_cost_the_mailbox(name, nested):
    """One message of a stranger would keep all others from being read; a warning stands for it."""
    mail = "".join(f"{each}: {nested if each == name else 'a@b.example'}\n" for each in ("From", "To", "Cc"))
    line = b"From jane Tue May  5 20:43:10 2026\n"
    mailbox = line + mail.encode() + b"Message-ID: <2@mail.example>\n\nHello.\n\n" + line + HEAD + b"\nBye.\n"
    capture = make_capture(mailbox, ROOT, media_type="application/mbox")

    assert [post.content for post in posts(capture)] == ["Hello.", "Bye."]
    assert f"Its {name} has comments within comments without end; no address is taken from it." in warned(capture)
    assert claimant(capture) == "mailing_list"


@pytest.mark.parametrize("name", ["Subject", "From", "List-Id"])
def test_an_encoded_word_whose_base64_is_none_is_shown_as_it_is(name):
    """It costs its own letters, and nothing else."""
    head = HEAD.replace(b"From: Jane", b"From: =?y?b?a?=") if name == "From" else HEAD + f"{name}: =?y?b?a?=\n".encode()
    (post,) = posts(make_capture(head + b"\nHello.\n", ROOT, media_type="message/rfc822"))

    assert "=?y?b?a?=" in (post.author_name, post.extra.get("subject"), post.extra.get("list_id"))
    assert post.author_handle == "jane@mail.example"


def test_a_message_of_several_writers_is_told():
    """One is in the table."""
    several = HEAD.replace(b"From: Jane <jane@mail.example>", b"From: Jane <jane@mail.example>, Sam <sam@mail.example>")

    assert warned(make_capture(several + b"\nHello.\n", ROOT, media_type="message/rfc822")) == [
        "Its From names several writers; the first is read."
    ]


def test_a_sentence_that_starts_as_a_mailbox_parts_its_messages_parts_none():
    """Nobody wrote the message that would come of it, and the one that was written would lose its end."""
    line = b"From Jane Tue May  5 20:43:10 2026\n"
    mailbox = (
        line
        + HEAD
        + b"\nHello.\n\nFrom Monday 10:30 on it is 2026, she said\nand left.\n\n"
        + line
        + HEAD
        + b"\nBye.\n"
    )
    capture = make_capture(mailbox, ROOT, media_type="application/mbox")

    assert [post.content for post in posts(capture)] == [
        "Hello.\n\nFrom Monday 10:30 on it is 2026, she said\nand left.",
        "Bye.",
    ]


@pytest.mark.parametrize(
    ("answer", "error"),
    [("news_closed", SourceClosedError), ("news_gone", SourceGoneError), ("news_refused", SourceBlockedError)],
)
def test_the_refusals_of_a_newsgroup_are_told_apart(answer, error):
    """A sign-in, no such group, and no word why."""
    with pytest.raises(error, match="E0001"):
        ask(mailing_list, UrlQuery(url=NEWS), memory({said(): answer}))


def test_an_address_without_a_group_is_refused_before_anything_is_asked():
    """In words, with the right spelling."""
    for url in ("nntp://news.example", "nntp://news.example/", "nntp://news.example/a%0d%0aPOST"):
        with pytest.raises(QueryError, match=r"nntps://host/group\.name"):
            ask(mailing_list, UrlQuery(url=url), memory({}))


def test_what_is_no_message_is_refused_before_anything_is_asked():
    """In words, with the right spelling."""
    with pytest.raises(QueryError, match="message-id"):
        ask(mailing_list, ThreadQuery(thread="https://lists.example/westmere/"), memory({}))


def test_a_file_beside_the_text_is_named_with_its_size_and_hash_and_not_unpacked():
    """The hash is that of the file as it would be saved."""
    (post,) = posts(
        make_mail(b"--b\nContent-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n--b--\n")
    )
    assert post.extra["attachments"] == [
        {
            "name": "a.png",
            "media_type": "image/png",
            "size": 5,
            "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        }
    ]


def make_mail(body):
    message = HEAD + b'Content-Type: multipart/mixed; boundary="b"\n\n' + body
    return make_capture(message, ROOT, media_type="message/rfc822", part="message 1", made="imported")


def posts(capture):
    return [record for record in mailing_list.parse(capture) if isinstance(record, Post)]


def warned(capture):
    return [record.what for record in mailing_list.parse(capture) if isinstance(record, ParseWarning)]


def test_a_message_of_more_parts_than_anyone_writes_is_read_up_to_a_thousand():
    """The rest is said to be missing."""
    capture = make_mail(b"--b\n\nx\n" * 1500 + b"--b--\n")

    assert len(posts(capture)) == 1
    assert warned(capture) == ["The message cannot be read further: it has more than 1000 parts."]


def test_a_bomb_of_gzip_is_unpacked_up_to_the_limit(monkeypatch):
    """No more is held in memory, and it is said that there was more."""
    bomb = gzip.compress(b"\0" * 50_000_000, mtime=0)
    monkeypatch.setattr(mail_message, "ENTITY_LIMIT", 100_000)
    tracemalloc.start()
    body, is_whole = mail_message.unpacked(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (len(body), is_whole) == (100_000, False)
    assert peak < 2_000_000


def test_members_of_gzip_behind_each_other_are_all_unpacked():
    """public-inbox sends a member for each message."""
    assert mail_message.unpacked(gzip.compress(b"one\n") + gzip.compress(b"two\n")) == (b"one\ntwo\n", True)


def test_a_mail_is_claimed_by_what_it_is_and_by_one_collector():
    """A file without a name of its own, too."""
    capture = make_capture(HEAD + b"\nHello.\n", ROOT)

    assert claimant(capture) == "mailing_list"
