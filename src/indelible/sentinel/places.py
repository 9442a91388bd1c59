"""Where in the program a change was made."""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import cache
from types import CodeType, FrameType
from typing import NamedTuple


class Place(NamedTuple):
    """A line of code."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{shortened(self.file)}:{self.line} ({self.function})"


def place_of(frame: FrameType) -> Place:
    """Return where a frame is now."""
    return Place(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_qualname)


def calling_place() -> Place:
    """Return the innermost line of the program that led here; of any code where none of it is the program's."""
    innermost: FrameType | None = None
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if is_program(frame.f_code):
            return place_of(frame)
        if innermost is None and not frame.f_code.co_filename.startswith(_OURS):
            innermost = frame
        frame = frame.f_back
    return place_of(innermost or sys._getframe(1))


def is_program(code: CodeType) -> bool:
    """Say whether code is the program's own: no library's, not Python's, not this package's."""
    return _is_program_file(code.co_filename)


def count_as_program(cls: type) -> None:
    """Count the package of a mapped class as the program's, also where it was installed among libraries."""
    package = sys.modules.get(cls.__module__.partition(".")[0])
    file = getattr(package, "__file__", None)
    if file is None or not _in_library(file):
        return
    root = os.path.dirname(file) + os.sep if os.path.basename(file).startswith("__init__.") else file
    if root not in _programs:
        _programs.append(root)
        _is_program_file.cache_clear()


def shortened(file: str) -> str:
    """Return a path relative to the working directory, if it is below."""
    here = os.getcwd() + os.sep
    return file.removeprefix(here)


_OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LIBRARIES = tuple(
    {
        os.path.join(os.path.realpath(path), "")
        for name, path in sysconfig.get_paths().items()
        if name in ("stdlib", "platstdlib", "purelib", "platlib")
    }
    | {
        os.path.join(path, "")
        for name, path in sysconfig.get_paths().items()
        if name in ("stdlib", "platstdlib", "purelib", "platlib")
    }
)
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_programs: list[str] = []


@cache
def _is_program_file(file: str) -> bool:
    if file.startswith(tuple(_programs)):
        return True
    # `<string>` is what dataclasses and their like generate; `<stdin>` and a notebook's cells are the program.
    return not (file.startswith(("<string>", "<frozen", _OURS)) or _in_library(file))


def _in_library(file: str) -> bool:
    return file.startswith(_LIBRARIES) or any(part in file for part in _INSTALLED)
