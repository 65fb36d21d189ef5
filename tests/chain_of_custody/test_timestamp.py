"""Time stamps: what an authority says is believed only when all of it fits, at the token's own time."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import decode_timestamp_response
from tsa import (
    NOON,
    ORDERS,
    OTHER_POLICY,
    PEM,
    POLICY,
    STAMPS_ONLY,
    StampingAuthority,
    identity,
    needs_openssl,
    note,
    serve,
)

from osint.capture.network import Network
from osint.capture.post import poster
from osint.chain_of_custody import der, timestamp, timestamp_renewal
from osint.chain_of_custody.exchange import Answer
from osint.chain_of_custody.timestamp import Authority, Stamp, Token, check, claimed_time, stamp
from osint.chain_of_custody.timestamp_format import Imprint, read_reply, write_request
from osint.chain_of_custody.timestamp_signature import certificate_paths
from osint.errors import CaptureError, LedgerError, TimestampError, UnreachableError

UNSORTED = pytest.param("unsorted", marks=needs_openssl)
PROGRAMS = {"sorted": "rfc3161-client", "unsorted": "openssl"}


@pytest.fixture(scope="module")
def tsa(tmp_path_factory) -> StampingAuthority:
    return StampingAuthority.create(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def token(tsa) -> Token:
    """A good token over a checkpoint of eight entries, stamped at noon."""
    return stamp(note(), 8, tsa.pinned(), tsa.exchange())


def refusal(step: Callable[[], object]) -> str:
    """Return the reason for which a step is refused."""
    with pytest.raises(TimestampError) as caught:
        step()
    assert (
        "proves no time" in str(caught.value) or "ledger stands" in str(caught.value) or "nothing" in str(caught.value)
    )
    return caught.value.reason


def answered(tsa: StampingAuthority, order: str = "", **changes: object) -> Token:
    """Return what would be kept if nobody looked at the answer; ``order`` adds the issuer's certificate."""
    time = changes.pop("time", NOON)
    certificates = changes.pop("certificates", [tsa.signer.der, tsa.root.der] if order else [tsa.signer.der])
    request = write_request(Imprint("sha256", hashlib.sha256(note()).digest()), POLICY, 2**63 + 1)
    reply = tsa.reply(request, time, certificates=ORDERS[order or "sorted"](certificates), **changes)
    return Token(covers="checkpoint", size=8, document=note(), request=request, reply=reply)


# A real authority


@needs_openssl
def test_a_checkpoint_is_stamped_by_an_authority_over_http(tsa, loopback):
    """
    What OpenSSL's time-stamping authority answers on loopback is verified, and tells time, accuracy and serial number.
    """
    started = datetime.now(UTC).replace(microsecond=0)
    with serve(lambda body: (200, tsa.openssl_reply(body))) as url:
        kept = stamp(note(), 8, tsa.pinned(url), poster(loopback))

    shown = check(kept, [tsa.pinned()])

    assert (shown.verified_by, shown.authority, shown.policy) == ("rfc3161-client", "Westmere time stamps", POLICY)
    assert timedelta(seconds=1, microseconds=500_100) == shown.accuracy
    assert started <= shown.time == claimed_time(kept)
    assert (kept.sha256, "sha256") == (shown.sha256, shown.algorithm)
    assert tsa.signer.certificate.not_valid_after_utc == shown.valid_until


@needs_openssl
def test_what_is_kept_of_a_token_is_verified_by_openssl_alone(tsa, tmp_path):
    """
    Document, request, reply and chain are files that ``openssl ts -verify`` takes as they are.
    """
    kept = stamp(note(), 8, tsa.pinned(), tsa.exchange())
    files = {"note": kept.document, "tsq": kept.request, "tsr": kept.reply, "chain": kept.chain}
    for name, content in {**files, "root": tsa.root.certificate.public_bytes(PEM)}.items():
        (tmp_path / name).write_bytes(content)

    for source in (["-data", "note"], ["-queryfile", "tsq"]):
        run = subprocess.run(
            ["openssl", "ts", "-verify", *source, "-in", "tsr", "-CAfile", "root", "-untrusted", "chain", "-attime",
             str(int(NOON.timestamp()))],
            cwd=tmp_path, capture_output=True, check=False,
        )  # fmt: skip
        assert (run.returncode, run.stdout) == (0, b"Verification: OK\n")


@needs_openssl
def test_a_token_with_unsorted_certificates_is_verified_by_openssl_and_says_so(tsa):
    """
    An authority that embeds its issuer's certificate writes a SET that rfc3161-client refuses; the token is good.
    """
    kept = stamp(
        note(), 8, tsa.pinned(), lambda _, body, __: Answer(200, tsa.openssl_reply(body, certs=[tsa.root.der]))
    )

    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        decode_timestamp_response(kept.reply)
    assert check(kept, [tsa.pinned()]).verified_by == "openssl"


