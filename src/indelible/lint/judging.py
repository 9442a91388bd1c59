"""Says of each change in an interpreted function whether it is lost, and how sure that is."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection

from indelible.lint.column_types import Depth
from indelible.lint.frame import Frame
from indelible.lint.naming import ClassRef
from indelible.lint.project import Column
from indelible.lint.shaping import spelled
from indelible.lint.state import Change
from indelible.lint.values import ELEMENT, Obj, each, is_named_later
from indelible.lint.verdicts import Verdict

# Names that much else has too.
_COMMON = {
    "data", "json", "form", "headers", "args", "meta", "config", "options", "params", "items", "values", "context",
    "state", "result", "results", "payload", "body", "content", "settings", "extra", "info", "kwargs", "attrs", "tags",
    "metadata", "value", "attributes", "properties", "errors", "messages", "history", "cache", "request", "response",
    "output",
}  # fmt: skip
_CONTAINER_METHODS = {
    "get", "items", "keys", "values", "append", "pop", "update", "add", "copy", "extend", "setdefault", "__dict__",
    "__class__", "__table__", "insert", "remove", "clear", "query", "is_authenticated", "is_active", "is_anonymous",
    "get_id",
}  # fmt: skip
_ANSWERING = re.compile(
    r"^_{0,2}(get|to|as|list|fetch|load|serialize|serialise|serializable|jsonify|render|format|export|dump|read|show|"
    r"display|find|search|build|make|parse|describe|view|preview|compute|calculate|prepare|repr|str|convert|normalize|"
    r"validate|is|has|can|count)(_|$)"
)
_WRITING = re.compile(
    r"(^|_)(set|add|update|save|store|append|remove|delete|create|mark|record|write|put|patch|post|edit|change|apply|"
    r"register|unregister|increment|reset|clear|push|merge|insert|toggle|enable|disable|assign|sync|process|handle|complete|"
    r"finish|start|stop|on|log|track|move|rename|attach|persist|commit|upsert|migrate|import|run|execute|approve|submit)(_|$)"
)
_READING = re.compile(
    r"^_{0,2}(get|list|fetch|load|read|show|display|find|search|describe|view|count)_(?!(.*_)?(and|or)_)"
)
"""What they get is named behind them: `get_record`, `list_on_call`."""


def verdicts(
    frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef, rows: Collection[Obj] = ()
) -> list[Verdict]:
    """Judge every change that was seen in a function, or every change of some rows."""
    ends: set[Change] = set(frame.parked)
    doomed = set(frame.doomed)
    for state in frame.exits:
        ends |= state.pending
        doomed |= state.doomed
    found: list[Verdict] = []
    for change in frame.changes.values():
        if not change.attribute or is_named_later(change.attribute) or (rows and change.obj not in rows):
            continue
        pending = (change in ends and change not in frame.saved) or change in doomed
        status = "contrary" if change in frame.contrary else "lost" if pending else "saved"
        if change.via is not None and change not in frame.assigned and change not in frame.saved:
            continue  # meant for the copy
        if status == "saved" and change not in frame.saved:
            continue  # left by an exception, or unreachable
        verdict = _verdict(frame, node, change, status)
        if verdict.status == "contrary" and change.imported and change.obj.attribute == ELEMENT:
            continue  # what is in a container of unknown origin proves nothing
        found.append(verdict)
    found.extend(_verdict(frame, node, refuted, "contrary") for refuted in frame.refuted)
    return found


def _verdict(
    frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef, change: Change, status: str
) -> Verdict:
    column, typed = _column(frame, change)
    if (
        column is not None
        and column.tracking.depth is Depth.ONE_LEVEL
        and not change.depth
        and change.via is None
        and not _is_silent(change, column)
    ):
        status = "saved"  # what the class is was found out later only
    if column is None or column.tracking.depth is Depth.FULL:
        status, rule, typed = "contrary", "IND101", 0
    else:
        rule = _rule(frame, change, column)
    assigned = frame.assigned.get(change)
    anchor, row = None, change.row
    if assigned is not None and rule in ("IND102", "IND104"):
        anchor, row = (assigned.path, assigned.span), assigned.row
    path, span = change.path, change.span
    meant = _meant(frame, node, change) if status == "lost" else 3
    return Verdict(
        (path, span, change.attribute),
        status,
        rule,
        typed,
        meant,
        not change.imported,
        column.owner.name if column else "",
        change.attribute,
        column.type_name if column else "",
        column.path if column else "",
        column.line if column else 0,
        change.variable,
        change.how,
        change.function,
        anchor,
        "" if change.obj.loose else receiver_text(change),
        change.obj.loose,
        change in frame.closed,
        "" if change.obj.loose else row,
    )


def receiver_text(change: Change) -> str:
    """Return how the row is written: `script` in `script.data["x"]["y"]`, or its name."""
    text, dot = change.variable, f".{change.attribute}"
    if dot in text:
        return text[: text.index(dot)]
    names = sorted(change.obj.names, key=lambda name: (name not in ("self",), len(name), name))
    chain: list[str] = []
    obj: Obj | None = change.obj
    while obj is not None and obj.parent is not None and obj.attribute != ELEMENT:
        chain.append(obj.attribute)
        obj = obj.parent
    if chain and obj is not None and obj.names:
        return ".".join([min(obj.names), *reversed(chain)])
    return names[0] if names else ""


def _rule(frame: Frame, change: Change, column: Column) -> str:
    if change in frame.assigned:
        given = frame.assigned[change].rule
        if given == "IND102" and column.tracking.depth is Depth.ONE_LEVEL:
            return "IND103"
        return given
    if change.via is not None:
        return "IND104"
    noticed = column.tracking.depth is Depth.ONE_LEVEL and not _is_silent(change, column)
    return "IND103" if noticed else "IND101"


def _is_silent(change: Change, column: Column) -> bool:
    """Say whether a container that tracks itself announces nothing of such a change."""
    return not change.depth and change.how in column.tracking.silent


# -- is it a column?


def _column(frame: Frame, change: Change) -> tuple[Column | None, int]:
    obj = change.obj
    if obj.cls is not None:
        column = frame.column_of(obj, change.attribute)
        return column, (2 if obj.loose else 3) if column is not None else 0
    if obj.foreign:
        return None, 0
    return infer(frame, obj, change.attribute)


def infer(frame: Frame, obj: Obj, attribute: str) -> tuple[Column | None, int]:
    """Guess the column by the attributes that the code uses on an object of unknown class, and by what it calls it."""
    project = frame.project
    used = (obj.used | _given_as_evidence(frame, obj, attribute)) - _CONTAINER_METHODS
    bearers = project.json_attributes.get(attribute, ())
    fits = [(ref, column) for ref, column in bearers if _fits(frame, ref, used)]
    if not fits:
        return None, 0
    best = max(_likeness(obj, ref) for ref, _ in fits)
    named = best > 0
    chosen = [(ref, column) for ref, column in fits if _likeness(obj, ref) == best]
    kinds = {column.tracking.depth for _, column in chosen}
    if len(kinds) > 1:
        return None, 0
    plain = [ref for ref in project.plain_bearers.get(attribute, ()) if _fits(frame, ref, used)]
    column = chosen[0][1]
    if plain and max(_likeness(obj, ref) for ref in plain) >= max(best, 1):
        return None, 0
    if plain:
        return column, 1 if named else 0
    if named:
        return column, 2
    if attribute in _COMMON or len(attribute) < 4:
        return column, 2 if len(used) >= 4 and len({c.owner for _, c in chosen}) == 1 else 1 if len(
            used
        ) >= 2 else 0
    if len(used) >= 3 or ("_" in attribute and len({c.owner for _, c in chosen}) == 1):
        return column, 2
    return column, 1


_ENOUGH = 4


def _given_as_evidence(frame: Frame, obj: Obj, attribute: str) -> set[str]:
    """Return the attributes that the code sets; only those of a model, if it has most of what the code uses."""
    for ref, _ in frame.project.json_attributes.get(attribute, ()):
        known = frame.project.attributes(ref)
        if obj.used <= known and len((obj.used | obj.given) & known) >= max(_ENOUGH, len(obj.given - known)):
            return obj.given & known
    return obj.given


def _fits(frame: Frame, ref: ClassRef, used: set[str]) -> bool:
    return used <= frame.project.attributes(ref) or (
        frame.project.opaque(ref) and len(used - frame.project.attributes(ref)) <= 1
    )


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_FILLING = {
    "db", "obj", "row", "the", "new", "old", "current", "existing", "item", "model", "instance", "record", "orm",
    "entity", "by", "id", "get", "find", "fetch", "load", "create", "update", "or", "404", "none", "one", "first", "my",
    "a", "target", "table", "base", "in", "self",
}  # fmt: skip


def _words(name: str) -> list[str]:
    return [word.lower().rstrip("s") for word in _WORD.findall(name)]


def _likeness(obj: Obj, ref: ClassRef) -> int:
    """Say how much what the code calls an object is like a class's name: 0 not at all, 3 the same."""
    model = [word for word in _words(ref.name.rpartition(".")[2]) if word not in _FILLING]
    likeness = 0
    for name in obj.names if model else ():
        words = [word for word in _words(name) if word not in _FILLING]
        if not words:
            continue
        if "".join(words) == "".join(model):
            return 3
        if words[-1] == model[-1]:
            likeness = max(likeness, 2)
        else:
            begins = len(words[-1]) >= 3 and any(part.startswith(words[-1]) for part in model)
            initials = len(model) > 1 and name.lower() == "".join(word[0] for word in model)
            likeness = max(likeness, int(begins or initials))
    return likeness


