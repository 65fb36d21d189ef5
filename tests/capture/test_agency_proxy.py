"""The way through an agency's proxy, with a real one on loopback: what is recorded, what it hides, what it never tells."""

from __future__ import annotations

import base64
import json
import socket
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from exchanges import Exchanges
from forward_proxy import ESTABLISHED, ForwardProxy
from origin import Authority, drip, http, make_certificate

from osint.capture.browser.chromium import find_chromium
from osint.capture.network import Network
from osint.capture.post import poster
from osint.errors import AddressRefusedError, CaptureError, CaseError, UnreachableError
from osint.query import REPLACED

PASSWORD = "officer-4471:s3cret/of the agency"
ENCODED = base64.b64encode(PASSWORD.encode()).decode()
PAGE = http(b"<title>Pier</title><p>A grey boat lay at the pier.</p>", "Content-Type: text/html")


class World:
    """An origin with and without TLS, a proxy in front, and a case that goes through it."""

    def __init__(self, start_origin, authority, folder):
        self.plain, self.secure = start_origin(), start_origin(authority.server("secure.example"))
        for origin in (self.plain, self.secure):
            origin.serve("/", PAGE)
        self.names = {
            "plain.example": ("127.0.0.1", self.plain.port), "secure.example": ("127.0.0.1", self.secure.port),
        }  # fmt: skip
        self.authority, self.folder = authority, folder
        self.proxies: list[ForwardProxy] = []
        self.looked_up: list[str] = []

    def proxy(self, **settings):
        self.proxies.append(ForwardProxy(self.names, **settings).start())
        return self.proxies[-1]

    def network(self, proxy, **settings):
        def resolve(host, port):
            self.looked_up.append(host)
            return [host]

        common = {"ca": self.authority.pem, "pace": 0, "read_timeout": 5, "connect_timeout": 2, "resolver": resolve}
        return Network(proxy=proxy if isinstance(proxy, str) else proxy.url, **{**common, **settings})

    @property
    def written(self):
        """Every byte that stands in the folder of the case, packed evidence unpacked too."""
        return b"".join(file.read_bytes() for file in (self.folder / "case").rglob("*") if file.is_file())


@pytest.fixture
def world(start_origin, authority, tmp_path):
    made = World(start_origin, authority, tmp_path)
    yield made
    for proxy in made.proxies:
        proxy.stop()


@pytest.fixture
def credentials(tmp_path):
    file = tmp_path / "proxy-credentials.txt"
    file.write_text(PASSWORD + "\n")
    file.chmod(0o600)
    return f"file:{file}"


