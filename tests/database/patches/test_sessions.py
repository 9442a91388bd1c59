"""Patches in ORM sessions: what is in memory, what comes back, and how often statements are compiled."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import aliased

from indelible import MissingPath, edit
from tests.database.rows import Row
from tests.database.stores import Store


@pytest.mark.parametrize("synchronize", ["auto", "evaluate", "fetch"])
def test_documents_in_memory_are_read_anew(
    any_store: Store, synchronize: Literal["auto", "evaluate", "fetch"]
) -> None:
    """After the UPDATE a row of the session shows what is stored, with the session's own changes in it."""
    any_store.keep(Row(id=1, doc={"list": [1]}), Row(id=2, doc={"list": []}))
    with any_store.session() as session:
        row, other = session.get_one(Row, 1), session.get_one(Row, 2)
        row.doc["mine"] = True
        session.execute(
            update(Row).where(Row.id == 1).values(doc=edit(Row.doc).at("list").append(2)),
            execution_options={"synchronize_session": synchronize},
        )
        assert row.doc == {"list": [1, 2], "mine": True}
        assert other.doc == {"list": []}
        row.doc["list"].append(3)
        session.commit()
    any_store.expect({"list": [1, 2, 3], "mine": True})


def test_returning_gives_the_new_document(any_store: Store) -> None:
    """One statement patches and reads, where the database has `UPDATE … RETURNING`; elsewhere it is refused."""
    any_store.keep(Row(id=1, doc={"n": 1}))
    with any_store.session() as session:
        statement = update(Row).values(doc=edit(Row.doc).at("n").add(1)).returning(Row.doc)
        if not any_store.engine.dialect.update_returning:
            with pytest.raises(ProgrammingError):
                session.execute(statement)
            return
        assert session.execute(statement).scalar_one() == {"n": 2}


def test_a_patch_is_one_statement_without_a_select(any_store: Store) -> None:
    """Nothing is read before or after."""
    any_store.keep(Row(id=1, doc={"n": 1}))
    with any_store.session() as session, any_store.statements() as statements:
        session.execute(update(Row).where(Row.id == 1).values(doc=edit(Row.doc).at("n").add(1)))
        session.commit()
    assert [each.split()[0] for each in statements] == ["UPDATE"]


def test_patches_of_one_shape_are_compiled_once(any_store: Store) -> None:
    """Other keys, positions and values are bound; the SQL is the same, and the error still names the right path."""
    any_store.keep(Row(id=1, doc={"a": [], "b": []}))
    with any_store.statements() as statements, any_store.session() as session:
        for key in ("a", "b"):
            session.execute(update(Row).values(doc=edit(Row.doc).at(key).append(key)))
        with pytest.raises(MissingPath, match=r"Row\.doc at c:"):
            session.execute(update(Row).values(doc=edit(Row.doc).at("c").append(1)))
        session.rollback()
    assert len({each for each in statements if each.startswith("UPDATE")}) == 1


def test_two_documents_of_a_row_are_patched_at_once(any_store: Store) -> None:
    """Two patches in one statement, and the error is of the one that does not fit."""
    any_store.keep(Row(id=1, doc={"n": 1}, other={"n": 2}))
    with any_store.engine.begin() as connection:
        both = {"doc": edit(Row.doc).at("n").add(1), "other": edit(Row.other).at("n").add(1)}
        connection.execute(update(Row).values(both))
    any_store.expect({"n": 2})
    any_store.expect({"n": 3}, attribute="other")
    with pytest.raises(MissingPath, match=r"Row\.other at m:"), any_store.engine.begin() as connection:
        connection.execute(update(Row).values(both | {"other": edit(Row.other).at("m").add(1)}))


def test_a_failed_patch_leaves_the_transaction_usable_behind_a_savepoint(any_store: Store) -> None:
    """The row is as it was, and what came before in the transaction is kept."""
    any_store.keep(Row(id=1, doc={}))
    with any_store.session() as session:
        session.execute(update(Row).values(title="kept"))
        with pytest.raises(MissingPath), session.begin_nested():
            session.execute(update(Row).values(doc=edit(Row.doc).at("n").add(1)))
        session.commit()
    assert any_store.sql("SELECT title FROM rows") == [("kept",)]


def test_a_patch_is_an_expression_like_others(any_store: Store) -> None:
    """It can be selected, also from an alias, and stands in UPDATEs for many parameter sets."""
    any_store.keep(Row(id=1, doc={"n": 1}), Row(id=2, doc={"n": 5}))
    other = aliased(Row)
    with any_store.session() as session:
        found = session.scalars(select(edit(other.doc).at("n").add(1)).order_by(other.id)).all()
        assert found == [{"n": 2}, {"n": 6}]
    table: Any = Row.__table__
    with any_store.engine.begin() as connection:
        patch = edit(table.c.doc).at("n").add(1)
        connection.execute(
            update(table).where(table.c.id == bindparam("row")).values(doc=patch), [{"row": 1}, {"row": 2}]
        )
        connection.execute(insert(Row).values(id=3, title="", doc={}))
    any_store.expect({"n": 6}, key=2)
    with pytest.raises(MissingPath, match=r"rows\.doc at n:"), any_store.engine.begin() as connection:
        connection.execute(update(table).values(doc=patch))


def test_only_documents_can_be_patched() -> None:
    """A column of another type is refused at once."""
    with pytest.raises(TypeError, match="type Document"):
        edit(Row.title)
