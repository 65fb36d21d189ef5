"""The power fails at every moment of recorded work, and the case is opened again."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from faults.disk import Tree, chances, digest, moments, write_tree
from faults.situations import Situation

Steps = Sequence[tuple[Any, ...]]


def problem_of(situation: Situation, state: Path, tree: Tree, said: Sequence[Mapping[str, Any]]) -> str:
    """Put a tree where a case was, and reopen it; return what is wrong, or nothing."""
    shutil.rmtree(state, ignore_errors=True)
    write_tree(state, tree)
    try:
        situation.reopen(state / "case", said)
    except Exception as error:  # noqa: BLE001 - a damaged file may surprise in any way; all of them are losses
        return f"{type(error).__name__}: {error}"
    return ""


def problems(
    situation: Situation, folder: Path, before: Tree, steps: Steps, figures: Counter[str], draws: int, share: int = 1
) -> Iterator[tuple[str, str]]:
    """Try every moment with every fate, each different disk once; yield moment and fate, and what was wrong.

    With ``share`` one in so many fates is drawn for each moment, always the same and others at the next.
    """
    seen = set()
    figures["states that lost something"] = 0
    for number, disk, said in moments(before, steps):
        fates = list(chances(number, draws).items())
        for name, chance in Random(number).sample(fates, -(-len(fates) // share)):
            tree = disk.after(chance)
            state = (digest(tree), len(said))
            if state in seen:
                continue
            seen.add(state)
            figures["states"] += 1
            if problem := problem_of(situation, folder / "state", tree, said):
                figures["states that lost something"] += 1
                yield f"after step {number}, {name}", problem