def test_the_request_names_policy_and_nonce_and_asks_for_the_certificate(tsa):
    """
    Each request carries another random number, the pinned policy, and the hash of the document.
    """
    seen = []

    def exchange(url: str, body: bytes, content_type: str) -> Answer:
        seen.append((url, content_type, timestamp.read_request(body)))
        return Answer(200, tsa.reply(body))

    for _ in range(2):
        stamp(note(), 8, tsa.pinned("http://tsa.example/stamp"), exchange)

    (url, media, first), (_, _, second) = seen
    assert (url, media) == ("http://tsa.example/stamp", "application/timestamp-query")
    assert (Imprint("sha256", hashlib.sha256(note()).digest()), POLICY, True) == (
        first.imprint,
        first.policy,
        first.wants_certificate,
    )
    assert first.nonce != second.nonce


# Fault matrix F13: what an authority on loopback may do wrong

ANSWERS = {
    "server error": ("http-status", lambda tsa, body: (500, tsa.reply(body))),
    "redirect": ("http-status", lambda tsa, body: (302, tsa.reply(body))),
    "ten megabytes": ("too-large", lambda tsa, body: (200, bytes(10_000_000))),
    "a token behind a megabyte": ("too-large", lambda tsa, body: (200, tsa.reply(body) + bytes(1 << 20))),
    "nothing": ("malformed", lambda tsa, body: (200, b"")),
    "a web page": ("malformed", lambda tsa, body: (200, b"<!DOCTYPE html><title>Sign in</title>")),
    "garbage": ("malformed", lambda tsa, body: (200, random.Random(3).randbytes(900))),
    "token with a tail": ("malformed", lambda tsa, body: (200, tsa.reply(body) + b"\0")),
    "the request again": ("malformed", lambda tsa, body: (200, body)),
    "granted, and no token": ("malformed", lambda tsa, body: (200, bytes.fromhex("30053003020100"))),
    "rejected": ("rejected", lambda tsa, body: (200, tsa.reply(body, status=2, words="Not today\x1b[2J"))),
    "waiting": ("rejected", lambda tsa, body: (200, tsa.reply(body, status=3))),
    "wrong nonce": ("wrong-nonce", lambda tsa, body: (200, tsa.reply(body, nonce=7))),
    "no nonce": ("wrong-nonce", lambda tsa, body: (200, tsa.reply(body, nonce=None))),
    "wrong imprint": ("wrong-imprint", lambda tsa, body: (200, tsa.reply(body, imprint=Imprint("sha256", bytes(32))))),
    "weak imprint": ("wrong-imprint", lambda tsa, body: (200, tsa.reply(body, imprint=Imprint("sha1", bytes(20))))),
    "other policy": ("wrong-policy", lambda tsa, body: (200, tsa.reply(body, policy=OTHER_POLICY))),
    "other authority": ("wrong-certificate", lambda tsa, body: (200, tsa.another(50).reply(body))),
    "clock before the certificate": ("expired", lambda tsa, body: (200, tsa.reply(body, datetime(1999, 1, 1)))),
    "clock after the certificate": ("expired", lambda tsa, body: (200, tsa.reply(body, datetime(2091, 1, 1)))),
    "altered": ("bad-signature", lambda tsa, body: (200, tsa.reply(body, signed=b"something else"))),
}


@pytest.mark.parametrize("fault", ANSWERS)
def test_a_faulty_authority_gives_no_token(fault, tsa, loopback):
    """
    Whatever is wrong with the answer, no token is returned, and the reason is one word for the ledger.
    """
    reason, answer = ANSWERS[fault]
    with serve(lambda body: answer(tsa, body)) as url:
        assert reason == refusal(lambda: stamp(note(), 8, tsa.pinned(url), poster(loopback)))


def test_an_authority_that_does_not_answer_is_not_waited_for(tsa):
    """
    Silence is a failure of its own kind; so is a host where nobody listens.
    """
    enough = threading.Event()
    network = Network(allow=("127.0.0.1",), read_timeout=0.2)

    with serve(lambda body: (200, b"") if enough.wait(30) else (500, b"")) as url:
        silent = refusal(lambda: stamp(note(), 8, tsa.pinned(url), poster(network)))
        enough.set()

    assert [silent, refusal(lambda: stamp(note(), 8, tsa.pinned(url), poster(network)))] == ["no-answer"] * 2


def test_an_answer_cut_off_by_the_exchange_is_told_from_no_answer(tsa):
    """
    Only an error that says ``length`` means an answer that is too long.
    """

    def failing(error: CaptureError) -> str:
        def exchange(*_: object) -> Answer:
            raise error

        return refusal(lambda: stamp(note(), 8, tsa.pinned(), exchange))

    too_long = CaptureError("longer than its limit")
    too_long.stop = "length"

    assert (failing(too_long), failing(UnreachableError("nobody there"))) == ("too-large", "no-answer")


def test_what_an_authority_says_in_a_refusal_is_shown_without_its_control_characters(tsa):
    """
    The words of a refusal reach the screen; an escape sequence in them does not.
    """
    with pytest.raises(TimestampError, match=r"Not today⟨U\+001B⟩\[2J") as caught:
        stamp(note(), 8, tsa.pinned(), tsa.exchange(status=2, words="Not today\x1b[2J"))

    assert "\x1b" not in str(caught.value)


def test_a_token_granted_with_changes_is_a_token(tsa):
    """
    PKIStatus grantedWithMods carries a token that is judged like any other.
    """
    kept = stamp(note(), 8, tsa.pinned(), tsa.exchange(status=1, words="Order changed"))

    assert check(kept, [tsa.pinned()]).time == NOON


