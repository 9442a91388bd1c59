"""The JSON file of a whole project: what `export_json` writes and `import_json` reads.

Version 1 had no interview, nothing that was deleted or set aside, and no bytes of images; it is read as before.
"""

from typing import Annotated, Literal, Self

from pydantic import Base64Bytes, BaseModel, Field, StringConstraints, model_validator

from studio.file_fields import AnyText, Description, Moment, Title, refuse
from studio.interview.filing import InterviewInFile
from studio.storyboard.filing import AsideInFile, FrameInFile

Encoding = Literal["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp1252", "latin-1"]
ImageName = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}\.(png|jpg|webp)$")]


class SummaryInFile(BaseModel):
    """A scene's summary; `fingerprint` is the SHA-256 of the text that was summarised."""

    text: AnyText
    model: AnyText
    fingerprint: AnyText
    made_at: Moment


class SceneInFile(BaseModel):
    """A scene's exact text and its images; `slugline` is there for readers and not read back.

    `deleted_at` is of a scene that can be restored.
    """

    slugline: str = ""
    text: AnyText
    updated_at: Moment | None = None
    deleted_at: Moment | None = None
    summary: SummaryInFile | None = None
    images: list[FrameInFile] = []


class ScriptInFile(BaseModel):
    """The script, with how its Fountain file was encoded."""

    preamble: AnyText = ""
    encoding: Encoding = "utf-8"
    bom: bool = False
    scenes: list[SceneInFile] = []


class ProjectFile(BaseModel):
    """A whole project: what people and models made, and not the jobs and runs that made it.

    `aside` are images that came when their scene was gone. `image_files` are the bytes of images by name, as far as
    they fit into a file that can be imported.
    """

    format: Literal["studio-project"]
    format_version: Literal[1, 2]
    title: Title
    description: Description = ""
    created_at: Moment | None = None
    exported_at: Moment | None = None
    script: ScriptInFile = Field(default_factory=ScriptInFile)
    aside: list[AsideInFile] = []
    interview: InterviewInFile | None = None
    image_files: dict[ImageName, Base64Bytes] = {}

    @model_validator(mode="after")
    def _has_each_image_once(self) -> Self:
        seen: dict[str, str] = {}
        for path, frame in self.frames():
            if frame.id in seen:
                raise refuse(f"{path}.id is “{frame.id}”, as {seen[frame.id]}.id is already")
            seen[frame.id] = path
        return self

    @model_validator(mode="after")
    def _has_the_scenes_of_what_is_aside(self) -> Self:
        for at, frame in enumerate(self.aside):
            if frame.scene >= len(self.script.scenes):
                raise refuse(
                    f"aside.{at}.scene is {frame.scene}; there are {len(self.script.scenes)} scenes, from 0"
                )
        return self

    def frames(self) -> list[tuple[str, FrameInFile]]:
        """Return all images, each with its path in the file."""
        under = [
            (f"script.scenes.{scene_at}.images.{at}", frame)
            for scene_at, scene in enumerate(self.script.scenes)
            for at, frame in enumerate(scene.images)
        ]
        return [*under, *((f"aside.{at}", frame) for at, frame in enumerate(self.aside))]
