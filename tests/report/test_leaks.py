"""No key, password or cookie is in a byte that a capture writes; where one is planted all the same, nothing leaves."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
from urllib.parse import quote

import networkx as nx
import pytest
from exchanges import Exchanges
from few import few
from forward_proxy import ForwardProxy
from origin import NOON, http

import osint
from osint import warc
from osint.capture import preserve, secrets
from osint.capture.network import Network
from osint.errors import SecretFoundError
from osint.query import REPLACED
from osint.report.leaks import Guard

KEY = "k3y-of/an agency+0815"
HEADER_KEY = "h3ader-key-of-nobody-0816"
COOKIE = "c00kie-of-nobody-0817"
NETRC = "n3trc-of-nobody-0818"
PROXY = "pr0xy/of the agency-0819"
SECRETS = {"key": KEY, "header": HEADER_KEY, "cookie": COOKIE, "netrc": NETRC, "proxy": PROXY}
PAGE = http(b"<html><title>Pier</title><p>A grey boat lay at the pier.</p></html>", "Content-Type: text/html")


def spellings(secret):
    """The bytes that a secret may be hidden in."""
    users = (secret, f"officer:{secret}", f"agency:{secret}")
    return [
        secret.encode(), quote(secret, safe="").encode(), quote(secret).encode(), json.dumps(secret)[1:-1].encode(),
        *(base64.b64encode(each.encode()).rstrip(b"=") for each in users), secret.encode().hex().encode(),
    ]  # fmt: skip


def unpacked(data, depth=0):
    """Bytes, and what is packed in them."""
    yield data
    if data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)
    elif data[:2] == b"PK" and depth < 2:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from unpacked(archive.read(name), depth + 1)


def holding(folder):
    """Which secrets stand in which files of a folder, in any spelling, packed or not."""
    files = [folder] if folder.is_file() else [path for path in folder.rglob("*") if path.is_file()]
    return {
        (name, path.name)
        for path in files
        for data in unpacked(path.read_bytes())
        for name, secret in SECRETS.items()
        for spelt in spellings(secret)
        if spelt in data
    }


@pytest.fixture
def proxy(origin):
    made = ForwardProxy({"pier.example": ("127.0.0.1", origin.port)}, password=f"agency:{PROXY}").start()
    yield made
    made.stop()


@pytest.fixture
def case(open_case, proxy, tmp_path, monkeypatch):
    """A case behind the proxy of an agency, on a workstation whose user has a .netrc."""
    (tmp_path / "proxy.txt").write_text(f"agency:{PROXY}\n", encoding="utf-8")
    (tmp_path / "proxy.txt").chmod(0o600)
    for name in ("pier.example", "127.0.0.1"):
        with (tmp_path / ".netrc").open("a", encoding="utf-8") as netrc:
            netrc.write(f"machine {name} login officer password {NETRC}\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    network = Network(
        proxy=proxy.url, proxy_credentials=f"file:{tmp_path / 'proxy.txt'}", pace=0, read_timeout=5, connect_timeout=2
    )
    return open_case(hosts=["pier.example", "127.0.0.1"], network=network)


def capture(case, origin, page=PAGE):
    """Make a real capture with every kind of secret: in the address, in headers, for the proxy, in .netrc."""
    origin.serve(f"/?api_key={quote(KEY, safe='')}&page=1", page)
    case.collect("webpage", url=f"http://pier.example/?api_key={quote(KEY, safe='')}&page=1")
    origin.serve("/b", page)
    basic = base64.b64encode(f"officer:{HEADER_KEY}".encode()).decode()
    headers = {"X-Api-Key": HEADER_KEY, "Authorization": f"Basic {basic}", "Cookie": f"sid={COOKIE}"}
    exchanges = Exchanges(case)
    case._door.exchange(exchanges.errand, exchanges.errand.standing, "http://pier.example/b", headers=headers)


def chart(case):
    network = nx.MultiDiGraph()
    network.add_node("account:web:a", kind="account", label="a")
    return case.export_link_chart(network, "chart", formats=["graphml", "csv"])


# -- what a capture writes -------------------------------------------------------------------------------------------------


def test_no_byte_of_a_case_and_of_what_leaves_it_holds_a_secret(case, origin, proxy, tmp_path):
    """
    All were there to be written, and were sent but the one of .netrc; folder, reports, package, archive have none.
    """
    capture(case, origin)
    sent = b"".join([*proxy.heads, *origin.requests])
    for name, secret in SECRETS.items():
        assert any(spelt in sent for spelt in spellings(secret)) == (name != "netrc"), name

    chart(case)
    case.report(tmp_path / "report.html")
    package = case.export(tmp_path / "package").folder
    archive = case.export_web_archive(tmp_path / "case.wacz").path
    backup = case.backup(tmp_path / "backup").folder

    for place in (case.folder, tmp_path / "report.html", package, archive, backup):
        assert holding(place) == set(), place


@pytest.mark.parametrize("name", SECRETS)
def test_the_search_of_this_test_finds_what_is_planted(name, tmp_path):
    """
    In the clear, encoded for an address or a password, packed, and packed within a package.
    """
    for number, spelt in enumerate(spellings(SECRETS[name])):
        with zipfile.ZipFile(tmp_path / f"{number}.zip", "w") as archive:
            archive.writestr("a.gz", gzip.compress(b"before " + spelt + b" behind"))

    assert {file for _, file in holding(tmp_path)} == {f"{number}.zip" for number in range(len(spellings(name)))}


# -- what is planted all the same ------------------------------------------------------------------------------------------


def refused(case, tmp_path, says):
    """No export is made; error and ledger name the place and show no value; nothing half written is left."""
    before = sorted(path.name for path in tmp_path.iterdir())
    for export in (case.export, case.export_web_archive):
        with pytest.raises(SecretFoundError, match=says) as caught:
            export(tmp_path / "out.wacz")
        told = str(caught.value) + str([entry.private for entry in case._ledger.entries()])
        assert [secret for secret in SECRETS.values() if secret in told] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    last = [entry for entry in case._ledger.entries() if entry.action == "export"]
    assert [entry.outcome for entry in last] == ["allowed", "refused"] * 2
    case.verify()


def test_a_request_that_was_stored_as_it_was_sent_leaves_no_case(case, origin, tmp_path, monkeypatch):
    """
    The capture replaces nothing: exhibit and line are named, whatever the value is and whoever knows it.
    """
    with monkeypatch.context() as patch:
        patch.setattr(preserve, "without_secret_lines", lambda request: (request, []))
        capture(case, origin)

    refused(case, tmp_path, says=r"exhibit E000[12]")


@pytest.mark.parametrize("line", few(sorted(secrets.LINES - {"set-cookie", "set-cookie2"}), 5))
def test_every_credential_line_is_looked_for_though_nobody_knows_its_value(line, case, origin, tmp_path, monkeypatch):
    """
    A value that no configuration holds: the request is read, and names the line.
    """
    exchanges = Exchanges(case)
    origin.serve("/b", PAGE)
    with monkeypatch.context() as patch:
        patch.setattr(preserve, "without_secret_lines", lambda request: (request.replace(b"agency", b""), []))
        patch.setattr(
            case._door,
            "_network",
            Network(allow=("127.0.0.1",), hosts={"pier.example": ("127.0.0.1", origin.port)}, pace=0),
        )
        case._door.exchange(
            exchanges.errand, exchanges.errand.standing, "http://pier.example/b", headers={line: COOKIE}
        )

    refused(case, tmp_path, says=f"exhibit E0001, request record holds the credential line '{line}'")


def test_an_address_that_was_stored_with_its_key_leaves_no_case(case, origin, tmp_path, monkeypatch):
    """
    A key that no longer is known to the process, in the address of the records.
    """
    with monkeypatch.context() as patch:
        patch.setattr(preserve, "without_secrets", lambda url: url)
        capture(case, origin)
    case._secrets._given.clear()

    refused(case, tmp_path, says="exhibit E0001, (warcinfo|response|request|metadata) record holds the credential line")


@pytest.mark.parametrize("name", ["key", "proxy"])
@pytest.mark.parametrize("number", few(range(8), 3))
def test_a_server_that_sends_a_secret_back_stops_the_export(name, number, case, origin, tmp_path):
    """
    An answer is never altered, so it does not leave while the secret opens something: in any spelling.
    """
    said = spellings(SECRETS[name])[number]
    capture(case, origin, http(b"<html><p>who is " + said + b" ?</p></html>", "Content-Type: text/html"))

    refused(case, tmp_path, says=r"holds a secret that this workstation is configured with or was given")


def test_a_key_that_the_workstation_has_for_an_interface_is_looked_for(case, origin, tmp_path, monkeypatch):
    """
    Whether or not it was used in this case.
    """
    monkeypatch.setattr("osint.phases.leaving.known_keys", lambda: iter(["key-of-an-interface-0820"]))
    capture(case, origin, http(b"<html><p>key-of-an-interface-0820</p></html>", "Content-Type: text/html"))

    refused(case, tmp_path, says="holds a secret that this workstation is configured with")


def test_a_secret_in_a_packed_answer_stops_the_export(case, origin, tmp_path):
    """
    The body is read without its coding, as whoever receives the package can.
    """
    body = gzip.compress(f"<html><p>{PROXY}</p></html>".encode())
    capture(case, origin, http(body, "Content-Type: text/html", "Content-Encoding: gzip"))

    with pytest.raises(SecretFoundError, match="body of the answer"):
        case._leaving.guard().check_folder(case.folder / "evidence")
    refused(case, tmp_path, says="holds a secret")


def test_a_report_and_a_chart_with_a_secret_are_not_written(case, tmp_path):
    """
    Neither stays where it would have been found.
    """
    case._secrets.note(f"https://pier.example/?token={quote(KEY, safe='')}")
    network = nx.MultiDiGraph()
    network.add_node("account:web:a", kind="account", label=f"known as {KEY}")
    with pytest.raises(SecretFoundError):
        case.export_link_chart(network, "chart", formats=["graphml", "csv"])
    assert list((case.folder / "charts").iterdir()) == []
    for ending in ("html", "svg"):
        with pytest.raises(SecretFoundError):
            case.show(network).save(tmp_path / f"chart.{ending}")
    assert not list(tmp_path.glob("chart.*"))

    case.authorize(osint.Authorization(
        identifier="MP-2", type="report", purpose="missing_person", subjects=[f"Jane {KEY}"], expires="9999-12-31"
    ))  # fmt: skip
    with pytest.raises(SecretFoundError, match=r"report\.html holds a secret"):
        case.report(tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


# -- the guard itself ------------------------------------------------------------------------------------------------------


def test_a_secret_is_found_where_two_pieces_of_a_large_file_meet(tmp_path, monkeypatch):
    """
    A file is read in pieces; what begins in one and ends in the next is seen.
    """
    monkeypatch.setattr("osint.report.leaks._CHUNK", 4096)
    (tmp_path / "a.txt").write_bytes(b"-" * 4090 + KEY.encode() + b"-" * 9000)

    with pytest.raises(SecretFoundError, match=r"a\.txt"):
        Guard([KEY]).check_folder(tmp_path)
    Guard(["another-secret-of-nobody"]).check_folder(tmp_path)


WITH_KEY = "https://pier.example/?token=unknown-to-anybody"
RECORDS = {
    "WARC-Target-URI": ("resource", WITH_KEY, b""),
    "request target": ("request", "https://pier.example/", b"GET /?token=unknown-to-anybody HTTP/1.1\r\n\r\n"),
    "url": ("metadata", "https://pier.example/", json.dumps({"url": WITH_KEY, "via": ""}).encode()),
    "via": ("metadata", "https://pier.example/", json.dumps({"url": "", "via": WITH_KEY}).encode()),
}


@pytest.mark.parametrize("line", RECORDS)
def test_a_key_in_an_address_is_found_in_every_place_that_a_capture_writes_one_to(line, tmp_path):
    """
    Nobody knows its value; the name of the parameter says what it is. The marker in its place is no finding.
    """
    kind, address, block = RECORDS[line]
    with (tmp_path / "a.warc.gz").open("wb") as out:
        for hidden in (WITH_KEY.replace("unknown-to-anybody", REPLACED), address):
            warc.write_record(
                out, kind, warc.Block.of(block if hidden == address else b""), date=NOON, content_type="text/plain",
                record_id=warc.new_record_id(), fields={"WARC-Target-URI": hidden},
            )  # fmt: skip

    with pytest.raises(SecretFoundError, match=f"a.warc.gz, {kind} record holds the credential line '{line}'"):
        Guard().check_folder(tmp_path)


def test_a_name_of_a_file_is_looked_at_too(tmp_path):
    """
    And is not repeated by the message.
    """
    (tmp_path / COOKIE).touch()

    with pytest.raises(SecretFoundError, match="the name of a file") as caught:
        Guard([COOKIE]).check_folder(tmp_path)
    assert COOKIE not in str(caught.value)


def test_what_is_known_is_shown_nowhere(case):
    """
    Neither a repr nor the variables that a traceback prints hold a value.
    """
    case._secrets.note(f"https://pier.example/?token={COOKIE}")

    assert case._secrets.values() >= {COOKIE, f"agency:{PROXY}", PROXY}
    assert [each for each in (case._secrets, case._leaving.guard()) if COOKIE in repr(each)] == []
