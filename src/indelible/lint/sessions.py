"""What sessions, queries and results do with rows, and what starts a task."""

from __future__ import annotations

import ast

from indelible.lint import evaluating
from indelible.lint.frame import NOT_TREATED, Attempt, Call, Frame
from indelible.lint.generics import classes_in
from indelible.lint.querying import ONE_ROW
from indelible.lint.shaping import spelled
from indelible.lint.values import (
    ClassValue,
    ColumnValue,
    Fresh,
    FunctionValue,
    Many,
    Obj,
    Part,
    Tup,
    Value,
    each,
)

_GETS = {"get", "get_one", "get_or_404", "get_object_or_404"}
_NOT_ROWS = {
    "count",
    "exists",
    "delete",
    "subquery",
    "cte",
    "label",
    "as_scalar",
    "scalar_subquery",
    "with_entities",
}
_SELECTS = {"select", "query", "lazyload", "select_from"}
_COMMITS = {"commit", "flush", "commit_transaction", "safe_commit", "db_commit", "session_commit"}
_STARTS = {
    "delay",
    "apply_async",
    "enqueue",
    "send_task",
    "enqueue_call",
    "enqueue_job",
    "enqueue_in",
    "enqueue_at",
    "defer",
}
_LOOP_STARTS = {"create_task", "ensure_future", "run_coroutine_threadsafe"}
_THREAD_STARTS = {"submit", "run_in_executor", "Thread", "start_soon", "spawn", "spawn_n"}
_PARALLEL = {"gather", "map", "starmap", "imap", "map_async", *_STARTS, *_LOOP_STARTS, *_THREAD_STARTS}


def session_call(call: Call) -> Attempt:
    """Treat the call if it is one of a session, query or result, or if it starts a task."""
    frame, node, name = call.frame, call.node, call.name
    callee, receiver, args, kwargs = call.callee, call.receiver, call.args, call.kwargs
    note_start(call)
    if isinstance(callee, FunctionValue):
        return NOT_TREATED
    models = classes_in(frame, call, name in _SELECTS) if name in _SELECTS or name in _GETS else []
    columns = _columns(args)
    if isinstance(receiver, Many):
        if name == "with_entities" and (columns or models):
            return True, receiver._replace(
                items=columns or tuple(classes_in(frame, call, False)),
                scalar=not columns and len(models) == 1,
            )
        return True, _of_many(frame, node, name, receiver, kwargs)
    if name in _SELECTS and columns and not models:
        return True, Many(columns, False, session_text(node))
    if name in _SELECTS and models:
        return True, Many(tuple(models), name == "query", session_text(node))
    if name in _GETS and models and (isinstance(node.func, ast.Attribute) or name.endswith("_404")):
        obj = frame.object_at(node, "", None if isinstance(models[0], Obj) else models[0], again=True)
        obj.kind = models[0] if isinstance(models[0], Obj) else None
        frame.take_from(obj, session_text(node))
        obj.single = "with_for_update" in kwargs
        frame.locked = frame.locked or obj.single
        return True, obj
    if isinstance(node.func, ast.Attribute):
        return _of_session(frame, node, name, receiver, args, kwargs)
    return NOT_TREATED


def _columns(args: list[Value]) -> tuple[ColumnValue | None, ...]:
    """Return what a query for columns gives, none if there is no JSON column among them."""
    columns = [next((one for one in each(arg) if isinstance(one, ColumnValue)), None) for arg in args]
    return tuple(columns) if any(columns) else ()


def session_text(node: ast.Call) -> str:
    """Return the session of `session.query(…)` as written."""
    return spelled(node.func.value) if isinstance(node.func, ast.Attribute) else ""


