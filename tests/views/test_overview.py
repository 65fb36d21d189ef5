"""A case at a glance, and what could be run next."""

import pytest
from origin import http

from osint.errors import QueryError

FEED = (
    b'<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>a</title>'
    b"<pubDate>Mon, 01 Jun 2026 10:00:00 GMT</pubDate></item><item><guid>2</guid><pubDate>no day</pubDate></item>"
    b"</channel></rss>"
)


@pytest.fixture
def case(open_case, origin):
    case = open_case(accounts=["@jane@social.example"])
    case.collect("feed", url=origin.serve("/feed", http(FEED, "Content-Type: application/rss+xml")))
    return case


def test_an_overview_says_where_a_case_stands(case, tmp_path):
    """
    Authority, leads, what is due, what was collected and could not be read, and that nobody vouches for it yet.
    """
    shown = case.overview()
    told = str(shown)
    sections = {part.heading.partition(",")[0]: part for part in shown.sections}

    assert [*sections] == ["Authority", "Whom and where", "Due", "Collected", "Warnings", "What others vouch for"]
    assert sections["Authority"].rows[0][-1] == "in force"
    assert ["accounts", "@jane@social.example"] in sections["Whom and where"].rows
    assert sections["Collected"].rows == [["feed", "1", "2", "2026-06-01", "2026-06-01"]]
    assert "rest on this machine alone" in told
    assert "case.verify() checks it" in told
    assert [row["exhibit"] for row in shown.exhibits.rows] == ["E0001"]
    assert shown.exhibits.rows[0]["posts"] == "2"


def test_an_overview_that_is_saved_is_an_entry_and_its_page_runs_nothing(case, tmp_path):
    """
    Like every chart of a case.
    """
    page = case.overview().save(tmp_path / "overview.html").read_text("utf-8")

    assert "default-src 'none'" in page
    assert "<script" not in page
    assert case.ledger.iloc[-1]["action"] == "export"


def test_an_empty_case_has_an_overview(open_case):
    """
    It says what comes first.
    """
    assert "case.authorize" in str(open_case(authorized=False).overview())


def test_local_time_stands_beside_utc_once_a_zone_is_recorded(case):
    """
    In posts and exhibits.
    """
    case.set_zone("America/Chicago")

    assert case.show(case.posts()).rows[0]["local"] == "2026-06-01 05:00:00 -05:00 CDT"
    assert case.overview().exhibits.rows[0]["local"]


def test_pivots_name_the_lines_that_an_authority_covers_first_and_log_nothing(case):
    """
    The account under authority is covered, and another is not, with the reason and how to add it.
    """
    before = len(case.ledger)
    own, other = (case.pivots(name).rows for name in ("@jane@social.example", "@dawn@social.example"))

    assert own[0]["line"] == "case.collect('mastodon', account='@jane@social.example')"
    assert own[0]["covered"].startswith("yes, ")
    assert {row["covered"] for row in other} == {"no"}
    assert "case.extend(accounts=" in other[0]["reasons"] + other[1]["reasons"]
    assert len(case.ledger) == before


@pytest.mark.parametrize(
    ("entity", "line"),
    [
        ("account:mastodon:jane@social.example", "case.collect('mastodon', account='@jane@social.example')"),
        ("@jane", "case.username('jane')"),
        ("jane", "case.collect('telegram', account='@jane@t.me')"),
        ("account:telegram:westmere", "case.collect('telegram', account='@westmere@t.me')"),
        ("#Westmere", "case.collect('mastodon', tag='Westmere', host='social.example')"),
        ("https://t.me/s/westmere", "case.collect('telegram', account='@westmere@t.me')"),
        ("https://a.example/x", "case.collect('webpage', url='https://a.example/x')"),
    ],
)
def test_pivots_know_accounts_handles_tags_addresses_and_nodes(case, entity, line):
    """
    Each by the source that reads it.
    """
    assert line in [row["line"] for row in case.pivots(entity).rows]


def test_what_is_no_entity_is_refused(case):
    """
    With what would be one.
    """
    with pytest.raises(QueryError):
        case.pivots("Jane Example")


def test_a_visit_that_found_something_gone_is_marked_in_the_conversation(open_case, origin):
    """
    From the ledger's entry of the visit.
    """
    case = open_case()
    url = origin.serve("/feed", http(FEED, "Content-Type: application/rss+xml"))
    case.collect("feed", url=url)
    origin.serve("/feed", http(b"", status="404 Not Found"))
    case.revisit("E0001")
    post = case.posts().iloc[0]["id"]

    assert case.thread(post).rows[0]["marked"][0].startswith("gone when visited again, 2026-")
