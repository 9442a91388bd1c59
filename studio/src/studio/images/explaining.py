"""Turn what an image provider answered into words for people, without the key and without the script."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from studio.images.errors import ImageFailed

LOCAL_INSTEAD = "set STUDIO_IMAGE_MODEL=local and restart Studio to draw on this machine"
DECLINED_CODES = ("moderation_blocked", "content_policy_violation")


@dataclass
class Trouble(Exception):
    """One attempt that gave no image.

    `passes` tells that the same request may succeed later, `retry_after` the seconds that the provider asked to
    wait, `meets_all` that every image would meet it.
    """

    short: str
    message: str
    passes: bool = False
    meets_all: bool = False
    retry_after: float | None = None

    def problem(self) -> ImageFailed:
        """Return what to tell a person."""
        return ImageFailed(self.message, meets_all=self.meets_all, retry_after=self.retry_after)


def explain_slowness(host: str, seconds: float) -> Trouble:
    """Explain that no answer came in time."""
    return Trouble(
        f"{host} does not answer",
        f"{host} did not answer within {seconds:g} seconds. Try this image again, "
        f"allow more time with STUDIO_IMAGE_TIMEOUT, or {LOCAL_INSTEAD}.",
    )


def explain_connection(host: str, error: httpx.HTTPError) -> Trouble:
    """Explain a connection that was not made or broke off."""
    broke = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError)
    what = "broke the connection off" if broke else "cannot be reached"
    return Trouble(
        f"{host} {what}",
        f"{host} {what}, also when asked again. Check the network connection and try again, or {LOCAL_INSTEAD}.",
        passes=True,
    )


def explain_garbage(host: str) -> Trouble:
    """Explain an answer without an image in it."""
    return Trouble(
        f"{host} sent no image",
        f"{host} answered, but not with an image as OpenAI's API does; often that is a proxy, the log-in page of a "
        f"network, or a wrong OPENAI_BASE_URL. Check the connection and try again, or {LOCAL_INSTEAD}.",
    )


def explain_answer(host: str, model: str, status: int, headers: Mapping[str, str], body: bytes) -> Trouble:
    """Explain an answer that is an error."""
    code = _code_of(body)
    said = f" (status {status})"
    if code in DECLINED_CODES:
        return Trouble(
            f"{host} declined",
            f"{host} declined to make this image because of its content{said}. Change the scene's words, "
            f"make another shot of it, or {LOCAL_INSTEAD}.",
        )
    if status == 429 and code in ("insufficient_quota", "billing_hard_limit_reached"):
        return _for_all(
            f"The credit or quota of your account with {host} is used up{said}. Top it up, or {LOCAL_INSTEAD}."
        )
    if status == 429:
        return Trouble(
            f"{host} asks to slow down",
            f"{host} takes no more requests for now{said}, also after waiting. Try again in a minute, make fewer "
            f"images at a time with STUDIO_IMAGE_CALLS, or {LOCAL_INSTEAD}.",
            passes=True,
            retry_after=seconds_of(headers.get("retry-after")),
        )
    if status >= 500 or status == 408:
        return Trouble(
            f"{host} failed on its side",
            f"{host} failed on its side{said}, also when asked again. Try again in a while, or {LOCAL_INSTEAD}.",
            passes=True,
            retry_after=seconds_of(headers.get("retry-after")),
        )
    if status in (401, 403):
        return _for_all(
            f"{host} refused the API key{said}. Check OPENAI_API_KEY and restart Studio, or {LOCAL_INSTEAD}."
        )
    if status == 404 or code == "model_not_found":
        return _for_all(
            f"{host} does not know the model {model}{said}. Correct STUDIO_IMAGE_MODEL or OPENAI_BASE_URL and "
            f"restart Studio, or {LOCAL_INSTEAD}."
        )
    return Trouble(
        f"{host} refused the request",
        f"{host} did not accept the request for {model}{said}. Choose another model with STUDIO_IMAGE_MODEL, "
        f"or {LOCAL_INSTEAD}.",
    )


def seconds_of(retry_after: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks to wait: a number, or a moment (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.replace(".", "", 1).isdigit() and text.isascii():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _for_all(message: str) -> Trouble:
    return Trouble(message, message, meets_all=True)


def _code_of(body: bytes) -> str:
    try:
        error = json.loads(body)["error"]
        return str(error.get("code") or error.get("type") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
