"""What the check takes for granted of SQLAlchemy, seen with the SQLAlchemy that is installed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import JSON, create_engine
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.pool import StaticPool


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "rows"
    id: Mapped[int] = mapped_column(primary_key=True)
    plain: Mapped[Any] = mapped_column(JSON)
    items: Mapped[Any] = mapped_column(JSON)
    one_level: Mapped[Any] = mapped_column(MutableDict.as_mutable(JSON))


@pytest.fixture
def session() -> Iterator[Session]:
    """A session on a database with one row."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as made:
        made.add(Row(id=1, plain={"a": {}}, items=[1], one_level={"a": {}}))
        made.commit()
        yield made
    engine.dispose()


def _plain(row: Row) -> None:
    row.plain["x"] = 1


def _same_back(row: Row) -> None:
    value = row.plain
    value["x"] = 1
    row.plain = value


def _equal_copy_after(row: Row) -> None:
    row.plain["x"] = 1
    row.plain = dict(row.plain)


def _deep_copy_after(row: Row) -> None:
    row.plain["x"] = 1
    row.plain = copy.deepcopy(row.plain)


def _augmented(row: Row) -> None:
    row.items += [2]


def _shallow_nested(row: Row) -> None:
    value = {**row.plain}
    value["a"]["x"] = 1
    row.plain = value


def _shallow_assigned_first(row: Row) -> None:
    row.plain = dict(row.plain)
    row.plain["a"]["x"] = 1


def _one_level_nested(row: Row) -> None:
    row.one_level["a"]["x"] = 1


def _one_level_shallow(row: Row) -> None:
    value = dict(row.one_level)
    value["a"]["x"] = 1
    row.one_level = value


LOST = [
    _plain, _same_back, _equal_copy_after, _deep_copy_after, _augmented, _shallow_nested, _shallow_assigned_first,
    _one_level_nested, _one_level_shallow,
]  # fmt: skip


def _marked_before(row: Row) -> None:
    flag_modified(row, "plain")
    row.plain["x"] = 1


def _marked_after(row: Row) -> None:
    row.plain["x"] = 1
    flag_modified(row, "plain")


def _fresh_copy_then_changed(row: Row) -> None:
    row.plain = dict(row.plain)
    row.plain["x"] = 1


def _shallow_differs_at_its_top(row: Row) -> None:
    value = dict(row.plain)
    value["a"]["x"] = 1
    value["y"] = 2
    row.plain = value


def _one_level_setdefault(row: Row) -> None:
    row.one_level.setdefault("a", {})["x"] = 1


def _one_level_put_back(row: Row) -> None:
    inner = row.one_level["a"]
    inner["x"] = 1
    row.one_level["a"] = inner


def _deep_copy_first(row: Row) -> None:
    value = copy.deepcopy(row.plain)
    value["a"]["x"] = 1
    row.plain = value


SAVED = [
    _marked_before, _marked_after, _fresh_copy_then_changed, _shallow_differs_at_its_top, _one_level_setdefault,
    _one_level_put_back, _deep_copy_first,
]  # fmt: skip


def _stored(session: Session) -> tuple[Any, Any, Any]:
    session.expire_all()
    row = session.get_one(Row, 1)
    return row.plain, row.items, row.one_level


BEFORE: tuple[Any, Any, Any] = ({"a": {}}, [1], {"a": {}})


@pytest.mark.parametrize("change", LOST)
def test_lost(session: Session, change: Callable[[Row], None]) -> None:
    """The change is not in the database after a commit."""
    change(session.get_one(Row, 1))
    session.commit()
    assert _stored(session) == BEFORE


@pytest.mark.parametrize("change", SAVED)
def test_saved(session: Session, change: Callable[[Row], None]) -> None:
    """The change is in the database after a commit."""
    change(session.get_one(Row, 1))
    session.commit()
    assert _stored(session) != BEFORE


def test_merge_of_the_same_instance_saves_nothing(session: Session) -> None:
    """`session.merge(row)` of a row that is in the session does not save an in-place change."""
    row = session.get_one(Row, 1)
    row.plain["x"] = 1
    session.merge(row)
    session.commit()
    assert _stored(session) == BEFORE


def test_merge_of_a_detached_row_saves(session: Session) -> None:
    """Merged into another session, the changed value is copied and saved."""
    row = session.get_one(Row, 1)
    session.expunge(row)
    row.plain["x"] = 1
    session.merge(row)
    session.commit()
    assert _stored(session)[0] == {"a": {}, "x": 1}


def test_a_new_row_saves_anything_until_it_is_flushed(session: Session) -> None:
    """A change before the first flush is saved, one after it is not."""
    row = Row(id=2, plain={}, items=[], one_level={})
    session.add(row)
    row.plain["before"] = 1
    session.flush()
    row.plain["after"] = 1
    session.commit()
    session.expire_all()
    assert session.get_one(Row, 2).plain == {"before": 1}


def test_a_fresh_value_changed_after_the_flush_is_lost(session: Session) -> None:
    """An assigned value is tracked by nobody once it is flushed."""
    row = session.get_one(Row, 1)
    row.plain = {"fresh": 1}
    session.flush()
    row.plain["late"] = 1
    session.commit()
    assert _stored(session)[0] == {"fresh": 1}
