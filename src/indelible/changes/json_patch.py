"""JSON Patch (RFC 6902) in and out: a patch as a delta, a delta as a patch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from indelible.changes import differencing
from indelible.changes.deltas import Add, Change, Delta, Move, Put, Remove, Splice, missing
from indelible.changes.journal import Journal
from indelible.changes.json_patch_operations import (
    BEHIND_LAST,
    JSONPatch,
    PatchOperation,
    carry_out,
    pointer_of,
    read_operation,
    read_patch,
)
from indelible.changes.ownership import Container, Holder
from indelible.changes.paths import By, Step, format_path
from indelible.changes.tracking import load
from indelible.changes.values import JSON_ONLY, plain
from indelible.errors import InvalidJSONPatch


def from_json_patch(patch: JSONPatch, document: Any) -> Delta:
    """Return the changes that a JSON Patch makes to a document, as if the program had made them one after the other.

    The patch is JSON text, or a list of operations. The document stays as it is; the delta is empty when the patch
    changes nothing in the end, and `1` in place of `1.0` is a change. A value that `move` takes elsewhere in its list
    is told as moved, also when it is changed on the way.

    Raises:
        InvalidJSONPatch: it is not a JSON Patch.
        JSONPatchFailed: one of its operations cannot be carried out on the document, a `test` for example.
        MissingExtra: the extra `json-patch` is not installed.
    """
    with _refusing_depth():
        scratch = _patched(read_patch(patch), document)
        changes = differencing.delta(scratch.journal, scratch.root)
    return tuple(replace(change, path=change.path[1:]) for change in changes)


def apply_json_patch(document: Any, patch: JSONPatch, *, in_place: bool = False) -> Any:
    """Return what a document becomes by a JSON Patch: all of its operations, or none.

    The given document stays as it is, and the result is plain. With `in_place` the document itself is changed and
    returned: a row's is edited as by the program's own code, and the next flush sends what changed.

    Raises:
        InvalidJSONPatch: it is not a JSON Patch.
        JSONPatchFailed: one of its operations cannot be carried out on the document, a `test` for example; or
            the patch makes another kind of value of a document that is to be changed in place.
        MissingExtra: the extra `json-patch` is not installed.
    """
    operations = read_patch(patch)
    with _refusing_depth():
        result = plain(_patched(operations, document).root[""])
    if not in_place:
        return result
    replacing = [operation for operation in operations if operation.replaces_document]
    if replacing:
        _refill(document, result, replacing[-1])
    else:
        carry_out(operations, {"": document})
    return document


def to_json_patch(delta: Delta, document: Any, *, tests: bool = False) -> list[dict[str, Any]]:
    """Return the operations of a JSON Patch that makes of the document what the delta makes of it.

    A counter's `Add` becomes the number that it leads to, a `Union` the values that are not in the list, and
    an element found by its key is named by its position. With `tests`, each value that is replaced, removed or moved is
    preceded by a `test` for it, so that the patch fails where the document is another.

    Raises:
        LookupError: a path of the delta is not in the document.
        MissingExtra: the extra `json-patch` is not installed.
    """
    holder = {"": plain(document)}
    entries: list[dict[str, Any]] = []
    for change in delta:
        for entry in _entries(change, holder):
            operation = read_operation(len(entries), entry)
            if tests and operation.op != "add":
                entries.append(_test_before(operation, holder))
            operation.carry_out(holder)
            entries.append(entry)
    return entries


class _Scratch:
    """Holds a copy of a document at `""` of its root, so that the document's own root is a member like any other."""

    rules = JSON_ONLY

    def __init__(self, document: Any) -> None:
        self.root: Any = load({"": document}, self)
        self.journal = Journal(self.root)

    @property
    def document(self) -> Holder:
        return self

    def admit(self, top: Container) -> None:
        """Allow every change."""

    def holds(self, top: Container) -> bool:
        return top is self.root

    def changed(self) -> None:
        """Do nothing: the delta is asked for anyway."""

    def describe(self) -> str:
        return "the value"


@contextmanager
def _refusing_depth() -> Iterator[None]:
    try:
        yield
    except RecursionError:
        raise InvalidJSONPatch("the patch makes a document that is nested too deeply") from None


def _patched(operations: Sequence[PatchOperation], document: Any) -> _Scratch:
    scratch = _Scratch(document)
    carry_out(operations, scratch.root)
    return scratch


