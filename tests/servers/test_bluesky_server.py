"""A case collects from Bluesky's own programs: each record is what was put in, and the gaps are said."""

from __future__ import annotations

from base64 import b32decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bluesky_server import PDS, PICTURES, PUBLIC, RealBluesky
from invented_blog import IMAGES
from loopback import ask
from tls_front import TlsFront, tls_front

import osint
from osint.case import Case
from osint.collectors.protocol import Stop
from osint.errors import SourceGoneError

pytestmark = pytest.mark.servers

Seeded = Mapping[str, Any]


@pytest.fixture
def front(bluesky: RealBluesky, tmp_path: Path) -> Iterator[TlsFront]:
    """The AppView and the PDS behind TLS."""
    with tls_front(tmp_path, bluesky.routes) as front:
        yield front


@pytest.fixture
def case(open_case: Callable[..., Case], front: TlsFront) -> Case:
    """A new case with authority for the seeded accounts, and for the server of their repositories."""
    names = ("jane", "sam", "kim", "lee", "noor", "nobody", "ghost")
    return open_case(
        network=front.network, hosts=[PDS, PICTURES, "bsky.app"], accounts=[f"@{name}.test@bsky.app" for name in names]
    )


def address(record: Seeded) -> str:
    """Return the address of a post as a person opens it."""
    return f"https://bsky.app/profile/{record['by']}.test/post/{record['uri'].rpartition('/')[2]}"


def repository(bluesky: RealBluesky, name: str) -> str:
    """Return the address of an account's repository on its server."""
    return f"https://{PDS}/xrpc/com.atproto.sync.getRepo?did={bluesky.accounts[name]['did']}"


def named(record: Seeded) -> str:
    """Return the id of a record in the posts table."""
    return f"bluesky:{record['uri']}"


def put_in(records: Sequence[Seeded]) -> dict[str, dict[str, Any]]:
    """Return what the seeding client was told or sent of each post, in the words of the posts table."""
    return {
        named(each): {
            "content": each["value"]["text"],
            "published": pd.Timestamp(datetime.fromisoformat(each["value"]["createdAt"])).tz_convert("UTC"),
            "published_raw": each["value"]["createdAt"],
            "cid": each["cid"],
            "in_reply_to": referred(each, "reply", "parent"),
            "thread_root": referred(each, "reply", "root"),
            "quote_of": referred(each, "embed", "record", "record") or referred(each, "embed", "record"),
            "attributed_to": f"account:bluesky:{each['uri'].split('/')[2]}",
        }
        for each in records
    }


def referred(record: Seeded, *path: str) -> str | None:
    """Return the id of the record that another names at this place."""
    value: Any = record["value"]
    for name in path:
        value = value.get(name) or {}
    return f"bluesky:{value['uri']}" if "uri" in value else None


