"""Calls: of SQLAlchemy, of containers, of built-ins, of the project's own functions."""

from __future__ import annotations

import ast

from indelible.lint import evaluating, sessions
from indelible.lint.frame import Call, Frame, constant
from indelible.lint.naming import ClassRef
from indelible.lint.summaries import apply, generic_argument
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
_KEEPING = {
    "len", "isinstance", "str", "repr", "dumps", "sorted", "list", "dict", "set", "tuple", "any", "all", "sum", "min",
    "max", "enumerate", "zip", "flag_modified", "setattr", "getattr", "deepcopy", "copy", "bool", "type", "id", "hash",
    "next", "iter", "range", "filter", "map", "append", "extend", "update", "get", "add", "commit", "refresh", "flush",
    "heappush", "heappop", "insort", "shuffle", "int", "float", "hasattr", "format", "join", "reversed", "insert",
}  # fmt: skip
_SHOWING = {
    "jsonify", "dumps", "render_template", "TemplateResponse", "JSONResponse", "model_validate", "from_orm", "dump",
    "Response", "json_response", "jsonable_encoder", "parse_obj", "render", "success", "ok", "make_response",
}  # fmt: skip


def call(frame: Frame, node: ast.Call) -> Value:
    """Evaluate a call."""
    made = _evaluated(frame, node)
    if made.name in _SHOWING:
        _show(frame, made.args, made.kwargs)
    if not isinstance(made.receiver, Fresh | Part) and made.name not in _KEEPING and not _logs(node):
        for value in (*made.args, *made.kwargs.values()):
            frame.hand_on(value)
    for attempt in (_special, sessions.session_call, _builtin, _container, _own):
        handled, value = attempt(made)
        if handled:
            return value
    return _unknown(made)


def _logs(node: ast.Call) -> bool:
    text = ast.unparse(node.func).lower()
    return "log" in text or "print" in text


def _evaluated(frame: Frame, node: ast.Call) -> Call:
    receiver: Value = None
    if isinstance(node.func, ast.Attribute):
        name = node.func.attr
        known, callee = evaluating.by_name(frame, node.func)
        if not known:
            # once only: a chain of calls would be evaluated twice at each link
            receiver = evaluating.evaluate(frame, node.func.value)
            callee = frame.attribute(receiver, name, node.func)
        elif not isinstance(callee, External):
            receiver = evaluating.evaluate(frame, node.func.value)
    else:
        callee = evaluating.evaluate(frame, node.func)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
    if isinstance(callee, External):
        name = callee.name.rpartition(".")[2]
    args = [evaluating.evaluate(frame, arg) for arg in node.args]
    kwargs = {kw.arg or "**": evaluating.evaluate(frame, kw.value) for kw in node.keywords}
    return Call(frame, node, name, callee, receiver, args, kwargs)


Attempt = tuple[bool, Value]
_NO: Attempt = (False, None)


