"""What a load file says of each document: the columns, what they mean, and the values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from osint.production.plan import Document, Plan

FIELDS: Mapping[str, str] = {
    "BEGBATES": "first number of the document",
    "ENDBATES": "last number of the document",
    "BEGATTACH": "first number of its family: a post and the files that it shows; empty where it has none",
    "ENDATTACH": "last number of its family",
    "CUSTODIAN": "who produced it: the person at the workstation",
    "DOCTYPE": "what it is: web capture, rendered web page, image, video, audio, file handed in, redacted copy ...",
    "TITLE": "what it is, in words",
    "AUTHOR_HANDLE": "handles of the authors of its posts, as the source spells them; several are parted by '; '",
    "PLATFORM": "the source's own name, for posts",
    "SOURCE_URL": "the address first asked for, or the one that was declared for a file that was handed in",
    "FINAL_URL": "the address that answered, behind redirects",
    "DATE_POSTED": "when the earliest of its posts was published by the source's word (RFC 3339, UTC)",
    "DATE_CAPTURED": "when the request for it started, or when the file was taken in (RFC 3339, UTC)",
    "TIMEZONE": "the zone of all times in this file",
    "COLLECTOR": "name and version of what read its posts",
    "CASE_NO": "name of the case",
    "FILENAME": "name of the native, or the name under which a file was handed in",
    "FILEEXT": "end of the name of the native",
    "FILESIZE": "bytes of the native",
    "PAGECOUNT": "number of page images, and of numbers",
    "MD5HASH": "MD5 of the native; a key to older lists, and no evidence that two files are the same",
    "SHA256HASH": "SHA-256 of the native",
    "LEDGER_SEQ": "position of the ledger entry that stored the exhibit; of a merged part, that which merged it",
    "CAPTURE_QUALITY": "what the capture of a web page shows: full, partial, shell, wall, gone",
    "REDACTED": "Y where a redacted copy stands for it, else N",
    "CONFIDENTIALITY": "why it is withheld, or why a redacted copy stands for it; else empty",
    "NATIVEPATH": "path of the native, from the payload folder",
    "TEXTPATH": "path of its text (UTF-8), from the payload folder; empty where nothing was read from it",
}


def rows(plan: Plan, documents: Sequence[Document]) -> Iterator[dict[str, str]]:
    """Yield one row for each document, with the columns of :data:`FIELDS`."""
    families = _families(documents)
    for each in documents:
        yield {**_of_plan(plan), **_of_item(each), **each.about, **_of_files(plan, each, families)}


def windows_path(name: str) -> str:
    r"""Return a path as load files spell it: ``.\NATIVES\DOE000001.jpg``; nothing for no path."""
    return ".\\" + name.replace("/", "\\") if name else ""


def _families(documents: Sequence[Document]) -> dict[int, int]:
    """Return the last number of each family that has more than one member, by its first."""
    return {each.parent.begin: each.end for each in documents if each.parent}


def _of_plan(plan: Plan) -> dict[str, str]:
    return {**dict.fromkeys(FIELDS, ""), "CUSTODIAN": plan.investigator, "TIMEZONE": "UTC", "CASE_NO": plan.case}


def _of_item(document: Document) -> dict[str, str]:
    item = document.item
    return {
        "LEDGER_SEQ": str(item.entry),
        "CAPTURE_QUALITY": item.quality if document.native else "",
        "REDACTED": "Y" if document.redacted else "N",
        "CONFIDENTIALITY": ", ".join(filter(None, (item.ground, item.cited))),
    }


def _of_files(plan: Plan, document: Document, families: Mapping[int, int]) -> dict[str, str]:
    head = document.parent.begin if document.parent else document.begin
    in_family = head in families
    name = document.native.rpartition("/")[2]
    has = bool(document.native)
    return {
        "BEGBATES": plan.label(document.begin),
        "ENDBATES": plan.label(document.end),
        "BEGATTACH": plan.label(head) if in_family else "",
        "ENDATTACH": plan.label(families[head]) if in_family else "",
        "FILENAME": document.about.get("FILENAME", "") or name,
        "FILEEXT": name.partition(".")[2],
        "FILESIZE": str(document.size) if has else "",
        "PAGECOUNT": str(document.pages),
        "MD5HASH": document.md5,
        "SHA256HASH": document.sha256,
        "NATIVEPATH": windows_path(document.native),
        "TEXTPATH": windows_path(document.text),
    }
