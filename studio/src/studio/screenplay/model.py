"""A screenplay as scenes of blocks, each block a slice of the raw text."""

from collections.abc import Iterable
from dataclasses import dataclass

from studio.screenplay.elements import BlockType, cue_name, is_dual, split_heading
from studio.screenplay.emphasis import plain
from studio.screenplay.lines import Line, lines
from studio.screenplay.title_page import TitlePage


@dataclass(frozen=True, slots=True)
class Block:
    """One element of a screenplay with its raw text, line ends included.

    Lines of action, dialogue or lyrics that follow each other are one block, and so are empty lines.
    """

    type: BlockType
    text: str

    @property
    def display(self) -> str:
        """The text as it prints: without marks, notes, boneyard and outer line ends; lines end with LF."""
        return "\n".join(_display(self.type, line) for line in lines(self.text))

    @property
    def dual(self) -> bool:
        """Whether this is the second cue of a dual dialogue (`STEEL ^`)."""
        return self.type == "character" and any(is_dual(line.visible.strip()) for line in lines(self.text))


@dataclass(frozen=True, slots=True)
class SceneText:
    """A scene: its heading and all that follows up to the next one.

    `text` is raw and exact. A scene whose writer removed its heading has the slugline "".
    """

    slugline: str
    scene_number: str | None
    text: str
    blocks: tuple[Block, ...]

    @property
    def characters(self) -> tuple[str, ...]:
        """Who speaks in the scene, each once, in order of first speech."""
        cues = (block.display for block in self.blocks if block.type == "character")
        return tuple(dict.fromkeys(name for cue in cues if (name := cue_name(cue))))


@dataclass(frozen=True, slots=True)
class Screenplay:
    """A parsed screenplay; `text()` is exactly what was parsed."""

    title_page: TitlePage
    """Keys as written, with their values, one per line of the title page."""
    preamble: str
    """All text before the first scene, title page included."""
    preamble_blocks: tuple[Block, ...]
    scenes: tuple[SceneText, ...]

    @property
    def title(self) -> str:
        """The title page's title without emphasis, or ""."""
        values = next((values for key, values in self.title_page.items() if key.casefold() == "title"), [])
        return " ".join(plain(value) for value in values)

    @property
    def characters(self) -> tuple[str, ...]:
        """Who speaks in the screenplay, each once, in order of first speech."""
        return tuple(dict.fromkeys(name for scene in self.scenes for name in scene.characters))

    def text(self) -> str:
        """Return the raw text that was parsed, character for character."""
        return self.preamble + "".join(scene.text for scene in self.scenes)


def scene_of(blocks: Iterable[Block]) -> SceneText:
    """Return the scene that `blocks` make; its heading is the first of them that is one."""
    blocks = tuple(blocks)
    heading = next((block for block in blocks if block.type == "scene_heading"), None)
    slugline, number = split_heading(_visible(heading)) if heading is not None else ("", None)
    return SceneText(slugline, number, joined(blocks), blocks)


def joined(blocks: Iterable[Block]) -> str:
    return "".join(block.text for block in blocks)


def _visible(block: Block) -> str:
    return "".join(line.visible for line in lines(block.text)).strip()


def _display(kind: BlockType, line: Line) -> str:
    bare = line.visible.strip()
    match kind:
        case "action" if bare.startswith("!"):
            # Action keeps its indentation.
            return line.visible.replace("!", "", 1).rstrip()
        case "action" | "title_page":
            return line.visible.rstrip()
        case "scene_heading":
            return split_heading(bare)[0]
        case "character":
            return bare.removeprefix("@").removesuffix("^").rstrip()
        case "lyrics":
            return bare.removeprefix("~").strip()
        case "transition":
            return bare.removeprefix(">").strip()
        case "centered":
            return bare.removeprefix(">").removesuffix("<").strip()
        case "section":
            return bare.lstrip("#").strip()
        case "synopsis":
            return bare.removeprefix("=").strip()
        case _:
            return bare
