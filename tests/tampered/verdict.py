"""The verdict of ``verify_case.py``, run in this process as a file of its own."""

from __future__ import annotations

import contextlib
import importlib.util
import io
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from tsa import StampingAuthority

PATH = Path(str(files("osint.chain_of_custody"))) / "verify_case.py"


class Verdict(NamedTuple):
    """Its exit code, and what it printed."""

    code: int
    said: str


class Verifier:
    """``verify_case.py``. What it would ask openssl twice, it asks once: an answer depends on the bytes alone."""

    def __init__(self, module: ModuleType, place: Path) -> None:
        self.module = module
        self._place = place
        module.openssl = cache(module.openssl)

    @classmethod
    def load(cls, place: Path) -> Verifier:
        """Import it by its path; ``place`` takes the files that it is given."""
        spec = importlib.util.spec_from_file_location("verify_case", PATH)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if module.OPENSSL is None:
            pytest.skip("OpenSSL 3 is not installed on this machine")
        return cls(module, place)

    def __call__(
        self, folder: Path, *, kept_head: str | None = None, authorities: Sequence[StampingAuthority] = ()
    ) -> Verdict:
        """Run it on a package, with what whoever verifies holds in hand."""
        arguments = [str(folder)]
        if kept_head is not None:
            arguments += ["--kept-head", str(self._place / "kept.txt")]
            (self._place / "kept.txt").write_text(kept_head, encoding="utf-8", newline="\n")
        if authorities:
            arguments += ["--root", str(self._place / "tsa.pem")]
            trusted = (each.signer.certificate.public_bytes(Encoding.PEM) for each in authorities)
            (self._place / "tsa.pem").write_bytes(b"".join(trusted))
        with contextlib.redirect_stdout(io.StringIO()) as said:
            code = self.module.main(arguments)
        return Verdict(code, said.getvalue())
