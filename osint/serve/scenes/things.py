"""Scenes of things: a stall, a bicycle, a desk, a poster, a table. They show nobody."""

from __future__ import annotations

import math

from PIL import Image

from osint.serve.scenes.canvas import Canvas


def market_stall() -> Image.Image:
    """A stall with a striped awning and crates of fruit."""
    canvas = Canvas("#e9dfcc")
    canvas.shade(0, 560, "#bfe0ee", "#f4ead6")
    canvas.shade(560, 768, "#c9b99a", "#9d8a6b")
    for x, width, height, colour in (
        (0, 230, 330, "#d9c3a5"),
        (230, 190, 280, "#cfae92"),
        (640, 210, 310, "#d6bfa8"),
        (850, 174, 360, "#c7a68c"),
    ):
        canvas.box(x, 560 - height, x + width, 560, colour)
        for row in range(3):
            canvas.box(x + 34, 585 - height + row * 84, x + 76, 640 - height + row * 84, "#7f99a6")
    for x in (180, 844):
        canvas.box(x - 8, 250, x + 8, 690, "#6d4b33")
    for index in range(12):
        left = 130 + index * 64
        colour = "#c0392b" if index % 2 == 0 else "#fbf3e4"
        canvas.polygon([(left + 24, 180), (left + 80, 180), (left + 64, 300), (left, 300)], colour)
        canvas.disc((left + 32, 300), 32, colour, 0.7)
    canvas.box(150, 520, 874, 700, "#8a6242")
    fruit = (("#5b2a66", 12), ("#c23b3b", 15), ("#6aa84f", 13), ("#e3a32b", 15))
    for crate, (colour, radius) in enumerate(fruit):
        left = 170 + crate * 176
        canvas.box(left, 470, left + 156, 600, "#b98a58", radius=6)
        for place in range(24):
            centre = (left + 20 + place % 6 * 23, 452 + place // 6 * 20 - (place % 2) * 6)
            canvas.disc(centre, radius, colour)
            canvas.disc((centre[0] - 4, centre[1] - 4), radius * 0.22, "#ffffff")
        canvas.box(left, 520, left + 156, 600, "#a67747", radius=6)
    canvas.text((512, 648), "PLUMS  2.40", 44, "#fbf3e4")
    return canvas.finished()


def bicycle(*, boathouse: bool) -> Image.Image:
    """A green bicycle, before a hedge or behind a boathouse."""
    canvas = Canvas()
    if boathouse:
        canvas.shade(0, 590, "#7d4a3a", "#5d3429")
        for x in range(0, 1024, 64):
            canvas.line([(x, 0), (x, 590)], "#4c291f", 5)
        canvas.box(90, 90, 330, 300, "#d8cdb9")
        canvas.box(104, 104, 316, 286, "#33465a")
        canvas.line([(210, 104), (210, 286)], "#d8cdb9", 10)
        canvas.shade(590, 768, "#8d8f7c", "#5f6152")
    else:
        canvas.shade(0, 420, "#a9d6ef", "#e6f4f4")
        for index in range(22):
            canvas.disc((index * 50 - 10, 400 - (index % 3) * 22), 66, ("#4f8a4b", "#5c9a55", "#447c44")[index % 3])
        canvas.shade(420, 600, "#5c9a55", "#3f7440")
        canvas.shade(600, 768, "#d2bd95", "#b89d72")
    frame, back, front = "#2f9e57", (330.0, 560.0), (710.0, 560.0)
    canvas.disc((520, 684), 330, "#4b4a3f" if boathouse else "#a58b62", 0.07)
    for wheel in (back, front):
        for spoke in range(12):
            turn = math.pi * spoke / 6
            canvas.line([wheel, (wheel[0] + 112 * math.cos(turn), wheel[1] + 112 * math.sin(turn))], "#c9ced2", 1.5)
        canvas.ring(wheel, 120, "#23252b", 11)
        canvas.disc(wheel, 12, "#3a3d45")
    pedal, seat, head = (500.0, 566.0), (440.0, 390.0), (655.0, 372.0)
    for bar in ([back, pedal, (452, 424), back], [(452, 424), (662, 400)], [pedal, (666, 416)], [head, front]):
        canvas.line(bar, frame, 14)
    canvas.line([(452, 424), seat], "#3a3d45", 10)
    canvas.box(396, 368, 492, 388, "#3b2a20", radius=9)
    canvas.line([head, (640, 330), (590, 316)], "#3a3d45", 9)
    canvas.box(668, 300, 790, 386, "#a67747", radius=10)
    if boathouse:
        canvas.box(690, 276, 764, 316, "#f4efe2", radius=3)
        canvas.text((727, 296), "CHESS", 17, "#23252b")
    canvas.ring(pedal, 30, "#3a3d45", 8)
    canvas.line([(480, 600), (524, 530)], "#3a3d45", 8)
    return canvas.finished()


def library_window() -> Image.Image:
    """A reading desk with a lamp and books before a rainy window at night."""
    canvas = Canvas("#3a2a24")
    canvas.shade(60, 520, "#0f1b33", "#2b3f63", left=180, right=844)
    for drop in range(150):
        across, y = 190 + drop * 0.6180 % 1 * 644, 70 + drop * 0.7549 % 1 * 420
        canvas.line([(across, y), (across - 4, y + 12 + drop % 18)], "#6d86ad", 1.5)
    for x in (180, 512, 844):
        canvas.box(x - 9, 52, x + 9, 528, "#7a5a41")
    for y in (56, 290, 524):
        canvas.box(172, y - 9, 852, y + 9, "#7a5a41")
    canvas.shade(540, 768, "#8a6242", "#5d3f29")
    canvas.glow((300, 470), 250, "#ffce7a", 0.65)
    canvas.line([(300, 590), (300, 460)], "#2b2b33", 8)
    canvas.polygon([(230, 470), (370, 470), (335, 405), (265, 405)], "#2f7d5b")
    canvas.disc((300, 592), 52, "#2b2b33", 0.25)
    for index, (colour, width) in enumerate((("#9c3d3d", 300), ("#30597f", 270), ("#c9a24a", 285))):
        canvas.box(500, 556 - index * 40, 500 + width, 594 - index * 40, colour, radius=5)
        canvas.box(520, 568 - index * 40, 500 + width - 30, 574 - index * 40, "#f0e3c8")
    canvas.text((640, 494), "ATLAS", 22, "#3a2a24")
    canvas.box(840, 530, 900, 596, "#e9e4da", radius=8)
    canvas.ring((906, 560), 18, "#e9e4da", 7)
    return canvas.finished()


def poster() -> Image.Image:
    """A poster with an outline of a head instead of a face: it shows nobody."""
    canvas = Canvas("#d9d2c3")
    canvas.box(212, 26, 812, 742, "#b5ad9b")
    canvas.box(204, 18, 804, 734, "#fffdf7")
    canvas.box(204, 18, 804, 120, "#b3261e")
    canvas.text((504, 70), "MISSING", 72, "#ffffff")
    canvas.box(344, 144, 664, 454, "#cfd9df")
    canvas.polygon([(384, 454), (424, 372), (584, 372), (624, 454)], "#6c7f8b")
    canvas.disc((504, 288), 84, "#4a3b33", 1.12)
    canvas.disc((504, 300), 66, "#d8b49c", 1.15)
    canvas.box(436, 224, 572, 262, "#4a3b33", radius=16)
    canvas.text((504, 500), "Jane Example, 17", 48, "#1d1d1f")
    canvas.text((504, 556), "last seen 28 May, 18:20, old bridge", 27, "#1d1d1f")
    canvas.text((504, 596), "green bicycle, grey rucksack", 27, "#1d1d1f")
    canvas.text((504, 664), "Please tell the police of Westmere", 28, "#b3261e")
    canvas.text((504, 706), "an invented case for practice", 17, "#77736a")
    return canvas.finished()


def soup_and_chess() -> Image.Image:
    """A table from above: two bowls of soup, bread and a lost game of chess."""
    canvas = Canvas("#a9794f")
    for y in range(0, 768, 96):
        canvas.shade(y, y + 92, "#b5855a", "#a2724a")
    left, top, cell = 380, 150, 56
    canvas.box(left - 16, top - 16, left + 8 * cell + 16, top + 8 * cell + 16, "#5a3a24", radius=8)
    for square in range(64):
        x, y = left + square % 8 * cell, top + square // 8 * cell
        canvas.box(x, y, x + cell, y + cell, "#f0dfc0" if (square + square // 8) % 2 == 0 else "#8f5f3c")
    for square, colour in (
        (4, "#2a211c"),
        (12, "#f7f2e6"),
        (21, "#2a211c"),
        (27, "#f7f2e6"),
        (36, "#2a211c"),
        (60, "#f7f2e6"),
    ):
        centre = (left + square % 8 * cell + 28, top + square // 8 * cell + 28)
        canvas.disc(centre, 19, "#6b4a30")
        canvas.disc((centre[0] - 2, centre[1] - 3), 17, colour)
    for x, y in ((190, 250), (190, 560)):
        canvas.disc((x + 6, y + 8), 132, "#80583a")
        canvas.disc((x, y), 130, "#f7f3ea")
        canvas.disc((x, y), 102, "#d9722e")
        for bit in range(9):
            turn = bit * 2.4
            canvas.disc((x + (20 + bit * 8) * math.cos(turn), y + (20 + bit * 8) * math.sin(turn)), 9, "#5f8f3e")
    canvas.box(872, 240, 1000, 560, "#c98f4a", radius=60)
    for y in range(280, 540, 52):
        canvas.line([(892, y + 16), (980, y - 12)], "#e8c48a", 10)
    return canvas.finished()
