"""The case report: what was recorded is shown as recorded, and every file and boost leads to its post."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup
from origin import http

from osint.activity import Post
from osint.instants import format_instant
from osint.media.agreement import agreed
from osint.media.description import MediaFacts
from osint.media.examination import MediaRecord
from osint.media.table import frame
from osint.media.value import Value
from osint.posts.frame import posts_frame
from osint.report import media_part
from osint.report.case_report import case_report
from osint.report.media_part import MOST_VALUES

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PAGE = http(b"<html><title>A page</title><body><p>Words of a page.</p></body></html>", "Content-Type: text/html")


class Kept:
    """A ledger whose entries are given."""

    def __init__(self, entries):
        self.kept = entries

    def __len__(self):
        return len(self.kept)

    def entries(self, start=0):
        return iter(self.kept[start:])

    def checkpoints(self):
        return []

    tokens = cosignatures = exhibits = checkpoints


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
    [found] = [each for each in soup.find_all(["h2", "h3"]) if heading in each.text]
    table = found.find_next("table")
    return [[cell.text for cell in row.find_all(["td", "th"])] for row in table.find_all("tr")]


def test_the_authority_is_shown_as_recorded_and_leads_apart(dossier):
    """
    A lead that was added later does not read as if the authority had named it from the start.
    """
    page = b"".join(case_report(dossier))
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

    page = b"".join(case_report(replace(dossier, ledger=Kept(erased))))

    assert tables(page, "Leads added")[1][2:] == ["(erased)"] * 3
    assert "<p>(erased)</p>" in page.decode()


def test_each_web_page_says_what_its_exhibit_holds(dossier):
    """
    A page as the server sent it has no image, so it falls below the minimum, and the report says so.
    """
    [heads, row] = tables(b"".join(case_report(dossier)), "Web pages")

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

    rows = tables(b"".join(case_report(replace(dossier, tables={**dossier.tables, "posts": posts}))), "Posts (3)")

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

    page = b"".join(case_report(replace(dossier, tables={**dossier.tables, "posts": posts, "media": media})))

    assert tables(page, "Media")[1] == [
        "E0002", "", "2026-06-01T10:00:00 (zone unknown)", "48.001100, -35.003400 (spelled to 4.66 m; accuracy not stated)", "",
        "jane@social.example https://social.example/1; mastodon:9", "One. Two.",
    ]  # fmt: skip
    assert "What the files state" not in page.decode()
    assert tables(page, "Hashes of the files")[1] == ["E0002", "", "image/jpeg", "7", "a" * 64]


def test_the_instant_of_a_clock_stands_with_its_grade(dossier):
    """
    An offset that the receiver contradicts gives an instant, and it is not to be relied on.
    """
    told = {"taken_local": "2026-05-03T14:22:11", "taken_offset": "+02:00", "gps_time": "2026-05-03T09:22:11Z"}
    values = tuple(stated(fact, value, "exifread 3") for fact, value in told.items())
    facts = MediaFacts(
        sha256="a" * 64, size=7, media_type="image/jpeg", values=values, taken=NOON, taken_local=told["taken_local"]
    )
    media = frame([MediaRecord(facts=facts, exhibit="E0002")])

    page = b"".join(case_report(replace(dossier, tables={**dossier.tables, "media": media})))

    assert tables(page, "Media")[1][1] == f"{format_instant(NOON)} (grade D)"


def stated(fact, value, reader, **more):
    return Value(
        **{
            "block": "EXIF", "group": "Image", "name": fact, "fact": fact, "value": value, "text": f"{value}",
            "reader": reader, **more,
        }
    )  # fmt: skip


def test_a_file_is_shown_in_full_with_what_is_disputed_first(dossier):
    """
    Each value with its bytes and all who read it so; times and positions with their grades; words of hostile files
    are text.
    """
    cited = {"byte_start": 10, "byte_length": 4, "bytes_sha256": "cd" * 32}
    values = agreed(
        [
            stated("camera_make", "<script>Acme", "exifread 3", **cited),
            stated("camera_make", "Other", "ExifTool 13"),
            stated("camera_model", "C-1", "ExifTool 13"),
            stated("camera_model", "C-1", "exifread 3", **cited),
            stated("taken_local", "2026-05-03T14:22:11", "exifread 3"),
            stated("latitude", 52.0, "exifread 3"),
            stated("longitude", 4.0, "exifread 3"),
            stated("position_step", 31.0, "exifread 3"),
            *(stated("keywords", f"word {number}", "exifread 3") for number in range(MOST_VALUES + 5)),
        ]
    )
    facts = MediaFacts(sha256="a" * 64, size=7, media_type="application/pdf", values=values)
    record = MediaRecord(facts=facts, exhibit="E0001", url="https://m.example/IMG-20260503-WA0007.jpg", preserved=NOON)
    given = {**dossier.tables, "media": frame([record, replace(record, exhibit="E0009")])}

    page = b"".join(case_report(replace(dossier, tables=given, files=[record, replace(record, exhibit="E0009")])))

    part = page.decode().partition("What the files state")[2]
    assert "<script" not in part
    assert part.count("Exhibit E0001, SHA-256") == 1
    assert "Exhibit E0009, SHA-256" not in part  # the same bytes
    disputed = tables(part, "Readers disagree")
    assert [(row[1], row[5]) for row in disputed[1:]] == [("<script>Acme", "exifread 3"), ("Other", "ExifTool 13")]
    assert tables(part, "Times, none merged")[1][:5] == [
        "camera clock", "2026-05-03 14:22:11", "2026-05-03T00:22:11Z", "2026-05-04T02:22:11Z", "D",
    ]  # fmt: skip
    assert tables(part, "Positions")[1][:4] == [
        "52.000000, 4.000000",
        "spelled to 31 m; accuracy not stated",
        "C",
        "EXIF",
    ]
    (model,) = tables(part, "Device")[1:]
    assert model[:2] == ["camera model", "C-1"]
    assert model[4:7] == [f"10-14, SHA-256 {'cd' * 8}…", "ExifTool 13, exifread 3", "agreed"]
    assert tables(part, "Consistent with")[1][0] == "WhatsApp"
    assert len(tables(part, "Further values")) == 1 + MOST_VALUES
    assert "further values are in tables/media_values.csv" in part
    assert "a file of the type application/pdf is not shown as a picture" in part


def test_values_that_no_two_readers_agree_on_keep_a_line_each_with_their_bytes(dossier):
    """
    Two fields with the same word are two places in the file.
    """
    values = [stated("author", "Acme", "exifread 3", byte_start=at, byte_length=4) for at in (10, 50)]
    facts = MediaFacts(sha256="a" * 64, size=7, media_type="text/plain", values=agreed(values))
    record = MediaRecord(facts=facts, exhibit="E0001")

    page = b"".join(
        case_report(replace(dossier, tables={**dossier.tables, "media": frame([record])}, files=[record]))
    ).decode()

    assert [row[4] for row in tables(page.partition("What the files state")[2], "Further values")[1:]] == [
        "10-14",
        "50-54",
    ]


def test_a_report_shows_so_many_files_in_full_and_counts_the_rest(dossier, monkeypatch):
    """
    Pictures make a report heavy.
    """
    monkeypatch.setattr(media_part, "MOST_FILES", 2)
    values = (stated("camera_model", "C-1", "exifread 3"),)
    records = [
        MediaRecord(
            facts=MediaFacts(sha256=f"{number:064d}", size=7, media_type="text/plain", values=values),
            exhibit=f"E000{number}",
        )
        for number in range(5)
    ]

    page = b"".join(
        case_report(replace(dossier, tables={**dossier.tables, "media": frame(records)}, files=records))
    ).decode()

    assert page.count("Device</h3>") == 2
    assert "3 more files state something" in page


def test_a_search_that_another_process_makes_meanwhile_is_not_in_the_report(dossier):
    """
    Nobody verified it, and the ledger in the package does not hold it: everything is of the head at which the case was
    gathered, the list of the exhibits and of the authorities, too.
    """
    before = b"".join(case_report(dossier))
    ledger = dossier.ledger.ledger
    authority = next(entry for entry in ledger.entries() if entry.action == "authorize")

    ledger.append("search", outcome="nil", private={"query": "meanwhile"})
    ledger.append("authorize", private=dict(authority.private))
    ledger.append("acquire", exhibit={"sha256": "0" * 64, "size": 1, "media": "application/warc"})
    ledger.cut_checkpoint()

    assert b"".join(case_report(dossier)) == before
