"""Functions as values: lambdas, functions in functions, and what is done to rows by what is passed as an argument."""

from __future__ import annotations

import ast

from indelible.lint import applying, evaluating, executing, invoking
from indelible.lint.frame import NOT_TREATED, Attempt, Call, Frame, Passed
from indelible.lint.summaries import Summary
from indelible.lint.values import Closure, FunctionValue, Obj, Partial, Tup, Value, each, either

_MOST_INSIDE = 4
_OVER_EACH = {"map", "imap", "imap_unordered", "starmap", "amap", "for_each", "foreach"}


def made(frame: Frame, node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef) -> Closure:
    """Return a function that is made in a function; what it changes is noted, for whoever may call it.

    Nothing it does is sure to have happened.
    """
    closure = Closure(node, frame)
    if isinstance(node, ast.Lambda) and not any(isinstance(one, ast.Call) for one in ast.walk(node.body)):
        return closure
    outer, exits, returned = frame.now, frame.exits, frame.returned
    frame.exits, frame.state = [], outer.copy()
    frame.state.pending = set()
    executing.bind_parameters(frame, node, numbered=False)
    if isinstance(node, ast.Lambda):
        evaluating.evaluate(frame, node.body)
        ends = [frame.state]
    else:
        runner = executing.Executor(frame)
        runner.run(node.body)
        ends = [*frame.exits, frame.state]
    changed = {change for end in ends if end is not None for change in end.pending}
    closure.parked = changed - frame.parked
    frame.parked |= changed
    frame.exits, frame.returned, frame.state = exits, returned, outer
    return closure


def run_value(
    frame: Frame,
    called: Value,
    args: list[Value],
    kwargs: dict[str, Value],
    node: ast.Call,
    rest: Value = None,
) -> Attempt:
    """Call what a value holds, as far as it is a function that is known; `rest` is what follows a star."""
    handled, found = False, []
    for one in each(called):
        match one:
            case Closure() if one.frame is frame:
                handled = True
                found.append(_run_closure(frame, one, args, kwargs))
            case Partial(function, before, kept):
                named = {**dict(kept), **kwargs}
                done, value = run_value(frame, function, [*before, *args], named, node, rest)
                handled = handled or done
                found.append(value)
            case FunctionValue():
                handled = True
                found.append(invoking.call_function(frame, node, one, args, kwargs, rest))
    return handled, either(*found)


def called_value(call: Call) -> Attempt:
    """Treat the call of a lambda, of a function in this function, or of what a parameter holds."""
    frame = call.frame
    if any(isinstance(one, Closure | Partial) for one in each(call.callee)):
        args, rest = invoking.starred(call.node, call.args)
        return run_value(frame, call.callee, args, call.kwargs, call.node, rest)
    if call.name == "partial" and call.args:
        kept = tuple(call.kwargs.items())
        return True, Partial(call.args[0], tuple(call.args[1:]), kept)
    if isinstance(call.callee, Obj) and call.callee.parameter is not None:
        args, rest = invoking.starred(call.node, call.args)
        frame.passed[call.node] = Passed(call.callee, tuple(args), rest, tuple(call.kwargs.items()))
    return NOT_TREATED


def run_passed(frame: Frame, summary: Summary, mapping: dict[Obj, Value], node: ast.Call) -> None:
    """Call at a call what the function calls of what it is given."""
    for passed in summary.passed:
        called = applying.substitute(frame, summary, passed.called, mapping, node)
        if any(isinstance(one, Closure | Partial | FunctionValue) for one in each(called)):
            args = [applying.substitute(frame, summary, one, mapping, node) for one in passed.args]
            rest = applying.substitute(frame, summary, passed.rest, mapping, node)
            if isinstance(rest, Tup):
                args, rest = [*args, *rest.values], None
            kwargs = {
                name: applying.substitute(frame, summary, one, mapping, node) for name, one in passed.kwargs
            }
            run_value(frame, called, args, kwargs, node, rest)


def run_arguments(call: Call) -> Value:
    """Call the functions that somebody else is given, with the rows that are given beside them: `submit(f, row)`."""
    found: list[Value] = []
    for number, value in enumerate(call.args):
        rest = call.args[number + 1 :]
        if call.name in _OVER_EACH:
            rest = [evaluating.iterate(call.frame, one, call.node) for one in rest]
        found.append(_run_with(call, value, rest))
    for name in ("target", "func", "function", "callback"):
        for given in each(call.kwargs.get("args")):
            if name in call.kwargs and isinstance(given, Tup):
                _run_with(call, call.kwargs[name], list(given.values))
    return either(*found)


def _run_with(call: Call, value: Value, rest: list[Value]) -> Value:
    known = any(isinstance(one, Closure | Partial | FunctionValue) for one in each(value))
    rows = any(isinstance(one, Obj) and one.cls is not None for arg in rest for one in each(arg))
    if known and (rows or any(isinstance(one, Partial) for one in each(value))):
        return run_value(call.frame, value, rest, {}, call.node)[1]
    return None


def _run_closure(frame: Frame, closure: Closure, args: list[Value], kwargs: dict[str, Value]) -> Value:
    node = closure.node
    if frame.state is None or closure in frame.inside or len(frame.inside) >= _MOST_INSIDE:
        return None
    frame.parked -= closure.parked
    before, outer_returned, outer_exits = frame.now.copy(), frame.returned, frame.exits
    frame.inside.append(closure)
    _bind(frame, node, args, kwargs)
    if isinstance(node, ast.Lambda):
        value = evaluating.evaluate(frame, node.body)
    else:
        frame.returned, frame.exits = None, []
        runner = executing.Executor(frame)
        runner.run(node.body)
        runner.finish()
        value, ends = frame.returned, frame.exits
        frame.returned, frame.exits = outer_returned, outer_exits
        frame.state = None
        for end in ends:
            frame.state = frame.meet(frame.state, end)
    frame.inside.pop()
    if frame.state is None:
        frame.state = before  # it always fails, as far as one can see
    inner, frame.state.env = frame.state.env, dict(before.env)
    shared = {name for one in ast.walk(node) if isinstance(one, ast.Nonlocal) for name in one.names}
    frame.state.env.update({name: inner[name] for name in shared & inner.keys()})
    return value


def _bind(
    frame: Frame,
    node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef,
    args: list[Value],
    kwargs: dict[str, Value],
) -> None:
    executing.bind_parameters(frame, node, numbered=False)
    arguments = node.args
    names = [arg.arg for arg in [*arguments.posonlyargs, *arguments.args]]
    for name, value in zip(names, args, strict=False):
        frame.now.env[name] = value
    known = {*names, *(arg.arg for arg in arguments.kwonlyargs)}
    for name, value in kwargs.items():
        if name in known:
            frame.now.env[name] = value
    if arguments.vararg is not None and len(args) > len(names):
        frame.now.env[arguments.vararg.arg] = Tup(tuple(args[len(names) :]))
