"""The sample, once for all tests, and a copy of it for each."""

from __future__ import annotations

import shutil

import pytest
from tampered.sample import Copy, make_package
from tampered.verdict import Verifier


@pytest.fixture(scope="session")
def verify_case(tmp_path_factory) -> Verifier:
    """The verifier of the other side."""
    return Verifier.load(tmp_path_factory.mktemp("given"))


@pytest.fixture(scope="session")
def sample(tmp_path_factory) -> Copy:
    """The package as it was made; tests leave it alone."""
    return make_package(tmp_path_factory.mktemp("tampered"))


@pytest.fixture
def case(sample, tmp_path) -> Copy:
    """A copy that a test may damage."""
    shutil.copytree(sample.folder, tmp_path / "package")
    return Copy(tmp_path / "package", sample.tsa, sample.erased)
