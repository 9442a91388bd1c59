"""Story 003: many processes save images of one project's scenes at the same moment.

Each of 20 scenes gets 4 images. All savers have read the project before the first one saves, or, with `--patches`, none
ever reads it. Meanwhile somebody reverses the scenes and deletes one of them.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.synchronize import Barrier, Event
from typing import Any

from sqlalchemy import Engine, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from indelible import Conflict, Document, MissingPath, Patch, by, edit
from tests.acceptance.torture.boards import new_engine

SCENES = 20
IMAGES = 4
PROCESSES = 8
DELETED = "scene-7"
LIMIT_SECONDS = 60

_processes = multiprocessing.get_context("fork")


class Base(DeclarativeBase):
    """The table of projects."""


class Project(Base):
    """A project as in the story."""

    __tablename__ = "projects"
    id: Mapped[int] = mapped_column(primary_key=True)
    generated_output: Mapped[Any] = mapped_column(Document)


def run(url: str, *, patches: bool = False) -> dict[str, Any]:
    """Return the stored project, which images were acknowledged, and which were reported: their scene is gone."""
    engine = new_engine(url)
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    scenes = [{"id": f"scene-{number}", "index": number, "imageUrls": []} for number in range(1, SCENES + 1)]
    with Session(engine) as session:
        session.add(Project(id=1, generated_output={"title": "Dusk", "scenes": scenes}))
        session.commit()
    engine.dispose()
    saved, reported = _save_all(url, _patch if patches else _save)
    with Session(engine) as session:
        project = session.get_one(Project, 1)
        stored = json.loads(json.dumps(project.generated_output))
    engine.dispose()
    return {"project": stored, "saved": saved, "reported": reported}


def _save_all(url: str, save: Callable[..., None]) -> tuple[list[list[str]], list[list[str]]]:
    all_have_read, deleted = _processes.Barrier(PROCESSES + 1), _processes.Event()
    answers: Any = _processes.Queue()
    images = [
        (f"scene-{scene}", f"{scene}-{image}.png")
        for scene in range(1, SCENES + 1)
        for image in range(IMAGES)
    ]
    savers = [
        _processes.Process(
            target=save, args=(url, images[number::PROCESSES], all_have_read, deleted, answers)
        )
        for number in range(PROCESSES)
    ]
    for saver in savers:
        saver.start()
    try:
        all_have_read.wait(LIMIT_SECONDS)
        _rearrange(url)
        deleted.set()
        outcomes = [answers.get(timeout=LIMIT_SECONDS) for _ in images]
    finally:
        for saver in savers:
            saver.join(LIMIT_SECONDS)
            saver.kill()
    saved, reported = (
        [[scene, image] for scene, image, done in outcomes if done is wanted] for wanted in (True, False)
    )
    return saved, reported


def _rearrange(url: str) -> None:
    engine = new_engine(url)
    with Session(engine) as session:
        scenes = session.get_one(Project, 1).generated_output["scenes"]
        scenes.remove(next(scene for scene in scenes if scene["id"] == DELETED))
        scenes.reverse()
        session.commit()
    engine.dispose()


def _save(
    url: str, images: list[tuple[str, str]], all_have_read: Barrier, deleted: Event, answers: Any
) -> None:
    engine = new_engine(url)
    # Each image is saved on its own, as by one request, from the project as it was read before.
    requests = [(_read(engine), scene, image) for scene, image in images]
    all_have_read.wait(LIMIT_SECONDS)
    for (session, project), scene_id, image in requests:
        if scene_id == DELETED and not deleted.wait(LIMIT_SECONDS):
            raise TimeoutError
        scene = next(scene for scene in project.generated_output["scenes"] if scene["id"] == scene_id)
        scene["imageUrls"].append(image)
        answers.put((scene_id, image, _committed(session, project, scene_id)))


def _patch(
    url: str, images: list[tuple[str, str]], all_are_ready: Barrier, deleted: Event, answers: Any
) -> None:
    engine = new_engine(url)
    all_are_ready.wait(LIMIT_SECONDS)
    for scene_id, image in images:
        if scene_id == DELETED and not deleted.wait(LIMIT_SECONDS):
            raise TimeoutError
        urls = edit(Project.generated_output).at("scenes", by(id=scene_id), "imageUrls")
        answers.put((scene_id, image, _patched(engine, urls.append(image), scene_id)))


def _patched(engine: Engine, patch: Patch, scene_id: str) -> bool:
    """Patch the project; tell whether it was done, or reported that the scene is gone."""
    statement = update(Project).where(Project.id == 1).values(generated_output=patch)
    try:
        with Session(engine) as session:
            result: Any = session.execute(statement)
            session.commit()
    except MissingPath as missing:
        if missing.path != f"scenes[id={scene_id}].imageUrls":
            raise
        return False
    if result.rowcount != 1:
        raise RuntimeError("the project was not found")
    return True


def _read(engine: Engine) -> tuple[Session, Project]:
    session = Session(engine, expire_on_commit=False)
    project = session.get_one(Project, 1)
    session.commit()
    return session, project


def _committed(session: Session, project: Project, scene_id: str) -> bool:
    """Commit; tell whether it was done, or reported that the scene is gone."""
    try:
        session.commit()
    except Conflict as conflict:
        session.rollback()
        if any(scene["id"] == scene_id for scene in project.generated_output["scenes"]):
            raise RuntimeError("a scene that is there was reported as gone") from conflict
        return False
    finally:
        session.close()
    return True


if __name__ == "__main__":
    json.dump(run(sys.argv[1], patches="--patches" in sys.argv), sys.stdout)
