"""Documents type-check as the plain dicts and lists that the annotation names."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from mypy import api

HEADER = """
from typing import Any, Annotated
from sqlalchemy import JSON, PickleType, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, Session, mapped_column
from indelible import Document, format_path, pending_delta, tracked

class Base(DeclarativeBase):
    type_annotation_map = {list[str]: Document}

class Row(Base):
    __tablename__ = "rows"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, str]] = mapped_column(Document, default=dict)
    maybe: Mapped[list[int] | None] = mapped_column(Document)
    instance: Mapped[dict[str, list[int]]] = mapped_column(Document(), default=dict)
    by_map: Mapped[list[str]]
    own: Mapped[dict[str, int]] = mapped_column(tracked(JSON))
    binary: Mapped[dict[str, int]] = mapped_column(tracked(JSONB(astext_type=Text())))
    pickled: Mapped[list[int]] = mapped_column(tracked(PickleType()))

class Data(MappedAsDataclass, Base):
    __tablename__ = "data"
    id: Mapped[int] = mapped_column(primary_key=True)
    doc: Mapped[dict[str, str]] = mapped_column(Document, default_factory=dict)
"""

SQLMODEL = """
from typing import Any
from sqlmodel import Field, Session, SQLModel, select
from indelible import Document, pending_delta

