"""Telegram: pages to the beginning of a channel, what is no channel, what a post shows, and exports."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from recorded import FIXTURES, Changed, Memory, ask, expected, read_answer, with_text

from osint.activity import ParseWarning, Post
from osint.collectors import telegram, telegram_page
from osint.collectors.protocol import Stop
from osint.errors import (
    QueryError,
    RateLimitedError,
    SourceBlockedError,
    SourceClosedError,
    SourceError,
    SourceGoneError,
    UnreadableCaptureError,
)
from osint.query import AccountQuery, ThreadQuery

CHANNEL = "https://t.me/s/harbourwatch"
HARBOUR = AccountQuery(account="@harbourwatch@t.me")
CHAIN = {CHANNEL: "page1", f"{CHANNEL}?before=110": "page2", f"{CHANNEL}?before=3": "page3"}
POST = ThreadQuery(thread="https://t.me/harbourwatch/113")
OLDER = '<a href="/s/harbourwatch?before={}" class="tme_messages_more" data-before="3"></a>'
NEWER = '<a href="/s/harbourwatch?after=2" class="tme_messages_more" data-after="2"></a>'
EMBEDDED = "https://t.me/harbourwatch/113?embed=1&mode=tme"


class Redirecting(Memory):
    """A ``get`` whose answers come from the page without posts, to which t.me redirects."""

    def __call__(self, url: str, /, **more: Any):
        """Answer from the address behind the redirect."""
        return dataclasses.replace(super().__call__(url, **more), url="https://t.me/harbourwatch", via=url)


def reread(answer: str, was: str, becomes: str) -> list[Any]:
    """All records of a recorded answer in which a text stands for another."""
    page = read_answer(FIXTURES / "telegram" / f"{answer}.http", expected("telegram")[answer]["url"])
    return telegram.parse(with_text(page, was, becomes))


def read(answer: str) -> list[Any]:
    """All records of a recorded answer."""
    return telegram.parse(read_answer(FIXTURES / "telegram" / f"{answer}.http", expected("telegram")[answer]["url"]))


def posts(answer: str) -> dict[str, Post]:
    """The posts of a recorded answer by number."""
    return {post.native_id.partition("/")[2]: post for post in read(answer) if isinstance(post, Post)}


def test_a_channel_is_read_to_its_first_number():
    """Each page is asked for before the smallest number of the one above; number 1 is the end."""
    get = Memory("telegram", CHAIN)

    captures, stop = ask(telegram, HARBOUR, get)

    assert (3, Stop.EXHAUSTED, list(CHAIN)) == (len(captures), stop, get.asked)


def test_an_empty_older_page_is_the_end_that_the_source_shows():
    """Where number 1 was deleted, a page without older messages ends the run, and names what it does not show."""
    captures, stop = ask(telegram, HARBOUR, Memory("telegram", {**CHAIN, f"{CHANNEL}?before=3": "page_end"}))

    assert (len(captures), stop) == (3, Stop.EXHAUSTED)
    assert [r.what for r in read("page_end") if isinstance(r, ParseWarning)] == ["2 numbers are not shown: 1-2."]


def test_a_page_of_withheld_messages_is_followed_to_the_older_ones_that_it_leads_to():
    """An empty page before the end is none where its link says that there is more."""
    get = Changed(
        "telegram",
        {**CHAIN, f"{CHANNEL}?before=110": "page_end", f"{CHANNEL}?before=3": "page3"},
        ("page_end", "</section>", f"{OLDER.format(3)}</section>"),
    )

    captures, stop = ask(telegram, HARBOUR, get)

    assert (len(captures), stop) == (3, Stop.EXHAUSTED)
    (gap,) = [record.what for record in telegram.parse(captures[1]) if isinstance(record, ParseWarning)]
    assert gap == "107 numbers are not shown: 3-109."


def test_messages_without_numbers_are_no_empty_channel():
    """The shape may have changed; nothing says that the channel ends there."""
    get = Changed("telegram", {CHANNEL: "page3"}, ("page3", 'data-post="harbourwatch/', 'data-post="harbourwatch-'))

    captures, stop = ask(telegram, HARBOUR, get)

    assert (len(captures), stop) == (1, Stop.ERROR)


def test_a_number_that_is_spelt_otherwise_ends_no_run_in_an_error_of_ours():
    """With a nought before it, the oldest message is still the oldest."""
    get = Changed("telegram", {CHANNEL: "page3"}, ("page3", 'data-post="harbourwatch/', 'data-post="harbourwatch/0'))

    assert ask(telegram, dataclasses.replace(HARBOUR, since="2026-01-01"), get)[1] is Stop.EXHAUSTED


def test_a_message_of_another_channel_does_not_say_how_far_the_page_goes():
    """Its number 1 is not the first of this channel."""
    get = Changed("telegram", CHAIN, ("page1", 'data-post="harbourwatch/113"', 'data-post="harbourwatch_fan/1"'))

    assert ask(telegram, HARBOUR, get)[1] is Stop.EXHAUSTED
    assert get.asked == list(CHAIN)


def test_an_empty_page_of_another_channel_is_not_the_one_that_was_asked_for():
    """Its profile names the other."""
    get = Changed(
        "telegram", {CHANNEL: "page_empty_channel"}, ("page_empty_channel", "@harbourwatch<", "@harbourwatch_fan<")
    )

    with pytest.raises(SourceError, match="posts of harbourwatch_fan"):
        ask(telegram, HARBOUR, get)


def test_a_channel_without_posts_is_a_profile_and_complete():
    """Empty is not absent: the channel is shown, and it holds nothing."""
    captures, stop = ask(telegram, HARBOUR, Memory("telegram", {CHANNEL: "page_empty_channel"}))

    assert (len(captures), stop) == (1, Stop.EXHAUSTED)


def test_a_page_that_comes_again_is_no_end():
    """A server that ignores ``before`` would be read for ever, or be taken for complete."""
    captures, stop = ask(telegram, HARBOUR, Memory("telegram", {**CHAIN, f"{CHANNEL}?before=110": "page_repeats"}))

    assert (len(captures), stop) == (1, Stop.ERROR)


def test_a_run_stops_behind_its_period():
    """The oldest message of the second page is from before March, so no third page is asked for."""
    get = Memory("telegram", {CHANNEL: "page1", f"{CHANNEL}?before=110": "page2"})

    captures, stop = ask(telegram, dataclasses.replace(HARBOUR, since="2026-05-02"), get)

    assert (len(captures), stop, get.asked) == (1, Stop.UNTIL_DATE, [CHANNEL])


@pytest.mark.parametrize(
    ("get", "error", "words"),
    [
        (Redirecting("telegram", {CHANNEL: "preview_off"}), SourceClosedError, "That is not an empty channel"),
        (Redirecting("telegram", {CHANNEL: "nobody"}), SourceError, "says nothing of whether it exists"),
        (Redirecting("telegram", {CHANNEL: "page1"}), SourceError, "neither posts nor a name"),
        (Memory("telegram", {CHANNEL: "challenge"}), SourceBlockedError, "challenge"),
        (Memory("telegram", {CHANNEL: "too_many"}), RateLimitedError, "come back later"),
        (Memory("telegram", {CHANNEL: "no_body"}), UnreadableCaptureError, "not HTML"),
        (Memory("telegram", {CHANNEL: "page_of_another"}), SourceError, "posts of harbourwatch_fan"),
    ],
)
def test_what_is_no_channel_is_told_apart(get, error, words):
    """Without a preview, without a name, blocked, rate limited, and another channel's: none is an empty channel."""
    with pytest.raises(error, match=words):
        ask(telegram, HARBOUR, get)


