"""What kind of image some bytes are, if they are one."""

import io

from PIL import Image

from studio.images.rendering import MediaType

FORMATS: dict[str | None, MediaType] = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


def media_type_of(data: bytes) -> MediaType | None:
    """Return the media type of a whole image that browsers show; None for anything else."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            return FORMATS.get(image.format)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
