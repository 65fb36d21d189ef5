"""An exhibit visited again: what is asked, under what authority, what it is called, and what the tables hold after it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

import pytest
import requests
from origin import NOON, drip, http
from streams import News, listening

import osint
from osint.capture.network import Network
from osint.chain_of_custody.keys import load_or_create
from osint.chain_of_custody.two_persons import Order
from osint.collecting.outcome import Outcome
from osint.collectors import load
from osint.errors import AuthorizationError, CaseError
from osint.query import REPLACED
from osint.serve.sample_site import SampleSite

HTML = "Content-Type: text/html; charset=utf-8"
STAYS = "Nobody seems to know whose boat it is, and it was not there on Thursday evening."
SIGN_IN = '<html><head><title>Log in</title></head><body><form><input type="password"></form></body></html>'


def page(text: str, around: str = "", head: str = "", status: str = "200 OK") -> bytes:
    body = f"<article><h1>Pier</h1><p>{text}</p><p>{STAYS}</p></article>{around}"
    whole = f"<html><head><title>Pier</title>{head}</head><body>{body}</body></html>"
    return http(whole.encode(), HTML, status=status)


def feed(*items: tuple[str, str], picture: str = "", day: str = "2026-05-01") -> bytes:
    attachments = [{"url": picture, "mime_type": "image/png"}] if picture else []
    posts = [
        {"id": name, "content_text": text, "date_published": f"{day}T09:00:00Z", "attachments": attachments}
        for name, text in items
    ]
    told = {"version": "https://jsonfeed.org/version/1.1", "title": "Feed", "items": posts}
    return http(json.dumps(told).encode(), "Content-Type: application/feed+json")


def entries(case, action):
    return [entry for entry in case._ledger.entries() if entry.action == action]


def rebuilt(case):
    """Return the rows before and after all of them were made again from evidence."""
    before = list(case._store.rows())
    case.rebuild()
    return before, list(case._store.rows())


@pytest.fixture
def visited(open_case, origin):
    """Collect what a path answers first, and visit the exhibit again for each further answer."""

    def visit(*answers, collector="webpage", **scope):
        case = open_case(**scope)
        case.collect(collector, url=origin.serve("/page", *answers))
        return case, [case.revisit("E0001") for _ in answers[1:]]

    return visit


def test_the_same_bytes_are_unchanged_and_say_so(visited):
    """
    An answer with equal bytes is a second exhibit, and the basis is the bytes.
    """
    case, [found] = visited(page("A grey boat."), page("A grey boat."))

    assert (found.outcome, found.visit.reason) == (Outcome.UNCHANGED, "the same bytes")
    assert (found.visit.earlier, found.exhibit) == ("E0001", "E0002")
    assert case.posts()["exhibits"].tolist() == [["E0001", "E0002"]]


def test_the_same_post_in_another_page_is_unchanged_and_says_what_is_the_same(visited):
    """
    A nonce or an advertisement around the article is no edit; the words around it are shown all the same.
    """
    _, [found] = visited(page("A grey boat."), page("A grey boat.", "<footer>Served 12:00:07</footer>"))

    assert found.outcome is Outcome.UNCHANGED
    assert found.visit.reason == "the same posts; the page around them differs"
    assert "+ Served 12:00:07" in map(str, found.visit.comparison.text)


def test_edited_words_are_marked_and_the_tables_hold_both_versions(visited):
    """
    The words that went and came are marked inside their lines, with what stayed around them.
    """
    case, [found] = visited(page("A grey boat lay at the east pier."), page("A grey boat lay at the west pier."))
    (changed,) = found.visit.comparison.records

    assert (found.outcome, changed.what) == (Outcome.EDITED, "edited")
    assert "- A grey boat lay at the [-east-] pier." in map(str, changed.text)
    assert "+ A grey boat lay at the {+west+} pier." in map(str, changed.text)
    assert f"  {STAYS}" in map(str, changed.text)
    assert case.posts(versions=True)["exhibit"].tolist() == ["E0001", "E0002"]


def test_links_and_pictures_that_came_and_are_missing_are_listed(visited):
    """
    Addresses are absolute, and what is missing is "not in the new capture".
    """
    _, [found] = visited(
        page("A boat.", '<a href="/old">x</a><img src="/a.png">'), page("A boat.", '<a href="/new">x</a><video src="/b.mp4">')
    )  # fmt: skip
    told = {(each.what, each.url.partition("/page")[0].rpartition("/")[2]) for each in found.visit.comparison.links}
    shown = {(each.what, each.url.rpartition("/")[2]) for each in found.visit.comparison.media}

    assert told == {("new", "new"), ("not in the new capture", "old")}
    assert shown == {("new", "b.mp4"), ("not in the new capture", "a.png")}


def test_a_post_that_is_missing_is_not_called_deleted(visited):
    """
    A list may have moved on: what the new capture lacks is "not in the new capture", and what came is new.
    """
    _, [found] = visited(feed(("1", "one"), ("2", "two")), feed(("2", "two!"), ("3", "three")), collector="feed")
    told = {each.id.rpartition(":")[2].rpartition("/")[2]: each.what for each in found.visit.comparison.records}

    assert found.outcome is Outcome.EDITED
    assert sorted(told.values()) == ["edited", "new", "not in the new capture"]
    assert found.visit.reason == "posts: 1 edited, 1 new, 1 not in the new capture"
    assert "deleted" not in str(found)


def test_posts_outside_the_period_asked_for_are_neither_compared_nor_in_the_tables(visited):
    """
    A second visit widens nothing: what the authority does not cover stays evidence.
    """
    case, [found] = visited(
        feed(("1", "one")), feed(("2", "old"), day="2020-01-01"), collector="feed", since="2026-04-01"
    )

    assert [each.what for each in found.visit.comparison.records] == ["not in the new capture"]
    assert case.posts()["content"].tolist() == ["one"]
    assert rebuilt(case)[0] == rebuilt(case)[1]


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
def test_what_the_server_says_is_not_there_is_gone(visited, status):
    """
    The answer is preserved, gives no post, and the visit says what it shows and what it does not.
    """
    case, [found] = visited(page("A boat."), page("Nothing here", status=status))

    assert (found.outcome, found.exhibit, found.visit.comparison) == (Outcome.GONE, "E0002", None)
    assert "does not show that it never existed" in found.visit.reason
    assert case.posts(versions=True)["exhibit"].tolist() == ["E0001"]
    assert case.warnings()["exhibit"].tolist() == ["E0002"]


@pytest.mark.parametrize(
    "answer",
    [
        page("Access denied", status="403 Forbidden"),
        http(SIGN_IN.encode(), HTML),
        http(b"<html><title>Just a moment...</title></html>", HTML, "cf-mitigated: challenge"),
        http(b'{"error": "This method requires an authenticated user"}', "Content-Type: application/json",
             status="422 Unprocessable Entity"),
    ],
    ids=["403", "sign-in page", "challenge", "422 of an interface"],
)  # fmt: skip
def test_a_wall_is_walled_and_its_words_never_become_a_version_of_the_post(visited, answer):
    """
    Whether the page exists is not known; a sign-in page is not what the author published.
    """
    case, [found] = visited(page("A boat."), answer)

    assert (found.outcome, found.exhibit) == (Outcome.WALLED, "E0002")
    assert case.posts(versions=True)["exhibit"].tolist() == ["E0001"]
    assert rebuilt(case)[0] == rebuilt(case)[1]


def test_a_redirect_to_a_sign_in_page_is_walled(open_case, origin):
    """
    Where a redirect ends decides.
    """
    case = open_case()
    case.collect(
        "webpage", url=origin.serve("/page", page("A boat."), http(b"", "Location: /login", status="302 Found"))
    )
    origin.serve("/login", http(SIGN_IN.encode(), HTML))

    assert case.revisit("E0001").outcome is Outcome.WALLED


def test_a_redirect_to_something_else_is_moved_and_to_the_same_post_is_not(open_case, origin):
    """
    An address that leads to the front page shows none of it; one that leads to the renamed article does.
    """
    moved = http(b"", "Location: /front", status="302 Found")
    renamed = http(b"", "Location: /renamed", status="301 Moved Permanently")
    case = open_case()
    url = origin.serve("/page", page("A boat."), moved, renamed)
    case.collect("webpage", url=url)
    origin.serve("/front", page("Welcome to all our readers."))
    origin.serve("/renamed", page("A boat.", head=f'<link rel="canonical" href="{url}">'))
    front, new_name = case.revisit("E0001"), case.revisit("E0001")

    assert (front.outcome, new_name.outcome) == (Outcome.MOVED, Outcome.UNCHANGED)
    assert "/front, which shows none of it" in front.visit.reason


def test_a_redirect_out_of_scope_is_moved_and_not_followed(open_case, origin, start_origin):
    """
    The way elsewhere is preserved; the place it leads to is asked nothing.
    """
    elsewhere = start_origin()
    case = open_case(hosts=[], urls=[f"http://127.0.0.1:{origin.port}/page"])
    away = http(b"", f"Location: http://127.0.0.1:{elsewhere.port}/", status="302 Found")
    case.collect("webpage", url=origin.serve("/page", page("A boat."), away))
    found = case.revisit("E0001")

    assert (found.outcome, found.exhibit) == (Outcome.MOVED, "E0002")
    assert "not under authority" in found.visit.reason
    assert elsewhere.requests == []


def test_an_exhibit_that_is_a_redirect_is_compared_by_where_it_leads(open_case, origin):
    """
    Its exhibit holds no page: the same way is unchanged, another one is edited.
    """
    ways = [http(b"", f"Location: /{name}", status="302 Found") for name in ("a", "a", "b")]
    case = open_case()
    for name in ("a", "b"):
        origin.serve(f"/{name}", page(f"Page {name}."))
    case.collect("webpage", url=origin.serve("/page", *ways))
    same, other = case.revisit("E0001"), case.revisit("E0001")

    assert (same.outcome, other.outcome) == (Outcome.UNCHANGED, Outcome.EDITED)
    assert "it led to /a before, and now it leads to /b" in other.visit.reason


def test_an_answer_that_broke_off_is_unreadable_and_not_edited(visited):
    """
    What is missing in half a page was not taken out of it by anybody.
    """
    whole = page("A boat.")
    _, [found] = visited(whole, whole[:-120])

    assert found.outcome is Outcome.UNREADABLE
    assert "E0002 is not whole" in found.visit.reason


def test_a_redirect_whose_words_were_cut_still_says_where_it_leads(visited, origin):
    """
    Its head is the answer; nobody is shown its body.
    """
    origin.serve("/front", page("A boat."))
    cut = http(b"It is over there.", "Location: /front", HTML, status="302 Found")[:-5]
    _, [found] = visited(cut, cut)

    assert (found.outcome, found.visit.reason) == (Outcome.UNCHANGED, "it leads to the same address")


LONG = "<p>The same words stand in the part that came.</p>" * 60


@pytest.mark.parametrize("how", ["disconnect", "limit"])
def test_two_answers_that_were_cut_at_one_place_are_not_called_the_same(open_case, origin, loopback, how):
    """
    The bytes that came are equal, and the pages behind them are not.
    """
    pages = [page(LONG, around=f"<p>{end}</p>") for end in ("The end.", "Another end.")]
    answers = [each[:2_000] for each in pages] if how == "disconnect" else pages
    case = open_case(network=replace(loopback, body_limit=2_000) if how == "limit" else loopback)
    case.collect("webpage", url=origin.serve("/page", *answers))
    found = case.revisit("E0001")

    assert found.outcome is Outcome.UNREADABLE
    assert "E0001 is not whole" in found.visit.reason
    assert "E0002 is not whole" in found.visit.reason


def test_a_page_that_is_whole_now_and_was_cut_before_was_not_edited(visited):
    """
    Nobody added the second half; the reason names the exhibit that lacks it.
    """
    whole = page("A boat.")
    case, [found] = visited(whole[:-120], whole)

    assert found.outcome is Outcome.UNREADABLE
    assert found.visit.reason.startswith("E0001 is not whole")
    assert "E0002" not in found.visit.reason
    assert rebuilt(case)[0] == rebuilt(case)[1]


@pytest.mark.parametrize("body", [b"", b"<html><body><p>A boat at the pier.</p></body></html>"], ids=["empty", "page"])
@pytest.mark.parametrize(
    ("status", "was"),
    [
        ("404 Not Found", "it was gone"),
        ("403 Forbidden", "it was behind a wall"),
        ("500 Internal Server Error", "an error page stood in its place"),
    ],
)
def test_what_was_refused_and_is_there_is_edited_though_its_bytes_are_equal(open_case, origin, status, was, body):
    """
    A server may send one body under every status; the status is what it says of the address.
    """
    case = open_case()
    url = origin.serve("/page", http(body, HTML, status=status), http(body, HTML))
    with suppress(osint.OsintError):
        case.collect("webpage", url=url)
    found = case.revisit("E0001")

    assert (found.outcome, found.visit.reason) == (Outcome.EDITED, f"{was} and is there")
    assert not found.visit.comparison.same


def test_an_answer_of_another_kind_is_unreadable(visited):
    """
    A feed that answers with a page now shows no post that could be compared.
    """
    case, [found] = visited(feed(("1", "one")), page("We moved our feed."), collector="feed")

    assert found.outcome is Outcome.UNREADABLE
    assert rebuilt(case)[0] == rebuilt(case)[1]


def test_a_host_that_is_silent_is_failed_and_an_entry(open_case, origin):
    """
    Nothing came, so there is no exhibit; the attempt and its conclusion are in the ledger.
    """
    case = open_case()
    case.collect("webpage", url=origin.serve("/page", page("A boat."), lambda connection: connection.close()))
    found = case.revisit("E0001")

    assert (found.outcome, found.exhibit) == (Outcome.FAILED, None)
    assert [entry.outcome for entry in case._ledger.entries()][-2:] == ["failed", "failed"]
    assert case.interrupted() == []


def test_too_many_requests_is_failed_and_the_refusal_is_kept(open_case, origin, loopback):
    """
    "Come back later" says nothing of the page.
    """
    case = open_case(network=replace(loopback, patience=0, attempts=1))
    later = http(b"later", "Retry-After: 60", status="429 Too Many Requests")
    case.collect("webpage", url=origin.serve("/page", page("A boat."), later))
    found = case.revisit("E0001")

    assert (found.outcome, found.exhibit) == (Outcome.FAILED, "E0002")
    assert rebuilt(case)[0] == rebuilt(case)[1]


def test_out_of_authority_nothing_is_asked_and_the_refusal_names_the_exhibit(open_case, origin):
    """
    The gate decides anew: an authority that expired covers no second visit.
    """
    instant = [NOON]
    case = open_case(clock=lambda: instant[0], expires="2026-06-02")
    case.collect("webpage", url=origin.serve("/page", page("A boat.")))
    instant[0] = NOON.replace(day=4)
    with pytest.raises(AuthorizationError, match="expired"):
        case.revisit("E0001")

    refusal = entries(case, "search")[-1]
    assert (refusal.outcome, refusal.object) == ("refused", ({"kind": "revisit", "exhibit": "E0001"},))
    assert len(origin.requests) == 1


def test_the_ledger_names_the_exhibit_and_the_outcome_in_clear(visited):
    """
    Search and conclusion name what was visited again; the reason, which may name a person, does not stand in clear.
    """
    case, [found] = visited(page("A boat."), page("A blue boat."))
    search, conclusion = entries(case, "search")[-1], entries(case, "conclude")[-1]

    assert (search.seq, conclusion.seq) == found.visit.entries
    assert search.object == conclusion.object == ({"kind": "revisit", "exhibit": "E0001"},)
    assert conclusion.result == (
        {"captures": 1, "posts": 1, "warnings": 0, "stop": "limit"}, {"kind": "edited"},
    )  # fmt: skip
    assert found.visit.reason not in conclusion.line.decode()
    assert case.verify()


def test_tables_made_again_from_evidence_are_the_same(visited):
    """
    A visit in the middle of an account's pages has no page that led to it; it is read by itself.
    """
    case, found = visited(
        page("A boat."), page("A blue boat."), page("Gone", status="404 Not Found"), page("A red boat.")
    )

    assert [each.outcome for each in found] == [Outcome.EDITED, Outcome.GONE, Outcome.EDITED]
    assert rebuilt(case)[0] == rebuilt(case)[1]
    assert case.verify()


@pytest.fixture
def order(tmp_path):
    return Order(
        authority="Circuit Court, order 26-1184", reason="The record was expunged.", requester="J. Smit, badge 4471",
        approver=load_or_create(tmp_path / "keys of the chief", "actor"), approver_name="A. Berg, badge 12",
    )  # fmt: skip


def test_a_visit_whose_question_was_erased_is_still_read_as_one(visited, order):
    """
    The ledger says in clear that it was a visit: a sign-in page becomes no version of the post then either.
    """
    case, _ = visited(page("A boat."), http(SIGN_IN.encode(), HTML))
    searches = [entry.seq for entry in entries(case, "search")]
    case.erasing.redact(order, values={number: ["query"] for number in searches})

    assert "query" not in entries(case, "search")[-1].private
    assert case.posts(versions=True)["exhibit"].tolist() == ["E0001"]
    assert rebuilt(case)[0] == rebuilt(case)[1]


def test_an_exhibit_that_was_purged_is_not_visited_again(visited, order, origin):
    """
    What was destroyed on order is not fetched again by the way.
    """
    case, _ = visited(page("A boat."))
    case.erasing.purge(["E0001"], order)

    with pytest.raises(CaseError, match="purged on order"):
        case.revisit("E0001")
    assert len(origin.requests) == 1


def test_a_visit_that_was_purged_is_left_out_of_the_tables(visited, order):
    """
    The first capture stays as it was.
    """
    case, _ = visited(page("A boat."), page("A blue boat."))
    case.erasing.purge(["E0002"], order)

    assert case.posts(versions=True)["exhibit"].tolist() == ["E0001"]
    assert case.verify()


def test_a_visit_keeps_the_pace_that_the_source_asks_for(open_case, origin, monkeypatch):
    """
    The pace is the source's, and not the run's.
    """
    case = open_case()
    case.collect("webpage", url=origin.serve("/page", page("one")))
    paces = []
    monkeypatch.setattr(load("webpage"), "MANIFEST", replace(load("webpage").MANIFEST, pace=7))
    monkeypatch.setattr(case._door._patience, "keep_pace", lambda host, pace, limits: paces.append(pace))

    case.revisit("E0001")

    assert paces == [7]


def test_a_visit_is_no_run_to_go_on_with(visited):
    """
    It asked for one address; whoever wants to know again visits it again.
    """
    case, _ = visited(page("A boat."), lambda connection: connection.close())
    run = case._collection.runs()[-1]

    assert (run.revisits, run.may_go_on) == ("E0001", False)
    with pytest.raises(CaseError):
        case.resume(run.id)


def test_what_is_no_capture_or_holds_a_secret_address_is_refused(open_case, origin):
    """
    There is nothing to ask for; nothing is asked, and the message says what to do.
    """
    case = open_case()
    case.collect("webpage", url=origin.serve("/page?token=hidden", page("A boat.")))

    assert REPLACED in entries(case, "acquire")[0].private["url"]
    with pytest.raises(CaseError, match="may be a secret"):
        case.revisit("E0001")
    with pytest.raises(CaseError, match="no capture of this case"):
        case.revisit("E0099")
    assert len(origin.requests) == 1


def test_an_answer_to_a_request_with_a_body_is_not_asked_for_by_its_address_alone(open_case, origin, monkeypatch):
    """
    The evidence says with what it was asked; without that body the host would be asked for something else.
    """
    case = open_case()
    with monkeypatch.context() as patch:
        plain = requests.Session.request
        patch.setattr(
            requests.Session, "request", lambda self, _, url, **how: plain(self, "POST", url, **{**how, "data": b"?"})
        )
        case.collect("webpage", url=origin.serve("/page", page("A boat.")))

    with pytest.raises(CaseError, match="request with a body"):
        case.revisit("E0001")
    assert len(origin.requests) == 1


def test_a_conversation_is_not_asked_again_and_the_message_says_what_it_is(open_case):
    """
    A newsgroup is no web address, and its exhibit answers no request with a body; nothing is said to its server.
    """
    mail = b"From: Jane <jane@mail.example>\r\nMessage-ID: <1@mail.example>\r\nSubject: Pier\r\n\r\nA boat.\r\n.\r\n"
    group = b"211 1 1 1 local.westmere\r\n"
    news = News(0, {"GROUP local.westmere": group, "ARTICLE 1": b"220 1 <1@mail.example>\r\n" + mail})
    case = open_case()
    with listening(news.speak) as port:
        case.collect("mailing_list", url=f"nntp://127.0.0.1:{port}/local.westmere")
        heard = len(news.heard)
        with pytest.raises(
            CaseError, match="conversation with a newsgroup or a relay, and a stream is not asked again"
        ):
            case.revisit("E0001")

    assert len(news.heard) == heard > 0
    assert entries(case, "search")[-1] == entries(case, "search")[0]


def test_an_import_is_asked_at_its_address_when_that_is_under_authority(open_case, origin, tmp_path):
    """
    A saved page is compared with what the server sends now.
    """
    saved = tmp_path / "saved.html"
    saved.write_bytes(page("A grey boat.").partition(b"\r\n\r\n")[2])
    case = open_case()
    case.import_file(saved, declared(origin.serve("/page", page("A blue boat."))))
    found = case.revisit("E0001")

    assert (found.outcome, found.exhibit) == (Outcome.EDITED, "E0002")
    assert rebuilt(case)[0] == rebuilt(case)[1]


def test_an_import_whose_address_is_not_under_authority_is_refused_as_such(open_case, tmp_path):
    """
    It could be taken in while an authority covered it; asking its host is another step.
    """
    saved = tmp_path / "saved.html"
    saved.write_bytes(page("A grey boat.").partition(b"\r\n\r\n")[2])
    instant = [NOON]
    case = open_case(clock=lambda: instant[0], expires="2026-06-02", hosts=["page.example"])
    case.import_file(saved, declared("http://page.example/a"))
    instant[0] = NOON.replace(day=4)

    with pytest.raises(AuthorizationError, match="refused and nothing was asked"):
        case.revisit("E0001")


def test_an_import_without_an_address_is_refused_with_what_to_do(open_case, tmp_path):
    """
    Nobody knows what to ask.
    """
    saved = tmp_path / "saved.html"
    saved.write_bytes(b"<html><body><p>A boat.</p></body></html>")
    case = open_case()
    case.import_file(saved, declared(""))

    with pytest.raises(CaseError, match="Collect the address itself"):
        case.revisit("E0001")


def test_a_saved_page_of_a_source_that_is_not_asked_for_its_pages_is_not_asked_again(open_case, tmp_path):
    """
    MySpace's terms forbid it: its pages come from an archive, or as files; no host is asked, and nothing is logged.
    """
    saved = tmp_path / "saved.html"
    saved.write_bytes(b'<html><head><meta property="og:title" content="Jane"></head><body>songs</body></html>')
    case = open_case(hosts=["myspace.com"])
    case.import_file(saved, declared("https://myspace.com/janeex"))
    before = len(list(case._ledger.entries()))

    with pytest.raises(CaseError, match="pages of myspace are not asked for"):
        case.revisit("E0001")
    assert len(list(case._ledger.entries())) == before


def declared(address):
    return osint.SavedBy(
        name="W. Itness", role="witness", at="not known", program="not known", logged_in=False, came="on a stick",
        address=address,
    )  # fmt: skip


def test_a_page_of_an_account_is_asked_for_under_the_account(open_case):
    """
    The authority names the account and not its host; the page is one that only the profile before it leads to.
    """
    with SampleSite() as site:
        case = open_case(
            network=Network(hosts=site.hosts, ca=site.ca, pace=0), hosts=[], accounts=["@jane@social.example"]
        )
        case.collect("mastodon", account="@jane@social.example")
        exhibits = [each.number for each in case._ledger.exhibits()]
        found = [case.revisit(exhibit) for exhibit in exhibits]

    assert {each.outcome for each in found} == {Outcome.UNCHANGED}
    assert len(exhibits) > 1
    assert rebuilt(case)[0] == rebuilt(case)[1]
    assert case.verify()


def png(colour):
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (4, 4), colour).save(out, "PNG")
    return http(out.getvalue(), "Content-Type: image/png")


def test_a_file_with_other_bytes_at_the_same_address_is_edited(open_case, origin):
    """
    The picture of a post is asked for again under the authority of the post, and both files are in the table.
    """
    case = open_case()
    picture = origin.serve("/a.png", png("red"), png("red"), png("blue"))
    case.collect("feed", url=origin.serve("/feed", feed(("1", "one"), picture=picture)))
    case.media(case.posts())
    same, other = case.revisit("E0002"), case.revisit("E0002")

    assert (same.outcome, same.visit.reason) == (Outcome.UNCHANGED, "the same bytes")
    assert (other.outcome, other.visit.reason) == (Outcome.EDITED, "other bytes")
    assert case.media()["sha256"].nunique() == 2
    assert rebuilt(case)[0] == rebuilt(case)[1]
    assert case.verify()


FILM = b"\0\0\0\x14ftypisom\0\0\0\0isom" + bytes(range(256)) * 40
OTHER_FILM = FILM[:-1] + b"!"


@pytest.fixture
def in_parts(open_case, origin):
    """Preserve a film that broke off and came in two answers, E0002 and E0003; its address then answers as given."""

    def preserve(*answers):
        about, at = ('ETag: "1"', "Accept-Ranges: bytes", "Content-Type: video/mp4"), 4_000
        rest = f"Content-Range: bytes {at}-{len(FILM) - 1}/{len(FILM)}"
        whole = http(FILM, *about)
        film = origin.serve(
            "/film.mp4", drip(whole[: at - len(FILM)]), http(FILM[at:], *about, rest, status="206 Partial Content"),
            *(http(each, *about) for each in answers),
        )  # fmt: skip
        case = open_case()
        case.collect("feed", url=origin.serve("/feed", feed(("1", "one"), picture=film)))
        case.media(case.posts())
        assert case.media()["parts"].tolist() == [["E0002", "E0003"]]
        return case

    return preserve


@pytest.mark.parametrize("part", ["E0002", "E0003"])
def test_a_file_that_came_in_parts_is_compared_as_a_whole(in_parts, part):
    """
    Whichever part is visited again: the file is what its parts make together.
    """
    case = in_parts(FILM, OTHER_FILM)
    same, other = case.revisit(part), case.revisit(part)

    assert (same.outcome, same.visit.reason) == (Outcome.UNCHANGED, "the same bytes")
    assert (other.outcome, other.visit.reason) == (Outcome.EDITED, "other bytes")
    assert rebuilt(case)[0] == rebuilt(case)[1]


@pytest.mark.parametrize(
    ("purged", "left", "lacks"), [("E0002", "E0003", "a part of a file"), ("E0003", "E0002", "The answer was cut")]
)
def test_a_part_whose_others_were_purged_is_compared_with_nothing(in_parts, order, purged, left, lacks):
    """
    A part beside a whole film is no edit.
    """
    case = in_parts(FILM)
    case.erasing.purge([purged], order)
    found = case.revisit(left)

    assert found.outcome is Outcome.UNREADABLE
    assert lacks in found.visit.reason
