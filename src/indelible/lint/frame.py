"""One function being interpreted: what it reads, changes and saves, and what it assigns and hands on."""

from __future__ import annotations

import ast
from typing import NamedTuple

from indelible.lint.changing import Changing, span_of
from indelible.lint.facts import FileFacts
from indelible.lint.project import Project
from indelible.lint.reading import Summaries
from indelible.lint.state import Change, Place, State
from indelible.lint.values import Const, Fresh, Obj, Part, Value, each, is_named_later


class Call(NamedTuple):
    """A call with everything in it evaluated; `receiver` is what a method is called on."""

    frame: Frame
    node: ast.Call
    name: str
    callee: Value
    receiver: Value
    args: list[Value]
    kwargs: dict[str, Value]


class Ending(NamedTuple):
    """What the end of a context does: the rows and columns that it marks, and whether it commits."""

    flags: list[tuple[Value, str]]
    commits: bool


Attempt = tuple[bool, Value]
"""Whether a call was treated, and what it returns."""
NOT_TREATED: Attempt = (False, None)


class Frame(Changing):
    """The interpretation of one function."""

    def __init__(
        self, project: Project, facts: FileFacts, function: str, summaries: Summaries, with_document: bool
    ) -> None:
        super().__init__(project, facts, function, summaries, with_document)
        self.exits: list[State] = []
        self.returned: Value = None
        self.shown: set[int] = set()
        self.handed_on: set[Change] = set()
        self.handed_on_inside: set[Change] = set()
        self.gives: set[Place] = set()
        self.sets_any: set[Obj] = set()
        self.own_sessions: set[str] = set()
        self.statements: set[ast.expr] = set()
        self.origin_used: set[Change] = set()
        self.writes = False
        self.locked = False
        self.yields = False
        self.contexts: dict[ast.Call, list[Ending]] = {}
        self.parallel: set[str] = set()

    def assign(self, target: Value, name: str, value: Value, node: ast.AST, imported: str = "") -> None:
        """Treat `target.name = value`."""
        for obj in each(target):
            if isinstance(obj, Obj):
                if not is_named_later(name):
                    obj.given.add(name)
                self._change_of_value(obj, name, node)
                self.now.written.setdefault(obj, getattr(node, "lineno", 0))
                self._assign_to(obj, name, value, node, imported)

    def _change_of_value(self, obj: Obj, name: str, node: ast.AST) -> None:
        """Note that an attribute is set of an object that a column's own type made of JSON."""
        if obj.parent is not None and self.column_of(obj.parent, obj.attribute) is not None:
            self.change(obj, node, f".{name} =", None)

    def _assign_to(self, obj: Obj, name: str, value: Value, node: ast.AST, imported: str) -> None:
        state = self.now
        setter = self._setter(obj, name)
        if setter is not None:
            name = setter
        place = (obj, name)
        self._give(place, value)
        same = any(self._is_same(one, place) for one in each(value))
        copies = [one for one in each(value) if isinstance(one, Fresh) and self._is_equal(one, place)]
        if (same or copies) and self._converted(obj, name):
            same, copies = False, []
        if same or copies:
            pending = {c for c in state.pending if c.obj is obj and c.attribute == name}
            self._assigned_back(pending, copies, node, imported)
        if copies and not same:
            state.equal.add(place)
        if not same and not copies:
            state.equal.discard(place)
            if name in self.project.json_attributes or is_named_later(name):
                if any(self._is_derived(one, place) for one in each(value)):
                    self._rewrite(obj, name, span_of(node))
                if self._is_unrelated(value):
                    self.drop(obj, name)
                else:
                    self.mark(obj, name)
        if same and len(each(value)) == 1:
            state.attributes.pop(place, None)
        else:
            state.attributes[place] = value

    def _give(self, place: Place, value: Value) -> None:
        """Note that a column is assigned what another row's column holds: that row may save what was changed in it."""
        if place[1] in self.project.json_attributes:
            for one in each(value):
                if isinstance(one, Obj) and one.parent is not None and one.parent is not place[0]:
                    self.give((one.parent, one.attribute))

    def give(self, place: Place) -> None:
        """Note that another row takes over what a column holds."""
        if place[1] in self.project.json_attributes:
            self.gives.add(place)
            self.given |= {c for c in self.now.pending if (c.obj, c.attribute) == place}

    def _converted(self, obj: Obj, name: str) -> bool:
        """Say whether a validator of the class puts another object in the place of what is assigned."""
        classes = self.project.mro(obj.cls) if obj.cls is not None else ()
        return any(name in self.project.names.class_facts(cls).converted for cls in classes)

    def _is_derived(self, value: Value, place: Place) -> bool:
        if isinstance(value, Fresh) and value.source is not None:
            return any(
                self._is_same(one, place) or self._is_derived(one, place) for one in each(value.source)
            )
        return False

    def _is_unrelated(self, value: Value) -> bool:
        """Say whether a value has nothing of any document in it: a constant, or a display of constants."""
        held = self.now.contents
        return all(
            isinstance(one, Const)
            or (
                isinstance(one, Fresh)
                and one.source is None
                and one.items_of is None
                and one in held
                and all(isinstance(v, Const | None) for kept in held[one].values() for v in each(kept))
            )
            for one in each(value)
        )

    def _setter(self, obj: Obj, name: str) -> str | None:
        """Return the attribute that a property stands for: what its getter returns of `self`."""
        if obj.cls is None:
            return None
        found = self.project.member(obj.cls, name)
        if found is None or found[1].kind != "property":
            return None
        value = self.default(obj, name)
        first = next((one for one in each(value) if isinstance(one, Obj)), None)
        return first.attribute if first is not None and first.parent is obj else None

    def _is_same(self, value: Value, place: Place) -> bool:
        return isinstance(value, Obj) and self._reads(value, place)

    def _is_equal(self, fresh: Fresh, place: Place) -> bool:
        if fresh in self.now.differs or fresh.source is None:
            return False
        return any(
            self._is_same(one, place) or (isinstance(one, Fresh) and self._is_equal(one, place))
            for one in each(fresh.source)
        )

    def _assigned_back(self, pending: set[Change], copies: list[Fresh], node: ast.AST, imported: str) -> None:
        span = span_of(node)
        for change in pending:
            nested = change.via is not None
            self.assigned[change] = (span, "IND104" if nested else "IND102", imported or self.facts.path)

    def hand_on(self, value: Value, steps: int = 4) -> None:
        """Note that a changed container is passed to a function, which may save it by itself, or is what it is for."""
        for one in each(value):
            if isinstance(one, Fresh):
                for held in self.now.contents.get(one, {}).values() if steps else ():
                    self.hand_on(held, steps - 1)
            else:
                self.hand_on_part(one)

    def hand_on_part(self, value: Value) -> None:
        """Note that the value of a column, or a part of it, leaves this function."""
        for one in each(value):
            obj = one.obj if isinstance(one, Part) else one
            if isinstance(obj, Obj) and obj.parent is not None:
                place = (obj.parent, obj.attribute)
                self.handed_on |= {c for c in self.now.pending if (c.obj, c.attribute) == place}


def constant(value: Value) -> str | None:
    """Return the string that a value is."""
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None
