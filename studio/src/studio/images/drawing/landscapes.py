"""Places without houses."""

import math
from random import Random

from studio.images.drawing.canvas import HEIGHT, WIDTH, Canvas, mix, shade
from studio.images.drawing.moments import Colour, Moment
from studio.images.drawing.skies import HORIZON, WARM, ground
from studio.images.drawing.stage import Stage


def forest(stage: Stage) -> None:
    """Paint trees, the far ones pale."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    ground(canvas, (104, 130, 82), (58, 78, 46), top=HORIZON - 10)
    for layer, (count, foot, tall) in enumerate(((20, 250, 190), (13, 285, 290), (7, 345, 430))):
        for number in range(count):
            x = (number + rng.uniform(0.1, 0.9)) * WIDTH / count
            if layer == 2 and 330 < x < 630:
                continue
            green: Colour = rng.choice([(52, 98, 62), (66, 110, 58), (44, 84, 66), (78, 112, 54)])
            colour = mix(green, moment.sky_low, 0.5 - 0.25 * layer)
            _fir(canvas, x, foot + rng.uniform(-8, 12), tall * rng.uniform(0.8, 1.1), colour, rng)
    path = [(470, 262), (500, 262), (610, HEIGHT), (330, HEIGHT)]
    canvas.fade(path, (150, 134, 98), (124, 104, 74))
    for _ in range(46):
        x, y = rng.uniform(0, WIDTH), rng.uniform(300, HEIGHT)
        if not 330 < x < 620:
            canvas.line([(x, y), (x + rng.uniform(-6, 6), y - rng.uniform(7, 18))], (86, 118, 60), 1.6)


def _fir(canvas: Canvas, x: float, foot: float, height: float, colour: Colour, rng: Random) -> None:
    width = height * 0.2
    canvas.box(
        x - height * 0.018, foot - height * 0.2, height * 0.036, height * 0.2, mix((84, 62, 46), colour, 0.35)
    )
    for tier in range(5):
        top = foot - height + height * 0.155 * tier
        half = width * (0.34 + 0.17 * tier)
        low = top + height * 0.27
        lean = rng.uniform(-2, 2)
        canvas.polygon(
            [(x + lean, top), (x + half, low), (x, low - height * 0.035), (x - half, low)],
            shade(colour, 1 - 0.05 * tier),
        )
        canvas.polygon(
            [(x + lean, top), (x + half, low), (x, low - height * 0.035)], shade(colour, 0.82 - 0.04 * tier)
        )


def sea(stage: Stage) -> None:
    """Paint the sea with a breakwater, a light at its end, and a boat."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    deep = mix((36, 92, 116), moment.sky_top, 0.25)
    canvas.fade(
        [(0, HORIZON), (WIDTH, HORIZON), (WIDTH, HEIGHT), (0, HEIGHT)],
        mix(deep, moment.sky_low, 0.45),
        shade(deep, 0.62),
    )
    x = moment.sun[0] * WIDTH
    for row in range(26):
        y = HORIZON + 3 + row * row * 0.3
        half = 10 + row * 5
        for _ in range(3):
            left = x + rng.uniform(-half, half)
            canvas.line(
                [(left, y), (left + rng.uniform(6, 20 + row), y)],
                mix(moment.sun_colour, deep, 0.35),
                1.3,
                raw=True,
            )
    for row in range(14):
        y = HORIZON + 12 + row * row * 0.95
        for _ in range(5):
            left = rng.uniform(-40, WIDTH)
            length = 20 + row * 9
            canvas.arc(
                left,
                y + 4,
                length / 2,
                3 + row * 0.4,
                200,
                340,
                mix(deep, (240, 246, 246), 0.42),
                1 + row * 0.1,
            )
    boat(canvas, rng.uniform(120, 360), HORIZON + 14, rng.uniform(50, 84), moment)
    stone: Colour = (128, 126, 122)
    canvas.fade(
        [(WIDTH, 300), (640, 262), (600, 268), (330, HEIGHT), (WIDTH, HEIGHT)],
        shade(stone, 1.08),
        shade(stone, 0.72),
    )
    for _ in range(70):
        part = rng.random()
        left = 610 - 260 * part + rng.uniform(0, (WIDTH - 560) * (0.3 + part))
        y = 272 + 165 * part
        canvas.line(
            [(left, y), (left + 14 + 40 * part, y + 3)], shade(stone, rng.choice((0.8, 0.9, 1.14))), 1 + part
        )
    _light_tower(canvas, 650, 268, 96, moment)


