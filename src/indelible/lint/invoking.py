"""Calls of the functions, methods and classes of the project, by their summaries."""

from __future__ import annotations

import ast

from indelible.lint.applying import apply, substitute
from indelible.lint.frame import Attempt, Call, Ending, Frame
from indelible.lint.generics import construct
from indelible.lint.naming import ClassRef
from indelible.lint.values import (
    ClassValue,
    Closure,
    Fresh,
    FunctionValue,
    Many,
    Obj,
    Part,
    Partial,
    Tup,
    Value,
    each,
    either,
    is_named_later,
)


def own_call(call: Call) -> Attempt:
    """Functions, methods and classes of the project."""
    frame, node, callee, args, kwargs = call.frame, call.node, call.callee, call.args, call.kwargs
    found: list[Value] = []
    handled = False
    for one in each(callee):
        if isinstance(one, FunctionValue):
            handled = True
            positional, rest = starred(node, args)
            found.append(call_function(frame, node, one, positional, kwargs, rest))
        elif isinstance(one, ClassValue):
            handled = True
            found.append(_construct(frame, node, one, args, kwargs))
    if not handled:
        methods = _namesakes(call)
        if len(methods) == 1:
            return True, call_function(frame, node, methods[0], args, kwargs)
        _mark_by(call, methods)
    return handled, either(*found)


def starred(node: ast.Call, args: list[Value]) -> tuple[list[Value], Value]:
    """Return the arguments of a call one by one, and what stands after a star and is not known one by one."""
    if len(args) != len(node.args) or not any(isinstance(arg, ast.Starred) for arg in node.args):
        return args, None
    found: list[Value] = []
    for value, arg in zip(args, node.args, strict=True):
        if not isinstance(arg, ast.Starred):
            found.append(value)
        elif isinstance(value, Tup):
            found.extend(value.values)
        else:
            return found, value
    return found, None


def known_name(name: str) -> str:
    """Return the name of an attribute, empty if only a caller can tell."""
    return "" if is_named_later(name) else name


_MOST_NAMESAKES = 4


def _namesakes(call: Call) -> list[FunctionValue]:
    """Return the methods that a call on an object of unknown class may mean, as far as the project knows."""
    receiver = call.receiver
    if not isinstance(receiver, Obj) or receiver.cls is not None or receiver.foreign:
        return []
    classes = call.frame.project.classes_with(call.name)
    return [FunctionValue(ref.path, f"{ref.name}.{call.name}", receiver) for ref in classes[:_MOST_NAMESAKES]]


def _mark_by(call: Call, methods: list[FunctionValue]) -> None:
    """Mark what one of some methods marks, where a changed row is among the arguments."""
    frame, passed = call.frame, [*call.args, *call.kwargs.values()]
    changed = {change.obj for change in frame.now.pending}
    if not any(isinstance(one, Obj) and one in changed for value in passed for one in each(value)):
        return
    for method in methods:
        summary = frame.summaries.of(method.path, method.name, True)
        if summary is not None and summary.flags:
            mapping = summary.bind([method.bound, *call.args], call.kwargs)
            for obj, name in summary.flags:
                frame.flag(
                    substitute(frame, summary, obj, mapping, call.node), known_name(name) or None, call.node
                )


def call_function(
    frame: Frame,
    node: ast.Call,
    function: FunctionValue,
    args: list[Value],
    kwargs: dict[str, Value],
    rest: Value = None,
) -> Value:
    """Call a function of the project; `rest` is what follows a star."""
    passed = (function.bound, *args, rest, *kwargs.values())
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
    values = summary.bind([*bound, *args], kwargs, rest)
    returned = apply(frame, summary, values, node, kwargs)
    if summary.surrounds:
        flags = [
            (substitute(frame, summary, obj, values, node), known_name(name)) for obj, name in summary.flags
        ]
        frame.contexts.setdefault(node, []).append(Ending(flags, summary.commits))
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
            case Closure() | Partial() | FunctionValue():
                return True  # it may be given one
            case Obj() if one in frame.constructed and any(
                frame.is_of_document(held)
                for inner in frame.constructed[one].values()
                for held in each(inner)
            ):
                return True
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
        if not isinstance(one, Obj | ClassValue):
            continue
        cls = one.ref if isinstance(one, ClassValue) else one.cls
        ref = one.argument or (_generic_argument(frame, cls) if cls is not None else None)
        if ref is not None:
            return Many((ref,), True) if kind == "many" else frame.object_at(node, "generic", ref, again=True)
    return None


def _construct(
    frame: Frame, node: ast.Call, made: ClassValue, args: list[Value], kwargs: dict[str, Value]
) -> Value:
    ref = made.ref
    obj = frame.instance(ref, node)
    obj.argument = made.argument
    if frame.project.is_model(ref):
        for name, value in kwargs.items():
            frame.now.attributes[obj, name] = value
            frame.give_to((obj, name), value)
        for value in args:  # its own __init__ keeps them somewhere
            frame.give_to((obj, ""), value)
        frame.now.written.setdefault(obj, node.lineno)
    else:
        construct(frame, obj, args, kwargs)
        for name, value in kwargs.items():
            if any(isinstance(one, Obj) and one.cls is not None for one in each(value)):
                frame.now.attributes[obj, name] = value
    return obj


def _generic_argument(frame: Frame, ref: ClassRef) -> ClassRef | None:
    """Return the one model that a class gives to a generic base: `class Scripts(Repository[Script])`."""
    found: set[ClassRef] = set()
    for cls in frame.project.mro(ref):
        facts = frame.project.facts(cls)
        for base in frame.project.names.class_facts(cls).bases:
            for part in base.parts[1:] if base.kind == "subscript" else ():
                model = frame.project.resolve_class(facts, part)
                if model is not None and frame.project.is_model(model):
                    found.add(model)
    return found.pop() if len(found) == 1 else None
