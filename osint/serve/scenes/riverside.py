"""Scenes along the river of the invented town."""

from __future__ import annotations

from PIL import Image

from osint.serve.scenes.canvas import Canvas
from osint.serve.scenes.landscape import EVENING, NIGHT, NOON, Light, lamp, river_valley, town, tree


def river_walk(light: Light, *, lit: bool) -> Image.Image:
    """A path with lamps and a railing along a river, the town on the far bank."""
    canvas = Canvas()
    river_valley(canvas, light)
    town(canvas, light)
    canvas.polygon([(1024, 470), (720, 500), (470, 600), (300, 768), (1024, 768)], light.land[1])
    canvas.polygon([(1024, 505), (800, 528), (620, 610), (520, 768), (900, 768), (960, 640), (1024, 585)], "#b9a184")
    canvas.polygon(
        [(1024, 512), (812, 536), (650, 616), (560, 768), (600, 768), (700, 622), (840, 545), (1024, 520)], "#cdb795"
    )
    rail = [(1024, 440), (740, 468), (500, 556), (330, 690)]
    for offset in (0, 22):
        canvas.line([(x, y + offset) for x, y in rail], "#22222f", 4)
    for x, y in ((960, 447), (850, 457), (740, 468), (660, 497), (580, 527), (500, 556), (415, 623), (345, 678)):
        canvas.line([(x, y - 4), (x, y + 44)], "#22222f", 4)
    for foot, height in (((930, 520), 170), ((742, 560), 215), ((560, 690), 320)):
        lamp(canvas, foot, height, light, lit)
    tree(canvas, (985, 640), 250, ("#39513f", "#4d6a50"))
    return canvas.finished()


def bridge(light: Light, *, lamps: int = 0) -> Image.Image:
    """An old stone bridge of three arches; with ``lamps``, people hold lights on it."""
    canvas = Canvas()
    river_valley(canvas, light, 380)
    stone, shadow = light.land[1], light.water[1]
    for flip, base in ((1, 380), (-1, 500)):
        colour = stone if flip == 1 else shadow
        canvas.polygon(
            [(0, base - 30 * flip), (512, base - 88 * flip), (1024, base - 30 * flip), (1024, 440), (0, 440)], colour
        )
    for x, radius in ((190, 112), (512, 140), (834, 112)):
        canvas.disc((x, 440), radius, light.water[0], 0.72)
        canvas.line([(x - radius, 440), (x + radius, 440)], light.shine, 2)
    for x in range(20, 1024, 54):
        top = 350 - 58 * (1 - abs(x - 512) / 512)
        canvas.line([(x, top), (x, top - 16)], stone, 6)
    for index in range(lamps):
        holder = 60 + index * 904 / max(1, lamps - 1)
        top = 338 - 58 * (1 - abs(holder - 512) / 512) - (index % 3) * 5
        canvas.disc((holder, top - 12), 7, "#0a0c18")
        canvas.box(holder - 8, top - 6, holder + 8, top + 24, "#0a0c18", radius=6)
        canvas.glow((holder + 9, top), 30, "#ffcf70", 0.9)
        canvas.disc((holder + 9, top), 4, "#fff3cf")
        canvas.line([(holder - 6, 470 + index % 4 * 14), (holder + 22, 470 + index % 4 * 14)], "#c99a52", 3)
    canvas.polygon([(0, 640), (260, 690), (420, 768), (0, 768)], light.land[1])
    tree(canvas, (110, 700), 240, (light.land[1], light.land[0]))
    return canvas.finished()


def rowing_boats() -> Image.Image:
    """Three rowing boats on bright water, seen from a bridge."""
    canvas = Canvas()
    canvas.shade(0, 768, "#9ed4e6", "#2f7599")
    for row in range(34):
        y = 16 + row * 22.5
        for part in range(5):
            x = (part * 230 + row * 97) % 1060 - 40
            canvas.line([(x, y), (x + 30 + row, y + 3), (x + 70 + row * 2, y)], "#c8ebf3", 1 + row * 0.06)
    for x, y, size, colour in ((250, 210, 0.7, "#e0b04a"), (640, 330, 0.95, "#c75146"), (350, 560, 1.25, "#3f7d5c")):
        hull = [(-190, 0), (-120, -34), (120, -34), (200, 0), (120, 34), (-120, 34)]
        canvas.polygon([(x + 14 * size + px * size, y + 16 * size + py * size) for px, py in hull], "#2a6484")
        canvas.polygon([(x + px * size, y + py * size) for px, py in hull], colour)
        canvas.polygon([(x + px * size * 0.86, y + py * size * 0.66) for px, py in hull], "#7a5533")
        for seat in (-80, 0, 80):
            canvas.box(x + (seat - 9) * size, y - 24 * size, x + (seat + 9) * size, y + 24 * size, "#d9b98a")
        for side in (-1, 1):
            canvas.line([(x, y + side * 20 * size), (x + 60 * size, y + side * 120 * size)], "#f1e2c4", 5 * size)
            canvas.disc((x + 62 * size, y + side * 124 * size), 12 * size, "#f1e2c4", 1.6)
    return canvas.finished()


