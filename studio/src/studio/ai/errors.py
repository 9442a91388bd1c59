"""What can go wrong between Studio and a model, in words that say what to do next."""

import math
from typing import ClassVar

from studio.problems import ModelFailed, Problem


class ModelMisconfigured(Problem):
    """The environment asks for a model that Studio cannot use; the message names the variable to change."""

    status = 500
    code = "ai-misconfigured"
    title = "The AI model is not set up"


class ProviderError(ModelFailed):
    """A provider did not give a summary.

    `str(error)` is for people: what happened, that nothing was lost, what to do next. It never holds the key.
    `provider_status` is the HTTP status of the provider's answer, `retry_after` the seconds it asked to wait.
    """

    code: ClassVar[str] = "ai-failed"

    def __init__(
        self, message: str, *, provider_status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, retry_after=None if retry_after is None else math.ceil(retry_after))
        self.provider_status = provider_status


class RateLimited(ProviderError):
    """The provider takes no more requests for now (429), and still did not after the retries."""

    status = 503
    code = "ai-rate-limited"
    title = "The AI provider asks to slow down"


class QuotaSpent(ProviderError):
    """The account's credit or quota is used up; waiting does not help."""

    status = 503
    code = "ai-quota-spent"
    title = "The AI provider's quota is used up"


class ProviderFailed(ProviderError):
    """The provider failed on its side (5xx), and still did after the retries."""

    code = "ai-provider-failed"
    title = "The AI provider failed"


class KeyRefused(ProviderError):
    """The provider refused the API key (401, 403)."""

    code = "ai-key-refused"
    title = "The AI provider refused the key"


class RequestRefused(ProviderError):
    """The provider refused the request itself (400, 404, 413 …); sending it again does not help."""

    code = "ai-request-refused"
    title = "The AI provider refused the request"


class SceneTooLong(RequestRefused):
    """The scene does not fit into what the model can read at once."""

    code = "ai-scene-too-long"
    title = "The scene is too long for this model"


class Declined(ProviderError):
    """The provider's content filter declined to summarise this scene."""

    code = "ai-declined"
    title = "The AI provider declined"


class GarbageAnswer(ProviderError):
    """The answer is not one of this provider's: not JSON, of another shape, or a web page."""

    code = "ai-garbage-answer"
    title = "The AI provider's answer makes no sense"


class EmptyAnswer(ProviderError):
    """The provider answered, but with no text."""

    code = "ai-empty-answer"
    title = "The AI provider's answer is empty"


class NoAnswer(ProviderError):
    """No answer came: connection refused, broken off, or too slow."""

    status = 504
    code = "ai-no-answer"
    title = "The AI provider does not answer"
