"""Changes that no flush wrote, as far as the session tells; the database has the last word."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Mapper, Session

from indelible.errors import UnsavedChange, UnsavedPlace
from indelible.sentinel.comparing import Path, frozen, same
from indelible.sentinel.recording import Entry
from indelible.sentinel.watches import Watch


class Suspicion(NamedTuple):
    """A value that differs from what was saved, as it was when that was seen."""

    name: str
    mapper: Mapper[Any]
    key: str
    identity: tuple[Any, ...]
    present: Any
    lost: list[tuple[Path, Entry | None]]

    @classmethod
    def of(cls, watch: Watch) -> Suspicion:
        """Return what is suspected of a value now."""
        return cls(
            watch.name(), watch.mapper, watch.key, watch.identity, frozen(watch.present()), watch.lost()
        )

    def first_made(self) -> int | None:
        """Return when, in flushes, the first of the changes was made; None if that is unknown."""
        return min((entry.time for _, entry in self.lost if entry is not None), default=None)

    def places(self) -> list[UnsavedPlace]:
        """Return column, row, path and line of each change."""
        return [
            UnsavedPlace(
                self.name,
                self.identity if len(self.identity) > 1 else self.identity[0],
                path,
                entry.place.file if entry is not None else None,
                entry.place.line if entry is not None else None,
                entry.place.function if entry is not None else None,
            )
            for path, entry in self.lost
        ]


def is_stored(session: Session, suspicion: Suspicion) -> bool:
    """Ask the database whether it has the value: a statement may have written it, or deleted the row.

    It runs one SELECT in the session's transaction, past the ORM, so that nothing is flushed or refreshed.
    """
    mapper = suspicion.mapper
    column = mapper.attrs[suspicion.key].columns[0]
    key = (part == value for part, value in zip(mapper.primary_key, suspicion.identity, strict=True))
    statement = select(column).select_from(mapper.selectable).where(*key)
    connection = session.connection(bind_arguments={"mapper": mapper, "clause": statement})
    row = connection.execute(statement).first()
    return row is None or same(frozen(row[0]), suspicion.present)


def error_of(suspicions: list[Suspicion]) -> UnsavedChange:
    """Return the error for changes that are lost."""
    return UnsavedChange.of(tuple(place for suspicion in suspicions for place in suspicion.places()))
