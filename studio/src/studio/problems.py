"""What can go wrong for a person, in words that say what to do next."""

from typing import ClassVar


class Problem(Exception):
    """Something went wrong; the message says what to do next."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong"
    retry_after: int | None = None

    @property
    def detail(self) -> str:
        """Return the message for a person."""
        return str(self)


class NotFound(Problem):
    """It is not there, or was deleted."""

    status = 404
    code = "not-found"
    title = "Not found"


class VersionConflict(Problem):
    """Somebody else saved first; `scene` is what is stored now."""

    status = 409
    code = "version-conflict"
    title = "The scene was changed by someone else"


class BadUpload(Problem):
    """The file cannot be read as a screenplay or a project."""

    status = 422
    code = "bad-upload"
    title = "This file cannot be imported"


class TooLarge(Problem):
    """The file or text is larger than Studio takes."""

    status = 413
    code = "too-large"
    title = "Too large"


class WrongKind(Problem):
    """The file is of a kind that Studio does not read."""

    status = 415
    code = "wrong-kind"
    title = "Studio does not read this kind of file"


class Invalid(Problem):
    """What was sent does not make sense; the message says which part."""

    status = 422
    code = "invalid"
    title = "That cannot be saved"


class ModelFailed(Problem):
    """The AI provider did not give a summary; the old one is kept."""

    status = 502
    code = "model-failed"
    title = "The AI provider did not answer usefully"


class DatabaseBusy(Problem):
    """The database is busy; try again in a moment."""

    status = 503
    code = "database-busy"
    title = "The database is busy"
