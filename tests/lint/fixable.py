"""Programs that lose a change: thirty generated ones, and ten shaped as real ones are."""

# ruff: noqa: E501 - programs as text
from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

START: dict[str, Any] = {"a": {"b": [1]}, "items": [{"n": 1}, {"n": 2}], "n": 1}


@dataclass(frozen=True)
class Program:
    """A project of some modules; its `main` has `run(engine)`, which ends in a commit.

    `kept` is what the column must hold afterwards, and `table.column` is where.
    """

    name: str
    modules: dict[str, str]
    kept: Any
    column: str = "doc"
    table: str = "rows"


_HEAD = '''\
"""A program that changes a document."""

{imports}


class Base(DeclarativeBase):
    {base}


{before}class Row(Base):
    __tablename__ = "rows"

    id{id_note} = {id_call}
    {column}  # the document
    title: Mapped[str] = mapped_column(default="")
'''
_MAPPED = "from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column"
_ID = (": Mapped[int]", "mapped_column(primary_key=True)")

# Imports, members of the base, what stands before the class, the column.
DECLARATIONS: dict[str, tuple[str, str, str, str]] = {
    "mapped_column(JSON)": (f"from sqlalchemy import JSON\n{_MAPPED}", "pass", "", "doc: Mapped[dict] = mapped_column(JSON)"),
    "keywords": (f"from sqlalchemy import JSON\n{_MAPPED}", "pass", "",
                 "doc: Mapped[dict | None] = mapped_column(JSON, nullable=True, default=None)"),
    "a name of its own": (f"from sqlalchemy import JSON, Column\n{_MAPPED}", "pass", "", 'doc = Column("doc", JSON(), nullable=False)'),
    "module": (f"import sqlalchemy as sa\n{_MAPPED}", "pass", "", "doc: Mapped[dict] = mapped_column(sa.JSON)"),
    "variant": (f"from sqlalchemy import JSON\nfrom sqlalchemy.dialects.postgresql import JSONB\n{_MAPPED}", "pass", "",
                'doc: Mapped[dict] = mapped_column(\n        JSON().with_variant(JSONB(), "postgresql"),\n        nullable=False,\n    )'),
    "alias": (f"from sqlalchemy import JSON\n{_MAPPED}", "pass", "Json = JSON\n\n\n", "doc: Mapped[dict] = mapped_column(Json)"),
    "annotation map": (f"from sqlalchemy import JSON\n{_MAPPED}", "type_annotation_map = {dict: JSON}", "", "doc: Mapped[dict]"),
    "deferred": (f"from sqlalchemy import JSON, Column\nfrom sqlalchemy.orm import deferred\n{_MAPPED}", "pass", "",
                 "doc = deferred(Column(JSON))"),
    "decorator": (f"from sqlalchemy import JSON\nfrom sqlalchemy.types import TypeDecorator\n{_MAPPED}", "pass",
                  "class Json(TypeDecorator):\n    impl = JSON\n    cache_ok = True\n\n\n", "doc: Mapped[dict] = mapped_column(Json)"),
    "MutableDict": (f"from sqlalchemy import JSON\nfrom sqlalchemy.ext.mutable import MutableDict\n{_MAPPED}", "pass", "",
                    "doc: Mapped[dict] = mapped_column(MutableDict.as_mutable(JSON))"),
}  # fmt: skip
TOP = [
    "row.doc['x'] = 1", "row.doc['x'] = 1  # why", "del row.doc['n']", "row.doc.update(\n        x=1,\n        y=[2],\n    )",
    "row.doc.pop('n')", "row.doc['n'] += 1", "row.doc |= {'x': 1}", "doc = row.doc or {}\n    doc['x'] = 1",
    "doc = row.doc or {}\n    doc['x'] = 1\n    row.doc = doc", "row.doc.clear()",
    "if 'x' not in row.doc:\n        row.doc['x'] = 1", "row.doc['x'] = 1\n    row.doc['y'] = 2\n\n    row.doc['z'] = 3",
    "row.doc.setdefault('new', []).append(1)", "row.doc['items'], row.doc['a'] = row.doc['a'], row.doc['items']",
]  # fmt: skip
NESTED = [
    "row.doc['a']['b'].append(2)", "row.doc['a']['b'] = [2, 3]", "doc = {**row.doc}\n    doc['a']['b'].append(1)\n    row.doc = doc",
    "for item in row.doc['items']:\n        item['n'] = 5", "row.doc['items'][-1].update(n=7)", "row.doc['items'].insert(0, {'n': 0})",
    "part = row.doc['a']\n    part['c'] = part.pop('b')", "row.doc['items'].sort(key=lambda item: -item['n'])",
    "row.doc['a'] |= {'c': [2]}",
]  # fmt: skip


