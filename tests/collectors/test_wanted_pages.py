"""Wanted pages: profiles that are sound or say what is not, lists that go on, and tips that nothing reads."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from datetime import UTC, datetime
from importlib import resources

import pytest
from recorded import FIXTURES, Memory, ask, expected, read_answer

from osint.activity import ParseWarning, Post
from osint.collectors import from_url, profile_check, site_profile, wanted_pages
from osint.collectors.protocol import Stop
from osint.errors import SourceBlockedError, SourceGoneError, UnreadableCaptureError
from osint.query import UrlQuery

LIST = "https://police.harbour.example/wanted"
WANTED = UrlQuery(url=LIST)
OTHER = "https://police.other.example/wanted"
SOUND = (resources.files("osint.collectors") / "site_profiles" / "harbour_police.toml").read_text(encoding="utf-8")
DIGESTS = {
    "1": {
        "harbour_missing": "3c4d95efb24d0962d809d1616c01ad2ebaff8c7e2cffe347883c65b0a97d480d",
        "harbour_police": "f01a2af1df22df62d2c9b6bd2add7ad215dab9cb4633bd263b84f8f42c6bd11c",
    }
}
"""SHA-256 of the shipped profiles under each version of the collector; a new line for each new version."""


def posts(answer: str) -> list[Post]:
    """The posts of a recorded page."""
    url = expected("wanted_pages")[answer]["url"]
    records = wanted_pages.parse(read_answer(FIXTURES / "wanted_pages" / f"{answer}.http", url))
    return [record for record in records if isinstance(record, Post)]


@pytest.mark.parametrize(
    ("answers", "stop"),
    [
        ({LIST: "page1", f"{LIST}?page=2": "page2"}, Stop.EXHAUSTED),
        ({LIST: "page1", f"{LIST}?page=2": "page2_lacking"}, Stop.PLATFORM_CAP),
        ({LIST: "page1", f"{LIST}?page=2": "same_again"}, Stop.ERROR),
        ({LIST: "next_itself"}, Stop.ERROR),
        ({LIST: "next_elsewhere"}, Stop.ERROR),
        ({LIST: "site_changed"}, Stop.PLATFORM_CAP),
        ({LIST: "none_wanted"}, Stop.EXHAUSTED),
        ({LIST: "count_unclear"}, Stop.PLATFORM_CAP),
    ],
)
def test_a_list_is_complete_when_as_many_came_as_the_site_counts(answers, stop):
    """The next page is followed on the same host, each once; a site that changed is no empty list."""
    get = Memory("wanted_pages", answers)

    captures, ended = ask(wanted_pages, WANTED, get)

    assert (stop, list(answers), len(answers)) == (ended, get.asked, len(captures))


def test_a_single_page_that_does_not_count_is_never_complete():
    """Nobody says that it is all."""
    url = "https://vermist.harbour.example/"

    assert ask(wanted_pages, UrlQuery(url=url), Memory("wanted_pages", {url: "missing"}))[1] is Stop.PLATFORM_CAP


@pytest.mark.parametrize(("answer", "error"), [("blocked", SourceBlockedError), ("gone", SourceGoneError)])
def test_a_refusal_is_no_empty_list(answer, error):
    """403 and 404 are errors."""
    with pytest.raises(error):
        ask(wanted_pages, WANTED, Memory("wanted_pages", {LIST: answer}))


def test_a_site_without_profile_is_refused_with_what_to_write_and_where():
    """And with the collector that reads any page. The page is preserved, since the profile is written after it."""
    pages = wanted_pages.pages(UrlQuery(url=OTHER), Memory("wanted_pages", {OTHER: "page1"}))
    assert next(pages).url == OTHER
    with pytest.raises(UnreadableCaptureError) as refused:
        next(pages)

    for words in (
        "OSINT_SITE_PROFILES",
        'hosts = ["police.other.example"], start = ["/wanted"]',
        "[fields]",
        "webpage",
    ):
        assert words in str(refused.value)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The folder of an agency's own profiles."""
    monkeypatch.setenv(site_profile.VARIABLE, str(tmp_path))
    return tmp_path


