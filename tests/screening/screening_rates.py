"""How much of the corpus the protected-class filter proposes, and how often it cries wolf (``make screening-rates``).

It writes the recall on held-out and fresh lines to ``osint/screening/rates.toml``, which the program goes by.
"""

from __future__ import annotations

from pathlib import Path

from osint.screening import rates

CORPUS = Path(__file__).with_name("corpus")
PUBLISHED = Path(rates.__file__).with_name("rates.toml")
_MEANING = {"dev": "rules were written by these", "held-out": "not by these", "fresh": "written after the rules"}


def lines() -> list[str]:
    """Return the rates in words, both halves."""
    corpus = rates.read_corpus(CORPUS)
    said = ["On a corpus of our own: rates of one hand's rules on the same hand's lines. They flatter."]
    for half in ("dev", "held-out", "fresh"):
        part = [each for each in corpus if each.half == half]
        said.append(f"\n{half}, {_MEANING[half]}: {len(part)} lines")
        for kind in dict.fromkeys(each.kind for each in part if each.gold):
            kept = [each for each in part if each.kind == kind]
            said += [f"{kind}:", *map(str, rates.recall(kept)), str(rates.missed_texts(kept))]
        said += ["all lines:", *map(str, rates.precision(part)), str(rates.false_alarms(part))]
    return said


def published() -> str:
    """Return what ``rates.toml`` has to hold."""
    return rates.as_toml(rates.recall(each for each in rates.read_corpus(CORPUS) if each.half != "dev"))


if __name__ == "__main__":
    print("\n".join(lines()))
    PUBLISHED.write_text(published(), encoding="utf-8", newline="\n")
