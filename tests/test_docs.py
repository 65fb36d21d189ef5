"""The documentation says what is there, all of it, and nothing else."""

import base64
import dataclasses
import hashlib
import inspect
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
import networkx as nx
import pandas as pd
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from tsa import StampingAuthority

import osint
from osint import parts, retrieving, searching, timeline
from osint.activity import ParseWarning, Post
from osint.capture.network import Network
from osint.case import Case
from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.export import ExportedLedger
from osint.chain_of_custody.keys import load_or_create
from osint.chain_of_custody.ledger import Ledger
from osint.cli import main
from osint.collecting.run import statement
from osint.collectors.protocol import Stop
from osint.errors import GraphError
from osint.gate import Gate
from osint.graph.association import RELATIONS
from osint.graph.link_chart import FORMATS
from osint.graph.measures import names
from osint.media import table
from osint.media.description import MediaFacts
from osint.media.similarity import pictures, same_films
from osint.opening import open_case
from osint.phases import disclosing, due, marking, masking, retention, stating, templates, translating
from osint.policy.authorization import PURPOSES
from osint.policy.pack_text import DEFAULT, built_in
from osint.posts import frame, near_duplicates
from osint.production import register
from osint.report import holders, records_found, records_table
from osint.report.custody_log import COLUMNS as LOG_COLUMNS
from osint.report.custody_table import custody_table
from osint.screening import records
from osint.serve.sample_site import SampleSite
from osint.settings import FILE_VARIABLE, SETTINGS
from osint.views import found

ROOT = Path(__file__).parents[1]
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
AUDIENCES = ("administrator", "analyst", "defence", "detective", "prosecutor")
SESSION_DAY = datetime(2026, 11, 22, 9, tzinfo=UTC)


