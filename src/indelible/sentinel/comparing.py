"""What a value was, what it is, and which containers differ."""

from __future__ import annotations

from collections.abc import Iterator
from json import JSONEncoder
from typing import Any, NamedTuple

from indelible.sentinel.recording import ANY_STEP

Path = tuple[Any, ...]
_MISSING = object()


class Difference(NamedTuple):
    """A container that is not what it was, and the steps below it where; `ANY_STEP` for a list that grew or shrank."""

    path: Path
    container: Any
    steps: tuple[Any, ...]


def frozen(value: Any) -> Any:
    """Return a copy of plain containers that hold the same atoms."""
    if isinstance(value, dict):
        return {key: frozen(item) for key, item in dict.items(value)}
    if isinstance(value, list):
        return [frozen(item) for item in list.__iter__(value)]
    return tuple(frozen(item) for item in value) if type(value) is tuple else value


def unchanged(old: Any, new: Any) -> bool:
    """Say what `same` says, fast where nothing changed: `==` and JSON's text, both in C, settle most values."""
    try:
        if old == new and _text(old) == _text(new):
            return True
    except (TypeError, ValueError, RecursionError):
        pass  # not JSON: what a pickle or a type of the program's own holds
    return same(old, new)


_text = JSONEncoder(check_circular=False).encode


def same(old: Any, new: Any) -> bool:
    """Compare values by JSON type: `True`, `1` and `1.0` differ; a tuple is a list."""
    if old is new and not isinstance(old, dict | list | tuple):
        return True
    if isinstance(old, dict):
        return (
            isinstance(new, dict)
            and len(old) == len(new)
            and all(key in new and same(item, dict.__getitem__(new, key)) for key, item in dict.items(old))
        )
    if isinstance(old, list | tuple):
        return isinstance(new, list | tuple) and len(old) == len(new) and all(map(same, old, new))
    return not isinstance(new, dict | list | tuple) and _same_atom(old, new)


def _same_atom(old: Any, new: Any) -> bool:
    if isinstance(old, bool) is not isinstance(new, bool) or isinstance(old, float) is not isinstance(
        new, float
    ):
        return False
    return bool(old == new) or (old != old and new != new)


def differences(old: Any, new: Any, path: Path = ()) -> Iterator[Difference]:
    """Yield the containers of a value that differ, outer ones first."""
    if isinstance(old, dict) and isinstance(new, dict):
        steps: Any = [*old, *(key for key in dict.keys(new) if key not in old)]
        was, now = old.get, new.get
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple):
        if len(old) != len(new):
            yield Difference(path, new, (ANY_STEP,))
            return
        steps = range(len(old))
        was, now = _getter(old), _getter(new)
    else:
        if not same(old, new):
            yield Difference(path, new, (ANY_STEP,))
        return
    own = []
    deeper = []
    for step in steps:
        one, other = was(step, _MISSING), now(step, _MISSING)
        if _alike(one, other):
            deeper.append((step, one, other))
        elif not same(one, other):
            own.append(step)
    if own:
        yield Difference(path, new, tuple(own))
    for step, one, other in deeper:
        yield from differences(one, other, (*path, step))


def _getter(items: Any) -> Any:
    return lambda step, _missing: items[step]


def _alike(one: Any, other: Any) -> bool:
    return (isinstance(one, dict) and isinstance(other, dict)) or (
        isinstance(one, list | tuple) and isinstance(other, list | tuple)
    )
