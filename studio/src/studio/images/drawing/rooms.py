"""The shell of a room, its window, and what stands in more than one room."""

from dataclasses import dataclass
from random import Random

from studio.images.drawing.canvas import HEIGHT, WIDTH, Canvas, mix, shade
from studio.images.drawing.moments import Colour, Moment

LEFT, RIGHT, TOP, FOOT = 190.0, 770.0, 46.0, 290.0


@dataclass(frozen=True)
class Room:
    """The colours of a room's wall and floor, what its floor is of, and where its window is (None for no window)."""

    wall: Colour
    floor: Colour
    tiled: bool
    window: tuple[float, float, float, float] | None


ROOMS: dict[str, Room] = {
    "kitchen": Room((226, 214, 178), (188, 150, 112), True, (410, 84, 130, 92)),
    "bedroom": Room((176, 174, 196), (150, 112, 84), False, (560, 84, 120, 110)),
    "bathroom": Room((186, 214, 212), (214, 220, 220), True, (600, 80, 70, 64)),
    "bar": Room((128, 72, 58), (94, 62, 46), False, None),
    "shop": Room((190, 168, 128), (140, 106, 74), False, (640, 84, 96, 104)),
    "library": Room((122, 92, 66), (120, 78, 54), False, (440, 70, 84, 130)),
    "office": Room((188, 196, 200), (122, 128, 134), True, (520, 78, 190, 100)),
    "classroom": Room((208, 206, 176), (166, 134, 96), False, (610, 84, 120, 96)),
    "church": Room((168, 158, 146), (128, 120, 112), True, None),
    "corridor": Room((168, 176, 168), (112, 112, 108), True, None),
    "theatre": Room((70, 34, 40), (64, 44, 38), False, None),
    "terminal": Room((188, 192, 190), (150, 152, 152), True, (250, 74, 460, 84)),
    "lighthouse": Room((204, 196, 180), (132, 108, 86), False, (300, 74, 360, 120)),
    "living room": Room((198, 176, 150), (142, 100, 72), False, (230, 80, 130, 120)),
}


def shell(canvas: Canvas, room: Room, moment: Moment, rng: Random) -> None:
    """Paint walls, floor, ceiling, the window and the light that falls through it."""
    wall, floor = room.wall, room.floor
    canvas.polygon([(0, 0), (WIDTH, 0), (RIGHT, TOP), (LEFT, TOP)], shade(wall, 1.06))
    canvas.fade([(0, 0), (LEFT, TOP), (LEFT, FOOT), (0, HEIGHT)], shade(wall, 0.86), shade(wall, 0.72))
    canvas.fade(
        [(WIDTH, 0), (RIGHT, TOP), (RIGHT, FOOT), (WIDTH, HEIGHT)], shade(wall, 0.8), shade(wall, 0.66)
    )
    canvas.fade([(LEFT, TOP), (RIGHT, TOP), (RIGHT, FOOT), (LEFT, FOOT)], wall, shade(wall, 0.9))
    canvas.fade(
        [(LEFT, FOOT), (RIGHT, FOOT), (WIDTH, HEIGHT), (0, HEIGHT)], shade(floor, 0.82), shade(floor, 1.02)
    )
    _floor_lines(canvas, floor, room.tiled)
    canvas.box(LEFT, FOOT - 9, RIGHT - LEFT, 9, shade(wall, 0.62))
    canvas.polygon([(0, HEIGHT - 16), (LEFT, FOOT - 9), (LEFT, FOOT), (0, HEIGHT)], shade(wall, 0.5))
    canvas.polygon(
        [(WIDTH, HEIGHT - 16), (RIGHT, FOOT - 9), (RIGHT, FOOT), (WIDTH, HEIGHT)], shade(wall, 0.46)
    )
    if room.window is not None:
        window(canvas, room.window, moment, rng)


def _floor_lines(canvas: Canvas, floor: Colour, tiled: bool) -> None:
    line = shade(floor, 0.74)
    for number in range(-6, 19):
        far = LEFT + (RIGHT - LEFT) * number / 12
        near = WIDTH * number / 12
        canvas.line(
            [(max(LEFT, min(RIGHT, far)), FOOT), (near, HEIGHT)]
            if 0 <= number <= 12
            else [(near, HEIGHT), (near, HEIGHT)],
            line,
            1.2,
        )
    if tiled:
        for row in (0.1, 0.26, 0.48, 0.76):
            y = FOOT + (HEIGHT - FOOT) * row
            canvas.line([(LEFT * (1 - row), y), (RIGHT + (WIDTH - RIGHT) * row, y)], line, 1.2)


def window(canvas: Canvas, place: tuple[float, float, float, float], moment: Moment, rng: Random) -> None:
    """Paint a window through which the sky is seen."""
    x, y, width, height = place
    canvas.box(x - 7, y - 7, width + 14, height + 16, (232, 226, 212))
    view(canvas, x, y, width, height, moment, rng)
    for part in range(1, max(2, round(width / 62))):
        at = x + width * part / max(2, round(width / 62))
        canvas.line([(at, y), (at, y + height)], (232, 226, 212), 3)
    canvas.line([(x, y + height * 0.45), (x + width, y + height * 0.45)], (232, 226, 212), 3)
    canvas.box(x - 12, y + height + 7, width + 24, 6, (214, 206, 190))
    if moment.lamps < 0.6:
        light = mix(moment.sun_colour, moment.sky_low, 0.3)
        spread = 70 if moment.sun[0] < 0.5 else -70
        canvas.shaft(
            [
                (x + spread, FOOT + 16),
                (x + width + spread, FOOT + 16),
                (x + width + 2.3 * spread, HEIGHT - 24),
                (x + 2.3 * spread - 20, HEIGHT - 24),
            ],
            light,
            0.34 * (1 - moment.lamps),
        )
        canvas.glow(x + width / 2, y + height / 2, 210, light, 0.32 * (1 - moment.lamps))
    else:
        canvas.glow(x + width / 2, y + height / 2, 150, moment.sky_low, 0.3)


