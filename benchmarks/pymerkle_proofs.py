"""Proofs per CPU second of pymerkle's tree in memory. Runs under a Python that has it, and imports nothing of ours.

Its licence is the GPL: it is compared with, in a process of its own, and never linked.
"""

from __future__ import annotations

import json
import sys
import time

from pymerkle import InmemoryTree

leaves = int(sys.argv[1])
tree = InmemoryTree(algorithm="sha256")
for number in range(leaves):
    tree.append_entry(b"%d" % number)
indices = [number * 997 % leaves for number in range(2000)]
before = time.process_time()
for index in indices:
    tree.prove_inclusion(index + 1)
between = time.process_time()
for index in indices:
    tree.prove_consistency(index + 1, leaves)
after = time.process_time()
print(json.dumps({"inclusion": len(indices) / (between - before), "consistency": len(indices) / (after - between)}))