def generated(seed: int = 5, number: int = 30) -> list[Program]:
    """Return programs that combine a declaration with a change, each declaration and each change at least once."""
    chance = random.Random(seed)
    every = TOP + NESTED
    changes = chance.sample(every, len(every)) + chance.sample(NESTED, number - len(every))
    names = sorted(DECLARATIONS) * number
    made = []
    for at, change in enumerate(changes):
        name = names[at]
        if name == "MutableDict" and change not in NESTED:
            change = chance.choice(NESTED)
        made.append(_program(f"{at}: {name}, {change.splitlines()[0]}", DECLARATIONS[name], change))
    return made


def _program(name: str, declaration: tuple[str, str, str, str], change: str) -> Program:
    imports, base, before, column = declaration
    head = _HEAD.format(
        imports=imports, base=base, before=before, column=column, id_note=_ID[0], id_call=_ID[1]
    )
    code = f"{head}\n\ndef change(session: Session, row: Row) -> None:\n    {change}\n    session.commit()\n"
    code += "\n\ndef run(engine):\n    with Session(engine) as session:\n        change(session, session.get_one(Row, 1))\n"
    return Program(name, {"main": code}, _after(change))


def _after(change: str) -> Any:
    """Return what the change makes of a plain dictionary."""

    class Plain:
        doc = eval(repr(START))

    row = Plain()
    exec("\n".join(line.removeprefix("    ") for line in change.splitlines()), {"row": row})
    return row.doc


_MODELS = '''\
"""Models."""
import datetime as dt

from sqlalchemy import JSON, DateTime, ForeignKey, String, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Owner(Base):
    __tablename__ = "owners"
    id: Mapped[int] = mapped_column(primary_key=True)
    rows: Mapped[list["Row"]] = relationship(back_populates="owner")


class Row(Base):
    __tablename__ = "rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("owners.id"))
    owner: Mapped[Owner | None] = relationship(back_populates="rows")
    title: Mapped[str] = mapped_column(String(200), default="")
    doc: Mapped[dict] = mapped_column(JSON, default=dict)  # see docs/format.md
    updated: Mapped[dt.datetime] = mapped_column(DateTime, server_default=func.now())
'''