def running_club() -> Image.Image:
    """Seven runners in bright shirts on a path."""
    canvas = Canvas()
    river_valley(canvas, NOON, 330)
    canvas.shade(470, 768, "#7fae62", "#4f7f43")
    canvas.polygon([(0, 560), (1024, 520), (1024, 700), (0, 768)], "#cdb795")
    for x, size in ((90, 210), (930, 250)):
        tree(canvas, (x, 540), size, ("#3f7d45", "#5b9a56"))
    shirts = ("#d94f3d", "#f2b134", "#3f8fd2", "#7a55b5", "#2f9e75", "#e56aa0", "#4a4f5c")
    skins = ("#8d5a3b", "#f0c9a4", "#c68e63")
    for index, shirt in enumerate(shirts):
        x, y, stride = 150 + index * 120, 610 - (index % 2) * 26, 34 if index % 2 else 24
        canvas.disc((x, y + 74), 50, "#a58b62", 0.16)
        for side in (-1, 1):
            canvas.line([(x, y - 20), (x + side * stride, y + 26), (x + side * stride - 16, y + 70)], "#2d3142", 13)
            canvas.line([(x, y - 96), (x + side * 34, y - 66), (x + side * 46 - 10, y - 92)], skins[index % 3], 11)
        canvas.box(x - 24, y - 112, x + 24, y - 14, shirt, radius=16)
        canvas.text((x, y - 64), "10", 24, "#ffffff")
        canvas.disc((x + 4, y - 138), 23, skins[index % 3])
    return canvas.finished()


def lamp_lit_path() -> Image.Image:
    """A bench and a row of lamps under a bridge, after dark."""
    canvas = Canvas()
    river_valley(canvas, NIGHT, 420)
    canvas.polygon(
        [(0, 0), (1024, 0), (1024, 110), (760, 130), (600, 240), (424, 240), (264, 130), (0, 110)], "#070a18"
    )
    canvas.polygon([(0, 560), (1024, 470), (1024, 768), (0, 768)], "#171b33")
    canvas.polygon([(0, 640), (1024, 510), (1024, 600), (0, 768)], "#3d3a46")
    for foot, height in (((900, 520), 130), ((690, 556), 180), ((420, 600), 250), ((110, 660), 340)):
        lamp(canvas, foot, height, NIGHT, lit=True)
    for y in (560, 584):
        canvas.box(500, y + 20, 700, y + 32, "#6b4a30")
    for x in (520, 680):
        canvas.line([(x, 580), (x, 660)], "#22222f", 9)
    return canvas.finished()


def harbour() -> Image.Image:
    """A ferry leaving a quay in the evening."""
    canvas = Canvas()
    river_valley(canvas, EVENING, 420)
    canvas.polygon([(250, 470), (910, 470), (850, 560), (310, 560)], "#f4f1ea")
    canvas.polygon([(262, 500), (892, 500), (850, 560), (310, 560)], "#24507a")
    canvas.box(350, 390, 800, 470, "#fbf9f4", radius=8)
    canvas.box(440, 320, 720, 390, "#fbf9f4", radius=8)
    for x in range(372, 790, 44):
        canvas.box(x, 412, x + 26, 440, "#35506b", radius=4)
    for x in range(460, 710, 44):
        canvas.box(x, 338, x + 26, 362, "#35506b", radius=4)
    canvas.polygon([(600, 320), (680, 320), (672, 240), (612, 240)], "#c0392b")
    canvas.box(610, 256, 674, 274, "#fbf9f4")
    for puff in range(5):
        canvas.disc((660 + puff * 46, 214 - puff * 20), 18 + puff * 7, "#e6e2da", 0.8)
    for wave in range(9):
        canvas.line([(230 + wave * 76, 566), (262 + wave * 76, 574), (300 + wave * 76, 566)], "#ffffff", 4)
    canvas.polygon([(0, 640), (520, 690), (520, 768), (0, 768)], "#6d6a64")
    canvas.polygon([(0, 640), (520, 690), (520, 704), (0, 660)], "#8d8a82")
    for x, y in ((90, 632), (260, 650), (430, 668)):
        canvas.box(x, y, x + 34, y + 42, "#3b3a38", radius=6)
    return canvas.finished()