def section(page, heading):
    """Return the text under a heading, up to the next one of its level."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGES[page], re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no section {heading!r}"
    return found[1]


def rows(page, heading):
    """Return the rows of the one table under a heading, cell by cell, without the backticks of code."""
    lines = [line for line in section(page, heading).splitlines() if line.startswith("|")][2:]
    split = [re.split(r"(?<!\\)\|", line.strip("|")) for line in lines]
    return [tuple(cell.strip().replace(r"\|", "|") for cell in cells) for cells in split]


def code(cell):
    assert re.fullmatch("`[^`]+`", cell), cell
    return cell.strip("`")


def empty_posts():
    return frame.posts_frame([])


def a_ledger(folder):
    actor, log = (load_or_create(folder / "keys", name) for name in ("actor", "log"))
    return Ledger.create(folder / "ledger.sqlite", actor=actor, log=log)


def parts_frame(folder):
    """Merge the empty case of one officer into that of another."""
    here, there = (
        partial(open_case, investigator=f"{name}, badge 1", keys=folder / name) for name in ("Smit", "Klein")
    )
    with there(folder / "there") as case:
        case.export(folder / "package")
    with here(folder / "here") as case:
        return case.merge(folder / "package")


MEANINGS = {
    "Posts": {name: column.meaning for name, column in frame.COLUMNS.items()},
    "Found": {name: meaning for name, (_, meaning) in found.COLUMNS.items()},
    "Saved searches": {name: meaning for name, (_, meaning) in searching.SAVED_COLUMNS.items()},
    "Near-duplicates": {name: meaning for name, (_, meaning) in near_duplicates.COLUMNS.items()},
    "Warnings": frame.WARNING_COLUMNS,
    "Media": table.COLUMNS,
    "Values of media": table.VALUE_COLUMNS,
    "Links between media": table.LINK_COLUMNS,
    "Same pictures": pictures.COLUMNS,
    "Wide net": pictures.PAIR_COLUMNS,
    "Same films": same_films.COLUMNS,
    "Timeline": timeline.COLUMNS,
    "Centrality": dict.fromkeys(("node", "label", "kind", "value", "rank"), ""),
    "Communities": dict.fromkeys(("node", "label", "community", "size", "together"), ""),
    "Custody log": dict.fromkeys((*LOG_COLUMNS, "anchored"), ""),
    "Custody": dict.fromkeys(holders.COLUMNS, ""),
    "Retention": {name: meaning for name, (_, meaning) in retention.COLUMNS.items()},
    "Disclosures": {name: meaning for name, (_, meaning) in disclosing.COLUMNS.items()},
    "Productions": {name: meaning for name, (_, meaning) in register.COLUMNS.items()},
    "Records requests": {name: meaning for name, (_, meaning) in records_found.REQUEST_COLUMNS.items()},
    "What answers a request": {name: meaning for name, (_, meaning) in records_found.ITEM_COLUMNS.items()},
    "Retrieved": {name: meaning for name, (_, meaning) in retrieving.COLUMNS.items()},
    "Private facts": disclosing.PRIVATE_COLUMNS,
    "Masks": {name: meaning for name, (_, meaning) in masking.COLUMNS.items()},
    "Notes": {name: meaning for name, (_, meaning) in stating.NOTES.items()},
    "Marks": {name: meaning for name, (_, meaning) in marking.COLUMNS.items()},
    "Translations": {name: meaning for name, (_, meaning) in translating.COLUMNS.items()},
    "Checklist": {name: meaning for name, (_, meaning) in templates.COLUMNS.items()},
    "Due": {name: meaning for name, (_, meaning) in due.COLUMNS.items()},
    "Parts": {name: meaning for name, (_, meaning) in parts.COLUMNS.items()},
    "Records": records_table.COLUMNS,
    "Uniformity": {name: meaning for name, (_, meaning) in records.COLUMNS.items()},
}


def with_a_template(folder: Path) -> pd.DataFrame:
    ledger = a_ledger(folder)
    gate = Gate(ledger)
    templates.choose(gate, ledger, "missing_person")
    return templates.checklist(gate, ledger)


FRAMES = {
    "Posts": lambda _: empty_posts(),
    "Found": lambda _: found.found_table([], "Nothing found"),
    "Saved searches": lambda folder: searching.Searching(folder, a_ledger(folder), *[None] * 6, "").saved(),
    "Near-duplicates": lambda _: near_duplicates.near_duplicates(empty_posts()),
    "Warnings": lambda _: frame.warnings_frame([]),
    "Media": lambda _: table.frame([]),
    "Values of media": lambda _: table.values_frame([]),
    "Links between media": lambda _: table.links_frame([], {}),
    "Same pictures": lambda _: pictures.same_pictures([]),
    "Wide net": lambda _: pictures.wide_net([]),
    "Same films": lambda _: same_films.same_films([]),
    "Timeline": lambda _: timeline.event_timeline(empty_posts()),
    "Centrality": lambda _: osint.centrality(nx.MultiDiGraph(), "degree"),
    "Communities": lambda _: osint.communities(nx.MultiDiGraph()),
    "Custody log": lambda folder: custody_table(a_ledger(folder)),
    "Custody": lambda folder: holders.holders(a_ledger(folder), SESSION_DAY),
    "Retention": lambda folder: retention.Retention(a_ledger(folder), Gate(a_ledger(folder / "g"))).table(),
    "Masks": lambda folder: masking.Masking(folder, a_ledger(folder), None, None, "").table(),
    "Notes": lambda folder: stating.Stating(folder, a_ledger(folder), Gate(a_ledger(folder / "g")), list, "").notes(),
    "Marks": lambda folder: marking.Marking(a_ledger(folder), Gate(a_ledger(folder / "g")), list, list, "").table(),
    "Translations": lambda folder: translating.Translating(
        a_ledger(folder), Gate(a_ledger(folder / "g")), list, list, ""
    ).table(),
    "Checklist": with_a_template,
    "Due": lambda _: due.due_frame([]),
    "Disclosures": lambda folder: disclosing.Disclosing(a_ledger(folder), None).table(),
    "Productions": lambda folder: register.register(a_ledger(folder).entries()),
    "Records requests": lambda _: records_found.requests_table([], None),
    "What answers a request": lambda _: records_found.Responsive(
        request=None, state="", until=None, law=None, standing="", found={}, items=(), decided_by={}
    ).table(),
    "Retrieved": lambda _: retrieving.Retrieved(by="", items=()).table(),
    "Private facts": lambda folder: disclosing.Disclosing(None, Gate(a_ledger(folder))).private_facts(empty_posts()),
    "Parts": parts_frame,
    "Records": lambda _: records_table.records_table([], built_in(DEFAULT), SESSION_DAY),
    "Uniformity": lambda _: records.uniformity(records.Records()),
}


@pytest.mark.parametrize("heading", FRAMES)
def test_each_table_has_the_documented_columns_and_no_other(heading, tmp_path):
    """Names, order and dtypes of the page are those of the table itself."""
    made = FRAMES[heading](tmp_path)
    documented = {code(name): code(dtype) for name, dtype, _ in rows("columns", heading)}
    assert documented == {str(name): str(dtype) for name, dtype in made.dtypes.items()}
    assert list(documented) == list(made.columns)


@pytest.mark.parametrize("heading", MEANINGS)
def test_each_column_means_what_the_program_says(heading):
    """The page may say more than the program, never something else."""
    documented = {code(name): meaning for name, _, meaning in rows("columns", heading)}
    assert documented.keys() == MEANINGS[heading].keys()
    assert all(documented.values())
    assert [name for name, meaning in MEANINGS[heading].items() if not documented[name].startswith(meaning)] == []


def test_every_field_of_a_record_is_a_documented_column():
    """What a collector or the media reader gives does not vanish on the way to a table."""
    fields = {kind: {field.name for field in dataclasses.fields(kind)} for kind in (Post, ParseWarning, MediaFacts)}
    assert fields[Post] <= MEANINGS["Posts"].keys()
    assert fields[ParseWarning] <= MEANINGS["Warnings"].keys()
    assert fields[MediaFacts] - {"values"} <= MEANINGS["Media"].keys()


def test_each_audience_has_a_page_that_says_what_is_missing():
    """Nobody learns in court that something was never built."""
    assert all(section(page, "Not there yet").strip() for page in AUDIENCES)


def test_no_page_is_longer_than_somebody_reads():
    """Tables to look things up in do not count; the rest of a page is at most 400 lines."""
    prose = {name: [line for line in text.splitlines() if not line.startswith("|")] for name, text in PAGES.items()}
    assert {name: len(lines) for name, lines in prose.items() if len(lines) > 400} == {}


def test_every_picture_is_shown_described_and_small():
    """A picture that no page shows rots; one without words shows a blind reader nothing."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = [
        each for page in pages for each in re.findall(r"!\[([^\]]*)\]\((\S+?)\)", page.read_text(encoding="utf-8"))
    ]
    images = sorted((ROOT / "docs" / "images").iterdir())
    assert sorted({Path(path).name for _, path in shown}) == [path.name for path in images]
    assert [path for said, path in shown if len(said) < 20] == []
    assert [path.name for path in images if path.stat().st_size > 200_000] == []


