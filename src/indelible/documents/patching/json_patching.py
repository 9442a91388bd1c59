"""A JSON Patch (RFC 6902) as changes of a stored document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indelible.changes.json_patch_operations import COPY_LIMIT, PatchOperation, Tokens
from indelible.changes.values import plain
from indelible.documents import serializing
from indelible.documents.patching import shapes
from indelible.documents.patching.binding import Binding
from indelible.documents.patching.refusals import OperationFailure
from indelible.documents.patching.values import JSONText, Sent, WholeText
from indelible.errors import InvalidJSONPatch, NotJSON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indelible.documents.patching.building import Patch


def with_operations(patch: Patch, operations: Sequence[PatchOperation]) -> Patch:
    """Return a patch with the operations of a JSON Patch added."""
    copies = sum(operation.op == "copy" for operation in operations)
    for operation in operations:
        patch = _with_operation(patch, operation, COPY_LIMIT // max(copies, 1))
    return patch


def _with_operation(patch: Patch, operation: PatchOperation, longest: int) -> Patch:
    name = patch._document_name
    binding = Binding(patch, OperationFailure(operation, name))

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
