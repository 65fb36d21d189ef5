"""Facts marked CT are from google/certificate-transparency and transparency-dev/merkle (Apache-2.0)."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osint.chain_of_custody import merkle
from osint.errors import LedgerError

LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(130)]
TREE = merkle.Tree(LEAVES)

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

    assert CT_ROOTS[size - 1] == merkle.root(leaves).hex() == merkle.Tree(leaves).root().hex()


def test_single_hashes_are_those_of_certificate_transparency():
    """
    Empty tree, leaf and node hashes are the CT reference values.
    """
    left, right = bytes(range(32)), bytes(range(32, 64))

    assert merkle.root([]) == merkle.Tree().root() == merkle.Tree(LEAVES).root(0)
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert merkle.node_hash(left, right).hex() == "1a378704c17da31e2d05b6d121c2bb2c7d76f6ee6fa8f983e596c2d034963c57"


def test_all_inclusion_paths_up_to_130_leaves_give_the_published_rolling_hash():
    """
    SHA-256 over the inclusion paths of every aligned subtree is that of draft-ietf-plants-merkle-tree-certs.
    """
    rolling = sha256()
    trees = [merkle.Tree(LEAVES[start:]) for start in range(130)]
    for end in range(1, 131):
        for start in range(end):
            if start % (1 << (end - start - 1).bit_length()):
                continue
            for index in range(start, end):
                path = trees[start].inclusion_path(index - start, end - start)
                line = " ".join([f"{index} [{start}, {end})", *(node.hex() for node in path)])
                rolling.update(f"{line}\n".encode())

    assert rolling.hexdigest() == "ac2a8f989e44d99e399db448050ff5f19757df53cfb716aa81015d3955d8163f"


def test_all_consistency_paths_up_to_130_leaves_give_the_published_rolling_hash():
    """
    SHA-256 over the consistency paths of every aligned subtree, empty ones included, is that of the same draft.

    Those of subtrees that start the tree are ours; the others are led back to them.
    """

    def path(start: int, end: int, first: int, size: int) -> list[bytes]:
        if start == first:
            return trees[first].consistency_path(end - first, size - first)
        split = first + power_below(size - first)
        if end <= split:
            return [*path(start, end, first, split), trees[split].root(size - split)]
        return [*path(start, end, split, size), trees[first].root(split - first)]

    trees = [merkle.Tree(LEAVES[start:]) for start in range(131)]
    rolling = sha256()
    for size in range(131):
        for end in range(size + 1):
            for start in range(end + 1):
                if start != end and start % (1 << (end - start - 1).bit_length()):
                    continue
                nodes = path(start, end, 0, size) if start != end else []
                line = " ".join([f"[{start}, {end}) {size}", *(node.hex() for node in nodes)])
                rolling.update(f"{line}\n".encode())

    assert rolling.hexdigest() == "10fa99b37bf9bf9ffa26b412fbd98bd75363256d0b75d61bc4538b9c9c5a0a74"


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


@pytest.fixture(scope="module")
def roots():
    """The root of every ledger of up to 64 entries, by their number."""
    return [merkle.root(LEAVES[:size]) for size in range(65)]


def test_every_entry_leads_to_the_root_of_its_ledger(roots):
    """
    The inclusion path of each entry recomputes the root, for every ledger of up to 64 entries.
    """
    for size in range(1, 65):
        for index, leaf in enumerate(LEAVES[:size]):
            path = TREE.inclusion_path(index, size)

            assert roots[size] == merkle.root_from_path(leaf, index, size, path), (index, size)


def test_every_earlier_state_is_consistent_with_every_later_one(roots):
    """
    The consistency path between any two sizes up to 32 is accepted; a refusal names them.
    """
    for new_size in range(1, 33):
        for old_size in range(1, new_size + 1):
            path = TREE.consistency_path(old_size, new_size)

            merkle.verify_consistency(old_size, new_size, roots[old_size], roots[new_size], path)


def test_a_rewritten_history_is_consistent_with_no_later_state(roots):
    """
    Where any single entry of the old ledger differs, the consistency path is refused, for any two sizes up to 32.
    """
    for old_size in range(1, 32):
        paths = {new_size: TREE.consistency_path(old_size, new_size) for new_size in range(old_size + 1, 33)}
        for changed in range(old_size):
            rewritten = merkle.root([*LEAVES[:changed], LEAVES[129], *LEAVES[changed + 1 : old_size]])
            for new_size, path in paths.items():
                with pytest.raises(LedgerError, match="does not continue"):
                    merkle.verify_consistency(old_size, new_size, rewritten, roots[new_size], path)


hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=70)


def defined_root(part: list[bytes]) -> bytes:
    """MTH of RFC 9162, section 2.1.1, written out as there."""
    if len(part) <= 1:
        return part[0] if part else sha256().digest()
    split = power_below(len(part))
    return sha256(b"\x01" + defined_root(part[:split]) + defined_root(part[split:])).digest()


def defined_inclusion(index: int, part: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162, section 2.1.3.1."""
    if len(part) == 1:
        return []
    split = power_below(len(part))
    if index < split:
        return [*defined_inclusion(index, part[:split]), defined_root(part[split:])]
    return [*defined_inclusion(index - split, part[split:]), defined_root(part[:split])]


