"""Every way that real code declares JSON columns in is understood; what is no JSON column is not taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint.programs import expected, places, shown, write

HEAD = """\
import sqlalchemy as sa
import sqlalchemy.types as types
from sqlalchemy import ARRAY, JSON, Column, Integer, MetaData, PickleType, String, Table, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import HSTORE, JSONB
from sqlalchemy.ext.mutable import MutableDict, MutableList
from sqlalchemy.orm import DeclarativeBase, Mapped, declarative_base, declared_attr, deferred, mapped_column, registry


"""

ONE = "\n\ndef change(session, row: Row):\n    row.doc['a'] = 1{one}\n    session.commit()\n"
TWO = "\n\ndef change(session, row: Row):\n    row.doc['a']['b'] = 1{two}\n    session.commit()\n"

OLD = (
    "Base = declarative_base()\n\n\nclass Row(Base):\n    __tablename__ = 'rows'\n"
    "    id = Column(Integer, primary_key=True)\n"
)
NEW = (
    "class Base(DeclarativeBase):\n    pass\n\n\nclass Row(Base):\n    __tablename__ = 'rows'\n"
    "    id: Mapped[int] = mapped_column(primary_key=True)\n"
)

UNTRACKED = {
    "Column": OLD + "    doc = Column(JSON)\n",
    "Column with a name": OLD + "    doc = Column('document', JSON(none_as_null=True), nullable=False)\n",
    "sa.Column": OLD + "    doc = sa.Column(sa.JSON)\n",
    "dialect module": OLD + "    doc = Column(postgresql.JSONB(astext_type=Text()))\n",
    "type_": OLD + "    doc = Column(type_=JSONB)\n",
    "types module": OLD + "    doc = Column(types.JSON)\n",
    "mapped_column": NEW + "    doc: Mapped[dict | None] = mapped_column(JSONB, default=dict)\n",
    "deferred": OLD + "    doc = deferred(Column(JSON))\n",
    "deferred 2.0": NEW + "    doc: Mapped[dict] = deferred(mapped_column(JSONB))\n",
    "with_variant": OLD + "    doc = Column(JSON().with_variant(JSONB(), 'postgresql'))\n",
    "with_variant of text": OLD + "    doc = Column(Text().with_variant(JSONB(), 'postgresql'))\n",
    "ARRAY": OLD + "    doc = Column(ARRAY(String))\n",
    "HSTORE": OLD + "    doc = Column(HSTORE)\n",
    "PickleType": OLD + "    doc = Column(PickleType)\n",
    "module alias": "JSONType = JSON().with_variant(JSONB, 'postgresql')\n"
    + OLD
    + "    doc = Column(JSONType)\n",
    "alias of alias": "Plain = JSON\nJSONType = Plain\n" + OLD + "    doc = Column(JSONType, default=dict)\n",
    "declared_attr": OLD + "\n    @declared_attr\n    def doc(cls):\n        return Column(JSON)\n",
    "declared_attr.directive": NEW
    + "\n    @declared_attr\n    def doc(cls) -> Mapped[dict]:\n        return mapped_column(JSON)\n",
    "mixin": "class WithDoc:\n    doc = Column(JSON)\n\n\nBase = declarative_base()\n\n\n"
    "class Row(WithDoc, Base):\n    __tablename__ = 'rows'\n    id = Column(Integer, primary_key=True)\n",
    "abstract base": "Root = declarative_base()\n\n\nclass Base(Root):\n    __abstract__ = True\n"
    "    doc = Column(JSON)\n\n\n"
    "class Row(Base):\n    __tablename__ = 'rows'\n    id = Column(Integer, primary_key=True)\n",
    "imperative": "reg = registry()\ntable = Table('rows', reg.metadata, Column('id', Integer, primary_key=True), "
    "Column('doc', JSON))\n\n\nclass Row:\n    pass\n\n\nreg.map_imperatively(Row, table)\n",
    "imperative in a function": "reg = registry()\ntable = Table('rows', reg.metadata, Column('id', Integer, "
    "primary_key=True), Column('doc', JSON))\n\n\nclass Row:\n    pass\n\n\ndef start_mappers():\n"
    "    reg.map_imperatively(Row, table)\n",
    "imperative renamed": "reg = registry()\ntable = Table('rows', reg.metadata, Column('id', Integer, "
    "primary_key=True), Column('body', JSON))\n\n\nclass Row:\n    pass\n\n\n"
    "reg.map_imperatively(Row, table, properties={'doc': table.c.body})\n",
    "__table__": "Base = declarative_base()\n\n\nclass Row(Base):\n    __table__ = Table('rows', Base.metadata, "
    "Column('id', Integer, primary_key=True), Column('doc', JSON))\n",
    "type_annotation_map": "from typing import Any\n\n\nclass Base(DeclarativeBase):\n"
    "    type_annotation_map = {dict[str, Any]: JSON}\n\n\nclass Row(Base):\n    __tablename__ = 'rows'\n"
    "    id: Mapped[int] = mapped_column(primary_key=True)\n    doc: Mapped[dict[str, Any] | None]\n",
    "type_annotation_map in a registry": "from typing import Any\n\n\nclass Base(DeclarativeBase):\n"
    "    registry = registry(type_annotation_map={dict[str, Any]: JSON})\n\n\nclass Row(Base):\n"
    "    __tablename__ = 'rows'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
    "    doc: Mapped[dict[str, Any]] = mapped_column(default=dict)\n",
    "Annotated": "from typing import Annotated, Any\n\nJsonDict = Annotated[dict[str, Any], mapped_column(JSONB)]\n"
    + NEW
    + "    doc: Mapped[JsonDict]\n",
    "TypeDecorator of JSON": "class Doc(types.TypeDecorator):\n    impl = JSON\n    cache_ok = True\n"
    + OLD
    + "    doc = Column(Doc)\n",
    "TypeDecorator of text": "import json\n\n\nclass Doc(types.TypeDecorator):\n    impl = Text\n\n"
    "    def process_bind_param(self, value, dialect):\n        return json.dumps(value)\n\n"
    "    def process_result_value(self, value, dialect):\n        return json.loads(value)\n\n\n"
    + OLD
    + "    doc = Column(Doc())\n",
    "subclass of JSON": "class Doc(JSON):\n    pass\n\n\n" + OLD + "    doc = Column(Doc)\n",
    "column function": "def json_column(**options):\n    return Column(JSON, **options)\n\n\n"
    + OLD
    + "    doc = json_column(nullable=False)\n",
    "partial": "from functools import partial\n\njson_column = partial(mapped_column, JSON)\n"
    + NEW
    + "    doc: Mapped[dict] = json_column()\n",
    "flask": "from flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy()\n\n\nclass Row(db.Model):\n"
    "    id = db.Column(db.Integer, primary_key=True)\n    doc = db.Column(db.JSON, default=dict)\n",
    "SQLModel sa_column": "from sqlmodel import Field, SQLModel\n\n\nclass Row(SQLModel, table=True):\n"
    "    id: int = Field(primary_key=True)\n    doc: dict = Field(default={}, sa_column=Column(JSON))\n",
    "SQLModel sa_type": "from sqlmodel import Field, SQLModel\n\n\nclass Row(SQLModel, table=True):\n"
    "    id: int = Field(primary_key=True)\n    doc: dict = Field(default_factory=dict, sa_type=JSON)\n",
    "sqlalchemy_utils": "from sqlalchemy_utils import JSONType\n\n\n" + OLD + "    doc = Column(JSONType)\n",
    "conditional import": "try:\n    from sqlalchemy.dialects.postgresql import JSONB as Doc\nexcept ImportError:\n"
    "    from sqlalchemy import JSON as Doc\n\n\n" + OLD + "    doc = Column(Doc)\n",
}

RECIPE = (
    "from sqlalchemy.ext.mutable import Mutable\n\n\nclass Watched(Mutable, dict):\n    @classmethod\n"
    "    def coerce(cls, key, value):\n        return value if isinstance(value, Watched) else Watched(value)\n\n"
    "    def __setitem__(self, name, item):\n        key, value = name, item\n"
    "        dict.__setitem__(self, key, value)\n        self.changed()\n\n\n"
)

ONE_LEVEL = {
    "as_mutable": OLD + "    doc = Column(MutableDict.as_mutable(JSON))\n",
    "as_mutable of an instance": OLD + "    doc = Column(MutableDict.as_mutable(JSON(none_as_null=True)))\n",
    "alias": "JSONDict = MutableDict.as_mutable(JSONB)\n" + OLD + "    doc = Column(JSONDict)\n",
    "associate_with": "class Doc(types.TypeDecorator):\n    impl = JSON\n\n\nMutableDict.associate_with(Doc)\n"
    + OLD
    + "    doc = Column(Doc)\n",
    "the recipe of a Mutable": RECIPE + OLD + "    doc = Column(Watched.as_mutable(JSON))\n",
    "sqlalchemy-json, flat": "from sqlalchemy_json import MutableJson\n\n\n"
    + OLD
    + "    doc = Column(MutableJson)\n",
}

TRACKED = {
    "Document": "from indelible import Document\n\n\n"
    + NEW
    + "    doc: Mapped[dict] = mapped_column(Document)\n",
    "tracked": "from indelible import tracked\n\n\n"
    + NEW
    + "    doc: Mapped[dict] = mapped_column(tracked(JSONB))\n",
    "sqlalchemy-json": "from sqlalchemy_json import NestedMutableJson\n\n\n"
    + OLD
    + "    doc = Column(NestedMutableJson)\n",
    "mutable_json_type": "from sqlalchemy_json import mutable_json_type\n\n\n"
    + OLD
    + "    doc = Column(mutable_json_type(dbtype=JSONB, nested=True))\n",
    "own Mutable": "from sqlalchemy.ext.mutable import Mutable\n\n\nclass Deep(Mutable, dict):\n    pass\n\n\n"
    + OLD
    + "    doc = Column(Deep.as_mutable(JSON))\n",
    "a Mutable that looks deeper": RECIPE.replace("key, value)", "key, deep(value))")
    + OLD
    + "    doc = Column(Watched.as_mutable(JSON))\n",
    "text": OLD + "    doc = Column(Text)\n",
    "no column": "class Row:\n    def __init__(self):\n        self.doc = {}\n",
    "pydantic": "from pydantic import BaseModel\n\n\nclass Row(BaseModel):\n    doc: dict\n",
    "SQLModel without table": "from sqlmodel import Field, SQLModel\n\n\nclass Row(SQLModel):\n"
    "    doc: dict = Field(sa_column=Column(JSON))\n",
    "objects of a TypeDecorator": "class Doc(types.TypeDecorator):\n    impl = JSON\n\n"
    "    def process_result_value(self, value, dialect):\n        return Settings(**value)\n\n\n"
    + OLD
    + "    doc = Column(Doc)\n",
}


def _check(folder: Path, code: str, one: bool, two: bool) -> None:
    one_text = "  # <- IND101" if one else ""
    two_text = ("  # <- IND101" if one else "  # <- IND103") if two else ""
    write(folder, models=HEAD + code, one="from models import Row\n" + ONE.format(one=one_text))
    write(folder, two="from models import Row\n" + TWO.format(two=two_text))
    assert places(shown(folder, strict=True)) == expected(folder)


@pytest.mark.parametrize("way", UNTRACKED)
def test_untracked_columns(tmp_path: Path, way: str) -> None:
    """Changes at any depth are found."""
    _check(tmp_path, UNTRACKED[way], one=True, two=True)


@pytest.mark.parametrize("way", ONE_LEVEL)
def test_columns_tracked_one_level_deep(tmp_path: Path, way: str) -> None:
    """Only nested changes are found."""
    _check(tmp_path, ONE_LEVEL[way], one=False, two=True)


@pytest.mark.parametrize("way", TRACKED)
def test_tracked_columns_and_no_columns(tmp_path: Path, way: str) -> None:
    """Nothing is found, not even by `--strict`."""
    _check(tmp_path, TRACKED[way], one=False, two=False)
