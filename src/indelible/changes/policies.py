"""What a column says of concurrent changes: how elements are told apart, and who wins at which path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from indelible.changes.paths import By, Path, matches, parse_pattern

Resolver: TypeAlias = Callable[[Path, Any, Any, Any], Any]
"""Called with a path and what is there in base, mine and theirs (or `ABSENT`); returns what to keep, or `ABSENT`."""

Policy: TypeAlias = Literal["raise", "mine", "theirs"] | Resolver

DEFAULT_KEY = "id"

KEY_TYPES = (str, int)
"""What the values of keys are; exactly these, so that no two of them are equal and yet not the same JSON."""


class Policies:
    """How the changes of several writers of one document come together.

    Args:
        keys: the member that tells the elements of a list apart, by the list's path: `{"scenes[*].shots": "slug"}`.
            Other lists use the member `id` where each element has one of its own.
        on_conflict: what happens where two writers changed one place differently.
        policies: the same for the places that a path pattern names, and all below them; the first that fits counts.

    Raises:
        ValueError: a path or a policy cannot be read.
    """

    def __init__(
        self,
        keys: Mapping[str, str] | None = None,
        on_conflict: Policy = "raise",
        policies: Mapping[str, Policy] | None = None,
    ) -> None:
        self._keys = [(parse_pattern(text), key) for text, key in (keys or {}).items()]
        self._default = _checked(on_conflict)
        self._by_path = [(parse_pattern(text), _checked(policy)) for text, policy in (policies or {}).items()]

    @property
    def declares_keys(self) -> bool:
        """Tell whether any list has a declared key."""
        return bool(self._keys)

    def declared_key(self, path: Path) -> str | None:
        """Return the member that was said to tell this list's elements apart."""
        return next((key for pattern, key in self._keys if matches(pattern, path)), None)

    def key_of(self, path: Path, elements: Sequence[Any]) -> str | None:
        """Return the member that tells these elements of a list apart, or `None` where only their values do."""
        declared = self.declared_key(path)
        if declared is not None:
            return declared
        found = set()
        for element in elements:
            value = element.get(DEFAULT_KEY) if isinstance(element, dict) else None
            if value.__class__ not in KEY_TYPES:
                return None
            found.add(value)
        return DEFAULT_KEY if len(found) == len(elements) else None

    def at(self, path: Path) -> Policy:
        """Return who wins at a path."""
        for length in range(len(path), -1, -1):
            for pattern, policy in self._by_path:
                if matches(pattern, path[:length]):
                    return policy
        return self._default


def _checked(policy: Policy) -> Policy:
    if callable(policy) or policy in ("raise", "mine", "theirs"):
        return policy
    raise ValueError(
        f'{policy!r} is no policy; use "raise", "mine", "theirs", or a function (path, base, mine, theirs)'
    )


def key_step(element: Any, key: str) -> By | None:
    """Return the step that finds an element by its key, or `None` where it has none that can."""
    value = element.get(key) if isinstance(element, dict) else None
    return By(key, value) if value.__class__ in KEY_TYPES else None


def repeated_key(elements: Iterable[Any], key: str) -> By | None:
    """Return the step to an element whose key an earlier element of the list has too, or `None`."""
    seen: set[By] = set()
    for step in (key_step(element, key) for element in elements):
        if step is not None and step in seen:
            return step
        if step is not None:
            seen.add(step)
    return None
