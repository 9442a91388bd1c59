"""The password, and the signed cookie that shows that someone gave it."""

import hashlib
import hmac
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE = "studio_session"
LIFETIME_SECONDS = 14 * 24 * 3600
MOST_FAILURES = 5
FAILURE_WINDOW_SECONDS = 60.0


class Sessions:
    """Give out and recognise sessions; another password or another key ends all that were given out."""

    def __init__(self, password: str, secret: bytes) -> None:
        self._digest = _digest(password)
        self._signer = URLSafeTimedSerializer(secret + self._digest, salt="studio session")

    def opens(self, password: str) -> bool:
        """Tell, in the same time for any wrong password, whether it is the right one."""
        return hmac.compare_digest(_digest(password), self._digest)

    def new_cookie(self) -> str:
        """Return the value of a new session's cookie."""
        return str(self._signer.dumps("in"))

    def knows(self, cookies: Mapping[str, str]) -> bool:
        """Tell whether these cookies hold a session that this Studio gave out, and not too long ago."""
        try:
            self._signer.loads(cookies.get(COOKIE, ""), max_age=LIFETIME_SECONDS)
        except BadSignature:
            return False
        return True


class Throttle:
    """Slow down who guesses: a few wrong passwords a minute from one address, then none for a while."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, list[float]] = {}

    def seconds_to_wait(self, client: str) -> int:
        """Return how long this client has to wait before it may try again; 0 means not at all."""
        recent = self._recent(client)
        if len(recent) < MOST_FAILURES:
            return 0
        return int(recent[-MOST_FAILURES] + FAILURE_WINDOW_SECONDS - self._clock()) + 1

    def note_failure(self, client: str) -> None:
        """Remember a wrong password, and forget what is long past."""
        self._failures = {known: recent for known in self._failures if (recent := self._recent(known))}
        self._failures.setdefault(client, []).append(self._clock())

    def _recent(self, client: str) -> list[float]:
        since = self._clock() - FAILURE_WINDOW_SECONDS
        return [moment for moment in self._failures.get(client, []) if moment > since]


def read_secret(data_dir: Path) -> bytes:
    """Return the key that signs cookies, made at the first call and kept in the data directory."""
    path = data_dir / "session.key"
    if not path.exists():
        with NamedTemporaryFile(dir=data_dir) as file:
            file.write(os.urandom(32).hex().encode())
            file.flush()
            # A link appears whole or not at all: a process that starts at the same moment reads the same key.
            with suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_bytes()


def _digest(password: str) -> bytes:
    return hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest()