@pytest.mark.parametrize(("number", "answer"), [(113, "post"), (111, "post_in_album")])
def test_a_post_is_read_and_never_complete(number, answer):
    """What answers it is shown in the app alone. A picture of an album is asked for by its own number."""
    get = Memory("telegram", {f"https://t.me/harbourwatch/{number}?embed=1&mode=tme": answer})

    captures, stop = ask(telegram, ThreadQuery(thread=f"https://t.me/harbourwatch/{number}"), get)

    assert (len(captures), stop) == (1, Stop.PLATFORM_CAP)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ("post_not_found", SourceGoneError, "Post not found"),
        ("post_in_app_only", SourceClosedError, "in the app only"),
        ("post_another", SourceError, "another post"),
    ],
)
def test_a_post_that_is_not_shown_is_told_apart(answer, error, words):
    """Gone, shown in the app only, and another one than was asked for."""
    with pytest.raises(error, match=words):
        ask(telegram, POST, Memory("telegram", {EMBEDDED: answer}))


@pytest.mark.parametrize(
    "query",
    [AccountQuery(account="@harbourwatch@t.me.example"), AccountQuery(account="@a-b@t.me"),
     ThreadQuery(thread="https://t.me/c/1006503122/5"), ThreadQuery(thread="https://t.me.example/harbourwatch/5")],
)  # fmt: skip
def test_what_is_no_account_or_post_is_refused_before_anything_is_asked(query):
    """Private chats have numbers for names, and other hosts are not Telegram's."""
    get = Memory("telegram", {})

    with pytest.raises(QueryError):
        ask(telegram, query, get)
    assert get.asked == []


