"""How an exhibit is withheld from the package by whoever holds the keys: entries, map, derivative, and its bytes gone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tampered.sample import Copy

from osint.chain_of_custody.digests import sha256

DERIVATIVE = b"GET / HTTP/1.1\r\nCookie: XXXXXXXX\r\n\r\n"
RANGE = {"start": 24, "end": 32, "line": "cookie", "value_hmac_sha256": "0" * 64}


def withhold(case: Copy, number: str = "E0001", *, restricted: bool = True) -> Path:
    """Withhold an exhibit as an export does; return the folder of what stands for it."""
    kept = DERIVATIVE[:24] + DERIVATIVE[32:]
    content = {
        "format": "osint-redaction/v1",
        "exhibit": number,
        "filler": "X",
        "derivative": {"file": f"{number}.warc", "sha256": sha256(DERIVATIVE), "size": len(DERIVATIVE)},
        "stayed": {"sha256": hashlib.sha256(kept).hexdigest(), "size": len(kept)},
        "ranges": [RANGE],
    }
    folder = case.data / "redacted"
    folder.mkdir()
    (folder / f"{number}.warc").write_bytes(DERIVATIVE)
    (folder / f"{number}.json").write_text(json.dumps(content), encoding="ascii")
    if restricted:
        case.append("conclude", object=[{"kind": "restricted", "exhibit": number}])
    stands = {"kind": "redacted", "exhibit": number, "sha256": sha256((folder / f"{number}.json").read_bytes())}
    case.append("export", outcome="allowed", object=[stands])
    case.exhibit(number).unlink()
    return folder
