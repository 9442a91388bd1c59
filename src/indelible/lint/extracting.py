"""From a syntax tree to the facts of a file."""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterator

from indelible.lint.facts import MODULE, ClassFacts, FileFacts, FunctionFacts, Member, Shape
from indelible.lint.mutables import looks_deeper
from indelible.lint.shaping import dotted, parsed_annotation, shape

_PROPERTY_NAMES = {"property", "hybrid_property", "cached_property", "memoized_property", "reify"}
_READS_JSON = re.compile(
    r"loads|from_json|model_validate|parse_obj|parse_raw|validate_python|from_dict|structure\(|\.split\("
    r"|(?:deserial|unserial|json_?decode|decode_?json|unpickle|from_text|parse_json)\w*\(|return (?:list|dict|set)\("
)
_MAKES_OBJECTS = re.compile(
    r"(?<!raise )\b(?:[A-Z]\w*[a-z]\w*|cls|tuple|frozenset|_?(?:class|type|model)_?)\("
)
_OF_WORDS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
# outside of strings and comments, what is not ASCII is part of an identifier
_ONLY_WORDS = bytes(byte if byte in _OF_WORDS or byte > 127 else 32 for byte in range(256))
_SETTING_UP = {
    "__init__", "__new__", "__attrs_post_init__", "__post_init__", "setup", "setUp", "__enter__", "__aenter__",
}  # fmt: skip
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = (ast.If, ast.Try, ast.With)
_ACTING = (ast.For, ast.While, ast.With, ast.If, ast.Try, ast.Delete, ast.AugAssign)
_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def facts_of(tree: ast.Module, text: str, path: str, module: str) -> FileFacts:
    """Collect the facts of one module; function bodies are looked into only where mappings are made."""
    is_package = path.endswith("__init__.py")
    facts = FileFacts(path, module, is_package, words=_words(text))
    _Extractor(facts, text).body(tree.body)
    _functions(tree.body, "", facts.bodies)
    if any(map(_acts, tree.body)):
        facts.bodies[MODULE] = FunctionFacts(1, 1, 1, text.count("\n") + 1, False, None)
    if "map_imperatively(" in text or "mapper(" in text:
        _imperative_mappings(tree, facts)
    return facts


