"""What stands in a text: found where its own rules confirm it, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_posts import law

from osint.errors import GraphError
from osint.graph.entities import TextSearch, found_in
from osint.graph.plates import Plates
from osint.graph.wallets import keccak256, wallet_key

PLAIN = TextSearch()


def found(text, search=PLAIN, links=()):
    return {(kind, key.split(":", 1)[1]) for kind, key, _, _ in found_in(text, links, search)}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Ring +44 20 7946 0958!", {("phone", "e164:+442079460958")}),
        ("room 4, 20 7946 0958", set()),
        ("order 123456789012345", set()),
        ("write Dawn.K+x@Mail.Example.", {("email", "smtp:dawn.k+x@mail.example")}),
        ("she is @dawn@social.example", set()),
        (
            "(see https://News.Example/a_(b)).",
            {("url", "web:https://news.example/a_(b)"), ("domain", "web:news.example")},
        ),
        ("http://127.0.0.1:8080/x and http://[bad", set()),
        ("https://bücher.example/", {("url", "web:https://bücher.example/"), ("domain", "web:xn--bcher-kva.example")}),
        ("7ABC123", set()),
    ],
)
def test_what_is_found_and_what_is_not(text, keys):
    """
    A number without country, a handle, an address of a machine and a plate are not found by default.
    """
    assert found(text) == keys


def test_a_region_finds_numbers_as_people_write_them():
    """
    Told the country, the national form is found too.
    """
    assert found("(650) 253-0000", TextSearch(region="US")) == {("phone", "e164:+16502530000")}


def test_the_host_of_a_link_is_a_domain():
    """
    Also where the text does not spell it.
    """
    assert found(None, links=["https://a.news.example/x"]) == {("domain", "web:a.news.example")}


@pytest.mark.parametrize(
    ("address", "currency"),
    [
        ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "bitcoin"),  # the example of the Bitcoin wiki
        ("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "bitcoin"),  # likewise
        ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bitcoin"),  # BIP 173
        ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "bitcoin"),  # BIP 350
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "ethereum"),  # EIP-55
        ("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "ethereum"),  # EIP-55
    ],
)
def test_a_wallet_counts_when_its_checksum_holds(address, currency):
    """
    The published examples are found; with one letter changed none is.
    """
    kind, key, _, where = next(found_in(f"send to {address}.", (), PLAIN))
    last = "x" if address[-1] != "x" else "y"

    assert (kind, key.split(":")[1], where) == ("wallet", currency, f"/content#char=8,{8 + len(address)}")
    assert wallet_key(address[:-1] + last) is None


@pytest.mark.parametrize(
    "address",
    [
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",  # no checksum in one case
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",  # BIP 173
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",  # BIP 350: Bech32 where Bech32m belongs
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN0",  # a letter that Base58 does not have
    ],
)
def test_a_wallet_without_a_checksum_that_holds_is_none(address):
    """
    The published counter-examples are not found.
    """
    assert wallet_key(address) is None


def test_keccak_is_that_of_ethereum():
    """
    The digests of nothing and of "abc" as published; over one block it goes on.
    """
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    assert len({keccak256(b"a" * length) for length in (135, 136, 137, 272)}) == 4


def test_plates_are_found_by_a_declared_pack():
    """
    The shipped pack names the register, and a pack that is none is refused.
    """
    assert found("a grey 7ABC123, AB12 CDE", TextSearch(plates=Plates.read())) == {
        ("vehicle", "us-ca:7ABC123"), ("vehicle", "gb:AB12CDE"),
    }  # fmt: skip


def test_a_pack_that_cannot_be_read_is_refused(tmp_path):
    """
    With its name.
    """
    (tmp_path / "own.toml").write_text("[[plate]]\nregister = 'x'\nregex = '('\n")
    with pytest.raises(GraphError, match=r"own\.toml is no pack"):
        Plates.read(tmp_path / "own.toml")


@law
@given(st.text(alphabet=st.characters() | st.sampled_from("@.:/0123456789+()xbc1")))
def test_no_text_makes_it_stumble(text):
    """
    Whatever a text holds, what is found in it lies in it.
    """
    for _, key, _, where in found_in(text, [text], TextSearch(region="US", plates=Plates.read())):
        assert key.count(":") >= 2
        if where.startswith("/content"):
            start, end = map(int, where.partition("=")[2].split(","))
            assert 0 <= start < end <= len(text)
