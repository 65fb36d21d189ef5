"""Facts marked CT are from google/certificate-transparency and transparency-dev/merkle (Apache-2.0)."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.chain_of_custody import merkle
from osint.errors import LedgerError

LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(130)]

CT_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_certificate_transparency(size):
    """
    The CT reference leaves give the CT reference roots, for every size from 1 to 8.
    """
    leaves = [merkle.leaf_hash(bytes.fromhex(data)) for data in CT_INPUTS[:size]]

    assert CT_ROOTS[size - 1] == merkle.root(leaves).hex()


def test_single_hashes_are_those_of_certificate_transparency():
    """
    Empty tree, leaf and node hashes are the CT reference values.
    """
    left, right = bytes(range(32)), bytes(range(32, 64))

    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert merkle.node_hash(left, right).hex() == "1a378704c17da31e2d05b6d121c2bb2c7d76f6ee6fa8f983e596c2d034963c57"


def test_all_inclusion_paths_up_to_130_leaves_give_the_published_rolling_hash():
    """
    SHA-256 over the inclusion paths of every aligned subtree is that of draft-ietf-plants-merkle-tree-certs.
    """
    rolling = sha256()
    for end in range(1, 131):
        for start in range(end):
            if start % (1 << (end - start - 1).bit_length()):
                continue
            for index in range(start, end):
                path = merkle.inclusion_path(LEAVES[start:end], index - start)
                line = " ".join([f"{index} [{start}, {end})", *(node.hex() for node in path)])
                rolling.update(f"{line}\n".encode())

    assert rolling.hexdigest() == "ac2a8f989e44d99e399db448050ff5f19757df53cfb716aa81015d3955d8163f"


def test_all_subtree_roots_up_to_130_leaves_give_the_published_rolling_hash():
    """
    SHA-256 over the roots of every aligned subtree, empty ones included, is that of the same draft.
    """
    rolling = sha256()
    for end in range(131):
        for start in range(end + 1):
            if start != end and start % (1 << (end - start - 1).bit_length()):
                continue
            rolling.update(f"[{start}, {end}) {merkle.root(LEAVES[start:end]).hex()}\n".encode())

    assert rolling.hexdigest() == "b82806ad4265bb151c1119c0f4db437bb4d1a1f887b3a7fba1cd4ebf552e3e81"


@pytest.mark.parametrize("size", range(1, 65))
def test_every_entry_leads_to_the_root_of_its_ledger(size):
    """
    The inclusion path of each entry recomputes the root, for every ledger of up to 64 entries.
    """
    ledger = LEAVES[:size]

    for index, leaf in enumerate(ledger):
        path = merkle.inclusion_path(ledger, index)

        assert merkle.root(ledger) == merkle.root_from_path(leaf, index, size, path)


@pytest.mark.parametrize("new_size", range(1, 33))
def test_every_earlier_state_is_consistent_with_every_later_one(new_size):
    """
    The consistency path between any two sizes up to 32 is accepted.
    """
    for old_size in range(1, new_size + 1):
        path = merkle.consistency_path(LEAVES[:new_size], old_size)

        merkle.verify_consistency(
            old_size, new_size, merkle.root(LEAVES[:old_size]), merkle.root(LEAVES[:new_size]), path
        )


@pytest.mark.parametrize("new_size", range(2, 33))
def test_a_rewritten_history_is_consistent_with_no_later_state(new_size):
    """
    Where any single entry of the old ledger differs, the consistency path is refused.
    """
    for old_size in range(1, new_size):
        path = merkle.consistency_path(LEAVES[:new_size], old_size)
        for changed in range(old_size):
            old = [*LEAVES[:changed], LEAVES[129], *LEAVES[changed + 1 : old_size]]
            with pytest.raises(LedgerError, match="does not continue"):
                merkle.verify_consistency(old_size, new_size, merkle.root(old), merkle.root(LEAVES[:new_size]), path)


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_the_frontier_gives_the_root_of_the_recursive_definition(leaves):
    """
    The incremental root equals MTH of RFC 9162, section 2.1.1, written out as there.
    """

    def tree_hash(part: list[bytes]) -> bytes:
        if len(part) <= 1:
            return part[0] if part else sha256().digest()
        split = 1
        while split * 2 < len(part):
            split *= 2
        return sha256(b"\x01" + tree_hash(part[:split]) + tree_hash(part[split:])).digest()

    assert tree_hash(leaves) == merkle.Frontier(leaves).root()


@given(st.integers(1, 64), st.data())
def test_no_changed_path_leads_to_the_root(size, data):
    """
    A path with one hash altered, dropped or added, or for another index, never recomputes the root.
    """
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(LEAVES[:size], index)
    root = merkle.root(LEAVES[:size])
    place = data.draw(st.integers(0, len(path)))
    forged = [
        [*path[:place], LEAVES[129], *path[place:]],
        *(
            [[*path[:place], LEAVES[129], *path[place + 1 :]], [*path[:place], *path[place + 1 :]]]
            if place < len(path)
            else []
        ),
    ]

    for wrong in forged:
        try:
            assert root != merkle.root_from_path(LEAVES[index], index, size, wrong)
        except LedgerError:
            continue


@pytest.mark.parametrize(
    "old_size, new_size, path",
    [(0, 4, []), (5, 4, []), (4, 4, [LEAVES[0]]), (2, 4, []), (3, 4, [LEAVES[0]] * 9)],
    ids=["nothing old", "old larger", "path for equal sizes", "path empty", "path too long"],
)
def test_consistency_of_impossible_sizes_is_refused(old_size, new_size, path):
    """
    A proof that does not belong to these sizes is refused, an empty old tree included although the RFC has none.
    """
    with pytest.raises(LedgerError):
        merkle.verify_consistency(old_size, new_size, merkle.root(LEAVES[:4]), merkle.root(LEAVES[:4]), path)


def test_equal_sizes_with_different_roots_are_refused():
    """
    Two roots for one size are two histories.
    """
    with pytest.raises(LedgerError, match="does not continue"):
        merkle.verify_consistency(4, 4, merkle.root(LEAVES[:4]), merkle.root(LEAVES[1:5]), [])


@pytest.mark.parametrize("wrong", [b"", b"short", bytes(33)])
def test_a_hash_that_does_not_have_32_bytes_is_refused(wrong):
    """
    No function takes a hash of another length: stricter than the RFC, which would accept some.
    """
    with pytest.raises(LedgerError, match="32"):
        merkle.Frontier([wrong])
    with pytest.raises(LedgerError, match="32"):
        merkle.root_from_path(wrong, 0, 1, [])
    with pytest.raises(LedgerError, match="32"):
        merkle.root_from_path(LEAVES[0], 0, 2, [wrong])
    with pytest.raises(LedgerError, match="32"):
        merkle.verify_consistency(1, 1, wrong, wrong, [])


@pytest.mark.parametrize("index, size", [(-1, 4), (4, 4), (0, 0)])
def test_an_entry_outside_the_ledger_has_no_path(index, size):
    """
    Positions are counted from 0 and end before the size.
    """
    with pytest.raises(LedgerError, match="outside"):
        merkle.inclusion_path(LEAVES[:size], index)
    with pytest.raises(LedgerError, match="outside"):
        merkle.root_from_path(LEAVES[0], index, size, [])
