"""A witness over HTTP on loopback: what goes wrong between a ledger and its witness, and who may ask for what."""

from __future__ import annotations

import contextlib
import http.client
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from invented_log import InventedLog, a_signer

from osint.chain_of_custody.exchange import Answer
from osint.chain_of_custody.witness import (
    LARGEST_REQUEST,
    Cosignature,
    Witness,
    WitnessKey,
    ask,
    check_cosignature,
    request_body,
)
from osint.errors import UnreachableError, WitnessError
from osint.serve.witness import WitnessServer

NAME = "witness.example/court"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LOG = InventedLog(40)
COURT = a_signer("witness", 64)
KEY = WitnessKey(NAME, COURT.public)


@pytest.fixture
def witness(tmp_path) -> Witness:
    made = Witness(tmp_path, COURT, NAME, clock=lambda: NOON)
    made.enroll(LOG.vkey)
    return made


@pytest.fixture
def server(witness) -> Iterator[WitnessServer]:
    with WitnessServer(witness) as running:
        yield running


def connected(server: WitnessServer) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)


def post(url: str, body: bytes, content_type: str) -> Answer:
    """An exchange over HTTP, as the network gives it to a ledger."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request("POST", parts.path, body, {"Content-Type": content_type})
        answer = connection.getresponse()
        return Answer(answer.status, answer.read())
    except (OSError, http.client.HTTPException) as error:
        raise UnreachableError(str(error)) from error
    finally:
        connection.close()


def asked(url: str, log: InventedLog, size: int, old: int, exchange=post) -> str:
    return ask(log.note(size), old, log.path, url, KEY, exchange, clock=lambda: NOON)


def told(url: str, log: InventedLog, size: int, old: int, exchange=post) -> str:
    with pytest.raises(WitnessError) as refused:
        asked(url, log, size, old, exchange)
    return refused.value.reason


def test_a_ledger_is_cosigned_over_http(server):
    """
    Heads that continue each other come back cosigned, from a wrong idea of the witness's size too.
    """
    for size, old in [(8, 0), (20, 8), (40, 3), (40, 40)]:
        line = asked(server.url, LOG, size, old)
        assert Cosignature(NAME, NOON) == check_cosignature(LOG.note(size), line, KEY)


def test_an_answer_that_is_lost_is_repaired(server, witness):
    """
    The client hangs up before the answer: the witness has kept the head, and gives the cosignature when asked again.
    """

    def hanging_up(url: str, body: bytes, content_type: str) -> Answer:
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
            head = f"POST {parts.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
            line.sendall(head.encode() + body)
            while not witness.heads(LOG.origin):
                pass  # until the head is kept; then the line is cut without reading
        raise UnreachableError("the connection ended")

    assert told(server.url, LOG, 8, 0, hanging_up) == "no-answer"
    assert [LOG.note(8)] == witness.heads(LOG.origin)
    assert Cosignature(NAME, NOON) == check_cosignature(LOG.note(8), asked(server.url, LOG, 8, 0), KEY)


def test_an_answer_that_is_cut_is_no_cosignature(server, witness):
    """
    Half an answer is refused, and asking again gives the whole.
    """
    assert told(server.url, LOG, 8, 0, lambda *request: Answer(200, post(*request).body[:40])) == "bad-cosignature"
    assert asked(server.url, LOG, 8, 0)


def test_a_stale_replayed_or_forked_request_gets_no_cosignature(server, witness):
    """
    Stale size, replayed request, other root for the size, inconsistent tree: refused, and the head kept stays (F14).
    """
    first = request_body(0, [], LOG.note(8))
    forked = InventedLog(20, story="!", parted=3)
    url = f"{server.url}/add-checkpoint"
    assert post(url, first, "text/plain").status == 200

    assert Answer(409, b"8\n") == post(url, first, "text/plain")
    assert Answer(409, b"8\n") == post(url, request_body(0, [], LOG.note(20)), "text/plain")
    assert Answer(409, b"8\n") == post(url, request_body(8, [], forked.note(8)), "text/plain")
    assert post(url, request_body(8, forked.path(8, 20), forked.note(20)), "text/plain").status == 422
    assert [LOG.note(8)] == witness.heads(LOG.origin)


def test_an_old_backup_that_is_restored_is_found_out(server):
    """
    A copy that went back is a rollback at once, and a fork once entries were added to it (F9).
    """
    asked(server.url, LOG, 20, 0)

    assert told(server.url, InventedLog(12), 12, 8) == "rollback"
    assert told(server.url, InventedLog(40, story="!", parted=12), 40, 8) == "fork"
    assert asked(server.url, LOG, 40, 20)


def test_a_witness_that_is_not_there_is_no_answer(witness):
    """
    After the server stopped nobody answers, and the port is free.
    """
    with WitnessServer(witness) as server:
        url = server.url

    assert told(url, LOG, 8, 0) == "no-answer"
    with WitnessServer(witness, port=urlsplit(url).port or 0) as again:
        assert url == again.url
        assert asked(url, LOG, 8, 0)


def test_a_size_has_its_own_media_type(server):
    """
    The body of a conflict is text/x.tlog.size, a cosignature is text.
    """
    connection = connected(server)
    for status, kind in [(200, "text/plain; charset=utf-8"), (409, "text/x.tlog.size")]:
        connection.request("POST", "/add-checkpoint", request_body(0, [], LOG.note(8)))
        answer = connection.getresponse()
        assert (status, kind) == (answer.status, answer.getheader("Content-Type"))
        answer.read()
    connection.close()


def test_a_connection_carries_several_requests(server):
    """
    A client may keep its connection; each request on it is judged for itself.
    """
    connection = connected(server)
    for size, old in [(8, 0), (20, 8), (20, 3)]:
        path = LOG.path(old, size) if 0 < old < size else []
        connection.request("POST", "/add-checkpoint", request_body(old, path, LOG.note(size)))
        answer = connection.getresponse()
        assert (409 if old == 3 else 200) == answer.status
        answer.read()
    assert connection.sock is not None
    connection.close()


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/add-checkpoint", 405),
        ("GET", "/", 405),
        ("HEAD", "/add-checkpoint", 405),
        ("PUT", "/add-checkpoint", 405),
        ("DELETE", "/add-checkpoint", 405),
        ("OPTIONS", "*", 405),
        ("POST", "/", 404),
        ("POST", "/add-checkpoint/", 404),
        ("POST", "/add-checkpoint?x=1", 404),
        ("POST", "/sign-subtree", 404),
    ],
)
def test_nothing_but_add_checkpoint_is_answered(server, witness, method, path, status):
    """
    Other methods and other paths are refused, with a true request as their body too, and the line is closed.
    """
    connection = connected(server)
    connection.request(method, path, request_body(0, [], LOG.note(8)))
    answer = connection.getresponse()

    assert status == answer.status
    assert answer.getheader("Connection") == "close"
    assert ("POST" if status == 405 else None) == answer.getheader("Allow")
    assert witness.heads(LOG.origin) == []
    connection.close()


@pytest.mark.parametrize(
    "headers, status",
    [
        ({}, 411),
        ({"Content-Length": "many"}, 411),
        ({"Content-Length": "-1"}, 411),
        ({"Content-Length": "+1"}, 411),
        ({"Content-Length": "1²"}, 411),
        ({"Transfer-Encoding": "chunked"}, 411),
        ({"Transfer-Encoding": "chunked", "Content-Length": "5"}, 411),
        ({"Content-Length": str(LARGEST_REQUEST + 1)}, 413),
        ({"Content-Length": "9" * 5000}, 413),
    ],
    ids=str,
)
def test_a_body_without_a_length_or_beyond_the_limit_is_not_read(server, headers, status):
    """
    A request that would take memory or time without end is refused by its header alone.
    """
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        line.sendall(f"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode("latin-1"))
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert status == answer.status
        assert answer.read().endswith(b"\n")
        assert line.recv(1) == b""


def test_the_largest_request_is_read(server):
    """
    64 KiB are judged, not refused by their length.
    """
    answer = post(f"{server.url}/add-checkpoint", b"x" * LARGEST_REQUEST, "text/plain")

    assert answer.status == 400


def test_a_client_that_sends_too_much_hears_why(server):
    """
    The refusal reaches a client that goes on sending its body, which is not cut off before it can read.
    """
    parts = urlsplit(server.url)
    size = 8 * LARGEST_REQUEST
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        line.sendall(f"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode())
        answer = http.client.HTTPResponse(line)
        answer.begin()
        for _ in range(8):
            line.sendall(b"x" * LARGEST_REQUEST)

        assert (answer.status, answer.read()) == (413, b"A request has at most 65536 bytes.\n")


def test_a_client_that_sends_without_end_is_hung_up_on(server):
    """
    A refused client is not listened to for ever.
    """
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        line.sendall(b"POST /other HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionError):
            for _ in range(10_000):
                line.sendall(b"x" * (1 << 16))


def test_a_client_that_hangs_up_in_the_middle_leaves_nothing(server, witness):
    """
    Half a request is no request.
    """
    parts = urlsplit(server.url)
    body = request_body(0, [], LOG.note(8))
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        line.sendall(
            f"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body) + 1}\r\n\r\n".encode() + body
        )
        line.shutdown(socket.SHUT_WR)
        assert line.recv(1) == b""
    assert witness.heads(LOG.origin) == []


def test_a_client_that_takes_its_time_is_hung_up_on(witness):
    """
    A connection that sends a byte now and then ends all the same.
    """
    with WitnessServer(witness, seconds=0.3) as server:
        parts = urlsplit(server.url)
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
            line.settimeout(0.05)
            line.sendall(b"POST /add-checkpoint HTTP/1.1\r\n")
            ended = False
            while not ended:
                try:
                    line.sendall(b"X")
                    ended = line.recv(1) == b""
                except TimeoutError:
                    continue
                except ConnectionError:
                    ended = True


def test_more_connections_than_allowed_are_closed(witness):
    """
    Beyond the limit nobody is answered; when others have left, they are.
    """
    with WitnessServer(witness, connections=2) as server:
        parts = urlsplit(server.url)
        held = [socket.create_connection((parts.hostname, parts.port), timeout=10) for _ in range(2)]
        for line in held:
            line.sendall(b"POST /other HTTP/1.1\r\n")
        assert told(server.url, LOG, 8, 0) == "no-answer"
        for line in held:
            line.sendall(b"Host: x\r\n\r\n")
            while line.recv(1000):
                pass  # the refusal, to its end
            line.close()
        answered = threading.Event()
        while not answered.is_set():
            try:
                asked(server.url, LOG, 8, 0)
                answered.set()
            except WitnessError as refused:
                assert refused.reason == "no-answer"  # the server has not noticed yet that they left


def test_a_memory_that_fails_is_told_and_answered_500(tmp_path, server, witness, capsys):
    """
    When the head cannot be kept, the client hears that nothing was cosigned, and the terminal why.
    """
    for file in tmp_path.iterdir():
        file.unlink()

    answer = post(f"{server.url}/add-checkpoint", request_body(0, [], LOG.note(8)), "text/plain")

    assert answer.status == 500
    assert b"nothing was cosigned" in answer.body
    assert str(tmp_path).encode() not in answer.body
    assert "witness.sqlite" in capsys.readouterr().err
    assert told(server.url, LOG, 8, 0) == "no-answer"


def test_a_request_line_cannot_write_to_the_terminal(server, capsys):
    """
    Control characters of a hostile client reach the terminal as their names.
    """
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        line.sendall(b"\x1b[2J\xc2\x9b \x1b]0;x\x07 HTTP/9.9\r\n\r\n")
        while line.recv(1000):
            pass
    shown = capsys.readouterr().err

    assert shown
    assert shown.replace("\n", "").isprintable()


def test_stopping_ends_what_is_connected(witness):
    """
    A client that says nothing holds up neither the others nor the end.
    """
    server = WitnessServer(witness).start()
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        line.sendall(b"POST /add")
        assert asked(server.url, LOG, 8, 0)
        server.stop()
        with contextlib.suppress(ConnectionResetError):  # what was not read decides which way the line ends
            assert line.recv(1) == b""


SERVING = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from invented_log import InventedLog, a_signer
from osint.chain_of_custody.witness import Witness
from osint.serve.witness import WitnessServer

witness = Witness(Path(sys.argv[1]), a_signer("witness", 64), "witness.example/court")
witness.enroll(InventedLog(1).vkey)
server = WitnessServer(witness)
print(server.url, flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent to a process group there")
def test_the_command_line_serves_until_it_is_interrupted(tmp_path):
    """
    In the foreground the server answers until Ctrl+C, and ends in order.
    """
    tests = str(Path(__file__).parent.parent)
    running = subprocess.Popen([sys.executable, "-c", SERVING, str(tmp_path), tests], stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout
        url = running.stdout.readline().strip()
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        connection.request("POST", "/add-checkpoint", request_body(0, [], LOG.note(8)))
        assert connection.getresponse().status == 200
        running.send_signal(2)
        out, _ = running.communicate(timeout=30)
        connection.close()
    finally:
        running.kill()
    assert (running.returncode, out) == (0, "stopped\n")


def test_the_answer_to_head_has_no_body(server):
    """
    A header alone answers HEAD, as HTTP says.
    """
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        line.sendall(b"HEAD /add-checkpoint HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b"".join(iter(lambda: line.recv(1000), b""))

    assert answer.startswith(b"HTTP/1.1 405 ")
    assert answer.endswith(b"\r\n\r\n")


def test_clients_that_break_off_are_no_news_and_faults_are(witness, capsys):
    """
    A reset line leaves nothing on the terminal; an error of the program is reported there, and others are served on.
    """
    reset = struct.pack("ii", 1, 0)  # close with a reset
    with WitnessServer(witness) as server:
        connection = connected(server)
        connection.request("POST", "/add-checkpoint", b"first, whole")
        connection.getresponse().read()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        connection.sock.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nold")
        connection.close()
    assert capsys.readouterr().err == ""

    witness._clock = lambda: 1 / 0
    with WitnessServer(witness) as server:
        assert told(server.url, LOG, 8, 0) == "no-answer"
    assert "ZeroDivisionError" in capsys.readouterr().err
