"""One process that changes boards at random and keeps a log of what it meant to do and what was acknowledged."""

from __future__ import annotations

import copy
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from indelible import Conflict, add
from tests.acceptance.torture.boards import BOARDS, Board, PlainBoard, new_engine

Entry = dict[str, Any]


class Writer:
    """Changes boards until the time is over, or it is killed.

    Its log has two lines for each transaction: what is to be done, before the commit; and what came of it. A killed
    writer leaves at most one transaction of which nobody knows.
    """

    def __init__(self, url: str, seed: str, log: Path, *, deltas: bool) -> None:
        self._rng = random.Random(seed)
        self._name = seed
        self._log_path = log
        # Nothing is sent before it is in the log.
        self._session = Session(new_engine(url), expire_on_commit=False, autoflush=False)
        self._class: Any = Board if deltas else PlainBoard
        self._deltas = deltas
        self._count = 0

    def run(self, until: float) -> None:
        """Work until this time (`time.time()`)."""
        with self._log_path.open("a") as log:
            rows = [self._session.get_one(self._class, number) for number in range(1, BOARDS + 1)]
            self._session.commit()
            while time.time() < until:
                self._transaction(log, rows)

    def _transaction(self, log: TextIO, rows: list[Any]) -> None:
        if self._rng.random() < 0.4:
            # Else it goes on with what it knew, which others have changed since.
            self._session.expire_all()
        entries = [self._change(self._rng.choice(rows)) for _ in range(self._rng.choice((1, 1, 2, 3)))]
        _write(log, {"entries": entries})
        try:
            self._session.commit()
        except (Conflict, StaleDataError):
            self._session.rollback()
            _write(log, {"outcome": "refused"})
        except OperationalError:
            self._session.rollback()
            _write(log, {"outcome": "unknown"})
        else:
            _write(log, {"outcome": "acknowledged"})

    def _change(self, row: Any) -> Entry:
        document = row.doc if self._deltas else copy.deepcopy(row.doc)
        entry = self._rng.choices(list(_ACTIONS), weights=list(_ACTIONS.values()))[0](self, document)
        if not self._deltas:
            row.doc = document
        return {"board": row.id, **entry}

    def _token(self) -> str:
        self._count += 1
        return f"{self._name}.{self._count}"

    def append(self, document: Any) -> Entry:
        token = self._token()
        document["log"].append(token)
        return {"kind": "append", "token": token}

    def image(self, document: Any) -> Entry:
        scene, token = self._scene(document), self._token()
        scene["urls"].append(token)
        return {"kind": "image", "token": token, "scene": scene["id"]}

    def put(self, document: Any) -> Entry:
        slot, token = self._rng.choice("abc"), self._token()
        seen = document["slots"][slot]
        document["slots"][slot] = token
        return {"kind": "put", "place": slot, "token": token, "seen": seen}

    def title(self, document: Any) -> Entry:
        scene, token = self._scene(document), self._token()
        seen = scene["title"]
        scene["title"] = token
        return {"kind": "put", "place": scene["id"], "token": token, "seen": seen}

    def insert(self, document: Any) -> Entry:
        token = self._token()
        scene: Entry = {"id": token, "urls": [], "title": None}
        document["scenes"].insert(self._rng.randrange(len(document["scenes"]) + 1), scene)
        return {"kind": "scene", "token": token}

    def delete(self, document: Any) -> Entry:
        if len(document["scenes"]) < 4:
            return self.insert(document)
        scene = document["scenes"].pop(self._rng.randrange(len(document["scenes"])))
        return {"kind": "delete", "token": scene["id"], "urls": list(scene["urls"]), "title": scene["title"]}

    def move(self, document: Any) -> Entry:
        scenes = document["scenes"]
        scenes.insert(self._rng.randrange(len(scenes)), scenes.pop(self._rng.randrange(len(scenes))))
        return {"kind": "move"}

    def count(self, document: Any) -> Entry:
        amount = self._rng.randrange(1, 9)
        if self._deltas:
            add(document, "count", amount)
        else:
            document["count"] += amount
        return {"kind": "count", "amount": amount}

    def _scene(self, document: Any) -> Any:
        return self._rng.choice(document["scenes"])


_ACTIONS: dict[Callable[[Writer, Any], Entry], int] = {
    Writer.append: 5,
    Writer.image: 6,
    Writer.put: 4,
    Writer.title: 4,
    Writer.insert: 1,
    Writer.delete: 1,
    Writer.move: 2,
    Writer.count: 2,
}


def _write(log: TextIO, line: Entry) -> None:
    log.write(json.dumps(line) + "\n")
    log.flush()