def test_an_authority_that_cannot_be_used_is_not_asked(tsa):
    """
    A configuration that no answer could satisfy is refused before anything is sent.
    """
    asked = []
    certificate_authority = replace(tsa.pinned(), certificate=tsa.root.der)

    for wrong in (certificate_authority, replace(tsa.pinned(), chain=()), replace(tsa.pinned(), policy="1.2.x")):
        with pytest.raises(TimestampError):
            stamp(note(), 8, wrong, lambda *each: asked.append(each))

    assert asked == []


# Attacks on tokens, each against both programs that verify


def same_key_other_certificate(tsa: StampingAuthority) -> dict[str, object]:
    """The authority's key under an earlier certificate; the unsigned part of the token names the pinned one."""
    earlier = identity("Earlier", 2, tsa.root, usage=STAMPS_ONLY)
    return {"fingerprint": hashlib.sha256(earlier.der).digest()}


def same_name_and_number(tsa: StampingAuthority) -> dict[str, object]:
    """A key of the attacker under a certificate with issuer, subject and number of the pinned one."""
    pinned = tsa.signer.certificate
    forged = identity(
        "Time stamps of Westmere, unit 1",
        77,
        replace(identity("Root 1", 78)),
        usage=STAMPS_ONLY,
        serial=pinned.serial_number,
    )
    assert (pinned.issuer, pinned.subject) == (forged.certificate.issuer, forged.certificate.subject)
    return {"key": forged.key, "certificates": [forged.der, tsa.signer.der]}


STRANGER = identity("Stranger", 99)
ATTACKS = {
    "signed with another key": ("bad-signature", lambda tsa: {"key": STRANGER.key}),
    "signature over other content": ("bad-signature", lambda tsa: {"signed": b"other"}),
    "signature over no content": ("bad-signature", lambda tsa: {"attributes": ("type", "certificate")}),
    "signature over a weak hash": ("bad-signature", lambda tsa: {"digest": "sha1"}),
    "stranger's certificate added": (
        "wrong-certificate",
        lambda tsa: {"certificates": [tsa.signer.der, tsa.root.der, STRANGER.der]},
    ),
    "issuer's certificate alone": ("wrong-certificate", lambda tsa: {"certificates": [tsa.root.der]}),
    "no certificate": ("wrong-certificate", lambda tsa: {"certificates": []}),
    "key of the authority under another certificate": ("wrong-certificate", same_key_other_certificate),
    "certificate with the same names and number": ("wrong-certificate", same_name_and_number),
    "fingerprint by an unknown hash": (
        "wrong-certificate",
        lambda tsa: {"fingerprint": bytes(32), "fingerprint_hash": "1.2.3.4"},
    ),
    "no fingerprint": ("malformed", lambda tsa: {"attributes": ("type", "digest")}),
    "nothing said of what is signed": ("malformed", lambda tsa: {"attributes": ("digest", "certificate")}),
    "signature made for something else": ("malformed", lambda tsa: {"content_type": "1.2.840.113549.1.7.1"}),
    "bare signature": ("malformed", lambda tsa: {"attributes": ()}),
    "two signers": ("malformed", lambda tsa: {"signers": 2}),
    "extension that must be understood": ("malformed", lambda tsa: {"extension": True}),
    "time in another spelling": ("malformed", lambda tsa: {"spelt": "20260601140000+0200"}),
    "time that cannot be": ("malformed", lambda tsa: {"spelt": "20260631120000Z"}),
    "impossible accuracy": ("malformed", lambda tsa: {"accuracy": bytes.fromhex("3004800203e8")}),
    "before the certificate": ("expired", lambda tsa: {"time": datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)}),
    "after the certificate": ("expired", lambda tsa: {"time": datetime(2090, 1, 1, 0, 0, 1, tzinfo=UTC)}),
}


@pytest.mark.parametrize("order", ["sorted", UNSORTED])
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_on_a_token_is_refused_whichever_program_verifies(attack, order, tsa):
    """
    Each attack is refused both in a token that rfc3161-client reads and in one that OpenSSL has to verify.
    """
    reason, changes = ATTACKS[attack]
    assert PROGRAMS[order] == check(answered(tsa, order), [tsa.pinned()]).verified_by

    assert reason == refusal(lambda: check(answered(tsa, order, **changes(tsa)), [tsa.pinned()]))


@pytest.mark.parametrize("order", ["sorted", UNSORTED])
def test_another_certificate_of_the_same_issuer_is_another_authority(order, tsa):
    """
    The root alone proves nothing: an authority under the same root is refused until it is pinned itself.
    """
    other = tsa.another(60)
    swapped = answered(other, order)

    assert refusal(lambda: check(swapped, [tsa.pinned()])) == "wrong-certificate"
    assert refusal(lambda: check(swapped, [])) == "wrong-certificate"
    assert (PROGRAMS[order], "Eastmere 60") == (
        (shown := check(swapped, [tsa.pinned(), other.pinned()])).verified_by,
        shown.authority,
    )


