"""Which model the environment chooses, and what is said about it."""

import subprocess
import sys

import pytest

from studio.ai import ModelMisconfigured, choose_model, describe_model
from studio.ai.building import build

KEYS = {"ANTHROPIC_API_KEY": "sk-ant-1", "OPENAI_API_KEY": "sk-oai-1", "GEMINI_API_KEY": "gem-1"}


class TestChoice:
    """How the variables decide."""

    @pytest.mark.parametrize(
        "environment",
        [{}, {"STUDIO_MODEL": ""}, {"ANTHROPIC_API_KEY": "  "}, KEYS | {"STUDIO_MODEL": "Local"}],
    )
    def test_local(self, environment: dict[str, str]) -> None:
        """Without a key, or when asked for, the script stays on this machine."""
        model = choose_model(environment)
        assert model.is_local
        assert model.name == "local"

    @pytest.mark.parametrize(
        ("variable", "provider"),
        [("ANTHROPIC_API_KEY", "anthropic"), ("OPENAI_API_KEY", "openai"), ("GEMINI_API_KEY", "google")],
    )
    def test_a_key_chooses_its_provider(self, variable: str, provider: str) -> None:
        """A key alone chooses its provider and that provider's default model."""
        model = choose_model({variable: "key-1"})
        assert model.connection is not None
        assert model.name == f"{provider}:{model.connection.provider.default_model}"

    def test_first_of_several_keys(self) -> None:
        """With several keys Anthropic's decides, then OpenAI's, and the description says which are unused."""
        model = choose_model(KEYS)
        assert model.name.startswith("anthropic:")
        assert "OPENAI_API_KEY and GEMINI_API_KEY are set too" in model.description

    @pytest.mark.parametrize(
        ("wanted", "name", "url"),
        [
            ("openai:gpt-6-astra", "openai:gpt-6-astra", "https://api.openai.com/v1"),
            ("anthropic", "anthropic:claude-haiku-5-5", "https://api.anthropic.com"),
            ("openai-chat:llama3.2:3b", "openai-chat:llama3.2:3b", "https://api.openai.com/v1"),
            (
                " Gemini : gemini-4-argon ",
                "google:gemini-4-argon",
                "https://generativelanguage.googleapis.com",
            ),
        ],
    )
    def test_named_model(self, wanted: str, name: str, url: str) -> None:
        """STUDIO_MODEL names provider and model, or a provider alone."""
        model = choose_model(KEYS | {"STUDIO_MODEL": wanted})
        assert model.connection is not None
        assert (model.name, model.connection.base_url) == (name, url)

    def test_compatible_server_needs_no_key(self) -> None:
        """A server of one's own that speaks OpenAI's format may be used without a key."""
        model = choose_model(
            {"STUDIO_MODEL": "openai-chat:qwen", "OPENAI_BASE_URL": "http://localhost:11434/v1"}
        )
        assert model.connection is not None
        assert model.connection.host == "localhost:11434"

    def test_patience(self) -> None:
        """The time for a request and for all pauses can be set, in seconds."""
        patience = choose_model({"STUDIO_MODEL_TIMEOUT": "7.5", "STUDIO_MODEL_RETRY_WAIT": "0"}).patience
        assert (patience.request, patience.waits, patience.total) == (7.5, 0.0, 7.5)

    @pytest.mark.parametrize(
        ("wanted", "system"),
        [("local", "local"), ("anthropic", "anthropic"), ("openai", "openai"), ("google", "google")],
    )
    def test_builds_the_providers_model(self, wanted: str, system: str) -> None:
        """What was chosen is built as that provider's pydantic-ai model."""
        model = build(choose_model(KEYS | {"STUDIO_MODEL": wanted}).connection)
        assert model.system == system


