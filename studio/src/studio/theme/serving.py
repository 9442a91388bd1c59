"""Serving the hand-written style sheets and modules under /static."""

from importlib.resources import files
from pathlib import Path

from nicegui import app

STATIC = Path(str(files("studio") / "static"))
FAVICON = (STATIC / "studio.svg").read_text()


def serve_static() -> None:
    """Serve the package's static files, once; a browser asks each time whether they changed."""
    app.remove_route("/static/{path:path}")
    app.add_static_files("/static", STATIC, max_cache_age=0)