@pytest.mark.parametrize("order", ["sorted", UNSORTED])
@pytest.mark.parametrize("part", ["reply", "request", "document"])
def test_a_flipped_bit_at_every_byte_of_a_token_is_refused_or_changes_nothing(part, order, tsa):
    """
    Only four unsigned parts may change unseen, and they say nothing: status, CMS version, list of digest algorithms,
    name of the signature algorithm. (A ledger's entries name the hash of the whole reply, so verification sees these.)
    """
    whole = answered(tsa, order)
    shown = check(whole, [tsa.pinned()])
    data = getattr(whole, part)
    unsigned = unsigned_parts(data) if part == "reply" else set()
    passed = set()

    for at in range(len(data)):
        flipped = replace(whole, **{part: data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]})
        try:
            seen = check(flipped, [tsa.pinned()])
        except TimestampError:
            continue
        passed.add(at)
        assert replace(shown, sha256=flipped.sha256, verified_by="") == replace(seen, verified_by="")
        assert part != "reply" or flipped.sha256 != whole.sha256

    assert passed <= unsigned


def unsigned_parts(reply: bytes) -> set[int]:
    """Return the places of the bytes in a reply that no signature covers and that carry no statement."""

    def inside(at: int, value: der.Value) -> list[tuple[int, der.Value]]:
        at += len(value.raw) - len(value.content)
        members = value.inside()
        return [(at + sum(len(each.raw) for each in members[:place]), each) for place, each in enumerate(members)]

    status, token = inside(0, der.read(reply))
    version, algorithms, *_, signers = inside(*inside(*inside(*token)[1])[0])
    signature_algorithm = inside(*inside(*signers)[0])[-2]
    parts = [status, version, algorithms, signature_algorithm]
    return {place for at, part in parts for place in range(at, at + len(part.raw))}


def test_a_token_cut_at_any_byte_is_refused(token, tsa):
    """
    No prefix of a reply is a reply.
    """
    for end in range(len(token.reply)):
        assert refusal(lambda end=end: check(replace(token, reply=token.reply[:end]), [tsa.pinned()])) == "malformed"


def test_damage_of_any_kind_ends_in_a_refusal(token, tsa, monkeypatch, tmp_path):
    """
    Bytes changed, taken out, put in and moved end in TimestampError, never in another error, and show no other stamp.
    """
    monkeypatch.setenv("PATH", f"{tmp_path}")
    chance = random.Random(1729)
    shown = check(token, [tsa.pinned()])

    for _ in range(3000):
        data = bytearray(token.reply)
        for _ in range(chance.choice([1, 2, 3])):
            at = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randrange(1, 20)]
                case 2:
                    data[at:at] = chance.randbytes(chance.randrange(1, 20))
                case _:
                    data[at : at + 9] = data[: chance.randrange(1, 20)]
        damaged = replace(token, reply=bytes(data))
        try:
            seen = check(damaged, [tsa.pinned()])
        except TimestampError:
            continue
        assert replace(shown, sha256=damaged.sha256) == seen


@pytest.mark.parametrize(
    "changes",
    [
        {"old_fingerprint": True, "fingerprint_hash": "sha1"},
        {"fingerprint_hash": "sha512"},
        {"extension": False},
        {"accuracy": b""},
    ],
    ids=["fingerprint of RFC 2634", "fingerprint by SHA-512", "extension that may be passed over", "no accuracy"],
)
def test_what_the_standard_leaves_open_is_accepted(changes, tsa):
    """
    Authorities differ in what RFC 3161, 5035 and 5816 let them choose.
    """
    assert check(answered(tsa, **changes), [tsa.pinned()]).time == NOON


def test_fractions_of_a_second_are_kept(tsa):
    """
    An authority may tell time finer than a second.
    """
    assert NOON.replace(microsecond=250_000) == check(answered(tsa, spelt="20260601120000.25Z"), [tsa.pinned()]).time


# Token time


@pytest.mark.parametrize("order", ["sorted", UNSORTED])
def test_a_token_stays_good_when_its_certificates_have_ended(order, tmp_path):
    """
    The authority's certificate ended years ago and was valid at the token's time: that is what counts.
    """
    ended = StampingAuthority.create(
        tmp_path, since=datetime(2009, 1, 1, tzinfo=UTC), until=datetime(2011, 1, 1, tzinfo=UTC)
    )
    old = answered(ended, order, time=datetime(2010, 6, 1, tzinfo=UTC))

    shown = check(old, [ended.pinned()])

    assert (PROGRAMS[order], datetime(2010, 6, 1, tzinfo=UTC)) == (shown.verified_by, shown.time)
    assert datetime(2011, 1, 1, tzinfo=UTC) == shown.valid_until
    assert refusal(lambda: check(answered(ended, order, time=NOON), [ended.pinned()])) == "expired"


@pytest.mark.parametrize("order", ["sorted", UNSORTED])
def test_a_certificate_counts_from_its_first_second_to_the_one_before_its_last(order, tmp_path):
    """
    The bounds are those that OpenSSL, and with it every other verifier, will find.
    """
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    year = StampingAuthority.create(tmp_path, since=since, until=until)
    second = timedelta(seconds=1)

    for moment in (since, until - second):
        assert moment == check(answered(year, order, time=moment), [year.pinned()]).time
    for moment in (since - second, until):
        assert refusal(lambda moment=moment: check(answered(year, order, time=moment), [year.pinned()])) == "expired"


