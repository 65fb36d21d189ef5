"""Many processes and threads on one ledger, killed, forked and restarted in the middle of it (faults F6, F7)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from faults.acknowledged import published, reopen_case
from faults.appender import open_or_create, ticking
from faults.system_calls import Worker, Workers
from jupyter_client.manager import start_new_kernel

from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.verification import verify

pytestmark = pytest.mark.faults

APPENDS = 200
KILL_AFTER = 150
PATIENCE = 30  # seconds, as the ledger file has it
TESTS = Path(__file__).parent.parent


class Crowd:
    """Writers on one case. Who is killed is replaced by one that does what was left."""

    def __init__(self, workers: Workers, case: Path) -> None:
        self.said: list[dict[str, Any]] = []
        self.kills = 0
        self.longest_wait = 0.0
        self._workers, self._case = workers, case
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._running: list[Worker] = []
        self._threads: list[threading.Thread] = []

    def start(self, appends: int) -> None:
        steps = ["start", *["append"] * appends]
        with self._lock:
            worker = self._stack.enter_context(self._workers.start(self._case, steps))
            self._running.append(worker)
            thread = threading.Thread(target=self._listen, args=(worker, appends))
            self._threads.append(thread)
        worker.go()
        thread.start()

    def _listen(self, worker: Worker, appends: int) -> None:
        done, before = 0, monotonic()
        for said in worker.said():
            self.longest_wait, before = max(self.longest_wait, monotonic() - before), monotonic()
            self.said.append(said)
            done += said["step"] == "append" and "leaf" in said
            if said["step"] == "end":
                break
        else:
            self.start(appends - done)
        self._running.remove(worker)

    def kill_one(self, chance: random.Random) -> None:
        with self._lock:
            if self._running:
                chance.choice(self._running).kill()
                self.kills += 1

    def wait(self) -> None:
        """Kill one writer after each so many entries until all is done."""
        chance, killed_at = random.Random(len(self._threads)), 0
        while any(thread.is_alive() for thread in list(self._threads)):
            if len(self.said) >= killed_at + KILL_AFTER:
                killed_at = len(self.said)
                self.kill_one(chance)
            threading.Event().wait(0.01)
        self._stack.close()


@pytest.mark.parametrize("writers", [2, 4, 8, 16])
def test_writers_that_are_killed_leave_one_chain(workers, ram, figures, writers):
    """
    No gap, no double, no fork; no writer gives up waiting; at most the entry in hand of each killed writer comes on top.
    """
    case = ram / "case"
    case.mkdir()
    open_or_create(case, ticking()).close()
    crowd = Crowd(workers, case)
    for _ in range(writers):
        crowd.start(APPENDS)
    crowd.wait()

    assert not [each for each in crowd.said if "message" in each]
    leaves = [each["seq"] for each in crowd.said if each["step"] == "append"]
    assert len(leaves) == len(set(leaves))
    with Ledger.read(case / "ledger.sqlite") as ledger:
        entries = verify(ledger).entries
    figures |= {"entries": entries, "acknowledged": len(leaves), "kills": crowd.kills}
    figures["ms until a writer had its turn, at most"] = round(crowd.longest_wait * 1000)
    assert crowd.longest_wait < PATIENCE
    assert writers * APPENDS + 1 <= entries <= writers * APPENDS + 1 + crowd.kills
    assert crowd.kills
    reopen_case(case, crowd.said)


def test_threads_on_one_handle_make_one_chain(ram, figures):
    """
    Eight threads append, cut checkpoints and read at once: each promise is kept, and no head is signed twice.
    """
    case = ram / "case"
    case.mkdir()
    said: list[dict[str, Any]] = []
    with open_or_create(case, ticking()) as ledger:

        def work(number: int) -> None:
            for turn in range(40):
                entry = ledger.append("note", private={"text": f"{number}, {turn}"})
                said.append({"step": "append", "seq": entry.seq, "leaf": entry.leaf.hex()})
                if turn % 5 == 0:
                    said.append({"step": "checkpoint", "note": ledger.cut_checkpoint()})
                    assert ledger.entry(entry.seq).leaf == entry.leaf

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        figures |= {"entries": len(ledger), "heads": len(published(said))}

    assert sorted(each["seq"] for each in said if "seq" in each) == list(range(1, 321))
    reopen_case(case, said)


FORKED = """
import gc, os, sys
from pathlib import Path
from faults.appender import open_or_create, ticking
from osint.errors import LedgerError

