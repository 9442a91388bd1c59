"""Story 003 by patches: images finish in several processes while scenes are reordered and one is deleted."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from indelible import by, edit
from tests.database.patches.image_writer import change, open_engine
from tests.database.rows import Row
from tests.database.stores import Store

ROOT = Path(__file__).parents[3]
SCENES, IMAGES, WRITERS = 20, 4, 4
LIMIT_SECONDS = 120


def _url_of(store: Store) -> str:
    url = store.url
    if store.driver.is_postgresql:
        url = url.update_query_dict({"options": f"-csearch_path={store.schema}"})
    return url.render_as_string(hide_password=False)


def _run(url: str, seed: int, jobs: list[Any], meanwhile: Callable[[], None]) -> dict[str, str]:
    """Let one process do each job, all at once; return what they said of their changes."""
    processes = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.database.patches.image_writer",
                json.dumps([url, seed + number, job]),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for number, job in enumerate(jobs)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        meanwhile()
        said: dict[str, str] = {}
        for process in processes:
            out, _ = process.communicate(timeout=LIMIT_SECONDS)
            assert process.returncode == 0
            for line in out.splitlines():
                name, outcome = json.loads(line)
                said[name if name != "move" else f"move {len(said)}"] = outcome
        return said
    finally:
        for process in processes:
            process.kill()
            process.wait(LIMIT_SECONDS)


def test_story_003_images_land_under_their_scenes(store: Store) -> None:
    """Each acknowledged image is once under its scene; those of the deleted scene are told, by its path."""
    seed = int(os.environ.get("INDELIBLE_SEED", random.randrange(2**32)))
    sys.stderr.write(f"INDELIBLE_SEED={seed}\n")
    scenes = [{"id": f"s{number}", "imageUrls": []} for number in range(SCENES)]
    store.keep(Row(id=1, doc={"scenes": scenes, "images": 0, "moves": 0}))
    images = [(f"s{scene}", f"s{scene}-{image}.png") for scene in range(SCENES) for image in range(IMAGES)]
    random.Random(seed).shuffle(images)
    url = _url_of(store)
    engine = open_engine(url)
    deleted: list[str] = []

    def delete() -> None:
        deleted.append(change(engine, edit(Row.doc).at("scenes", by(id="s0")).remove()))

    said = _run(url, seed, [*(images[number::WRITERS] for number in range(WRITERS)), "edit"], delete)
    engine.dispose()
    assert deleted == ["kept"]
    with Session(store.engine) as session:
        document = session.get_one(Row, 1).doc
    found = {scene["id"]: sorted(scene["imageUrls"]) for scene in document["scenes"]}
    assert found == {f"s{n}": [f"s{n}-{image}.png" for image in range(IMAGES)] for n in range(1, SCENES)}
    outcomes = {name: outcome for name, outcome in said.items() if not name.startswith("move")}
    assert len(outcomes) == SCENES * IMAGES
    for name, outcome in outcomes.items():
        # An image of the deleted scene that came before the deletion was kept, and went with its scene.
        allowed = {"kept", "scenes[id=s0].imageUrls"} if name.startswith("s0-") else {"kept"}
        assert outcome in allowed, (name, outcome)
    assert document["images"] == list(outcomes.values()).count("kept")
    assert document["moves"] == [said[name] for name in said if name.startswith("move")].count("kept") == 30
