"""People, from head to foot, from the waist up, from behind and from above."""

from studio.images.drawing.canvas import Canvas, mix, shade
from studio.images.drawing.heads import draw_hair_behind, draw_head
from studio.images.drawing.people import Person


def draw_standing(
    canvas: Canvas, person: Person, x: float, foot: float, height: float, facing: int, pose: int
) -> None:
    """Draw a person from head to foot; `facing` is -1 for left, 1 for right; `height` in picture units."""
    head = height * 0.088
    wide = height * 0.118 * person.build
    coat, dark = person.coat, shade(person.coat, 0.74)
    hip, shoulder = foot - height * 0.47, foot - height * 0.8
    canvas.shadow(x + facing * height * 0.03, foot, wide * 2.1, height * 0.035, 0.5)
    draw_hair_behind(canvas, person, x + facing * head * 0.14, shoulder - head * 1.12, head, facing)
    stride = height * (0.05 if pose % 2 else 0.022)
    trousers = mix(shade(coat, 0.42), (40, 42, 52), 0.6)
    for side, colour in ((-1, shade(trousers, 0.82)), (1, trousers)):
        knee = x + side * stride
        canvas.polygon(
            [
                (x + side * wide * 0.1 - wide * 0.38, hip),
                (x + side * wide * 0.1 + wide * 0.38, hip),
                (knee + wide * 0.2, foot - 4),
                (knee - wide * 0.22, foot - 4),
            ],
            colour,
        )
        canvas.round_box(
            knee - wide * 0.26 + facing * 2,
            foot - height * 0.028,
            wide * 0.62,
            height * 0.03,
            height * 0.012,
            (38, 32, 32),
        )
    arm = height * 0.048
    back = [
        (x - facing * wide * 0.72, shoulder + height * 0.045),
        (x - facing * wide * 1.0, shoulder + height * 0.2),
        (x - facing * wide * 0.84, hip + height * 0.03),
    ]
    canvas.line(back, dark, arm)
    canvas.ellipse(*back[-1], arm * 0.5, arm * 0.55, shade(person.skin, 0.9))
    hem = hip + height * 0.1
    canvas.polygon(
        [
            (x - wide * 0.78, shoulder + height * 0.03),
            (x - wide * 0.5, shoulder),
            (x + wide * 0.5, shoulder),
            (x + wide * 0.78, shoulder + height * 0.03),
            (x + wide * 0.68, hip),
            (x + wide * 0.86, hem),
            (x - wide * 0.86, hem),
            (x - wide * 0.68, hip),
        ],
        coat,
    )
    lit = x - facing * wide * 0.05
    canvas.polygon(
        [
            (lit, shoulder),
            (x - facing * wide * 0.5, shoulder),
            (x - facing * wide * 0.78, shoulder + height * 0.03),
            (x - facing * wide * 0.68, hip),
            (x - facing * wide * 0.86, hem),
            (lit, hem),
        ],
        shade(coat, 0.85),
    )
    canvas.line(
        [(x + facing * wide * 0.12, shoulder + 2), (x + facing * wide * 0.12, hem)], dark, height * 0.006
    )
    raised = pose % 3 == 1
    hand = (
        (x + facing * wide * 1.5, shoulder + height * 0.13)
        if raised
        else (x + facing * wide * 0.98, hip + height * 0.02)
    )
    elbow = (x + facing * wide * 1.05, shoulder + height * (0.2 if raised else 0.19))
    canvas.line([(x + facing * wide * 0.66, shoulder + height * 0.05), elbow, hand], shade(coat, 1.1), arm)
    canvas.ellipse(*hand, arm * 0.52, arm * 0.56, person.skin)
    canvas.box(x - head * 0.34, shoulder - head * 0.5, head * 0.68, head * 0.75, shade(person.skin, 0.82))
    draw_head(canvas, person, x + facing * head * 0.14, shoulder - head * 1.12, head, facing)


