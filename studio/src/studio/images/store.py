"""The bytes of images: files named by their content, written whole or not at all."""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Container
from datetime import timedelta
from pathlib import Path

from studio.images.rendering import MadeImage, MediaType

EXTENSIONS: dict[MediaType, str] = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
MEDIA_TYPES = {extension: media_type for media_type, extension in EXTENSIONS.items()}
SHAPE = re.compile(r"([0-9a-f]{64})\.(png|jpg|webp)")


class ImageStore:
    """Keep images in a directory; the same bytes are one file, which never changes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, image: MadeImage) -> str:
        """Write an image, if it is not there yet, and return the name of its file.

        When this returns, the file outlasts a power cut.
        """
        return self.keep_bytes(image.data, image.media_type)

    def keep_bytes(self, data: bytes, media_type: MediaType) -> str:
        """Write the bytes of an image, as `keep` does."""
        name = name_of(data, media_type)
        path = self._path(name)
        if not _touched(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_whole(path, data)
        return name

    def find(self, name: str) -> tuple[Path, str] | None:
        """Return where an image is and its media type, or None when there is none of that name."""
        match = SHAPE.fullmatch(name)
        if match is None:
            return None
        path = self._path(name)
        return (path, MEDIA_TYPES[match[2]]) if path.is_file() else None

    def sweep(self, wanted: Container[str], *, older_than: timedelta) -> int:
        """Delete images that are not `wanted` and were last kept longer ago; return how many.

        One that is kept at the same moment stays, or is written anew.
        """
        limit = time.time() - older_than.total_seconds()
        return sum(
            _deleted(path, limit)
            for path in sorted(self._directory.glob("??/*"))
            if path.name not in wanted and path.stat().st_mtime < limit
        )

    def _path(self, name: str) -> Path:
        # Some file systems are slow with many files in one directory.
        return self._directory / name[:2] / name


def name_of(data: bytes, media_type: MediaType) -> str:
    """Return the name of an image's file."""
    return f"{hashlib.sha256(data).hexdigest()}.{EXTENSIONS[media_type]}"


def _touched(path: Path) -> bool:
    """Mark a file as wanted at this moment; say whether there is one."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _deleted(path: Path, limit: float) -> bool:
    """Delete a file unless it was kept since `limit`; say whether it is gone."""
    # Out of sight first: whoever keeps the same image from here on writes it anew.
    aside = path.with_name(f".old-{path.name}")
    os.replace(path, aside)
    if aside.stat().st_mtime >= limit:
        os.replace(aside, path)
        return False
    aside.unlink()
    return True


def _write_whole(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    # The name is in the directory, which is a file of its own; Windows cannot open one, and need not.
    if os.name == "nt":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