def _acts(node: ast.stmt) -> bool:
    """Say whether a statement does more than to define a name."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call)
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Subscript | ast.Attribute) for target in node.targets)
    return isinstance(node, _ACTING)


def _words(text: str) -> str:
    # translating and splitting bytes takes two thirds of the time of a regular expression for words
    return b" ".join(set(text.encode().translate(_ONLY_WORDS).split())).decode()


def _functions(body: list[ast.stmt], prefix: str, found: dict[str, FunctionFacts]) -> None:
    for node in body:
        if isinstance(node, _FUNCTIONS):
            name, first = prefix + node.name, node.lineno
            if node.decorator_list:
                name = f"{name}.setter" if _is_setter(node) else name
                first = min(first, *[decorator.lineno for decorator in node.decorator_list])
            returns = shape(parsed_annotation(node.returns)) if node.returns is not None else None
            end = node.end_lineno or node.lineno
            found[name] = FunctionFacts(
                first, node.lineno, node.body[0].lineno, end, _does_nothing(node), returns
            )
        elif isinstance(node, ast.ClassDef):
            _functions(node.body, f"{prefix}{node.name}.", found)
        elif isinstance(node, _BLOCKS):
            _functions(node.body, prefix, found)
            _functions(getattr(node, "orelse", []), prefix, found)


def _names(value: ast.expr) -> bool:
    """Say whether a constant may be the name of an attribute, or several."""
    if isinstance(value, ast.Tuple | ast.List):
        return bool(value.elts) and all(isinstance(one, ast.Constant) and _names(one) for one in value.elts)
    return isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value.isidentifier()


def _does_nothing(node: _FunctionNode) -> bool:
    """Say whether a body is only a docstring, `pass`, `...`, or `raise NotImplementedError`."""
    return all(
        isinstance(one, ast.Pass)
        or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        or (isinstance(one, ast.Raise) and shape(one.exc).last_name == "NotImplementedError")
        for one in node.body
    )


def _is_setter(node: _FunctionNode) -> bool:
    return any(isinstance(d, ast.Attribute) and d.attr in ("setter", "deleter") for d in node.decorator_list)


def imported_names(node: ast.Import | ast.ImportFrom, facts: FileFacts) -> Iterator[tuple[str, str, str]]:
    """Yield what an import binds in a file: the name, the module, and the name in the module or an empty string."""
    if isinstance(node, ast.Import):
        for item in node.names:
            top = item.name.partition(".")[0]
            yield item.asname or top, item.name if item.asname else top, ""
        return
    base = node.module or ""
    if node.level:
        package = facts.module if facts.is_package else facts.module.rpartition(".")[0]
        parents = package.split(".") if package else []
        kept = parents[: len(parents) - (node.level - 1)]
        base = "." + ".".join([*kept, base] if base else kept)  # known to be of this project
    for item in node.names:
        yield item.asname or item.name, base, item.name


class _Extractor:
    def __init__(self, facts: FileFacts, text: str) -> None:
        self.facts = facts
        self.lines = text.split("\n")
        self.has_globals = "global " in text

    def body(self, statements: list[ast.stmt]) -> None:
        for node in statements:
            match node:
                case ast.ClassDef():
                    self.class_(node, "")
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self.facts.functions[node.name] = _returned_shape(node)
                    self.globals_of(node)
                case ast.Import() | ast.ImportFrom():
                    self.import_(node)
                case ast.Assign(targets=[ast.Name(id=name)]):
                    self.alias(name, node.value)
                case ast.Assign(
                    targets=[ast.Attribute(value=ast.Name(id=of), attr=name)], value=ast.Name() as value
                ):
                    self.alias(f"{of}.{name}", value)
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self.alias(name, value)
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr="associate_with"), args=[of])):
                    receiver = node.value.func.value  # type: ignore[attr-defined]  # matched above
                    self.facts.associated.append((shape(receiver), shape(of)))
                case ast.If():
                    self.body(node.body)
                    self.body(node.orelse)
                case ast.Try():
                    # the fallback of an optional import must not hide the import
                    for handler in node.handlers:
                        self.body(handler.body)
                    self.body(node.body)
                    self.body(node.orelse)
                case ast.With():
                    self.body(node.body)

    def globals_of(self, node: _FunctionNode) -> None:
        """Take what a function assigns to a name of the module as the module's: `global store; store = Store()`."""
        if not self.has_globals or "global " not in self._text(node):
            return
        inside = list(ast.walk(node))
        shared = {name for one in inside if isinstance(one, ast.Global) for name in one.names}
        for one in inside:
            if isinstance(one, ast.ImportFrom):
                for bound, module, name in imported_names(one, self.facts):
                    self.facts.imports.setdefault(bound, (module, name))
            if isinstance(one, ast.Assign) and isinstance(one.value, ast.Call):
                for target in one.targets:
                    if isinstance(target, ast.Name) and target.id in shared:
                        self.facts.aliases.setdefault(target.id, shape(one.value))

    def alias(self, name: str, value: ast.expr) -> None:
        if isinstance(value, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.BinOp) or _names(
            value
        ):
            self.facts.aliases[name] = shape(value)

    def import_(self, node: ast.Import | ast.ImportFrom) -> None:
        for bound, module, name in imported_names(node, self.facts):
            if name == "*":
                self.facts.stars.append(module)
            else:
                self.facts.imports[bound] = (module, name)

    def class_(self, node: ast.ClassDef, outer: str) -> None:
        name = outer + node.name
        end = node.end_lineno or node.lineno
        made = ClassFacts(
            name,
            node.lineno,
            end,
            tuple(shape(base) for base in node.bases),
            tuple((kw.arg, shape(kw.value)) for kw in node.keywords if kw.arg),
            tuple(shape(decorator) for decorator in node.decorator_list),
            {},
            {},
        )
        self.facts.classes[name] = made
        self._class_body(node.body, made, name)

    def _class_body(self, statements: list[ast.stmt], made: ClassFacts, name: str) -> None:
        members = made.members
        for child in statements:
            match child:
                case ast.Assign():
                    for target in child.targets:
                        if isinstance(target, ast.Name):
                            members[target.id] = Member("value", child.lineno, None, shape(child.value))
                            self._fields(target.id, child.value, members)
                case ast.AnnAssign(target=ast.Name(id=attribute)):
                    value = shape(child.value) if child.value else None
                    note = shape(parsed_annotation(child.annotation))
                    members[attribute] = Member("value", child.lineno, note, value)
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._method(child, made)
                case ast.ClassDef():
                    members[child.name] = Member("class", child.lineno)
                    self.class_(child, name + ".")
                case ast.If():
                    self._class_body(child.body, made, name)
                    self._class_body(child.orelse, made, name)

    @staticmethod
    def _fields(name: str, value: ast.expr, members: dict[str, Member]) -> None:
        """Take the attributes that `fields = {"name": …}` gives a class, as oslo.versionedobjects has it."""
        if name == "fields" and isinstance(value, ast.Dict):
            for key in value.keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    members.setdefault(key.value, Member("value", key.lineno))

    def _method(self, node: _FunctionNode, made: ClassFacts) -> None:
        names: set[str] = set()
        for decorator in node.decorator_list:
            names.add(shape(decorator).last_name)
            if isinstance(decorator, ast.Attribute):
                names.add(decorator.attr)
        if "declared_attr" in names or any("declared_attr" in dotted(d) for d in node.decorator_list):
            made.members[node.name] = Member(
                "declared", node.lineno, _annotation(node), _returned_shape(node)
            )
        elif names & {"setter", "deleter", "expression", "comparator", "update_expression", "inplace"}:
            return
        elif names & _PROPERTY_NAMES:
            made.members[node.name] = Member("property", node.lineno, _annotation(node))
        else:
            made.members[node.name] = Member("method", node.lineno)
        self._self_attributes(node, made)
        if "validates" in names and not _returns_argument(node):
            calls = [decorator for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
            made.converted += [
                arg.value
                for call in calls
                for arg in call.args
                if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            ]
        made.looks_deeper = made.looks_deeper or looks_deeper(node.name, self._text(node))
        if node.name == "compare_values":
            made.always_differs = _returns_false(node)
        if node.name in ("process_result_value", "result_processor"):
            text = self._text(node)
            made.reads_json = _READS_JSON.search(text) is not None
            made.makes_objects = _MAKES_OBJECTS.search(text) is not None

    def _text(self, node: _FunctionNode) -> str:
        return "\n".join(self.lines[node.lineno - 1 : node.end_lineno or node.lineno])

    def _self_attributes(self, node: _FunctionNode, made: ClassFacts) -> None:
        attributes = made.self_attributes
        if node.name in _SETTING_UP:
            notes = {arg.arg: arg.annotation for arg in [*node.args.args, *node.args.kwonlyargs]}
            classes = _default_classes(node.args)
            for statement in _statements(node):
                _self_assignment(statement, attributes, notes, classes)
            return
        text = self._text(node)
        for name in _SELF_SET.findall(text):
            attributes.setdefault(name, None)
        if _SELF_ASKED.search(text):
            for statement in _statements(node):
                _self_asked(statement, attributes)


def _statements(node: _FunctionNode) -> Iterator[ast.AST]:
    """Yield the statements in a function in the order of `ast.walk`, which looks into all expressions too."""
    left: deque[ast.AST] = deque([node])
    while left:
        inner = left.popleft()
        yield inner
        for name in ("body", "cases", "handlers", "orelse", "finalbody"):
            left.extend(getattr(inner, name, ()))


def _returns_false(node: _FunctionNode) -> bool:
    last = node.body[-1]
    return isinstance(last, ast.Return) and isinstance(last.value, ast.Constant) and last.value.value is False


def _returns_argument(node: _FunctionNode) -> bool:
    """Say whether a validator returns the very value that it was given."""
    arguments = {arg.arg for arg in node.args.args}
    returned = [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return)]
    changed = {
        target.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Assign)
        for target in inner.targets
        if isinstance(target, ast.Name)
    }
    return any(isinstance(value, ast.Name) and value.id in arguments - changed for value in returned)