case, end = Path(sys.argv[1]), sys.argv[2]
ledger = open_or_create(case, ticking())
made = [ledger.append("note")]
child = os.fork()
if child == 0:
    try:
        ledger.append("note")
    except LedgerError as error:
        refused = "another process" in str(error)
    if end == "closes":
        ledger.close()
    elif end == "forgets":
        del ledger
        gc.collect()
    elif end == "opens its own":
        with open_or_create(case, ticking()) as own:
            own.append("note")
    elif end == "exits at once":
        os._exit(0 if refused else 1)
    sys.exit(0 if refused else 1)
made += [ledger.append("note") for _ in range(20)]
assert os.waitpid(child, 0)[1] == 0
made += [ledger.append("note") for _ in range(20)]
for entry in made:
    print(entry.seq, entry.leaf.hex(), flush=True)
if end != "exits at once":
    ledger.close()
os._exit(0)
"""


@pytest.mark.parametrize("end", ["closes", "forgets", "exits", "exits at once", "opens its own"])
def test_a_fork_after_opening_takes_nothing_away(ram, end):
    """
    The child is refused, and however it ends, the parent's log, locks and entries stay.
    """
    case = ram / "case"
    case.mkdir()
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])}
    ran = subprocess.run(
        [sys.executable, "-c", FORKED, str(case), end], capture_output=True, text=True, env=paths, check=False
    )

    assert ran.returncode == 0, ran.stderr
    made = [line.split() for line in ran.stdout.splitlines()]
    assert len(made) == 41
    reopen_case(case, [{"step": "append", "seq": int(seq), "leaf": leaf} for seq, leaf in made])


OPENING = """
import sys; sys.path.insert(0, {tests!r})
from pathlib import Path
from faults.appender import open_or_create, ticking
ledger = open_or_create(Path({case!r}), ticking())
"""
NEXT = """
entry = ledger.append("note", private={"text": "from a notebook"})
print(entry.seq, entry.leaf.hex(), flush=True)
"""
LOOP = "while True:" + NEXT.replace("\n", "\n    ")


@pytest.mark.parametrize("rude", [True, False], ids=["restarted", "interrupted"])
def test_a_kernel_in_the_middle_of_appending(ram, figures, rude):
    """
    Restarting kills it, interrupting stops the cell: what was printed is there, and the next cell goes on.
    """
    case = ram / "case"
    case.mkdir()
    cell = OPENING.format(tests=str(TESTS), case=str(case)) + LOOP
    manager, client = start_new_kernel()
    said: list[dict[str, Any]] = []
    try:
        for round_ in range(3):
            listen(client, client.execute(cell if rude or not round_ else LOOP), said, lines=20)
            if rude:
                manager.restart_kernel(now=True)
                client.wait_for_ready(timeout=60)
            else:
                manager.interrupt_kernel()
                listen(client, client.execute(NEXT), said)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)

    figures["acknowledged"] = len(said)
    assert len(said) >= 60
    reopen_case(case, said)


def listen(client: Any, cell: str, said: list[dict[str, Any]], lines: int | None = None) -> None:
    """Take down what one cell prints: so many lines, or all until it ends."""
    rest, before = "", len(said)
    while True:
        message = client.get_iopub_msg(timeout=60)
        content = message["content"]
        assert content.get("ename", "KeyboardInterrupt") == "KeyboardInterrupt", content
        if message["parent_header"].get("msg_id") != cell:
            continue
        if message["msg_type"] == "stream":
            *whole, rest = (rest + content["text"]).split("\n")
            pairs = (line.split() for line in whole)
            said += [{"step": "append", "seq": int(seq), "leaf": leaf} for seq, leaf in pairs]
        done = message["msg_type"] == "status" and content["execution_state"] == "idle"
        if (lines is None and done) or (lines is not None and len(said) - before >= lines):
            return