REAL: list[Program] = [
    Program(
        "scene summaries: a service in another file",
        {
            "models": _MODELS,
            "service": (
                "from sqlalchemy.orm import Session\n\nfrom models import Row\n\n\n"
                "def save_summary(db: Session, row_id: int, slug: str, text: str) -> Row:\n"
                '    """Save what the model wrote."""\n'
                "    row = db.get(Row, row_id)\n    if row is None:\n        raise LookupError(row_id)\n"
                "    if not row.doc:\n        row.doc = {}\n    row.doc[slug] = text\n    db.commit()\n    db.refresh(row)\n"
                "    return row\n"
            ),
            "main": (
                "from sqlalchemy.orm import Session\n\nfrom service import save_summary\n\n\n"
                "def run(engine):\n    with Session(engine) as db:\n        save_summary(db, 1, 'INT. HOUSE', 'Maria.')\n"
            ),
        },
        {**START, "INT. HOUSE": "Maria."},
    ),
    Program(
        "a conversation: the same object assigned back",
        {
            "models": _MODELS,
            "main": (
                "from sqlalchemy.orm import Session\n\nfrom models import Row\n\nSTEPS = ('name', 'tone')\n\n\n"
                "def answer(session: Session, row: Row, step: str, value: str) -> None:\n"
                "    config = row.doc or {}\n    config[step] = value\n"
                "    config.setdefault('done', []).append(step)\n    row.doc = config\n    session.commit()\n\n\n"
                "def run(engine):\n    with Session(engine) as session:\n        row = session.get_one(Row, 1)\n"
                "        for step in STEPS:\n            answer(session, row, step, step.upper())\n"
            ),
        },
        {**START, "name": "NAME", "tone": "TONE", "done": ["name", "tone"]},
    ),
    Program(
        "an interview: some sites marked, one not",
        {
            "models": _MODELS,
            "main": (
                "from sqlalchemy.orm import Session\nfrom sqlalchemy.orm.attributes import flag_modified\n\n"
                "from models import Row\n\n\n"
                "def ask(session: Session, row: Row, text: str) -> None:\n"
                "    row.doc['items'].append({'q': text})\n    flag_modified(row, 'doc')\n    session.commit()\n\n\n"
                "def reply(session: Session, row: Row, text: str) -> None:\n"
                "    row.doc['items'][-1]['a'] = text\n    session.commit()\n\n\n"
                "def run(engine):\n    with Session(engine) as session:\n        row = session.get_one(Row, 1)\n"
                "        ask(session, row, 'Who?')\n        reply(session, row, 'Me.')\n"
            ),
        },
        {**START, "items": [*START["items"], {"q": "Who?", "a": "Me."}]},
    ),
    Program(
        "a repository class",
        {
            "models": _MODELS,
            "main": (
                "from sqlalchemy import select\nfrom sqlalchemy.orm import Session\n\nfrom models import Row\n\n\n"
                "class Rows:\n    def __init__(self, session: Session) -> None:\n        self.session = session\n\n"
                "    def by_id(self, key: int) -> Row:\n"
                "        return self.session.scalars(select(Row).where(Row.id == key)).one()\n\n"
                "    def tag(self, key: int, *tags: str) -> None:\n        row = self.by_id(key)\n"
                "        row.doc['tags'] = sorted({*row.doc.get('tags', []), *tags})\n        self.session.commit()\n\n\n"
                "def run(engine):\n    with Session(engine) as session:\n        Rows(session).tag(1, 'b', 'a')\n"
            ),
        },
        {**START, "tags": ["a", "b"]},
    ),
    Program(
        "a method of the model",
        {
            "main": _MODELS
            + (
                "\n    def rename(self, old: str, new: str) -> None:\n"
                '        """Rename a part."""\n        self.doc[new] = self.doc.pop(old)\n\n\n'
                "def run(engine):\n    from sqlalchemy.orm import Session\n\n    with Session(engine) as session:\n"
                "        row = session.get_one(Row, 1)\n        row.rename('a', 'z')\n        session.commit()\n"
            )
        },
        {"items": START["items"], "n": 1, "z": START["a"]},
    ),
    Program(
        "a helper that takes the row",
        {
            "models": _MODELS,
            "main": (
                "from sqlalchemy.orm import Session\n\nfrom models import Row\n\n\n"
                "def count(row: Row, name: str) -> int:\n    row.doc[name] = row.doc.get(name, 0) + 1\n"
                "    return row.doc[name]\n\n\n"
                "def run(engine):\n    with Session(engine) as session:\n        row = session.get_one(Row, 1)\n"
                "        count(row, 'n')\n        session.commit()\n"
            ),
        },
        {**START, "n": 2},
    ),
    Program(
        "a loop over a query",
        {
            "models": _MODELS,
            "main": (
                "from sqlalchemy import select\nfrom sqlalchemy.orm import Session\n\nfrom models import Row\n\n\n"
                "def close_all(session: Session) -> int:\n    closed = 0\n    for row in session.scalars(select(Row)):\n"
                "        for item in row.doc['items']:\n            item['closed'] = True\n            closed += 1\n"
                "    session.commit()\n    return closed\n\n\n"
                "def run(engine):\n    with Session(engine) as session:\n        close_all(session)\n"
            ),
        },
        {**START, "items": [{"n": 1, "closed": True}, {"n": 2, "closed": True}]},
    ),
    Program(
        "MutableDict, one level too deep",
        {
            "models": _MODELS.replace(
                "mapped_column(JSON, ", "mapped_column(MutableDict.as_mutable(JSON), "
            ).replace(
                "from sqlalchemy.orm import D",
                "from sqlalchemy.ext.mutable import MutableDict\nfrom sqlalchemy.orm import D",
            ),
            "main": (
                "from sqlalchemy.orm import Session\n\nfrom models import Row\n\n\n"
                "def prefer(session: Session, row: Row, key: str, value: str) -> None:\n"
                "    row.doc['a'][key] = value\n    session.commit()\n\n\n"
                "def run(engine):\n    with Session(engine) as session:\n"
                "        prefer(session, session.get_one(Row, 1), 'theme', 'dark')\n"
            ),
        },
        {**START, "a": {"b": [1], "theme": "dark"}},
    ),
    Program(
        "imports and comments as people leave them",
        {
            "models": _MODELS,
            "main": (
                "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n'''Ünïcode, quotes, and a trailing space.'''\n"
                "from __future__ import annotations\n\nimport os, sys   # noqa\n\nfrom sqlalchemy.orm import (\n"
                "    Session,\n)\n\nfrom models import Row\n\n\ndef  save( db:Session,row : Row ):\n"
                "\trow.doc['ü'] = \"ß\" ;  db.commit( )\n\n\ndef run(engine):\n\twith Session(engine) as db:\n"
                "\t\tsave(db, db.get_one(Row, 1))\n"
            ).replace(" ;  db.commit( )", "\n\tdb.commit( )"),
        },
        {**START, "ü": "ß"},
    ),
    Program(
        "a relationship",
        {
            "models": _MODELS,
            "main": (
                "from sqlalchemy.orm import Session\n\nfrom models import Owner, Row\n\n\n"
                "def mark(session: Session, owner: Owner) -> None:\n    for row in owner.rows:\n"
                "        row.doc['a']['seen'] = True\n    session.commit()\n\n\n"
                "def run(engine):\n    with Session(engine) as session:\n        owner = Owner(id=1)\n"
                "        session.add(owner)\n        session.get_one(Row, 1).owner = owner\n        session.commit()\n"
                "        mark(session, owner)\n"
            ),
        },
        {**START, "a": {"b": [1], "seen": True}},
    ),
]
