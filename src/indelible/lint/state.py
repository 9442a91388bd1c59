"""What is known at one point of a function, and how two points join."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from indelible.lint.values import MOST_DEPTH, Fresh, Obj, Part, Value, each, either

Place = tuple[Obj, str]


@dataclass(frozen=True, eq=False, slots=True)
class Change:
    """One in-place change of what attribute `attribute` of `obj` holds.

    An empty `attribute` means that `obj` itself, a parameter, was changed. `via` is the shallow copy that the change
    went through; `span` is line, column, end line, end column in the file at `path`. `row` is how the row can be
    written just behind the change, empty if nothing there is known to be it.
    """

    path: str
    span: tuple[int, int, int, int]
    obj: Obj
    attribute: str
    depth: int
    how: str
    via: Fresh | None = None
    variable: str = ""
    imported: bool = False
    direct: bool = True
    function: str = ""
    row: str = ""


class Assigned(NamedTuple):
    """Where a changed object, or a copy of it, was assigned to an attribute; `row` is how the row is written there."""

    span: tuple[int, int, int, int]
    rule: str
    path: str
    row: str


@dataclass(slots=True)
class State:
    """The abstract state; copied at branches.

    `differs` are copies that are not equal to what they were made of, `doubtful` those that are so on some ways only;
    `alone` are changes through a copy that on some way nothing at its top level goes with; `sure` are columns that
    were changed on every way in a manner that their tracker notices. `made` are changes that were made on every way,
    `marked` those that were saved on some way; `doomed` were committed where no way had marked them, and not since.
    `flushed` are attributes that hold what they were given before a flush, and no commit has expired them.
    """

    env: dict[str, Value] = field(default_factory=dict)
    attributes: dict[Place, Value] = field(default_factory=dict)
    dirty: set[Place] = field(default_factory=set)
    equal: set[Place] = field(default_factory=set)
    pending: set[Change] = field(default_factory=set)
    made: set[Change] = field(default_factory=set)
    marked: set[Change] = field(default_factory=set)
    doomed: set[Change] = field(default_factory=set)
    contents: dict[Fresh, dict[str, Value]] = field(default_factory=dict)
    differs: set[Fresh] = field(default_factory=set)
    doubtful: set[Fresh] = field(default_factory=set)
    alone: set[tuple[Change, Fresh]] = field(default_factory=set)
    sure: set[Place] = field(default_factory=set)
    new: set[Obj] = field(default_factory=set)
    born: set[Obj] = field(default_factory=set)
    flushed: set[Place] = field(default_factory=set)
    written: dict[Obj, int] = field(default_factory=dict)
    ruled_out: dict[str, frozenset[str]] = field(default_factory=dict)

    def copy(self) -> State:
        """Return an independent state."""
        return State(
            dict(self.env), dict(self.attributes), set(self.dirty), set(self.equal), set(self.pending),
            set(self.made), set(self.marked), set(self.doomed),
            dict(self.contents), set(self.differs), set(self.doubtful), set(self.alone),
            set(self.sure), set(self.new), set(self.born), set(self.flushed), dict(self.written), dict(self.ruled_out),
        )  # fmt: skip

    def pending_at(self, place: Place) -> set[Change]:
        """Return the pending changes of what one attribute of one object holds."""
        return {change for change in self.pending if (change.obj, change.attribute) == place}

    def put(self, fresh: Fresh, key: str, value: Value) -> None:
        """Add to what a fresh container holds under a key, `*` for any."""
        held = dict(self.contents.get(fresh, {}))
        held[key] = either(held.get(key), value) if key == "*" else value
        self.contents[fresh] = held


def join(one: State | None, other: State | None, default: Callable[[Obj, str], Value]) -> State | None:
    """Return what is known after two ways met; `default` is what an attribute held before."""
    if one is None or other is None:
        return one or other
    if one is other:
        return one
    joined = one.copy()
    for name, value in other.env.items():
        joined.env[name] = either(joined.env.get(name), value) if name in joined.env else value
    for place in one.attributes | other.attributes:
        mine = one.attributes[place] if place in one.attributes else _unless_new(place, one, default)
        theirs = other.attributes[place] if place in other.attributes else _unless_new(place, other, default)
        joined.attributes[place] = either(mine, theirs)
    joined.dirty = {
        place
        for place in one.dirty | other.dirty
        if (place in one.dirty or place[0].root not in one.born)
        and (place in other.dirty or place[0].root not in other.born)
    }
    joined.equal |= other.equal
    joined.pending |= other.pending
    joined.made &= other.made
    joined.marked |= other.marked
    joined.doomed |= other.doomed
    for fresh in one.contents | other.contents:
        joined.contents[fresh] = _held_either_way(fresh, one, other)
    joined.doubtful |= other.doubtful | _doubtful(one, other)
    joined.alone |= other.alone
    joined.sure &= other.sure
    joined.differs |= other.differs
    joined.new |= other.new
    joined.born |= other.born
    joined.flushed &= other.flushed
    joined.written.update(other.written)
    if joined.ruled_out:
        joined.ruled_out = {
            name: kinds & other.ruled_out[name]
            for name, kinds in one.ruled_out.items()
            if name in other.ruled_out
        }
    return joined


def _held_either_way(fresh: Fresh, one: State, other: State) -> dict[str, Value]:
    mine, theirs = one.contents.get(fresh), other.contents.get(fresh)
    if mine is theirs:
        return mine or {}
    if mine is None or theirs is None:
        without = one if mine is None else other
        if fresh.source is None or not _knows(without, fresh):
            return mine or theirs or {}
    mine, theirs = mine or {}, theirs or {}
    shared = _shared(fresh)
    return {key: either(mine.get(key, shared), theirs.get(key, shared)) for key in mine | theirs}


def _knows(state: State, fresh: Fresh) -> bool:
    """Say whether a variable holds a container."""
    return any(held is fresh for value in state.env.values() for held in each(value))


def _shared(fresh: Fresh) -> Value:
    """Return what a shallow copy holds where nothing else was put: what it was made of."""
    found: list[Value] = []
    for one in each(fresh.source) if not fresh.deep else ():
        if isinstance(one, Obj):
            found.append(Part(one, 1, fresh))
        elif isinstance(one, Part):
            found.append(Part(one.obj, min(one.depth + 1, MOST_DEPTH), one.via or fresh))
    return either(*found)


def _doubtful(one: State, other: State) -> set[Fresh]:
    """Return the copies that differ from what they were made of on one of two ways only."""
    found: set[Fresh] = set()
    for fresh in one.differs ^ other.differs:
        if fresh.source is not None and not fresh.deep:
            without = other if fresh in one.differs else one
            if _knows(without, fresh):
                found.add(fresh)
    return found


def _unless_new(place: Place, state: State, default: Callable[[Obj, str], Value]) -> Value:
    return default(*place) if place[0].root in state.born else None