def test_every_collector_is_documented():
    """What can be collected, and how it is known to work, is in the table that the detective's page leads to."""
    table = (ROOT / "osint" / "collectors" / "README.md").read_text(encoding="utf-8")
    assert [name for name in osint.catalogue()["collector"] if f"`{name}`" not in table] == []


def test_every_public_name_is_in_the_documentation():
    """Whatever ``import osint`` offers is explained somewhere."""
    text = "\n".join(PAGES.values())
    assert [name for name in osint.__all__ if not re.search(rf"\b(osint\.{name}|{name})\b", text)] == []


def test_every_method_of_a_case_is_in_the_table_and_no_other():
    """The table at the end of the detective's page is the whole of a case."""
    public = {name for name, _ in inspect.getmembers(Case) if not name.startswith("_")}
    documented = {re.match(r"case\.(\w+)", code(call))[1] for call, _ in rows("detective", "Everything a case can do")}
    assert documented == public


def test_every_decision_is_in_the_list():
    """A page that nobody lists is a page that nobody reads."""
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in folder.glob("[0-9]*.md"))


def test_every_variable_is_documented_and_no_other():
    """An administrator finds each variable that the program reads."""
    files = [path for path in (ROOT / "osint").rglob("*.py") if path.name != "settings.py"]
    read = set(re.findall(r"""['"](OSINT_[A-Z0-9_]*[A-Z0-9])['"]""", "\n".join(map(Path.read_text, files))))
    pages = PAGES["administrator"] + PAGES["keys-and-anchors"]
    documented = set(re.findall(r"^\| `(OSINT_[A-Z0-9_]+)`", pages, re.MULTILINE))
    assert read == {each.variable for each in SETTINGS.values()}
    assert documented == read | {FILE_VARIABLE}