def _refill(document: Any, result: Any, operation: PatchOperation) -> None:
    """Give a document the content of another of its kind."""
    if isinstance(document, dict) and isinstance(result, dict):
        document.clear()
        document.update(result)
    elif isinstance(document, list) and isinstance(result, list):
        document[:] = result
    else:
        raise operation.failure(
            "it makes another kind of value of the whole document, which cannot be done in place. Assign the result "
            "of apply_json_patch(row.doc, patch) to the row's attribute"
        )


def _test_before(operation: PatchOperation, holder: dict[str, Any]) -> dict[str, Any]:
    moves = operation.op == "move"
    present = operation.find(holder, operation.source if moves else operation.path)
    pointer = operation.source_pointer if moves else operation.pointer
    return {"op": "test", "path": pointer, "value": plain(present)}


def _entries(change: Change, holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the operations of one change, as they are to be carried out one after the other."""
    if isinstance(change, Put | Remove | Add):
        yield _member_entry(change, holder)
        return
    elements, steps = _located(change, change.path, holder)
    if not isinstance(elements, list):
        raise _unfit(change)
    if isinstance(change, Splice):
        yield from _splice_entries(change, elements, steps)
    elif isinstance(change, Move):
        if max(change.source, change.target) >= len(elements):
            raise _unfit(change)
        source, target = (pointer_of([*steps, index]) for index in (change.source, change.target))
        yield {"op": "move", "from": source, "path": target}
    else:
        for value in missing(change.values, elements):
            yield {"op": "add", "path": pointer_of([*steps, BEHIND_LAST]), "value": value}


def _member_entry(change: Put | Remove | Add, holder: dict[str, Any]) -> dict[str, Any]:
    container, key, pointer = _member(change, holder)
    is_present = isinstance(container, list) or key in container
    if isinstance(change, Remove):
        if not is_present or not change.path:
            raise _unfit(change)
        return {"op": "remove", "path": pointer}
    if isinstance(change, Add):
        value = (container[key] if is_present else 0) + change.amount
    else:
        value = plain(change.value)
    return {"op": "replace" if is_present else "add", "path": pointer, "value": value}


def _splice_entries(change: Splice, elements: list[Any], steps: list[Any]) -> Iterator[dict[str, Any]]:
    end = change.index + len(change.old)
    if end > len(elements):
        raise _unfit(change)
    appends = end == len(elements)
    replaced = change.index + min(len(change.old), len(change.new))
    for index, value in enumerate(change.new, change.index):
        if index < replaced:
            yield {"op": "replace", "path": pointer_of([*steps, index]), "value": plain(value)}
        else:
            step = BEHIND_LAST if appends else index
            yield {"op": "add", "path": pointer_of([*steps, step]), "value": plain(value)}
    for index in reversed(range(replaced, end)):
        yield {"op": "remove", "path": pointer_of([*steps, index])}


def _member(change: Put | Remove | Add, holder: dict[str, Any]) -> tuple[Any, Any, str]:
    """Return the container of what is changed, its key or position there, and its pointer."""
    if not change.path:
        return holder, "", ""
    *above, last = change.path
    container, steps = _located(change, above, holder)
    key = _resolved(change, container, last)
    return container, key, pointer_of([*steps, key])


def _located(change: Change, path: Sequence[Step], holder: dict[str, Any]) -> tuple[Any, list[str | int]]:
    """Return the value at a path, and the path with a position for each element that it names by key."""
    value: Any = holder[""]
    steps: list[str | int] = []
    for step in path:
        steps.append(_resolved(change, value, step))
        if isinstance(value, dict) and steps[-1] not in value:
            raise _unfit(change)
        value = value[steps[-1]]
    return value, steps


def _resolved(change: Change, container: Any, step: Step) -> str | int:
    """Return a key that an object may have, or a position that a list has."""
    if isinstance(container, dict) and isinstance(step, str):
        return step
    if isinstance(container, list) and isinstance(step, By):
        found = next((index for index, element in enumerate(container) if step.finds(element)), None)
        if found is not None:
            return found
    if isinstance(container, list) and isinstance(step, int) and -len(container) <= step < len(container):
        return range(len(container))[step]
    raise _unfit(change)


def _unfit(change: Change) -> LookupError:
    return LookupError(f"the document has no place at {format_path(change.path)} for {change!r}")