@pytest.fixture
def agency(tmp_path):
    """The authority under which an agency's proxy takes TLS apart."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Agency interception")])
    basic = x509.BasicConstraints(ca=True, path_length=0)
    (tmp_path / "agency").mkdir()
    certificate = make_certificate("Agency interception", key, name, key, days=1, extensions=[basic])
    return Authority(key, certificate, tmp_path / "agency")


def facts_of(exchanges):
    return json.loads(exchanges.records()["metadata"][1])


def test_a_plain_request_goes_to_the_proxy_with_its_whole_address(world, open_case):
    """
    The record is what the proxy read and wrote, and says of nothing behind the proxy what it cannot know.
    """
    proxy = world.proxy()
    exchanges = Exchanges(open_case(network=world.network(proxy)))

    capture = exchanges.ask("http://plain.example/")

    records = exchanges.records()
    assert capture.status == 200
    assert [records["request"][1]] == proxy.heads
    assert proxy.heads[0].startswith(b"GET http://plain.example/ HTTP/1.1\r\n")
    assert world.plain.requests[0].startswith(b"GET / HTTP/1.1\r\n")
    assert records["response"][1] == PAGE
    facts = facts_of(exchanges)
    assert (facts["via_proxy"], facts["network"]["proxy"]) == (proxy.address, proxy.address)
    assert facts["peer"] == f"not observed (proxy {proxy.address})"
    assert facts["dns_answers"] == "not observed"
    assert "may have changed it" in facts["answer"]
    assert all("warc-ip-address" not in headers for headers, _ in records.values())
    assert world.looked_up == ["127.0.0.1"]


def test_a_tunnel_carries_the_bytes_of_the_origin(world, open_case):
    """
    Through CONNECT the record is what the origin read and wrote. The chain is marked as seen through the proxy.
    """
    proxy = world.proxy()
    exchanges = Exchanges(open_case(network=world.network(proxy)))

    exchanges.ask("https://secure.example/")

    records, facts = exchanges.records(), facts_of(exchanges)
    assert [records["request"][1]] == world.secure.requests
    assert records["response"][1] == PAGE
    assert proxy.heads[0].startswith(b"CONNECT secure.example:443 HTTP/1.1\r\nHost: secure.example:443\r\n")
    assert facts["tls"]["chain"][-1] == base64.b64encode(_der(world.authority)).decode()
    assert facts["tls"]["seen"] == f"through the proxy {proxy.address}; certificates and cipher may be its own"
    assert (facts["peer"], facts["dns_answers"]) == (f"not observed (proxy {proxy.address})", "not observed")


def test_a_proxy_that_takes_tls_apart_is_believed_only_when_its_authority_is_named(world, open_case, agency, tmp_path):
    """
    Without the agency's authority the certificate is refused; with it the chain in the evidence is the proxy's.
    """
    proxy = world.proxy(intercepting=agency, upstream=_trusting(world.authority))
    public = Exchanges(open_case(tmp_path / "public", network=world.network(proxy)))
    with pytest.raises(UnreachableError, match="certificate cannot be verified"):
        public.ask("https://secure.example/")

    exchanges = Exchanges(open_case(network=world.network(proxy, ca=agency.pem)))
    exchanges.ask("https://secure.example/")

    facts = facts_of(exchanges)
    assert facts["tls"]["chain"][-1] == base64.b64encode(_der(agency)).decode()
    assert facts["tls"]["seen"].startswith("through the proxy")
    assert [exchanges.records()["request"][1]] == proxy.inside == world.secure.requests


def _trusting(authority):
    import ssl

    return ssl.create_default_context(cafile=authority.pem)


def _der(authority):
    return authority.certificate.public_bytes(Encoding.DER)


@pytest.mark.parametrize("place", ["file", "environment"])
def test_credentials_are_sent_to_the_proxy_and_written_nowhere(place, world, open_case, credentials, monkeypatch):
    """
    Neither password nor its encoding is in the evidence, the ledger, a message or a repr, nor does an origin see it.
    """
    monkeypatch.setenv("AGENCY_PROXY", PASSWORD)
    proxy = world.proxy(password=PASSWORD)
    where = credentials if place == "file" else "env:AGENCY_PROXY"
    network = world.network(proxy, proxy_credentials=where)
    exchanges = Exchanges(open_case(network=network))

    exchanges.ask("http://plain.example/")
    exchanges.ask("https://secure.example/")

    assert [ENCODED.encode() in head for head in proxy.heads] == [True, True]
    request = exchanges.records("E0001")["request"][1]
    assert request == proxy.heads[0].replace(f"Basic {ENCODED}".encode(), REPLACED.encode())
    blocks = [block for number in ("E0001", "E0002") for _, block in exchanges.records(number).values()]
    told = [*blocks, world.written, repr(network).encode(), json.dumps(network.described()).encode()]
    told += [repr((entry.payload, entry.private)).encode() for entry in exchanges.case._ledger.entries()]
    told += [request for origin in (world.plain, world.secure) for request in origin.requests]
    for secret in (PASSWORD, ENCODED, "s3cret"):
        assert [each for each in told if secret.encode() in each] == []
    assert json.loads(exchanges.records()["metadata"][1])["replaced_in_request"] == ["proxy-authorization"]


@pytest.mark.parametrize("url", ["http://plain.example/", "https://secure.example/"])
@pytest.mark.parametrize("wrong", [False, True], ids=["none", "wrong"])
def test_a_proxy_that_wants_to_know_who_asks_is_a_failure_and_no_finding(wrong, url, world, open_case, tmp_path):
    """
    407 is the proxy's own answer and nothing of the host's: an entry, no exhibit, and no password in the reason.
    """
    file = tmp_path / "wrong.txt"
    file.write_text("officer:not this one")
    file.chmod(0o600)
    proxy = world.proxy(password=PASSWORD)
    exchanges = Exchanges(open_case(network=world.network(proxy, proxy_credentials=f"file:{file}" if wrong else "")))

    with pytest.raises(UnreachableError, match="did not take the credentials" if wrong else "asks for credentials"):
        exchanges.ask(url)

    (error,) = exchanges.failures()
    assert "status 407" in error
    assert "not this one" not in error
    assert exchanges.case._ledger.exhibits() == []


def test_every_entry_names_the_proxy(world, open_case):
    """
    From the first step on, and the custody log says so beside each request.
    """
    proxy = world.proxy()
    case = open_case(network=world.network(proxy), urls=["http://plain.example/"])

    case.collect("webpage", url="http://plain.example/")

    entries = list(case._ledger.entries())
    own = [entry for entry in entries if entry.action not in ("open", "key.add")]
    assert {entry.payload["environment"]["network"] for entry in own} == {f"via-proxy:{proxy.address}"}
    (settings,) = [entry.private["network"] for entry in entries if "network" in entry.private]
    assert (settings["proxy"], settings["proxy_credentials"]) == (proxy.address, "none")
    log = case.ledger.query("action == 'acquire'")
    assert f"via proxy: {proxy.address}" in log["details"].iloc[0]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (http(b"", status="502 Bad Gateway"), "status 502 Bad Gateway"),
        (http(b"", status="999 Odd"), "status 999"),
        (b"SSH-2.0-nonsense\r\n\r\n", "is no HTTP"),
        (b"HTTP/1.1 200 OK\r\nX-Never: ending", "hung up"),
        (b"", "hung up"),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 70_000, "did not come to the end"),
        (drip(b"HTTP/1.1 200 OK\r\n", *[b"x"] * 20, pause=0.1), "did not come to the end"),
        (drip(b"HTTP/1.1 200 OK\r\n", pause=2), "timed out"),
    ],
    ids=["502", "999", "no HTTP", "half a head", "nothing", "long", "drip", "silence"],
)
def test_a_tunnel_that_does_not_open_is_a_failure_with_its_reason(answer, words, world, open_case, start_origin):
    """
    Nothing of it is taken for an answer of the host.
    """
    pretender = start_origin()
    pretender.answer = lambda request: answer  # type: ignore[method-assign]
    network = world.network(f"http://127.0.0.1:{pretender.port}", total_timeout=0.5, read_timeout=0.5)
    exchanges = Exchanges(open_case(network=network))

    with pytest.raises(UnreachableError, match=words):
        exchanges.ask("https://secure.example/")

    assert exchanges.case._ledger.exhibits() == []
    assert words in exchanges.failures()[0]


def test_the_first_bytes_of_a_tunnel_are_not_swallowed(world, open_case):
    """
    The proxy's answer is read to the end of its head and no further, however it is cut into packets.
    """
    proxy = world.proxy(
        tunnel_answer=ESTABLISHED.replace(b"\r\n\r\n", b"\r\nVia: 1.1 agency\r\nX-Padding: yes\r\n\r\n")
    )
    exchanges = Exchanges(open_case(network=world.network(proxy)))

    exchanges.ask("https://secure.example/")

    assert exchanges.records()["response"][1] == PAGE


def test_a_proxy_that_cannot_be_reached_is_named(world, open_case):
    """
    Nothing goes around it.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    exchanges = Exchanges(open_case(network=world.network(f"http://127.0.0.1:{port}")))

    with pytest.raises(UnreachableError, match=rf"proxy 127\.0\.0\.1:{port} cannot be reached"):
        exchanges.ask("http://plain.example/")

    assert world.plain.requests == []


