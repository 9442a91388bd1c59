"""Reads old code: the commonest forms of Python 2, rewritten so that Python 3 parses them."""

from __future__ import annotations

import re

# Each form becomes something that parses, on the same lines; what it does matters to nobody here.
_FORMS = (
    (re.compile(r"(?<![\w.'\"])print[ \t]*>>"), "_ =    "),
    (re.compile(r"(?<![\w.'\"])(?:print|exec)(?=[ \t]+[^\s=).,\]}:])"), "_ =  "),
    (re.compile(r"^([ \t]*except\b[^\n]*?)[ \t]*,[ \t]*(\w+)[ \t]*:", re.MULTILINE), r"\1 as \2:"),
    (re.compile(r"(?<!\w)(raise[ \t]+[\w.]+)[ \t]*,"), r"\1;"),
    (re.compile(r"(?<![\w.])(0[xX][0-9a-fA-F]+|\d+)[lL]\b"), r"\1 "),
    (re.compile(r"(?<![\w.])0(?=[1-7][0-7]*\b(?!\.))"), " "),
    (re.compile(r"<>"), "!="),
    (re.compile(r"(?<!\w)[uU]([rR])(?=[\"'])"), r" \1"),
    (re.compile(r"`([^`\n]+)`"), r"(\1)"),
)


def modern(text: str) -> str:
    """Return a module's text with the simplest forms of Python 2 rewritten, such as `print x` and `except E, e`.

    Tabs become spaces as Python 2 counts them. Lines stay where they are. Strings may be harmed: use it for text that
    does not parse, and to look only.
    """
    text = text.expandtabs(8)
    for form, other in _FORMS:
        text = form.sub(other, text)
    return text