def came_out(posts: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the same of the posts table."""
    columns = ["content", "published", "published_raw", "in_reply_to", "thread_root", "quote_of", "attributed_to"]
    rows = posts.set_index("id")[columns].astype(object)
    found = rows.where(rows.notna(), None).to_dict("index")
    return {
        name: {**row, "cid": extra["cid"]} for (name, row), extra in zip(found.items(), posts["extra"], strict=True)
    }


def test_every_post_of_an_account_is_as_it_was_put_in(case, bluesky):
    """115 posts over two pages: words, instants, hashes, and what each answers or quotes; the deleted one is not there."""
    result = case.collect("bluesky", account="@jane.test@bsky.app")
    posts = case.posts()
    own = posts[(posts["author_handle"] == "jane.test@bsky.app") & (posts["type"] == "Note")]

    assert (result.stop, result.captures, result.warnings) == (Stop.EXHAUSTED, 3, 0)
    assert came_out(own) == put_in(bluesky.posts_of("jane"))
    assert len(own) == 115


def test_backdated_posts_stand_out_by_their_key(case, bluesky):
    """The server repeats an author's claim as the instant of its index; only the key of the record tells."""
    case.collect("bluesky", account="@jane.test@bsky.app")
    posts = case.posts().set_index("id")

    claimed = {named(bluesky.records[name]) for name in ("backdated", "future")}
    assert set(posts.index[posts["times_differ"].fillna(False)]) == claimed
    backdated = posts.loc[named(bluesky.records["backdated"])]
    assert backdated["extra"]["indexedAt"] == backdated["published_raw"]
    assert backdated["time_in_id"] - posts.loc[named(bluesky.records["rich"])]["published"] < pd.Timedelta("5m")


def test_mentions_links_and_tags_lie_where_their_bytes_do(case, bluesky):
    """Behind pictograms of many bytes, and a tag that stands in no text."""
    case.collect("bluesky", account="@jane.test@bsky.app")
    posts = case.posts().set_index("id")
    rich = posts.loc[named(bluesky.records["rich"])]

    assert [(tag["type"], tag["name"], tag["account"]) for tag in rich["tag"]] == [
        ("Mention", "sam.test", f"account:bluesky:{bluesky.accounts['sam']['did']}"),
        ("Hashtag", "Tidewater", None),
    ]
    assert (list(rich["links"]), rich["language"]) == (["https://pier.example/tide?a=1&b=2"], "en")
    assert [tag["name"] for tag in posts.loc[named(bluesky.records["rtl"])]["tag"]] == ["رصيف"]
    assert list(posts.loc[named(bluesky.records["card"])]["links"]) == ["https://news.example/missing"]


@pytest.mark.parametrize("name", ["pictures", "quote_with_pictures"])
def test_pictures_have_their_words_size_and_hash(case, bluesky, name):
    """Also where the post quotes another."""
    case.collect("bluesky", account="@jane.test@bsky.app")
    post = case.posts().set_index("id").loc[named(bluesky.records[name])]
    embed = bluesky.records[name]["value"]["embed"]
    uploaded = [each["image"]["ref"]["$link"] for each in embed.get("media", embed)["images"]]

    assert [each["name"] for each in post["attachment"]] == ["The pier, 🌊 and two people", None]
    assert {(each["width"], each["height"]) for each in post["attachment"]} == {(1600, 1200)}
    assert [blob["cid"] for blob in post["extra"]["blobs"]] == uploaded


def test_a_repost_is_a_record_of_its_own(case, bluesky):
    """Under the address that the server gave it; what it passes on is a post of its author."""
    case.collect("bluesky", account="@jane.test@bsky.app")
    posts = case.posts().set_index("id")
    repost, harbour = bluesky.records["repost"], bluesky.records["harbour"]

    row = posts.loc[named(repost)]
    assert (row["type"], row["announce_of"]) == ("Announce", named(harbour))
    assert row["announce_of_account"] == f"account:bluesky:{bluesky.accounts['sam']['did']}"
    assert posts.loc[named(harbour)]["author_handle"] == "sam.test@bsky.app"
    assert set(posts.index[posts["type"] == "Announce"]) == {named(repost)}


def test_what_was_deleted_leaves_its_name_with_those_who_referred_to_it(case, bluesky):
    """An answer to it and a quote of it keep its id; of itself there is nothing."""
    case.collect("bluesky", account="@jane.test@bsky.app")
    case.collect("bluesky", account="@sam.test@bsky.app")
    posts = case.posts().set_index("id")
    deleted = named(bluesky.records["deleted"])

    assert deleted not in posts.index
    assert posts.loc[named(bluesky.records["below_deleted"])]["in_reply_to"] == deleted
    quote = posts.loc[named(bluesky.records["quote_of_deleted"])]
    assert (quote["quote_of"], quote["extra"]["quote_state"]) == (deleted, "notfound")


def test_a_thread_that_counts_more_than_it_shows_is_not_complete(case, bluesky):
    """The answer of a deactivated account is counted, and not shown."""
    result = case.collect("bluesky", thread=address(bluesky.records["rich"]))

    shown = [bluesky.records[name] for name in ("rich", "answer", "answer_of_jane")]
    assert result.stop is Stop.PLATFORM_CAP
    assert came_out(case.posts()) == put_in(shown)


def test_a_thread_below_a_deleted_post_shows_the_gap(case, bluesky):
    """The place is a Tombstone under the id of what was there."""
    result = case.collect("bluesky", thread=address(bluesky.records["below_deleted"]))
    types = case.posts().set_index("id")["type"].to_dict()

    assert result.stop is Stop.PLATFORM_CAP
    assert types == {named(bluesky.records["deleted"]): "Tombstone", named(bluesky.records["below_deleted"]): "Note"}


def test_a_long_chain_is_cut_both_ways_and_said_to_be(case, bluesky):
    """A hundred levels below a post and a hundred above one; neither is called complete, and together they hold all."""
    downwards = case.collect("bluesky", thread=address(bluesky.chain[0]))
    assert (downwards.stop, downwards.posts) == (Stop.PLATFORM_CAP, 101)

    upwards = case.collect("bluesky", thread=address(bluesky.chain[-1]))
    assert (upwards.stop, upwards.posts) == (Stop.PLATFORM_CAP, 101)
    assert came_out(case.posts()) == put_in(bluesky.chain)


@pytest.mark.parametrize(
    ("name", "why"),
    [("kim", "its owner deactivated it"), ("lee", "the operator suspended it"), ("ghost", "Profile not found")],
)
def test_an_account_that_is_not_shown(case, name, why):
    """Deactivated, suspended and unknown are told apart, each with an exhibit."""
    with pytest.raises(SourceGoneError, match=why):
        case.collect("bluesky", account=f"@{name}.test@bsky.app")

    assert len(case._ledger.exhibits()) == 1


def test_a_deleted_post_is_gone_and_its_answer_preserved(case, bluesky):
    """The server says the same of what never was."""
    with pytest.raises(SourceGoneError, match="also says of what was deleted"):
        case.collect("bluesky", thread=address(bluesky.records["deleted"]))

    assert len(case._ledger.exhibits()) == 1


def test_an_account_without_posts_is_complete(case):
    """Its profile and one empty page."""
    result = case.collect("bluesky", account="@nobody.test@bsky.app")

    assert (result.stop, result.captures, result.posts) == (Stop.EXHAUSTED, 2, 0)


def test_an_account_that_asks_for_signed_in_readers_is_marked(case):
    """The interface shows it all the same; the wish is beside the profile."""
    result = case.collect("bluesky", account="@noor.test@bsky.app")

    assert result.posts == 1
    assert list(case.warnings()["effect"]) == ["It asks apps to show it to signed-in users only."]


def test_the_signed_repository_holds_every_record(case, bluesky):
    """From the server of the account, under the same ids and hashes, with likes, follows and blocks."""
    result = case.collect("bluesky", url=repository(bluesky, "jane"))
    posts = case.posts()

    assert result.stop is Stop.EXHAUSTED
    assert came_out(posts[posts["type"] == "Note"]) == put_in(bluesky.posts_of("jane"))
    others = {"repost": "Announce", "like": "Like", "follow": "Follow", "block": "Block"}
    rest = posts[posts["type"] != "Note"]
    assert dict(zip(rest["id"], rest["type"], strict=True)) == {
        named(bluesky.records[name]): kind for name, kind in others.items()
    }
    assert {extra["signature"]["verdict"] for extra in posts["extra"]} == {"verified"}
    assert [extra["cid"] for extra in rest["extra"]] == [
        next(each["cid"] for each in bluesky.records.values() if named(each) == name) for name in rest["id"]
    ]


def test_what_the_interface_withholds_the_server_of_the_account_may_still_hold(case, bluesky):
    """Suspended from the interface is not gone from its server; deactivated is, for now."""
    suspended, deactivated = (repository(bluesky, name) for name in ("lee", "kim"))

    case.collect("bluesky", url=suspended)
    with pytest.raises(SourceGoneError, match="its owner deactivated it"):
        case.collect("bluesky", url=deactivated)

    assert came_out(case.posts()) == put_in(bluesky.posts_of("lee"))


def test_a_picture_comes_from_the_host_that_the_interface_names(case, bluesky):
    """It is a copy in another format than what was uploaded; the hash of the upload is in the post."""
    case.collect("bluesky", account="@jane.test@bsky.app")
    posts = case.posts()

    post = posts.set_index("id").loc[named(bluesky.records["pictures"])]

    [picture] = case.media(posts[posts["id"] == named(bluesky.records["pictures"])]).to_dict("records")

    uploaded = sha256(IMAGES[0].body).digest()
    identifier = post["extra"]["blobs"][0]["cid"].removeprefix("b").upper()
    assert b32decode(f"{identifier}{'=' * (-len(identifier) % 8)}").endswith(uploaded)
    assert (picture["media_type"], picture["sha256"] == uploaded.hex()) == ("image/webp", False)
    assert list(picture["posts"]) == [named(bluesky.records["pictures"])]


def test_the_file_that_the_server_exports_is_imported(case, bluesky, tmp_path):
    """As its owner, or the operator under legal process, hands it in."""
    file = tmp_path / "jane.car"
    file.write_bytes(ask(repository(bluesky, "jane").replace(f"https://{PDS}", bluesky.servers["pds"])).body)
    declared = osint.SavedBy(
        name="A. Operator", role="operator", at="2026-11-30T10:15:00+02:00", program="its own export",
        came="on a stick", logged_in=False, address="https://bsky.app/profile/jane.test",
    )  # fmt: skip

    found = case.import_file(file, declared)

    posts = case.posts()
    assert (found.format, found.posts) == ("document", 119)
    assert came_out(posts[posts["type"] == "Note"]) == put_in(bluesky.posts_of("jane"))


def test_interface_and_repository_agree_and_the_case_verifies(case, bluesky):
    """One row a post from two servers; out of the evidence come the same tables."""
    case.collect("bluesky", account="@jane.test@bsky.app")
    case.collect("bluesky", url=repository(bluesky, "jane"))
    case.collect("bluesky", thread=address(bluesky.records["below_deleted"]))
    tables = (case.posts, lambda: case.posts(versions=True), case.warnings)
    before = [table() for table in tables]

    verified = case.verify(case.checkpoint())
    case.rebuild()

    assert (verified.exhibits, verified.warc_checked) == (6, True)
    for was, table in zip(before, tables, strict=True):
        pd.testing.assert_frame_equal(was, table())
    own = before[0][before[0]["id"].isin(map(named, bluesky.posts_of("jane")))]
    assert came_out(own) == put_in(bluesky.posts_of("jane"))
    assert {tuple(servers) for servers in own["servers"]} == {(PUBLIC, PDS)}
