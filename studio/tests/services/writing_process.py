"""One process whose writers change a script at random, for a while; it tells its parent what was acknowledged."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.following_orders import follow_orders
from studio.database import Database, retried
from studio.problems import OrderConflict
from studio.projects import service as projects
from studio.script import service as scripts
from studio.script.conflicts import PreambleConflict, SceneConflict
from studio.script.models import SummaryEntry
from studio.script.summaries import put_summary


@dataclass
class Orders:
    """What one writer does: `own` are scenes that nobody else writes, `shared` one that all write."""

    url: str
    seed: int
    name: str
    project: str
    script: str
    own: list[str]
    shared: str
    turns: int
    careless: bool = False


@dataclass
class Report:
    """What was acknowledged: the last of what was put at each place, and each of what was added."""

    changes: int = 0
    texts: dict[str, str] = field(default_factory=dict)
    summaries: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    title_words: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    order_version: int = 0
    refused: int = 0


class Writer:
    """A window of Studio: each of its methods is one change that a person makes."""

    def __init__(self, orders: Orders, database: Database) -> None:
        self.orders = orders
        self.database = database
        self.chance = random.Random(orders.seed)
        self.report = Report()
        self.versions = dict.fromkeys(orders.own, 1)
        self.deletable: list[str] = []

    async def work(self) -> None:
        """Make the changes one after the other."""
        changes = [self.save, self.summarise, self.add]
        if not self.orders.careless:
            changes += [self.save, self.summarise, self.add, self.split, self.delete, self.reorder, self.drag]
            changes += [self.append, self.write_title, self.describe]
        for turn in range(self.orders.turns):
            change = self.chance.choice(changes)
            self.words = f"{self.orders.name}{turn}."
            await change()

    async def save(self) -> None:
        """Rename and rewrite a scene that is this writer's alone."""
        scene = self.chance.choice(list(self.versions))
        await self._save(scene, f"INT. {self.words.upper()} - DAY\n\n{self.words}\n\n")

    async def _save(self, scene: str, text: str) -> list[str]:
        saved = await scripts.save_scene(
            self.database, scene, base_version=self.versions[scene], op_id=self.words, text=text
        )
        self.versions[scene] = saved.version
        self.report.texts[scene] = saved.text
        self.report.changes += 1
        return [other.id for other in saved.added]

    async def split(self) -> None:
        """Write a second heading into a scene."""
        scene = self.chance.choice(list(self.versions))
        text = f"INT. {self.words} - DAY\n\nHere.\n\nEXT. {self.words} - DAY\n\nThere.\n\n"
        added = await self._save(scene, text)
        self.report.added += added
        self.deletable += added

    async def add(self) -> None:
        """Add a scene behind another one, or at the end; sent twice, as after a lost answer."""
        after = self.chance.choice([None, self.orders.shared, *self.versions])
        if self.orders.careless:
            after = None  # that one may be lost
        for _ in range(2):
            made = await scripts.add_scene(
                self.database,
                self.orders.script,
                after=after,
                text=f"INT. {self.words} - DAY\n",
                op_id=self.words,
            )
        self.report.added.append(made.id)
        self.deletable.append(made.id)
        self.report.changes += 1

    async def delete(self) -> None:
        """Delete a scene that this writer has added, or bring one back."""
        if self.deletable:
            scene = self.deletable.pop(self.chance.randrange(len(self.deletable)))
            await scripts.delete_scene(self.database, scene)
            self.report.deleted.append(scene)
            self.report.changes += 1
        elif self.report.deleted:
            scene = self.report.deleted.pop()
            await scripts.restore_scene(self.database, scene)
            self.report.changes += 1

    async def reorder(self) -> None:
        """Put all scenes in another order, until none came or went meanwhile."""
        await self._until_it_fits(lambda wanted, _: self._put(wanted, None))

    async def drag(self) -> None:
        """Move some scenes, having seen the others where they were, until nobody moved any meanwhile."""
        await self._until_it_fits(self._put)

    async def _until_it_fits(self, put: Callable[[list[str], list[str]], Awaitable[None]]) -> None:
        while True:
            seen = [scene.id for scene in await scripts.list_scenes(self.database, self.orders.script)]
            # So many scenes that nobody happens to come to the same order, which would be no change.
            wanted = self.chance.sample(seen, len(seen))
            try:
                await put(wanted, seen)
                return
            except OrderConflict:
                self.report.refused += 1

    async def _put(self, wanted: list[str], base: list[str] | None) -> None:
        script = await scripts.reorder(self.database, self.orders.script, wanted, base_scene_ids=base)
        self.report.order, self.report.order_version = [scene.id for scene in script.scenes], script.version
        self.report.changes += 1

    async def summarise(self) -> None:
        """Keep what a model said of a scene."""
        scene = self.chance.choice(list(self.versions))
        await self._keep_summary(scene)
        self.report.summaries[scene] = self.words
        self.report.changes += 1

    @retried
    async def _keep_summary(self, scene: str) -> None:
        made_at = datetime.now(UTC).isoformat()
        async with self.database.writing() as session:
            entry = SummaryEntry(text=self.words, model="m", fingerprint="", made_at=made_at)
            await put_summary(session, scene, entry)

    async def append(self) -> None:
        """Write below what others wrote in the one scene that all write."""
        stored = await scripts.get_scene(self.database, self.orders.shared)
        while True:
            try:
                await scripts.save_scene(
                    self.database,
                    stored.id,
                    base_version=stored.version,
                    op_id=self.words,
                    text=f"{stored.text}{self.words}\n\n",
                )
            except SceneConflict as conflict:
                stored = conflict.scene
                continue
            self.report.words.append(self.words)
            self.report.changes += 1
            return

    async def write_title(self) -> None:
        """Write a line more on the title page."""
        base = (await scripts.get_script(self.database, self.orders.project)).preamble
        while True:
            text = f"{base.rstrip()}\nNotes {self.words} there\n\n"
            try:
                await scripts.save_preamble(
                    self.database, self.orders.script, base_text=base, text=text, op_id=self.words
                )
            except PreambleConflict as conflict:
                base = conflict.preamble
                continue
            self.report.title_words.append(self.words)
            self.report.changes += 1
            return

    async def describe(self) -> None:
        """Describe the project, or give it a title."""
        if self.chance.random() < 0.5:
            await projects.update_project(self.database, self.orders.project, title=self.words)
        else:
            await projects.update_project(self.database, self.orders.project, description=self.words)
        self.report.changes += 1


if __name__ == "__main__":
    follow_orders(Orders, Writer)
