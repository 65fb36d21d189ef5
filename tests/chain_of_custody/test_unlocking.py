from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

from osint.chain_of_custody import key_files, keys, unlocking
from osint.chain_of_custody.secret import Secret
from osint.errors import LedgerError

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file modes, and no such terminals")
pytestmark = pytest.mark.usefixtures("fresh_session")

GOOD, OTHER = b"correct horse battery staple", b"another passphrase"


@pytest.fixture
def no_file(monkeypatch):
    monkeypatch.delenv("OSINT_PASSPHRASE_FILE")


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Put a passphrase into a file and name it in the environment."""

    def put(content, mode=0o600):
        path = tmp_path / "passphrase.txt"
        path.write_bytes(content)
        path.chmod(mode)
        monkeypatch.setenv("OSINT_PASSPHRASE_FILE", str(path))

    return put


@pytest.fixture
def officer(monkeypatch, no_file):
    """Somebody at a terminal, who types these answers in their turn; returns the questions."""

    def types(*answers):
        questions, waiting = [], iter(answers)

        def ask(question):
            questions.append(question)
            return next(waiting)

        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(unlocking.getpass, "getpass", ask)
        return questions

    return types


def made(folder: Path, name: str = "actor", passphrase: bytes = GOOD) -> str:
    """Make a key in another session."""
    keyid = keys.load_or_create(folder, name, lambda _: passphrase).keyid
    unlocking.forget_all()
    return keyid


# -- the ways, in their order ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [GOOD, GOOD + b"\n", GOOD + b"\r\n", GOOD + b"\nanything else"])
def test_a_passphrase_is_read_from_the_first_line_of_a_file(tmp_path, file, content):
    """
    As an editor of any platform leaves it.
    """
    keyid = made(tmp_path)
    file(content)

    assert keyid == keys.load_or_create(tmp_path, "actor").keyid


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_a_passphrase_file_that_others_may_read_is_refused(tmp_path, file, mode):
    """
    Then it protects nothing.
    """
    made(tmp_path)
    file(GOOD, mode)

    with pytest.raises(LedgerError, match=r"passphrase\.txt can be read by other accounts.*chmod 600"):
        keys.load_or_create(tmp_path, "actor")


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\nsecond line"])
def test_an_empty_passphrase_file_is_refused(tmp_path, file, content):
    """
    For an old key and for a new one.
    """
    made(tmp_path)
    file(content)

    for name in ("actor", "log"):
        with pytest.raises(LedgerError, match="An empty passphrase is refused"):
            keys.load_or_create(tmp_path, name)


def test_a_file_that_holds_something_else_is_not_read_whole(tmp_path, file):
    """
    The environment may name the wrong file, a large one.
    """
    made(tmp_path)
    file(GOOD + b"\n" + bytes(5000))

    with pytest.raises(LedgerError, match="longer than 4096 bytes"):
        keys.load_or_create(tmp_path, "actor")


def test_a_second_key_rests_on_what_is_known_of_the_first(tmp_path, file, monkeypatch):
    """
    Making the keys of a first case decrypts nothing: each bcrypt is half a second of the first minute. A file of other
    bytes in the place of the first key is tried all the same.
    """
    file(GOOD)
    tried = []
    monkeypatch.setattr(key_files, "decrypt", lambda file, _: tried.append(file.path.name))
    keys.load_or_create(tmp_path, "actor")
    keys.load_or_create(tmp_path, "log-1")
    before = list(tried)
    (tmp_path / "actor.key").write_bytes(key_files.make(OTHER)[1])

    with pytest.raises(LedgerError, match="does not open"):
        keys.load_or_create(tmp_path, "log-2")

    assert before == []
    assert set(tried) == {"actor.key"}


def test_a_passphrase_file_that_is_not_there_is_named(tmp_path, monkeypatch):
    """
    A typing error in the environment is not passed over.
    """
    made(tmp_path)
    monkeypatch.setenv("OSINT_PASSPHRASE_FILE", str(tmp_path / "gone"))

    with pytest.raises(LedgerError, match=r"gone cannot be read: No such file"):
        keys.load_or_create(tmp_path, "actor")


def test_without_any_way_every_way_is_told(tmp_path, no_file):
    """
    What to do, and why it does not work now; for an old key and for a new one.
    """
    made(tmp_path)

    for folder, what in ((tmp_path, "is locked"), (tmp_path / "new", "needs a passphrase")):
        with pytest.raises(LedgerError, match=what) as refusal:
            keys.load_or_create(folder, "actor")
        said = str(refusal.value)
        for way in ("OSINT_PASSPHRASE_FILE", "osint key remember", "in a terminal or a notebook"):
            assert way in said
        assert ("osint key unlock" in said) is (folder == tmp_path)  # no agent can hold a key that is not there
        assert "not set" in said
        assert "nothing is stored" in said
        assert "nobody to ask" in said


def test_a_wrong_passphrase_in_the_file_is_told_among_the_ways(tmp_path, file):
    """
    It is not taken for a new passphrase, and nothing else happens to open the key.
    """
    made(tmp_path)
    file(OTHER)

    with pytest.raises(LedgerError, match="does not open the key"):
        keys.load_or_create(tmp_path, "actor")


def test_a_new_key_gets_the_passphrase_of_those_that_are_there(tmp_path, file):
    """
    One passphrase for a folder, or a second one would be asked for in every session.
    """
    made(tmp_path)
    file(OTHER)

    with pytest.raises(LedgerError, match=r"actor\.key is locked"):
        keys.load_or_create(tmp_path, "log-1")
    assert not (tmp_path / "log-1.key").exists()
    file(GOOD)
    keys.load_or_create(tmp_path, "log-1")
    assert key_files.decrypt(key_files.read(tmp_path / "log-1.key"), GOOD)


def test_a_passphrase_can_be_handed_over_for_this_process(tmp_path, no_file):
    """
    For the keys of that folder alone.
    """
    unlocking.use_passphrase(tmp_path / "mine", GOOD)
    keys.load_or_create(tmp_path / "mine", "actor")

    with pytest.raises(LedgerError, match="needs a passphrase"):
        keys.load_or_create(tmp_path / "other", "actor")


# -- the person --------------------------------------------------------------------------------------------------------


def test_an_officer_types_the_passphrase_once(tmp_path, officer):
    """
    For all keys of the folder, those that are made later in the session too.
    """
    made(tmp_path)
    made(tmp_path, "log-1")
    questions = officer(GOOD.decode())
    for name in ("actor", "log-1", "log-2", "actor"):
        keys.load_or_create(tmp_path, name)

    assert questions == [f"Passphrase of the signing keys in {tmp_path} (actor): "]


def test_two_people_at_one_desk_are_asked_for_their_own_passphrase(tmp_path, officer):
    """
    The question names the folder, which tells whose keys these are.
    """
    made(tmp_path / "smit")
    made(tmp_path / "stick of R. Klein")
    questions = officer(GOOD.decode(), GOOD.decode())
    for folder in ("smit", "stick of R. Klein"):
        keys.load_or_create(tmp_path / folder, "actor")

    assert questions == [
        f"Passphrase of the signing keys in {tmp_path / folder} (actor): " for folder in ("smit", "stick of R. Klein")
    ]


def test_a_new_passphrase_is_typed_twice(tmp_path, officer):
    """
    Once for the folder: the second key takes the same.
    """
    questions = officer(GOOD.decode(), GOOD.decode())
    for name in ("actor", "log-1"):
        keys.load_or_create(tmp_path, name)

    assert len(questions) == 2
    assert questions[1] == "The same again: "
    assert key_files.decrypt(key_files.read(tmp_path / "log-1.key"), GOOD)


def test_a_slip_of_the_finger_is_forgiven(tmp_path, officer):
    """
    Too short, then two that differ, then the same twice; when opening, the third attempt is good enough.
    """
    questions = officer("short", GOOD.decode(), OTHER.decode(), GOOD.decode(), GOOD.decode())
    keyid = keys.load_or_create(tmp_path, "actor").keyid
    assert ["That is too short" in questions[1], "The two differ" in questions[3]] == [True, True]
    unlocking.forget_all()

    questions = officer("", "wrong", GOOD.decode())
    assert keyid == keys.load_or_create(tmp_path, "actor").keyid
    assert [question.startswith("That does not open it.") for question in questions] == [False, True, True]


def test_three_wrong_passphrases_are_enough(tmp_path, officer):
    """
    The error says what a forgotten passphrase means; none is remembered, none is in the message.
    """
    made(tmp_path)
    officer("wrong one", "wrong two", "wrong three", GOOD.decode())

    with pytest.raises(LedgerError, match="None of 3 passphrases opens") as refusal:
        keys.load_or_create(tmp_path, "actor")
    assert "wrong one" not in str(refusal.value)
    assert keys.load_or_create(tmp_path, "actor").public


def test_three_attempts_at_a_new_passphrase_make_no_key(tmp_path, officer):
    """
    Nothing was written.
    """
    officer("short", "", GOOD.decode(), OTHER.decode())

    with pytest.raises(LedgerError, match="No new passphrase"):
        keys.load_or_create(tmp_path / "keys", "actor")
    assert not (tmp_path / "keys").exists()


def test_a_key_with_another_passphrase_is_asked_for_by_itself(tmp_path, officer):
    """
    Such as one that was brought along.
    """
    made(tmp_path)
    made(tmp_path, "log-1", OTHER)
    questions = officer(GOOD.decode(), OTHER.decode())
    for name in ("actor", "log-1"):
        keys.load_or_create(tmp_path, name)

    assert [question.split("(")[1] for question in questions] == ["actor): ", "log-1): "]


def test_whoever_closes_the_terminal_signs_nothing(tmp_path, officer, monkeypatch):
    """
    End of input is an error that says how to work where nobody can type.
    """
    made(tmp_path)
    officer()

    def closed(_):
        raise EOFError

    monkeypatch.setattr(unlocking.getpass, "getpass", closed)
    with pytest.raises(LedgerError, match="Nobody answered"):
        keys.load_or_create(tmp_path, "actor")


def test_a_new_passphrase_needs_somebody(tmp_path, officer, no_file, monkeypatch):
    """
    It is never taken from where the old one is.
    """
    questions = officer(GOOD.decode(), GOOD.decode())
    assert unlocking.new_passphrase(str(tmp_path / "actor.key")) == GOOD
    assert len(questions) == 2

    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(LedgerError, match="has to be typed"):
        unlocking.new_passphrase(str(tmp_path / "actor.key"))


def test_a_pin_is_asked_for_once(tmp_path, officer, monkeypatch):
    """
    A wrong one is not tried again: a token locks itself.
    """
    questions = officer("1234")
    assert unlocking.session_passphrase(str(tmp_path / "actor.pkcs11")) == b"1234"
    assert questions == [f"PIN of the token that holds the signing key named by {tmp_path / 'actor.pkcs11'}: "]

    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(LedgerError, match="pin-source"):
        unlocking.session_passphrase(str(tmp_path / "actor.pkcs11"))


def test_a_passphrase_file_may_be_handed_over_by_name(tmp_path, file):
    """
    For a program that has an option for it.
    """
    file(GOOD)
    assert unlocking.passphrase_from(tmp_path / "passphrase.txt")("any key") == GOOD


# -- a terminal and a notebook, for real -------------------------------------------------------------------------------

OPEN = """
    import sys
    from pathlib import Path
    from osint.chain_of_custody.keys import load_or_create
    print([load_or_create(Path(sys.argv[1]), name).keyid for name in ("actor", "log-1")])
