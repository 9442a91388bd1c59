"""JSON values: when two are the same, and which cannot be kept."""

from __future__ import annotations

import math
import sys
from typing import Any

ATOMS = frozenset({str, int, bool, float, type(None)})


def same(a: Any, b: Any) -> bool:
    """Tell whether two values are one JSON value: `True`, `1` and `1.0` are three; key order does not count."""
    if isinstance(a, dict):
        return (
            isinstance(b, dict)
            and len(a) == len(b)
            and all(key in b and same(value, b[key]) for key, value in a.items())
        )
    if isinstance(a, list | tuple):
        return isinstance(b, list | tuple) and len(a) == len(b) and all(map(same, a, b))
    return same_atom(a, b)


def same_atom(a: Any, b: Any) -> bool:
    """Tell whether two values that are no containers are one JSON value."""
    if a is b:
        return True
    if _kind(a) is not _kind(b):
        return False
    # -0.0 == 0.0, yet both have a text of their own.
    return bool(a == b) and (a.__class__ is not float or a != 0 or math.copysign(1, a) == math.copysign(1, b))


def _kind(value: Any) -> type:
    """Return the JSON type of an atom; subclasses (`StrEnum`, `IntEnum`) count as what JSON makes of them."""
    cls = value.__class__
    if cls in ATOMS:
        return cls  # type: ignore[no-any-return]
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind
    return cls  # type: ignore[no-any-return]


def plain(value: Any) -> Any:
    """Return a deep copy made of exact `dict` and `list` only."""
    if isinstance(value, dict):
        return {key: item if item.__class__ in ATOMS else plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [item if item.__class__ in ATOMS else plain(item) for item in value]
    return value


def atom_problem(value: Any) -> str | None:
    """Say why JSON cannot keep this atom, or `None` when it can or only a serializer can tell."""
    if isinstance(value, str):
        return None if value.isascii() else _surrogate_problem(value)
    if isinstance(value, float):
        return None if math.isfinite(value) else f"{value!r} is not a JSON number; use None or a string"
    if isinstance(value, int):
        return _digits_problem(value)
    return None


def key_problem(key: Any) -> str | None:
    """Say why JSON cannot keep this object key."""
    if not isinstance(key, str):
        return f"the key {key!r} is not a string; JSON would change it, use str({key!r})"
    return None if key.isascii() else _surrogate_problem(key)


def _surrogate_problem(text: str) -> str | None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"character {error.start} is a lone surrogate, which is not Unicode text; decode it properly first"
    return None


def _digits_problem(value: int) -> str | None:
    # Python refuses to write or read longer ones as text: https://docs.python.org/3/library/stdtypes.html#int-max-str-digits
    limit = sys.get_int_max_str_digits()
    if limit and value.bit_length() > limit * 3 and abs(value) >= 10**limit:
        return f"the integer has more than {limit} digits; keep it as a string"
    return None


class Rules:
    """Which values a document takes: here any."""

    tuples_are_lists = False

    def atom_problem(self, value: Any) -> str | None:
        """Say why an atom cannot be kept, or `None`."""
        return None

    def key_problem(self, key: Any) -> str | None:
        """Say why a key of a mapping cannot be kept, or `None`."""
        return None


class JSONRules(Rules):
    """Only what JSON keeps; objects that the column's serializer may know are left to it."""

    tuples_are_lists = True

    def atom_problem(self, value: Any) -> str | None:
        return atom_problem(value)

    def key_problem(self, key: Any) -> str | None:
        return key_problem(key)


ANYTHING = Rules()
JSON_ONLY = JSONRules()
