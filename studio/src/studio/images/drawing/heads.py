"""Heads, the larger the more of a face they have."""

from studio.images.drawing.canvas import Canvas, mix, shade
from studio.images.drawing.moments import Colour
from studio.images.drawing.people import Person


def draw_head(canvas: Canvas, person: Person, x: float, y: float, size: float, facing: int) -> None:
    """Draw a head around (x, y); `size` is half its height. The larger, the more of a face it has."""
    wide = size * 0.8
    skin, hair = person.skin, person.hair
    canvas.ellipse(x - facing * wide * 0.94, y + size * 0.08, wide * 0.17, size * 0.2, shade(skin, 0.84))
    canvas.ellipse(x, y, wide, size, skin)
    canvas.polygon(
        [
            (x - wide * 0.78, y + size * 0.42),
            (x + wide * 0.78, y + size * 0.42),
            (x + wide * 0.36, y + size * 0.99),
            (x - wide * 0.36, y + size * 0.99),
        ],
        skin,
    )
    if size > 16:
        canvas.ellipse(
            x + facing * wide * 0.42,
            y + size * 0.34,
            wide * 0.24,
            size * 0.15,
            mix(skin, (214, 96, 84), 0.22),
        )
        canvas.ellipse(
            x - facing * wide * 0.5, y + size * 0.34, wide * 0.2, size * 0.14, mix(skin, (196, 84, 76), 0.2)
        )
    _hair_above(canvas, person, x, y, size, facing)
    if size > 7:
        _face(canvas, person, x + facing * wide * 0.2, y, size, facing)
    if person.style != "bald" and size > 16:
        canvas.arc(x, y - size * 0.1, wide * 0.7, size * 0.72, 210, 280, shade(hair, 1.35), size * 0.03)


def _face(canvas: Canvas, person: Person, x: float, y: float, size: float, facing: int) -> None:
    skin, wide = person.skin, size * 0.8
    ink: Colour = (44, 34, 34)
    for side in (-1, 1):
        eye = x + side * wide * 0.34
        if size > 16:
            canvas.ellipse(eye, y + size * 0.04, wide * 0.17, size * 0.095, (250, 248, 244))
            canvas.ellipse(
                eye + facing * wide * 0.06, y + size * 0.05, wide * 0.085, size * 0.09, (70, 52, 42)
            )
            canvas.ellipse(eye + facing * wide * 0.06, y + size * 0.05, wide * 0.045, size * 0.05, ink)
            canvas.arc(eye, y + size * 0.04, wide * 0.18, size * 0.1, 190, 350, ink, size * 0.035)
            canvas.line(
                [
                    (eye - wide * 0.19, y - size * 0.17),
                    (eye + side * wide * 0.02, y - size * 0.215),
                    (eye + wide * 0.19, y - size * 0.17),
                ],
                shade(person.hair, 0.8),
                size * 0.055,
            )
        else:
            canvas.ellipse(eye, y + size * 0.04, size * 0.075, size * 0.1, ink)
    if size > 16:
        canvas.line(
            [
                (x + facing * wide * 0.06, y + size * 0.06),
                (x + facing * wide * 0.17, y + size * 0.33),
                (x + facing * wide * 0.02, y + size * 0.36),
            ],
            shade(skin, 0.72),
            size * 0.04,
        )
        canvas.line(
            [
                (x - wide * 0.24, y + size * 0.58),
                (x + facing * wide * 0.02, y + size * 0.615),
                (x + wide * 0.24, y + size * 0.57),
            ],
            mix(shade(skin, 0.6), (150, 50, 50), 0.4),
            size * 0.055,
        )
        canvas.arc(x, y + size * 0.64, wide * 0.2, size * 0.07, 20, 160, shade(skin, 0.78), size * 0.03)
    if person.glasses:
        for side in (-1, 1):
            canvas.arc(
                x + side * wide * 0.35,
                y + size * 0.05,
                wide * 0.28,
                size * 0.2,
                0,
                360,
                ink,
                max(0.7, size * 0.045),
            )
        canvas.line(
            [(x - wide * 0.08, y + size * 0.02), (x + wide * 0.08, y + size * 0.02)],
            ink,
            max(0.7, size * 0.04),
        )


def draw_hair_behind(canvas: Canvas, person: Person, x: float, y: float, size: float, facing: int) -> None:
    hair, wide = shade(person.hair, 0.8), size * 0.8
    if person.style == "long":
        canvas.round_box(x - wide * 1.12, y - size * 0.6, wide * 2.24, size * 2.15, wide * 0.8, hair)
    elif person.style == "bob":
        canvas.round_box(x - wide * 1.16, y - size * 0.7, wide * 2.32, size * 1.5, wide * 0.7, hair)
    elif person.style == "bun":
        canvas.ellipse(x - facing * wide * 0.7, y - size * 0.86, size * 0.36, size * 0.36, hair)
    elif person.style == "curls":
        for dx, dy in (
            (-1, 0),
            (-0.86, -0.5),
            (-0.45, -0.9),
            (0.05, -1.04),
            (0.5, -0.9),
            (0.88, -0.48),
            (1, 0.02),
            (-1, 0.4),
            (1, 0.4),
        ):
            canvas.ellipse(x + dx * wide * 0.98, y + dy * size * 0.92, size * 0.38, size * 0.38, hair)


def _hair_above(canvas: Canvas, person: Person, x: float, y: float, size: float, facing: int) -> None:
    hair, wide = person.hair, size * 0.8
    if person.style == "bald":
        for side in (-1, 1):
            canvas.ellipse(x + side * wide * 0.93, y - size * 0.05, wide * 0.14, size * 0.26, hair)
        return
    if person.style == "cap":
        canvas.polygon(
            [
                (x - wide * 1.06, y - size * 0.3),
                (x - wide * 0.9, y - size * 0.95),
                (x + wide * 0.9, y - size * 0.95),
                (x + wide * 1.06, y - size * 0.3),
            ],
            shade(person.coat, 0.62),
        )
        canvas.polygon(
            [
                (x, y - size * 0.42),
                (x + facing * wide * 1.6, y - size * 0.34),
                (x + facing * wide * 1.5, y - size * 0.2),
                (x, y - size * 0.26),
            ],
            shade(person.coat, 0.42),
        )
        return
    crown = [
        (x - facing * wide * 1.04, y + size * 0.12),
        (x - facing * wide * 1.05, y - size * 0.45),
        (x - facing * wide * 0.6, y - size * 0.98),
        (x, y - size * 1.1),
        (x + facing * wide * 0.6, y - size * 1.0),
        (x + facing * wide * 1.0, y - size * 0.5),
        (x + facing * wide * 0.92, y - size * 0.2),
        (x + facing * wide * 0.5, y - size * 0.5),
        (x - facing * wide * 0.4, y - size * 0.52),
        (x - facing * wide * 0.78, y - size * 0.2),
    ]
    canvas.polygon(crown, hair)
