"""Every way in which a program gets at a container of a document."""

from __future__ import annotations

import copy
import gc
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from tests.database.every_change import Change, iadd, ior, set_item


def _nothing(document: Any) -> None:
    """Make no other change."""


@dataclass(frozen=True)
class Reach:
    """How a program gets at the container that it changes."""

    name: str
    build: Callable[[Any], Any]
    """Makes the document around the container."""
    find: Callable[[Any], Any]
    """Finds the container in the document."""
    get: Callable[[Session, Any, int], Any]
    """Returns the container, given a session, the class and the key of the row."""
    also: Change = _nothing
    """What the program changes besides, before."""
    may_refuse: bool = False
    """Whether an error that says what to do is as good as a saved change."""


def _in_key(target: Any) -> Any:
    return {"k": target, "other": [1]}


def _of_key(document: Any) -> Any:
    return document["k"]


def _deep(target: Any) -> Any:
    return {"p": [{"q": {"r": [0, target]}}], "other": {}}


def _of_deep(document: Any) -> Any:
    return document["p"][0]["q"]["r"][1]


def _row(session: Session, cls: Any, key: int) -> Any:
    """Return a row, which a variable of the program holds from now on."""
    row = session.get_one(cls, key)
    return _held(session, row)


def _held(session: Session, row: Any) -> Any:
    session.info.setdefault("held", []).append(row)
    return row


def _doc(session: Session, cls: Any, key: int) -> Any:
    return _row(session, cls, key).doc


def _reading(find: Callable[[Any], Any]) -> Callable[[Session, Any, int], Any]:
    return lambda session, cls, key: find(_doc(session, cls, key))


def _outliving(session: Session, cls: Any, key: int) -> Any:
    container = _of_deep(session.get_one(cls, key).doc)
    gc.collect(0)
    return container


def _loop(document: Any) -> Any:
    found = None
    for item in document["items"]:
        found = item
    return found


def _values(document: Any) -> Any:
    return [value for value in document["items"].values() if value][-1]


def _items(document: Any) -> Any:
    found = None
    for key, value in document["items"].items():
        if key == "b":
            found = value
    return found


def _match(document: Any) -> Any:
    match document:
        case {"k": container}:
            return container


def _unpacked(document: Any) -> Any:
    *_, container = document["items"]
    return container


def _copied_outside(document: Any) -> Any:
    return {**document}["k"]


def _after(step: Callable[[Session, Any], object]) -> Callable[[Session, Any, int], Any]:
    """Change something, do the step, and read the container again."""

    def get(session: Session, cls: Any, key: int) -> Any:
        row = _row(session, cls, key)
        _also(row.doc)
        session.flush()
        step(session, row)
        return _of_key(row.doc)

    return get


def _also(document: Any) -> None:
    document["also"] = 1


def _kept_across(step: Callable[[Session, Any], object]) -> Callable[[Session, Any, int], Any]:
    """Read the container before the step, and change it after."""

    def get(session: Session, cls: Any, key: int) -> Any:
        row = _row(session, cls, key)
        container = _of_key(row.doc)
        step(session, row)
        return container

    return get


def _savepoint(session: Session, row: Any) -> None:
    with session.begin_nested():
        session.execute(row.__table__.select().limit(1))


def _rolled_back_savepoint(session: Session, row: Any) -> None:
    savepoint = session.begin_nested()
    row.doc["lost"] = 1
    session.flush()
    savepoint.rollback()


def _roll_back(session: Session, row: Any) -> None:
    _also(row.doc)
    session.rollback()


def _detached(session: Session, cls: Any, key: int) -> Any:
    row = _row(session, cls, key)
    session.expunge(row)
    container = _of_key(row.doc)
    session.info.setdefault("later", []).append(lambda: session.add(row))
    return container


def _pickled(session: Session, cls: Any, key: int) -> Any:
    row = _row(session, cls, key)
    _of_key(row.doc)
    session.expunge(row)
    loaded = pickle.loads(pickle.dumps(row))
    session.add(_held(session, loaded))
    return _of_key(loaded.doc)


def _merged(session: Session, cls: Any, key: int) -> Any:
    row = _row(session, cls, key)
    _of_key(row.doc)
    session.expunge(row)
    return _of_key(_held(session, session.merge(row)).doc)


def _new(session: Session, cls: Any, key: int) -> Any:
    row = _row(session, cls, key)
    document = copy.deepcopy(plainly(row.doc))
    session.delete(row)
    session.flush()
    row = cls(id=key, doc=document)
    session.add(_held(session, row))
    session.flush()
    return _of_key(row.doc)


def plainly(value: Any) -> Any:
    """Return a copy of plain containers."""
    if isinstance(value, dict):
        return {key: plainly(item) for key, item in value.items()}
    return [plainly(item) for item in value] if isinstance(value, list) else value


