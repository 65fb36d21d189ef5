"""Fuzz the readers of handed-over bundles; ``make fuzz`` runs it for ten minutes.

    python fuzz_bundle.py CORPUS… [-max_total_time=600] [-rss_limit_mb=512]

Needs atheris, in an environment of its own. A crash is written to ``crash-…`` in the folder it was started from, and is
run again by naming that file.
"""

from __future__ import annotations

import sys

import atheris

atheris.enabled_hooks.add("str")
with atheris.instrument_imports(include=["osint", "bundle_reader"]):
    from bundle_reader import consume

    from osint.chain_of_custody import timestamp_signature

timestamp_signature._openssl = lambda: None  # a program started for each input would leave no time for others


def main() -> None:
    atheris.Setup(sys.argv, consume_quietly)
    atheris.Fuzz()


def consume_quietly(data: bytes) -> None:
    consume(data)


if __name__ == "__main__":
    main()
