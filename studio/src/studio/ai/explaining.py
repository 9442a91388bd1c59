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
)

from studio.ai.choosing import LOCAL, SummaryModel
from studio.ai.errors import (
    KEPT,
    LOCAL_INSTEAD,
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


def explain(error: AgentRunError, model: SummaryModel) -> ProviderError:
    """Say what happened, that nothing was lost, and what to do next."""
    match error:
        case ModelHTTPError() | ModelRateLimitError() | ModelUnavailableError() | ModelServerError():
            return _refused(error, model)
        case ModelRequestTimeout() | ModelTimeoutError() | RunTimedOut():
            return explain_slowness(model, getattr(error, "timeout", model.patience.request))
        case ModelConnectionError():
            return _unreachable(error, model)
        case ContentFilterError():
            return Declined(
                f"{_who(model)} declined to summarise this scene because of its content. {KEPT} "
                f"Write the summary yourself, choose another model with STUDIO_MODEL, or {LOCAL_INSTEAD}."
            )
        case OutputTokenLimitExceeded():
            return explain_empty(model)
        case _:
            return explain_shape(model)


def explain_slowness(model: SummaryModel, seconds: float) -> NoAnswer:
    """Explain that the time ran out."""
    return NoAnswer(
        f"{_who(model)} did not answer within {seconds:g} seconds. {KEPT} "
        f"Try again in a while, allow more time with STUDIO_MODEL_TIMEOUT, or {LOCAL_INSTEAD}."
    )


def explain_shape(model: SummaryModel) -> GarbageAnswer:
    """Explain an answer that is not one of the provider's API."""
    return GarbageAnswer(
        f"{_where(model)} answered, but not as {_who(model)}'s API does; often that is a proxy, the "
        f"log-in page of a network, or a wrong {_base_url_variable(model)}. {KEPT} "
        f"Check the connection and try again, or {LOCAL_INSTEAD}."
    )


def explain_empty(model: SummaryModel) -> EmptyAnswer:
    """Explain an answer without text."""
    return EmptyAnswer(
        f"{_who(model)} answered with no text. {KEPT} "
        f"Try again, choose another model with STUDIO_MODEL, or {LOCAL_INSTEAD}."
    )


def _refused(error: ModelAPIError, model: SummaryModel) -> ProviderError:
    status = error.status_code if isinstance(error, ModelHTTPError) else None
    who, said = _who(model), f" (status {status})" if status else ""
    match error:
        case ModelRateLimitError():
            return RateLimited(
                f"{who} takes no more requests for now{said}. {KEPT} "
                f"Try again {_wait(error.retry_after)}, or {LOCAL_INSTEAD}.",
                provider_status=status,
                retry_after=error.retry_after,
            )
        case ModelQuotaExceededError():
            return QuotaSpent(
                f"The credit or quota of your {who} account is used up{said}. {KEPT} "
                f"Top it up with {who}, or {LOCAL_INSTEAD}.",
                provider_status=status,
            )
        case ModelAuthenticationError():
            return KeyRefused(
                f"{who} refused the API key{said}. {KEPT} "
                f"Check {_key_variable(model)} and restart Studio, or {LOCAL_INSTEAD}.",
                provider_status=status,
            )
        case ModelContextWindowExceededError():
            return SceneTooLong(
                f"The scene is longer than {model.name} can read at once{said}. {KEPT} "
                f"Split the scene, choose a larger model with STUDIO_MODEL, or {LOCAL_INSTEAD}.",
                provider_status=status,
            )
        case ModelNotFoundError():
            return RequestRefused(
                f"{_where(model)} does not know the model {model.name}{said}. {KEPT} "
                f"Correct STUDIO_MODEL or {_base_url_variable(model)} and restart Studio, "
                f"or {LOCAL_INSTEAD}.",
                provider_status=status,
            )
        case ModelServerError() | ModelUnavailableError():
            return ProviderFailed(
                f"{who} failed on its side{said}, also when asked again. {KEPT} "
                f"Try again {_wait(error.retry_after)}, or {LOCAL_INSTEAD}.",
                provider_status=status,
                retry_after=error.retry_after,
            )
        case ModelRequestRejectedError() | _:
            return RequestRefused(
                f"{who} did not accept the request for {model.name}{said}. {KEPT} "
                f"Choose another model with STUDIO_MODEL, or {LOCAL_INSTEAD}.",
                provider_status=status,
            )


def _unreachable(error: ModelConnectionError, model: SummaryModel) -> NoAnswer:
    what = (
        "cannot be reached"
        if error.phase in ("connect", "pool")
        else "broke the connection off before its answer"
    )
    return NoAnswer(
        f"{_who(model)} {what} ({_where(model)}). {KEPT} "
        f"Check the network connection and try again, or {LOCAL_INSTEAD}."
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
