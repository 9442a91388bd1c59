"""Which model writes the summaries, decided by a mapping of environment variables.

Nothing here imports a provider's SDK: that happens when a model is built, and never for the local one.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from studio.ai.errors import ModelMisconfigured
from studio.ai.patience import Patience

if TYPE_CHECKING:
    from pydantic_ai.models import Model

LOCAL = "local"


@dataclass(frozen=True)
class Provider:
    """Describe a provider: its name for people, its variables, its address, its model unless one is named."""

    id: str
    title: str
    key_variable: str
    base_url_variable: str
    base_url: str
    default_model: str


# The cheapest current model of each provider: a scene's summary is easy work.
ANTHROPIC = Provider(
    "anthropic",
    "Anthropic",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "https://api.anthropic.com",
    "claude-haiku-5-5",
)
OPENAI = Provider(
    "openai", "OpenAI", "OPENAI_API_KEY", "OPENAI_BASE_URL", "https://api.openai.com/v1", "gpt-6-luna"
)
# Chat Completions is what servers "compatible with OpenAI" speak: Ollama, LM Studio, vLLM.
OPENAI_CHAT = Provider(
    "openai-chat", "OpenAI", "OPENAI_API_KEY", "OPENAI_BASE_URL", "https://api.openai.com/v1", "gpt-6-luna"
)
GOOGLE = Provider(
    "google",
    "Google",
    "GEMINI_API_KEY",
    "GEMINI_BASE_URL",
    "https://generativelanguage.googleapis.com",
    "gemini-3.5-flash-lite",
)

PROVIDERS = {provider.id: provider for provider in (ANTHROPIC, OPENAI, OPENAI_CHAT, GOOGLE)} | {
    "gemini": GOOGLE
}
# Whose key decides when STUDIO_MODEL says nothing: the first that is set.
BY_KEY = (ANTHROPIC, OPENAI, GOOGLE)


@dataclass(frozen=True)
class Connection:
    """Hold what is needed to reach a provider; its `repr` does not show the key."""

    provider: Provider
    model_name: str
    base_url: str
    api_key: str

    def __repr__(self) -> str:
        return f"Connection({self.provider.id}:{self.model_name} at {self.base_url})"

    @property
    def host(self) -> str:
        """Return the provider's host, and its port if one is given."""
        parts = urlsplit(self.base_url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)

    @property
    def is_unencrypted(self) -> bool:
        """Tell whether the key and the script would travel in the clear to another machine."""
        parts = urlsplit(self.base_url)
        return parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class SummaryModel:
    """A chosen model: cheap to make, the provider's client is built at its first use.

    `connection` is None for the local model.
    """

    connection: Connection | None
    patience: Patience
    note: str = ""

    @property
    def name(self) -> str:
        """Return `local` or `provider:model`, as STUDIO_MODEL would name it."""
        if self.connection is None:
            return LOCAL
        return f"{self.connection.provider.id}:{self.connection.model_name}"

    @property
    def is_local(self) -> bool:
        """Tell whether the script stays on this machine."""
        return self.connection is None

    @property
    def description(self) -> str:
        """Return one line for `studio doctor`."""
        if self.connection is None:
            line = "local: summaries are written on this machine, nothing leaves it"
        else:
            key = self.connection.provider.key_variable
            line = f"{self.name} at {self.connection.host}, with the key in {key}"
            if self.connection.is_unencrypted:
                line += " (unencrypted: use https, or keep to a network that you trust)"
        return f"{line}. {self.note}" if self.note else line

    @asynccontextmanager
    async def held_open(self) -> AsyncIterator["Model"]:
        """Hold the pydantic-ai model open: requests inside share its connections, which are closed at the end.

        May be nested and entered by many tasks at once.
        """
        # A provider's SDK takes seconds to import; the event loop has other people to serve.
        model = await asyncio.to_thread(lambda: self.model)
        async with model:
            yield model

    @cached_property
    def model(self) -> "Model":
        """Return the pydantic-ai model, built at the first call."""
        from studio.ai.building import build

        return build(self.connection)


