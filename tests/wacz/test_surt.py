"""Sort keys of addresses, as the Wayback Machine makes them (tests/interop compares thousands with its own library)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.wacz.surt import surt

KEYS = {
    "https://a.example": "example,a)/",
    "HTTP://WWW.A.Example/": "example,a)/",
    "http://www2.a.example/": "example,a)/",
    "http://wwwx.example/": "example,wwwx)/",
    "https://a.example:443/": "example,a)/",
    "https://a.example:8443/": "example,a:8443)/",
    "http://nobody:secret@a.example/": "example,a)/",
    "http://192.0.2.7/": "7,2,0,192)/",
    "http://3221225991/": "7,2,0,192)/",
    "http://[2001:db8::1]:8080/": "2001:db8::1:8080)/",
    "https://münchen.example/": "example,xn--mnchen-3ya)/",
    "https://a..example./": "example,a)/",
    "https://a.example/A/B/": "example,a)/a/b",
    "https://a.example//a/./b/../c": "example,a)/a/c",
    "https://a.example/../a": "example,a)/../a",
    "https://a.example/%2541%20b": "example,a)/a%20b",
    "https://a.example/é": "example,a)/%c3%a9",
    "https://a.example/?b=2&a=1&B=1": "example,a)/?a=1&b=1&b=2",
    "https://a.example/?": "example,a)/",
    "https://a.example/?a&a=": "example,a)/?a&a=",
    "https://a.example/#part": "example,a)/",
    f"https://a.example/?a=1&PHPSESSID={'0' * 32}&b=2": "example,a)/?a=1&b=2",
    f"https://a.example/?jsessionid={'0' * 32}": "example,a)/",
    f"https://a.example/(S({'a' * 24}))/page.aspx": "example,a)/page.aspx",
    "a.example/b": "example,a)/b",
    "urn:Invented:Report/": "urn:invented:report",
    "https://a.example:port/ x": "https://a.example:port/%20x",
}


@pytest.mark.parametrize("url", KEYS)
def test_an_address_has_its_key(url):
    """
    One rule for each line.
    """
    assert surt(url) == KEYS[url]


@given(st.text(max_size=60))
def test_a_key_never_breaks_its_line(url):
    """
    Whatever the address, its key is printable ASCII without a space, for it stands first in a line.
    """
    key = surt(url)

    assert key.isascii()
    assert not key or key.isprintable()
    assert " " not in key
