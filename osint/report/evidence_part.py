"""The part of the report on what was collected: exhibits with where they came from, files, web pages, posts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import pandas as pd

from osint import render
from osint.chain_of_custody.entry import Exhibit
from osint.instants import format_instant
from osint.media.table import camera_name
from osint.report.document import Block, Heading, Section, Words, table
from osint.report.dossier import Dossier
from osint.report.steps import Step, read_steps
from osint.views.gallery import row_extent

_SHOWN_TEXT = 600
_PROVENANCE = (
    "One line is one evidentiary copy: the step of the ledger that took it in, when, by whom, and what was asked of "
    "whom. The hash is of the stored copy, as it stands in the package."
)


def exhibits(dossier: Dossier) -> Iterator[Block]:
    """Yield the evidentiary copies, each with its provenance and its hash."""
    taken = {each.entry: each for each in dossier.ledger.exhibits()}
    rows = [_exhibit(taken[step.entry.seq], step) for step in read_steps(dossier.ledger) if step.entry.seq in taken]
    yield Section(f"Exhibits ({len(taken)})")
    if not taken:
        yield Words("No evidentiary copy was taken in.")
        return
    yield Words(_PROVENANCE)
    yield table(rows, ("exhibit", "entry", "taken in (UTC)", "by", "authority", "from where, and how"))
    yield Heading("Hashes of the evidentiary copies")
    hashes = ((each.number, each.media, f"{each.size:,}", each.sha256) for each in taken.values())
    yield table(hashes, ("exhibit", "type", "bytes", "SHA-256 of the copy"))


def _exhibit(exhibit: Exhibit, step: Step) -> tuple[object, ...]:
    said, when = render.shorten(step.said, _SHOWN_TEXT), format_instant(step.entry.end_time)
    return exhibit.number, step.entry.seq, when, step.person, step.authority or "", said


def files(dossier: Dossier) -> Iterator[Block]:
    """Yield the preserved files with what they state of time, place and camera."""
    media = dossier.tables["media"]
    if media.empty:
        return
    posts = _by_id(dossier.tables["posts"])
    known = cast("list[dict[str, Any]]", media.to_dict("records"))
    rows = (
        (file["exhibit"], *_file(file), _shown_in(file["posts"], posts), " ".join(file["warnings"])) for file in known
    )
    hashes = (
        (file["exhibit"], ", ".join(file["same_bytes_in"]), file["media_type"], file["size"], file["sha256"])
        for file in known
    )
    yield Section("Media")
    yield Words("The files state this; a clock may be wrong and a position may be set by hand.")
    yield table(rows, ("exhibit", "taken (UTC)", "camera clock", "position", "camera", "shown in", "warnings"))
    yield Heading("Hashes of the files")
    yield table(hashes, ("exhibit", "same bytes in", "type", "bytes", "SHA-256 of the file"))


def web_pages(dossier: Dossier) -> Iterator[Block]:
    """Yield what the exhibit of each web page holds of it, and whether that is the least that a court is shown."""
    posts = dossier.tables["posts"]
    pages = posts[posts["capture_quality"].notna()]
    if pages.empty:
        return
    rows = (
        (page["exhibit"], page["url"], page["capture_quality"], _judged(page), _yes(page["capture_minimum_met"]))
        for page in cast("list[dict[str, Any]]", pages.to_dict("records"))
    )
    yield Section("Web pages")
    yield Words("The minimum is the address, the HTML source and an image of the whole page (Berkeley Protocol).")
    yield table(rows, ("exhibit", "address", "captured", "reason", "minimum met"))


def posts_in_full(dossier: Dossier) -> Iterator[Block]:
    """Yield the posts, in the order in which they were collected."""
    posts = _by_id(dossier.tables["posts"])
    rows = (
        (
            _instant(post["published"]),
            _author(post["author_handle"], post["attributed_to"]),
            _said(post, posts),
            "" if pd.isna(post["url"]) else post["url"],
            ", ".join(post["exhibits"]),
            post["access"],
        )
        for post in posts.values()
    )
    yield Section(f"Posts ({len(posts)})")
    yield table(rows, ("published", "author", "text", "address", "exhibits", "access"))


def _file(file: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return time, camera clock, position and camera of a file in words."""
    camera = camera_name(file["camera_make"], file["camera_model"])
    return _taken(file), _clock(file), _position(file), camera


def _taken(file: Mapping[str, Any]) -> str:
    """Return the instant that the clock and its offset give, and how far that can be trusted."""
    instant = _instant(file["taken"])
    return f"{instant} (grade {file['taken_grade']})" if instant and pd.notna(file["taken_grade"]) else instant


def _clock(file: Mapping[str, Any]) -> str:
    if pd.isna(file["taken_local"]):
        return ""
    unknown = pd.isna(file["taken_grade"]) or file["taken_earliest"] != file["taken_latest"]
    inferred = " (zone unknown)" if unknown else f" (in UTC {_instant(file['taken_earliest'])}, see below)"
    offset = inferred if pd.isna(file["taken_offset"]) else file["taken_offset"]
    return f"{file['taken_local']}{offset}"


def _position(file: Mapping[str, Any]) -> str:
    if pd.isna(file["latitude"]) or pd.isna(file["longitude"]):
        return ""
    return f"{file['latitude']:.6f}, {file['longitude']:.6f} ({row_extent(file)})"


def _shown_in(ids: Sequence[str], posts: Mapping[str, Mapping[str, Any]]) -> str:
    return "; ".join(_named(identifier, posts) for identifier in ids)


def _named(identifier: str, posts: Mapping[str, Mapping[str, Any]]) -> str:
    """Name a post by its author and address, or by its id where it was not collected."""
    post = posts.get(identifier)
    if post is None:
        return identifier
    author, url = _author(post["author_handle"], post["attributed_to"]), post["url"]
    return " ".join(filter(None, (author, identifier if pd.isna(url) else url)))


def _author(handle: Any, key: Any) -> str:
    if pd.notna(handle) and handle:
        return str(handle)
    return "" if pd.isna(key) else str(key).split(":", 2)[-1]


def _by_id(posts: pd.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in cast("list[dict[str, Any]]", posts.to_dict("records"))}


def _yes(value: Any) -> str:
    return "" if pd.isna(value) else "yes" if value else "no"


def _judged(page: Mapping[str, Any]) -> str:
    judged = page["extra"].get("capture")
    return str(judged.get("reason", "")) if isinstance(judged, dict) else ""


def _said(post: Mapping[str, Any], posts: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the text of a post; one that passes on another has none of its own, and names the other."""
    own, other = _text(post["content"]), post["announce_of"]
    if pd.isna(other):
        return own
    passed = _named(other, posts)
    if other not in posts:
        passed = f"{_author(None, post['announce_of_account'])} {other}".strip()
    return f"passed on: {passed}" + (f" – {own}" if own else "")


def _instant(value: Any) -> str:
    return "" if pd.isna(value) else format_instant(value.to_pydatetime())


def _text(value: Any) -> str:
    return "" if pd.isna(value) else render.shorten(value, _SHOWN_TEXT)
