"""Streets, houses, roofs and terminals."""

from random import Random

from studio.images.drawing.canvas import HEIGHT, WIDTH, Canvas, mix, shade
from studio.images.drawing.landscapes import boat, round_tree
from studio.images.drawing.moments import Colour, Moment
from studio.images.drawing.skies import HORIZON, WARM, ground, lamp_post
from studio.images.drawing.stage import Stage


def windows(
    canvas: Canvas,
    x: float,
    y: float,
    width: float,
    height: float,
    moment: Moment,
    rng: Random,
    *,
    size: float = 12,
) -> None:
    """Paint the windows of a facade, some of them lit when it is dark."""
    columns, rows = max(1, int(width / (size * 1.9))), max(1, int(height / (size * 2.3)))
    for column in range(columns):
        for row in range(rows):
            left = x + (column + 0.5) * width / columns - size / 2
            top = y + (row + 0.5) * height / rows - size * 0.7
            lit = rng.random() < 0.42 * moment.lamps
            pane = mix(WARM, (255, 170, 80), rng.random()) if lit else mix((54, 66, 84), moment.sky_low, 0.25)
            canvas.box(left, top, size, size * 1.4, pane, raw=lit)


def street(stage: Stage) -> None:
    """Paint a street between houses that leads away."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    walls: list[Colour] = [(176, 122, 98), (150, 146, 140), (196, 176, 142), (122, 132, 150), (168, 104, 92)]
    middle = 480 + rng.uniform(-50, 50)
    for number in range(7):
        x = middle - 150 + number * 44
        height = rng.uniform(40, 90)
        canvas.box(x, HORIZON - height, 46, height, mix(rng.choice(walls), moment.sky_low, 0.55))
    ground(canvas, (112, 112, 116), (84, 84, 90))
    for side in (-1, 1):
        edge = 0.0 if side < 0 else WIDTH
        inner = middle + side * 60
        steps = [edge, edge + (inner - edge) * 0.46, edge + (inner - edge) * 0.78, inner]
        for at in (2, 1, 0):
            colour = rng.choice(walls)
            _house_wall(
                canvas,
                steps[at],
                steps[at + 1],
                edge,
                inner,
                mix(colour, moment.sky_low, 0.14 * at),
                moment,
                rng,
            )
        canvas.polygon(
            [
                (inner, HORIZON),
                (inner + side * 14, HORIZON),
                (edge, HEIGHT - 70),
                (edge, HEIGHT),
                (edge - side * 150, HEIGHT),
            ],
            (150, 148, 146),
        )
    for part in range(6):
        near, far = 0.12 + part * 0.15, 0.19 + part * 0.15
        y1, y2 = HEIGHT - (HEIGHT - HORIZON) * near, HEIGHT - (HEIGHT - HORIZON) * min(far, 0.98)
        w1, w2 = 7 * (1 - near), 7 * (1 - far)
        canvas.polygon(
            [(middle - w1, y1), (middle + w1, y1), (middle + w2, y2), (middle - w2, y2)], (226, 220, 196)
        )
    lamp_post(canvas, middle - 118, 300, 150, moment)
    lamp_post(canvas, middle + 190, 344, 232, moment)


def _house_wall(
    canvas: Canvas,
    outer: float,
    inner: float,
    edge: float,
    end: float,
    colour: Colour,
    moment: Moment,
    rng: Random,
) -> None:
    def depth(x: float) -> float:
        return (x - edge) / (end - edge)

    storeys = rng.uniform(0.8, 1.15)

    def top(x: float) -> float:
        return -60 * storeys + (HORIZON - 40 + 60 * storeys) * depth(x)

    def foot(x: float) -> float:
        return HEIGHT - 70 + (HORIZON - HEIGHT + 70) * depth(x)

    canvas.fade(
        [(outer, top(outer)), (inner, top(inner)), (inner, foot(inner)), (outer, foot(outer))],
        colour,
        shade(colour, 0.8),
    )
    for column in range(3):
        a = outer + (inner - outer) * (0.12 + column * 0.3)
        b = a + (inner - outer) * 0.17
        for row in (0.12, 0.36, 0.6):
            lit = rng.random() < 0.5 * moment.lamps
            pane = WARM if lit else mix((58, 70, 88), moment.sky_low, 0.3)
            corners = [
                (x, top(x) + (foot(x) - top(x)) * part)
                for x, part in ((a, row), (b, row), (b, row + 0.15), (a, row + 0.15))
            ]
            canvas.polygon(corners, pane, raw=lit)
    a, b = outer + (inner - outer) * 0.42, outer + (inner - outer) * 0.58
    canvas.polygon(
        [
            (a, foot(a) - (foot(a) - top(a)) * 0.2),
            (b, foot(b) - (foot(b) - top(b)) * 0.2),
            (b, foot(b)),
            (a, foot(a)),
        ],
        shade(colour, 0.45),
    )


def terminal(stage: Stage) -> None:
    """Paint a long low concrete building with a row of doors, a clock, and water beyond."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    deep = mix((50, 96, 116), moment.sky_low, 0.35)
    canvas.fade(
        [(0, HORIZON - 14), (WIDTH, HORIZON - 14), (WIDTH, 300), (0, 300)],
        mix(deep, moment.sky_low, 0.4),
        deep,
    )
    boat(canvas, 140, HORIZON + 8, 130, moment)
    ground(canvas, (156, 152, 146), (112, 110, 108), top=292)
    concrete: Colour = (178, 176, 170)
    canvas.fade([(310, 96), (WIDTH, 56), (WIDTH, 330), (310, 300)], concrete, shade(concrete, 0.84))
    canvas.polygon([(290, 92), (WIDTH, 46), (WIDTH, 70), (290, 106)], shade(concrete, 0.58))
    for number in range(6):
        part = number / 6
        x = 345 + 600 * part
        top, foot, width = 168 - 30 * part, 302 + 26 * part, 46 + 20 * part
        lit = rng.random() < 0.75 * moment.lamps
        canvas.box(x, top, width, foot - top, (92, 108, 118))
        canvas.box(
            x + 5,
            top + 6,
            width - 10,
            foot - top - 10,
            WARM if lit else mix((74, 96, 110), moment.sky_low, 0.4),
            raw=lit,
        )
        canvas.line([(x + width / 2, top + 6), (x + width / 2, foot - 4)], (70, 80, 88), 2)
        if lit:
            canvas.glow(x + width / 2, foot, 80, WARM, 0.4)
    canvas.box(420, 118, 230, 26, (44, 76, 96))
    canvas.box(428, 127, 214, 7, (222, 226, 220))
    canvas.ellipse(780, 108, 25, 25, (52, 56, 62))
    canvas.ellipse(780, 108, 21, 21, (246, 242, 230))
    canvas.line([(780, 108), (780, 93)], (40, 42, 46), 2.4)
    canvas.line([(780, 108), (791, 113)], (40, 42, 46), 2.4)
    canvas.box(150, 336, 130, 9, (124, 84, 54))
    canvas.box(160, 345, 7, 26, (60, 56, 54))
    canvas.box(262, 345, 7, 26, (60, 56, 54))
    lamp_post(canvas, 290, 330, 190, moment)


