"""Executes statements abstractly, in the order of the flow."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from indelible.lint import closures
from indelible.lint.calling import note_shown
from indelible.lint.contexts import commits_at_end, commits_on_leaving, makes_session
from indelible.lint.evaluating import bind, evaluate, iterate, of_symbol
from indelible.lint.extracting import imported_names
from indelible.lint.frame import Frame
from indelible.lint.gathering import gathered
from indelible.lint.narrowing import narrow
from indelible.lint.notes import value_of_note
from indelible.lint.patterns import bind_pattern
from indelible.lint.shaping import parsed_annotation, shape
from indelible.lint.state import State
from indelible.lint.values import Const, Fresh, Many, Obj, Value, each, either


class Loop:
    """The states that leave a loop early."""

    def __init__(self) -> None:
        self.breaks: list[State] = []
        self.continues: list[State] = []


class Executor:
    """Runs the statements of one frame; `tries` has, for each block that is guarded, the states at its `raise`."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.loops: list[Loop] = []
        self.tries: list[list[State]] = []

    def run(self, statements: list[ast.stmt]) -> None:
        """Execute statements until the code is unreachable."""
        for node in statements:
            if self.frame.state is None:
                return
            execute = _EXECUTORS.get(type(node))
            if execute is not None:
                execute(self, node)

    def _either_way(self, *bodies: Callable[[], None]) -> None:
        frame = self.frame
        start = frame.state
        ends: list[State | None] = []
        for body in bodies:
            frame.state = start.copy() if start is not None else None
            body()
            ends.append(frame.state)
        joined = ends[0]
        for end in ends[1:]:
            joined = frame.meet(joined, end)
        frame.state = joined

    def expression(self, node: ast.Expr) -> None:
        inner = node.value.value if isinstance(node.value, ast.Await) else node.value
        self.frame.statements.add(inner)
        evaluate(self.frame, node.value)

    def assign(self, node: ast.Assign) -> None:
        value = evaluate(self.frame, node.value)
        for target in node.targets:
            bind(self.frame, target, value, node)

    def annotated(self, node: ast.AnnAssign) -> None:
        if node.value is None:
            return
        value = evaluate(self.frame, node.value)
        noted = noted_value(self.frame, node.annotation)
        if isinstance(noted, Obj) and noted.cls is not None:
            for one in each(value):
                if isinstance(one, Obj) and one.cls is None:
                    one.cls = noted.cls
        elif isinstance(noted, Many) and not any(isinstance(one, Many | Fresh) for one in each(value)):
            value = noted
        bind(self.frame, node.target, value, node)

    def augmented(self, node: ast.AugAssign) -> None:
        frame = self.frame
        right = evaluate(frame, node.value)
        if isinstance(node.target, ast.Subscript):
            evaluate(frame, node.target)
            bind(frame, node.target, None, node)
            return
        held = evaluate(frame, node.target)
        scalar = isinstance(right, Const) or isinstance(
            node.op, ast.Sub | ast.Mult | ast.Div | ast.FloorDiv | ast.Mod
        )
        listy = any(isinstance(one, Fresh | Obj) for one in each(right))
        if isinstance(node.target, ast.Attribute):
            places = [one for one in each(held) if isinstance(one, Obj | Fresh)]
            if not scalar and isinstance(node.op, ast.Add | ast.BitOr) and places:
                frame.change(held, node, f"{_operator(node)}", node.target)
            else:
                for one in each(evaluate(frame, node.target.value)):
                    if isinstance(one, Obj):
                        frame.now.written.setdefault(one, node.lineno)
        elif not scalar and listy and isinstance(node.op, ast.Add | ast.BitOr):
            is_list = isinstance(node.value, ast.List | ast.ListComp | ast.Dict | ast.DictComp)
            if is_list or any(isinstance(one, Fresh) for one in each(right)):
                frame.change(held, node, f"{_operator(node)}", node.target)
                for one in each(held):
                    if isinstance(one, Fresh) and isinstance(node.op, ast.Add):
                        frame.now.put(one, "*", frame.element(right, "*", node))
        elif isinstance(node.target, ast.Name):
            frame.now.env[node.target.id] = None

    def delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                base = evaluate(self.frame, target.value)
                self.frame.change(base, target, "del", target.value)
            elif isinstance(target, ast.Name):
                self.frame.now.env.pop(target.id, None)

    def branch(self, node: ast.If) -> None:
        frame = self.frame
        evaluate(frame, node.test)
        self._either_way(
            lambda: self._assume(node.test, True, node.body),
            lambda: self._assume(node.test, False, node.orelse),
        )

    def _assume(self, test: ast.expr, truth: bool, body: list[ast.stmt]) -> None:
        narrow(self.frame, test, truth)
        self.run(body)

    def loop(self, node: ast.For | ast.AsyncFor) -> None:
        frame = self.frame
        source = evaluate(frame, node.iter)

        def enter() -> None:
            bind(frame, node.target, iterate(frame, source, node.iter), node.target)

        outer, frame.gathering = frame.gathering, gathered(node.body)
        self._repeat(enter, node.body, node.orelse)
        frame.gathering = outer

    def while_(self, node: ast.While) -> None:
        endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
        self._repeat(lambda: evaluate(self.frame, node.test), node.body, node.orelse, endless)

    def _repeat(
        self, enter: Callable[[], Any], body: list[ast.stmt], orelse: list[ast.stmt], endless: bool = False
    ) -> None:
        frame = self.frame
        loop = Loop()
        self.loops.append(loop)
        before = frame.state
        # A second turn, so that what the end of the body leaves behind meets its beginning.
        for _ in range(2):
            if frame.state is None:
                break
            start = frame.state.copy()
            enter()
            self.run(body)
            for state in loop.continues:
                frame.state = frame.meet(frame.state, state)
            loop.continues.clear()
            if not endless or frame.state is None:
                frame.state = frame.meet(frame.state, start)
        self.loops.pop()
        if endless:
            frame.state = None
        else:
            frame.state = frame.meet(frame.state, before)
            self.run(orelse)
        for state in loop.breaks:
            frame.state = frame.meet(frame.state, state)

    def break_(self, node: ast.Break) -> None:
        if self.loops:
            self.loops[-1].breaks.append(self.frame.now)
        self.frame.state = None

    def continue_(self, node: ast.Continue) -> None:
        if self.loops:
            self.loops[-1].continues.append(self.frame.now)
        self.frame.state = None

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        frame = self.frame
        commits = False
        values: list[Value] = []
        for item in node.items:
            value = evaluate(frame, item.context_expr)
            values.append(value)
            if item.optional_vars is not None:
                bind(frame, item.optional_vars, value, item.optional_vars)
            if isinstance(item.optional_vars, ast.Name) and makes_session(frame, item.context_expr):
                frame.own_sessions.add(item.optional_vars.id)
            commits = commits or commits_at_end(item.context_expr)
        self.run(node.body)
        for item in node.items:
            self._leave(item.context_expr, node)
        commits = commits or any(commits_on_leaving(frame, value) for value in values)
        if commits and frame.state is not None:
            frame.flush()

    def _leave(self, context: ast.expr, node: ast.With | ast.AsyncWith) -> None:
        """Do what the context that an expression made does at its end."""
        frame = self.frame
        for ending in frame.contexts.pop(context, ()) if isinstance(context, ast.Call) else ():
            if frame.state is None:
                return
            for target, name in ending.flags:
                if target is not None:
                    frame.flag(target, name or None, node)
            if ending.commits:
                # rows that only the context has seen: it is what commits their changes
                frame.settled |= {change for change in frame.now.pending if change.obj.root.hidden}
                frame.flush(itself=False)

    def try_(self, node: ast.Try) -> None:
        frame = self.frame
        before, left = frame.now.copy(), len(frame.exits)
        self.tries.append([])
        self.run(node.body)
        after = frame.state
        failed = frame.meet(before, after.copy() if after is not None else None)
        # what was assigned before a way left the block is known where the block fails
        for state in (*self.tries.pop(), *frame.exits[left:]):
            failed = frame.meet(failed, state.copy())
        self.run(node.orelse)
        ends = [frame.state]
        for handler in node.handlers:
            frame.state = failed.copy() if failed is not None else None
            if frame.state is not None and handler.name:
                frame.state.env[handler.name] = None
            # `except AttributeError`: what is tried then is what such an object may not have
            guarded, frame.guarded = frame.guarded, frame.guarded or _is_of_attributes(handler)
            self.run(handler.body)
            frame.guarded = guarded
            ends.append(frame.state)
        joined = ends[0]
        for end in ends[1:]:
            joined = frame.meet(joined, end)
        frame.state = joined
        if node.finalbody:
            leaves = joined is None
            if leaves:
                frame.state = failed.copy() if failed is not None else None
            self.run(node.finalbody)
            if leaves:
                frame.state = None

    def return_(self, node: ast.Return) -> None:
        frame = self.frame
        value = evaluate(frame, node.value)
        if frame.state is None:
            return
        frame.returned = either(frame.returned, value)
        note_shown(frame, value)
        frame.exits.append(frame.now)
        frame.state = None

    def raise_(self, node: ast.Raise) -> None:
        frame = self.frame
        evaluate(frame, node.exc)
        if frame.state is None:
            return
        if self.tries:
            self.tries[-1].append(frame.state)
        frame.doomed |= frame.state.doomed
        frame.state = None

    def assert_(self, node: ast.Assert) -> None:
        evaluate(self.frame, node.test)
        narrow(self.frame, node.test, True)

    def match_(self, node: ast.Match) -> None:
        subject = evaluate(self.frame, node.subject)

        def run_case(case: ast.match_case) -> Callable[[], None]:
            def body() -> None:
                bind_pattern(self.frame, case.pattern, subject)
                evaluate(self.frame, case.guard)
                self.run(case.body)

            return body

        self._either_way(*(run_case(case) for case in node.cases), lambda: None)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.frame.now.env[node.name] = closures.made(self.frame, node)

    def import_(self, node: ast.Import | ast.ImportFrom) -> None:
        frame = self.frame
        for bound, module, name in imported_names(node, frame.facts):
            symbol = frame.project.names.imported(frame.facts, module, name)
            frame.now.env[bound] = of_symbol(frame, symbol, bound)

    def finish(self) -> None:
        """Add the end of the function to its exits."""
        if self.frame.state is not None:
            self.frame.exits.append(self.frame.state)