def write(folder, name: str, *changes: tuple[str, str], text: str = SOUND):
    """Write the shipped profile with changes, for another host unless they say otherwise."""
    for old, new in (
        ('"police.harbour.example"', '"police.other.example"'),
        (', "www.police.harbour.example"', ""),
        *changes,
    ):
        text = text.replace(old, new)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def page(answer: str, url: str, *changes: tuple[str, str], **more):
    """A recorded page under another address, with changes."""
    capture = read_answer(FIXTURES / "wanted_pages" / f"{answer}.http", url, **more)
    body = capture.body.decode()
    for old, new in changes:
        assert old in body
        body = body.replace(old, new)
    return dataclasses.replace(capture, body=body.encode())


def told(capture) -> list[str]:
    """What the warnings of a page say."""
    return [each.what for each in wanted_pages.parse(capture) if isinstance(each, ParseWarning)]


def test_an_agency_adds_a_profile_of_its_own_as_a_file(own):
    """It is read as it stands then; the address leads to it, and each row has its hash."""
    assert from_url(OTHER)[0] == "webpage"
    file = write(own, "other.toml")

    first = next(each for each in wanted_pages.parse(page("page1", OTHER)) if isinstance(each, Post))

    assert from_url(OTHER)[0] == "wanted_pages"
    assert first.native_id.startswith("police.other.example/")
    assert first.extra["profile"] == {"name": "other", "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}


def test_a_profile_that_follows_another_leaves_older_captures_to_it(own):
    """The site changed on that day; what was captured before is read as it was."""
    write(own, "a.toml")
    write(own, "b.toml", ('kind = "wanted"', 'kind = "wanted"\nsince = 2026-05-06'))
    days = {
        day: wanted_pages.parse(page("page1", OTHER, collected=datetime(2026, 5, day, tzinfo=UTC)))[0] for day in (5, 6)
    }

    assert {day: post.extra["profile"]["name"] for day, post in days.items()} == {5: "a", 6: "b"}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a.toml": ('item = "ul.wanted > li.person"', "")}, "Not read: a.toml: list.item: this is missing."),
        ({"a.toml": ("x", "x"), "b.toml": ("x", "x")}, "More than one profile is for https://police.other.example/"),
        ({"a.toml": ('"/wanted", "/wanted/page/*", ', "")}, "of police.other.example only /wanted/cold-cases; add /wanted to"),
    ],
)  # fmt: skip
def test_why_no_own_profile_reads_a_page_is_said(own, files, words):
    """One that is not sound, two for the same page, and one for other lists of the site."""
    for name, change in files.items():
        write(own, name, change)

    with pytest.raises(UnreadableCaptureError, match=re.escape(words)):
        ask(wanted_pages, UrlQuery(url=OTHER), Memory("wanted_pages", {OTHER: "page1"}))
    assert from_url("https://news.example/")[0] == "webpage"


def test_a_folder_that_is_not_there_is_said(own, monkeypatch):
    """And stops nothing else."""
    monkeypatch.setenv(site_profile.VARIABLE, str(own / "none"))

    with pytest.raises(UnreadableCaptureError, match="none', which is no folder"):
        ask(wanted_pages, UrlQuery(url=OTHER), Memory("wanted_pages", {OTHER: "page1"}))
    assert posts("page1")


def test_a_profile_can_be_tried_out_on_a_saved_page(own, capsys):
    """It says whether it is sound, what it finds, and what it does not."""
    file = write(own, "other.toml")
    saved = own / "saved.html"
    saved.write_bytes(page("awkward", OTHER).body)

    assert profile_check.main([str(file)]) == 0
    assert profile_check.main([str(file), str(saved), OTHER]) == 0
    shown = capsys.readouterr().out
    assert "other.toml is sound. It reads https://police.other.example/wanted, " in shown
    assert "wanted:police.other.example/HP-2\n" in shown
    assert "Warning: '31.02.2026' is no date as the profile other expects it." in shown
    assert profile_check.main([str(file), str(saved), "https://police.third.example/wanted"]) == 1
    assert 'hosts = ["police.third.example"]' in capsys.readouterr().out
    write(own, "other.toml", ('name = "h3"\n', ""))
    assert profile_check.main([str(file)]) == 1
    assert "other.toml: fields.name: this is missing" in capsys.readouterr().out


