"""Problems as answers of the REST API: `application/problem+json` (RFC 9457), always, whatever went wrong."""

import logging
import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from studio.problems import Problem

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
ADVICE = {
    400: "The request cannot be read. Check that its body is complete and of the announced type.",
    404: "There is nothing at this address. The list of addresses is at /api/openapi.json.",
    405: "This address does not do that. The Allow header lists what it does.",
}


class FieldError(BaseModel):
    """One field of a request that does not fit."""

    field: str = Field(description="Where it is, such as `body.title`.")
    message: str


class ProblemView(BaseModel):
    """What went wrong, for programs (`code`) and for people (`detail`)."""

    type: str
    code: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None


def documented(*statuses: int, view: type[ProblemView] = ProblemView) -> dict[int | str, dict[str, Any]]:
    """Describe these statuses as problems in the OpenAPI document.

    FastAPI puts a response's `model` under the media type of success; `describe_problems` moves it.
    """
    return {status: {"model": view} for status in statuses}


def describe_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Give the problems in an OpenAPI document the media type that they have."""
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                if status >= "400" and "application/json" in content:
                    content[MEDIA_TYPE] = content.pop("application/json")
    return document


def problem_response(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    members: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the answer that tells a problem."""
    content = {
        "type": f"urn:studio:problem:{code}",
        "code": code,
        "title": title,
        "status": status,
        "detail": detail,
        **(members or {}),
    }
    return JSONResponse(content, status, dict(headers or {}), MEDIA_TYPE)


def answer_problem(problem: Problem) -> JSONResponse:
    """Return the answer that tells `problem`."""
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    return problem_response(
        problem.status,
        problem.code,
        problem.title,
        problem.detail,
        members=problem.members(),
        headers=headers,
    )


def answer_with_problems(app: FastAPI) -> None:
    """Make `app` answer every failure as a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_bug)


async def _on_problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return answer_problem(error)


async def _on_invalid_request(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # What was sent is not repeated: it may be megabytes, a secret, or half a character.
    errors = [
        FieldError(field=".".join(map(str, entry["loc"])), message=entry["msg"]).model_dump()
        for entry in error.errors()
    ]
    first = errors[0]
    detail = f"{first['field']}: {first['message']}. Correct it and send the request again."
    return problem_response(
        422, "invalid-request", "The request does not fit", detail, members={"errors": errors}
    )


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = error.status_code
    headers = dict(error.headers or {})
    if status == 405 and (allowed := _allowed_methods(request)):
        headers["Allow"] = ", ".join(allowed)
    detail = ADVICE.get(status, error.detail)
    return problem_response(status, f"http-{status}", error.detail, detail, headers=headers)


def _allowed_methods(request: Request) -> list[str]:
    """Return what an address does; Starlette says it of one route alone, and there is one per method here."""
    app: FastAPI = request.app
    paths = app.openapi()["paths"]
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    # An address of its own goes before one with a name in it: /projects/import is no project.
    here = [path] if path in paths else [template for template in paths if _fits(path, template)]
    return [method.upper() for template in here for method in paths[template]]


def _fits(path: str, template: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None


async def _on_bug(request: Request, error: Exception) -> JSONResponse:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer_problem(Problem())
