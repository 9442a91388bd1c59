"""Every exception of Indelible. A class's docstring says what happened and what to do; its code links to the docs."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any, ClassVar


class IndelibleError(Exception):
    """Something that would lose data was refused."""

    code: ClassVar[str] = "IND-E000"

    def __init__(self, message: str = "", *, document: str = "", path: str = "") -> None:
        self.document = document
        self.path = path
        where = (
            f"{document} at {path}: "
            if document and path
            else f"{document or path}: "
            if document or path
            else ""
        )
        text = message or inspect.cleandoc(self.__doc__ or "")
        super().__init__(f"{where}{text} [{self.code}]")


class NotJSON(IndelibleError, ValueError):
    """This value cannot be kept in a JSON document. Convert it before you put it in."""

    code = "IND-E001"


class StaleContainer(IndelibleError, RuntimeError):
    """This container was read before its row was refreshed. Read it again from the row, then change it."""

    code = "IND-E002"


class LostChange(IndelibleError, RuntimeError):
    """A change was made that no flush would write. Make it through the document's own methods."""

    code = "IND-E003"


class SourceChanged(LostChange):
    """A value was changed after it was put into a document, which copied it. Change the document's own copy."""

    code = "IND-E004"


@dataclass(frozen=True, slots=True)
class UnsavedPlace:
    """A place in a column of one row that was changed and not saved, and the line that changed it, if it is known."""

    column: str
    primary_key: Any
    path: tuple[Any, ...]
    file: str | None
    line: int | None
    function: str | None

    def __str__(self) -> str:
        steps = "".join(f"[{step!r}]" for step in self.path)
        by = "by a line that could not be seen" if self.file is None else f"{self.file}:{self.line}"
        inside = f" in {self.function}" if self.function and self.function != "<module>" else ""
        return f"{self.column}{steps} of row {self.primary_key!r}: {by}{inside}"


class UnsavedChange(LostChange):
    """A JSON value was changed in place and the commit did not save it.

    Declare the column `Document`, or call `flag_modified(row, "column")` before the commit, or assign a changed copy.
    `changes` has every change in the order in which they were made; `column`, `primary_key`, `file` and `line` are
    those of the first.
    """

    code = "IND-E011"

    def __init__(self, message: str = "", *, document: str = "", path: str = "") -> None:
        super().__init__(message, document=document, path=path)
        self.changes: tuple[UnsavedPlace, ...] = ()

    @classmethod
    def of(cls, changes: tuple[UnsavedPlace, ...]) -> UnsavedChange:
        """Return the error for some changes, one at least."""
        lines = "".join(f"\n  {change}" for change in changes[:_MOST_SHOWN])
        more = f"\n  and {len(changes) - _MOST_SHOWN} more" if len(changes) > _MOST_SHOWN else ""
        error = cls(
            "changed in place, and not saved by this commit. Declare the column `Document`, or call `flag_modified`"
            f" before the commit, or assign a changed copy.{lines}{more}\n ",
            document=f"{changes[0].column} of row {changes[0].primary_key!r}",
        )
        error.path = "".join(f"[{step!r}]" for step in changes[0].path)
        error.changes = changes
        return error

    @property
    def column(self) -> str:
        """The class and attribute, as in `Script.scene_summaries`."""
        return self.changes[0].column

    @property
    def primary_key(self) -> Any:
        """The row's primary key; a tuple if it has several columns."""
        return self.changes[0].primary_key

    @property
    def file(self) -> str | None:
        """The file whose code made the change; None if it could not be seen."""
        return self.changes[0].file

    @property
    def line(self) -> int | None:
        """The line that made the change; None if it could not be seen."""
        return self.changes[0].line


_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Clash:
    """A place that two writers changed differently; a value that is not there is `ABSENT`."""

    path: tuple[Any, ...]
    base: Any
    mine: Any
    theirs: Any
    document: str = field(default="", compare=False)
    """The document of the row, as in `Project(id=1).output`; empty where it has no name."""


class Conflict(IndelibleError, RuntimeError):
    """Another writer changed the same place of this document differently since it was read.

    Roll back, read the row again and make the change anew; or give the column a policy with
    `Document(on_conflict=…, policies=…)`. `clashes` has every place in all documents of the row, with what was read,
    what you wrote and what is stored.
    """

    code = "IND-E005"

    def __init__(
        self, message: str = "", *, document: str = "", path: str = "", clashes: tuple[Clash, ...] = ()
    ) -> None:
        super().__init__(message, document=document, path=path)
        self.clashes = clashes


class DuplicateKey(IndelibleError, ValueError):
    """Two elements of a list have the same key, so a change to one of them has no certain place.

    Give each its own, or declare another key with `Document(keys=…)`.
    """

    code = "IND-E006"


class VersionConflict(IndelibleError, RuntimeError):
    """This row was changed since the version that the writer saw.

    Nothing was written. `stored` is its version now, `base` the one that the writer saw, `row` the row as it is stored.
    Show the writer what is stored, or merge, and save again on top of it.
    """

    code = "IND-E020"

    def __init__(
        self,
        message: str = "",
        *,
        document: str = "",
        path: str = "",
        base: Any = None,
        stored: Any = None,
        row: Any = None,
    ) -> None:
        super().__init__(message, document=document, path=path)
        self.base = base
        self.stored = stored
        self.row = row


