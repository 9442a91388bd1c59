"""What the environment says about how Studio runs."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr

DEFAULT_PORT = 8750
MAX_UPLOAD_BYTES = 20 * 1024 * 1024


class Settings(BaseModel):
    """Hold everything that the environment decides; nothing else in Studio reads it."""

    model_config = ConfigDict(frozen=True)

    data_dir: Path
    database_url: str
    host: str = "127.0.0.1"
    port: int = Field(default=DEFAULT_PORT, ge=1, le=65535)
    port_was_given: bool = False
    password: SecretStr | None = None
    model_environment: Mapping[str, str] = Field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings from `environment`, the process's own by default."""
        raise NotImplementedError


def read_settings() -> Settings:
    """Read the settings of this process."""
    return Settings.from_environment(os.environ)
