"""Places as a camera under the ceiling, or on a roof, sees them."""

from random import Random

from studio.images.drawing.canvas import HEIGHT, WIDTH, Canvas, mix, shade
from studio.images.drawing.looks import Look
from studio.images.drawing.moments import Colour, Moment
from studio.images.drawing.rooms import ROOMS
from studio.images.drawing.skies import WARM

GROUNDS: dict[str, Colour] = {
    "street": (104, 104, 110),
    "forest": (86, 112, 66),
    "sea": (40, 96, 120),
    "terminal": (150, 148, 144),
    "field": (118, 148, 78),
    "mountain": (128, 126, 116),
    "desert": (220, 184, 128),
    "roof": (134, 126, 122),
    "house": (112, 140, 82),
    "lighthouse": (106, 100, 96),
}


def paint_from_above(canvas: Canvas, look: Look, moment: Moment, rng: Random) -> None:
    """Paint the ground of a place with what stands on it."""
    if look.inside:
        _room(canvas, look, moment, rng)
    else:
        _open(canvas, look.place, moment, rng)


def _room(canvas: Canvas, look: Look, moment: Moment, rng: Random) -> None:
    room = ROOMS.get(look.place, ROOMS["living room"])
    canvas.box(0, 0, WIDTH, HEIGHT, shade(room.wall, 0.62))
    canvas.polygon([(0, 0), (WIDTH, 0), (WIDTH - 84, 56), (84, 56)], room.wall)
    canvas.polygon([(0, 0), (84, 56), (84, 404), (0, HEIGHT)], shade(room.wall, 0.84))
    canvas.polygon([(WIDTH, 0), (WIDTH - 84, 56), (WIDTH - 84, 404), (WIDTH, HEIGHT)], shade(room.wall, 0.76))
    canvas.box(84, 56, WIDTH - 168, 348, room.floor)
    line = shade(room.floor, 0.8)
    for number in range(1, 14):
        x = 84 + number * (WIDTH - 168) / 14
        canvas.line([(x, 56), (x, 404)], line, 1.2)
    if room.tiled:
        for number in range(1, 7):
            canvas.line([(84, 56 + number * 50), (WIDTH - 84, 56 + number * 50)], line, 1.2)
    wood = mix((158, 110, 70), room.floor, 0.2)
    if look.place in ("shop", "library", "kitchen", "bar", "office"):
        _cupboards(canvas, wood, rng, books=look.place in ("shop", "library"))
    canvas.shadow(500, 262, 210, 90, 0.45)
    if look.place in ("bedroom",):
        canvas.round_box(360, 130, 240, 210, 10, (206, 206, 220))
        canvas.round_box(360, 190, 240, 150, 10, (96, 110, 158))
    elif look.place in ("living room",):
        canvas.ellipse(480, 240, 210, 120, (156, 70, 64))
        canvas.ellipse(480, 240, 176, 98, (196, 160, 116))
        canvas.round_box(330, 76, 300, 84, 20, (84, 112, 126))
    elif look.place not in ("corridor", "church", "theatre", "bathroom"):
        canvas.round_box(330, 176, 300, 130, 8, shade(wood, 1.1))
        canvas.polygon([(400, 206), (470, 196), (480, 258), (408, 266)], (240, 236, 222))
        canvas.ellipse(560, 236, 17, 17, (196, 84, 64))
        canvas.ellipse(560, 236, 12, 12, (74, 46, 34))
    if room.window is not None and moment.lamps < 0.6:
        canvas.shaft(
            [(560, 60), (740, 60), (640, 300), (440, 300)], mix(moment.sun_colour, moment.sky_low, 0.3), 0.3
        )
    canvas.glow(480, 220, 360, WARM, 0.5 * moment.lamps)


def _cupboards(canvas: Canvas, wood: Colour, rng: Random, *, books: bool) -> None:
    canvas.box(96, 60, WIDTH - 192, 62, shade(wood, 0.7))
    canvas.box(96, 114, WIDTH - 192, 10, shade(wood, 0.5))
    if not books:
        canvas.box(100, 64, WIDTH - 200, 46, (214, 206, 190))
        return
    x = 104.0
    while x < WIDTH - 112:
        wide = rng.uniform(8, 26)
        colour: Colour = rng.choice(
            [(160, 60, 52), (56, 92, 124), (196, 154, 74), (84, 116, 82), (206, 194, 168)]
        )
        canvas.box(x, 68, wide, 38, colour)
        x += wide + 3


def _open(canvas: Canvas, place: str, moment: Moment, rng: Random) -> None:
    base = GROUNDS.get(place, GROUNDS["street"])
    canvas.fade([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)], shade(base, 0.92), shade(base, 1.06))
    if place in ("sea", "lighthouse"):
        _waves(canvas, moment, rng)
        stone: Colour = (134, 130, 126)
        canvas.polygon([(260, HEIGHT), (330, 0), (640, 0), (720, HEIGHT)], shade(stone, 0.8))
        canvas.polygon([(285, HEIGHT), (350, 0), (620, 0), (694, HEIGHT)], stone)
        for _ in range(60):
            x, y = rng.uniform(300, 650), rng.uniform(0, HEIGHT)
            canvas.line(
                [(x, y), (x + rng.uniform(14, 46), y + rng.uniform(-3, 3))],
                shade(stone, rng.choice((0.82, 1.12))),
                1.6,
            )
    elif place in ("forest", "field", "house"):
        canvas.polygon([(380, 0), (500, 0), (640, HEIGHT), (420, HEIGHT)], (184, 164, 120))
        for _ in range(26 if place == "forest" else 9):
            x, y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
            if 330 < x < 680:
                continue
            size = rng.uniform(30, 62)
            canvas.shadow(x + 16, y + 12, size * 1.3, size * 1.1, 0.5)
            for ring in range(4):
                canvas.ellipse(
                    x - ring * 2,
                    y - ring * 2,
                    size * (1 - 0.22 * ring),
                    size * (1 - 0.22 * ring),
                    shade((58, 98, 56), 0.8 + 0.14 * ring),
                )
    elif place in ("street", "terminal"):
        canvas.polygon([(0, 0), (200, 0), (130, HEIGHT), (0, HEIGHT)], (168, 160, 150))
        canvas.polygon([(WIDTH, 0), (760, 0), (830, HEIGHT), (WIDTH, HEIGHT)], (160, 152, 144))
        for row in range(7):
            canvas.box(474, row * 68, 12, 38, (230, 224, 200))
        for row in range(6):
            canvas.box(220 + row * 36, 330, 22, 70, (228, 226, 220))
        for number in range(6):
            canvas.line([(0, number * 80), (170, number * 80)], (140, 134, 126), 1.6)
            canvas.line([(800, number * 80), (WIDTH, number * 80)], (140, 134, 126), 1.6)
        canvas.glow(210, 80, 260, WARM, 0.7 * moment.lamps)
    else:
        for _ in range(50):
            x, y, size = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(3, 16)
            canvas.ellipse(x, y, size, size * 0.7, shade(base, rng.uniform(0.8, 1.14)))


def _waves(canvas: Canvas, moment: Moment, rng: Random) -> None:
    foam = mix((226, 240, 242), moment.sky_low, 0.2)
    for _ in range(130):
        x, y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
        canvas.arc(x, y, rng.uniform(14, 40), 7, 200, 340, foam, 1.3)
