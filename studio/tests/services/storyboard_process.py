"""One process whose writers change a storyboard at random, for a while; it tells its parent what was acknowledged."""

import random
from dataclasses import dataclass, field

from sqlalchemy import select

from services.following_orders import follow_orders
from studio.database import Database
from studio.problems import OrderConflict
from studio.script import service as scripts
from studio.storyboard import editing, runs
from studio.storyboard.keeping import FinishedImage, keep_image
from studio.storyboard.models import WantedImage
from studio.storyboard.problems import AlreadyMaking


@dataclass
class Orders:
    """What one writer does: `own` are its scenes with their wanted images, `images` those of a scene that all share."""

    url: str
    seed: int
    name: str
    project: str
    script: str
    own: dict[str, list[str]]
    images: list[str]
    turns: int
    careless: bool = False


@dataclass
class Report:
    """What was acknowledged: where each image stands, what it replaced, and the last that was put on each."""

    changes: int = 0
    places: dict[str, str] = field(default_factory=dict)
    hidden_by: dict[str, str | None] = field(default_factory=dict)
    discarded: dict[str, bool] = field(default_factory=dict)
    favourites: dict[str, str | None] = field(default_factory=dict)
    wishes: list[str] = field(default_factory=list)
    runs: dict[str, str] = field(default_factory=dict)
    all_runs: int = 0
    refused: int = 0


