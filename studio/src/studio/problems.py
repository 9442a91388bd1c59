"""What can go wrong for a person, in words that say what to do next.

A problem's docstring is its message when it is raised without one. `studio.problem_json` makes the
answers of the REST API out of them.
"""

import inspect
from typing import ClassVar


class Problem(Exception):
    """Something went wrong in Studio. Try again; if it happens again, look into the terminal."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str | None = None, *, retry_after: int | None = None) -> None:
        super().__init__(detail or inspect.getdoc(type(self)))
        self.retry_after = retry_after

    @property
    def detail(self) -> str:
        """Return the message for a person."""
        return str(self)

    def members(self) -> dict[str, object]:
        """Return what the answer carries besides the message."""
        return {}


class NotFound(Problem):
    """This is not here, or was deleted. Go back to the list and reload it."""

    status = 404
    code = "not-found"
    title = "Not found"


class VersionConflict(Problem):
    """Someone else saved this first. Compare your text with what is stored and save again on top of it."""

    status = 409
    code = "version-conflict"
    title = "This was changed by someone else"


class OrderConflict(Problem):
    """The script has gained or lost a scene since you read it. Reload the script and order it again."""

    status = 409
    code = "order-conflict"
    title = "The script has other scenes now"


class PreconditionFailed(Problem):
    """This changed since you read it (If-Match does not match). Read it again and repeat your change."""

    status = 412
    code = "precondition-failed"
    title = "This changed since you read it"


class BadUpload(Problem):
    """This file cannot be read. Choose a Fountain screenplay or a project file that Studio exported."""

    status = 422
    code = "bad-upload"
    title = "This file cannot be imported"


class TooLarge(Problem):
    """This is larger than the 20 MB that Studio takes. Split it and send the parts."""

    status = 413
    code = "too-large"
    title = "Too large"


class WrongKind(Problem):
    """Studio does not read this kind of file. Choose a .fountain, .spmd, .txt or .json file."""

    status = 415
    code = "wrong-kind"
    title = "Studio does not read this kind of file"


class Invalid(Problem):
    """This cannot be saved as it is."""

    status = 422
    code = "invalid"
    title = "This cannot be saved"


class ModelFailed(Problem):
    """The AI provider gave no summary; the old one is kept. Try again in a moment."""

    status = 502
    code = "model-failed"
    title = "The AI provider gave no summary"


class DatabaseBusy(Problem):
    """The database is busy with other work. Nothing was changed; try again in a moment."""

    status = 503
    code = "database-busy"
    title = "The database is busy"

    def __init__(self) -> None:
        super().__init__(retry_after=1)


class Overtaken(DatabaseBusy):
    """Others changed the same place at the same moment, again and again. Nothing was changed; try again in a moment."""

    code = "overtaken"
    title = "Others were faster"


class DatabaseUnavailable(Problem):
    """The database does not answer. Nothing was changed; run `studio doctor` to see what is wrong."""

    status = 503
    code = "database-unavailable"
    title = "The database does not answer"

    def __init__(self) -> None:
        super().__init__(retry_after=10)
