"""One function being interpreted: what it reads, changes and saves, and what it assigns and hands on."""

from __future__ import annotations

import ast
from typing import NamedTuple, TypeGuard

from indelible.lint.changing import Changing, span_of
from indelible.lint.facts import FileFacts
from indelible.lint.project import Project
from indelible.lint.reading import Summaries
from indelible.lint.state import Assigned, Change, Place, State
from indelible.lint.values import Closure, Const, Fresh, Obj, Part, Tup, Value, each, is_named_later


class Call(NamedTuple):
    """A call with everything in it evaluated; `receiver` is what a method is called on."""

    frame: Frame
    node: ast.Call
    name: str
    callee: Value
    receiver: Value
    args: list[Value]
    kwargs: dict[str, Value]


class Passed(NamedTuple):
    """The call of something that a parameter holds, with what it is given; `rest` is the value after a star."""

    called: Obj
    args: tuple[Value, ...]
    rest: Value
    kwargs: tuple[tuple[str, Value], ...]


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
        # changes under keys like `_seen`: for this process
        self.private: set[tuple[int, int, int, int]] = set()
        self.passed: dict[ast.Call, Passed] = {}
        self.inside: list[Closure] = []
        self.gathering: frozenset[str] = frozenset()

    def assign(self, target: Value, name: str, value: Value, node: ast.AST, imported: str = "") -> None:
        """Treat `target.name = value`."""
        for obj in self._rows_meant(target, node):
            if isinstance(obj, Obj):
                if not is_named_later(name):
                    obj.given.add(name)
                self._change_of_value(obj, name, node)
                self.now.written.setdefault(obj, getattr(node, "lineno", 0))
                self._assign_to(obj, name, value, node, imported)

    def _rows_meant(self, target: Value, node: ast.AST) -> list[Value]:
        """Return what an attribute is set of: what stands for the rows in something, if it is one of these."""
        found: list[Value] = []
        for one in each(target):
            if isinstance(one, Part) and (
                one.obj.parent is None or one.obj.attribute not in self.project.json_attributes
            ):
                found.extend(each(self.row_in(one.obj, node)))
            else:
                found.append(one)
        return found

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
        self.give_to(place, value)
        same = any(self._is_same(one, place) for one in each(value))
        copies = [one for one in each(value) if isinstance(one, Fresh) and self._is_equal(one, place)]
        counts = bool(same or copies or state.alone) and self._counts(obj, name)
        if counts:
            same, copies = False, []
        if same or copies:
            self._assigned_at(name, state.pending_at(place), "IND102", node, imported)
        if copies and not same:
            state.equal.add(place)
        if not same and not copies:
            state.equal.discard(place)
            if name in self.project.json_attributes or is_named_later(name):
                if any(self._is_derived(one, place) for one in each(value)):
                    self._rewrite(obj, name, span_of(node))
                alone = set() if counts else self._alone(place, value)
                state.pending -= alone
                if self._is_unrelated(value):
                    self.drop(obj, name)
                else:
                    self.mark(obj, name)
                state.pending |= alone
                self._assigned_at(name, alone, "IND104", node, imported)
        if same and len(each(value)) == 1:
            state.attributes.pop(place, None)
        else:
            state.attributes[place] = value

    def save_all(self) -> None:
        """Take all changes as saved, by something around the function."""
        self.saved |= set(self.changes.values())
        for doomed in (self.doomed, *(state.doomed for state in self.exits)):
            doomed.clear()

    def give_to(self, place: Place, value: Value) -> None:
        """Note that a column is assigned what another row's column holds: that row may save what was changed in it."""
        if not place[1] or place[1] in self.project.json_attributes:
            for one in self._held_in(value):
                if one.parent is not None and one.parent is not place[0]:
                    self.give((one.parent, one.attribute))

    def _held_in(self, value: Value, steps: int = 3) -> list[Obj]:
        """Return the objects that a value is or is a part of, or that a container made here holds."""
        found: list[Obj] = []
        for one in each(value):
            if isinstance(one, Fresh) and steps:
                for held in self.now.contents.get(one, {}).values():
                    found.extend(self._held_in(held, steps - 1))
            elif isinstance(one, Obj | Part):
                found.append(one.obj if isinstance(one, Part) else one)
        return found

    def give(self, place: Place) -> None:
        """Note that another row takes over what a column holds."""
        if place[1] in self.project.json_attributes:
            self.gives.add(place)
            self.given |= self.now.pending_at(place)

    def _counts(self, obj: Obj, name: str) -> bool:
        """Say whether every assignment counts: a validator puts another object there, or the type finds none equal."""
        column = self.column_of(obj, name)
        if column is not None and column.tracking.always:
            return True
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
        if target := self.project.synonym(obj.cls, name):
            return target
        found = self.project.member(obj.cls, name)
        if found is None or found[1].kind != "property":
            return None
        value = self.default(obj, name)
        first = next((one for one in each(value) if isinstance(one, Obj)), None)
        return first.attribute if first is not None and first.parent is obj else None

    def _is_same(self, value: Value, place: Place) -> bool:
        held = self.now.attributes.get(place)
        if isinstance(value, Fresh):
            return place in self.now.flushed and held is value
        if not (isinstance(value, Obj) and self._reads(value, place)):
            return False
        known = [one for one in each(held) if isinstance(one, Obj) and self._reads(one, place)]
        return not known or value in known

    def _is_equal(self, fresh: Fresh, place: Place) -> bool:
        if fresh in self.now.differs or fresh.text:
            return False
        if fresh.source is None:
            return self.gathers(fresh, place, 1) or self._chosen_from(fresh, place)
        return any(
            self._is_same(one, place) or (isinstance(one, Fresh) and self._is_equal(one, place))
            for one in each(fresh.source)
        )

    def _alone(self, place: Place, value: Value, steps: int = 4) -> set[Change]:
        """Return the changes below a copy that on some way is still equal to what it was made of."""
        found: set[Change] = set()
        for one in each(value) if steps and self.now.alone else ():
            if isinstance(one, Fresh):
                found |= {change for change, copy in self.now.alone if copy is one}
                found |= self._alone(place, one.source, steps - 1) | self._alone(
                    place, one.chosen_from, steps - 1
                )
        return found & self.now.pending_at(place)

    def _chosen_from(self, fresh: Fresh, place: Place) -> bool:
        """Say whether a filter may have chosen all of a changed document."""
        return bool(self.now.pending_at(place)) and any(
            self._is_same(one, place) or (isinstance(one, Fresh) and self._is_equal(one, place))
            for one in each(fresh.chosen_from)
        )

    def gathers(self, fresh: Fresh, place: Place, depth: int) -> bool:
        """Say whether a list made here has all elements of a changed document, and nothing else."""
        held = [one for value in self.now.contents.get(fresh, {}).values() for one in each(value)]
        return (
            bool(held)
            and bool(self.now.pending_at(place))
            and all(
                isinstance(one, Part) and one.depth == depth and self._is_same(one.obj, place) for one in held
            )
        )

    def _assigned_at(self, name: str, changes: set[Change], rule: str, node: ast.AST, imported: str) -> None:
        """Note where the column `name` is assigned what keeps these changes of it from being seen."""
        target = next((one for one in ast.walk(node) if _sets(one, name)), None) if changes else None
        for change in changes:
            row = "" if imported else self.written(change.obj, name, target)
            found = rule if change.via is None else "IND104"
            self.assigned[change] = Assigned(span_of(node), found, imported or self.facts.path, row)

    def texts(self, value: Value) -> set[str]:
        """Return the strings that a value is, or that a list or tuple of names holds."""
        held: list[Value] = []
        for one in each(value):
            match one:
                case Tup(values):
                    held.extend(values)
                case Fresh():
                    held.append(self.now.contents.get(one, {}).get("*"))
                case _:
                    held.append(one)
        return {text for inner in held for one in each(inner) if (text := constant(one))}

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
                self.handed_on |= self.now.pending_at((obj.parent, obj.attribute))

    def hand_on_given(self, value: Value) -> None:
        """Note that a container that this function was given and changed goes where nobody can look."""
        for one in each(value):
            obj = one.obj if isinstance(one, Part) else one
            if isinstance(obj, Obj) and obj.parameter is not None:
                self.handed_on |= self.now.pending_at((obj, ""))


def constant(value: Value) -> str | None:
    """Return the string that a value is."""
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


def _sets(node: ast.AST, name: str) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store)
