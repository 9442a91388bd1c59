"""Evaluates expressions to abstract values, noting what they change."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from indelible.lint import calling, closures, comprehending, containers, narrowing
from indelible.lint.changing import span_of
from indelible.lint.constants import named_by
from indelible.lint.frame import Frame
from indelible.lint.gathering import differ_already, is_made_of_parts, takes_all
from indelible.lint.generics import classes_named, construct
from indelible.lint.naming import ClassRef, Symbol
from indelible.lint.shaping import dotted
from indelible.lint.values import (
    ClassValue,
    Const,
    External,
    Fresh,
    FunctionValue,
    Inner,
    Many,
    ModuleValue,
    Obj,
    Part,
    Tup,
    Value,
    each,
    either,
)


def evaluate(frame: Frame, node: ast.expr | None) -> Value:
    """Return the abstract value of an expression."""
    if node is None or frame.state is None:
        return None
    known = _EVALUATORS.get(type(node))
    if known is not None:
        return known(frame, node)
    for name in node._fields:
        child = getattr(node, name, None)
        for inner in child if isinstance(child, list) else (child,):
            if isinstance(inner, ast.expr):
                evaluate(frame, inner)
    return None


def _constant(_: Frame, node: ast.Constant) -> Value:
    value = node.value
    if isinstance(value, str | int | float | bytes) or value is None:
        return Const(value)
    return None


def _name(frame: Frame, node: ast.Name) -> Value:
    state = frame.now
    if node.id in state.env:
        value = state.env[node.id]
        for one in each(value):
            if isinstance(one, Obj):
                one.names.add(node.id)
        return value
    if node.id in frame.globals:
        return frame.globals[node.id]
    value = frame.globals[node.id] = of_symbol(
        frame, frame.project.names.resolve(frame.facts, node.id), node.id
    )
    return value


def of_symbol(frame: Frame, symbol: Symbol, name: str) -> Value:
    """Return the value of something found by name in a module."""
    match symbol.kind:
        case "class":
            return ClassValue(ClassRef(symbol.path, symbol.name))
        case "function":
            return FunctionValue(symbol.path, symbol.name)
        case "module":
            return ModuleValue(symbol.path)
        case "external":
            return Obj(names=[name]) if _stands_for_a_row(symbol) else External(symbol.name)
        case "alias":
            return _of_alias(frame, symbol, name)
    return Obj(names=[name]) if symbol.kind == "unknown" and name not in _BUILTIN_NAMES else None


def _stands_for_a_row(symbol: Symbol) -> bool:
    """Say whether something imported is an object of the project in disguise: `current_user`, or Flask's `g`."""
    outside, _, last = symbol.name.rpartition(".")
    of_flask = symbol.kind == "external" and outside.startswith("flask")
    return of_flask and (last == "current_user" or (outside, last) == ("flask", "g"))


_BUILTIN_NAMES = set(dir(__builtins__)) if not isinstance(__builtins__, dict) else set(__builtins__)


def _of_alias(frame: Frame, symbol: Symbol, name: str) -> Value:
    facts = frame.project.names.files[symbol.path]
    shape = facts.aliases[symbol.name]
    if shape.kind == "call":
        if shape.last_name == "aliased" and len(shape.parts) > 1:
            ref = frame.project.resolve_class(facts, shape.parts[1])
            return ClassValue(ref) if ref else None
        ref = frame.project.resolve_class(facts, shape.parts[0])
        obj = Obj(ref, names=[name])
        if ref is not None:
            keywords = dict(shape.keywords)
            given = classes_named(frame.project, facts, (*shape.parts[1:], *keywords.values()))
            positional = len(shape.parts) - 1
            construct(frame, obj, given[:positional], dict(zip(keywords, given[positional:], strict=True)))
        return obj
    return named_by(shape) or Obj(names=[name])


_NOT_LOCAL = Obj()


def by_name(frame: Frame, node: ast.Attribute) -> tuple[bool, Value]:
    """Return whether a dotted name means something outside functions, and what."""
    name = dotted(node)
    head, _, rest = name.partition(".")
    names = frame.project.names
    if name:
        match frame.now.env.get(head) if head in frame.now.env else _NOT_LOCAL:
            case ModuleValue(path):
                symbol = names.below(Symbol("module", path), rest)
            case External(outside):
                symbol = names.below(Symbol("external", "", outside), rest)
            case found if found is _NOT_LOCAL:
                if _stands_for_a_row(names.resolve(frame.facts, head)):
                    return False, None
                symbol = names.resolve(frame.facts, name)
            case _:
                return False, None
        if symbol.kind in ("class", "function", "module", "external", "alias"):
            return True, of_symbol(frame, symbol, node.attr)
    return False, None


def _attribute(frame: Frame, node: ast.Attribute) -> Value:
    known, value = by_name(frame, node)
    return value if known else frame.attribute(evaluate(frame, node.value), node.attr, node)