def boat(canvas: Canvas, x: float, y: float, size: float, moment: Moment) -> None:
    hull: Colour = (160, 64, 52)
    canvas.polygon(
        [
            (x - size / 2, y - size * 0.12),
            (x + size / 2, y - size * 0.12),
            (x + size * 0.4, y + 3),
            (x - size * 0.42, y + 3),
        ],
        hull,
    )
    canvas.box(x - size * 0.3, y - size * 0.3, size * 0.52, size * 0.19, (236, 232, 222))
    for number in range(4):
        pane = WARM if moment.lamps else (90, 110, 130)
        canvas.box(
            x - size * 0.26 + number * size * 0.12,
            y - size * 0.26,
            size * 0.07,
            size * 0.08,
            pane,
            raw=moment.lamps > 0,
        )
    canvas.box(x - size * 0.06, y - size * 0.5, size * 0.12, size * 0.2, (196, 150, 62))
    canvas.glow(x, y - size * 0.2, size * 0.6, WARM, 0.4 * moment.lamps)


def _light_tower(canvas: Canvas, x: float, foot: float, height: float, moment: Moment) -> None:
    for band in range(4):
        top = foot - height * (band + 1) / 4.6
        low = foot - height * band / 4.6
        half, other = height * (0.1 - 0.012 * (band + 1)), height * (0.1 - 0.012 * band)
        colour: Colour = (196, 62, 52) if band % 2 else (240, 238, 232)
        canvas.polygon([(x - half, top), (x + half, top), (x + other, low), (x - other, low)], colour)
    top = foot - height * 0.87
    canvas.box(
        x - height * 0.07,
        top - height * 0.12,
        height * 0.14,
        height * 0.12,
        WARM if moment.lamps else (150, 178, 190),
        raw=moment.lamps > 0,
    )
    canvas.polygon(
        [
            (x - height * 0.1, top - height * 0.12),
            (x + height * 0.1, top - height * 0.12),
            (x, top - height * 0.22),
        ],
        (90, 40, 36),
    )
    if moment.lamps > 0.5:
        canvas.shaft([(x, top - 6), (-40, top - 96), (-40, top + 16)], (255, 236, 180), 0.3 * moment.lamps)
        canvas.glow(x, top - 6, height * 0.8, (255, 236, 180), 0.9)


