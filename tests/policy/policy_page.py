"""Write docs/policy.md: every clause of the founding order with its test, or the reason why no program can hold it.

``python tests/policy/policy_page.py`` (``make policy-page``) writes the page; a test compares it with what this makes.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from osint.policy.pack import Pack
from osint.policy.pack_text import DEFAULT, built_in

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "policy.md"
_TESTS = tomllib.loads(Path(__file__).with_name("clauses.toml").read_text("utf-8"))

_HEAD = """\
# The policy, clause by clause

This page is made by `make policy-page` from the pack `us-mo-municipal` and from `tests/policy/clauses.toml`; do not edit it.
It shows what this program checks and what it does not. It is no statement that anybody complies with anything: that is for
people to judge. `osint policy show` prints the numbers with what stands behind each, `osint policy explain RULE` one rule.

## The founding order

"rule" is a rule of the gate, "feature" something else that a test holds, "not software" what only people can do, and "not
yet" what is missing.
"""


def named_tests() -> list[str]:
    """Return every test that the lists name, ``tests/file.py::test_name``."""
    lists = [*_TESTS["clauses"].values(), *(each["tests"] for each in _TESTS["acceptance"])]
    return [name for names in lists for name in names]


def missing_tests() -> list[str]:
    """Return the named tests that are not there."""
    return [name for name in named_tests() if not _is_there(*name.split("::"))]


def misplaced() -> list[str]:
    """Return the clauses whose tests do not fit what the pack says of them: software has a test, anything else none."""
    clauses = {clause.id: clause.handled in ("rule", "feature") for clause in built_in(DEFAULT).clauses}
    tested = _TESTS["clauses"]
    return [
        *(tested.keys() - clauses),
        *(each for each, software in clauses.items() if software != bool(tested.get(each))),
    ]


def make() -> str:
    """Return the page."""
    pack = built_in(DEFAULT)
    return "\n".join([_HEAD, *_clauses(pack), *_rules(pack), *_acceptance(), ""])


def _clauses(pack: Pack) -> list[str]:
    rows = [
        f"| {each.id} | {each.says} | {each.handled} | {each.how} | {_names(_TESTS['clauses'].get(each.id, []))} |"
        for each in pack.clauses
    ]
    return ["| clause | says | handled | how | tests |", "|---|---|---|---|---|", *rows, ""]


def _rules(pack: Pack) -> list[str]:
    rows = [f"| {each.id} | {each.clause} | {each.checks} | {each.refuses} |" for each in pack.rules.values()]
    return [
        "## The rules of the gate\n",
        "Each has a step that it refuses and the nearest one that it lets pass, in `tests/policy/test_gate_rules.py`;",
        "`make test-mutation` takes each out and sees a test fail.\n",
        "| rule | clause | checks | refuses |", "|---|---|---|---|", *rows, "",
    ]  # fmt: skip


def _acceptance() -> list[str]:
    rows = [
        f"| {number} | {each['says']} | {_names(each['tests'])} |"
        for number, each in enumerate(_TESTS["acceptance"], 1)
    ]
    return ["## Twenty-four acceptance tests\n", "| | what | test |", "|---|---|---|", *rows]


def _names(names: list[str]) -> str:
    return "<br>".join(f"`{name}`" for name in names)


def _is_there(file: str, test: str) -> bool:
    path = ROOT / file
    return path.is_file() and bool(re.search(rf"^def {test}\(", path.read_text("utf-8"), re.MULTILINE))


def acceptance() -> list[dict[str, Any]]:
    """Return the list of acceptance tests."""
    return list(_TESTS["acceptance"])


if __name__ == "__main__":
    PAGE.write_text(make(), encoding="utf-8", newline="\n")
