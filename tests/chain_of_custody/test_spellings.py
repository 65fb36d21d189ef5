"""A text is found in raw bytes however it is spelt there, and bytes without it are no finding."""

from __future__ import annotations

import base64
import html
import json
import quopri
import random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.chain_of_custody.spellings import Sought
from osint.errors import OsintError

JANE = "@jane@social.example"
BYTES = JANE.encode()


@pytest.mark.parametrize(
    ("data", "how"),
    [
        (b"by @Jane@SOCIAL.example today", "as text"),
        ("by @jane@social.example".encode("utf-16-le"), "as UTF-16 text"),
        ("by @jane@social.example".encode("utf-16-be"), "as UTF-16 text, high byte first"),
        (b"x" + BYTES.hex().upper().encode(), "in hexadecimal"),
        (JANE.encode("utf-16-be").hex().encode(), "in hexadecimal"),
        (base64.b64encode(BYTES), "in base64"),
        (base64.b64encode(b"{" + JANE.title().encode() + b"} and more of the same"), "in base64"),
        (base64.b64encode(json.dumps("x\\" + JANE.replace("@", "\\u0040") + " and more").encode()), "in base64"),
        (b'{"a":"\\u0040jane\\u0040social.example"}', "as text, escaped as in JSON"),
        (quote(JANE).encode(), "as text, escaped as in an address"),
        ("".join(f"%{byte:02x}" for byte in BYTES).encode(), "as text, escaped as in an address"),
        (b"&#64;jane&#x40;social&period;example", "as text, escaped as in HTML"),
        (b"jane=40social=\r\n.example", "as text, escaped as in mail"),
        (b"\\u0025" + b"40jane%40social.example", "as text, escaped as in an address"),
    ],
)
def test_every_spelling_is_found_and_named(data, how):
    """
    The name says what the bytes look like.
    """
    assert how in Sought([JANE]).spellings(data)


@pytest.mark.parametrize(
    "text", ["Jane Example", "Müller & Sohn", "Ωmega Straße 7", "日本語の名前", 'O\'Brien "Bob"', "a/b\\c d", "𝒥ane 𝓔"]
)
@pytest.mark.parametrize(
    "spell",
    [
        str.encode,
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: json.dumps(text).encode(),
        lambda text: json.dumps(text, ensure_ascii=False).encode(),
        lambda text: quote(text, safe="").encode(),
        lambda text: html.escape(text).encode(),
        lambda text: text.encode("ascii", "xmlcharrefreplace"),
        lambda text: quopri.encodestring(text.encode()),
        lambda text: text.encode().hex().encode(),
        lambda text: base64.b64encode(b"." + text.encode()),
        lambda text: base64.urlsafe_b64encode(b".." + text.encode() + b"?"),
        lambda text: base64.encodebytes(bytes(70) + text.encode() + bytes(70)),
    ],
)
def test_names_of_every_script_are_found(text, spell):
    """
    Accents, quotes, slashes, and characters beyond the basic plane.
    """
    assert Sought([text]).spellings(b"<< " + spell(text) + b" >>")


def test_both_unicode_forms_and_every_case_are_found():
    """
    A name that was typed on another keyboard is the same name.
    """
    assert Sought(["José Núñez"]).spellings("JOSÉ NÚÑEZ".encode())
    assert Sought(["José Núñez"]).spellings("Jose\u0301 Nu\u0301n\u0303ez".encode())
    assert Sought(["Jose\u0301 Nu\u0301n\u0303ez"]).spellings("josé núñez".encode())


@given(before=st.binary(max_size=9), after=st.binary(max_size=9), text=st.text(min_size=4, max_size=30))
def test_base64_of_any_surroundings_shows_the_text(before, after, text):
    """
    Whichever place in a group of four it starts at.
    """
    if len(text.strip()) < 4:
        return
    data = base64.b64encode(before + text.strip().encode() + after)

    assert "in base64" in Sought([text]).spellings(data)


@pytest.mark.parametrize("text", [JANE, JANE.upper()[1:], "JaNe@sOcial.example"])
def test_base64_that_is_wrapped_into_lines_is_found(text):
    """
    As mail and certificates wrap it, at every place of a line; the other letter case is found by decoding.
    """
    for before in range(58):
        wrapped = base64.encodebytes(bytes(before) + text.encode() + bytes(90))
        assert "in base64" in Sought([JANE]).spellings(wrapped), before


def test_both_alphabets_of_base64_are_found():
    """
    Disclosures and addresses use the other two characters.
    """
    text = "a>>>b???c~~~d"
    data = base64.urlsafe_b64encode(text.encode())
    assert {b"-"[0], b"_"[0]} <= set(data)

    assert "in base64" in Sought([text]).spellings(data)
    assert "in base64" in Sought([text]).spellings(base64.b64encode(text.encode()))


@pytest.mark.parametrize("cut", range(4))
def test_base64_that_began_before_these_bytes_is_read(cut):
    """
    A piece of a file starts anywhere in a group of four; letters may be in the other case.
    """
    data = base64.b64encode(bytes(30) + b"by @JaNe@SoCiaL.eXampLe and more" + bytes(30))[20 + cut :]

    assert "in base64" in Sought([JANE]).spellings(data)


def test_bytes_without_the_text_are_no_finding():
    """
    Neither random bytes, nor what looks like it.
    """
    random_bytes = random.Random(7).randbytes(1 << 20)

    assert Sought([JANE]).spellings(random_bytes) == []
    assert Sought([JANE]).spellings(base64.b64encode(random_bytes)) == []
    assert Sought([JANE]).spellings(b"jane @ social.example, jan@social.example, jane@social\x00.example") == []


def test_an_account_is_looked_for_without_its_first_sign():
    """
    Tables and graphs have it so.
    """
    assert Sought([JANE]).spellings(b"account:mastodon:jane@social.example")
    assert Sought(["@jane"]).spellings(b"account:mastodon:jane") == []


def test_several_texts_are_looked_for_at_once():
    """
    Any of them is found.
    """
    assert Sought(["one thing", "another thing"]).spellings(b"... Another Thing ...") == ["as text"]


def test_what_is_looked_for_is_masked():
    """
    A path that is shown does not say it, in whatever spelling.
    """
    sought = Sought([JANE])

    assert sought.mask("charts/@Jane@social.example.svg") == "charts/@[…].svg"
    assert sought.mask("charts/%40jane%40social.example.svg") == "[…]"
    assert sought.mask("charts/other.svg") == "charts/other.svg"


@pytest.mark.parametrize("text", ["", "  ", "abc", " ab ", "x" * 5000])
def test_a_text_too_short_or_too_long_is_refused(text):
    """
    Three letters stand everywhere by chance.
    """
    with pytest.raises(OsintError, match="4 to 4096 bytes"):
        Sought([text])


def test_nothing_looked_for_is_found_nowhere():
    """
    No text, no finding.
    """
    assert not Sought([])
    assert Sought([]).spellings(b"anything") == []
