"""Put a picture together: the place, the people, the camera, the weather, and the strip with the caption."""

import hashlib
import io
from collections.abc import Sequence
from random import Random

from PIL import Image, ImageDraw

from studio.images.drawing.canvas import HEIGHT, WIDTH, Canvas, font, mix
from studio.images.drawing.figures import (
    draw_bust,
    draw_from_above,
    draw_from_behind,
    draw_initials,
    draw_standing,
)
from studio.images.drawing.from_above import paint_from_above
from studio.images.drawing.inside import paint_inside
from studio.images.drawing.looks import Look
from studio.images.drawing.moments import MOMENTS, Colour, Moment
from studio.images.drawing.outside import paint_outside
from studio.images.drawing.people import Person, person_called
from studio.images.drawing.props import draw_prop
from studio.images.drawing.rooms import ROOMS
from studio.images.drawing.skies import WARM
from studio.images.drawing.weather import paint_weather

# The finished frame: the picture between two bars, the lower one with the caption.
FRAME = (960, 540)
UPPER_BAR, LOWER_BAR = 40, 60
MOST_PEOPLE = 4
PROP_OF_PLACE = {
    "kitchen": "cup",
    "office": "pencil",
    "library": "book",
    "shop": "book",
    "sea": "letter",
    "bar": "bottle",
    "wheelhouse": "map",
    "church": "candle",
    "bedroom": "photograph",
    "field": "flower",
    "terminal": "case",
    "lighthouse": "candle",
    "living room": "photograph",
    "car": "phone",
    "train": "case",
    "classroom": "pencil",
}


def compose(look: Look) -> bytes:
    """Return the PNG of a picture; the same look gives the same bytes."""
    moment = MOMENTS[look.time]
    canvas = Canvas(moment.room_tint if look.inside else moment.tint)
    people = [person_called(name) for name in look.people[:MOST_PEOPLE]]
    # One place looks the same in every picture of it; what differs from shot to shot follows the seed.
    place_rng = Random(hashlib.sha256(f"{look.place}{look.inside}{look.caption}".encode()).digest())
    rng = Random(look.seed)
    SHOOT.get(look.shot, wide)(canvas, look, moment, people, place_rng, rng)
    canvas.finish(look.seed)
    return _framed(canvas.image, look)


def paint_place(canvas: Canvas, look: Look, moment: Moment, rng: Random) -> None:
    """Paint where a scene plays."""
    if look.inside:
        paint_inside(canvas, look.place, moment, rng)
    else:
        paint_outside(canvas, look.place, moment, rng)


def wide(
    canvas: Canvas, look: Look, moment: Moment, people: list[Person], place_rng: Random, rng: Random
) -> None:
    """The whole place, the people small in it."""
    paint_place(canvas, look, moment, place_rng)
    if look.inside and look.place == "car":
        _seat(canvas, people)
        return
    tall = 158.0 if look.inside else 132.0
    spots = _spread(len(people), rng, 250 if look.inside else 300, 720 if look.inside else 690)
    labels = []
    for number, (person, x) in enumerate(zip(people, spots, strict=True)):
        foot = 404 + rng.uniform(-14, 10) + (number % 2) * 8
        facing = _towards(x, spots, rng)
        height = tall * (0.94 + 0.12 * (foot - 390) / 30) * (0.94 + 0.1 * person.build)
        draw_standing(canvas, person, x, foot, height, facing, rng.randrange(6))
        labels.append((person, x, foot - height - 20))
    paint_weather(canvas, look, moment, rng)
    if rng.random() < 0.3:
        canvas.mirror()
        labels = [(person, WIDTH - x, y) for person, x, y in labels]
    _label(canvas, labels)


def _seat(canvas: Canvas, people: list[Person]) -> None:
    """Draw people in the front seats of a car, from behind."""
    seats = ((300.0, 286.0), (660.0, 292.0))
    for x, y in seats:
        canvas.round_box(x - 82, y + 74, 164, 120, 26, (74, 58, 54))
    for person, (x, y) in zip(people, seats, strict=False):
        draw_from_behind(canvas, person, x, y, 52)
    _label(canvas, [(person, x, y - 72) for person, (x, y) in zip(people, seats, strict=False)])


