"""Content Credentials checked by the reference SDK, in a worker of the sandbox, without a network.

Two things are told apart, and neither is a verdict on the picture: *integrity*, whether the signature and the hashes
that it covers are intact, and *trust*, whether the signer is on a list that the examiner chose. Without a list nothing
is said of trust. What another release of the SDK says of the same file may differ, so release and settings stand
beside the answer; manifests that are kept elsewhere are not fetched, nor is it asked whether a certificate was revoked.

Over a PDF this SDK starts threads, which a worker may not: there it ends without an answer, and the record says so.

The list is a file of certificates (PEM) that ``OSINT_C2PA_TRUST`` names.

Sources: C2PA Technical Specification 2.2, section 15 (validation) and its table of status codes; c2pa-python.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import mmap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from osint import sandbox
from osint.errors import LedgerError
from osint.media.blocks import Reading
from osint.media.corroborators import tool
from osint.media.corroborators.copies import Copies
from osint.media.corroborators.tool import Findings, UnusableError
from osint.media.derivation import Derivation, record_sha256, spelt
from osint.media.value import LONGEST_TEXT, Value
from osint.settings import setting

NAME, VARIABLE = "c2pa-python", "OSINT_C2PA_TRUST"
SECONDS, MEMORY = 30.0, 2_000_000_000
_MARKS = (b"c2pa", b"C2PA", b"dcterms:provenance")
_MOST_CODES = 100
_OF_THE_CONTENT = {f"assertion.{kind}Hash.match" for kind in ("data", "bmff", "boxes", "collection")}
_SIGNED = "claimSignature.validated"
_ON_THE_LIST, _NOT_ON_THE_LIST = "signingCredential.trusted", "signingCredential.untrusted"
_OF_CERTIFICATES = ("signingCredential.", "timeStamp.untrusted")
_OF_FORM = (".malformed",)  # signed as it stands, and not as the specification of that release wants it
_UNKNOWN = (".unsupported",)  # the SDK cannot compute it


class Checker(NamedTuple):
    """The SDK that was found: its version, the digest of its list of files, and what it is told."""

    version: str
    sha256: str | None
    settings: str
    trust_list: str

    @property
    def reader(self) -> str:
        return f"{NAME} {self.version}"


def find() -> Checker:
    """Return the SDK of this computer, without loading it.

    Raises:
        UnusableError: It is not installed, or the list of signers cannot be read.
    """
    if importlib.util.find_spec("c2pa") is None:
        raise UnusableError(
            "Content Credentials are not checked: c2pa-python is not installed (pip install 'osint[c2pa]')."
        )
    named = setting("OSINT_C2PA_TRUST")
    try:
        anchors = Path(named).read_text(encoding="ascii") if named else ""
    except (OSError, ValueError) as error:
        raise UnusableError(
            f"Content Credentials are not checked: the file in {VARIABLE} cannot be read as PEM."
        ) from error
    return Checker(
        version=metadata.version(NAME),
        sha256=record_sha256(NAME),
        settings=json.dumps(_settings(anchors), sort_keys=True),
        trust_list=hashlib.sha256(anchors.encode()).hexdigest() if anchors else "",
    )


def _settings(anchors: str) -> dict[str, Any]:
    verify = {
        "verify_after_reading": True,
        "verify_trust": bool(anchors),
        "verify_timestamp_trust": False,
        "ocsp_fetch": False,
        "remote_manifest_fetch": False,
    }
    return {"verify": verify, **({"trust": {"trust_anchors": anchors}} if anchors else {})}


def read(checker: Checker, copies: Copies, clock: tool.Clock = tool.now) -> Findings:
    """Return what the SDK says of each copy that seems to carry or name a manifest."""
    found = [_checked(checker, copies, name, clock) for name in sorted(copies.types) if _marked(copies.path(name))]
    return Findings(
        readings={record.inputs[0]: reading for reading, record in found},
        derivations=tuple(record for _, record in found),
    )


def _marked(file: Path) -> bool:
    if not file.stat().st_size:
        return False
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(data.find(mark) >= 0 for mark in _MARKS)


def _checked(checker: Checker, copies: Copies, name: str, clock: tool.Clock) -> tuple[Reading, Derivation]:
    start = clock()
    outcome = sandbox.run(
        validate, str(copies.path(name)), copies.types[name], checker.settings, seconds=SECONDS, memory=MEMORY
    )
    end = clock()
    answer, output = _understood(outcome.value) if outcome.state == "ok" else (None, None)
    record = Derivation(
        inputs=(name,),
        tool=NAME,
        version=checker.version,
        tool_sha256=checker.sha256,
        arguments=(copies.types[name],),
        libraries={"c2pa SDK": str(answer["sdk"])} if answer else {},
        settings={
            "settings": checker.settings,
            "trust list": checker.trust_list,
            "seconds": f"{SECONDS:g}",
            "memory": str(MEMORY),
        },
        isolation=outcome.isolation,
        start=start,
        end=end,
        state=outcome.state,
        detail=outcome.detail,
        answer_sha256=hashlib.sha256((output or "").encode()).hexdigest(),
        output=output,
    )
    return _reading(checker, answer, f"{outcome.state}: {outcome.detail or 'its answer cannot be read'}"), record


def _understood(answer: Any) -> tuple[dict[str, Any] | None, str | None]:
    try:
        if not isinstance(answer["store"], dict | None):
            return None, None
        return dict(answer), spelt(answer)
    except (TypeError, KeyError, ValueError, LedgerError):
        return None, None


def validate(path: str, media_type: str, settings: str) -> dict[str, Any]:
    """Return what the SDK says of a file. Called in a worker: it loads a library of machine code."""
    import c2pa

    answer: dict[str, Any] = {"sdk": c2pa.sdk_version(), "store": None, "refused": ""}
    context = c2pa.Context(c2pa.Settings.from_json(settings))
    try:
        with Path(path).open("rb") as stream, c2pa.Reader(media_type, stream, context=context) as reader:
            answer["store"] = json.loads(reader.json())
    except c2pa.C2paError as error:
        answer["refused"] = f"{type(error).__name__.strip('_')}: {error}"[:300]
    return answer


# -- what it says -----------------------------------------------------------------------------------------------------


def _reading(checker: Checker, answer: dict[str, Any] | None, ended: str) -> Reading:
    if answer is None:
        return Reading(problems=(f"{checker.reader} gave no answer over this file ({ended}).",))
    bare = Value(block="C2PA", group="validation", name="", text="", reader=checker.reader)
    if answer["store"] is None:
        if "ManifestNotFound" in answer["refused"]:
            return Reading()
        unknown = [replace(bare, name=name, text="not checked") for name in ("integrity", "trust")]
        return Reading(values=tuple(unknown), problems=(f"{checker.reader}: {answer['refused']}.",))
    return Reading(values=tuple(_values(answer["store"], bare, checker)))


def _values(store: Mapping[str, Any], bare: Value, checker: Checker) -> Iterator[Value]:
    results = _mapping(store.get("validation_results"))
    active = _mapping(results.get("activeManifest"))
    good, bad = _codes(active, "success"), _codes(active, "failure")
    of_certificates = [code for code in bad if code.startswith(_OF_CERTIFICATES)]
    of_content = [code for code in bad if code not in of_certificates]
    yield replace(bare, name="integrity", text=integrity(good, bad), warnings=_told(of_content))
    yield replace(bare, name="trust", text=trust(good, bad, checker.trust_list), warnings=_told(of_certificates))
    deltas = _listed(results.get("ingredientDeltas"))
    broken = [code for each in deltas for code in _codes(_mapping(_mapping(each).get("validationDeltas")), "failure")]
    if deltas:
        text = "broken" if _breaks(broken) else "no change reported since they were taken in"
        yield replace(bare, name="integrity of ingredients", text=text, warnings=_told(broken))
    manifest = _mapping(_mapping(store.get("manifests")).get(str(store.get("active_manifest"))))
    for name, stated in _mapping(manifest.get("signature_info")).items():
        yield replace(bare, group="signature", name=str(name)[:100], text=str(stated)[:LONGEST_TEXT])
    yield from _stated(manifest, {"title": "title", "instance_id": "instance_id"}, bare)
    for each in _listed(manifest.get("ingredients")):
        yield from _stated(_mapping(each), dict.fromkeys(("document_id", "instance_id"), "derived_from_id"), bare)


def _stated(part: Mapping[str, Any], facts: Mapping[str, str], bare: Value) -> Iterator[Value]:
    for name, fact in facts.items():
        text = str(part.get(name) or "")[:LONGEST_TEXT]
        if text:
            yield replace(bare, group="manifest", name=name, text=text, fact=fact, value=text)


def integrity(good: Iterable[str], bad: Iterable[str]) -> str:
    """Return ``intact``, ``broken`` or ``not checked`` by codes of the active manifest; certificates do not count."""
    good, bad = set(good), set(bad)
    if _breaks(bad):
        return "broken"
    unknown = any(code.endswith(_UNKNOWN) for code in bad)
    return "intact" if _SIGNED in good and good.intersection(_OF_THE_CONTENT) and not unknown else "not checked"


def trust(good: Iterable[str], bad: Iterable[str], trust_list: str) -> str:
    """Return whether the signer is on the list of this SHA-256; without a list nothing is said."""
    if trust_list and _ON_THE_LIST in set(good):
        return f"on the list {trust_list}"
    if trust_list and _NOT_ON_THE_LIST in set(bad):
        return f"untrusted: not on the list {trust_list}"
    return "not checked"


def _breaks(codes: Iterable[str]) -> bool:
    return any(not code.startswith(_OF_CERTIFICATES) and not code.endswith(_OF_FORM + _UNKNOWN) for code in codes)


def _told(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"The SDK reports {code}." for code in dict.fromkeys(codes))


def _codes(results: Mapping[str, Any], kind: str) -> list[str]:
    return [str(_mapping(each).get("code"))[:100] for each in _listed(results.get(kind))]


def _listed(value: Any) -> list[Any]:
    return value[:_MOST_CODES] if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
