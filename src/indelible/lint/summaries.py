"""What a function does to its parameters, and doing that at a call."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from indelible.lint.frame import Frame
from indelible.lint.reading import Reading
from indelible.lint.state import Change, Place
from indelible.lint.values import (
    Alternatives,
    Fresh,
    FunctionValue,
    Inner,
    Many,
    Obj,
    Part,
    Tup,
    Value,
    each,
    either,
)

_MOST_ASSIGNED = 40
_MOST_CONTAINERS = 200


@dataclass(slots=True)
class Summary:
    """The effect of one function, in terms of its parameters."""

    parameters: list[Obj]
    names: list[str]
    is_method: bool = False
    is_static: bool = False
    changes: list[Change] = field(default_factory=list)
    assigned: dict[Change, tuple[tuple[int, int, int, int], str, str]] = field(default_factory=dict)
    assigns: dict[Place, Value] = field(default_factory=dict)
    flags: list[tuple[Obj, str]] = field(default_factory=list)
    returned: Value = None
    contents: dict[Fresh, dict[str, Value]] = field(default_factory=dict)
    differs: set[Fresh] = field(default_factory=set)
    new: set[Obj] = field(default_factory=set)
    written: set[Obj] = field(default_factory=set)
    commits: bool = False
    writes: bool = False
    handed_on: set[Change] = field(default_factory=set)
    gives: set[Place] = field(default_factory=set)
    sets_any: set[Obj] = field(default_factory=set)
    generic: str = ""
    hands_out: bool = False
    stores: bool = False
    skipped: bool = False

    def bind(self, values: list[Value], keywords: dict[str, Value]) -> dict[Obj, Value]:
        """Return the arguments by parameter."""
        bound: dict[Obj, Value] = dict(zip(self.parameters, values, strict=False))
        for name, value in keywords.items():
            if name in self.names:
                bound[self.parameters[self.names.index(name)]] = value
        return bound

    def for_itself(self) -> Summary:
        """Return what a recursive call needs: not what it assigns, since that grows with each turn."""
        return replace(self, assigns={}, contents={}, differs=set())

    @property
    def changes_documents(self) -> bool:
        """Say whether a call leaves a document changed that the caller may have to mark."""
        return any(change.attribute for change in self.changes)

    @property
    def matters(self) -> bool:
        """Say whether a call of the function may matter to its caller."""
        return self.changes_documents or self.stores or bool(self.flags) or self.hands_out or bool(self.gives)

    @property
    def effect(self) -> tuple[object, ...]:
        """Return what to compare to learn whether another turn of a recursive function told anything new."""
        changes = {(change.path, change.span, change.attribute, change.depth) for change in self.changes}
        return changes, len(self.assigns), len(self.flags), len(each(self.returned)), self.commits


def summarise(frame: Frame, parameters: list[Obj], names: list[str], kind: str) -> Summary:
    """Return the effect of an interpreted function."""
    summary = Summary(parameters, names, kind in ("method", "class"), kind == "static")
    ours = set(parameters)
    seen: set[Change] = set()
    for state in frame.exits:
        seen |= state.pending
        summary.differs |= state.differs
        summary.new |= state.new
        summary.written |= {obj for obj in state.written if obj.root in ours}
        for place, value in state.attributes.items():
            told = place in summary.assigns or len(summary.assigns) < _MOST_ASSIGNED
            if told and place[0].root in ours and _worth_telling(frame, place, value):
                summary.assigns[place] = either(summary.assigns.get(place), value)
    for change in (seen | frame.parked) - frame.saved - frame.contrary:
        if change.obj.root in ours and change.via is None:
            summary.changes.append(change)
            if change in frame.assigned:
                summary.assigned[change] = frame.assigned[change]
    summary.changes.sort(key=lambda change: change.span)
    summary.flags = [(obj, name) for obj, name, _ in frame.flagged if obj.root in ours]
    summary.returned = frame.returned
    _keep_contents(frame, summary, [frame.returned, *summary.assigns.values()])
    summary.handed_on = frame.handed_on
    summary.sets_any = frame.sets_any & ours
    summary.gives = {place for place in frame.gives if place[0].root in ours}
    summary.stores = any(name in frame.project.json_attributes for _, name in summary.assigns)
    summary.hands_out = _hands_out(frame, summary, frame.returned)
    summary.commits = frame.commits
    summary.writes = frame.writes
    return summary


def _keep_contents(frame: Frame, summary: Summary, values: list[Value]) -> None:
    """Keep what the containers hold that a caller gets to see."""
    left = list(values)
    while left and len(summary.contents) < _MOST_CONTAINERS:
        for one in each(left.pop()):
            match one:
                case Tup(inner):
                    left.extend(inner)
                case Fresh() | Inner():
                    fresh = one.fresh if isinstance(one, Inner) else one
                    if fresh not in summary.contents:
                        held: dict[str, Value] = {}
                        for state in frame.exits:
                            for key, value in state.contents.get(fresh, {}).items():
                                held[key] = either(held.get(key), value)
                        summary.contents[fresh] = held
                        left.extend((fresh.source, *held.values()))


def _hands_out(frame: Frame, summary: Summary, value: Value, steps: int = 4) -> bool:
    """Say whether a returned value holds what a column of a parameter holds."""
    if not steps:
        return False
    for one in each(value):
        match one:
            case Obj() if one.parent is not None and one.attribute in frame.project.json_attributes:
                return True
            case Part(obj) if obj.parent is not None and obj.attribute in frame.project.json_attributes:
                return True
            case Fresh():
                held = summary.contents.get(one, {}).values()
                if any(_hands_out(frame, summary, inner, steps - 1) for inner in held):
                    return True
    return False


def _worth_telling(frame: Frame, place: Place, value: Value) -> bool:
    if place[1] in frame.project.json_attributes:
        return True
    return any(
        isinstance(one, Obj) and (one.cls is not None or one.parameter is not None) for one in each(value)
    )


def given_by_name(frame: Frame, values: Iterable[Value]) -> list[tuple[str, Value]]:
    """Return the values for JSON attributes that are in some dictionaries under the attributes' names."""
    made = [one for value in values for one in each(value) if isinstance(one, Fresh)]
    items = [item for fresh in made for item in frame.now.contents.get(fresh, {}).items()]
    return [(name, value) for name, value in items if name in frame.project.json_attributes]