def field(stage: Stage) -> None:
    """Paint rolling hills with a fence, a lone tree and a path."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    for layer, (base, colour) in enumerate(
        ((230, (128, 158, 120)), (256, (120, 156, 86)), (292, (98, 138, 66)))
    ):
        phase = rng.uniform(0, 6)
        wave = [(x, base + 15 * math.sin(phase + x / (150 + 40 * layer))) for x in range(0, WIDTH + 40, 40)]
        points = [(0, HEIGHT), *wave, (WIDTH, HEIGHT)]
        lit = mix(colour, moment.sky_low, 0.4 - 0.17 * layer)
        canvas.fade(points, lit, shade(lit, 0.72))
    canvas.fade([(520, 292), (545, 292), (420, HEIGHT), (200, HEIGHT)], (196, 176, 126), (168, 142, 96))
    for number in range(12):
        x = 560 + number * 36
        canvas.box(x, 296 + number * 3, 5, 34 + number * 2, (110, 86, 62))
    canvas.line([(560, 306), (970, 346)], (120, 94, 68), 3)
    canvas.line([(560, 318), (970, 360)], (120, 94, 68), 3)
    round_tree(canvas, rng.uniform(120, 300), 302, 170, (74, 116, 58), rng)


def round_tree(canvas: Canvas, x: float, foot: float, height: float, colour: Colour, rng: Random) -> None:
    canvas.polygon(
        [(x - 7, foot), (x + 8, foot), (x + 4, foot - height * 0.5), (x - 3, foot - height * 0.5)],
        (92, 68, 48),
    )
    for number in range(11):
        dx, dy = rng.uniform(-0.3, 0.3) * height, rng.uniform(-0.25, 0.2) * height
        size = rng.uniform(0.14, 0.22) * height
        canvas.ellipse(
            x + dx, foot - height * 0.68 + dy, size, size * 0.9, shade(colour, 0.8 + 0.045 * number)
        )


def mountain(stage: Stage) -> None:
    """Paint ranges of mountains with snow, behind a plain of stones."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    for layer, (base, high, colour) in enumerate(((250, 190, (150, 164, 190)), (276, 150, (112, 122, 140)))):
        for number in range(4 - layer):
            x = (number + rng.uniform(0.2, 0.8)) * WIDTH / (4 - layer)
            peak = base - high * rng.uniform(0.75, 1.1)
            half = rng.uniform(170, 240)
            lit = mix(colour, moment.sky_low, 0.4 - 0.25 * layer)
            canvas.polygon([(x - half, base), (x, peak), (x + half, base)], lit)
            canvas.polygon([(x, peak), (x + half, base), (x + half * 0.2, base)], shade(lit, 0.8))
            cap = peak + (base - peak) * 0.3
            part = half * 0.3
            canvas.polygon(
                [
                    (x, peak),
                    (x + part, cap),
                    (x + part * 0.3, cap - 12),
                    (x, cap + 6),
                    (x - part * 0.4, cap - 10),
                    (x - part, cap),
                ],
                mix((250, 250, 252), moment.sky_low, 0.15),
            )
    ground(canvas, (132, 130, 116), (92, 92, 84), top=272)
    for _ in range(34):
        x, part = rng.uniform(0, WIDTH), rng.random()
        canvas.ellipse(
            x, 285 + 150 * part, 6 + 22 * part, 3 + 10 * part, shade((124, 122, 116), rng.uniform(0.7, 1.1))
        )


def desert(stage: Stage) -> None:
    """Paint dunes."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    ground(canvas, (214, 176, 120), (196, 156, 104), top=HORIZON + 10)
    for layer, base in enumerate((236, 268, 316)):
        shift = rng.uniform(-120, 120)
        colour = mix((222, 182, 122), moment.sky_low, 0.4 - 0.2 * layer)
        canvas.fade(
            [
                (-300 + shift, base + 70),
                (240 + shift, base - 26),
                (820 + shift, base + 52),
                (WIDTH + 300, base + 20),
                (WIDTH, HEIGHT),
                (0, HEIGHT),
            ],
            colour,
            shade(colour, 0.8),
        )
        canvas.polygon(
            [(240 + shift, base - 26), (820 + shift, base + 52), (430 + shift, base + 90)],
            shade(colour, 0.76),
        )


def lighthouse(stage: Stage) -> None:
    """Paint a lighthouse on its rock."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    deep = mix((36, 92, 116), moment.sky_top, 0.25)
    canvas.fade(
        [(0, HORIZON), (WIDTH, HORIZON), (WIDTH, HEIGHT), (0, HEIGHT)],
        mix(deep, moment.sky_low, 0.45),
        shade(deep, 0.62),
    )
    rock: Colour = (104, 98, 94)
    canvas.polygon([(180, HEIGHT), (330, 320), (470, 292), (720, 306), (900, HEIGHT)], rock)
    for _ in range(26):
        x, y = rng.uniform(280, 800), rng.uniform(320, HEIGHT)
        canvas.polygon([(x, y), (x + 40, y - 9), (x + 60, y + 6)], shade(rock, rng.uniform(0.78, 1.12)))
    _light_tower(canvas, 585, 306, 236, moment)
