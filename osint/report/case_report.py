"""The case report: one HTML file for a reader who has nothing but a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from osint import render
from osint.collectors.run import statement
from osint.graph.association import association_graph
from osint.graph.measures import centrality
from osint.instants import format_instant
from osint.query import describe
from osint.report.dossier import Dossier
from osint.report.page import page
from osint.timeline import event_timeline
from osint.views.charts import link_chart, timeline_chart
from osint.views.picture import Picture

_CAVEAT = (
    "Posts are statements of their authors. An association between accounts is not guilt, and what was not public, was "
    "removed before the capture, or lies outside the searches below is not in this report."
)
_SHOWN_TEXT = 600


def case_report(dossier: Dossier) -> bytes:
    """Return the report as HTML. Every captured string in it is escaped; the page can load nothing."""
    parts: tuple[Callable[[Dossier], str], ...] = (
        _overview, _authority, _searches, _associations, _timeline, _media, _posts, _warnings,
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
    verdict = "".join(map(render.paragraph, str(dossier.verified).split("\n")))
    return render.facts(facts) + render.paragraph(_CAVEAT) + render.section("Verification") + verdict


def _authority(dossier: Dossier) -> str:
    tables = [
        render.heading(f"Entry {standing.seq}")
        + render.facts(
            {
                name: ", ".join(value) if isinstance(value, list) else value
                for name, value in standing.authorization.as_dict().items()
            }
        )
        for standing in dossier.standing
    ]
    return render.section("Legal authority") + "".join(tables)


def _searches(dossier: Dossier) -> str:
    rows = [
        (run.id, run.collector, describe(run.query), run.stop or "interrupted", statement(run.stop))
        for run in dossier.runs
    ]
    refused = dossier.tables["log"].query("outcome == 'refused'")[["entry", "action", "details"]]
    return (
        render.section("What was searched, and how far it reaches")
        + render.table(rows, ("run", "collector", "asked", "stop reason", "what that covers"))
        + render.heading(f"Refused steps: {len(refused)}")
        + render.table(refused.itertuples(index=False), ("entry", "step", "details"))
    )


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
        + render.table(ranking[ranks].round(4).itertuples(index=False), ranks)
        + render.paragraph(ranking.attrs.get("caveat", ""))
    )


def _timeline(dossier: Dossier) -> str:
    events = event_timeline(dossier.tables["posts"], dossier.tables["media"])
    if events.empty:
        return ""
    return render.section("Timeline") + _shown(timeline_chart(events, f"Timeline: {dossier.name}"))


def _media(dossier: Dossier) -> str:
    names = ["exhibit", "media_type", "size", "taken_local", "taken_offset", "taken", "latitude", "longitude",
             "position_precision_m", "camera_make", "camera_model", "sha256", "warnings"]  # fmt: skip
    rows = dossier.tables["media"][names].astype(object).where(dossier.tables["media"][names].notna(), "")
    if rows.empty:
        return ""
    note = "The files state this; a clock may be wrong and a position may be set by hand."
    return render.section("Media") + render.paragraph(note) + render.table(rows.itertuples(index=False), names)


def _posts(dossier: Dossier) -> str:
    posts = dossier.tables["posts"]
    names = ("published", "author_handle", "content", "url", "exhibits")
    rows = [
        (_instant(published), author, _text(content), url, ", ".join(exhibits))
        for published, author, content, url, exhibits in zip(*(posts[name] for name in names), strict=True)
    ]
    return render.section(f"Posts ({len(posts)})") + render.table(
        rows, ("published", "author", "text", "address", "exhibits")
    )


def _warnings(dossier: Dossier) -> str:
    warnings = dossier.tables["warnings"]
    if warnings.empty:
        return ""
    return render.section(f"Warnings ({len(warnings)})") + render.table(
        warnings.itertuples(index=False), tuple(warnings.columns)
    )


def _shown(picture: Picture) -> str:
    return render.image(picture.svg, "image/svg+xml", picture.title) + render.paragraph(picture.caption)


def _instant(value: Any) -> str:
    return "" if pd.isna(value) else format_instant(value.to_pydatetime())


def _text(value: Any) -> str:
    return "" if pd.isna(value) else render.shorten(value, _SHOWN_TEXT)
