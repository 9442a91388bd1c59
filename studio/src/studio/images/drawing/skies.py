"""The sky, the ground, and the lamps that stand on it."""

from random import Random

from studio.images.drawing.canvas import HEIGHT, WIDTH, Canvas, mix, shade
from studio.images.drawing.moments import Colour, Moment

HORIZON = 240.0
WARM: Colour = (255, 205, 120)


def sky(canvas: Canvas, moment: Moment, rng: Random) -> None:
    """Paint the sky down to the horizon: gradient, stars, sun or moon, clouds."""
    canvas.fade(
        [(0, 0), (WIDTH, 0), (WIDTH, HORIZON + 20), (0, HORIZON + 20)],
        moment.sky_top,
        moment.sky_low,
        raw=True,
    )
    for _ in range(moment.stars):
        bright = rng.randint(90, 235)
        size = rng.choice((0.6, 0.6, 0.9, 1.3))
        canvas.ellipse(
            rng.uniform(0, WIDTH), rng.uniform(0, 190), size, size, (bright, bright, bright + 15), raw=True
        )
    x, y = moment.sun[0] * WIDTH, moment.sun[1] * HORIZON
    canvas.glow(x, y, moment.sun_size * 6, moment.sun_colour, 0.5)
    canvas.ellipse(x, y, moment.sun_size, moment.sun_size, moment.sun_colour, raw=True)
    if moment.stars:
        for dx, dy, size in ((-0.3, -0.2, 0.22), (0.25, 0.3, 0.28), (0.35, -0.35, 0.14)):
            crater = shade(moment.sun_colour, 0.88)
            canvas.ellipse(
                x + dx * moment.sun_size,
                y + dy * moment.sun_size,
                size * moment.sun_size,
                size * moment.sun_size,
                crater,
                raw=True,
            )
    for _ in range(rng.randint(2, 4)):
        cloud(canvas, rng.uniform(0, WIDTH), rng.uniform(30, 150), rng.uniform(50, 110), moment)


def cloud(canvas: Canvas, x: float, y: float, size: float, moment: Moment) -> None:
    """Paint one long flat cloud."""
    colour = mix(
        mix(moment.sky_top, moment.sky_low, 0.75), (255, 255, 255), 0.28 if not moment.stars else 0.04
    )
    for part, (dx, dy, across, down) in enumerate(
        ((0, 0, 1, 0.12), (-0.35, -0.07, 0.5, 0.12), (0.3, -0.1, 0.55, 0.16))
    ):
        lit = mix(colour, moment.sun_colour, 0.12 * part)
        canvas.ellipse(x + dx * size, y + dy * size, across * size, down * size, lit, raw=True)


def ground(canvas: Canvas, far: Colour, near: Colour, *, top: float = HORIZON) -> None:
    """Paint the ground from the horizon to the viewer."""
    canvas.fade([(0, top), (WIDTH, top), (WIDTH, HEIGHT), (0, HEIGHT)], far, near)


def lamp_post(canvas: Canvas, x: float, foot: float, height: float, moment: Moment) -> None:
    """Paint a street lamp."""
    canvas.line([(x, foot), (x, foot - height)], (48, 50, 58), height * 0.022)
    canvas.line([(x, foot - height), (x + height * 0.16, foot - height)], (48, 50, 58), height * 0.02)
    head = (x + height * 0.16, foot - height + height * 0.03)
    canvas.ellipse(
        *head, height * 0.035, height * 0.03, WARM if moment.lamps else (210, 210, 205), raw=moment.lamps > 0
    )
    canvas.glow(*head, height * 0.75, WARM, 0.75 * moment.lamps)
