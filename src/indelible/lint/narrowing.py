"""What a test says of a variable where it holds, and where it does not."""

from __future__ import annotations

import ast

from indelible.lint import evaluating
from indelible.lint.frame import Frame
from indelible.lint.values import ClassValue, Const, Fresh, Obj, Part, Value, each, either


def narrow(frame: Frame, test: ast.expr, truth: bool) -> None:
    """Drop what a test rules out, now that it is known to hold or not: `if isinstance(x, Model)`."""
    match test:
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), kind]) if truth:
            cls = evaluating.evaluate(frame, kind)
            for one in each(frame.now.env.get(name)):
                if isinstance(one, Obj) and one.cls is None and isinstance(cls, ClassValue):
                    one.cls = cls.ref
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), kind]):
            _rule_out(frame, name, kind)
        case ast.Compare(
            left=ast.Name(id=name),
            ops=[ast.Is() | ast.IsNot() as compares],
            comparators=[ast.Constant(value=None)],
        ) if isinstance(compares, ast.Is) == truth and name in frame.now.env:
            frame.now.env[name] = Const(None)
        case ast.Name() | ast.Attribute() if not truth:
            for one in each(evaluating.evaluate(frame, test)):
                if isinstance(one, Obj) and one.parent is not None:
                    frame.now.sure.add((one.parent, one.attribute))  # in what is empty nothing was changed
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            narrow(frame, inner, not truth)
        case ast.BoolOp(op=ast.And() | ast.Or() as joins, values=tests) if (
            isinstance(joins, ast.And) == truth
        ):
            for part in tests:
                narrow(frame, part, truth)


def conditional(frame: Frame, node: ast.IfExp) -> Value:
    """Return what a conditional expression gives."""
    evaluating.evaluate(frame, node.test)
    return either(_assumed(frame, node.test, True, node.body), _assumed(frame, node.test, False, node.orelse))


def _assumed(frame: Frame, test: ast.expr, truth: bool, node: ast.expr) -> Value:
    """Evaluate what is only evaluated if a test holds, or does not."""
    if frame.state is None:
        return None
    state = frame.state
    env, ruled_out = dict(state.env), dict(state.ruled_out)
    narrow(frame, test, truth)
    value = evaluating.evaluate(frame, node)
    state.env, state.ruled_out = env, ruled_out
    return value


def _rule_out(frame: Frame, name: str, kind: ast.expr) -> None:
    """Note what a variable is not; what is neither a dictionary nor a list is no part of a document."""
    state = frame.now
    ruled_out = state.ruled_out.get(name, frozenset()) | _containers_named(kind)
    state.ruled_out[name] = ruled_out
    if ruled_out == _BOTH and name in state.env:
        state.env[name] = either(*(one for one in each(state.env[name]) if not _may_be_part(one)))


_BOTH = frozenset({"mapping", "list"})
_CONTAINER_TYPES = {
    "dict": "mapping", "Dict": "mapping", "Mapping": "mapping", "MutableMapping": "mapping",
    "list": "list", "List": "list", "Sequence": "list", "MutableSequence": "list",
}  # fmt: skip


def _containers_named(kind: ast.expr) -> frozenset[str]:
    """Return which kinds of containers the second argument of `isinstance` names."""
    match kind:
        case ast.Tuple(elts=kinds):
            return frozenset().union(*map(_containers_named, kinds))
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _containers_named(left) | _containers_named(right)
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in _CONTAINER_TYPES:
            return frozenset({_CONTAINER_TYPES[name]})
    return frozenset()


def _may_be_part(value: Value) -> bool:
    """Say whether a value may be a container of a document, and is no row."""
    return isinstance(value, Part | Fresh) or (isinstance(value, Obj) and value.cls is None)
