"""A process that patches a shared project, as one of story 003's: it says each change that was acknowledged."""

from __future__ import annotations

import json
import random
import sys
from typing import Any

from sqlalchemy import Engine, create_engine, event, update

from indelible import MissingPath, Patch, by, edit
from tests.database.rows import Row


def open_engine(url: str) -> Engine:
    """Open an engine whose SQLite connections wait for each other."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def connect(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA busy_timeout = 60000")
            connection.execute("PRAGMA synchronous = OFF")

    return engine


def change(engine: Engine, patch: Patch) -> str:
    """Patch the project, and say how that ended."""
    try:
        with engine.begin() as connection:
            result = connection.execute(update(Row).where(Row.id == 1).values(doc=patch))
        return "kept" if result.rowcount == 1 else "no row"
    except MissingPath as missing:
        return missing.path


def main() -> None:
    """Append images to their scenes, count them, or reorder and delete scenes meanwhile."""
    url, seed, job = json.loads(sys.argv[1])
    chance = random.Random(seed)
    engine = open_engine(url)
    document = edit(Row.doc)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    if job == "edit":
        for _ in range(30):
            one, other = chance.sample(range(1, 20), 2)
            moved = document.at("scenes").move(by(id=f"s{one}"), before=by(id=f"s{other}")).at("moves").add(1)
            sys.stdout.write(json.dumps(["move", change(engine, moved)]) + "\n")
    else:
        for scene, image in job:
            images = document.at("scenes", by(id=scene), "imageUrls").append(image).at("images").add(1)
            sys.stdout.write(json.dumps([image, change(engine, images)]) + "\n")
    engine.dispose()


if __name__ == "__main__":
    main()
