"""What a function does to its parameters, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from indelible.lint.frame import Frame, Passed
from indelible.lint.naming import ClassRef
from indelible.lint.project import Project
from indelible.lint.state import Assigned, Change, Place
from indelible.lint.values import (
    ClassValue,
    Fresh,
    Inner,
    Obj,
    Part,
    Tup,
    Value,
    each,
    either,
    is_named_later,
)

_MOST_ASSIGNED = 40
_MOST_CONTAINERS = 200


@dataclass(slots=True)
class Summary:
    """The effect of one function, in terms of its parameters.

    `positional` says how many of these are given by position; what a star stands for comes last. `keeps` are the
    attributes in which a method keeps documents of rows for the others, `closed` the changes that it commits itself,
    `unsure` those that it makes on some ways only, `by_sql` what it writes by statements of its own.
    """

    parameters: list[Obj]
    names: list[str]
    is_method: bool = False
    is_static: bool = False
    owner: ClassRef | None = None
    changes: list[Change] = field(default_factory=list)
    assigned: dict[Change, Assigned] = field(default_factory=dict)
    assigns: dict[Place, Value] = field(default_factory=dict)
    flags: list[tuple[Obj, str]] = field(default_factory=list)
    touched: list[Place] = field(default_factory=list)
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
    surrounds: bool = False
    positional: int = 0
    passed: list[Passed] = field(default_factory=list)
    alone: set[Change] = field(default_factory=set)
    doubtful: set[Fresh] = field(default_factory=set)
    constructed: dict[Obj, dict[str, Value]] = field(default_factory=dict)
    keeps: set[str] = field(default_factory=set)
    closed: set[Change] = field(default_factory=set)
    unsure: set[Change] = field(default_factory=set)
    by_sql: set[Place] = field(default_factory=set)

    def bind(self, values: list[Value], keywords: dict[str, Value], rest: Value = None) -> dict[Obj, Value]:
        """Return the arguments by parameter; `rest` is what follows a star."""
        bound: dict[Obj, Value] = dict(zip(self.parameters[: self.positional], values, strict=False))
        if len(self.parameters) > len(self.names):
            beyond = tuple(values[self.positional :])
            bound[self.parameters[-1]] = Tup(beyond) if rest is None or beyond else rest
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
        return (
            self.changes_documents
            or self.stores
            or bool(self.flags or self.touched)
            or self.hands_out
            or bool(self.gives or self.by_sql)
        )

    @property
    def effect(self) -> tuple[object, ...]:
        """Return what to compare to learn whether another turn of a recursive function told anything new."""
        changes = {(change.path, change.span, change.attribute, change.depth) for change in self.changes}
        return changes, len(self.assigns), len(self.flags), len(each(self.returned)), self.commits


def summarise(
    frame: Frame, parameters: list[Obj], names: list[str], kind: str, surrounds: bool = False
) -> Summary:
    """Return the effect of an interpreted function; `surrounds` says that it makes a context for a `with`."""
    summary = Summary(parameters, names, kind in ("method", "class"), kind == "static", frame.owner)
    ours = set(parameters)
    seen: set[Change] = set()
    for state in frame.exits:
        seen |= state.pending
        summary.differs |= state.differs
        summary.doubtful |= state.doubtful
        summary.alone |= {change for change, copy in state.alone if change.via is copy}
        summary.new |= state.new
        summary.written |= {obj for obj in state.written if obj.root in ours}
        for place, value in state.attributes.items():
            told = place in summary.assigns or len(summary.assigns) < _MOST_ASSIGNED
            if told and place[0].root in ours and _worth_telling(frame, place, value):
                summary.assigns[place] = either(summary.assigns.get(place), value)
    summary.flags = [(obj, name) for obj, name, _ in frame.flagged if obj.root in ours]
    # a tracked change saves what the caller changed below it
    summary.touched = [
        place
        for place in frame.touched
        if place[0].root in ours and all(place in state.sure for state in frame.exits)
    ]
    summary.surrounds = surrounds
    summary.returned = _items_yielded(frame) if frame.yields and not surrounds else frame.returned
    summary.constructed = {
        one: frame.constructed[one]
        for one in each(summary.returned)
        if isinstance(one, Obj) and one in frame.constructed
    }
    if kind == "method":
        summary.keeps = {
            name
            for (obj, name), value in summary.assigns.items()
            if obj is parameters[0] and any(names_document(frame.project, one) for one in each(value))
        }
    _keep_contents(frame, summary, [summary.returned, *summary.assigns.values()])
    for change in (seen | frame.parked) - frame.saved - frame.contrary:
        if change.obj.root in ours and (change.via is None or change.via in summary.contents):
            summary.changes.append(change)
            if change in frame.assigned:
                summary.assigned[change] = frame.assigned[change]
    summary.unsure = {
        change for change in summary.changes if not all(change in state.made for state in frame.exits)
    }
    summary.changes.sort(key=lambda change: change.span)
    summary.handed_on = frame.handed_on
    elsewhere = frame.handed_on_inside | {change for change in frame.given if not change.direct}
    summary.closed = (frame.closed | frame.settled) - elsewhere
    summary.sets_any = frame.sets_any & ours
    summary.gives = {place for place in frame.gives if place[0].root in ours}
    summary.by_sql = {place for place in frame.by_sql if place[0].root in ours}
    summary.stores = any(
        name in frame.project.json_attributes or is_named_later(name) for _, name in summary.assigns
    )
    summary.hands_out = _hands_out(frame, summary, summary.returned)
    summary.commits = frame.commits
    summary.writes = frame.writes
    summary.passed = [passed for passed in frame.passed.values() if passed.called.root in ours]
    return summary


def _items_yielded(frame: Frame) -> Value:
    """Return what a generator gives: something that holds what it yields."""
    items = Fresh()
    for state in frame.exits:
        state.put(items, "*", frame.returned)
    return items if frame.exits else frame.returned


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
            case Tup(values):
                if any(_hands_out(frame, summary, inner, steps - 1) for inner in values):
                    return True
            case Fresh():
                held = summary.contents.get(one, {}).values()
                if any(_hands_out(frame, summary, inner, steps - 1) for inner in held):
                    return True
    return False


def _worth_telling(frame: Frame, place: Place, value: Value) -> bool:
    if place[1] in frame.project.json_attributes or is_named_later(place[1]):
        return True
    return any(
        isinstance(one, ClassValue)
        or (isinstance(one, Obj) and (one.cls is not None or one.parameter is not None))
        or names_document(frame.project, one)
        for one in each(value)
    )


def names_document(project: Project, value: Value) -> bool:
    """Say whether a value is by its name what a JSON column holds, or a part of it, whatever its row is."""
    obj = value.obj if isinstance(value, Part) else value
    return isinstance(obj, Obj) and obj.parent is not None and obj.attribute in project.json_attributes