def _of_session(
    frame: Frame, node: ast.Call, name: str, receiver: Value, args: list[Value], kwargs: dict[str, Value]
) -> Attempt:
    if name in _COMMITS:
        frame.flush(commit="flush" not in name)
        return True, None
    if name == "rollback":
        frame.now.pending.clear()  # the rows are read anew
        return True, None
    if name in ("execute", "scalars", "scalar", "exec", "stream", "stream_scalars"):
        _saved_by_sql(frame, args, kwargs)
        many = next((one for arg in args for one in each(arg) if isinstance(one, Many)), None)
        if many is None:
            return (True, None) if args and name != "exec" else NOT_TREATED
        many = many._replace(session=session_text(node), locked=many.locked)
        if name == "scalar":
            return True, frame.one_of(many._replace(scalar=True), node)
        scalar = "scalars" in name or (name == "exec" and len(many.items) == 1)
        return True, many._replace(scalar=scalar or many.scalar)
    if name in ("one_or_404", "first_or_404"):
        asked = next((one for arg in args for one in each(arg) if isinstance(one, Many)), None)
        return (True, frame.one_of(asked._replace(scalar=True), node)) if asked is not None else NOT_TREATED
    if name == "merge" and args:
        _merge(frame, node, args[0])
        return True, args[0]
    if name in ("add", "add_all", "refresh", "delete", "expunge"):
        return _add_or_refresh(frame, node, name, receiver, args)
    if name in ("update", "values"):
        _saved_by_update(frame, node, kwargs)
    if name in ("bulk_save_objects", "bulk_update_mappings"):
        frame.writes = True
        if name == "bulk_update_mappings":
            _saved_by_sql(frame, args, kwargs)
    return NOT_TREATED


def _add_or_refresh(frame: Frame, node: ast.Call, name: str, receiver: Value, args: list[Value]) -> Attempt:
    rows = [one for arg in args for one in each(arg) if isinstance(one, Obj) and one.parent is None]
    if name == "refresh":
        frame.reload(args[0] if args else receiver, set().union(*map(frame.texts, args[1:])), node)
    if isinstance(receiver, Fresh | Part) or not args:
        return NOT_TREATED
    held = receiver.parent if isinstance(receiver, Obj) else None
    if (
        isinstance(receiver, Obj)
        and held is not None
        and frame.column_of(held, receiver.attribute) is not None
    ):
        return NOT_TREATED
    if name in ("add", "add_all") and rows:
        frame.writes = True
        return isinstance(receiver, Obj) and receiver.attribute not in frame.project.json_attributes, None
    if name == "delete":
        frame.now.pending -= {change for change in frame.now.pending if change.obj in rows}
    if name == "expunge":
        for row in rows:
            frame.now.new.add(row)  # what is changed now is not meant to be saved
    return name in ("refresh", "expunge"), None


def _merge(frame: Frame, node: ast.Call, value: Value) -> None:
    """A row of another session is copied by value and saved; one of the same session is not."""
    for row in each(value):
        if isinstance(row, Obj) and (not row.session or row.session != session_text(node)):
            frame.save({change for change in frame.now.pending if change.obj is row})


def _saved_by_sql(frame: Frame, args: list[Value], kwargs: dict[str, Value]) -> None:
    """Values bound to a statement are written by it."""
    for value in (*args[1:], *kwargs.values()):
        _save_place(frame, value)


def _save_place(frame: Frame, value: Value, steps: int = 3) -> None:
    for one in each(value):
        if isinstance(one, Fresh) and steps:
            for held in (one.source, *frame.now.contents.get(one, {}).values()):
                _save_place(frame, held, steps - 1)
        obj = one.obj if isinstance(one, Part) else one
        if isinstance(obj, Obj) and obj.parent is not None:
            frame.mark(obj.parent, obj.attribute)


def _saved_by_update(frame: Frame, node: ast.Call, kwargs: dict[str, Value], known: bool = False) -> None:
    """`update(M).values(col=…)`, `query.update({M.col: …})`: pending changes of that column are taken as saved.

    `known` says that this is a query, however it is written.
    """
    names = set(kwargs)
    for arg in node.args:
        if isinstance(arg, ast.Dict):
            for key in arg.keys:
                if isinstance(key, ast.Attribute):
                    names.add(key.attr)
                elif isinstance(key, ast.Constant):
                    names.add(str(key.value))
        elif isinstance(arg, ast.Name):
            for one in each(frame.now.env.get(arg.id)):
                if isinstance(one, Fresh):
                    names |= frame.now.contents.get(one, {}).keys()
    text = spelled(node.func)
    if known or "update(" in text or "query(" in text or node.func.attr == "values":  # type: ignore[attr-defined]
        frame.save({change for change in frame.now.pending if change.attribute in names})
        given = {one for value in frame.now.env.values() for one in each(value) if isinstance(one, Obj)}
        rows = {one for one in given if one.parameter is not None and "id" in one.used}
        frame.by_sql |= {(row, name) for row in rows for name in names}


