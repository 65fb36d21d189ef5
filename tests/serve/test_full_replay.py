"""``osint replay CASE``: what is found, what is served to whom, and what stays when it ends. No player is real here."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from few import few
from origin import http as answer

from osint.capture.browser.chromium import PROXY_ONLY
from osint.chain_of_custody.ledger import Ledger
from osint.cli import main
from osint.errors import CaseError, EvidenceError, ExportError
from osint.report.viewing_copy import write_viewing_copy
from osint.serve.replay.closed_browser import command_line
from osint.serve.replay.players import Pywb, ReplayWebPage, find_player
from osint.serve.replay.pywb import pywb_site
from osint.serve.replay.site import NOTHING, ReplaySite, part_of, replayweb_site
from osint.store.blobs import FolderBlobs
from osint.wacz.reading import open_wacz

HTML = "Content-Type: text/html; charset=utf-8"
PAGE = b"<html><title>Pier</title><body><p>Seen at the pier.</p></body></html>"
SERVER = f"""#!{sys.executable}
import http.server, json, os, sys
class Told(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        told = dict(path=self.path, headers=dict(self.headers), arguments=sys.argv[1:], cwd=os.getcwd(), environment=dict(os.environ))
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Told).serve_forever()
"""


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def player(tmp_path) -> Path:
    """A folder with two files of the right names."""
    folder = tmp_path / "replaywebpage"
    folder.mkdir()
    for name in ("ui.js", "sw.js"):
        (folder / name).write_text(f"// {name} of nobody\n")
    return folder


@pytest.fixture
def case(open_case, origin) -> Path:
    """A case with one page and one file that was handed in."""
    import osint

    case = open_case()
    case.collect("webpage", url=origin.serve("/pier", answer(PAGE, HTML)))
    saved = case.folder.parent / "saved.html"
    saved.write_bytes(PAGE)
    declared = osint.SavedBy(
        name="A. Witness", role="witness", at="2026-05-30T08:15Z", program="not known", came="by hand", logged_in=True,
        as_whom="@a@social.example", address="http://127.0.0.1/saved",
    )  # fmt: skip
    case.import_file(saved, declared)
    case.close()
    return case.folder


@pytest.fixture
def archive(case, tmp_path) -> Path:
    path = tmp_path / "case.wacz"
    with Ledger.read(case / "ledger.sqlite") as ledger:
        write_viewing_copy(ledger, FolderBlobs(case / "evidence"), "case", path)
    return path


@pytest.fixture
def site(player, archive) -> Iterator[ReplaySite]:
    with replayweb_site(player, archive) as site:
        yield site


def ask(site: ReplaySite, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    given = connection.getresponse()
    found = given.status, dict(given.headers), given.read()
    connection.close()
    return found


def start_of(site: ReplaySite) -> str:
    return site.url.removeprefix(f"http://127.0.0.1:{site.port}")


# -- finding a player --------------------------------------------------------------------------------------------------


def test_without_a_player_it_says_how_to_install_each_also_without_a_network(case, tmp_path):
    """
    Through the command, with nothing on the path; and nothing is left behind.
    """
    done = CliRunner(env={"PATH": str(tmp_path), "OSINT_REPLAYWEBPAGE": ""}).invoke(main, ["replay", str(case)])

    assert done.exit_code == 1
    for words in ("npm install", "npm pack", "pip install pywb", "pip download", "osint replay CASE EXHIBIT"):
        assert words in done.stderr


def test_what_is_named_comes_first_and_has_to_be_there(player, tmp_path):
    """
    The option before the variable, the variable before npm and the path; a wrong one is said and not passed over.
    """
    pywb = program(tmp_path / "bin" / "pywb", "#!/bin/sh\n")
    environment = {"PATH": str(pywb.parent), "OSINT_REPLAYWEBPAGE": str(player)}

    assert find_player(environment={"PATH": str(pywb.parent)}) == Pywb(pywb)
    assert find_player(environment=environment) == ReplayWebPage(player)
    assert find_player(pywb=pywb, environment=environment) == Pywb(pywb)
    with pytest.raises(CaseError, match=r"ui\.js and sw\.js"):
        find_player(replaywebpage=tmp_path, environment=environment)
    with pytest.raises(CaseError, match="is no program"):
        find_player(pywb=tmp_path / "nowhere", environment=environment)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for npm")
def test_npm_is_asked_where_it_keeps_its_packages(player, tmp_path):
    """
    It is told not to look for a newer one of itself. One that fails is as one that is not there.
    """
    bin_folder = tmp_path / "bin"
    program(
        bin_folder / "npm",
        f'#!/bin/sh\n[ "$npm_config_update_notifier$*" = "falseroot --global" ] && echo "{player.parent}"\n',
    )
    assert find_player(environment={"PATH": str(bin_folder)}) == ReplayWebPage(player)

    program(bin_folder / "npm", "#!/bin/sh\nexit 1\n")
    with pytest.raises(CaseError, match="Neither"):
        find_player(environment={"PATH": str(bin_folder)})


# -- what is laid out --------------------------------------------------------------------------------------------------


def test_the_copy_holds_what_was_captured_and_nothing_that_was_handed_in(archive):
    """
    The file that may open an account is not there, nor the ledger.
    """
    with open_wacz(archive) as opened:
        assert opened.warcs == ("archive/E0001.warc.gz",)
        assert not [name for name in opened.names if name.startswith("custody/")]


def test_a_changed_exhibit_is_not_shown(case, tmp_path):
    """
    Its bytes are compared with the ledger.
    """
    with Ledger.read(case / "ledger.sqlite") as ledger:
        exhibit = next(item for entry in ledger.entries() for item in entry.payload["result"] if "exhibit" in item)
        blobs = FolderBlobs(case / "evidence")
        path = blobs.path(exhibit["sha256"])
        path.chmod(0o600)
        path.write_bytes(2 * path.read_bytes())  # which is still a file of records
        with pytest.raises(EvidenceError, match="changed"):
            write_viewing_copy(ledger, blobs, "case", tmp_path / "x.wacz")


def test_a_case_without_captures_is_told_so(open_case, tmp_path):
    case = open_case()
    with pytest.raises(CaseError, match="holds no capture"):
        write_viewing_copy(case._ledger, case._blobs, "case", tmp_path / "x.wacz")


# -- the site ----------------------------------------------------------------------------------------------------------


def test_the_site_answers_whoever_knows_the_path_and_nobody_else(site, player, archive):
    """
    Neither its root nor another path; nor under another name that leads to this machine.
    """
    start = start_of(site)
    assert len(start) > 30
    assert b"<replay-web-page" in ask(site, start)[2]
    assert ask(site, f"{start}replay/sw.js?serveIndex=1")[2] == (player / "sw.js").read_bytes()
    assert ask(site, f"{start}case.wacz")[2] == archive.read_bytes()

    for path in (
        "/",
        "/case.wacz",
        "/replay/ui.js",
        f"{start}../case.wacz",
        f"{start}replay/../../etc/passwd",
        start[:-2],
    ):
        assert ask(site, path)[0] == 404
    for host in (f"rebound.example:{site.port}", f"localhost:{site.port}", "127.0.0.1", f"127.0.0.1:{site.port + 1}"):
        assert ask(site, f"{start}case.wacz", Host=host)[0] == 404
    assert ask(site, start, "POST")[0] == 501


def test_every_answer_allows_this_origin_only(site):
    """
    Also the refusals, and the service worker, whose policy is that of its script.
    """
    for path in (start_of(site), f"{start_of(site)}replay/sw.js", f"{start_of(site)}case.wacz", "/"):
        headers = ask(site, path, Origin="http://other.example")[1]
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert not {"http:", "https:", "ws:", "wss:", "*"} & set(policy.replace(";", " ").split())
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert not [name for name in headers if name.lower().startswith("access-control")]


def test_parts_of_the_archive_are_given_as_a_player_asks_for_them(site, archive):
    """
    A suffix longer than the file is all of it; HEAD says the length.
    """
    whole = archive.read_bytes()
    path = f"{start_of(site)}case.wacz"
    for asked, part in {"bytes=0-9": whole[:10], "bytes=10-": whole[10:], "bytes=-5": whole[-5:]}.items():
        status, headers, body = ask(site, path, Range=asked)
        assert (status, body) == (206, part)
    assert headers["Content-Range"] == f"bytes {len(whole) - 5}-{len(whole) - 1}/{len(whole)}"
    assert ask(site, path, Range=f"bytes=-{len(whole) + 100}")[2] == whole
    assert ask(site, path, Range=f"bytes={len(whole)}-")[0] == 416
    assert ask(site, path, "HEAD")[1]["Content-Length"] == str(len(whole))


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=a-b", "items=0-1", "bytes=0-1,3-4", "bytes=5-4", "bytes=-0"])
def test_what_is_no_single_range_gives_nothing(asked):
    assert part_of(asked, 10)[1] == 0


# -- the browser -------------------------------------------------------------------------------------------------------


def test_the_browser_reaches_one_port_and_nothing_else(tmp_path):
    """
    Other servers on this machine, Jupyter's first of all, are behind the proxy that is not there.
    """
    command = command_line(Path("chromium"), "http://127.0.0.1:4001/x/", 4001, 4002, tmp_path)

    assert command[-1] == "http://127.0.0.1:4001/x/"
    assert "--proxy-server=http://127.0.0.1:4002" in command
    assert "--proxy-bypass-list=<-loopback>;127.0.0.1:4001" in command
    assert f"--user-data-dir={tmp_path / 'profile'}" in command
    assert set(PROXY_ONLY) <= set(command)


BROWSER = """#!/bin/sh
for each do last=$each; done
printf '%s\\n' "$@" >"$TOLD"
env | sort >"$TOLD.environment"
{then}
"""


@pytest.fixture
def run(case, player, tmp_path, monkeypatch) -> Callable[..., subprocess.Popen]:
    """Start the command with a stand-in for Chromium."""
    if sys.platform == "win32":
        pytest.skip("a shell script stands in for Chromium")

    def start(then: str, *options: object) -> subprocess.Popen:
        browser = program(tmp_path / "chromium", BROWSER.replace("{then}", then))
        (tmp_path / "t").mkdir()
        environment = {
            **os.environ,
            "OSINT_CHROMIUM": str(browser),
            "TOLD": str(tmp_path / "told"),
            "TMPDIR": str(tmp_path / "t"),
        }
        command = [sys.executable, "-c", "from osint.cli import main; main()", "replay", str(case), *map(str, options)]
        return subprocess.Popen(
            [*command, "--replaywebpage", str(player)] if "--pywb" not in options else command,
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    return start


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_closing_the_browser_ends_the_replay_and_leaves_nothing(run, tmp_path):
    """
    It got a profile and a home of its own and no key of ours; the temporary folder is empty afterwards.
    """
    said, told = run("exit 0", "--json").communicate(timeout=120)

    assert json.loads(said) == {"player": "ReplayWeb.page", "pages": 1, "exhibits": 1, "network_refused": True}
    assert "no network" in told
    environment = (tmp_path / "told.environment").read_text()
    assert "OSINT_" not in environment
    assert "HOME=" + str(tmp_path / "t") in environment
    assert list((tmp_path / "t").iterdir()) == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("sent", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_an_interruption_ends_browser_and_replay_and_leaves_nothing(run, tmp_path, sent):
    """
    Ctrl-C, a polite end, and a terminal that is closed.
    """
    process = run("echo $$ >$TOLD.pid; exec sleep 600")
    eventually(lambda: (tmp_path / "told.pid").exists() and (tmp_path / "told.pid").read_text().strip() != "")
    laid_out = next((tmp_path / "t").iterdir())
    assert laid_out.stat().st_mode & 0o077 == 0
    process.send_signal(getattr(signal, sent))
    said, told = process.communicate(timeout=60)

    assert process.returncode == 0, told
    assert "removed" in said
    assert list((tmp_path / "t").iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "told.pid").read_text()), 0)


@pytest.mark.parametrize(("then", "options"), few([("exit 7", ()), ("exit 0", ("--no-browser",))], 1))
def test_without_a_browser_of_its_own_it_gives_the_address_and_a_warning(run, then, options):
    """
    Whether none is wanted or it does not start; the person is told that nobody refuses theirs the network.
    """
    process = run(then, "--json", *options)
    assert process.stderr is not None
    lines: list[str] = []
    while not lines or "Mind" not in lines[-1]:
        lines.append(process.stderr.readline())
        assert lines[-1]
    assert "nobody refuses that browser the network" in lines[-1]
    assert lines[-2].startswith("Open in a browser of your own: http://127.0.0.1:")
    process.send_signal(signal.SIGINT)
    assert json.loads(process.communicate(timeout=60)[0])["network_refused"] is False


# -- pywb --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def pywb(tmp_path) -> Path:
    """A program that tells what it was asked."""
    return program(tmp_path / "pywb", SERVER)


def test_pywb_is_asked_as_the_one_user_it_shows_the_collection_to(pywb, archive, tmp_path, monkeypatch):
    """
    The name of that user is in no request of a browser; without it the collection is empty.
    """
    for name in ("OSINT_KEYS", "https_proxy"):
        monkeypatch.setenv(name, "secret")
    folder = tmp_path / "laid-out"
    folder.mkdir()
    with pywb_site(pywb, archive, folder) as site:
        start = start_of(site)
        status, headers, body = ask(site, f"{start}2026/http://a.example/?b", X_Pywb_ACL_User="me", Authorization="x")
        told = json.loads(body)
        rule = json.loads((next(folder.glob("collections/*/acl/*.aclj"))).read_text().removeprefix("*, - "))

        assert (status, told["path"]) == (200, f"{start}2026/http://a.example/?b")
        assert told["headers"]["X-Pywb-ACL-User"] == rule["user"] != "me"
        assert rule["access"] == "allow"
        assert "default_access: exclude" in (folder / "config.yaml").read_text()
        assert "Authorization" not in told["headers"]
        assert told["arguments"][:2] == ["--bind", "127.0.0.1"]
        assert "OSINT_KEYS" not in told["environment"]
        assert told["environment"]["https_proxy"] == "http://127.0.0.1:9"
        assert Path(told["cwd"]) == folder
        assert "Access-Control-Allow-Origin" not in headers
        assert "ws:" not in headers["Content-Security-Policy"]
        for path in ("/", "/collinfo.json", "/case/", start[:-2]):
            assert ask(site, path)[0] == 404
        assert ask(site, "/static/x.js")[0] == 200
        assert ask(site, start, Host="rebound.example")[0] == 404


def test_pywb_gets_the_exhibits_and_the_index_without_their_metadata(pywb, archive, tmp_path):
    """
    And the list of pages to begin with leads to what was captured.
    """
    folder = tmp_path / "laid-out"
    folder.mkdir()
    with pywb_site(pywb, archive, folder) as site, open_wacz(archive) as opened:
        collection = next((folder / "collections").iterdir())
        with opened.open("indexes/index.cdx.gz") as packed:
            assert (collection / "indexes" / "index.cdxj").read_bytes() == gzip.decompress(packed.read())
        assert [each.name for each in (collection / "archive").iterdir()] == ["E0001.warc.gz"]
        assert f'<a href="{start_of(site)}20260601120000/http://127.0.0.1:'.encode() in ask(site, start_of(site))[2]


def test_a_pywb_that_does_not_start_is_told_with_its_words(archive, tmp_path):
    broken = program(tmp_path / "broken", f"#!{sys.executable}\nraise SystemExit('no such module')\n")
    folder = tmp_path / "laid-out"
    folder.mkdir()
    with (
        pytest.raises(ExportError, match="said: no such module"),
        pywb_site(broken, archive, folder),
    ):
        pass


def test_a_pywb_that_hangs_up_is_as_one_that_has_nothing(archive, tmp_path):
    """
    The browser is told that nothing is there.
    """
    script = "import socket, sys\ns = socket.create_server(('127.0.0.1', int(sys.argv[4])))\nwhile True: s.accept()[0].close()\n"
    folder = tmp_path / "laid-out"
    folder.mkdir()
    with pywb_site(program(tmp_path / "rude", f"#!{sys.executable}\n{script}"), archive, folder) as site:
        assert ask(site, f"{start_of(site)}x")[0] == NOTHING.status
