"""A case collects from a web archive that nobody here wrote: each version as it was taken in, and nothing in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from archive_server import JANE, LOST, MANY, MAP, PIER, RealArchive, Taken
from tls_front import TlsFront, tls_front

from osint.case import Case
from osint.collectors import myspace, web_archive
from osint.collectors.protocol import Stop

pytestmark = pytest.mark.servers

ARCHIVE = "web.archive.org"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seconds between two requests spare the Internet Archive; this one is ours."""
    for each in (myspace, web_archive):
        monkeypatch.setattr(each, "MANIFEST", replace(each.MANIFEST, pace=0))


@pytest.fixture
def front(archive: RealArchive, tmp_path: Path) -> Iterator[TlsFront]:
    """The archive under the name and the paths of the Wayback Machine."""
    with tls_front(tmp_path, {ARCHIVE: archive.route}) as front:
        yield front


@pytest.fixture
def case(open_case: Callable[..., Case], front: TlsFront) -> Case:
    """A new case with authority for what the archive is asked about."""
    return open_case(network=front.network, hosts=["pier.example"], accounts=["@jane.example@myspace.com"])


def versions(taken: list[Taken]) -> dict[str, tuple[str, str, str]]:
    """Return title, words and media type of each version that the archive can show, by its instant."""
    return {
        each.date: (each.title, each.text, each.media_type.partition(";")[0]) for each in taken if each.stamp != LOST
    }


def seen(case: Case) -> dict[str, tuple[str, str, str]]:
    """Return the same of the posts table."""
    told = zip(case.posts()["extra"], case.posts()["content"], strict=True)
    return {extra["archived"]: (extra["title"], content, extra["media_type"]) for extra, content in told}


def test_each_version_of_a_page_is_as_it_was_taken_in(case, archive):
    """Title and words in two character sets, packed or not, a revisit too; none of them has a date of writing."""
    case.collect("web_archive", url=PIER)

    assert seen(case) == versions(archive.of(PIER))
    assert len(case.posts()) == 5
    assert case.posts()["published"].isna().all()
    assert set(case.posts()["url"]) == {PIER}


def test_a_capture_that_the_archive_lost_is_named_and_nothing_stands_in_for_it(case):
    """pywb answers with the nearest other version, and 200. The run is not complete, and a warning says which is not there."""
    result = case.collect("web_archive", url=PIER)

    assert result.stop is Stop.PLATFORM_CAP
    assert list(case.warnings()["what"]) == [
        "The list names 2 captures of answers with the status 302, 404.",
        f"The capture of {LOST} was asked for, and the archive answered with that of 20100701000000.",
    ]
    assert not case.posts()["native_id"].str.contains(LOST).any()


def test_what_was_asked_is_the_list_and_each_good_answer_in_it(case, archive, front):
    """One request for the list and one for each capture with status 200, oldest first, as they were in the list."""
    case.collect("web_archive", url=PIER)

    [first, *others] = front.asked
    assert first.startswith(
        f"https://{ARCHIVE}/cdx/search/cdx?url=http%3A%2F%2Fpier.example%2Fnews%3Fday%3D1%26page%3D2&"
    )
    assert others == [f"https://{ARCHIVE}/web/{each.stamp}id_/{PIER}" for each in archive.of(PIER)]


def test_the_period_is_that_in_which_the_archive_took_them_in(case, archive):
    """From the first second of a day to the last of another."""
    result = case.collect("web_archive", url=PIER, since="2009-12-25", until="2010-06-01")

    assert result.stop is Stop.EXHAUSTED
    assert sorted(seen(case)) == ["2009-12-25T23:59:59Z", "2010-06-01T12:00:00Z"]


def test_a_picture_is_a_document_without_words(case):
    """Its bytes are the exhibit."""
    result = case.collect("web_archive", url=MAP)

    [post] = case.posts().to_dict("records")
    assert (result.stop, post["type"], post["content"]) == (Stop.EXHAUSTED, "Document", None)
    assert post["extra"]["archived"] == "2013-05-01T06:30:00Z"


def test_an_address_that_the_archive_never_took_in(case):
    """Its empty list is the end, and an exhibit."""
    result = case.collect("web_archive", url="http://pier.example/never")

    assert (result.stop, result.captures, result.posts) == (Stop.EXHAUSTED, 1, 0)


def test_a_list_that_pywb_cut_is_not_called_complete(case, archive):
    """It holds 1050 captures of the address, all of error pages, and shows the thousand that were asked for."""
    result = case.collect("web_archive", url=MANY)

    assert sum(each.url == MANY for each in archive.taken) == 1050
    assert result.stop is Stop.PLATFORM_CAP
    assert list(case.warnings()["what"]) == ["The list names 1000 captures of answers with the status 404."]


def test_a_profile_at_myspace_as_the_archive_holds_it(case, archive):
    """Under the account's name, marked as archival."""
    result = case.collect("myspace", account="@jane.example@myspace.com")

    assert result.stop is Stop.EXHAUSTED
    assert seen(case) == versions(archive.of(JANE))
    assert set(case.posts()["attributed_to"]) == {"account:myspace:jane.example"}
    assert {extra["coverage"] for extra in case.posts()["extra"]} == {"archival"}


def test_the_case_verifies_and_its_tables_come_out_of_the_evidence_again(case):
    """Without the archive, to the last cell."""
    case.collect("web_archive", url=PIER)
    case.collect("myspace", account="@jane.example@myspace.com")
    before = [case.posts(), case.posts(versions=True), case.warnings()]

    verified = case.verify(case.checkpoint())
    case.rebuild()

    assert (verified.exhibits, verified.warc_checked) == (10, True)
    for was, now in zip(before, [case.posts(), case.posts(versions=True), case.warnings()], strict=True):
        pd.testing.assert_frame_equal(was, now)
    assert len(before[0]) == 7
