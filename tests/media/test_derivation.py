"""The record of how something was derived: complete, the same for the same, and checkable by others."""

import dataclasses
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from osint.media import derivation
from osint.media.derivation import Derivation, by_osint, from_json, spelt, to_json, tree_sha256

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


def record(**changes):
    fields = {
        "inputs": ("aa" * 32,),
        "tool": "ExifTool",
        "version": "13.59",
        "tool_sha256": "bb" * 32,
        "arguments": ("-json", "-@", "files.txt"),
        "libraries": {"perl": "v5.36.0"},
        "settings": {"seconds": "22"},
        "isolation": "rlimits",
        "start": NOON,
        "end": NOON + timedelta(seconds=2),
        "state": "ok",
        "output": spelt({"a": "1"}),
    }
    return Derivation(**{**fields, **changes})


def test_a_record_comes_back_from_json():
    """
    What is written can be read again, through text, and digests of settings and output stand beside them.
    """
    written = json.loads(json.dumps(to_json(record())))

    assert from_json(written) == record()
    assert written["output_sha256"] == hashlib.sha256(b'{"a":"1"}').hexdigest()
    assert (written["start"], written["end"]) == ("2026-05-03T12:00:00Z", "2026-05-03T12:00:02Z")


@pytest.mark.parametrize("changed", [{"output": '{"a":"2"}'}, {"arguments": ["-json"]}, {"settings": {}}])
def test_a_record_that_was_changed_is_refused(changed):
    """
    Output, arguments and settings cannot be exchanged without their digests.
    """
    with pytest.raises(ValueError, match="digests"):
        from_json({**to_json(record()), **changed})


def test_a_run_that_gave_nothing_has_no_output():
    """
    No output is not an empty one.
    """
    ended = record(state="killed", detail="the program was ended by SIGKILL", output=None)

    assert ended.output_sha256 is None
    assert from_json(to_json(ended)) == ended


def test_the_same_findings_are_spelt_the_same():
    """
    The order of names and of keys says nothing; numbers that are not whole, and halves of letters, have one spelling.
    """
    assert spelt({"b": 1, "a": 0.5}) == spelt({"a": 0.5, "b": 1}) == '{"a":"0.5","b":1}'
    assert spelt({"a": "\ud800x", "big": 2**60}) == '{"a":"?x","big":"1152921504606846976"}'


def test_settings_are_those_of_arguments_and_limits():
    """
    Another argument or another limit is another digest; the file in question is none of them.
    """
    first = record().settings_sha256

    assert first == record(inputs=("cc" * 32,)).settings_sha256
    assert len({first, record(arguments=()).settings_sha256, record(settings={}).settings_sha256}) == 3


def test_our_own_readers_leave_the_same_record():
    """
    A reader of this package is recorded like a program of others: version, digest of its files, output.
    """
    made = by_osint(
        ["bb" * 32, "aa" * 32],
        {"latitude": 48.8566},
        reader="osint.media.description.describe",
        isolation="rlimits",
        start=NOON,
        end=NOON,
    )

    assert (made.tool, made.inputs, made.output) == ("osint", ("aa" * 32, "bb" * 32), '{"latitude":"48.8566"}')
    assert made.tool_sha256 == tree_sha256(derivation.Path(derivation.__file__).parent, "**/*.py")
    assert from_json(to_json(made)) == made


def test_a_tree_has_the_digest_that_sha256sum_gives(tmp_path):
    """
    The digest of a folder can be recomputed without this package; a changed byte or name is another digest.
    """
    (tmp_path / "sub").mkdir()
    for name, content in (("b.pm", b"b"), ("sub/a.pm", b"a"), ("left.txt", b"out")):
        (tmp_path / name).write_bytes(content)
    lines = "".join(f"{hashlib.sha256(name[-4:-3].encode()).hexdigest()}  {name}\n" for name in ("b.pm", "sub/a.pm"))

    before = tree_sha256(tmp_path, "**/*.pm")
    assert before == hashlib.sha256(lines.encode()).hexdigest()
    (tmp_path / "b.pm").rename(tmp_path / "c.pm")
    assert tree_sha256(tmp_path, "**/*.pm") != before
    assert tree_sha256(tmp_path, "**/*.none") is None


def test_every_field_is_in_the_record():
    """
    A field that is added is written as well.
    """
    assert {field.name for field in dataclasses.fields(Derivation)} <= set(to_json(record()))
