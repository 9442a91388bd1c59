"""Places under the sky."""

from collections.abc import Callable
from random import Random

from studio.images.drawing.buildings import house, roof, street, terminal
from studio.images.drawing.canvas import Canvas
from studio.images.drawing.landscapes import desert, field, forest, lighthouse, mountain, sea
from studio.images.drawing.moments import Moment
from studio.images.drawing.skies import sky
from studio.images.drawing.stage import Stage

Painter = Callable[[Stage], None]


def paint_outside(canvas: Canvas, place: str, moment: Moment, rng: Random) -> None:
    """Paint a place with its sky."""
    sky(canvas, moment, rng)
    PAINTERS.get(place, street)(Stage(canvas, moment, rng))


PAINTERS: dict[str, Painter] = {
    "street": street,
    "forest": forest,
    "sea": sea,
    "terminal": terminal,
    "field": field,
    "mountain": mountain,
    "desert": desert,
    "roof": roof,
    "house": house,
    "lighthouse": lighthouse,
}
