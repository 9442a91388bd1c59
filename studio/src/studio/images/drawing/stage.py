"""What everything that is drawn is drawn with."""

from dataclasses import dataclass
from random import Random

from studio.images.drawing.canvas import Canvas
from studio.images.drawing.moments import Colour, Moment


@dataclass(frozen=True)
class Stage:
    """A canvas in the light of a moment, the chance of a picture, and the colour of whom it is about."""

    canvas: Canvas
    moment: Moment
    rng: Random
    colour: Colour = (150, 60, 56)
