from __future__ import annotations

from pathlib import Path

import bundle_reader
import pytest

from osint.chain_of_custody.verified import Verified
from osint.errors import OsintError

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())


@pytest.mark.parametrize("seed", CORPUS, ids=[path.name for path in CORPUS])
def test_each_seed_of_the_fuzzer_is_read(seed):
    """
    A seed that its reader refuses would let the fuzzer search at the door only.
    """
    read = bundle_reader.consume(seed.read_bytes())

    assert read is not None and not isinstance(read, Exception)


@pytest.mark.parametrize("seed", CORPUS, ids=[path.name for path in CORPUS])
def test_a_seed_cut_short_or_with_one_byte_changed_raises_our_errors_only(seed):
    """
    What ``make fuzz`` does for minutes, for a moment: at places spread over the seed, nothing but our own errors.
    """
    data = seed.read_bytes()
    for place in range(1, len(data), max(1, len(data) // 40)):
        for changed in (data[:place], data[:place] + bytes([data[place] ^ 0x41]) + data[place + 1 :]):
            read = bundle_reader.consume(changed)
            assert not isinstance(read, Exception) or isinstance(read, OsintError)


@pytest.mark.parametrize("value", [b"[]", b"{}", b"null", b"5"])
@pytest.mark.parametrize(
    ("seed", "told", "member"),
    [
        ("turns", b'"digest":"', b"digest"),
        ("turns", b'"role":"custodian"', b"role"),
        ("turns", b'"exhibit":"E0001"}', b"exhibit"),
        ("sealed", b'"kind":"cosignature"', b"kind"),
    ],
)
def test_a_member_of_another_type_is_judged_like_any_other(seed, told, member, value):
    """
    Whoever holds a key can sign any JSON: what is hashed, compared or spelt may be a list there.
    """
    data = next(path for path in CORPUS if path.name == seed).read_bytes()
    start = data.index(told)
    end = data.index(b'"', start + len(member) + 4) + 1

    read = bundle_reader.consume(data[:start] + b'"%b":%b' % (member, value) + data[end:])

    assert isinstance(read, OsintError | Verified)


def test_there_is_a_seed_for_each_reader():
    """
    No target is without a seed.
    """
    assert {path.read_bytes()[:1] for path in CORPUS} == set(bundle_reader.TARGETS)