def _put_in(put: Callable[[Any, Any], object]) -> tuple[Callable[[Any], Any], Change]:
    """Return how to make a document with the container waiting in it, and the change that puts a new one in."""
    return lambda target: {"given": target, "list": [0], "object": {}}, lambda document: put(
        document, copy.deepcopy(plainly(document["given"]))
    )


def _after_putting(find: Callable[[Any], Any], also: Change) -> Callable[[Session, Any, int], Any]:
    def get(session: Session, cls: Any, key: int) -> Any:
        row = _row(session, cls, key)
        also(row.doc)
        session.flush()
        return find(row.doc)

    return get


_PUT_IN: list[tuple[str, Callable[[Any, Any], object], Callable[[Any], Any]]] = [
    ("[key] =", lambda d, x: set_item(d["object"], "n", x), lambda d: d["object"]["n"]),
    ("update", lambda d, x: d["object"].update({"n": x}), lambda d: d["object"]["n"]),
    ("|=", lambda d, x: ior(d["object"], {"n": {"m": x}}), lambda d: d["object"]["n"]["m"]),
    ("setdefault", lambda d, x: d["object"].setdefault("n", [x]), lambda d: d["object"]["n"][0]),
    ("[0] =", lambda d, x: set_item(d["list"], 0, x), lambda d: d["list"][0]),
    ("[:] =", lambda d, x: set_item(d["list"], slice(None), [1, x]), lambda d: d["list"][1]),
    ("append", lambda d, x: d["list"].append(x), lambda d: d["list"][1]),
    ("extend", lambda d, x: d["list"].extend([x]), lambda d: d["list"][1]),
    ("insert", lambda d, x: d["list"].insert(0, x), lambda d: d["list"][0]),
    ("+=", lambda d, x: iadd(d["list"], [{"m": x}]), lambda d: d["list"][1]["m"]),
]


def _reaches() -> Iterator[Reach]:
    yield Reach("row.doc", lambda target: target, lambda document: document, _doc)
    yield Reach("row.doc[key]", _in_key, _of_key, _reading(_of_key))
    yield Reach("row.doc[key][0][key][key][1]", _deep, _of_deep, _reading(_of_deep))
    yield Reach("a child that outlives its row", _deep, _of_deep, _outliving)
    yield Reach("get(key)", _in_key, _of_key, _reading(lambda document: document.get("k")))
    yield Reach("setdefault(key, ...)", _in_key, _of_key, _reading(lambda d: d.setdefault("k", None)))
    yield Reach("a loop over a list", lambda target: {"items": [1, target]}, _loop, _reading(_loop))
    yield Reach("values()", lambda target: {"items": {"a": 0, "b": target}}, _values, _reading(_values))
    yield Reach("items()", lambda target: {"items": {"a": 0, "b": target}}, _items, _reading(_items))
    yield Reach("match", _in_key, _match, _reading(_match))
    yield Reach("unpacking", lambda target: {"items": [1, target]}, _unpacked, _reading(_unpacked))
    yield Reach("{**row.doc}[key]", _in_key, _of_key, _reading(_copied_outside))
    yield Reach("after a change and a flush", _in_key, _of_key, _after(lambda session, row: None), _also)
    yield Reach("after a commit", _in_key, _of_key, _after(lambda session, row: session.commit()), _also)
    yield Reach("after a refresh", _in_key, _of_key, _after(lambda session, row: session.refresh(row)), _also)
    yield Reach("after an expire", _in_key, _of_key, _after(lambda session, row: session.expire(row)), _also)
    yield Reach("after a savepoint", _in_key, _of_key, _after(_savepoint), _also)
    yield Reach("after a savepoint rolled back", _in_key, _of_key, _after(_rolled_back_savepoint), _also)
    yield Reach("a new row, flushed", _in_key, _of_key, _new)
    yield Reach("a detached row, added again", _in_key, _of_key, _detached)
    yield Reach("a pickled row", _in_key, _of_key, _pickled)
    yield Reach("a merged row", _in_key, _of_key, _merged)
    yield Reach("read before a flush", _in_key, _of_key, _kept_across(lambda session, row: session.flush()))
    for name, step in (
        ("a commit", lambda session, row: session.commit()),
        ("a commit, row read again", lambda session, row: (session.commit(), row.doc)),
        ("a rollback", lambda session, row: _roll_back(session, row)),
        ("a refresh", lambda session, row: session.refresh(row)),
        ("an expire", lambda session, row: session.expire(row)),
    ):
        yield Reach(f"read before {name}", _in_key, _of_key, _kept_across(step), may_refuse=True)
    for name, put, find in _PUT_IN:
        build, also = _put_in(put)
        yield Reach(f"put in by {name}", build, find, _after_putting(find, also), also)


REACHES = list(_reaches())
