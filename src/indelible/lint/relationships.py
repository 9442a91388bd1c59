"""Attributes that lead from rows to other rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indelible.lint.facts import FileFacts, Member, Shape, without_none
from indelible.lint.naming import ClassRef

if TYPE_CHECKING:
    from indelible.lint.project import Project

RELATIONSHIPS = {"relationship", "dynamic_loader", "Relationship", "relation", "backref"}
_MANY = {
    "list",
    "List",
    "Sequence",
    "Set",
    "set",
    "Collection",
    "Iterable",
    "DynamicMapped",
    "WriteOnlyMapped",
}


class Relationship(NamedTuple):
    """An attribute that leads to rows of another class."""

    target: ClassRef
    many: bool


class Relationships:
    """The relationships of a project's classes, with those that others declare by `backref`."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.backrefs = self._collect_backrefs()

    def of(self, ref: ClassRef, attribute: str) -> Relationship | None:
        """Return where an attribute leads, if to rows."""
        if found := self._project.member(ref, attribute):
            cls, member = found
            value = member.value
            if value is None or value.last_name not in RELATIONSHIPS:
                return None
            return self._declared_relationship(self._project.facts(cls), member, value)
        for cls in self._project.mro(ref):
            if (cls, attribute) in self.backrefs:
                return self.backrefs[cls, attribute]
        return None

    def _declared_relationship(self, facts: FileFacts, member: Member, value: Shape) -> Relationship | None:
        uselist = value.keyword("uselist")
        single = uselist is not None and uselist.text == "False"
        note = member.annotation
        if note is not None:
            while note.kind == "subscript" and note.last_name in ("Mapped", "Optional"):
                note = note.parts[1]
            for inner in without_none(note):
                many = inner.kind == "subscript" and inner.last_name in _MANY
                target = self._project.resolve_class(
                    facts, inner.parts[-1] if inner.kind == "subscript" else inner
                )
                if target is not None:
                    return Relationship(target, many)
        argument = value.parts[1] if len(value.parts) > 1 else value.keyword("argument")
        target = self._project.resolve_class(facts, argument)
        if target is None:
            return None
        return Relationship(target, not single and not self._holds_key(facts, member, target))

    def _holds_key(self, facts: FileFacts, member: Member, target: ClassRef) -> bool:
        """Guess the direction of a relationship without annotation: many-to-one if our class has the foreign key."""
        owner = next((c for c in facts.classes.values() if member in c.members.values()), None)
        if owner is None:
            return False
        table = self._project.names.class_facts(target).members.get("__tablename__")
        table_name = table.value.text if table and table.value else ""
        for other in owner.members.values():
            if other.value is None or other.value.kind != "call":
                continue
            for part in other.value.parts[1:]:
                if part.kind == "call" and part.last_name == "ForeignKey" and len(part.parts) > 1:
                    named = part.parts[1].text.split(".")
                    if (table_name and table_name in named[:-1]) or target.name in named:
                        return True
        return False

    def _collect_backrefs(self) -> dict[tuple[ClassRef, str], Relationship]:
        found: dict[tuple[ClassRef, str], Relationship] = {}
        for ref in self._project.all_classes():
            facts = self._project.facts(ref)
            for member in self._project.names.class_facts(ref).members.values():
                value = member.value
                if value is None or value.last_name not in RELATIONSHIPS:
                    continue
                back = value.keyword("backref")
                if back is None:
                    continue
                name = back.text or (back.parts[1].text if len(back.parts) > 1 else "")
                ours = self._declared_relationship(facts, member, value)
                if name and ours is not None:
                    single = back.keyword("uselist")
                    many = not ours.many and not (single is not None and single.text == "False")
                    found[ours.target, name] = Relationship(ref, many)
        return found
