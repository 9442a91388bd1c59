"""What is known at one point of a function, and how two points join."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from indelible.lint.values import Fresh, Obj, Value, either

Place = tuple[Obj, str]


@dataclass(frozen=True, eq=False, slots=True)
class Change:
    """One in-place change of what attribute `attribute` of `obj` holds.

    An empty `attribute` means that `obj` itself, a parameter, was changed. `via` is the shallow copy that the change
    went through; `span` is line, column, end line, end column in the file at `path`.
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


@dataclass(slots=True)
class State:
    """The abstract state; copied at branches."""

    env: dict[str, Value] = field(default_factory=dict)
    attributes: dict[Place, Value] = field(default_factory=dict)
    dirty: set[Place] = field(default_factory=set)
    equal: set[Place] = field(default_factory=set)
    pending: set[Change] = field(default_factory=set)
    contents: dict[Fresh, dict[str, Value]] = field(default_factory=dict)
    differs: set[Fresh] = field(default_factory=set)
    new: set[Obj] = field(default_factory=set)
    born: set[Obj] = field(default_factory=set)
    written: dict[Obj, int] = field(default_factory=dict)
    ruled_out: dict[str, frozenset[str]] = field(default_factory=dict)

    def copy(self) -> State:
        """Return an independent state."""
        return State(
            dict(self.env), dict(self.attributes), set(self.dirty), set(self.equal), set(self.pending),
            dict(self.contents), set(self.differs), set(self.new), set(self.born), dict(self.written),
            dict(self.ruled_out),
        )  # fmt: skip

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
    for place in one.attributes.keys() | other.attributes.keys():
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
    for fresh, held in other.contents.items():
        mine_held = joined.contents.get(fresh)
        if mine_held is None or mine_held is held:
            joined.contents[fresh] = held
        else:
            keys = mine_held.keys() | held.keys()
            joined.contents[fresh] = {key: either(mine_held.get(key), held.get(key)) for key in keys}
    joined.differs |= other.differs
    joined.new |= other.new
    joined.born |= other.born
    joined.written.update(other.written)
    if joined.ruled_out:
        joined.ruled_out = {
            name: kinds & other.ruled_out[name]
            for name, kinds in one.ruled_out.items()
            if name in other.ruled_out
        }
    return joined


def _unless_new(place: Place, state: State, default: Callable[[Obj, str], Value]) -> Value:
    return default(*place) if place[0].root in state.born else None
