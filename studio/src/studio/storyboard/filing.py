"""What a project file has of a storyboard, and the storyboard that is made of it again."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field

from studio.file_fields import AnyText, Moment
from studio.identifiers import new_id
from studio.storyboard.finding import frames_of
from studio.storyboard.models import AsideFrame, Frame, SceneFrames, Storyboard

FrameId = Annotated[AnyText, Field(min_length=1)]
Amount = Annotated[float, Field(allow_inf_nan=False)]


class FrameInFile(BaseModel):
    """An image of a scene; `file` names its bytes by their SHA-256, `cost` is in US dollars."""

    id: FrameId
    file: str = Field(pattern=r"^[0-9a-f]{64}\.(png|jpg|webp)$")
    prompt: AnyText
    seed: int
    shot: AnyText
    model: AnyText
    cost: Amount | None = None
    seconds: Amount
    made_at: Moment
    favourite: bool = False
    replaced_by: FrameId | None = None
    discarded: bool = False
    hidden_since: Moment | None = None


class AsideInFile(FrameInFile):
    """An image that came when its scene was gone; `scene` counts the file's scenes from 0."""

    scene: int = Field(ge=0)
    slugline: AnyText


def frames_in_file(storyboard: Storyboard, scene_id: str) -> list[FrameInFile]:
    """Return the images under a scene."""
    return [FrameInFile.model_validate(frame) for frame in frames_of(storyboard, scene_id) or ()]


def aside_in_file(storyboard: Storyboard, places: Mapping[str, int]) -> list[AsideInFile]:
    """Return the images that were set aside; `places` has the place of each scene in the file, by its id."""
    return [
        AsideInFile.model_validate(dict(frame) | {"scene": places[frame["scene_id"]]})
        for frame in storyboard.set_aside
    ]


def make_storyboard(
    project_id: str,
    under: Mapping[str, list[FrameInFile]],
    aside: Iterable[tuple[str, AsideInFile]],
) -> Storyboard:
    """Return a storyboard of what a file has: images by the id of their scene, and those that were set aside.

    Its images have ids of their own: one of the original that is made anew must not be looked for here.
    """
    ids = _Ids()
    storyboard = Storyboard.empty(project_id)
    storyboard.generated_output["scenes"] = [
        SceneFrames(id=scene_id, frames=[_frame(frame, ids) for frame in frames])
        for scene_id, frames in under.items()
    ]
    storyboard.set_aside = [
        AsideFrame(**_frame(frame, ids), scene_id=scene_id, slugline=frame.slugline)
        for scene_id, frame in aside
    ]
    return storyboard


class _Ids(dict[str, str]):
    """New ids by the old ones: also for an image that is there no more and still hides the one that it replaced."""

    def __missing__(self, old: str) -> str:
        self[old] = new_id()
        return self[old]


def _frame(frame: FrameInFile, ids: _Ids) -> Frame:
    made = Frame(
        id=ids[frame.id],
        file=frame.file,
        prompt=frame.prompt,
        seed=frame.seed,
        shot=frame.shot,
        model=frame.model,
        cost=frame.cost,
        seconds=frame.seconds,
        made_at=frame.made_at.isoformat(),
        favourite=frame.favourite,
        replaced_by=None if frame.replaced_by is None else ids[frame.replaced_by],
        discarded=frame.discarded,
    )
    hidden: Any = {} if frame.hidden_since is None else {"hidden_since": frame.hidden_since.isoformat()}
    return Frame(**made, **hidden)
