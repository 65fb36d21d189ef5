"""Every page that leaves a case, of one invented case: what screenshots are taken of, and what is checked for readers."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path

from origin import NOON

import osint
from osint.capture.network import Network
from osint.case import Case
from osint.opening import open_case
from osint.serve.practice_keys import practice_keys
from osint.serve.sample_site import SampleSite
from osint.views.document import document
from osint.views.listing import listing_of

AUTHORITY = {
    "identifier": "MP-2026-0417", "type": "missing-person report", "purpose": "missing_person",
    "subjects": ["Jane Example"], "accounts": ["@jane@social.example", "@dawn@social.example"],
    "hosts": ["blog.example", "news.example"], "tags": ["MissingJane"],
    "since": "2026-05-01", "until": "2026-06-30", "expires": "2030-12-31",
}  # fmt: skip
REFUSED_ACCOUNT = "@stranger@social.example"


def demo_pages(folder: Path) -> dict[str, Path]:
    """Run the sample investigation under a fixed clock; return each page by its name."""
    with SampleSite(clock=lambda: NOON) as site:
        network = Network(hosts=site.hosts, ca=site.ca, pace=0)
        opened = partial(open_case, network=network, keys=practice_keys(folder / "kept"), clock=lambda: NOON)
        with opened(folder / "2026-0417", investigator="J. Smit, badge 4471") as case:
            _collect(case)
            return _pages(case, folder)


def _collect(case: Case) -> None:
    case.authorize(osint.Authorization(**AUTHORITY))
    for account in AUTHORITY["accounts"]:
        case.collect("mastodon", account=account)
    case.collect("mastodon", tag="MissingJane", host="social.example")
    case.collect("feed", url="https://blog.example/feed/")
    case.collect("webpage", url="https://news.example/missing-jane-example")
    with suppress(osint.OsintError):  # the refusal is one of the entries that custody log and report show
        case.collect("mastodon", account=REFUSED_ACCOUNT)
    case.media(case.posts())


def _pages(case: Case, folder: Path) -> dict[str, Path]:
    posts = case.posts()
    network, events = osint.association_graph(posts), osint.event_timeline(posts, case.media())
    page = _exhibit(case, "news.example/missing-jane-example")
    shown = {
        "case": case,
        "ledger": case.ledger,
        "search": case.search("jane OR bridge"),
        "timeline": case.show(events, "Timeline, MP-2026-0417"),
        "map": case.show(case.media(), "Positions, MP-2026-0417"),
    }
    pages = {name: _page(folder / f"{name}.html", name, each) for name, each in shown.items()}
    chart = case.show(network, "Associations, MP-2026-0417")
    pages["chart"] = chart.save(folder / "chart.html")
    pages["link-chart"] = chart.save(folder / "link-chart.svg")
    for name, each in {
        "overview": case.overview(),
        "thread": case.thread(),
        "pivots": case.pivots("@marco@social.example"),
    }.items():
        pages[name] = each.save(folder / f"{name}.html")
    pages["posts"] = listing_of(posts, "Posts, MP-2026-0417").save(folder / "posts.html")
    pages["gallery"] = case.gallery().save(folder / "gallery.html")
    pages["media-sheet"] = case.media_sheet(case.media()["exhibit"].iloc[0]).save(folder / "media-sheet.html")
    pages["mask"] = case.mask_view(case.media()["exhibit"].iloc[0]).save(folder / "mask.html")
    pages["replay"] = case.replay(page).save(folder / "replay.html")
    pages["revisit"] = case.revisit(page).save(folder / "revisit.html")
    pages["head"] = folder / "head.html"
    pages["head"].write_bytes(case.head_page())
    pages["report"] = case.report()
    handed = case.export(folder / "hand-over").folder
    return pages | {f"package {path.stem}": path for path in sorted(handed.rglob("*.html"))}


def _exhibit(case: Case, address: str) -> str:
    posts = case.posts()
    return str(posts.loc[posts["url"].str.contains(address, regex=False, na=False), "exhibit"].iloc[0])


def _page(path: Path, title: str, shown: object) -> Path:
    """Write what a notebook shows of an object, as a page of its own."""
    path.write_bytes(document(title.capitalize(), shown._repr_mimebundle_()["text/html"]))
    return path
