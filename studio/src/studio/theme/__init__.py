"""The look that all of Studio's pages share: ink on paper, light and dark, served from this package."""

from studio.theme.frame import frame
from studio.theme.serving import FAVICON, serve_static

__all__ = ["FAVICON", "frame", "serve_static"]
