"""The linked project: its classes, their columns, and how far changes of those are tracked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from indelible.lint.column_types import COLUMN_CALLS, ColumnTypes, Tracking
from indelible.lint.facts import ClassFacts, FileFacts, Member, Shape, without_none
from indelible.lint.naming import ClassRef, Names
from indelible.lint.relationships import RELATIONSHIPS, Relationships

_MODEL_BASES = {
    "Base", "Model", "DeclarativeBase", "DeclarativeBaseNoMeta", "MappedAsDataclass", "declarative_base", "SQLModel",
    "AsyncAttrs", "object", "Generic", "ABC", "Protocol", "UUIDAuditBase", "BigIntAuditBase", "UUIDBase",
}  # fmt: skip

_MOST_IMPLEMENTING = 4
_MAKES_BASES = {"declarative_base", "automap_base", "generate_base"}
_PLAIN_CONTAINERS = {"dict", "list", "Dict", "List"}
_CONTAINER_BASES = {
    "TypedDict", "dict", "list", "Dict", "List", "UserDict", "UserList", "OrderedDict", "defaultdict",
}  # fmt: skip


class Column(NamedTuple):
    """A column that holds JSON: how far it is tracked, its type's name, and where it is declared."""

    owner: ClassRef
    attribute: str
    tracking: Tracking
    type_name: str
    path: str
    line: int


