"""The light of each time of day."""

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Moment:
    """The light at one time of day.

    `tint` is what each colour channel outside is multiplied with, `room_tint` inside; `lamps` says how strongly lamps
    shine, from 0 to 1; `sun` is where sun or moon stands in the sky, as parts of its width and height.
    """

    sky_top: Colour
    sky_low: Colour
    tint: tuple[float, float, float]
    room_tint: tuple[float, float, float]
    lamps: float
    sun: tuple[float, float]
    sun_colour: Colour
    sun_size: float
    stars: int = 0


MOMENTS: dict[str, Moment] = {
    "dawn": Moment(
        (92, 112, 160),
        (247, 190, 170),
        (0.72, 0.68, 0.76),
        (0.78, 0.7, 0.74),
        0.45,
        (0.22, 0.8),
        (255, 226, 190),
        26,
    ),
    "morning": Moment(
        (112, 168, 214),
        (238, 236, 212),
        (0.98, 0.97, 0.94),
        (1.0, 0.97, 0.9),
        0.0,
        (0.18, 0.34),
        (255, 250, 224),
        24,
    ),
    "day": Moment(
        (84, 154, 214),
        (206, 230, 240),
        (1.0, 1.0, 1.0),
        (0.98, 0.98, 0.98),
        0.0,
        (0.72, 0.2),
        (255, 252, 236),
        22,
    ),
    "dusk": Moment(
        (58, 54, 104),
        (246, 140, 88),
        (0.66, 0.5, 0.54),
        (0.8, 0.62, 0.56),
        0.7,
        (0.68, 0.84),
        (255, 196, 120),
        34,
    ),
    "night": Moment(
        (10, 16, 38),
        (36, 50, 88),
        (0.27, 0.33, 0.5),
        (0.4, 0.41, 0.54),
        1.0,
        (0.78, 0.22),
        (232, 236, 246),
        17,
        130,
    ),
}
