"""Print verify_case.py into its page of the handbook again, after the file has changed.

python docs/handbook/refresh.py
"""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).with_name("verify-a-case.md")
FILE = Path(__file__).parents[2] / "osint" / "chain_of_custody" / "verify_case.py"
_BEGIN, _END = "<!-- verify_case.py -->\n", "<!-- end -->\n"


def refreshed(page: str, file: str) -> str:
    """Return the page with the file between its two marks."""
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.rpartition(_END)
    return f"{before}{_BEGIN}```python\n{file}```\n{_END}{after}"


if __name__ == "__main__":
    made = refreshed(PAGE.read_text(encoding="utf-8"), FILE.read_text(encoding="utf-8"))
    PAGE.write_text(made, encoding="utf-8", newline="")
