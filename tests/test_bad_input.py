"""Bad input through the whole way: a typed error or a warning record, nothing lost, and a ledger that verifies."""

from __future__ import annotations

import gzip
import json

import pytest
from origin import drip, http

from osint.capture.network import Network
from osint.errors import OsintError, SourceError, UnreachableError, UnreadableCaptureError

ITEM = "<item><guid>{0}</guid><title>{1}</title><description>{1}</description><pubDate>{2}</pubDate></item>"
NOON = "Mon, 01 Jun 2026 12:00:00 GMT"


def rss(*items: tuple[str, str, str]) -> bytes:
    entries = "".join(ITEM.format(*item) for item in items)
    return f'<rss version="2.0"><channel><title>t</title>{entries}</channel></rss>'.encode()


def xml(body: bytes, *headers: str) -> bytes:
    return http(body, "Content-Type: application/rss+xml", *headers)


def flood(connection) -> None:
    connection.sendall(http(b"", "Content-Type: application/rss+xml", "Content-Length: 100000000", length=False))
    connection.sendall(rss(("1", "first", NOON))[:-20])
    for _ in range(1600):
        connection.sendall(b" " * 65536)


def status(native_id: str, content: str, created: str) -> dict:
    account = {
        "id": "1",
        "acct": "jane",
        "username": "jane",
        "url": "https://origin.example/@jane",
        "display_name": "Jane",
    }
    return {
        "id": native_id, "uri": f"https://origin.example/{native_id}", "url": f"https://origin.example/@jane/{native_id}",
        "content": content, "created_at": created, "account": account, "mentions": [], "tags": [], "media_attachments": [],
    }  # fmt: skip


# What is served, how many posts come out at least, and a word of the warnings that stand beside them.
WARNED = {
    "malformed feed": (xml(rss(("1", "good", NOON), ("2", "cut", NOON))[:-60]), 1, "E0001"),
    "body that breaks off": (drip(xml(rss(("1", "good", NOON), ("2", "x" * 500, NOON)))[:-300]), 1, "cut"),
    "wrong charset": (
        http(rss(("1", "Größe", NOON)).decode().encode("latin-1"), "Content-Type: text/xml; charset=utf-8"),
        1,
        "character set",
    ),
    "a body of 100 MB": (flood, 0, "cut"),
    "duplicate ids that differ": (xml(rss(("1", "one", NOON), ("1", "other", NOON))), 1, "more than once"),
    "a naive date": (xml(rss(("1", "one", "Mon, 01 Jun 2026 12:00:00"))), 1, "zone"),
    "an impossible date": (xml(rss(("1", "one", "Mon, 31 Feb 2026 12:00:00 GMT"))), 1, "date"),
}


@pytest.fixture
def small(origin):
    """A network that cuts an answer at a million bytes, and reaches the origin by name."""
    return Network(hosts={"origin.example": ("127.0.0.1", origin.port)}, pace=0, body_limit=1_000_000, read_timeout=3)


@pytest.mark.parametrize("name", WARNED)
def test_what_is_odd_stands_beside_the_data(name, open_case, origin, small):
    """
    What can be read is read, the rest is a warning that names the exhibit, and the evidence verifies.
    """
    answer, posts, word = WARNED[name]
    origin.serve("/feed", answer)
    case = open_case(network=small, hosts=["origin.example"])

    try:
        found = case.collect("feed", url="http://origin.example/feed")
        assert found.posts >= posts
    except OsintError as error:
        assert posts == 0
        assert error.result is not None
    said = " ".join(case.warnings()["what"]) + " ".join(case.warnings()["exhibit"])

    assert word in said
    assert case.verify().exhibits == 1