_SELF_ASKED = re.compile(r"self\.\w+[ \t]*=(?!=)[^\n]*(?:\.query\b|\.(?:get|get_one|execute|scalars?)\()")
_SELF_SET = re.compile(r"self\.(\w+)[ \t]*(?::[^=\n]+)?=(?!=)")


def _default_classes(arguments: ast.arguments) -> dict[str, ast.Name]:
    """Return the names that are the defaults of arguments for classes: `Row: type = Member`."""
    tail = arguments.args[len(arguments.args) - len(arguments.defaults) :] if arguments.defaults else []
    pairs = [
        *zip(tail, arguments.defaults, strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {
        arg.arg: default
        for arg, default in pairs
        if isinstance(default, ast.Name) and (arg.annotation is None or dotted(arg.annotation) in _OF_CLASSES)
    }


_OF_CLASSES = ("type", "Type", "typing.Type")


def _self_assignment(
    node: ast.AST,
    attributes: dict[str, Shape | None],
    notes: dict[str, ast.expr | None],
    classes: dict[str, ast.Name],
) -> None:
    match node:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value):
            if isinstance(value, ast.BoolOp):
                value = _telling(value.values, notes)
            if isinstance(value, ast.Name) and value.id in notes:
                noted, default = notes[value.id], classes.get(value.id)
                if default is not None:
                    attributes[name] = Shape("made", "", (shape(default),))
                else:
                    attributes[name] = shape(parsed_annotation(noted)) if noted else None
            elif isinstance(value, ast.Call | ast.Name):
                attributes[name] = Shape("made", "", (shape(value),))
            else:
                attributes.setdefault(name, None)
        case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name)):
            attributes[name] = shape(parsed_annotation(node.annotation))