def test_the_numbers_that_no_page_shows_are_listed():
    """Between the messages, and up to the number that the page was asked before; the pictures of an album are there."""
    said = {answer: [r.what for r in read(answer) if isinstance(r, ParseWarning)] for answer in ("page1", "page2")}

    assert said["page1"] == ["2 numbers are not shown: 120-121."]
    assert said["page2"] == ["104 numbers are not shown: 4-6, 8-104, 106-109."]


def test_a_link_to_newer_messages_does_not_hide_what_is_missing_before_the_oldest():
    """It bears the same class as the link to older ones."""
    said = [r.what for r in reread("page_end", "</section>", f"{NEWER}</section>") if isinstance(r, ParseWarning)]

    assert said == ["2 numbers are not shown: 1-2."]


def test_an_album_is_one_post_with_its_caption_once():
    """The page nests the caption's element in itself, and gives the number of the first picture."""
    post = posts("page1")["110"]

    assert post.content == "Three pictures & one caption"
    assert [each.url.rpartition("/")[2] for each in post.attachment] == ["one.jpg", "two.jpg", "three.jpg"]
    assert post.extra["album"] == ["110", "111", "112"]


def test_the_words_of_the_answered_post_are_not_those_of_the_answer():
    """A preview stands inside the message; its text, author and picture belong to the other post."""
    post = posts("page1")["113"]

    assert (post.in_reply_to, post.content) == (
        "telegram:harbourwatch/110",
        "An answer to @dawn_pier #harbour 🧥 see news.example/pier",
    )
    assert "Three pictures" in post.extra["answers"]["preview"]
    assert (post.extra["edited"], post.absent["updated"], post.updated) == (True, "hidden", None)


def test_the_author_of_the_answered_post_is_not_that_of_the_answer():
    """Where the page leaves out the channel's own name, the only name in the message is the other's."""
    (post,) = posts("post_answers_another").values()

    assert (post.attributed_to, post.content) == ("account:telegram:harbourwatch@t.me", "An answer")


def test_a_forwarded_post_names_its_source_or_says_that_it_is_hidden():
    """Telegram lets an account forbid the link to it."""
    named, hidden = posts("page1")["114"], posts("page1")["119"]

    assert (named.type, named.announce_of, named.announce_of_account) == (
        "Announce",
        "telegram:piernews/77",
        "account:telegram:piernews@t.me",
    )
    assert (hidden.type, hidden.announce_of, hidden.absent["announce_of"]) == ("Announce", None, "hidden")


