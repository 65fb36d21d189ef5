"""Collectors of registers through a whole case: what the gate lets them ask, and what a case fetches of what they show."""

from __future__ import annotations

import dataclasses
import json

import pytest
from recorded import FIXTURES, expected
from test_interpol import ASKED_NAME_FIRST
from test_wanted_pages import LIST, OTHER, write

import osint
from osint.capture.network import Network
from osint.collectors import interpol, namus, wanted_pages
from osint.collectors.protocol import Stop
from osint.collectors.site_profile import VARIABLE
from osint.errors import AuthorizationError, UnreadableCaptureError

API = "https://ws-public.interpol.int"
PICTURE = "/notices/v1/red/2021-75051/images/62315051"


DECLARED = {
    "name": "J. Smit", "role": "officer", "at": "2026-05-30T10:15:00+02:00", "program": "Firefox 151",
    "came": "from the site of the register", "logged_in": False,
}  # fmt: skip


def recorded(collector: str, answer: str) -> bytes:
    """A recorded answer as a server sends it; the end of the connection is the end of the body."""
    return (FIXTURES / collector / f"{answer}.http").read_bytes()


@pytest.fixture
def register(open_case, start_origin, authority, monkeypatch):
    """A server that answers for every name it is given, and a case under an authority for a register; no pauses."""
    for collector in (interpol, namus, wanted_pages):
        monkeypatch.setattr(collector, "MANIFEST", dataclasses.replace(collector.MANIFEST, pace=0))

    def start(*hosts: str, **scope):
        secure = start_origin(authority.server(*hosts))
        network = Network(hosts=dict.fromkeys(hosts, ("127.0.0.1", secure.port)), ca=authority.pem, pace=0)
        return secure, open_case(network=network, **scope)

    return start


def test_a_name_under_authority_is_searched_at_the_host_that_answers_for_the_register(register):
    """The authority names interpol.int and the person; the interface is asked, and the tables can be made anew."""
    server, case = register("ws-public.interpol.int", hosts=["interpol.int"], subjects=["Dawn Example"])
    server.serve(ASKED_NAME_FIRST.removeprefix(API), recorded("interpol", "search"))

    found = case.collect("interpol", search="Dawn Example", host="interpol.int")

    assert (found.captures, found.posts, found.stop) == (1, 2, Stop.EXHAUSTED)
    before = case.posts()[["id", "content", "exhibit"]].to_dict("records")
    case.rebuild()
    assert case.posts()[["id", "content", "exhibit"]].to_dict("records") == before


def test_a_name_that_is_not_under_authority_is_not_searched(register):
    """Neither in the words nor, past them, in a condition; nothing was asked."""
    server, case = register("ws-public.interpol.int", hosts=["interpol.int"], subjects=["Dawn Example"])

    with pytest.raises(AuthorizationError):
        case.collect("interpol", search="Kit Example", host="interpol.int")

    assert server.requests == []


def test_a_wanted_persons_picture_is_fetched_and_a_childs_is_not(register):
    """What is withheld is no attachment, so a case does not ask for it."""
    server, case = register("ws-public.interpol.int", hosts=["interpol.int"])
    asked = "/notices/v1/{}?resultPerPage=160&page=1"
    server.serve(asked.format("red"), recorded("interpol", "list_of_two"))
    server.serve(asked.format("yellow"), recorded("interpol", "yellow"))
    case.collect("interpol", search="", host="interpol.int")
    case.collect("interpol", search="", host="interpol.int", where={"notice": "yellow"})

    case.media(case.posts())

    assert [path for path in server.paths if "images" in path] == [PICTURE]


def test_a_search_of_namus_is_posted_and_read_again_from_evidence(register):
    """What was posted is told apart page by page, in the run and in the reading again."""
    server, case = register("www.namus.gov", hosts=["namus.gov"])
    pages = [recorded("namus", "search_page1"), recorded("namus", "search_page2")]
    server.serve("/api/CaseSets/NamUs/MissingPersons/Search", *pages)

    found = case.collect("namus", search="", host="namus.gov", where={"stateOfLastContact": "California"})

    assert (found.captures, found.posts, found.stop) == (2, 3, Stop.EXHAUSTED)
    posted = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in server.requests]
    assert [body["skip"] for body in posted] == [0, 2]
    case.rebuild()
    assert set(case.posts()["id"]) == {"namus:MP101", "namus:MP102", "namus:MP103"}


def test_a_list_under_authority_by_its_address_is_followed_to_its_end(register):
    """A profile reads it; the second page lies below the same address."""
    server, case = register("police.harbour.example", urls=[LIST])
    server.serve("/wanted", recorded("wanted_pages", "page1"))
    server.serve("/wanted?page=2", recorded("wanted_pages", "page2"))

    found = case.collect("wanted_pages", url=LIST)

    assert (found.captures, found.posts, found.stop) == (2, 3, Stop.EXHAUSTED)
    assert {each["profile"]["name"] for each in case.posts()["extra"]} == {"harbour_police"}


def test_a_case_without_the_agencys_profile_is_not_stuck_and_loses_no_row_that_was_read(
    register, tmp_path, monkeypatch
):
    """A run keeps the profile that it was read by; one that was made before there was any is a warning."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    server, case = register("police.other.example", urls=[OTHER])
    server.serve("/wanted", recorded("wanted_pages", "page1"))
    server.serve("/wanted?page=2", recorded("wanted_pages", "page2"))
    with pytest.raises(UnreadableCaptureError, match=f"No profile is for {OTHER}"):
        case.collect("wanted_pages", url=OTHER)
    file = write(tmp_path, "other.toml")

    found = case.collect("wanted_pages", url=OTHER)

    assert (found.captures, found.posts, found.stop) == (2, 3, Stop.EXHAUSTED)
    before = case.posts()[["id", "content"]].to_dict("records")
    file.unlink()
    case.rebuild()
    assert len(before) == 3
    assert "no profile is for its address" in case.warnings()["what"][0]
    assert case.posts()[["id", "content"]].to_dict("records") == before


@pytest.mark.parametrize(
    ("collector", "answer"),
    [("fbi_wanted", "list_whole"), ("interpol", "notice"), ("namus", "case"), ("ncmec", "poster")],
)
def test_what_an_officer_saved_by_hand_is_read_by_its_collector(register, tmp_path, collector, answer):
    """The way that the message of a refusal names: the JSON as the browser saved it, under the address it came from."""
    stated = expected(collector)[answer]
    _, case = register("unused.example", urls=[stated["url"]])
    (tmp_path / "saved.json").write_bytes(recorded(collector, answer).partition(b"\r\n\r\n")[2])

    taken = case.import_file(tmp_path / "saved.json", osint.SavedBy(**DECLARED, address=stated["url"]))

    assert (taken.posts, taken.warnings) == (stated["posts"], len(stated.get("warnings", [])))
    assert {each.partition("/")[0] for each in case.posts()["collector"]} == {collector}
