"""From the text of a script to scenes of blocks, and losslessly back."""

from collections.abc import Iterable, Iterator
from itertools import chain, groupby

from studio.screenplay.elements import BlockType, classified
from studio.screenplay.lines import Line, lines
from studio.screenplay.model import Block, SceneText, Screenplay, joined, scene_of
from studio.screenplay.title_page import take_title_page

_BYTE_ORDER_MARK = "\ufeff"
_MERGED = frozenset({"action", "dialogue", "lyrics", "blank"})


def parse(text: str) -> Screenplay:
    """Parse a Fountain script; any text whatever is a script, and `parse(text).text() == text`.

    Takes time in proportion to the text's length. Each scene's text parses to the same blocks alone as inside
    the script. A heading inside a note or boneyard is part of that note or boneyard and starts no scene.
    """
    mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
    ahead = lines(text[len(mark) :])
    title_page, title_lines, rest = take_title_page(ahead)
    front = mark + "".join(line.text for line in title_lines)
    blocks = _blocks(chain(rest, ahead))
    preamble, scenes = _scenes(chain(_front_matter(front, bool(title_page)), blocks))
    return Screenplay(title_page, joined(preamble), preamble, scenes)


def split_scene(text: str) -> tuple[SceneText, ...]:
    """Return the scenes that the edited text of one scene holds: two when the writer typed a second heading.

    There is always at least one, and their texts joined are `text`. If anything but empty lines stands before
    the first heading, it is a scene of its own whose slugline is ""; so is a text without any heading.
    """
    lead, scenes = _scenes(_blocks(lines(text)))
    if not scenes:
        return (scene_of(lead),)
    if all(block.type == "blank" for block in lead):
        return (scene_of(chain(lead, scenes[0].blocks)), *scenes[1:])
    return (scene_of(lead), *scenes)


def _front_matter(text: str, title_page: bool) -> Iterator[Block]:
    if text:
        yield Block("title_page" if title_page else "blank", text)


def _blocks(script_lines: Iterable[Line]) -> Iterator[Block]:
    for kind, group in groupby(classified(script_lines), key=_kind):
        if kind in _MERGED:
            yield Block(kind, "".join([line.text for _, line in group]))
        else:
            for _, line in group:
                yield Block(kind, line.text)


def _kind(classified_line: tuple[BlockType, Line]) -> BlockType:
    return classified_line[0]


def _scenes(blocks: Iterable[Block]) -> tuple[tuple[Block, ...], tuple[SceneText, ...]]:
    lead: list[Block] = []
    scenes: list[list[Block]] = []
    current = lead
    for block in blocks:
        if block.type == "scene_heading":
            current = []
            scenes.append(current)
        current.append(block)
    return tuple(lead), tuple(scene_of(scene) for scene in scenes)
