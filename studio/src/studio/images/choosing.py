"""Which renderer the environment asks for."""

import math
from collections.abc import Mapping

import httpx
from pydantic import SecretStr

from studio.images.drawing import LocalRenderer
from studio.images.errors import ImageMisconfigured
from studio.images.openai import OpenAIImages, Patience
from studio.images.prices import read_price
from studio.images.rendering import Renderer

LOCAL = "local"
DEFAULT_MODEL = "gpt-image-2"
DEFAULT_BASE_URL = "https://api.openai.com/v1"
QUALITIES = ("low", "medium", "high", "auto")
DEFAULT_CALLS = 4
MOST_CALLS = 64


def choose_renderer(environment: Mapping[str, str]) -> Renderer:
    """Return the renderer that STUDIO_IMAGE_MODEL names; without it OpenAI's when there is a key, else the local one.

    Raises ImageMisconfigured.
    """
    named = environment.get("STUDIO_IMAGE_MODEL", "").strip()
    key = environment.get("OPENAI_API_KEY", "").strip()
    if named.lower() == LOCAL or not (named or key):
        return LocalRenderer()
    if not key:
        raise ImageMisconfigured(
            f"STUDIO_IMAGE_MODEL is {named!r}, which is OpenAI's, and OPENAI_API_KEY is not set: "
            "set it, or set STUDIO_IMAGE_MODEL=local to draw on this machine."
        )
    model = named or DEFAULT_MODEL
    return OpenAIImages(
        model=model,
        key=SecretStr(key),
        base_url=_base_url(environment),
        quality=_quality(environment),
        token_price=read_price(environment, model),
        patience=Patience(
            request=_seconds(environment, "STUDIO_IMAGE_TIMEOUT", Patience.request, at_least=0.1),
            waits=_seconds(environment, "STUDIO_IMAGE_RETRY_WAIT", Patience.waits, at_least=0.0),
        ),
    )


def read_image_calls(environment: Mapping[str, str]) -> int:
    """Return how many images may be made at the same time, from STUDIO_IMAGE_CALLS.  Raises ImageMisconfigured."""
    text = environment.get("STUDIO_IMAGE_CALLS", "").strip()
    if not text:
        return DEFAULT_CALLS
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_CALLS:
        raise ImageMisconfigured(
            f"STUDIO_IMAGE_CALLS is {text!r}: set it to a number from 1 to {MOST_CALLS}."
        )
    return int(text)


def _base_url(environment: Mapping[str, str]) -> str:
    text = environment.get("OPENAI_BASE_URL", "").strip() or DEFAULT_BASE_URL
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ImageMisconfigured(f"OPENAI_BASE_URL is {text!r}, which is no address: {error}.") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise ImageMisconfigured(f"OPENAI_BASE_URL is {text!r}: write it as {DEFAULT_BASE_URL}.")
    return text.rstrip("/")


def _quality(environment: Mapping[str, str]) -> str:
    quality = environment.get("STUDIO_IMAGE_QUALITY", "").strip().lower() or "medium"
    if quality not in QUALITIES:
        raise ImageMisconfigured(f"STUDIO_IMAGE_QUALITY is {quality!r}; it takes {', '.join(QUALITIES)}.")
    return quality


def _seconds(environment: Mapping[str, str], variable: str, default: float, *, at_least: float) -> float:
    text = environment.get(variable, "").strip()
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not at_least <= seconds <= 3600:
        raise ImageMisconfigured(f"{variable} is {text!r}; it takes seconds, from {at_least:g} to 3600.")
    return seconds
