"""The fields of project files: each takes what can be stored, and its error says at which path of the file it is."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime
from pydantic_core import PydanticCustomError

from studio.problems import Problem
from studio.texts import check_description, check_text, check_title


def refuse(words: str) -> PydanticCustomError:
    """Return the error of a field, for a person."""
    return PydanticCustomError("unfit", "{words}", {"words": words})


def _checked(check: Callable[[str], str]) -> AfterValidator:
    def validate(text: str) -> str:
        try:
            return check(text)
        except Problem as problem:
            raise refuse(problem.detail) from problem

    return AfterValidator(validate)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise refuse("This moment is before the first year, or after the last.") from error


AnyText = Annotated[str, _checked(lambda text: check_text(text, "This text"))]
Title = Annotated[str, _checked(check_title)]
Description = Annotated[str, _checked(check_description)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
