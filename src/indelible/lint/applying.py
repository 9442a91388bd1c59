"""Doing at a call what the function called does, in terms of the caller's values."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from indelible.lint.frame import Frame
from indelible.lint.naming import ClassRef
from indelible.lint.reading import Reading
from indelible.lint.state import Change, Place
from indelible.lint.summaries import Summary
from indelible.lint.values import (
    ELEMENT,
    Alternatives,
    ClassValue,
    ColumnValue,
    Fresh,
    FunctionValue,
    Inner,
    Many,
    Obj,
    Part,
    Partial,
    Tup,
    Value,
    each,
    either,
    is_named_later,
    number_of,
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


def _pass_on_names(frame: Frame, summary: Summary, mapping: dict[Obj, Value], node: ast.Call) -> None:
    """Note that a caller may say what is set: `def update(self, data): self.update_attributes(data)`."""
    passed = [one for value in mapping.values() for one in each(value)]
    if any(isinstance(one, Obj) and one.parameter is not None and one.cls is None for one in passed):
        for obj in summary.sets_any:
            target = substitute(frame, summary, obj, mapping, node)
            frame.sets_any |= {one for one in each(target) if isinstance(one, Obj)}


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
        for known in names_given(frame, summary, name, mapping):
            if _may_be_left(obj, name, value):
                for one in each(target):
                    if isinstance(one, Obj):
                        frame.now.attributes[one, known] = assigned
            else:
                frame.assign(target, known, assigned, node)
    # what is still pending after the function was not saved by what it assigns
    frame.saved -= repeated
    frame.now.pending |= repeated
    if summary.changes and node not in frame.statements:
        # what comes back may be what the change was for
        frame.origin_used |= {c for c in frame.now.pending if c.imported and not c.direct and c.via is None}
    if summary.sets_any:
        _set_by_name(frame, summary, mapping, keywords, node)
        _pass_on_names(frame, summary, mapping, node)
    for place in _places(frame, summary, summary.gives, mapping, node):
        frame.give(place)
    if summary.passed:
        from indelible.lint.closures import run_passed

        run_passed(frame, summary, mapping, node)
    for obj, name in summary.flags:
        target = substitute(frame, summary, obj, mapping, node)
        if target is not None:
            for known in _names_told(frame, summary, name, mapping):
                frame.flag(target, known or None, node)
    for place in _places(frame, summary, summary.touched, mapping, node):
        frame.touch(*place)
    for place in _places(frame, summary, summary.by_sql, mapping, node):
        frame.by_sql.add(place)
        frame.save(frame.now.pending_at(place))
    for obj in summary.written:
        for one in each(substitute(frame, summary, obj, mapping, node)):
            if isinstance(one, Obj):
                frame.now.written.setdefault(one, node.lineno)
    frame.writes = frame.writes or summary.writes
    if summary.commits:
        frame.flush(itself=False)
    return substitute(frame, summary, summary.returned, mapping, node)


def _places(
    frame: Frame, summary: Summary, places: Iterable[Place], mapping: dict[Obj, Value], node: ast.Call
) -> Iterator[Place]:
    """Yield what attributes of a function's parameters are at a call."""
    for obj, name in places:
        for one in each(substitute(frame, summary, obj, mapping, node)):
            if isinstance(one, Obj):
                yield one, name


def names_given(frame: Reading, summary: Summary, name: str, mapping: dict[Obj, Value]) -> list[str]:
    """Return the attributes that a name means for a caller, who may give it as an argument."""
    if not is_named_later(name):
        return [name]
    number = number_of(name)
    return (
        frame.attribute_names(mapping.get(summary.parameters[number]))
        if number < len(summary.parameters)
        else []
    )


def _names_told(frame: Frame, summary: Summary, name: str, mapping: dict[Obj, Value]) -> list[str]:
    """Return the attributes that a function marks, where its caller gives their names; none if it gives nothing."""
    if not is_named_later(name):
        return [name]
    number = number_of(name)
    parameter = summary.parameters[number] if number < len(summary.parameters) else None
    if parameter is None or parameter not in mapping:
        return []
    return sorted(frame.texts(mapping[parameter])) or [""]


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
    before = set(frame.changes.values())
    via = _copy_in(frame, summary, change, mapping, node)
    for name in names_given(frame, summary, change.attribute, mapping):
        changed: Value = target
        if name:
            for one in each(target):
                if isinstance(one, Obj) and one.cls is not None and frame.column_of(one, name) is None:
                    frame.refuted.add(change)
            changed = frame.attribute(target, name, node)
            if name == change.attribute and any(
                isinstance(one, Obj) and one.cls is not None and not frame.project.is_model(one.cls)
                for one in each(target)
            ):
                # what an object keeps that is no row: a change of it matters if that is a document
                for one in each(changed):
                    if isinstance(one, Obj) and one.parent is not None and one.parent.parameter == 0:
                        frame.change_kept(one, change.depth, node, change.how)
                changed = either(*(one for one in each(changed) if frame.is_of_document(one)))
        differing = set(frame.now.differs)
        frame.change(changed, node, change.how, None, change.depth, via)
        if change in summary.unsure:
            frame.now.doubtful |= {one for one in frame.now.differs - differing if one.source is not None}
    frame.origin = None
    made = set(frame.changes.values()) - before
    if via is not None:
        through = {(one, via) for one in frame.now.pending if one.via is via and one.span == change.span}
        frame.now.alone -= through
        frame.now.alone |= through if change in summary.alone else set()
    # a function that knows the row, and not only some container, means its change to be committed
    if change in summary.closed and change.attribute:
        frame.settled |= made
    if change in summary.handed_on:
        frame.handed_on |= made
        frame.handed_on_inside |= made
    if change in summary.assigned:
        for repeated in made:
            frame.assigned.setdefault(repeated, summary.assigned[change])


