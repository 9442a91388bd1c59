"""The operations of a JSON Patch (RFC 6902): reading them, and carrying them out on dicts and lists."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, NoReturn, TypeAlias

from indelible.changes.deltas import ABSENT
from indelible.changes.values import plain
from indelible.errors import InvalidJSONPatch, JSONPatchFailed, MissingExtra, NotJSON

JSONPatch: TypeAlias = "str | bytes | bytearray | Iterable[Mapping[str, Any]]"
"""A JSON Patch as JSON text, or as the operations that such a text holds."""

Tokens: TypeAlias = tuple[str, ...]
"""A JSON Pointer's reference tokens; what they mean depends on the document: `"0"` is a key or a position."""

_NEEDED_MEMBER: Final = {
    "add": "value",
    "remove": None,
    "replace": "value",
    "move": "from",
    "copy": "from",
    "test": "value",
}
COPY_LIMIT: Final = 10_000_000
"""How much the `copy` operations of one patch may copy, in characters: twenty could double a document twenty times."""

BEHIND_LAST: Final = "-"
"""The token for the place behind a list's last element."""

_POSITION: Final = re.compile("0|[1-9][0-9]*")
_ADVICE: Final = "Read the document again and make the patch for what it is now"


def tokens_of(pointer: str) -> Tokens:
    """Return the reference tokens of a JSON Pointer (RFC 6901).

    Raises:
        ValueError: the text is no JSON Pointer.
        MissingExtra: jsonpointer is not installed.
    """
    jsonpointer = _jsonpointer()
    try:
        return tuple(jsonpointer.JsonPointer(pointer).parts)
    except jsonpointer.JsonPointerException as error:
        raise ValueError(str(error)) from error


def pointer_of(steps: Sequence[object]) -> str:
    """Return the JSON Pointer of keys and positions.

    Raises:
        MissingExtra: jsonpointer is not installed.
    """
    pointer: str = _jsonpointer().JsonPointer.from_parts(steps).path
    return pointer


def _jsonpointer() -> Any:
    try:
        import jsonpointer
    except ImportError as error:
        raise MissingExtra.of("JSON Patch", "json-patch") from error
    return jsonpointer


def read_patch(patch: JSONPatch) -> list[PatchOperation]:
    """Return the operations of a patch, each with all its members; what else an operation has is ignored.

    Raises:
        InvalidJSONPatch: it is not a JSON Patch.
    """
    entries = _read_text(patch) if isinstance(patch, str | bytes | bytearray) else patch
    if isinstance(entries, Mapping | str) or not isinstance(entries, Iterable):
        raise InvalidJSONPatch('a JSON Patch is a list of operations, [{"op": …, "path": …}, …]')
    return [read_operation(index, entry) for index, entry in enumerate(entries)]


def _read_text(text: str | bytes | bytearray) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique_members, parse_constant=_refuse_constant)
    except RecursionError:
        raise InvalidJSONPatch("the patch is nested too deeply") from None
    except ValueError as error:
        raise InvalidJSONPatch(f"the patch cannot be read as JSON: {error}") from error


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        # RFC 6902, A.13. Elsewhere too, as one of the two values would be lost.
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"an object has the member {twice!r} more than once")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def read_operation(index: int, entry: Any) -> PatchOperation:
    """Return one operation.

    Raises:
        InvalidJSONPatch: it is not an operation of a JSON Patch.
    """
    if not isinstance(entry, Mapping):
        raise InvalidJSONPatch("it is not an object with 'op' and 'path'", index=index)
    op = entry.get("op")
    if not isinstance(op, str) or op not in _NEEDED_MEMBER:
        known = ", ".join(_NEEDED_MEMBER)
        problem = f"its 'op' is {_shown(op)}" if "op" in entry else "it has no 'op'"
        raise InvalidJSONPatch(f"{problem}; it must be one of {known}", index=index)
    needed = _NEEDED_MEMBER[op]
    if needed is not None and needed not in entry:
        raise InvalidJSONPatch(f"it has no {needed!r}; {op} needs one", index=index, op=op)
    return PatchOperation(
        index,
        op,
        path=_read_pointer(entry, "path", index, op),
        source=_read_pointer(entry, "from", index, op) if needed == "from" else (),
        pointer=entry["path"],
        source_pointer=entry["from"] if needed == "from" else "",
        value=entry["value"] if needed == "value" else ABSENT,
    )