class Project:
    """Answers questions about the classes of a code base."""

    def __init__(self, files: Iterable[FileFacts]) -> None:
        self.names = Names(files)
        self.types = ColumnTypes(self.names)
        self.mro = cache(self._mro)
        self.column = cache(self._column)
        self.is_model = cache(self._is_model)
        self.attributes = cache(self._attributes)
        self._below: defaultdict[ClassRef, list[ClassRef]] | None = None
        self._by_method: defaultdict[str, list[ClassRef]] | None = None
        self._imperative = self._imperative_columns()
        self.relationships = Relationships(self)
        self.relationship = cache(self.relationships.of)
        self.json_attributes = self._json_attributes()
        self.plain_bearers = self._plain_bearers()

    # -- classes

    def all_classes(self) -> Iterable[ClassRef]:
        """Yield each class of the project."""
        for path, facts in self.names.files.items():
            for name in facts.classes:
                yield ClassRef(path, name)

    def facts(self, ref: ClassRef) -> FileFacts:
        """Return the file that a class is in."""
        return self.names.files[ref.path]

    def resolve_class(self, facts: FileFacts, shape: Shape | None) -> ClassRef | None:
        """Return the class that an expression names, if it is of this project."""
        if shape is None:
            return None
        if shape.kind == "constant":
            text = shape.text.rpartition(".")[2]
            return self._class_named(facts, text)
        if shape.kind == "subscript":
            return self.resolve_class(facts, shape.parts[0])
        if shape.kind == "lambda":
            return self.resolve_class(facts, shape.parts[0])
        if shape.kind != "name":
            return None
        symbol = self.names.resolve(facts, shape.text)
        return ClassRef(symbol.path, symbol.name) if symbol.kind == "class" else None

    def _class_named(self, facts: FileFacts, name: str) -> ClassRef | None:
        symbol = self.names.resolve(facts, name)
        if symbol.kind == "class":
            return ClassRef(symbol.path, symbol.name)
        models = [ref for ref in self._by_class_name()[name] if self.is_model(ref)]
        return models[0] if len(models) == 1 else None

    def _by_class_name(self) -> dict[str, list[ClassRef]]:
        if not hasattr(self, "_class_names"):
            self._class_names: dict[str, list[ClassRef]] = defaultdict(list)
            for ref in self.all_classes():
                self._class_names[ref.name].append(ref)
        return self._class_names

    def _mro(self, ref: ClassRef) -> tuple[ClassRef, ...]:
        """Return a class and its bases of this project, nearest first (depth first, each once, last place)."""
        found: list[ClassRef] = []
        self._walk_bases(ref, found, ())
        return tuple(dict.fromkeys(found))

    def _walk_bases(self, ref: ClassRef, found: list[ClassRef], above: tuple[ClassRef, ...]) -> None:
        if ref in above or len(above) > 20:
            return
        found.append(ref)
        for base in self.names.class_facts(ref).bases:
            target = self.resolve_class(self.facts(ref), base)
            if target is not None:
                self._walk_bases(target, found, (*above, ref))

    def external_bases(self, ref: ClassRef) -> set[str]:
        """Return the last names of the bases that are not of this project."""
        outside = set()
        for cls in self.mro(ref):
            for base in self.names.class_facts(cls).bases:
                if self.resolve_class(self.facts(cls), base) is None:
                    outside.add(self._outside_name(self.facts(cls), base))
        return outside

    def _outside_name(self, facts: FileFacts, base: Shape) -> str:
        """Return the last name of a base of others; of one that the project makes for models, what made it.

        `BaseModel = db.Model` is not Pydantic's.
        """
        _, made = self._expand(facts, base)
        if made.kind == "name":
            return made.last_name
        return "Base" if made.kind == "call" and made.last_name in _MAKES_BASES else base.last_name

    def member(self, ref: ClassRef, name: str) -> tuple[ClassRef, Member] | None:
        """Return the class in the bases that binds a name, and what it binds."""
        for cls in self.mro(ref):
            found = self.names.class_facts(cls).members.get(name)
            if found is not None:
                return cls, found
        return None

    def implementing(self, ref: ClassRef, name: str) -> dict[ClassRef, ClassRef]:
        """Return the classes below one that have a method or property which it leaves to them, and whence each has it.

        Nothing is returned for what the class has itself, and for what too many have.
        """
        found = self.member(ref, name)
        if found is None or not self._is_abstract(found[0], name):
            return {}
        below = {cls: self.member(cls, name) for cls in self.classes_below(ref)}
        bearers = {
            cls: have[0]
            for cls, have in below.items()
            if have is not None and not self._is_abstract(have[0], name)
        }
        return bearers if len(bearers) <= _MOST_IMPLEMENTING else {}

    def classes_below(self, ref: ClassRef) -> list[ClassRef]:
        """Return the classes that have one among their bases, however far above."""
        if self._below is None:
            self._below = defaultdict(list)
            for cls in self.all_classes():
                for base in self.mro(cls)[1:]:
                    self._below[base].append(cls)
        return self._below[ref]

    def _is_abstract(self, ref: ClassRef, name: str) -> bool:
        body = self.facts(ref).bodies.get(f"{ref.name}.{name}")
        return body is not None and body.abstract

    def _attributes(self, ref: ClassRef) -> frozenset[str]:
        names: set[str] = set()
        for cls in self.mro(ref):
            made = self.names.class_facts(cls)
            names.update(made.members, made.self_attributes)
        names.update(attribute for owner, attribute in self._imperative if owner == ref)
        names.update(attribute for owner, attribute in self.relationships.backrefs if owner in self.mro(ref))
        return frozenset(names)

    # -- models

    def _is_model(self, ref: ClassRef) -> bool:
        """Say whether instances of a class are rows."""
        if any(owner == ref for owner, _ in self._imperative):
            return True
        classes = [self.names.class_facts(cls) for cls in self.mro(ref)]
        outside = self.external_bases(ref)
        if "SQLModel" in outside:
            return any(key == "table" for made in classes for key, _ in made.keywords)
        if "BaseModel" in outside or "BaseSettings" in outside:
            return False
        return any(
            self._declares_column(self.facts(cls), made)
            for cls, made in zip(self.mro(ref), classes, strict=True)
        )

    def _declares_column(self, facts: FileFacts, made: ClassFacts) -> bool:
        for name, member in made.members.items():
            if name in ("__tablename__", "__table__", "__mapper_args__"):
                return True
            if member.value is not None and member.value.kind == "call":
                called = member.value.last_name
                if called in COLUMN_CALLS or (called in RELATIONSHIPS and called != "backref"):
                    return True
            if member.annotation is not None and member.annotation.last_name == "Mapped":
                return True
        return False

    def _column(self, ref: ClassRef, attribute: str) -> Column | None:
        """Return the JSON column that an attribute of a class is."""
        if not self.is_model(ref):
            return None
        for cls in self.mro(ref):
            if (cls, attribute) in self._imperative:
                return self._imperative[cls, attribute]
            member = self.names.class_facts(cls).members.get(attribute)
            if member is not None:
                return self._declared_column(ref, cls, attribute, member)
        return None

    def _declared_column(self, ref: ClassRef, cls: ClassRef, name: str, member: Member) -> Column | None:
        if member.kind not in ("value", "declared"):
            return None
        if target := self.synonym(ref, name):
            return self.column(ref, target)
        facts = self.facts(cls)
        tracking = self.types.of_column(facts, member.value)
        if tracking is None or tracking is False:
            note, value = member.annotation, member.value
            typeless = value is None or value.last_name in (*COLUMN_CALLS, "deferred")
            if note is not None and note.last_name == "Mapped" and note.kind == "subscript" and typeless:
                tracking = self._by_annotation(ref, facts, note.parts[1])
            if not isinstance(tracking, Tracking) and note is not None and _is_noted_container(note):
                # its own type checks what it reads, and gives a plain dictionary or list
                tracking = self.types.under_decorator(facts, value)
        if not isinstance(tracking, Tracking):
            return None
        text = self.types.text(member.value) or self._annotated_text(member) or "JSON"
        return Column(cls, name, tracking, text, cls.path, member.line)

    def synonym(self, ref: ClassRef, name: str) -> str:
        """Return the attribute that another one of a class is only a name for, or an empty string."""
        found = self.member(ref, name)
        value = found[1].value if found is not None else None
        if value is None or value.kind != "call" or value.last_name != "synonym" or len(value.parts) < 2:
            return ""
        return value.parts[1].text

    def _annotated_text(self, member: Member) -> str:
        note = member.annotation
        return note.parts[1].last_name if note is not None and note.kind == "subscript" else ""

    def _by_annotation(self, ref: ClassRef, facts: FileFacts, note: Shape) -> Tracking | None:
        """Return the tracking that `Mapped[note]` gets from `Annotated` or from a `type_annotation_map`."""
        for inner in without_none(note):
            expanded_in, expanded = self._expand(facts, inner)
            if expanded.last_name == "Annotated" and expanded.kind == "subscript":
                for extra in expanded.parts[2:]:
                    found = self.types.of_column(expanded_in, extra)
                    if isinstance(found, Tracking):
                        return found
                    if typed := self.types.of_type(expanded_in, extra):
                        return typed
            for cls in self.mro(ref):
                if found := self._mapped_annotation(cls, inner, expanded):
                    return found
        return None

    def _mapped_annotation(self, cls: ClassRef, *notes: Shape) -> Tracking | None:
        facts = self.facts(cls)
        members = self.names.class_facts(cls).members
        shapes = [member.value for name, member in members.items() if name == "type_annotation_map"]
        if (registry := members.get("registry")) is not None and registry.value is not None:
            shapes.append(registry.value.keyword("type_annotation_map"))
        for shape in shapes:
            if shape is not None and shape.kind == "name":
                facts, shape = self._expand(facts, shape)
            if shape is None or shape.kind != "mapping":
                continue
            for key, value in zip(shape.parts[::2], shape.parts[1::2], strict=True):
                if any(_same_note(key, note) for note in notes):
                    return self.types.of_type(facts, value)
        return None

    def _expand(self, facts: FileFacts, shape: Shape) -> tuple[FileFacts, Shape]:
        if shape.kind == "name":
            symbol = self.names.resolve(facts, shape.text)
            if symbol.kind == "alias":
                where = self.names.files[symbol.path]
                return where, where.aliases[symbol.name]
        return facts, shape

    def expand(self, facts: FileFacts, shape: Shape) -> tuple[FileFacts, Shape]:
        """Follow a module-level alias to what it stands for."""
        return self._expand(facts, shape)

    # -- imperative mappings

    def _imperative_columns(self) -> dict[tuple[ClassRef, str], Column]:
        found: dict[tuple[ClassRef, str], Column] = {}
        for facts in self.names.files.values():
            for cls, table, properties in facts.mapped:
                ref = self.resolve_class(facts, cls)
                if ref is not None:
                    self._map_table(found, ref, facts, table, properties)
            for name, made in facts.classes.items():
                table_member = made.members.get("__table__")
                if table_member is not None and table_member.value is not None:
                    self._map_table(found, ClassRef(facts.path, name), facts, table_member.value, None)
        return found

    def _map_table(
        self,
        found: dict[tuple[ClassRef, str], Column],
        ref: ClassRef,
        facts: FileFacts,
        table: Shape,
        properties: Shape | None,
    ) -> None:
        where, made = self._table(facts, table)
        if made is None:
            return
        renamed = _renamed(properties)
        for part in made.parts[1:]:
            if part.kind != "call" or part.last_name != "Column" or len(part.parts) < 2:
                continue
            tracking = self.types.of_column(where, part)
            name = renamed.get(part.parts[1].text, part.parts[1].text)
            if isinstance(tracking, Tracking):
                line = self.names.class_facts(ref).line
                text = self.types.text(part.parts[2])
                found[ref, name] = Column(ref, name, tracking, text, where.path, line)

    def _table(self, facts: FileFacts, table: Shape) -> tuple[FileFacts, Shape | None]:
        if table.kind == "name":
            symbol = self.names.resolve(facts, table.text)
            if symbol.kind != "alias":
                return facts, None
            facts = self.names.files[symbol.path]
            table = facts.aliases[symbol.name]
        is_table = table.kind == "call" and table.last_name == "Table"
        return facts, table if is_table else None

    # -- all JSON columns

    def _json_attributes(self) -> dict[str, tuple[tuple[ClassRef, Column], ...]]:
        found: dict[str, list[tuple[ClassRef, Column]]] = defaultdict(list)
        for ref in self.all_classes():
            if not self.is_model(ref):
                continue
            for attribute in self.attributes(ref):
                if column := self.column(ref, attribute):
                    found[attribute].append((ref, column))
        return {name: tuple(columns) for name, columns in found.items()}

    def _plain_bearers(self) -> dict[str, tuple[ClassRef, ...]]:
        """Return, by attribute that is some model's JSON column, the classes where it is something else."""
        found: dict[str, list[ClassRef]] = defaultdict(list)
        for ref in self.all_classes():
            made = self.names.class_facts(ref)
            for name in self.json_attributes.keys() & (made.members.keys() | made.self_attributes.keys()):
                if self.column(ref, name) is None and not self._is_mixin(ref, name):
                    found[name].append(ref)
        return {name: tuple(refs) for name, refs in found.items()}

    def _is_mixin(self, ref: ClassRef, name: str) -> bool:
        return any(column.owner == ref for _, column in self.json_attributes[name])

    def classes_with(self, name: str) -> list[ClassRef]:
        """Return the classes of the project that have a method of a name.

        Names of one word say too little: what others wrote has them too.
        """
        if "_" not in name.strip("_"):
            return []
        if self._by_method is None:
            self._by_method = defaultdict(list)
            for ref in self.all_classes():
                for method, member in self.names.class_facts(ref).members.items():
                    if member.kind == "method":
                        self._by_method[method].append(ref)
        return self._by_method.get(name, [])

    def is_container(self, ref: ClassRef) -> bool:
        """Say whether a class only says what is in a dictionary or list, or is a kind of one."""
        return not self.external_bases(ref).isdisjoint(_CONTAINER_BASES)

    def opaque(self, ref: ClassRef) -> bool:
        """Say whether a class may have attributes that cannot be seen here."""
        return bool(self.external_bases(ref) - _MODEL_BASES)


def _is_noted_container(note: Shape) -> bool:
    """Say whether an annotation says `Mapped[dict[…]]`, or of another plain container."""
    if note.last_name != "Mapped" or note.kind != "subscript":
        return False
    inner = without_none(note.parts[1])
    return bool(inner) and all(one.last_name in _PLAIN_CONTAINERS for one in inner)


def _same_note(one: Shape, other: Shape) -> bool:
    """Compare annotations as SQLAlchemy's lookup does, more or less: `Dict[str, Any]` is `dict[str, Any]`."""
    if one.kind != other.kind or len(one.parts) != len(other.parts):
        return False
    if one.kind == "name":
        return one.last_name.lower() == other.last_name.lower()
    return all(map(_same_note, one.parts, other.parts))


def _renamed(properties: Shape | None) -> dict[str, str]:
    """Return attribute names by column name from `properties={"_data": table.c.data}`."""
    if properties is None or properties.kind != "mapping":
        return {}
    pairs = zip(properties.parts[::2], properties.parts[1::2], strict=True)
    return {value.last_name: key.text for key, value in pairs if value.kind == "name"}