def defined_consistency(old: int, part: list[bytes], whole: bool = True) -> list[bytes]:
    """PROOF and SUBPROOF of RFC 9162, section 2.1.4.1."""
    if old == len(part):
        return [] if whole else [defined_root(part)]
    split = power_below(len(part))
    if old <= split:
        return [*defined_consistency(old, part[:split], whole), defined_root(part[split:])]
    return [*defined_consistency(old - split, part[split:], False), defined_root(part[:split])]


def power_below(size: int) -> int:
    return max(power for power in (1 << bit for bit in range(8)) if power < size)


@given(hashes)
def test_frontier_and_tree_give_the_root_of_the_recursive_definition(leaves):
    """
    The incremental roots, of every size, equal the definition of the RFC.
    """
    tree = merkle.Tree(leaves)

    assert defined_root(leaves) == merkle.Frontier(leaves).root() == tree.root()
    assert [defined_root(leaves[:size]) for size in range(len(leaves) + 1)] == [
        tree.root(size) for size in range(len(leaves) + 1)
    ]


@given(hashes.filter(bool), st.data())
def test_proofs_are_those_of_the_recursive_definition(leaves, data):
    """
    Inclusion and consistency paths, for any size of the tree, equal the definitions of the RFC and verify.
    """
    tree = merkle.Tree(leaves)
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    inclusion, consistency = tree.inclusion_path(index, size), tree.consistency_path(index + 1, size)

    assert defined_inclusion(index, leaves[:size]) == inclusion
    assert defined_consistency(index + 1, leaves[:size]) == consistency
    assert tree.root(size) == merkle.root_from_path(leaves[index], index, size, inclusion)
    merkle.verify_consistency(index + 1, size, tree.root(index + 1), tree.root(size), consistency)


def test_every_size_of_a_tree_of_130_leaves_proves_every_entry_and_every_earlier_size():
    """
    8,515 inclusion and 8,515 consistency proofs, none left out, give the roots of their sizes.
    """
    roots = [merkle.Frontier(LEAVES[:size]).root() for size in range(131)]
    for size in range(1, 131):
        for index in range(size):
            inclusion = TREE.inclusion_path(index, size)
            assert roots[size] == merkle.root_from_path(LEAVES[index], index, size, inclusion)
            consistency = TREE.consistency_path(index + 1, size)
            merkle.verify_consistency(index + 1, size, roots[index + 1], roots[size], consistency)


