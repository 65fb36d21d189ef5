"""The Mastodon instance: lists and their paging, threads, refusals, and what the entities hold."""

from __future__ import annotations

import html
import re
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osint.serve.mastodon_instance import MastodonInstance
from osint.serve.sample_data import accounts, statuses
from osint.serve.virtual_host import Request

API = "https://social.example/api/v1"
JANE = f"{API}/accounts/{accounts()['jane'].id}/statuses"


def walk(fetch, site, url, relation="next"):
    """Follow one relation of the Link header to its end; return the identifiers, in order, and the requests made."""
    seen, requests = [], 0
    while url:
        page = fetch(site, url)
        assert page.status == 200
        requests += 1
        identifiers = [status["id"] for status in page.json]
        seen += identifiers if relation == "next" else identifiers[::-1]
        found = re.search(rf'<([^>]*)>; rel="{relation}"', page.headers.get("Link", ""))
        url = found[1] if found else None
    return seen, requests


def newest_first(rows):
    return sorted((status.id for status in rows), key=int, reverse=True)


@pytest.mark.parametrize("limit", [1, 7, 20, 40])
def test_walking_an_account_meets_every_status_once(fetch, site, limit):
    """
    The pages of an account, whatever their size, hold each of its statuses exactly once, newest first.
    """
    own = [status for status in statuses().values() if status.by == "jane"]

    seen, _ = walk(fetch, site, f"{JANE}?limit={limit}")

    assert newest_first(own) == seen


@pytest.mark.parametrize("limit", [7, 40])
def test_walking_forwards_meets_every_status_once(fetch, site, limit):
    """
    The way through rel="prev" and min_id, from the first status on, meets them all in the order of time.
    """
    own = [status for status in statuses().values() if status.by == "jane"]

    seen, _ = walk(fetch, site, f"{JANE}?limit={limit}&min_id=0", relation="prev")

    assert newest_first(own)[::-1] == seen


def test_account_list_ends_with_a_short_page(fetch, site):
    """
    43 statuses are two pages of 40; the second, being short, offers no next.
    """
    assert walk(fetch, site, f"{JANE}?limit=40")[1] == 2


def test_hashtag_list_ends_with_an_empty_page(fetch, site):
    """
    A timeline offers a next page until one comes back empty, as the server's own code does.
    """
    tagged = [row for row in statuses().values() if "#westmere" in row.text and row.visibility == "public"]

    seen, requests = walk(fetch, site, f"{API}/timelines/tag/Westmere?limit=40")

    assert newest_first(tagged) == seen
    assert requests == 3


def test_since_id_leaves_a_gap_and_min_id_does_not(get):
    """
    With since_id a page holds the newest, with min_id the ones right after it.
    """
    own = newest_first(status for status in statuses().values() if status.by == "jane")

    since = [status["id"] for status in get(f"{JANE}?limit=3&since_id={own[-1]}").json]
    after = [status["id"] for status in get(f"{JANE}?limit=3&min_id={own[-1]}").json]

    assert own[:3] == since
    assert own[-4:-1] == after


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 20),
        ("limit=5", 5),
        ("limit=1000", 40),
        ("limit=-5", 5),
        ("limit=0", 0),
        ("limit=abc", 0),
        ("limit=", 0),
        ("limit=" + "9" * 5000, 40),
    ],
)
def test_limit_is_read_as_the_server_reads_it(get, query, count):
    """
    The default is 20, the most is 40, a sign is dropped and nonsense is nothing.
    """
    assert count == len(get(f"{JANE}?{query}").json)


@pytest.mark.parametrize("query", ["exclude_replies=true", "page=9", "x", "a=1&a=2", "%ff=%00", "=&&="])
def test_unknown_parameters_change_nothing(get, query):
    """
    Parameters that the site does not know are ignored.
    """
    assert get(JANE).json == get(f"{JANE}?{query}").json


def test_public_timeline_shows_no_boosts_replies_or_unlisted_posts(fetch, site, get):
    """
    The live feed holds public posts that answer nobody else; ``local=true`` leaves out other servers, on each page.
    """
    rows = statuses()
    public = [row for row in rows.values() if not row.boost and row.visibility == "public" and not row.reply_to]
    local = [row for row in public if accounts()[row.by].local]

    assert newest_first(public) == walk(fetch, site, f"{API}/timelines/public?limit=40")[0]
    assert newest_first(local) == walk(fetch, site, f"{API}/timelines/public?limit=9&local=true")[0]


