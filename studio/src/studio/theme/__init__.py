"""The look that all of Studio's pages share: ink on paper, light and dark, served from this package."""

from studio.theme.frame import frame
from studio.theme.serving import serve_static

__all__ = ["frame", "serve_static"]