@pytest.mark.parametrize(
    ("shown", "least", "most"),
    [("401", 401, 401), ("12K", 11_500, 12_999), ("436.6K", 436_550, 436_699), ("1.1M", 1_050_000, 1_199_999)],
)
def test_a_shortened_count_becomes_bounds(shown, least, most):
    """It is no number: rounded or cut off, it may stand for any between the two."""
    assert telegram_page._bounds(shown) == {"shown": shown, "at_least": least, "at_most": most}


def test_what_a_page_does_not_show_is_hidden_not_absent():
    """Some posts are for the app only; a post without a picture is another thing."""
    shown = posts("page1")

    assert (shown["122"].absent["attachment"], shown["122"].attachment) == ("hidden", ())
    assert "attachment" not in shown["115"].absent
    assert shown["115"].extra["poll"]["options"] == [{"text": "Yes", "share": "67%"}, {"text": "No", "share": "33%"}]
    assert shown["123"].extra["service"] is True


def test_a_name_that_leads_to_another_site_is_no_account_of_telegram():
    """A path of one word looks like a name on whatever host."""
    records = reread("post_of_a_group", "https://t.me/dawn_pier", "https://dawn.example/dawn_pier")
    post = next(record for record in records if isinstance(record, Post))

    assert (post.attributed_to, post.absent["attributed_to"]) == (None, "hidden")


def test_who_writes_in_a_group_is_the_author():
    """Not the group; one without a name of their own is hidden."""
    named, nameless = posts("post_of_a_group").values()

    assert (named.attributed_to, nameless.attributed_to) == ("account:telegram:dawn_pier@t.me", None)
    assert nameless.absent["attributed_to"] == "hidden"


def test_an_export_is_dated_by_its_unix_time_alone():
    """``date`` is the local time of the computer that exported, and names no zone."""
    old, whole = posts("export_old"), posts("export_channel")["110"]

    assert [post.published is None for post in old.values()] == [True, True, False]
    assert (old["1"].published_raw, old["1"].published_zone_known) == ("2026-05-01T12:00:00", False)
    assert (whole.published.isoformat(), whole.updated.isoformat()) == (
        "2026-05-01T10:00:00+00:00",
        "2026-05-01T11:00:00+00:00",
    )


def test_an_export_and_the_page_are_joined_by_the_number_of_the_chat():
    """An export names no channel, so the ids differ; nothing is merged by its title."""
    page, export = posts("page1")["110"], posts("export_channel")["110"]

    assert page.id != export.id
    assert page.extra["chat_id"] == export.extra["chat_id"] == "1006503122"


def test_every_chat_of_an_export_says_what_it_is():
    """Private chats are read like channels, each with its kind."""
    kinds = {post.native_id: post.extra["chat_type"] for post in read("export_all") if isinstance(post, Post)}

    assert kinds == {"77/1": "personal_chat", "77/9": "personal_chat", "88/5": "private_group"}


def test_an_edit_without_its_unix_time_is_kept_as_written():
    """Older exports give the local time alone, which is no instant."""
    records = reread("export_channel", '"edited_unixtime"', '"edited_by"')
    post = next(record for record in records if isinstance(record, Post))

    assert (post.updated, post.extra["edited"]) == (None, "2026-05-01T13:00:00")


def test_the_words_of_a_message_are_found_where_they_stand_in_its_entities_alone():
    """They are no empty message."""
    records = reread(
        "export_old", '"text": "no date"', '"text": "", "text_entities": [{"type": "plain", "text": "hm"}]'
    )

    assert "hm" in [record.content for record in records if isinstance(record, Post)]


def test_chats_in_an_unknown_shape_are_named():
    """An export with nothing in its tables says why."""
    said = [r.what for r in reread("export_all", '"list"', '"lists"') if isinstance(r, ParseWarning) and r.pointer]

    assert set(said) == {"This holds no list of chats."}


@pytest.mark.parametrize("text", ["7", '{"type": "bold"}', '["no", 7]'])
def test_words_that_cannot_be_read_are_named(text):
    """The message is kept, and its text is no empty one."""
    records = reread("export_old", '"text": "no date"', f'"text": {text}')

    assert "A part of this text cannot be read." in [r.what for r in records if isinstance(r, ParseWarning)]
