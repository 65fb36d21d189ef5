from __future__ import annotations

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest

from osint.chain_of_custody import entry
from osint.chain_of_custody.canonical import canonical
from osint.chain_of_custody.merkle import leaf_hash
from osint.errors import LedgerError


@pytest.fixture
def line(ledger) -> bytes:
    return ledger.append("note", private={"text": "called the station"}).line


def rewritten(line: bytes, **changes: object) -> bytes:
    """The line with another payload, as someone without the key would write it."""
    envelope = json.loads(line)
    payload = json.loads(base64.b64decode(envelope["payload"]))
    payload.update(changes)
    payload = {name: value for name, value in payload.items() if value is not ...}
    envelope["payload"] = base64.b64encode(canonical(payload)).decode()
    return json.dumps(envelope, separators=(",", ":")).encode()


def test_an_entry_is_read_from_its_line(ledger, line):
    """
    Position, leaf, times and action come from the stored bytes.
    """
    read = entry.parse(line, 1)

    assert (1, "note", "done", leaf_hash(line)) == (read.seq, read.action, read.outcome, read.leaf)
    assert read.start_time.tzinfo is UTC
    assert read.exhibit is None


DAMAGED = {
    "byte order mark": lambda line: b"\xef\xbb\xbf" + line,
    "carriage return": lambda line: line + b"\r",
    "space after a colon": lambda line: line.replace(b'":"', b'": "', 1),
    "other order of members": lambda line: json.dumps(
        dict(reversed(json.loads(line).items())), separators=(",", ":")
    ).encode(),
    "a member more": lambda line: line[:-1] + b',"more":1}',
    "a member twice": lambda line: line[:-1] + b',"payloadType":"' + entry.PAYLOAD_TYPE.encode() + b'"}',
    "escaped slash": lambda line: line.replace(b"application/", b"application\\/"),
    "invalid UTF-8": lambda line: line[:-1] + b"\xff}",
    "no signature": lambda line: line[: line.index(b',"signatures"')] + b',"signatures":[]}',
    "another type": lambda line: line.replace(b"custody-entry", b"custody-other"),
    "damaged base64": lambda line: line.replace(b'"payload":"e', b'"payload":"*'),
    "keyid in upper case": lambda line: line.replace(b'"keyid":"', b'"keyid":"A').replace(b"A5", b"A", 1),
    "cut": lambda line: line[:-1],
    "empty": lambda line: b"",
    "longer than 1 MiB": lambda line: rewritten(line, refs=["ab" * 32] * 20_000),
    "version 2": lambda line: rewritten(line, v=2),
    "version true": lambda line: rewritten(line, v=True),
    "seq as text": lambda line: rewritten(line, seq="1"),
    "seq negative": lambda line: rewritten(line, seq=-1),
    "no prev": lambda line: rewritten(line, prev=...),
    "short prev": lambda line: rewritten(line, prev="00"),
    "time without milliseconds": lambda line: rewritten(line, start_time="2026-05-01T00:00:00Z"),
    "time that cannot be": lambda line: rewritten(line, end_time="2026-02-30T00:00:00.000Z"),
    "performer without key": lambda line: rewritten(line, performer={}),
    "result without size": lambda line: rewritten(line, result=[{"exhibit": "E1", "sha256": "0" * 64, "media": "a/b"}]),
    "two exhibits": lambda line: rewritten(
        line, result=[{"exhibit": number, "sha256": "0" * 64, "media": "a/b", "size": 1} for number in ("E1", "E2")]
    ),
    "other digest algorithm": lambda line: rewritten(line, _sd_alg="md5"),
    "payload is a list": lambda line: line.replace(
        json.loads(line)["payload"].encode(), base64.b64encode(b"[]")
    ),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_line_is_refused_by_name(line, damage):
    """
    The one allowed spelling, every required member, of its type: or the entry is named and refused.
    """
    with pytest.raises(LedgerError, match="Ledger entry 17 cannot be read"):
        entry.parse(DAMAGED[damage](line), 17)


def test_unknown_members_are_kept(line):
    """
    A payload of a later release may say more; what it says survives.
    """
    read = entry.parse(rewritten(line, after="ab" * 32), 1)

    assert read.payload["after"] == "ab" * 32


def test_an_entry_longer_than_1_mib_is_not_written(ledger):
    """
    What no reader would accept is refused by the writer.
    """
    with pytest.raises(LedgerError, match="1 MiB"):
        ledger.append("note", refs=["ab" * 32] * 20_000)
    assert len(ledger) == 1


def test_an_id_is_a_uuid_of_version_7():
    """
    Time in milliseconds comes first, so that ids sort by time; version and variant are set.
    """
    instant = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    made = uuid.UUID(entry.new_id(instant, lambda size: b"\xff" * size))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == 0x017F22E279B0
    assert entry.new_id(instant) < entry.new_id(instant + timedelta(milliseconds=1))


def test_the_example_of_rfc_9562_has_our_form():
    """
    RFC 9562, appendix A.6: its time and random bits give its UUID.
    """
    bits = 0xCC3 << 64 | 0x18C4DC0C0C07398F
    made = entry.new_id(datetime.fromtimestamp(1645557742, UTC), lambda _: bits.to_bytes(10, "big"))

    assert made == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_times_are_spelt_in_utc_with_milliseconds():
    """
    Any zone becomes UTC; three digits always; a naive time is refused.
    """
    east = datetime(2026, 5, 1, 9, 30, tzinfo=timezone(timedelta(hours=2)))

    assert entry.format_milliseconds(east) == "2026-05-01T07:30:00.000Z"
    with pytest.raises(LedgerError, match="zone"):
        entry.format_milliseconds(datetime(2026, 5, 1))


def test_what_is_signed_is_the_encoding_of_dsse():
    """
    The pre-authentication encoding of the DSSE specification, with lengths in decimal.
    """
    assert (
        entry.pre_authentication(b"hello world") == b"DSSEv1 40 application/vnd.osint.custody-entry+json 11 hello world"
    )


def test_private_values_do_not_show_in_the_repr(ledger):
    """
    An entry printed by accident says where it stands and no more.
    """
    made = ledger.append("search", private={"handle": "@jane@social.example"})

    assert "jane" not in repr(made)
