"""Patterns of `match` statements."""

from __future__ import annotations

import ast

from indelible.lint.evaluating import evaluate, key_of
from indelible.lint.frame import Frame
from indelible.lint.values import ClassValue, Obj, Value, each


def bind_pattern(frame: Frame, pattern: ast.pattern, subject: Value) -> None:
    """Bind the names in a pattern to the parts of a value."""
    below: list[tuple[ast.pattern, Value]] = []
    match pattern:
        case ast.MatchAs(pattern=inner, name=name):
            below = [(inner, subject)] if inner is not None else []
            if name is not None:
                frame.now.env[name] = subject
        case ast.MatchStar(name=str() as name):
            frame.now.env[name] = frame.fresh_at(pattern, subject)
        case ast.MatchMapping(keys=keys, patterns=inside, rest=rest):
            names = [key_of(evaluate(frame, key)) for key in keys]
            below = [
                (one, frame.element(subject, name, one)) for one, name in zip(inside, names, strict=True)
            ]
            if rest is not None:
                frame.now.env[rest] = frame.fresh_at(pattern, subject)
        case ast.MatchSequence(patterns=inside):
            below = [
                (one, subject if isinstance(one, ast.MatchStar) else frame.element(subject, str(number), one))
                for number, one in enumerate(inside)
            ]
        case ast.MatchClass(cls=cls, kwd_attrs=names, kwd_patterns=inside, patterns=unnamed):
            known = evaluate(frame, cls)
            for one in each(subject):
                if isinstance(one, Obj) and one.cls is None and isinstance(known, ClassValue):
                    one.cls = known.ref
            below = [
                (one, frame.attribute(subject, name, one)) for one, name in zip(inside, names, strict=True)
            ]
            # `case dict(inner)` binds the whole
            below += [(one, subject) for one in unnamed[:1]]
        case ast.MatchOr(patterns=inside):
            below = [(one, subject) for one in inside]
    for inner, value in below:
        bind_pattern(frame, inner, value)
