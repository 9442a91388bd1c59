"""Paths: where something is in a document."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias


@dataclass(frozen=True, slots=True)
class By:
    """The element of a list whose member `key` is `value`, wherever it stands."""

    key: str
    value: str | int

    def finds(self, element: Any) -> bool:
        """Tell whether an element of the list is the one."""
        value = element.get(self.key) if isinstance(element, dict) else None
        return value.__class__ is self.value.__class__ and value == self.value


def by(**member: str | int) -> By:
    """Return the step to a list's element with this member: `by(id="scene-1")`.

    Raises:
        TypeError: not exactly one member was given, or its value is neither a string nor an integer.
    """
    if len(member) != 1:
        raise TypeError(f"by() takes one member, as in by(id='scene-1'); got {len(member)}")
    [(key, value)] = member.items()
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise TypeError(f"by() finds elements by a string or an integer, not by {value!r}")
    return By(key, value)


Step: TypeAlias = "str | int | By"
"""An object key, a list position, or a list's element found by its key."""

Path: TypeAlias = tuple[Step, ...]
"""Steps from the document's root; the empty path is the root itself."""

_PLAIN_KEY = re.compile(r"[^\W\d][\w-]*")


def format_path(path: Sequence[object]) -> str:
    """Write a path as people do: `scenes[id=scene-1].title`, odd keys as `["a.b"]`, the root as `$`."""
    text = "".join(_format_step(step) for step in path)
    return text.removeprefix(".") or "$"


def _format_step(step: object) -> str:
    if isinstance(step, str) and _PLAIN_KEY.fullmatch(step):
        return f".{step}"
    if isinstance(step, str):
        return f"[{json.dumps(step, ensure_ascii=False)}]"
    if isinstance(step, By):
        is_plain = isinstance(step.value, str) and _PLAIN_KEY.fullmatch(step.value)
        return f"[{step.key}={step.value if is_plain else json.dumps(step.value, ensure_ascii=False)}]"
    return f"[{step!r}]"


class AnyStep:
    """Any step, in a pattern."""

    def __repr__(self) -> str:
        return "*"


ANY: Final = AnyStep()

Pattern: TypeAlias = "tuple[Step | AnyStep, ...]"
"""A path in which `ANY` stands for any one step."""

_PATTERN_STEP = re.compile(
    r"""\.?(?P<name>[^\W\d][\w-]*)
      | (?P<any>\[\*\]|\.?\*)
      | \[(?P<index>-?\d+)\]
      | \[(?P<quoted>"(?:[^"\\]|\\.)*")\]
      | \[(?P<key>[^\W\d][\w-]*)=(?:(?P<json>"(?:[^"\\]|\\.)*"|-?\d+)|(?P<word>[^\]]+))\]""",
    re.VERBOSE,
)


def parse_pattern(text: str) -> Pattern:
    """Read a path as `format_path` writes it, with `[*]` or `.*` for any step; `$` or nothing is the root.

    Raises:
        ValueError: the text is no path; the message shows where.
    """
    rest = text.removeprefix("$")
    steps: list[Step | AnyStep] = []
    position = 0
    while position < len(rest):
        match = _PATTERN_STEP.match(rest, position)
        if match is None:
            raise ValueError(
                f"{text!r} is no path: cannot read {rest[position:]!r}; write as scenes[*].notes"
            )
        steps.append(_pattern_step(match))
        position = match.end()
    return tuple(steps)


def _pattern_step(match: re.Match[str]) -> Step | AnyStep:
    groups = match.groupdict()
    if groups["name"]:
        return groups["name"]
    if groups["any"]:
        return ANY
    if groups["index"]:
        return int(groups["index"])
    if groups["quoted"]:
        return str(json.loads(groups["quoted"]))
    return By(groups["key"], json.loads(groups["json"]) if groups["json"] else groups["word"])


def matches(pattern: Pattern, path: Path) -> bool:
    """Tell whether a path is one that the pattern means."""
    return len(pattern) == len(path) and all(
        wanted is ANY or (wanted.__class__ is step.__class__ and wanted == step)
        for wanted, step in zip(pattern, path, strict=True)
    )
