"""Calls of built-in functions and of methods of dictionaries, lists and sets."""

from __future__ import annotations

import ast

from indelible.lint import evaluating
from indelible.lint.frame import NOT_TREATED, Attempt, Call, Frame
from indelible.lint.gathering import differ_already, takes_all
from indelible.lint.values import (
    ClassValue,
    External,
    Fresh,
    FunctionValue,
    Inner,
    Many,
    Obj,
    Part,
    Tup,
    Value,
    each,
    either,
)

MUTATORS = {
    "append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "update", "setdefault", "popitem", "add",
    "discard", "appendleft", "popleft", "extendleft", "__setitem__", "__delitem__", "difference_update",
    "intersection_update", "symmetric_difference_update", "move_to_end",
}  # fmt: skip
_FIRST_ARGUMENT_CHANGED = {
    "heappush",
    "heappop",
    "heapify",
    "heapreplace",
    "shuffle",
    "insort",
    "insort_left",
    "insort_right",
}
_SHALLOW = {
    "dict",
    "list",
    "set",
    "OrderedDict",
    "defaultdict",
    "deque",
    "MutableDict",
    "MutableList",
    "copy",
}
_ITERATING = {"sorted", "reversed", "filter", "tuple", "iter", "frozenset", "islice", "list", "chain"}
# Functions that only look at what they get.


def builtin_call(call: Call) -> Attempt:
    frame, node, name = call.frame, call.node, call.name
    callee, args, kwargs = call.callee, call.args, call.kwargs
    if isinstance(callee, FunctionValue | ClassValue) or not (args or (name == "dict" and kwargs)):
        return NOT_TREATED
    match node.func:
        case ast.Attribute(value=ast.Name(id="dict" | "list" as kind)) if name in MUTATORS and args:
            if kind not in frame.now.env:  # dict.update(row.c, …)
                frame.change(args[0], node, f".{name}()", node.args[0])
                return True, None
    plain = isinstance(node.func, ast.Name) or isinstance(callee, External)
    if not plain:
        return NOT_TREATED
    first = args[0] if args else None
    if name == "deepcopy" or (name in ("loads", "loads_json") and isinstance(first, Fresh)):
        read = first.source if isinstance(first, Fresh) and first.text and name != "deepcopy" else first
        return True, _copy_of(frame, node, read, deep=True)
    if name == "dumps":
        written = frame.fresh_at(node, first, deep=True)
        written.text = True
        return True, written
    if name in _SHALLOW:
        if name == "defaultdict":
            first = args[1] if len(args) > 1 else None
        fresh = _copy_of(frame, node, first, deep=False)
        if isinstance(fresh, Fresh) and (kwargs or len(args) > 1) and name != "defaultdict":
            frame.now.differs.add(fresh)
        if isinstance(fresh, Fresh) and name == "dict":
            _take_pairs(frame, fresh)
            for key, value in kwargs.items():
                frame.now.put(fresh, "*" if key == "**" else key, value)
        return True, fresh
    if name in _ITERATING:
        chained = either(*args) if name == "chain" else first
        return True, _elements(frame, node, args[-1] if name == "filter" else chained, name)
    if name in ("next", "max", "min", "choice"):
        return True, either(evaluating.iterate(frame, first, node), *(args[1:] if name == "next" else []))
    if name == "enumerate":
        return True, _pairs(frame, node, None, evaluating.iterate(frame, first, node))
    if name == "zip":
        items = (evaluating.iterate(frame, arg, at) for arg, at in zip(args, node.args, strict=False))
        return True, _pairs(frame, node, *items)
    if name == "groupby":
        return True, _pairs(frame, node, None, frame.fresh_at(node, either(first), key="group"))
    if name in _FIRST_ARGUMENT_CHANGED:
        frame.change(first, node, f"{name}()", node.args[0])
        return True, evaluating.iterate(frame, first, node)
    if name == "aliased":
        return True, first
    return NOT_TREATED


def _take_pairs(frame: Frame, fresh: Fresh) -> None:
    """Let a dictionary made of pairs hold the second of each."""
    held = frame.now.contents.get(fresh, {}).get("*")
    values = [one.values[1] for one in each(held) if isinstance(one, Tup) and len(one.values) == 2]
    if values:
        frame.now.contents[fresh] = {"*": either(*values)}


def _pairs(frame: Frame, node: ast.AST, *values: Value) -> Fresh:
    fresh = frame.fresh_at(node)
    frame.now.differs.add(fresh)
    frame.now.put(fresh, "*", Tup(values))
    return fresh


def _copy_of(frame: Frame, node: ast.AST, value: Value, deep: bool) -> Value:
    if isinstance(value, Many):
        return value
    copied = [one for one in each(value) if isinstance(one, Obj | Part | Fresh | Inner)]
    rows = [one for one in copied if isinstance(one, Obj) and one.cls is not None]
    if rows:
        return frame.object_at(node)
    fresh = frame.fresh_at(node, either(*copied), deep)
    if not deep:
        for one in copied:
            if isinstance(one, Fresh):
                for key, held in frame.now.contents.get(one, {}).items():
                    frame.now.put(fresh, key, held)
    if differ_already(frame, copied):
        frame.now.differs.add(fresh)
    if not copied and value is not None:
        frame.now.differs.add(fresh)
    if not deep:
        frame.copied(fresh)
    return fresh


