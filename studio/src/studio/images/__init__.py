"""Images of scenes: drawn on this machine, or made by a provider, behind one interface. Knows no database."""

from studio.images.choosing import choose_renderer, read_image_calls
from studio.images.errors import ImageFailed, ImageMisconfigured
from studio.images.recognising import media_type_of
from studio.images.rendering import MadeImage, Renderer, SceneToDraw
from studio.images.shots import SHOTS
from studio.images.store import ImageStore, name_of

__all__ = [
    "SHOTS",
    "ImageFailed",
    "ImageMisconfigured",
    "ImageStore",
    "MadeImage",
    "Renderer",
    "SceneToDraw",
    "choose_renderer",
    "media_type_of",
    "name_of",
    "read_image_calls",
]
