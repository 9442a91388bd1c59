"""The files of images: named by their content, whole or not there."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studio.images import ImageStore, MadeImage


def image(data: bytes = b"bytes of an image") -> MadeImage:
    return MadeImage(data, "image/png", "prompt", "model", None)


def test_an_image_is_found_by_the_name_it_was_given(tmp_path: Path) -> None:
    """Another store on the same directory finds what one has kept, with its media type."""
    name = ImageStore(tmp_path / "images").keep(image())
    found = ImageStore(tmp_path / "images").find(name)
    assert found is not None
    path, media_type = found
    assert (path.read_bytes(), media_type) == (b"bytes of an image", "image/png")


def test_the_same_bytes_are_one_file(tmp_path: Path) -> None:
    """Keeping the same image from many threads at once leaves one file and nothing half written."""
    store = ImageStore(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda _: store.keep(image()), range(40)))
    assert len(names) == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == list(names)


def test_a_file_that_cannot_be_finished_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk fails before the file is whole, there is no image and no remainder."""

    def fail(_handle: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        ImageStore(tmp_path).keep(image())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "x.png", f"{'0' * 64}.png", f"{'0' * 64}.svg", f"{'A' * 64}.png"]
)
def test_other_names_find_nothing(tmp_path: Path, name: str) -> None:
    """A name that no image was given is not looked for outside the directory, or anywhere."""
    assert ImageStore(tmp_path).find(name) is None
