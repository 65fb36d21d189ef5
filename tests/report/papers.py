"""A small case with real evidence, put together without a network: what the document writers are given."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osint import warc
from osint.chain_of_custody import consignment, transfer
from osint.chain_of_custody.cosignature import cosign
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.keys import FileSigner
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.verification import verify
from osint.chain_of_custody.verified import Verified
from osint.report.dossier import Dossier
from osint.store.blobs import FolderBlobs

MADE = datetime(2026, 5, 2, 12, tzinfo=UTC)
WHO = "J. Smit, badge 4471"
AUTHORITY = {
    "identifier": "MP-2026-0417", "type": "missing-person report", "purpose": "missing_person", "expires": "2026-12-31",
    "accounts": ["@jane@social.example"],
}  # fmt: skip


def key(name: str, first: int) -> FileSigner:
    """A key that is the same in every run; it signs nothing outside the tests."""
    return FileSigner(name, Ed25519PrivateKey.from_private_bytes(bytes(range(first, first + 32))))


def exchange(number: int) -> bytes:
    """One exchange as evidence keeps it."""
    written = io.BytesIO()
    for place, kind in enumerate(("warcinfo", "response", "request", "metadata")):
        warc.write_record(
            written, kind, warc.Block.of(f"{kind} {number}".encode()), date=MADE, content_type="text/plain",
            record_id=f"<urn:uuid:00000000-0000-4000-8000-{number:08d}{place:04d}>", fields={},
        )  # fmt: skip
    return written.getvalue()


@contextmanager
def new_ledger(folder: Path, first: int = 0) -> Iterator[Ledger]:
    """A ledger whose clock is one second later each time it is read."""
    ticks = iter(range(10**9))
    with Ledger.create(
        folder / "ledger.sqlite", actor=key("actor", first), log=key("log", first + 32), performer={"investigator": WHO},
        clock=lambda: datetime(2026, 5, 1, tzinfo=UTC) + timedelta(seconds=next(ticks)),
    ) as ledger:  # fmt: skip
        yield ledger


def take_in(ledger: Ledger, blobs: FolderBlobs, number: int, **more: object) -> Entry:
    data = exchange(number)
    with blobs.temporary() as temporary:
        temporary.write_bytes(data)
        exhibit = {"sha256": blobs.put(temporary), "size": len(data), "media": "application/warc"}
        return ledger.append(
            "acquire", exhibit=exhibit, **{"private": {"url": f"https://social.example/{number}"}, **more}
        )


def work(ledger: Ledger, blobs: FolderBlobs) -> None:
    """An authority, a search that finds two things, one that finds nothing, one that is refused; two checkpoints."""
    authority = ledger.append("authorize", private={"authorization": AUTHORITY}, purpose="missing_person").leaf.hex()
    under = {"authorization": authority, "purpose": "missing_person", "collector": "mastodon/1"}
    search = ledger.append("search", outcome="allowed", private={"query": "@jane@social.example"}, **under)
    for number in (1, 2):
        take_in(ledger, blobs, number, refs=[search.leaf.hex()], **under)
    ledger.append("conclude", result=[{"captures": 2, "stop": "exhausted"}], refs=[search.leaf.hex()], **under)
    ledger.cut_checkpoint()
    ledger.append("search", outcome="nil", private={"query": "dawn"}, **under)
    ledger.append("search", outcome="refused", private={"query": "x", "reasons": ["no authority covers that"]})
    ledger.cut_checkpoint()


def hand_on(ledger: Ledger, blobs: FolderBlobs, answer: str = "receive") -> Entry:
    """Release the first exhibit, and receive or refuse it in the same room; return the release."""
    sender = transfer.Handler(name="J. Smit", title="badge 4471", contact="4471@agency.example")
    recipient = transfer.Handler(name="K. de Vries", title="prosecutor", contact="k@court.example")
    second = key("second", 128)
    release = transfer.release(
        ledger, [ledger.exhibits()[0].number], sender=sender, recipient=recipient, recipient_key=second.keyid,
        purpose="trial", place="Utrecht", condition="sealed", present=MADE,
    )  # fmt: skip
    where = {"recipient": second, "present": MADE}
    if answer == "receive":
        transfer.receive(ledger, release.leaf.hex(), blobs, place="Utrecht", condition="seal intact", **where)
    elif answer == "refuse":
        transfer.refuse(ledger, release.leaf.hex(), reason="the seal is broken", **where)
    return release


def send(ledger: Ledger, blobs: FolderBlobs, other: Ledger, others: FolderBlobs, folder: Path) -> None:
    """Pass the second exhibit on to another ledger, and record here that it arrived there."""
    sender = transfer.Handler(name="J. Smit", title="badge 4471", contact="4471@agency.example")
    recipient = transfer.Handler(name="L. Berg", title="laboratory", contact="l@lab.example")
    theirs, ours = ([item["key"] for item in each.entry(0).object] for each in (other, ledger))
    release = transfer.release(
        ledger, [ledger.exhibits()[1].number], sender=sender, recipient=recipient, recipient_key=theirs[0],
        purpose="analysis", place="Utrecht", condition="sealed", present=MADE,
    )  # fmt: skip
    ledger.cut_checkpoint()
    leaf = release.leaf.hex()
    stick = consignment.write_consignment(ledger, leaf, blobs, folder / "stick")
    consignment.take_in(
        other, others, stick, known=ours, key=theirs[0], place="Leiden", condition="seal intact", present=MADE
    )
    other.cut_checkpoint()
    receipt = consignment.write_receipt(other, leaf, folder / "receipt")
    consignment.acknowledge(ledger, receipt, known=theirs, present=MADE)


def cosign_newest(ledger: Ledger, name: str = "court.example") -> None:
    """Have a witness sign the newest checkpoint."""
    note = ledger.checkpoints()[-1]
    line = cosign(note, name, key("witness", 96), MADE)
    ledger.keep_cosignature(int(note.split("\n")[1]), line, witness=name, time=MADE)


def redact(ledger: Ledger, entry: Entry) -> Entry:
    """Erase what an entry says, by order and under two persons."""
    second = key("second", 128)
    ledger.introduce(second, private={"investigator": "K. de Vries, prosecutor"})
    digests = list(entry.payload["_sd"])
    order = ledger.append(
        "redact", object=[{"digest": digest} for digest in digests], private={"reason": "court order 7"},
        cosigners=[second],
    )  # fmt: skip
    ledger.erase(digests)
    return order


def purge(ledger: Ledger, blobs: FolderBlobs, number: str) -> None:
    """Destroy the bytes of an exhibit, by order and under two persons."""
    second = key("second", 128)
    ledger.introduce(second, private={"investigator": "K. de Vries, prosecutor"})
    ledger.append("purge", object=[{"exhibit": number}], private={"reason": "court order 8"}, cosigners=[second])
    [digest] = [exhibit.sha256 for exhibit in ledger.exhibits() if exhibit.number == number]
    blobs.path(digest).unlink()


def dossier_of(ledger: Ledger, folder: Path, verified: Verified | None = None) -> Dossier:
    """What the writers get of a case without posts."""
    blobs = FolderBlobs(folder / "evidence")
    columns = {
        "posts": ["id", "url", "capture_quality"],
        "media": ["exhibit"],
        "warnings": ["exhibit"],
        "marks": ["exhibit", "exculpatory"],
        "translations": ["exhibit"],
        "log": ["entry", "action", "outcome"],
    }
    return Dossier(
        name="2026-0417", folder=folder, investigator=WHO, made=MADE, ledger=ledger, blobs=blobs, standing=[], runs=[],
        tables={**{name: pd.DataFrame(columns=names) for name, names in columns.items()}, "log": log_frame(ledger)},
        verified=verified or verify(ledger, blobs, check_exhibit=warc.check),
    )  # fmt: skip


def log_frame(ledger: Ledger) -> pd.DataFrame:
    from osint.report.custody_log import custody_frame

    return custody_frame(ledger)