"""


@posix
def test_a_terminal_is_asked_and_does_not_show_the_passphrase(tmp_path, no_file):
    """
    A process of its own at a terminal of its own: one question, and what was typed is not on the screen.
    """
    import pty

    keyids = [made(tmp_path, name) for name in ("actor", "log-1")]
    process, terminal = pty.fork()
    if process == 0:
        os.execv(sys.executable, [sys.executable, "-c", textwrap.dedent(OPEN), str(tmp_path)])
    screen = b""
    try:
        while b": " not in screen:
            screen += os.read(terminal, 1024)
        os.write(terminal, GOOD + b"\n")
        while b"]" not in screen:
            screen += os.read(terminal, 1024)
    finally:
        os.waitpid(process, 0)
        os.close(terminal)

    assert screen.count(b"Passphrase of the signing keys") == 1
    assert GOOD not in screen
    assert str(keyids).encode() in screen


def test_nobody_is_asked_through_a_closed_or_redirected_input(tmp_path, no_file):
    """
    A script, a service, a pipe: an error at once, never a question that waits for ever.
    """
    made(tmp_path)
    command = [sys.executable, "-c", textwrap.dedent(OPEN), str(tmp_path)]
    for given in (subprocess.DEVNULL, subprocess.PIPE):
        done = subprocess.run(command, stdin=given, capture_output=True, text=True, timeout=60, check=False)
        assert "nobody to ask here" in done.stderr


@pytest.fixture
def kernel(monkeypatch, tmp_path_factory, no_file):
    """A notebook's kernel."""
    manager = KernelManager(kernel_name="python3")
    if sys.platform != "win32":
        manager.transport, manager.ip = "ipc", str(tmp_path_factory.mktemp("k") / "kernel")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_notebook_is_asked_once_and_keeps_nothing_of_it(tmp_path, kernel):
    """
    The question is one for a password, so the notebook shows dots; the second cell asks nothing.
    """
    keyids = [made(tmp_path, name) for name in ("actor", "log-1")]
    questions, said = [], []

    def answer(message):
        questions.append(message["content"])
        kernel.input(GOOD.decode())

    def run(code):
        done = kernel.execute_interactive(
            code, allow_stdin=True, stdin_hook=answer, output_hook=said.append, timeout=60
        )
        assert done["content"]["status"] == "ok", done["content"]

    code = textwrap.dedent(OPEN).replace("sys.argv[1]", repr(str(tmp_path)))
    run(code)
    run(code)

    assert [(each["password"], each["prompt"]) for each in questions] == [
        (True, f"Passphrase of the signing keys in {tmp_path} (actor): ")
    ]
    shown = "".join(message["content"].get("text", "") for message in said if message["msg_type"] == "stream")
    assert shown.count(str(keyids)) == 2
    assert GOOD.decode() not in repr(said)


def test_a_notebook_that_runs_by_itself_is_not_left_waiting(tmp_path, kernel):
    """
    Whoever executes it cannot be asked; the cell ends in our error.
    """
    made(tmp_path)
    code = textwrap.dedent(OPEN).replace("sys.argv[1]", repr(str(tmp_path)))
    done = kernel.execute_interactive(code, allow_stdin=False, output_hook=lambda _: None, timeout=60)

    assert (done["content"]["status"], done["content"]["ename"]) == ("error", "LedgerError")
    assert "Nobody answered" in done["content"]["evalue"]


# -- secrets -----------------------------------------------------------------------------------------------------------


def test_a_secret_does_not_show_itself():
    """
    However it is asked; only whoever takes its bytes gets them.
    """
    secret = Secret(GOOD)

    assert {repr(secret), str(secret), f"{secret}", f"{secret!r}", repr([secret])[1:-1]} == {"<secret>"}
    with pytest.raises(TypeError, match="does not leave"):
        pickle.dumps(secret)
    assert bytes(secret) == GOOD == secret