def test_every_stop_reason_is_documented_in_the_words_of_the_program():
    """Page and program say the same of how far a run reaches."""
    documented = {code(stop): said for stop, said in rows("detective", 'What "complete" means')}
    assert documented == {stop.value: statement(stop) for stop in Stop}


def test_every_purpose_is_documented_with_its_paragraph():
    """The closed list of purposes is the one that the program accepts."""
    assert {code(purpose): rests_on for purpose, rests_on in rows("detective", "Purposes")} == PURPOSES


def test_every_relation_is_documented():
    """What an edge says is written down for each kind of edge."""
    assert [code(relation) for relation, _ in rows("analyst", "The graph")] == list(RELATIONS)


def test_every_measure_is_documented():
    """The page lists the measures that the program knows."""
    with pytest.raises(GraphError) as refused:
        osint.centrality(nx.MultiDiGraph(), "?")
    known = str(refused.value).partition("known measures: ")[2].split(", ")
    assert [code(measure) for measure, _ in rows("analyst", "Measures")] == known
    others = [code(measure) for measure, _ in rows("analyst", "Measures of sets, ways and times")]
    assert [*known, *others] == names()


def test_every_chart_format_is_documented():
    """An analyst can look up how to open each file."""
    assert [code(name) for name, _, _ in rows("analyst", "Formats")] == list(FORMATS)


def test_every_network_setting_is_documented_with_its_default():
    """An administrator sees each setting and what holds without it."""
    documented = {code(name): default.strip("`") for name, default, _ in rows("administrator", "Network")}
    fields = {field.name: getattr(Network(), field.name) for field in dataclasses.fields(Network)}
    assert documented == {name: repr(value) for name, value in fields.items()} | {"resolver": "the system's"}


def test_every_command_is_documented_and_no_other():
    """The administrator's list of commands is that of the program, and no page names a command that is not there."""
    documented = [code(command).removeprefix("osint ") for command, _ in rows("administrator", "Commands")]
    assert sorted(documented) == sorted(main.commands)
    named = set(re.findall(r"`osint ([a-z][a-z-]*)[ `]", "\n".join(PAGES.values())))
    assert named <= main.commands.keys()


def test_every_command_of_a_group_is_documented_and_no_other():
    """What stands behind a group of commands is listed beside it, so that nobody has to guess."""
    groups = {name: set(each.commands) for name, each in main.commands.items() if isinstance(each, click.Group)}
    documented = {
        code(command).removeprefix("osint "): set(re.findall(r"`([a-z-]+)`", said))
        for command, said in rows("administrator", "Commands")
    }
    assert {name: documented[name] for name in groups} == groups


def named_commands():
    """Yield each command that a page names, in a sentence or in the lines to type, with the words behind it."""
    text = "\n".join(PAGES.values())
    blocks = "\n".join(re.findall(r"```sh[ a-z]*\n(.*?)```", text, re.DOTALL)).replace("\\\n", "")
    yield from re.findall(r"`osint ([a-z][a-z-]*)( [^`]*)?`", text)
    yield from re.findall(r"^(?:\S*/)?osint ([a-z][a-z-]*)( [^#\n]*)?", blocks, re.MULTILINE)


