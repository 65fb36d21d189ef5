"""A case collects from a real relay of Nostr: every event, whatever second a page ends in, and all of it is proven."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nostr_relay_server import RealRelay, nostr_relay_server

from osint.capture.network import Network
from osint.collectors.protocol import Stop
from osint.errors import SourceBlockedError

pytestmark = pytest.mark.servers

LOOPBACK = Network(allow=("127.0.0.1",), pace=0, read_timeout=30)


@pytest.fixture(scope="module")
def relay(servers_folder: Path) -> Iterator[RealRelay]:
    """The relay, started once."""
    folder = servers_folder / "nostr"
    folder.mkdir()
    with nostr_relay_server(folder) as server:
        yield server


@pytest.fixture
def case(open_case):
    """A new case with authority for the hosts on this machine."""
    return open_case(network=LOOPBACK)


def test_all_events_of_a_relay_are_collected_and_have_their_hashes(case, relay):
    """Pages of eight, three events to a second; a profile is an account and no post."""
    result = case.collect("nostr", url=relay.url)
    posts = case.posts()

    assert (result.stop, result.warnings) == (Stop.EXHAUSTED, 0)
    assert {event["id"] for event in relay.events if event["kind"]} == set(posts["native_id"])
    assert all(extra["id_matches"] for extra in posts["extra"])
    wanted = {event["id"]: event["content"] for event in relay.events if event["kind"] == 1}
    assert {row.native_id: row.content for row in posts.itertuples() if row.type == "Note"} == wanted
    case.verify()


def test_tables_are_made_again_from_what_a_relay_sent(case, relay, tmp_path):
    """With the network off; and the evidence leaves as a package and as a web archive."""
    case.collect("nostr", url=relay.url, limit=10)
    before = sorted(map(repr, case.posts().to_dict("records")))
    case._door._network = Network()
    case.rebuild()

    assert before == sorted(map(repr, case.posts().to_dict("records")))
    assert len(before) >= 10
    case.export(tmp_path / "out")
    case.export_web_archive(tmp_path / "case.wacz")


def test_a_path_where_no_relay_is_is_told(case, relay):
    """With the status that its server gives."""
    with pytest.raises(SourceBlockedError, match="answered 403"):
        case.collect("nostr", url=f"{relay.url}/nothing")
