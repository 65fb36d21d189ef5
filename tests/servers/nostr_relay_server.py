"""A real relay of Nostr: nostr-relay, a process from an environment of its own, filled with signed events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_processes import ServerNotStartedError, finished, free_port, listening, running

PROGRAMS = Path(__file__).parent.parent.parent / ".venv" / "servers-nostr" / "bin"
MOST = 8  # events that the relay sends at once

# Three events bear each second, so that the border of a page lies within one.
SEED = r"""
import asyncio, json, sys
import websockets
from aionostr.event import Event
from aionostr.key import PrivateKey

jane, sam, events = PrivateKey(b"\x01" * 32), PrivateKey(b"\x02" * 32), []

def add(kind, content, tags, at, who=jane):
    event = Event(pubkey=who.public_key.hex(), content=content, created_at=at, kind=kind, tags=tags)
    event.sign(who.hex())
    events.append(event.to_json_object())
    return event

notes = [add(1, f'note {n} שלום 🐚 "quoted" \\ \n\t\x01', [["t", "westmere"]], 1777000000 + n // 3 * 60) for n in range(30)]
first = notes[0]
add(1, "Where?", [["e", first.id, "", "root"], ["p", first.pubkey]], 1777000500, sam)
add(0, json.dumps({"name": "jane"}), [], 1777000001)
add(6, "", [["e", first.id]], 1777000601)
add(7, "+", [["e", first.id]], 1777000602)

async def publish():
    async with websockets.connect(sys.argv[1]) as relay:
        for event in events:
            await relay.send(json.dumps(["EVENT", event]))
            answer = json.loads(await relay.recv())
            assert answer[2] is True, answer

asyncio.run(publish())
print(json.dumps(events))
"""
CONFIGURATION = """
relay_name: an invented relay
storage:
  sqlalchemy.url: sqlite+aiosqlite:///{folder}/nostr.sqlite3
  validators: [nostr_relay.validators.is_signed]
verification: {{ nip05_verification: disabled }}
gunicorn: {{ bind: "127.0.0.1:{port}", workers: 1, loglevel: info, reload: false, control_socket_disable: true }}
authentication: {{ enabled: false }}
max_limit: {most}
"""


@dataclass(frozen=True)
class RealRelay:
    """The running relay, and the events that went in."""

    port: int
    events: tuple[dict[str, Any], ...]

    @property
    def url(self) -> str:
        """Its address."""
        return f"ws://127.0.0.1:{self.port}"


@contextmanager
def nostr_relay_server(folder: Path) -> Iterator[RealRelay]:
    """Start a relay on an empty database, and publish the events to it."""
    if not (PROGRAMS / "nostr-relay").exists():
        raise ServerNotStartedError("nostr-relay is not installed; run as root: sh tests/servers/install.sh")
    port, log, configuration = free_port(), folder / "relay.log", folder / "config.yaml"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, most=MOST), encoding="utf-8")
    command = [str(PROGRAMS / "nostr-relay"), "-c", str(configuration), "serve"]
    with running(command, log, {"HOME": str(folder)}) as process:
        listening(port, log, process)
        printed = finished([str(PROGRAMS / "python"), "-c", SEED, f"ws://127.0.0.1:{port}/"])
        yield RealRelay(port, tuple(json.loads(printed)))
