"""JSON documents in SQLAlchemy columns whose changes are never lost in silence."""

import importlib

TYPE_CHECKING = False  # without `typing`, which a check of unchanged files does not need
if TYPE_CHECKING:
    from indelible.changes.counting import add, union
    from indelible.changes.deltas import ABSENT, Add, Change, Delta, Move, Put, Remove, Splice, Union
    from indelible.changes.json_patch import apply_json_patch, from_json_patch, to_json_patch
    from indelible.changes.paths import By, Path, by, format_path
    from indelible.documents.change_log import ChangeLog, LoggedChange, acting_as
    from indelible.documents.claiming import Operation
    from indelible.documents.column import Document, tracked
    from indelible.documents.instrumenting import pending_delta
    from indelible.documents.operations import OperationLog
    from indelible.documents.patching.building import Patch, Place, edit
    from indelible.documents.retrying import is_transient, retry_transaction
    from indelible.documents.strictness import is_strict, set_strict
    from indelible.documents.versioning import get_at_version
    from indelible.errors import (
        CannotPatch,
        Clash,
        Conflict,
        Contended,
        DuplicateKey,
        IndelibleError,
        IndelibleWarning,
        InvalidJSONPatch,
        InvalidOperationId,
        JSONPatchFailed,
        LostChange,
        MissingExtra,
        MissingPath,
        NotJSON,
        OperationReused,
        OperationUnfinished,
        OperationUnseen,
        SourceChanged,
        SourceChangedWarning,
        StaleContainer,
        UnsavedChange,
        UnsavedChangeWarning,
        UnsavedPlace,
        VersionConflict,
    )

del TYPE_CHECKING

__all__ = [
    "ABSENT",
    "Add",
    "By",
    "CannotPatch",
    "Change",
    "ChangeLog",
    "Clash",
    "Conflict",
    "Contended",
    "Delta",
    "Document",
    "DuplicateKey",
    "IndelibleError",
    "IndelibleWarning",
    "InvalidJSONPatch",
    "InvalidOperationId",
    "JSONPatchFailed",
    "LoggedChange",
    "LostChange",
    "MissingExtra",
    "MissingPath",
    "Move",
    "NotJSON",
    "Operation",
    "OperationLog",
    "OperationReused",
    "OperationUnfinished",
    "OperationUnseen",
    "Patch",
    "Path",
    "Place",
    "Put",
    "Remove",
    "SourceChanged",
    "SourceChangedWarning",
    "Splice",
    "StaleContainer",
    "Union",
    "UnsavedChange",
    "UnsavedChangeWarning",
    "UnsavedPlace",
    "VersionConflict",
    "acting_as",
    "add",
    "apply_json_patch",
    "by",
    "edit",
    "format_path",
    "from_json_patch",
    "get_at_version",
    "is_strict",
    "is_transient",
    "pending_delta",
    "retry_transaction",
    "set_strict",
    "to_json_patch",
    "tracked",
    "union",
]

# Loaded when first asked for: the command `indelible check` needs none of it, and SQLAlchemy takes its time.
_MODULES = {
    "indelible.changes.counting": ("add", "union"),
    "indelible.changes.deltas": (
        "ABSENT",
        "Add",
        "Change",
        "Delta",
        "Move",
        "Put",
        "Remove",
        "Splice",
        "Union",
    ),
    "indelible.changes.json_patch": ("apply_json_patch", "from_json_patch", "to_json_patch"),
    "indelible.changes.paths": ("By", "Path", "by", "format_path"),
    "indelible.documents.change_log": ("ChangeLog", "LoggedChange", "acting_as"),
    "indelible.documents.claiming": ("Operation",),
    "indelible.documents.column": ("Document", "tracked"),
    "indelible.documents.instrumenting": ("pending_delta",),
    "indelible.documents.operations": ("OperationLog",),
    "indelible.documents.patching.building": ("Patch", "Place", "edit"),
    "indelible.documents.retrying": ("is_transient", "retry_transaction"),
    "indelible.documents.strictness": ("is_strict", "set_strict"),
    "indelible.documents.versioning": ("get_at_version",),
    "indelible.errors": (
        "CannotPatch",
        "Clash",
        "Conflict",
        "Contended",
        "DuplicateKey",
        "IndelibleError",
        "IndelibleWarning",
        "InvalidJSONPatch",
        "InvalidOperationId",
        "JSONPatchFailed",
        "LostChange",
        "MissingExtra",
        "MissingPath",
        "NotJSON",
        "OperationReused",
        "OperationUnfinished",
        "OperationUnseen",
        "SourceChanged",
        "SourceChangedWarning",
        "StaleContainer",
        "UnsavedChange",
        "UnsavedChangeWarning",
        "UnsavedPlace",
        "VersionConflict",
    ),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a public name from the module that has it."""
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(importlib.import_module(module), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted({*globals(), *__all__})