def _read_pointer(entry: Mapping[str, Any], member: str, index: int, op: str) -> Tokens:
    pointer = entry.get(member)
    if not isinstance(pointer, str):
        problem = f"its {member!r} is {_shown(pointer)}" if member in entry else f"it has no {member!r}"
        raise InvalidJSONPatch(f"{problem}; it must be a JSON Pointer such as '/a/0'", index=index, op=op)
    try:
        return tokens_of(pointer)
    except ValueError as error:
        problem = (
            f"its {member!r} is no JSON Pointer ({error}); it must be empty or begin with '/', "
            "and '~' in a key is written '~0', '/' as '~1'"
        )
        raise InvalidJSONPatch(problem, index=index, op=op, pointer=pointer) from error


def carry_out(operations: Iterable[PatchOperation], holder: dict[str, Any]) -> None:
    """Change the document that a holder has at `""`, a dict or list or tracked ones, by all operations.

    Raises:
        JSONPatchFailed: one of them cannot be carried out; the document is somewhere between then.
    """
    copied = 0
    for operation in operations:
        if operation.op == "copy":
            copied += _size(operation.find(holder, operation.source))
            if copied > COPY_LIMIT:
                raise operation.failure(f"the patch would copy more than {COPY_LIMIT:,} characters; split it")
        operation.carry_out(holder)


def _size(value: Any) -> int:
    """Return about how many characters a value is as JSON."""
    size, pending = 0, [value]
    for each in pending:
        if isinstance(each, str):
            size += len(each)
        elif isinstance(each, dict):
            size += sum(map(len, each))
            pending += each.values()
        elif isinstance(each, list):
            pending += each
    return size + 2 * len(pending)


