"""Every mutator of `dict` and `list`, in each form that programs use."""

from __future__ import annotations

import bisect
import copy
import operator
import random
from collections.abc import Callable
from typing import Any

Change = Callable[[Any], object]

TARGETS: dict[type, Any] = {
    dict: {"a": 1, "b": {"x": [1]}, "c": [1, {"y": 2}], "d": None},
    list: [3, 1, [2], {"y": 1}, 2, "last"],
}
"""What a container holds that is to be changed."""

ARGUMENTS: list[tuple[Any, ...]] = [
    (),
    (0,),
    (2,),
    ("a",),
    ("new", 9),
    (0, 9),
    ([9],),
    ({"z": 1},),
    ([("k", 1)],),
    (slice(0, 1),),
    (slice(0, 1), [9]),
]


def mutators_of(kind: type) -> set[str]:
    """Return the methods of a built-in container that change it, found by calling each of them."""
    found = set()
    for name in dir(kind):
        for arguments in ARGUMENTS:
            container: Any = {"a": 1, "b": 2} if kind is dict else [2, 1]
            before = repr(container)
            try:
                getattr(container, name)(*copy.deepcopy(arguments))
            except (TypeError, LookupError, ValueError, AttributeError):
                continue
            if repr(container) != before:
                found.add(name)
    return found


def set_item(container: Any, step: Any, value: Any) -> None:
    """Assign an item."""
    container[step] = value


def _delete(container: Any, step: Any) -> None:
    del container[step]


def ior(container: Any, value: Any) -> None:
    """Use the operator on a local alias."""
    container |= value


def iadd(container: Any, value: Any) -> None:
    """Use the operator on a local alias."""
    container += value


def _imul(container: Any, times: int) -> None:
    container *= times


def _swap(container: Any, a: Any, b: Any) -> None:
    container[a], container[b] = container[b], container[a]


def _rename(container: Any) -> None:
    container["renamed"] = container.pop("b")


DICT_CHANGES: list[tuple[str, str, Change]] = [
    ("__setitem__", "[new] = atom", lambda d: set_item(d, "new", 1)),
    ("__setitem__", "[key] = atom", lambda d: set_item(d, "a", True)),
    ("__setitem__", "[key] = object", lambda d: set_item(d, "a", {"n": [1]})),
    ("__setitem__", "swap", lambda d: _swap(d, "b", "c")),
    ("__delitem__", "del [key]", lambda d: _delete(d, "b")),
    ("__ior__", "|= mapping", lambda d: ior(d, {"a": [1], "n": {"m": 1}})),
    ("__ior__", "|= pairs", lambda d: ior(d, [("a", [1])])),
    ("__init__", "__init__(mapping)", lambda d: d.__init__({"n": 1})),
    ("clear", "clear()", lambda d: d.clear()),
    ("pop", "pop(key)", lambda d: d.pop("a")),
    ("pop", "pop(key, default)", lambda d: d.pop("c", None)),
    ("pop", "rename", _rename),
    ("popitem", "popitem()", lambda d: d.popitem()),
    ("setdefault", "setdefault(new)", lambda d: d.setdefault("new")),
    ("setdefault", "setdefault(new, value)", lambda d: d.setdefault("new", {"n": 1})),
    ("setdefault", "setdefault(new, []).append()", lambda d: d.setdefault("new", []).append(1)),
    ("setdefault", "setdefault(key, []).append()", lambda d: d.setdefault("c", []).append(1)),
    ("update", "update(mapping)", lambda d: d.update({"a": 5, "n": [1]})),
    ("update", "update(**)", lambda d: d.update(a={"n": 1})),
    ("update", "update(pairs)", lambda d: d.update([("a", None), ("n", [1])])),
    ("update", "update(generator)", lambda d: d.update((key, [key]) for key in "ax")),
    ("", "nested, [key][key] = atom", lambda d: set_item(d["b"], "x", 2)),
    ("", "nested, [key].append()", lambda d: d["c"].append(3)),
]

LIST_CHANGES: list[tuple[str, str, Change]] = [
    ("__setitem__", "[0] = atom", lambda v: set_item(v, 0, "x")),
    ("__setitem__", "[-1] = object", lambda v: set_item(v, -1, {"n": [1]})),
    ("__setitem__", "[1:3] = list", lambda v: set_item(v, slice(1, 3), [[7], {"s": 1}, 8])),
    ("__setitem__", "[::2] = list", lambda v: set_item(v, slice(None, None, 2), [[1], 2, {"t": 3}])),
    ("__setitem__", "[:] = generator", lambda v: set_item(v, slice(None), ({"i": i} for i in range(2)))),
    ("__setitem__", "[:] = reversed(itself)", lambda v: set_item(v, slice(None), list(reversed(v)))),
    ("__setitem__", "swap", lambda v: _swap(v, 2, 3)),
    ("__setitem__", "random.shuffle", lambda v: random.Random(7).shuffle(v)),
    ("__delitem__", "del [0]", lambda v: _delete(v, 0)),
    ("__delitem__", "del [1:3]", lambda v: _delete(v, slice(1, 3))),
    ("__delitem__", "del [::2]", lambda v: _delete(v, slice(None, None, 2))),
    ("__iadd__", "+= list", lambda v: iadd(v, [[1], {"n": 1}])),
    ("__iadd__", "+= generator", lambda v: iadd(v, (i for i in "xy"))),
    (
        "__iadd__",
        "operator.iadd",
        lambda v: operator.iadd(v, [1]),  # type: ignore[no-untyped-call]
    ),
    ("__imul__", "*= 2", lambda v: _imul(v, 2)),
    ("__imul__", "*= 0", lambda v: _imul(v, 0)),
    ("__init__", "__init__(list)", lambda v: v.__init__([1, [2]])),
    ("append", "append(atom)", lambda v: v.append(1)),
    ("append", "append(object)", lambda v: v.append({"n": [1]})),
    ("clear", "clear()", lambda v: v.clear()),
    ("extend", "extend(list)", lambda v: v.extend([[1], {"n": 2}])),
    ("extend", "extend(generator)", lambda v: v.extend(i for i in "xy")),
    ("extend", "extend(itself)", lambda v: v.extend(copy.deepcopy(v))),
    ("insert", "insert(0, atom)", lambda v: v.insert(0, "x")),
    ("insert", "insert(-1, object)", lambda v: v.insert(-1, {"n": 1})),
    ("insert", "bisect.insort", lambda v: bisect.insort(v, "x", lo=5)),
    ("pop", "pop()", lambda v: v.pop()),
    ("pop", "pop(0)", lambda v: v.pop(0)),
    ("pop", "move to the front", lambda v: v.insert(0, v.pop(3))),
    ("remove", "remove(atom)", lambda v: v.remove(1)),
    ("remove", "remove(object)", lambda v: v.remove({"y": 1})),
    ("reverse", "reverse()", lambda v: v.reverse()),
    ("sort", "sort(key)", lambda v: v.sort(key=repr)),
    ("sort", "sort(key, reverse)", lambda v: v.sort(key=repr, reverse=True)),
    ("", "nested, [i][key] = atom", lambda v: set_item(v[3], "y", 2)),
    ("", "nested, [i].append()", lambda v: v[2].append(3)),
]

CHANGES: dict[type, list[tuple[str, str, Change]]] = {dict: DICT_CHANGES, list: LIST_CHANGES}
