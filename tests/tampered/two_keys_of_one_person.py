"""One person signs an erasure twice: with a key, and with the same key in the spelling of SSH."""

from __future__ import annotations

from tampered.sample import NEXT_ACTOR, Copy, SshSigner, payload_of

from osint.chain_of_custody.draft import key_item

STEP, ENTRY, SAYS = 5, 24, "is not signed by two persons"


def commit(case: Copy) -> None:
    again = SshSigner("again", NEXT_ACTOR.key)
    case.append("key.add", by=[NEXT_ACTOR, again], object=[key_item(again, "actor", "introduced")])
    digests = payload_of(case.lines[22])["_sd"]
    case.append("redact", by=[NEXT_ACTOR, again], object=[{"digest": each} for each in digests])
    case.disclosures = [each for each in case.disclosures if each["seq"] != 22]