def _subscript(frame: Frame, node: ast.Subscript) -> Value:
    base = evaluate(frame, node.value)
    if isinstance(node.slice, ast.Slice):
        for bound in (node.slice.lower, node.slice.upper, node.slice.step):
            evaluate(frame, bound)
        if isinstance(base, Many):
            return base
        whole = node.slice.lower is None and node.slice.upper is None
        if whole or (_may_be_whole(node.slice) and frame.is_changed(base)):
            return frame.fresh_at(node, base)
        return containers.selection(frame, node, base)
    key = evaluate(frame, node.slice)
    if isinstance(base, ClassValue):
        return base._replace(argument=key.ref if isinstance(key, ClassValue) else None)
    return frame.element(base, key_of(key), node)


def _may_be_whole(part: ast.Slice) -> bool:
    """Say whether a slice gives all of a list that is short enough: `[-50:]`, `[:50]`."""
    match part:
        case ast.Slice(lower=ast.UnaryOp(op=ast.USub()), upper=None, step=None):
            return True
        case ast.Slice(lower=None, upper=ast.Constant() | ast.Name() | ast.Attribute(), step=None):
            return True
    return False


def key_of(value: Value) -> str:
    """Return a known key or position as a string, else `*`."""
    return str(value.value) if isinstance(value, Const) and isinstance(value.value, str | int) else "*"


def _bool(frame: Frame, node: ast.BoolOp) -> Value:
    return either(*(evaluate(frame, value) for value in node.values))


def _conditional(frame: Frame, node: ast.IfExp) -> Value:
    return narrowing.conditional(frame, node)


def _walrus(frame: Frame, node: ast.NamedExpr) -> Value:
    value = evaluate(frame, node.value)
    frame.now.env[node.target.id] = value
    return value


def _await(frame: Frame, node: ast.Await) -> Value:
    awaited = node.value
    if (
        isinstance(awaited, ast.Call)
        and isinstance(awaited.func, ast.Attribute)
        and awaited.func.attr == "commit"
    ):
        frame.pending_awaits()
    value = evaluate(frame, awaited)
    frame.pending_awaits()
    return value


def _dict(frame: Frame, node: ast.Dict) -> Value:
    fresh = frame.fresh_at(node)
    state = frame.now
    for key, item in zip(node.keys, node.values, strict=True):
        value = evaluate(frame, item)
        if key is None:
            spread(frame, fresh, value)
        else:
            name = key_of(evaluate(frame, key))
            put_item(frame, fresh, name, value)
    fresh.stand_in = not node.keys
    if fresh.source is None and node.keys:
        state.differs.add(fresh)
    state.contents.setdefault(fresh, {})
    return fresh


def spread(frame: Frame, fresh: Fresh, value: Value) -> None:
    """Let a fresh container take over the elements of another value: `{**value}`, `[*value]`."""
    copied = [one for one in each(value) if isinstance(one, Obj | Part | Fresh)]
    if not copied:
        if not all(isinstance(one, Const) for one in each(value)):
            frame.now.differs.add(fresh)
        return
    fresh.source = either(fresh.source, *copied)
    for one in copied:
        if isinstance(one, Fresh):
            for key, held in frame.now.contents.get(one, {}).items():
                frame.now.put(fresh, key, held)
    if differ_already(frame, copied):
        frame.now.differs.add(fresh)


def put_item(frame: Frame, fresh: Fresh, key: str, value: Value) -> None:
    """Put a value into a fresh container; the container differs from its source, unless it gets the same thing back."""
    state = frame.now
    if fresh.source is not None or key != "*":
        shared = [one for one in each(value) if isinstance(one, Part)]
        again = fresh.source is not None and is_made_of_parts(frame, value)
        if not any(one.via is fresh or one.via is None for one in shared) and not again:
            state.differs.add(fresh)
    state.put(fresh, key, value)


def _list(frame: Frame, node: ast.List | ast.Set) -> Value:
    fresh = frame.fresh_at(node)
    plain = False
    for item in node.elts:
        if isinstance(item, ast.Starred):
            spread(frame, fresh, evaluate(frame, item.value))
        else:
            plain = True
            frame.now.put(fresh, "*", evaluate(frame, item))
    fresh.stand_in = not node.elts
    if plain:
        frame.now.differs.add(fresh)
    frame.now.contents.setdefault(fresh, {})
    return fresh


def _tuple(frame: Frame, node: ast.Tuple) -> Value:
    return Tup(tuple(evaluate(frame, item) for item in node.elts))


def _binary(frame: Frame, node: ast.BinOp) -> Value:
    left, right = evaluate(frame, node.left), evaluate(frame, node.right)
    containers = any(isinstance(one, Obj | Part | Fresh | Inner) for one in (*each(left), *each(right)))
    if not containers or not isinstance(node.op, ast.Add | ast.BitOr):
        return None
    fresh = frame.fresh_at(node, either(left, right))
    frame.now.differs.add(fresh)
    return fresh