class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    doc: dict[str, str] = Field(default_factory=dict, sa_type=Document)
"""


class Checked:
    """What `mypy --strict` says of a snippet."""

    def __init__(self, output: str) -> None:
        self.output = output
        self.errors = re.findall(r"^.*: error: (.*)$", output, re.MULTILINE)
        notes = re.findall(r'note: Revealed type is "(.*)"$', output, re.MULTILINE)
        self.revealed = [re.sub(r"(?:builtins|typing)\.", "", note) for note in notes]


def _check(directory: Path, code: str, header: str = HEADER) -> Checked:
    """Run mypy on a snippet, with a cache that the tests of this module share."""
    file = directory / "snippet.py"
    file.write_text(header + textwrap.dedent(code))
    cache = directory.parent / "mypy_cache"
    output, problems, _ = api.run(["--strict", "--config-file=", f"--cache-dir={cache}", str(file)])
    assert problems == ""
    return Checked(output)


def test_mappings_type_check(tmp_path: Path) -> None:
    """Mappings with `Document` and `tracked` types pass `mypy --strict`, and so does changing the values."""
    checked = _check(
        tmp_path,
        """
        async def use(row: Row, session: Session, later: AsyncSession) -> None:
            row.doc["a"] = "b"
            row.doc |= {"c": "d"}
            row.doc = {"e": "f"}
            row.instance["n"].append(1)
            row.by_map += ["x"]
            row.maybe = None
            row.maybe = [1]
            row.maybe.append(2)
            session.get_one(Row, 1).doc["x"] = "y"
            (await later.get_one(Row, 1)).doc["x"] = "y"
            for found in session.scalars(select(Row).where(Row.doc["a"].as_string() == "b")):
                found.doc.clear()
            Data(id=1)
            Data(id=1, doc={"a": "b"})
        """,
    )
    assert checked.errors == [], checked.output


def test_an_attribute_has_the_annotated_type(tmp_path: Path) -> None:
    """On a row the document is what the annotation says, optional or not, whichever type stores it."""
    checked = _check(
        tmp_path,
        """
        def use(row: Row, data: Data, session: Session) -> None:
            reveal_type(row.doc)
            reveal_type(row.maybe)
            reveal_type(row.instance["n"])
            reveal_type(row.by_map)
            reveal_type(row.own)
            reveal_type(row.binary)
            reveal_type(row.pickled)
            reveal_type(data.doc)
            reveal_type(session.get_one(Row, 1).doc)
            reveal_type(session.scalars(select(Row.doc)).one())
        """,
    )
    assert checked.errors == [], checked.output
    assert checked.revealed == [
        "dict[str, str]",
        "list[int] | None",
        "list[int]",
        "list[str]",
        "dict[str, int]",
        "dict[str, int]",
        "list[int]",
        "dict[str, str]",
        "dict[str, str]",
        "dict[str, str]",
    ]


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ('row.doc["a"] = 1', 'target has type "str"'),
        ('row.doc[1] = "a"', 'Invalid index type "int"'),
        ("row.doc = []", "Incompatible types in assignment"),
        ("row.doc = None", "Incompatible types in assignment"),
        ("row.maybe.append(1)", 'has no attribute "append"'),
        ('row.instance["n"].append("x")', 'expected "int"'),
        ('row.own["a"] = "b"', 'target has type "int"'),
        ("Data(id=1, doc=[])", 'Argument "doc" to "Data"'),
        ("pending_delta(row)", "Missing positional argument"),
        ("tracked(3)", 'incompatible type "int"'),
        ("mapped_column(Document(keys=3))", 'incompatible type "int"'),
    ],
)
def test_mistakes_are_errors(tmp_path: Path, line: str, part: str) -> None:
    """What does not fit the annotation or the signature is one error that says so."""
    checked = _check(tmp_path, f"def use(row: Row) -> None:\n    {line}\n")
    assert len(checked.errors) == 1, checked.output
    assert part in checked.errors[0]


def test_the_delta_is_typed(tmp_path: Path) -> None:
    """`pending_delta` is a tuple of six kinds of change that `match` tells apart exhaustively."""
    checked = _check(
        tmp_path,
        """
        from typing import assert_never
        from indelible import Add, Delta, Move, Put, Remove, Splice, Union

        def use(row: Row) -> str:
            delta: Delta = pending_delta(row, "doc")
            for change in delta:
                reveal_type(format_path(change.path))
                match change:
                    case Put():
                        return "put"
                    case Remove() | Splice():
                        return "less"
                    case Move():
                        return "move"
                    case Add() | Union():
                        return "more"
                    case _:
                        assert_never(change)
            reveal_type(pending_delta(row, "doc"))
            return ""
        """,
    )
    assert checked.errors == [], checked.output
    assert checked.revealed[0] == "str"
    revealed = checked.revealed[1]
    assert revealed.startswith("tuple[")
    assert revealed.endswith(", ...]")
    assert {name for name in ("Put", "Remove", "Splice", "Move") if f".{name}" in revealed} == {
        "Put",
        "Remove",
        "Splice",
        "Move",
    }


def test_every_public_name_has_a_type(tmp_path: Path) -> None:
    """Every public name can be imported under `--strict`, and none of them is `Any`."""
    import indelible

    names = sorted(indelible.__all__)
    code = f"from indelible import {', '.join(names)}\n" + "".join(f"reveal_type({name})\n" for name in names)
    checked = _check(tmp_path, code, header="")
    assert checked.errors == [], checked.output
    assert len(checked.revealed) == len(names)
    assert "Any" not in checked.revealed


def test_sqlmodel_fields(tmp_path: Path) -> None:
    """A SQLModel field with `sa_type=Document` type-checks and has the annotated type."""
    checked = _check(
        tmp_path,
        """
        def use(session: Session) -> None:
            hero = Hero(doc={"a": "b"})
            hero.doc["a"] = "c"
            reveal_type(hero.doc)
            reveal_type(session.exec(select(Hero)).one().doc)
        """,
        header=SQLMODEL,
    )
    assert checked.errors == [], checked.output
    assert checked.revealed == ["dict[str, str]", "dict[str, str]"]


def test_sqlmodel_mistakes(tmp_path: Path) -> None:
    """A wrong value in a SQLModel document is an error."""
    code = 'def use(hero: Hero) -> None:\n    hero.doc["a"] = 1\n'
    checked = _check(tmp_path, code, header=SQLMODEL)
    assert len(checked.errors) == 1, checked.output
    assert 'target has type "str"' in checked.errors[0]