@pytest.mark.parametrize("acct", ["jane", "@jane", "Jane", "jane@social.example"])
def test_account_is_found_by_its_handle(get, acct):
    """
    A local account is found with or without the host, in any letter case.
    """
    assert get(f"{API}/accounts/lookup?acct={acct}").json["acct"] == "jane"


def test_remote_account_keeps_its_home(get):
    """
    An account of another server is known by its full handle, and its addresses lead home.
    """
    account = get(f"{API}/accounts/lookup?acct=ines@harbour.example").json
    first = get(f"{API}/accounts/{account['id']}/statuses").json[0]

    assert account["acct"] == "ines@harbour.example"
    assert account["url"] == "https://harbour.example/@ines"
    assert first["uri"].startswith("https://harbour.example/users/ines/statuses/")


@pytest.mark.parametrize(
    "path",
    [
        "accounts/lookup",
        "accounts/lookup?acct=ines",
        "accounts/1",
        "accounts/jane/statuses",
        "statuses/1",
        "statuses/1/context",
    ],
)
def test_unknown_records_are_not_found(get, path):
    """
    What does not exist is answered in the server's own words.
    """
    answer = get(f"{API}/{path}")

    assert (answer.status, answer.json) == (404, {"error": "Record not found"})


@pytest.mark.parametrize(
    "path",
    ["accounts/lookup?acct=jane", "timelines/public", "timelines/tag/westmere", "statuses/1", "accounts/1/statuses"],
)
def test_closed_instance_refuses_anonymous_readers(get, path):
    """
    The closed instance asks for an account, whatever is asked of it.
    """
    answer = get(f"https://closed.example/api/v1/{path}")

    assert (answer.status, answer.json) == (401, {"error": "This method requires an authenticated user"})


@pytest.mark.parametrize(("host", "access"), [("social.example", "public"), ("closed.example", "authenticated")])
def test_instance_says_who_may_read_its_timelines(get, host, access):
    """
    The instance entity of each server says what its timelines then do.
    """
    instance = get(f"https://{host}/api/v2/instance").json

    assert host == instance["domain"]
    assert {"local": access, "remote": access} == instance["configuration"]["timelines_access"]["live_feeds"]


def test_thread_is_told_from_its_first_post_to_its_last(get):
    """
    The context of a reply holds what it answers, oldest first, and what answers it.
    """
    rows = statuses()

    context = get(f"{API}/statuses/{rows['d11'].id}/context").json

    assert [rows["w03"].id] == [status["id"] for status in context["ancestors"]]
    assert [rows["c06"].id] == [status["id"] for status in context["descendants"]]


def test_identifier_tells_the_instant(get):
    """
    The upper bits of an identifier are the milliseconds at which the status was made, for each of them.
    """
    assert len(statuses()) > 100
    for key, row in statuses().items():
        status = get(f"{API}/statuses/{row.id}").json
        made = round(datetime.fromisoformat(status["created_at"]).timestamp() * 1000)

        assert made == int(status["id"]) >> 16, key


def test_boost_holds_the_boosted_status(get):
    """
    A boost has no content of its own; the boosted status stands inside it.
    """
    rows = statuses()
    boost = get(f"{API}/statuses/{rows['d03'].id}").json

    assert boost["content"] == ""
    assert rows["j09"].id == boost["reblog"]["id"]
    assert boost["uri"].endswith("/activity")


def test_counts_agree_with_the_rows(get):
    """
    Replies and boosts are counted from the statuses that can be read, so nothing seems to be missing.
    """
    rows = statuses().values()
    counted = get(f"{API}/statuses/{statuses()['d10'].id}").json

    assert sum(row.boost == "d10" for row in rows) == counted["reblogs_count"] == 4
    assert sum(row.reply_to == "d10" for row in rows) == counted["replies_count"]
    assert get(f"{API}/accounts/lookup?acct=jane").json["statuses_count"] == 43


def test_peculiar_statuses_are_there(get):
    """
    One of each: edited, with a warning, a poll, a quote, withheld counts, a preview of a link.
    """
    rows = {key: get(f"{API}/statuses/{statuses()[key].id}").json for key in ("j41", "j32", "p01", "r03", "i04", "j09")}

    assert rows["j41"]["edited_at"] == "2026-05-28T19:51:22.640Z"
    assert (rows["j32"]["sensitive"], rows["j32"]["spoiler_text"]) == (True, "exam results, mine")
    assert [option["title"] for option in rows["p01"]["poll"]["options"]] == ["Plum", "Spider", "Squeak"]
    assert statuses()["j35"].id == rows["r03"]["quote"]["quoted_status"]["id"]
    assert rows["i04"]["favourites_count"] == -1
    assert rows["j09"]["card"]["title"] == "Fog on the river, for the ninth morning"