def _is_of_attributes(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.type, ast.Name) and handler.type.id == "AttributeError"


def _operator(node: ast.AugAssign) -> str:
    return "|=" if isinstance(node.op, ast.BitOr) else "+="


def noted_value(frame: Frame, annotation: ast.expr | None) -> Value:
    """Return what an annotation in this file says."""
    parsed = parsed_annotation(annotation)
    if parsed is None:
        return None
    return value_of_note(frame.project, frame.facts, shape(parsed))


def bind_parameters(
    frame: Frame, node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef, numbered: bool = True
) -> list[Obj]:
    """Give each parameter an object, or what its annotation says; return the objects in order."""
    arguments = node.args
    parameters: list[Obj] = []
    for number, arg in enumerate([*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]):
        obj = frame.object_at(arg, "parameter")
        obj.names.add(arg.arg)
        obj.parameter = number if numbered else None
        value: Value = obj
        noted = noted_value(frame, arg.annotation)
        if isinstance(noted, Obj):
            obj.cls, obj.foreign = noted.cls, noted.foreign
        elif noted is not None:
            value = noted
        frame.now.env[arg.arg] = value
        parameters.append(obj)
    if arguments.vararg is not None:
        rest = frame.object_at(arguments.vararg, "parameter")
        rest.parameter = len(parameters) if numbered else None
        frame.now.env[arguments.vararg.arg] = rest if numbered else Fresh()
        parameters.append(rest)
    if arguments.kwarg is not None:
        frame.now.env[arguments.kwarg.arg] = Fresh()
    return parameters


_EXECUTORS: dict[type[ast.stmt], Callable[[Executor, Any], None]] = {
    ast.Expr: Executor.expression,
    ast.Import: Executor.import_,
    ast.ImportFrom: Executor.import_,
    ast.Assign: Executor.assign,
    ast.AnnAssign: Executor.annotated,
    ast.AugAssign: Executor.augmented,
    ast.Delete: Executor.delete,
    ast.If: Executor.branch,
    ast.For: Executor.loop,
    ast.AsyncFor: Executor.loop,
    ast.While: Executor.while_,
    ast.Break: Executor.break_,
    ast.Continue: Executor.continue_,
    ast.With: Executor.with_,
    ast.AsyncWith: Executor.with_,
    ast.Try: Executor.try_,
    ast.TryStar: Executor.try_,
    ast.Return: Executor.return_,
    ast.Raise: Executor.raise_,
    ast.Assert: Executor.assert_,
    ast.Match: Executor.match_,
    ast.FunctionDef: Executor.function,
    ast.AsyncFunctionDef: Executor.function,
}
