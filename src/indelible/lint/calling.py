"""Calls: whoever knows what a call does treats it; of other functions little is assumed."""

from __future__ import annotations

import ast
import re

from indelible.lint import closures, containers, evaluating, invoking, sessions
from indelible.lint.applying import given_by_name
from indelible.lint.frame import NOT_TREATED, Attempt, Call, Frame, constant
from indelible.lint.generics import method_above
from indelible.lint.values import (
    ClassValue,
    External,
    Fresh,
    FunctionValue,
    Obj,
    Part,
    Tup,
    Value,
    each,
    either,
    named_later,
)

_KEEPING = {
    "len", "isinstance", "str", "repr", "dumps", "sorted", "list", "dict", "set", "tuple", "any", "all", "sum", "min",
    "max", "enumerate", "zip", "flag_modified", "setattr", "getattr", "deepcopy", "copy", "bool", "type", "id", "hash",
    "next", "iter", "range", "filter", "map", "append", "extend", "update", "get", "add", "commit", "refresh", "flush",
    "heappush", "heappop", "insort", "shuffle", "int", "float", "hasattr", "format", "join", "reversed", "insert",
    "validate", "is_valid", "iter_errors", "check", "verify",
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
    if not isinstance(made.receiver, Fresh | Part) and not _keeps(made) and not _logs(node):
        followed = any(isinstance(one, FunctionValue) for one in each(made.callee))
        for value in (*made.args, *made.kwargs.values()):
            frame.hand_on(value)
            if not followed:
                frame.hand_on_given(value)
    if frame.now.pending:
        _mark_named(made)
        _save_created(made)
    for attempt in (
        _special,
        closures.called_value,
        sessions.session_call,
        containers.builtin_call,
        containers.container_call,
        invoking.own_call,
    ):
        handled, value = attempt(made)
        if handled:
            return value
    return _unknown(made)


def _keeps(call: Call) -> bool:
    """Say whether a call takes what it is given no further: by its name, unless it is a method of something else."""
    if call.name not in _KEEPING:
        return False
    function = call.callee
    if not isinstance(function, FunctionValue) or not isinstance(function.bound, Obj):
        return True
    cls = function.bound.cls
    return cls is None or call.frame.project.is_model(cls)


def _logs(node: ast.Call) -> bool:
    below: ast.expr | None = node.func
    while below is not None:
        name = ""
        match below:
            case ast.Attribute(value=below, attr=name):
                pass
            case ast.Name(id=name):
                below = None
            case ast.Call(func=below) | ast.Subscript(value=below):
                pass
            case _:
                return False
        if "log" in name.lower() or "print" in name:
            return True
    return False


def _evaluated(frame: Frame, node: ast.Call) -> Call:
    receiver: Value = None
    if isinstance(node.func, ast.Attribute):
        name = node.func.attr
        known, callee = evaluating.by_name(frame, node.func)
        above = method_above(frame, node.func)
        if above is not None:
            receiver, callee = frame.own, above
        elif not known:
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


def _show(frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> None:
    for value in (*arguments, *keywords.values()):
        note_shown(frame, value)


def note_shown(frame: Frame, value: Value, steps: int = 6) -> None:
    """Remember that a container, not a row, was handed out."""
    for one in each(value):
        if isinstance(one, Part):
            frame.shown.add(id(one.obj))
        elif isinstance(one, Obj) and one.parent is not None:
            frame.shown.add(id(one))
        elif isinstance(one, Fresh) and steps:
            if not one.deep:
                note_shown(frame, one.source, steps - 1)
            for held in frame.now.contents.get(one, {}).values():
                note_shown(frame, held, steps - 1)
        elif isinstance(one, Tup) and steps:
            for held in one.values:
                note_shown(frame, held, steps - 1)


def _special(call: Call) -> Attempt:
    frame, node, name = call.frame, call.node, call.name
    receiver, args, kwargs = call.receiver, call.args, call.kwargs
    if name == "flag_modified":
        target = args[0] if args else kwargs.get("instance")
        key = args[1] if len(args) > 1 else kwargs.get("key")
        for one in each(key):
            name_known = constant(one) or _column_key(node)
            frame.flag(target, name_known, node, "" if name_known else _told_by(one))
        return True, None
    if name in ("setattr", "set_attribute") and len(args) >= 3:
        if names := frame.attribute_names(args[1]):
            for key_name in names:
                frame.assign(args[0], key_name, args[2], node)
        elif isinstance(args[1], Obj | Part) or args[1] is None:
            as_given = not any(isinstance(one, Fresh) for one in each(args[2]))
            for one in each(args[0]):
                if isinstance(one, Obj):
                    frame.now.written.setdefault(one, node.lineno)
                    if as_given:
                        frame.sets_any.add(one)
        return True, None
    if name == "sqlmodel_update" and args:
        for attribute, value in given_by_name(frame, args):
            frame.assign(receiver, attribute, value, node)
        return True, receiver
    if name == "update" and isinstance(receiver, Obj) and receiver.cls is None:
        # a method of a row of unknown class that sets what it is told by keyword
        changed = {change.attribute for change in frame.now.pending if change.obj is receiver}
        for key_name in sorted(changed & kwargs.keys()):
            frame.assign(receiver, key_name, kwargs[key_name], node)
        return NOT_TREATED
    if name == "getattr" and len(args) >= 2:
        if names := frame.attribute_names(args[1]):
            held = [frame.attribute(args[0], key_name, node) for key_name in names]
            return True, either(*held, *args[2:])
        return True, frame.object_at(node)
    if name == "setdefault" and len(args) == 2 and isinstance(call.callee, External):
        made = [one for one in each(args[1]) if isinstance(one, Obj) and one.cls is not None]
        return (True, either(*made)) if made else NOT_TREATED
    if name == "cast" and len(args) == 2 and not isinstance(receiver, Obj):
        return True, args[1]
    if name in ("changed", "mark_changed") and isinstance(receiver, Obj) and receiver.parent is not None:
        frame.mark(receiver.parent, receiver.attribute)
        return True, None
    return NOT_TREATED


def _told_by(key: Value) -> str:
    """Return what stands for a name that a parameter tells, by itself or among others."""
    obj = key.obj if isinstance(key, Part) else key
    if isinstance(obj, Obj) and obj.root.parameter is not None and obj.root.cls is None:
        return named_later(obj.root.parameter)
    return ""


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
    if name in _WATCHING and args:
        return args[0]
    result = closures.run_arguments(call)
    if name == "map" and result is not None:
        results = frame.fresh_at(node)
        frame.now.put(results, "*", result)
        return results
    obj = frame.object_at(node, again=True)
    obj.names.add(name)
    obj.foreign = isinstance(callee, External) and not callee.name.startswith(
        ("sqlalchemy", "sqlmodel", "flask_sqlalchemy")
    )
    if isinstance(receiver, Obj) and receiver.foreign:
        obj.foreign = True
    return obj


_READING = re.compile(
    r"^_*(get|has|is|read|fetch|load|find|refresh|expire|history|inspect|select|count|print)(_|$)"
)


_BY_NAME = {"setattr", "getattr", "hasattr", "delattr"}


def _mark_named(call: Call) -> None:
    """Mark a row's attribute that a call is told by name beside the row: `store.update(row, changed=["data"])`."""
    frame, callee = call.frame, call.callee
    known = any(isinstance(one, FunctionValue | ClassValue | External) for one in each(callee))
    if known or call.name in _BY_NAME or _READING.match(call.name) or _logs(call.node):
        return
    passed = [*call.args, *call.kwargs.values()]
    rows = [one for value in (call.receiver, *passed) for one in each(value) if isinstance(one, Obj)]
    pending = {(change.obj, change.attribute) for change in frame.now.pending}
    named = {place for place in pending if place[0] in rows}
    if named:
        texts = {text for value in passed for text in frame.texts(value)}
        for row, attribute in sorted(named, key=lambda place: place[1]):
            if attribute in texts:
                frame.flag(row, attribute, call.node)


def _save_created(call: Call) -> None:
    """Take what is changed in a new row as saved by what makes the row of it: `Worker.create(session, worker)`."""
    if call.name in ("create", "insert"):
        classes = {one.ref for one in each(call.receiver) if isinstance(one, ClassValue)}
        passed = {one for value in (*call.args, *call.kwargs.values()) for one in each(value)}
        rows = {one for one in passed if isinstance(one, Obj) and one.cls in classes}
        call.frame.save({change for change in call.frame.now.pending if change.obj in rows})


_WATCHING = {"tqdm", "track", "progressbar", "alive_it"}
"""Functions that show how far a loop has come."""


def _marks(name: str) -> bool:
    return any(
        word in name
        for word in ("flag_modified", "mark_modified", "mark_dirty", "mark_changed", "set_modified")
    )
