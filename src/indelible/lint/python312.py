"""Reads new code on an older Python: what 3.12 added for type parameters, rewritten so that 3.11 parses it."""

from __future__ import annotations

import re

_ALIAS = re.compile(r"^([ \t]*)type[ \t]+(\w+)[ \t]*(?:=(?!=)|(?=\[))", re.MULTILINE)
_GENERIC = re.compile(r"^[ \t]*(?:class|(?:async[ \t]+)?def)[ \t]+\w+[ \t]*(?=\[)", re.MULTILINE)


def without_type_parameters(text: str) -> str:
    """Return a module's text without type parameters: `class A[T](B)` is `class A(B)`, `type X = A` is `X = A`.

    Lines stay where they are, columns may not. Strings may be harmed: use it for text that does not parse, and to
    look only. What follows `type X[T]` is taken for an item of `X`, which parses, and says as little.
    """
    text = _ALIAS.sub(lambda found: f"{found[1]}{found[2]}" + (" =" if found[0].endswith("=") else ""), text)
    kept: list[str] = []
    at = 0
    for found in _GENERIC.finditer(text):
        end = _after_brackets(text, found.end())
        if found.start() < at or not end:
            continue
        # between parentheses the lines of the parameters may stay
        lines = "\n" * text.count("\n", found.end(), end)
        opens = text.startswith("(", end)
        kept += [text[at : found.end()], "(", lines, "" if opens else ")"]
        at = end + opens
    return "".join([*kept, text[at:]])


def _after_brackets(text: str, start: int) -> int:
    """Return where the brackets that open at a place end, 0 if they do not."""
    depth = 0
    for found in re.compile(r"[\[\]]").finditer(text, start):
        depth += 1 if found[0] == "[" else -1
        if not depth:
            return found.end()
    return 0