@dataclass(frozen=True, slots=True)
class PatchOperation:
    """One operation of a JSON Patch, to be carried out on a holder: a dict with the document at `""`."""

    index: int
    op: str
    path: Tokens
    source: Tokens
    pointer: str
    source_pointer: str
    value: Any

    def carry_out(self, holder: dict[str, Any]) -> None:
        """Change the document in the holder; where it fails, a `move` may have taken its value out already.

        Raises:
            JSONPatchFailed: the document has not what the operation needs.
        """
        try:
            self._METHODS[self.op](self, holder)
        except NotJSON as error:
            raise InvalidJSONPatch(str(error), index=self.index, op=self.op, pointer=self.pointer) from error
        except RecursionError:
            problem = "its value is nested too deeply, or contains itself"
            raise InvalidJSONPatch(problem, index=self.index, op=self.op, pointer=self.pointer) from None

    @property
    def replaces_document(self) -> bool:
        """Tell whether the operation gives the document another root."""
        return not self.path and self.op != "test" and not (self.op == "move" and not self.source)

    def find(self, holder: dict[str, Any], tokens: Tokens) -> Any:
        """Return the value at a pointer of the operation.

        Raises:
            JSONPatchFailed: there is none.
        """
        value: Any = holder
        for depth, token in enumerate(("", *tokens)):
            value = value[self._present(value, token, tokens[: max(depth - 1, 0)])]
        return value

    def failure(self, problem: str) -> JSONPatchFailed:
        """Return the error that says why the operation cannot be carried out."""
        return JSONPatchFailed(problem, index=self.index, op=self.op, pointer=self.pointer)

    def _add(self, holder: dict[str, Any]) -> None:
        self._put_in(holder, plain(self.value))

    def _remove(self, holder: dict[str, Any]) -> None:
        if not self.path:
            raise self.failure("a document cannot be taken away; replace it by null, or delete its row")
        self._take_out(holder, self.path)

    def _replace(self, holder: dict[str, Any]) -> None:
        container, step = self._place(holder, self.path)
        container[step] = plain(self.value)

    def _test(self, holder: dict[str, Any]) -> None:
        found = self.find(holder, self.path)
        if not equivalent(found, self.value):
            raise self.failure(f"the document has {_shown(found)} there, not {_shown(self.value)}. {_ADVICE}")

    def _copy(self, holder: dict[str, Any]) -> None:
        self._put_in(holder, plain(self.find(holder, self.source)))

    def _move(self, holder: dict[str, Any]) -> None:
        if self.source == self.path:
            self.find(holder, self.source)
        elif self.path[: len(self.source)] == self.source:
            raise self.failure(f"a value cannot be moved from {self.source_pointer!r} into itself; copy it")
        else:
            self._put_in(holder, self._take_out(holder, self.source))

    _METHODS: ClassVar[dict[str, Callable[[PatchOperation, dict[str, Any]], None]]] = {
        "add": _add,
        "remove": _remove,
        "replace": _replace,
        "move": _move,
        "copy": _copy,
        "test": _test,
    }

    def _put_in(self, holder: dict[str, Any], value: Any) -> None:
        if not self.path:
            holder[""] = value
            return
        container, token = self.find(holder, self.path[:-1]), self.path[-1]
        if isinstance(container, dict):
            container[token] = value
            return
        above = self.path[:-1]
        if not isinstance(container, list):
            raise self.failure(_no_members(container, above))
        index = len(container) if token == BEHIND_LAST else self._position(token, above)
        if index > len(container):
            raise self.failure(
                f"{_length(container, above)}, so nothing can be put in at {token}; '-' appends"
            )
        container.insert(index, value)

    def _take_out(self, holder: dict[str, Any], tokens: Tokens) -> Any:
        container, step = self._place(holder, tokens)
        return container.pop(step)

    def _place(self, holder: dict[str, Any], tokens: Tokens) -> tuple[Any, str | int]:
        """Return the container and the key or position of a value that is there."""
        if not tokens:
            return holder, ""
        container = self.find(holder, tokens[:-1])
        return container, self._present(container, tokens[-1], tokens[:-1])

    def _present(self, container: Any, token: str, above: Tokens) -> str | int:
        if isinstance(container, dict):
            if token in container:
                return token
            raise self.failure(f"{_at('object', above)} has no member {token!r}. {_ADVICE}")
        if not isinstance(container, list):
            raise self.failure(_no_members(container, above))
        index = self._position(token, above)
        if index < len(container):
            return index
        raise self.failure(f"{_length(container, above)}, so none at {token}. {_ADVICE}")

    def _position(self, token: str, above: Tokens) -> int:
        if token == BEHIND_LAST:
            raise self.failure(
                f"{_at('list', above)} has nothing at '-', the place behind its last element; "
                "only add, and the target of move and copy, may name it"
            )
        if not _POSITION.fullmatch(token):
            raise self.failure(
                f"{_at('list', above)} has no position {token!r}; positions are 0, 1, 2 and so on"
            )
        # No list is as long as that, and Python would not read many more digits.
        return int(token[:19])


def equivalent(one: Any, other: Any) -> bool:
    """Tell whether two values pass the operation `test`.

    RFC 6902, 4.6: numbers are equal when they are numerically equal, so 1 and 1.0 are; `true` is no number.
    """
    if isinstance(one, dict) and isinstance(other, Mapping):
        return len(one) == len(other) and all(
            key in other and equivalent(item, other[key]) for key, item in one.items()
        )
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(equivalent, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _at(kind: str, above: Tokens) -> str:
    return f"the {kind} at {pointer_of(above)!r}" if above else f"the document's own {kind}"


def _no_members(value: Any, above: Tokens) -> str:
    return f"the value at {pointer_of(above)!r} is {_shown(value)}, which has no members. {_ADVICE}"


def _length(elements: list[Any], above: Tokens) -> str:
    return f"{_at('list', above)} has {len(elements)} element{'s' * (len(elements) != 1)}"


def _shown(value: Any) -> str:
    """Return a value as JSON, or its beginning."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=repr)
    except (ValueError, TypeError, RecursionError):
        # Too many digits, a key that is no text, a value that contains itself: the message must not fail for it.
        return f"a {value.__class__.__name__} that is no JSON"
    return text if len(text) <= 80 else text[:79] + "…"
