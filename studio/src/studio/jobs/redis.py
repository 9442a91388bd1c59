"""The Redis that REDIS_URL names, for RQ."""

from typing import TYPE_CHECKING

from pydantic import SecretStr

from studio.settings import SettingsError

if TYPE_CHECKING:
    from redis import Redis

NO_RQ = "REDIS_URL is set, and RQ is not installed: install indelible[rq], or unset it to run jobs in this process."


def open_redis(url: SecretStr) -> "Redis":
    """Return a client, which connects when it is used, and waits a few seconds for an answer.  Raises SettingsError."""
    try:
        from indelible.outbox import rq
    except ImportError as error:
        raise SettingsError(NO_RQ) from error
    try:
        return rq.open_redis(url.get_secret_value())
    except ValueError as error:
        raise SettingsError(
            f"REDIS_URL is no address of a Redis ({error}): write it as redis://host:6379/0."
        ) from error


def ping_redis(url: SecretStr) -> str:
    """Return the name of the Redis that answers.  Raises SettingsError when none does."""
    client = open_redis(url)
    from redis.exceptions import RedisError

    place = client.connection_pool.connection_kwargs
    name = f"Redis at {place.get('host') or place.get('path')}"
    try:
        client.ping()
    except RedisError as error:
        raise SettingsError(
            f"{name} does not answer ({error}): start it, or unset REDIS_URL. "
            "Until then saves go on and jobs wait."
        ) from error
    finally:
        client.close()
    return name