def medium(
    canvas: Canvas, look: Look, moment: Moment, people: list[Person], place_rng: Random, rng: Random
) -> None:
    """The people from the waist up."""
    paint_place(canvas, look, moment, place_rng)
    canvas.zoom(rng.uniform(420, 540), 190, 1.45)
    canvas.blur(1.6)
    paint_weather(canvas, look, moment, rng)
    here = people[:3]
    spots = _spread(len(here), rng, 250, 710) if len(here) > 1 else [rng.choice((330.0, 480.0, 620.0))]
    labels = []
    size = 45.0 if len(here) < 3 else 39.0
    for person, x in zip(here, spots, strict=False):
        facing = _towards(x, spots, rng)
        foot = 396 + rng.uniform(-6, 10)
        draw_bust(canvas, person, x, foot, size * (0.95 + 0.08 * person.build), facing, rng.randrange(6))
        labels.append((person, x, foot - size * 6.3 - 26))
    _light_people(canvas, moment)
    _label(canvas, labels)


def close_up(
    canvas: Canvas, look: Look, moment: Moment, people: list[Person], place_rng: Random, rng: Random
) -> None:
    """One face."""
    if not people:
        detail(canvas, look, moment, people, place_rng, rng)
        return
    paint_place(canvas, look, moment, place_rng)
    canvas.zoom(rng.uniform(380, 580), 170, 2.1)
    canvas.blur(6)
    paint_weather(canvas, look, moment, rng)
    person = people[rng.randrange(len(people))]
    facing = rng.choice((-1, 1))
    x = 480 - facing * rng.uniform(20, 120)
    draw_bust(canvas, person, x, 778, 120, facing, 0)
    _light_people(canvas, moment)
    _label(canvas, [(person, WIDTH - 44 if x < 480 else 44, 30)])


def over_the_shoulder(
    canvas: Canvas, look: Look, moment: Moment, people: list[Person], place_rng: Random, rng: Random
) -> None:
    """One person from behind, the other facing them; somebody alone looks at the place."""
    if not people:
        wide(canvas, look, moment, people, place_rng, rng)
        return
    paint_place(canvas, look, moment, place_rng)
    canvas.zoom(rng.uniform(430, 530), 190, 1.5 if len(people) > 1 else 1.15)
    canvas.blur(2.4 if len(people) > 1 else 1)
    paint_weather(canvas, look, moment, rng)
    near, *others = rng.sample(people, len(people))
    side = rng.choice((-1, 1))
    labels = []
    if others:
        x = 480 + side * 120
        draw_bust(canvas, others[0], x, 410, 58, -side, rng.randrange(6))
        labels.append((others[0], x, 410 - 58 * 6.3 - 6))
    _light_people(canvas, moment)
    x = 480 - side * 250
    draw_from_behind(canvas, near, x, 196, 112)
    labels.append((near, x - side * 150, 30))
    _label(canvas, labels)


def detail(
    canvas: Canvas, look: Look, moment: Moment, people: list[Person], place_rng: Random, rng: Random
) -> None:
    """The one object that matters, on whatever stands in that place."""
    paint_place(canvas, look, moment, place_rng)
    canvas.zoom(rng.uniform(360, 600), 170, 1.9)
    canvas.blur(8)
    top: Colour = (150, 108, 72) if look.inside else (140, 136, 128)
    if look.inside and look.place in ROOMS:
        top = mix(top, ROOMS[look.place].floor, 0.35)
    canvas.fade([(0, 296), (WIDTH, 296), (WIDTH, HEIGHT), (0, HEIGHT)], top, mix(top, (40, 28, 20), 0.4))
    canvas.line([(0, 296), (WIDTH, 296)], mix(top, (255, 255, 255), 0.25), 3)
    for _ in range(9):
        y = rng.uniform(304, HEIGHT)
        canvas.line(
            [(rng.uniform(-100, 400), y), (rng.uniform(500, 1060), y + rng.uniform(-4, 4))],
            mix(top, (40, 28, 20), 0.16),
            1.4,
        )
    prop = look.prop or PROP_OF_PLACE.get(look.place, "key")
    owner = people[rng.randrange(len(people))] if people else None
    draw_prop(canvas, prop, moment, owner.coat if owner else (150, 60, 56), rng)
    if rng.random() < 0.5:
        canvas.mirror()
    if moment.lamps > 0.3:
        canvas.glow(rng.uniform(300, 660), 210, 380, WARM, 0.34 * moment.lamps)
    paint_weather(canvas, look, moment, rng)
    if owner is not None:
        _label(canvas, [(owner, WIDTH - 44, 30)])