def test_an_issuer_that_had_ended_at_the_token_time_is_no_issuer(tmp_path):
    """
    Every certificate on the path must have been valid; a later path of the same authority may be the valid one.
    """
    ended = identity("Root", 11, until=datetime(2026, 1, 1, tzinfo=UTC))
    usage = STAMPS_ONLY
    authority = StampingAuthority(tmp_path, ended, identity("Stamps", 12, ended, usage=usage))
    again = identity("Root", 11, until=datetime(2040, 1, 1, tzinfo=UTC))
    late = answered(authority)

    assert refusal(lambda: check(late, [authority.pinned()])) == "expired"

    pinned = replace(authority.pinned(), chain=(ended.der, again.der))
    in_time = answered(authority, time=datetime(2025, 6, 1, tzinfo=UTC))
    assert datetime(2040, 1, 1, tzinfo=UTC) == check(in_time, [pinned]).valid_until
    assert datetime(2040, 1, 1, tzinfo=UTC) == check(late, [pinned]).valid_until


def test_a_path_over_an_intermediate_ends_with_its_first_certificate(tmp_path):
    """
    A stamp must be renewed before the first certificate between signer and root ends.
    """
    root = identity("Root", 21)
    middle = identity("Middle", 22, root, until=datetime(2030, 1, 1, tzinfo=UTC))
    usage = STAMPS_ONLY
    signer = identity("Stamps", 23, middle, usage=usage)
    authority = StampingAuthority(tmp_path, root, signer)
    pinned = replace(authority.pinned(), chain=(root.der, STRANGER.der, middle.der))
    kept = stamp(note(), 8, pinned, authority.exchange(certificates=[middle.der, signer.der]))

    assert datetime(2030, 1, 1, tzinfo=UTC) == check(kept, [pinned]).valid_until
    assert refusal(lambda: check(kept, [replace(pinned, chain=(root.der, STRANGER.der))])) == "wrong-certificate"


def test_a_root_of_the_same_name_with_another_key_is_no_issuer(tsa):
    """
    Who issued a certificate is told by the signature on it, not by the name in it.
    """
    namesake = identity("Root 1", 78, until=datetime(2095, 1, 1, tzinfo=UTC))
    pinned = replace(tsa.pinned(), chain=(namesake.der, tsa.root.der))

    assert datetime(2090, 1, 1, tzinfo=UTC) == check(answered(tsa), [pinned]).valid_until
    assert (
        refusal_of(lambda: timestamp.check_authority(replace(tsa.pinned(), chain=(namesake.der,))))
        == "wrong-certificate"
    )


def test_paths_are_found_through_issuers_that_certify_each_other(tmp_path):
    """
    A circle of certificates ends, and is no root.
    """
    root = identity("Root", 81)
    first = identity("First", 82, root)
    second = identity("Second", 83, first)
    back = identity("First", 82, second)
    signer = identity("Stamps", 84, first, usage=STAMPS_ONLY)

    paths = certificate_paths(signer.der, [back.der, second.der, first.der, root.der])

    assert sorted(len(path.certificates) for path in paths) == [3, 5]
    with pytest.raises(TimestampError, match="leads from CN=Stamps to a root"):
        certificate_paths(signer.der, [back.der, second.der])


def test_a_path_has_at_most_eight_certificates():
    """
    A longer one is none; real ones have two to four.
    """
    issuers = [identity("Issuer 0", 200)]
    for place in range(1, 8):
        issuers.append(identity(f"Issuer {place}", 200 + place, issuers[-1]))
    chain = [each.der for each in issuers]

    assert len(certificate_paths(identity("Stamps", 99, issuers[6], usage=STAMPS_ONLY).der, chain)[0].certificates) == 8
    with pytest.raises(TimestampError, match="to a root"):
        certificate_paths(identity("Stamps", 99, issuers[7], usage=STAMPS_ONLY).der, chain)


def test_an_issuer_that_is_no_certificate_authority_issues_nothing(tmp_path):
    """
    A leaf certificate cannot vouch for another one, though the names and signatures fit.
    """
    root = identity("Root", 31)
    usage = STAMPS_ONLY
    leaf = identity("Leaf", 32, root, usage=usage)
    authority = StampingAuthority(tmp_path, root, identity("Stamps", 33, leaf, usage=usage))
    pinned = replace(authority.pinned(), chain=(root.der, leaf.der))

    assert refusal(lambda: stamp(note(), 8, pinned, authority.exchange())) == "bad-signature"


# What belongs together


def test_a_token_belongs_to_its_document_its_request_and_its_size(token, tsa):
    """
    None of the parts kept with a token can be exchanged for one of another token.
    """
    other = stamp(note(9), 9, tsa.pinned(), tsa.exchange())
    unnumbered = without(token.request, der.INTEGER)
    exchanged = {
        "wrong-imprint": [
            replace(token, document=other.document, size=9),
            replace(token, reply=other.reply),
            replace(token, request=other.request),
            replace(token, size=9),
        ],
        "wrong-nonce": [
            replace(token, request=stamp(note(), 8, tsa.pinned(), tsa.exchange()).request),
            replace(token, request=without(token.request, der.INTEGER)),
            replace(token, request=unnumbered, reply=tsa.reply(unnumbered)),
        ],
        "wrong-policy": [replace(token, request=policy_exchanged(token.request))],
        "malformed": [
            replace(token, request=b""),
            replace(token, request=without(token.request, der.BOOLEAN)),
            replace(token, document=b"eight entries"),
            replace(token, covers="report"),
        ],
    }

    for reason, tokens in exchanged.items():
        for each in tokens:
            assert reason == refusal(lambda each=each: check(each, [tsa.pinned()]))