def test_typed_markup_is_escaped_by_the_server(get):
    """
    Script that somebody typed arrives as text; the markup of a careless server arrives as it is.
    """
    typed = get(f"{API}/statuses/{statuses()['x01'].id}").json["content"]
    passed_on = get(f"{API}/statuses/{statuses()['x02'].id}").json["content"]

    assert "<script" not in typed and "&lt;script&gt;" in typed
    assert "<script>" in passed_on and "onerror" in passed_on and "\u202e" in passed_on


def test_markup_in_a_profile_is_escaped_by_the_server(get):
    """
    The note of an account is typed text too; its name is plain text, and passed on as it is.
    """
    account = get(f"{API}/accounts/lookup?acct=prankster").json

    assert "<img" not in account["note"]
    assert "&lt;img" in account["note"]
    assert account["display_name"] == "<b>\u202erekcirt\u202c</b>"


def test_json_holds_no_markup_characters(get):
    """
    Markup is escaped in the JSON itself, as the server spells it.
    """
    body = get(f"{API}/statuses/{statuses()['x02'].id}").body

    assert not {b"<"[0], b">"[0], b"&"[0]} & set(body)


def test_text_survives_the_markup(get):
    """
    Without its tags, the content of a status is what was typed: links, mentions and scripts of other peoples too.
    """
    for key in ("j04", "z02", "l02", "k01", "m01", "x01"):
        content = get(f"{API}/statuses/{statuses()[key].id}").json["content"].replace("</p><p>", "\n\n")

        assert statuses()[key].text == html.unescape(re.sub(r"<[^>]*>", "", content))


def test_every_attachment_can_be_fetched(fetch, site):
    """
    Every address of a photograph and of its preview leads to a JPEG of the size that the status gives.
    """
    page = fetch(site, f"{API}/timelines/public?limit=40").json
    attachments = [attachment for status in page for attachment in status["media_attachments"]]

    assert len(attachments) > 5
    for attachment in attachments:
        for kind in ("url", "preview_url"):
            picture = fetch(site, attachment[kind])
            assert (picture.status, picture.headers["Content-Type"]) == (200, "image/jpeg")


def test_pages_for_people_name_their_author_and_escape_their_text(get):
    """
    The page of a status carries OpenGraph, and hostile text in it stays text.
    """
    page = get(f"https://social.example/@prankster/{statuses()['x01'].id}").body.decode()

    assert 'property="og:type"' in page
    assert "<script" not in page and "<b>" not in page


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/users/jane", "/@jane"),
        (f"/users/jane/statuses/{statuses()['j01'].id}", f"/@jane/{statuses()['j01'].id}"),
    ],
)
def test_federation_addresses_lead_to_pages(get, old, new):
    """
    The ``uri`` of an account or a status leads a person to its page.
    """
    answer = get(f"https://social.example{old}")

    assert (301, f"https://social.example{new}") == (answer.status, answer.headers["Location"])
    assert get(answer.headers["Location"]).status == 200


def test_page_of_a_status_under_another_name_is_not_found(get):
    """
    A status has a page under its author's name only.
    """
    assert get(f"https://social.example/@dawn/{statuses()['j01'].id}").status == 404


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from([JANE, f"{API}/timelines/tag/westmere", f"{API}/timelines/public"]),
    query=st.dictionaries(st.sampled_from(["limit", "max_id", "min_id", "since_id", "local"]), st.text(max_size=40)),
)
def test_any_query_gives_an_ordered_page(path, query):
    """
    Whatever stands in the parameters, the answer is a page of at most 40, newest first.
    """
    instance = MastodonInstance(clock=lambda: datetime.fromisoformat("2026-11-01T00:00:00Z"))

    answer = instance.answer(
        Request(host="social.example", path=path.removeprefix("https://social.example"), query=query)
    )

    identifiers = [int(found) for found in re.findall(rb'(?:\[|\},)\{"id":"(\d+)","created_at":"2026', answer.body)]
    assert answer.status == 200
    assert len(identifiers) <= 40
    assert sorted(identifiers, reverse=True) == identifiers
