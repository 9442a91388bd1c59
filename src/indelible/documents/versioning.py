"""Compare-and-swap on the version that a writer saw."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from sqlalchemy import ColumnElement, inspect, select
from sqlalchemy.exc import ArgumentError, NoResultFound
from sqlalchemy.orm import InstrumentedAttribute, Mapper, Session

from indelible.documents.sessions import async_session, sync_session, take_write_lock
from indelible.errors import VersionConflict

if TYPE_CHECKING:
    from indelible.documents.sessions import AnyAsyncSession, SyncSession

Entity = TypeVar("Entity")
Version = InstrumentedAttribute[Any] | None


@overload
def get_at_version(
    session: SyncSession, entity: type[Entity], ident: Any, base_version: object, *, version: Version = None
) -> Entity: ...


@overload
def get_at_version(
    session: AnyAsyncSession,
    entity: type[Entity],
    ident: Any,
    base_version: object,
    *,
    version: Version = None,
) -> Awaitable[Entity]: ...


def get_at_version(
    session: SyncSession | AnyAsyncSession,
    entity: type[Entity],
    ident: Any,
    base_version: object,
    *,
    version: Version = None,
) -> Entity | Awaitable[Entity]:
    """Read a row as it is stored now, locked until the transaction ends, if it is at the version that a writer saw.

    `ident` is the primary key, as `Session.get` takes it. The version is the mapper's `version_id_col`, which the
    flush advances, or the attribute `version`, which is the caller's to advance. Changes that wait in the session are
    flushed first. Awaitable with an AsyncSession.

    Raises:
        VersionConflict: the row has another version; the error has it, and the row.
        sqlalchemy.exc.NoResultFound: there is no such row.
    """
    plain = sync_session(session)
    if plain is not None:
        return _get(plain, entity, ident, base_version, version)
    return async_session(session).run_sync(_get, entity, ident, base_version, version)


def _get(
    session: Session, entity: type[Entity], ident: Any, base_version: object, version: Version
) -> Entity:
    mapper: Mapper[Entity] = inspect(entity)
    key = version.key if version is not None else _version_key(mapper)
    session.flush()
    take_write_lock(session, mapper.tables[0])
    # Not Session.get: with a lock it raises StaleDataError for a row that it has in an older version. And of this
    # entity alone: PostgreSQL refuses to lock the far side of an outer join, as eager loading makes them.
    # Not the key: on PostgreSQL, rows that others add below this one do not wait for it then, nor it for them.
    query = select(entity).where(*_identified(mapper, ident)).with_for_update(of=entity, key_share=True)
    row = session.scalars(query, execution_options={"populate_existing": True}).unique().one_or_none()
    if row is None:
        raise NoResultFound(f"There is no {mapper.class_.__name__} with the key {ident!r}.")
    stored = getattr(row, key)
    if stored != base_version:
        name = f"{mapper.class_.__name__} {ident!r}"
        raise VersionConflict(document=name, base=base_version, stored=stored, row=row)
    return row


def _identified(mapper: Mapper[Any], ident: Any) -> list[ColumnElement[bool]]:
    """Return what the primary key must be: `ident` is a value, several in order, or a dict of attributes."""
    columns = mapper.primary_key
    if isinstance(ident, dict):
        ident = [ident[mapper.get_property_by_column(column).key] for column in columns]
    values = ident if isinstance(ident, tuple | list) else (ident,)
    if len(values) != len(columns):
        raise ArgumentError(
            f"The key of {mapper.class_.__name__} has {len(columns)} parts, not {len(values)}."
        )
    return [column == value for column, value in zip(columns, values, strict=True)]


def _version_key(mapper: Mapper[Any]) -> str:
    if mapper.version_id_col is None:
        raise ArgumentError(
            f"{mapper.class_.__name__} has no version_id_col: name its version with get_at_version(version=...)."
        )
    return mapper.get_property_by_column(mapper.version_id_col).key
