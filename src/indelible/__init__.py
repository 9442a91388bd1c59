"""JSON documents in SQLAlchemy columns whose changes are never lost in silence."""

from indelible.changes.deltas import ABSENT, Add, Change, Delta, Move, Put, Remove, Splice, Union
from indelible.changes.paths import By, Path, by, format_path
from indelible.documents.column import Document, tracked
from indelible.documents.instrumenting import pending_delta
from indelible.documents.operations import OperationLog
from indelible.documents.strictness import is_strict, set_strict
from indelible.errors import (
    Clash,
    Conflict,
    DuplicateKey,
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
    "Add",
    "By",
    "Change",
    "Clash",
    "Conflict",
    "Delta",
    "Document",
    "DuplicateKey",
    "IndelibleError",
    "IndelibleWarning",
    "LostChange",
    "Move",
    "NotJSON",
    "OperationLog",
    "Path",
    "Put",
    "Remove",
    "SourceChanged",
    "SourceChangedWarning",
    "Splice",
    "StaleContainer",
    "Union",
    "by",
    "format_path",
    "is_strict",
    "pending_delta",
    "set_strict",
    "tracked",
]