# -- should it be saved?

_TEST_FILE = re.compile(r"(^|/)(tests?|testing)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")


def is_test(path: str) -> bool:
    """Say by its path whether a file holds tests."""
    return _TEST_FILE.search(path) is not None


def _meant(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef, change: Change) -> int:
    if change in frame.assigned:
        return 1 if _answers_in_view(frame, node) else 3
    if change in frame.settled:
        return 3  # who makes the change commits it, and means to
    # `row.c[…] =` and a commit are meant for the row, whoever else gets the value
    of_row = (
        change.direct and change in frame.committed and change.variable.partition(".")[0] in change.obj.names
    )
    if change.obj.root.hidden or change in frame.handed_on_inside:
        return 1
    if change in frame.given and not (of_row and frame.commits_itself):
        return 1
    if change.obj.loose:
        # the value of a column without its row: who changes it through the result row means the row
        return 2 if change.direct and change in frame.committed and frame.commits_itself else 1
    if change in frame.committed and frame.commits_itself:
        return 3
    if change in frame.handed_on:
        return 1
    handed_out = id(change.obj) in frame.shown or any(
        id(value) in frame.shown for value in (frame.children.get((change.obj, change.attribute)),)
    )
    if frame.has_committed and change not in frame.committed and (handed_out or _is_returned(frame, change)):
        return 1  # the row was saved before; this is for the answer
    if change.span in frame.private and change not in frame.committed:
        return 1
    if is_test(frame.facts.path) or (frame.origin_used and change in frame.origin_used):
        return 1
    if change in frame.committed:
        return 2
    if frame.writes or any("commit" in name or "transact" in name for name in _decorators(node)):
        return 3
    name = node.name
    if handed_out or _is_kept_elsewhere(change) or _answers_in_view(frame, node):
        return 1
    if "property" in _decorators(node) or name in ("__repr__", "__str__", "to_dict", "dict", "as_dict"):
        return 1
    answering = _READING.match(name) or (_ANSWERING.match(name) and not _WRITING.search(name))
    if answering and not frame.commits:
        return 1
    if _only_answers(node) and not frame.commits:
        return 1
    # a session of this function alone, closed without a commit: nobody else can save the change
    return 1 if change.obj.root.session in frame.own_sessions else 2


