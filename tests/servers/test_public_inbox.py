"""A case collects from a real public-inbox, by HTTP and by NNTP: all that is there, and what is missing is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from public_inbox_server import REMOVED, TEXT, RealPublicInbox, public_inbox_server

from osint.capture.network import Network
from osint.collectors.protocol import Stop
from osint.errors import SourceGoneError

pytestmark = pytest.mark.servers

LOOPBACK = Network(allow=("127.0.0.1",), pace=0, read_timeout=30)


@pytest.fixture(scope="module")
def inbox(servers_folder: Path) -> Iterator[RealPublicInbox]:
    """The server, started once."""
    folder = servers_folder / "public_inbox"
    folder.mkdir()
    with public_inbox_server(folder) as server:
        yield server


@pytest.fixture
def case(open_case, monkeypatch):
    """A new case that does not wait between two requests to this machine."""
    case = open_case(network=LOOPBACK)
    monkeypatch.setattr(case._door._patience, "keep_pace", lambda host, pace, limits: None)
    return case


def test_a_list_is_collected_whole_by_http_and_a_forged_date_hides_nothing(case, inbox):
    """Every message once, across pages of five, though one claims a day in 1999."""
    result = case.collect("mailing_list", url=inbox.url)

    assert (result.stop, result.posts, result.warnings) == (Stop.EXHAUSTED, len(inbox.ids), 0)
    posts = case.posts().set_index("native_id")
    assert set(inbox.ids) == set(posts.index)
    assert posts["author_name"].unique().tolist() == ["Jane Exämple"]
    assert posts["in_reply_to"].dropna().to_dict() == dict.fromkeys(
        ["2@mail.example", "4@mail.example"], "mail:1@mail.example"
    )
    assert posts["content"]["7@mail.example"] == TEXT.format(7).strip().replace("\nFrom", "\n>From")
    case.verify()


def test_a_newsgroup_is_collected_whole_and_its_gap_is_counted(case, inbox):
    """The same messages by another way are the same posts; the one that was taken out is said to be missing."""
    result = case.collect("mailing_list", url=inbox.news)

    assert (result.stop, result.posts) == (Stop.EXHAUSTED, len(inbox.ids))
    posts = case.posts().set_index("native_id")
    assert set(inbox.ids) == set(posts.index)
    assert posts["content"]["7@mail.example"] == TEXT.format(7).strip()
    assert case.warnings()["what"].tolist() == ["The group has no article for 1 of the numbers."]
    case.verify()


def test_tables_are_made_again_from_evidence_alone(case, inbox):
    """From streams too, with the network off."""
    for url in (inbox.news, inbox.url):
        case.collect("mailing_list", url=url)
    before = rows(case)
    case._door._network = Network()
    case.rebuild()

    assert before == rows(case)
    assert len(before) >= len(inbox.ids)


def rows(case):
    return sorted(map(repr, case.posts(versions=True).to_dict("records")))


def test_a_thread_comes_whole_and_one_that_was_taken_out_is_gone(case, inbox):
    """Whichever of its messages is named."""
    result = case.collect("mailing_list", thread=f"{inbox.url}4@mail.example/")
    with pytest.raises(SourceGoneError):
        case.collect("mailing_list", thread=f"{inbox.url}{REMOVED}@mail.example/")

    assert (result.stop, result.posts, result.captures) == (Stop.EXHAUSTED, 3, 1)


def test_a_group_that_is_not_there_is_gone(case, inbox):
    """And the answer is an exhibit."""
    with pytest.raises(SourceGoneError, match="no such group"):
        case.collect("mailing_list", url=inbox.news.replace("westmere", "eastmere"))


def test_what_was_collected_by_streams_leaves_as_a_package_that_holds(case, inbox, tmp_path):
    """With a report and a web archive, each of which takes what it can show."""
    case.collect("mailing_list", url=inbox.news)
    case.report(tmp_path / "report.html")
    case.export(tmp_path / "out")
    case.export_web_archive(tmp_path / "case.wacz")

    assert (tmp_path / "case.wacz").stat().st_size
    case.verify()