def _set_by_name(
    frame: Frame, summary: Summary, mapping: dict[Obj, Value], keywords: dict[str, Value], node: ast.Call
) -> None:
    """Assign what a function that sets attributes by name is given: `row.update(data=…)`, `put(row, {"data": …})`."""
    named = [(name, value) for name, value in keywords.items() if name not in summary.names]
    named = [(name, value) for name, value in named if name in frame.project.json_attributes]
    named += given_by_name(frame, mapping.values())
    for obj in summary.sets_any:
        target = substitute(frame, summary, obj, mapping, node)
        for name, value in named:
            frame.assign(target, name, value, node)


def apply(
    frame: Frame, summary: Summary, mapping: dict[Obj, Value], node: ast.Call, keywords: dict[str, Value]
) -> Value:
    """Do at a call what the function does, and return what it returns."""
    frame.repeated = set()
    for change in summary.changes:
        _repeat(frame, summary, change, mapping, node)
    repeated = (frame.repeated & frame.now.pending) - frame.saved
    for (obj, name), value in summary.assigns.items():
        target = substitute(frame, summary, obj, mapping, node)
        if target is None:
            continue
        assigned = substitute(frame, summary, value, mapping, node)
        if _may_be_left(obj, name, value):
            for one in each(target):
                if isinstance(one, Obj):
                    frame.now.attributes[one, name] = assigned
        else:
            frame.assign(target, name, assigned, node)
    # what is still pending after the function was not saved by what it assigns
    frame.saved -= repeated
    frame.now.pending |= repeated
    if summary.changes and node not in frame.statements:
        # what comes back may be what the change was for
        frame.origin_used |= {c for c in frame.now.pending if c.imported and not c.direct and c.via is None}
    if summary.sets_any:
        _set_by_name(frame, summary, mapping, keywords, node)
    for obj, name in summary.gives:
        for one in each(substitute(frame, summary, obj, mapping, node)):
            if isinstance(one, Obj):
                frame.give((one, name))
    for obj, name in summary.flags:
        target = substitute(frame, summary, obj, mapping, node)
        if target is not None:
            frame.flag(target, name or None, node)
    for obj in summary.written:
        for one in each(substitute(frame, summary, obj, mapping, node)):
            if isinstance(one, Obj):
                frame.now.written.setdefault(one, node.lineno)
    frame.writes = frame.writes or summary.writes
    if summary.commits:
        frame.flush(itself=False)
    return substitute(frame, summary, summary.returned, mapping, node)


