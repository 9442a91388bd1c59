"""What a renderer is given and gives back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

MediaType = Literal["image/png", "image/jpeg", "image/webp"]
Tell = Callable[[str | None], Awaitable[None]]


async def tell_nobody(_note: str | None) -> None:
    """Drop what an image waits for."""


@dataclass(frozen=True)
class SceneToDraw:
    """A scene and how to frame it; `seed` makes two images of one shot differ, `number` is its place in the script."""

    slugline: str
    action: str
    characters: tuple[str, ...] = ()
    shot: str = "wide"
    seed: int = 0
    number: str = ""


@dataclass(frozen=True)
class MadeImage:
    """An image with what is known of how it was made; `cost` is in US dollars, None when not known."""

    data: bytes = field(repr=False)
    media_type: MediaType
    prompt: str
    model: str
    cost: float | None


class Renderer(Protocol):
    """What makes images of scenes."""

    @property
    def model(self) -> str:
        """Return the name of what makes the images, for a person."""
        ...

    @property
    def host(self) -> str | None:
        """Return where scenes are sent, or None when they do not leave this machine."""
        ...

    @property
    def price(self) -> float | None:
        """Return about how many US dollars one image costs; None when that is not known."""
        ...

    async def make(self, scene: SceneToDraw, tell: Tell = tell_nobody) -> MadeImage:
        """Make an image; `tell` hears what it waits for, and None when it waits no longer.

        Raises ImageFailed.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
