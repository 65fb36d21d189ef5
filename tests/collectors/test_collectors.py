"""What holds for every collector. A new one needs a module, recorded answers and a row; nothing here changes."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded import FIXTURES, addresses, damaged, doubled, expected, make_capture, read_answer

from osint.activity import Actor, ParseWarning, Post, from_json, kind_of, to_json
from osint.collectors import from_url, load, names
from osint.collectors.catalogue import as_markdown
from osint.collectors.protocol import Manifest
from osint.errors import QueryError, UnreadableCaptureError
from osint.query import REPLACED, Query, make_query, without_secrets

BOUNDED = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
MEDIA_TYPES = [
    "",
    "text/html; charset=utf-8",
    "application/json",
    "application/rss+xml",
    "text/plain",
    "text/html; charset=a\0b",
]


def is_replaced(parameter: str) -> bool:
    """Whether a parameter of an address is kept out of the evidence."""
    return REPLACED in without_secrets(f"https://api.example/?{parameter}=planted")


def captured(collector: str, answer: str, **more: Any):
    stated = expected(collector)[answer]
    more = {"part": stated["part"], "made": "imported"} | more if "part" in stated else more
    return read_answer(FIXTURES / collector / f"{answer}.http", stated["url"], **more)


def readable(collector: str) -> list[str]:
    """The names of the recorded answers that are not refused as a whole."""
    return [answer for answer, stated in expected(collector).items() if "unreadable" not in stated]


@pytest.mark.parametrize("name", names())
def test_every_collector_says_what_it_is(name):
    """A collector has a whole manifest under its own name, and the two functions."""
    collector = load(name)

    assert isinstance(collector.MANIFEST, Manifest)
    assert name == collector.MANIFEST.name
    told = ("version", "reads", "queries", "ways", "public", "limits", "id_time", "proof", "documentation", "terms")
    assert all(getattr(collector.MANIFEST, each) for each in told)
    assert ("file" in collector.MANIFEST.ways) == bool(collector.MANIFEST.files)
    assert all(issubclass(kind, Query.__args__) for kind in collector.MANIFEST.queries)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}|unverified", collector.MANIFEST.terms_checked)
    assert all(callable(getattr(collector, each)) for each in ("query_for", "pages", "claims", "parse"))
    assert collector.MANIFEST.key is None or is_replaced(collector.MANIFEST.key.parameter)


def test_the_table_of_the_readme_is_that_of_the_manifests():
    """``python -m osint.collectors.catalogue`` writes it; it can not drift from the manifests."""
    text = Path(sys.modules["osint.collectors"].__file__).with_name("README.md").read_text(encoding="utf-8")

    assert as_markdown() in text


@pytest.mark.parametrize("collector", names())
def test_no_two_collectors_of_one_source_claim_a_part(collector):
    """A part of a file is read by the collector that it looks made for, whatever order they stand in."""
    loaded = {name: load(name) for name in names()}

    for answer in expected(collector):
        capture = captured(collector, answer)
        claiming = {name for name, each in loaded.items() if each.claims(capture)}
        assert len(claiming - {"mastodon", "feed", "webpage"}) <= 1, (answer, claiming)


@pytest.mark.parametrize("collector", names())
def test_an_address_leads_to_the_collector_that_reads_it(collector):
    """``addresses.json`` beside the recorded answers says what each address asks for; look-alike hosts ask for nothing."""
    for url, query in addresses(collector).items():
        if query is None:
            assert load(collector).query_for(url) is None, url
        else:
            assert (collector, make_query(**query)) == from_url(url), url


def test_an_address_is_asked_as_it_was_given():
    """What is kept out of the evidence is sent all the same; else something else would be asked for."""
    assert from_url("https://news.example/?token=planted")[1].url == "https://news.example/?token=planted"


def test_an_address_takes_the_period_with_it():
    """What else is asked goes into the query; what does not fit it is refused."""
    assert from_url("https://social.example/@jane", since="2026-05-01")[1].since == "2026-05-01"
    with pytest.raises(QueryError):
        from_url("https://social.example/@jane", render=True)


def test_what_an_address_says_itself_is_not_given_beside_it():
    """Nothing that was asked is dropped in silence; what was left out, as a command leaves it, asks for nothing."""
    assert from_url("https://blog.example/feed/", url=None, account=None, render=False)[0] == "feed"
    with pytest.raises(QueryError, match="url is given beside it"):
        from_url("https://blog.example/feed/", url="https://blog.example/other/")


def test_an_unknown_collector_is_refused_with_the_names_of_all():
    """The message of the refusal lists what there is."""
    with pytest.raises(QueryError, match=r"feed, .*mastodon, .*webpage"):
        load("protocol")


def test_listing_collectors_loads_none_of_their_parsers():
    """Listing is cheap: no collector and no parser library is imported for it."""
    code = "import sys, osint.collectors as c; c.names(); print({'feedparser', 'trafilatura'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("name", names())
def test_every_recorded_answer_has_an_expectation(name):
    """No recorded answer is left unused, and none is missing; addresses are written down, look-alikes among them."""
    assert readable(name)
    assert None in addresses(name).values() or name == "webpage"
    assert sorted(path.stem for path in (FIXTURES / name).glob("*.http")) == sorted(expected(name))


@pytest.mark.parametrize("collector", names())
def test_a_recorded_answer_is_read_as_expected(collector):
    """Counts, warnings (none unless said) and the first record are as written down; or the whole is refused."""
    for answer, wanted in expected(collector).items():
        if "unreadable" in wanted:
            with pytest.raises(UnreadableCaptureError) as refused:
                load(collector).parse(captured(collector, answer))
            assert wanted["unreadable"] == refused.value.reason, answer
        else:
            is_read_as(wanted, load(collector).parse(captured(collector, answer)), answer)


def is_read_as(wanted: Any, records: Any, answer: str) -> None:
    """Compare the records of an answer with what is written down of it."""
    posts = [record for record in records if isinstance(record, Post)]
    actors = [record for record in records if isinstance(record, Actor)]
    warnings = [record.what for record in records if isinstance(record, ParseWarning)]
    assert wanted.get("warnings", []) == warnings, answer
    assert (wanted["posts"], wanted["actors"]) == (len(posts), len(actors)), answer
    first = to_json((posts + actors)[0]) if posts + actors else {}
    assert wanted.get("first", {}) == {name: first[name] for name in wanted.get("first", {})}, answer


@pytest.mark.parametrize("collector", names())
def test_every_post_leads_back_to_its_exhibit(collector):
    """Exhibit, time of collection and collector stand in each post; ids are text; JSON gives the record back."""
    for answer in readable(collector):
        capture = captured(collector, answer)
        for record in load(collector).parse(capture):
            assert capture.exhibit == record.exhibit, answer
            assert record == from_json(kind_of(record), json.loads(json.dumps(to_json(record)))), answer
            if isinstance(record, Post):
                leads_back(record, capture, load(collector).MANIFEST)


def leads_back(post: Post, capture: Any, manifest: Manifest) -> None:
    """Check what a post says of where it came from; whatever fails is printed with the post."""
    assert (capture.collected, f"{manifest.name}/{manifest.version}") == (post.collected, post.collector), post
    assert post.id.startswith(f"{post.platform}:"), post
    assert isinstance(post.native_id, str), post
    assert post.native_id, post
    assert post.published is None or post.published_raw, post


@pytest.mark.parametrize("collector", names())
def test_a_fault_of_the_body_is_a_warning_and_costs_no_record(collector):
    """What the capture says is wrong with its body becomes one warning; what is there is still read."""
    fault = "The body was cut after 900 bytes."
    for answer in readable(collector):
        whole = load(collector).parse(captured(collector, answer))
        faulty = load(collector).parse(captured(collector, answer, problems=(fault,)))

        assert len(whole) + 1 == len(faulty), answer
        assert fault in [record.what for record in faulty if isinstance(record, ParseWarning)], answer


@pytest.mark.parametrize("collector", names())
def test_no_post_is_lost_without_a_warning(collector):
    """An item of a list that is no object costs its own post at most, and a warning stands for that."""
    for answer in readable(collector):
        assert lost_in_silence(load(collector).parse, captured(collector, answer)) == [], answer


@pytest.mark.parametrize(("collector", "answer"), [("mastodon", "statuses_page1"), ("x", "tweets")])
def test_a_parser_that_passes_over_what_it_cannot_read_is_found_out(collector, answer):
    """The check above sees the loss: without its warnings no parser passes it."""

    def in_silence(capture):
        return [record for record in load(collector).parse(capture) if isinstance(record, Post)]

    assert lost_in_silence(in_silence, captured(collector, answer))


@pytest.mark.parametrize("collector", names())
def test_items_that_are_there_twice_cost_nothing(collector):
    """A list that repeats its items gives no fewer posts, and raises nothing."""
    parse = load(collector).parse
    for answer in readable(collector):
        capture = captured(collector, answer)
        once = count_posts(parse(capture))
        for each in doubled(capture):
            assert count_posts(parse(each)) >= once, answer


def lost_in_silence(parse: Any, capture: Any) -> list[bytes]:
    """The damaged answers that have fewer posts than the whole one, and no warning that the whole one has not."""
    whole, lost = parse(capture), []
    for each in damaged(capture):
        with suppress(UnreadableCaptureError):
            records = parse(each)
            fewer = count_posts(records) < count_posts(whole)
            if fewer and warnings_in(records) <= warnings_in(whole):
                lost.append(each.body)
    return lost


def count_posts(records: Any) -> int:
    return len({record.id for record in records if isinstance(record, Post)})


def warnings_in(records: Any) -> set[Any]:
    return {record for record in records if isinstance(record, ParseWarning)}


@pytest.mark.parametrize("name", names())
@BOUNDED
@given(body=st.binary(max_size=400), media_type=st.sampled_from(MEDIA_TYPES))
def test_no_bytes_make_a_parser_raise_anything_but_unreadable(name, body, media_type):
    """Whatever a server sends, the parser returns records or says that it cannot read the exhibit."""
    parse_safely(name, make_capture(body, "https://blog.example/feed", media_type=media_type))


@pytest.mark.parametrize("name", names())
@BOUNDED
@given(data=st.data())
def test_no_damaged_answer_makes_a_parser_raise_anything_but_unreadable(name, data):
    """Recorded answers with bytes cut, changed, repeated or put in are read or refused, and each time alike."""
    answer = data.draw(st.sampled_from(sorted(expected(name))))
    capture = captured(name, answer)
    body = capture.body
    places = sorted(data.draw(st.lists(st.integers(0, len(body)), min_size=2, max_size=6)))
    noise = st.sampled_from(
        [b"", b"\x00", b"<", b'"', b"{}", b"null", b"[[", b"\xff\xfe", b"<![CDATA[", b"-1", b"&#xD800;"]
    )
    pieces = [body[: places[0]], *(body[a:b] + data.draw(noise) for a, b in pairwise(places))]
    parse_safely(name, dataclasses.replace(capture, body=b"".join([*pieces, body[places[-1] :]])))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**20) | st.floats() | st.text(max_size=8) | st.just("\ud83d"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("name", names())
@BOUNDED
@given(data=st.data())
def test_no_value_of_another_type_makes_a_parser_raise_anything_but_unreadable(name, data):
    """In recorded JSON, any value may become any other: a number for a text, a list for an object."""
    answers = [a for a in sorted(expected(name)) if captured(name, a).body[:1] in (b"[", b"{")]
    if not answers:
        return
    capture = captured(name, data.draw(st.sampled_from(answers)))
    try:
        value = json.loads(capture.body)
    except ValueError:
        return
    changed = swap(value, data)
    parse_safely(name, dataclasses.replace(capture, body=json.dumps(changed).encode()))


def swap(value: Any, data: Any) -> Any:
    """The value with one part of it replaced."""
    if isinstance(value, (dict, list)) and value and data.draw(st.integers(0, 4)):
        keys = sorted(value) if isinstance(value, dict) else list(range(len(value)))
        key = data.draw(st.sampled_from(keys))
        copy = value.copy()
        copy[key] = swap(value[key], data)
        return copy
    return data.draw(JSON)


def parse_safely(name: str, capture: Any) -> None:
    """Parse twice: the same records both times, all of which a store can hold, or the same refusal."""
    try:
        records = load(name).parse(capture)
    except UnreadableCaptureError:
        with pytest.raises(UnreadableCaptureError):
            load(name).parse(capture)
        return
    told = [json.dumps(to_json(record), ensure_ascii=False, allow_nan=False).encode() for record in records]
    assert told == [json.dumps(to_json(record), ensure_ascii=False).encode() for record in load(name).parse(capture)]
