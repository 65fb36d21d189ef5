"""The case report: one HTML file for a reader who has nothing but a browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, cast

import pandas as pd

from osint import render
from osint.chain_of_custody.entry import Entry
from osint.collecting.collection import Run
from osint.collecting.run import statement
from osint.graph.association import association_graph
from osint.graph.measures import centrality
from osint.instants import format_instant
from osint.media.table import camera_name
from osint.policy.authorization import Authorization
from osint.query import describe
from osint.report.custody_log import anchored_html
from osint.report.dossier import Dossier
from osint.report.media_part import files_in_full
from osint.report.page import page, table, verdict
from osint.report.steps import read_steps
from osint.report.victim_part import what_concerns_the_victim
from osint.timeline import event_timeline
from osint.views.charts import link_chart, timeline_chart
from osint.views.gallery import row_extent
from osint.views.picture import Picture

_CAVEAT = (
    "Posts are statements of their authors. An association between accounts is not guilt, and what was not public, was "
    "removed before the capture, or lies outside the searches below is not in this report."
)
_SHOWN_TEXT = 600
_ERASED = "(erased)"
_FIELDS = tuple(field.name for field in fields(Authorization))


def case_report(dossier: Dossier) -> bytes:
    """Return the report as HTML. Every captured string in it is escaped; the page can load nothing."""
    parts: tuple[Callable[[Dossier], str], ...] = (
        _overview, _anchored, _authority, _searches, _associations, _timeline, what_concerns_the_victim, _media,
        files_in_full, _pages, _posts, _warnings,
    )  # fmt: skip
    return page(f"Case report: {dossier.name}", "\n".join(part(dossier) for part in parts))


def _overview(dossier: Dossier) -> str:
    facts = {
        "Investigator": dossier.investigator,
        "Report made": format_instant(dossier.made.replace(microsecond=0)),
        "Posts": len(dossier.tables["posts"]),
        "Files": len(dossier.tables["media"]),
        "Warnings": len(dossier.tables["warnings"]),
    }
    return (
        (render.paragraph(dossier.overdue) if dossier.overdue else "")
        + table(facts.items())
        + render.paragraph(_CAVEAT)
        + render.section("Verification")
        + verdict(str(dossier.verified))
    )


def _anchored(dossier: Dossier) -> str:
    return anchored_html(dossier.ledger, list(read_steps(dossier.ledger)), dossier.anchors)


def _authority(dossier: Dossier) -> str:
    """Show each authority as it was recorded, and apart from it the leads that were added later."""
    recorded = [entry for entry in dossier.ledger.entries() if entry.outcome != "refused"]
    authorities = [entry for entry in recorded if entry.action == "authorize"]
    entries = {entry.leaf.hex(): entry.seq for entry in authorities}
    leads = [
        (
            entry.seq,
            entries.get(entry.authorization or "", ""),
            _leads(entry.private.get("leads")),
            entry.private.get("exhibit", _ERASED),
            entry.private.get("reason", _ERASED),
        )
        for entry in recorded
        if entry.action == "extend"
    ]
    added = render.heading("Leads added") + table(leads, ("entry", "to authority", "leads", "exhibit", "reason"))
    return render.section("Legal authority") + "".join(map(_as_recorded, authorities)) + (added if leads else "")


def _as_recorded(entry: Entry) -> str:
    stated = entry.private.get("authorization")
    heading = render.heading(f"Entry {entry.seq}, as recorded on {format_instant(entry.end_time)}")
    if not isinstance(stated, dict):
        return heading + render.paragraph(_ERASED)
    names = [*(name for name in _FIELDS if name in stated), *sorted(stated.keys() - set(_FIELDS))]
    return heading + table((name, _listed(stated[name])) for name in names)


def _leads(leads: Any) -> str:
    if not isinstance(leads, dict):
        return _ERASED
    return "; ".join(f"{name}: {_listed(values)}" for name, values in leads.items())


def _listed(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


def _searches(dossier: Dossier) -> str:
    rows = [
        (run.id, run.collector, _asked(run), run.stop or "interrupted", statement(run.stop)) for run in dossier.runs
    ]
    refused = dossier.tables["log"].query("outcome == 'refused'")[["entry", "action", "details"]]
    return (
        render.section("What was searched, and how far it reaches")
        + table(rows, ("run", "collector", "asked", "stop reason", "what that covers"))
        + render.heading(f"Refused steps: {len(refused)}")
        + table(refused.itertuples(index=False), ("entry", "step", "details"))
    )


def _asked(run: Run) -> str:
    return f"{describe(run.query)}, visiting {run.revisits} again" if run.revisits else describe(run.query)


def _associations(dossier: Dossier) -> str:
    posts = dossier.tables["posts"]
    if posts.empty:
        return ""
    network = association_graph(posts)
    if not network.number_of_edges():
        return ""
    ranking = centrality(network, "betweenness").head(10)
    ranks = ["rank", "label", "kind", "value"]
    return (
        render.section("Associations")
        + _shown(link_chart(network, f"Link chart: {dossier.name}"))
        + render.heading("Accounts and things that lie between others (betweenness)")
        + table(ranking[ranks].round(4).itertuples(index=False), ranks)
        + render.paragraph(ranking.attrs.get("caveat", ""))
    )


def _timeline(dossier: Dossier) -> str:
    events = event_timeline(dossier.tables["posts"], dossier.tables["media"])
    if events.empty:
        return ""
    return render.section("Timeline") + _shown(timeline_chart(events, f"Timeline: {dossier.name}"))


def _media(dossier: Dossier) -> str:
    media = dossier.tables["media"]
    if media.empty:
        return ""
    posts = _by_id(dossier.tables["posts"])
    files = cast("list[dict[str, Any]]", media.to_dict("records"))
    rows = [
        (file["exhibit"], *_file(file), _shown_in(file["posts"], posts), " ".join(file["warnings"])) for file in files
    ]
    hashes = [
        (file["exhibit"], ", ".join(file["same_bytes_in"]), file["media_type"], file["size"], file["sha256"])
        for file in files
    ]
    note = "The files state this; a clock may be wrong and a position may be set by hand."
    return (
        render.section("Media")
        + render.paragraph(note)
        + table(rows, ("exhibit", "taken (UTC)", "camera clock", "position", "camera", "shown in", "warnings"))
        + render.heading("Hashes of the files")
        + table(hashes, ("exhibit", "same bytes in", "type", "bytes", "SHA-256 of the file"))
    )


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


def _pages(dossier: Dossier) -> str:
    """Show what the exhibit of each web page holds of it, and whether that is the least that a court is shown."""
    posts = dossier.tables["posts"]
    pages = posts[posts["capture_quality"].notna()]
    if pages.empty:
        return ""
    rows = [
        (page["exhibit"], page["url"], page["capture_quality"], _judged(page), _yes(page["capture_minimum_met"]))
        for page in cast("list[dict[str, Any]]", pages.to_dict("records"))
    ]
    note = "The minimum is the address, the HTML source and an image of the whole page (Berkeley Protocol)."
    heads = ("exhibit", "address", "captured", "reason", "minimum met")
    return render.section("Web pages") + render.paragraph(note) + table(rows, heads)


def _yes(value: Any) -> str:
    return "" if pd.isna(value) else "yes" if value else "no"


def _judged(page: Mapping[str, Any]) -> str:
    judged = page["extra"].get("capture")
    return str(judged.get("reason", "")) if isinstance(judged, dict) else ""


def _posts(dossier: Dossier) -> str:
    posts = _by_id(dossier.tables["posts"])
    rows = [
        (
            _instant(post["published"]),
            _author(post["author_handle"], post["attributed_to"]),
            _said(post, posts),
            "" if pd.isna(post["url"]) else post["url"],
            ", ".join(post["exhibits"]),
            post["access"],
        )
        for post in posts.values()
    ]
    heads = ("published", "author", "text", "address", "exhibits", "access")
    return render.section(f"Posts ({len(posts)})") + table(rows, heads)


def _said(post: Mapping[str, Any], posts: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the text of a post; one that passes on another has none of its own, and names the other."""
    own, other = _text(post["content"]), post["announce_of"]
    if pd.isna(other):
        return own
    passed = _named(other, posts)
    if other not in posts:
        passed = f"{_author(None, post['announce_of_account'])} {other}".strip()
    return f"passed on: {passed}" + (f" – {own}" if own else "")


def _warnings(dossier: Dossier) -> str:
    warnings = dossier.tables["warnings"]
    if warnings.empty:
        return ""
    return render.section(f"Warnings ({len(warnings)})") + table(
        warnings.itertuples(index=False), tuple(warnings.columns)
    )


def _shown(picture: Picture) -> str:
    return render.image(picture.svg, "image/svg+xml", picture.title) + render.paragraph(picture.caption)


def _instant(value: Any) -> str:
    return "" if pd.isna(value) else format_instant(value.to_pydatetime())


def _text(value: Any) -> str:
    return "" if pd.isna(value) else render.shorten(value, _SHOWN_TEXT)
