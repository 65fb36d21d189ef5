"""What decides beside the bytes how a run is read is kept with it, and read again from there."""

from __future__ import annotations

import pytest
from origin import http

from osint.collectors import site_profile

PROFILE = """name = "Harbour Police"
kind = "wanted"
language = "en"
hosts = ["127.0.0.1"]
start = ["/wanted"]
source = "https://police.harbour.example/wanted, invented"
[list]
item = "li"
[fields]
name = "h3"
case_number = "b"
"""
LIST = b"<html><body><ul><li><h3>Dawn Example</h3><b>7</b></li><li><h3>Kit Example</h3><b>8</b></li></ul></body></html>"


@pytest.mark.parametrize("changed", [None, PROFILE.replace('name = "h3"', 'name = "b"')], ids=["gone", "changed"])
def test_a_list_is_read_again_by_the_profile_that_its_run_was_read_by(
    open_case, origin, tmp_path, monkeypatch, changed
):
    """
    The agency's folder may hold another file by then, or none: the ledger has the text, with each exhibit.
    """
    folder = tmp_path / "profiles"
    folder.mkdir()
    monkeypatch.setenv(site_profile.VARIABLE, str(folder))
    (folder / "harbour.toml").write_text(PROFILE, encoding="utf-8")
    case = open_case()
    case.collect("wanted_pages", url=origin.serve("/wanted", http(LIST, "Content-Type: text/html")))
    before = list(case._store.rows())

    (folder / "harbour.toml").unlink()
    if changed:
        (folder / "harbour.toml").write_text(changed, encoding="utf-8")
    case.rebuild()

    assert len(case.posts()) == 2
    assert list(case._store.rows()) == before
    [taken] = [entry for entry in case._ledger.entries() if entry.action == "acquire"]
    assert taken.private["profile"] == {"file": "harbour.toml", "text": PROFILE}
    assert case.verify()
