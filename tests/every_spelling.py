"""A word looked for in every file of a folder, in every spelling, by other code than the product's."""

from __future__ import annotations

import base64
import contextlib
import gzip
import html
import io
import json
import re
import shutil
import subprocess
import zipfile
import zlib
from urllib.parse import quote, quote_plus


def spellings(word):
    """A word as bytes: in three encodings, each plain, in base64 at every place, and with the escapes of four formats."""
    for coding in ("utf-8", "utf-16-le", "utf-16-be"):
        plain = word.encode(coding)
        yield plain
        yield plain.hex().encode()
        for before in range(3):
            whole = base64.b64encode(b"\0" * before + plain)
            yield whole[(0, 2, 3)[before] : (before + len(plain)) * 8 // 6]
    yield from (quote(word).encode(), quote_plus(word).encode(), quote(word, safe="()").encode())
    yield "".join(f"&#{ord(each)};" for each in word).encode()
    yield "".join(f"\\u{ord(each):04x}" for each in word).encode()
    yield word.replace(" ", "&nbsp;").encode()


def contents(data):
    """What a file holds, and what is packed in it: gzip, ZIP, PDF streams and text, PNG texts, parts of a disclosure."""
    yield data
    if data.startswith(b"\x1f\x8b"):
        yield from contents(gzip.decompress(data))
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from contents(archive.read(name))
    if data.startswith(b"%PDF") and shutil.which("pdftotext"):
        yield subprocess.run(["pdftotext", "-", "-"], input=data, stdout=subprocess.PIPE, check=True).stdout
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL) if data.startswith(b"%PDF") else ():
        with contextlib.suppress(zlib.error):
            yield zlib.decompress(found[1])
    for found in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data) if data.startswith(b"\x89PNG") else ():
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj().decompress(data[found.start() :])
    for line in data.splitlines() if data.startswith(b'{"disclosure"') else ():
        spelt = json.loads(line)["disclosure"]
        yield base64.urlsafe_b64decode(spelt + "=" * (-len(spelt) % 4))


def holding(folder, *words):
    """The files below a folder that hold a word, however it is spelt or broken into lines."""
    sought = {each for word in words for each in spellings(word)}
    for path in folder.rglob("*"):
        if any(each in path.name.encode() for each in sought):
            yield path.name
        for content in contents(path.read_bytes()) if path.is_file() else ():
            plain = " ".join(html.unescape(content.decode("utf-8", "replace")).replace("®", " ").split())
            if any(each in content for each in sought) or any(word in plain for word in words):
                yield path.name
