"""One process that keeps finished images, all at once; it tells its parent what became of each."""

import asyncio
from dataclasses import dataclass, field

from services.following_orders import follow_orders
from studio.database import Database
from studio.storyboard.keeping import FinishedImage, keep_image


@dataclass
class Orders:
    """The images to keep."""

    url: str
    images: list[str]
    careless: bool = False


@dataclass
class Report:
    """What was acknowledged: the outcome of each image."""

    outcomes: list[str] = field(default_factory=list)


class Saver:
    """A worker that has made images."""

    def __init__(self, orders: Orders, database: Database) -> None:
        self.orders = orders
        self.database = database
        self.report = Report()

    async def work(self) -> None:
        """Keep the images."""
        self.report.outcomes += await asyncio.gather(*(self._keep(image) for image in self.orders.images))

    async def _keep(self, image: str) -> str:
        return await keep_image(self.database, image, FinishedImage(f"{image}.png", "p", "m", 0.01, 0.5))


if __name__ == "__main__":
    follow_orders(Orders, Saver)
