"""Names of EXIF tags, as the specification spells them.

Source: exifread's tables, and beyond them Exif 3.0, sections 4.6.5 and 4.6.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from exifread.tags.exif import EXIF_TAGS, GPS_TAGS, INTEROP_TAGS

_EXIF_3 = {
    0x9400: "Temperature", 0x9401: "Humidity", 0x9402: "Pressure", 0x9403: "WaterDepth", 0x9404: "Acceleration",
    0x9405: "CameraElevationAngle", 0xA436: "ImageTitle", 0xA437: "Photographer", 0xA438: "ImageEditor",
    0xA439: "CameraFirmware", 0xA43A: "RAWDevelopingSoftware", 0xA43B: "ImageEditingSoftware",
    0xA43C: "MetadataEditingSoftware", 0xA460: "CompositeImage", 0xA461: "SourceImageNumberOfCompositeImage",
    0xA462: "SourceExposureTimesOfCompositeImage",
}  # fmt: skip
_GPS = {0x001D: "GPSDateStamp", 0x001F: "GPSHPositioningError"}


def _names(table: Mapping[int, Any], more: Mapping[int, str]) -> dict[int, str]:
    return {**{tag: entry[0].strip() for tag, entry in table.items()}, **more}


_TABLES = {"GPS": _names(GPS_TAGS, _GPS), "Interoperability": _names(INTEROP_TAGS, {}), "MakerNote": {}}
_OTHERS = _names(EXIF_TAGS, _EXIF_3)


@lru_cache(4096)
def tag_name(group: str, tag: int) -> str:
    """Return the name of a tag in a directory; ``Tag 0x001F`` where it has none here."""
    table = _TABLES.get(group.partition(" ")[0], _OTHERS)
    return table.get(tag) or f"Tag 0x{tag:04X}"
