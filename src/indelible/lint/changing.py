"""In-place changes in an interpreted function: of which columns, how deep, and whether something saves them anyway."""

from __future__ import annotations

import ast

from indelible.lint.column_types import Tracking
from indelible.lint.extracting import spelled
from indelible.lint.facts import FileFacts
from indelible.lint.marking import Marking
from indelible.lint.project import Project
from indelible.lint.reading import Summaries
from indelible.lint.state import Change, Place
from indelible.lint.values import Fresh, Inner, Obj, Part, Value, each, is_named_later


class Changing(Marking):
    """The changes that a function makes, itself or by calls."""

    def __init__(
        self, project: Project, facts: FileFacts, function: str, summaries: Summaries, with_document: bool
    ) -> None:
        super().__init__(project, facts, function, summaries, with_document)
        self.changes: dict[tuple[object, ...], Change] = {}
        self.contrary: set[Change] = set()
        self.refuted: set[Change] = set()
        self.assigned: dict[Change, tuple[tuple[int, int, int, int], str, str]] = {}
        self.given: set[Change] = set()
        self.origin: Change | None = None
        self.repeated: set[Change] = set()

    def change(self, value: Value, node: ast.AST, how: str, receiver: ast.expr | None, deep: int = 0) -> None:
        """Note an in-place change of a value, `deep` levels inside it."""
        for one in each(value):
            match one:
                case Obj():
                    self._change_in(one, deep, None, node, how, receiver)
                case Part(obj, depth, via):
                    self._change_in(obj, depth + deep, via, node, how, receiver)
                case Fresh():
                    self._change_fresh(one, deep, node, how, receiver)
                case Inner(fresh):
                    self._differ(fresh)
                    self._change_holders(fresh, 1, None, node, how, receiver)

    def _change_fresh(
        self, fresh: Fresh, deep: int, node: ast.AST, how: str, receiver: ast.expr | None
    ) -> None:
        if deep and fresh.source is not None and not fresh.deep:
            self.change(self._element_of_fresh(fresh, "*", node), node, how, receiver, deep - 1)
            return
        self._differ(fresh)
        self._change_holders(fresh, deep, None, node, how, receiver)

    def _differ(self, fresh: Fresh) -> None:
        """A copy that was equal to the stored value is so no longer: assigning it, or having assigned it, counts."""
        state = self.now
        state.differs.add(fresh)
        for place, held in state.attributes.items():
            if place in state.equal and any(one is fresh for one in each(held)):
                state.equal.discard(place)
                self.mark(*place)
        for outer, kept in state.contents.items():
            if outer not in state.differs and any(one is fresh for v in kept.values() for one in each(v)):
                self._differ(outer)

    def _change_in(
        self, obj: Obj, depth: int, via: Fresh | None, node: ast.AST, how: str, receiver: ast.expr | None
    ) -> None:
        if obj.parent is not None:
            held = self.now.attributes.get((obj.parent, obj.attribute))
            if held is None or via is not None or any(one is obj for one in each(held)):
                self._record(obj.parent, obj.attribute, depth, via, node, how, receiver)
            if any(place[0] in self.now.new for place in self._places_of(obj)):
                self.given |= {
                    c for c in self.now.pending if (c.obj, c.attribute) == (obj.parent, obj.attribute)
                }
            self._change_above(obj.parent, depth + 1, node, how, receiver)
        elif obj.parameter is not None:
            self._record(obj, "", depth, via, node, how, receiver)
        self._change_holders(obj, depth, via, node, how, receiver)

    def _places_of(self, obj: Obj) -> list[Place]:
        """Return the attributes that were assigned an object."""
        return [place for place, held in self.now.attributes.items() if any(one is obj for one in each(held))]

    def _change_above(self, obj: Obj, depth: int, node: ast.AST, how: str, receiver: ast.expr | None) -> None:
        """Note a change below an object that a column's own type made of JSON: `row.options.sizes.append(…)`."""
        while obj.parent is not None:
            if self.column_of(obj.parent, obj.attribute) is not None:
                self._record(obj.parent, obj.attribute, depth, None, node, how, receiver)
            obj, depth = obj.parent, depth + 1

    def _change_holders(
        self,
        value: Obj | Fresh,
        depth: int,
        via: Fresh | None,
        node: ast.AST,
        how: str,
        receiver: ast.expr | None,
    ) -> None:
        for place, held in list(self.now.attributes.items()):
            if any(one is value for one in each(held)) and not (
                isinstance(value, Obj) and self._reads(value, place)
            ):
                self._record(*place, depth, via, node, how, receiver)

    @staticmethod
    def _reads(obj: Obj, place: Place) -> bool:
        return obj.parent is place[0] and obj.attribute == place[1]

    def _record(
        self,
        obj: Obj,
        name: str,
        depth: int,
        via: Fresh | None,
        node: ast.AST,
        how: str,
        receiver: ast.expr | None,
    ) -> None:
        if name and not self._may_be_column(obj, name):
            return
        origin = self.origin
        span = span_of(node) if origin is None else origin.span
        path = self.facts.path if origin is None else origin.path
        key = (path, span, obj, name, depth, via)
        change = self.changes.get(key)
        if change is None:
            variable = spelled(receiver) if receiver is not None else origin.variable if origin else ""
            direct = bool(name) and (f".{name}" in variable)
            function = self.function if origin is None else origin.function
            change = Change(
                path, span, obj, name, depth, how, via, variable, origin is not None, direct, function
            )
            self.changes[key] = change
        if origin is not None:
            self.repeated.add(change)
        self.enter(change)

    def _may_be_column(self, obj: Obj, name: str) -> bool:
        if is_named_later(name):
            return True
        if obj.cls is not None:
            return self.column_of(obj, name) is not None
        return not obj.foreign and name in self.project.json_attributes

    def enter(self, change: Change) -> None:
        """Make a change pending, unless it is saved anyway."""
        state = self.now
        obj, name = change.obj, change.attribute
        state.written.setdefault(obj, change.span[0])
        column = self.column_of(obj, name) if name else None
        if column is not None and column.tracking is Tracking.FULL:
            self.contrary.add(change)
            return
        if (
            column is not None
            and column.tracking is Tracking.ONE_LEVEL
            and not change.depth
            and change.via is None
        ):
            self._rewrite(obj, name, change.span)
            self.mark(obj, name)
            self.touched.add((obj, name))
            self.saved.add(change)
            return
        if column is None and name and not change.depth and change.via is None:
            self._notice(obj, name)
        if obj in state.new or ((obj, name) in state.dirty):
            self.saved.add(change)
            return
        if change.via is not None and (obj, name) in state.equal:
            self.assigned[change] = (change.span, "IND104", change.path)
        state.pending.add(change)

    def _notice(self, obj: Obj, name: str) -> None:
        """Save what was changed below in a column of unknown class that may be tracked one level deep."""
        kinds = {column.tracking for _, column in self.project.json_attributes.get(name, ())}
        if Tracking.ONE_LEVEL in kinds and obj.cls is None:
            if len(kinds) == 1:
                self.mark(obj, name)
                self.touched.add((obj, name))
            pending = {c for c in self.now.pending if c.obj is obj and c.attribute == name and c.depth}
            self.saved |= pending
            self.now.pending -= pending


def span_of(node: ast.AST) -> tuple[int, int, int, int]:
    """Return line, column, end line and end column of an expression or statement; lines from 1, columns from 0."""
    located: ast.expr = node  # type: ignore[assignment]  # every node that is passed has a position
    end = located.end_lineno or located.lineno
    return located.lineno, located.col_offset, end, located.end_col_offset or located.col_offset
