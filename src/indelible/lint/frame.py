"""One function being interpreted: reading, changing, assigning, marking and flushing abstract values."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple, Protocol

from indelible.lint.column_types import Tracking
from indelible.lint.facts import FileFacts, Shape
from indelible.lint.naming import ClassRef
from indelible.lint.notes import value_of_note
from indelible.lint.project import Column, Project
from indelible.lint.state import Change, Place, State, join
from indelible.lint.values import (
    MOST_DEPTH,
    Alternatives,
    ClassValue,
    Const,
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

if TYPE_CHECKING:
    from indelible.lint.summaries import Summary


class Summaries(Protocol):
    """Gives summaries of functions."""

    def of(self, path: str, name: str, with_document: bool = True) -> Summary | None:
        """Return the summary of a function, None if it cannot be had."""


class Call(NamedTuple):
    """A call with everything in it evaluated; `receiver` is what a method is called on."""

    frame: Frame
    node: ast.Call
    name: str
    callee: Value
    receiver: Value
    args: list[Value]
    kwargs: dict[str, Value]


class Frame:
    """The interpretation of one function."""

    def __init__(
        self, project: Project, facts: FileFacts, function: str, summaries: Summaries, with_document: bool
    ) -> None:
        self.project = project
        self.facts = facts
        self.function = function
        self.summaries = summaries
        self.with_document = with_document
        self.unfollowed = False
        self.state: State | None = State()
        self.children: dict[Place, Value] = {}
        self.made: dict[tuple[ast.AST, object], Obj] = {}
        self.fresh: dict[tuple[ast.AST, object], Fresh] = {}
        self.globals: dict[str, Value] = {}
        self.changes: dict[tuple[object, ...], Change] = {}
        self.parked: set[Change] = set()
        self.saved: set[Change] = set()
        self.contrary: set[Change] = set()
        self.committed: set[Change] = set()
        self.assigned: dict[Change, tuple[tuple[int, int, int, int], str, str]] = {}
        self.flagged: list[tuple[Obj, str, int]] = []
        self.exits: list[State] = []
        self.returned: Value = None
        self.shown: set[int] = set()
        self.commits = False
        self.commits_itself = False
        self.handed_on: set[Change] = set()
        self.statements: set[ast.expr] = set()
        self.origin_used: set[Change] = set()
        self.writes = False
        self.started: list[tuple[ast.Call, str, tuple[Obj, ...], bool]] = []
        self.pending_tasks: list[int] = []
        self.early_tasks: dict[int, bool] = {}
        self.locked = False
        self.yields = False
        self.origin: Change | None = None
        self.refuted: set[Change] = set()
        self.awaited: set[int] = set()
        self.rewritten: dict[tuple[int, int, int, int], Place] = {}
        self.parallel: set[str] = set()

    # -- making

    @property
    def now(self) -> State:
        """Return the present state; only called where code is reachable."""
        assert self.state is not None
        return self.state

    def object_at(
        self, node: ast.AST, key: object = "", cls: ClassRef | None = None, again: bool = False
    ) -> Obj:
        """Return the object that an expression makes, the same for the same expression."""
        found = self.made.get((node, key))
        if found is None:
            found = self.made[node, key] = Obj(cls)
        elif again:
            self._forget(found)
        self.now.born.add(found)
        return found

    def _forget(self, obj: Obj) -> None:
        """Let a loop's next turn start with another row in the same variable."""
        state = self.now
        for place in [place for place in state.attributes if place[0].root is obj]:
            del state.attributes[place]
        state.dirty = {place for place in state.dirty if place[0].root is not obj}
        state.equal = {place for place in state.equal if place[0].root is not obj}
        old = {change for change in state.pending if change.obj.root is obj}
        state.pending -= old
        self.parked |= old

    def fresh_at(self, node: ast.AST, source: Value = None, deep: bool = False, key: object = "") -> Fresh:
        """Return the container that an expression makes."""
        found = self.fresh.get((node, key))
        if found is None:
            found = self.fresh[node, key] = Fresh(source, deep)
        else:
            # in a loop, `d = dict(d)` meets itself
            found.source = either(*(one for one in each(source) if one is not found))
            self.now.differs.discard(found)
            self.now.contents.pop(found, None)
        return found

    # -- reading

    def default(self, obj: Obj, name: str) -> Value:
        """Return what an attribute holds when this function has not assigned it."""
        known = self.children.get((obj, name))
        if known is None and (obj, name) not in self.children:
            known = self.children[obj, name] = self._make_child(obj, name)
        return known

    def _make_child(self, obj: Obj, name: str) -> Value:
        child = Obj(parent=obj, attribute=name, names=[name], foreign=obj.foreign)
        if obj.cls is None:
            return child
        if relation := self.project.relationship(obj.cls, name):
            if relation.many:
                return Many((relation.target,), True)
            child.cls = relation.target
            return child
        if self.project.column(obj.cls, name) is not None:
            return child
        if found := self.project.member(obj.cls, name):
            return self._member(obj, child, found[0], name)
        for cls in self.project.mro(obj.cls):
            note = self.project.names.class_facts(cls).self_attributes.get(name)
            if note is not None:
                return self._noted(child, cls, note)
        return child

    def _member(self, obj: Obj, child: Obj, cls: ClassRef, name: str) -> Value:
        member = self.project.names.class_facts(cls).members[name]
        if member.kind == "method":
            return FunctionValue(cls.path, f"{cls.name}.{name}", obj)
        if member.kind == "property":
            return self._property(obj, child, cls, name)
        if member.annotation is not None:
            return self._noted(child, cls, member.annotation)
        if member.value is not None and member.value.kind == "name":
            symbol = self.project.names.resolve(self.project.facts(cls), member.value.text)
            if symbol.kind == "class":
                return ClassValue(ClassRef(symbol.path, symbol.name))
        if self.project.is_model(cls) and not self.project.opaque(cls):
            child.foreign = True  # a column of another kind, a synonym …
        return child

    def _property(self, obj: Obj, child: Obj, cls: ClassRef, name: str) -> Value:
        summary = self.summaries.of(cls.path, f"{cls.name}.{name}")
        if summary is not None and summary.returned is not None:
            from indelible.lint.summaries import substitute

            mapping: dict[Obj, Value] = {summary.parameters[0]: obj} if summary.parameters else {}
            return substitute(self, summary, summary.returned, mapping)
        return child

    def _noted(self, child: Obj, cls: ClassRef, note: Shape) -> Value:
        facts = self.project.facts(cls)
        if note.kind == "made":
            inner = note.parts[0]
            made = self.project.resolve_class(facts, inner.parts[0]) if inner.kind == "call" else None
            child.cls = made
            return child
        while note.kind == "subscript" and note.last_name in ("Mapped", "ClassVar", "Final", "InitVar"):
            note = note.parts[1]
        value = value_of_note(self.project, facts, note, cls)
        if isinstance(value, Obj):
            child.cls, child.foreign = value.cls, value.foreign
            return child
        return child if value is None else value

    def attribute(self, value: Value, name: str, node: ast.AST) -> Value:
        """Read an attribute."""
        return either(*(self._attribute_of(one, name, node) for one in each(value)))

    def _attribute_of(self, value: Value, name: str, node: ast.AST) -> Value:
        match value:
            case Obj():
                value.used.add(name)
                held = self.now.attributes.get((value, name))
                return held if held is not None else self.default(value, name)
            case ClassValue(ref):
                return self._class_attribute(ref, name)
            case Many():
                if name in ("query", "items", "all"):
                    return value
            case Part() | Inner():
                child = self.object_at(node, name)
                child.names.add(name)
                return child
            case Tup(values) if name.isidentifier():
                named = [v for v in values if isinstance(v, Obj) and v.cls and v.cls.name == name]
                return named[0] if named else None
        return None

    def _class_attribute(self, ref: ClassRef, name: str) -> Value:
        if name in ("query", "objects") and self.project.is_model(ref):
            return Many((ref,), True)
        if found := self.project.member(ref, name):
            cls, member = found
            if member.kind == "method":
                return FunctionValue(cls.path, f"{cls.name}.{name}", ClassValue(ref))
            if member.kind == "class":
                return ClassValue(ClassRef(cls.path, f"{cls.name}.{name}"))
        return None

    def element(self, value: Value, key: str, node: ast.AST) -> Value:
        """Return what a container holds under a key, `*` for any."""
        return either(*(self._element_of(one, key, node) for one in each(value)))

    def _element_of(self, value: Value, key: str, node: ast.AST) -> Value:
        match value:
            case Obj():
                if value.foreign and value.parent is None and value.parameter is None:
                    return None
                return Part(value, 1)
            case Part(obj, depth, via):
                return Part(obj, min(depth + 1, MOST_DEPTH), via)
            case Inner():
                return value
            case Fresh():
                return self._element_of_fresh(value, key, node)
            case Many():
                return self.one_of(value, node)
            case Tup(values):
                if key.isdigit() and int(key) < len(values):
                    return values[int(key)]
                return either(*values)
        return None

    def _element_of_fresh(self, fresh: Fresh, key: str, node: ast.AST) -> Value:
        held = self.now.contents.get(fresh, {})
        if key != "*" and key in held:
            return held[key]
        found = either(*held.values()) if key == "*" else held.get("*")
        if fresh.source is not None and not fresh.deep:
            shared = [self._through(self._element_of(one, key, node), fresh) for one in each(fresh.source)]
            return either(found, *shared)
        return found if found is not None else Inner(fresh)

    def _through(self, value: Value, fresh: Fresh) -> Value:
        return value._replace(via=value.via or fresh) if isinstance(value, Part) else value

    def one_of(self, many: Many, node: ast.AST) -> Value:
        """Return one item of a result."""
        items: list[Value] = []
        for number, cls in enumerate(many.items):
            obj = self.object_at(node, number, cls, again=True)
            obj.session = many.session
            obj.element = True
            items.append(obj)
        if many.scalar and items:
            return items[0]
        return Tup(tuple(items))

    # -- changing

    def column_of(self, obj: Obj, name: str) -> Column | None:
        """Return the column that an attribute is, if the object's class is known."""
        return self.project.column(obj.cls, name) if obj.cls is not None else None

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
        elif obj.parameter is not None:
            self._record(obj, "", depth, via, node, how, receiver)
        self._change_holders(obj, depth, via, node, how, receiver)

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
            variable = ast.unparse(receiver) if receiver is not None else origin.variable if origin else ""
            direct = bool(name) and (f".{name}" in variable)
            function = self.function if origin is None else origin.function
            change = Change(
                path, span, obj, name, depth, how, via, variable, origin is not None, direct, function
            )
            self.changes[key] = change
        self.enter(change)

    def _may_be_column(self, obj: Obj, name: str) -> bool:
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
            self.saved.add(change)
            return
        if obj in state.new or ((obj, name) in state.dirty):
            self.saved.add(change)
            return
        if change.via is not None and (obj, name) in state.equal:
            self.assigned[change] = (change.span, "IND104", change.path)
        state.pending.add(change)

    # -- saving

    def mark(self, obj: Obj, name: str) -> None:
        """A column will be written whole at the next flush: its pending changes are saved."""
        state = self.now
        state.dirty.add((obj, name))
        self.saved |= {change for change in state.pending if change.obj is obj and change.attribute == name}
        state.pending -= self.saved

    def flag(self, value: Value, name: str | None, node: ast.AST) -> None:
        """Treat `flag_modified(value, name)`; None stands for a name that is not known."""
        targets = [one for one in each(value) if isinstance(one, Obj)]
        for obj in targets:
            self.flagged.append((obj, name or "", getattr(node, "lineno", 0)))
            for attribute in self._flagged_names(obj, name):
                for change in self.now.pending:
                    if change.obj is obj and change.attribute == attribute and not change.imported:
                        self._rewrite(obj, attribute, change.span)
                self.mark(obj, attribute)
            self.now.written.setdefault(obj, getattr(node, "lineno", 0))
        self._flag_unsure(targets, name)

    def _flagged_names(self, obj: Obj, name: str | None) -> set[str]:
        if name is not None:
            return {name}
        mine = {change.attribute for change in self.now.pending if change.obj is obj}
        of_class = (
            self.project.attributes(obj.cls) & self.project.json_attributes.keys() if obj.cls else set()
        )
        return mine | of_class

    def _flag_unsure(self, targets: list[Obj], name: str | None) -> None:
        """Also save what may be the same row under another name."""
        for change in self.now.pending | self.parked:
            if name is not None and change.attribute != name:
                continue
            if not targets or any(self._may_be_same(obj, change.obj) for obj in targets):
                self.saved.add(change)
        self.now.pending -= self.saved

    @staticmethod
    def _may_be_same(one: Obj, other: Obj) -> bool:
        if one.cls is not None and other.cls is not None and one.cls != other.cls:
            return False
        return bool(
            one.element or other.element or one.names & other.names or not (one.names and other.names)
        )

    def flush(self, commit: bool = True, itself: bool = True) -> None:
        """Treat a flush or commit."""
        if self.state is None:
            return
        self.commits = True
        state = self.state
        self.commits_itself = self.commits_itself or itself
        self.committed |= state.pending | self.parked
        state.dirty.clear()
        state.equal.clear()
        state.new.clear()
        if commit:
            state.written.clear()
            for number in self.pending_tasks:
                # a task on this loop runs at the next await, not before
                if self.started[number][1] != "loop" or number in self.awaited:
                    self.early_tasks[number] = True
            self.pending_tasks.clear()

    def pending_awaits(self) -> None:
        """Note that other tasks of the loop may run here."""
        self.awaited.update(self.pending_tasks)

    # -- assigning

    def assign(self, target: Value, name: str, value: Value, node: ast.AST, imported: str = "") -> None:
        """Treat `target.name = value`."""
        for obj in each(target):
            if isinstance(obj, Obj):
                obj.used.add(name)
                self.now.written.setdefault(obj, getattr(node, "lineno", 0))
                self._assign_to(obj, name, value, node, imported)

    def _assign_to(self, obj: Obj, name: str, value: Value, node: ast.AST, imported: str) -> None:
        state = self.now
        setter = self._setter(obj, name)
        if setter is not None:
            name = setter
        place = (obj, name)
        same = any(self._is_same(one, place) for one in each(value))
        copies = [one for one in each(value) if isinstance(one, Fresh) and self._is_equal(one, place)]
        if same or copies:
            pending = {c for c in state.pending if c.obj is obj and c.attribute == name}
            self._assigned_back(pending, copies, node, imported)
        if copies and not same:
            state.equal.add(place)
        if not same and not copies:
            state.equal.discard(place)
            if name in self.project.json_attributes:
                if any(self._is_derived(one, place) for one in each(value)):
                    self._rewrite(obj, name, span_of(node))
                self.mark(obj, name)
        if same and len(each(value)) == 1:
            state.attributes.pop(place, None)
        else:
            state.attributes[place] = value

    def _rewrite(self, obj: Obj, name: str, span: tuple[int, int, int, int]) -> None:
        """Note that a document was read here, changed, and will be written whole."""
        if obj.session:
            self.rewritten.setdefault(span, (obj, name))

    def _is_derived(self, value: Value, place: Place) -> bool:
        if isinstance(value, Fresh) and value.source is not None:
            return any(
                self._is_same(one, place) or self._is_derived(one, place) for one in each(value.source)
            )
        return False

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

    def hand_on(self, value: Value) -> None:
        """Note that a changed container is passed to a function, which may save it by itself, or is what it is for."""
        for one in each(value):
            if isinstance(one, Fresh):
                for held in self.now.contents.get(one, {}).values():
                    self.hand_on_part(held)
            else:
                self.hand_on_part(one)

    def hand_on_part(self, value: Value) -> None:
        """Note that the value of a column, or a part of it, leaves this function."""
        for one in each(value):
            obj = one.obj if isinstance(one, Part) else one
            if isinstance(obj, Obj) and obj.parent is not None:
                place = (obj.parent, obj.attribute)
                self.handed_on |= {c for c in self.now.pending if (c.obj, c.attribute) == place}

    # -- joining

    def meet(self, one: State | None, other: State | None) -> State | None:
        """Join two states."""
        return join(one, other, self.default)

    def instance(self, ref: ClassRef, node: ast.AST) -> Obj:
        """Return a new object of a class, not yet flushed if it is a row."""
        obj = self.object_at(node, "new", ref, again=True)
        obj.names.add(ref.name)
        if self.project.is_model(ref):
            self.now.new.add(obj)
        return obj


def span_of(node: ast.AST) -> tuple[int, int, int, int]:
    """Return line, column, end line and end column of an expression or statement; lines from 1, columns from 0."""
    located: ast.expr = node  # type: ignore[assignment]  # every node that is passed has a position
    end = located.end_lineno or located.lineno
    return located.lineno, located.col_offset, end, located.end_col_offset or located.col_offset


def constant(value: Value) -> str | None:
    """Return the string that a value is."""
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


__all__ = ["Alternatives", "Frame", "Summaries", "constant"]
