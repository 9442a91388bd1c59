"""The order of a script's scenes: a list of ids that many writers change at once, each sending what it changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from studio.problems import Invalid, OrderConflict
from studio.script.making import new_scene
from studio.script.models import Scene, Script
from studio.script.scene_text import SceneDraft

OTHER_ORDER = (
    "Someone else put the scenes in another order meanwhile. Look at it, and move the scene again if need be."
)


async def insert_scenes(
    session: AsyncSession, script: Script, after: str | None, drafts: Sequence[SceneDraft], now: datetime
) -> list[Scene]:
    """Make scenes of the drafts and let them stand behind the scene `after`, or at the end."""
    scenes = [new_scene(script.id, draft, now) for draft in drafts]
    order = script.scene_order
    place = len(order) if after is None else order.index(after) + 1
    order[place:place] = [scene.id for scene in scenes]
    # The order goes first: a new scene holds its script's key until the commit, and two writers who hold it would wait
    # for each other when one of them must lock the script to merge its order.
    await session.flush()
    session.add_all(scenes)
    await session.flush()
    return scenes


def put_in_order(order: list[str], live: Iterable[str], wanted: Sequence[str]) -> None:
    """Bring the `live` scenes of `order` into the order `wanted`, which names each of them.

    Raises OrderConflict when it does not.
    """
    if set(live) != set(wanted):
        raise OrderConflict
    _arrange(order, wanted)


def put_in_order_since(
    order: list[str], live: Iterable[str], wanted: Sequence[str], base: Sequence[str]
) -> None:
    """Bring `order` from the order `base`, in which its writer saw the live scenes, to the order `wanted`.

    Scenes that came meanwhile stay behind the scene that they stand behind, those that went are left out. Raises
    Invalid unless both name the same scenes, OrderConflict when others have moved some meanwhile.
    """
    if set(base) != set(wanted) or len(set(base)) != len(base):
        raise Invalid("`base_scene_ids` and `scene_ids` must name the same scenes, each of them once.")
    still = set(live) & set(wanted)
    present = [scene_id for scene_id in order if scene_id in still]
    if present == [scene_id for scene_id in wanted if scene_id in still]:
        return
    if present != [scene_id for scene_id in base if scene_id in still]:
        raise OrderConflict(OTHER_ORDER)
    _arrange(order, [scene_id for scene_id in wanted if scene_id in still])


def _arrange(order: list[str], wanted: Sequence[str]) -> None:
    """Arrange the scenes `wanted`; each other one, deleted perhaps, keeps behind the one that it stands behind."""
    leaders = set(wanted)
    behind: dict[str | None, list[str]] = {None: []}
    leader = None
    for scene_id in order:
        if scene_id in leaders:
            leader = scene_id
        behind.setdefault(leader, []).append(scene_id)
    arranged = [scene_id for leader in (None, *wanted) for scene_id in behind[leader]]
    if arranged != order:
        order[:] = arranged
