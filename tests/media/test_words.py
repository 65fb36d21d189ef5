"""What the layers of media say by themselves never judges: neither a file, nor who held the camera, nor where."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import osint

ROOT = Path(osint.__file__).parent
SPEAKERS = sorted(
    [
        *(ROOT / "media").rglob("*.py"),
        *(ROOT / "media").rglob("*.toml"),
        *(ROOT / "views" / "map").rglob("*.py"),
        *(ROOT / "views" / name for name in ("gallery.py", "media_sheet.py", "timeline.py", "veiled.py")),
        ROOT / "cli" / "media.py",
        ROOT / "timeline.py",
    ]
)
JUDGEMENTS = re.compile(r"\b(authentic|fake[ds]?|forged|genuine|manipulated|original|taken (by|at))\b")


def said(path: Path) -> list[str]:
    """The texts of a module that are not its own documentation; a file of data speaks as a whole."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return [line for line in text.splitlines() if not line.startswith(("#", "pattern ="))]
    tree = ast.parse(text)
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [node.value for node in texts if id(node) not in documents]


def test_no_text_judges():
    """Names of fields as a specification spells them are no judgement."""
    assert len(SPEAKERS) > 100
    assert [(path.name, text) for path in SPEAKERS for text in said(path) if JUDGEMENTS.search(text)] == []


def test_a_text_that_judges_would_be_found(tmp_path):
    """In a string and in a part of one, and not in what describes the code."""
    module = tmp_path / "speaks.py"
    module.write_text(
        '"""An original."""\n\n\ndef f(x):\n    """Taken by."""\n    return f"{x} is fake"\n', encoding="utf-8"
    )

    assert [text for text in said(module) if JUDGEMENTS.search(text)] == [" is fake"]