def _elements(frame: Frame, node: ast.AST, value: Value, name: str) -> Value:
    if isinstance(value, Many):
        return value
    if name == "reversed" or (name in ("sorted", "filter") and not frame.is_changed(value)):
        return selection(frame, node, value)
    return frame.fresh_at(node, value)


def selection(frame: Frame, node: ast.AST, value: Value) -> Fresh:
    """Return some elements of a container, or all in another order: whoever changes one means the container's own."""
    fresh = frame.fresh_at(node, key="selection")
    frame.now.put(fresh, "*", frame.element(value, "*", node))
    frame.now.differs.add(fresh)
    return fresh


def container_call(call: Call) -> Attempt:
    """Methods of dictionaries, lists and sets."""
    frame, node, name = call.frame, call.node, call.name
    callee, receiver, args = call.callee, call.receiver, call.args
    own = any(isinstance(one, FunctionValue | External) for one in each(callee))
    if own or not isinstance(node.func, ast.Attribute):
        return NOT_TREATED
    handled, found = False, []
    frame.doubting = any(isinstance(one, Part) for one in each(receiver))
    for one in frame.alternatives(receiver):
        if isinstance(one, Obj | Part | Fresh | Inner) and not _is_row(one):
            done, value = _container_method(frame, node, name, one, args)
            handled = handled or done
            found.append(value)
    frame.doubting = False
    return handled, either(*found)


def _is_store(frame: Frame, value: Value) -> bool:
    """Say whether a value is an object of unknown class, made elsewhere, that may give rows."""
    if not isinstance(value, Obj) or value.parameter is not None or value.foreign:
        return False
    return value.parent is None or value.attribute not in frame.project.json_attributes


def _is_row(value: Value) -> bool:
    return isinstance(value, Obj) and value.cls is not None


def _container_method(frame: Frame, node: ast.Call, name: str, one: Value, args: list[Value]) -> Attempt:
    assert isinstance(node.func, ast.Attribute)
    receiver = node.func.value
    key = evaluating.key_of(args[0]) if args else "*"
    if name == "get" and args and _is_store(frame, one):
        return True, either(frame.object_at(node, "got", again=True), *args[1:])
    if name == "get" and args:
        return True, either(frame.element(one, key, node), *args[1:])
    if name in ("items",) and not args:
        pairs = _pairs(frame, node, None, frame.element(one, "*", node))
        pairs.items_of = either(pairs.items_of, one)
        return True, pairs
    if name == "values" and not args:
        fresh = frame.fresh_at(node)
        frame.now.put(fresh, "*", frame.element(one, "*", node))
        if isinstance(one, Fresh) and one in frame.now.differs:
            frame.now.differs.add(fresh)
        return True, fresh
    if name == "keys" and not args:
        return True, frame.fresh_at(node)
    if name == "copy" and not args:
        return True, _copy_of(frame, node, one, deep=False)
    if name not in MUTATORS:
        return NOT_TREATED
    return True, _mutate(frame, node, name, one, args, key, receiver)


def _mutate(
    frame: Frame, node: ast.Call, name: str, one: Value, args: list[Value], key: str, receiver: ast.expr
) -> Value:
    if name == "setdefault":
        held = frame.element(one, key, node)
        if not isinstance(one, Fresh):
            # with None for a default it is asked in the manner of `get`, and what it leaves behind says nothing
            if not all(
                isinstance(default, ast.Constant) and default.value is None for default in node.args[1:]
            ):
                frame.change(one, node, ".setdefault()", receiver)
        else:
            frame.now.put(one, key, either(held, *args[1:]))
        return either(held, *args[1:])
    if name in ("pop", "popitem", "popleft"):
        held = frame.element(one, key, node)
        frame.change(one, node, f".{name}()", receiver)
        return either(held, *args[1:])
    if isinstance(one, Fresh):
        _fill(frame, node, name, one, args)
        if name in ("update", "append", "extend") and _only_shared(one, args):
            return None
        if name == "append" and args and takes_all(frame, one, receiver, args[0]):
            return None
    elif isinstance(one, Inner) and name in ("append", "add") and args:
        # groups[key].append(row)
        held = frame.fresh_at(node)
        frame.now.put(held, "*", args[0])
        frame.now.put(one.fresh, "*", held)
    frame.change(one, node, f".{name}()", receiver)
    return None


def _only_shared(fresh: Fresh, args: list[Value]) -> bool:
    """Say whether a list being built gets the very elements of a stored one, so that it may end up equal to it."""
    return (
        fresh.source is not None
        and bool(args)
        and all(isinstance(arg, Part) and arg.via is fresh for arg in args)
    )


def _fill(frame: Frame, node: ast.Call, name: str, fresh: Fresh, args: list[Value]) -> None:
    if name in ("append", "add", "appendleft") and args:
        frame.now.put(fresh, "*", args[0])
    elif name == "insert" and len(args) > 1:
        frame.now.put(fresh, "*", args[1])
    elif name in ("extend", "update") and args:
        frame.now.put(fresh, "*", frame.element(args[0], "*", node))