class OperationReused(IndelibleError, ValueError):
    """This operation id was used for another request. Make a new id for each operation; send that again with it."""

    code = "IND-E021"


class OperationUnfinished(IndelibleError, RuntimeError):
    """The first block with this operation id ended its own transaction, so its result was not kept.

    What it did up to there may be stored: look, then use a new id. Commit after the block, not in it.
    """

    code = "IND-E022"


class OperationUnseen(IndelibleError, RuntimeError):
    """Another transaction applied this operation after this one began. Roll back and run this transaction again."""

    code = "IND-E023"


class InvalidOperationId(IndelibleError, ValueError):
    """This operation id cannot be kept as it is. Use a UUID, or another text of up to 255 printable characters."""

    code = "IND-E024"


class MissingExtra(IndelibleError, RuntimeError):
    """A package that this needs is not installed. Install Indelible with the extra that is named."""

    code = "IND-E007"

    @classmethod
    def of(cls, feature: str, extra: str) -> MissingExtra:
        """Return the error for a feature and the extra that brings it."""
        return cls(f"{feature} needs a package that is not installed. Install indelible[{extra}].")


class JSONPatchFailed(IndelibleError, ValueError):
    """An operation of this JSON Patch cannot be carried out on the document, so none of them was.

    Read the document again and make the patch for what it is now. `index` counts the operations from 0; `op` and
    `pointer` are the operation's, as far as it has them.
    """

    code = "IND-E030"

    def __init__(
        self,
        message: str = "",
        *,
        document: str = "",
        path: str = "",
        index: int | None = None,
        op: str = "",
        pointer: str | None = None,
    ) -> None:
        self.index = index
        self.op = op
        self.pointer = pointer
        operation = "" if index is None else f"operation {index} (counted from 0)"
        if op:
            operation += f", {op}" if pointer is None else f", {op} at {pointer!r}"
        super().__init__(f"{operation}: {message}" if operation else message, document=document, path=path)


class InvalidJSONPatch(JSONPatchFailed):
    """This is not a JSON Patch as RFC 6902 describes it. Mend the patch; no document can take it."""

    code = "IND-E031"


class Contended(IndelibleError, RuntimeError):
    """Other writers changed this document between each reading and writing. Nothing was written; try again later."""

    code = "IND-E008"


class MissingPath(IndelibleError, LookupError):
    """A patch names a place that a stored document has not, so the statement changed nothing.

    Look whether what it was for is still there. `at(…, missing="create")` makes objects on the way, `missing="ignore"`
    leaves such a change out. On PostgreSQL the transaction is over, as after any error: roll back, or use a savepoint.
    """

    code = "IND-E009"


class CannotPatch(IndelibleError, RuntimeError):
    """This database cannot make this change exactly by itself. Load the row and change its document."""

    code = "IND-E010"


class IndelibleWarning(UserWarning):
    """Something that may lose a change."""


class UnsavedChangeWarning(IndelibleWarning):
    """A JSON value was changed in place and the commit did not save it; the sentinel was asked to warn."""


class SourceChangedWarning(IndelibleWarning):
    """A value was changed after it was put into a document, which had copied it."""


class OutboxError(IndelibleError):
    """A job could not be enqueued, run or finished."""

    code = "IND-E400"


class NotAJob(OutboxError, TypeError):
    """This cannot be enqueued. Decorate the function with `@job`, at the top of a module, and enqueue that."""

    code = "IND-E401"


class NoTransaction(OutboxError, RuntimeError):
    """A job can be enqueued in a transaction only. Begin one on this connection first."""

    code = "IND-E402"


class LeaseLost(OutboxError, RuntimeError):
    """Another worker has this job by now, or it was ended, so nothing that this run wrote is kept."""

    code = "IND-E403"


class CommitInsideJob(OutboxError, RuntimeError):
    """The job's session is committed when the handler returns. Use `context.transaction()` to commit a step."""

    code = "IND-E404"


class JobTimeout(OutboxError, TimeoutError):
    """The job ran longer than its timeout. Raise the timeout, or do less in one job."""

    code = "IND-E405"


class JobCancelled(OutboxError):
    """Someone cancelled this job while it ran."""

    code = "IND-E406"


class UnknownHandler(OutboxError, LookupError):
    """No `@job` function has this name. Import its module where the worker starts, or keep its old name."""

    code = "IND-E407"


class WrongEngine(OutboxError, TypeError):
    """The outbox cannot work with this engine. It needs PostgreSQL or SQLite; async jobs need an async engine."""

    code = "IND-E408"


class RetryLater(OutboxError):
    """The job asks to be tried again after a while."""

    code = "IND-E409"

    def __init__(self, seconds: float = 60.0, message: str = "") -> None:
        self.seconds = seconds
        super().__init__(message)


class GiveUp(OutboxError):
    """The job says that trying again is of no use."""

    code = "IND-E410"


class BrokerDown(OutboxError, ConnectionError):
    """The broker took no wake-up. Jobs wait in the table and are sent when it is back."""

    code = "IND-E411"


class RunFailed(OutboxError):
    """A run of a job failed, and its broker shows that. `indelible jobs show` has the error."""

    code = "IND-E412"