def test_every_named_option_is_one_of_its_command():
    """A line that a reader copies into a terminal is understood there."""
    for name, rest in named_commands():
        ours, _, _ = rest.replace("\n", " ").partition(" -- ")  # the rest is for another program
        command, words = main.commands[name], ours.split()
        if isinstance(command, click.Group):
            command = command.commands[words[0]] if words else command
        options = {
            text
            for each in command.params
            if isinstance(each, click.Option)
            for text in (*each.opts, *each.secondary_opts)
        }
        assert set(re.findall(r"--[a-z-]+", ours)) <= options, (name, rest)


def test_links_between_pages_lead_somewhere():
    """Files exist, and so do the headings that a link names."""
    for page in [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "handbook").glob("*.md")]:
        text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]+)?(?:#([^)]+))?\)", text):
            path = (page.parent / target).resolve() if target else page
            assert path.is_file(), f"{page.stem}: {target}"
            if anchor:
                assert anchor in _anchors(path.read_text(encoding="utf-8")), f"{page.stem}: {target}#{anchor}"


def _anchors(text):
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def blocks(page):
    return re.findall(r"```python\n(.*?)```", PAGES[page], re.DOTALL)


def test_the_sessions_of_the_pages_work_as_they_are_written(tmp_path, monkeypatch):
    """A detective, and then an analyst, type every line of their page; each action in the log is explained."""
    monkeypatch.chdir(tmp_path)
    with SampleSite() as site:
        network = Network(hosts=site.hosts, ca=site.ca, pace=0)
        practice = partial(open_case, network=network, keys=tmp_path / "keys", clock=lambda: SESSION_DAY)
        monkeypatch.setattr(osint, "open_case", practice, raising=False)
        for page in ("detective", "keeping", "analyst"):
            desk = {}
            for block in blocks(page):
                exec(compile(block, f"docs/{page}.md", "exec"), desk)
        actions = set(desk["case"].ledger["action"])
        desk["case"].close()
    assert (tmp_path / "hand-over" / "2026-0417" / "manifest-sha256.txt").is_file()
    assert [action for action in actions if f"`{action}`" not in section("columns", "Custody log")] == []


def example(kind):
    """Return the one example of its kind on the administrator's pages."""
    pages = PAGES["administrator"] + PAGES["keys-and-anchors"]
    (text,) = re.findall(rf"```{kind}\n(.*?)```", pages, re.DOTALL)
    return text


def test_the_anchors_and_the_policy_of_the_administrator_are_read(tmp_path):
    """The examples are ones that the program takes, beside the certificates of an authority."""
    made = StampingAuthority.create(tmp_path)
    for name, each in (("tsa.pem", made.signer), ("tsa-chain.pem", made.root)):
        (tmp_path / name).write_bytes(each.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "witnesses.txt").write_text(example("text policy"), encoding="utf-8")
    (tmp_path / "anchors.toml").write_text(example("toml anchors"), encoding="utf-8")
    anchors = Anchors.read(tmp_path / "anchors.toml")
    assert [each.name for each in anchors.timestamps] == ["Westmere time stamps"]
    assert anchors.witnesses.satisfied(["court", "prosecutor"])
    assert not anchors.witnesses.satisfied(["court"])
    assert list(anchors.witnesses.urls) == ["court"]


def test_the_network_file_of_the_administrator_is_read(tmp_path):
    """The example is one that the program takes."""
    text = example("toml network")
    (tmp_path / "network.toml").write_text(text, encoding="utf-8")
    (tmp_path / "agency-ca.pem").touch()
    network = Network.read(tmp_path / "network.toml")
    assert network.hosts == {"mirror.example": ("10.20.0.7", 443), "six.example": ("fd00::7", 443)}
    assert network.contact == "osint@agency.example"


def test_the_proxy_of_the_administrator_is_read(tmp_path):
    """The example is one that the program takes, and names the files beside it."""
    (tmp_path / "network.toml").write_text(example("toml proxy"), encoding="utf-8")
    (tmp_path / "agency-ca.pem").touch()
    network = Network.read(tmp_path / "network.toml")
    assert network.label == "via-proxy:proxy.agency.example:3128"
    assert network.proxy_credentials == f"file:{tmp_path / 'proxy-credentials.txt'}"


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A package with a few exhibits, as the defence receives it."""
    folder = tmp_path_factory.mktemp("defence")
    with SampleSite() as site:
        network = Network(hosts=site.hosts, ca=site.ca, pace=0)
        with open_case(folder / "case", investigator="J. Smit", network=network, keys=folder / "keys") as case:
            stated = {"type": "report", "purpose": "missing_person", "expires": "9999-12-31", "subjects": ["Jane"]}
            case.authorize(osint.Authorization(identifier="MP-1", accounts=["@jane@social.example"], **stated))
            case.collect("mastodon", account="@jane@social.example")
            return case.export(folder / "package").folder


def _taken_away(blob, manifest):
    blob.unlink()
    lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    manifest.write_text("".join(line for line in lines if blob.name not in line), encoding="utf-8", newline="")


def _exchanged(blob, _):
    blob.chmod(0o600)
    blob.write_bytes(b"forged")


def _slipped_in(blob, _):
    blob.with_name(f"{hashlib.sha256(b'').hexdigest()}.warc.gz").touch()


EVIDENCE_LOOPS = {  # each with the folder of the package in which its lines are typed
    "defence": (PAGES["defence"], "."),
    "ledger format": ((ROOT / "osint" / "chain_of_custody" / "README.md").read_text(encoding="utf-8"), "data"),
}


@pytest.mark.parametrize(("page", "place"), EVIDENCE_LOOPS.values(), ids=EVIDENCE_LOOPS.keys())
@pytest.mark.parametrize(
    ("attack", "said"),
    [
        (None, ""),
        (_taken_away, "in the ledger and not there: E0002 "),
        (_exchanged, "not its own name: "),
        (_slipped_in, "not in the ledger: "),
    ],
    ids=["untouched", "taken away", "exchanged", "slipped in"],
)
def test_the_defences_look_at_the_evidence_finds_what_was_done_to_it(package, tmp_path, page, place, attack, said):
    """The shell lines of step 2 see a copy that was exchanged, slipped in, or removed together with its listed hash."""
    missing = [tool for tool in ("sh", "sha256sum", "jq", "find") if not shutil.which(tool)]
    if missing:
        pytest.skip(f"this machine lacks {missing}")
    folder = Path(shutil.copytree(package, tmp_path / "hand-over"))
    ledger = ExportedLedger(folder / "data")
    second = [entry for record in ledger.records() if (entry := _exhibit(record.line))][1]
    if attack:
        attack(next(folder.rglob(f"{second}.warc.gz")), folder / "manifest-sha256.txt")
    (lines,) = re.findall(r"```sh evidence\n(.*?)```", page, re.DOTALL)
    done = subprocess.run(
        ["sh", "-c", lines], cwd=folder / place, capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout.startswith(said), bool(done.stdout), done.stderr) == (True, bool(said), "")


def _exhibit(line):
    payload = json.loads(base64.b64decode(json.loads(line)["payload"]))
    return next((item["sha256"] for item in payload["result"] if "exhibit" in item), None)


def test_the_defence_checks_a_package_with_one_file_and_nothing_of_ours(package, tmp_path):
    """The lines of step 3 verify the package as it is, and not one whose evidence was exchanged."""
    if missing := [tool for tool in ("sh", "python3", "openssl") if not shutil.which(tool)]:
        pytest.skip(f"this machine lacks {missing}")
    folder = Path(shutil.copytree(package, tmp_path / "hand-over"))
    shutil.copy(folder / "verify_case.py", tmp_path)
    first, second = re.findall(r"```sh verifier\n(.*)\n(.*)\n```", PAGES["defence"])[0]
    shutil.copy(sorted((folder / "data").glob("checkpoint-*.txt"))[-1], tmp_path / "head.txt")
    lines = (first, second.removesuffix(" --root authority.pem"))
    check = partial(subprocess.run, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    good = [check(["sh", "-c", line]) for line in lines]
    _exchanged(next(folder.rglob("*.warc.gz")), None)
    bad = check(["sh", "-c", first])
    assert [done.returncode for done in good] == [0, 0]
    assert bad.returncode == 1
    assert "step 8" in bad.stdout
