"""The case report: what was recorded is shown as recorded, and every file and boost leads to its post."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup
from origin import http

from osint.activity import Post
from osint.media.description import MediaFacts
from osint.media.examination import MediaRecord
from osint.media.table import frame
from osint.posts.frame import posts_frame
from osint.report.case_report import case_report

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PAGE = http(b"<html><title>A page</title><body><p>Words of a page.</p></body></html>", "Content-Type: text/html")


class Kept:
    """A ledger whose entries are given."""

    def __init__(self, entries):
        self.kept = entries

    def entries(self):
        return iter(self.kept)

    def checkpoints(self):
        return []

    tokens = cosignatures = checkpoints


@pytest.fixture
def dossier(open_case, origin):
    case = open_case()
    case.collect("webpage", url=origin.serve("/a", PAGE))
    case.extend(exhibit="E0001", reason="The page names it.", accounts=["@find_jane@social.example"])
    return case._dossier()


def post(number, **more):
    return Post(
        **{
            "id": f"mastodon:{number}", "platform": "mastodon", "native_id": str(number), "type": "Note", "exhibit": "E0001",
            "pointer": "/0", "collector": "mastodon/1", "collected": NOON, "published": NOON,
            "published_basis": "platform", "published_raw": "x", "published_zone_known": True, **more,
        }
    )  # fmt: skip


def tables(page, heading):
    """Return the rows of the first table after a heading."""
    soup = BeautifulSoup(page, "html.parser")
    [found] = [each for each in soup.find_all(["h2", "b"]) if heading in each.text]
    table = found.find_next("table")
    return [[cell.text for cell in row.find_all(["td", "th"])] for row in table.find_all("tr")]


def test_the_authority_is_shown_as_recorded_and_leads_apart(dossier):
    """
    A lead that was added later does not read as if the authority had named it from the start.
    """
    page = case_report(dossier)
    [authority] = dossier.standing

    recorded = dict(tables(page, "as recorded on"))

    assert "@find_jane@social.example" in authority.authorization.accounts
    assert "find_jane" not in recorded.get("accounts", "")
    assert next(iter(recorded)) == "identifier"
    headings, lead = tables(page, "Leads added")
    assert headings == ["entry", "to authority", "leads", "exhibit", "reason"]
    assert lead[1:] == [str(authority.seq), "accounts: @find_jane@social.example", "E0001", "The page names it."]


def test_an_authority_without_its_disclosures_is_shown_as_erased(dossier):
    """
    What was erased is named as erased; the report is made all the same.
    """
    erased = [replace(entry, private={}) for entry in dossier.ledger.entries()]

    page = case_report(replace(dossier, ledger=Kept(erased)))

    assert tables(page, "Leads added")[1][2:] == ["(erased)"] * 3
    assert "<p>(erased)</p>" in page.decode()


def test_each_web_page_says_what_its_exhibit_holds(dossier):
    """
    A page as the server sent it has no image, so it falls below the minimum, and the report says so.
    """
    [heads, row] = tables(case_report(dossier), "Web pages")

    assert heads == ["exhibit", "address", "captured", "reason", "minimum met"]
    assert (row[0], row[2:]) == ("E0001", ["full", "The server sent it whole.", "no"])


def test_a_boost_names_what_it_passes_on(dossier):
    """
    A boost has no text of its own; its row names author and address of the other post, collected or not.
    """
    own = post(1, attributed_to="account:mastodon:jane@social.example", url="https://social.example/1", content="Hello")
    boosts = [
        post(2, type="Announce", announce_of="mastodon:1"),
        post(3, type="Announce", announce_of="mastodon:9", announce_of_account="account:mastodon:dawn@social.example"),
    ]
    posts = posts_frame([own, *boosts])

    rows = tables(case_report(replace(dossier, tables={**dossier.tables, "posts": posts})), "Posts (3)")

    assert [row[2] for row in rows[1:]] == [
        "Hello",
        "passed on: jane@social.example https://social.example/1",
        "passed on: dawn@social.example mastodon:9",
    ]


def test_a_file_is_shown_with_its_posts_and_in_words(dossier):
    """
    Who shows it and where, its position without false digits, its warnings as sentences; hashes stand apart.
    """
    posts = posts_frame([post(1, author_handle="jane@social.example", url="https://social.example/1")])
    facts = MediaFacts(
        sha256="a" * 64, size=7, media_type="image/jpeg", taken_local="2026-06-01T10:00:00", latitude=48.0011,
        longitude=-35.0034000000001, position_precision_m=4.66, warnings=("One.", "Two."),
    )  # fmt: skip
    media = frame([MediaRecord(facts=facts, exhibit="E0002", posts=("mastodon:1", "mastodon:9"))])

    page = case_report(replace(dossier, tables={**dossier.tables, "posts": posts, "media": media}))

    assert tables(page, "Media")[1] == [
        "E0002", "", "2026-06-01T10:00:00 (zone unknown)", "48.001100, -35.003400 (± 4.7 m)", "",
        "jane@social.example https://social.example/1; mastodon:9", "One.; Two.",
    ]  # fmt: skip
    assert tables(page, "Hashes of the files")[1] == ["E0002", "", "image/jpeg", "7", "a" * 64]
