"""Make the letters of the typeset report again, from Debian 12's packages and one of npm.

    apt-get install fonts-noto-core fonts-noto-mono fonts-nanum fonts-droid-fallback && pip install fonttools
    npm pack @expo-google-fonts/noto-emoji@0.4.7 && tar xzf expo-google-fonts-noto-emoji-0.4.7.tgz
    python docs/typefaces/refresh.py package /usr/share/fonts/truetype

Hints are left out, and of some the letters that another one draws. "Nanum" is a name that its makers reserved
(SIL OFL 1.1, condition 3), so the Hangul of it is called otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parents[2] / "osint" / "report" / "font_files"
NOTO = [
    "Arabic",
    "Hebrew",
    "Thai",
    "Devanagari",
    "Bengali",
    "Tamil",
    "Telugu",
    "Gujarati",
    "Gurmukhi",
    "Kannada",
    "Malayalam",
    "Sinhala",
    "Khmer",
    "Lao",
    "Myanmar",
    "Georgian",
    "Armenian",
    "Ethiopic",
    "Symbols2",
    "Symbols",
]
ARROWS_AND_SIGNS = (*range(0x2190, 0x2400), *range(0x27C0, 0x2800), *range(0x2900, 0x2A00))
LATIN = (*range(0x20, 0x180), 0x2026)
HANGUL = (*range(0x1100, 0x1200), *range(0x3131, 0x318F), *range(0xAC00, 0xD7A4))


def main() -> None:
    package, fonts = map(Path, sys.argv[1:3])
    noto = fonts / "noto"
    for name in ("NotoSans-Regular", "NotoSans-Bold", *(f"NotoSans{script}-Regular" for script in NOTO)):
        write(noto / f"{name}.ttf", f"{name}.ttf")
    write(noto / "NotoSansMath-Regular.ttf", "NotoSansMath-Regular.ttf", ARROWS_AND_SIGNS)
    write(noto / "NotoSansMono-Regular.ttf", "NotoSansMono-Regular.ttf", LATIN)
    write(fonts / "nanum" / "NanumGothic.ttf", "HangulSubset.ttf", HANGUL, name="Hangul Subset")
    write(fonts / "droid" / "DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf")
    write(package / "400Regular" / "NotoEmoji_400Regular.ttf", "NotoEmoji-Regular.ttf")


def write(source: Path, target: str, letters: Iterable[int] = (), name: str = "") -> None:
    options = subset.Options(
        hinting=False, layout_features=["*"], name_IDs=["*"], notdef_outline=True, glyph_names=False
    )
    options.drop_tables += ["FFTM"]
    font = subset.load_font(source, options, lazy=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=letters or list(font.getBestCmap()))
    subsetter.subset(font)
    font.recalcTimestamp = False
    if name:
        rename(font, name)
    subset.save_font(font, FOLDER / target, options)


def rename(font: TTFont, name: str) -> None:
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6, 16, 18):
            record.string = name.replace(" ", "") if record.nameID in (3, 6) else name


if __name__ == "__main__":
    main()
