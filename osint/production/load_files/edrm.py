"""The same documents as EDRM XML 1.2, for platforms that take neither of the others.

No schema was found when this was written, and programs disagree on the wrappers; the elements are those of the
published description of 31 October 2010. The SHA-256 of a native stands in a tag, since ``Hash`` is an MD5 there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from osint.production.load_files.fields import FIELDS
from osint.production.plan import Document, Plan

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_TYPES = {"FILESIZE": "LongInteger", "PAGECOUNT": "Integer", "LEDGER_SEQ": "LongInteger", "REDACTED": "Boolean"}
_TYPES |= dict.fromkeys(("DATE_POSTED", "DATE_CAPTURED"), "DateTime")


def write_edrm(plan: Plan, documents: Sequence[Document], written: Sequence[Mapping[str, str]], path: Path) -> None:
    """Write the load file, document by document.

    Args:
        plan: The plan.
        documents: The documents.
        written: What the other load files say of each.
        path: A file.
    """
    with path.open("w", encoding="utf-8", newline="\n") as out:
        _Writer(out, plan).write(documents, written)


class _Writer(XMLGenerator):
    def __init__(self, out: object, plan: Plan) -> None:
        super().__init__(out, encoding="utf-8", short_empty_elements=True)  # type: ignore[arg-type]
        self._plan = plan

    def write(self, documents: Sequence[Document], written: Sequence[Mapping[str, str]]) -> None:
        self.startDocument()
        with self._in("Root", MajorVersion="1", MinorVersion="2", DataInterchangeType="Update"):
            with self._in("Fields"):
                for name in FIELDS:
                    self._empty("Field", Key=name, Name=name, DataType=_TYPES.get(name, "Text"))
            with self._in("Batch", Name=f"Production {self._plan.number}"):
                with self._in("Documents"):
                    for each, row in zip(documents, written, strict=True):
                        self._document(each, row)
                with self._in("Relationships"):
                    for each in documents:
                        self._relationship(each)
        self.endDocument()

    def _document(self, document: Document, row: Mapping[str, str]) -> None:
        kind = "File" if document.native else "Other"
        with self._in("Document", DocID=row["BEGBATES"], DocType=kind, MimeType=document.item.media_type):
            with self._in("Tags"):
                for name, value in row.items():
                    if value:
                        self._empty("Tag", TagName=name, TagDataType=_TYPES.get(name, "Text"), TagValue=value)
            with self._in("Files"):
                self._file("Native", document.native, FileSize=row["FILESIZE"], Hash=document.md5)
                self._file("Text", document.text)
                for image in document.images:
                    self._file("Image", image)
            with self._in("Locations"), self._in("Location"):
                self._said("Custodian", row["CUSTODIAN"])
                self._said("LocationURI", row["SOURCE_URL"])

    def _file(self, kind: str, name: str, **more: str) -> None:
        if name:
            folder, _, file = name.rpartition("/")
            with self._in("File", FileType=kind):
                self._empty("ExternalFile", FilePath=folder, FileName=file, **more)

    def _relationship(self, document: Document) -> None:
        if document.parent:
            above, own = self._plan.label(document.parent.begin), self._plan.label(document.begin)
            self._empty("Relationship", Type="Attachment", ParentDocID=above, ChildDocID=own)

    def _said(self, name: str, text: str) -> None:
        with self._in(name):
            self.characters(_xml(text))

    def _empty(self, name: str, **attributes: str) -> None:
        with self._in(name, **attributes):
            pass

    @contextmanager
    def _in(self, name: str, **attributes: str) -> Iterator[None]:
        self.startElement(name, AttributesImpl({key: _xml(value) for key, value in attributes.items()}))
        yield
        self.endElement(name)


def _xml(text: str) -> str:
    """Return text in which every character is one that XML 1.0 knows; the others are spelt ``⟨U+0000⟩``."""
    return _NOT_XML.sub(lambda found: f"⟨U+{ord(found.group()):04X}⟩", text)