def iterate(frame: Frame, value: Value, node: ast.AST) -> Value:
    """Return what iterating over a value gives."""
    found: list[Value] = []
    for one in each(value):
        if isinstance(one, Many) and one.keyed:
            continue
        item = frame.element(one, "*", node)
        if isinstance(node, ast.Call):
            # `for item in list(row.items)`: the copy has no name, its elements are the row's
            item = either(
                *(v._replace(via=None) if isinstance(v, Part) and v.via is one else v for v in each(item))
            )
        found.append(item)
    return either(*found)


def bind(frame: Frame, target: ast.expr, value: Value, node: ast.AST) -> None:
    """Assign a value to a target of any form."""
    match target:
        case ast.Name(id=name):
            frame.rebind_session(name)
            frame.now.env[name] = value
            frame.now.ruled_out.pop(name, None)
            for one in each(value):
                if isinstance(one, Obj):
                    one.names.add(name)
        case ast.Attribute(value=base, attr=name):
            frame.assign(evaluate(frame, base), name, value, node)
        case ast.Subscript():
            _bind_item(frame, target, value, node)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            _unpack(frame, items, value, node)


_REVEALING = re.compile(r"decrypt|decipher|unseal")


def _is_revealed(node: ast.AST) -> bool:
    """Say whether a statement assigns a secret in the clear, which is to be used and not to be stored."""
    if not isinstance(node, ast.Assign):
        return False
    named = [part for part in ast.walk(node.value) if isinstance(part, ast.Name | ast.Attribute)]
    return any(_REVEALING.search(part.attr if isinstance(part, ast.Attribute) else part.id) for part in named)


def _bind_item(frame: Frame, target: ast.Subscript, value: Value, node: ast.AST) -> None:
    base = evaluate(frame, target.value)
    if isinstance(target.slice, ast.Slice):
        frame.change(base, target, "slice", target.value)
        return
    key = key_of(evaluate(frame, target.slice))
    if key.startswith("_"):
        frame.private.add(span_of(target))
    frame.doubting = any(isinstance(one, Part) for one in each(base))
    for one in frame.alternatives(base):
        if isinstance(one, Fresh):
            same = any(isinstance(v, Part) and (v.via is one or v.via is None) for v in each(value))
            same = (same or is_made_of_parts(frame, value, one)) and one.source is not None
            if not same and not takes_all(frame, one, target.value, value):
                frame.change(one, target, "subscript", target.value)
            frame.now.put(one, key, value)
        elif not _is_revealed(node):
            frame.change(one, target, "subscript", target.value)
            if isinstance(one, Obj) and not any(
                part.obj is one for part in each(value) if isinstance(part, Part)
            ):
                frame.hand_on_part(value)
    frame.doubting = False


def _unpack(frame: Frame, items: list[ast.expr], value: Value, node: ast.AST) -> None:
    for number, item in enumerate(items):
        if isinstance(item, ast.Starred):
            rest = [one for one in each(value) if isinstance(one, Many)]
            bind(frame, item.value, either(*rest) or containers.selection(frame, item, value), node)
            continue
        held: list[Value] = []
        for one in each(value):
            if isinstance(one, Tup):
                held.append(one.values[number] if number < len(one.values) else None)
            elif isinstance(one, Obj | Part | Fresh | Many):
                held.append(frame.element(one, "*", item))
        bind(frame, item, either(*held), node)


def _lambda(frame: Frame, node: ast.Lambda) -> Value:
    return closures.made(frame, node)


def _yield(frame: Frame, node: ast.Yield) -> Value:
    value = evaluate(frame, node.value)
    frame.returned = either(frame.returned, value)
    frame.yields = True
    return None


def _yield_from(frame: Frame, node: ast.YieldFrom) -> Value:
    value = iterate(frame, evaluate(frame, node.value), node)
    frame.returned = either(frame.returned, value)
    frame.yields = True
    return None


def _comprehend(frame: Frame, node: comprehending.Comprehension) -> Value:
    return comprehending.comprehension(frame, node)


def _call(frame: Frame, node: ast.Call) -> Value:
    return calling.call(frame, node)


_EVALUATORS: dict[type[ast.AST], Callable[[Frame, Any], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.BoolOp: _bool,
    ast.IfExp: _conditional,
    ast.NamedExpr: _walrus,
    ast.Await: _await,
    ast.Dict: _dict,
    ast.List: _list,
    ast.Set: _list,
    ast.Tuple: _tuple,
    ast.BinOp: _binary,
    ast.ListComp: _comprehend,
    ast.SetComp: _comprehend,
    ast.GeneratorExp: _comprehend,
    ast.DictComp: _comprehend,
    ast.Starred: lambda frame, node: evaluate(frame, node.value),
    ast.Lambda: _lambda,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.Call: _call,
}
