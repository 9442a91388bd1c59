"""In-place changes in an interpreted function: of which columns, how deep, and whether something saves them anyway."""

from __future__ import annotations

import ast

from indelible.lint.column_types import Depth
from indelible.lint.facts import FileFacts
from indelible.lint.marking import Marking
from indelible.lint.project import Project
from indelible.lint.reading import Summaries
from indelible.lint.repeating import is_repeatable, owner_of
from indelible.lint.shaping import spelled
from indelible.lint.state import Assigned, Change, Place
from indelible.lint.values import ELEMENT, Fresh, Inner, Obj, Part, Value, each, is_named_later


class Changing(Marking):
    """The changes that a function makes, itself or by calls."""

    def __init__(
        self, project: Project, facts: FileFacts, function: str, summaries: Summaries, with_document: bool
    ) -> None:
        super().__init__(project, facts, function, summaries, with_document)
        self.changes: dict[tuple[object, ...], Change] = {}
        self.contrary: set[Change] = set()
        self.refuted: set[Change] = set()
        self.assigned: dict[Change, Assigned] = {}
        self.given: set[Change] = set()
        self.origin: Change | None = None
        self.repeated: set[Change] = set()
        self.doubting = False

    def change(
        self,
        value: Value,
        node: ast.AST,
        how: str,
        receiver: ast.expr | None,
        deep: int = 0,
        copy: Fresh | None = None,
    ) -> None:
        """Note an in-place change of a value, `deep` levels inside it, or of what a shallow copy shares with it."""
        alternatives = self.alternatives(value)
        doubt = self.doubting or any(isinstance(one, Part) for one in alternatives)
        for one in alternatives:
            match one:
                case Obj():
                    self._change_in(one, deep, copy, node, how, receiver)
                case Part(obj, depth, via):
                    self._change_in(obj, depth + deep, via or copy, node, how, receiver)
                    self._change_where_assigned(one, deep, node, how, receiver)
                case Fresh():
                    self._change_fresh(one, deep, node, how, receiver, doubt)
                case Inner(fresh):
                    self._differ(fresh, doubt)
                    self._change_holders(fresh, 1, None, node, how, receiver)

    @staticmethod
    def alternatives(value: Value) -> list[Value]:
        """Return what a value may be, containers made here first: what they lie in is known to differ by then."""
        return sorted(each(value), key=lambda one: not isinstance(one, Fresh | Inner))

    def _change_fresh(
        self, fresh: Fresh, deep: int, node: ast.AST, how: str, receiver: ast.expr | None, doubt: bool
    ) -> None:
        if deep and fresh.source is not None and not fresh.deep:
            self.change(self._element_of_fresh(fresh, "*", node), node, how, receiver, deep - 1)
            return
        self._differ(fresh, doubt)
        self._change_holders(fresh, deep, None, node, how, receiver)

    def _differ(self, fresh: Fresh, doubt: bool = False) -> None:
        """A copy that was equal to the stored value is so no longer: assigning it, or having assigned it, counts.

        With `doubt`, what it lies in may hold something else in its place.
        """
        state = self.now
        state.differs.add(fresh)
        state.doubtful.discard(fresh)
        if state.alone:
            state.alone = {(change, copy) for change, copy in state.alone if copy is not fresh}
        for place, held in state.attributes.items():
            if place in state.equal and any(one is fresh for one in each(held)):
                state.equal.discard(place)
                self.mark(*place)
        if doubt:
            self._doubt(fresh)
            return
        for outer, kept in state.contents.items():
            if outer not in state.differs and any(one is fresh for v in kept.values() for one in each(v)):
                self._differ(outer)

    def copied(self, fresh: Fresh) -> None:
        """Note the changes that a copy was made after: assigning it saves them only if it differs by then."""
        for change in self.now.pending if fresh not in self.now.differs else ():
            if any(
                isinstance(one, Obj) and self._reads(one, (change.obj, change.attribute))
                for one in each(fresh.source)
            ):
                self.now.alone.add((change, fresh))

    def _doubt(self, fresh: Fresh) -> None:
        """Let the copies that may hold a changed container be such as may differ."""
        state = self.now
        for outer, kept in state.contents.items():
            if outer not in state.differs and any(one is fresh for v in kept.values() for one in each(v)):
                state.differs.add(outer)
                state.doubtful.add(outer)

    def _change_in(
        self, obj: Obj, depth: int, via: Fresh | None, node: ast.AST, how: str, receiver: ast.expr | None
    ) -> None:
        if obj.parent is not None:
            held = self.now.attributes.get((obj.parent, obj.attribute))
            if held is None or via is not None or any(one is obj for one in each(held)):
                self._record(obj.parent, obj.attribute, depth, via, node, how, receiver)
            if any(place[0] in self.now.new for place in self._places_of(obj)):
                self.given |= self.now.pending_at((obj.parent, obj.attribute))
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

    def _change_where_assigned(
        self, part: Part, deep: int, node: ast.AST, how: str, receiver: ast.expr | None
    ) -> None:
        """Note a change of what is a part of something else, and may be what a column was just assigned."""
        for place, held in list(self.now.attributes.items()):
            if place in self.now.dirty or place[0] in self.now.new:
                for one in each(held):
                    if isinstance(one, Part) and one.obj is part.obj and one.depth <= part.depth:
                        self._record(*place, part.depth - one.depth + deep, None, node, how, receiver)

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
            row = ""
            if origin is None:
                row = self.written(obj, name, receiver) if name else ""
            elif origin.attribute == name:
                row = origin.row
            change = Change(
                path, span, obj, name, depth, how, via, variable, origin is not None, direct, function, row
            )
            self.changes[key] = change
        if origin is not None:
            self.repeated.add(change)
        self.enter(change)
        if via is not None and (via not in self.now.differs or via in self.now.doubtful):
            self.now.alone.add((change, via))

    def written(self, obj: Obj, name: str, expression: ast.expr | None) -> str:
        """Return how a row can be written here once more, `expression` having read or set its `name`; or ""."""
        owner = owner_of(expression, name)
        if owner is not None and is_repeatable(owner):
            return spelled(owner)
        return self._called(obj)

    def _called(self, obj: Obj) -> str:
        names = [name for name, value in self.now.env.items() if name.isidentifier() and obj in each(value)]
        if names:
            return min(names, key=lambda name: (name != "self", len(name), name))
        above, name = obj.parent, obj.attribute
        if above is None or name == ELEMENT or obj not in each(self.now.attributes.get((above, name), obj)):
            return ""
        called = self._called(above)
        return f"{called}.{name}" if called else ""

    def _may_be_column(self, obj: Obj, name: str) -> bool:
        if is_named_later(name):
            return True
        if obj.cls is not None:
            return self.column_of(obj, name) is not None or self._is_kept(obj, name)
        return not obj.foreign and name in self.project.json_attributes

    def change_kept(self, obj: Obj, depth: int, node: ast.AST, how: str) -> None:
        """Note a change of what an object keeps that is no row: only who made that object knows what it is."""
        if obj.parent is not None:
            self._record(obj.parent, obj.attribute, depth, None, node, how, None)

    def _is_kept(self, obj: Obj, name: str) -> bool:
        """Say whether an object that is no row keeps something there that it was given, perhaps a document."""
        if obj.parameter != 0 or obj.cls is None or obj.cls != self.owner or self.project.is_model(obj.cls):
            return False
        init = self.project.member(obj.cls, "__init__")
        return init is not None and any(
            name in self.project.names.class_facts(cls).self_attributes for cls in self.project.mro(obj.cls)
        )

    def enter(self, change: Change) -> None:
        """Make a change pending, unless it is saved anyway."""
        state = self.now
        obj, name = change.obj, change.attribute
        state.written.setdefault(obj, change.span[0])
        column = self.column_of(obj, name) if name else None
        if column is not None and column.tracking.depth is Depth.FULL:
            self.contrary.add(change)
            return
        if (
            column is not None
            and column.tracking.depth is Depth.ONE_LEVEL
            and not change.depth
            and change.via is None
            and change.how not in column.tracking.silent
        ):
            self._rewrite(obj, name, change.span)
            self.touch(obj, name)
            self.saved.add(change)
            return
        if column is None and name and not change.depth and change.via is None:
            self._notice(change)
        if obj in state.new or ((obj, name) in state.dirty):
            self.saved.add(change)
            return
        if change.via is not None and (obj, name) in state.equal:
            self.assigned[change] = Assigned(change.span, "IND104", change.path, change.row)
        state.pending.add(change)
        state.made.add(change)
        state.marked.discard(change)

    def _notice(self, change: Change) -> None:
        """Save what was changed below in a column of unknown class that may be tracked one level deep."""
        obj, name = change.obj, change.attribute
        bearers = [column.tracking for _, column in self.project.json_attributes.get(name, ())]
        kinds = {tracking.depth for tracking in bearers if change.how not in tracking.silent}
        if Depth.ONE_LEVEL in kinds and obj.cls is None:
            if len(kinds) == 1 and len(bearers) == sum(change.how not in one.silent for one in bearers):
                self.touch(obj, name)
            self.save({change for change in self.now.pending_at((obj, name)) if change.depth})


def span_of(node: ast.AST) -> tuple[int, int, int, int]:
    """Return line, column, end line and end column of an expression or statement; lines from 1, columns from 0."""
    located: ast.expr = node  # type: ignore[assignment]  # every node that is passed has a position
    end = located.end_lineno or located.lineno
    return located.lineno, located.col_offset, end, located.end_col_offset or located.col_offset
