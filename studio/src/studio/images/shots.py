"""How a scene is framed."""

from typing import Literal, get_args

Shot = Literal["wide", "medium", "close-up", "over-the-shoulder", "detail", "high-angle"]

# In the order in which the images of one scene go through them.
SHOTS: tuple[Shot, ...] = get_args(Shot)

WORDS: dict[str, str] = {
    "wide": "Wide establishing shot: the whole place, the people small in it.",
    "medium": "Medium shot: the people from the waist up.",
    "close-up": "Close-up of one face.",
    "over-the-shoulder": "Over-the-shoulder shot: one person from behind, facing the other.",
    "detail": "Detail shot of the one object that matters in the scene; no faces.",
    "high-angle": "High-angle shot: the place and the people seen from above.",
}
