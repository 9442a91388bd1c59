"""Describing a patch: `edit(column).at(*steps)` and what happens there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sqlalchemy import BindParameter, ColumnElement
from sqlalchemy.sql import coercions, roles

from indelible.changes.deltas import missing as missing_from
from indelible.changes.json_patch_operations import (
    BEHIND_LAST,
    COPY_LIMIT,
    JSONPatch,
    PatchOperation,
    Tokens,
    read_patch,
)
from indelible.changes.paths import By, Path, Step, format_path
from indelible.changes.values import key_problem, plain
from indelible.documents import serializing
from indelible.documents.column import Document
from indelible.documents.patching import failing, shapes
from indelible.documents.patching.element import PatchExpression
from indelible.documents.patching.failing import Label
from indelible.documents.patching.values import (
    Amount,
    Comparable,
    JSONText,
    LabelText,
    NewOddKey,
    Number,
    OddKey,
    PathKey,
    PathPosition,
    Sent,
    WholeText,
    is_odd,
    is_quoted,
)
from indelible.errors import (
    CannotPatch,
    Conflict,
    DuplicateKey,
    IndelibleError,
    InvalidJSONPatch,
    MissingPath,
    NotJSON,
)

Missing: TypeAlias = Literal["error", "create", "ignore"]
"""What happens where nothing is at a path: an error, it is made, or the change is left out."""

_POSITION = re.compile("0|[1-9][0-9]*")

Failure: TypeAlias = Callable[[str], IndelibleError]


def edit(column: Any) -> Patch:
    """Return a stored document as an expression that can be changed: for `update().values()`, without reading it.

        update(Project).values(output=edit(Project.output).at("scenes", by(id="s1"), "imageUrls").append(url))

    Raises:
        TypeError: it is no column of type `Document`.
    """
    element = coercions.expect(roles.ExpressionElementRole, column)
    if not isinstance(element.type, Document):
        raise TypeError(f"edit() takes a column of type Document, not {column!r}")
    return Patch(element, (), (), ())


class Patch(PatchExpression):
    """A stored document after some changes: an expression of SQL. Each change gives a new one; all happen, or none.

    Raises, when the statement is executed:
        MissingPath: a row's document has nothing at a path, or no list or object where one is needed.
        DuplicateKey: several elements of a list have the key by which one is to be found.
        Conflict: a value that `if_is` names is not the stored one.
        JSONPatchFailed: an operation of a JSON Patch does not fit.
        NotJSON: JSON or the database cannot keep a value; with the path.
        CannotPatch: the database cannot make this change exactly; the row is to be loaded for it.
    """

    inherit_cache = True

    def __init__(
        self,
        column: ColumnElement[Any],
        binds: tuple[BindParameter[Any], ...],
        shape: shapes.Shape,
        failures: tuple[Failure, ...],
    ) -> None:
        super().__init__(column, binds, shape)
        self._failures = failures

    def at(self, *steps: Step, missing: Missing = "error") -> Place:
        """Return a place in the document; no steps are the document itself.

        A step is an object's key, a list's position (from its end where negative), or an element's `by(id="s1")`.

        Args:
            missing: what to do where nothing is there: fail with `MissingPath` (`"error"`), make the objects on the way
                and what a change needs at its end (`"create"`), or leave the change out (`"ignore"`).
        """
        if missing not in ("error", "create", "ignore"):
            raise ValueError(f"missing is 'error', 'create' or 'ignore', not {missing!r}")
        return Place(self, _checked(steps, self._name), missing)

    def json_patch(self, patch: JSONPatch) -> Patch:
        """Add the operations of a JSON Patch (RFC 6902), as text or as a list.

        Raises:
            InvalidJSONPatch: it is not a JSON Patch.
            JSONPatchFailed: an operation can be carried out on no document.
            MissingExtra: the extra `json-patch` is not installed.
        """
        operations = read_patch(patch)
        copies = sum(operation.op == "copy" for operation in operations)
        result = self
        for operation in operations:
            result = _with_operation(result, operation, COPY_LIMIT // max(copies, 1))
        return result

    @property
    def _name(self) -> str:
        annotations = self._column._annotations
        if "parententity" in annotations and "proxy_key" in annotations:
            return f"{annotations['parententity'].class_.__name__}.{annotations['proxy_key']}"
        table = getattr(getattr(self._column, "table", None), "name", None)
        return ".".join(filter(None, [table, getattr(self._column, "name", "document")]))


def _checked(steps: Sequence[Any], document: str) -> Path:
    for position, step in enumerate(steps):
        if isinstance(step, str):
            problem = key_problem(step)
            if problem:
                raise NotJSON(problem, document=document, path=format_path(steps[: position + 1]))
        elif isinstance(step, bool) or not isinstance(step, int | By):
            raise TypeError(f"a step is a key, a position or by(…), not {step!r}")
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class _ChangeFailure:
    """Makes the error of a change."""

    document: str
    path: Path

    def __call__(self, kind: str) -> IndelibleError:
        error, message = _FAILURES[kind]
        return error(message, document=self.document, path=format_path(self.path))


_NO_CHANGE = "Nothing was changed by this statement."
_LOAD = "Load the row and change its document."
_FAILURES: dict[str, tuple[type[IndelibleError], str]] = {
    failing.MISSING: (MissingPath, f"a stored document has nothing there. {_NO_CHANGE}"),
    failing.NO_OBJECT: (MissingPath, f"the member's place is in no object. {_NO_CHANGE}"),
    failing.NO_LIST: (MissingPath, f"what is stored there is no list. {_NO_CHANGE}"),
    failing.NO_NUMBER: (MissingPath, f"what is stored there is no number. {_NO_CHANGE}"),
    failing.INEXACT: (
        CannotPatch,
        f"the database would not add exactly to the number that is stored. {_LOAD}",
    ),
    failing.DIFFERS: (Conflict, f"the stored value is another than expected. {_NO_CHANGE}"),
    failing.TWICE: (DuplicateKey, f"several elements have the key that is to find one. {_NO_CHANGE}"),
    failing.BARE: (CannotPatch, f"SQLite would not keep a bare number exactly as a whole document. {_LOAD}"),
    failing.FOREIGN: (
        CannotPatch,
        f"MariaDB cannot be sure to find keys and strings in JSON text that was not written by Python. {_LOAD}",
    ),
    failing.DEEP: (CannotPatch, f"MariaDB takes no more than 31 containers in one another. {_LOAD}"),
    failing.DASH: (CannotPatch, f"MariaDB reads no path with a key that begins with -. {_LOAD}"),
}


@dataclass(frozen=True, slots=True)
class _OperationFailure:
    """Makes the error of an operation of a JSON Patch."""

    operation: PatchOperation
    document: str

    def __call__(self, kind: str) -> IndelibleError:
        if kind not in _PROBLEMS:
            return _ChangeFailure(self.document, ())(kind)
        return self.operation.failure(f"{_PROBLEMS[kind]}. {_NO_CHANGE}")


_PROBLEMS = {
    failing.MISSING: "a stored document has no such place",
    failing.NO_OBJECT: "the place is in no object or list",
    failing.NO_LIST: "the place is in no object or list",
    failing.DIFFERS: "the stored value is another",
    failing.LONG: f"the patch would copy more than {COPY_LIMIT:,} characters; split it",
}


class _Binding:
    """Gathers the bound values of one more change."""

    def __init__(self, patch: Patch, failure: Failure) -> None:
        self._patch = patch
        self._binds = list(patch._binds) or [_bind(None, LabelText)]
        self._failures = (*patch._failures, failure)

    def bind(self, value: Any, type_: type[Any]) -> int:
        """Bind a value and return its slot."""
        self._binds.append(_bind(value, type_))
        return len(self._binds) - 1

    def steps(self, path: Path, document: str) -> shapes.Steps:
        """Bind the steps of a path."""
        return tuple(self._step(step, document, path[: number + 1]) for number, step in enumerate(path))

    def key(self, key: str, document: str, path: Path) -> shapes.Key:
        """Bind the key of a member."""
        sent = Sent(key, document, path)
        is_dashed = key.startswith("-")
        if not is_odd(key):
            return shapes.Key(self.bind(sent, PathKey), is_dashed=is_dashed)
        slot = self.bind(sent, OddKey)
        self.bind(sent, NewOddKey)
        return shapes.Key(slot, is_odd=True, is_quoted=is_quoted(key), is_dashed=is_dashed)

    def _step(self, step: Step, document: str, path: Path) -> shapes.Key | shapes.Position | shapes.Found:
        if isinstance(step, str):
            return self.key(step, document, path)
        return self.element(step, document, path, PathPosition)

    def element(
        self, step: int | By, document: str, path: Path, type_: type[Any] = Number
    ) -> shapes.Position | shapes.Found:
        """Bind a step to an element of a list."""
        if isinstance(step, int):
            return shapes.Position(self.bind(step, type_))
        key = self.bind(Sent(step.key, document, path), OddKey)
        return shapes.Found(key, self.bind(Sent(step.value, document, path), Comparable))

    def token(self, token: str, document: str, path: Path) -> shapes.Step:
        """Bind a token of a JSON Pointer."""
        if token == BEHIND_LAST:
            return shapes.End(self.bind(Sent(token, document, path), PathKey))
        if not _POSITION.fullmatch(token):
            return self.key(token, document, path)
        # No list is as long as that, and Python would not read many more digits.
        position = self.bind(int(token[:19]), Number)
        return shapes.Token(self.bind(Sent(token, document, path), PathKey), position)

    def patch(self, *operations: shapes.Operation) -> Patch:
        """Return the patch with another change."""
        change = len(self._failures) - 1
        shape = (*self._patch._shape, *(shapes.Numbered(change, each) for each in operations))
        text = _said(self._patch, self._failures)
        self._binds[0] = _bind(Label(text, self._failures, _ChangeFailure(self._patch._name, ())), LabelText)
        return Patch(self._patch._column, tuple(self._binds), shape, self._failures)


def _said(patch: Patch, failures: Iterable[Failure]) -> str:
    places = [format_path(each.path) for each in failures if isinstance(each, _ChangeFailure)]
    return f"{patch._name} {', '.join(places)}"[:200]


def _bind(value: Any, type_: type[Any]) -> BindParameter[Any]:
    return BindParameter("patch", value, type_=type_(), unique=True)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a stored document, and what can be changed there. Each method returns the document after that."""

    _patch: Patch
    _path: Path
    _missing: Missing

    def put(self, value: Any) -> Patch:
        """Set the object member, or replace the list element or the whole document; `None` there is SQL `NULL`.

        A member that is not there yet is made; what holds it must be there.
        """
        binding = self._binding()
        sent = self._sent(value)
        path = binding.steps(self._path, self._name)
        slot = binding.bind(sent, JSONText if self._path else WholeText)
        ensured = self._ensured(path, None)
        return binding.patch(*ensured, shapes.Put(path, slot, self._ignores))

    def remove(self) -> Patch:
        """Take away the member or element.

        Raises:
            ValueError: this is the document itself, or `missing="create"` was given.
        """
        if not self._path:
            raise ValueError("a document cannot be taken away: put(None), or delete its row")
        self._refuse_create("remove")
        binding = self._binding()
        return binding.patch(shapes.Remove(binding.steps(self._path, self._name), self._ignores))

    def append(self, *values: Any) -> Patch:
        """Put values at the end of the list."""
        return self.extend(values)

    def extend(self, values: Iterable[Any]) -> Patch:
        """Put values at the end of the list."""
        binding = self._binding()
        path = binding.steps(self._path, self._name)
        slot = binding.bind(self._sent(list(values)), JSONText)
        return binding.patch(*self._ensured(path, "[]"), shapes.Extend(path, slot, self._ignores))

    def insert(self, index: int, *values: Any) -> Patch:
        """Put values before the element at a position, counted from the end where negative; the length is the end.

        Unlike `list.insert`, a position that the list has not is an error.
        """
        binding = self._binding()
        path = binding.steps(self._path, self._name)
        slots = binding.bind(int(index), Number), binding.bind(self._sent(list(values)), JSONText)
        return binding.patch(*self._ensured(path, "[]"), shapes.Insert(path, *slots, self._ignores))

    def add(self, amount: int | float) -> Patch:
        """Add to the number; `missing="create"` starts at 0. SQLite, MySQL and MariaDB add integers only."""
        if isinstance(amount, bool) or not isinstance(amount, int | float):
            raise TypeError(f"add() takes a number, not {amount!r}")
        binding = self._binding()
        path = binding.steps(self._path, self._name)
        slot = binding.bind(self._sent(amount), Amount)
        operation = shapes.Add(path, slot, isinstance(amount, float), self._ignores)
        return binding.patch(*self._ensured(path, "0"), operation)

    def union(self, *values: Any) -> Patch:
        """Append those of the values to the list that are not in it; `1`, `1.0` and `True` are three."""
        binding = self._binding()
        path = binding.steps(self._path, self._name)
        new = missing_from(values, [])
        union = shapes.Union(path, binding.bind(self._sent(new), Comparable), len(new), self._ignores)
        return binding.patch(*self._ensured(path, "[]"), union)

    def move(
        self,
        source: int | By,
        target: int | None = None,
        *,
        before: int | By | None = None,
        after: int | By | None = None,
    ) -> Patch:
        """Take an element of the list elsewhere in it: to a position, or before or after another element.

        The position is the one that it has in the end; `-1` is the last.

        Raises:
            TypeError: not exactly one of `target`, `before` and `after` was given.
        """
        sides = [("to", target), ("before", before), ("after", after)]
        given = [(side, step) for side, step in sides if step is not None]
        if len(given) != 1:
            raise TypeError("move() takes one of a position, before= and after=")
        [(side, step)] = given
        self._refuse_create("move")
        binding = self._binding()
        path = binding.steps(self._path, self._name)
        elements = [binding.element(each, self._name, self._path) for each in (source, step)]
        return binding.patch(shapes.Move(path, elements[0], elements[1], side, self._ignores))

    def if_is(self, value: Any) -> Patch:
        """Go on only where this value is stored there, types included; else the statement fails with `Conflict`."""
        binding = self._binding()
        path = binding.steps(self._path, self._name)
        return binding.patch(shapes.Test(path, binding.bind(self._sent(value), JSONText), is_exact=True))

    @property
    def _name(self) -> str:
        return self._patch._name

    @property
    def _ignores(self) -> bool:
        return self._missing == "ignore"

    def _binding(self) -> _Binding:
        return _Binding(self._patch, _ChangeFailure(self._name, self._path))

    def _refuse_create(self, method: str) -> None:
        if self._missing == "create":
            raise ValueError(f"{method}() makes nothing; give missing='ignore' or 'error'")

    def _sent(self, value: Any) -> Sent:
        sent = Sent(plain(value), self._name, self._path)
        serializing.check(sent.value, sent.describe)
        return sent

    def _ensured(self, path: shapes.Steps, text: str | None) -> list[shapes.Operation]:
        """Return what makes the objects on the way, and at its end what a change needs."""
        if self._missing != "create":
            return []
        wanted = [
            (path[:length], "{}") for length in range(len(path)) if isinstance(path[length], shapes.Key)
        ]
        if text is not None:
            wanted.append((path, text))
        return [
            shapes.Ensure(each, text) for each, text in wanted if not each or isinstance(each[-1], shapes.Key)
        ]


