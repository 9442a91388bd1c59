"""What can go wrong between Studio and what makes images, in words that say what to do next."""

import math

from studio.problems import ModelFailed, Problem


class ImageMisconfigured(Problem):
    """The environment asks for images in a way that Studio cannot follow; the message names the variable."""

    status = 500
    code = "images-misconfigured"
    title = "Images are not set up"


class ImageFailed(ModelFailed):
    """No image was made. Nothing was lost: what was there is as it was.

    `meets_all` tells that the next image would fail in the same way, whatever it shows. The message never holds
    the key.
    """

    code = "image-failed"
    title = "No image was made"

    def __init__(self, message: str, *, meets_all: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message, retry_after=None if retry_after is None else math.ceil(retry_after))
        self.meets_all = meets_all
