"""What the environment says about how Studio runs."""

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

DEFAULT_PORT = 8750
MAX_UPLOAD_BYTES = 20 * 1024 * 1024
# A project file has the bytes of its images.
MAX_PROJECT_FILE_BYTES = 100 * 1024 * 1024
SHORTEST_PASSWORD = 8


class SettingsError(ValueError):
    """The environment asks for something that cannot be; the message names the variable and what to set."""


class Settings(BaseModel):
    """Hold everything that the environment decides; nothing else in Studio reads it."""

    model_config = ConfigDict(frozen=True)

    data_dir: Path
    database_url: str = Field(repr=False)
    host: str = "127.0.0.1"
    port: int = Field(default=DEFAULT_PORT, ge=1, le=65535)
    port_was_given: bool = False
    password: SecretStr | None = None
    allowed_hosts: tuple[str, ...] = ()
    redis_url: SecretStr | None = None
    # As it was read: `studio.ai.choose_model` takes the keys that it knows.
    model_environment: Mapping[str, str] = Field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings from `environment`, the process's own by default.

        Raises SettingsError.
        """
        values = dict(os.environ if environment is None else environment)
        data_dir = Path(values.get("STUDIO_DATA_DIR") or "studio-data").expanduser().absolute()
        password = values.get("STUDIO_PASSWORD")
        redis_url = values.get("REDIS_URL", "").strip()
        try:
            return cls(
                data_dir=data_dir,
                database_url=async_url(values.get("STUDIO_DATABASE_URL"), data_dir),
                host=values.get("STUDIO_HOST") or "127.0.0.1",
                port=read_port(values.get("STUDIO_PORT")),
                port_was_given=bool(values.get("STUDIO_PORT")),
                password=SecretStr(password) if password else None,
                allowed_hosts=tuple(re.findall(r"[^\s,]+", values.get("STUDIO_ALLOWED_HOSTS", "").lower())),
                redis_url=SecretStr(redis_url) if redis_url else None,
                model_environment=values,
            )
        except ValidationError as error:
            raise SettingsError(str(error)) from error

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine can reach the address that Studio listens on."""
        return is_loopback_host(self.host)

    @property
    def uses_sqlite(self) -> bool:
        """Tell whether the database is an SQLite file."""
        return self.database_url.startswith("sqlite")

    def refusal(self) -> str | None:
        """Return why Studio must not listen with these settings, or None."""
        if self.is_loopback:
            return None
        if self.password is None:
            return (
                f"Listening on {self.host} lets other machines in: set STUDIO_PASSWORD to a password of "
                f"{SHORTEST_PASSWORD} characters or more, or leave STUDIO_HOST and --host at 127.0.0.1."
            )
        if len(self.password.get_secret_value()) < SHORTEST_PASSWORD:
            return (
                f"STUDIO_PASSWORD is too short to protect {self.host}: "
                f"use {SHORTEST_PASSWORD} characters or more."
            )
        return None


def is_loopback_host(host: str) -> bool:
    """Tell whether `host` is a name or address of this machine that no other machine can reach."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_port(value: str | None) -> int:
    """Return STUDIO_PORT as a number.  Raises SettingsError."""
    if not value:
        return DEFAULT_PORT
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 65535:
        raise SettingsError(f"STUDIO_PORT is {value!r}: set it to a number from 1 to 65535, or unset it.")
    return int(value)


def async_url(value: str | None, data_dir: Path) -> str:
    """Return the URL that SQLAlchemy's async engine takes for STUDIO_DATABASE_URL.

    Raises SettingsError.
    """
    if not value:
        return f"sqlite+aiosqlite:///{data_dir / 'studio.sqlite3'}"
    try:
        url = make_url(value)
    except ArgumentError as error:
        raise SettingsError(
            "STUDIO_DATABASE_URL is not a database address: write it as "
            "postgresql://user:password@host/database, or unset it to use an SQLite file."
        ) from error
    backend = url.drivername.partition("+")[0]
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if backend == "sqlite" and url.database and url.database != ":memory:":
        path = Path(url.database).expanduser().absolute()
        return f"sqlite+aiosqlite:///{path}"
    raise SettingsError(
        f"STUDIO_DATABASE_URL names {url.render_as_string()!r}: Studio runs on PostgreSQL "
        "(postgresql://user:password@host/database) or on an SQLite file (sqlite:///path/to/file)."
    )
