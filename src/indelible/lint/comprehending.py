"""Comprehensions: which make rows, which only copy or filter, and which make something else."""

from __future__ import annotations

import ast

from indelible.lint import evaluating
from indelible.lint.frame import Frame
from indelible.lint.gathering import shares
from indelible.lint.values import Alternatives, Fresh, Many, Obj, Part, Value, each, either

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def comprehension(frame: Frame, node: Comprehension) -> Value:
    """Return what a comprehension makes: rows, a copy, or a container of its own."""
    state = frame.now
    outer = dict(state.env)
    sources = []
    for generator in node.generators:
        source = evaluating.evaluate(frame, generator.iter)
        sources.append(source)
        evaluating.bind(
            frame, generator.target, evaluating.iterate(frame, source, generator.iter), generator.target
        )
        for test in generator.ifs:
            evaluating.evaluate(frame, test)
    if isinstance(node, ast.DictComp):
        evaluating.evaluate(frame, node.key)
        item = evaluating.evaluate(frame, node.value)
    else:
        item = evaluating.evaluate(frame, node.elt)
    frame.now.env = outer
    if isinstance(item, Obj) and item.cls is not None and item.element:
        return Many((item.cls,), True, item.session, keyed=isinstance(node, ast.DictComp))
    fresh = frame.fresh_at(node)
    copied = _copied(node, sources[0])
    # what is filtered may be all there is: a copy equal to what was changed in place before
    if copied is not None and (not node.generators[0].ifs or frame.is_changed(copied)):
        fresh.source = either(*(one for one in each(copied) if one is not fresh))
    else:
        frame.now.put(fresh, "*", item)
        whole = isinstance(node, ast.ListComp) and len(node.generators) == 1 and not node.generators[0].ifs
        fresh.chosen_from = copied
        if copied is None and not (whole and shares(item)):
            frame.now.differs.add(fresh)
    return fresh


def _copied(node: ast.expr, source: Value) -> Value:
    """Return what a comprehension only copies or filters: `v` in `[x for x in v]`."""
    if _is_copy(node):
        of = [
            one.items_of if isinstance(one, Fresh) and one.items_of is not None else one
            for one in each(source)
        ]
        if all(isinstance(one, Obj | Part | Fresh | Alternatives) for one in of):
            return either(*of)
    return None


def _is_copy(node: ast.expr) -> bool:
    match node:
        case ast.DictComp(
            key=ast.Name(id=k),
            value=ast.Name(id=v),
            generators=[ast.comprehension(target=ast.Tuple(elts=[ast.Name(id=tk), ast.Name(id=tv)]))],
        ):
            return (k, v) == (tk, tv)
        case ast.ListComp(elt=ast.Name(id=e), generators=[ast.comprehension(target=ast.Name(id=t))]):
            return e == t
    return False
