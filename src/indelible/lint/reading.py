"""Reading in an interpreted function: what expressions make, and what attributes and elements hold."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Protocol

from indelible.lint.constants import named_by
from indelible.lint.facts import FileFacts, Shape
from indelible.lint.naming import ClassRef
from indelible.lint.notes import value_of_note
from indelible.lint.project import Column, Project
from indelible.lint.querying import model_of_row
from indelible.lint.state import Change, Place, State, join
from indelible.lint.values import (
    ELEMENT,
    MOST_DEPTH,
    ClassValue,
    ColumnValue,
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
    is_named_later,
    named_later,
)

if TYPE_CHECKING:
    from indelible.lint.summaries import Summary


_MOST_OBJECTS = 5000


class TooComplex(Exception):
    """A function makes so many objects that following it is not worth the time."""


class Summaries(Protocol):
    """Gives summaries of functions."""

    def of(self, path: str, name: str, with_document: bool = True) -> Summary | None:
        """Return the summary of a function, None if it cannot be had."""


class Reading:
    """Objects, containers, attributes and elements, as far as one function knows them."""

    def __init__(
        self, project: Project, facts: FileFacts, function: str, summaries: Summaries, with_document: bool
    ) -> None:
        self.project = project
        self.facts = facts
        self.function = function
        self.summaries = summaries
        self.with_document = with_document
        outer = function.removesuffix(".setter").rpartition(".")[0]
        self.owner = ClassRef(facts.path, outer) if outer in facts.classes else None
        self.own: Value = None
        self.own_class: Obj | None = None
        self.constructed: dict[Obj, dict[str, Value]] = {}
        self.guarded = False
        self.unfollowed = False
        self.state: State | None = State()
        self.children: dict[Place, Value] = {}
        self.made: dict[tuple[ast.AST, object], Obj] = {}
        self.fresh: dict[tuple[ast.AST, object], Fresh] = {}
        self.globals: dict[str, Value] = {}
        self.parked: set[Change] = set()
        self.sessions: set[str] = set()

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
            if len(self.made) > _MOST_OBJECTS:
                raise TooComplex(self.function)
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
            self.now.doubtful.discard(found)
            self.now.contents.pop(found, None)
            self._leave_behind(found)
        return found

    # -- reading

    def _leave_behind(self, fresh: Fresh) -> None:
        """Let what was assigned in an earlier turn of a loop be another container than the one made now."""
        attributes = self.now.attributes
        for place, held in attributes.items():
            if any(one is fresh for one in each(held)):
                attributes[place] = either(*(one for one in each(held) if one is not fresh), Fresh())

    def default(self, obj: Obj, name: str) -> Value:
        """Return what an attribute holds when this function has not assigned it."""
        known = self.children.get((obj, name))
        if known is None and (obj, name) not in self.children:
            known = self.children[obj, name] = self._make_child(obj, name)
        return known

    def _make_child(self, obj: Obj, name: str) -> Value:
        child = Obj(parent=obj, attribute=name, names=[name] if name != ELEMENT else [], foreign=obj.foreign)
        if obj.cls is None:
            return child
        if relation := self.project.relationship(obj.cls, name):
            if relation.many:
                return Many((relation.target,), True)
            child.cls = relation.target
            return child
        if self.project.column(obj.cls, name) is not None:
            target = self.project.synonym(obj.cls, name)
            return self.default(obj, target) if target else child
        if found := self.project.member(obj.cls, name):
            return self._member(obj, child, found[0], name)
        for cls in self.project.mro(obj.cls):
            note = self.project.names.class_facts(cls).self_attributes.get(name)
            if note is not None:
                return self._noted(child, cls, note)
        return child

    def _member(self, obj: Obj, child: Obj, cls: ClassRef, name: str) -> Value:
        member = self.project.names.class_facts(cls).members[name]
        if member.kind in ("method", "property"):
            bearers = self.project.implementing(obj.cls, name) if obj.cls is not None else {}
            # what leaves the body to others may say by its annotation what they return
            own = self._bound(obj, child, cls, name)
            return either(
                own, *(self._bound(self._as(obj, below), child, one, name) for below, one in bearers.items())
            )
        if member.annotation is not None:
            return self._noted(child, cls, member.annotation)
        if member.value is not None and (names := named_by(member.value)) is not None:
            return names
        if member.value is not None and member.value.kind == "name":
            symbol = self.project.names.resolve(self.project.facts(cls), member.value.text)
            if symbol.kind == "class":
                return ClassValue(ClassRef(symbol.path, symbol.name))
        if self.project.is_model(cls) and not self.project.opaque(cls):
            child.foreign = True  # a column of another kind, a synonym …
        return child

    def _as(self, obj: Obj, below: ClassRef) -> Obj:
        """Return an object as one of a class below its own; `self` stays what it is."""
        if obj.parameter == 0:
            return obj
        known = self.children.get((obj, below.name))
        if not isinstance(known, Obj):
            known = self.children[obj, below.name] = Obj(below, obj.parent, obj.attribute, obj.names)
        return known

    def _bound(self, obj: Obj, child: Obj, cls: ClassRef, name: str) -> Value:
        if self.project.names.class_facts(cls).members[name].kind == "method":
            return FunctionValue(cls.path, f"{cls.name}.{name}", obj)
        return self._property(obj, child, cls, name)

    def _property(self, obj: Obj, child: Obj, cls: ClassRef, name: str) -> Value:
        summary = self.summaries.of(cls.path, f"{cls.name}.{name}")
        if summary is not None and summary.returned is not None:
            from indelible.lint.applying import substitute

            mapping: dict[Obj, Value] = {summary.parameters[0]: obj} if summary.parameters else {}
            found = substitute(self, summary, summary.returned, mapping)
            if obj.cls == self.owner and obj.parameter == 0:
                # the class has its rows behind its properties
                for root in (one.root for one in each(found) if isinstance(one, Obj)):
                    root.hidden = False
            return found
        return child

    def _noted(self, child: Obj, cls: ClassRef, note: Shape) -> Value:
        facts = self.project.facts(cls)
        if note.kind == "asked":
            child.cls = model_of_row(self.project, facts, note.parts[0])
            return child
        if note.kind == "made":
            inner = note.parts[0]
            if inner.kind == "name":
                held = self.project.resolve_class(facts, inner)
                return ClassValue(held) if held is not None else child
            made = self.project.resolve_class(facts, inner.parts[0]) if inner.kind == "call" else None
            child.cls = made or self._made_by(facts, inner) or model_of_row(self.project, facts, inner)
            if made is not None:
                from indelible.lint.generics import classes_named, construct

                keywords = dict(inner.keywords)
                classes = classes_named(self.project, facts, (*inner.parts[1:], *keywords.values()))
                positional = len(inner.parts) - 1
                construct(
                    self, child, classes[:positional], dict(zip(keywords, classes[positional:], strict=True))
                )
            return child
        while note.kind == "subscript" and note.last_name in ("Mapped", "ClassVar", "Final", "InitVar"):
            note = note.parts[1]
        value = value_of_note(self.project, facts, note, cls)
        if isinstance(value, Obj):
            child.cls, child.foreign = value.cls, value.foreign
            return child
        return child if value is None else value

    def _made_by(self, facts: FileFacts, made: Shape) -> ClassRef | None:
        """Return the class of what a function of the project returns."""
        called = made.parts[0] if made.kind == "call" else made
        symbol = self.project.names.resolve(facts, called.text) if called.kind == "name" else None
        if symbol is None or symbol.kind != "function":
            return None
        summary = self.summaries.of(symbol.path, symbol.name)
        found = [one.cls for one in each(summary.returned) if isinstance(one, Obj)] if summary else []
        return found[0] if len(found) == 1 else None

    @staticmethod
    def attribute_names(value: Value) -> list[str]:
        """Return the attributes that a value may name, none if it says nothing."""
        names: list[str] = []
        for one in each(value):
            if isinstance(one, Const) and isinstance(one.value, str):
                names.append(one.value)
            elif isinstance(one, Obj) and one.parameter is not None and one.cls is None:
                names.append(named_later(one.parameter))
        return names

    def attribute(self, value: Value, name: str, node: ast.AST) -> Value:
        """Read an attribute."""
        return either(*(self._attribute_of(one, name, node) for one in each(value)))

    def _attribute_of(self, value: Value, name: str, node: ast.AST) -> Value:
        match value:
            case Obj():
                if name == "__class__" and value.cls is not None:
                    return ClassValue(value.cls)
                if not is_named_later(name) and not self.guarded:
                    value.used.add(name)
                held = self.now.attributes.get((value, name))
                return held if held is not None else self.default(value, name)
            case ClassValue(ref):
                return self._class_attribute(ref, name)
            case Many():
                if name in ("query", "items", "all"):
                    return value
            case Part(obj) if obj.parent is None or obj.attribute not in self.project.json_attributes:
                return self.attribute(self.row_in(obj, node), name, node)
            case Part() | Inner():
                child = self.object_at(node, name)
                child.names.add(name)
                return child
            case Tup(values) if name.isidentifier():
                named = [v for v in values if isinstance(v, Obj) and _is_named(v, name)]
                return named[0] if named else None
        return None

    def row_in(self, obj: Obj, node: ast.AST) -> Value:
        """Return what stands for the rows in something that is no document, called as the code calls one of them."""
        row = self.default(obj, ELEMENT)
        match node:
            case ast.Attribute(
                value=ast.Name(id=name) | ast.Subscript(slice=ast.Constant(value=str() as name))
            ):
                for one in each(row):
                    if isinstance(one, Obj):
                        one.names.add(name)
        return row

    def _class_attribute(self, ref: ClassRef, name: str) -> Value:
        if name in ("query", "objects") and self.project.is_model(ref):
            return Many((ref,), True)
        if found := self.project.member(ref, name):
            cls, member = found
            if member.kind == "method":
                return FunctionValue(cls.path, f"{cls.name}.{name}", ClassValue(ref))
            if member.kind == "class":
                return ClassValue(ClassRef(cls.path, f"{cls.name}.{name}"))
            if member.value is not None and (names := named_by(member.value)) is not None:
                return names
            if member.value is not None and member.value.kind == "name":
                held = self.project.resolve_class(self.project.facts(cls), member.value)
                if held is not None:
                    return ClassValue(held)
        if self.project.column(ref, name) is not None:
            return ColumnValue(ref, name)
        if ref == self.owner and self.own_class is not None and not self.project.is_model(ref):
            return self.default(self.own_class, name)  # what only a class below this one knows
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
        for number, item in enumerate(many.items):
            cls = item.ref if isinstance(item, ColumnValue) else None if isinstance(item, Obj) else item
            obj = self.object_at(node, number, cls, again=True)
            obj.kind = item if isinstance(item, Obj) else None
            self.take_from(obj, many.session)
            obj.element = True
            if isinstance(item, ColumnValue):
                obj.loose = True
                items.append(self.attribute(obj, item.attribute, node))
            else:
                items.append(obj)
        if many.scalar and items:
            return items[0]
        return Tup(tuple(items))

    def is_of_document(self, value: Value) -> bool:
        """Say whether a value is what a JSON column holds, or a part of it."""
        obj = value.obj if isinstance(value, Part) else value
        return (
            isinstance(obj, Obj)
            and obj.parent is not None
            and self.column_of(obj.parent, obj.attribute) is not None
        )

    def column_of(self, obj: Obj, name: str) -> Column | None:
        """Return the column that an attribute is, if the object's class is known."""
        return self.project.column(obj.cls, name) if obj.cls is not None else None

    def take_from(self, obj: Obj, session: str) -> None:
        """Note the session, as written, that a row comes from."""
        obj.session = session
        self.sessions.add(session)

    def rebind_session(self, name: str) -> None:
        """Let rows of what a variable held be of another session than those of what it holds now."""
        if name in self.sessions:
            for obj in self.made.values():
                if obj.session == name:
                    obj.session = f"{name}, before"

    def meet(self, one: State | None, other: State | None) -> State | None:
        """Join two states."""
        return join(one, other, self.default)

    def instance(self, ref: ClassRef, node: ast.AST) -> Obj:
        """Return a new object of a class, not yet flushed if it is a row."""
        obj = self.object_at(node, "new", ref, again=True)
        obj.names.add(ref.name)
        self.now.new.add(obj)
        return obj


def _is_named(value: Obj, name: str) -> bool:
    """Say whether something in a result row is called so: a row of a class, or the value of a column."""
    if value.parent is not None:
        return value.parent.loose and value.attribute == name
    return value.cls is not None and value.cls.name == name