class Writer:
    """A window of Studio, or a worker that keeps images: each of its methods is what one of them does."""

    def __init__(self, orders: Orders, database: Database) -> None:
        self.orders = orders
        self.database = database
        self.chance = random.Random(orders.seed)
        self.report = Report()
        self.to_keep = [(image, scene) for scene, images in orders.own.items() for image in images]
        self.shared: list[str] = []

    async def work(self) -> None:
        """Make the changes one after the other."""
        changes = [self.keep, self.keep_shared]
        if not self.orders.careless:
            changes += [self.keep, self.keep_shared, self.favour, self.favour, self.wish, self.discard]
            changes += [
                self.attach,
                self.again,
                self.order,
                self.order_all,
                self.stop,
                self.late,
                self.reorder,
            ]
        for _ in range(self.orders.turns):
            await self.chance.choice(changes)()

    async def keep(self) -> None:
        """Keep a finished image of an own scene; told twice, as after a lost answer."""
        if self.to_keep:
            image, scene = self.to_keep.pop()
            for _ in range(2):
                assert await self._keep(image) == "done"
            self.report.places[image] = scene

    async def keep_shared(self) -> None:
        """Keep an image of the scene in which all keep images."""
        if self.orders.images:
            image = self.orders.images.pop()
            assert await self._keep(image) == "done"
            self.report.places[image] = "shared"
            self.shared.append(image)

    async def _keep(self, image: str) -> str:
        return await keep_image(self.database, image, FinishedImage("f.png", "p", "m", 0.01, 0.5))

    async def favour(self) -> None:
        """Make an image the favourite of its scene, or take that back."""
        frame = self._some()
        if frame is None:
            return
        scene = self.report.places[frame]
        yes = self.report.favourites.get(scene) != frame
        await editing.mark_favourite(self.database, self.orders.project, frame, yes)
        self.report.favourites[scene] = frame if yes else None
        self.report.changes += 1

    async def wish(self) -> None:
        """Make an image the favourite of the scene in which all do so."""
        if self.shared:
            frame = self.chance.choice(self.shared)
            await editing.mark_favourite(self.database, self.orders.project, frame, True)
            self.report.wishes.append(frame)
            self.report.changes += 1

    async def discard(self) -> None:
        """Hide an image, or show it again."""
        shown = [frame for frame in self.report.places if self.report.hidden_by.get(frame) is None]
        if shown:
            frame = self.chance.choice(shown)
            hide = not self.report.discarded.get(frame, False)
            await editing.discard(self.database, self.orders.project, frame, hide)
            self.report.discarded[frame] = hide
            self.report.changes += 1

    async def attach(self) -> None:
        """Put an image under the other own scene."""
        frame = self._some()
        if frame is None or frame in self.report.hidden_by.values():
            return
        scene = self.report.places[frame]
        other = self.chance.choice([one for one in self.orders.own if one != scene])
        await editing.attach(self.database, self.orders.project, frame, other)
        self.report.places[frame] = other
        if self.report.favourites.get(scene) == frame:
            self.report.favourites[scene] = None
        self.report.changes += 1

    async def again(self) -> None:
        """Have an image made anew, and half of the times take that back."""
        old = self._some()
        if old is None:
            return
        scene = self.report.places[old]
        run_id = await runs.start_again(self.database, self.orders.project, old, model="m")
        try:
            await runs.start_again(self.database, self.orders.project, old, model="m")
        except AlreadyMaking:
            self.report.refused += 1
        [new] = await self._images(run_id)
        assert await self._keep(new) == "done"
        self.report.changes += 1
        self.report.runs[run_id] = "running"
        self.report.places[new] = scene
        shown, hidden = new, old
        if self.chance.random() < 0.5:
            await editing.bring_back(self.database, self.orders.project, old)
            self.report.changes += 1
            shown, hidden = old, new
        self.report.hidden_by[shown], self.report.hidden_by[hidden] = None, shown
        if self.report.favourites.get(scene) == old:
            self.report.favourites[scene] = shown

    async def order(self) -> None:
        """Order one more image of an own scene."""
        scene = self.chance.choice(list(self.orders.own))
        run_id = await runs.start_run(
            self.database, self.orders.project, per_scene=1, model="m", scene_ids=[scene]
        )
        self.to_keep += [(image, scene) for image in await self._images(run_id)]
        self.report.runs[run_id] = "running"
        self.report.changes += 1

    async def order_all(self) -> None:
        """Order images of all scenes: of all who do so one may, until that run is stopped."""
        try:
            run_id = await runs.start_run(self.database, self.orders.project, per_scene=1, model="m")
        except AlreadyMaking:
            self.report.refused += 1
            return
        self.report.all_runs += 1
        await runs.cancel_run(self.database, run_id)
        self.report.runs[run_id] = "cancelled"
        self.report.changes += 2

    async def stop(self) -> None:
        """Stop an own run, or let it go on."""
        if self.report.runs:
            run_id = self.chance.choice(list(self.report.runs))
            if self.report.runs[run_id] == "running":
                await runs.cancel_run(self.database, run_id)
                self.report.runs[run_id] = "cancelled"
                self.report.changes += 1

    async def late(self) -> None:
        """Keep an image while its scene is deleted; then bring the scene back, and put the image under it."""
        if not self.to_keep:
            return
        image, scene = self.to_keep.pop()
        await scripts.delete_scene(self.database, scene)
        assert await self._keep(image) == "aside"
        await scripts.restore_scene(self.database, scene)
        await editing.attach(self.database, self.orders.project, image, scene)
        self.report.places[image] = scene
        self.report.changes += 3

    async def reorder(self) -> None:
        """Put the scenes in another order, unless one came or went meanwhile."""
        seen = [scene.id for scene in await scripts.list_scenes(self.database, self.orders.script)]
        try:
            await scripts.reorder(self.database, self.orders.script, self.chance.sample(seen, len(seen)))
        except OrderConflict:
            self.report.refused += 1
            return
        self.report.changes += 1

    def _some(self) -> str | None:
        """An image of an own scene that is shown."""
        shown = [
            frame
            for frame, place in self.report.places.items()
            if place != "shared" and self._is_shown(frame)
        ]
        return self.chance.choice(shown) if shown else None

    def _is_shown(self, frame: str) -> bool:
        return self.report.hidden_by.get(frame) is None and not self.report.discarded.get(frame, False)

    async def _images(self, run_id: str) -> list[str]:
        async with self.database.reading() as session:
            return list(await session.scalars(select(WantedImage.id).where(WantedImage.run_id == run_id)))


if __name__ == "__main__":
    follow_orders(Orders, Writer)
