"""Build the pydantic-ai model of a connection; the provider's SDK is imported here and nowhere else."""

from pydantic_ai.models import Model

from studio.ai.choosing import ANTHROPIC, GOOGLE, OPENAI, Connection
from studio.ai.local_model import LocalModel

# Addresses and keys are always passed, so that the SDKs do not look for their own in the environment.


def build(connection: Connection | None) -> Model:
    """Build the model that answers at `connection`, or the local one for None."""
    if connection is None:
        return LocalModel()
    if connection.provider is ANTHROPIC:
        return _anthropic(connection)
    if connection.provider is GOOGLE:
        return _google(connection)
    if connection.provider is OPENAI:
        return _openai(connection)
    return _openai_chat(connection)


def _anthropic(connection: Connection) -> Model:
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    provider = AnthropicProvider(api_key=connection.api_key, base_url=connection.base_url)
    return AnthropicModel(connection.model_name, provider=provider)


def _openai(connection: Connection) -> Model:
    from pydantic_ai.models.openai import OpenAIResponsesModel, OpenAIResponsesModelSettings
    from pydantic_ai.providers.openai import OpenAIProvider

    provider = OpenAIProvider(api_key=connection.api_key, base_url=connection.base_url)
    # The Responses API keeps what it is sent unless told otherwise; a script is not theirs to keep.
    settings = OpenAIResponsesModelSettings(openai_store=False)
    return OpenAIResponsesModel(connection.model_name, provider=provider, settings=settings)


def _openai_chat(connection: Connection) -> Model:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    provider = OpenAIProvider(api_key=connection.api_key, base_url=connection.base_url)
    return OpenAIChatModel(connection.model_name, provider=provider)


def _google(connection: Connection) -> Model:
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    provider = GoogleProvider(api_key=connection.api_key, base_url=connection.base_url)
    return GoogleModel(connection.model_name, provider=provider)
