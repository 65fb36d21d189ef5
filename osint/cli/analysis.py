"""Commands that relate, rank and order what was collected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osint import render
from osint.cli.command import Commands
from osint.cli.opening import case_to_read, check_is_case, opened_case
from osint.cli.options import CASE, CSV, FILE, WRITER, many, with_params
from osint.cli.printing import cell, count, print_result, print_table, wants_json, write

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from osint.case import Case

commands = Commands()

FOLDER = click.Path(path_type=Path, file_okay=False)
_LEADING = 10
_RELATIONS = many("--relation", "relations", text="mention, reply, announce, quote, link, hashtag; by default all.")


@commands.command()
@with_params(
    CASE,
    click.argument("name"),
    many("--format", "formats", text="graphml, gexf, csv, anb-csv, svg, png; by default those of a notebook."),
    _RELATIONS,
    WRITER,
)
def graph(case: Path, name: str, formats: tuple[str, ...], relations: tuple[str, ...], investigator: str) -> None:
    """Write the association graph of CASE as a link chart.

    NAME is that of the files in the folder 'charts' of the case.
    """
    with opened_case(case, investigator) as opened:
        network = _association_graph(opened, relations)
        chosen = {"formats": formats} if formats else {}
        files = opened.export_link_chart(network, name, **chosen)
    nodes, edges = network.number_of_nodes(), network.number_of_edges()
    print_result(
        "\n".join([f"{count(nodes, 'node')}, {count(edges, 'edge')}. An association is not guilt.", *map(str, files)]),
        {"nodes": nodes, "edges": edges, "files": files},
    )


@commands.command()
@with_params(CASE, click.argument("measure", default="betweenness"), _RELATIONS, CSV)
def centrality(case: Path, measure: str, relations: tuple[str, ...], csv: Path | None) -> None:
    """Rank the nodes of the association graph of CASE.

    The ten that lead are printed; --csv and --json give all. MEASURE is degree, in_degree, out_degree, betweenness,
    closeness, eigenvector or pagerank.
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
@with_params(CASE, click.option("--svg", type=FILE, help="Draw it into this file instead of printing it."), CSV)
def timeline(case: Path, svg: Path | None, csv: Path | None) -> None:
    """Print the posts and files of CASE on one axis of time."""
    import osint

    with case_to_read(case) as opened:
        events = osint.event_timeline(opened.posts(), opened.media())
        if svg:
            picture = opened.show(events)
            print_result(f"{picture}\n{write(svg, picture.svg)}", {"file": svg, "events": len(events)})
        else:
            print_table(events, ("start", "end", "kind", "actor", "text", "exhibit"), csv)


def _association_graph(opened: Case, relations: Sequence[str]) -> nx.MultiDiGraph[Any]:
    import osint
    from osint.graph.association import RELATIONS

    return osint.association_graph(opened.posts(), relations or RELATIONS)


def _caveats(table: pd.DataFrame) -> list[str]:
    """Return what a reader of a measure has to know, as the measure itself says it."""
    caveat = str(table.attrs.get("caveat", ""))
    return [f"Mind: {caveat}"] if caveat else []