def _self_asked(node: ast.AST, attributes: dict[str, Shape | None]) -> None:
    """Note what a method asks a session for and keeps: `self.script = await session.get(Script, key)`."""
    match node:
        case ast.Assign(
            targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)],
            value=(ast.Call() as value) | ast.Await(value=ast.Call() as value),
        ) if attributes.get(name) is None:
            attributes[name] = Shape("asked", "", (shape(value),))


def _telling(values: list[ast.expr], notes: dict[str, ast.expr | None]) -> ast.expr:
    """Return the alternative that says most of what is assigned: `store or get_store()`."""
    first, last = values[0], values[-1]
    silent = isinstance(first, ast.Name) and first.id in notes and notes[first.id] is None
    return last if silent and isinstance(last, ast.Call) else first


def _annotation(node: _FunctionNode) -> Shape | None:
    return shape(parsed_annotation(node.returns)) if node.returns else None


def _returned_shape(node: _FunctionNode) -> Shape | None:
    """Return what a function that only makes a column or a type returns."""
    last = node.body[-1]
    if isinstance(last, ast.Return) and isinstance(last.value, ast.Call | ast.Name | ast.Attribute):
        return shape(last.value)
    return None


def _imperative_mappings(tree: ast.Module, facts: FileFacts) -> None:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or len(node.args) < 2:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
        if name in ("map_imperatively", "mapper"):
            properties = next((shape(kw.value) for kw in node.keywords if kw.arg == "properties"), None)
            facts.mapped.append((shape(node.args[0]), shape(node.args[1]), properties))