def _is_kept_elsewhere(change: Change) -> bool:
    """Say whether the value is changed where another object keeps it: `self.options["a"] = 1`, once `row.config`."""
    holder, dot, attribute = change.variable.partition(".")
    return (
        bool(dot)
        and not change.direct
        and not change.imported
        and holder.isidentifier()
        and attribute.isidentifier()
    )


def _answers_in_view(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Say whether a function is the method for GET of a class whose other methods are for other requests."""
    if node.name not in ("get", "head") or frame.owner is None or frame.commits:
        return False
    members = frame.project.names.class_facts(frame.owner).members
    beside = members.keys() & {"post", "put", "patch", "delete"}
    bases = frame.project.names.class_facts(frame.owner).bases
    return bool(beside) or any(_VIEW.search(base.last_name) for base in bases)


_VIEW = re.compile(r"(Resource|View|Route|Endpoint|Handler|Controller)$")
_READING_ROUTE = re.compile(r"\.(?:get|head|route)\(\s*f?['\"]")
_WRITING_ROUTE = re.compile(
    r"\.(?:post|put|patch|delete)\(|['\"](?:POST|PUT|PATCH|DELETE)['\"]|methods=[^\[({]", re.I
)


def _only_answers(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Say whether a function is a web route for GET alone, which is not expected to change what is stored."""
    text = " ".join(_decorators(node))
    return _READING_ROUTE.search(text) is not None and _WRITING_ROUTE.search(text) is None


def _is_returned(frame: Frame, change: Change) -> bool:
    return any(one is change.obj for one in each(frame.returned))


def _decorators(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    return [spelled(decorator) for decorator in node.decorator_list]
