"""Rooms: one perspective, furnished for what they are."""

from collections.abc import Callable
from random import Random

from studio.images.drawing.canvas import Canvas
from studio.images.drawing.halls import (
    church,
    classroom,
    corridor,
    library,
    lighthouse,
    office,
    shop,
    terminal,
    theatre,
)
from studio.images.drawing.homes import bar, bathroom, bedroom, kitchen, living_room
from studio.images.drawing.moments import Moment
from studio.images.drawing.rooms import ROOMS, shell
from studio.images.drawing.stage import Stage
from studio.images.drawing.vehicles import car, train, wheelhouse

Furnish = Callable[[Stage], None]


def paint_inside(canvas: Canvas, place: str, moment: Moment, rng: Random) -> None:
    """Paint a room, or the inside of a vehicle."""
    vehicle = VEHICLES.get(place)
    if vehicle is not None:
        vehicle(Stage(canvas, moment, rng))
        return
    room = ROOMS.get(place, ROOMS["living room"])
    shell(canvas, room, moment, rng)
    FURNITURE.get(place, living_room)(Stage(canvas, moment, rng))


FURNITURE: dict[str, Furnish] = {
    "kitchen": kitchen,
    "bedroom": bedroom,
    "bathroom": bathroom,
    "bar": bar,
    "shop": shop,
    "library": library,
    "office": office,
    "classroom": classroom,
    "church": church,
    "corridor": corridor,
    "theatre": theatre,
    "terminal": terminal,
    "lighthouse": lighthouse,
    "living room": living_room,
}
VEHICLES: dict[str, Furnish] = {"car": car, "train": train, "wheelhouse": wheelhouse}