def test_a_list_that_never_counts_is_complete_only_when_its_link_to_the_next_page_was_seen_to_work(own):
    """A site that changed its link shows one page, and looks as if that were all."""
    write(own, "other.toml", ('total = "p.count"\n', ""))
    second = f"{OTHER}?page=2"
    pages = {OTHER: page("page1", OTHER), second: page("page2", second)}
    alone = page("page1", OTHER, ("rel=", "was="))

    assert ask(wanted_pages, UrlQuery(url=OTHER), pages.get)[1] is Stop.EXHAUSTED
    assert ask(wanted_pages, UrlQuery(url=OTHER), {OTHER: alone}.get)[1] is Stop.PLATFORM_CAP


def test_a_count_that_moves_is_no_end():
    """Three came, and three were counted only while the second page was read."""
    second = f"{LIST}?page=2"
    count = next(each for each in ("3 ", ">3") if each in page("page1", LIST).body.decode())
    pages = {LIST: page("page1", LIST, (count, count.replace("3", "4"))), second: page("page2", second)}

    assert ask(wanted_pages, WANTED, pages.get)[1] is Stop.PLATFORM_CAP


def test_a_next_page_or_a_new_place_outside_the_profile_is_said_and_not_read():
    """The one is not followed; a list that moved is no list of the profile."""
    first = page("page1", LIST, ("?page=2", "/archive"))
    moved = dataclasses.replace(page("page1", "https://police.harbour.example/new-list"), via=LIST)

    assert ask(wanted_pages, WANTED, {LIST: first}.get) == ([first], Stop.ERROR)
    assert any("/archive" in each for each in told(first))
    with pytest.raises(UnreadableCaptureError, match="add /new-list to its start"):
        ask(wanted_pages, WANTED, {LIST: moved}.get)


def test_what_a_profile_finds_twice_is_not_passed_over():
    """The second charge is in the exhibit alone, and that is said."""
    twice = page("page2", f"{LIST}?page=2", ("</h3>", '</h3><p class="charge">One</p><p class="charge">Two</p>'))

    assert "The profile harbour_police finds more than one charge in the notice." in told(twice)


def test_nothing_of_a_form_is_read():
    """Neither the form of the page nor one inside a notice; the notice itself is whole."""
    for post in posts("page1"):
        told = f"{post.content} {post.extra}"
        assert "Pier Road" not in told
        assert "ip about" not in told
        assert post.extra["charge"] == "Murder & arson"


def test_a_status_of_the_site_opens_the_text():
    """In the site's own word."""
    [post] = posts("page2")

    assert post.content.startswith("Status: arrested\nAbe Example\n")


def test_a_day_is_no_instant_and_a_time_with_its_zone_is_one():
    """The profile makes a day of the date; a day that does not exist stays as it is written, with a warning."""
    day, impossible, instant = posts("page1")[0], posts("awkward")[0], posts("missing")[0]

    assert (day.published, day.published_raw, day.extra["day"]) == (None, "01.05.2026", "2026-05-01")
    assert (impossible.published_raw, "day" in impossible.extra) == ("31.02.2026", False)
    assert instant.published.isoformat() == "2026-05-01T10:00:00+00:00"


def test_the_number_of_the_case_is_the_id_then_the_address_of_the_notice_then_what_it_says():
    """Numbers mean something at their own agency only, so the host stands before them."""
    ids = [post.native_id for post in posts("awkward")]

    assert ids[:2] == ["police.harbour.example/HP-2", "police.harbour.example/wanted/dawn-example"]
    assert ids[2].startswith("police.harbour.example/made:")


def test_an_address_that_runs_script_is_no_address():
    """The notice has that of its list."""
    assert posts("awkward")[3].url == LIST


