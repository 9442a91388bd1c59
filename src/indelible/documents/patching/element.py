"""A patch as an element of SQLAlchemy's expression language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import BindParameter, ColumnElement
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

from indelible.documents.patching.expressing import Bind, Expression
from indelible.documents.patching.mysql import OLDEST_MARIADB, OLDEST_MYSQL, MariaDB, MySQL
from indelible.documents.patching.postgresql import PostgreSQL
from indelible.documents.patching.shapes import Shape
from indelible.documents.patching.sqlite import OLDEST as OLDEST_SQLITE
from indelible.documents.patching.sqlite import SQLite
from indelible.documents.patching.values import database_of
from indelible.errors import CannotPatch

# What a column of the statement may be rendered with; the rest is about the patch's own place in it.
_PASSED_ON = ("literal_binds", "include_table", "from_linter", "enclosing_alias")

_EXPRESSIONS: dict[str, tuple[Callable[[Bind, Callable[[int], str]], Expression], tuple[int, ...]]] = {
    "PostgreSQL": (PostgreSQL, ()),
    "SQLite": (SQLite, OLDEST_SQLITE),
    "MySQL": (MySQL, OLDEST_MYSQL),
    "MariaDB": (MariaDB, OLDEST_MARIADB),
}
"""Who writes patches, and for which versions."""


class PatchExpression(ColumnElement[Any]):
    """A stored document after changes; the base of what `edit` makes.

    Its values are bound, and what is left is the cache's key: SQLAlchemy compiles patches of one shape once.
    """

    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's own form
        ("_column", InternalTraversal.dp_clauseelement),
        ("_binds", InternalTraversal.dp_clauseelement_tuple),
        ("_shape", InternalTraversal.dp_plain_obj),
        ("type", InternalTraversal.dp_type),
    ]

    def __init__(
        self, column: ColumnElement[Any], binds: tuple[BindParameter[Any], ...], shape: Shape
    ) -> None:
        self._column = column
        self._binds = binds
        self._shape = shape
        self.type = column.type

    @property
    def _from_objects(self) -> Any:
        return self._column._from_objects


@compiles(PatchExpression)
def _compile(patch: PatchExpression, compiler: SQLCompiler, **options: Any) -> str:
    make = _expression_for(compiler.dialect)
    passed_on = {name: options[name] for name in _PASSED_ON if name in options}

    def bind(slot: int) -> str:
        return str(compiler.process(patch._binds[slot], **passed_on))

    def name(slot: int) -> str:
        return compiler.bind_names.get(patch._binds[slot], "label")

    column = compiler.process(patch._column, **passed_on)
    if not patch._shape:
        return str(column)
    return make(bind, name).whole(column, patch._shape)


def _expression_for(dialect: Dialect) -> Callable[[Bind, Callable[[int], str]], Expression]:
    database = database_of(dialect)
    if database not in _EXPRESSIONS:
        raise CannotPatch(
            f"{database} documents are not patched in the database. Load the row and change it."
        )
    make, oldest = _EXPRESSIONS[database]
    version = tuple(dialect.server_version_info or ())
    if version and version < oldest:
        first = ".".join(map(str, oldest))
        raise CannotPatch(f"{database} before {first} cannot patch documents. Load the row and change it.")
    return make