def test_a_redirect_inside_is_refused_before_the_proxy_hears_of_it(world, open_case):
    """
    The proxy stands inside the agency's network; what names an inner address is refused at that hop.
    """
    world.plain.serve("/", http(b"", "Location: http://169.254.169.254/latest/", status="302 Found"))
    proxy = world.proxy()
    exchanges = Exchanges(open_case(network=world.network(proxy)))

    with pytest.raises(AddressRefusedError, match="169"):
        exchanges.case._door.get(exchanges.errand, "http://plain.example/")

    assert len(proxy.heads) == 1
    assert len(exchanges.failures()) == 1


def test_an_address_that_is_allowed_is_asked_through_the_proxy(world, open_case):
    """
    A mirror of the agency is named by its address, and the proxy is told that address.
    """
    world.names["127.0.0.1"] = ("127.0.0.1", world.plain.port)
    proxy = world.proxy()
    exchanges = Exchanges(open_case(network=world.network(proxy, allow=("127.0.0.1",))))

    assert exchanges.ask("http://127.0.0.1/").status == 200
    assert proxy.heads[0].startswith(b"GET http://127.0.0.1/ HTTP/1.1\r\n")


def test_an_address_of_version_6_is_spelt_with_brackets(world, open_case, start_origin):
    """
    The proxy is told `[address]:port`, in the tunnel and in the clear.
    """
    secure = start_origin(world.authority.server("2600::1"))
    secure.serve("/", PAGE)
    world.names["[2600::1]"] = ("127.0.0.1", secure.port)
    proxy = world.proxy()
    exchanges = Exchanges(open_case(network=world.network(proxy)))

    assert exchanges.ask("https://[2600::1]/").status == 200
    exchanges.ask("http://[2600::1]/")

    assert [head.split(b" ")[1] for head in proxy.heads] == [b"[2600::1]:443", b"http://[2600::1]/"]