def _may_be_left(obj: Obj, name: str, value: Value) -> bool:
    """Say whether an attribute may also hold after the function what it held before."""
    alternatives = each(value)
    return len(alternatives) > 1 and any(
        isinstance(one, Obj) and one.parent is obj and one.attribute == name for one in alternatives
    )


def _repeat(
    frame: Frame, summary: Summary, change: Change, mapping: dict[Obj, Value], node: ast.Call
) -> None:
    target = substitute(frame, summary, change.obj, mapping, node)
    if target is None:
        return
    frame.origin = change
    if change.attribute:
        for one in each(target):
            if (
                isinstance(one, Obj)
                and one.cls is not None
                and frame.column_of(one, change.attribute) is None
            ):
                frame.refuted.add(change)
        target = frame.attribute(target, change.attribute, node)
    before = set(frame.changes.values())
    frame.change(target, node, change.how, None, change.depth)
    frame.origin = None
    made = set(frame.changes.values()) - before
    if change in summary.handed_on:
        frame.handed_on |= made
    if change in summary.assigned:
        for repeated in made:
            frame.assigned.setdefault(repeated, summary.assigned[change])


def substitute(
    frame: Reading, summary: Summary, value: Value, mapping: dict[Obj, Value], node: ast.AST | None = None
) -> Value:
    """Turn a value of the callee into one of the caller."""
    where = node if node is not None else _NOWHERE
    return _Substitution(frame, summary, mapping, where).of(value)


_NOWHERE = ast.Pass()


class _Substitution:
    def __init__(self, frame: Reading, summary: Summary, mapping: dict[Obj, Value], node: ast.AST) -> None:
        self.frame = frame
        self.summary = summary
        self.mapping = mapping
        self.node = node
        self.made: dict[Fresh, Fresh] = {}
        self.inside = False

    def of(self, value: Value) -> Value:
        match value:
            case Alternatives(values):
                return either(*(self.of(one) for one in values))
            case Obj():
                return self._object(value)
            case Part(obj, depth, via):
                found = self.of(obj)
                for _ in range(depth):
                    found = self.frame.element(found, "*", self.node)
                if via is not None and isinstance(found, Part):
                    fresh = self._fresh(via)
                    return found._replace(via=fresh)
                return found
            case Fresh():
                return self._fresh(value)
            case Inner(fresh):
                return Inner(self._fresh(fresh))
            case Tup(values):
                return Tup(tuple(self.of(one) for one in values))
            case FunctionValue(path, name, bound):
                return FunctionValue(path, name, self.of(bound))
            case Many():
                return value
        return value

    def _object(self, obj: Obj) -> Value:
        if obj in self.mapping:
            return self.mapping[obj]
        if obj.parameter is not None:
            return None
        if obj.parent is not None:
            inside, self.inside = self.inside, True
            parent = self.of(obj.parent)
            self.inside = inside
            return self.frame.attribute(parent, obj.attribute, self.node) if parent is not None else None
        made = self.frame.object_at(self.node, obj, obj.cls, again=True)
        made.names |= obj.names
        made.foreign, made.session, made.element = obj.foreign, obj.session, obj.element
        made.loose = obj.loose
        made.hidden = made.hidden or self.inside
        if obj in self.summary.new:
            self.frame.now.new.add(made)
        return made

    def _fresh(self, fresh: Fresh) -> Fresh:
        if fresh in self.made:
            return self.made[fresh]
        made = self.made[fresh] = self.frame.fresh_at(self.node, None, fresh.deep, key=fresh)
        made.source = self.of(fresh.source)
        for key, held in self.summary.contents.get(fresh, {}).items():
            self.frame.now.put(made, key, self.of(held))
        if fresh in self.summary.differs:
            self.frame.now.differs.add(made)
        return made
