"""Who somebody is to look at: the same name has the same face, hair and coat in every picture."""

import colorsys
import hashlib
from dataclasses import dataclass

from studio.images.drawing.moments import Colour

SKINS: tuple[Colour, ...] = ((240, 206, 178), (222, 178, 142), (186, 134, 98), (142, 96, 68), (104, 70, 52))
HAIRS: tuple[Colour, ...] = (
    (44, 34, 32),
    (92, 60, 38),
    (168, 118, 62),
    (196, 192, 188),
    (132, 58, 36),
    (70, 64, 70),
)
STYLES = ("short", "bun", "long", "curls", "bald", "cap", "bob")


@dataclass(frozen=True)
class Person:
    """How one character looks."""

    name: str
    initials: str
    coat: Colour
    skin: Colour
    hair: Colour
    style: str
    glasses: bool
    build: float


def person_called(name: str) -> Person:
    """Return how the character `name` looks, which its name alone decides."""
    digest = hashlib.sha256(" ".join(name.upper().split()).encode()).digest()
    words = [word for word in name.replace(".", " ").split() if word[:1].isalnum()] or [name or "?"]
    initials = (words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]).upper()
    return Person(
        name=name,
        initials=initials,
        coat=_coat(digest[0], digest[6]),
        skin=SKINS[digest[1] % len(SKINS)],
        hair=HAIRS[digest[2] % len(HAIRS)],
        style=STYLES[digest[3] % len(STYLES)],
        glasses=digest[4] % 4 == 0,
        build=0.9 + digest[5] / 255 * 0.24,
    )


def _coat(hue: int, depth: int) -> Colour:
    # A hue for each name, so that two people rarely wear the same; some coats are deep, some pale.
    saturation, value = ((0.62, 0.66), (0.5, 0.5), (0.42, 0.78), (0.7, 0.56))[depth % 4]
    if 35 < hue < 85:  # yellows and limes shout
        saturation, value = saturation * 0.66, value * 0.9
    return tuple(round(255 * part) for part in colorsys.hsv_to_rgb(hue / 256, saturation, value))  # type: ignore[return-value]
