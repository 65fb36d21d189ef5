"""The files that posts show: which may be asked for, under which authority, and whose they are."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256

import apsw
import pandas as pd
import pytest
from media_stand_ins import crash_over_the_marked
from origin import AUTHORITY, NOON, http

import osint
from osint import sandbox
from osint.errors import AuthorizationError
from osint.media import batches as media_batches
from osint.media import derivation, examination
from osint.media.derivation import spelt
from osint.media.description import output_of


@pytest.fixture
def collect(origin):
    """Serve a feed whose items show these files, by id, and collect it into a case."""

    def collect(case, files: dict[str, str], path: str = "/feed"):
        items = [
            {"id": f"https://jane.example/{number}", "content_text": "words", "image": url}
            for number, url in files.items()
        ]
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Jane", "items": items}
        case.collect(
            "feed", url=origin.serve(path, http(json.dumps(feed).encode(), "Content-Type: application/feed+json"))
        )
        return case

    return collect


def png(name: bytes) -> bytes:
    return http(b"\x89PNG\r\n\x1a\n" + name, "Content-Type: image/png")


def posts_of(media: pd.DataFrame) -> list[list[str]]:
    return list(media.sort_values("exhibit")["posts"])


def forget(case, action: str, outcome: str = "allowed") -> None:
    """Erase the disclosures of the entries of an action, as the law may ask."""
    numbers = [entry.seq for entry in case._ledger.entries() if (entry.action, entry.outcome) == (action, outcome)]
    with apsw.Connection(str(case.folder / "ledger.sqlite")) as database:
        for number in numbers:
            database.execute("DELETE FROM disclosures WHERE seq = ?", (number,))


def test_files_whose_addresses_differ_in_a_secret_alone_keep_their_posts_after_a_rebuild(open_case, origin, collect):
    """
    The ledger records addresses without secrets, so the place in the order says which file is whose.
    """
    one, other = origin.serve("/i.png?sig=abc", png(b"A")), origin.serve("/i.png?sig=def", png(b"B"))
    case = collect(open_case(), {"1": one, "2": other})
    before = case.media(case.posts())
    assert posts_of(before) == [["feed:https://jane.example/1"], ["feed:https://jane.example/2"]]

    case.rebuild()

    pd.testing.assert_frame_equal(before, case.media())


def test_a_file_is_not_taken_for_preserved_because_another_differs_in_a_secret_alone(open_case, origin, collect):
    """
    The second file is asked for, and the first is not asked for again.
    """
    one, other = origin.serve("/i.png?sig=abc", png(b"A")), origin.serve("/i.png?sig=def", png(b"B"))
    case = collect(open_case(), {"1": one})
    case.media(case.posts())
    collect(case, {"1": one, "2": other})

    assert posts_of(case.media(case.posts())) == [["feed:https://jane.example/1"], ["feed:https://jane.example/2"]]
    assert [path for path in origin.paths if path.startswith("/i.png")] == ["/i.png?sig=abc", "/i.png?sig=def"]


def test_the_secret_of_an_attachment_address_is_not_in_the_ledger(open_case, origin, collect):
    """
    Neither in the order nor in the requests.
    """
    case = collect(open_case(), {"1": origin.serve("/i.png?sig=hushhush", png(b"A"))})
    case.media(case.posts())

    assert "hushhush" not in " ".join(case.ledger["details"])


@pytest.mark.parametrize("strange", ["id", "url"])
def test_a_hand_made_frame_opens_no_way_to_a_host_that_was_refused(strange, open_case, origin, collect):
    """
    Post and address both have to stand in the case's own posts; else nothing is asked, and the refusal is an entry.
    """
    case = collect(open_case(), {"1": origin.serve("/i.png", png(b"A"))})
    origin.serve("/secret.png", png(b"B"))
    posts = case.posts()
    known = {"id": posts.id[0], "url": posts.attachment[0][0]["url"]}
    asked = known | {strange: {"id": "feed:other", "url": f"http://127.0.0.1:{origin.port}/secret.png"}[strange]}
    requests = len(origin.requests)

    with pytest.raises(AuthorizationError, match="no post of this case shows"):
        case.media(pd.DataFrame({"id": [asked["id"]], "attachment": [[{"url": asked["url"]}]]}))

    assert requests == len(origin.requests)
    last = case.ledger.iloc[-1]
    assert (last.action, last.outcome) == ("preserve", "refused")


def test_a_file_is_asked_for_under_the_authority_of_the_exhibit_that_shows_it(open_case, origin, collect):
    """
    A newer authority with another purpose does not carry it.
    """
    case = collect(open_case(), {"1": origin.serve("/i.png", png(b"A"))})
    case.authorize(
        osint.Authorization(**{**AUTHORITY, "identifier": "GANG-2", "purpose": "gang", "hosts": ["b.example"]})
    )

    case.media(case.posts())

    log = case.ledger
    assert {"MP-2026-0417"} == set(log[log["action"].isin(["preserve", "acquire"])]["authorization"])


def test_when_its_authority_has_expired_a_file_is_refused_and_the_others_go_on(open_case, origin, collect):
    """
    Another authority in force does not stand in; the refusal is an entry, and what was covered is preserved.
    """
    moment = [NOON]
    case = collect(open_case(clock=lambda: moment[0], expires="2026-06-02"), {"1": origin.serve("/old.png", png(b"A"))})
    moment[0] = NOON + timedelta(days=9)
    case.authorize(
        osint.Authorization(**{**AUTHORITY, "identifier": "GANG-2", "purpose": "gang", "hosts": ["127.0.0.1"]})
    )
    collect(case, {"2": origin.serve("/new.png", png(b"B"))}, "/second")

    with pytest.raises(AuthorizationError, match=r"1 of these attachments were refused(.|\n)*expired"):
        case.media(case.posts())

    assert posts_of(case.media()) == [["feed:https://jane.example/2"]]
    assert "/old.png" not in origin.paths
    assert ("preserve", "refused") in set(zip(case.ledger["action"], case.ledger["outcome"], strict=True))


def test_a_rebuild_reads_the_answer_and_not_the_request_to_come_back_later(open_case, origin, collect):
    """
    A file that came at the second attempt has the same row and the same warnings before and after.
    """
    later = http(b"", "Retry-After: 0", status="429 Too Many Requests")
    origin.serve("/i.png", later, png(b"A"))
    case = collect(open_case(), {"1": f"http://127.0.0.1:{origin.port}/i.png"})
    before = case.media(case.posts()), case.warnings()

    case.rebuild()

    pd.testing.assert_frame_equal(before[0], case.media())
    pd.testing.assert_frame_equal(before[1], case.warnings())


def test_an_order_cut_off_from_the_keyboard_is_concluded(open_case, origin, collect, monkeypatch):
    """
    The ledger says that it was cancelled, and the files that are missing can be asked for again.
    """
    case = collect(open_case(), {"1": origin.serve("/i.png", png(b"A"))})

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(case._door, "get", interrupt)
        with pytest.raises(KeyboardInterrupt):
            case.media(case.posts())

    assert "cancelled" in case.ledger.query("action == 'conclude'").iloc[-1].details
    assert len(case.media(case.posts())) == 1


def test_what_came_before_the_interruption_was_read(open_case, origin, collect, monkeypatch):
    """
    Files wait until some of them are read together; a stop from the keyboard loses none that came.
    """
    urls = {str(number): origin.serve(f"/{number}.png", png(b"A")) for number in range(3)}
    case = collect(open_case(), urls)
    get, asked = case._door.get, []

    def interrupt_the_third(*arguments):
        asked.append(arguments)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return get(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(case._door, "get", interrupt_the_third)
        with pytest.raises(KeyboardInterrupt):
            case.media(case.posts())

    assert list(case.media()["exhibit"]) == ["E0002"]  # both have the same bytes
    assert case.media()["same_bytes_in"][0] == ["E0003"]
    case.verify()


@pytest.mark.parametrize("again", [False, True], ids=["preserved", "rebuilt"])
def test_many_files_share_a_worker_and_one_that_kills_it_costs_itself_alone(
    again, open_case, origin, collect, monkeypatch
):
    """
    Those before and after it are read, in their order; how each ended is an entry.
    """
    batches = []

    def counted(function, arguments, **limits):
        batches.append(len(arguments))
        return run_many(function, arguments, **limits)

    case = collect(
        open_case(),
        {
            name: origin.serve(f"/{name}.png", png(b"this one kills" if name == "c" else name.encode()))
            for name in "abcde"
        },
    )
    run_many = sandbox.run_many
    monkeypatch.setattr(examination, "describe_as_json", crash_over_the_marked)
    monkeypatch.setattr(sandbox, "run_many", counted)
    media = case.media(case.posts())
    if again:
        case.rebuild()
        pd.testing.assert_frame_equal(media, case.media())

    killed = [any("killed" in warning for warning in told) for told in media["warnings"]]
    assert (list(media["exhibit"]), killed) == ([f"E000{n}" for n in range(2, 7)], [n == 4 for n in range(2, 7)])
    assert batches == [5] * (1 + again)
    entry = next(entry for entry in case._ledger.entries() if entry.action == "transform")
    states = [one["state"] for one in entry.private["derivations"]]
    assert states == ["ok", "ok", "killed", "ok", "ok"]


@pytest.mark.parametrize("limit", ["BYTES_TO_A_BATCH", "FILES_TO_A_BATCH"])
def test_a_batch_ends_with_the_bytes_or_the_files_that_it_may_have(limit, open_case, origin, collect, monkeypatch):
    """
    It is copied to the disk before it is read.
    """
    batches = []

    def counted(files):
        files = list(files)
        batches.append(len(files))
        return examination.examine_many(files)

    monkeypatch.setattr(media_batches, limit, 1)
    monkeypatch.setattr(media_batches, "examine_many", counted)
    case = collect(open_case(), {name: origin.serve(f"/{name}.png", png(name.encode())) for name in "ab"})
    case.media(case.posts())

    assert [number for number in batches if number] == [1, 1]


@pytest.mark.parametrize(
    "damage",
    [lambda blob, _: blob[:-400] + b"x" * 400, lambda blob, _: blob[:60], lambda _, another: another],
    ids=["end", "head", "another exhibit"],
)
def test_evidence_that_was_damaged_is_named_and_the_other_files_are_read(damage, open_case, origin, collect):
    """
    It is hashed before anything is read from it.
    """
    case = collect(open_case(), {name: origin.serve(f"/{name}.png", png(name.encode())) for name in "abc"})
    case.media(case.posts())
    blob, another = (case._blobs.path(case._ledger.exhibits()[number].sha256) for number in (2, 3))
    blob.chmod(0o600)
    blob.write_bytes(damage(blob.read_bytes(), another.read_bytes()))

    case.rebuild()

    assert list(case.media()["exhibit"]) == ["E0002", "E0004"]
    told = case.warnings().query("exhibit == 'E0003'")["what"].iloc[0]
    assert told.startswith("The file was not read: ")


def test_evidence_that_changes_while_it_is_read_is_told(open_case, origin, collect, monkeypatch):
    """
    It is hashed once more after the batch.
    """
    case = collect(open_case(), {"1": origin.serve("/1.png", png(b"A"))})

    def and_meanwhile(*arguments, **limits):
        blob = case._blobs.path(case._ledger.exhibits()[1].sha256)
        blob.chmod(0o600)
        blob.write_bytes(blob.read_bytes() + b"x")
        return run_many(*arguments, **limits)

    run_many = sandbox.run_many
    monkeypatch.setattr(sandbox, "run_many", and_meanwhile)

    (warnings,) = case.media(case.posts())["warnings"]

    assert any("SHA-256" in each or "changed" in each for each in warnings)


def test_a_rebuild_says_what_it_read_again_and_gave_the_same(open_case, origin, collect, monkeypatch):
    """
    Only what another program or other limits gave is told in full.
    """
    case = collect(open_case(), {name: origin.serve(f"/{name}.png", png(name.encode())) for name in "ab"})
    case.media(case.posts())

    def last():
        return [entry for entry in case._ledger.entries() if {"kind": "media", "captures": 2} in entry.result][
            -1
        ].private

    case.rebuild()
    assert (last()["same"], last()["derivations"]) == (2, [])
    monkeypatch.setattr(derivation, "_our_files", lambda: "ff" * 32)
    case.rebuild()
    assert (last()["same"], [one["tool_sha256"] for one in last()["derivations"]]) == (0, ["ff" * 32] * 2)
    case.verify()


@pytest.mark.parametrize("action", ["preserve", "acquire"])
def test_what_was_erased_leaves_the_file_without_its_posts(action, open_case, origin, collect):
    """
    The file itself is still read from evidence.
    """
    case = collect(open_case(), {"1": origin.serve("/i.png", png(b"A"))})
    case.media(case.posts())

    forget(case, action, {"preserve": "allowed", "acquire": "done"}[action])
    case._store.clear()

    assert case._tables.attachments.rebuild() == 1
    assert posts_of(case.media()) == [[]]


def test_how_each_file_was_read_is_an_entry_and_reading_it_again_gives_the_same(open_case, origin, collect):
    """
    The program, what it read and the digest of what it found; the words themselves stay out of the clear part.
    """
    case = collect(open_case(), {"1": origin.serve("/i.png", png(b"A"))})
    case.media(case.posts())
    entry = next(entry for entry in case._ledger.entries() if entry.action == "transform")
    (record,) = entry.private["derivations"]
    (file,) = case._tables.attachments.files.records()

    assert entry.result == ({"kind": "media", "captures": 1},)
    assert (record["exhibit"], record["inputs"], record["state"]) == (file.exhibit, [file.facts.sha256], "ok")
    assert sha256(spelt(output_of(file.facts)).encode()).hexdigest() == record["output_sha256"]
    assert "output" not in record
    case.verify()