def view(
    canvas: Canvas, x: float, y: float, width: float, height: float, moment: Moment, rng: Random
) -> None:
    """Paint the sky and far roofs as they are seen through a pane."""
    canvas.fade(
        [(x, y), (x + width, y), (x + width, y + height), (x, y + height)],
        moment.sky_top,
        moment.sky_low,
        raw=True,
    )
    if moment.stars:
        for _ in range(int(width / 7)):
            canvas.ellipse(
                x + rng.uniform(3, width - 3),
                y + rng.uniform(3, height * 0.7),
                0.9,
                0.9,
                (210, 216, 236),
                raw=True,
            )
        canvas.ellipse(x + width * 0.74, y + height * 0.26, 8, 8, moment.sun_colour, raw=True)
    elif moment.sun_size > 22 and width > 60:
        sun = (x + width * moment.sun[0], y + height * min(0.8, moment.sun[1]))
        canvas.ellipse(*sun, min(12.0, height * 0.12), min(12.0, height * 0.12), moment.sun_colour, raw=True)
    dark = mix(moment.sky_low, (30, 34, 46), 0.62)
    at = x
    while at < x + width:
        wide = min(rng.uniform(14, 30), x + width - at)
        high = rng.uniform(0.08, 0.24) * height
        canvas.box(at, y + height - high, wide, high, dark, raw=True)
        at += wide


def lamp(canvas: Canvas, x: float, y: float, moment: Moment, *, size: float = 20) -> None:
    """Paint a hanging lamp and its light."""
    canvas.line([(x, 0), (x, y - size)], (60, 54, 50), 2)
    canvas.polygon(
        [(x - size * 0.4, y - size), (x + size * 0.4, y - size), (x + size * 1.15, y), (x - size * 1.15, y)],
        (176, 92, 56),
    )
    if moment.lamps > 0.2:
        canvas.ellipse(x, y + 1, size * 0.9, 5, (255, 240, 200), raw=True)
        canvas.shaft(
            [(x - size, y), (x + size, y), (x + size * 9, HEIGHT), (x - size * 9, HEIGHT)],
            (255, 214, 140),
            0.26 * moment.lamps,
            14,
        )
        canvas.glow(x, y + 6, size * 13, (255, 206, 128), 0.62 * moment.lamps)


def table(canvas: Canvas, x: float, y: float, width: float, height: float, colour: Colour) -> None:
    """Paint a table, (x, y) being the middle of its far edge."""
    slant = width * 0.1
    canvas.shadow(x, y + height * 1.05, width * 0.62, height * 0.3, 0.4)
    for side in (-1, 1):
        canvas.box(x + side * (width / 2 - 6) - 5, y + 12, 10, height, shade(colour, 0.6))
    canvas.polygon(
        [
            (x - width / 2 + slant, y),
            (x + width / 2 - slant, y),
            (x + width / 2 + slant, y + 26),
            (x - width / 2 - slant, y + 26),
        ],
        shade(colour, 1.12),
    )
    canvas.box(x - width / 2 - slant, y + 26, width + 2 * slant, 9, shade(colour, 0.74))


def shelves(
    canvas: Canvas,
    x: float,
    y: float,
    width: float,
    height: float,
    rows: int,
    wood: Colour,
    rng: Random,
    *,
    books: bool,
) -> None:
    """Paint shelves full of books, or of all kinds of things with tags on them."""
    canvas.box(x, y, width, height, shade(wood, 0.55))
    colours: list[Colour] = [
        (160, 60, 52),
        (56, 92, 124),
        (196, 154, 74),
        (84, 116, 82),
        (132, 84, 124),
        (206, 194, 168),
        (70, 70, 84),
    ]
    step = height / rows
    for row in range(rows):
        foot = y + (row + 1) * step - 4
        at = x + 6
        while at < x + width - 10:
            wide = rng.uniform(4, 9) if books else rng.uniform(12, 26)
            wide = min(wide, x + width - 6 - at)
            high = step * (rng.uniform(0.6, 0.86) if books else rng.uniform(0.35, 0.82))
            colour = rng.choice(colours)
            if books or rng.random() < 0.6:
                canvas.box(at, foot - high, wide - 1, high, colour)
            else:
                canvas.ellipse(at + wide / 2, foot - high / 2, wide / 2, high / 2, colour)
            if not books:
                canvas.box(at + wide * 0.4, foot - high * 0.6, 5, 7, (226, 200, 150))
            at += wide + (0.5 if books else 4)
        canvas.box(x, foot, width, 4, wood)
    canvas.box(x - 4, y - 4, 6, height + 4, shade(wood, 0.85))
    canvas.box(x + width - 2, y - 4, 6, height + 4, shade(wood, 0.85))
    canvas.box(x - 4, y - 6, width + 8, 6, wood)
