"""A MariaDB server of the tests' own: data in a new directory, reached by a socket, ended with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine
from sqlalchemy.exc import OperationalError

PROGRAMS = ("mariadbd", "mariadb-install-db")
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
LONGEST_START = 60  # seconds

# What the tests lose when the machine stops need not be there after that.
FAST = (
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=64M",
    "--innodb-buffer-pool-dump-at-shutdown=0",
    "--innodb-log-file-size=32M",
    "--skip-log-bin",
    "--max-allowed-packet=256M",
    # As it comes, but rows may have the key 0.
    "--sql-mode=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO",
)


class NoServer(Exception):
    """MariaDB is not installed."""


@contextmanager
def running_server() -> Iterator[URL]:
    """Start a server and yield its address; end it, and remove its data, afterwards."""
    programs = {name: shutil.which(name, path=PLACES) for name in PROGRAMS}
    missing = [name for name, path in programs.items() if path is None]
    if missing:
        raise NoServer(
            f"{' and '.join(missing)} not found: install MariaDB's server, as in `apt-get install mariadb-server`"
        )
    # Not pytest's directory: the path of a socket may have a hundred characters only.
    directory = Path(tempfile.mkdtemp(prefix="indelible-maria-"))
    try:
        with (directory / "log").open("wb") as log:
            process = _start(
                str(programs["mariadbd"]), str(programs["mariadb-install-db"]), directory, log.fileno()
            )
            try:
                yield _wait(process, directory)
            finally:
                process.terminate()
                process.wait(LONGEST_START)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _start(server: str, install: str, directory: Path, log: int) -> subprocess.Popen[bytes]:
    user = ["--user=root"] if os.getuid() == 0 else []
    # Servers that share a directory for temporary tables take away each other's.
    places = [f"--datadir={directory / 'data'}", f"--tmpdir={directory}"]
    made = subprocess.run(
        [
            install,
            "--no-defaults",
            *places,
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            *user,
        ],
        capture_output=True,
        text=True,
        timeout=LONGEST_START,
        check=False,
    )
    if made.returncode != 0:
        raise AssertionError(f"{install} failed:\n{made.stdout[-2000:]}\n{made.stderr[-2000:]}")
    return subprocess.Popen(
        [server, "--no-defaults", *places, f"--socket={directory / 's'}", "--skip-networking", *FAST, *user],
        stdout=log,
        stderr=log,
    )


def _wait(process: subprocess.Popen[bytes], directory: Path) -> URL:
    """Return the server's address as soon as it answers."""
    url = URL.create(
        "mariadb+pymysql", username="root", query={"unix_socket": str(directory / "s"), "charset": "utf8mb4"}
    )
    engine = create_engine(url)
    limit = time.monotonic() + LONGEST_START
    while time.monotonic() < limit and process.poll() is None:
        try:
            engine.connect().close()
        except OperationalError:
            time.sleep(0.05)
        else:
            engine.dispose()
            return url
    raise AssertionError(f"the server did not start:\n{(directory / 'log').read_text()[-2000:]}")
