"""RFC 3161 messages: what the standard allows is read, and nothing beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from tsa import NOON, OTHER_POLICY, POLICY, StampingAuthority

from osint.chain_of_custody import der
from osint.chain_of_custody.timestamp_format import Imprint, Request, read_reply, read_request, write_request

IMPRINT = Imprint("sha256", hashlib.sha256(b"checkpoint").digest())
REQUEST = write_request(IMPRINT, POLICY, 77)

TOKEN = (1,)
SIGNED_DATA = (1, 1, 0)
CONTENT = (*SIGNED_DATA, 2)
OCTETS = (*CONTENT, 1, 0)
INFO = (*OCTETS, 0)
ACCURACY = (*INFO, 5)
SIGNER = (*SIGNED_DATA, 4, 0)
ATTRIBUTES = (*SIGNER, 3)


@pytest.fixture(scope="module")
def reply(tmp_path_factory) -> bytes:
    tsa = StampingAuthority.create(tmp_path_factory.mktemp("tsa"))
    return tsa.reply(REQUEST, words="As you like it")


def edited(data: bytes, path: tuple[int, ...], change: Callable[[der.Value], bytes]) -> bytes:
    """Change one value inside another, by the numbers of the members on the way; the lengths above it follow."""
    value = der.read(data)
    if not path:
        return change(value)
    members = [value.content] if value.tag == der.OCTETS else [each.raw for each in value.inside()]
    members[path[0]] = edited(members[path[0]], path[1:], change)
    return der.write(value.tag, members)


def replaced(by: str) -> Callable[[der.Value], bytes]:
    return lambda _: bytes.fromhex(by)


def extended(value: der.Value) -> bytes:
    return der.write(value.tag, value.content + der.write(der.NULL, b""))


def test_a_request_reads_back(reply):
    """
    Writing and reading are inverse.
    """
    assert Request(IMPRINT, POLICY, 77, True) == read_request(REQUEST)


def test_a_reply_is_read_with_what_it_says(reply):
    """
    Status, words, policy, imprint, time and the signer's fingerprint come out as they went in.
    """
    status, words, claim = read_reply(reply)

    assert (status, words) == (0, "As you like it")
    assert claim is not None
    assert (claim.policy, claim.imprint, claim.time, claim.nonce) == (POLICY, IMPRINT, NOON, 77)
    assert (Imprint("sha256", hashlib.sha256(claim.certificates[0]).digest()),) == claim.fingerprints


@pytest.mark.parametrize(
    "path",
    [(), (0,), TOKEN, SIGNED_DATA, CONTENT, INFO, (*INFO, 2), (*INFO, 2, 0), ACCURACY, SIGNER, (*SIGNER, 1),
     (*SIGNER, 2), (*ATTRIBUTES, 0), (1, 1), (*CONTENT, 1), (*SIGNED_DATA, 4)],
    ids=["reply", "status", "token", "signed data", "content", "information", "imprint", "algorithm", "accuracy",
         "signer", "name of the signer", "hash of the signer", "attribute", "around the signed data",
         "around the information", "signers"],
)  # fmt: skip
def test_a_member_that_the_standard_does_not_know_is_refused(path, reply):
    """
    What one reader passes over, another may take for a statement.
    """
    with pytest.raises(ValueError, match=r"too many|where one belongs|where 0x30 belongs"):
        read_reply(edited(reply, path, extended))


@pytest.mark.parametrize("path", [(), (1,), (1, 0)], ids=["request", "imprint", "algorithm"])
def test_a_member_of_a_request_that_is_not_understood_is_refused(path):
    """
    Requests of others are read as strictly as replies; an extension would change what was asked.
    """
    with pytest.raises(ValueError, match="too many"):
        read_request(edited(REQUEST, path, extended))


WRONG = {
    "content of another type": ((*TOKEN, 0), replaced("06092a864886f70d010703")),
    "other information": ((*CONTENT, 0), replaced("06092a864886f70d010701")),
    "information as text": (OCTETS, lambda value: der.write(der.UTF8, value.content)),
    "another version of the information": ((*INFO, 0), replaced("020102")),
    "another version of the signer": ((*SIGNER, 0), replaced("020103")),
    "hash with parameters": ((*INFO, 2, 0, 1), replaced("050100")),
    "accuracy of minus a second": (ACCURACY, replaced("30030201ff")),
    "accuracy of a century": (ACCURACY, replaced("300602047fffffff")),
    "accuracy of a thousand milliseconds": (ACCURACY, replaced("3004800203e8")),
    "accuracy of a thousand microseconds": (ACCURACY, replaced("3004810203e8")),
    "type of content in another spelling": (
        (*ATTRIBUTES, 0, 1, 0),
        lambda value: der.write(0x86, value.content),
    ),
    "type of content twice": (ATTRIBUTES, lambda value: der.write(value.tag, value.inside()[0].raw + value.content)),
    "type of content with two values": (
        (*ATTRIBUTES, 0, 1),
        lambda value: der.write(value.tag, value.content + der.write_identifier(OTHER_POLICY)),
    ),
    "words that are no text": ((0, 1, 0), replaced("0c01ff")),
    "no imprint": ((*INFO, 2), replaced("0500")),
    "no signer": ((*SIGNED_DATA, 4), replaced("3100")),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_statement_that_cannot_be_is_refused(fault, reply):
    """
    What is read is what the standard defines, in its one spelling.
    """
    path, change = WRONG[fault]

    with pytest.raises(ValueError, match=r"."):
        read_reply(edited(reply, path, change))


def test_the_words_of_an_authority_are_cut(reply):
    """
    An authority cannot fill a page of the custody log.
    """
    long = edited(reply, (0, 1, 0), lambda _: der.write(der.UTF8, b"no " * 10_000))

    assert len(read_reply(long).words) == 300


def test_what_is_no_certificate_among_the_certificates_is_passed_over(reply):
    """
    Some authorities add attribute certificates (RFC 5652, 10.2.2); they certify no key.
    """
    with_attributes = edited(
        reply, (*SIGNED_DATA, 3), lambda value: der.write(value.tag, value.content + der.write(0xA2, b""))
    )

    assert read_reply(reply).claim.certificates == read_reply(with_attributes).claim.certificates


def test_a_signature_over_fewer_attributes_is_read_when_the_needed_ones_are_there(reply):
    """
    An attribute of several values says nothing here and may stand beside the others.
    """
    several = der.write(
        der.SEQUENCE,
        [der.write_identifier("1.2.3"), der.write(der.SET, [der.write_number(1), der.write_number(2)])],
    )

    extra = edited(reply, ATTRIBUTES, lambda value: der.write(value.tag, value.content + several))

    assert read_reply(reply).claim.fingerprints == read_reply(extra).claim.fingerprints
