"""The column types: `Document`, and `tracked` for any other type that loads dicts and lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import JSON, ColumnElement, Text, cast, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.types import TypeDecorator, TypeEngine, to_instance

from indelible.changes import differencing
from indelible.changes.ownership import Container
from indelible.changes.policies import Policies, Policy
from indelible.changes.values import ANYTHING, JSON_ONLY, Rules, plain, same
from indelible.documents import serializing
from indelible.documents.attachment import OldValue, attachment_of
from indelible.documents.change_log import ChangeLog
from indelible.documents.uncommitted import note_sent


class TrackedType(TypeDecorator[Any]):
    """Base of the types whose values are tracked when an ORM attribute holds them."""

    impl = JSON
    rules: Rules = ANYTHING

    def compare_values(self, x: Any, y: Any) -> bool:
        """Tell whether a document `x` still is what `y`, its old value, says; by JSON type, with its delta."""
        if isinstance(y, OldValue):
            return y.is_still(x)
        attachment = attachment_of(x)
        if x is y and attachment is not None:
            return not differencing.differs(attachment.journal, x)
        return same(x, y)


class Document(TrackedType):
    """A JSON document whose changes are tracked at any depth: JSONB on PostgreSQL, JSON elsewhere.

    Python's `None` is SQL `NULL`. Integers of any size stay exact.

        scene_summaries: Mapped[dict[str, str]] = mapped_column(Document, default=dict)

    A flush sends what changed, and the database puts it into what other writers have stored meanwhile.

    Args:
        keys: the member that tells the elements of a list apart, by the list's path, as in
            `{"scenes": "slug", "scenes[*].shots": "number"}`. Other lists use `id` where each element has its own.
        on_conflict: what happens where two writers changed one place differently: `"raise"`, `"mine"` (this writer
            wins), `"theirs"`, or a function of path, base, mine and theirs that returns the value to keep.
        policies: the same for the places that a path pattern names, and all below: `{"scenes[*].notes": merge_text}`.
        log: where changes and conflicts are logged; nowhere unless given.

    Raises:
        Conflict: at flush, with the policy `"raise"`; it has each place that both changed.
        DuplicateKey: at flush, for a list with two elements of one declared key.
        ValueError: a path or a policy cannot be read.
        NotJSON: on assignment or flush, for what JSON or the database cannot keep; with the path.
        StaleContainer: for a change to a container that its row does not hold any more.
    """

    # JSONB gives every backend the full set of operators; `load_dialect_impl` picks the type that is stored.
    impl = JSONB
    cache_ok = True
    rules = JSON_ONLY

    def __init__(
        self,
        *,
        keys: Mapping[str, str] | None = None,
        on_conflict: Policy = "raise",
        policies: Mapping[str, Policy] | None = None,
        log: ChangeLog | None = None,
    ) -> None:
        super().__init__(none_as_null=True)
        # None of the names of the parameters: SQLAlchemy takes attributes of these for parts of its cache's key.
        self.merging = Policies(keys, on_conflict, policies)
        self.change_log = log

    def __repr__(self) -> str:
        return "Document()"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return _TextOfJSONB() if serializing.loses_digits(dialect) else dialect.type_descriptor(JSONB())
        return dialect.type_descriptor(JSON(none_as_null=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        """Return what writes a document as text, which every driver takes for JSON."""

        write = serializing.Writer(dialect).text

        def process(value: Any) -> str | None:
            if value is None:
                return None
            if value is JSON.NULL:
                return "null"
            attachment = attachment_of(value)
            if attachment is None:
                serializing.check(value, _describe_value)
                return write(value, _describe_value)
            text = write(value, attachment.describe)
            if attachment.flushing:
                journal = attachment.journal
                attachment.sent(value)
                note_sent(instance_state(attachment.instance), attachment.key, journal)
            return text

        return process

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Return what reads a document's text, where the driver does not."""
        if dialect.name == "postgresql" and not serializing.loses_digits(dialect):
            return super().result_processor(dialect, coltype)
        loads = serializing.loader(dialect)

        def process(value: Any) -> Any:
            # SQLite gives a column of type JSON numeric affinity: a document that is a number comes as one.
            return value if value is None or isinstance(value, int | float) else loads(value)

        return process


class _TextOfJSONB(TypeDecorator[Any]):
    """JSONB that is selected as text, past a driver that would read it with a JSON library that loses digits."""

    impl = JSONB
    cache_ok = True

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return type_coerce(cast(column, Text), column.type)


class Tracked(TrackedType):
    """Any type that loads dicts and lists, with their changes tracked. Made by `tracked`."""

    cache_ok = True

    def __init__(self, type_: type[TypeEngine[Any]] | TypeEngine[Any]) -> None:
        self.type_ = to_instance(type_)
        self.impl = self.impl_instance = self.type_  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"tracked({self.type_!r})"

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Return what hands a plain copy to the type's own processor."""
        process_plain = super().bind_processor(dialect)

        def process(value: Any) -> Any:
            attachment = attachment_of(value)
            if attachment is not None and attachment.flushing:
                attachment.sent(value)
            if isinstance(value, Container):
                value = plain(value)
            return value if process_plain is None else process_plain(value)

        return process


def tracked(type_: type[TypeEngine[Any]] | TypeEngine[Any]) -> TypeEngine[Any]:
    """Return a type like `type_` whose dicts and lists are tracked at any depth.

        settings = mapped_column(tracked(JSONB(astext_type=Text())))
        options = mapped_column(tracked(PickleType))

    What may be put in, and how it is stored, is the given type's own affair.
    """
    return Tracked(type_)


def _describe_value() -> str:
    return "a value bound to a Document column"


# Migrations that Alembic writes name a type by its module.
Document.__module__ = "indelible"
