"""Turn what a provider or its SDK raised into words for people, without the key and without the script."""

from pydantic_ai.exceptions import (
    AgentRunError,
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelRequestTimeout,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
    OutputTokenLimitExceeded,
    RunTimedOut,
    UnexpectedModelBehavior,
)

from studio.ai.choosing import LOCAL, SummaryModel
from studio.ai.errors import (
    Declined,
    EmptyAnswer,
    GarbageAnswer,
    KeyRefused,
    NoAnswer,
    ProviderError,
    ProviderFailed,
    QuotaSpent,
    RateLimited,
    RequestRefused,
    SceneTooLong,
)
from studio.ai.tasks import Task

# How pydantic-ai says that the text of an answer was not of the form that was asked for.
_MISFIT = "maximum output retries"


def explain(error: AgentRunError, model: SummaryModel, task: Task) -> ProviderError:
    """Say what happened, that nothing was lost, and what to do next."""
    match error:
        case ModelHTTPError() | ModelRateLimitError() | ModelUnavailableError() | ModelServerError():
            return _refused(error, model, task)
        case ModelRequestTimeout() | ModelTimeoutError() | RunTimedOut():
            return explain_slowness(model, getattr(error, "timeout", model.patience.request), task)
        case ModelConnectionError():
            return _unreachable(error, model, task)
        case ContentFilterError():
            return Declined(
                f"{_who(model)} declined to {task.verb} because of its content. {task.kept} "
                f"{task.otherwise}, choose another model with STUDIO_MODEL, or {task.local_instead}."
            )
        case OutputTokenLimitExceeded():
            return explain_empty(model, task)
        case UnexpectedModelBehavior() if _MISFIT in str(error):
            return _misfit(model, task)
        case _:
            return explain_shape(model, task)


def explain_slowness(model: SummaryModel, seconds: float, task: Task) -> NoAnswer:
    """Explain that the time ran out."""
    return NoAnswer(
        f"{_who(model)} did not answer within {seconds:g} seconds. {task.kept} "
        f"Try again in a while, allow more time with STUDIO_MODEL_TIMEOUT, or {task.local_instead}."
    )


def explain_shape(model: SummaryModel, task: Task) -> GarbageAnswer:
    """Explain an answer that is not one of the provider's API."""
    return GarbageAnswer(
        f"{_where(model)} answered, but not as {_who(model)}'s API does; often that is a proxy, the "
        f"log-in page of a network, or a wrong {_base_url_variable(model)}. {task.kept} "
        f"Check the connection and try again, or {task.local_instead}."
    )


def explain_empty(model: SummaryModel, task: Task) -> EmptyAnswer:
    """Explain an answer without text."""
    return EmptyAnswer(
        f"{_who(model)} answered with no text. {task.kept} "
        f"Try again, choose another model with STUDIO_MODEL, or {task.local_instead}."
    )


def _misfit(model: SummaryModel, task: Task) -> GarbageAnswer:
    return GarbageAnswer(
        f"{_who(model)} answered, but not with {task.result} that Studio can read. {task.kept} "
        f"Try again, choose a larger model with STUDIO_MODEL, or {task.local_instead}."
    )


def _refused(error: ModelAPIError, model: SummaryModel, task: Task) -> ProviderError:
    status = error.status_code if isinstance(error, ModelHTTPError) else None
    who, said = _who(model), f" (status {status})" if status else ""
    match error:
        case ModelRateLimitError():
            return RateLimited(
                f"{who} takes no more requests for now{said}. {task.kept} "
                f"Try again {_wait(error.retry_after)}, or {task.local_instead}.",
                provider_status=status,
                retry_after=error.retry_after,
            )
        case ModelQuotaExceededError():
            return QuotaSpent(
                f"The credit or quota of your {who} account is used up{said}. {task.kept} "
                f"Top it up with {who}, or {task.local_instead}.",
                provider_status=status,
            )
        case ModelAuthenticationError():
            return KeyRefused(
                f"{who} refused the API key{said}. {task.kept} "
                f"Check {_key_variable(model)} and restart Studio, or {task.local_instead}.",
                provider_status=status,
            )
        case ModelContextWindowExceededError():
            return SceneTooLong(
                f"{task.too_long.format(model=model.name, said=said, kept=task.kept)}, choose a larger "
                f"model with STUDIO_MODEL, or {task.local_instead}.",
                provider_status=status,
            )
        case ModelNotFoundError():
            return RequestRefused(
                f"{_where(model)} does not know the model {model.name}{said}. {task.kept} "
                f"Correct STUDIO_MODEL or {_base_url_variable(model)} and restart Studio, "
                f"or {task.local_instead}.",
                provider_status=status,
            )
        case ModelServerError() | ModelUnavailableError():
            return ProviderFailed(
                f"{who} failed on its side{said}, also when asked again. {task.kept} "
                f"Try again {_wait(error.retry_after)}, or {task.local_instead}.",
                provider_status=status,
                retry_after=error.retry_after,
            )
        case ModelRequestRejectedError() | _:
            return RequestRefused(
                f"{who} did not accept the request for {model.name}{said}. {task.kept} "
                f"Choose another model with STUDIO_MODEL, or {task.local_instead}.",
                provider_status=status,
            )


def _unreachable(error: ModelConnectionError, model: SummaryModel, task: Task) -> NoAnswer:
    what = (
        "cannot be reached"
        if error.phase in ("connect", "pool")
        else "broke the connection off before its answer"
    )
    return NoAnswer(
        f"{_who(model)} {what} ({_where(model)}). {task.kept} "
        f"Check the network connection and try again, or {task.local_instead}."
    )


def _wait(retry_after: float | None) -> str:
    if retry_after is None:
        return "in a minute"
    if retry_after < 90:
        return f"in {max(1, round(retry_after))} seconds"
    return f"in {round(retry_after / 60)} minutes"


def _who(model: SummaryModel) -> str:
    return model.connection.provider.title if model.connection else "The local model"


def _where(model: SummaryModel) -> str:
    return model.connection.host if model.connection else LOCAL


def _key_variable(model: SummaryModel) -> str:
    return model.connection.provider.key_variable if model.connection else "the key"


def _base_url_variable(model: SummaryModel) -> str:
    return model.connection.provider.base_url_variable if model.connection else "address"
