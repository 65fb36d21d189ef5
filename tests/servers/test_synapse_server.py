"""What a Matrix server that nobody here wrote shows to whom: a room that all may read, and its history to nobody without a token."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from loopback import Answer, ask
from synapse_server import ALIAS, NAME, RealSynapse
from tls_front import tls_front

import osint
from osint.case import Case
from osint.errors import SourceClosedError, SourceGoneError

pytestmark = pytest.mark.servers


def anonymous(server: RealSynapse, path: str) -> Answer:
    """Ask without a token, as a collector does."""
    return ask(f"{server.route('')}{path}")


@pytest.mark.parametrize("room", ["room", "closed"])
@pytest.mark.parametrize("what", ["messages?dir=b", "state", "members"])
def test_no_history_without_a_token(synapse, room, what):
    """Not even of a room whose history is for the world; and the refusal is the same for both."""
    answer = anonymous(synapse, f"/_matrix/client/v3/rooms/{quote(getattr(synapse, room))}/{what}")

    assert (answer.status, answer.text) == (401, '{"errcode":"M_MISSING_TOKEN","error":"Missing access token"}')


def test_what_anybody_is_told_of_a_room(synapse):
    """Which room an alias names, what it is called, and that the world may read it."""
    named = json.loads(anonymous(synapse, f"/_matrix/client/v3/directory/room/{quote(ALIAS)}").text)
    summary = json.loads(anonymous(synapse, f"/_matrix/client/v1/room_summary/{quote(synapse.room)}").text)

    assert named == {"room_id": synapse.room, "servers": [NAME]}
    assert (summary["name"], summary["world_readable"], summary["num_joined_members"]) == ("Pier 🌊", True, 2)


def test_the_identifier_of_a_room_names_no_server(synapse):
    """Since version 12 of rooms: it is the hash of the first event."""
    assert ":" not in synapse.room
    assert synapse.history()[0]["event_id"] == f"${synapse.room.removeprefix('!')}"


def test_an_alias_that_names_no_room(synapse):
    """It is said in so many words."""
    answer = anonymous(synapse, f"/_matrix/client/v3/directory/room/{quote(f'#none:{NAME}')}")

    assert (answer.status, json.loads(answer.text)["errcode"]) == (404, "M_NOT_FOUND")


def test_what_a_member_is_shown(synapse):
    """Each event as it was sent; of a deleted one who deleted it, when and why, and nothing of what it said."""
    events = {event["event_id"]: event for event in synapse.history()}

    for name, sent in synapse.sent.items():
        event = events[sent["id"]]
        assert (event["type"], event["sender"]) == (sent["type"], sent["sender"])
        assert event["content"] == ({} if name == "deleted" else sent["content"])
    deleted = events[synapse.sent["deleted"]["id"]]
    assert deleted["unsigned"]["redacted_because"]["content"]["reason"] == "a slip"


# -- with the collector ------------------------------------------------------------------------------------------------


@pytest.fixture
def case(open_case: Callable[..., Case], synapse: RealSynapse, tmp_path: Path) -> Iterator[Case]:
    """A new case with authority for the server, which is behind TLS under its name."""
    with tls_front(tmp_path, {NAME: synapse.route}) as front:
        yield open_case(network=front.network, hosts=[NAME, "matrix.to"])


def declared(synapse: RealSynapse) -> osint.SavedBy:
    """Return what a member says of the export that she handed in."""
    return osint.SavedBy(
        name="Jane Example", role="member", at="2026-12-01T10:15:00+02:00", program="Element", came="by mail",
        logged_in=True, as_whom="jane", address=f"https://matrix.to/#/{synapse.room}",
    )  # fmt: skip


def test_a_room_that_wants_a_token_is_refused_and_said(case, synapse):
    """Found by its alias, closed at its messages: both answers are exhibits, and the way on is named."""
    with pytest.raises(SourceClosedError, match=r"M_MISSING_TOKEN.*E0002.*export the room with Element"):
        case.collect("matrix", url=f"https://matrix.to/#/{ALIAS}")

    assert len(case._ledger.exhibits()) == 2
    assert len(case.posts()) == 0


def test_a_room_by_an_identifier_without_server(case, synapse):
    """The link names the server to ask."""
    with pytest.raises(SourceClosedError, match=r"M_MISSING_TOKEN.*E0001"):
        case.collect("matrix", url=f"https://matrix.to/#/{synapse.room}?via={NAME}")


def test_an_alias_without_a_room(case):
    """It is gone, or never was."""
    with pytest.raises(SourceGoneError, match="404"):
        case.collect("matrix", url=f"https://matrix.to/#/#none:{NAME}")


def test_the_export_of_a_member_gives_every_message(case, synapse, tmp_path):
    """The events are the server's own; the frame around them is what Element puts there, as it is documented."""
    history = synapse.history()
    file = tmp_path / "export.json"
    file.write_text(json.dumps({"room_name": "Pier 🌊", "messages": history}), encoding="utf-8")

    found = case.import_file(file, declared(synapse))
    posts = case.posts().set_index("native_id")

    stamped = {event["event_id"]: event["origin_server_ts"] for event in history}
    assert found.posts == len(posts) == len(synapse.sent)  # an edit is no post of its own, and a deletion is one
    for name, sent in synapse.sent.items():
        if name != "edit":
            post = posts.loc[sent["id"]]
            assert post["published"] == pd.Timestamp(stamped[sent["id"]], unit="ms", tz="UTC")
            assert post["author_handle"] == sent["sender"].removeprefix("@").replace(":", "@")
            assert name in ("edited", "deleted", "reaction") or post["content"] == sent["content"]["body"]


def test_what_was_edited_deleted_and_answered_is_told_apart(case, synapse, tmp_path):
    """By what the server itself says of each event."""
    file = tmp_path / "export.json"
    file.write_text(json.dumps({"room_name": "Pier 🌊", "messages": synapse.history()}), encoding="utf-8")
    case.import_file(file, declared(synapse))
    posts = case.posts().set_index("native_id")
    seen = {name: posts.loc[sent["id"]] for name, sent in synapse.sent.items() if name != "edit"}

    first = seen["first"]["id"]
    assert (seen["edited"]["content"], seen["edited"]["extra"]["earlier"]) == ("Monday", ["Tuesday"])
    assert (seen["deleted"]["type"], seen["deleted"]["extra"]["reason"]) == ("Tombstone", "a slip")
    assert (seen["reply"]["in_reply_to"], seen["thread"]["thread_root"]) == (first, first)
    assert (seen["reaction"]["type"], seen["reaction"]["content"]) == ("Like", "👍")
    assert seen["reaction"]["extra"]["liked"] == first
    assert seen["html"]["content_html"] == "<b>Bold</b>"
    assert set(posts["type"]) == {"Note", "Tombstone", "Like", "Delete"}
