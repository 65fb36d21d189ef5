"""Reading a QR code back from the drawing of a PDF, without a program that renders it."""

from __future__ import annotations

import io
import re

import zxingcpp
from PIL import Image, ImageDraw
from pypdf import PdfReader


def decoded(data: bytes) -> bytes:
    """Paint the black bars of the first page and read the QR code among them."""
    content = PdfReader(io.BytesIO(data)).pages[0].get_contents().get_data().decode("latin-1")
    picture = Image.new("L", (595 * 4, 842 * 4), 255)
    for bar in re.findall(r"n ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re f", content):
        x, y, width, height = (float(number) * 4 for number in bar)
        ImageDraw.Draw(picture).rectangle((x, 842 * 4 - y - height, x + width, 842 * 4 - y), fill=0)
    [code] = zxingcpp.read_barcodes(picture)
    return code.bytes
