"""The text of files, and single functions of them, parsed when they are asked for."""

from __future__ import annotations

import ast
from collections import OrderedDict

from indelible.lint.discovering import read_text
from indelible.lint.facts import MODULE, FileFacts, FunctionFacts
from indelible.lint.python2 import modern
from indelible.lint.python312 import without_type_parameters

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_CHARACTERS_KEPT = 20_000_000
_AT_MODULE_LEVEL = "module_level"


class Source:
    """The lines of a file whose facts are known."""

    def __init__(self, facts: FileFacts) -> None:
        self.facts = facts
        text = read_text(facts.path)
        self.size = len(text)
        if facts.python2 or facts.python312:
            text = modern(text) if facts.python2 else without_type_parameters(text)
        self.lines = text.split("\n")
        self._texts: dict[str, str] = {}

    def text(self, name: str) -> str:
        """Return the text of a function, without its decorators; empty if there is no such function."""
        found = self._texts.get(name)
        if found is None:
            body = self.facts.bodies.get(name)
            if name == MODULE:
                found = self._outside()
            else:
                found = "\n".join(self.lines[body.line - 1 : body.end]) if body is not None else ""
            self._texts[name] = found
        return found

    def node(self, name: str) -> FunctionNode:
        """Return the syntax tree of a function, with the positions that it has in the file."""
        if name == MODULE:
            return self._module()
        return self._parsed(self.facts.bodies[name])

    def _outside(self) -> str:
        """Return the lines outside functions and classes."""
        lines = list(self.lines)
        spans = [(body.line, body.end) for name, body in self.facts.bodies.items() if name != MODULE]
        for first, end in spans + [(made.line, made.end) for made in self.facts.classes.values()]:
            lines[first - 1 : end] = [""] * (end - first + 1)
        return "\n".join(lines)

    def _module(self) -> FunctionNode:
        """Return the statements outside functions and classes as the body of a function."""
        tree = ast.parse("\n".join(self.lines))
        made = ast.parse(f"def {_AT_MODULE_LEVEL}(): ...").body[0]
        assert isinstance(made, ast.FunctionDef)
        defining = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        made.body = [node for node in tree.body if not isinstance(node, defining)]
        return made

    def _parsed(self, body: FunctionFacts) -> FunctionNode:
        text = "\n".join(self.lines[body.first - 1 : body.end])
        above = "\n" * (body.first - 1)
        if text[:1] in " \t":
            # an indented function cannot be on the first line
            outer = ast.parse(f"if 1:{above}{text}").body[0]
            assert isinstance(outer, ast.If)
            made = outer.body[0]
        else:
            made = ast.parse(above + text).body[0]
        assert isinstance(made, ast.FunctionDef | ast.AsyncFunctionDef)
        return made


class Sources:
    """The files of a project; the texts used last are kept."""

    def __init__(self, files: dict[str, FileFacts]) -> None:
        self._files = files
        self._kept: OrderedDict[str, Source | None] = OrderedDict()
        self._size = 0

    def of(self, path: str) -> Source | None:
        """Return a file's text, None if it cannot be read or did not parse."""
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        facts = self._files[path]
        try:
            found = Source(facts) if not facts.problem else None
        except (OSError, SyntaxError, ValueError):
            found = None
        self._kept[path] = found
        self._size += found.size if found is not None else 0
        while self._size > _CHARACTERS_KEPT:
            _, oldest = self._kept.popitem(last=False)
            self._size -= oldest.size if oldest is not None else 0
        return found