def high_angle(
    canvas: Canvas, look: Look, moment: Moment, people: list[Person], place_rng: Random, rng: Random
) -> None:
    """The place and the people from above."""
    paint_from_above(canvas, look, moment, place_rng)
    spots = _spread(len(people), rng, 300, 660)
    labels = []
    for person, x in zip(people, spots, strict=True):
        y = rng.uniform(190, 300)
        draw_from_above(canvas, person, x, y, 25, rng.choice((-1, 1)))
        labels.append((person, x, y - 40))
    _light_people(canvas, moment)
    paint_weather(canvas, look, moment, rng)
    _label(canvas, labels)


SHOOT = {
    "wide": wide,
    "medium": medium,
    "close-up": close_up,
    "over-the-shoulder": over_the_shoulder,
    "detail": detail,
    "high-angle": high_angle,
}


def _spread(count: int, rng: Random, left: float, right: float) -> list[float]:
    """Return places for so many people, far enough from each other."""
    if count == 0:
        return []
    step = (right - left) / count
    return [left + step * (number + rng.uniform(0.3, 0.7)) for number in range(count)]


def _towards(x: float, spots: list[float], rng: Random) -> int:
    """Return the direction in which somebody at `x` looks at the others."""
    if len(spots) < 2:
        return rng.choice((-1, 1))
    middle = sum(spots) / len(spots)
    return 1 if x < middle else -1


def _light_people(canvas: Canvas, moment: Moment) -> None:
    if moment.lamps > 0.4:
        canvas.glow(200, 60, 430, WARM, 0.24 * moment.lamps)
    elif moment.sun_size > 22:
        canvas.glow(moment.sun[0] * WIDTH, 40, 420, moment.sun_colour, 0.2)


def _label(canvas: Canvas, labels: Sequence[tuple[Person, float, float]]) -> None:
    for person, x, y in labels:
        draw_initials(canvas, person, min(max(x, 24), WIDTH - 24), min(max(y, 16), HEIGHT - 16))


def _framed(picture: Image.Image, look: Look) -> bytes:
    frame = Image.new("RGB", FRAME, (14, 14, 16))
    frame.paste(picture, (0, UPPER_BAR))
    draw = ImageDraw.Draw(frame)
    middle = FRAME[1] - LOWER_BAR / 2
    shot = look.shot.replace("-", " ").upper()
    right = FRAME[0] - 24 - draw.textlength(shot, font(15))
    draw.text((FRAME[0] - 24, middle), shot, (196, 160, 96), font(15), "rm")
    left = 24.0
    if look.number:
        draw.text((left, middle), look.number, (150, 146, 138), font(19), "lm")
        left += draw.textlength(look.number, font(19)) + 14
    draw.text(
        (left, middle), _fitting(draw, look.caption, right - left - 24), (238, 234, 224), font(19), "lm"
    )
    file = io.BytesIO()
    # The same on every machine: Pillow brings its own zlib.
    frame.save(file, "PNG", compress_level=6)
    return file.getvalue()


def _fitting(draw: ImageDraw.ImageDraw, words: str, width: float) -> str:
    if draw.textlength(words, font(19)) <= width:
        return words
    while words and draw.textlength(words + "…", font(19)) > width:
        words = words[:-1]
    return words.rstrip() + "…"
