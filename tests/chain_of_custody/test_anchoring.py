"""Heads that others vouch for, from the question to the verdict: a stamping authority and two witnesses in memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from key_material import signer
from tsa import StampingAuthority

from osint.chain_of_custody.anchoring import Anchoring
from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.exchange import Answer
from osint.chain_of_custody.export import ExportedLedger, write_ledger
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.verification import verify
from osint.chain_of_custody.witness import Witness
from osint.chain_of_custody.witness_policy import WitnessPolicy
from osint.errors import CaptureError, IntegrityError, WitnessError

START = datetime(2026, 5, 1, tzinfo=UTC)
TSA = "http://tsa.example/"


class World:
    """Time passes when told to; each host answers from memory, or not at all."""

    def __init__(self, tmp_path, log) -> None:
        self.time = START
        self.down: set[str] = set()
        self.tsa = StampingAuthority.create(tmp_path / "tsa")
        self.witnesses = {
            f"{name}.example": Witness(tmp_path / name, signer(name, 64 + number), f"{name}.example", lambda: self.time)
            for number, name in enumerate(("court", "prosecutor"))
        }
        self.log = log
        self.asked: list[str] = []

    def clock(self) -> datetime:
        return self.time

    def enroll(self, origin: str) -> None:
        for witness in self.witnesses.values():
            witness.enroll(str(self.log.verifier_key(origin)))

    def anchors(self, *, authorities=None, quorum: str = "both", origin: str = "osint/x") -> Anchors:
        lines = [f"log {self.log.verifier_key(origin)}"]
        lines += [f"witness {name} {witness.key} https://{name}/" for name, witness in self.witnesses.items()]
        threshold = "all" if quorum == "both" else "any"
        lines += [f"group {quorum} {threshold} {' '.join(self.witnesses)}", f"quorum {quorum}"]
        held = (self.tsa.pinned(TSA),) if authorities is None else authorities
        return Anchors(timestamps=held, witnesses=WitnessPolicy.read("\n".join(lines) + "\n"))

    def exchange(self, url: str, body: bytes, content_type: str) -> Answer:
        host = urlsplit(url).hostname
        self.asked.append(host)
        if host in self.down:
            raise CaptureError(f"{host} does not answer.")
        if host == "tsa.example":
            return Answer(200, self.tsa.reply(body, self.time))
        return self.witnesses[host].add_checkpoint(body)


@pytest.fixture
def world(tmp_path, log) -> World:
    return World(tmp_path, log)


@pytest.fixture
def watched(world, tmp_path, actor, log):
    with Ledger.create(tmp_path / "watched.sqlite", actor=actor, log=log, clock=world.clock) as ledger:
        world.enroll(ledger.origin)
        yield ledger


@pytest.fixture
def anchoring(world, watched) -> Anchoring:
    return Anchoring(watched, world.anchors(), world.exchange, watched.append, world.clock)


def later(world, **period) -> None:
    world.time += timedelta(**period)


def test_a_head_is_stamped_and_cosigned_and_verification_says_how_far_that_reaches(world, watched, anchoring):
    """
    Two entries are covered by authority and witnesses; what is recorded about that lies after them.
    """
    watched.append("note")
    later(world, minutes=1)
    anchored = anchoring.anchor()

    assert (anchored.size, len(anchored.stamps), anchored.witnesses, anchored.failures) == (
        2, 1, ("court.example", "prosecutor.example"), (),
    )  # fmt: skip
    verified = verify(watched, anchors=world.anchors(), present=world.time)
    assert verified.shown() == [
        "Entries 0-1 existed at 2026-05-01T00:01:00Z: time stamp of Westmere time stamps, verified by rfc3161-client.",
        "Entries 0-1 were seen by the witnesses court.example, prosecutor.example.",
    ]
    assert "Entries 2-4 came after the newest time stamp." in verified.not_covered()
    assert "Entries 2-4 had no quorum of witnesses." in verified.not_covered()


def test_without_the_verifiers_own_list_nothing_counts(watched, anchoring):
    """
    What came with the ledger says when; that is repeated as a claim and no more.
    """
    anchoring.anchor()
    verified = verify(watched)

    assert (verified.shown(), verified.witnessed_size) == ([], 0)
    assert any("They were not checked: name the authorities you rely on." in each for each in verified.not_covered())


def test_entries_name_the_newest_time_stamp_they_were_written_after(watched, anchoring):
    anchoring.anchor()
    entry = watched.append("note")

    assert entry.after == watched.tokens()[-1].sha256


def test_nothing_is_asked_again_over_a_head_that_only_tells_of_the_asking(world, watched, anchoring):
    """
    Otherwise each answer would make a new head, and that one a new question.
    """
    anchoring.anchor()
    world.asked.clear()
    again = anchoring.anchor()

    assert world.asked == []
    assert "nothing was asked" in str(again)


def test_what_does_not_answer_is_recorded_and_caught_up_with(world, watched, anchoring):
    """
    The work goes on; the next head that is stamped covers the entries that had to wait.
    """
    world.down = {"tsa.example", "court.example"}
    watched.append("note")
    first = anchoring.anchor()

    assert (first.stamps, first.witnesses, len(first.failures)) == ((), ("prosecutor.example",), 2)
    failed = [entry for entry in watched.entries() if entry.action == "anchor" and entry.outcome == "failed"]
    assert [entry.result[0]["reason"] for entry in failed] == ["no-answer", "no-answer"]
    unheard = verify(watched, anchors=world.anchors(), present=world.time)
    assert (unheard.stamped_size, unheard.witnessed_size) == (0, 0)

    world.down = set()
    second = anchoring.anchor()
    assert (len(second.stamps), second.witnesses) == (1, ("court.example", "prosecutor.example"))
    assert verify(watched, anchors=world.anchors(), present=world.time).stamped_size == second.size == 5


def test_a_quorum_is_what_the_verifier_says(world, watched, anchoring):
    world.down = {"court.example"}
    anchoring.anchor()

    assert verify(watched, anchors=world.anchors(quorum="one"), present=world.time).witnessed_size == 1
    assert verify(watched, anchors=world.anchors(quorum="both"), present=world.time).witnessed_size == 0


def test_an_old_backup_is_refused_by_the_witness(world, watched, anchoring, actor, log, tmp_path):
    """
    The case is put back to yesterday's copy and goes on; the witness has seen more than it holds.
    """
    anchoring.anchor()
    watched.close()
    backup = (tmp_path / "watched.sqlite").read_bytes()
    with Ledger.open(watched.path, actor=actor, log=log, clock=world.clock) as today:
        today.append("acquire")
        Anchoring(today, world.anchors(), world.exchange, today.append, world.clock).anchor()
    for path in tmp_path.glob("watched.sqlite*"):
        path.unlink()
    watched.path.write_bytes(backup)

    with Ledger.open(watched.path, actor=actor, log=log, clock=world.clock) as yesterday:
        yesterday.append("note")
        anchored = Anchoring(yesterday, world.anchors(), world.exchange, yesterday.append, world.clock).anchor()
        reasons = [e.result[0]["reason"] for e in yesterday.entries() if e.outcome == "failed"]

    assert anchored.witnesses == ()
    assert set(reasons) <= {"fork", "rollback"}
    assert len(reasons) == 2


def test_a_line_that_came_on_a_stick_is_checked_before_it_is_kept(world, watched, anchoring):
    watched.append("note")
    watched.cut_checkpoint()
    foreign = anchoring.anchor()
    line = watched.cosignatures()[0][1]

    with pytest.raises(WitnessError, match="no witness in the policy"):
        anchoring.keep_line(foreign.size, line, "nobody.example")
    watched.cut_checkpoint()
    with pytest.raises(WitnessError):
        anchoring.keep_line(len(watched), line, "court.example")


def test_time_stamps_are_renewed_before_their_certificate_ends(world, watched, tmp_path):
    """
    The first authority's certificate ends in July; a second one renews its time stamp in May, and carries it.
    """
    short = StampingAuthority.create(tmp_path / "short", 7, until=datetime(2026, 7, 1, tzinfo=UTC))
    world.tsa, long = short, world.tsa
    old, new = (
        world.anchors(authorities=(short.pinned(TSA),)),
        world.anchors(authorities=(short.pinned(TSA), long.pinned(TSA))),
    )
    Anchoring(watched, old, world.exchange, watched.append, world.clock).anchor()
    world.tsa = long
    renewing = Anchoring(
        watched,
        world.anchors(authorities=(long.pinned(TSA), short.pinned("http://down.example/"))),
        world.exchange,
        watched.append,
        world.clock,
    )
    world.down = {"down.example"}
    later(world, minutes=1)
    renewed = renewing.renew()

    late = datetime(2026, 9, 1, tzinfo=UTC)
    assert len(renewed.stamps) == 1
    assert verify(watched, anchors=new, present=late).outlived == ()
    assert renewing.renew().stamps == ()


def test_a_time_stamp_that_outlived_its_certificate_is_named(world, watched, tmp_path):
    world.tsa = StampingAuthority.create(tmp_path / "short", 7, until=datetime(2026, 7, 1, tzinfo=UTC))
    anchors = world.anchors()
    Anchoring(watched, anchors, world.exchange, watched.append, world.clock).anchor()

    assert verify(watched, anchors=anchors, present=datetime(2026, 6, 30, tzinfo=UTC)).outlived == ()
    assert len(verify(watched, anchors=anchors, present=datetime(2026, 9, 1, tzinfo=UTC)).outlived) == 1


@pytest.fixture
def exported(world, watched, anchoring, tmp_path) -> ExportedLedger:
    """A ledger that was anchored twice, renewed and written as text."""
    watched.append("note")
    later(world, minutes=1)
    anchoring.anchor()
    later(world, minutes=1)
    watched.append("note")
    later(world, minutes=1)
    anchoring.anchor()
    anchoring.renew(timedelta(days=36500))
    write_ledger(watched, tmp_path / "exported")
    return ExportedLedger(tmp_path / "exported")


def test_the_export_carries_everything_and_verifies_the_same(world, watched, exported):
    anchors = world.anchors()

    assert sorted(path.name for path in exported.folder.iterdir() if path.suffix != ".jsonl") == [
        "checkpoint-0001.1.pem", "checkpoint-0001.1.tsq", "checkpoint-0001.1.tsr", "checkpoint-0001.cosigned.txt",
        "checkpoint-0001.txt", "checkpoint-0002.txt", "checkpoint-0003.1.pem", "checkpoint-0003.1.tsq",
        "checkpoint-0003.1.tsr", "checkpoint-0003.cosigned.txt", "checkpoint-0003.txt", "checkpoint-0004.txt",
        "checkpoint-0005.txt", "renewal-0001.1.pem", "renewal-0001.1.tsq", "renewal-0001.1.tsr", "renewal-0001.txt",
    ]  # fmt: skip
    live = verify(watched, anchors=anchors, present=world.time)
    text = verify(exported, anchors=anchors, present=world.time)
    assert sorted(text.stamps, key=str) == sorted(live.stamps, key=str)
    assert (text.witnessed_size, text.stamped_size, text.root) == (live.witnessed_size, live.stamped_size, live.root)


def test_a_taken_over_export_holds_the_same_ledger(world, watched, exported, tmp_path):
    """
    The bulk way back into a file: the same lines, heads, time stamps and cosignatures.
    """
    with Ledger.take_over(tmp_path / "taken.sqlite", exported) as taken:
        assert list(taken.records()) == list(watched.records())
        assert taken.checkpoints() == watched.checkpoints()
        assert sorted(taken.cosignatures()) == sorted(watched.cosignatures())
        assert verify(taken, anchors=world.anchors(), present=world.time).root == verify(watched).root


def damaged(path, place: int) -> bytes:
    data = path.read_bytes()
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize("suffix", ["1.tsr", "1.tsq", "1.pem", "cosigned.txt"])
def test_a_flipped_bit_anywhere_in_what_others_said_is_found_without_their_keys(exported, suffix):
    """
    The entry that records a time stamp or a cosignature commits to its bytes: none of them can change unseen.
    """
    path = exported.folder / f"checkpoint-0001.{suffix}"
    whole = path.read_bytes()
    step = max(len(whole) // 40, 1)
    for place in range(0, len(whole), step):
        path.write_bytes(damaged(path, place))
        with pytest.raises(IntegrityError) as caught:
            verify(exported)
        assert {finding.step for finding in caught.value.findings} & {13, 14}, place
        path.write_bytes(whole)
    verify(exported)


@pytest.mark.parametrize(
    ("removed", "step"),
    [("checkpoint-0001.1.tsr", 13), ("renewal-0001.1.tsr", 13), ("checkpoint-0003.cosigned.txt", 14)],
)
def test_what_was_taken_out_is_missed(exported, removed, step):
    (exported.folder / removed).unlink()
    with pytest.raises(IntegrityError) as caught:
        verify(exported)

    assert step in {finding.step for finding in caught.value.findings}


def test_a_time_stamp_put_in_without_an_entry_is_found(exported):
    """
    A genuine token of the past, over a head of this ledger: still nobody of this ledger obtained it.
    """
    for suffix in ("tsr", "tsq", "pem"):
        source = exported.folder / f"checkpoint-0001.1.{suffix}"
        (exported.folder / f"checkpoint-0001.2.{suffix}").write_bytes(source.read_bytes() + b"")
    (exported.folder / "checkpoint-0001.2.tsr").write_bytes(
        (exported.folder / "checkpoint-0003.1.tsr").read_bytes()[:-1] + b"\x00"
    )
    with pytest.raises(IntegrityError) as caught:
        verify(exported)

    assert any("it was put in" in finding.what for finding in caught.value.findings)


def test_another_authority_than_the_verifiers_is_found(world, exported, tmp_path):
    """
    The same name, the same kind of certificate, another key: not the authority that the verifier pinned.
    """
    stranger = StampingAuthority.create(tmp_path / "stranger", 9)
    with pytest.raises(IntegrityError) as caught:
        verify(exported, anchors=world.anchors(authorities=(stranger.pinned(TSA),)), present=world.time)

    assert any(finding.step == 13 and "does not hold" in finding.what for finding in caught.value.findings)


def bracketed(world, tmp_path, actor, log, times: list[timedelta], stamped_after: Callable[[int], timedelta]):
    """A ledger whose entries say these times, stamped after each by an authority whose clock is right."""
    told = iter(times)
    said = {"now": START}
    with Ledger.create(tmp_path / "dated.sqlite", actor=actor, log=log, clock=lambda: said["now"]) as ledger:
        anchors = Anchors(timestamps=(world.tsa.pinned(TSA),))
        anchoring = Anchoring(ledger, anchors, world.exchange, ledger.append, lambda: world.time)
        for number, time in enumerate(told):
            said["now"] = START + time
            ledger.append("note")
            world.time = START + stamped_after(number)
            said["now"] = world.time
            anchoring.anchor()
        with pytest.raises(IntegrityError) as caught:
            verify(ledger, anchors=anchors, present=world.time)
        return [(finding.step, finding.entry, finding.what) for finding in caught.value.findings]


def test_an_entry_dated_back_lies_after_the_time_stamp_it_names(world, tmp_path, actor, log):
    found = bracketed(world, tmp_path, actor, log, [timedelta(), timedelta(days=-3)], lambda n: timedelta(minutes=n))

    assert [(step, entry) for step, entry, _ in found] == [(13, 3)]
    assert "it was dated back" in found[0][2]


def test_an_entry_dated_forward_lies_before_the_time_stamp_over_it(world, tmp_path, actor, log):
    found = bracketed(world, tmp_path, actor, log, [timedelta(), timedelta(days=3)], lambda n: timedelta(minutes=n))

    assert [(step, entry) for step, entry, _ in found] == [(13, 3)]
    assert "it was dated forward" in found[0][2]


def test_an_entry_that_names_an_older_time_stamp_is_found(world, watched, anchoring):
    """
    Whoever dates back would rather not name the newest one: the ledger knows which was the newest.
    """
    anchoring.anchor()
    first = watched.tokens()[0].sha256
    watched.append("note")
    anchoring.anchor()
    database = watched._file.open()
    database.execute("DROP TRIGGER tokens_last")
    newest = database.execute("SELECT number, sha256 FROM tokens ORDER BY number DESC").fetchone()
    database.execute("DROP TRIGGER tokens_stay")
    database.execute("UPDATE tokens SET number = -1 WHERE number = ?", (newest[0],))
    entry = watched.append("note")

    assert entry.after == first
    with pytest.raises(IntegrityError) as caught:
        verify(watched)
    assert [(each.step, each.entry) for each in caught.value.findings] == [(13, entry.seq)]
