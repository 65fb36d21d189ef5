"""Programs of others, made of a few lines of shell: they print what is recorded here, or go wrong on purpose."""

import hashlib
import json
import sys

import pytest

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="these programs are scripts of the shell")

EXIFTOOL = """#!/bin/sh
if [ "$3" = -ver ]; then echo "{version}"; exit; fi
for list; do :; done
sep=""
printf '['
while read -r file; do
    case $file in
    {special}
    esac
    printf '%s{{"SourceFile":"%s","EXIF:IFD0:Make":{{"id":"0x010f","table":"Exif::Main","val":"Acme"}}}}' "$sep" "$file"
    sep=,
done <"$list"
printf ']'
echo "a complaint about $list" >&2
"""

LISTER = """#!/bin/sh
case $1 in -version|--Version) echo "{version}"; exit;; esac
for file; do :; done
{before}
sed "s,THE_FILE,$file," <<'END'
{answer}
END
"""


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def script(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def exiftool(folder, *, version="13.59", **special):
    """Make an ExifTool that does something of its own over the files of these digests (``hang=..., die=...``)."""
    ways = {
        "die": "exit 3",
        "hang": "exec sleep 60",
        "flood": "exec cat /dev/zero",
        "babble": "printf '{{{'; exit",
        "nest": "printf '%0200000d' 0 | tr 0 '['; exit",
        "invent": """printf '%s{"SourceFile":"/x/%064d","EXIF:IFD0:Make":{"val":"Other"}}' "$sep" 0; sep=,""",
    }
    lines = "\n    ".join(f"*/{digest}) {ways[way]};;" for way, digest in special.items())
    return script(folder / "exiftool.sh", EXIFTOOL.format(version=version, special=lines))


def lister(folder, name, version, answer, before=""):
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return script(folder / name, LISTER.format(version=version, answer=text, before=before))
