"""The errors that are raised where a patch does not fit a stored document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from indelible.changes.json_patch_operations import COPY_LIMIT, PatchOperation
from indelible.changes.paths import Path, format_path
from indelible.documents.patching import failing
from indelible.errors import CannotPatch, Conflict, DuplicateKey, IndelibleError, MissingPath

Failure: TypeAlias = Callable[[str], IndelibleError]
"""Makes the error for a kind of failure."""


@dataclass(frozen=True, slots=True)
class ChangeFailure:
    """Makes the error of a change."""

    document: str
    path: Path

    def __call__(self, kind: str) -> IndelibleError:
        error, message = _FAILURES[kind]
        return error(message, document=self.document, path=format_path(self.path))


_NO_CHANGE = "Nothing was changed by this statement."
_LOAD = "Load the row and change its document."
_FAILURES: dict[str, tuple[type[IndelibleError], str]] = {
    failing.MISSING: (MissingPath, f"a stored document has nothing there. {_NO_CHANGE}"),
    failing.NO_OBJECT: (MissingPath, f"the member's place is in no object. {_NO_CHANGE}"),
    failing.NO_LIST: (MissingPath, f"what is stored there is no list. {_NO_CHANGE}"),
    failing.NO_NUMBER: (MissingPath, f"what is stored there is no number. {_NO_CHANGE}"),
    failing.INEXACT: (
        CannotPatch,
        f"the database would not add exactly to the number that is stored. {_LOAD}",
    ),
    failing.DIFFERS: (Conflict, f"the stored value is another than expected. {_NO_CHANGE}"),
    failing.TWICE: (DuplicateKey, f"several elements have the key that is to find one. {_NO_CHANGE}"),
    failing.BARE: (CannotPatch, f"SQLite would not keep a bare number exactly as a whole document. {_LOAD}"),
    failing.FOREIGN: (
        CannotPatch,
        f"MariaDB cannot be sure to find keys and strings in JSON text that was not written by Python. {_LOAD}",
    ),
    failing.DEEP: (CannotPatch, f"MariaDB takes no more than 31 containers in one another. {_LOAD}"),
    failing.DASH: (CannotPatch, f"MariaDB reads no path with a key that begins with -. {_LOAD}"),
}


@dataclass(frozen=True, slots=True)
class OperationFailure:
    """Makes the error of an operation of a JSON Patch."""

    operation: PatchOperation
    document: str

    def __call__(self, kind: str) -> IndelibleError:
        if kind not in _PROBLEMS:
            return ChangeFailure(self.document, ())(kind)
        return self.operation.failure(f"{_PROBLEMS[kind]}. {_NO_CHANGE}")


_PROBLEMS = {
    failing.MISSING: "a stored document has no such place",
    failing.NO_OBJECT: "the place is in no object or list",
    failing.NO_LIST: "the place is in no object or list",
    failing.DIFFERS: "the stored value is another",
    failing.LONG: f"the patch would copy more than {COPY_LIMIT:,} characters; split it",
}