@pytest.mark.exhaustive
def test_a_gzip_bomb_fills_neither_memory_nor_disk(open_case, origin, small):
    """
    Its bytes are preserved as they came; unpacking stops at the limit, and the reader is told.
    """
    bomb = gzip.compress(b'<rss version="2.0"><channel><title>t</title>' + bytes(300_000_000))
    origin.serve("/feed", xml(bomb, "Content-Encoding: gzip"))
    case = open_case(network=small, hosts=["origin.example"])

    found = case.collect("feed", url="http://origin.example/feed")

    assert found.posts == 0
    assert "unpacks to more than" in " ".join(case.warnings()["what"])
    assert case.verify().bytes < 1_000_000


def test_html_where_json_was_expected_is_a_typed_error(open_case, origin, start_origin, authority):
    """
    An instance that answers with a page gives no posts and says what came instead.
    """
    secure = start_origin(authority.server("origin.example"))
    secure.serve(
        "/api/v1/accounts/lookup?acct=jane", http(b"<html><body>Welcome</body></html>", "Content-Type: text/html")
    )
    network = Network(hosts={"origin.example": ("127.0.0.1", secure.port)}, ca=authority.pem, pace=0)
    case = open_case(network=network, accounts=["@jane@origin.example"])

    with pytest.raises((UnreadableCaptureError, SourceError), match="E0001"):
        case.collect("mastodon", account="@jane@origin.example")

    assert case.verify().exhibits == 1


def test_one_bad_post_does_not_lose_the_page(open_case, start_origin, authority):
    """
    Duplicate ids, a date that cannot be, a post that is no object: the others are in the table, each fault is a warning.
    """
    secure = start_origin(authority.server("origin.example"))
    page = [
        status("1", "<p>one</p>", "2026-06-01T12:00:00.000Z"), "nonsense", status("2", "<p>two</p>", "2026-02-30T12:00:00Z"),
        status("1", "<p>another one</p>", "2026-06-01T12:00:00.000Z"),
    ]  # fmt: skip
    account = json.dumps(
        {"id": "1", "acct": "jane", "username": "jane", "url": "https://origin.example/@jane"}
    ).encode()
    as_json = "Content-Type: application/json"
    secure.serve("/api/v1/accounts/lookup?acct=jane", http(account, as_json))
    secure.serve("/api/v1/accounts/1/statuses?limit=40", http(json.dumps(page).encode(), as_json))
    network = Network(hosts={"origin.example": ("127.0.0.1", secure.port)}, ca=authority.pem, pace=0)
    case = open_case(network=network, accounts=["@jane@origin.example"])

    found = case.collect("mastodon", account="@jane@origin.example")

    assert found.posts == 2
    assert found.warnings >= 3
    assert case.posts().query("versions == 2").shape[0] == 1


def test_an_expired_certificate_is_a_typed_error_and_an_entry(open_case, start_origin, authority):
    """
    Nothing is read from a host that cannot prove who it is.
    """
    secure = start_origin(authority.server("origin.example", days=-1))
    network = Network(hosts={"origin.example": ("127.0.0.1", secure.port)}, ca=authority.pem, pace=0)
    case = open_case(network=network, hosts=["origin.example"])

    with pytest.raises(UnreachableError, match="certificate"):
        case.collect("webpage", url="https://origin.example/")

    assert ("acquire", "failed") in set(zip(case.ledger["action"], case.ledger["outcome"], strict=True))
    assert case.verify().exhibits == 0


def test_a_photograph_with_corrupt_exif_is_preserved_and_warned_about(open_case, origin, small):
    """
    The file is byte-identical in evidence; what could not be read is said in its row.
    """
    from osint.serve.photographs import jpeg

    picture = jpeg("lamp-lit-path")
    origin.serve("/picture.jpg", http(picture, "Content-Type: image/jpeg"))
    item = ITEM.format("1", "one", NOON).replace(
        "</item>", '<enclosure url="http://origin.example/picture.jpg" type="image/jpeg" length="1"/></item>'
    )
    feed = f'<rss version="2.0"><channel><title>t</title>{item}</channel></rss>'.encode()
    origin.serve("/feed", xml(feed))
    case = open_case(network=small, hosts=["origin.example"])
    case.collect("feed", url="http://origin.example/feed")

    media = case.media(case.posts())

    assert len(media.warnings[0]) > 0
    import hashlib

    assert media.sha256[0] == hashlib.sha256(picture).hexdigest()
    assert case.verify().exhibits == 2


