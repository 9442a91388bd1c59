"""A project's own subclasses of `Mutable`: how deep they track, as far as their text says."""

from __future__ import annotations

import re

from indelible.lint.facts import ClassFacts

_BASES = {
    "Mutable", "dict", "list", "set", "MutableMapping", "MutableSequence", "UserDict", "UserList", "Dict", "List",
    "object",
}  # fmt: skip
_METHODS = {
    "coerce", "__init__", "__setitem__", "__delitem__", "__getitem__", "__len__", "__iter__", "__repr__",
    "__contains__", "__getstate__", "__setstate__", "__reduce__", "__reduce_ex__", "__eq__", "__hash__", "__iadd__",
    "__ior__", "__slots__", "update", "setdefault", "pop", "popitem", "clear", "append", "extend", "insert", "remove",
    "sort", "reverse", "copy", "get", "keys", "values", "items",
}  # fmt: skip
_MAKES_SOMETHING = re.compile(
    r"isinstance|coerce|convert|track|wrap|nested|parent|Mutable\w*\(|(?:\bself\[|__setitem__\().*\w\("
)


def looks_deeper(method: str, text: str) -> bool:
    """Say whether a method of a class makes something else of the values that are put into its instances."""
    if method in ("__setitem__", "__getitem__", "__init__"):
        return _MAKES_SOMETHING.search(text) is not None
    return method == "coerce" and " for " in text


def tracks_one_level(made: ClassFacts) -> bool:
    """Say whether a class is written as SQLAlchemy's documentation shows it: what lies deeper is not noticed."""
    bases = {base.last_name for base in made.bases}
    return (
        "Mutable" in bases
        and bases <= _BASES
        and "__setitem__" in made.members
        and made.members.keys() <= _METHODS
        and not made.looks_deeper
    )


_ROUTING = {"MutableMapping", "MutableSequence", "UserDict", "UserList"}
_INHERITED = {
    "dict": ("update", "setdefault", "pop", "popitem", "clear"),
    "list": ("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse"),
    "set": ("add", "update", "discard", "remove", "pop", "clear"),
}
_BY_OPERATOR = {"__delitem__": "del", "__iadd__": "+=", "__ior__": "|="}


def unannounced(made: ClassFacts) -> frozenset[str]:
    """Return the changes, as findings tell them, that a class inherits from its container and announces to nobody."""
    bases = {base.last_name.lower() for base in made.bases}
    if not _ROUTING.isdisjoint(base.last_name for base in made.bases):
        return frozenset()  # whose methods all call `__setitem__`
    methods = {name for base in bases for name in _INHERITED.get(base, ())} - made.members.keys()
    operators = {text for method, text in _BY_OPERATOR.items() if method not in made.members}
    return frozenset({f".{name}()" for name in methods} | operators)