def without(request: bytes, tag: int) -> bytes:
    version, *members = der.read(request).inside()
    return der.write(der.SEQUENCE, [version.raw, *(each.raw for each in members if each.tag != tag)])


def policy_exchanged(request: bytes) -> bytes:
    members = [each.raw for each in der.read(request).inside()]
    members[2] = der.write_identifier(OTHER_POLICY)
    return der.write(der.SEQUENCE, members)


def test_a_request_that_left_the_policy_open_is_accepted_under_the_pinned_one(tsa):
    """
    Other programs ask without a policy; which policy counts is the verifier's to say.
    """
    request = without(answered(tsa).request, der.OID)
    open_policy = replace(answered(tsa), request=request, reply=tsa.reply(request))

    assert check(open_policy, [tsa.pinned()]).policy == POLICY
    assert refusal(lambda: check(open_policy, [replace(tsa.pinned(), policy=OTHER_POLICY)])) == "wrong-policy"


def test_two_policies_of_one_authority_are_told_apart(tsa):
    """
    An authority pinned twice, under two names, is found by the policy of the token.
    """
    first, second = tsa.pinned(), replace(tsa.pinned(), name="qualified", policy=OTHER_POLICY)
    kept = stamp(note(), 8, second, tsa.exchange(policy=OTHER_POLICY))

    assert check(kept, [first, second]).authority == "qualified"


def test_an_overlong_reply_is_not_parsed(tsa):
    """
    A kept reply of more than a mebibyte is refused for its length.
    """
    assert refusal(lambda: claimed_time(replace(answered(tsa), reply=bytes((1 << 20) + 1)))) == "too-large"


def test_the_claimed_time_is_read_without_verifying(tsa):
    """
    A token of an unknown authority still says when it claims to be from.
    """
    assert claimed_time(answered(tsa, key=STRANGER.key)) == NOON


# Who may stamp


@pytest.mark.parametrize(
    ("usage", "critical"),
    [
        ([ExtendedKeyUsageOID.TIME_STAMPING], False),
        ([ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING], True),
        ([ExtendedKeyUsageOID.CODE_SIGNING], True),
    ],
    ids=["not critical", "time stamps and more", "something else"],
)
def test_a_certificate_that_is_not_for_time_stamps_alone_is_refused(usage, critical, tsa):
    """
    RFC 3161, 2.3: the key is marked critically for time stamping, and for nothing else.
    """
    signer = identity("Stamps", 41, tsa.root, usage=x509.ExtendedKeyUsage(usage), critical=critical)
    wrong = replace(tsa, signer=signer)

    assert refusal_of(lambda: check(answered(wrong), [wrong.pinned()])) == "wrong-certificate"


def refusal_of(step: Callable[[], object]) -> str:
    with pytest.raises(TimestampError) as caught:
        step()
    return caught.value.reason


@pytest.mark.parametrize(
    "wrong",
    [
        lambda pinned, root: replace(pinned, certificate=b"none"),
        lambda pinned, root: replace(pinned, certificate=root),
        lambda pinned, root: replace(pinned, chain=(b"none",)),
        lambda pinned, root: replace(pinned, chain=(STRANGER.der,)),
        lambda pinned, root: replace(pinned, policy="policy"),
        lambda pinned, root: replace(pinned, policy="1.40.1"),
    ],
    ids=["no certificate", "root as signer", "no chain", "chain of others", "no policy", "impossible policy"],
)
def test_an_authority_that_cannot_be_verified_is_told_before_it_is_used(wrong, tsa):
    """
    What cannot work is said when it is configured, not when a token is needed.
    """
    timestamp.check_authority(tsa.pinned())

    with pytest.raises(TimestampError):
        timestamp.check_authority(wrong(tsa.pinned(), tsa.root.der))


# OpenSSL of this machine