def draw_bust(
    canvas: Canvas, person: Person, x: float, foot: float, size: float, facing: int, pose: int
) -> None:
    """Draw a person from the waist up; `size` is half the height of the head."""
    wide = size * 1.62 * person.build
    shoulder = foot - size * 3.6
    coat = person.coat
    draw_hair_behind(canvas, person, x + facing * size * 0.12, shoulder - size * 1.36, size, facing)
    canvas.line(
        [
            (x - facing * wide * 0.95, shoulder + size * 0.55),
            (x - facing * wide * 1.18, shoulder + size * 2),
            (x - facing * wide * 0.9, foot + size),
        ],
        shade(coat, 0.7),
        size * 0.64,
    )
    canvas.fade(
        [
            (x - wide * 1.06, shoulder + size * 0.5),
            (x - wide * 0.85, shoulder + size * 0.14),
            (x - wide * 0.34, shoulder - size * 0.1),
            (x + wide * 0.34, shoulder - size * 0.1),
            (x + wide * 0.85, shoulder + size * 0.14),
            (x + wide * 1.06, shoulder + size * 0.5),
            (x + wide * 0.92, foot + size),
            (x - wide * 0.92, foot + size),
        ],
        shade(coat, 1.06),
        shade(coat, 0.72),
    )
    canvas.polygon(
        [
            (x - facing * wide * 0.1, shoulder),
            (x - facing * wide * 0.85, shoulder + size * 0.14),
            (x - facing * wide * 1.06, shoulder + size * 0.5),
            (x - facing * wide * 0.92, foot + size),
            (x - facing * wide * 0.3, foot + size),
        ],
        shade(coat, 0.8),
    )
    canvas.polygon(
        [
            (x - size * 0.52, shoulder - size * 0.12),
            (x + size * 0.52, shoulder - size * 0.12),
            (x + facing * size * 0.1, shoulder + size * 1.05),
        ],
        (238, 232, 222),
    )
    for side in (-1, 1):
        canvas.polygon(
            [
                (x + side * size * 0.44, shoulder - size * 0.16),
                (x + side * size * 0.95, shoulder + size * 0.2),
                (x + side * size * 0.5, shoulder + size * 0.76),
                (x + facing * size * 0.08, shoulder + size * 1.1),
            ],
            shade(coat, 1.16 if side == facing else 0.9),
        )
    for button in range(3):
        canvas.ellipse(
            x + facing * size * 0.1,
            shoulder + size * (1.5 + 0.7 * button),
            size * 0.07,
            size * 0.07,
            shade(coat, 0.5),
        )
    if pose % 3 == 1:
        hand = (x + facing * wide * 1.42, shoulder + size * 1.0)
        canvas.line(
            [
                (x + facing * wide * 0.92, shoulder + size * 0.62),
                (x + facing * wide * 1.5, shoulder + size * 2.3),
                hand,
            ],
            shade(coat, 1.12),
            size * 0.62,
        )
        _hand(canvas, person, *hand, size)
    else:
        canvas.line(
            [
                (x + facing * wide * 0.94, shoulder + size * 0.6),
                (x + facing * wide * 1.2, shoulder + size * 2.1),
                (x + facing * wide * 0.8, foot + size),
            ],
            shade(coat, 1.1),
            size * 0.64,
        )
    canvas.box(x - size * 0.38, shoulder - size * 0.7, size * 0.76, size * 0.82, shade(person.skin, 0.8))
    draw_head(canvas, person, x + facing * size * 0.12, shoulder - size * 1.36, size, facing)


def _hand(canvas: Canvas, person: Person, x: float, y: float, size: float) -> None:
    canvas.ellipse(x, y, size * 0.34, size * 0.38, person.skin)
    for finger in range(4):
        canvas.line(
            [
                (x - size * 0.22 + finger * size * 0.15, y - size * 0.2),
                (x - size * 0.28 + finger * size * 0.19, y - size * 0.62),
            ],
            person.skin,
            size * 0.13,
        )


def draw_from_behind(canvas: Canvas, person: Person, x: float, y: float, size: float) -> None:
    """Draw a person's head and shoulders from behind, as they fill the front of a picture."""
    coat = shade(person.coat, 0.5)
    canvas.polygon(
        [
            (x - size * 2.2, y + size * 3.2),
            (x - size * 1.9, y + size * 1.5),
            (x - size * 0.6, y + size * 1.02),
            (x + size * 0.6, y + size * 1.02),
            (x + size * 1.9, y + size * 1.5),
            (x + size * 2.2, y + size * 3.2),
        ],
        coat,
    )
    canvas.box(x - size * 0.42, y + size * 0.6, size * 0.84, size * 0.7, shade(person.skin, 0.5))
    canvas.ellipse(
        x, y, size * 0.84, size, shade(person.hair if person.style != "bald" else person.skin, 0.6)
    )
    draw_hair_behind(canvas, person, x, y, size, 1)
    for side in (-1, 1):
        if person.style in ("short", "bald", "cap", "bun"):
            canvas.ellipse(
                x + side * size * 0.84, y + size * 0.12, size * 0.13, size * 0.2, shade(person.skin, 0.55)
            )
    if person.style == "cap":
        canvas.round_box(
            x - size * 0.9, y - size * 1.02, size * 1.8, size * 0.8, size * 0.4, shade(person.coat, 0.34)
        )


def draw_from_above(canvas: Canvas, person: Person, x: float, y: float, size: float, facing: int) -> None:
    """Draw a person as seen from above: shoulders, arms, the crown of the head, a long shadow."""
    canvas.shadow(x + size * 1.5, y + size * 0.7, size * 2.6, size * 0.95, 0.55)
    canvas.line(
        [(x - size * 1.0, y), (x - size * 1.1, y + facing * size * 0.9)], shade(person.coat, 0.7), size * 0.5
    )
    canvas.line(
        [(x + size * 1.0, y), (x + size * 1.15, y + facing * size * 0.8)],
        shade(person.coat, 0.82),
        size * 0.5,
    )
    canvas.ellipse(x, y, size * 1.35, size * 0.66, person.coat)
    canvas.ellipse(x - size * 0.2, y - size * 0.1, size * 0.9, size * 0.4, shade(person.coat, 1.14))
    top = (
        person.hair
        if person.style not in ("bald", "cap")
        else person.skin
        if person.style == "bald"
        else shade(person.coat, 0.6)
    )
    canvas.ellipse(x, y + facing * size * 0.2, size * 0.52, size * 0.6, person.skin)
    canvas.ellipse(x, y + facing * size * 0.08, size * 0.56, size * 0.58, top)


def draw_initials(canvas: Canvas, person: Person, x: float, y: float) -> None:
    """Write a person's initials on a small label in the colour of the coat, whatever the light."""
    canvas.round_box(x - 17, y - 10, 34, 20, 10, (250, 247, 240), raw=True)
    canvas.round_box(x - 15.5, y - 8.5, 31, 17, 8.5, person.coat, raw=True)
    canvas.text(x, y + 0.3, person.initials, 11.5, (255, 255, 255))
