"""The local renderer: draws a scene from its words, the same words and seed giving the same bytes."""

import asyncio
from dataclasses import dataclass

from studio.images.drawing.composing import compose
from studio.images.drawing.looks import read_look
from studio.images.prompting import prompt_for
from studio.images.rendering import MadeImage, SceneToDraw, Tell, tell_nobody


@dataclass(frozen=True)
class LocalRenderer:
    """Draw storyboard frames on this machine: no key, no cost, nothing leaves it."""

    model: str = "Local drawing"
    host: None = None
    price: float = 0.0

    async def make(self, scene: SceneToDraw, tell: Tell = tell_nobody) -> MadeImage:
        """Draw an image."""
        # In a thread: a fifth of a second of drawing must not hold up the pages.
        data = await asyncio.to_thread(draw, scene)
        return MadeImage(data, "image/png", prompt_for(scene), self.model, 0.0)

    async def close(self) -> None:
        """Do nothing: there is no connection."""


def draw(scene: SceneToDraw) -> bytes:
    """Return the PNG of a scene, 960 by 540 pixels."""
    return compose(read_look(scene))


__all__ = ["LocalRenderer", "draw"]