def _of_many(frame: Frame, node: ast.Call, name: str, many: Many, kwargs: dict[str, Value]) -> Value:
    if many.keyed and name in ("get", "pop", "setdefault"):
        return frame.one_of(many, node)
    if many.keyed and name == "items":
        fresh = frame.fresh_at(node)
        frame.now.put(fresh, "*", Tup((None, frame.one_of(many, node))))
        return fresh
    if many.keyed:
        return many._replace(keyed=False)
    if name in ONE_ROW or name == "pop":
        scalar = many.scalar or name.startswith("scalar")
        item = frame.one_of(many._replace(scalar=scalar), node)
        for row in each(item):
            if isinstance(row, Obj):
                row.single = many.locked
        return item
    if name == "scalars":
        return many._replace(scalar=True)
    if name == "with_for_update":
        frame.locked = True
        return many._replace(locked=True)
    if name in ("update", "values"):
        _saved_by_update(frame, node, kwargs, known=True)
        return None
    if name in _NOT_ROWS:
        return None
    if name in ("add_columns", "add_entity"):
        return None
    return many


def note_start(call: Call) -> None:
    """Remember a task that is started while rows are written and not committed."""
    frame, node, name = call.frame, call.node, call.name
    callee, args, kwargs = call.callee, call.args, call.kwargs
    if name in _PARALLEL:
        frame.parallel |= _names_in(node)
    kind = _start_kind(node, name, callee)
    if not kind or frame.state is None:
        return
    written = frame.now.written
    values = [*args, *kwargs.values(), *_inner_arguments(frame, node)]
    passed = any(_concerns(one, row) for value in values for one in _flat(frame, value) for row in written)
    number = len(frame.started)
    known = next((n for n, started in enumerate(frame.started) if started[0] is node), None)
    if known is None:
        frame.started.append((node, kind, tuple(written), passed))
    else:
        number = known
    if written:
        frame.pending_tasks.append(number)


def _names_in(node: ast.Call) -> set[str]:
    """Return the names of what is run: `save` in `gather(*(save(key) for key in keys))`, `work` in `work.delay(…)`."""
    found: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            inner = inner.func
        if isinstance(inner, ast.Name):
            found.add(inner.id)
        elif isinstance(inner, ast.Attribute):
            found.add(inner.attr)
    return found


def _start_kind(node: ast.Call, name: str, callee: Value) -> str:
    if isinstance(callee, FunctionValue | ClassValue):
        return ""
    if name == "add_task" and isinstance(node.func, ast.Attribute):
        return "background"
    if name in _STARTS and isinstance(node.func, ast.Attribute):
        return "queue"
    if name in _LOOP_STARTS:
        return "loop"
    return "thread" if name in _THREAD_STARTS else ""


def _inner_arguments(frame: Frame, node: ast.Call) -> list[Value]:
    """Return the arguments of the coroutine in `create_task(work(row.id))`."""
    inner = [arg for arg in node.args if isinstance(arg, ast.Call)]
    return [evaluating.evaluate(frame, arg) for call in inner for arg in call.args]


def _flat(frame: Frame, value: Value) -> list[Value]:
    found = list(each(value))
    for one in each(value):
        if isinstance(one, Fresh):
            found.extend(v for held in frame.now.contents.get(one, {}).values() for v in each(held))
        if isinstance(one, Tup):
            found.extend(v for held in one.values for v in each(held))
    return found


def _concerns(value: Value, row: Obj) -> bool:
    return isinstance(value, Obj) and (value is row or value.parent is row)