def _copy_in(
    frame: Frame, summary: Summary, change: Change, mapping: dict[Obj, Value], node: ast.Call
) -> Fresh | None:
    """Return the copy that a function made, changed below and gives back, as the caller has it."""
    if change.via is None:
        return None
    copy = substitute(frame, summary, change.via, mapping, node)
    return copy if isinstance(copy, Fresh) else None


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
        self.seen: set[Obj] = set()
        self.called_on = self._class_called_on()

    def _class_called_on(self) -> ClassRef | None:
        """Return the class that a method of a base was called on."""
        summary = self.summary
        own = self.mapping.get(summary.parameters[0]) if summary.is_method and summary.parameters else None
        for one in each(own):
            ref = one.ref if isinstance(one, ClassValue) else one.cls if isinstance(one, Obj) else None
            if ref is not None and ref != summary.owner and summary.owner in self.frame.project.mro(ref):
                return ref
        return None

    def _class(self, ref: ClassRef | None) -> ClassRef | None:
        """Return the class that one means for the caller: `cls` is what the method was called on."""
        return self.called_on if ref == self.summary.owner and self.called_on is not None else ref

    def _class_held(self, kind: Obj) -> ClassRef | Obj | None:
        """Return the class that something holds, or what holds it in the caller, if nobody knows it here either."""
        for one in each(self.of(kind)):
            if isinstance(one, ClassValue):
                return one.ref
            if isinstance(one, Obj) and one.root.parameter is not None:
                return one
        return None

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
            case Partial(function, args, kwargs):
                kept = tuple((name, self.of(one)) for name, one in kwargs)
                return Partial(self.of(function), tuple(map(self.of, args)), kept)
            case FunctionValue(path, name, bound):
                return FunctionValue(path, name, self.of(bound))
            case Many(items):
                return value._replace(items=tuple(map(self._item, items)))
            case ClassValue(ref):
                return ClassValue(self._class(ref) or ref)
        return value

    def _item(self, item: ClassRef | ColumnValue | Obj | None) -> ClassRef | ColumnValue | Obj | None:
        if isinstance(item, Obj):
            return self._class_held(item)
        if isinstance(item, ColumnValue):
            return item._replace(ref=self._class(item.ref) or item.ref)
        return self._class(item)

    def _object(self, obj: Obj) -> Value:
        if obj in self.mapping:
            return self.mapping[obj]
        if obj.parameter is not None:
            return None
        if obj.parent is not None:
            inside, self.inside = self.inside, True
            parent = self.of(obj.parent)
            self.inside = inside
            if parent is None:
                return None
            if obj.attribute == ELEMENT:
                return self.frame.element(parent, "*", self.node)
            names = names_given(self.frame, self.summary, obj.attribute, self.mapping)
            return either(*(self.frame.attribute(parent, name, self.node) for name in names))
        made = self.frame.object_at(self.node, obj, self._class(obj.cls), again=True)
        if obj.kind is not None:
            held = self._class_held(obj.kind)
            made.cls, made.kind = (None, held) if isinstance(held, Obj) else (held, None)
        made.names |= obj.names
        made.foreign, made.session, made.element = obj.foreign, obj.session, obj.element
        made.loose = obj.loose
        if not self.inside:
            self.seen.add(made)
        made.hidden = (made.hidden or self.inside) and made not in self.seen
        if obj in self.summary.new:
            self.frame.now.new.add(made)
        for name, value in self.summary.constructed.get(obj, {}).items():
            self.frame.children[made, name] = self.of(value)
            self.frame.constructed.setdefault(made, {})[name] = self.frame.children[made, name]
        return made

    def _fresh(self, fresh: Fresh) -> Fresh:
        if fresh in self.made:
            return self.made[fresh]
        made = self.made[fresh] = self.frame.fresh_at(self.node, None, fresh.deep, key=fresh)
        made.source = self.of(fresh.source)
        made.chosen_from = self.of(fresh.chosen_from)
        made.text = fresh.text
        for key, held in self.summary.contents.get(fresh, {}).items():
            self.frame.now.put(made, key, self.of(held))
        unsure = fresh not in self.summary.differs or fresh in self.summary.doubtful
        if unsure and not fresh.deep and isinstance(self.frame, Frame):
            self.frame.copied(made)
        if fresh in self.summary.differs:
            self.frame.now.differs.add(made)
            if fresh in self.summary.doubtful:
                self.frame.now.doubtful.add(made)
        return made
