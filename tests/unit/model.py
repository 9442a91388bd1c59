"""What documents must become: a second, simple reading of the contract, made of plain containers with a note of
their owner.

It shares no code with the library. A mutation runs on a plain copy whose elements are tokens, so Python itself says
what the built-in method does; what is left is the contract's own part: a container has one place in a document, is
copied into a second one, and is free once it was taken out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias


class Slot:
    """The place of a document's root: a column of a row, or a variable."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.value: Any = None

    def __repr__(self) -> str:
        return self.name


class Taken:
    """The owner of a container that was taken out of a document; it belongs to the program now."""

    def __init__(self, past: Slot | None, *, fixed: bool = False) -> None:
        self.past = past
        self.fixed = fixed
        """Whether a change must be refused: the program may mean what is in the document in its place."""


class ModelDict(dict[Any, Any]):
    """An object of a document."""

    owner: Owner
    twin: Node | Elsewhere | None


class ModelList(list[Any]):
    """An array of a document."""

    owner: Owner
    twin: Node | Elsewhere | None


class Elsewhere:
    """A copy in another document."""


Node: TypeAlias = ModelDict | ModelList
Owner: TypeAlias = ModelDict | ModelList | Slot | Taken

LIVE, FREE, STALE = "live", "free", "stale"


class Refused(Exception):
    """The contract refuses the value: JSON cannot keep it."""


class Token:
    """An element of a container while a mutation runs: equal and ordered as its value, with an identity."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Any, order: int = -1) -> None:
        self.value = value
        self.order = order

    def __eq__(self, other: object) -> bool:
        return bool(self.value == reveal(other))

    def __lt__(self, other: object) -> bool:
        return bool(self.value < reveal(other))


def reveal(element: Any) -> Any:
    """Return the value of an element, which may be a token."""
    return element.value if isinstance(element, Token) else element


def members(value: Any) -> Iterable[tuple[Any, Any]]:
    """Return the steps and values directly in a container."""
    return list(value.items()) if isinstance(value, dict) else list(enumerate(value))


def is_node(value: object) -> bool:
    """Tell whether a value is a container of the model."""
    return isinstance(value, ModelDict | ModelList)


def bare(value: Any) -> Any:
    """Return a deep copy of plain containers."""
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [bare(item) for item in value]
    return value


def identical(a: Any, b: Any, *, ordered: bool = False) -> bool:
    """Tell whether two values are one JSON value, by JSON type; with `ordered`, keys in one order too."""
    if isinstance(a, dict) or isinstance(b, dict):
        return (
            isinstance(a, dict)
            and isinstance(b, dict)
            and a.keys() == b.keys()
            and (not ordered or list(a) == list(b))
            and all(identical(a[key], b[key], ordered=ordered) for key in a)
        )
    if isinstance(a, list | tuple) or isinstance(b, list | tuple):
        return (
            isinstance(a, list | tuple)
            and isinstance(b, list | tuple)
            and len(a) == len(b)
            and all(identical(x, y, ordered=ordered) for x, y in zip(a, b, strict=True))
        )
    return type(a) is type(b) and repr(a) == repr(b)


def is_json(value: Any) -> bool:
    """Tell whether JSON can keep a value."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_json(key) and is_json(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(map(is_json, value))
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, str) or not any("\ud800" <= character <= "\udfff" for character in value)


def upwards(owner: Owner) -> Iterator[Node]:
    """Yield a container and those above it."""
    while isinstance(owner, ModelDict | ModelList):
        yield owner
        owner = owner.owner


def top_of(node: Node) -> tuple[Node, Slot | Taken]:
    """Return the topmost container above one, and what owns that."""
    top = list(upwards(node))[-1]
    assert isinstance(top.owner, Slot | Taken)
    return top, top.owner


