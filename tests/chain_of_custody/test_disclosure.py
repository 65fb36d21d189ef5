from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.chain_of_custody import disclosure
from osint.errors import LedgerError


def test_the_digest_is_that_of_rfc_9901():
    """
    The disclosure of RFC 9901, section 4.2.1, has the digest printed in section 4.2.3.
    """
    example = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"

    assert disclosure.digest(example) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    assert disclosure.read(example) == ("family_name", "Möbius")


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_what_was_disclosed_is_read_back_exactly(name, value):
    """
    Text comes back as it was written, normalized or not.
    """
    if name in {"_sd", "..."}:
        return

    assert (name, value) == disclosure.read(disclosure.make(name, value))


@pytest.mark.parametrize("value", ["jane", None, 7, True, ["a", {"b": []}], ("a", "b"), {"é": "e\u0301"}])
def test_a_commitment_holds_the_disclosure_its_digest_and_what_will_be_read(value):
    """
    What the entry returns at once is what a reader of the disclosure gets later.
    """
    made = disclosure.commit("handle", value)

    assert ("handle", made.value) == disclosure.read(made.disclosure)
    assert made.digest == disclosure.digest(made.disclosure)
    assert json.dumps(made.value) == json.dumps(value)


def test_equal_values_have_unlike_digests():
    """
    The salt is drawn anew each time, so equal handles cannot be matched by their digests.
    """
    digests = {disclosure.digest(disclosure.make("handle", "@jane@social.example")) for _ in range(50)}

    assert len(digests) == 50


def test_the_salt_has_128_bits():
    """
    A drawn salt has 16 bytes, which is what keeps a digest from being guessed.
    """
    text = disclosure.make("handle", "@jane@social.example")
    salt, _, _ = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))

    assert len(base64.urlsafe_b64decode(salt + "==")) == 16


def spell(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


LOOSE = spell(["A" * 22, "name", "value"])  # its last character carries four bits that are no part of a byte


@pytest.mark.parametrize(
    "text",
    [
        spell(["AAAA", "name", "value"]),
        spell(["A" * 22, "name"]),
        spell({"name": "value"}),
        spell(["A" * 22, 5, "value"]),
        disclosure.make("name", "value") + "=",
        disclosure.make("name", "value")[:-3],
        "ä",
        "",
        spell(["A" * 22, "name", "ÿ?~~?"]).replace("-", "+").replace("_", "/"),
        "*" + disclosure.make("name", "value"),
        LOOSE[:-1] + chr(ord(LOOSE[-1]) + 1),
    ],
    ids=[
        "short salt", "two items", "object", "name is a number", "padding", "cut", "not ASCII", "empty",
        "standard alphabet", "stray character", "bits beyond the last byte",
    ],
)  # fmt: skip
def test_what_is_no_disclosure_is_refused(text):
    """
    A disclosure has a salt of 128 bits, a name and a value, in base64url without padding.
    """
    with pytest.raises(LedgerError):
        disclosure.read(text)


@pytest.mark.parametrize("name", ["_sd", "..."])
def test_the_names_that_the_standard_reserves_are_refused(name):
    """
    RFC 9901 gives these two names another meaning.
    """
    with pytest.raises(LedgerError, match="reserves"):
        disclosure.make(name, "value")


def test_a_float_is_refused_and_the_error_names_the_field_not_the_value():
    """
    The message helps without repeating what may be personal.
    """
    with pytest.raises(LedgerError, match="'position'") as caught:
        disclosure.make("position", 52.3731)

    assert "52.37" not in str(caught.value)