def test_a_page_of_the_proxy_is_kept_and_marked(world, open_case):
    """
    Whether a "502" in clear HTTP is the proxy's or the host's cannot be told; it is evidence of what came.
    """
    proxy = world.proxy()
    exchanges = Exchanges(open_case(network=world.network(proxy)))

    assert exchanges.ask("http://unknown.example/").status == 502
    assert "be its author" in facts_of(exchanges)["answer"]


@pytest.mark.parametrize("url", ["http://plain.example/stamp", "https://secure.example/stamp"])
def test_time_stamps_and_witnesses_are_asked_through_it_too(url, world, credentials):
    """
    What is posted goes the same way, with the same credentials.
    """
    for origin in (world.plain, world.secure):
        origin.serve("/stamp", http(b"stamped"))
    proxy = world.proxy(password=PASSWORD)
    post = poster(world.network(proxy, proxy_credentials=credentials))

    assert post(url, b"head", "text/plain") == (200, b"stamped")

    assert len(proxy.heads) == 1
    request = (world.plain.requests + world.secure.requests)[0]
    assert request.startswith(b"POST /stamp HTTP/1.1\r\n")
    assert b"proxy-authorization" not in request.lower()
    with pytest.raises(CaptureError, match="asks for credentials"):
        poster(world.network(proxy))(url, b"head", "text/plain")


@pytest.mark.parametrize(
    ("content", "mode"), [(None, 0o600), (b"no colon", 0o600), (b"a:b\x00c", 0o600), (b"\xff:x", 0o600), (PASSWORD.encode(), 0o644)],
    ids=["not there", "no colon", "control character", "no UTF-8", "readable by others"],
)  # fmt: skip
def test_credentials_that_cannot_be_used_end_the_attempt_without_being_shown(content, mode, world, open_case, tmp_path):
    """
    The message names the place and not what stands there; nothing is asked without them.
    """
    file = tmp_path / "credentials.txt"
    if content is not None:
        file.write_bytes(content)
        file.chmod(mode)
    proxy = world.proxy(password=PASSWORD)
    exchanges = Exchanges(open_case(network=world.network(proxy, proxy_credentials=f"file:{file}")))

    with pytest.raises(UnreachableError, match=r"credentials\.txt") as raised:
        exchanges.ask("http://plain.example/")

    assert "s3cret" not in str(raised.value)
    assert "no colon" not in str(raised.value)
    assert proxy.heads == []


