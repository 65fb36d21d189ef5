"""``osint media FILE...``: files that belong to no case, examined one by one and told of in words, CSV or JSON."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from osint import render
from osint.cli.printing import count, plain, print_result, print_table, wants_json
from osint.instants import format_instant

if TYPE_CHECKING:
    from osint.media.examination import MediaRecord
    from osint.media.times import StatedTime

VALUES = ("exhibit", "block", "name", "text", "confidence", "byte_start", "reader")
_MOST_WARNINGS = 12
_WIDEST = 320
_AS_TEXT = (
    "Cells are exactly what the files state: import them into a spreadsheet as text, or it may take some for formulas."
)


class _Examined(NamedTuple):
    """A file of the command line: its path as it was found, and what it states, or why it was not examined."""

    path: Path
    record: MediaRecord | None = None
    problem: str = ""
    output_sha256: str | None = None
    digests: Mapping[str, str] = {}


def print_files(paths: Sequence[Path], csv: Path | None, digest: Sequence[str], *, values: bool) -> None:
    from osint.media.table import frame, values_frame
    from osint.views.progress import bar

    found = [each for path in paths for each in _found(path)]
    examined = list(_checked_again(list(bar(_examined(found, digest), what="Examining files"))))
    records = [each.record for each in examined if each.record is not None]
    if csv:
        print_table(values_frame(records) if values else frame(records), (), csv)
        click.echo(_AS_TEXT, err=True)
        for each in examined:
            if each.problem:
                click.echo(f"{_named(each.path)}: {render.visible(each.problem)}", err=True)
    elif wants_json():
        print_result("", [_as_json(each) for each in examined])
    else:
        table = [render.columns([VALUES, *_rows(records)])] if values else []
        print_result("\n\n".join([*map(_text, examined), *table, _ending(examined)]), None)
    if any(each.problem for each in examined):
        click.get_current_context().exit(1)


# -- which files -------------------------------------------------------------------------------------------------------


def _found(path: Path) -> Iterator[_Examined]:
    """Yield the files under a path in order, each without what it states, or with why it is not examined."""
    left = [path]
    while left:
        each = left.pop()
        try:
            inside = sorted(each.iterdir(), key=os.fsencode, reverse=True) if _is_folder(each) else None
            if inside is None:
                yield _Examined(each, problem=_unfit(each))
            else:
                left += inside
        except OSError as error:
            yield _Examined(each, problem=f"it cannot be read: {error.strerror}")


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _unfit(path: Path) -> str:
    """Say why a path is not examined; nothing where it is.

    Raises:
        OSError: It cannot be read.
    """
    if path.is_symlink():
        return f"a symbolic link to {path.readlink()}; it was not followed. Name the file that it leads to"
    if not path.exists():
        return "there is no such file"
    if not path.is_file():
        return "neither a file nor a folder; it was not opened"
    with path.open("rb"):
        return ""


def _examined(found: Sequence[_Examined], digest: Sequence[str]) -> Iterator[_Examined]:
    """Examine the files in the sandbox, in batches, and yield everything in its order."""
    from osint.media.examination import MediaRecord, examine_many, further_digests

    # An absolute path: a reader is never given a name that begins with a dash or looks like an address.
    results = examine_many((each.path.absolute(), None) for each in found if not each.problem)
    for each in found:
        if each.problem:
            yield each
            continue
        facts, derivation = next(results)
        record = MediaRecord(facts=facts, exhibit=_named(each.path), name=each.path.name)
        problem = "" if derivation.state == "ok" else f"its content was not read ({derivation.state})"
        digests = further_digests(each.path, digest) if digest else {}
        yield _Examined(each.path, record, problem, derivation.output_sha256, digests)


def _checked_again(examined: Sequence[_Examined]) -> Iterator[_Examined]:
    """Hash every file once more when all are examined; one that changed is a problem."""
    from osint.sandbox import changes

    for each in examined:
        digest = each.record.facts.sha256 if each.record else ""
        changed = changes({each.path: digest}).get(each.path) if digest else None
        yield each._replace(problem=changed) if changed else each


# -- how they are shown ------------------------------------------------------------------------------------------------


def _named(path: Path) -> str:
    """Return a name as it can be printed: no line end, no control or bidirectional character, no half of a letter."""
    name = render.visible(os.fspath(path))
    return "".join(f"⟨U+{ord(char):04X}⟩" if char in "\n\t" else char for char in name)


def _text(each: _Examined) -> str:
    from osint.media.table import camera_name

    if each.record is None:
        return f"{_named(each.path)}\n  not examined: {render.visible(each.problem)}"
    record, facts = each.record, each.record.facts
    sides = f", {facts.width} × {facts.height} px" if facts.width and facts.height else ""
    camera = camera_name(facts.camera_make, facts.camera_model)
    conflicts = sorted({value.fact or "" for value in record.values if value.confidence == "conflict"})
    lines = [
        f"{facts.media_type}, {facts.size:,} bytes{sides}",
        f"SHA-256 {facts.sha256}",
        *(f"{name.upper()} {digest}" for name, digest in each.digests.items()),
        *([f"camera: {camera}"] if camera else []),
        *([f"software: {facts.software}"] if facts.software else []),
        *(f"{time.kind}: {_when(time)}, grade {time.grade}. {time.basis}" for time in record.times),
        *_positions(record),
        *(
            f"consistent with {value.value}: {' '.join(value.warnings)}"
            for value in record.values
            if value.group == "origin" and value.fact == "platform_mark"
        ),
        *([f"READERS DISAGREE on {', '.join(conflicts)}"] if conflicts else []),
        *([f"NOT READ WHOLE: {each.problem}"] if each.problem else []),
        f"{count(len(record.values), 'value')}{_by_block(record)}; {count(len(facts.warnings), 'warning')}",
        *(f"- {warning}" for warning in facts.warnings[:_MOST_WARNINGS]),
    ]
    return "\n".join([_named(each.path), *(f"  {render.shorten(line, _WIDEST)}" for line in lines)])


def _when(time: StatedTime) -> str:
    """Return what a time means in UTC, and as what it stands there."""
    start, end = format_instant(time.start), format_instant(time.end)
    meant = start if start == end else f"between {start} and {end}"
    return meant if time.text == meant else f"{meant}, stated as {time.text}"


def _by_block(record: MediaRecord) -> str:
    found = Counter(value.block for value in record.values)
    return f" ({', '.join(f'{block} {number}' for block, number in found.items())})" if found else ""


def _positions(record: MediaRecord) -> Iterator[str]:
    from osint.media.positions import by_point, extent

    for each in by_point(record.positions):
        basis = f" {' '.join(each.basis)}" if each.basis else ""
        point = f"{each.latitude:.6f}, {each.longitude:.6f}, {extent(each.radius_m, each.error_m)}"
        yield f"position in {each.block} ({each.reader}): {point}, grade {each.grade}.{basis}"


def _rows(records: Sequence[MediaRecord]) -> Iterator[list[str]]:
    for record in records:
        for value in record.values:
            told = (value.block, value.name, value.text, value.confidence, value.byte_start, value.reader)
            yield [record.exhibit, *(render.shorten("" if each is None else str(each), 60) for each in told)]


def _ending(examined: Sequence[_Examined]) -> str:
    unread = sum(bool(each.problem) for each in examined)
    problem = f"; {unread} not examined, or not as {'it is' if unread == 1 else 'they are'}" if unread else ""
    return f"{count(len(examined), 'file')}{problem}. What a file states about itself may be wrong."


def _as_json(each: _Examined) -> dict[str, Any]:
    """Return one file as JSON. Without the times of this run, so that the same bytes give the same object.

    ``output_sha256`` is the digest that the ledger of a case has of what was read from the same bytes.
    """
    if each.record is None:
        return {"file": os.fspath(each.path), "problem": each.problem}
    further = {"digests": dict(each.digests)} if each.digests else {}
    run = {"problem": each.problem or None, "output_sha256": each.output_sha256}
    return facts_of(each.path, each.record) | run | further


def facts_of(path: Path, record: MediaRecord) -> dict[str, Any]:
    from osint.media import description, value

    facts = description.to_json(record.facts)
    around = {name: plain(getattr(record, name)) for name in ("times", "positions")}
    return {**facts, **around, "values": [value.to_json(each) for each in record.values], "file": os.fspath(path)}
