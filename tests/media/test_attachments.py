"""The files that posts show: which may be asked for, under which authority, and whose they are."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256

import apsw
import pandas as pd
import pytest
from origin import AUTHORITY, NOON, http

import osint
from osint.errors import AuthorizationError
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


@pytest.mark.parametrize("action", ["preserve", "acquire"])
def test_what_was_erased_leaves_the_file_without_its_posts(action, open_case, origin, collect):
    """
    The file itself is still read from evidence.
    """
    case = collect(open_case(), {"1": origin.serve("/i.png", png(b"A"))})
    case.media(case.posts())

    forget(case, action, {"preserve": "allowed", "acquire": "done"}[action])
    case._store.clear()

    assert case._attachments(case._store).rebuild() == 1
    assert posts_of(case.media()) == [[]]


def test_how_each_file_was_read_is_an_entry_and_reading_it_again_gives_the_same(open_case, origin, collect):
    """
    The program, what it read and the digest of what it found; the words themselves stay out of the clear part.
    """
    case = collect(open_case(), {"1": origin.serve("/i.png", png(b"A"))})
    case.media(case.posts())
    entry = next(entry for entry in case._ledger.entries() if entry.action == "transform")
    (record,) = entry.private["derivations"]
    (file,) = case._attachments(case._store).records()

    assert entry.result == ({"kind": "media", "captures": 1},)
    assert (record["exhibit"], record["inputs"], record["state"]) == (file.exhibit, [file.facts.sha256], "ok")
    assert sha256(spelt(output_of(file.facts)).encode()).hexdigest() == record["output_sha256"]
    assert "output" not in record
    case.verify()