def test_an_unset_variable_is_named(world, open_case, monkeypatch):
    """
    Credentials that the environment should hold and does not.
    """
    monkeypatch.delenv("AGENCY_PROXY", raising=False)
    exchanges = Exchanges(open_case(network=world.network(world.proxy(), proxy_credentials="env:AGENCY_PROXY")))

    with pytest.raises(UnreachableError, match="environment variable AGENCY_PROXY"):
        exchanges.ask("https://secure.example/")


@pytest.mark.parametrize(
    "settings",
    [
        {"proxy": "http://officer:s3cret@proxy.example:3128"}, {"proxy": "https://proxy.example:3128"},
        {"proxy": "proxy.example:3128"}, {"proxy": "http://proxy.example"}, {"proxy": "http://proxy.example:70000"},
        {"proxy": "http://proxy.example:0"}, {"proxy": "http://proxy.example:3128/s3cret"}, {"proxy": "socks5://proxy.example:1080"},
        {"proxy": "http://proxy.example:3128", "proxy_credentials": "officer:s3cret"},
        {"proxy": "http://proxy.example:3128", "proxy_credentials": "s3cret"}, {"proxy_credentials": "env:S3CRET"},
        {"proxy": "http://proxy.example:3128", "hosts": {"a.example": ("127.0.0.1", 1)}},
        {"time_server": "time.example:0"}, {"time_server": "ntp://time.example"},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant_are_refused_and_not_shown(settings):
    """
    A password in the settings would be in the ledger and in every exhibit; it is refused, and the message keeps it.
    """
    with pytest.raises(CaseError) as raised:
        Network(**settings)

    assert "s3cret" not in str(raised.value).casefold()


def test_the_settings_are_read_from_a_file(tmp_path):
    """
    The file with the credentials is looked for beside the settings.
    """
    file = tmp_path / "network.toml"
    file.write_text('proxy = "http://Proxy.Agency.example:3128/"\nproxy_credentials = "file:proxy.txt"\n')

    network = Network.read(file)

    assert network.proxy_name == "proxy.agency.example:3128"
    assert network.proxy_credentials == f"file:{tmp_path / 'proxy.txt'}"
    assert network.label == "via-proxy:proxy.agency.example:3128"
    assert str(tmp_path) not in json.dumps(network.described())
    assert replace(network, proxy="http://[FD00::7]:3128").label == "via-proxy:fd00::7:3128"


def test_a_browser_goes_through_it_too(world, open_case):
    """
    Chromium asks us, and we ask the proxy; the page and what it shows are marked like any other exchange.
    """
    try:
        find_chromium()
    except CaptureError as error:
        pytest.skip(str(error))
    body = b"<title>Pier</title><p>A grey boat lay at the pier.</p><img src='https://secure.example/boat.png'>"
    date = "Date: Mon, 01 Jun 2026 12:00:00 GMT"
    world.plain.serve("/", http(body, "Content-Type: text/html", date))
    world.secure.serve("/boat.png", http(bytes(64), "Content-Type: image/png", date))
    proxy = world.proxy()
    case = open_case(network=world.network(proxy), urls=["http://plain.example/"])

    case.collect("webpage", url="http://plain.example/", render=True)

    assert sorted(head.split(b" ")[0] + b" " + head.split(b" ")[1] for head in proxy.heads) == [
        b"CONNECT secure.example:443", b"GET http://plain.example/",
    ]  # fmt: skip
    assert world.secure.paths == ["/boat.png"]
    exchanges = Exchanges(case)
    facts = [json.loads(exchanges.records(f"E{number:04d}")["metadata"][1]) for number in (1, 2)]
    assert [each["via_proxy"] for each in facts] == [proxy.address] * 2
    assert world.looked_up == ["127.0.0.1"] * 2
    (conclusion,) = [entry for entry in case._ledger.entries() if entry.action == "conclude"]
    assert conclusion.private["clock_offset"]["answers"] == 2