@given(st.lists(st.integers(0, 40), max_size=5))
def test_a_tree_is_the_same_however_its_leaves_came_in(steps):
    """
    One by one, in blocks or all at once, the hashes kept are the same, and so is all that is proven from them.
    """
    singly, blocks = merkle.Tree(), merkle.Tree()
    for step in steps:
        added = (LEAVES * 2)[len(blocks) : len(blocks) + step]
        blocks.extend(iter(added))
        for leaf in added:
            singly.append(leaf)
    whole = merkle.Tree((LEAVES * 2)[: sum(steps)])

    assert len(whole) == len(singly) == len(blocks) == sum(steps)
    assert whole._levels == singly._levels == blocks._levels


def test_a_tree_of_more_than_one_block_has_the_root_of_the_frontier():
    """
    Leaves taken in by several blocks make the same tree.
    """
    leaves = [merkle.leaf_hash(str(number).encode()) for number in range(2 * merkle._BLOCK + 3)]
    tree = merkle.Tree(iter(leaves))

    assert merkle.Frontier(leaves).root() == tree.root()
    assert tree.root() == merkle.root_from_path(
        leaves[-2], len(leaves) - 2, len(leaves), tree.inclusion_path(len(leaves) - 2)
    )


def test_a_node_of_the_tree_takes_32_bytes():
    """
    1,000 leaves and the 994 complete nodes above them are kept, and nothing else.
    """
    tree = merkle.Tree(merkle.leaf_hash(str(number).encode()) for number in range(1000))

    assert sum(map(len, tree._levels)) == 32 * (1000 + 994)


@given(st.integers(1, 64), st.data())
def test_no_changed_path_leads_to_the_root(size, data):
    """
    A path with one hash altered, dropped or added, or for another index, never recomputes the root.
    """
    index = data.draw(st.integers(0, size - 1))
    path = TREE.inclusion_path(index, size)
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


@given(st.integers(2, 130), st.data())
def test_no_changed_consistency_path_is_accepted(new_size, data):
    """
    A path with one hash altered, dropped or added, or with the hashes in another order, proves nothing.
    """
    old_size = data.draw(st.integers(1, new_size - 1))
    path = TREE.consistency_path(old_size, new_size)
    place = data.draw(st.integers(0, len(path) - 1))
    altered = bytes([path[place][0] ^ 1, *path[place][1:]])
    forged = [
        [*path[:place], altered, *path[place + 1 :]],
        [*path[:place], *path[place + 1 :]],
        [*path[:place], altered, *path[place:]],
        [*path, altered],
        *([path[::-1]] if len(path) > 1 else []),
    ]

    for wrong in forged:
        with pytest.raises(LedgerError, match="does not continue"):
            merkle.verify_consistency(old_size, new_size, TREE.root(old_size), TREE.root(new_size), wrong)


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
        merkle.Tree([wrong])
    with pytest.raises(LedgerError, match="32"):
        merkle.Tree().append(wrong)
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
        TREE.inclusion_path(index, size)
    with pytest.raises(LedgerError, match="outside"):
        merkle.root_from_path(LEAVES[0], index, size, [])


@pytest.mark.parametrize("size", [-1, 131])
def test_a_tree_has_no_state_that_it_never_had(size):
    """
    Neither root nor proof is given for a size that the tree has not reached.
    """
    with pytest.raises(LedgerError, match="no state"):
        TREE.root(size)
    with pytest.raises(LedgerError, match="no state"):
        TREE.inclusion_path(0, size)
    with pytest.raises(LedgerError, match="no state"):
        TREE.consistency_path(1, size)


@pytest.mark.parametrize("old_size, new_size", [(0, 4), (5, 4), (-1, 4), (1, 0)])
def test_there_is_no_proof_from_a_state_that_is_not_earlier(old_size, new_size):
    """
    An empty or a larger tree is no earlier state.
    """
    with pytest.raises(LedgerError, match="no earlier state"):
        TREE.consistency_path(old_size, new_size)
