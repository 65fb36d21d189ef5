"""Commands that relate, rank and order what was collected."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osint import render
from osint.cli.command import Commands
from osint.cli.opening import case_to_read, check_is_case, opened_case
from osint.cli.options import BY_SETTING, CASE, CSV, FILE, WHO, WRITER, many, with_params
from osint.cli.printing import cell, count, print_result, print_table, wants_json

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from osint.case import Case

commands = Commands()

FOLDER = click.Path(path_type=Path, file_okay=False)
_LEADING = 10
_FORMATS = (
    "graphml, yed, gexf, csv, neo4j, anx, anb-csv, maltego-csv, mtgx, cyjs, cx2, dot, mermaid, xlsx, stix, case, ftm, "
    "svg, png"
)
_RELATIONS = many("--relation", "relations", text="mention, reply, announce, quote, link, hashtag; by default all.")
_KINDS = many(
    "--relation",
    "relations",
    text="mention, reply, announce, quote, link, hashtag: by default these; follow, like, place, media, phone, email, "
    "url, domain, wallet, authored.",
)
_CHART = (
    click.option("--unlock", default="", help="Why victims and minors are named; else they are Person A, Person B."),
    _KINDS,
    click.option("--since", help="First day in UTC, or instant, of the posts that count."),
    click.option("--until", help="Last such day or instant."),
    click.option("--min-count", type=int, default=1, help="Posts that an edge rests on at least."),
    many("--around", "around", text="Key of a node, account:mastodon:jane@social.example: only it and what is near."),
    click.option("--radius", type=int, default=1, help="How many edges away that is."),
    click.option("--max-nodes", type=int, default=5000, show_default=True, help="How many nodes there may be."),
    click.option("--max-edges", type=int, default=20_000, show_default=True, help="How many edges between them."),
    click.option("--region", help="Country of phone numbers without country code, as US."),
    many(
        "--derived", "derived", text="Rule that ties who shares something: same_media, shared_contact, co_mention, "
        "coordinated_timing; with parameters as coordinated_timing:seconds=30,max_df=20.",
    ),
    click.option("--people", is_flag=True, help="Join the accounts that statements make one person's."),
    click.option("--evidence", is_flag=True, help="Name hash, ledger entry and place of each observation on its edge."),
    WRITER,
)  # fmt: skip


@commands.command()
@with_params(
    CASE,
    click.argument("name"),
    many("--format", "formats", text=f"{_FORMATS}; by default those of a notebook."),
    *_CHART,
)
def graph(case: Path, name: str, formats: tuple[str, ...], *, unlock: str, investigator: str, **asked: Any) -> None:
    """Write the association graph of CASE as a link chart.

    NAME is that of the files in the folder 'charts' of the case.
    """
    with opened_case(case, investigator) as opened:
        network = _graph_of(opened, **asked)
        chosen = {"formats": formats} if formats else {}
        files = opened.export_link_chart(network, name, unlock=unlock, **chosen)
    print_result("\n".join([_counted(network), *map(str, files)]), {**_counts(network), "files": files})


@commands.command()
@with_params(
    CASE,
    click.option("--html", type=FILE, required=True, help="Write this page: it runs in any browser and asks nobody."),
    click.option("--title", default="", help="Heading; by default the name of the case."),
    *_CHART,
)
def chart(case: Path, html: Path, title: str, *, unlock: str, investigator: str, **asked: Any) -> None:
    """Write the association graph of CASE as an interactive page."""
    with opened_case(case, investigator) as opened:
        network = _graph_of(opened, **asked)
        file = opened.show(network, title, unlock=unlock).save(html)
    print_result(f"{_counted(network)}\n{file}", {**_counts(network), "file": file})


@commands.command("court-sheet")
@with_params(
    CASE,
    click.argument("name"),
    click.option("--title", default="", help="Heading of the sheet; by default NAME."),
    click.option("--note", default="", help="What its maker wants on it."),
    click.option("--paper", default="A3", show_default=True, help="A3 or A4, in landscape."),
    *_CHART,
)
def court_sheet(case: Path, name: str, *, investigator: str, **asked: Any) -> None:
    """Write the association graph of CASE as a PDF for a court.

    The drawing, what it hides, every node and edge with its exhibits, and the SHA-256 of the list of evidence. NAME is
    that of the file in the folder 'charts' of the case. Needs pip install 'osint[report]'.
    """
    printed = {word: asked.pop(word) for word in ("title", "note", "paper", "unlock")}
    with opened_case(case, investigator) as opened:
        network = _graph_of(opened, **asked)
        file = opened.export_court_sheet(network, name, **printed)
    print_result(f"{_counted(network)}\n{file}", {**_counts(network), "file": file})


@commands.command()
@with_params(CASE, click.argument("measure", default="betweenness"), _RELATIONS, CSV)
def centrality(case: Path, measure: str, relations: tuple[str, ...], csv: Path | None) -> None:
    """Rank the nodes of the association graph of CASE.

    The ten that lead are printed; --csv and --json give all. MEASURE is degree, in_degree, out_degree, strength,
    betweenness, closeness, eigenvector, pagerank, constraint, effective_size, k_core, k_truss or degree_among_authors.
    """
    import osint

    with case_to_read(case) as opened:
        ranks = osint.centrality(_association_graph(opened, relations), measure)
    if csv or wants_json():
        print_table(ranks, (), csv)
        return
    leading = ranks[ranks["value"] > 0].head(_LEADING)
    rows = [[cell(value) for value in row] for row in leading[["rank", "value", "kind", "label"]].to_numpy().tolist()]
    rest = f"{len(leading)} of {count(len(ranks), 'node')}; --csv FILE writes all."
    print_result("\n".join([render.columns([("rank", "value", "kind", "label"), *rows]), rest, *_caveats(ranks)]), None)


@commands.command()
@with_params(
    CASE,
    click.argument("name"),
    many(
        "--with", "parameters", text="A parameter of the measure, as size=3 or source=account:mastodon:one@a.example."
    ),
    _RELATIONS,
    CSV,
)
def measure(case: Path, name: str, parameters: tuple[str, ...], relations: tuple[str, ...], csv: Path | None) -> None:
    """Measure the association graph of CASE.

    Each result says how far it holds when some ties are hidden.

    NAME is that of a ranking (degree, betweenness, ...), or bridges, articulation_points, cliques, key_players,
    brokerage, removal, communities, co_assignment, paths, timed_paths, trajectory, activity, bursts or unseen_ties. The
    ten first rows are printed; --csv and --json give all.
    """
    import osint
    from osint.graph.measures import takes_posts
    from osint.graph.observations import RELATIONS

    with case_to_read(case) as opened:
        posts = opened.posts()
        network = osint.association_graph(posts, relations or RELATIONS)
        given = {"posts": posts} if takes_posts(name) else {}
        found = osint.measure(network, name, **given, **dict(map(_parameter, parameters)))
    if csv or wants_json():
        print_table(found, (), csv)
        return
    shown = [column for column in found.columns if column not in ("node", "kind") or "label" not in found]
    rows = [[cell(value) for value in row] for row in found[shown].head(_LEADING).to_numpy().tolist()]
    text = render.columns([shown, *rows])
    said = [f"{len(rows)} of {count(len(found), 'row')}; --csv FILE writes all."]
    said += [f"{word.capitalize()}: {found.attrs[word]}" for word in ("method", "parameters", "stability", "ties")]
    print_result("\n".join([text, *said, *_caveats(found)]), None)


@commands.command()
@with_params(CASE, _RELATIONS, CSV)
def communities(case: Path, relations: tuple[str, ...], csv: Path | None) -> None:
    """Divide the association graph of CASE into groups.

    A group has more ties inside than chance would give. It is not an organisation.
    """
    import osint

    with case_to_read(case) as opened:
        groups = osint.communities(_association_graph(opened, relations))
    print_table(groups, ("community", "size", "label"), csv, _caveats(groups))


@commands.command()
@with_params(
    CASE,
    click.argument("exhibit", required=False),
    click.option(
        "--output", type=FILE, help="Write EXHIBIT as a page for any browser; it runs nothing and asks nobody."
    ),
    click.option("--replaywebpage", type=FOLDER, help="The folder of ReplayWeb.page, where npm does not keep it."),
    click.option("--pywb", type=FILE, help="The program pywb, to be used instead of ReplayWeb.page."),
    click.option("--no-browser", is_flag=True, help="Print the address for a browser of your own, and start none."),
)
def replay(case: Path, exhibit: str | None, output: Path | None, *, no_browser: bool, **players: Path | None) -> None:
    """Show EXHIBIT of CASE again, from evidence alone.

    Without EXHIBIT the whole CASE is shown, with the script of its pages, by ReplayWeb.page or pywb: programs that you
    install yourself. It is shown on this machine alone, in a Chromium without network, until you close that or press
    Ctrl-C.
    """
    if exhibit is None:
        if output:
            raise click.UsageError("--output writes one exhibit: name it.")
        _replay_all(case, open_browser=not no_browser, **players)
        return
    with case_to_read(case) as opened:
        shown = opened.replay(exhibit)
        text = f"{exhibit} as a page: {shown.save(output)}" if output else str(shown)
    print_result(text, shown.facts | {"text": shown.page.text})


def _replay_all(case: Path, *, open_browser: bool, **players: Path | None) -> None:
    from osint.serve.replay import replay_case

    check_is_case(case)
    ended = replay_case(
        case, lambda line: click.echo(render.visible_lines(line), err=True), open_browser=open_browser, **players
    )
    print_result(str(ended), ended)


@commands.command()
@with_params(
    CASE,
    click.option("--svg", type=FILE, help="Draw it into this file instead; needs --investigator."),
    many("--concerning", "accounts", text="Only the posts by this account, or that answer, pass on or mention it."),
    CSV,
    click.option("--investigator", help=WHO, **BY_SETTING),
)
def timeline(
    case: Path, svg: Path | None, accounts: tuple[str, ...], csv: Path | None, investigator: str | None
) -> None:
    """Print the posts and files of CASE on one axis of time.

    With --svg it is a picture that leaves the case: searched for secrets, and logged.
    """
    import osint

    if svg and not investigator:
        raise click.UsageError("--svg is logged, so it needs --investigator (or OSINT_INVESTIGATOR).")
    with opened_case(case, investigator) if svg and investigator else case_to_read(case) as opened:
        events = _events(opened, accounts) if accounts else osint.event_timeline(opened.posts(), opened.media())
        if svg:
            picture = opened.show(events)
            print_result(f"{picture}\n{picture.save(svg)}", {"file": svg, "events": len(events)})
        else:
            print_table(events, ("start", "end", "kind", "actor", "text", "exhibit"), csv)


def _events(opened: Case, accounts: tuple[str, ...]) -> pd.DataFrame:
    import osint

    return osint.event_timeline(osint.concerning(opened.posts(), accounts))


def _graph_of(
    opened: Case, *, relations: tuple[str, ...], region: str | None, derived: tuple[str, ...], **narrowed: Any
) -> nx.MultiDiGraph[Any]:
    from osint.graph.entities import TextSearch
    from osint.graph.observations import RELATIONS

    search = TextSearch(region=region) if region else None
    return opened.graph(relations or RELATIONS, search=search, derived=dict(map(_rule, derived)), **narrowed)


def _counts(network: nx.MultiDiGraph[Any]) -> dict[str, int]:
    hidden = {name: network.graph[name] for name in ("hidden_nodes", "hidden_edges")}
    return {"nodes": network.number_of_nodes(), "edges": network.number_of_edges(), **hidden}


def _counted(network: nx.MultiDiGraph[Any]) -> str:
    counts = _counts(network)
    left_out = f"Not shown: {count(counts['hidden_nodes'], 'node')}, {count(counts['hidden_edges'], 'edge')}."
    shown = f"{count(counts['nodes'], 'node')}, {count(counts['edges'], 'edge')}."
    return f"{shown} {left_out} An association is not guilt."


def _association_graph(opened: Case, relations: Sequence[str]) -> nx.MultiDiGraph[Any]:
    import osint
    from osint.graph.observations import RELATIONS

    return osint.association_graph(opened.posts(), relations or RELATIONS)


def _caveats(table: pd.DataFrame) -> list[str]:
    """Return what a reader of a measure has to know, as the measure itself says it."""
    caveat = str(table.attrs.get("caveat", ""))
    return [f"Mind: {caveat}"] if caveat else []


def _parameter(text: str) -> tuple[str, Any]:
    """Read NAME=VALUE; a value that JSON knows (a number, true, null) is that, and any other is text."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise click.BadParameter(f"{text!r} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _rule(text: str) -> tuple[str, dict[str, Any]]:
    """Read NAME or NAME:PARAMETER=VALUE,PARAMETER=VALUE."""
    name, _, given = text.partition(":")
    return name, dict(map(_parameter, given.split(","))) if given else {}