def roof(stage: Stage) -> None:
    """Paint a flat roof above the lights of a city."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    for layer in range(3):
        x = -20.0
        while x < WIDTH:
            width, height = rng.uniform(44, 92), rng.uniform(40, 150) - 26 * layer
            colour = mix((74, 82, 102), moment.sky_low, 0.55 - 0.2 * layer)
            top = 300 - height
            canvas.box(x, top, width, height, colour)
            windows(canvas, x, top, width, height, moment, rng, size=6)
            x += width + rng.uniform(2, 16)
    ground(canvas, (142, 132, 126), (104, 98, 96), top=318)
    canvas.box(0, 296, WIDTH, 24, (158, 146, 138))
    canvas.box(0, 292, WIDTH, 6, (182, 170, 160))
    canvas.box(96, 190, 10, 130, (80, 76, 76))
    canvas.round_box(50, 150, 104, 66, 10, (122, 92, 76))
    canvas.polygon([(46, 152), (158, 152), (102, 122)], (92, 72, 64))
    canvas.line([(800, 318), (800, 196)], (70, 70, 76), 3)
    for row in range(4):
        canvas.line([(800 - 26 + row * 4, 206 + row * 18), (826 - row * 4, 206 + row * 18)], (70, 70, 76), 2)


def house(stage: Stage) -> None:
    """Paint one house with a porch, its windows and a garden path."""
    canvas, moment, rng = stage.canvas, stage.moment, stage.rng
    for number in range(7):
        round_tree(
            canvas,
            number * 160 + rng.uniform(-30, 30),
            268,
            rng.uniform(90, 140),
            mix((66, 104, 62), moment.sky_low, 0.35),
            rng,
        )
    ground(canvas, (110, 138, 80), (70, 96, 54), top=262)
    wall: Colour = rng.choice([(206, 190, 160), (160, 178, 186), (190, 144, 120)])
    canvas.fade([(300, 130), (720, 130), (720, 322), (300, 322)], wall, shade(wall, 0.84))
    canvas.polygon([(270, 136), (380, 48), (650, 48), (750, 136)], (118, 66, 56))
    canvas.polygon([(430, 136), (510, 60), (590, 136)], shade(wall, 0.94))
    canvas.box(600, 30, 30, 50, (110, 72, 62))
    for x, y in ((336, 166), (628, 166), (492, 92)):
        lit = rng.random() < 0.7 * moment.lamps or (moment.lamps > 0.6 and y == 166 and x == 336)
        width, height = (36, 36) if y == 92 else (58, 74)
        canvas.box(x - 5, y - 5, width + 10, height + 10, (240, 236, 226))
        canvas.box(x, y, width, height, WARM if lit else mix((70, 90, 106), moment.sky_low, 0.35), raw=lit)
        canvas.line([(x + width / 2, y), (x + width / 2, y + height)], (240, 236, 226), 3)
        canvas.line([(x, y + height / 2), (x + width, y + height / 2)], (240, 236, 226), 3)
        if lit:
            canvas.glow(x + width / 2, y + height / 2, 110, WARM, 0.5)
    canvas.box(484, 202, 58, 120, (74, 52, 44))
    canvas.ellipse(533, 264, 3, 3, (220, 190, 110))
    canvas.polygon([(462, 322), (564, 322), (578, 338), (448, 338)], (170, 164, 156))
    canvas.fade([(466, 338), (560, 338), (650, HEIGHT), (360, HEIGHT)], (188, 178, 158), (158, 146, 126))
    canvas.glow(513, 196, 80, WARM, 0.7 * moment.lamps)
