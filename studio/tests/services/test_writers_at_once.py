"""Several writers edit one scene as the page does, answers get lost, and every word that was saved is there once.

`STUDIO_WRITERS_SEED` repeats a run.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from dataclasses import dataclass, field

import pytest

from studio.database import Database
from studio.projects import service as projects
from studio.script import service as scripts
from studio.script.conflicts import SceneConflict
from studio.script.views import HunkView, SceneView

WRITERS = 4
EDITS = 8
SCENE = "INT. KITCHEN - DAY\n\n" + "".join(f"Paragraph {number}.\n\n" for number in range(6))


@dataclass
class Writer:
    """One window: its words, what they build on, and how the line to the server treats it."""

    database: Database
    chance: random.Random
    name: str
    scene: SceneView
    text: str = ""
    clashes: int = 0
    replays: int = 0
    written: list[str] = field(default_factory=list)

    async def write(self) -> None:
        """Add words in some lines, and save them before the next ones."""
        self.text = self.scene.text
        for number in range(EDITS):
            self._edit(f"[{self.name}{number}]")
            await self._save(f"{self.name}-{number}")

    def _edit(self, words: str) -> None:
        lines = self.text.splitlines()
        at = self.chance.choice([at for at, line in enumerate(lines) if at > 1 and line])
        if self.chance.random() < 0.3:
            lines[at:at] = [f"New. {words}", ""]
        else:
            lines[at] += f" {words}"
        self.text = "\n".join(lines) + "\n\n"
        self.written.append(words)

    async def _save(self, op_id: str) -> None:
        for attempt in range(1000):
            sent, base = self.text, self.scene.version
            try:
                answer = await self._send(f"{op_id}.{attempt}", base, sent)
            except SceneConflict as conflict:
                await self._merge(conflict.scene)
                continue
            self.scene = answer
            return
        raise AssertionError("A thousand others were faster.")

    async def _send(self, op_id: str, base: int, text: str) -> SceneView:
        """Send a save until its answer arrives."""
        while True:
            saved = await scripts.save_scene(
                self.database, self.scene.id, base_version=base, op_id=op_id, text=text
            )
            if self.chance.random() < 0.6:
                return saved
            self.replays += 1

    async def _merge(self, stored: SceneView) -> None:
        merge = await scripts.merge_texts(self.scene.text, self.text, stored.text)
        if merge.merged is None:
            self.clashes += 1
        self.text = "".join(self._chosen(hunk) for hunk in merge.hunks)
        self.scene = stored

    def _chosen(self, hunk: HunkView) -> str:
        """Put both edits of a line in one, as a careful writer would."""
        if hunk.kind != "conflict":
            return hunk.theirs if hunk.kind == "theirs" else hunk.mine
        missing = [words for words in self.written if words in hunk.mine and words not in hunk.theirs]
        new = [words for words in missing if words not in hunk.base]
        return hunk.theirs + "".join(f"{words}\n\n" for words in new)


@pytest.mark.parametrize("repetition", range(int(os.environ.get("STUDIO_WRITERS_RUNS", "1"))))
async def test_no_words_are_lost_or_doubled(database: Database, repetition: int) -> None:
    """Four writers, thirty-two edits, two in five answers lost: each edit is in the scene, once."""
    seed = int(os.environ.get("STUDIO_WRITERS_SEED", random.randrange(2**32)))
    sys.stderr.write(f"STUDIO_WRITERS_SEED={seed}\n")
    project = await projects.import_fountain(database, "kitchen.fountain", SCENE.encode())
    scene = (await scripts.get_script(database, project.id)).scenes[0]
    chance = random.Random(seed)
    writers = [
        Writer(database, random.Random(chance.randrange(2**32)), name, scene) for name in "abcdefgh"[:WRITERS]
    ]
    await asyncio.gather(*(writer.write() for writer in writers))
    text = (await scripts.get_scene(database, scene.id)).text
    words = [words for writer in writers for words in writer.written]
    assert Counter({words: text.count(words) for words in words}) == Counter(words)
    assert sum(writer.replays for writer in writers) > 0
