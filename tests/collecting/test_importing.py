"""What an import takes from a file: nothing of another account's, and text in whatever spelling it was written."""

from __future__ import annotations

import codecs
import io
import json
import zipfile

import pytest
from origin import NOON

import osint
from osint.capture.exchange import Capture
from osint.collecting.transcoding import in_utf8

JANE, DAWN = "https://x.com/jane_example", "https://x.com/dawn_example"
TWEETS = 'window.YTD.tweets.part0 = [{"tweet": {"id_str": "1919", "created_at": "Fri May 01 09:00:00 +0000 2026", ' \
    '"full_text": "Seen at the pier \u2014 \u05e9\u05dc\u05d5\u05dd"}}]'  # fmt: skip
ACCOUNT = 'window.YTD.account.part0 = [{"account": {"username": "jane_example", "accountId": "7"}}]'
POSTS = '[{"timestamp": 1777626000, "data": [{"post": "Seen at the pier"}], "title": "Jane Example"}]'
CSV = "ID,Timestamp,Contents,Attachments\n1234567890123456789,2026-05-01 09:00:00,Seen at the pier,\n"


def declared(address: str) -> osint.SavedBy:
    return osint.SavedBy(
        name="Jane Example", role="witness", at="2026-05-02T09:00:00Z", program="not known", logged_in=False,
        came="on a stick", address=address,
    )  # fmt: skip


def packed(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(f"data/{name}.js", text)
    return out.getvalue()


def imported(case, folder, data: bytes, address: str):
    file = folder / "handed in"
    file.write_bytes(data)
    return case.import_file(file, declared(address))


@pytest.mark.parametrize(("address", "posts"), [(JANE, 1), (DAWN, 0)], ids=["its own", "another's"])
def test_nothing_is_taken_from_an_export_of_another_account_than_was_declared(open_case, tmp_path, address, posts):
    """
    Its lists of posts name nobody: they would stand under an account that did not write them. Evidence it stays.
    """
    case = open_case(urls=[JANE, DAWN])
    found = imported(case, tmp_path, packed(tweets=TWEETS, account=ACCOUNT), address)

    assert (found.posts, len(case.posts()), found.captures) == (posts, posts, 2)
    assert any("No post and no account of it is in the tables" in each for each in case.warnings()["effect"]) != posts
    before = list(case._store.rows())
    case.rebuild()
    assert list(case._store.rows()) == before


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (TWEETS, JANE),
        (POSTS, "https://www.facebook.com/jane.example"),
        (CSV, "https://discord.com/users/1234567890123456780"),
    ],
    ids=["X", "Facebook", "Discord"],
)
def test_an_export_is_read_in_whatever_spelling_of_unicode_it_was_saved(open_case, tmp_path, text, address):
    """
    Office programs write UTF-16; what a part is, its first letters tell and not its first bytes.
    """
    case = open_case(urls=[address])
    spelt = [text.encode("utf-8"), text.encode("utf-8-sig"), *(
        mark + text.encode(coding)
        for mark, coding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
    )]  # fmt: skip

    assert [imported(case, tmp_path, data, address).posts for data in spelt] == [1, 1, 1, 1]
    assert case.posts()["exhibits"].tolist() == [["E0001", "E0002", "E0003", "E0004"]]


def test_bytes_that_do_not_fit_their_mark_are_said(open_case, tmp_path):
    """
    The last letter is cut in half: the table is read, and a warning stands beside it.
    """
    case = open_case(urls=["https://discord.com/users/1234567890123456780"])
    found = imported(case, tmp_path, CSV.encode("utf-16") + b"\x00", "https://discord.com/users/1234567890123456780")

    assert found.posts == 1
    assert any("do not fit" in each for each in case.warnings()["what"])


def test_what_bears_no_mark_stays_as_it_is():
    """
    Bytes without a mark, and the mark of UTF-32, are left to the character set that the server or the document names.
    """
    for body in (json.dumps({"name": "é"}).encode("latin-1"), "{}".encode("utf-32"), b"PK\3\4"):
        capture = Capture(exhibit="E0001", url=JANE, status=200, headers=(), body=body, collected=NOON)
        assert in_utf8(capture) is capture
