"""A real Matrix server: Synapse, a process from an environment of its own, with an invented room that anybody may read."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from local_processes import ServerNotStartedError, finished, free_port, listening, running
from tls_front import Route

PYTHON = Path(__file__).parent.parent.parent / ".venv" / "servers-synapse" / "bin" / "python"
NAME = "tidewater.example"
ALIAS = f"#pier:{NAME}"
_SECRET = "an invented and long secret"
_CLIENT = "/_matrix/client/v3"

# Nobody is asked for keys and nothing is sent elsewhere; whoever tests may write as fast as the machine lets him.
CONFIGURATION = """
server_name: {name}
pid_file: {folder}/pid
listeners:
  - {{ port: {port}, bind_addresses: [127.0.0.1], type: http, tls: false, x_forwarded: true,
       resources: [ {{ names: [client, media] }} ] }}
database: {{ name: sqlite3, args: {{ database: {folder}/homeserver.db }} }}
media_store_path: {folder}/media
log_config: {folder}/log.yaml
signing_key_path: {folder}/signing.key
registration_shared_secret: {secret}
macaroon_secret_key: {secret}
form_secret: {secret}
report_stats: false
trusted_key_servers: []
federation_domain_whitelist: []
allow_public_rooms_without_auth: true
enable_authenticated_media: true
rc_message: {{ per_second: 1000, burst_count: 1000 }}
rc_login: {{ address: {{ per_second: 1000, burst_count: 1000 }}, account: {{ per_second: 1000, burst_count: 1000 }} }}
"""
LOG = """
version: 1
handlers: {{ file: {{ class: logging.FileHandler, filename: {folder}/synapse.log }} }}
root: {{ level: WARNING, handlers: [file] }}
"""


@dataclass(frozen=True)
class RealSynapse:
    """The running server, and what went in.

    Attributes:
        room: Identifier of the room that anybody may read.
        closed: Identifier of a room whose history is for its members.
        sent: Each seeded event by name: its identifier, type, sender and content.
        token: Of the first member, with which a test sees what a member sees. No collector is given it.
    """

    port: int
    room: str
    closed: str
    sent: Mapping[str, Mapping[str, Any]]
    token: str

    @property
    def route(self) -> Route:
        """The server under its own name; paths are the same."""
        return f"http://127.0.0.1:{self.port}".__add__

    def history(self) -> list[dict[str, Any]]:
        """Return every event of the room as a member is shown it, oldest first."""
        found: list[dict[str, Any]] = []
        asked = f"/rooms/{quote(self.room)}/messages?dir=f&limit=100"
        page = call(self.port, "GET", asked, self.token)
        while page["chunk"]:
            found += page["chunk"]
            if "end" not in page:
                break
            page = call(self.port, "GET", f"{asked}&from={quote(page['end'])}", self.token)
        return found


@contextmanager
def synapse_server(folder: Path) -> Iterator[RealSynapse]:
    """Run a Synapse whose files are in ``folder``, and put the story in."""
    if not PYTHON.exists():
        raise ServerNotStartedError("Synapse is not installed; run as root: sh tests/servers/install.sh")
    port = free_port()
    settings = folder / "homeserver.yaml"
    settings.write_text(CONFIGURATION.format(name=NAME, folder=folder, port=port, secret=_SECRET), encoding="utf-8")
    (folder / "log.yaml").write_text(LOG.format(folder=folder), encoding="utf-8")
    command = [str(PYTHON), "-m", "synapse.app.homeserver", "--config-path", str(settings)]
    finished([*command, "--generate-keys"])
    log = folder / "output.log"
    with running(command, log) as process:
        listening(port, log, process)
        yield seeded(port)


def call(port: int, method: str, path: str, token: str = "", content: object = None) -> Any:
    """Ask the server as a member does, and return its JSON."""
    base = "" if path.startswith("/_") else _CLIENT
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    body = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{base}{path}", body, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def registered(port: int, name: str) -> str:
    """Make an account, and return its token."""
    nonce = call(port, "GET", "/_synapse/admin/v1/register")["nonce"]
    said = f"{nonce}\0{name}\0invented\0notadmin"
    mac = hmac.new(_SECRET.encode(), said.encode(), hashlib.sha1).hexdigest()
    asked = {"nonce": nonce, "username": name, "password": "invented", "admin": False, "mac": mac}
    token: str = call(port, "POST", "/_synapse/admin/v1/register", content=asked)["access_token"]
    return token


def seeded(port: int) -> RealSynapse:
    """Put the story in."""
    tokens = {name: registered(port, name) for name in ("jane", "sam")}
    readable = {
        "type": "m.room.history_visibility",
        "state_key": "",
        "content": {"history_visibility": "world_readable"},
    }
    room = made(port, tokens["jane"], "Pier 🌊", alias="pier", initial_state=[readable])
    closed = made(port, tokens["jane"], "Crew", alias="crew")
    call(port, "POST", f"/join/{quote(room)}", tokens["sam"], {})
    call(port, "PUT", f"/profile/@jane:{NAME}/displayname", tokens["jane"], {"displayname": "Jané 🌊 Example"})
    sent: dict[str, dict[str, Any]] = {}

    def send(name: str, by: str, content: Mapping[str, Any], kind: str = "m.room.message") -> str:
        path = f"/rooms/{quote(room)}/send/{kind}/{name}"
        found: str = call(port, "PUT", path, tokens[by], content)["event_id"]
        sent[name] = {"id": found, "type": kind, "sender": f"@{by}:{NAME}", "content": content}
        return found

    first = send("first", "jane", text("Tide at the pier 🏴‍☠️"))
    send("html", "jane", text("Bold", format="org.matrix.custom.html", formatted_body="<b>Bold</b>"))
    send("rtl", "sam", text("شوهدت عند الرصيف"))
    send("reply", "sam", text("Which tide?", **{"m.relates_to": {"m.in_reply_to": {"event_id": first}}}))
    wrong = send("edited", "sam", text("Tuesday"))
    send(
        "edit", "sam",
        text("* Monday", **{"m.new_content": text("Monday"), "m.relates_to": {"rel_type": "m.replace", "event_id": wrong}}),
    )  # fmt: skip
    doomed = send("deleted", "jane", text("I should not have said this."))
    call(port, "PUT", f"/rooms/{quote(room)}/redact/{quote(doomed)}/gone", tokens["jane"], {"reason": "a slip"})
    send(
        "reaction", "sam", {"m.relates_to": {"rel_type": "m.annotation", "event_id": first, "key": "👍"}}, "m.reaction"
    )
    send("thread", "jane", text("Aside", **{"m.relates_to": {"rel_type": "m.thread", "event_id": first}}))
    send("emote", "jane", {"msgtype": "m.emote", "body": "waves"})
    for number in range(1, 121):
        send(f"bulk{number}", "sam", text(f"Tide table {number}"))
    return RealSynapse(port, room, closed, sent, tokens["jane"])


def made(port: int, token: str, name: str, *, alias: str, initial_state: Sequence[object] = ()) -> str:
    """Make a public room, and return its identifier."""
    asked = {"name": name, "preset": "public_chat", "visibility": "public", "room_alias_name": alias,
             "initial_state": list(initial_state)}  # fmt: skip
    found: str = call(port, "POST", "/createRoom", token, asked)["room_id"]
    return found


def text(body: str, **more: Any) -> dict[str, Any]:
    """Return the content of a message."""
    return {"msgtype": "m.text", "body": body, **more}