def test_pictures_of_missing_persons_are_named_and_not_attached():
    """Those of wanted ones are attached."""
    missing, wanted = posts("missing")[0], posts("page1")[0]

    assert (missing.attachment, missing.extra["pictures_withheld"]) == ((), ["https://vermist.harbour.example/may.jpg"])
    assert [each.url for each in wanted.attachment] == ["https://police.harbour.example/img/HP-19-7.jpg"]


def test_each_row_says_which_profile_read_it():
    """By name and SHA-256, so that a later reading can be compared."""
    assert posts("page1")[0].extra["profile"] == {
        "name": "harbour_police",
        "sha256": hashlib.sha256(SOUND.encode()).hexdigest(),
    }


def test_a_changed_profile_goes_with_a_higher_version_of_the_collector():
    """The same bytes would be read differently under the same name."""
    shipped = {each.id: each.sha256 for each in site_profile.shipped()}

    assert shipped == DIGESTS[wanted_pages.MANIFEST.version]


def test_no_two_profiles_are_for_one_page():
    """Which of them read it would be chance."""
    places = [(host, start) for each in site_profile.shipped() for host in each.hosts for start in each.start]

    assert len(set(places)) == len(places) > 0


@pytest.mark.parametrize(
    ("sound", "broken", "words"),
    [
        ('name = "Harbour Police"', "name = ", "sites.toml: this is no TOML"),
        ('name = "Harbour Police"\n', "", "sites.toml: name: this is missing"),
        ('name = "Harbour Police"', 'name = " "', "sites.toml: name: ' ' is not a name"),
        ('kind = "wanted"', 'kind = "tips"', "sites.toml: kind: 'tips' is not wanted or missing"),
        ('kind = "wanted"', 'kind = "wanted"\nkindness = 1', "sites.toml: kindness: no such key"),
        ('language = "en"', 'language = "English, please"', "sites.toml: language: "),
        ('"police.harbour.example"', '"https://police.harbour.example"', "sites.toml: hosts: 'https:"),
        ('"/wanted/cold-cases"', '"wanted?cold"', "sites.toml: start: 'wanted"),
        ('start = ["/wanted", "/wanted/page/*", "/wanted/cold-cases"]', "start = []", "sites.toml: start: "),
        ('item = "ul.wanted > li.person"', 'item = "ul[wanted > li"', "sites.toml: list.item: .* is not a CSS selector"),
        ('item = "ul.wanted > li.person"\n', "", "sites.toml: list.item: this is missing"),
        ('total = "p.count"', "total = 3", "sites.toml: list.total: 3 is not a CSS selector"),
        ('charge = "p.charge"', 'charge = "p:charged"', "sites.toml: fields.charge: .*charged"),
        ('charge = "p.charge"', 'crime = "p.charge"', "sites.toml: fields.crime: no such key; possible are name"),
        ('name = "h3"\n', "", "sites.toml: fields.name: this is missing"),
        ('"%d.%m.%Y"', '"%d %B %Y"', "sites.toml: dates.format: "),
        ('"%d.%m.%Y"', '"%d.%m."', "sites.toml: dates.format: "),
        ("a[rel~=next]@href", "a[rel~=next]", "sites.toml: list.next: .* write a@href"),
        ('"img.mugshot@src"', '"img.mugshot"', "sites.toml: fields.picture: .* names no attribute"),
        ('"ul.wanted > li.person"', '"ul.wanted > li@id"', "sites.toml: list.item: .* has to be an element"),
        ('kind = "wanted"', 'kind = "wanted"\nsince = "2027-01-05"', "sites.toml: since: '2027-01-05' is not a day"),
        ("[fields]", "[field]", "sites.toml: field: no such key"),
    ],
)  # fmt: skip
def test_a_profile_that_is_not_sound_is_refused_by_file_and_key(sound, broken, words):
    """Before any page is read."""
    assert sound in SOUND

    with pytest.raises(ValueError, match=words):
        site_profile.read_profile("sites.toml", SOUND.replace(sound, broken, 1).encode())


def test_a_profile_may_leave_out_what_a_site_has_not():
    """One page, no count, no dates."""
    profile = next(each for each in site_profile.shipped() if each.id == "harbour_missing")

    assert (profile.next, profile.total, profile.date_format) == (None, None, None)
