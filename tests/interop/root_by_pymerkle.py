"""Prints the root that pymerkle gives over the entries in the bundles of a tiled log: ``root_by_pymerkle.py FOLDER``.

pymerkle is under the GPL. This file runs in an environment of its own, is started as a program, and shares no process
with what it checks.
"""

import sys
from pathlib import Path

from pymerkle import InmemoryTree, verify_inclusion


def bundles(folder: Path) -> list[Path]:
    """Return full bundles and the widest partial one, in their order."""
    place = folder / "tile" / "entries"
    full = sorted(path for path in place.rglob("*") if path.is_file() and not path.parent.name.endswith(".p"))
    partial = [path for path in place.rglob("*.p/*") if not path.parent.with_suffix("").exists()]
    return full + sorted(partial, key=lambda path: int(path.name))[-1:]


tree = InmemoryTree(algorithm="sha256")
for path in bundles(Path(sys.argv[1])):
    data = path.read_bytes()
    while data:
        length = int.from_bytes(data[:2], "big")
        tree.append_entry(data[2 : 2 + length])
        data = data[2 + length :]
size, root = tree.get_size(), tree.get_root()
for number in range(1, size + 1):
    verify_inclusion(tree.get_leaf(number), root, tree.prove_inclusion(number))
sys.stdout.write(f"{size} {root.hex()}\n")
