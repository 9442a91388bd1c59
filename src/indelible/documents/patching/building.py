"""Describing a patch: `edit(column).at(*steps)` and what happens there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sqlalchemy import BindParameter, ColumnElement
from sqlalchemy.sql import coercions, roles

from indelible.changes.deltas import missing as missing_from
from indelible.changes.json_patch_operations import JSONPatch, read_patch
from indelible.changes.paths import By, Path, Step, format_path
from indelible.changes.values import key_problem, plain
from indelible.documents import serializing
from indelible.documents.column import Document
from indelible.documents.patching import shapes
from indelible.documents.patching.binding import Binding
from indelible.documents.patching.element import PatchExpression
from indelible.documents.patching.json_patching import with_operations
from indelible.documents.patching.refusals import ChangeFailure, Failure
from indelible.documents.patching.values import Amount, Comparable, JSONText, Number, Sent, WholeText
from indelible.errors import NotJSON

Missing: TypeAlias = Literal["error", "create", "ignore"]
"""What happens where nothing is at a path: an error, it is made, or the change is left out."""


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
        return Place(self, _checked(steps, self._document_name), missing)

    def json_patch(self, patch: JSONPatch) -> Patch:
        """Add the operations of a JSON Patch (RFC 6902), as text or as a list.

        Raises:
            InvalidJSONPatch: it is not a JSON Patch.
            JSONPatchFailed: an operation can be carried out on no document.
            MissingExtra: the extra `json-patch` is not installed.
        """
        return with_operations(self, read_patch(patch))

    def _changed(
        self, binds: tuple[BindParameter[Any], ...], shape: shapes.Shape, failures: tuple[Failure, ...]
    ) -> Patch:
        """Return a patch of the same column with these values and operations."""
        return Patch(self._column, binds, shape, failures)

    @property
    def _document_name(self) -> str:
        """Return what errors call the document."""
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
        return self._patch._document_name

    @property
    def _ignores(self) -> bool:
        return self._missing == "ignore"

    def _binding(self) -> Binding:
        return Binding(self._patch, ChangeFailure(self._name, self._path))

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
