"""Two writers, one text: the second is told what the first one stored."""

from studio.problems import Problem, VersionConflict
from studio.script.views import SceneView


class SceneConflict(VersionConflict):
    """Someone else saved this scene first. Compare your text with the stored one and save again."""

    def __init__(self, scene: SceneView) -> None:
        super().__init__()
        self.scene = scene

    def members(self) -> dict[str, object]:
        return {"scene": self.scene.model_dump(mode="json")}


class PreambleConflict(VersionConflict):
    """Someone else changed the text before the first scene. Compare both texts and save again."""

    def __init__(self, preamble: str) -> None:
        super().__init__()
        self.preamble = preamble

    def members(self) -> dict[str, object]:
        return {"preamble": self.preamble}


class SaveReused(Problem):
    """This op_id was sent before with another text or base_version. Make a new op_id for each save."""

    status = 422
    code = "op-id-reused"
    title = "This op_id belongs to another save"