def _with_operation(patch: Patch, operation: PatchOperation, longest: int) -> Patch:
    name = patch._name
    binding = _Binding(patch, _OperationFailure(operation, name))

    def steps(tokens: Tokens) -> shapes.Steps:
        return tuple(binding.token(token, name, tokens[:number]) for number, token in enumerate(tokens, 1))

    def value(type_: type[Any] = JSONText) -> int:
        sent = Sent(plain(operation.value), name, operation.path)
        try:
            serializing.check(sent.value, sent.describe)
        except NotJSON as error:
            index, op, pointer = operation.index, operation.op, operation.pointer
            raise InvalidJSONPatch(str(error), index=index, op=op, pointer=pointer) from error
        return binding.bind(sent, type_)

    _refuse_impossible(operation)
    path = steps(operation.path)
    kind = JSONText if path else WholeText
    match operation.op:
        case "add":
            return binding.patch(shapes.PutIn(path, value(kind)))
        case "replace":
            return binding.patch(shapes.Replace(path, value(kind)))
        case "remove":
            return binding.patch(shapes.Remove(path))
        case "test":
            return binding.patch(shapes.Test(path, value(), is_exact=False))
    source = steps(operation.source)
    if operation.op == "copy":
        return binding.patch(shapes.Keep(source, longest), shapes.PutIn(path, None))
    if operation.source == operation.path:
        return binding.patch(shapes.Present(source))
    # No database has longer values.
    return binding.patch(shapes.Keep(source, 2**31 - 1), shapes.Remove(source), shapes.PutIn(path, None))


def _refuse_impossible(operation: PatchOperation) -> None:
    source, path = operation.source, operation.path
    if operation.op == "remove" and not path:
        raise operation.failure("a document cannot be taken away; replace it by null, or delete its row")
    if operation.op == "move" and source != path and path[: len(source)] == source:
        raise operation.failure(
            f"a value cannot be moved from {operation.source_pointer!r} into itself; copy it"
        )
