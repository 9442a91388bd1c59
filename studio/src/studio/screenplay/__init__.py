"""Fountain screenplays: read without loss, split into scenes, put together again, laid out for print."""

from studio.screenplay.assembling import assemble, restore_line_ends
from studio.screenplay.elements import BlockType
from studio.screenplay.encoding import (
    SIZE_LIMIT,
    Decoded,
    NotText,
    TooLarge,
    UnreadableScript,
    decode,
    encode,
)
from studio.screenplay.model import Block, SceneText, Screenplay
from studio.screenplay.parsing import parse, split_scene
from studio.screenplay.printing import to_html

__all__ = [
    "SIZE_LIMIT",
    "Block",
    "BlockType",
    "Decoded",
    "NotText",
    "SceneText",
    "Screenplay",
    "TooLarge",
    "UnreadableScript",
    "assemble",
    "decode",
    "encode",
    "parse",
    "restore_line_ends",
    "split_scene",
    "to_html",
]