class TestMisconfiguration:
    """What cannot work is said before it is tried."""

    @pytest.mark.parametrize(
        ("environment", "words"),
        [
            ({"STUDIO_MODEL": "anthropic"}, "ANTHROPIC_API_KEY is not set"),
            ({"STUDIO_MODEL": "openai:gpt-6-luna"}, "OPENAI_API_KEY is not set"),
            ({"STUDIO_MODEL": "claude-haiku-5-5"}, "knows no provider 'claude-haiku-5-5'"),
            ({"STUDIO_MODEL": "mistral:large"}, "anthropic:claude-haiku-5-5"),
            ({"ANTHROPIC_API_KEY": "sk-ant 1"}, "ANTHROPIC_API_KEY holds a space"),
            ({"OPENAI_API_KEY": "sk–1"}, "OPENAI_API_KEY holds a space"),
            ({"OPENAI_API_KEY": "sk-\n1"}, "Copy the key again"),
            ({"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "api.anthropic.com"}, "ANTHROPIC_BASE_URL"),
            (
                {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "ftp://a.example"},
                "https://api.anthropic.com",
            ),
            ({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://[::1"}, "OPENAI_BASE_URL"),
            ({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://host:port"}, "OPENAI_BASE_URL"),
            ({"STUDIO_MODEL_TIMEOUT": "soon"}, "STUDIO_MODEL_TIMEOUT is 'soon'"),
            ({"STUDIO_MODEL_TIMEOUT": "0"}, "STUDIO_MODEL_TIMEOUT"),
            ({"STUDIO_MODEL_TIMEOUT": "nan"}, "takes seconds"),
            ({"STUDIO_MODEL_RETRY_WAIT": "-1"}, "STUDIO_MODEL_RETRY_WAIT"),
            ({"STUDIO_MODEL_RETRY_WAIT": "inf"}, "STUDIO_MODEL_RETRY_WAIT"),
        ],
    )
    def test_names_the_variable(self, environment: dict[str, str], words: str) -> None:
        """A contradiction or a typing error names the variable, what is wrong and what to write instead."""
        with pytest.raises(ModelMisconfigured) as caught:
            choose_model(environment)
        assert words in str(caught.value)
        assert describe_model(environment) == f"misconfigured: {caught.value}"

    @pytest.mark.parametrize("key", ["sk-secret\n", "sk-se cret", "sk-sécret"])
    def test_key_is_not_quoted(self, key: str) -> None:
        """The message about a bad key does not quote it."""
        assert "cret" not in describe_model({"OPENAI_API_KEY": f"x{key}x"})


class TestDescription:
    """What `studio doctor` prints."""

    def test_is_one_line_without_the_key(self) -> None:
        """The description is one line with model, host and variable; neither it nor a repr shows the key."""
        for wanted in ("local", "anthropic", "openai", "openai-chat", "google"):
            environment = KEYS | {"STUDIO_MODEL": wanted}
            model = choose_model(environment)
            line = describe_model(environment)
            assert line == model.description
            assert "\n" not in line
            assert not [key for key in KEYS.values() if key in line + repr(model)]

    def test_says_what_leaves_the_machine(self) -> None:
        """A provider is shown with its host, the local model with what it does not do."""
        assert "at api.anthropic.com, with the key in ANTHROPIC_API_KEY" in describe_model(
            {"ANTHROPIC_API_KEY": "k"}
        )
        assert "nothing leaves it" in describe_model({})

    def test_credentials_in_an_address_are_not_shown(self) -> None:
        """Of an address with a user and a password only the host is shown."""
        url = "https://user:hidden@proxy.example:8443/v1"
        line = describe_model({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": url})
        assert "proxy.example:8443" in line
        assert "hidden" not in line

    @pytest.mark.parametrize(
        ("url", "warned"),
        [("http://10.0.0.7/v1", True), ("http://localhost:1/v1", False), ("https://10.0.0.7/v1", False)],
    )
    def test_warns_of_a_key_in_the_clear(self, url: str, warned: bool) -> None:
        """An address without encryption outside this machine is pointed out."""
        line = describe_model({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": url})
        assert ("unencrypted" in line) is warned


def test_local_path_imports_no_provider() -> None:
    """Choosing, describing and using the local model imports no provider's SDK."""
    program = """
import asyncio, sys
from studio.ai import choose_model, describe_model, summarise_scene
describe_model({"ANTHROPIC_API_KEY": "k"})
choose_model({"OPENAI_API_KEY": "k"})
model = choose_model({})
asyncio.run(summarise_scene("INT. A - DAY\\n\\nRain.", slugline="INT. A - DAY", model=model))
print(sorted({"anthropic", "openai", "google.genai", "sqlalchemy", "nicegui"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[]"
