"""Code that is written for any class: what it reads is typed where it is called, by the class that is given there.

Such are repositories with a `model`, class methods that query `cls`, and functions that take a class as an argument.
"""

from __future__ import annotations

import ast

from indelible.lint.applying import substitute
from indelible.lint.facts import FileFacts, Shape
from indelible.lint.frame import Call, Frame
from indelible.lint.naming import ClassRef
from indelible.lint.project import Project
from indelible.lint.reading import Reading
from indelible.lint.summaries import Summary
from indelible.lint.values import ClassValue, FunctionValue, Obj, Part, Value, each

_CLASS_WORDS = ("model", "cls", "klass", "class", "entity", "table", "orm", "kind", "type")


def classes_in(frame: Frame, call: Call, any_name: bool) -> list[ClassRef | Obj]:
    """Return the models among a call's arguments, and what stands for one that only a caller knows.

    `any_name` says that every argument is a class or a column, whatever it is called.
    """
    found: list[ClassRef | Obj] = []
    for value, node in zip(call.args, call.node.args, strict=False):
        for one in each(value):
            if isinstance(one, ClassValue):
                if frame.project.is_model(one.ref) or one.ref == frame.owner:
                    found.append(one.ref)
            elif isinstance(one, Obj) and _may_hold_class(one) and (any_name or _is_called_class(node)):
                found.append(one)
    return found


def _may_hold_class(obj: Obj) -> bool:
    return obj.cls is None and not obj.foreign and obj.root.parameter is not None


def _is_called_class(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return any(word in _CLASS_WORDS for word in name.lower().split("_"))


def method_above(frame: Frame, node: ast.Attribute) -> FunctionValue | None:
    """Return the method of a base that `super().name` means."""
    match node.value:
        case ast.Call(func=ast.Name(id="super")) if frame.owner is not None:
            for cls in frame.project.mro(frame.owner)[1:]:
                member = frame.project.names.class_facts(cls).members.get(node.attr)
                if member is not None and member.kind == "method":
                    return FunctionValue(cls.path, f"{cls.name}.{node.attr}", frame.own)
    return None


def construct(frame: Reading, obj: Obj, args: list[Value], kwargs: dict[str, Value]) -> None:
    """Let an object hold the classes and rows that its `__init__` is given and keeps."""
    if obj.cls is None:
        return
    told = any(_is_telling(frame, one) for one in (*args, *kwargs.values())) or _passes_on(frame, obj.cls)
    summary = _setting_up(frame, obj.cls, told)
    if summary is None or not (told or summary.keeps):
        return
    mapping = summary.bind([obj, *args], kwargs)
    for (holder, name), value in summary.assigns.items():
        if mapping.get(holder) is obj:
            held = substitute(frame, summary, value, mapping)
            if any(_is_telling(frame, one) for one in each(held)):
                hold(frame, obj, name, held)


def _setting_up(frame: Reading, ref: ClassRef, with_document: bool) -> Summary | None:
    """Return what the `__init__` of a class does."""
    found = frame.project.member(ref, "__init__")
    if found is None or found[1].kind != "method":
        return None
    return frame.summaries.of(found[0].path, f"{found[0].name}.__init__", with_document)


def know_kept(frame: Reading, own: Obj) -> set[Obj]:
    """Let a method know the documents that `__init__` keeps; return the rows that they are of."""
    summary = _setting_up(frame, own.cls, False) if own.cls is not None else None
    if summary is None or not summary.keeps:
        return set()
    mapping: dict[Obj, Value] = {one: _stand_in(one) for one in summary.parameters[1:]}
    mapping[summary.parameters[0]] = own
    values = {name: value for (obj, name), value in summary.assigns.items() if obj is summary.parameters[0]}
    kept = {_row_of(one) for name in summary.keeps for one in each(values[name])}
    rows: set[Obj] = set()
    for name, value in values.items():
        if name in summary.keeps or not kept.isdisjoint(each(value)):
            frame.children[own, name] = substitute(frame, summary, value, mapping)
            rows.update(row for row in map(_row_of, each(frame.children[own, name])) if row is not None)
    for row in rows:
        row.hidden = False
    return rows - {own}


def _stand_in(parameter: Obj) -> Obj:
    """Return what a parameter of another function was given, as far as that function knows it."""
    given = Obj(parameter.cls, names=parameter.names, foreign=parameter.foreign)
    given.used |= parameter.used
    return given


def _row_of(value: Value) -> Obj | None:
    obj = value.obj if isinstance(value, Part) else value
    return obj.parent if isinstance(obj, Obj) else None


def hold(frame: Reading, obj: Obj, name: str, value: Value) -> None:
    """Let an object have an attribute from its beginning."""
    frame.children[obj, name] = value
    frame.constructed.setdefault(obj, {})[name] = value


def _passes_on(frame: Reading, ref: ClassRef) -> bool:
    """Say whether a class and one above it have an `__init__` each: the one may tell the other a class."""
    bearers = [
        cls for cls in frame.project.mro(ref) if "__init__" in frame.project.names.class_facts(cls).members
    ]
    return len(bearers) > 1 and bearers[0] == ref


def _is_telling(frame: Reading, value: Value) -> bool:
    return any(
        (isinstance(one, ClassValue) and frame.project.is_model(one.ref))
        or (isinstance(one, Obj) and one.cls is not None)
        or frame.is_of_document(one)
        for one in each(value)
    )


def classes_named(project: Project, facts: FileFacts, shapes: tuple[Shape, ...]) -> list[Value]:
    """Return the classes of the project that arguments name, None for other arguments."""
    found = [project.resolve_class(facts, shape) if shape.kind == "name" else None for shape in shapes]
    return [ClassValue(ref) if ref is not None else None for ref in found]
