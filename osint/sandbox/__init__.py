"""Hostile bytes are parsed in a limited worker: a child process that may die without harm.

:func:`run` and :func:`run_many` call a reader of ours in a worker, :func:`run_program` a program of others. On Linux
a warm process that has imported the reader forks a worker for each file, or for each few files. Before it sees a byte,
the worker gives up what a reader does not need, in layers that each hold without the others:

- *rlimits*: processor time, memory, open files; no byte written to a file, no core dump, no new process;
- *Landlock*: only the file that it was given can be opened, and the libraries of the interpreter;
- *seccomp*: only the system calls of reading and computing, on a list; no socket, no program, no thread, no signal to
  others, no file opened for writing, removed or renamed;
- *no network*: a network namespace without an interface;
- *bwrap*: read-only mounts and process numbers of its own, where bubblewrap is on the path.

Everywhere, the worker is ended at its wall-clock limit, ends with this process, is not given the environment variables
of this process, and answers in JSON only, so that a worker that hostile bytes have taken over cannot hand an object to
the caller. ``Outcome.isolation`` names the layers that held, and those that this computer does not have.

What is *not* isolated: files that share a worker. Bytes that take it over can read those after theirs and forge what is
said of them. Without Landlock a worker can read what the user can read. On macOS and Windows there is a process with
a limit of time and memory and no more: run the notebook in a container without network where that is a concern.
"""

from osint.sandbox.calls import run, run_many
from osint.sandbox.digests import changes, digests
from osint.sandbox.outcome import Outcome, RefusalError
from osint.sandbox.programs import ProgramOutcome, run_program

__all__ = [
    "Outcome",
    "ProgramOutcome",
    "RefusalError",
    "changes",
    "digests",
    "run",
    "run_many",
    "run_program",
]
