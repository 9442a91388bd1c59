"""JSON documents in SQLAlchemy columns whose changes are never lost in silence."""

from indelible.changes.deltas import ABSENT, Change, Delta, Move, Put, Remove, Splice
from indelible.changes.paths import Path, format_path
from indelible.documents.column import Document, tracked
from indelible.documents.instrumenting import pending_delta
from indelible.documents.strictness import is_strict, set_strict
from indelible.errors import (
    IndelibleError,
    IndelibleWarning,
    LostChange,
    NotJSON,
    SourceChanged,
    SourceChangedWarning,
    StaleContainer,
)

__all__ = [
    "ABSENT",
    "Change",
    "Delta",
    "Document",
    "IndelibleError",
    "IndelibleWarning",
    "LostChange",
    "Move",
    "NotJSON",
    "Path",
    "Put",
    "Remove",
    "SourceChanged",
    "SourceChangedWarning",
    "Splice",
    "StaleContainer",
    "format_path",
    "is_strict",
    "pending_delta",
    "set_strict",
    "tracked",
]