def test_without_openssl_a_token_that_needs_it_is_neither_good_nor_bad(tsa, monkeypatch, tmp_path):
    """
    The error says that nothing was decided, and what to do; a token that needs no OpenSSL is verified.
    """
    monkeypatch.setenv("PATH", f"{tmp_path}")

    with pytest.raises(TimestampError, match="neither good nor bad until then: install OpenSSL") as caught:
        check(answered(tsa, "unsorted"), [tsa.pinned()])

    assert caught.value.reason == "no-openssl"
    assert check(answered(tsa, "sorted"), [tsa.pinned()]).verified_by == "rfc3161-client"


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for openssl is a shell script")
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'usage: ts [-verify]' >&2; exit 1", "no-openssl"),
        ("exit 0", "no-openssl"),
        ("echo 'Verification: OK'; exit 1", "no-openssl"),
        ("echo 'Verification: OKAY'; exit 0", "no-openssl"),
        ("echo 'Verification: FAILED'; exit 0", "bad-signature"),
        ("echo 'Verification: FAILED'; exit 1", "bad-signature"),
        ("kill -9 $$", "no-openssl"),
    ],
)
def test_only_a_clear_yes_of_openssl_is_a_yes(script, reason, tsa, monkeypatch, tmp_path):
    """
    An openssl without the options, one that dies and one that contradicts itself verify nothing.
    """
    program = tmp_path / "openssl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert reason == refusal_of(lambda: check(answered(tsa, "unsorted"), [tsa.pinned()]))


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for openssl is a shell script")
def test_what_openssl_complains_of_is_shown_without_control_characters(tsa, monkeypatch, tmp_path):
    """
    OpenSSL quotes names from certificates; they do not reach the screen as they are.
    """
    program = tmp_path / "openssl"
    program.write_text("#!/bin/sh\nprintf 'bad \\033[2J' >&2; echo 'Verification: FAILED'; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    with pytest.raises(TimestampError, match=r"bad ⟨U\+001B⟩\[2J") as caught:
        check(answered(tsa, "unsorted"), [tsa.pinned()])

    assert "\x1b" not in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for openssl is a shell script")
def test_what_the_library_refuses_is_not_asked_of_openssl(tsa, monkeypatch, tmp_path):
    """
    A token that can be read has one judge.
    """
    program = tmp_path / "openssl"
    program.write_text("#!/bin/sh\necho 'Verification: OK'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert check(answered(tsa, "unsorted"), [tsa.pinned()]).verified_by == "openssl"
    assert refusal_of(lambda: check(answered(tsa, "sorted", key=STRANGER.key), [tsa.pinned()])) == "bad-signature"


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for openssl is a shell script")
def test_a_program_in_the_current_folder_is_not_run(tsa, monkeypatch, tmp_path):
    """
    Whoever opens a package in its folder does not run an ``openssl`` that lies in it.
    """
    program = tmp_path / "openssl"
    program.write_text("#!/bin/sh\necho 'Verification: OK'\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([".", ""]))

    with pytest.raises(TimestampError, match="there is no openssl on this machine"):
        check(answered(tsa, "unsorted", key=STRANGER.key), [tsa.pinned()])


# Renewal


LINES = "ab" * 64
ORIGIN = "osint/invented"


def renewal(tsa: StampingAuthority, tokens: list[Token], size: int = 9, **changes: object) -> Token:
    document = timestamp_renewal.renewal_text(ORIGIN, size, LINES, tokens)
    return stamp(document, size, tsa.pinned(), tsa.exchange(**changes), covers="renewal")


def test_a_renewal_document_is_lines_that_standard_tools_recompute(token, tsa):
    """
    Its form, origin, size, SHA-512 of the ledger's lines, and SHA-512 of each reply, one a line.
    """
    other = stamp(note(9), 9, tsa.pinned(), tsa.exchange())

    text = timestamp_renewal.renewal_text(ORIGIN, 12, LINES, [token, other])

    replies = [hashlib.sha512(each.reply).hexdigest() for each in (token, other)]
    assert f"osint-renewal/v1\nosint/invented\n12\n{LINES}\n{replies[0]}\n{replies[1]}\n".encode() == text
    assert (ORIGIN, 12, LINES, tuple(replies)) == timestamp_renewal.read_renewal(text)


def test_a_renewal_is_stamped_with_sha512_and_checked_as_such(token, tsa):
    """
    A renewal rests on a stronger hash than what it renews; one with SHA-256 is refused.
    """
    kept = renewal(tsa, [token])

    assert (kept.covers, kept.size, check(kept, [tsa.pinned()]).algorithm) == ("renewal", 9, "sha512")
    weak = lambda: stamp(kept.document, 9, tsa.pinned(), tsa.exchange(), covers="renewal", algorithm="sha256")  # noqa: E731
    assert refusal(weak) == "wrong-imprint"
    assert refusal(lambda: check(replace(kept, size=8), [tsa.pinned()])) == "wrong-imprint"
    assert refusal(lambda: check(replace(kept, covers="checkpoint"), [tsa.pinned()])) == "malformed"


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\xff\n" * 6,
        f"osint-renewal/v2\n{ORIGIN}\n9\n{LINES}\n{LINES}\n".encode(),
        f"osint-renewal/v1\n\n9\n{LINES}\n{LINES}\n".encode(),
        f"osint-renewal/v1\n{ORIGIN}\n09\n{LINES}\n{LINES}\n".encode(),
        f"osint-renewal/v1\n{ORIGIN}\n9\n{LINES}\n".encode(),
        f"osint-renewal/v1\n{ORIGIN}\n9\n{LINES}\n{LINES}\n{LINES[::-1]}".encode(),
        f"osint-renewal/v1\n{ORIGIN}\n9\n{LINES[:-2]}\n{LINES}\n".encode(),
        f"osint-renewal/v1\n{ORIGIN}\n9\n{LINES}\n{LINES.upper()}\n".encode(),
        f"osint-renewal/v1\n{ORIGIN}\n9\n{LINES}\n{LINES}\n{LINES}\n".encode(),
        f"osint-renewal/v1\r\n{ORIGIN}\r\n9\r\n{LINES}\r\n{LINES}\r\n".encode(),
    ],
    ids=[
        "empty", "no text", "another form", "no origin", "padded size", "no token", "no last line end", "short hash",
        "capitals", "a token twice", "other line ends",
    ],
)  # fmt: skip
def test_a_damaged_renewal_document_is_refused(document):
    """
    A renewal document has one spelling.
    """
    with pytest.raises(LedgerError, match="renewal document"):
        timestamp_renewal.read_renewal(document)


@pytest.mark.parametrize(
    ("origin", "size", "lines"), [("", 9, LINES), ("a\nb", 9, LINES), (ORIGIN, -1, LINES), (ORIGIN, 9, "ab")]
)
def test_a_renewal_document_that_could_not_be_read_back_is_not_written(origin, size, lines, token):
    """
    What would be refused in verification is refused when it is made.
    """
    with pytest.raises(LedgerError):
        timestamp_renewal.renewal_text(origin, size, lines, [token])
    with pytest.raises(LedgerError):
        timestamp_renewal.renewal_text(ORIGIN, 9, LINES, [])


def test_a_token_is_renewed_when_a_renewal_names_its_reply(token, tsa):
    """
    Another token over the same checkpoint is not renewed by it, and a checkpoint's token renews nothing.
    """
    other = stamp(note(), 8, tsa.pinned(), tsa.exchange())
    kept = renewal(tsa, [token])

    assert (
        timestamp_renewal.renewed(token, [other, kept]),
        timestamp_renewal.renewed(other, [token, kept]),
        timestamp_renewal.renewed(kept, [token, kept]),
    ) == (True, False, False)
    assert not timestamp_renewal.renewed(token, [replace(kept, covers="checkpoint")])


def shown(time: datetime, until: datetime, algorithm: str = "sha256") -> Stamp:
    return Stamp(time, None, "Westmere", "openssl", 1, POLICY, f"{time:%Y}", until, algorithm)


YEARS = {year: datetime(year, 1, 1, tzinfo=UTC) for year in range(2020, 2041)}


def test_stamps_are_due_before_certificate_or_hash_ends():
    """
    The margin counts from the end of the certificate, or from the day a hash is no longer relied on.
    """
    soon, later = shown(YEARS[2020], YEARS[2026]), shown(YEARS[2020], YEARS[2030])
    strong = shown(YEARS[2021], YEARS[2030], "sha512")
    year = timedelta(days=366)
    aged = {"sha256": YEARS[2026]}

    assert timestamp_renewal.due([soon, later, strong], YEARS[2024], year) == []
    assert [soon] == timestamp_renewal.due([soon, later, strong], YEARS[2025], year)
    assert [soon, later] == timestamp_renewal.due([soon, later, strong], YEARS[2025], year, aged)


def made(name: bytes, covers: str = "checkpoint", document: bytes = b"") -> Token:
    return Token(covers=covers, size=1, document=document, request=b"", reply=name)


def test_a_token_lapses_with_its_certificate_unless_it_was_renewed_in_time():
    """
    A chain of renewals carries a token as long as each link was made before the end of the one before.
    """
    first, other = made(b"first"), made(b"other")
    second = made(b"second", "renewal", timestamp_renewal.renewal_text(ORIGIN, 1, LINES, [first]))
    third = made(b"third", "renewal", timestamp_renewal.renewal_text(ORIGIN, 1, LINES, [second]))
    held = [
        (first, shown(YEARS[2020], YEARS[2025])),
        (other, shown(YEARS[2020], YEARS[2025])),
        (second, shown(YEARS[2024], YEARS[2029], "sha512")),
        (third, shown(YEARS[2028], YEARS[2033], "sha512")),
    ]

    def gone(year: int, held: list[tuple[Token, Stamp]] = held, **aged: datetime) -> set[bytes]:
        return {token.reply for token in timestamp_renewal.lapsed(held, YEARS[year], aged)}

    assert set() == gone(2025)
    assert {b"other"} == gone(2026) == gone(2030)
    assert {b"first", b"other", b"second", b"third"} == gone(2034)
    assert {b"first", b"other", b"second"} == gone(2030, held[:3])
    assert {b"first", b"other"} == gone(2026, held[:2])
    assert {b"first", b"other"} == gone(2024, sha256=YEARS[2023])
    assert {b"other"} == gone(2026, sha256=YEARS[2025])


def test_a_renewal_that_came_too_late_does_not_revive_a_token():
    """
    A token whose certificate had ended stays lapsed, though an earlier renewal would have carried it.
    """
    first = made(b"first")
    late = made(b"late", "renewal", timestamp_renewal.renewal_text(ORIGIN, 1, LINES, [first]))
    early = made(b"early", "renewal", timestamp_renewal.renewal_text(ORIGIN, 2, LINES, [first]))
    held = [(first, shown(YEARS[2020], YEARS[2025])), (late, shown(YEARS[2026], YEARS[2031], "sha512"))]

    assert [first] == timestamp_renewal.lapsed(held, YEARS[2027])
    assert timestamp_renewal.lapsed([(early, shown(YEARS[2024], YEARS[2031], "sha512")), *held], YEARS[2027]) == []


def test_a_token_is_named_by_the_hash_of_its_reply_and_hides_its_bytes(token, tsa):
    """
    Entries commit to a token by SHA-256 of the raw reply; neither token nor authority spills bytes in a traceback.
    """
    assert hashlib.sha256(token.reply).hexdigest() == token.sha256
    assert "\\x" not in repr(token) + repr(tsa.pinned())
    assert isinstance(tsa.pinned(), Authority)
    assert read_reply(token.reply).claim is not None