def _show(frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> None:
    for value in (*arguments, *keywords.values()):
        note_shown(frame, value)


def note_shown(frame: Frame, value: Value) -> None:
    """Remember that a container, not a row, was handed out."""
    for one in each(value):
        if isinstance(one, Part):
            frame.shown.add(id(one.obj))
        elif isinstance(one, Obj) and one.parent is not None:
            frame.shown.add(id(one))
        elif isinstance(one, Fresh):
            for held in frame.now.contents.get(one, {}).values():
                note_shown(frame, held)


def _special(call: Call) -> Attempt:
    frame, node, name = call.frame, call.node, call.name
    receiver, args, kwargs = call.receiver, call.args, call.kwargs
    if name == "flag_modified":
        target = args[0] if args else kwargs.get("instance")
        key = args[1] if len(args) > 1 else kwargs.get("key")
        for one in each(key):
            frame.flag(target, constant(one) or _column_key(node), node)
        return True, None
    if name in ("setattr", "set_attribute") and len(args) >= 3:
        if key_name := constant(args[1]):
            frame.assign(args[0], key_name, args[2], node)
        elif isinstance(args[1], Obj | Part) or args[1] is None:
            for one in each(args[0]):
                if isinstance(one, Obj):
                    frame.now.written.setdefault(one, node.lineno)
        return True, None
    if name == "getattr" and len(args) >= 2:
        if key_name := constant(args[1]):
            return True, either(frame.attribute(args[0], key_name, node), *args[2:])
        return True, frame.object_at(node)
    if name == "cast" and len(args) == 2 and not isinstance(receiver, Obj):
        return True, args[1]
    if name in ("changed", "mark_changed") and isinstance(receiver, Obj) and receiver.parent is not None:
        frame.mark(receiver.parent, receiver.attribute)
        return True, None
    return _NO


def _column_key(node: ast.Call) -> str | None:
    """Return the name in `flag_modified(row, Model.data.key)`."""
    if (
        len(node.args) > 1
        and isinstance(node.args[1], ast.Attribute)
        and node.args[1].attr in ("key", "name")
    ):
        inner = node.args[1].value
        return inner.attr if isinstance(inner, ast.Attribute) else None
    return None


def _builtin(call: Call) -> Attempt:
    frame, node, name = call.frame, call.node, call.name
    callee, args, kwargs = call.callee, call.args, call.kwargs
    if isinstance(callee, FunctionValue | ClassValue) or not args:
        return _NO
    plain = isinstance(node.func, ast.Name) or isinstance(callee, External)
    if not plain:
        return _NO
    first = args[0]
    if name == "deepcopy" or (name in ("loads", "loads_json") and isinstance(first, Fresh)):
        return True, _copy_of(frame, node, first, deep=True)
    if name == "dumps":
        return True, frame.fresh_at(node, first, deep=True)
    if name in _SHALLOW:
        if name == "defaultdict":
            first = args[1] if len(args) > 1 else None
        fresh = _copy_of(frame, node, first, deep=False)
        if isinstance(fresh, Fresh) and (kwargs or len(args) > 1) and name != "defaultdict":
            frame.now.differs.add(fresh)
        return True, fresh
    if name in _ITERATING:
        return True, _elements(frame, node, args[-1] if name == "filter" else first, name)
    if name in ("next", "max", "min", "choice"):
        return True, either(evaluating.iterate(frame, first, node), *(args[1:] if name == "next" else []))
    if name == "enumerate":
        return True, _pairs(frame, node, None, evaluating.iterate(frame, first, node))
    if name == "zip":
        items = (evaluating.iterate(frame, arg, at) for arg, at in zip(args, node.args, strict=False))
        return True, _pairs(frame, node, *items)
    if name in _FIRST_ARGUMENT_CHANGED:
        frame.change(first, node, f"{name}()", node.args[0])
        return True, evaluating.iterate(frame, first, node)
    if name == "aliased":
        return True, first
    return _NO


def _pairs(frame: Frame, node: ast.AST, *values: Value) -> Value:
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
    if any(isinstance(one, Fresh) and one in frame.now.differs for one in copied):
        frame.now.differs.add(fresh)
    if not copied and value is not None:
        frame.now.differs.add(fresh)
    return fresh


def _elements(frame: Frame, node: ast.AST, value: Value, name: str) -> Value:
    if isinstance(value, Many):
        return value
    fresh = frame.fresh_at(node, value)
    if name in ("sorted", "filter", "reversed"):
        frame.now.differs.add(fresh)
    return fresh


def _container(call: Call) -> Attempt:
    """Methods of dictionaries, lists and sets."""
    frame, node, name = call.frame, call.node, call.name
    callee, receiver, args = call.callee, call.receiver, call.args
    if not isinstance(node.func, ast.Attribute) or isinstance(callee, FunctionValue | External):
        return _NO
    handled, found = False, []
    for one in each(receiver):
        if isinstance(one, Obj | Part | Fresh | Inner) and not _is_row(one):
            done, value = _container_method(frame, node, name, one, args)
            handled = handled or done
            found.append(value)
    return handled, either(*found)


def _is_row(value: Value) -> bool:
    return isinstance(value, Obj) and value.cls is not None


def _container_method(frame: Frame, node: ast.Call, name: str, one: Value, args: list[Value]) -> Attempt:
    assert isinstance(node.func, ast.Attribute)
    receiver = node.func.value
    key = evaluating.key_of(args[0]) if args else "*"
    if name == "get" and args:
        return True, either(frame.element(one, key, node), *args[1:])
    if name in ("items",) and not args:
        return True, _pairs(frame, node, None, frame.element(one, "*", node))
    if name == "values" and not args:
        fresh = frame.fresh_at(node)
        frame.now.put(fresh, "*", frame.element(one, "*", node))
        return True, fresh
    if name == "keys" and not args:
        return True, frame.fresh_at(node)
    if name == "copy" and not args:
        return True, _copy_of(frame, node, one, deep=False)
    if name not in MUTATORS:
        return _NO
    return True, _mutate(frame, node, name, one, args, key, receiver)


def _mutate(
    frame: Frame, node: ast.Call, name: str, one: Value, args: list[Value], key: str, receiver: ast.expr
) -> Value:
    if name == "setdefault":
        held = frame.element(one, key, node)
        if not isinstance(one, Fresh):
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


def _own(call: Call) -> Attempt:
    """Functions, methods and classes of the project."""
    frame, node, callee, args, kwargs = call.frame, call.node, call.callee, call.args, call.kwargs
    found: list[Value] = []
    handled = False
    for one in each(callee):
        if isinstance(one, FunctionValue):
            handled = True
            found.append(_call_function(frame, node, one, args, kwargs))
        elif isinstance(one, ClassValue):
            handled = True
            found.append(_construct(frame, node, one.ref, kwargs))
    return handled, either(*found)


def _call_function(
    frame: Frame, node: ast.Call, function: FunctionValue, args: list[Value], kwargs: dict[str, Value]
) -> Value:
    passed = (function.bound, *args, *kwargs.values())
    parameters = any(_is_of_parameter(value) for value in passed)
    document = (parameters and frame.with_document) or any(_is_document(frame, value) for value in passed)
    summary = frame.summaries.of(function.path, function.name, document)
    if summary is not None and summary.skipped and parameters:
        frame.unfollowed = True
    if summary is None:
        obj = frame.object_at(node, again=True)
        obj.names.add(function.name.rpartition(".")[2])
        return obj
    bound: list[Value] = [function.bound] if function.bound is not None and not summary.is_static else []
    if function.bound is None and summary.is_method and not summary.is_static and not args:
        bound = [None]
    values = summary.bind([*bound, *args], kwargs)
    returned = apply(frame, summary, values, node)
    if summary.generic and not _typed(returned):
        returned = _of_generic(frame, function.bound, summary.generic, node) or returned
    if returned is None:
        obj = frame.object_at(node, again=True)
        obj.names.add(function.name.rpartition(".")[2])
        return obj
    return returned


def _is_document(frame: Frame, value: Value, steps: int = 3) -> bool:
    """Say whether a value is what a JSON column holds, or holds or shares a part of it."""
    for one in each(value):
        match one:
            case Obj() if one.parent is not None and one.attribute in frame.project.json_attributes:
                return True
            case Part(obj) if obj.parent is not None and obj.attribute in frame.project.json_attributes:
                return True
            case Fresh() if steps:
                held = frame.now.contents.get(one, {}).values()
                if _is_document(frame, one.source, steps - 1):
                    return True
                if any(_is_document(frame, inner, steps - 1) for inner in held):
                    return True
    return False


def _is_of_parameter(value: Value) -> bool:
    """Say whether a value is a parameter that may be a document, or a part of one."""
    for one in each(value):
        obj = one.obj if isinstance(one, Part) else one
        if isinstance(obj, Obj) and obj.parameter is not None and obj.cls is None and not obj.foreign:
            return True
    return False


def _typed(value: Value) -> bool:
    return any(isinstance(one, Many) or (isinstance(one, Obj) and one.cls is not None) for one in each(value))


def _of_generic(frame: Frame, bound: Value, kind: str, node: ast.Call) -> Value:
    """Return what a method of a generic base returns: a row of the model that the class was made for."""
    for one in each(bound):
        ref = generic_argument(frame, one.cls) if isinstance(one, Obj) and one.cls is not None else None
        if ref is not None:
            return Many((ref,), True) if kind == "many" else frame.object_at(node, "generic", ref, again=True)
    return None


def _construct(frame: Frame, node: ast.Call, ref: ClassRef, kwargs: dict[str, Value]) -> Value:
    obj = frame.instance(ref, node)
    if frame.project.is_model(ref):
        for name, value in kwargs.items():
            frame.now.attributes[obj, name] = value
        frame.now.written.setdefault(obj, node.lineno)
    else:
        for name, value in kwargs.items():
            if any(isinstance(one, Obj) and one.cls is not None for one in each(value)):
                frame.now.attributes[obj, name] = value
    return obj


def _unknown(call: Call) -> Value:
    frame, node, name = call.frame, call.node, call.name
    callee, receiver, args, kwargs = call.callee, call.receiver, call.args, call.kwargs
    for value in (*args, *kwargs.values()):
        for one in each(value):
            if isinstance(one, Fresh):
                frame.now.differs.add(one)  # may be changed by what we cannot see
    if _marks(name):
        targets = [
            one for one in (*each(receiver), *(v for a in args for v in each(a))) if isinstance(one, Obj)
        ]
        names = [text for text in map(constant, args) if text]
        for target in targets:
            frame.flag(target, names[0] if names else None, node)
    obj = frame.object_at(node, again=True)
    obj.names.add(name)
    obj.foreign = isinstance(callee, External) and not callee.name.startswith(
        ("sqlalchemy", "sqlmodel", "flask_sqlalchemy")
    )
    if isinstance(receiver, Obj) and receiver.foreign:
        obj.foreign = True
    return obj


def _marks(name: str) -> bool:
    return any(
        word in name
        for word in ("flag_modified", "mark_modified", "mark_dirty", "mark_changed", "set_modified")
    )