def choose_model(environment: Mapping[str, str]) -> SummaryModel:
    """Choose the model that writes summaries.

    STUDIO_MODEL picks one by name (`local`, `anthropic:…`, `openai:…`, `openai-chat:…`, `google:…`, or a
    provider alone for its default model). Without it the first of ANTHROPIC_API_KEY, OPENAI_API_KEY and
    GEMINI_API_KEY that is set decides, and without a key the local model. ANTHROPIC_BASE_URL, OPENAI_BASE_URL
    and GEMINI_BASE_URL change the address, STUDIO_MODEL_TIMEOUT and STUDIO_MODEL_RETRY_WAIT (seconds) the
    patience.

    Raises ModelMisconfigured when the variables contradict each other or make no sense.
    """
    wanted = _value(environment, "STUDIO_MODEL")
    patience = Patience.from_environment(environment)
    if wanted.lower() == LOCAL:
        return SummaryModel(None, patience, _unused_keys(environment, None))
    if wanted:
        provider, model_name = _named(wanted)
    else:
        keyed = [provider for provider in BY_KEY if _value(environment, provider.key_variable)]
        if not keyed:
            return SummaryModel(
                None, patience, "Set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY for more."
            )
        provider, model_name = keyed[0], keyed[0].default_model
    connection = Connection(
        provider, model_name, _base_url(environment, provider), _api_key(environment, provider)
    )
    return SummaryModel(connection, patience, _unused_keys(environment, provider))


def describe_model(environment: Mapping[str, str]) -> str:
    """Say in one line which model writes the summaries, or what is wrong with the variables."""
    try:
        return choose_model(environment).description
    except ModelMisconfigured as problem:
        return f"misconfigured: {problem}"


def _value(environment: Mapping[str, str], variable: str) -> str:
    return environment.get(variable, "").strip()


def _named(wanted: str) -> tuple[Provider, str]:
    provider_id, _, model_name = wanted.partition(":")
    provider = PROVIDERS.get(provider_id.strip().lower())
    if provider is None:
        raise ModelMisconfigured(
            f"STUDIO_MODEL is {wanted!r}, and Studio knows no provider {provider_id!r}. Use local, or one of "
            f"{', '.join(f'{known.id}:{known.default_model}' for known in (*BY_KEY, OPENAI_CHAT))}."
        )
    return provider, model_name.strip() or provider.default_model


def _api_key(environment: Mapping[str, str], provider: Provider) -> str:
    key = _value(environment, provider.key_variable)
    if not key:
        if provider in (OPENAI, OPENAI_CHAT) and _value(environment, provider.base_url_variable):
            return "none"  # Ollama and its like want the header, and any key.
        raise ModelMisconfigured(
            f"STUDIO_MODEL asks for {provider.title}, but {provider.key_variable} is not set. "
            f"Set it, or set STUDIO_MODEL=local."
        )
    # A key with a line break or a typographic dash fails inside the HTTP client, with the key in the error.
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ModelMisconfigured(
            f"{provider.key_variable} holds a space, a line break or a character that no key has. "
            f"Copy the key again."
        )
    return key


def _base_url(environment: Mapping[str, str], provider: Provider) -> str:
    url = _value(environment, provider.base_url_variable) or provider.base_url
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ModelMisconfigured(
            f"{provider.base_url_variable} is not an address that Studio can use. "
            f"It should look like {provider.base_url}; unset it for the provider's own."
        )
    return url


def _unused_keys(environment: Mapping[str, str], used: Provider | None) -> str:
    unused = [
        provider.key_variable
        for provider in BY_KEY
        if _value(environment, provider.key_variable)
        and (used is None or provider.key_variable != used.key_variable)
    ]
    if not unused:
        return ""
    verb = "is" if len(unused) == 1 else "are"
    return f"{' and '.join(unused)} {verb} set too; STUDIO_MODEL picks another model."
