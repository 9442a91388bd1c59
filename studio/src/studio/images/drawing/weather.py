"""Fog, rain and snow."""

from random import Random

from studio.images.drawing.canvas import HEIGHT, WIDTH, Canvas, mix
from studio.images.drawing.looks import Look
from studio.images.drawing.moments import Moment


def paint_weather(canvas: Canvas, look: Look, moment: Moment, rng: Random) -> None:
    """Paint the weather over a picture; inside there is none."""
    if look.inside or look.weather is None:
        return
    pale = mix(moment.sky_low, (236, 238, 240), 0.45 if not moment.stars else 0.12)
    if look.weather == "fog":
        canvas.veil(pale, 0.22)
        for band in range(4):
            canvas.haze(120 + band * 62 + rng.uniform(-20, 20), 96, pale, 0.36)
    elif look.weather == "snow":
        canvas.veil(pale, 0.14)
        for _ in range(240):
            size = rng.uniform(0.8, 2.8)
            canvas.ellipse(
                rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), size, size, (246, 248, 252), raw=True
            )
    else:
        canvas.veil((70, 80, 96), 0.2)
        for _ in range(210):
            x, y, length = rng.uniform(0, WIDTH + 60), rng.uniform(-20, HEIGHT), rng.uniform(12, 30)
            canvas.line(
                [(x, y), (x - length * 0.3, y + length)], mix(pale, (220, 228, 240), 0.5), 0.9, raw=True
            )
