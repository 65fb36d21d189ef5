"""A case with one item of every fate, and the decision by which it is produced."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import osint
from osint.case import Case
from osint.chain_of_custody.keys import load_or_create
from osint.production.produced import Produced

TO = "Office of the defence of R. Roe"


def hand_in(case: Case, folder: Path, *numbers: int) -> None:
    """Take in files that were saved by hand: this needs no network."""
    declared = osint.SavedBy(
        name="J. Smit", role="officer", at="2026-05-30T10:15:00+02:00", program="a browser", came="saved here",
        logged_in=False,
    )  # fmt: skip
    for number in numbers:
        file = folder / f"note-{number}.txt"
        file.write_text(f"words of note {number}", encoding="utf-8")
        case.import_file(file, declared)


def decision(*excluded: str, **said: object) -> osint.Release:
    """What a prosecutor decided, who leaves out some exhibits."""
    acts = tuple(
        osint.Excluded(exhibit=each, ground="work product", cited="Rule 25.10", by="K. de Vries") for each in excluded
    )
    given: dict[str, object] = {
        "decided_by": "K. de Vries, prosecutor", "authority": "Rule 25.03, request of 1 June 2026", "prefix": "DOE",
        "unreviewed_acknowledged_by": "K. de Vries", "contrary_facts": {"*": "none known"}, "excluded": acts,
    }  # fmt: skip
    return osint.Release(**{**given, **said})


def produce(case: Case, folder: Path, *excluded: str, **said: object) -> Produced:
    """Produce without drawing pages and PDF files, which these tests do not look at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("osint.report.forms.find_spec", lambda _: None)
        patch.setattr("osint.report.hand_over.pdf_is_installed", lambda: False)
        return case.produce(folder, to=TO, release=decision(*excluded, **said), pages="slip-sheets")


def purge(case: Case, keys: Path, *exhibits: str) -> None:
    order = osint.Order(
        authority="order of the court", reason="expunged", requester=case.investigator,
        approver=load_or_create(keys, "actor"), approver_name="L. Berg",
    )  # fmt: skip
    case.erasing.purge(list(exhibits), order)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def rewrite(path: Path, change: Callable[[list[list[str]]], list[list[str]]]) -> None:
    """Write a CSV again with other rows, the headings left out of them."""
    with path.open(encoding="utf-8", newline="") as stream:
        headings, *given = list(csv.reader(stream))
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([headings, *change(given)])


def list_again(folder: Path) -> None:
    """Make the lists of hashes anew, as whoever alters a package would."""
    for manifest, files in (
        ("manifest-sha256.txt", (each for each in (folder / "data").rglob("*") if each.is_file())),
        ("tagmanifest-sha256.txt", (each for each in folder.iterdir() if each.is_file())),
    ):
        names = sorted(each.relative_to(folder).as_posix() for each in files if each.name != "tagmanifest-sha256.txt")
        lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
        (folder / manifest).write_text("".join(lines), encoding="utf-8")


def copy_of(folder: Path, to: Path) -> Path:
    return Path(shutil.copytree(folder, to))