def standing(node: Node) -> str:
    """Tell whether a change of the container must be saved, is the program's own affair, or must be refused."""
    top, owner = top_of(node)
    if isinstance(owner, Slot):
        return LIVE if owner.value is top else STALE
    return STALE if owner.fixed else FREE


def owned_in(node: Node) -> list[Node]:
    """Return a container and all that have their place in it."""
    found = [node]
    for each in found:
        found += [item for _, item in members(each) if is_node(item) and item.owner is each]
    return found


def document_of(node: Node) -> Slot | None:
    """Return the document that a container is or was part of."""
    owner = top_of(node)[1]
    return owner if isinstance(owner, Slot) else owner.past


def load(slot: Slot, value: Any) -> None:
    """Let a slot hold a value that was read: whatever was there is stale from now on."""
    slot.value = _Change(slot).adopt(bare(value), slot)


def assign(slot: Slot, value: Any) -> None:
    """Let a slot hold a value that the program assigns.

    Raises:
        Refused: the value is no JSON.
    """
    if value is slot.value:
        return
    if not is_json(value):
        raise Refused
    change = _Change(slot)
    old = slot.value
    if is_node(old):
        change.displaced.append(old)
    slot.value = change.adopt(value, slot)
    change.remember_copies()
    if is_node(old) and old.owner is slot:
        old.owner = Taken(slot, fixed=True)


def mutate(
    node: Node, run: Callable[[Any, Sequence[Any]], Any], values: Sequence[Any], *, assigns: bool = False
) -> Any:
    """Carry out a mutation, unless it raises; return its result.

    One that `assigns` puts values in the place of others. The program did not ask for those, so it may take them for
    what the document holds: they can be put in again, but not be changed.

    Raises:
        Refused: a value is no JSON.
        Exception: whatever Python raises; the container is as it was.
    """
    content, result = rehearse(node, run, values)
    given = [value for _, value in members(content) if value.order >= 0]
    if not all(is_json(token.value) for token in given) or not _keys_are_json(node, content):
        raise Refused
    _write(node, content, assigns=assigns)
    return _result(node, content, result)


def rehearse(node: Node, run: Callable[[Any, Sequence[Any]], Any], values: Sequence[Any]) -> tuple[Any, Any]:
    """Return the content, as tokens, and the result of a mutation, which is not carried out."""
    tokens = [Token(value, order) for order, value in enumerate(values)]
    if isinstance(node, dict):
        content: Any = {key: Token(value) for key, value in node.items()}
    else:
        content = [Token(value) for value in node]
    return content, run(content, tokens)


def _result(node: Node, content: Any, result: Any) -> Any:
    """Return what a mutation returned; what it put in is the document's own copy."""
    if isinstance(result, tuple):
        return tuple(_result(node, content, item) for item in result)
    for step, token in members(content):
        if token is result:
            return node[step]
    return reveal(result)


def changes(node: Node, content: Any) -> bool:
    """Tell whether a rehearsed content differs from the container's."""
    return not identical(bare(node), bare(_unwrapped(content)), ordered=True)


def _unwrapped(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: reveal(token) for key, token in content.items()}
    return [reveal(token) for token in content]


def _keys_are_json(node: Node, content: Any) -> bool:
    return not isinstance(content, dict) or all(key in node or is_json({key: None}) for key in content)


def _write(node: Node, content: Any, *, assigns: bool) -> None:
    change = _Change(document_of(node))
    places = members(content)
    kept: dict[int, Any] = {}
    for step, token in places:
        if token.order < 0:
            kept.setdefault(id(token), step)
    stays = {id(token.value) for _, token in places if token.order < 0}
    change.displaced += [
        value
        for _, value in members(node)
        if is_node(value) and value.owner is node and id(value) not in stays
    ]
    final = {step: token.value for step, token in places if token.order < 0 and kept[id(token)] == step}
    incoming = [(token.order, step, token) for step, token in places if step not in final]
    for _, step, token in sorted(incoming, key=lambda entry: entry[0]):
        final[step] = change.adopt(token.value, node)
    steps = [step for step, _ in places]
    if isinstance(node, ModelDict):
        dict.clear(node)
        dict.update(node, {step: final[step] for step in steps})
    else:
        node[:] = [final[step] for step in steps]
    change.remember_copies()
    change.release(node, fixed=assigns)


