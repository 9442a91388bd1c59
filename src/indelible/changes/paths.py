"""Paths: where something is in a document."""

from __future__ import annotations

import re
from typing import TypeAlias

Step: TypeAlias = "str | int"
"""An object key or a list position."""

Path: TypeAlias = tuple[Step, ...]
"""Steps from the document's root; the empty path is the root itself."""

_PLAIN_KEY = re.compile(r"[^\W\d][\w-]*")


def format_path(path: tuple[object, ...]) -> str:
    """Write a path as people do: `scenes[0].title`, odd keys as `["a.b"]`, the root as `$`."""
    text = "".join(_format_step(step) for step in path)
    return text.removeprefix(".") or "$"


def _format_step(step: object) -> str:
    if isinstance(step, str) and _PLAIN_KEY.fullmatch(step):
        return f".{step}"
    if isinstance(step, str):
        escaped = step.replace("\\", "\\\\").replace('"', '\\"')
        return f'["{escaped}"]'
    return f"[{step!r}]"