def test_an_attachment_that_does_not_come_is_said_and_the_others_go_on(open_case, origin, small):
    """
    One missing file is an entry or a warning, never the end of the run.
    """
    item = ITEM.format("1", "one", NOON).replace(
        "</item>",
        '<enclosure url="http://origin.example/gone.jpg" type="image/jpeg" length="1"/>'
        '<enclosure url="http://127.0.0.1:9/never.jpg" type="image/jpeg" length="1"/></item>',
    )
    origin.serve("/feed", xml(f'<rss version="2.0"><channel><title>t</title>{item}</channel></rss>'.encode()))
    case = open_case(network=small, hosts=["origin.example"])
    case.collect("feed", url="http://origin.example/feed")

    media = case.media(case.posts())

    assert len(media) == 0
    assert any("status 404" in what for what in case.warnings()["what"])
    assert ("acquire", "failed") in set(zip(case.ledger["action"], case.ledger["outcome"], strict=True))
    assert case.verify().exhibits == 2


AS_JSON = "Content-Type: application/json"
BOB = {"id": "2", "acct": "bob", "username": "bob", "url": "https://origin.example/@bob"}
JANE = {"id": "1", "acct": "jane", "username": "jane", "url": "https://origin.example/@jane"}


@pytest.fixture
def instance(open_case, start_origin, authority):
    """A hostile instance, and a case whose authority names one account of it."""
    secure = start_origin(authority.server("origin.example"))
    network = Network(hosts={"origin.example": ("127.0.0.1", secure.port)}, ca=authority.pem, pace=0)
    return secure, open_case(network=network, hosts=[], accounts=["@jane@origin.example"])


def test_a_thread_under_a_false_name_is_not_read(instance):
    """
    The server goes by the number alone; the authority names the account, so another's post is refused.
    """
    secure, case = instance
    post = status("666", "<p>not hers</p>", "2026-06-01T12:00:00Z") | {"account": BOB}
    secure.serve("/api/v1/statuses/666", http(json.dumps(post).encode(), AS_JSON))

    with pytest.raises(SourceError, match="belongs to 'bob'"):
        case.collect("mastodon", thread="https://origin.example/@jane/666")

    assert len(case.posts()) == 0
    assert case.verify().exhibits == 1


def test_a_profile_of_someone_else_ends_the_run(instance):
    """
    A lookup that answers with another account leads to no posts of that account.
    """
    secure, case = instance
    secure.serve("/api/v1/accounts/lookup?acct=jane", http(json.dumps(BOB).encode(), AS_JSON))

    with pytest.raises(SourceError, match="belongs to 'bob'"):
        case.collect("mastodon", account="@jane@origin.example")

    assert len(secure.requests) == 1


def test_a_next_page_of_someone_else_is_not_asked_for(instance):
    """
    A Link that leads from her posts to another's ends the run as not complete.
    """
    secure, case = instance
    page = json.dumps([status("1", "<p>one</p>", "2026-06-01T12:00:00Z")]).encode()
    link = '<https://origin.example/api/v1/accounts/2/statuses>; rel="next"'
    secure.serve("/api/v1/accounts/lookup?acct=jane", http(json.dumps(JANE).encode(), AS_JSON))
    secure.serve("/api/v1/accounts/1/statuses?limit=40", http(page, AS_JSON, f"Link: {link}"))

    found = case.collect("mastodon", account="@jane@origin.example")

    assert (found.posts, str(found.stop)) == (1, "error")
    assert len(secure.requests) == 2