class _Change:
    def __init__(self, document: Slot | None) -> None:
        self.document = document
        self.displaced: list[Node] = []
        self.moved: set[int] = set()
        self.copies: list[tuple[Node, Node]] = []

    def adopt(self, value: Any, owner: Owner, *, as_part: bool = False) -> Any:
        """Return what to put for a value, which the program gave or, `as_part`, is in a container that is copied."""
        if isinstance(value, ModelDict | ModelList):
            if self._may_move(value, owner):
                return self._move(value, owner)
            twin = self._build(value, owner, as_part=True)
            if not as_part and not isinstance(owner, Slot):
                self.copies.append((value, twin))
            return twin
        if isinstance(value, dict | list | tuple):
            return self._build(value, owner, as_part=as_part)
        return value

    def remember_copies(self) -> None:
        """Note for each container that was put in a second place, where that is."""
        for value, twin in self.copies:
            value.twin = twin if document_of(value) is document_of(twin) else Elsewhere()

    def release(self, node: Node, *, fixed: bool) -> None:
        """Set free what has no place any more; what was copied before goes on in the copy's place, if that is equal."""
        freed = [value for value in self.displaced if id(value) not in self.moved and value.owner is node]
        for value in freed:
            value.owner = Taken(self.document, fixed=fixed)
        for value in freed:
            for inside in [value] if fixed else owned_in(value):
                twin = inside.twin
                if twin is not None and not isinstance(top_of(inside)[1], Slot):
                    inside.twin = None
                    self._give_way(inside, twin)

    def _give_way(self, value: Node, twin: Node | Elsewhere) -> None:
        if isinstance(twin, Elsewhere):
            value.owner = Taken(self.document, fixed=True)
        elif standing(twin) != LIVE or isinstance(twin.owner, Slot):
            return
        elif top_of(twin)[1] is not self.document or not identical(bare(twin), bare(value)):
            value.owner = Taken(self.document, fixed=True)
        else:
            self._take_place(value, twin)

    def _take_place(self, value: Node, twin: Node) -> None:
        place = twin.owner
        assert isinstance(place, ModelDict | ModelList)
        step = next(step for step, item in members(place) if item is twin)
        value.owner = Taken(self.document)  # so that it moves, also out of a part of what was removed
        place[step] = _Change(self.document).adopt(value, place)
        twin.owner = Taken(self.document)

    def _may_move(self, value: Node, owner: Owner) -> bool:
        if id(value) in self.moved or any(above is value for above in upwards(owner)):
            return False
        top, holder = top_of(value)
        if isinstance(holder, Taken) and not any(above is top for above in upwards(owner)):
            return True
        leaving = {id(node) for node in self.displaced}
        for above in upwards(value):
            if id(above) in self.moved:
                return False
            if id(above) in leaving:
                return True
        return False

    def _move(self, value: Node, owner: Owner) -> Node:
        self.moved.add(id(value))
        value.owner = owner
        self._settle(value)
        return value

    def _build(self, value: Any, owner: Owner, *, as_part: bool) -> Node:
        node: Node = ModelDict() if isinstance(value, dict) else ModelList()
        node.owner, node.twin = owner, None
        for step, item in members(value):
            item = self.adopt(item, node, as_part=as_part)
            if isinstance(node, ModelDict):
                node[step] = item
            else:
                node.append(item)
        return node

    def _settle(self, node: Node) -> None:
        """Copy the parts of a moved container that have another place by now."""
        for step, item in members(node):
            if is_node(item) and item.owner is node:
                self._settle(item)
            else:
                node[step] = self.adopt(item, node)
