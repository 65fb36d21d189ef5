"""The table of collectors as the panel shows it: what each reads, whether its key is here, what a probe found."""

from __future__ import annotations

from osint.collecting.api_keys import find_key
from osint.collectors import load, names
from osint.collectors.protocol import Manifest


def collectors_here() -> list[dict[str, str]]:
    """Return a row for each collector, by name; none of them was probed."""
    return [_row(load(name).MANIFEST) for name in names()]


def _row(manifest: Manifest) -> dict[str, str]:
    key = "none needed" if manifest.key is None else "here" if find_key(manifest) else "missing"
    return {
        "collector": manifest.name,
        "reads": manifest.reads,
        "answers": ", ".join(kind.__name__.removesuffix("Query").lower() for kind in manifest.queries),
        "proof": str(manifest.proof),
        "key": key,
        "probe": manifest.barred or "not probed yet",
    }
