"""WARC files and packages of ours, read by the programs of others (``make test-interop``).

Every program runs in an environment of its own below ``.venv/`` and is started by its command. Nothing leaves 127.0.0.1.
"""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import os
import random
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import package_builders as builders
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from osint.errors import IntegrityError
from osint.wacz.check import check_wacz
from osint.wacz.signing import DomainSigner
from osint.wacz.surt import surt

pytestmark = pytest.mark.interop

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ENVIRONMENTS = ROOT / ".venv"
NODE = ENVIRONMENTS / "interop-node" / "node_modules"
ARTEFACTS = ENVIRONMENTS / "interop-artefacts"
DOMAIN = "archive.police.example"


GZIPPED = gzip.compress(b"<p>Packed by nobody.</p>", mtime=0)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PAGE = (
    b'<!doctype html><title>Nobody</title><p id=p>Nobody was here.</p><img src=/image.png onload="'
    b"document.getElementById('p').textContent += ' The image has ' + this.naturalWidth + ' pixel.'\">"
)


def answer(status: str, body: bytes, **fields: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def chunked(*chunks: bytes, trailer: bytes = b"") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n" + trailer + b"\r\n"


# Address, answer as it came over the wire, and the entity in it with its transfer coding taken away.
EXCHANGES: list[tuple[str, bytes, bytes]] = [
    ("https://a.example/", answer("200 OK", PAGE, Content_Type="text/html; charset=utf-8"), PAGE),
    ("https://a.example/image.png", answer("200 OK", PNG, Content_Type="image/png"), PNG),
    (
        "https://www.b.example/packed?b=2&a=1",
        answer("200 OK", GZIPPED, Content_Type="text/html", Content_Encoding="gzip"),
        GZIPPED,
    ),
    (
        "https://b.example/Chunks/",
        answer("200 OK", chunked(b"<p>In two ", b"pieces.</p>"), Content_Type="text/html", Transfer_Encoding="chunked"),
        b"<p>In two pieces.</p>",
    ),
    (
        "https://b.example/trailer",
        answer(
            "200 OK", chunked(b"end", trailer=b"X-A: b\r\n"), Content_Type="text/plain", Transfer_Encoding="chunked"
        ),
        b"end",
    ),
    ("https://b.example/gone", answer("404 Not Found", b"gone", Content_Type="text/plain"), b"gone"),
    ("https://b.example:8443/old", answer("302 Found", b"", Location="https://a.example/"), b""),
    ("https://xn--mnchen-3ya.example/%C3%A9%20x", answer("200 OK", b"\xff\x00", Content_Type="a/b"), b"\xff\x00"),
    ("https://c.example/none", answer("204 No Content", b""), b""),
    (
        "https://c.example/Search//x/../y/?Q=2&phpsessid=0123456789abcdef0123456789abcdef&a=%26",
        answer("200 OK", b"found", content_type="text/plain ; charset=x"),
        b"found",
    ),
]
PLAIN_KEYS = {url for url, *_ in EXCHANGES[:3]} | {"https://b.example/trailer", "https://b.example/gone"}


@pytest.fixture(scope="module")
def warcs() -> dict[str, bytes]:
    """One file for each exchange, a second apart."""
    return {
        f"{number:04d}.warc.gz": builders.exhibit(number, url, sent, date=builders.NOON + timedelta(seconds=number))
        for number, (url, sent, _) in enumerate(EXCHANGES)
    }


@pytest.fixture(scope="module")
def folder(warcs, tmp_path_factory) -> Path:
    """The files, and the package of them, signed anonymously."""
    made = tmp_path_factory.mktemp("interop")
    for name, content in warcs.items():
        (made / name).write_bytes(content)
    pages = [builders.Page("1", EXCHANGES[0][0], builders.NOON, "Nobody", "Nobody was here.")]
    builders.package(made / "case.wacz", warcs=warcs, pages=pages, signer=builders.signer())
    return made


def run(environment: str, *command: object, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess:
    """Start a program of an environment; ``command`` begins with its name in there."""
    name, *arguments = map(str, command)
    program = ENVIRONMENTS / environment / "bin" / name
    variables = {**os.environ, "PYTHONWARNINGS": "ignore", **variables}
    return subprocess.run([program, *arguments], cwd=cwd, env=variables, capture_output=True, text=True, check=False)


CHECKERS = {
    "warcio": ("interop-wacz", "warcio", "check", "-v"),
    "FastWARC": ("interop-wacz", "fastwarc", "check", "-q", "-p"),
    "warcat": ("interop-warcat", "python", "-m", "warcat", "verify"),
}


@pytest.mark.parametrize("checker", CHECKERS)
def test_every_checker_of_warc_files_passes_ours_and_sees_what_changed(folder, warcs, tmp_path, checker):
    """
    All digests agree; with a letter of an answer changed, its old digest is told.
    """
    for name in warcs:
        done = run(*CHECKERS[checker], folder / name)
        assert done.returncode == 0, done.stdout + done.stderr
    forged = tmp_path / "forged.warc.gz"
    forged.write_bytes(builders.rewritten(warcs["0000.warc.gz"], lambda member: member.replace(b"Nobody", b"Thomas")))

    assert run(*CHECKERS[checker], forged).returncode != 0


def test_wacz_validate_passes_the_package(folder, tmp_path):
    """
    A changed file in it does not pass, so that passing says something.
    """
    done = run("interop-wacz", "wacz", "validate", "--file", folder / "case.wacz")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Validation succeeded" in done.stdout
    other = tmp_path / "other.wacz"
    other.write_bytes(builders.pack({**builders.contents(folder / "case.wacz"), "custody/README.txt": b"Another.\n"}))
    assert run("interop-wacz", "wacz", "validate", "--file", other).returncode == 1


def ours(folder: Path) -> list[str]:
    packed = builders.contents(folder / "case.wacz")[builders.INDEX]
    return gzip.decompress(packed).decode().splitlines()


def test_cdxj_indexer_gives_the_same_index(folder, warcs):
    """
    Byte for byte, but for the SHA-1 that it computes where a record states no digest.
    """
    done = run(
        "interop-wacz", "cdxj-indexer", "--sort", "--records", "response,revisit,resource",
        *(folder / name for name in warcs),
    )  # fmt: skip
    mine = ours(folder)
    theirs = done.stdout.splitlines()

    assert len(theirs) == len(mine) == len(EXCHANGES)
    for expected, line in zip(theirs, mine, strict=True):
        assert without_sha1(expected) == line


def without_sha1(line: str) -> str:
    key, second, told = line.split(" ", 2)
    facts = json.loads(told)
    if facts.get("digest", "").startswith("sha1:"):
        del facts["digest"]
    return f"{key} {second} {json.dumps(facts)}"


PIECES = [
    *(
        "/",
        "//",
        ".",
        "..",
        "a",
        "B",
        "%2f",
        "%252F",
        "%20",
        " ",
        "?",
        "&",
        "=",
        "b=2",
        "a=1",
        "#f",
        "é",
        "%E9",
        "(",
        "|",
    ),
    *(
        '"',
        "sid=" + "a1" * 16,
        "jsessionid=" + "0" * 32,
        "cfid=1&cftoken=2",
        "(s(" + "a" * 24 + "))/",
        "x.aspx",
        "+",
        "@",
    ),
]
HOSTS = [
    *(
        "www.a.example",
        "WWW2.B.example",
        "a.example:80",
        "a.example:443",
        "a.example:8080",
        "u:p@a.example",
        "192.0.2.7",
    ),
    *(
        "3221225991",
        "[2001:db8::1]",
        "[2001:db8::1]:8",
        "münchen.example",
        "a..b.example.",
        "wwwx.example",
        "a.example:",
    ),
]


def test_the_surt_library_makes_the_same_keys():
    """
    Of 20,000 addresses put together from what rules are about, always the same ones.
    """
    chance = random.Random(5)
    urls = [
        "urn:x:y",
        "urn:A/b/?c",
        "dns:a.example",
        "mailto:A@b.example",
        "a.example/x",
        "urn:text:http://a.example/B/",
    ]
    for _ in range(20_000):
        rest = "".join(chance.choice(PIECES) for _ in range(chance.randrange(9)))
        urls.append(f"{chance.choice(['http', 'https', 'HTTP'])}://{chance.choice(HOSTS)}{chance.choice('/?')}{rest}")
    program = (
        "import json, sys; from surt import surt; json.dump([surt(url) for url in json.load(sys.stdin)], sys.stdout)"
    )
    python = ENVIRONMENTS / "interop-wacz" / "bin" / "python"
    done = subprocess.run(
        [python, "-W", "ignore", "-c", program], input=json.dumps(urls), capture_output=True, text=True, check=True
    )

    assert [surt(url) for url in urls] == json.loads(done.stdout)


def test_warcio_js_gives_the_same_facts(folder, warcs):
    """
    For the answers; metadata is left out of ours. Its keys are ours where an address has nothing to straighten.
    """
    program = ["node", str(NODE / "warcio" / "dist" / "cli.js"), "cdx-index", *(str(folder / name) for name in warcs)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    theirs = {}
    for key, facts in map(parsed, done.stdout.splitlines()):
        if facts.get("mime") != "application/json":
            theirs[facts["url"]] = (key, facts)
    mine = {facts["url"]: (key, facts) for key, facts in map(parsed, ours(folder))}

    assert sorted(theirs) == sorted(mine) == sorted(url for url, *_ in EXCHANGES)
    for url, (key, facts) in mine.items():
        their_key, said = theirs[url]
        told = {**said, "filename": Path(said["filename"]).name}
        if "digest" in told:
            told["digest"] = f"sha256:{told['digest']}"
        assert {name: value for name, value in told.items() if value} == facts
        assert their_key == key or url not in PLAIN_KEYS


def parsed(line: str) -> tuple[str, dict[str, Any]]:
    key, second, told = line.split(" ", 2)
    return f"{key} {second}", json.loads(told)


@contextmanager
def pywb(folder: Path, warcs: dict[str, bytes], port: int) -> Iterator[None]:
    """A pywb on loopback, with one collection of the files and our index of them."""
    done = run("interop-pywb", "wb-manager", "init", "case", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    collection = folder / "collections" / "case"
    for name, content in warcs.items():
        (collection / "archive" / name).write_bytes(content)
    index = "".join(f"{line}\n" for line in ours(folder))
    (collection / "indexes" / "index.cdxj").write_text(index)
    program = [ENVIRONMENTS / "interop-pywb" / "bin" / "pywb", "--bind", "127.0.0.1", "--port", str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(program, cwd=folder, stdout=quiet, stderr=quiet) as server:
        try:
            wait_for(port)
            yield
        finally:
            server.terminate()


def wait_for(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail("the server did not answer within a minute")


# It does not know trailers: what stands behind the last chunk is shown with the body, less two bytes.
SHOWN_BY_PYWB = {"https://b.example/trailer": b"end0\r\nA: b\r\n\r\n"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_pywb_replays_every_answer_byte_for_byte(folder, warcs):
    """
    The body as it was sent, its transfer coding taken away and its content coding kept. It reads our index: by its own,
    which has a line for our metadata too, it shows that record in place of the answer.
    """
    port = free_port()
    with pywb(folder, warcs, port):
        for number, (url, sent, entity) in enumerate(EXCHANGES):
            second = (builders.NOON + timedelta(seconds=number)).strftime("%Y%m%d%H%M%S")
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", f"/case/{second}id_/{url}", headers={"Accept-Encoding": "gzip"})
            found = connection.getresponse()

            assert found.status == int(sent.split(b" ")[1]), url
            assert found.read() == SHOWN_BY_PYWB.get(url, entity), url
            connection.close()


class Files(SimpleHTTPRequestHandler):
    """Serves a folder, whole or by ranges; a suffix longer than the file is all of it."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        asked = self.headers.get("Range", "")
        if not asked.startswith("bytes=") or not path.is_file():
            super().do_GET()
            return
        size = path.stat().st_size
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start = int(first) if first else max(0, size - int(last))
        end = min(int(last), size - 1) if first and last else size - 1
        with path.open("rb") as stream:
            stream.seek(start)
            data = stream.read(end - start + 1)
        self.send_response(206)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Range", f"bytes {start}-{end}/{size}")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def end_headers(self) -> None:
        self.send_header("Accept-Ranges", "bytes")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def site(folder, tmp_path) -> Iterator[tuple[Path, str]]:
    """A folder with ReplayWeb.page, served on loopback."""
    (tmp_path / "replay").mkdir()
    for name in ("ui.js", "sw.js"):
        (tmp_path / "replay" / name).write_bytes((NODE / "replaywebpage" / name).read_bytes())
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield tmp_path, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


SHOWN = {
    "page": (EXCHANGES[0][0], "The image has 1 pixel."),
    "packed page": (EXCHANGES[2][0], "Packed by nobody."),
    "chunked page": (EXCHANGES[3][0], "In two pieces."),
    "what was not there": ("https://a.example/never", "Archived Page Not Found"),
}


@pytest.mark.parametrize("what", SHOWN)
@pytest.mark.parametrize("source", ["case.wacz", "case.warc.gz"])
def test_replayweb_page_shows_the_package_and_the_bare_file(folder, warcs, site, source, what):
    """
    Text, script and image in headless chromium; a screenshot is kept under ``.venv/interop-artefacts/``.
    """
    url, words = SHOWN[what]
    place, address = site
    (place / "case.wacz").write_bytes((folder / "case.wacz").read_bytes())
    (place / "case.warc.gz").write_bytes(b"".join(warcs.values()))
    (place / "index.html").write_text(
        f'<!doctype html><script src="/replay/ui.js"></script><replay-web-page source="/{source}" url="{url}" '
        'embed="replayonly" replayBase="/replay/" style="display:block;height:90vh"></replay-web-page>'
    )
    ARTEFACTS.mkdir(exist_ok=True)
    picture = ARTEFACTS / f"{source}-{what.replace(' ', '-')}.png"
    for _ in range(2):  # chromium on a busy machine may take longer than the half minute it is given
        done = run("interop-browser", "python", HERE / "show_page.py", f"{address}/index.html", words, picture)
        if done.returncode == 0:
            break

    assert words in done.stdout, done.stdout + done.stderr
    assert picture.stat().st_size > 0


@pytest.mark.parametrize("hash_of", ["the manifest", "another"])
def test_webcrypto_verifies_the_anonymous_signature(folder, tmp_path, hash_of):
    """
    With the curve, the hash and the spelling that ReplayWeb.page asks it for.
    """
    signed = json.loads(builders.contents(folder / "case.wacz")[builders.DIGEST])["signedData"]
    if hash_of == "another":
        signed["hash"] = builders.sha256(b"another")
    (tmp_path / "signed.json").write_text(json.dumps(signed))
    program = ["node", str(HERE / "verify_signature.mjs"), str(tmp_path / "signed.json")]
    done = subprocess.run(program, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ("true" if hash_of == "the manifest" else "false")


PEM = serialization.Encoding.PEM


def issue(
    subject: str, key: Any, issuer: x509.Name | None, issuer_key: Any, *, usage: x509.ObjectIdentifier | None = None
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    since = datetime.now(UTC) - timedelta(hours=1)
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(issuer or name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(since).not_valid_after(since + timedelta(days=3))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(subject.replace(" ", "-"))]), critical=False)
    )  # fmt: skip
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


@pytest.fixture
def signed(warcs, tmp_path) -> tuple[Path, DomainSigner, list[str]]:
    """A package signed for a domain under an authority made here, stamped by OpenSSL; and the two roots' SHA-256."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = issue("Invented authority", root_key, None, root_key)
    leaf = issue(DOMAIN, key, root.subject, root_key)
    tsa_root_key, tsa_key = (rsa.generate_private_key(65537, 2048) for _ in range(2))  # wacz-signing knows RSA alone
    tsa_root = issue("Invented stamps", tsa_root_key, None, tsa_root_key)
    tsa = issue(
        "stamps of Westmere, unit 7", tsa_key, tsa_root.subject, tsa_root_key, usage=ExtendedKeyUsageOID.TIME_STAMPING
    )
    secret = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "tsa.key").write_bytes(tsa_key.private_bytes(PEM, *secret))
    (tmp_path / "tsa.pem").write_bytes(tsa.public_bytes(PEM))
    (tmp_path / "tsa.cnf").write_text(CONFIGURATION)

    def stamp(data: bytes) -> tuple[bytes, list[bytes]]:
        (tmp_path / "data").write_bytes(data)
        query = ["openssl", "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "query.tsq"]
        reply = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr"]
        for command in (query, reply):
            subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        return (tmp_path / "reply.tsr").read_bytes(), [each.public_bytes(DER) for each in (tsa, tsa_root)]

    signer = DomainSigner(key, DOMAIN, [each.public_bytes(DER) for each in (leaf, root)], stamp)
    made = datetime.now(UTC) - timedelta(seconds=1)
    path = builders.package(tmp_path / "signed.wacz", warcs=warcs, pages=[], created=made, signer=signer)
    return path, signer, [each.fingerprint(hashes.SHA256()).hex() for each in (root, tsa_root)]


DER = serialization.Encoding.DER
CONFIGURATION = """
[ tsa ]
default_tsa = stamps
[ stamps ]
serial = serial.txt
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
ess_cert_id_alg = sha256
"""


def forged(path: Path) -> Path:
    """Return the package with another manifest under the old signature, put under the new hash."""
    files = builders.contents(path)
    manifest = {**json.loads(files[builders.MANIFEST]), "title": "Another"}
    made = builders.remanifested(files, manifest)
    document = json.loads(made[builders.DIGEST])
    document["signedData"] = {**json.loads(files[builders.DIGEST])["signedData"], "hash": document["hash"]}
    made[builders.DIGEST] = json.dumps(document).encode()
    other = path.with_name("forged.wacz")
    other.write_bytes(builders.pack(made))
    return other


def test_authsign_verifies_signature_time_stamp_and_roots(signed, tmp_path):
    """
    By ``wacz validate --verify-auth``; with an altered manifest, or other roots, it refuses.
    """
    path, _, (domain, stamps) = signed
    roots, others = tmp_path / "roots.yaml", tmp_path / "others.yaml"
    roots.write_text(json.dumps({"domain_cert_roots": [domain], "timestamp_cert_roots": [stamps]}))
    others.write_text(json.dumps({"domain_cert_roots": [stamps], "timestamp_cert_roots": [domain]}))

    def verify(list_of_roots: Path, package: Path) -> int:
        return run("interop-wacz", "python", HERE / "verify_auth.py", list_of_roots, package).returncode

    assert (verify(roots, path), verify(others, path), verify(roots, forged(path))) == (0, 1, 1)


def test_wacz_signing_verifies_the_same(signed):
    """
    Independent code. Unlike authsign it never compares the signature with the hash of the manifest, so an altered
    manifest under the old signature passes it; an altered signature does not, for its time stamp breaks.
    """
    path, signer, (domain, stamps) = signed
    program = "import sys; from wacz_signing import signer; print(signer.verify_wacz(sys.argv[1]))"

    def verify(package: Path, root: str) -> subprocess.CompletedProcess:
        return run("interop-signing", "python", "-c", program, package, CERT_ROOTS=root, TS_ROOTS=stamps)

    assert DOMAIN in verify(path, domain).stdout
    assert verify(path, stamps).returncode == 1
    assert verify(with_signature(path, signer.sign("sha256:", "", "")["signature"]), domain).returncode == 1


def with_signature(path: Path, signature: str) -> Path:
    files = builders.contents(path)
    document = json.loads(files[builders.DIGEST])
    document["signedData"]["signature"] = signature
    other = path.with_name("another.wacz")
    other.write_bytes(builders.pack({**files, builders.DIGEST: json.dumps(document).encode()}))
    return other


def test_our_check_gives_the_same_verdict_on_the_signed_package(signed):
    """
    It names the roots that the others were told to trust.
    """
    path, _, roots = signed
    found = check_wacz(path).signature

    with pytest.raises(IntegrityError, match="not one by its key over the hash"):
        check_wacz(forged(path))
    assert found is not None
    assert (found.signer, list(found.roots)) == (DOMAIN, roots)
