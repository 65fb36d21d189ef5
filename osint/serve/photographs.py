"""The photographs of the sample site: JPEG files with the embedded metadata that cameras leave, and the lack of it.

What each file carries, and what it is there to show, stands in :data:`PHOTOGRAPHS`. The camera makers are invented.
Positions lie near 48 degrees north, 35 degrees west: open water in the North Atlantic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from osint.serve.scenes import SCENES

_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_CAM_7 = {0x010F: "Fabrikam", 0x0110: "Cam 7", 0x0131: "Fabrikam 7.2.1", 0x0112: 1}
_POCKET = {0x010F: "Contoso", 0x0110: "Pocket 3", 0x0112: 1}

# A TIFF header whose first directory claims 40 entries, brings one and a half, and points far outside the block.
_CORRUPT_EXIF = (
    b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x28\x00\x0f\x01\x02\x00\xff\xff\xff\x7f\xf0\xff\xff\x7f\x10\x01\x02"
)


@dataclass(frozen=True, kw_only=True)
class Photograph:
    """One photograph of the sample site.

    Attributes:
        scene: The picture, a key of ``scenes.SCENES``.
        caption: What it shows; served as its description.
        colour: Its average colour, ``(red, green, blue)``; served before the picture itself.
        width: Width in pixels; the height is three quarters of it.
        quality: Quality of the JPEG, 1 to 95.
        camera: Tags of the first image directory (EXIF 2.32).
        taken: Tags of the EXIF directory.
        position: Tags of the GPS directory.
        raw_exif: Bytes to write in place of all these tags.
        shows: Why it is there, for whoever reads a test.
    """

    scene: str
    caption: str
    colour: tuple[int, int, int]
    width: int = 1024
    quality: int = 84
    camera: Mapping[int, Any] = field(default_factory=dict)
    taken: Mapping[int, Any] = field(default_factory=dict)
    position: Mapping[int, Any] = field(default_factory=dict)
    raw_exif: bytes = b""
    shows: str

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.width * 3 // 4


def _taken(local: str, offset: str = "") -> dict[int, Any]:
    """Return DateTimeOriginal and CreateDate, and OffsetTimeOriginal where the camera knew its zone."""
    return {0x9003: local, 0x9004: local} | ({0x9011: offset, 0x9012: offset} if offset else {})


def _rational(value: str) -> IFDRational:
    fraction = Fraction(value)
    return IFDRational(fraction.numerator, fraction.denominator)


def _position(latitude: tuple[str, str, str], longitude: tuple[str, str, str], **more: str) -> dict[int, Any]:
    """Return a GPS directory north of the equator and west of Greenwich: degrees, minutes, seconds as written."""
    tags: dict[int, Any] = {
        0: b"\x02\x03\x00\x00",
        1: "N",
        2: tuple(_rational(part) for part in latitude),
        3: "W",
        4: tuple(_rational(part) for part in longitude),
    }
    if "error" in more:
        tags[31] = _rational(more["error"])
    if "day" in more:
        hours, minutes, seconds = more["clock"].split(":")
        tags[7], tags[29] = (_rational(hours), _rational(minutes), _rational(seconds)), more["day"]
    return tags


PHOTOGRAPHS: dict[str, Photograph] = {
    "bridge-morning": Photograph(
        scene="bridge-morning",
        caption="The old bridge in fog, its far end missing",
        colour=(185, 196, 199),
        camera=_CAM_7,
        taken=_taken("2026:05:01 07:03:41", "-02:00"),
        position=_position(("48", "0", "3.96"), ("35", "0", "12.24"), error="4.7"),
        shows="a position to a hundredth of a second of arc, with its error, and a time with its zone",
    ),
    "market-stall": Photograph(
        scene="market-stall",
        caption="A market stall with a striped awning and crates of plums",
        colour=(189, 169, 151),
        camera=_CAM_7,
        taken=_taken("2026:05:02 11:47:20"),
        shows="a time without a zone, and no position",
    ),
    "market-stall-copy": Photograph(
        scene="market-stall",
        caption="",
        colour=(189, 169, 151),
        width=800,
        quality=62,
        shows="the picture of market-stall, made smaller, saved again and stripped: the same to the eye, other bytes",
    ),
    "library-window": Photograph(
        scene="library-window",
        caption="A reading lamp, three books and rain on a dark window",
        colour=(82, 68, 62),
        camera=_CAM_7,
        taken=_taken("2026:05:07 21:02:10", "-02:00"),
        position={
            0: b"\x02\x03\x00\x00",
            9: "V",
            1: "N",
            2: _position(("0", "0", "0"), ("0", "0", "0"))[2],
            3: "W",
            4: _position(("0", "0", "0"), ("0", "0", "0"))[4],
        },
        shows="a receiver that had no fix and wrote zero degrees: a position that is none",
    ),
    "bicycle": Photograph(
        scene="bicycle",
        caption="A green bicycle before a hedge",
        colour=(146, 175, 151),
        camera=_CAM_7,
        taken=_taken("2026:05:09 15:51:33", "-02:00"),
        position=_position(("48", "0.1", "0"), ("35", "0.3", "0")),
        shows="a position in degrees and tenths of a minute: good to about 200 metres",
    ),
    "running-club": Photograph(
        scene="running-club",
        caption="Seven runners in bright shirts by the river",
        colour=(147, 175, 167),
        camera=_POCKET,
        taken=_taken("2026:05:10 14:05:02"),
        shows="a camera whose clock ran in UTC and which wrote no zone",
    ),
    "soup-and-chess": Photograph(
        scene="soup-and-chess",
        caption="Two bowls of soup beside a game of chess",
        colour=(181, 136, 96),
        shows="no embedded metadata at all",
    ),
    "river-walk-dusk": Photograph(
        scene="river-walk-dusk",
        caption="Lamps along the river walk at dusk",
        colour=(129, 104, 104),
        camera=_POCKET,
        taken=_taken("2026:05:21 20:24:50", "-02:00"),
        position=_position(("48", "0", "5"), ("35", "0", "20"), day="2026:05:21", clock="22:24:48"),
        shows="a position in whole seconds of arc, and the receiver's own clock in UTC, two seconds apart",
    ),
    "lamp-lit-path": Photograph(
        scene="lamp-lit-path",
        caption="A bench and lamps under the second bridge",
        colour=(50, 49, 61),
        raw_exif=_CORRUPT_EXIF,
        shows="a damaged metadata block",
    ),
    "rowing-boats": Photograph(
        scene="rowing-boats",
        caption="Three rowing boats from above",
        colour=(110, 163, 183),
        camera=_CAM_7,
        taken=_taken("2026:05:28 07:15:28", "-02:00"),
        position=_position(("48", "0", "4.1"), ("35", "0", "13.9")),
        shows="a position to a tenth of a second of arc",
    ),
    "river-walk-evening": Photograph(
        scene="river-walk-evening",
        caption="Low sun over the river walk",
        colour=(147, 150, 144),
        camera=_CAM_7,
        taken=_taken("2026:05:28 17:46:12", "-02:00"),
        position=_position(("48", "0", "6.324"), ("35", "0", "31.608"), error="5", day="2026:05:28", clock="19:46:12"),
        shows="everything at once: the last photograph before she went missing",
    ),
    "poster": Photograph(
        scene="poster",
        caption="Poster: missing, Jane Example, 17, last seen 28 May at the old bridge",
        colour=(219, 205, 196),
        camera={0x0131: "Paper and Scissors 2"},
        shows="a picture made by a program, which names itself and nothing else",
    ),
    "bicycle-boathouse": Photograph(
        scene="bicycle-boathouse",
        caption="The green bicycle behind the boathouse, a book in its basket",
        colour=(106, 79, 66),
        camera=_POCKET,
        taken=_taken("2026:05:30 04:58:19", "-02:00"),
        position=_position(("48", "0", "0"), ("35", "1", "0")),
        shows="a position in whole minutes: good to about two kilometres",
    ),
    "vigil": Photograph(
        scene="vigil",
        caption="People with lamps on the old bridge at night",
        colour=(34, 37, 56),
        camera=_CAM_7,
        taken=_taken("2026:02:30 25:61:00", "-02:00"),
        shows="a time that cannot exist",
    ),
    "harbour": Photograph(
        scene="harbour",
        caption="The evening ferry leaves the quay",
        colour=(151, 158, 161),
        camera=_POCKET,
        taken=_taken("2026:06:14 20:02:00", "+00:00"),
        position=_position(("48", "12", "30"), ("34", "41", "15")),
        shows="another place, and another zone than Westmere's",
    ),
}


@cache
def jpeg(name: str, *, small: bool = False) -> bytes:
    """Return the file of a photograph; ``small`` gives the preview, 480 pixels wide and without metadata.

    The bytes are the same each time for one version of Pillow and its JPEG library.

    Raises:
        KeyError: There is no such photograph.
    """
    photograph = PHOTOGRAPHS[name]
    size = (480, 360) if small else (photograph.width, photograph.height)
    picture = SCENES[photograph.scene]()
    file = BytesIO()
    embedded: dict[str, Any] = {} if small else _embedded(photograph)
    (picture if picture.size == size else picture.resize(size)).save(
        file, "JPEG", quality=photograph.quality, **embedded
    )
    return file.getvalue()


@cache
def missing_avatar() -> bytes:
    """Return the picture of an account that set none, as PNG."""
    file = BytesIO()
    Image.new("RGB", (120, 120), "#9baec8").save(file, "PNG")
    return file.getvalue()


def _embedded(photograph: Photograph) -> dict[str, Any]:
    if photograph.raw_exif:
        return {"exif": photograph.raw_exif}
    if not photograph.camera:
        return {}
    exif = Image.Exif()
    exif.update(photograph.camera)
    for directory, tags in ((_EXIF_IFD, photograph.taken), (_GPS_IFD, photograph.position)):
        if tags:
            exif.get_ifd(directory).update(tags)
    return {"exif": exif}
